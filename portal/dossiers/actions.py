"""What people can do to a dossier, one verb each. Nothing here commits.

Every verb locks the row first, asks the table of states, moves the clock, writes the event, publishes
the anonymous line and puts the side effects in the queue: all or nothing.
"""
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy.exc import IntegrityError

from portal.catalogue import competence, openings
from portal.catalogue import queries as catalogue
from portal.catalogue.models import Service
from portal.catalogue.reception import Reception
from portal.dossiers import allowance, deadlines, due_dates, papers, queries, recording, requests
from portal.dossiers.hands import assign, claim, leave, release, takes, transfer
from portal.dossiers.models import Dossier, SupplementRequest
from portal.dossiers.requests import Items
from portal.dossiers.states import NotNow, State, Step, after, possible
from portal.files import actions as documents
from portal.files import queries as files
from portal.files.models import Attachment
from portal.forms.application import LONGEST_HOLDER, Gap, Problem
from portal.kit import clock, text
from portal.kit.db import session
from portal.law import rule_sets
from portal.people import queries as people
from portal.people.models import Person, Unit, UnitKind

#: verbs too, beside those below: whose hands it is in
__all__ = ["assign", "claim", "leave", "release", "takes", "transfer"]
LONGEST_KEYS = 420
MOST_TYPED = 200_000  # characters of one page that is not right yet
NO_DUE = datetime(9999, 12, 31, tzinfo=UTC)


class Incomplete(Exception):
    """Required answers or papers are missing (`gaps`), or answers do not go together (`errors`)."""

    def __init__(self, gaps: Sequence[Gap], errors: Sequence[Problem] = ()) -> None:
        super().__init__(", ".join([*(gap.key for gap in gaps), *(error.key for error in errors)]))
        self.gaps, self.errors = list(gaps), list(errors)


class NotOpen(Exception):
    """The service takes no dossiers online (any more)."""


class KeyTaken(Exception):
    """A dossier was begun with this key already."""


def begin(service: Service, *, by: Person, key: str) -> Dossier:
    """A draft. `key` comes from the button that was pressed: pressed twice, it is still one draft. Raises KeyTaken,
    EnoughToday."""
    allowance.check("drafts", by.id)
    dossier = Dossier(state=after(None, Step.begin), service_id=service.id, version_id=service.version_id,
                      agency_id=service.agency_id, applicant_id=by.id, submit_key=key, answers={})
    try:
        with session.begin_nested():  # the unique key decides, also between two that come at once
            session.add(dossier)
    except IntegrityError as error:
        raise KeyTaken from error
    return dossier


def save(dossier: Dossier, answers: Mapping[str, Any], *, by: Person, step: str = "",
         typed: Sequence[tuple[str, str]] = ()) -> None:
    """Keep one step's answers beside the others of the draft; `typed`: all that was typed there, where some of it is
    not right yet, so that the step's page comes back as it was left."""
    recording.lock(dossier)
    if dossier.state != State.draft:
        after(State(dossier.state), Step.submit)  # says 409 in the table's own words
    dossier.answers = {**dossier.answers, **answers}
    keep_typed(dossier, step, typed)
    dossier.changed_at = clock.now()
    session.flush()


def keep_typed(dossier: Dossier, step: str, typed: Sequence[tuple[str, str]]) -> None:
    """Keep what was typed in a step, or in a reply, until it is right; with nothing, forget it."""
    fits = sum(len(name) + len(value) for name, value in typed) <= MOST_TYPED
    others = {key: kept for key, kept in (dossier.typed or {}).items() if key != step}
    dossier.typed = {**others, **({step: [list(pair) for pair in typed]} if typed and fits else {})} or None
    session.flush()


def choose_unit(dossier: Dossier, unit: Unit, *, by: Person) -> None:
    """Say which commune is to receive the draft, or the agency itself where it may be either.

    Raises ValueError for a unit that does not receive such dossiers.
    """
    recording.lock(dossier)
    after(State(dossier.state), Step.submit)
    where = queries.reception(dossier)
    central = unit.kind == UnitKind.central and where is Reception.either
    commune = unit.kind == UnitKind.commune and where is not Reception.agency and unit.valid_to is None
    if unit.agency_id != dossier.agency_id or not (central or commune):
        raise ValueError(f"unit {unit.id} does not receive dossier {dossier.id}")
    dossier.unit_id, dossier.changed_at = unit.id, clock.now()
    session.flush()


