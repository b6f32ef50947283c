"""Spreadsheets that people hand in: every doubtful cell is named, and nothing is guessed."""
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from time import perf_counter
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest

from portal.intake.workbook import Unreadable
from portal.oversight import tables
from portal.oversight.tables import Doubtful, Heading

HEADINGS = (Heading("name", {"vi": "Tên", "en": "Name"}, required=True),
            Heading("value", {"vi": "Giá trị", "en": "Value"}, ("Trị số",), required=True),
            Heading("on", {"vi": "Ngày", "en": "Day"}))
ROWS = [["Tên", "Giá trị", "Ngày"], ["Đà Nẵng", 12, date(2026, 2, 1)], ["Hà Nội", 1.5, "01/03/2026"]]


def book(change: Callable[[Any], Any] = lambda book: None, rows: Any = ROWS) -> bytes:
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    change(made)
    out = BytesIO()
    made.save(out)
    return out.getvalue()


def read(content: bytes, ending: str = ".xlsx", most: int = 100) -> tables.Table:
    return tables.read(content, ending, HEADINGS, most)


def said(table: tables.Table) -> list[tuple[str, str]]:
    return [(one.cell, one.reason) for one in table.problems]


def test_a_table_is_read_under_its_headings_wherever_it_begins() -> None:
    table = read(book(rows=[["DANH SÁCH"], [], ["TT", "Trị số", "", "TÊN"], [1, 7, None, "Đà Nẵng"]]))
    assert [(row.number, row.cells) for row in table.rows] == [(4, {"value": 7, "name": "Đà Nẵng"})]
    assert table.at(table.rows[0], "name") == "D4" and said(table) == [("A3", "unknown_heading")]


@pytest.mark.parametrize(("change", "problems"), [
    (lambda book: book.active.merge_cells("A2:A3"), [("A2", "merged")]),
    (lambda book: book.active.merge_cells("A1:B1"), None),
    (lambda book: book.active.row_dimensions.__getitem__(3).__setattr__("hidden", True), [("3", "hidden_row")]),
    (lambda book: book.active.column_dimensions.__getitem__("C").__setattr__("hidden", True),
     [("C1", "hidden_column")]),
    (lambda book: book.create_sheet("Nháp").__setattr__("sheet_state", "hidden"), [("", "hidden_sheet")]),
    (lambda book: book.create_sheet("Khác").append(["x"]), [("", "other_sheet")]),
    (lambda book: book.active.__setitem__("E3", "lạc"), [("E3", "no_heading")]),
])
def test_what_makes_a_table_doubtful_is_named_by_its_place(change: Any, problems: Any) -> None:
    if problems is None:  # a heading that spans two columns leaves one without its name
        with pytest.raises(Unreadable, match="headers") as found:
            read(book(change))
        assert found.value.fields == ("value",)
    else:
        assert said(read(book(change))) == problems


def test_a_merged_range_is_named_whole() -> None:
    [problem] = read(book(lambda book: book.active.merge_cells("A2:A3"))).problems
    assert problem.facts == {"range": "A2:A3"} and problem.stops


def test_a_formula_counts_by_the_value_that_was_kept_with_it() -> None:
    row = read(book(lambda book: book.active.__setitem__("B2", "=1+1"))).rows[0]
    with pytest.raises(Doubtful, match="formula"):  # openpyxl works nothing out
        tables.number(row.cells["value"])


@pytest.mark.parametrize(("cell", "value"), [
    (12, Decimal(12)), (1.5, Decimal("1.5")), ("1,5", Decimal("1.5")), ("1.5", Decimal("1.5")),
    (" 1234 ", Decimal(1234)),
    ("1.234,5", Decimal("1234.5")), ("1,234.5", Decimal("1234.5")), ("1.234.567", Decimal(1234567)),
    ("0,125", Decimal("0.125")), ("0.125", Decimal("0.125")),
    ("1 234", Decimal(1234)), ("1\N{NARROW NO-BREAK SPACE}234\N{NO-BREAK SPACE}567,5", Decimal("1234567.5")),
    (1.1 * 3, Decimal("3.3")), (None, None), (" ", None), ("1,2345", Decimal("1.2345"))])
