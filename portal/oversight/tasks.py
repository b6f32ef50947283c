"""The verbs of tasks: given, claimed, confirmed or returned, put off, reminded of, opened again. Actions flush, the
edge commits.

Who is watched never closes: `verify` is for those who watch, and not for somebody who also works at the agency."""
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from portal.exchange import following
from portal.exchange import queries as exchange
from portal.kit import clock
from portal.kit.db import session
from portal.oversight import parts, probes, tallies, telling
from portal.oversight.models import Assignment, Directive, OversightEvent, ProbeReading
from portal.oversight.probes import Seen
from portal.oversight.standing import Code, Standing, standing
from portal.oversight.tallies import Move
from portal.people.models import Agency, Person

LONGEST_REASON = 2000
FOLDED = ("due_on", "claimed_at", "proposed_at", "verified_at", "done_on", "asked_until", "reminded_at", "returned_at")


class NotNow(Exception):
    """The task does not stand so that this could be done. `why`: the name of the reason (WHY)."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class NeedsReason(ValueError):
    """It must be said why."""


def give(directive: Directive, leads: Collection[Agency], co_operating: Collection[Agency] = (), *,
         by: Person | None, period: str = "", due_on: date | None = None) -> list[Assignment]:
    """Give a task to agencies: those that answer for it, and those that co-operate. An agency that has it already for
    this period is left out. `due_on`: instead of the directive's; one by a condition that has come about holds for them
    too."""
    session.add(directive)
    session.flush()
    has = set(session.scalars(select(Assignment.agency_id).where(
        Assignment.directive_id == directive.id, Assignment.period == period)))
    due = due_on or directive.due_on or directive.condition_due_on
    made = [Assignment(directive_id=directive.id, agency_id=one.id, lead=lead, period=period, due_on=due,
                       public=directive.public)
            for lead, agencies in ((True, leads), (False, co_operating)) for one in agencies if one.id not in has]
    session.add_all(made)
    session.flush()
    wholes = _hold_wholes(made) if directive.parent_id is not None else []
    session.add_all(OversightEvent(assignment_id=one.id, code=Code.assigned, at=one.assigned_at, machine=False,
                                   due_on=due, by_id=by.id if by else None, by_name=by.name if by else None)
                    for one in made)
    tallies.move_all((Move(one, None, Standing(due_on=due)) for one in made), clock.today())
    session.flush()
    _weigh(wholes, made[0].id if made else 0)
    return made


def claim(task: Assignment, by: Person, words: str, evidence: Mapping[str, Any] | None = None) -> None:
    """The agency says that it is done, with what shows it. Raises NotNow, NeedsReason."""
    found = _held(task)
    if found.done_on or found.claimed_at:
        raise NotNow("claimed" if found.claimed_at and not found.done_on else "done")
    _write(task, Code.claimed, by, _reason(words), facts=evidence)
    _move_document(task, confirmed=False)


def ask_for_time(task: Assignment, by: Person, until: date, reason: str) -> None:
    """The agency asks for a later day. Raises NotNow, NeedsReason."""
    found = _held(task)
    if found.done_on or found.due_on is None or until <= found.due_on:
        raise NotNow("done" if found.done_on else "no_day" if found.due_on is None else "earlier")
    _write(task, Code.extension_asked, by, _reason(reason), due_on=until)


def decide_time(task: Assignment, by: Person, *, give_it: bool, reason: str = "", was: str | None = None) -> None:
    """More time is given, or refused with a reason. `was`: Standing.said as whoever decides saw it, here and below: the
    agency may have asked for another day meanwhile. Raises NotNow, NeedsReason."""
    found = _held(task, was)
    _not_watched(task, by)
    if found.asked_until is None or found.done_on:
        raise NotNow("not_asked")
    if give_it:
        _write(task, Code.extended, by, reason or None, due_on=found.asked_until)
    else:
        _write(task, Code.extension_refused, by, _reason(reason))


def verify(task: Assignment, by: Person, reason: str = "", was: str | None = None) -> None:
    """Whoever watches confirms that it is done. Without a probe that passes, as it was seen in the last days, a reason
    must be given. Raises NotNow, NeedsReason."""
    wholes = _hold_wholes([task])
    found = _held(task, was)
    _not_watched(task, by)
    if found.done_on:
        raise NotNow("done")
    sees = task.sees(clock.now())
    _write(task, Code.verified, by, reason or None if sees else _reason(reason),
           facts={"probe": task.directive.probe, "passed": sees} if task.directive.probe else None)
    _move_document(task, confirmed=True)
    _weigh(wholes, task.id)


def _move_document(task: Assignment, *, confirmed: bool) -> None:
    """The document that gave the task stands in the agency's register as the task does."""
    if task.directive.document_id is not None:
        following.from_directive(task.directive.document_id, task.agency_id, clock.now(), confirmed=confirmed)


