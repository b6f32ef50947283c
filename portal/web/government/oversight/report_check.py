"""A report before it is handed in: what is missing, what was found, notes to warnings; and what whoever watches makes
of it."""
from typing import Any

from flask import flash, redirect, render_template, request, url_for

from portal.kit.db import transaction
from portal.kit.forms import Form, LongText
from portal.kit.i18n import _, _l, say
from portal.oversight.models import Report
from portal.oversight.reporting import EDITABLE, ReportState
from portal.oversight.reports import actions
from portal.oversight.reports.actions import LONGEST_WORDS, Changed, Incomplete, NeedsReason, NotNow
from portal.people import permissions as roles
from portal.people.permissions import Place
from portal.web.government import bp
from portal.web.government.oversight.report_words import Reading, fact_lines, said
from portal.web.government.oversight.reports import CONFLICT, ONE, UNPROCESSABLE, WHY, one, page_of, states
from portal.web.guard import fresh_to_change, me, permission

NOTE, NOTE_BASE, COMMENT, SEEN = "note-", "note-base-", "comment-", "seen"
CHANGED = _l("It has changed since this page was opened. Look at it again, as it is now.")


class Why(Form):
    """What is said with an act on a whole report."""

    reason = LongText(_l("What is to be mended, or why"), max=LONGEST_WORDS, rows=3, required=False)


@bp.route(f"{ONE}/check", methods=["GET", "POST"])
@permission("report.write")
def check_report(report_id: int) -> Any:
    """Check the report; note what is to be said about warnings."""
    found = one(report_id, "report.write")
    if found.state not in EDITABLE:
        return page_of(found, str(WHY[found.state])), CONFLICT
    if request.method == "POST":
        try:
            with transaction():
                _keep_notes(found)
        except NotNow as error:
            return page_of(one(report_id), str(WHY[error.why])), CONFLICT
        flash(_("The notes are saved."), "done")
        return redirect(url_for("government.check_report", report_id=report_id), 303)
    return _check_page(found)


def _keep_notes(found: Report) -> None:
    """The notes of the page, each with what the page showed before."""
    notes = {name.removeprefix(NOTE): value for name, value in request.form.items()
             if name.startswith(NOTE) and not name.startswith(NOTE_BASE)}
    keys = {one.key for one in Reading(found).findings}
    actions.note(found, {key: words for key, words in notes.items() if key in keys}, me(), {
        key: request.form.get(f"{NOTE_BASE}{key}", "") for key in notes})


def _check_page(found: Report, problem: str = "") -> Any:
    reading = Reading(found)
    lacking = actions.missing(found, reading.template)
    points = _points(reading, lacking) if lacking else []
    waits = bool(lacking and lacking.gaps)
    return render_template(
        "government/oversight/reports/check.html", report=found, reading=reading, parts=reading.parts(), points=points,
        findings=[(each, said(each)) for each in reading.findings if not (each.waits and waits)], lacking=lacking,
        submits=roles.may(me(), "report.submit", Place(found.agency_id)), files=reading.files,
        note_name=NOTE, note_base=NOTE_BASE, seen=(SEEN, actions.seen(found)), problem=problem,
        fact_lines=fact_lines, longest=LONGEST_WORDS, **states())


def _points(reading: Reading, lacking: Incomplete) -> list[tuple[str, str, str]]:
    """(step, question, what to do) of what is missing or not right, and of answers that want a reason."""
    step_of, questions = reading.template.step_of, reading.template.questions
    return [*((gap.step, gap.key, gap.message) for gap in lacking.gaps),
            *((each.step, each.key, each.message) for each in lacking.problems),
            *((step_of[key], f"reason-{key}", _("Say why “%(label)s” is another number than the portal's",
                                                label=say(questions[key]["label"]))) for key in lacking.unexplained)]


@bp.post(f"{ONE}/submit")
@permission("report.submit")
def submit_report(report_id: int) -> Any:
    """Hand it in. Notes that stand on the page are kept with it."""
    found = one(report_id, "report.submit")
    try:
        with transaction():
            _keep_notes(found)
        with transaction():
            actions.submit(found, me(), request.form.get(SEEN))
    except Changed:
        return _check_page(one(report_id), str(CHANGED)), CONFLICT
    except NotNow as error:
        return page_of(one(report_id), str(WHY[error.why])), CONFLICT
    except Incomplete:
        return _check_page(one(report_id)), UNPROCESSABLE
    flash(_("The report is submitted."), "done")
    return redirect(url_for("government.report", report_id=report_id), 303)


@bp.get(f"{ONE}/review")
@permission("report.watch")
def review_report(report_id: int) -> Any:
    """What was submitted, figure by figure beside the last period, with room for comments."""
    return _review(one(report_id, "report.watch"))


@bp.post(f"{ONE}/<any(approve, return, reopen):act>")
@permission("report.watch")
@fresh_to_change
def decide_report(report_id: int, act: str) -> Any:
    """Whoever watches approves, returns with comments, or opens an approved report again."""
    found, form = one(report_id, "report.watch"), Why()
    if not form.validate_on_submit():
        return _review(found, form), UNPROCESSABLE
    try:
        with transaction():
            _decide(found, act, form.reason.data or "")
    except NeedsReason:
        form.reason.errors = [_("Say what is to be mended: here, or beside a figure")]
        return _review(one(report_id), form), UNPROCESSABLE
    except Changed:
        form.reason.errors = [str(CHANGED)]
        return _review(one(report_id), form), CONFLICT
    except NotNow as error:
        return page_of(one(report_id), str(WHY[error.why])), CONFLICT
    flash({"approve": _("Approved: its figures are published."), "return": _("Returned with the comments."),
           "reopen": _("The report is open again. What was published stays.")}[act], "done")
    return redirect(url_for("government.report", report_id=report_id), 303)


def _decide(found: Report, act: str, reason: str) -> None:
    if act == "approve":
        actions.approve(found, me(), request.form.get(SEEN))
    elif act == "return":
        actions.send_back(found, me(), reason, _comments(), request.form.get(SEEN))
    else:
        actions.reopen(found, me(), reason)


def _comments() -> dict[str, str]:
    return {name.removeprefix(COMMENT): value for name, value in request.form.items() if name.startswith(COMMENT)}


def _review(found: Report, form: Why | None = None) -> Any:
    reading = Reading(found)
    return render_template(
        "government/oversight/reports/review.html", report=found, reading=reading, parts=reading.parts(),
        seen=(SEEN, actions.seen(found)), form=form or Why(formdata=None),
        comments=_comments(), comment_name=COMMENT, longest=LONGEST_WORDS,
        findings=[(each, said(each)) for each in reading.findings], files=reading.files, fact_lines=fact_lines,
        decides=found.state == ReportState.submitted, reopens=found.state == ReportState.approved, **states())
