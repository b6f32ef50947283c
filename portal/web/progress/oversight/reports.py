"""Which reports are due, who has delivered and who is late, for everybody. What a report says is no part of it: that is
published figure by figure once it is approved."""
from typing import Any

from flask import Response, abort, jsonify, render_template, request

from portal.kit import clock
from portal.kit.caching import public_cache
from portal.kit.web import for_every_site
from portal.oversight.models import ReportPeriod
from portal.oversight.periods import called
from portal.oversight.reporting import REPORT_LOOKS, REPORT_WORDS
from portal.oversight.reports import deliveries
from portal.oversight.reports.deliveries import Counts, Delivery
from portal.web.guard import anyone
from portal.web.paging import around
from portal.web.progress import bp

KEPT_S = 300


@bp.get("/oversight/reports")
@anyone
@public_cache(KEPT_S)
def agency_reports() -> str:
    """Every period that was opened, those due last at the head, with its numbers."""
    said = request.args.get("after", "")
    rows = deliveries.periods(deliveries.after_of(said))
    return render_template(
        "progress/oversight/reports.html", periods=rows, counts=deliveries.counts(rows, clock.today()), none=Counts(),
        called=called, pages=around("after", deliveries.further(rows)))


@bp.get("/oversight/reports.json")
@anyone
@public_cache(KEPT_S)
def agency_reports_file() -> Response:
    """The newest of them for machines: a list of periods."""
    for_every_site()
    rows = deliveries.periods()
    counts = deliveries.counts(rows, clock.today())
    return jsonify([_plain_period(one, counts.get(one.id, Counts())) for one in rows])


@bp.get("/oversight/reports/<template>/<period>")
@anyone
@public_cache(KEPT_S)
def agency_reports_of(template: str, period: str) -> Any:
    """One period: every agency that owes a report of it."""
    found, today = deliveries.period_of(template, period) or abort(404), clock.today()
    rows = deliveries.of_period(found, today)
    return render_template("progress/oversight/reports_of.html", period=found, rows=rows, called=called, today=today,
                           counts=deliveries.counted(rows, today), words=REPORT_WORDS, looks=REPORT_LOOKS)


@bp.get("/oversight/reports/<template>/<period>.json")
@anyone
@public_cache(KEPT_S)
def agency_reports_of_file(template: str, period: str) -> Response:
    """The same for machines: the period, and a list of agencies."""
    for_every_site()
    found, today = deliveries.period_of(template, period) or abort(404), clock.today()
    rows = deliveries.of_period(found, today)
    return jsonify(_plain_period(found, deliveries.counted(rows, today)) | {
        "agencies": [{"agency": one.key, "name": one.name} | _plain(one) for one in rows]})


def _plain_period(one: ReportPeriod, counts: Counts) -> dict[str, Any]:
    return {"report": one.template_key, "title": one.template.title, "version": one.template.version,
            "period": one.period, "first_day": one.first_day.isoformat(), "last_day": one.last_day.isoformat(),
            "due_on": one.due_on.isoformat(), "owed": counts.owed, "delivered": counts.delivered,
            "approved": counts.approved, "late": counts.late, "came_late": counts.came_late,
            "on": clock.today().isoformat()}


def _plain(one: Delivery) -> dict[str, Any]:
    return {"delivered": one.delivered, "approved": one.approved_at is not None and one.delivered,
            "delivered_on": clock.day_of(one.submitted_at).isoformat() if one.delivered and one.submitted_at else None,
            "days_late": one.days_late(clock.today())}
