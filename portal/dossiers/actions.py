"""What people can do to a dossier, one verb each. Nothing here commits.

Every verb locks the row first, asks the table of states, moves the clock, writes the event, publishes
the anonymous line and puts the side effects in the queue: all or nothing.
"""
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from flask import current_app
from sqlalchemy import inspect, select

from portal.catalogue import competence
from portal.catalogue import queries as catalogue
from portal.catalogue.models import Service
from portal.catalogue.reception import Reception
from portal.catalogue.sensitive import is_sensitive
from portal.documents import actions as documents
from portal.documents import queries as files
from portal.dossiers import permissions, queries
from portal.dossiers.models import Dossier, DossierNumber, Event, SupplementItem, SupplementRequest
from portal.dossiers.states import CLOCK_STOPPED, STATUS, STEPS, NotNow, State, Step, after, permission
from portal.forms.application import Gap, Problem
from portal.kit import clock, jobs, text
from portal.kit.db import session
from portal.kit.upsert import insert
from portal.law import codes, deadlines, rule_sets
from portal.notices import actions as notices
from portal.people import queries as people
from portal.people.models import Person, Unit, UnitKind
from portal.progress import actions as progress
from portal.progress import merging as published
from portal.progress import records
from portal.progress.updates import Procedure

# Decree 45/2020 art. 11: an online dossier is answered within eight working hours.
FIRST_LOOK_HOURS = 8
NO_DUE = datetime(9999, 12, 31, tzinfo=UTC)
#: why a step makes a dossier wait or end, in the codes that the public record has
PUBLIC_REASONS = {Step.ask: "missing_papers"}


class Incomplete(Exception):
    """Required answers or papers are missing (`gaps`), or answers do not go together (`errors`)."""

    def __init__(self, gaps: Sequence[Gap], errors: Sequence[Problem] = ()) -> None:
        super().__init__(", ".join([*(gap.key for gap in gaps), *(error.key for error in errors)]))
        self.gaps, self.errors = list(gaps), list(errors)


def begin(service: Service, *, by: Person, key: str) -> Dossier:
    """A draft. `key` comes from the button that was pressed: pressed twice, it is still one draft."""
    dossier = Dossier(state=after(None, Step.begin), service_id=service.id, version_id=service.version_id,
                      agency_id=service.agency_id, applicant_id=by.id, submit_key=key, answers={})
    session.add(dossier)
    session.flush()
    return dossier


def save(dossier: Dossier, answers: Mapping[str, Any], *, by: Person) -> None:
    """Keep one step's answers beside the others of the draft."""
    _lock(dossier)
    if dossier.state != State.draft:
        after(State(dossier.state), Step.submit)  # says 409 in the table's own words
    dossier.answers = {**dossier.answers, **answers}
    dossier.changed_at = clock.now()
    session.flush()


def choose_unit(dossier: Dossier, unit: Unit, *, by: Person) -> None:
    """Say which commune is to receive the draft, or the agency itself where it may be either.

    Raises ValueError for a unit that does not receive such dossiers.
    """
    _lock(dossier)
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
    _lock(dossier)
    if dossier.state != State.draft and dossier.code:
        return dossier
    application = queries.application(dossier)
    gaps = [*application.gaps, *queries.unit_gaps(dossier)]
    if gaps or application.errors:
        raise Incomplete(gaps, application.errors)
    for attachment in application.files_to_drop:
        documents.remove(attachment)
    dossier.answers = application.answers_to_send
    now = clock.now()
    dossier.holder_name = application.holder or by.name
    dossier.holder_folded = text.fold(dossier.holder_name)
    dossier.unit_id = dossier.unit_id or _competent_unit(dossier)
    dossier.submitted_at = now
    dossier.queue_at = _first_look(now)
    dossier.code = _next_code(dossier, now)
    _record(dossier, Step.submit, by, now)
    _publish_unit(dossier)
    _tell(dossier, Step.submit)
    return dossier


def claim(dossier: Dossier, *, by: Person) -> None:
    """Take it up: one winner, whoever comes second meets NotNow."""
    _lock(dossier)
    _record(dossier, Step.claim, by, clock.now())
    dossier.officer_id = by.id
    session.flush()


def release(dossier: Dossier, *, by: Person) -> None:
    """Put it back for a colleague."""
    _lock(dossier)
    _record(dossier, Step.release, by, clock.now())
    dossier.officer_id = None
    session.flush()


