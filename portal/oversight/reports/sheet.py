"""The approved values of a period as a table: for CSV with stable keys, for a workbook with words too. No cell is a
formula."""
from collections.abc import Sequence
from io import BytesIO

from portal.kit.clock import day_of
from portal.kit.csv_lines import csv_lines, tame
from portal.kit.i18n import say
from portal.oversight.models import ReportPeriod
from portal.oversight.periods import called
from portal.oversight.reports.comparing import Field, Said

FIRST = ("agency", "name", "approved_on")
WIDTHS = (12, 40, 14)


def as_csv(fields: Sequence[Field], rows: Sequence[Said]) -> str:
    """A line for each agency; the header has the keys of the fields."""
    return "".join(csv_lines([(*FIRST, *(one.key for one in fields)), *_lines(fields, rows)]))


def as_workbook(period: ReportPeriod, fields: Sequence[Field], rows: Sequence[Said], words: Sequence[str],
                about: Sequence[tuple[str, str]], titles: tuple[str, str]) -> bytes:
    """The same in a workbook: `words` over the first columns, then the label of each field, under them the keys; a
    second sheet says what it is (`about`). `titles`: of both sheets."""
    import openpyxl  # heavy, and asked for seldom

    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = titles[0][:31]
    sheet.append([tame(one) for one in (*words, *(say(one.words) for one in fields))])
    sheet.append([*FIRST, *(one.key for one in fields)])
    for line in _lines(fields, rows):
        sheet.append([tame(cell) for cell in line])
    sheet.freeze_panes = "C3"
    for cell in sheet[1]:
        cell.font = openpyxl.styles.Font(bold=True)
        cell.alignment = openpyxl.styles.Alignment(wrap_text=True, vertical="top")
        width = WIDTHS[cell.column - 1] if cell.column <= len(WIDTHS) else 18
        sheet.column_dimensions[cell.column_letter].width = width
    notes = book.create_sheet(titles[1][:31])
    for key, value in about:
        notes.append([tame(key), tame(value)])
    notes.column_dimensions["A"].width, notes.column_dimensions["B"].width = 28, 90
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def file_name(period: ReportPeriod, ending: str) -> str:
    """Such as nq36a_quarter-2026-Q3.xlsx."""
    return f"{period.template_key}-{period.period}.{ending}"


def title_of(period: ReportPeriod) -> str:
    """In the reader's language."""
    return f"{say(period.template.title)}, {say(called(period.period))}"


def _lines(fields: Sequence[Field], rows: Sequence[Said]) -> list[list[str | int | None]]:
    return [[one.key, one.name, day_of(one.approved_at).isoformat() if one.approved_at else None,
             *(one.values[field.key] for field in fields)] for one in rows]