def test_numbers_of_both_separators(cell: Any, value: Decimal | None) -> None:
    assert tables.number(cell) == value


@pytest.mark.parametrize(("cell", "reason"), [
    ("1.234", "separator"), ("1,234", "separator"), ("12 cái", "no_number"), ("1.23.4", "no_number"),
    (True, "no_number"), (tables.Error("#REF!"), "error"), (tables.Formula(), "formula"), ("1 23", "no_number"),
    ("12 2345", "no_number")])
def test_what_is_no_number_says_why(cell: Any, reason: str) -> None:
    with pytest.raises(Doubtful, match=reason):
        tables.number(cell)


@pytest.mark.parametrize("cell", [date(2026, 2, 1), datetime(2026, 2, 1), "01/02/2026", "1-2-2026", "1.2.2026",
                                  "2026-02-01", 46054, 46054.0])
def test_days_name_the_day_first(cell: Any) -> None:
    assert tables.day(cell) == date(2026, 2, 1)


@pytest.mark.parametrize(("cell", "reason"), [
    ("2/13/2026", "month_first"), ("2/1/26", "short_year"), ("31/02/2026", "no_such_day"), ("tháng 2", "no_day"),
    (7, "no_day"), (46054.5, "no_day"), ("1/2-2026", "no_day")])
def test_what_is_no_day_says_why(cell: Any, reason: str) -> None:
    with pytest.raises(Doubtful, match=reason):
        tables.day(cell)


@pytest.mark.parametrize(("content", "ending", "reason"), [
    (b"", ".xlsx", "empty"), (b"", ".csv", "empty"), ("Tên;Cột".encode(), ".csv", "headers"),
    ("Tên;Giá trị".encode(), ".csv", "no_rows"), ("Tên;Giá trị;Name\nx;1;y".encode(), ".csv", "twice"),
    (b"PK\x03\x04 broken", ".xlsx", "broken"), (b"PK\x03\x04", ".csv", "mismatch"), (b"%PDF-1.4", ".xlsx", "mismatch"),
    ("Tên;Giá trị\n".encode("utf-16-le"), ".csv", "encoding"),
    (("Tên;Giá trị\n" + "x;1\n" * 101).encode(), ".csv", "too_many_rows")])
def test_a_file_that_is_no_table_says_why(content: bytes, ending: str, reason: str) -> None:
    with pytest.raises(Unreadable) as found:
        read(content, ending)
    assert found.value.reason == reason


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_text_is_read_under_whichever_delimiter_it_has(delimiter: str) -> None:
    lines = [delimiter.join(words) for words in (["Tên", "Giá trị"], ["Đà Nẵng", '"1,5"'])]
    [row] = read("\r\n".join(lines).encode("utf-8-sig"), ".csv").rows
    assert row.cells == {"name": "Đà Nẵng", "value": "1,5"} and row.number == 2


def test_a_password_and_active_content_are_refused() -> None:
    content = book()
    with ZipFile(acting := BytesIO(content), "a") as packed:
        packed.writestr("xl/vbaProject.bin", b"x")
    for refused, reason in ((b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "password"),
                            (b"\xd0\xcf\x11\xe0", "old"), (acting.getvalue(), "active")):
        with pytest.raises(Unreadable, match=reason):
            read(refused)


def test_a_cell_as_text() -> None:
    assert [tables.text(cell, 20) for cell in (36.0, date(2026, 2, 1), " a  b \n c ", None, 1.5)] == [
        "36", "01/02/2026", "a b\nc", "", "1.5"]
    with pytest.raises(Doubtful, match="too_long"):
        tables.text("x" * 21, 20)


@pytest.mark.parametrize(("column", "called"), [(1, "A"), (26, "Z"), (27, "AA"), (52, "AZ"), (53, "BA"), (703, "AAA")])
def test_columns_are_called_as_spreadsheets_call_them(column: int, called: str) -> None:
    assert tables.letter(column) == called


