"""Jobs that failed for good: seen by an administrator, set going again or given up. Who did it is kept."""
from collections.abc import Sequence

from sqlalchemy import select

from portal.kit import clock
from portal.kit.db import session
from portal.kit.jobs.kinds import KINDS
from portal.kit.jobs.models import Job, JobDecision

AGAIN, GIVE_UP = "again", "give_up"
PAGE = 50


def newest(*, before: int | None = None, limit: int = PAGE) -> Sequence[Job]:
    """The dead letters that nobody has decided about, the newest first, those with an id below `before`."""
    query = select(Job).where(Job.dead_at.is_not(None), Job.done_at.is_(None))
    if before is not None:
        query = query.where(Job.id < before)
    return session.scalars(query.order_by(Job.id.desc()).limit(limit)).all()


def decisions(limit: int = PAGE) -> Sequence[JobDecision]:
    """What was decided last."""
    query = select(JobDecision).order_by(JobDecision.at.desc(), JobDecision.id.desc())
    return session.scalars(query.limit(limit)).all()


def again(job_id: int, *, by_id: int) -> bool:
    """Set a dead letter going again with all its patience. False when it is none any more."""
    job = _decide(job_id, AGAIN, by_id)
    if job is None:
        return False
    job.dead_at, job.leased_until, job.failures, job.due_at = None, None, 0, clock.now()
    job.unique_key = None  # one with its key may have come to wait meanwhile
    if kind := KINDS.get(job.name):
        job.lane = kind.lane
    session.flush()
    return True


def give_up(job_id: int, *, by_id: int) -> bool:
    """Leave a dead letter undone for good. False when it is none any more."""
    job = _decide(job_id, GIVE_UP, by_id)
    if job is None:
        return False
    job.done_at = clock.now()
    session.flush()
    return True


def _decide(job_id: int, decision: str, by_id: int) -> Job | None:
    job = session.get(Job, job_id, with_for_update=True)
    if job is None or job.dead_at is None or job.done_at is not None:
        return None
    session.add(JobDecision(job_id=job.id, name=job.name, failures=job.failures, error=job.error, decision=decision,
                            by_id=by_id))
    return job
