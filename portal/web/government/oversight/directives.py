"""Tasks that the Government gave: what waits for whoever watches, each agency's own list, one task with all that
happened to it."""
from datetime import date
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for

from portal.exchange import drafts
from portal.exchange import queries as exchange
from portal.kit import clock
from portal.kit.db import transaction
from portal.kit.i18n import _, _l
from portal.oversight import probes, queries, tallies, tasks
from portal.oversight.models import Assignment
from portal.oversight.standing import CODE_WORDS, LOOKS, STATE_WORDS, standing
from portal.oversight.tasks import NeedsReason, NotNow
from portal.people import permissions as roles
from portal.people import queries as people
from portal.people.models import Agency
from portal.people.permissions import Place
from portal.web.government import bp
from portal.web.government.compose import may_send_as
from portal.web.government.oversight import probe_questions
from portal.web.government.oversight.directive_forms import DecideTime, Given, MoreTime, Words, forms_for
from portal.web.guard import fresh_to_change, me, permission
from portal.web.paging import around

UNPROCESSABLE, CONFLICT = 422, 409
HIGHEST = 2**31 - 1
ONE = f"/tasks/<int(max={HIGHEST}):task_id>"
WHY = {"done": _l("The task is confirmed as done already."),
       "claimed": _l("It is reported as done already, and waits."),
       "not_claimed": _l("Nothing was reported or proposed that could be returned."),
       "not_asked": _l("No more time is asked for any longer."), "open": _l("The task is open."),
       "earlier": _l("Choose a day after the one that holds now."),
       "own_agency": _l("Who works at the watched agency does not decide on its tasks.")}


@bp.get("/directives")
@permission("directive.watch")
def directives() -> Any:
    """What waits for a decision, and how every agency stands."""
    today = clock.today()
    found = tallies.by_agency(today)
    return render_template("government/oversight/directives.html", waiting=queries.to_decide(), tallies=found,
                           totals=tallies.totals(found), today=today, **_words())


@bp.route("/directives/new", methods=["GET", "POST"])
@permission("directive.watch")
@fresh_to_change
def new_directive() -> Any:
    """Give a task to agencies."""
    form = Given()
    if form.validate_on_submit() and (agencies := _chosen(form)):
        with transaction():
            directive = tasks.new_directive(**form.fields_of_directive(), created_by_id=me().id)
            made = tasks.give(directive, agencies[0], agencies[1], by=me(), **form.period())
        flash(_("%(n)s agencies have the task.", n=len(made)), "done")
        return redirect(url_for("government.directive", directive_id=directive.id), 303)
    return render_template("government/oversight/new_directive.html", form=form), UNPROCESSABLE if form.errors else 200


@bp.get(f"/directives/<int(max={HIGHEST}):directive_id>")
@permission("directive.watch")
def directive(directive_id: int) -> Any:
    """One directive and its task at every agency."""
    found = queries.directive(directive_id) or abort(404)
    return render_template("government/oversight/directive.html", directive=found,
                           given=queries.of_directive(directive_id),
                           probe=probes.PROBES.get(found.probe or ""), today=clock.today(), **_words(),
                           wanted=probe_questions.in_words(found.probe, found.wanted))


@bp.get("/tasks")
@permission("directive.read")
def agency_tasks() -> Any:
    """An agency's own list: what comes next, what has no day, what is done."""
    agencies = _my_agencies()
    key = request.args.get("agency", "")
    agency = next((one for one in agencies if one.key == key), None) or next(iter(agencies), None) or abort(404)
    done = request.args.get("tab") == "done"
    after = _after(request.args.get("after", ""))
    rows = queries.done_tasks(agency.id, after) if done else queries.open_tasks(agency.id, after)
    day = (rows[-1].done_on if done else rows[-1].due_on) if len(rows) == queries.PAGE else None
    further = f"{day.isoformat()}_{rows[-1].id}" if day else None
    return render_template(
        "government/oversight/agency_tasks.html", agency=agency, agencies=agencies, rows=rows, done=done,
        today=clock.today(),
        undated=() if done or after else queries.undated(agency.id), **_words(),
        pages=around("after", further, agency=agency.key, tab="done" if done else None))


@bp.get(ONE)
@permission("directive.read")
def task(task_id: int) -> Any:
    """One task of one agency: how it stands, why, and what can be done now."""
    return _page(_task(task_id))


@bp.post(f"{ONE}/claim")
@permission("directive.claim")
def claim_task(task_id: int) -> Any:
    """The agency says that it is done."""
    found = _task(task_id, "directive.claim")
    form = Words(prefix="claim-")
    return _done(found, form, "claim", lambda: tasks.claim(found, me(), form.words.data),
                 _("Reported. Whoever watches confirms it or sends it back."))


