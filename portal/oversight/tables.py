"""A spreadsheet that a person hands in: its table under known headings, and every doubtful cell by its place. Pure, but
for the process that reads workbooks.

Whoever reads a table names the headings (`Heading`), asks `read` for the table, and turns cells into values with
`text`, `number` and `day`; what cannot be told apart raises Doubtful and becomes a Problem of that cell, never a guess.
"""
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from portal.intake import workbook
from portal.intake.columns import plain
from portal.intake.workbook import Unreadable
from portal.kit.text import N_, without_invisible
from portal.oversight import table_program

HEADERS_WITHIN = 30  # lines in which the headings are looked for: a title stands above
MOST_COLUMNS = table_program.MOST_COLUMNS
SERIALS = range(36_526, 73_051)  # days of 2000 to 2099 as spreadsheets count them
DAYS_TO_1904 = 1_462  # how many fewer a workbook counts that begins in 1904
LONGEST_SHOWN = 60
_DAY = re.compile(r"(\d{1,2})\s*([/.-])\s*(\d{1,2})\s*\2\s*(\d{4}|\d{2})", re.ASCII)
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00)?)?", re.ASCII)


@dataclass(frozen=True)
class Heading:
    """A column: its key, its heading in "vi" and "en", and what else it is called."""

    key: str
    words: Mapping[str, str]
    also: tuple[str, ...] = ()
    required: bool = False

    @property
    def called(self) -> frozenset[str]:
        return frozenset(plain(word) for word in (self.key, *self.words.values(), *self.also))


class Problem(NamedTuple):
    """What is wrong where. `cell`: "E7", "7" for a line, "" for the whole; `reason`: of WORDS of whoever reads, or of
    those below; `facts`: for its words. `stops`: nothing is taken before it is mended; else it is only to be known."""

    cell: str
    reason: str
    facts: Mapping[str, Any]
    stops: bool = True


class Doubtful(ValueError):
    """A cell that says nothing that could be relied on. `reason`: of WORDS."""

    def __init__(self, reason: str, **facts: Any) -> None:
        super().__init__(reason)
        self.reason, self.facts = reason, facts


class Formula:
    """A formula whose value was never worked out."""


class Error(NamedTuple):
    """What a spreadsheet writes where a formula failed."""

    says: str


class Since1904(float):
    """A number in a workbook that counts its days from 1904, as spreadsheets on a Mac did."""


class Row(NamedTuple):
    """A line of the table: `number` in the file from 1, `cells` by the key of their heading, where something stands."""

    number: int
    cells: dict[str, Any]


@dataclass(frozen=True)
class Table:
    """`columns`: key → place of the column from 1. `problems`: of the table itself (merged, hidden, no heading).
    `sheet`: its name, "" in a text."""

    sheet: str
    line: int
    columns: Mapping[str, int]
    rows: Sequence[Row]
    problems: list[Problem] = field(default_factory=list)

    @cached_property
    def month_first(self) -> frozenset[str]:
        """The columns in which somebody surely wrote the month first; the other days in them may be so too."""
        return frozenset(key for row in self.rows for key, cell in row.cells.items() if _is_month_first(cell))

    def at(self, row: Row, key: str) -> str:
        """What a spreadsheet calls the cell."""
        return place(row.number, self.columns[key]) if key in self.columns else str(row.number)


@dataclass
class _Sheet:
    name: str
    merged: list[list[int]] = field(default_factory=list)
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    more: bool = False
    past: list[int] | None = None
    lines: list[tuple[int, list[Any]]] = field(default_factory=list)


