"""A table that an agency without an API hands in: its columns by name, its cells as the feed takes them. Pure.

Only the columns named here are read; every other one, a name, a number of a person, is dropped with the line it
stood in. A cell that has not its column's form becomes ILLFORMED, and the feed then says what is wrong with it.
"""
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any, NamedTuple

from portal.intake import rows, workbook
from portal.intake.columns import (
    BY_HEADER,
    MOMENTS,
    NEEDED,
    STATUSES,
    TRUTHS,
    WORDS,
    plain,
)
from portal.intake.columns import COLUMNS as COLUMNS
from portal.intake.columns import INSTEAD as INSTEAD
from portal.intake.columns import Column as Column
from portal.intake.columns import Form as Form
from portal.intake.fields import ILLFORMED as ILLFORMED
from portal.intake.legacy_fonts import readings
from portal.intake.workbook import Line, Unreadable
from portal.kit import moments
from portal.kit.clock import VN
from portal.kit.moments import Written
from portal.law import codes

MOST_ROWS = 5_000
MOST_BLANK = 2_000  # blank lines before the table is taken to have ended
HEADERS_WITHIN = 60  # lines in which the headers are looked for: exports carry a title above
SERIALS = range(36_526, 73_051)  # days of 2000 to 2099 as spreadsheets count them
LONGEST_NAME = 40
_IN_TIME = re.compile(r" (?:truoc han|dung han|trong han|qua han|tre han|som han|khong thoi han)$")
_TOKEN = re.compile(r"(?!.*\d{9})[A-Za-z0-9._-]{1,60}", re.ASCII)
Named = Callable[[str], str | None]


@dataclass(frozen=True)
class Sheet:
    """What was read: rows as the feed takes them, their lines in the file, the headers as the file writes them.

    `not_kept`: (place of the column from 1, header) of everything dropped; it is shown once and kept nowhere.
    `left_out`: how many lines below the headers tell of no dossier: totals, signatures, numbers of columns.
    """

    rows: list[dict[str, Any]]
    lines: list[int]
    headers: dict[str, str]
    not_kept: list[tuple[int, str]]
    left_out: int = 0


class _Table(NamedTuple):
    """Where the columns are, what they are called, and what follows the headers."""

    line: int
    columns: dict[int, Column]
    headers: list[str]
    below: Iterator[Line]




def read(content: bytes, ending: str, named: Named = lambda _name: None) -> Sheet:
    """The table in a file whose name ends in `ending`. `named`: the code of the procedure with a name. Raises
    Unreadable."""
    found, fonts, broken = [], set[str](), None
    for lines in workbook.tables(content, ending):
        try:
            table = _table(lines, fonts)
        except Unreadable as error:  # perhaps only under a delimiter that is not the file's
            broken = broken or error
            continue
        if table:
            found.append(table)
    if not found:
        raise broken or Unreadable("font", fields=sorted(fonts)) if broken or fonts else Unreadable(
            "headers", fields=[each[-1] for each in NEEDED])
    table = max(found, key=lambda each: len({column.name for column in each.columns.values()}))
    _check(table)
    return _read(table, named)


def _table(lines: Iterator[Line], fonts: set[str]) -> _Table | None:
    """The line, or the two lines, with the most known headers among the first, and what follows; None where none is
    known. `fonts`: those of before Unicode in which there are any."""
    first: list[Line] = []
    broken: Unreadable | None = None
    try:
        first += islice(lines, HEADERS_WITHIN)
    except Unreadable as error:
        if error.line is None:
            raise
        broken = error
    best: tuple[int, int, list[str]] = (0, 0, [])
    for n, line in enumerate(first):
        alone = ["" if _blank(cell) else _shown(cell) for cell in line.cells]
        best = max(best, (_known(alone), -n, alone), key=lambda each: each[0])
        if n + 1 < len(first) and _known(alone):
            both = _together(line, first[n + 1])
            if _known(both) > best[0]:
                best = (_known(both), -n - 1, both)
    known, place, headers = best
    if not known:
        fonts |= {font for line in first for cell in line.cells if isinstance(cell, str)
                  for font, said in readings(cell[:LONGEST_NAME]).items() if plain(said) in BY_HEADER}
        return None
    columns = {n: BY_HEADER[plain(header)] for n, header in enumerate(headers) if plain(header) in BY_HEADER}
    return _Table(first[-place].number, columns, headers, _below(first[1 - place:], broken, lines))


