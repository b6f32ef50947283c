"""Publishing. Called inside the transaction of whatever happened; nothing here commits.

No function here takes a name or anything that a person typed: what cannot pass cannot leak.
"""
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, func, select, text

from portal.kit import clock
from portal.kit.db import session
from portal.kit.upsert import insert
from portal.progress import measures
from portal.progress.measures import Key, Line, Monthly, Open
from portal.progress.models import ProgressCount, ProgressOpen, ProgressRecord, ProgressStep

LONGEST_NAME = 600
BATCH = 5000
_COUNTED = ("agency_id", "status", "submitted_at", "received_at", "due_at", "stopped_at", "finished_at",
            "timing")


def publish(code: str, *, agency_id: int, procedure_code: str, service_name: str, level: int, channel: str,
            step: str, status: int, at: datetime, submitted_at: datetime, received_at: datetime | None,
            due_at: datetime | None, stopped_at: datetime | None, finished_at: datetime | None,
            timing: str | None) -> ProgressRecord:
    """Write what the public may know after `step`: the line, the step, and the counters moved with them."""
    record = session.scalar(select(ProgressRecord).where(ProgressRecord.code == code).with_for_update())
    before = _line(record) if record else None
    if record is None:
        record = ProgressRecord(code=code)
        session.add(record)
    facts = {
        "agency_id": agency_id, "procedure_code": procedure_code, "service_name": _shortened(service_name),
        "level": level, "channel": channel, "status": status, "submitted_at": submitted_at,
        "received_at": received_at, "due_at": due_at, "stopped_at": stopped_at, "finished_at": finished_at,
        "timing": timing, "changed_at": at}
    for name, value in facts.items():
        setattr(record, name, value)
    session.flush()
    _add_step(record, step, status, at)
    _move(measures.deltas(before, _line(record)))
    return record


def recount() -> dict[Key, tuple[int, int]]:
    """Build every counter anew from the records. Returns what was wrong: counter → (counted, true).

    Writers of counters wait meanwhile: on SQLite by the transaction itself, on PostgreSQL by the lock.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE progress_count, progress_open IN SHARE ROW EXCLUSIVE MODE"))
    wrong = measures.differences(_counted(), measures.recounted(_lines()))
    _move({key: true - counted for key, (counted, true) in wrong.items()})
    return wrong


def _add_step(record: ProgressRecord, step: str, status: int, at: datetime) -> None:
    last = session.scalar(select(func.max(ProgressStep.position)).where(ProgressStep.record_id == record.id))
    session.add(ProgressStep(record_id=record.id, position=(last or 0) + 1, step=step, status=status, at=at))
    session.flush()
    session.expire(record, ["steps", "agency"])


def _line(row: Any) -> Line:
    """What counts of a record, or of a row with the columns of _COUNTED."""
    return Line(agency_id=row.agency_id, status=row.status, submitted_on=clock.day_of(row.submitted_at),
                received_on=clock.day_of(row.received_at) if row.received_at else None,
                due_on=clock.day_of(row.due_at) if row.due_at else None, paused=row.stopped_at is not None,
                finished_on=clock.day_of(row.finished_at) if row.finished_at else None, timing=row.timing)


def _lines() -> Iterator[Line]:
    columns = [ProgressRecord.__table__.c[name] for name in _COUNTED]
    rows = session.execute(select(*columns), execution_options={"yield_per": BATCH})
    return (_line(row) for row in rows)


def _counted() -> dict[Key, int]:
    counts: dict[Key, int] = {}
    for count in session.execute(select(*ProgressCount.__table__.c)):
        counts[Monthly(count.agency_id, count.month, count.measure)] = count.n
    for bucket in session.execute(select(*ProgressOpen.__table__.c)):
        counts[Open(bucket.agency_id, bucket.due_on, bucket.paused)] = bucket.n
    return counts


def _move(moved: Mapping[Key, int]) -> None:
    """Add to counters. Rows are touched in the order of their keys, so that two writers never deadlock."""
    monthly = sorted(key for key in moved if isinstance(key, Monthly))
    buckets = sorted(key for key in moved if isinstance(key, Open))
    _add(ProgressCount, [{"agency_id": k.agency_id, "month": k.month, "measure": str(k.measure), "n":
    moved[k]}
                         for k in monthly])
    _add(ProgressOpen, [{"agency_id": k.agency_id, "due_on": k.due_on, "paused": k.paused, "n": moved[k]}
                        for k in buckets])
    _drop_empty(key for key in buckets if moved[key] < 0)


def _add(model: type[ProgressCount] | type[ProgressOpen], rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    table: Any = model.__table__
    statement = insert(table)
    upsert = statement.on_conflict_do_update(index_elements=list(table.primary_key),
                                             set_={"n": table.c.n + statement.excluded.n})
    for row in rows:
        session.execute(upsert, row)


def _drop_empty(buckets: Iterable[Open]) -> None:
    """Due days pass for ever; days that nobody waits for any more are not kept."""
    table: Any = ProgressOpen.__table__
    for key in buckets:
        session.execute(delete(table).where(and_(
            table.c.agency_id == key.agency_id, table.c.due_on == key.due_on, table.c.paused == key.paused,
            table.c.n == 0)))


def _shortened(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else name[:LONGEST_NAME - 1].rstrip() + "…"
