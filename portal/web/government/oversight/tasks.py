"""The tasks of one agency: what comes next, and one task with all that happened to it and what can be done now."""
from datetime import date
from typing import Any, NamedTuple

from flask import abort, flash, redirect, render_template, request, url_for

from portal.exchange import drafts, reach
from portal.exchange import queries as exchange
from portal.exchange.models import Copy, Document
from portal.exchange.states import CODES, State
from portal.kit import clock
from portal.kit.db import transaction
from portal.kit.i18n import _, _l, short_day
from portal.oversight import parts, probes, queries, tasks
from portal.oversight.models import Assignment
from portal.oversight.queries import FAR, PAGE, SECTIONS
from portal.oversight.standing import CODE_WORDS, LOOKS, STATE_WORDS, Code, standing
from portal.oversight.tasks import NeedsReason, NotNow
from portal.people import permissions as roles
from portal.people import queries as people
from portal.people.models import Agency
from portal.people.permissions import Place
from portal.web.government import bp
from portal.web.government.compose import may_send_as
from portal.web.government.oversight import probe_questions
from portal.web.government.oversight.directive_forms import DecideTime, MoreTime, Words, forms_for
from portal.web.guard import fresh, me, permission
from portal.web.paging import around

UNPROCESSABLE, CONFLICT = 422, 409
SEEN = "seen"
HIGHEST = 2**31 - 1
FIRST = 5  # of each section, on the page that shows all of them
ONE = f"/tasks/<int(max={HIGHEST}):task_id>"
WHY = {"done": _l("The task is confirmed as done already."),
       "claimed": _l("It is reported as done already, and waits."),
       "not_claimed": _l("Nothing was reported or proposed that could be returned."),
       "not_asked": _l("No more time is asked for any longer."), "open": _l("The task is open."),
       "earlier": _l("Choose a day after the one that holds now."),
       "no_day": _l("The task has no deadline that could be moved."),
       "changed": _l("What there is to decide on has changed since this page was opened. Look at it again, as it "
                     "is now."),
       "own_agency": _l("Who works at the watched agency, or has spoken for it in this task, does not decide on it.")}
SECTION_WORDS = {
    "returned": _l("Sent back: mend it and report again"), "late": _l("Late: report it, or ask for more time"),
    "soon": _l("Due within two weeks"), "asked": _l("More time asked for, not decided"),
    "said": _l("Reported as done, waits for confirmation"), "later": _l("Due later"),
    "condition": _l("Waits for a condition"), "undated": _l("Without a day")}


class Section(NamedTuple):
    """Some of what comes next; `more`: the address of all of it, where it is more than what is shown."""

    key: str
    words: Any
    rows: list[Assignment]
    more: str | None


class Source(NamedTuple):
    """The document of the exchange that gave a task, at the agency: how it stands there, why it was sent back, by which
    document it was answered. Addresses are "" for who may not open them."""

    copy: Copy
    state: str
    note: str
    url: str
    answer: Document | None
    answer_url: str


@bp.get("/tasks")
@permission("directive.read")
def agency_tasks() -> Any:
    """An agency's own list: what comes next, by what is to be done about it; what is done."""
    agencies = _my_agencies()
    key = request.args.get("agency", "")
    agency = next((one for one in agencies if one.key == key), None) or next(iter(agencies), None) or abort(404)
    show, after = request.args.get("show", ""), _after(request.args.get("after", ""))
    if show == "done":
        sections, pages = _page_of(agency, "done", after)
    elif show in SECTIONS:
        sections, pages = _page_of(agency, show, after)
    else:
        sections, pages = _overview(agency), around("after", None)
    shown = [one.id for section in sections for one in section.rows]
    return render_template(
        "government/oversight/agency_tasks.html", agency=agency, agencies=agencies, sections=sections, show=show,
        pages=pages, today=clock.today(), stands=parts.stands(shown, clock.today()), section_words=SECTION_WORDS,
        **words())


def _overview(agency: Agency) -> list[Section]:
    """The first of every section that has any."""
    found = []
    for key in SECTIONS:
        rows = list(queries.next_tasks(agency.id, key, clock.today(), size=FIRST + 1))
        more = url_for("government.agency_tasks", agency=agency.key, show=key) if len(rows) > FIRST else None
        if rows:
            found.append(Section(key, SECTION_WORDS[key], rows[:FIRST], more))
    return found