#: What is said of a cell, and how to mend it.
WORDS: Mapping[str, str] = {
    "merged": N_("the cells %(range)s are merged, so it is not clear to which line each belongs. Unmerge them and fill "
                 "each cell."),
    "hidden_row": N_("line %(line)s is hidden and was not read. Show it, or delete it."),
    "hidden_column": N_("column %(column)s is hidden and was not read. Show it, or delete it."),
    "hidden_sheet": N_("the sheet “%(name)s” is hidden and was not read."),
    "other_sheet": N_("the sheet “%(name)s” was not read: only “%(read)s” is."),
    "past": N_("this stands beyond the first %(most)s columns, and nothing there was read. Move it, or delete it."),
    "no_heading": N_("something stands here without a heading over it. Put the cells of this line back under their "
                     "headings, or name the column."),
    "unknown_heading": N_("the heading “%(name)s” is not known, and its column was not read."),
    "formula": N_("a formula stands here that no program has worked out. Put the value in its place."),
    "error": N_("the formula here failed (%(says)s). Put the value in its place."),
    "missing": N_("nothing stands here, and something must."),
    "too_long": N_("the text has %(n)s letters; at most %(most)s fit."),
    "no_day": N_("“%(said)s” is no day. Write it as 31/12/2026."),
    "month_first": N_("“%(said)s” seems to name the month first. Write the day first: 31/12/2026."),
    "either_day": N_("“%(said)s” may be %(one)s or %(other)s: in another cell of this column the month stands first. "
                     "Write every day as 2026-12-31, or as 31/12/2026 in the whole column."),
    "short_year": N_("the year of “%(said)s” has two digits. Write all four: %(likely)s."),
    "no_such_day": N_("there is no day “%(said)s”."),
    "no_number": N_("“%(said)s” is no number. Write digits only."),
    "separator": N_("“%(said)s” may be %(one)s or %(other)s. Write it without separating thousands."),
}


def read(content: bytes, ending: str, headings: Sequence[Heading], most_rows: int,
         beside: Collection[str] = ()) -> Table:
    """The table in a file whose name ends in `ending`: of its sheets the one with the most known headings. `beside`:
    names of sheets that explain the template and hold nothing. Raises Unreadable (headers: `fields` are the keys that
    are missing; twice; no_rows; too_many_rows; and those of a file)."""
    sheets, hidden = _sheets(content, ending)
    sheets = [sheet for sheet in sheets if sheet.name not in beside]
    known = {word: one.key for one in headings for word in one.called}
    found = [(sheet, *heads) for sheet in sheets if (heads := _headings(sheet, known))]
    required = [one.key for one in headings if one.required]
    if not found:
        raise Unreadable("empty" if not any(sheet.lines for sheet in sheets) else "headers", fields=required)
    sheet, line, names = max(found, key=lambda each: len(_columns(each[2], known)))
    keys = [known[plain(name)] for name in names if plain(name) in known]
    if missing := [key for key in required if key not in keys]:
        raise Unreadable("headers", line=line, fields=missing)
    if twice := sorted({key for key in keys if keys.count(key) > 1}):
        raise Unreadable("twice", line=line, fields=twice)
    if sheet.more:
        raise Unreadable("too_many_rows")
    table = Table(sheet.name, line, _columns(names, known), _rows(sheet, line, _columns(names, known), most_rows))
    if not table.rows:
        raise Unreadable("no_rows", line=line)
    table.problems.extend([
        *_of_shape(sheet, table, names), *(Problem("", "hidden_sheet", {"name": name}, False) for name in hidden),
        *(Problem("", "other_sheet", {"name": other.name, "read": sheet.name}, False)
          for other in sheets if other is not sheet and other.lines and other.name)])
    return table


def text(cell: Any, most: int) -> str:
    """A cell as one text. Numbers come without a decimal point where they are whole. Raises Doubtful."""
    _worked_out(cell)
    if isinstance(cell, (date, datetime)):
        return f"{cell:%d/%m/%Y}"
    said = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str("" if cell is None else cell)
    said = "\n".join(" ".join(line.split()) for line in said.strip().splitlines())
    if len(said) > most:
        raise Doubtful("too_long", n=len(said), most=most)
    return said


def number(cell: Any) -> Decimal | None:
    """A cell as a number; None where nothing stands. "1.234,5" and "1,234.5" say what they are; "1.234" alone does not.
    Raises Doubtful."""
    _worked_out(cell)
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return None
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return Decimal(f"{cell:.15g}")  # as many digits as spreadsheets keep: 1.1 * 3 is 3.3 there
    said = re.sub(r"(?<=\d)\s(?=\d{3}(?!\d))", "", str(cell).strip())  # 1 102: ISO 80000 parts thousands so
    if re.fullmatch(r"[-+]?\d+", said, re.ASCII):
        return Decimal(said)
    if re.fullmatch(r"[-+]?[1-9]\d{0,2}[.,]\d{3}", said, re.ASCII):
        raise Doubtful("separator", said=shown(said), one=re.sub(r"[.,]", "", said), other=said.replace(",", "."))
    if re.fullmatch(r"[-+]?\d+[.,]\d+", said, re.ASCII):
        return Decimal(said.replace(",", "."))
    for thousands, decimal in ((".", ","), (",", ".")):
        if re.fullmatch(rf"[-+]?\d{{1,3}}(?:\{thousands}\d{{3}})+(?:\{decimal}\d+)?", said, re.ASCII):
            return Decimal(said.replace(thousands, "").replace(decimal, "."))
    raise Doubtful("no_number", said=shown(said))


