"""What is read to update records and to tell of them: records and their steps, changes, subscribers."""
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select

from portal.kit.db import session
from portal.kit.hot import bulk
from portal.people.models import Agency
from portal.progress.merging import Step
from portal.progress.models import ProgressChange, ProgressRecord, ProgressStep, ProgressSubscriber
from portal.progress.updates import Record

_record: Any = ProgressRecord.__table__
_step: Any = ProgressStep.__table__
_change: Any = ProgressChange.__table__
_last_position = select(func.coalesce(func.max(_step.c.position), 0)).where(
    _step.c.record_id == _record.c.id).scalar_subquery()
_RECORDS = select(*(_last_position.label(name) if name == "last_position" else _record.c[name]
                    for name in Record._fields))
_STEPS = select(_step.c.record_id, *(_step.c[name] for name in Step._fields))


class Owner(NamedTuple):
    """Whose record it is."""

    code: str
    id: int
    agency_id: int
    source: str


class Change(NamedTuple):
    """An entry of the feed of changes."""

    position: int
    code: str
    status: int
    at: datetime


def locked(codes: Collection[str]) -> dict[str, Record]:
    """The records of these codes, locked in the order of their codes."""
    if not codes:
        return {}
    rows = bulk.rows_of(_RECORDS.where(bulk.among(_record.c.code, codes)).order_by(_record.c.code)
                        .with_for_update(of=_record))
    return {record.code: record for record in map(Record._make, rows)}


def owners(codes: Collection[str]) -> dict[str, Owner]:
    """Whose the records of these codes are."""
    if not codes:
        return {}
    rows = bulk.rows_of(select(*(_record.c[name] for name in Owner._fields)).where(bulk.among(_record.c.code, codes)))
    return {owner.code: owner for owner in map(Owner._make, rows)}


def steps(record_ids: Collection[int]) -> dict[int, list[Step]]:
    """The steps of these records."""
    found: dict[int, list[Step]] = {record_id: [] for record_id in record_ids}
    if found:
        for record_id, *step in bulk.rows_of(_STEPS.where(bulk.among(_step.c.record_id, record_ids))):
            found[record_id].append(Step._make(step))
    return found


def changes(after: int, size: int) -> Sequence[Change]:
    """Up to `size` changes after a position, in order."""
    statement = select(*(_change.c[name] for name in Change._fields))
    rows = session.execute(statement.where(_change.c.position > after).order_by(_change.c.position).limit(size))
    return [Change._make(row) for row in rows]


def subscribers() -> list[tuple[ProgressSubscriber, str]]:
    """Everybody who is told of changes, with the agency's key."""
    statement = select(ProgressSubscriber, Agency.key).join(Agency, Agency.id == ProgressSubscriber.agency_id)
    return [(row[0], row[1]) for row in session.execute(statement.order_by(ProgressSubscriber.id))]


def subscriber(subscriber_id: int) -> ProgressSubscriber | None:
    """The subscriber with this number."""
    return session.get(ProgressSubscriber, subscriber_id)
