"""Reports of agencies: the list of one's own, one report with all that it says and what happened to it, its files."""
from typing import Any

from flask import Response, abort, flash, redirect, render_template, request, url_for

from portal.files import queries as stored
from portal.kit import clock
from portal.kit.db import transaction
from portal.kit.i18n import _, _l, say
from portal.oversight.models import Report
from portal.oversight.periods import called
from portal.oversight.reporting import EDITABLE, REPORT_CODE_WORDS, REPORT_LOOKS, REPORT_WORDS, ReportState
from portal.oversight.reports import actions, queries
from portal.oversight.reports.actions import NotNow
from portal.people import permissions as roles
from portal.people import queries as people
from portal.people.models import Agency
from portal.people.permissions import Place
from portal.web.files import send
from portal.web.government import bp
from portal.web.government.oversight.report_words import Reading, changes_of, fact_lines, said
from portal.web.guard import me, permission
from portal.web.paging import around

CONFLICT, UNPROCESSABLE = 409, 422
HIGHEST = 2**31 - 1
ONE = f"/oversight/reports/<int(max={HIGHEST}):report_id>"
#: the parts of the list, each with the states that it shows
PARTS = {"": (_l("All"), ()), "todo": (_l("To do"), tuple(EDITABLE)), "submitted": (
    _l("Submitted"), (ReportState.submitted,)), "approved": (_l("Approved"), (ReportState.approved,))}
WHY = {"submitted": _l("The report is submitted: it can be changed again when it is returned."),
       "approved": _l("The report is approved: it can be changed when whoever watches opens it again."),
       "not_submitted": _l("The report is not submitted."), "not_approved": _l("The report is not approved."),
       "own_agency": _l("Who works at the agency that reports, or has written on this report, does not decide on it.")}


@bp.get("/oversight/reports")
@permission("report.read")
def reports() -> Any:
    """The reports of one's own agencies, those opened last first; of all for whoever watches."""
    agencies, everywhere = _my_agencies()
    chosen = next((one for one in agencies if one.key == request.args.get("agency")), None)
    part = request.args.get("part", "") if request.args.get("part") in PARTS else ""
    of = [chosen.id] if chosen else None if everywhere else [one.id for one in agencies]
    after = request.args.get("after", "")
    rows = queries.of_agencies(of, PARTS[part][1], int(after) if after.isdecimal() and len(after) < 10 else None)
    kept: dict[str, Any] = {"agency": chosen.key if chosen else None, "part": part or None}
    parts = [(words, url_for("government.reports", **{**kept, "part": key or None}), key == part)
             for key, (words, _states) in PARTS.items()]
    return render_template(
        "government/oversight/reports/list.html", rows=rows, agencies=agencies, chosen=chosen, parts=parts, part=part,
        today=clock.today(), called=lambda period: say(called(period)), **states(),
        pages=around("after", rows[-1].id if len(rows) == queries.PAGE else None, **kept))


@bp.get(ONE)
@permission("report.read")
def report(report_id: int) -> Any:
    """One report: its steps, what it says, what was found, what happened to it."""
    return page_of(one(report_id))


def page_of(found: Report, problem: str = "") -> Any:
    """The page of one report."""
    reading = Reading(found)
    mine = Place(found.agency_id)
    writes = roles.may(me(), "report.write", mine) and found.state in EDITABLE
    return render_template(
        "government/oversight/reports/report.html", report=found, reading=reading, problem=problem, writes=writes,
        watches=roles.may(me(), "report.watch", mine), tasks=_tasks(reading) if writes else [],
        submits=roles.may(me(), "report.submit", mine), said=said, today=clock.today(), files=reading.files,
        happened=[(event, changes_of(event, reading.template)) for event in reversed(reading.events)],
        code_words=REPORT_CODE_WORDS, fact_lines=fact_lines, **states())


def _tasks(reading: Reading) -> list[dict[str, Any]]:
    unfinished, begun = reading.unfinished(), reading.report.state != ReportState.owed
    return [{"title": say(step["title"]), "look": "waiting" if step["key"] in unfinished else "done",
             "url": url_for("government.fill_report", report_id=reading.report.id, step=step["key"]) if begun else None,
             "text": _("To fill in") if step["key"] in unfinished else _("Complete")}
            for step in reading.application.steps]


@bp.post(f"{ONE}/begin")
@permission("report.write")
def begin_report(report_id: int) -> Any:
    """Open what is owed; the portal fills in what it knows."""
    found = one(report_id, "report.write")
    with transaction():
        actions.begin(found, me())
        first = queries.template_of(found).form["steps"][0]["key"]
    return redirect(url_for("government.fill_report", report_id=report_id, step=first), 303)


@bp.post(f"{ONE}/fill-again")
@permission("report.write")
def fill_report_again(report_id: int) -> Any:
    """Fill in what the portal knows by now."""
    found = one(report_id, "report.write")
    try:
        with transaction():
            actions.fill(found, me())
    except NotNow as error:
        return page_of(one(report_id), str(WHY[error.why])), CONFLICT
    flash(_("Filled in again. What somebody answered otherwise stays."), "done")
    return redirect(url_for("government.report", report_id=report_id), 303)


@bp.get(f"{ONE}/files/<int(max={HIGHEST}):attachment_id>")
@permission("report.read")
def report_file(report_id: int, attachment_id: int) -> Response:
    """A file of the report, to be saved."""
    found, file = one(report_id), stored.attachment(attachment_id)
    if file is None or file.owner != queries.owner(found):
        abort(404)
    return send(file.file, file.name)


def one(report_id: int, name: str = "report.read") -> Report:
    """The report, for whom it may be shown; else 404, as though it were not there."""
    found = queries.report(report_id)
    if found is None or not roles.may(me(), name, Place(found.agency_id)):
        abort(404)
    return found


def states() -> dict[str, Any]:
    """The words of how a report stands."""
    return {"state_words": REPORT_WORDS, "looks": REPORT_LOOKS}


def _my_agencies() -> tuple[list[Agency], bool]:
    """(the agencies whose reports the person may read, by name; whether these are all)."""
    places = list(roles.places(me(), "report.read"))
    mine = {place.agency_id for place in places if place}
    return [one for one in people.current_agencies() if None in places or one.id in mine], None in places
