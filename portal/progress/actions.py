"""Publishing. Called inside the transaction of whatever happened; nothing here commits.

No function here takes a name or anything that a person typed: what cannot pass cannot leak.
"""
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update

from portal.catalogue import queries as catalogue
from portal.kit import clock, jobs
from portal.kit.db import session
from portal.kit.hot import bulk
from portal.progress.models import (
    ProgressChange,
    ProgressRecord,
    ProgressStep,
    ProgressSubscriber,
)
from portal.statistics import recounting
from portal.statistics.actions import advance, count, mend
from portal.statistics.measures import Key, Line
from portal.statistics.models import ProgressPosition

LONGEST_NAME = 600
BACK_OFF_S = (10, 60, 300, 1800, 7200, 21600)
PAUSE_AFTER = 10


def publish(code: str, *, agency_id: int, procedure_code: str, service_name: str, level: int, channel: str,
            step: str, status: int, at: datetime, submitted_at: datetime, received_at: datetime | None,
            due_at: datetime | None, stopped_at: datetime | None, finished_at: datetime | None,
            timing: str | None) -> ProgressRecord:
    """Write what the public may know after `step`: the line, the step, and the counters moved with them."""
    procedure = catalogue.procedure(procedure_code)
    record = session.scalar(select(ProgressRecord).where(ProgressRecord.code == code).with_for_update())
    before = line_of(record) if record else None
    if record is None:
        record = ProgressRecord(code=code)
        session.add(record)
    facts = {
        "agency_id": agency_id, "procedure_code": procedure_code, "service_name": shortened(service_name),
        "level": level, "channel": channel, "status": status, "submitted_at": submitted_at,
        "received_at": received_at, "due_at": due_at, "stopped_at": stopped_at, "finished_at": finished_at,
        "timing": timing, "changed_at": at, "source": "portal", "first_due_at": record.first_due_at or due_at,
        "sector_id": procedure.sector.id if procedure else None}
    for name, value in facts.items():
        setattr(record, name, value)
    session.flush()
    _add_step(record, step, status, at, due_at)
    count([(before, line_of(record))])
    announce([(code, status, at)])
    return record


def announce(changed: Sequence[tuple[str, int, datetime]]) -> None:
    """Add (code, status, moment) to the feed of changes and wake who listens: the last that a transaction does.

    The one row that gives positions stays locked until the commit, so positions rise in the order of commits.
    """
    if not changed:
        return
    first = advance(len(changed)) - len(changed) + 1
    table: Any = ProgressChange.__table__
    bulk.insert(table, ("position", "code", "status", "at"),
                [(first + n, *change) for n, change in enumerate(changed)])
    idle = update(ProgressSubscriber).where(ProgressSubscriber.paused_at.is_(None),
                                            ProgressSubscriber.next_at.is_(None))
    for subscriber_id in session.scalars(idle.values(next_at=clock.now()).returning(ProgressSubscriber.id)).all():
        jobs.put("progress.tell_subscriber", subscriber_id=subscriber_id, last_id=first + len(changed) - 1)


def counted() -> recounting.Count:
    """Every counter that is not what the records say. Only reads."""
    return recounting.counted(ProgressRecord.__tablename__)


def recount() -> dict[Key, tuple[int, int]]:
    """Set right every counter that is not what the records say. Returns what was wrong: counter → (counted, true)."""
    found = counted()
    mend(found)
    return found.wrong




def add_subscriber(agency_id: int, url: str, secret: str) -> ProgressSubscriber:
    """A machine that is told of every change from now on. `secret` signs what it is sent."""
    position = session.scalar(select(ProgressPosition.n)) or 0
    subscriber = ProgressSubscriber(agency_id=agency_id, url=url, secret=secret, position=position)
    session.add(subscriber)
    session.flush()
    return subscriber


def heard(subscriber_id: int, position: int) -> None:
    """The subscriber has everything up to `position`; told of more at once where there is more."""
    _hold_position()
    subscriber = session.get(ProgressSubscriber, subscriber_id, with_for_update=True)
    if subscriber is None:  # removed while it was called
        return
    subscriber.position, subscriber.failures = max(subscriber.position, position), 0
    newest = session.scalar(select(func.max(ProgressChange.position))) or 0
    more = newest > subscriber.position
    subscriber.next_at = clock.now() if more else None
    session.flush()
    if more:
        jobs.put("progress.tell_subscriber", subscriber_id=subscriber.id, last_id=newest)


def missed(subscriber_id: int, position: int) -> None:
    """The subscriber did not take what ends at `position`: the same later again, and after PAUSE_AFTER times not
    before somebody resumes it."""
    subscriber = session.get(ProgressSubscriber, subscriber_id, with_for_update=True)
    if subscriber is None:
        return
    subscriber.failures += 1
    if subscriber.failures >= PAUSE_AFTER:
        subscriber.paused_at, subscriber.next_at = clock.now(), None
    else:
        wait = BACK_OFF_S[min(subscriber.failures, len(BACK_OFF_S)) - 1]
        subscriber.next_at = clock.now() + timedelta(seconds=wait)
        jobs.put("progress.tell_subscriber", subscriber_id=subscriber.id, last_id=position,
                 due_at=subscriber.next_at)
    session.flush()


def resume_subscriber(subscriber: ProgressSubscriber) -> None:
    """Tell a paused subscriber again, from where it stopped hearing."""
    subscriber.paused_at, subscriber.failures, subscriber.next_at = None, 0, clock.now()
    session.flush()
    newest = session.scalar(select(func.max(ProgressChange.position))) or 0
    jobs.put("progress.tell_subscriber", subscriber_id=subscriber.id, last_id=newest)


def remove_subscriber(subscriber: ProgressSubscriber) -> None:
    """Tell this machine nothing any more. What waits to be told finds nobody."""
    session.delete(subscriber)
    session.flush()


def change_secret(subscriber: ProgressSubscriber, secret: str) -> None:
    """Sign with `secret` from the next call on."""
    subscriber.secret = secret
    session.flush()


def _hold_position() -> None:
    """Let no change be announced between looking for more and going to sleep."""
    session.execute(select(ProgressPosition.n).with_for_update())


def _add_step(record: ProgressRecord, step: str, status: int, at: datetime, due_at: datetime | None) -> None:
    last = session.scalar(select(func.max(ProgressStep.position)).where(ProgressStep.record_id == record.id))
    session.add(ProgressStep(record_id=record.id, position=(last or 0) + 1, step=step, status=status, at=at,
                             due_at=due_at))
    session.flush()
    session.expire(record, ["steps", "agency"])


def line_of(row: Any) -> Line:
    """What counts of a record, or of a row with its columns. A due date that was missed stays the one that counts."""
    received_at, finished_at, day = row.received_at, row.finished_at, clock.day_of
    due_at = row.missed_due_at or row.due_at
    return Line(row.agency_id, row.status, day(row.submitted_at), day(received_at) if received_at else None,
                day(due_at) if due_at else None, row.stopped_at is not None,
                day(finished_at) if finished_at else None, row.timing, row.sector_id, row.procedure_code, row.level,
                row.channel)


def shortened(name: str) -> str:
    """A service's name as long as the table takes it."""
    return name if len(name) <= LONGEST_NAME else name[:LONGEST_NAME - 1].rstrip() + "…"