def _together(upper: Line, lower: Line) -> list[str]:
    """The headers of two lines: a cell that spans several stands over the names of each, one that spans both lines is
    the name itself."""
    found, over = [], ""
    for n in range(max(len(upper.cells), len(lower.cells))):
        above = _shown(upper.cells[n]) if n < len(upper.cells) and not _blank(upper.cells[n]) else ""
        below = _shown(lower.cells[n]) if n < len(lower.cells) and not _blank(lower.cells[n]) else ""
        over = above or over
        names = (below, f"{over} {below}") if below else (above,)
        found.append(next((name for name in names if plain(name) in BY_HEADER), names[-1].strip()))
    return found


def _below(first: Sequence[Line], broken: Unreadable | None, rest: Iterator[Line]) -> Iterator[Line]:
    yield from first
    if broken:
        raise broken
    yield from rest


def _known(headers: Sequence[str]) -> int:
    return len({BY_HEADER[called].name for header in headers if (called := plain(header)) in BY_HEADER})


def _check(table: _Table) -> None:
    """Raises Unreadable where a needed column is missing or one stands there twice."""
    names = [column.name for column in table.columns.values()]
    if missing := [each[-1] for each in NEEDED if not set(each) & set(names)]:
        raise Unreadable("headers", line=table.line, fields=missing)
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise Unreadable("twice", line=table.line, fields=twice)


def _read(table: _Table, named: Named) -> Sheet:
    rows_: list[dict[str, Any]] = []
    numbers: list[int] = []
    nameless: set[int] = set()
    blank = left_out = 0
    for line in table.below:
        cells = {n: cell for n, cell in enumerate(line.cells) if not _blank(cell)}
        if not cells:
            blank += 1
            if blank > MOST_BLANK:
                break
            continue
        blank = 0
        if _is_no_dossier(cells, table.columns):
            left_out += 1
            continue
        if len(rows_) == MOST_ROWS:
            raise Unreadable("too_many_rows")
        nameless |= {n for n in cells if n >= len(table.headers) or not table.headers[n]}
        rows_.append(_row(line, cells, table.columns, named))
        numbers.append(line.number)
    if not rows_:
        raise Unreadable("no_rows")
    shown = {column.name: table.headers[place] for place, column in table.columns.items()
             if column.name not in ("procedure_name", "returned_at")}
    not_kept = [(n + 1, header) for n, header in enumerate(table.headers) if header and n not in table.columns]
    not_kept += [(n + 1, _letter(n)) for n in sorted(nameless)]
    return Sheet(rows_, numbers, _with_told(shown, table), sorted(not_kept), left_out)


def _with_told(shown: dict[str, str], table: _Table) -> dict[str, str]:
    """The headers with those under which the code of a procedure and the moment of a status were found out."""
    by_name = {column.name: table.headers[place] for place, column in table.columns.items()}
    if "procedure" not in shown and "procedure_name" in by_name:
        shown = {"code": shown["code"], "procedure": by_name["procedure_name"], **shown}
    if "at" not in shown:
        shown["at"] = shown["status"]
    return shown


def _is_no_dossier(cells: Mapping[int, Any], columns: Mapping[int, Column]) -> bool:
    """Whether a line is a total, a signature or the numbers of the columns, and no dossier."""
    texts = [plain(cell) for cell in cells.values()]
    if all(re.fullmatch(r"[0-9]{1,2}", text) for text in texts):
        return True
    by_name = {column.name: cells.get(place) for place, column in columns.items() if place in cells}
    if "code" in by_name and codes.parse(str(by_name["code"])):
        return False
    return len(by_name) < 2 or any(_NO_DOSSIER.match(text) for text in texts[:2]) or \
        ("status" not in by_name and "code" not in by_name)


_NO_DOSSIER = re.compile(r"(?:tong|cong|total|nguoi lap|thu truong|thu quy|ke toan|ky ten|xac nhan|ghi chu|ngay \d)\b")


