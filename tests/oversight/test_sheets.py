"""Spreadsheets that people fill in, cell by cell: numbers as they are typed, and everything odd at its address."""
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import openpyxl
import pytest

from portal.intake.workbook import Unreadable
from portal.oversight import sheets
from portal.oversight.rankings import definitions, survey
from portal.oversight.sheets import NotANumber

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
    return survey.read(sheets.read(saved(made), ".xlsx"), RATING, TOLD, AGENCIES)


def told(found: survey.Survey) -> list[tuple[str, str]]:
    return [(one.ref, one.reason) for one in found.problems]


@pytest.mark.parametrize(("typed", "number"), [
    ("0,83", "0.83"), ("0.83", "0.83"), ("0,835", "0.835"), ("0.835", "0.835"), (" 12 ", "12"), ("-1,5", "-1.5"),
    ("1.234,5", "1234.5"), ("1,234.5", "1234.5"), ("1.234.567", "1234567"), ("1 234,5", "1234.5"),
    ("1\u00a0234", "1234"), (1, "1"), (0.1, "0.1"), (Decimal("0.830"), "0.830")])
def test_both_separators_are_numbers(typed: Any, number: str) -> None:
    assert str(sheets.number(typed)) == number


@pytest.mark.parametrize(("typed", "reason"), [
    ("83%", "percent"), ("1.234", "two_ways"), ("1,234", "two_ways"), ("tốt", "text"), ("1.2.3", "text"), ("", "text"),
    (True, "text"), (date(2026, 2, 1), "date"), ("1,23,4", "text"), (float("nan"), "text")])
def test_what_is_no_number_says_why(typed: Any, reason: str) -> None:
    with pytest.raises(NotANumber) as error:
        sheets.number(typed)
    assert error.value.reason == reason


def test_a_cell_is_named_as_the_spreadsheet_names_it() -> None:
    assert [sheets.reference(*at) for at in ((0, 0), (6, 1), (0, 25), (9, 26), (0, 701), (0, 702))] == [
        "A1", "B7", "Z1", "AA10", "ZZ1", "AAA1"]


def test_a_survey_is_read_under_a_title_by_names_or_keys() -> None:
    found = read(book(["Khảo sát 2026"], [], [*HEAD, "Ghi chú"], ["Đà Nẵng", "1,5", 2, "x"], [],
                      ["H26", 0.5, None, ""]))
    assert not found.problems and found.not_kept == ["Ghi chú"]
    assert [(one.agency, one.indicator, str(one.value), one.ref) for one in found.answers] == [
        ("H17", "attitude", "1.5", "B4"), ("H17", "complaints", "2", "C4"), ("H26", "attitude", "0.5", "B6")]


def test_whatever_is_wrong_is_told_at_its_cell_and_nothing_is_taken() -> None:
    found = read(book(HEAD, ["Đà Nẵng", "tốt", "3"], ["Xứ Lạ", "1", "1"], ["H17", 1, 1], [None, 1, 1],
                      ["Hà Nội", "95%", date(2026, 2, 1)]))
    assert found.answers == [] and told(found) == [
        ("B2", "text"), ("C2", "range"), ("A3", "agency"), ("A4", "agency_twice"), ("A5", "no_agency"),
        ("B6", "percent"), ("C6", "date")]


def test_shifted_columns_are_recognised() -> None:
    found = read(book(HEAD, [1, "Đà Nẵng", 2]))
    assert told(found) == [("A2", "shifted"), ("B2", "agency_as_value")]


def test_merged_cells_formulas_and_hidden_lines_are_told() -> None:
    made = book(HEAD, ["Đà Nẵng", 1, "=1+1"], ["Hà Nội", 1, "#REF!"])
    sheet = made.worksheets[0]
    sheet.merge_cells("B2:B3")
    assert told(read(made)) == [("C2", "formula"), ("B3", "merged"), ("C3", "error")]
    made = book(HEAD, ["Đà Nẵng", 1, 1], ["Hà Nội", 1, 1])
    made.worksheets[0].row_dimensions[3].hidden = True
    made.worksheets[0].column_dimensions["C"].hidden = True
    assert told(read(made)) == [("C2", "hidden_column"), ("A3", "hidden_row"), ("B3", "hidden_row"),
                                ("C3", "hidden_row")]


def test_hidden_sheets_are_not_read_and_said() -> None:
    made = book(HEAD, ["Đà Nẵng", 1, 1])
    made.create_sheet("Nháp").append(HEAD)
    made.create_sheet("Ẩn").append(HEAD)
    made["Ẩn"].sheet_state = "hidden"
    grid = sheets.read(saved(made), ".xlsx")
    assert (grid.other_sheets, grid.hidden_sheets) == (("Nháp",), ("Ẩn",))


def test_a_column_that_stands_there_twice_or_no_known_one_is_told() -> None:
    assert told(read(book([*HEAD, "attitude"], ["H17", 1, 1, 1]))) == [("D1", "column_twice")]
    assert told(read(book(["Tên", "Điểm"], ["H17", 1]))) == [("A1", "headers")]
    assert told(read(book(HEAD, ["H17", None, None]))) == [("A1", "nothing")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_text_is_read_whatever_parts_its_columns(delimiter: str) -> None:
    text = delimiter.join(HEAD) + "\n" + delimiter.join(["Đà Nẵng", "1.5", '"0,5"']) + "\n"
    found = survey.read(sheets.read(text.encode(), ".csv"), RATING, TOLD, AGENCIES)
    assert [(one.indicator, str(one.value)) for one in found.answers] == [("attitude", "1.5"), ("complaints", "0.5")]


@pytest.mark.parametrize(("content", "ending", "reason"), [
    (b"", ".csv", "empty"), (b"x" * (sheets.MOST_BYTES + 1), ".csv", "too_large"),
    (b"PK\x03\x04rest", ".xlsx", "broken"), (b"a,b", ".xlsx", "mismatch"), (b"\n\n", ".csv", "no_rows")])
def test_what_is_no_table_is_refused(content: bytes, ending: str, reason: str) -> None:
    with pytest.raises(Unreadable) as error:
        sheets.read(content, ending)
    assert error.value.reason == reason