def send_back(task: Assignment, by: Person, reason: str, was: str | None = None) -> None:
    """What was claimed does not hold, and why. Raises NotNow, NeedsReason."""
    found = _held(task, was)
    _not_watched(task, by)
    if found.done_on or not (found.claimed_at or found.proposed_at):
        raise NotNow("done" if found.done_on else "not_claimed")
    _write(task, Code.returned, by, _reason(reason))


def reopen(task: Assignment, by: Person, reason: str, was: str | None = None) -> None:
    """What was confirmed holds no longer; the old confirmation stays written. Raises NotNow, NeedsReason."""
    wholes = _hold_wholes([task])
    found = _held(task, was)
    _not_watched(task, by)
    if not found.done_on:
        raise NotNow("open")
    _write(task, Code.reopened, by, _reason(reason))
    _weigh(wholes, task.id, reopened=True)


def condition_met(directive: Directive, by: Person, on: date, due_on: date, reason: str) -> int:
    """What the deadline waits for has come about on a day: all that is open is due by another, and what is given later
    too. Said again it is mended; what was before stays written. How many tasks have the day. Raises NotNow (fixed: it
    waits for no condition; earlier: due before the condition; ahead: the condition's day is to come;
    own_agency), NeedsReason."""
    session.refresh(directive, with_for_update=True)
    if directive.deadline != "condition" or due_on < on or on > clock.today():
        raise NotNow("fixed" if directive.deadline != "condition" else "ahead" if on > clock.today() else "before_it")
    said = _reason(reason)
    for agency_id in session.scalars(select(Assignment.agency_id).where(Assignment.directive_id == directive.id)):
        if any(held.agency_id == agency_id for held in by.roles):  # their own day would be moved too
            raise NotNow("own_agency")
    directive.condition_met_on, directive.condition_due_on = on, due_on
    open_ = session.scalars(select(Assignment).where(
        Assignment.directive_id == directive.id, Assignment.done_on.is_(None)).order_by(
        Assignment.id).with_for_update()).all()
    moved = 0
    tallies.hold({task.agency_id for task in open_}, clock.today())
    for task in open_:
        if not _held(task).done_on:
            _write(task, Code.condition_met, by, said, due_on=due_on, facts={"on": on.isoformat()})
            moved += 1
    return moved


def remind(task: Assignment, by: Person | None, facts: Mapping[str, Any] | None = None) -> bool:
    """Note that the agency is reminded, by a person or by the clock; once a day at most, and only of what it has still
    to do. Whether it is news; who is told is the caller's."""
    found = _held(task)
    if found.done_on or (found.reminded_at and clock.day_of(found.reminded_at) >= clock.today()):
        return False
    _write(task, Code.reminded, by, None, facts=facts)
    return True


def propose(task: Assignment, facts: Mapping[str, Any]) -> bool:
    """The portal saw something that looks like completion. Whoever watches decides. Whether that is news."""
    found = _held(task)
    if found.done_on or found.claimed_at or found.proposed_at:
        return False
    _write(task, Code.proposed, None, None, facts=facts)
    return True


def read(task: Assignment, seen: Seen, day: date) -> None:
    """Keep what a probe saw on a day. An event only where the answer changed; what cannot look changes nothing."""
    reading = session.get(ProbeReading, (task.id, day))
    if reading is None:
        session.add(ProbeReading(assignment_id=task.id, day=day, passed=seen.passed, facts=dict(seen.facts)))
    else:
        reading.passed, reading.facts = seen.passed, dict(seen.facts)
    if seen.passed is None:
        return
    found = _held(task)
    if task.probe_passed != seen.passed:
        _write(task, Code.probed, None, None, facts={"probe": task.directive.probe, "passed": seen.passed} | {
            **seen.facts})
    task.probe_passed, task.probed_at = seen.passed, clock.now()
    if seen.passed and not (found.done_on or found.claimed_at or found.proposed_at):
        _write(task, Code.proposed, None, None, facts={"probe": task.directive.probe})
    elif not seen.passed and found.proposed_at and not found.done_on and "probe" in _proposal(task):
        _write(task, Code.withdrawn, None, None, facts={"probe": task.directive.probe})
    session.flush()


def _hold_wholes(some: Sequence[Assignment]) -> list[int]:
    """The numbers of the tasks that these parts count for. They are held with the parts, in the order of their numbers
    and before any counter is, as everybody does who holds several: nobody waits for each other for ever."""
    wholes = sorted({task_id for one in some for task_id in parts.counts_for(one)})
    if wholes:
        session.execute(select(Assignment.id).where(Assignment.id.in_([*wholes, *(one.id for one in some)])).order_by(
            Assignment.id).with_for_update())
    return wholes


