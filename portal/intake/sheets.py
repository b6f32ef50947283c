"""A table that an agency without an API hands in: its columns by name, its cells as the feed takes them. Pure.

Only the columns named here are read; every other one, a name, a number of a person, is dropped with the line it
stood in. A cell that has not its column's form becomes ILLFORMED, and the feed then says what is wrong with it.
"""
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from itertools import islice
from typing import Any

from portal.intake import rows, workbook
from portal.intake.fields import ILLFORMED as ILLFORMED
from portal.intake.workbook import Line, Unreadable
from portal.kit import moments
from portal.kit.clock import VN
from portal.kit.moments import Written
from portal.kit.text import fold
from portal.law import codes, statuses
from portal.law.statuses import Status

MOST_ROWS = 5_000
MOST_BLANK = 2_000  # blank lines before the table is taken to have ended
HEADERS_WITHIN = 10  # lines in which the headers are looked for: exports carry a title above
LONGEST_NAME = 40


class Form(StrEnum):
    """What stands in a column."""

    code = "code"
    procedure = "procedure"
    status = "status"
    moment = "moment"
    due = "due"
    number = "number"
    level = "level"
    word = "word"
    truth = "truth"


@dataclass(frozen=True)
class Column:
    """A column: the name of the feed's field, its header in two languages, what else it is called."""

    name: str
    form: Form
    header: Mapping[str, str]
    also: tuple[str, ...] = ()
    required: bool = False

    @property
    def called(self) -> frozenset[str]:
        """Every header under which the column is known, folded."""
        return frozenset(_plain(word) for word in (self.name, *self.header.values(), *self.also))


def _column(name: str, form: Form, vi: str, en: str, *also: str, required: bool = False) -> Column:
    return Column(name, form, {"vi": vi, "en": en}, also, required)


COLUMNS = (
    _column("code", Form.code, "Mã hồ sơ", "Dossier code", "Số hồ sơ", "Mã số hồ sơ", "MaHoSo", "SoHoSo",
            required=True),
    _column("procedure", Form.procedure, "Mã thủ tục", "Procedure code", "Mã TTHC", "Mã thủ tục hành chính",
            "MaTTHC", required=True),
    _column("status", Form.status, "Trạng thái", "Status", "Trạng thái hồ sơ", "Tình trạng", "Tình trạng hồ sơ",
            "TrangThaiHoSo", required=True),
    _column("at", Form.moment, "Thời điểm cập nhật", "Status since", "Ngày cập nhật", "Thời gian cập nhật",
            "Thời điểm", required=True),
    _column("sequence", Form.number, "Thứ tự cập nhật", "Order of updates"),
    _column("agency", Form.word, "Mã cơ quan", "Agency code", "Mã đơn vị", "MaDonVi"),
    _column("submitted_at", Form.moment, "Ngày nộp", "Handed in on", "Ngày nộp hồ sơ", "Thời điểm nộp"),
    _column("received_at", Form.moment, "Ngày tiếp nhận", "Accepted on", "Thời điểm tiếp nhận", "NgayTiepNhan"),
    _column("due_at", Form.due, "Ngày hẹn trả", "Due on", "Hẹn trả", "Hạn trả", "Ngày hẹn trả kết quả", "NgayHenTra"),
    _column("finished_at", Form.moment, "Ngày xử lý xong", "Finished on", "Ngày có kết quả", "Ngày kết thúc xử lý",
            "NgayKetThucXuLy"),
    _column("channel", Form.word, "Hình thức nộp", "Handed in by", "Kênh tiếp nhận", "Kênh nộp"),
    _column("level", Form.level, "Mức độ", "Level", "Mức độ dịch vụ"),
    _column("reason", Form.word, "Mã lý do", "Reason code"),
    _column("apology", Form.truth, "Đã xin lỗi", "Apology"),
    _column("new_due_at", Form.due, "Ngày hẹn trả mới", "New due day", "Hẹn lại", "Ngày hẹn lại"),
    _column("correction", Form.truth, "Đính chính", "Correction"),
    _column("step_due_at", Form.due, "Hạn của bước", "Step due on", "NgayKetThucTheoQuyDinh"),
)
# folded words → what the feed calls them: both languages of the national list, and what offices write for two of them
STATUSES = {fold(words): int(status) for names in (statuses.NATIONAL_NAMES, statuses.WORDS)
            for status, words in names.items()} | {
    "da tiep nhan": int(Status.received), "yeu cau bo sung": int(Status.supplement)}
