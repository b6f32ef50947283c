"""What is read to merge into a record and to tell of it: records and their steps, changes, subscribers."""
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select

from portal.kit.db import session
from portal.kit.hot import bulk
from portal.people.models import Agency
from portal.progress.merging import State, Step
from portal.progress.models import ProgressChange, ProgressRecord, ProgressStep, ProgressSubscriber

# from the status on in the order of merging.State: a slice of a record is the state that it is in
RECORD = ("agency_id", "service_name", "sector_id", "timing", "source", "status", "changed_at", "due_at",
          "first_due_at", "missed_due_at", "stopped_at", "finished_at", "corrected", "submitted_at", "received_at",
          "channel", "procedure_code", "level")
STEP = ("at", "sequence", "status", "due_at", "reason", "correction", "step", "submitted_at", "received_at", "channel",
        "procedure_code", "level")
Changes = Sequence[tuple[int, str, int, datetime]]
_record: Any = ProgressRecord.__table__
_step: Any = ProgressStep.__table__
_change: Any = ProgressChange.__table__


class Known(NamedTuple):
    """A record as it stands, with the position of its last step."""

    code: str
    id: int
    last_position: int
    agency_id: int
    service_name: str
    sector_id: int | None
    timing: str | None
    source: str
    status: int
    changed_at: datetime
    due_at: datetime | None
    first_due_at: datetime | None
    missed_due_at: datetime | None
    stopped_at: datetime | None
    finished_at: datetime | None
    corrected: bool
    submitted_at: datetime
    received_at: datetime | None
    channel: str
    procedure_code: str
    level: int

    @property
    def facts(self) -> tuple[Any, ...]:
        """The values of RECORD after the agency."""
        return self[4:]

    @property
    def state(self) -> State:
        """Where the dossier stands."""
        return State._make(self[8:])


def known(codes: Collection[str]) -> dict[str, Known]:
    """The records of these codes, locked in the order of their codes."""
    if not codes:
        return {}
    last = select(func.coalesce(func.max(_step.c.position), 0)).where(
        _step.c.record_id == _record.c.id).scalar_subquery()
    statement = (select(_record.c.code, _record.c.id, last, *(_record.c[name] for name in RECORD))
                 .where(bulk.among(_record.c.code, codes)).order_by(_record.c.code).with_for_update(of=_record))
    return {row[0]: Known._make(row) for row in bulk.rows_of(statement)}


def owners(codes: Collection[str]) -> dict[str, tuple[int, int, str]]:
    """Code → record id, agency id, source."""
    statement = select(_record.c.code, _record.c.id, _record.c.agency_id, _record.c.source)
    return {row[0]: (row[1], row[2], row[3]) for row in
            bulk.rows_of(statement.where(bulk.among(_record.c.code, codes)))} if codes else {}


def steps(record_ids: Collection[int]) -> dict[int, list[Step]]:
    """The steps of these records."""
    found: dict[int, list[Step]] = {record_id: [] for record_id in record_ids}
    if found:
        columns = [_step.c[name] for name in STEP]
        statement = select(_step.c.record_id, *columns).where(bulk.among(_step.c.record_id, record_ids))
        for record_id, *step in bulk.rows_of(statement):
            found[record_id].append(Step(*step))
    return found


def changes(after: int, size: int) -> Changes:
    """Up to `size` changes after a position, in order: position, code, status, moment."""
    statement = select(_change.c.position, _change.c.code, _change.c.status, _change.c.at)
    rows = session.execute(statement.where(_change.c.position > after).order_by(_change.c.position).limit(size))
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def subscribers() -> list[tuple[ProgressSubscriber, str]]:
    """Everybody who is told of changes, with the agency's key."""
    statement = select(ProgressSubscriber, Agency.key).join(Agency, Agency.id == ProgressSubscriber.agency_id)
    return [(row[0], row[1]) for row in session.execute(statement.order_by(ProgressSubscriber.id))]


def subscriber(subscriber_id: int) -> ProgressSubscriber | None:
    """The subscriber with this number."""
    return session.get(ProgressSubscriber, subscriber_id)
