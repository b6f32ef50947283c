"""A spreadsheet that somebody fills in for this room, cell by cell: each with its address and what is odd about it, so
that what is wrong can be said where it stands. Pure; what a file may be at all is for portal/intake/workbook.py.
"""
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from itertools import islice
from typing import Any

from portal.intake import workbook
from portal.intake.workbook import Unreadable
from portal.kit.text import N_

MOST_BYTES, MOST_ROWS, MOST_COLUMNS = 2_000_000, 5_000, 250
KINDS = ("xlsx", "xls", "ods", "csv")
ODD_WORDS: Mapping[str, str] = {
    "formula": N_("A formula without its result: save the file in the spreadsheet program, or type the value."),
    "error": N_("The formula has no result: %(value)s."),
    "merged": N_("Merged with %(of)s: unmerge the cells and fill in each."),
    "hidden_row": N_("This row is hidden: show it or take it out."),
    "hidden_column": N_("This column is hidden: show it or take it out.")}
NUMBER_WORDS: Mapping[str, str] = {
    "text": N_("“%(value)s” is no number."),
    "date": N_("This is a date (%(value)s): the spreadsheet program took a number for one. Type the number as text."),
    "percent": N_("“%(value)s”: type the number without the percent sign."),
    "two_ways": N_("“%(value)s” can be read in two ways: leave out what parts the thousands.")}
_GROUPED = re.compile(r"-?\d{1,3}(?:([., ])\d{3})(?:\1\d{3})*(?:[.,]\d+)?")
_PLAIN = re.compile(r"-?\d+(?:[.,]\d+)?")


@dataclass(frozen=True)
class Cell:
    """`ref`: as the spreadsheet names it, "B7". `odd`: a key of ODD_WORDS, or nothing; `of`: the cell that it is merged
    with."""

    ref: str
    value: Any
    odd: str = ""
    of: str = ""

    @property
    def blank(self) -> bool:
        return not self.odd and (self.value is None or not str(self.value).strip())

    @property
    def text(self) -> str:
        return "" if self.value is None else " ".join(str(self.value).split())


@dataclass(frozen=True)
class Grid:
    """The one sheet that is read: the first that is shown. `rows` from the first line on; `other_sheets`: those shown
    beside it and `hidden_sheets`: not read, to be told. Rows and columns count from 1."""

    sheet: str
    rows: list[list[Cell]]
    other_sheets: tuple[str, ...] = ()
    hidden_sheets: tuple[str, ...] = ()
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()

    def odd(self, cell: Cell, row: int, column: int) -> str:
        """What is odd about a cell where it stands (from 0): a key of ODD_WORDS, or nothing."""
        if row + 1 in self.hidden_rows:
            return "hidden_row"
        return cell.odd or ("hidden_column" if column + 1 in self.hidden_columns else "")