def test_a_cell_that_shows_a_share_is_not_its_number() -> None:
    """94 % is kept as 0.94: neither 0.94 nor 94 is guessed, and as a text it reads as it is shown."""
    def shares(book: Any) -> None:
        book.active["B2"], book.active["B3"], book.active["A2"] = 0.946, 0.07, 1
        for cell, shown in (("B2", "0%"), ("B3", "0.0%"), ("A2", '0 "%"')):
            book.active[cell].number_format = shown

    first, second = read(book(shares)).rows
    assert (first.cells["value"], second.cells["value"], first.cells["name"]) == ("94.6%", "7%", 1)
    with pytest.raises(Doubtful, match="no_number"):
        tables.number(first.cells["value"])


def test_days_that_lost_their_format_are_counted_from_where_the_workbook_begins() -> None:
    def on_a_mac(book: Any) -> None:
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
        book.active["C3"] = 44925

    assert [tables.day(row.cells["on"]) for row in read(book(on_a_mac)).rows] == [date(2026, 2, 1), date(2026, 12, 31)]


@pytest.mark.parametrize("written", [b"NaN", b"INF", b"1E+999"])
def test_a_number_that_is_none_is_an_error_of_its_cell(written: bytes) -> None:
    with ZipFile(BytesIO(book())) as packed, ZipFile(out := BytesIO(), "w") as changed:
        for name in packed.namelist():
            changed.writestr(name, packed.read(name).replace(b"<v>12</v>", b"<v>" + written + b"</v>"))
    with pytest.raises(Doubtful, match=r"error|no_number"):
        tables.number(read(out.getvalue()).rows[0].cells["value"])


def test_nothing_is_left_out_unsaid_below_or_beside_what_is_read() -> None:
    def far_below(book: Any) -> None:
        book.active["A10001"] = "Huế"

    with pytest.raises(Unreadable, match="too_many_rows"):
        read(book(far_below))
    [problem] = read(book(lambda book: book.active.__setitem__("DP2", "lạc"))).problems
    assert (problem.cell, problem.reason, problem.stops) == ("DP2", "past", True)
    assert said(read(book(lambda book: [book.create_sheet(f"Tờ {n}") for n in range(20)]))) == [("", "hidden_sheet")]


def test_a_sheet_that_was_coloured_to_its_end_is_read_at_once() -> None:
    def coloured(book: Any) -> None:
        book.active.cell(1_048_576, 16_384).number_format = "0.00"

    began = perf_counter()
    assert len(read(book(coloured)).rows) == 2
    assert perf_counter() - began < 10  # a million cells, most of them made up, took thirty seconds


def test_what_nobody_sees_stands_in_no_cell() -> None:
    rows = [["Tên\N{ZERO WIDTH NO-BREAK SPACE}", "Giá trị"], ["Huế\N{ZERO WIDTH SPACE}", "\N{WORD JOINER}5"],
            ["\N{ZERO WIDTH SPACE}", None]]
    text = "\n".join(";".join(cell or "" for cell in row) for row in rows)
    for table in (read(book(rows=rows)), read(text.encode(), ".csv")):
        assert [row.cells for row in table.rows] == [{"name": "Huế", "value": "5"}]


def test_where_one_day_of_a_column_names_the_month_first_the_others_are_not_clear() -> None:
    """A spreadsheet program makes a day of what it can read its own way, and leaves the rest as a text."""
    rows = [["Tên", "Giá trị", "Ngày"], ["a", 1, "12/31/2026"], ["b", 1, "01/02/2026"], ["c", 1, date(2026, 2, 1)],
            ["d", 1, "03/03/2026"], ["e", 1, "2026-02-01"], ["g", 1, date(2026, 2, 20)]]
    table, found = read(book(rows=rows)), []
    for row in table.rows:
        try:
            found.append(tables.day(row.cells["on"], "on" in table.month_first))
        except Doubtful as error:
            found.append(error.reason)
    assert found == ["month_first", "either_day", "either_day", date(2026, 3, 3), date(2026, 2, 1), date(2026, 2, 20)]
    assert not read(book()).month_first
