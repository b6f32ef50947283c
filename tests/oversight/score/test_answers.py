"""What the national portal answered: read from files, kept as it was, told by its line where it cannot be read."""
import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from portal.kit.db import session, transaction
from portal.oversight.models import PortalAnswer
from portal.oversight.score import actions, answers
from tests import make

TODAY = date(2026, 11, 30)
HEAD = "agency,unit,period,indicator,numerator,denominator,points,captured_on,flags\n"
ROW = "H17,,2026-09,2.1,887,1000,17.74,2026-09-28,\n"


def table(*rows: str, head: str = HEAD) -> bytes:
    return (head + "".join(rows)).encode()


def read(data: Any) -> answers.Read:
    return answers.read(data if isinstance(data, bytes) else json.dumps(data).encode(), TODAY)


def capture(endpoint: str, data: Any, **more: Any) -> dict[str, Any]:
    return {"agency": "H17", "period": "2026-09", "captured_on": "2026-09-27", "endpoint": endpoint,
            "answer": {"code": "OK", "data": data, "message": ""}} | more


@pytest.mark.parametrize("typed", ["2.1", "progress"])
def test_a_row_names_its_indicator_by_number_or_key(typed: str) -> None:
    [row] = read(table(ROW.replace("2.1", typed))).rows
    assert (row.indicator, row.numerator, row.denominator, row.points) == ("progress", 887, 1000, Decimal("17.74"))


def test_the_national_portals_own_name_and_a_table_of_a_vietnamese_spreadsheet_are_understood() -> None:
    found = read(table("H17;;2026-Q3;ORIGINAL_RESULT_AVAILABLE;3;8;2,25;2026-09-28;\n", head=HEAD.replace(",", ";")))
    assert [(one.indicator, one.points, one.period) for one in found.rows] == [
        ("electronic_result", Decimal("2.25"), "2026-Q3")]


def test_null_is_no_nought() -> None:
    [row] = read([{"agency": "H17", "period": "2026-09", "indicator": "1.4", "numerator": None, "denominator": None,
                   "points": None, "captured_on": "2026-09-28", "flags": ["NO_NATIONAL_REPORT_DATA"]}]).rows
    assert (row.numerator, row.denominator, row.points) == (None, None, None)
    assert row.raw["flags"] == ["NO_NATIONAL_REPORT_DATA"]


def test_captured_answers_give_the_numbers_whose_keys_are_known() -> None:
    found = read([
        capture("dvc-progress-tree", {"onTime": 887, "received": 1000, "somethingElse": 4}),
        capture("provide-online-tree", [{"partial": 30, "full": 40, "authority": 100, "onlineDossierCount": 7,
                                         "onlineServiceTotal": 70, "channelOnline": None, "channelTotal": 900}]),
        capture("formality-online-payment-tree", {"totalFeeDossierFormality": 4, "totalFeeFormality": 10})])
    assert not found.problems
    assert {one.indicator: (one.numerator, one.denominator, str(one.points)) for one in found.rows} == {
        "progress": (887, 1000, "17.74"), "services_online": (70, 100, "1.75"), "services_used": (7, 70, "0.40"),
        "dossiers_online": (None, 900, "None"), "fees_offered": (4, 10, "1.00")}
    assert found.rows[0].raw["data"] == {"onTime": 887, "received": 1000}