def _page_of(agency: Agency, show: str, after: tuple[date, int] | None) -> tuple[list[Section], Any]:
    """One section whole, page by page."""
    rows = list(queries.done_tasks(agency.id, after) if show == "done"
                else queries.next_tasks(agency.id, show, clock.today(), after))
    last = rows[-1] if len(rows) == PAGE else None
    further = f"{((last.done_on if show == 'done' else last.due_on) or FAR).isoformat()}_{last.id}" if last else None
    title = _("Done") if show == "done" else SECTION_WORDS[show]
    return [Section(show, title, rows, None)] if rows else [], around("after", further, agency=agency.key, show=show)


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
@fresh
def decide_time(task_id: int) -> Any:
    """More time is given or refused."""
    found = _task(task_id)
    form = DecideTime(prefix="decide-")
    return _done(found, form, "decide", lambda: tasks.decide_time(
        found, me(), give_it=form.answer.data == "give", reason=form.reason.data or "", was=request.form.get(SEEN)),
        _("Decided."))


@bp.post(f"{ONE}/<any(verify, send_back, reopen):act>")
@permission("directive.watch")
@fresh
def close_task(task_id: int, act: str) -> Any:
    """Whoever watches confirms, sends back, opens again."""
    found = _task(task_id)
    form = Words(prefix=f"{act}-")
    form.words.required = act != "verify" or not found.sees(clock.now())
    verb = {"verify": tasks.verify, "send_back": tasks.send_back, "reopen": tasks.reopen}[act]
    said = {"verify": _("Confirmed as done."), "send_back": _("Sent back with the reason."),
            "reopen": _("The task is open again.")}[act]
    return _done(found, form, act, lambda: verb(found, me(), form.words.data or "", request.form.get(SEEN)), said)


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
    whole = queries.directive(found.directive.parent_id) if found.directive.parent_id else None
    return render_template(
        "government/oversight/task.html", task=found, events=events, stands=stands, problem=problem,
        today=clock.today(), readings=queries.readings(found.id), probe=probes.PROBES.get(found.directive.probe or ""),
        wanted=probe_questions.in_words(found.directive.probe, found.directive.wanted),
        facts=probe_questions.facts_in_words, code_words=CODE_WORDS, whole=whole,
        parts=parts.stand(found, clock.today()), said=_said, may_open=_may_open, source=_source(found),
        forms=forms_for(stands, watches=watches, claims=claims, posted=posted), watches=watches,
        seen=(SEEN, stands.said),
        writes=claims and any(one.agency_id == found.agency_id for one in may_send_as()), **words())


def _said(event: Any) -> list[str]:
    """The facts of an event in words: what a probe saw, how the parts stood, which document went."""
    facts = dict(event.facts)
    probe = facts.pop("probe", None)
    found = [_(probes.PROBES[probe].words)] if probe in probes.PROBES else []
    if "parts" in facts:
        return [_("Parts: %(done)s of %(given)s confirmed", done=facts["done"], given=facts["parts"])]
    if "on" in facts and event.code == Code.condition_met:
        return [_("Came about on %(day)s", day=short_day(date.fromisoformat(facts["on"])))]
    if event.code == Code.reminded:
        number = facts.get("number")
        return [_("Document %(number)s went through the exchange.", number=number)] if number else []
    if event.code != Code.probed:
        return found
    facts.pop("passed", None)
    return found + probe_questions.facts_in_words(facts)


def _may_open(one: Assignment) -> bool:
    """Whether the person may open a task of another agency, such as a part of theirs."""
    return roles.may(me(), "directive.read", Place(one.agency_id))


def _source(found: Assignment) -> Source | None:
    """The document that gave the task, where the exchange carried it to this agency."""
    copy = exchange.copy_in_agency(found.directive.document_id, found.agency_id)
    if copy is None:
        return None
    url = url_for("government.copy", copy_id=copy.id) if reach.may(me(), reach.READ, copy) else ""
    answer = exchange.document(copy.answer_id) if copy.answer_id else None
    at = ""
    if answer is not None and reach.may(me(), reach.READ, answer):
        at = url_for("government.document", document_id=answer.id)
    elif answer is not None:
        theirs = next((one for one in exchange.copies_of(answer.id) if reach.may(me(), reach.READ, one)), None)
        at = url_for("government.copy", copy_id=theirs.id) if theirs else ""
    said = next((words.words for words in CODES.values() if words.state == State(copy.state)), copy.state)
    return Source(copy, _(said), _why_refused(copy), url, answer, at)


def _why_refused(copy: Copy) -> str:
    """What the receiver said when it sent the document back."""
    if copy.state != str(State.refused):
        return ""
    notes = [one.note for one in exchange.events_of(copy.document_id) if one.copy_id == copy.id and one.code == "02"]
    return next((note for note in reversed(notes) if note), "")


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


def words() -> dict[str, Any]:
    """What every page about tasks says things with."""
    return {"state_words": STATE_WORDS, "looks": LOOKS, "now": clock.now()}