def day(cell: Any, month_first: bool = False) -> date | None:
    """A cell as a day, the day of the month first; None where nothing stands. `month_first`: in its column somebody
    wrote the month first (Table.month_first), so that 01/02/2026 is not clear; nor is the day that a spreadsheet
    program made of it. Raises Doubtful."""
    _worked_out(cell)
    if blank(cell):
        return None
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return _serial(cell)
    found = _day(cell)
    is_iso = isinstance(cell, str) and _ISO.fullmatch(cell.strip())
    if month_first and found.day <= 12 and found.day != found.month and not is_iso:
        raise Doubtful("either_day", said=shown_whole(cell), one=f"{found:%d/%m/%Y}",
                       other=f"{found.month:02}/{found.day:02}/{found.year}")
    return found


def _serial(cell: float) -> date:
    """A day that lost its format, as spreadsheets count them."""
    days = int(cell) + DAYS_TO_1904 * isinstance(cell, Since1904) if float(cell).is_integer() else 0
    if days not in SERIALS:
        raise Doubtful("no_day", said=shown(cell))
    return date(1899, 12, 30) + timedelta(days=days)


def _day(cell: Any) -> date:
    if isinstance(cell, date):
        return cell.date() if isinstance(cell, datetime) else cell
    said = str(cell).strip()
    if found := _ISO.fullmatch(said):
        return _made(said, int(found[1]), int(found[2]), int(found[3]))
    if not (found := _DAY.fullmatch(said)):
        raise Doubtful("no_day", said=shown(said))
    first, month, year = int(found[1]), int(found[3]), found[4]
    if _is_month_first(said):
        raise Doubtful("month_first", said=shown(said))
    if len(year) == 2:
        raise Doubtful("short_year", said=shown(said), likely=f"{first:02}/{month:02}/20{year}")
    return _made(said, int(year), month, first)


def place(line: int, column: int) -> str:
    """What spreadsheets call a cell: E7."""
    return f"{letter(column)}{line}"


def letter(column: int) -> str:
    """What spreadsheets call a column, from 1: A, B … AA."""
    said = ""
    while column:
        column, rest = divmod(column - 1, 26)
        said = chr(65 + rest) + said
    return said


def shown(cell: Any) -> str:
    """A cell as it may be shown: one line, not long."""
    said = " ".join("".join(c if c.isprintable() else " " for c in str(cell)).split())
    return said if len(said) <= LONGEST_SHOWN else said[:LONGEST_SHOWN - 1] + "…"


def shown_whole(cell: Any) -> str:
    """A cell as it was written, to be shown again in a workbook."""
    if isinstance(cell, (date, datetime)):
        return f"{cell:%d/%m/%Y}"
    if isinstance(cell, Formula):
        return "="
    return cell.says if isinstance(cell, Error) else str(int(cell) if isinstance(cell, float) and cell.is_integer()
                                                         else cell)


def _worked_out(cell: Any) -> None:
    if isinstance(cell, Formula):
        raise Doubtful("formula")
    if isinstance(cell, Error):
        raise Doubtful("error", says=shown(cell.says))


def _is_month_first(cell: Any) -> bool:
    found = _DAY.fullmatch(cell.strip()) if isinstance(cell, str) else None
    return found is not None and int(found[1]) <= 12 < int(found[3]) <= 31


def _made(said: str, year: int, month: int, day_: int) -> date:
    try:
        return date(year, month, day_)
    except ValueError:
        raise Doubtful("no_such_day", said=shown(said)) from None