def submit(dossier: Dossier, *, by: Person) -> Dossier:
    """Hand in the draft: it gets its code. Handed in already, it is given back unchanged."""
    recording.lock(dossier)
    if dossier.state != State.draft and dossier.code:
        return dossier
    allowance.check("submissions", dossier.applicant_id)
    application = queries.application(dossier)
    if not openings.of(dossier.service, clock.today()):
        raise NotOpen(dossier.service_id)
    gaps, errors = [*application.gaps, *queries.unit_gaps(dossier)], queries.problems(dossier, application)
    if gaps or errors:
        raise Incomplete(gaps, errors)
    for attachment in application.files_to_drop:
        documents.remove(attachment)
    dossier.answers, dossier.typed = application.answers_to_send, None
    now = clock.now()
    _name_parties(dossier, by)
    dossier.unit_id = dossier.unit_id or _competent_unit(dossier)
    dossier.submitted_at = now
    dossier.rule_set = rule_sets.at(clock.day_of(now)).key
    dossier.queue_at = _first_answer_by(dossier, now)
    dossier.code = recording.next_code(dossier, now)
    recording.record(dossier, Step.submit, by, now)
    recording.publish_unit(dossier)
    _announce(dossier, Step.submit)
    return dossier


def accept(dossier: Dossier, *, by: Person) -> None:
    """Receive it as complete: the clock starts and the receipt (form 01) is issued."""
    recording.lock(dossier)
    now, calendar = clock.now(), catalogue.calendar()
    after(State(dossier.state), Step.accept)
    dossier.received_at, dossier.rule_set = now, rule_sets.at(clock.day_of(now)).key
    dossier.due_at = dossier.index_due_at = deadlines.due(dossier, calendar).at
    dossier.calendar_edition = calendar.edition
    dossier.queue_at = dossier.due_at or NO_DUE
    recording.record(dossier, Step.accept, by, now)
    _announce(dossier, Step.accept)


def process(dossier: Dossier, *, by: Person) -> None:
    """Pass it on to be examined: by whoever holds it, or, where that one may not decide, by who takes it up."""
    recording.lock(dossier)
    recording.record(dossier, Step.process, by, clock.now())


def ask(dossier: Dossier, *, by: Person, items: Items) -> SupplementRequest:
    """Ask for a supplement: (key, label, reason) for each item. A received dossier's clock stops; form 02 is issued.

    Raises NotLawful where the rules that hold for the dossier do not let the office ask (any more).
    """
    recording.lock(dossier)
    after(State(dossier.state), Step.ask)
    if why := deadlines.not_to_ask(dossier, clock.now(), catalogue.calendar()):
        raise deadlines.NotLawful(why)
    return _ask(dossier, Step.ask, by, items)


def ask_again(dossier: Dossier, *, by: Person, items: Items, reason: str) -> SupplementRequest:
    """Ask beyond what the rules allow, for a reason of the head of the unit that is kept and shown. Where asking is
    allowed anyway, nothing is flagged: NotNow."""
    _need(reason, "asking once more needs the reason of the head of the unit")
    recording.lock(dossier)
    after(State(dossier.state), Step.ask_again)
    if deadlines.not_to_ask(dossier, clock.now(), catalogue.calendar()) is None:
        raise NotNow(State(dossier.state), Step.ask_again)
    dossier.asked_again = True
    return _ask(dossier, Step.ask_again, by, items, note=reason)


def amend(dossier: Dossier, *, by: Person, items: Items) -> SupplementRequest:
    """Word the request anew, until it is answered. The clock has stood still since it was first asked; the time in
    which to answer begins again, and a new form 02 is issued beside the old."""
    recording.lock(dossier)
    now = clock.now()
    after(State(dossier.state), Step.amend)
    requests.check(items)
    old = dossier.requests[-1]
    old.replaced_at = now
    papers.void(dossier, old, now, "replaced")
    session.flush()
    recording.record(dossier, Step.amend, by, now)
    request = requests.write(dossier, items, by, now, round=old.round, edition=old.edition + 1, asked_at=old.asked_at)
    _announce(dossier, Step.amend, answer_until=request.answer_until)
    return request


def take_back(dossier: Dossier, *, by: Person, note: str = "") -> None:
    """Ask for nothing any more, until it is answered: the due date is what it was, as though nobody had asked."""
    recording.lock(dossier)
    now = clock.now()
    after(State(dossier.state), Step.take_back)
    dossier.requests[-1].taken_back_at = now
    papers.void(dossier, dossier.requests[-1], now, "taken_back")
    if dossier.received_at is None:
        dossier.queue_at = _first_answer_by(dossier, now)
    recording.record(dossier, Step.take_back, by, now, note=note or None)
    _announce(dossier, Step.take_back)


