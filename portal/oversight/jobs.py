"""What a clock does to tasks: probes look, linked documents are followed, agencies are reminded,
tasks that come again are given again."""
import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from portal.exchange.models import Copy
from portal.kit import clock, jobs
from portal.kit.db import session
from portal.kit.jobs import Lane
from portal.oversight import importing, live, probes, recounting, reminding, tallies, tasks
from portal.oversight.models import Assignment, Directive
from portal.oversight.periods import after, due_day, every_of, period_of
from portal.oversight.probes import Asked, Seen
from portal.people.models import Agency

LOOK_S, PAGE_S = 600.0, 30.0
log = logging.getLogger(__name__)


@dataclass
class Round:
    """What a probe looks at: `tasks` by period and agency, `gathered` by period where it goes outside, and what was
    `seen` already, by task. Plain values: they outlive the transaction in which they were read."""

    probe: str
    day: date
    tasks: dict[str, dict[int, int]] = field(default_factory=dict)
    gathered: dict[str, Any] = field(default_factory=dict)
    seen: dict[int, Seen] = field(default_factory=dict)


@jobs.nightly("03:10")
@jobs.job(Lane.slow, limit_s=LOOK_S)
def look() -> None:
    """Every open task with a probe: one job for each directive, so that one that fails holds up no other; one for each
    task, where somebody else's machine is asked."""
    open_ = select(Directive.id, Directive.probe).join(Assignment, Assignment.directive_id == Directive.id).where(
        Directive.probe.isnot(None), Assignment.done_on.is_(None))
    for directive_id, probe in session.execute(open_.distinct().order_by(Directive.id)).all():
        if probe and probe in probes.PROBES and probes.PROBES[probe].alone:
            for task_id in session.scalars(select(Assignment.id).where(
                    Assignment.directive_id == directive_id, Assignment.done_on.is_(None)).order_by(Assignment.id)):
                jobs.put("oversight.look_outside", unique=str(task_id), task_id=task_id)
        else:
            jobs.put("oversight.look_at", unique=str(directive_id), directive_id=directive_id)


@jobs.job(Lane.slow, limit_s=LOOK_S)
def look_at(directive_id: int) -> Round | None:
    """Look at every agency that has this directive open."""
    return _round(session.scalars(select(Assignment).where(
        Assignment.directive_id == directive_id, Assignment.done_on.is_(None)).options(
        joinedload(Assignment.agency), joinedload(Assignment.directive)).order_by(Assignment.id)).all())


@jobs.job(Lane.outside, limit_s=PAGE_S)
def look_outside(task_id: int) -> Round | None:
    """Look at one agency, where another machine is asked."""
    return _round(session.scalars(select(Assignment).where(
        Assignment.id == task_id, Assignment.done_on.is_(None)).options(
        joinedload(Assignment.agency), joinedload(Assignment.directive))).all())


def _round(open_: Sequence[Assignment]) -> Round | None:
    """What the portal's own data says is read at once; what takes long is gathered for the act outside."""
    if not open_ or open_[0].directive.probe is None:
        return None
    directive, day = open_[0].directive, clock.today()
    found = Round(open_[0].directive.probe, day)
    for period, some in _by_period(open_).items():
        found.tasks[period] = {one.agency_id: one.id for one in some}
        asked = Asked([one.agency for one in some], day, directive.wanted, period)
        if probes.is_slow(found.probe):
            found.gathered[period] = probes.gather(found.probe, asked)
        else:
            found.seen |= _by_task(found, period, probes.look(found.probe, asked))
    return found


def _by_period(open_: Iterable[Assignment]) -> Mapping[str, list[Assignment]]:
    """A task that comes again may be open for several periods at one agency."""
    found: dict[str, list[Assignment]] = defaultdict(list)
    for one in open_:
        found[one.period].append(one)
    return found


def _by_task(of: Round, period: str, seen: Mapping[int, Seen]) -> dict[int, Seen]:
    return {task_id: seen.get(agency_id) or Seen(None, {"why": "failed"})
            for agency_id, task_id in of.tasks[period].items()}


@look_at.work
@look_outside.work
def _outside(of: Round) -> dict[int, Seen]:
    seen = dict(of.seen)
    for period, gathered in of.gathered.items():
        seen |= _by_task(of, period, probes.judge(of.probe, gathered))
    return seen


@look_at.write
@look_outside.write
def _note(of: Round, seen: dict[int, Seen]) -> None:
    """Of tasks whose probe is still that one."""
    for task_id in sorted(seen):
        task = session.get(Assignment, task_id, options=[joinedload(Assignment.directive)])
        if task is not None and task.directive.probe == of.probe:
            tasks.read(task, seen[task_id], of.day)


