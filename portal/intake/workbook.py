"""The cells of a file that nobody vouches for (CSV, XLSX, XLS, ODS, XLSB, HTML), and files for spreadsheets made here.

What a file is, its bytes say. Sizes are bounded before anything is unpacked; sizes in bytes. Pure, but for the process
that reads what openpyxl does not.
"""
import csv
import json
import re
import subprocess
import sys
import zipfile
import zlib
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from io import BytesIO, StringIO
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from portal.intake import html_table, old_workbook
from portal.kit.csv_lines import csv_lines

MIB = 1024 * 1024
MOST_BYTES = 10_000_000
MOST_MEMBERS, MOST_UNPACKED, MOST_RATIO = 1_000, 32 * MIB, 50
MOST_TAGS = 1_000_000  # memory is spent by the element, not by the byte
RATIO_COUNTS_FROM = 8 * MIB  # small sheets of one repeated word pack better than any bomb
MOST_COLUMNS = old_workbook.MOST_COLUMNS
MOST_SHEETS = old_workbook.MOST_SHEETS
READ_WITHIN_S = 30.0
DELIMITERS = (",", ";", "\t")
SPREADSHEETS = frozenset({".xlsx", ".xls", ".xlsb", ".ods"})  # what is saved under the name of another of them is read
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_PACKED = b"PK\x03\x04"
_STRICT = b"purl.oclc.org/ooxml"
_MARKUP = re.compile(rb"\s*<(?:!doctype\s+html|html|head|meta|table|\?xml[^>]*>\s*<(?:!doctype\s+html|html))", re.I)
_DECLARATION = re.compile(rb"<\0?!\0?(?:D|E)\0?(?:O|N)\0?(?:C|T)", re.I)  # DOCTYPE, ENTITY; also in UTF-16


class Unreadable(Exception):
    """The file cannot be read as a table. `reason`: empty | too_large | old | password | mismatch | encoding | broken |
    bomb | active | font | headers | twice | month_first | no_rows | too_many_rows. `line` and `fields` where they help
    to mend it."""

    def __init__(self, reason: str, *, line: int | None = None, fields: Sequence[str] = ()) -> None:
        super().__init__(reason)
        self.reason, self.line, self.fields = reason, line, tuple(fields)


class Line(NamedTuple):
    """A line of the table with its number in the file, from 1."""

    number: int
    cells: Sequence[Any]


def tables(content: bytes, ending: str) -> Iterator[Iterator[Line]]:
    """The lines of what may be the table: of each visible sheet, of the text under each delimiter. `ending`: of the
    file's name (".csv", ".txt" or one of SPREADSHEETS). Raises Unreadable."""
    match kind(content, ending):
        case "old":
            return _in_a_process(content, "old" if ending == ".xlsx" else "broken")
        case "workbook":
            return _of_workbook(content)
        case "other":
            return _in_a_process(content, "broken")
        case "markup":
            return iter([iter(Line(*each) for each in html_table.lines(_decoded(content), MOST_COLUMNS))])
    return of_text(content)


def kind(content: bytes, ending: str) -> str:
    """What a file is, by its bytes: old | workbook (.xlsx) | other (packed) | markup | text. What it unpacks to is
    bounded, and nothing in it acts. Raises Unreadable."""
    if not content:
        raise Unreadable("empty")
    if len(content) > MOST_BYTES:
        raise Unreadable("too_large")
    if content.startswith(_OLD_OFFICE):
        if _ENCRYPTED in content:
            raise Unreadable("password")
        return "old"
    if content.startswith(_PACKED):
        if ending not in SPREADSHEETS:
            raise Unreadable("mismatch")
        names = _prove(content)
        return "workbook" if "xl/workbook.xml" in names and not _is_strict(content) else "other"
    if ending == ".xls" and _MARKUP.match(_beginning(content)):
        return "markup"
    if ending in SPREADSHEETS:
        raise Unreadable("mismatch")
    return "text"


def of_text(content: bytes) -> Iterator[Iterator[Line]]:
    """The lines of a text under each delimiter. Raises Unreadable."""
    text = _decoded(content)
    return (_of_text(text, delimiter) for delimiter in DELIMITERS)


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


