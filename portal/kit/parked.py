"""Jobs that were given up: seen by an administrator, and set going again."""
from collections.abc import Sequence

from sqlalchemy import select

from portal.kit import clock
from portal.kit.db import session
from portal.kit.queue import Job


def jobs(limit: int = 100) -> Sequence[Job]:
    """The jobs parked last, the newest first."""
    return session.scalars(select(Job).where(Job.parked_at.is_not(None), Job.done_at.is_(None))
                           .order_by(Job.parked_at.desc(), Job.id.desc()).limit(limit)).all()


def retry(job_id: int) -> bool:
    """Set a parked job going again with all its patience. False when it is not parked."""
    job = session.get(Job, job_id, with_for_update=True)
    if job is None or job.parked_at is None or job.done_at is not None:
        return False
    job.parked_at, job.leased_until, job.failures, job.due_at = None, None, 0, clock.now()
    session.flush()
    return True