@bp.post(f"{ONE}/more-time")
@permission("directive.claim")
def ask_for_time(task_id: int) -> Any:
    """The agency asks for a later day."""
    found = _task(task_id, "directive.claim")
    form = MoreTime(prefix="time-")
    return _done(found, form, "time", lambda: tasks.ask_for_time(found, me(), form.until.data, form.reason.data),
                 _("Asked. The day that holds now holds until somebody decides."))


@bp.post(f"{ONE}/decide-time")
@permission("directive.watch")
def decide_time(task_id: int) -> Any:
    """More time is given or refused."""
    found = _task(task_id)
    form = DecideTime(prefix="decide-")
    return _done(found, form, "decide", lambda: tasks.decide_time(
        found, me(), give_it=form.answer.data == "give", reason=form.reason.data or ""), _("Decided."))


@bp.post(f"{ONE}/<any(verify, send_back, reopen):act>")
@permission("directive.watch")
def close_task(task_id: int, act: str) -> Any:
    """Whoever watches confirms, sends back, opens again."""
    found = _task(task_id)
    form = Words(prefix=f"{act}-")
    form.words.required = act != "verify" or not found.sees(clock.now())
    verb = {"verify": tasks.verify, "send_back": tasks.send_back, "reopen": tasks.reopen}[act]
    said = {"verify": _("Confirmed as done."), "send_back": _("Sent back with the reason."),
            "reopen": _("The task is open again.")}[act]
    return _done(found, form, act, lambda: verb(found, me(), form.words.data or ""), said)


@bp.post(f"{ONE}/write")
@permission("directive.claim")
def write_about_task(task_id: int) -> Any:
    """Begin a document about the task: an answer to the one that gave it, where that came through the exchange."""
    found = _task(task_id, "directive.claim")
    senders = [one for one in may_send_as() if one.agency_id == found.agency_id]
    if not senders:
        abort(403)
    with transaction():
        came = exchange.copy_in_agency(found.directive.document_id, found.agency_id)
        draft = drafts.begin(senders[0], me(), answers=came)
        draft.subject = _("On doing the task of %(number)s", number=found.directive.number)
        draft.content = found.directive.words
    return redirect(url_for("government.write", document_id=draft.id), 303)


def _done(found: Assignment, form: Any, act: str, verb: Any, said: str) -> Any:
    """Do it and go back to the task; what was typed wrongly, or came too late, is shown there with what was typed."""
    if not form.validate_on_submit():
        return _page(found, **{act: form}), UNPROCESSABLE
    try:
        with transaction():
            verb()
    except NeedsReason:
        form.first().errors = [_("Say why: no probe has shown that it is done")]
        return _page(_task(found.id), **{act: form}), UNPROCESSABLE
    except NotNow as error:
        return _page(_task(found.id), problem=WHY[error.why], **{act: form}), CONFLICT
    flash(said, "done")
    return redirect(url_for("government.task", task_id=found.id), 303)


def _page(found: Assignment, problem: Any = None, **posted: Any) -> str:
    """The task with the forms of what this person may do with it now."""
    events = queries.events(found.id)
    stands = standing(events)
    watches = roles.may(me(), "directive.watch")
    claims = roles.may(me(), "directive.claim", Place(found.agency_id))
    return render_template(
        "government/oversight/task.html", task=found, events=events, stands=stands, problem=problem,
        today=clock.today(), readings=queries.readings(found.id), probe=probes.PROBES.get(found.directive.probe or ""),
        wanted=probe_questions.in_words(found.directive.probe, found.directive.wanted),
        facts=probe_questions.facts_in_words, code_words=CODE_WORDS,
        forms=forms_for(stands, watches=watches, claims=claims, posted=posted), watches=watches,
        writes=claims and any(one.agency_id == found.agency_id for one in may_send_as()), **_words())


def _task(task_id: int, name: str = "directive.read") -> Assignment:
    found = queries.assignment(task_id)
    if found is None or not roles.may(me(), name, Place(found.agency_id)):
        abort(404)
    return found


def _my_agencies() -> list[Agency]:
    """The agencies whose tasks the person may read, by name."""
    places = list(roles.places(me(), "directive.read"))
    current = people.current_agencies()
    mine = {place.agency_id for place in places if place}
    return [one for one in current if None in places or one.id in mine]


def _after(said: str) -> tuple[date, int] | None:
    day, _dash, number = said.partition("_")
    try:
        return (date.fromisoformat(day), int(number)) if number.isdecimal() and len(number) < 12 else None
    except ValueError:
        return None


def _chosen(form: Given) -> tuple[list[Agency], list[Agency]] | None:
    """(those that answer for it, those that co-operate); None, with the problem at its field, where it is not clear."""
    current = people.current_agencies()
    leads = form.leads_among(current)
    others = form.named_among(current, form.co_operating)
    if form.co_operating.errors or form.named.errors:
        return None
    if not leads:
        form.named.errors = [_("Choose a group, or name at least one agency")]
        return None
    return leads, [one for one in others if one not in leads]


def _words() -> dict[str, Any]:
    return {"state_words": STATE_WORDS, "looks": LOOKS, "now": clock.now()}