def _weigh(wholes: Sequence[int], part_id: int, *, reopened: bool = False) -> None:
    """What parts make of the tasks that they count for: all confirmed, completion is proposed; not all any more, the
    proposal is withdrawn. What a person confirmed stays confirmed, and is doubted. They are held, so that of two parts
    that are confirmed at once the second sees the first."""
    for task_id in wholes:
        task = session.get_one(Assignment, task_id)
        found, stand = _held(task), parts.stand(task, clock.today(), size=0)
        facts = {"parts": stand.given, "done": stand.done, "part": part_id}
        if found.done_on:
            if reopened:
                _write(task, Code.doubted, None, None, facts=facts)
        elif stand.all_done and not (found.claimed_at or found.proposed_at):
            _write(task, Code.proposed, None, None, facts=facts)
        elif not stand.all_done and found.proposed_at and "parts" in _proposal(task):
            _write(task, Code.withdrawn, None, None, facts=facts)


def _proposal(task: Assignment) -> Mapping[str, Any]:
    """What the newest proposal was made from."""
    return session.scalar(select(OversightEvent.facts).where(
        OversightEvent.assignment_id == task.id, OversightEvent.code == str(Code.proposed)).order_by(
        OversightEvent.id.desc()).limit(1)) or {}


def new_directive(**fields: Any) -> Directive:
    """A directive that is not stored yet; carried by the document of its number and day, where the exchange has one.
    ValueError for a probe that is none or is not given what it wants (probes.WrongWant), for a deadline without its
    day, and for a part that can be none (parts.NotAPart)."""
    directive = Directive(**fields)
    if directive.document_id is None:
        carrier = exchange.document_numbered(directive.number, directive.issued_on)
        directive.document_id = carrier.id if carrier else None
    if directive.probe:
        directive.wanted = probes.complete(directive.probe, directive.wanted or {},
                                           recurring=directive.deadline == "recurring")
    if directive.parent_id is not None:
        parts.check(session.get_one(Directive, directive.parent_id))
    if directive.deadline == "fixed" and directive.due_on is None:
        raise ValueError("a fixed deadline has a day")
    return directive


def make_part(parent: Directive, child: Directive) -> None:
    """Let a task that was given be a part of another; what it says by now counts. Raises parts.NotAPart."""
    # both in the order of their numbers: of two that would be parts of each other, the second is refused
    for one in sorted((parent, child), key=lambda each: each.id):
        session.refresh(one, with_for_update=True)
    parts.check(parent, child)
    child.parent_id = parent.id
    session.flush()
    made = session.scalars(select(Assignment).where(Assignment.directive_id == child.id)).all()
    _weigh(_hold_wholes(made), made[0].id if made else 0)


def _held(task: Assignment, was: str | None = None) -> Standing:
    """How it stands, under its lock: of two who decide at once, the second sees what the first did. Raises NotNow where
    there is something else to decide on than there `was`."""
    session.flush()
    session.refresh(task, with_for_update={"of": Assignment})
    found = standing(_events(task))
    if was is not None and was != found.said and not found.done_on:
        raise NotNow("changed")
    return found


def _events(task: Assignment) -> list[Any]:
    return list(session.execute(select(OversightEvent.code, OversightEvent.at, OversightEvent.due_on).where(
        OversightEvent.assignment_id == task.id).order_by(OversightEvent.id)))


def _not_watched(task: Assignment, by: Person) -> None:
    """Neither who works at the agency now, nor who spoke for it in this task and has changed places since."""
    spoke = select(OversightEvent.id).where(
        OversightEvent.assignment_id == task.id, OversightEvent.by_id == by.id,
        OversightEvent.code.in_((str(Code.claimed), str(Code.extension_asked))))
    if any(held.agency_id == task.agency_id for held in by.roles) or session.scalar(spoke.limit(1)):
        raise NotNow("own_agency")


def _reason(words: str | None) -> str:
    if not (words or "").strip():
        raise NeedsReason
    return str(words).strip()[:LONGEST_REASON]


def _write(task: Assignment, code: Code, by: Person | None, reason: str | None, *, due_on: date | None = None,
           facts: Mapping[str, Any] | None = None, at: datetime | None = None) -> None:
    session.add(OversightEvent(assignment_id=task.id, code=code, at=at or clock.now(), machine=by is None,
                               by_id=by.id if by else None, by_name=by.name if by else None, reason=reason,
                               due_on=due_on, facts=dict(facts or {})))
    session.flush()
    before = Standing(due_on=task.due_on, claimed_at=task.claimed_at, done_on=task.done_on)
    found = standing(_events(task))
    for column in FOLDED:
        setattr(task, column, getattr(found, column))
    tallies.move(task, before, found, clock.today())
    session.flush()
    telling.of_event(task, code, by, reason)