@pytest.mark.parametrize(("data", "line", "says"), [
    (table(ROW, ROW.replace("887", "1001")), 3, answers.MORE_THAN_ALL),
    (table(ROW, ROW.replace("887", "8,5")), 3, answers.WIDER),
    (table(ROW.replace("887", "n/a")), 2, answers.NO_NUMBER), (table(ROW.replace("887", "-1")), 2, answers.NO_NUMBER),
    (table(ROW.replace("17.74", "20.01")), 2, answers.NO_POINTS), (table(ROW.replace("2.1", "7.9")), 2,
                                                                   answers.NO_INDICATOR),
    (table(ROW.replace("2026-09,", "9/2026,")), 2, answers.NO_PERIOD), (table(ROW.replace("2026-09-28", "28/9/2026")),
                                                                        2, answers.NO_DAY),
    (table(ROW.replace("2026-09-28", "2026-12-01")), 2, answers.COMING), (table(ROW.replace("H17", "")), 2,
                                                                          answers.MISSING),
    (table(ROW, head="a,b,c\n"), 1, answers.NO_COLUMNS), (table(), 1, answers.NOTHING), (b"", 1, answers.NO_COLUMNS),
    (b"\xff\xfe", 1, answers.NOT_TEXT), (b'[{"agency": "H17",\n]', 2, answers.NOT_JSON), (b"[1]", 1, answers.NO_LIST),
    ([capture("transparency", {})], 1, answers.NO_ENDPOINT), ([capture("dvc-progress-tree", {})], 1, answers.NO_DATA),
    ([capture("dvc-progress-tree", {"onTime": 1, "received": 2}, answer={"code": "ERR"})], 1, answers.NOT_OK),
    ([capture("dvc-progress-tree", {"onTime": True, "received": 2})], 1, answers.NO_NUMBER),
    ([capture("dvc-progress-tree", {"onTime": 3, "received": 2})], 1, answers.MORE_THAN_ALL),
    (table(ROW.replace("887", "000000000001" + "9" * 30)), 2, answers.NO_NUMBER),
    (table(ROW.replace("17.74", "0." + "1" * 20)), 2, answers.NO_POINTS),
    (table(ROW.replace("17.74", "1e-9999")), 2, answers.NO_POINTS), (table(ROW.replace("17.74", "NaN")), 2,
                                                                     answers.NO_POINTS),
    (table(ROW, ROW.replace("H17", "H1\0")), 3, answers.NOT_STORED),
    (b'[{"agency": "\\ud800"}]', 1, answers.NOT_STORED), (b'[{"agency": "\\u0000"}]', 1, answers.NOT_STORED),
    (b"[" * 100_000, 1, answers.NOT_JSON), (b"x" * (answers.MOST_BYTES + 1), 1, answers.TOO_LARGE)])
def test_what_cannot_be_read_is_told_by_its_line(data: Any, line: int, says: str) -> None:
    found = read(data)
    assert [(one.line, one.says) for one in found.problems] == [(line, says)]


def test_answers_are_kept_once_and_half_a_file_never(app: Any) -> None:
    good = table(ROW, ROW.replace("2.1,887,1000,17.74", "3.3,3,8,4.50"))
    with transaction():
        assert actions.take_answers(good, "chụp ngày 28/9", by=None, today=TODAY)[:2] == (2, 0)
    with transaction():
        assert actions.take_answers(good, "chụp ngày 28/9", by=None, today=TODAY)[:2] == (0, 2)
        bad = actions.take_answers(table(ROW.replace("2026-09,", "2026-08,"), ROW.replace("H17", "H99")),
                                   "chụp ngày 28/9", by=None, today=TODAY)
        assert bad.new == 0 and [(one.line, one.says) for one in bad.problems] == [(3, actions.NO_AGENCY)]
        other = actions.take_answers(table(ROW.replace("887", "880")), "chụp ngày 28/9", by=None, today=TODAY)
        assert [one.says for one in other.problems] == [actions.OTHERWISE]
        unit = actions.take_answers(table(ROW.replace("H17,,", "H17,99999,")), "x", by=None, today=TODAY)
        assert [one.says for one in unit.problems] == [actions.NO_UNIT]
        commune = make.commune().code
        assert actions.take_answers(table(ROW.replace("H17,,", f"H17,{commune},")), "x", by=None, today=TODAY).new == 1
    kept = session.scalars(select(PortalAnswer).order_by(PortalAnswer.id)).all()
    assert [(one.indicator, one.unit_code, one.points) for one in kept] == [
        ("progress", "", "17.74"), ("dossiers_online", "", "4.50"), ("progress", commune, "17.74")]


def test_the_command_takes_a_file_or_tells_what_is_wrong_in_it(app: Any, tmp_path: Any) -> None:
    file = tmp_path / "answers.csv"
    file.write_bytes(table(ROW))
    args = ["oversight", "import-portal-answers", str(file), "--source", "chụp ngày 28/9"]
    assert "1 answers taken in, 0 were here already" in app.test_cli_runner().invoke(args=args).output
    file.write_bytes(table(ROW.replace("2.1", "9.9")))
    wrong = app.test_cli_runner().invoke(args=args)
    assert wrong.exit_code == 1 and "line 2: “9.9” is no indicator" in wrong.output


def test_the_command_measures_a_period(app: Any) -> None:
    run = app.test_cli_runner().invoke(args=["oversight", "measure-score", "2026-09"])
    assert run.exit_code == 0 and run.output.startswith("2026-09: "), run.output
    assert "no period" in app.test_cli_runner().invoke(args=["oversight", "measure-score", "2026-99"]).output
