"""Who works: each runner says now and then that it lives, so that /readyz can tell whether a lane is deserted."""
from datetime import datetime, timedelta

from sqlalchemy import func, select

from portal.kit import clock
from portal.kit.db import session
from portal.kit.jobs.lanes import Lane
from portal.kit.jobs.models import WorkerBeat
from portal.kit.upsert import insert


def beat(worker: str, lane: Lane) -> None:
    """Say that this runner lives."""
    adding = insert(WorkerBeat).values(worker=worker, lane=lane, seen_at=clock.now())
    session.execute(adding.on_conflict_do_update(index_elements=["worker"], set_={
        "seen_at": adding.excluded.seen_at, "lane": adding.excluded.lane}))


def last_seen() -> dict[Lane, datetime | None]:
    """When somebody was last seen in each lane."""
    seen: dict[str | None, datetime] = {row[0]: row[1] for row in session.execute(
        select(WorkerBeat.lane, func.max(WorkerBeat.seen_at)).group_by(WorkerBeat.lane))}
    return {lane: seen.get(lane) for lane in Lane}


def deserted(silence: timedelta) -> set[Lane]:
    """The lanes in which nobody was seen for so long."""
    since = clock.now() - silence
    return {lane for lane, at in last_seen().items() if at is None or at < since}
