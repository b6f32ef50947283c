"""The program that reads spreadsheets of other kinds than .xlsx (.xls, .ods, .xlsb, the strict .xlsx) for workbook.py.

It is a process of its own with limits of memory, processor and file size: the library reads a sheet as one block, and a
file says itself how large that is. The file comes in at stdin; each line that goes out is the list [place of the sheet,
number of the line, cells], a date as {"d": ISO 8601}; the last is {"end": true} or {"refused": reason}.
"""
import json
import resource
import sys
from datetime import date, datetime, time, timedelta
from io import BytesIO

MEMORY, CPU_S = 1_500_000_000, 20
MOST_SHEETS, MOST_LINES, MOST_COLUMNS, LONGEST = 20, 10_000, 100, 2_000


def main() -> None:
    for what, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, CPU_S), (resource.RLIMIT_CORE, 0),
                       (resource.RLIMIT_FSIZE, 0)):
        resource.setrlimit(what, (most, most))
    from python_calamine import CalamineWorkbook, PasswordError, SheetVisibleEnum  # noqa: PLC0415 – under the limits

    try:
        book = CalamineWorkbook.from_filelike(BytesIO(sys.stdin.buffer.read()))
        places = [n for n, sheet in enumerate(book.sheets_metadata) if sheet.visible == SheetVisibleEnum.Visible]
        for place in places[:MOST_SHEETS]:
            _tell(place, book.get_sheet_by_index(place))
        said: dict[str, object] = {"end": True}
    except PasswordError:
        said = {"refused": "password"}
    except Exception:  # the library raises whatever a broken part made it stumble over
        said = {"refused": "broken"}
    print(json.dumps(said), flush=True)


def _tell(place: int, sheet: object) -> None:
    first = sheet.start[0] + 1 if sheet.start else 1  # type: ignore[attr-defined]
    left = sheet.start[1] if sheet.start else 0  # type: ignore[attr-defined]
    for n, row in enumerate(sheet.iter_rows()):  # type: ignore[attr-defined]
        if n >= MOST_LINES:
            return
        cells = [None] * min(left, MOST_COLUMNS) + [_plain(cell) for cell in row[:MOST_COLUMNS]]
        if any(cell not in (None, "") for cell in cells):
            print(json.dumps([place, n + first, cells[:MOST_COLUMNS]]))


def _plain(cell: object) -> object:
    if isinstance(cell, (datetime, date)):
        return {"d": cell.isoformat()}
    if isinstance(cell, (time, timedelta)):
        return str(cell)
    return cell[:LONGEST] if isinstance(cell, str) else cell


if __name__ == "__main__":
    main()
