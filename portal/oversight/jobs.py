"""What a clock does to tasks: probes look, linked documents are followed, tasks that come again are given again."""
from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from sqlalchemy import select

from portal.exchange.models import Copy
from portal.kit import clock, jobs
from portal.kit.db import session
from portal.kit.jobs import Lane
from portal.oversight import probes, tasks
from portal.oversight.models import Assignment, Directive
from portal.oversight.periods import due_day, period_of
from portal.people.models import Agency


@jobs.nightly("03:10")
@jobs.job(Lane.slow, limit_s=600)
def look() -> None:
    """Every open task with a probe: one job for each directive, so that one that fails holds up no other."""
    for directive_id in session.scalars(select(Directive.id).where(Directive.probe.isnot(None))):
        jobs.put("oversight.look_at", unique=str(directive_id), directive_id=directive_id)


@jobs.job(Lane.slow)
def look_at(directive_id: int) -> None:
    """Look at every agency that has this directive open."""
    directive = session.get(Directive, directive_id)
    if directive is None or directive.probe is None:
        return
    open_ = session.scalars(select(Assignment).where(
        Assignment.directive_id == directive_id, Assignment.done_on.is_(None)).order_by(Assignment.id)).all()
    agencies = session.scalars(select(Agency).where(Agency.id.in_({one.agency_id for one in open_}))).all()
    today = clock.today()
    seen = probes.look(directive.probe, agencies, today, directive.wanted)
    for task in open_:
        tasks.read(task, seen[task.agency_id], today)


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


@jobs.nightly("00:20")
@jobs.job(Lane.quick)
def give_again() -> None:
    """Tasks that come again: the agencies of the last period have it for this one too."""
    today = clock.today()
    for directive in session.scalars(select(Directive).where(Directive.deadline == "recurring").order_by(Directive.id)):
        assert directive.every is not None
        period = period_of(today, directive.every)
        leads, others = _agencies(directive, today)
        tasks.give(directive, leads, others, by=None, period=period, due_on=due_day(period))


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