def _beginning(content: bytes) -> bytes:
    """The first letters without a byte order mark, in ASCII as far as they are."""
    if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return content[:1_000].decode("utf-16", "ignore").encode("ascii", "ignore")
    return content[:1_000].removeprefix(BOM_UTF8)


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


def _of_workbook(content: bytes) -> Iterator[Iterator[Line]]:
    import openpyxl

    try:
        book = openpyxl.load_workbook(BytesIO(content), read_only=True, data_only=True, keep_links=False)
        visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"][:MOST_SHEETS]
    except Exception:  # the reader raises whatever a broken part made it stumble over
        raise Unreadable("broken") from None
    if not visible:
        raise Unreadable("broken")
    return (_of_sheet(sheet) for sheet in visible)


def _of_sheet(sheet: Any) -> Iterator[Line]:
    try:
        sheet.reset_dimensions()  # what the file says of its size nobody checked
        for number, cells in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True), 1):
            yield Line(number, cells)
    except GeneratorExit:
        raise
    except Exception:
        raise Unreadable("broken") from None


def _in_a_process(content: bytes, broken: str) -> Iterator[Iterator[Line]]:
    """What the program of old_workbook.py reads."""
    rows = told_by(Path(old_workbook.__file__), content, broken)
    return iter([iter([Line(number, [plain_cell(cell) for cell in cells]) for _place, number, cells in sheet])
                 for _place, sheet in groupby(rows, lambda row: row[0])])


def told_by(program: Path, content: bytes, broken: str = "broken") -> Iterator[Any]:
    """What a program with limits of its own tells of a file, line by line; one that meets its limits read a bomb. Its
    last line is {"end": …} or {"refused": reason}. Raises Unreadable, of a file that is broken for the reason given."""
    try:
        done = subprocess.run([sys.executable, "-I", str(program)], input=content, capture_output=True,
                              timeout=READ_WITHIN_S, check=False)
    except subprocess.TimeoutExpired:
        raise Unreadable("bomb") from None
    told = done.stdout.splitlines()
    try:
        end = json.loads(told[-1]) if told else None
    except ValueError:
        end = None
    if not isinstance(end, dict):
        raise Unreadable("bomb")
    if "refused" in end:
        raise Unreadable(broken if end["refused"] == "broken" else str(end["refused"]))
    return (json.loads(line) for line in told[:-1])


def plain_cell(cell: Any) -> Any:
    """A cell as a program tells it; None where it is empty."""
    if not isinstance(cell, dict):
        return None if cell == "" else cell
    return datetime.fromisoformat(cell["d"]) if "T" in cell["d"] else date.fromisoformat(cell["d"])


def _is_strict(content: bytes) -> bool:
    with zipfile.ZipFile(BytesIO(content)) as packed:
        return _STRICT in packed.read("xl/workbook.xml")


def _prove(content: bytes) -> set[str]:
    """Bounded, whole, a workbook, and nothing in it that acts or declares entities. Returns the names of its parts."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as packed:
            members = packed.infolist()
            _prove_sizes(members, len(content))
            names = [member.filename for member in members]
            if not {"xl/workbook.xml", "[Content_Types].xml"} <= set(names) and "xl/workbook.bin" not in names and not (
                    "content.xml" in names and b"opendocument.spreadsheet" in packed.read("mimetype")):
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
                if _DECLARATION.search(part) and not member.filename.startswith("META-INF/"):
                    raise Unreadable("active")
            return set(names)
    except (zipfile.BadZipFile, KeyError, RuntimeError, EOFError, OSError, ValueError, zlib.error):
        raise Unreadable("broken") from None


def _prove_sizes(members: Sequence[zipfile.ZipInfo], packed: int) -> None:
    total = sum(member.file_size for member in members)
    if len(members) > MOST_MEMBERS or total > MOST_UNPACKED:
        raise Unreadable("bomb")
    if total > RATIO_COUNTS_FROM and total > MOST_RATIO * packed:
        raise Unreadable("bomb")
    if any(member.flag_bits & 1 for member in members):
        raise Unreadable("broken")