def accept(dossier: Dossier, *, by: Person) -> None:
    """Receive it as complete: the clock starts and the receipt (form 01) is issued."""
    _lock(dossier)
    now = clock.now()
    dossier.received_at = now
    dossier.due_at = deadlines.first_due(rule_sets.at(clock.day_of(now)), dossier.limit, now,
                                         catalogue.calendar())
    dossier.queue_at = dossier.due_at or NO_DUE
    _record(dossier, Step.accept, by, now)
    jobs.put("dossiers.issue_receipt", dossier_id=dossier.id)
    _tell(dossier, Step.accept)


def process(dossier: Dossier, *, by: Person) -> None:
    """Pass it on to be examined."""
    _lock(dossier)
    _record(dossier, Step.process, by, clock.now())


def ask(dossier: Dossier, *, by: Person, items: Sequence[tuple[str, str, str]]) -> SupplementRequest:
    """Ask for a supplement: (key, label, reason) for each item. Stops the clock; form 02 is issued."""
    if not items or not all(reason.strip() for _key, _label, reason in items):
        raise ValueError("each item asked for needs a reason")
    _lock(dossier)
    now = clock.now()
    _record(dossier, Step.ask, by, now)
    request = SupplementRequest(dossier_id=dossier.id, round=len(dossier.requests) + 1, asked_at=now)
    request.items = [SupplementItem(key=key, label=label, reason=reason) for key, label, reason in items]
    session.add(request)
    session.flush()
    session.expire(dossier, ["requests"])
    jobs.put("dossiers.issue_supplement", request_id=request.id)
    _tell(dossier, Step.ask)
    return request


def answer(dossier: Dossier, *, by: Person, reply: str = "") -> None:
    """Hand in what was asked. The working time that was left when the clock stopped is given back."""
    _lock(dossier)
    now = clock.now()
    _record(dossier, Step.answer, by, now)
    if dossier.due_at is None and dossier.received_at is None:
        dossier.queue_at = _first_look(now)
    request = dossier.requests[-1]
    request.answered_at, request.reply = now, reply or None
    if dossier.officer_id:
        notices.tell(dossier.officer_id, "supplement_answered", f"/officer/dossiers/{dossier.id}",
                     dossier_code=dossier.code, service_name=_service_name(dossier))
    session.flush()


def refuse(dossier: Dossier, *, by: Person, reason: str) -> None:
    """Do not receive it, and say why: form 03 is issued, always."""
    if not reason.strip():
        raise ValueError("a refusal needs its reason")
    _lock(dossier)
    _record(dossier, Step.refuse, by, clock.now(), note=reason)
    jobs.put("dossiers.issue_refusal", dossier_id=dossier.id)
    _tell(dossier, Step.refuse, reason=reason)


def decide(dossier: Dossier, *, by: Person, outcome: str, note: str = "") -> None:
    """Settle it: "granted", or "denied" with a reason. Whether it was in time is fixed here."""
    if outcome not in ("granted", "denied") or (outcome == "denied" and not note.strip()):
        raise ValueError("an outcome is granted, or denied with a reason")
    _lock(dossier)
    dossier.outcome, dossier.decided_at = outcome, clock.now()
    _record(dossier, Step.decide, by, dossier.decided_at, note=note or None)
    _tell(dossier, Step.decide, outcome=outcome)


def hand_over(dossier: Dossier, *, by: Person) -> None:
    """The applicant has, or can now download, the result."""
    _lock(dossier)
    dossier.returned_at = clock.now()
    _record(dossier, Step.hand_over, by, dossier.returned_at)
    _tell(dossier, Step.hand_over)


def withdraw(dossier: Dossier, *, by: Person, note: str = "") -> None:
    """The applicant takes it back, at any moment before a decision."""
    _lock(dossier)
    _record(dossier, Step.withdraw, by, clock.now(), note=note or None)


def lapse(dossier: Dossier) -> None:
    """End what nobody completed: nothing came of what was asked (Decree 118/2025 art. 19(5))."""
    _lock(dossier)
    _record(dossier, Step.lapse, None, clock.now())


def discard(dossier: Dossier, *, by: Person) -> None:
    """Throw a draft away. A dossier that was handed in is withdrawn instead."""
    _lock(dossier)
    after(State(dossier.state), Step.submit)
    for attachment in files.attachments_of(dossier.id):
        session.delete(attachment)
    session.delete(dossier)
    session.flush()


def _lock(dossier: Dossier) -> None:
    """The row as it is now, and nobody else's until the end of this transaction.

    Two statements: what is joined to a row that had to be waited for is not read anew by PostgreSQL.
    """
    identity = inspect(dossier).identity  # asking the expired row for its number would read it whole
    session.execute(select(Dossier.id).where(Dossier.id == (identity or (0,))[0]).with_for_update())
    session.refresh(dossier)


