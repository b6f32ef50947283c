"""The program that reads a spreadsheet for tables.py with all that makes its cells doubtful: merged ranges, formulas
that nobody worked out, what is hidden.

It is a process of its own with limits of memory, processor and file size, for the libraries read a sheet as one block,
and a file says itself how large that is. The file comes in at stdin. Each line that goes out is an object: {"hidden":
name} for a sheet that is not read, {"beyond": name} for one after so many others; {"sheet": name, "merged": [[first
row, first column, last row, last column]], "rows": [hidden], "columns": [hidden], "since": the year from which the
workbook counts its days, "more": whether lines stand below those that are read, "past": [row, column] of the first cell
beside them} and after it {"n": number, "cells": [...]} for each line of that sheet, rows and columns from 1, a date as
{"d": ISO 8601}, a formula without its value as {"f": true}, an error as {"e": "#REF!"}, a share as the sheet shows it:
"94%". The last is {"end": true} or {"refused": reason}.
"""
import json
import math
import re
import resource
import sys
from collections import defaultdict
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

MEMORY, CPU_S = 1_500_000_000, 20
MOST_SHEETS, MOST_LINES, MOST_COLUMNS, LONGEST, MOST_RANGES = 20, 10_000, 100, 6_000, 1_000
_AS_WRITTEN = re.compile(r'"[^"]*"|\\.')  # of a number's format: what is shown as it stands
TOLD: list[dict[str, Any]] = []  # kept until all is read: what is refused tells nothing else


def main() -> None:
    for what, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, CPU_S), (resource.RLIMIT_CORE, 0),
                       (resource.RLIMIT_FSIZE, 0)):
        resource.setrlimit(what, (most, most))
    content = sys.stdin.buffer.read()
    try:
        try:
            (_workbook if b"xl/workbook.xml" in content else _other)(content)
        except (KeyError, ValueError, TypeError):  # what openpyxl does not know, such as the strict form
            TOLD.clear()
            _other(content)
        said: dict[str, Any] = {"end": True}
    except Exception as error:  # a library raises whatever a broken part made it stumble over
        said = {"refused": "password" if type(error).__name__ == "PasswordError" else "broken"}
    for each in (*TOLD, said):
        print(json.dumps(each))


def _workbook(content: bytes) -> None:
    """A workbook of today: once with the values, once with the formulas."""
    import openpyxl

    values = openpyxl.load_workbook(BytesIO(content), data_only=True, keep_links=False)
    if not values.worksheets:
        raise KeyError("no sheet")
    formulas = openpyxl.load_workbook(BytesIO(content), keep_links=False)
    since = 1904 if values.epoch.year == 1904 else 1900
    for sheet in values.worksheets[:MOST_SHEETS]:
        if sheet.sheet_state != "visible":
            _say({"hidden": sheet.title})
            continue
        lines = _filled(sheet, formulas[sheet.title])
        _say({"sheet": sheet.title, "merged": [[one.min_row, one.min_col, one.max_row, one.max_col]
                                               for one in sorted(sheet.merged_cells.ranges, key=lambda r: r.bounds)
                                               ][:MOST_RANGES],
              "rows": [n for n, row in sheet.row_dimensions.items() if row.hidden][:MOST_LINES],
              "columns": _hidden_columns(sheet), "since": since, "more": max(lines, default=0) > MOST_LINES,
              "past": next(([n, max(lines[n])] for n in sorted(lines) if max(lines[n]) > MOST_COLUMNS), None)})
        for n in sorted(lines):
            if n <= MOST_LINES:
                _row(n, [lines[n].get(column) for column in range(1, min(max(lines[n]), MOST_COLUMNS) + 1)])
    for sheet in values.worksheets[MOST_SHEETS:]:
        _say({"beyond": sheet.title})


def _filled(sheet: Any, asked: Any) -> dict[int, dict[int, Any]]:
    """The cells in which something stands, by row and column. A sheet that was coloured to its end has a million rows
    and nothing in them: only the cells that the file names are looked at."""
    found: dict[int, dict[int, Any]] = defaultdict(dict)
    for (row, column), cell in asked._cells.items():
        if cell.value is not None:
            found[row][column] = _of(sheet.cell(row, column), cell.data_type == "f")
    return {row: cells for row, cells in found.items() if any(cell not in (None, "") for cell in cells.values())}


def _hidden_columns(sheet: Any) -> list[int]:
    found = [n for one in sheet.column_dimensions.values() if one.hidden
             for n in range(one.min or 1, min(one.max or 0, MOST_COLUMNS) + 1)]
    return sorted(found)


def _of(cell: Any, is_formula: bool) -> Any:
    if cell.data_type == "e":
        return {"e": str(cell.value)}
    if cell.value is None:
        return {"f": True} if is_formula else None
    if type(cell.value) in (int, float) and "%" in _AS_WRITTEN.sub("", cell.number_format or ""):
        return _share(cell.value)
    return _plain(cell.value)


def _share(value: float) -> Any:
    """0.94 in a cell that shows shares is 94 %, and whoever reads it must not take it for 0.94 of a hundred."""
    return f"{(Decimal(f'{value:.15g}') * 100).normalize():f}%" if math.isfinite(value) else _plain(value)


def _other(content: bytes) -> None:
    """The other kinds. Of hidden rows and formulas these files tell nothing here: values come as they were saved."""
    from python_calamine import CalamineWorkbook, SheetVisibleEnum  # noqa: PLC0415 – under the limits

    book = CalamineWorkbook.from_filelike(BytesIO(content))
    for place, about in enumerate(book.sheets_metadata[:MOST_SHEETS]):
        if about.visible != SheetVisibleEnum.Visible:
            _say({"hidden": about.name})
            continue
        sheet = book.get_sheet_by_index(place)
        ranges = [[a[0] + 1, a[1] + 1, b[0] + 1, b[1] + 1] for a, b in sheet.merged_cell_ranges or []]
        told: dict[str, Any] = {"sheet": about.name, "merged": ranges[:MOST_RANGES], "rows": [], "columns": []}
        _say(told)
        first, left = (sheet.start[0] + 1, sheet.start[1]) if sheet.start else (1, 0)
        for n, row in enumerate(sheet.iter_rows()):
            if n >= MOST_LINES:
                told["more"] = True
                break
            _row(n + first, ([None] * min(left, MOST_COLUMNS) + [_plain(cell) for cell in row])[:MOST_COLUMNS])


def _row(number: int, cells: list[Any]) -> None:
    while cells and cells[-1] in (None, ""):
        cells.pop()
    if cells:
        _say({"n": number, "cells": cells})


def _plain(cell: Any) -> Any:
    if isinstance(cell, (datetime, date)):
        return {"d": cell.isoformat()}
    if isinstance(cell, (time, timedelta)):
        return str(cell)
    if isinstance(cell, float) and not math.isfinite(cell):  # programs write it; spreadsheets know no such number
        return {"e": "#NUM!"}
    return cell[:LONGEST] if isinstance(cell, str) else cell


def _say(what: dict[str, Any]) -> None:
    TOLD.append(what)


if __name__ == "__main__":
    main()