def _row(line: Line, cells: Mapping[int, Any], columns: Mapping[int, Column], named: Named) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for place, column in columns.items():
        if place not in cells:
            continue
        cell = cells[place]
        if column.form in (Form.moment, Form.due) and isinstance(cell, str) and moments.is_month_first(cell):
            raise Unreadable("month_first", line=line.number, fields=[column.name])
        row[column.name] = _named(cell, named) if column.form is Form.name else value(column, cell)
    name, returned_at = row.pop("procedure_name", None), row.pop("returned_at", None)
    if name is not None and row.get("procedure", ILLFORMED) == ILLFORMED:
        row["procedure"] = name
    if "at" not in row and (told := _told(row, returned_at)):
        row["at"] = told
    return row


def _named(cell: Any, named: Named) -> str:
    """The code of the procedure that a cell names, or that stands in it beside the name."""
    text = " ".join(str(cell).split())
    if found := re.search(r"\b\d\.\d{6}\b", text):
        return found[0]
    return named(text) or ILLFORMED


def _told(row: Mapping[str, Any], returned_at: str | None) -> str | None:
    """When a dossier got its status, where the table has no moment for it: the date that belongs to the status, else
    the last that is told."""
    status = str(row.get("status"))
    dates = {**row, "returned_at": returned_at}
    names = MOMENTS.get(int(status), ()) if status.isdecimal() else ()
    for name in (*names, "returned_at", "finished_at", "received_at", "submitted_at"):
        if (date_ := dates.get(name)) and date_ != ILLFORMED:
            return str(date_)
    return None


def _letter(place: int) -> str:
    """What spreadsheets call a column: A, B … AA."""
    return (chr(64 + place // 26) if place >= 26 else "") + chr(65 + place % 26)


def value(column: Column, cell: Any) -> Any:
    """What a cell means in its column; ILLFORMED where it has not the column's form. Nothing else gets through."""
    if isinstance(cell, float) and cell.is_integer() and column.form is not Form.procedure:
        cell = int(cell)
    if column.form in (Form.moment, Form.due):
        return _moment(cell, due=column.form is Form.due)
    text = " ".join(_text(column, cell).split())
    match column.form:
        case Form.code:
            return codes.parse(text) or ILLFORMED
        case Form.status:
            said = _IN_TIME.sub("", plain(text))
            return STATUSES.get(said) or rows.status_word(text) or ILLFORMED
        case Form.number:
            return int(text) if re.fullmatch(r"[0-9]{1,10}", text) else ILLFORMED
        case Form.level:
            found = re.fullmatch(r"(?:muc do |level )?([1-4])", plain(text))
            return int(found[1]) if found else ILLFORMED
        case Form.truth:
            return TRUTHS.get(plain(text), ILLFORMED)
    return WORDS.get(column.name, {}).get(plain(text)) or _token(text)


def _text(column: Column, cell: Any) -> str:
    """A cell as text. Spreadsheets take 1.000948 for a number; the code is made of it again."""
    if column.form is Form.procedure and isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return f"{cell // 10**6}.{cell % 10**6:06d}" if isinstance(cell, int) and 10**6 <= cell < 10**7 else \
            f"{cell:.6f}"
    return str(cell)


def _token(text: str) -> str:
    return text if _TOKEN.fullmatch(text) else ILLFORMED


def _moment(cell: Any, *, due: bool) -> str:
    """RFC 3339 with the zone; what is written without one is Vietnam's time."""
    if isinstance(cell, str) and re.fullmatch(r"[0-9]{5}(?:[.,][0-9]{1,12})?", cell.strip(), re.ASCII):
        cell = float(cell.strip().replace(",", "."))
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        if not math.isfinite(cell) or int(cell) not in SERIALS:
            return ILLFORMED
        cell = datetime(1899, 12, 30) + timedelta(seconds=round(cell * 86_400))
    if isinstance(cell, datetime):
        found: Written | None = Written(cell if cell.tzinfo else cell.replace(tzinfo=VN))
    elif isinstance(cell, date):
        found = Written(datetime.combine(cell, time.min, VN), alone=True)
    else:
        found = moments.read(str(cell))
    moment = None if found is None else moments.due(found) if due else moments.happened(found)
    if moment is None or moment.year < rows.EARLIEST.year:
        return ILLFORMED
    return moment.isoformat(timespec="seconds")


def _blank(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _shown(cell: Any) -> str:
    """A header as it may be shown: one line, not long."""
    text = " ".join("".join(c if c.isprintable() else " " for c in str(cell)).split())
    return text if len(text) <= LONGEST_NAME else text[:LONGEST_NAME - 1] + "…"