def answer(dossier: Dossier, *, by: Person, reply: str = "", to: int | None = None) -> None:
    """Hand in what was asked. `to`: the wording that is answered; NotNow when it was changed since.

    The rules of the dossier say what that does to its limit (Decree 118/2025 art. 19(5): counted again from zero).
    """
    recording.lock(dossier)
    now = clock.now()
    after(State(dossier.state), Step.answer)
    request = dossier.requests[-1]
    if to is not None and request.id != to:
        raise NotNow(State(dossier.state), Step.answer)
    request.answered_at, request.reply, dossier.typed = now, reply or None, None
    if dossier.received_at is None:
        dossier.queue_at = _first_answer_by(dossier, now)
    else:
        due_dates.count_anew(dossier, by, now)
    recording.record(dossier, Step.answer, by, now)
    recording.tell_office(dossier, "supplement_answered")
    session.flush()


def extend(dossier: Dossier, *, by: Person, day: date, reason: str) -> None:
    """Put the due date off to a day: once, told to the applicant with an apology at least a day before it (Decree
    118/2025 art. 19(6)). Raises NotLawful otherwise."""
    _need(reason, "putting a date off needs its reason")
    recording.lock(dossier)
    now, calendar = clock.now(), catalogue.calendar()
    after(State(dossier.state), Step.extend)
    if why := deadlines.not_to_extend(dossier, now, calendar):
        raise deadlines.NotLawful(why)
    old, new = dossier.due_at, deadlines.new_due(dossier, day, calendar)
    due_dates.move(dossier, new, "extension", by, now, calendar, note=reason)
    recording.record(dossier, Step.extend, by, now, note=reason)
    _announce(dossier, Step.extend, old=old, reason=reason)


def refuse(dossier: Dossier, *, by: Person, reason: str) -> None:
    """Do not receive it, and say why: form 03 is issued, always."""
    _need(reason, "a refusal needs its reason")
    recording.lock(dossier)
    recording.record(dossier, Step.refuse, by, clock.now(), note=reason)
    _announce(dossier, Step.refuse, reason=reason)


def decide(dossier: Dossier, *, by: Person, outcome: str, note: str = "") -> None:
    """Settle it: "granted", or "denied" with a reason. Whether it was in time is fixed here."""
    if outcome not in ("granted", "denied") or (outcome == "denied" and not note.strip()):
        raise ValueError("an outcome is granted, or denied with a reason")
    recording.lock(dossier)
    dossier.outcome, dossier.decided_at = outcome, clock.now()
    recording.record(dossier, Step.decide, by, dossier.decided_at, note=note or None)
    _announce(dossier, Step.decide, outcome=outcome)


class NoResult(ValueError):
    """What was granted is to be closed, and there is neither a file of it nor paper."""


def hand_over(dossier: Dossier, *, by: Person, on_paper: bool = False) -> None:
    """The applicant has the result, as a thing (`on_paper`), or can now download it. Raises NoResult."""
    recording.lock(dossier)
    after(State(dossier.state), Step.hand_over)
    if dossier.outcome == "granted" and not on_paper and all(map(files.is_refused, queries.results(dossier))):
        raise NoResult(f"dossier {dossier.id} has no file of its result")
    dossier.returned_at, dossier.result_on_paper = clock.now(), on_paper
    recording.record(dossier, Step.hand_over, by, dossier.returned_at)
    papers.enter_results(dossier)
    _announce(dossier, Step.hand_over)


def take_out(dossier: Dossier, attachment: Attachment, *, by: Person) -> None:
    """Take out a file of the result that was attached in error, before the applicant can have it. Which it was stays in
    the history. LookupError where it is none of this dossier's result (any more)."""
    recording.lock(dossier)
    after(State(dossier.state), Step.take_out)
    if attachment not in queries.results(dossier):
        raise LookupError(f"attachment {attachment.id} is no result of dossier {dossier.id}")
    recording.record(dossier, Step.take_out, by, clock.now(), note=f"{attachment.name} (SHA-256 {attachment.sha256})")
    documents.remove(attachment)


def withdraw(dossier: Dossier, *, by: Person, note: str = "") -> None:
    """The applicant takes it back, at any moment before a decision."""
    recording.lock(dossier)
    recording.record(dossier, Step.withdraw, by, clock.now(), note=note or None)