WORDS: Mapping[str, Mapping[str, str]] = {
    "channel": {"truc tuyen": "online", "online": "online", "truc tiep": "counter", "counter": "counter",
                "mot cua": "counter", "buu chinh": "post", "buu dien": "post", "post": "post"},
    "reason": {"thieu giay to": "missing_papers", "papers are missing": "missing_papers",
               "nghia vu tai chinh": "payment", "a payment is due": "payment",
               "cho co quan khac": "other_agency", "another agency must answer": "other_agency",
               "ly do phap ly": "legal", "phap ly": "legal", "a legal reason": "legal",
               "theo de nghi cua nguoi nop": "applicant", "nguoi nop": "applicant",
               "at the applicant s wish": "applicant", "ly do khac": "other", "khac": "other",
               "another reason": "other"},
}
TRUTHS = {"co": True, "x": True, "yes": True, "true": True, "1": True,
          "khong": False, "no": False, "false": False, "0": False}
_TOKEN = re.compile(r"(?!.*\d{9})[A-Za-z0-9._-]{1,60}", re.ASCII)


@dataclass(frozen=True)
class Sheet:
    """What was read: rows as the feed takes them, their lines in the file, the headers as the file writes them.

    `not_kept`: (place of the column from 1, header) of everything dropped; it is shown once and kept nowhere.
    """

    rows: list[dict[str, Any]]
    lines: list[int]
    headers: dict[str, str]
    not_kept: list[tuple[int, str]]


def _plain(header: Any) -> str:
    return re.sub(r"[\W_]+", " ", fold(str(header))).strip()


_BY_HEADER = {called: column for column in COLUMNS for called in column.called}


def read(content: bytes, ending: str) -> Sheet:
    """The table in a file whose name ends in `ending`, .csv or .xlsx. Raises Unreadable."""
    found = [table for delimiter in workbook.delimiters(ending)
             if (table := _table(workbook.lines(content, ending, delimiter)))]
    if not found:
        raise Unreadable("headers", fields=[column.name for column in COLUMNS if column.required])
    header, below = max(found, key=lambda table: _known(table[0]))
    columns = _columns(header)
    read_, numbers = _rows(below, columns)
    return Sheet(read_, numbers, {column.name: _shown(header.cells[place]) for place, column in columns.items()},
                 [(place + 1, _shown(cell)) for place, cell in enumerate(header.cells)
                  if place not in columns and not _blank(cell)])


def _table(lines: Iterator[Line]) -> tuple[Line, Iterator[Line]] | None:
    """The line with the most known headers among the first, and what follows it; None where none is known."""
    first: list[Line] = []
    broken: Unreadable | None = None
    try:
        first += islice(lines, HEADERS_WITHIN)
    except Unreadable as error:
        if error.line is None:
            raise
        broken = error  # perhaps only under a delimiter that is not the file's
    header = max(first, key=_known, default=None)
    if header is None or not _known(header):
        return None
    return header, _below(first[first.index(header) + 1:], broken, lines)


def _below(first: Sequence[Line], broken: Unreadable | None, rest: Iterator[Line]) -> Iterator[Line]:
    yield from first
    if broken:
        raise broken
    yield from rest


def _known(line: Line) -> int:
    return sum(_plain(cell) in _BY_HEADER for cell in line.cells if isinstance(cell, str))


def _columns(header: Line) -> dict[int, Column]:
    """Place → column. Raises Unreadable where a needed one is missing or one stands there twice."""
    columns = {place: _BY_HEADER[_plain(cell)] for place, cell in enumerate(header.cells)
               if isinstance(cell, str) and _plain(cell) in _BY_HEADER}
    names = [column.name for column in columns.values()]
    if missing := [column.name for column in COLUMNS if column.required and column.name not in names]:
        raise Unreadable("headers", line=header.number, fields=missing)
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise Unreadable("twice", line=header.number, fields=twice)
    return columns


def _rows(lines: Iterator[Line], columns: Mapping[int, Column]) -> tuple[list[dict[str, Any]], list[int]]:
    found: list[dict[str, Any]] = []
    numbers: list[int] = []
    blank = 0
    for line in lines:
        if all(_blank(line.cells[place]) for place in columns if place < len(line.cells)):
            blank += 1
            if blank > MOST_BLANK:
                break
            continue
        if len(found) == MOST_ROWS:
            raise Unreadable("too_many_rows")
        blank = 0
        found.append(_row(line.cells, columns))
        numbers.append(line.number)
    if not found:
        raise Unreadable("no_rows")
    return found, numbers


def _row(cells: Sequence[Any], columns: Mapping[int, Column]) -> dict[str, Any]:
    return {column.name: value(column, cells[place]) for place, column in columns.items()
            if place < len(cells) and not _blank(cells[place])}


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
            return STATUSES.get(_plain(text)) or rows.status_word(text) or ILLFORMED
        case Form.number:
            return int(text) if re.fullmatch(r"[0-9]{1,10}", text) else ILLFORMED
        case Form.level:
            found = re.fullmatch(r"(?:muc do |level )?([1-4])", _plain(text))
            return int(found[1]) if found else ILLFORMED
        case Form.truth:
            return TRUTHS.get(_plain(text), ILLFORMED)
    return WORDS.get(column.name, {}).get(_plain(text)) or _token(text)


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