@jobs.nightly("23:40")
@jobs.job(Lane.slow, limit_s=600)
def measure() -> None:
    """The figures of the day that ends, as they are kept for ever."""
    live.measure()


@jobs.every(minutes=180)
@jobs.job(Lane.slow, limit_s=600)
def measure_again() -> None:
    """The figures of today, as far as the day has come."""
    live.measure()


@jobs.every(minutes=15)
@jobs.job(Lane.quick)
def follow_documents() -> None:
    """What was answered through the exchange is proposed as done, with the answer as its evidence."""
    answered = session.execute(select(Assignment, Copy).join(Directive, Directive.id == Assignment.directive_id).join(
        Copy, (Copy.document_id == Directive.document_id) & (Copy.agency_id == Assignment.agency_id)).where(
        Assignment.done_on.is_(None), Assignment.claimed_at.is_(None), Assignment.proposed_at.is_(None),
        Copy.answered_at.isnot(None)).order_by(Assignment.id)).all()
    for task, copy in answered:
        tasks.propose(task, {"document": copy.document_id, "answer": copy.answer_id,
                             "at": copy.answered_at.isoformat() if copy.answered_at else None})


@jobs.nightly("06:30")
@jobs.job(Lane.quick)
def remind() -> None:
    """What comes near or is late: one job for each agency that has any of it."""
    for agency_id in reminding.agencies_with_due(clock.today(), current_app.config["TASK_REMINDERS"]):
        jobs.put("oversight.remind_agency", unique=str(agency_id), agency_id=agency_id)


@jobs.job(Lane.quick)
def remind_agency(agency_id: int) -> None:
    """Tell an agency, by one notice, of all that it is to be reminded of today."""
    reminding.remind_agency(agency_id, clock.today(), current_app.config["TASK_REMINDERS"])


@jobs.nightly("00:20")
@jobs.job(Lane.quick)
def give_again() -> None:
    """Tasks that come again: the agencies of the last period have it for this one too. Periods that were missed, while
    nothing ran, come too, as those of reports do."""
    today = clock.today()
    for directive in session.scalars(select(Directive).where(Directive.deadline == "recurring").order_by(Directive.id)):
        assert directive.every is not None
        for period in _until(period_of(today, directive.every), directive):
            leads, others = _agencies(directive, min(today, due_day(period)))
            tasks.give(directive, leads, others, by=None, period=period, due_on=due_day(period))


def _until(now: str, directive: Directive) -> Iterator[str]:
    """The periods after the newest that it was given for, up to this one; this one again, for who has it not yet."""
    newest = session.scalar(select(func.max(Assignment.period)).where(Assignment.directive_id == directive.id))
    if newest and every_of(newest) == directive.every:
        while (newest := after(newest)) < now:
            yield newest
    yield now


@jobs.nightly("04:40")
@jobs.job(Lane.quick)
def forget_imports() -> None:
    """Spreadsheets of tasks to which nobody said yes are not kept."""
    importing.forget(clock.now())


@jobs.nightly("00:05")
@jobs.job(Lane.quick)
def roll_tallies() -> None:
    """What fell due is late from today; on the first day of a quarter how everybody stood is written down."""
    tallies.roll(clock.today())


@jobs.nightly("04:20")
@jobs.job(Lane.slow, limit_s=600)
def recount() -> None:
    """Counters are what a count of all tasks is, also after a release before this one worked on this database."""
    for one in recounting.mend(clock.today()):
        log.warning("the tasks of agency %s were counted wrongly: %s", one.agency_id, one.lacks)


def _agencies(directive: Directive, today: date) -> tuple[list[Agency], list[Agency]]:
    """Of the newest period before, as far as they still exist: (those that answer for it, those that co-operate)."""
    found: dict[bool, dict[int, Agency]] = defaultdict(dict)
    for task in _newest(directive):
        if task.agency.valid_to is None or task.agency.valid_to >= today:
            found[task.lead][task.agency_id] = task.agency
    return list(found[True].values()), list(found[False].values())


def _newest(directive: Directive) -> Iterator[Assignment]:
    newest = session.scalar(select(Assignment.period).where(Assignment.directive_id == directive.id).order_by(
        Assignment.period.desc()).limit(1))
    yield from session.scalars(select(Assignment).where(
        Assignment.directive_id == directive.id, Assignment.period == newest).order_by(Assignment.id))