def lapse(dossier: Dossier) -> None:
    """End what nobody completed, once the time to answer is over (Decree 118/2025 art. 19(5)). NotNow before that."""
    recording.lock(dossier)
    now = clock.now()
    after(State(dossier.state), Step.lapse)
    until = dossier.requests[-1].answer_until
    if until is None or now < until:
        raise NotNow(State(dossier.state), Step.lapse)
    recording.record(dossier, Step.lapse, None, now)
    _announce(dossier, Step.lapse)


def remind(request: SupplementRequest) -> bool:
    """Tell the applicant, once, that the time to answer runs out. False when there is nothing to tell any more."""
    if not _still_waits(request) or request.reminded_at:
        return False
    request.reminded_at = clock.now()
    recording.tell_of(request.dossier, "supplement_reminder", answer_until=request.answer_until)
    return True


def tell_answer_until(request: SupplementRequest) -> None:
    """Tell the applicant of a request that waited before silence could end a dossier until when to answer it."""
    if _still_waits(request) and request.told_at is None:
        request.told_at = clock.now()
        recording.tell_of(request.dossier, "supplement_answer_until", answer_until=request.answer_until)


def recount(dossier: Dossier) -> bool:
    """Count an open due date again by the calendar of today. Where that moves it, the old one stays beside the new and
    the applicant is told."""
    recording.lock(dossier)
    now, calendar, old, edition = clock.now(), catalogue.calendar(), dossier.due_at, dossier.calendar_edition
    new = due_dates.by_corrected_days(dossier, calendar)
    if new is None:
        return False
    due_dates.move(dossier, new, "calendar", None, now, calendar, old_edition=edition)
    recording.record(dossier, Step.recount, None, now)
    _announce(dossier, Step.recount, old=old)
    return True


def discard(dossier: Dossier, *, by: Person) -> None:
    """Throw a draft away. A dossier that was handed in is withdrawn instead."""
    recording.lock(dossier)
    after(State(dossier.state), Step.submit)
    for attachment in files.attachments_of(dossier.owner):
        session.delete(attachment)
    session.delete(dossier)
    session.flush()


def _name_parties(dossier: Dossier, by: Person) -> None:
    """Whose names the dossier bears from now on, whatever anybody is called later."""
    named = queries.parties(dossier, by)
    dossier.applicant_name, dossier.holder_name = named.applicant.name, named.holder.name
    dossier.representative_name = named.representative or None
    # letters of few languages fold to several
    dossier.holder_folded = text.fold(named.holder.name)[:LONGEST_HOLDER]
    keys = dict.fromkeys((text.name_key(named.holder.name), text.name_key(named.applicant.name)))
    dossier.names_key = " ".join(keys)[:LONGEST_KEYS]


def _still_waits(request: SupplementRequest) -> bool:
    """Whether this wording is the one that is waited for now. Locks the dossier."""
    dossier = request.dossier
    recording.lock(dossier)
    session.refresh(request)
    closed = request.answered_at or request.replaced_at or request.taken_back_at
    return request.answer_until is not None and not closed and Step.answer in possible(State(dossier.state))


def _need(reason: str, else_: str) -> None:
    if not reason.strip():
        raise ValueError(else_)


def _announce(dossier: Dossier, step: Step, **facts: Any) -> None:
    """What follows from a step that was taken: its paper and its notice, as the table of steps names them."""
    papers.issue_for(dossier, step)
    recording.tell(dossier, step, **facts)


def _ask(dossier: Dossier, step: Step, by: Person, items: Items, note: str | None = None) -> SupplementRequest:
    requests.check(items)
    now = clock.now()
    if dossier.due_at is not None and dossier.missed_due_at is None and dossier.due_at < now:
        dossier.missed_due_at = dossier.due_at
    number = requests.next_round(dossier)
    recording.record(dossier, step, by, now, note=note)
    request = requests.write(dossier, items, by, now, round=number, edition=1, asked_at=now)
    _announce(dossier, step, answer_until=request.answer_until)
    return request


def _first_answer_by(dossier: Dossier, at: datetime) -> datetime:
    return deadlines.first_answer_by(deadlines.rules(dossier), at, catalogue.calendar())


def _competent_unit(dossier: Dossier) -> int:
    """The department that deals with the procedure or with its sector; the agency's central unit where none does."""
    found = competence.competent_unit(dossier.agency_id, dossier.service.procedure)
    return found if found is not None else people.central_unit(dossier.agency_id).id
