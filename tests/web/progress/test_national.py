"""The national report for everybody: page, files, editions."""
import csv
import json
from datetime import date
from io import BytesIO, StringIO
from typing import Any

import pikepdf
import pytest

from portal.kit.db import session, transaction
from portal.oversight import actions as oversight
from portal.oversight.national import actions, queries
from tests import make
from tools import recompute

PAGE = "/oversight/national/2017-03-31"
Q1 = date(2017, 3, 31)


@pytest.fixture(autouse=True)
def published(app: Any) -> None:
    overseer = make.staff("overseer", name="Trần Thị Bí Mật")
    with transaction():
        oversight.load_history()
        actions.begin(Q1, by=overseer)
        actions.publish(Q1, by=overseer)


def corrected() -> None:
    overseer = make.staff("overseer")
    with transaction():
        actions.save(Q1, {"plans": "Đoạn thêm"}, {"plans": actions.base("")}, by=overseer)
        actions.publish(Q1, by=overseer, reason="Thiếu thuyết minh về kế hoạch.")


def test_the_page_says_every_figure_with_its_source_and_what_does_not_close(client: Any) -> None:
    page = client.get(PAGE).text
    for words in ("26/30", "63/63", "78/83", "93,98", "1.037 + 65 = 1.102", "34/73", "46,58", "Thanh tra Chính phủ",
                  "64 + 16 = 80, không phải 78", "/oversight?on=2016-09-30#plans", "Báo cáo quý I/2017",
                  "không phải văn bản hành chính", "tăng 5% so với cuối năm 2016"):
        assert words in page, words
    assert "Trần Thị Bí Mật" not in page and "Văn phòng Chính phủ" in page
    assert client.get("/oversight/national").text.count("/oversight/national/2017-03-31") == 1


def test_the_page_speaks_english(client: Any) -> None:
    page = client.get(f"/en{PAGE}").text
    assert "Document system connected to the Government Office" in page and "1,037 + 65 = 1,102" in page


def test_the_open_data_are_what_was_frozen_and_can_be_worked_out_again(client: Any) -> None:
    answer = client.get(f"{PAGE}.json")
    file = json.loads(answer.data)
    assert answer.mimetype == "application/json" and list(recompute.differences(file)) == []
    printed = "\n".join(recompute.Printed(file, "vi").lines()) + "\n"
    text = client.get(f"{PAGE}.txt")
    assert text.mimetype == "text/plain" and text.text == printed and file["digest"] in client.get(PAGE).text


def test_the_operators_command_prints_the_same(app: Any, client: Any) -> None:
    printed = app.test_cli_runner().invoke(args=["oversight", "national-report", "2017-03-31"])
    assert printed.exit_code == 0 and printed.stdout == client.get(f"{PAGE}.txt").text
    draft = app.test_cli_runner().invoke(args=["oversight", "national-report", "2016-09-30", "--language", "en"])
    assert "Draft, not published" in draft.stdout and "59/63 agencies" in draft.stdout
    assert app.test_cli_runner().invoke(
        args=["oversight", "national-report", "2017-03-31", "--edition", "7"]).exit_code == 1


def test_the_table_has_each_figure_once(client: Any) -> None:
    rows = list(csv.DictReader(StringIO(client.get(f"{PAGE}.csv").text.lstrip("\ufeff"))))
    found = {(row["indicator"], row["group"]): row for row in rows}
    assert len(found) == len(rows) > 25
    one = found["services_deployed", "central"]
    assert (one["value"], one["denominator"], one["share"], one["on"]) == ("78", "83", "93.98", "2017-03-31")
    assert "64 + 16 = 80" in one["does_not_close"]


def test_paper_and_workbook_are_being_made_and_then_are_there(client: Any) -> None:
    assert "đang được tạo" in client.get(PAGE).text
    waiting = client.get(f"{PAGE}.pdf")
    assert waiting.status_code == 303 and waiting.headers["Location"].endswith(f"{PAGE}?edition=1")
    found = queries.edition(Q1)
    assert found is not None
    make.done("oversight.national.draw", publication_id=found.id)
    page = client.get(PAGE).text
    assert f"{PAGE}.pdf" in page and f"{PAGE}.xlsx" in page and "đang được tạo" not in page
    with pikepdf.open(BytesIO(client.get(f"{PAGE}.pdf").data)) as book:
        [spec] = list(book.Root.AF)
        assert spec.EF.F.read_bytes() == client.get(f"{PAGE}.json").data, "the paper carries the very file"
    assert client.get(f"/en{PAGE}.pdf").data != client.get(f"{PAGE}.pdf").data
    sheet = client.get(f"{PAGE}.xlsx")
    assert sheet.data.startswith(b"PK") and "bao-cao-quoc-gia-2017-03-31-1.xlsx" in sheet.headers["Content-Disposition"]


def test_a_correction_stands_beside_what_it_corrects(client: Any) -> None:
    first = client.get(f"{PAGE}.json").data
    corrected()
    session.expire_all()
    page = client.get(PAGE).text
    assert "Thiếu thuyết minh về kế hoạch." in page and "Đoạn thêm" in page and "Bản thứ 1" in page
    old = client.get(f"{PAGE}?edition=1").text
    assert "Đoạn thêm" not in old and "đã được đính chính" in old
    assert client.get(f"{PAGE}.json?edition=1").data == first
    assert json.loads(client.get(f"{PAGE}.json").data)["reason"] == "Thiếu thuyết minh về kế hoạch."
    assert "đã đính chính, bản thứ 2" in client.get("/oversight/national").text


@pytest.mark.parametrize("path", ["2017-04-31", "2016-09-30", "20170331", "quy-1", "2017-03-31?edition=9",
                                  "2017-03-31?edition=x", "2017-03-31.json?edition=0", "2017-03-31.doc"])
def test_what_is_not_there_is_not_there(client: Any, path: str) -> None:
    assert client.get(f"/oversight/national/{path}").status_code == 404