class NotANumber(ValueError):
    """`reason`: a key of NUMBER_WORDS."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def read(content: bytes, ending: str) -> Grid:
    """The cells of a file whose name ends in `ending` (".xlsx"). Raises Unreadable, also for too many rows."""
    if len(content) > MOST_BYTES:
        raise Unreadable("too_large")
    tables = workbook.tables(content, ending)  # proves the file before anything reads it
    if ending == ".xlsx" and content.startswith(b"PK"):
        return _of_workbook(content)
    found = [_grid(list(islice(table, MOST_ROWS + 1))) for table in (tables if ending != ".csv" else _each(tables))]
    if not found:
        raise Unreadable("no_rows")
    best = max(found, key=_columns) if ending == ".csv" else found[0]
    if not any(not cell.blank for row in best.rows for cell in row):
        raise Unreadable("no_rows")
    return best


def number(value: Any) -> Decimal:
    """A number as it was typed: 0,83 and 0.83 are the same. Raises NotANumber."""
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        found = Decimal(str(value))
        if not found.is_finite():
            raise NotANumber("text")
        return found
    if isinstance(value, date | datetime):
        raise NotANumber("date")
    said = str(value).replace("\u00a0", " ").replace("\u2212", "-").strip()
    if said.endswith("%"):
        raise NotANumber("percent")
    if _PLAIN.fullmatch(said) and not (_GROUPED.fullmatch(said) and said.lstrip("-")[:2] not in ("0,", "0.")):
        return Decimal(said.replace(",", "."))
    if _GROUPED.fullmatch(said):
        return _grouped(said)
    raise NotANumber("text")


def reference(row: int, column: int) -> str:
    """The name of a cell; both from 0: (6, 1) is B7."""
    letters, n = "", column + 1
    while n:
        n, rest = divmod(n - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"


def _grouped(said: str) -> Decimal:
    """Thousands parted by dots, commas or blanks, and the other sign before the decimals."""
    signs = [letter for letter in said if letter in ".,"]
    if len(set(signs)) == 2 and signs.count(signs[-1]) == 1:
        return Decimal(said.replace(" ", "").replace(signs[0], "").replace(signs[-1], "."))
    if " " in said:
        return Decimal(said.replace(" ", "").replace(",", "."))
    if len(signs) > 1:
        return Decimal(said.replace(signs[0], ""))
    raise NotANumber("two_ways")  # 1.234 is a thousand and some, or one and some


def _each(tables: Iterable[Iterable[workbook.Line]]) -> Iterable[Iterable[workbook.Line]]:
    """The readings of a text under each delimiter, without those that break under it."""
    broken: Unreadable | None = None
    good = []
    for table in tables:
        try:
            good.append(list(islice(table, MOST_ROWS + 1)))
        except Unreadable as error:
            broken = broken or error
    if not good and broken:
        raise broken
    return good


def _columns(grid: Grid) -> int:
    return max((sum(not cell.blank for cell in row) for row in grid.rows), default=0)


def _grid(lines: list[workbook.Line]) -> Grid:
    if len(lines) > MOST_ROWS:
        raise Unreadable("too_many_rows")
    rows: list[list[Cell]] = []
    for line in lines:
        rows += [[] for _gap in range(line.number - 1 - len(rows))]
        rows.append([Cell(reference(line.number - 1, n), value, _error(value))
                     for n, value in enumerate(line.cells[:MOST_COLUMNS])])
    return Grid("", rows)


def _of_workbook(content: bytes) -> Grid:
    """With what a reader of values alone does not see: formulas without a result, merged cells, what is hidden."""
    import openpyxl

    try:
        told = openpyxl.load_workbook(BytesIO(content), data_only=True, keep_links=False)
        typed = openpyxl.load_workbook(BytesIO(content), data_only=False, keep_links=False)
        shown = [sheet for sheet in told.worksheets if sheet.sheet_state == "visible"]
        hidden = tuple(sheet.title for sheet in told.worksheets if sheet.sheet_state != "visible")
        if not shown:
            raise Unreadable("broken")
        sheet = shown[0]
        if sheet.max_row > MOST_ROWS:
            raise Unreadable("too_many_rows")
        rows = _cells(sheet, typed[sheet.title])
        away = {openpyxl.utils.column_index_from_string(letter): column for letter, column in
                sheet.column_dimensions.items() if column.hidden}
        columns = frozenset(n for column in away.values() for n in range(column.min, column.max + 1))
        lines = frozenset(n for n, row in sheet.row_dimensions.items() if row.hidden)
    except Unreadable:
        raise
    except Exception:  # the reader raises whatever a broken part made it stumble over
        raise Unreadable("broken") from None
    if not any(not cell.blank for row in rows for cell in row):
        raise Unreadable("no_rows")
    return Grid(sheet.title, rows, tuple(one.title for one in shown[1:]), hidden, lines, columns)


def _cells(sheet: Any, typed: Any) -> list[list[Cell]]:
    covered = {(row, column): reference(span.min_row - 1, span.min_col - 1) for span in sheet.merged_cells.ranges
               for row in range(span.min_row, min(span.max_row, MOST_ROWS) + 1)
               for column in range(span.min_col, min(span.max_col, MOST_COLUMNS) + 1)
               if (row, column) != (span.min_row, span.min_col)}
    rows = []
    for y, cells in enumerate(sheet.iter_rows(max_col=min(sheet.max_column, MOST_COLUMNS)), start=1):
        row = []
        for x, cell in enumerate(cells, start=1):
            of = covered.get((y, x), "")
            formula = typed.cell(y, x).data_type == "f"
            odd = "merged" if of else "formula" if formula and cell.value is None else _error(cell.value)
            row.append(Cell(reference(y - 1, x - 1), cell.value, odd, of))
        rows.append(row)
    return rows


def _error(value: Any) -> str:
    return "error" if isinstance(value, str) and re.fullmatch(r"#[A-Z/0!?]+", value.strip()) else ""
