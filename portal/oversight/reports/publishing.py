"""What an approved report says becomes published figures: of its agency, on the last day of its period, by its word.

A report that is approved again after it was opened publishes further figures with a source of their own: what was said
before stays to be read. Nothing here commits."""
from typing import Any

from portal.kit.db import session
from portal.oversight.models import PublishedFigure, Report
from portal.oversight.periods import called
from portal.oversight.reports import queries
from portal.oversight.reports.templates import Template

LONGEST_SOURCE = 300


def publish(report: Report, template: Template, edition: int) -> list[dict[str, Any]]:
    """A row for each figure of the template that is answered; returns what the event of the approval keeps of them.
    `edition`: how often the report was approved, this time counted."""
    said, source = dict(template.application(report.answers).answers_to_send), source_of(report, edition)
    found = []
    for figure in template.figures:
        value = queries.number(said, figure.field)
        if value is None:
            continue
        denominator = queries.number(said, figure.denominator) if figure.denominator else None
        found.append(PublishedFigure(
            indicator=figure.key(report.period.template_key), group=report.agency.key, on=report.period.last_day,
            value=str(value), as_published=_written(value, denominator), denominator=denominator or None,
            source=source, confidence="H"))
    session.add_all(found)
    session.flush()
    return [{"indicator": one.indicator, "value": one.value, "denominator": one.denominator} for one in found]


def source_of(report: Report, edition: int) -> str:
    """Whose word a figure is: "Báo cáo …, quý IV năm 2026 – Thành phố Đà Nẵng", and which correction."""
    corrected = f" (điều chỉnh lần {edition - 1})" if edition > 1 else ""
    whose = f", {called(report.period.period)['vi']} – {report.agency.name}{corrected}"
    return f"{report.period.template.title['vi'][:LONGEST_SOURCE - len(whose)]}{whose}"


def _written(value: int, denominator: int | None) -> str:
    """As Vietnamese reports write it: 1.102, 19/30."""
    whole = f"{value:,}".replace(",", ".")
    return f"{whole}/{denominator:,}".replace(",", ".") if denominator else whole
