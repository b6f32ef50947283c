"""A published report as a workbook: numbers as numbers, each with its unit, denominator, day and source."""
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from io import BytesIO
from typing import Any

from portal.kit.i18n import _, speaking
from portal.oversight.national.reading import Reading

LONGEST_NAME = 31  # of a sheet, says Excel
FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\", " "))
WIDEST = 60


def workbook(file: Mapping[str, Any], language: str) -> bytes:
    """A sheet that says what this is, one of the figures, one of what was worked out, one for each table."""
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    report = Reading(file["content"], language)
    with speaking(language):
        _sheet(book, _("About"), list(_about(file, report)))
        _sheet(book, _("Figures"), list(_figures(report)))
        _sheet(book, _("Worked out"), list(_derived(report)))
        for key, table in report.tables.items():
            _sheet(book, report.say(table["words"]), list(_table(report, key)))
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _about(file: Mapping[str, Any], report: Reading) -> Iterator[Sequence[Any]]:
    yield _("About"), report.title
    yield report.word("as_of"), date.fromisoformat(file["on"])
    yield report.word("edition"), file["edition"]
    yield report.word("published"), date.fromisoformat(file["published_at"][:10])
    yield _("Published by"), report.say(file["published_by"])
    if file["reason"]:
        yield report.word("correction"), file["reason"]
    yield "SHA-256", file["digest"]
    yield "", report.word("unofficial")
    for words, about in report.open:
        yield report.word("open"), f"{words} ({about})"
    for section in report.sections:
        if section.paragraph:
            yield section.title, section.paragraph


def _figures(report: Reading) -> Iterator[Sequence[Any]]:
    yield ("id", _("Indicator"), _("Of whom"), _("Value"), _("Unit"), _("Of how many"), _("Of every hundred"),
           _("As published"), _("Day"), _("Source"), _("How surely it was read"), _("Named"), report.word("fails"))
    for one in report.content["figures"]:
        line = report.line(one["id"])
        yield (one["id"], line.indicator, line.group, _number(one["value"]), line.unit, one["denominator"],
               _number(line.share_exact) if line.share_exact else None, one["as_published"],
               date.fromisoformat(one["on"]), one["source"], one["confidence"], "; ".join(one["names"]),
               "; ".join(line.failed))


def _derived(report: Reading) -> Iterator[Sequence[Any]]:
    yield ("id", _("Indicator"), _("Of whom"), _("Rule"), _("From"), _("Result"), _("Unit"), _("Closes"))
    for one in report.content["derived"]:
        figure = report.figures[one["of"]]
        closes = None if "agrees" not in one else _("yes") if one["agrees"] else _("no")
        yield (one["id"], report.say(figure["words"]), report.say(figure["group_words"]), one["rule"],
               ", ".join(one["from"]), _number(one["result"]),
               "%" if one["unit"] == "percent" else report.word("points") if one["unit"] == "points"
               else report.say(figure["unit_words"]), closes)


def _table(report: Reading, key: str) -> Iterator[Sequence[Any]]:
    table = report.tables[key]
    columns = table["columns"]
    yield [report.say(column["words"]) for column in columns]
    for row in table["rows"]:
        yield [_cell(report, column, row[column["key"]]) for column in columns]
    if table["totals"]:
        yield [report.word("total"), *(_cell(report, column, table["totals"].get(column["key"]))
                                       for column in columns[1:])]
    yield []
    yield [report.word("source"), report.say(table["source"])]
    for pick in table["picks"]:
        yield [report.say(pick["words"]), len(pick["names"]), "; ".join(pick["names"])]


def _cell(report: Reading, column: Mapping[str, Any], cell: Any) -> Any:
    unit = column.get("unit")
    if cell is None or isinstance(cell, int):
        return cell
    if unit == "day":
        return date.fromisoformat(cell)
    if unit in ("percent", "decimal", "signed"):
        return _number(cell)
    return report.cell(column, cell)


def _number(text: str) -> Any:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    return int(number) if number == number.to_integral_value() else float(number)


def _sheet(book: Any, title: str, rows: Sequence[Sequence[Any]]) -> None:
    """Text is never a formula, whatever it begins with."""
    from openpyxl.styles import Alignment, Font

    sheet = book.create_sheet(_name(book, title))
    widths: dict[int, int] = {}
    for n, row in enumerate(rows, 1):
        for place, value in enumerate(row, 1):
            cell = sheet.cell(n, place)
            cell.value = value
            if isinstance(value, str):
                cell.data_type = "s"
                cell.alignment = Alignment(wrap_text=True, vertical="top")
            elif isinstance(value, date):
                cell.number_format = "dd/mm/yyyy"
            widths[place] = min(WIDEST, max(widths.get(place, 10), len(str(value or "")) + 2))
    for place, width in widths.items():
        sheet.column_dimensions[sheet.cell(1, place).column_letter].width = width
    if rows and sheet.title != book.worksheets[0].title:
        sheet.freeze_panes = "B2"
        for cell in sheet[1]:
            cell.font = Font(bold=True)


def _name(book: Any, title: str) -> str:
    """A name that no other sheet has, as short as Excel asks."""
    plain = " ".join(title.translate(FORBIDDEN).split())[:LONGEST_NAME] or "-"
    taken = {name.lower() for name in book.sheetnames}
    n, name = 1, plain
    while name.lower() in taken:
        n += 1
        name = f"{plain[:LONGEST_NAME - 3]} {n}"
    return name