def _sheets(content: bytes, ending: str) -> tuple[list[_Sheet], list[str]]:
    """(what may be the table, the names of hidden sheets)."""
    kind = workbook.kind(content, ending)
    match kind:
        case "text":
            return list(_texts(content)), []
        case "markup":
            lines = workbook.tables(content, ending)
            return [_Sheet("", lines=[(n, [_seen(cell) for cell in cells]) for n, cells in each]) for each in lines], []
    sheets: list[_Sheet] = []
    hidden: list[str] = []
    since: int | None = None
    for told in workbook.told_by(Path(table_program.__file__), content,
                                 "old" if kind == "old" and ending == ".xlsx" else "broken"):
        if "hidden" in told or "beyond" in told:
            hidden.append(shown(told.get("hidden") or told["beyond"]))
        elif "sheet" in told:
            since = told.get("since")
            sheets.append(_Sheet(shown(told["sheet"]), told["merged"], frozenset(told["rows"]),
                                 frozenset(told["columns"]), told.get("more", False), told.get("past")))
        else:
            sheets[-1].lines.append((told["n"], [_cell(cell, since) for cell in told["cells"]]))
    return sheets, hidden


def _texts(content: bytes) -> Iterator[_Sheet]:
    broken: Unreadable | None = None
    any_ = False
    for lines in workbook.of_text(content):
        try:
            yield _Sheet("", lines=[(n, [_seen(cell) for cell in cells]) for n, cells in lines
                                    if any(not blank(cell) for cell in cells)])
            any_ = True
        except Unreadable as error:  # perhaps only under a delimiter that is not the file's
            broken = broken or error
    if broken and not any_:
        raise broken


def _cell(cell: Any, since: int | None) -> Any:
    if isinstance(cell, dict) and "f" in cell:
        return Formula()
    if isinstance(cell, dict) and "e" in cell:
        return Error(cell["e"])
    if since == 1904 and type(cell) in (int, float):
        return Since1904(cell)
    return _seen(workbook.plain_cell(cell))


def _seen(cell: Any) -> Any:
    """What comes along unseen when people paste from a page stands in no cell."""
    return without_invisible(cell) if isinstance(cell, str) else cell


def blank(cell: Any) -> bool:
    """Whether nothing stands there."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _headings(sheet: _Sheet, known: Mapping[str, str]) -> tuple[int, list[str]] | None:
    """The line with the most known headings among the first."""
    lines = [(n, ["" if blank(cell) else shown(cell) for cell in cells]) for n, cells in sheet.lines[:HEADERS_WITHIN]]
    best = max(lines, key=lambda line: len(_columns(line[1], known)), default=None)
    return best if best and _columns(best[1], known) else None


def _columns(names: Sequence[str], known: Mapping[str, str]) -> dict[str, int]:
    return {known[plain(name)]: n for n, name in reversed(list(enumerate(names, 1))) if plain(name) in known}


def _rows(sheet: _Sheet, line: int, columns: Mapping[str, int], most: int) -> list[Row]:
    found = []
    for number_, cells in sheet.lines:
        if number_ <= line or number_ in sheet.hidden_rows:
            continue
        said = {key: cells[n - 1] for key, n in columns.items()
                if n <= len(cells) and n not in sheet.hidden_columns and not blank(cells[n - 1])}
        if said:
            found.append(Row(number_, said))
        if len(found) > most:
            raise Unreadable("too_many_rows")
    return found


def _of_shape(sheet: _Sheet, table: Table, names: Sequence[str]) -> Iterator[Problem]:
    """Merged cells, what is hidden, and what stands under no heading, in the order of the lines."""
    read = set(table.columns.values())
    for top, left, bottom, right in sheet.merged:
        if bottom >= table.line and read & set(range(left, min(right, MOST_COLUMNS) + 1)):
            yield Problem(place(top, left), "merged", {"range": f"{place(top, left)}:{place(bottom, right)}"})
    filled = {n for n, cells in sheet.lines if n > table.line}
    for n in sorted(sheet.hidden_rows & filled):
        yield Problem(str(n), "hidden_row", {"line": n})
    for n in sorted(sheet.hidden_columns & read):
        yield Problem(place(table.line, n), "hidden_column", {"column": letter(n)})
    if sheet.past and sheet.past[0] > table.line:
        yield Problem(place(*sheet.past), "past", {"most": MOST_COLUMNS})
    for n, name in enumerate(names, 1):
        if name and n not in read:
            yield Problem(place(table.line, n), "unknown_heading", {"name": name}, False)
    for number_, cells in sheet.lines:
        for n, cell in enumerate(cells, 1):
            if number_ > table.line and not blank(cell) and (n > len(names) or not names[n - 1]):
                yield Problem(place(number_, n), "no_heading", {})
                break
