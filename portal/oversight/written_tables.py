"""Workbooks for people to fill in, and what was wrong in theirs, beside each cell. Pure."""
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any, NamedTuple

from portal.oversight.tables import letter


class Page(NamedTuple):
    """A sheet to be made. `notes`: (row, column) from 1 → what is said beside that cell."""

    title: str
    rows: Sequence[Sequence[Any]]
    notes: Mapping[tuple[int, int], str] = {}


def as_workbook(pages: Sequence[Page]) -> bytes:
    """A workbook of these sheets, the first line of each in bold; no cell is a formula. Cells with a note are marked in
    colour and carry it as a comment."""
    import openpyxl
    from openpyxl.comments import Comment

    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    marked = openpyxl.styles.PatternFill("solid", fgColor="FFF2CC")
    for page in pages:
        sheet = book.create_sheet(page.title)
        sheet.freeze_panes = "A2"
        for n, row in enumerate(page.rows, 1):
            for column, value in enumerate(row, 1):
                cell = sheet.cell(n, column, None if value == "" else value)
                if isinstance(value, str):
                    cell.data_type = "s"
                    cell.number_format = "@"
                cell.alignment = openpyxl.styles.Alignment(wrap_text=True, vertical="top")
                if n == 1:
                    cell.font = openpyxl.styles.Font(bold=True)
                if (n, column) in page.notes:
                    cell.fill, cell.comment = marked, Comment(page.notes[n, column], "")
        for column in range(1, max(map(len, page.rows), default=0) + 1):
            sheet.column_dimensions[letter(column)].width = 24
    out = BytesIO()
    book.save(out)
    return out.getvalue()
