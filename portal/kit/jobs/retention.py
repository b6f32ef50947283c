"""Done jobs, old decisions and runners that are gone are not kept for ever."""
from datetime import timedelta

from sqlalchemy import delete, select

from portal.kit import clock
from portal.kit.db import session
from portal.kit.jobs.kinds import job
from portal.kit.jobs.lanes import Lane
from portal.kit.jobs.models import Job, JobDecision, WorkerBeat
from portal.kit.jobs.queue import put
from portal.kit.jobs.schedule import nightly

DONE, DECIDED, UNSEEN = timedelta(days=7), timedelta(days=365), timedelta(days=1)
AT_ONCE = 2000  # rows deleted in one transaction


@nightly("03:40")
@job(Lane.quick)
def delete_old() -> None:
    """Delete what was done a week ago, piece by piece: a short transaction each."""
    now = clock.now()
    old = select(Job.id).where(Job.done_at < now - DONE).order_by(Job.done_at).limit(AT_ONCE)
    ids = session.scalars(old).all()
    session.execute(delete(Job).where(Job.id.in_(ids)))
    session.execute(delete(JobDecision).where(JobDecision.at < now - DECIDED))
    session.execute(delete(WorkerBeat).where(WorkerBeat.seen_at < now - UNSEEN))
    if len(ids) == AT_ONCE:
        put("kit.jobs.retention.delete_old")
