"""Surveys in spreadsheets: numbers as they are typed, and everything wrong at its cell; then nothing is taken."""
from datetime import date
from io import BytesIO
from typing import Any

import openpyxl
import pytest

from portal.intake.workbook import Unreadable
from portal.oversight.rankings import definitions, survey
from portal.oversight.tables import Doubtful

TOLD = ("time_of_each", "agencies_to_see", "one_stop", "made_public", "attitude", "complaints")
AGENCIES = {"h17": "H17", "thanh pho da nang": "H17", "da nang": "H17", "h26": "H26", "ha noi": "H26"}
RATING = next(one for one in definitions.shipped() if one.key == "agency-rating")
HEAD = ["Cơ quan", "Thái độ của cán bộ", "complaints"]


def book(*rows: list[Any]) -> Any:
    made = openpyxl.Workbook()
    for row in rows:
        made.worksheets[0].append(row)
    return made


def saved(made: Any) -> bytes:
    out = BytesIO()
    made.save(out)
    return out.getvalue()


def read(made: Any) -> survey.Survey:
    return survey.read(saved(made), ".xlsx", RATING, TOLD, AGENCIES)


def told(found: survey.Survey) -> list[tuple[str, str]]:
    return [(one.cell, one.reason) for one in found.problems]


@pytest.mark.parametrize(("typed", "number"), [
    ("1,5", "1.5"), ("1.5", "1.5"), ("0,835", "0.835"), (2, "2"), (0.1, "0.1")])
def test_both_separators_are_numbers(typed: Any, number: str) -> None:
    [answer] = read(book(HEAD, ["H17", typed, None])).answers
    assert str(answer.value) == number


def test_a_survey_is_read_under_a_title_by_names_or_keys() -> None:
    found = read(book(["Khảo sát 2026"], [], [*HEAD, "Ghi chú"], ["Đà Nẵng", "1,5", 2, "x"], [],
                      ["H26", 0.5, None, ""]))
    assert not found.problems and [one.reason for one in found.notes] == ["unknown_heading"]
    assert [(one.agency, one.indicator, str(one.value), one.ref) for one in found.answers] == [
        ("H17", "attitude", "1.5", "B4"), ("H17", "complaints", "2", "C4"), ("H26", "attitude", "0.5", "B6")]


def test_whatever_is_wrong_is_told_at_its_cell_and_nothing_is_taken() -> None:
    found = read(book(HEAD, ["Đà Nẵng", "tốt", "3"], ["Xứ Lạ", "1", "1"], ["H17", 1, 1], [None, 1, 1],
                      ["Hà Nội", "95%", date(2026, 2, 1)]))
    assert found.answers == [] and told(found) == [
        ("B2", "no_number"), ("C2", "range"), ("A3", "agency"), ("A4", "agency_twice"), ("A5", "no_agency"),
        ("B6", "percent"), ("C6", "date")]


@pytest.mark.parametrize("cell", [float("inf"), float("-inf"), float("nan")])
def test_a_number_without_end_is_none(cell: float) -> None:
    with pytest.raises(Doubtful, match="no_number"):
        survey.number(cell, RATING, TOLD[0], AGENCIES)


def test_a_number_that_is_none_or_longer_than_any_is_told_at_its_cell() -> None:
    assert told(read(book(HEAD, ["Đà Nẵng", "0," + "1" * 40, None]))) == [("B2", "too_long")]


def test_shifted_columns_are_recognised() -> None:
    found = read(book(HEAD, [1, "Đà Nẵng", 2]))
    assert told(found) == [("A2", "shifted"), ("B2", "agency_as_value")]


def test_merged_cells_formulas_and_hidden_lines_are_told() -> None:
    made = book(HEAD, ["Đà Nẵng", 1, "=1+1"], ["Hà Nội", 1, "#REF!"])
    sheet = made.worksheets[0]
    sheet.merge_cells("B2:B3")
    assert told(read(made)) == [("B2", "merged"), ("C2", "formula"), ("C3", "error")]
    made = book(HEAD, ["Đà Nẵng", 1, 1], ["Hà Nội", 1, 1])
    made.worksheets[0].row_dimensions[3].hidden = True
    made.worksheets[0].column_dimensions["C"].hidden = True
    assert told(read(made)) == [("3", "hidden_row"), ("C1", "hidden_column")]


def test_hidden_sheets_are_not_read_and_said() -> None:
    made = book(HEAD, ["Đà Nẵng", 1, 1])
    made.create_sheet("Nháp").append(HEAD)
    made.create_sheet("Ẩn").append(HEAD)
    made["Ẩn"].sheet_state = "hidden"
    found = read(made)
    assert sorted(one.reason for one in found.notes) == ["hidden_sheet", "other_sheet"]


def test_a_column_that_stands_there_twice_or_no_known_one_is_refused() -> None:
    for rows, reason in (([[*HEAD, "attitude"], ["H17", 1, 1, 1]], "twice"),
                         ([["Tên", "Điểm"], ["H17", 1]], "headers")):
        with pytest.raises(Unreadable) as error:
            read(book(*rows))
        assert error.value.reason == reason
    assert told(read(book(HEAD, ["H17", None, None]))) == [("", "nothing")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_text_is_read_whatever_parts_its_columns(delimiter: str) -> None:
    text = delimiter.join(HEAD) + "\n" + delimiter.join(["Đà Nẵng", "1.5", '"0,5"']) + "\n"
    found = survey.read(text.encode(), ".csv", RATING, TOLD, AGENCIES)
    assert [(one.indicator, str(one.value)) for one in found.answers] == [("attitude", "1.5"), ("complaints", "0.5")]