def _record(dossier: Dossier, step: Step, by: Person | None, at: datetime, *, note: str | None = None) -> None:
    """Every change of state passes here: check the table, move the clock, write the event, publish."""
    before = State(dossier.state)
    state = after(before, step)
    if STEPS[step].holder_only and (by is None or not permissions.may_as_staff(by, permission(step), dossier)):
        raise NotNow(before, step)  # a colleague took it over since the page was shown, or the role has ended
    if state in CLOCK_STOPPED:
        dossier.stopped_at = at
    elif before in CLOCK_STOPPED:
        _restart_clock(dossier, state, at)
    dossier.state, dossier.changed_at = state, at
    session.add(Event(dossier_id=dossier.id, step=step, state=dossier.state, by_id=by.id if by else None, at=at,
                      note=note, due_at=dossier.due_at))
    session.flush()
    session.expire(dossier, ["events"])
    _publish(dossier, step, at)


def _restart_clock(dossier: Dossier, state: State, at: datetime) -> None:
    """Before the new `state` is set: the calendar may be read here, and a read writes what was changed so far."""
    if dossier.due_at and dossier.stopped_at and state == State.processing:
        dossier.due_at = deadlines.resume(dossier.stopped_at, dossier.due_at, at, catalogue.calendar())
        dossier.queue_at = dossier.due_at
    dossier.stopped_at = None


def _publish(dossier: Dossier, step: Step, at: datetime, *, reason: str | None = None,
             correction: bool = False) -> None:
    """What the public may know, written now and never computed from personal tables later. `reason`: one of the codes
    that rows of agencies' systems have; `correction`: the step takes back an end, or mends a due date."""
    status = STATUS[State(dossier.state)]
    if status is None or dossier.code is None:
        return
    fact = dossier.service.procedure
    progress.tell(
        dossier.code,
        published.Step(
            at=at, sequence=0, status=int(status), due_at=dossier.due_at, reason=reason or PUBLIC_REASONS.get(step),
            correction=correction, step=str(step), submitted_at=dossier.submitted_at, received_at=dossier.received_at,
            channel=dossier.channel, procedure_code=fact.code, level=dossier.terms.level),
        dossier.agency_id,
        Procedure(fact.code, fact.name, fact.sector_id, dossier.terms.level, unlimited=True),
        catalogue.calendar())


def _publish_unit(dossier: Dossier) -> None:
    """The public line names the part of the agency, where it is another than the whole; never for what is sensitive."""
    unit = people.unit(dossier.unit_id or 0)
    if dossier.code and unit is not None and unit.kind != UnitKind.central and \
            not is_sensitive(dossier.service.procedure.code):
        progress.name_unit(dossier.code, unit.id)


def _next_code(dossier: Dossier, now: datetime) -> str:
    """The agency's next number of the day, in the portal's own series. The counter's row is locked until this
    transaction ends. A code that is published already is passed over."""
    agency_code = dossier.agency.code
    if agency_code is None:
        raise ValueError("an agency without a confirmed code cannot number dossiers")
    day = clock.day_of(now)
    statement = insert(DossierNumber).values(agency_code=agency_code, day=day, n=1)
    further = statement.on_conflict_do_update(
        index_elements=["agency_code", "day"], set_={"n": DossierNumber.n + 1}).returning(DossierNumber.n)
    while True:
        code = codes.compose(agency_code, day, session.execute(further).scalar_one(),
                             current_app.config["CODE_SERIES"])
        if not records.owners([code]):
            return code


def _competent_unit(dossier: Dossier) -> int:
    """The department that deals with the procedure or with its sector; the agency's central unit where none does."""
    found = competence.competent_unit(dossier.agency_id, dossier.service.procedure)
    return found if found is not None else people.central_unit(dossier.agency_id).id


def _first_look(now: datetime) -> datetime:
    return catalogue.calendar().add_hours(now, FIRST_LOOK_HOURS)


def _service_name(dossier: Dossier) -> str:
    return dossier.service.procedure.name


def _tell(dossier: Dossier, step: Step, **facts: Any) -> None:
    """The notice that the table of steps names for the applicant."""
    if name := STEPS[step].notice:
        notices.tell(dossier.applicant_id, name, f"/my/dossiers/{dossier.id}", dossier_code=dossier.code,
                     service_name=_service_name(dossier), due=dossier.due_at, **facts)
