"""Reports of a period beside each other, and its approved values to take along."""
from typing import Any

from flask import Response, abort, render_template, request

from portal.kit import clock
from portal.kit.i18n import _, short_day
from portal.oversight.models import ReportPeriod
from portal.oversight.periods import called
from portal.oversight.reporting import REPORT_LOOKS, REPORT_WORDS
from portal.oversight.reports import comparing, deliveries, sheet, templates
from portal.oversight.reports.comparing import Field, Said
from portal.web.government import bp
from portal.web.government.oversight.periods import ONE
from portal.web.guard import permission

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get(f"{ONE}/compare")
@permission("report.watch")
def compare_reports(period_id: int) -> Any:
    """One field across the agencies, and what two reports of the same days tell differently."""
    period = _period(period_id)
    fields = _fields(period)
    chosen = next((one for one in fields if one.key == request.args.get("field")), next(iter(fields), None))
    rows = comparing.said(period, [chosen]) if chosen else []
    return render_template(
        "government/oversight/compare.html", period=period, fields=fields, chosen=chosen, called=called,
        rows=sorted(rows, key=lambda one: _size(one, chosen)), pairs=comparing.pairs(period), words=REPORT_WORDS,
        looks=REPORT_LOOKS)


@bp.get(f"{ONE}.csv")
@permission("report.watch")
def period_table(period_id: int) -> Response:
    """The approved values of a period as a table."""
    period = _period(period_id)
    fields = _fields(period)
    return _file(sheet.as_csv(fields, comparing.said(period, fields, approved=True)), "text/csv", period, "csv")


@bp.get(f"{ONE}.xlsx")
@permission("report.watch")
def period_workbook(period_id: int) -> Response:
    """The same as a workbook."""
    period = _period(period_id)
    fields = _fields(period)
    rows = comparing.said(period, fields, approved=True)
    words = (_("Code"), _("Agency"), _("Approved on"))
    return _file(sheet.as_workbook(period, fields, rows, words, _about(period, rows), (_("Values"), _("About it"))),
                 XLSX, period, "xlsx")


def _about(period: ReportPeriod, rows: list[Said]) -> list[tuple[str, str]]:
    template = period.template
    return [(_("Report"), sheet.title_of(period)), (_("Version"), str(template.version)),
            (_("Source"), template.source), (_("Days that it speaks of"),
             f"{short_day(period.first_day)} – {short_day(period.last_day)}"),
            (_("To be delivered by"), short_day(period.due_on)),
            (_("Approved reports"), str(len(rows))), (_("Taken on"), short_day(clock.now())),
            (_("What is in it"), _("What agencies reported and was approved, by agency; an empty cell was not "
                                   "answered. 1 is yes, 0 is no."))]


def _file(content: str | bytes, media_type: str, period: ReportPeriod, ending: str) -> Response:
    answer = Response(content, mimetype=media_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{sheet.file_name(period, ending)}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _fields(period: ReportPeriod) -> list[Field]:
    return comparing.fields_of(templates.read(period.template.definition))


def _size(one: Said, chosen: Field | None) -> tuple[bool, int, str]:
    """Large numbers first, then those who said nothing; alike by name."""
    value = one.values[chosen.key] if chosen else None
    return value is None, -(value or 0), one.name


def _period(period_id: int) -> ReportPeriod:
    return deliveries.period(period_id) or abort(404)
