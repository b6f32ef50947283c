"""The cells of a CSV or XLSX file that nobody vouches for, and files for spreadsheets made here. Pure.

What a file is, its bytes say. Sizes are bounded before anything is unpacked; sizes in bytes.
"""
import csv
import re
import zipfile
import zlib
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator, Sequence
from io import BytesIO, StringIO
from typing import Any, NamedTuple

from portal.kit.csv_lines import csv_lines

MIB = 1024 * 1024
MOST_BYTES = 10_000_000
MOST_MEMBERS, MOST_UNPACKED, MOST_RATIO = 1_000, 32 * MIB, 50
MOST_TAGS = 1_000_000  # memory is spent by the element, not by the byte
RATIO_COUNTS_FROM = 8 * MIB  # small sheets of one repeated word pack better than any bomb
MOST_COLUMNS = 100
DELIMITERS = (",", ";", "\t")
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_PACKED = b"PK\x03\x04"
_DECLARATION = re.compile(rb"<\0?!\0?(?:D|E)\0?(?:O|N)\0?(?:C|T)", re.I)  # DOCTYPE, ENTITY; also in UTF-16


class Unreadable(Exception):
    """The file cannot be read as a table. `reason`: empty | too_large | old | mismatch | encoding | broken | bomb |
    active | headers | twice | no_rows | too_many_rows. `line` and `fields` where they help to mend it."""

    def __init__(self, reason: str, *, line: int | None = None, fields: Sequence[str] = ()) -> None:
        super().__init__(reason)
        self.reason, self.line, self.fields = reason, line, tuple(fields)


class Line(NamedTuple):
    """A line of the table with its number in the file, from 1."""

    number: int
    cells: Sequence[Any]


def lines(content: bytes, ending: str, delimiter: str = ",") -> Iterator[Line]:
    """The lines of a file whose name ends in `ending` (".csv", ".txt" or ".xlsx"). Raises Unreadable."""
    if not content:
        raise Unreadable("empty")
    if len(content) > MOST_BYTES:
        raise Unreadable("too_large")
    if content.startswith(_OLD_OFFICE):
        raise Unreadable("old")
    if content.startswith(_PACKED) != (ending == ".xlsx"):
        raise Unreadable("mismatch")
    return _of_workbook(content) if ending == ".xlsx" else _of_text(_decoded(content), delimiter)


def delimiters(ending: str) -> Sequence[str]:
    """What may stand between the cells: all are tried, the one under which the columns have known names counts."""
    return DELIMITERS[:1] if ending == ".xlsx" else DELIMITERS


def as_csv(table: Sequence[Sequence[Any]], delimiter: str = ",") -> str:
    """A CSV that Excel opens as UTF-8 and in which no cell is a formula."""
    return "".join(csv_lines(table, delimiter))


def as_workbook(title: str, headers: Sequence[str], formats: Sequence[str], notes: Sequence[Sequence[str]],
                notes_title: str) -> bytes:
    """An empty sheet with headers; each column's cells have a format; a second sheet says what belongs where."""
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = title
    sheet.append(list(headers))
    sheet.freeze_panes = "A2"
    for cell, cell_format in zip(sheet[1], formats, strict=True):
        column = sheet.column_dimensions[cell.column_letter]
        column.number_format, column.width = cell_format, 24
        cell.data_type = "s"
        cell.font = openpyxl.styles.Font(bold=True)
    said = book.create_sheet(notes_title)
    for row, note in enumerate(notes, 1):
        for place, text in enumerate(note, 1):
            said.cell(row, place, text).data_type = "s"
    for letter, width in (("A", 28), ("B", 12), ("C", 90)):
        said.column_dimensions[letter].width = width
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _decoded(content: bytes) -> str:
    try:
        text = content.decode("utf-16" if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else "utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable("encoding") from None
    if "\0" in text:
        raise Unreadable("mismatch")
    return text


def _of_text(text: str, delimiter: str) -> Iterator[Line]:
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    last = 0
    try:
        for cells in reader:
            yield Line(last + 1, cells[:MOST_COLUMNS])
            last = reader.line_num
    except csv.Error:
        raise Unreadable("broken", line=last + 1) from None


def _of_workbook(content: bytes) -> Iterator[Line]:
    import openpyxl

    _prove(content)
    try:
        book = openpyxl.load_workbook(BytesIO(content), read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what the file says of its size nobody checked
        for number, cells in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True), 1):
            yield Line(number, cells)
        book.close()
    except GeneratorExit:
        raise
    except Exception:  # the reader raises whatever a broken part made it stumble over
        raise Unreadable("broken") from None


def _prove(content: bytes) -> None:
    """Bounded, whole, a workbook, and nothing in it that acts or declares entities."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as packed:
            members = packed.infolist()
            _prove_sizes(members, len(content))
            names = [member.filename for member in members]
            if "xl/workbook.xml" not in names or "[Content_Types].xml" not in names:
                raise Unreadable("mismatch")
            if len(set(names)) != len(names):
                raise Unreadable("broken")
            if any(name.endswith(("vbaProject.bin", ".exe", ".dll")) for name in names):
                raise Unreadable("active")
            tags = 0
            for member in members:
                part = packed.read(member)
                tags += part.count(b"<")
                if tags > MOST_TAGS:
                    raise Unreadable("bomb")
                if _DECLARATION.search(part):
                    raise Unreadable("active")
    except (zipfile.BadZipFile, RuntimeError, EOFError, OSError, ValueError, zlib.error):
        raise Unreadable("broken") from None


def _prove_sizes(members: Sequence[zipfile.ZipInfo], packed: int) -> None:
    total = sum(member.file_size for member in members)
    if len(members) > MOST_MEMBERS or total > MOST_UNPACKED:
        raise Unreadable("bomb")
    if total > RATIO_COUNTS_FROM and total > MOST_RATIO * packed:
        raise Unreadable("bomb")
    if any(member.flag_bits & 1 for member in members):
        raise Unreadable("broken")
