"""Publishing. Called inside the transaction of whatever happened; nothing here commits.

No function here takes a name or anything that a person typed: what cannot pass cannot leak.
"""
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import func, select, update

from portal.catalogue.sensitive import is_sensitive
from portal.kit import clock, jobs
from portal.kit.db import session
from portal.kit.hot import bulk
from portal.law.calendar import Calendar
from portal.progress import records
from portal.progress.merging import Step
from portal.progress.models import ProgressChange, ProgressRecord, ProgressStep, ProgressSubscriber
from portal.progress.updates import (
    COLUMNS,
    PORTAL,
    News,
    Own,
    Procedure,
    Record,
    Terms,
    Update,
    Writer,
    shortened,
    updated,
)
from portal.statistics import recounting
from portal.statistics.actions import advance, count, mend
from portal.statistics.measures import Key, Line
from portal.statistics.models import ProgressPosition

BACK_OFF_S = (10, 60, 300, 1800, 7200, 21600)
PAUSE_AFTER = 10
OVERLAP = timedelta(hours=48)  # a changed secret and the one before it both sign so long
_record: Any = ProgressRecord.__table__
_step: Any = ProgressStep.__table__
_change: Any = ProgressChange.__table__
_written = attrgetter(*COLUMNS)


class Changed(NamedTuple):
    """A dossier whose record changed: the status that it has now, since when."""

    code: str
    status: int
    at: datetime


class CodeTaken(Exception):
    """A dossier of this portal has a code under which another's is published already."""


def apply(news: Sequence[News], writer: Writer, terms: Terms) -> dict[str, tuple[bool, ...]]:
    """Fold what is told of these dossiers into their public records: the one way, whoever tells.

    Returns, by code, of each that was told whether it said anything new. A code that somebody else took meanwhile is
    not among them.
    """
    late = {each.record.id for each in news if each.record and each.is_late}
    kept = records.steps(late)
    updates = [updated(each, kept.get(each.record.id) if each.record else None, writer, terms) for each in news]
    taken = _write(sorted((each for each in updates if each.changed), key=attrgetter("code")), writer)
    return {each.code: each.outcomes for each in updates if each.code not in taken}


def name_unit(code: str, unit_id: int | None) -> None:
    """Say which part of its agency a dossier of this portal belongs to, once it is published; None: to the whole."""
    session.execute(update(ProgressRecord).where(ProgressRecord.code == code, ProgressRecord.source == PORTAL)
                    .values(unit_id=unit_id))


def tell(code: str, step: Step, agency_id: int, procedure: Procedure, calendar: Calendar) -> None:
    """Write what the public may know after a verb of this portal: folded as a pushed row is.

    The caller holds the dossier's row, so that verbs follow each other. They do whatever the clocks of two machines
    say: a step is never before the last one, and of one moment the later has the greater sequence. Raises CodeTaken
    where the code is another's.
    """
    writer = Writer(agency_id, PORTAL)
    terms = Terms(calendar, {procedure.code: procedure._replace(name=shortened(procedure.name))})
    record = records.locked([code]).get(code)
    if record is not None:
        if record.source != PORTAL:
            raise CodeTaken(code)
        step = step._replace(at=max(step.at, record.changed_at), sequence=record.last_position + 1)
    if code not in apply([News(code, record, (Own([step]),))], writer, terms):
        raise CodeTaken(code)


def _write(updates: Sequence[Update], writer: Writer) -> set[str]:
    """Write records, steps, counters and changes, in the order of the codes. Returns the codes that another took
    meanwhile."""
    old = [(each, each.before) for each in updates if each.before]
    new = [each for each in updates if not each.before]
    columns = _changing([(before, each.record) for each, before in old])
    values = _values_of(columns)
    bulk.update(_record, "id", columns, [(before.id, *values(each.record)) for each, before in old])
    bulk.add_missing(_record, ("code", *COLUMNS), [(each.code, *_written(each.record)) for each in new], ["code"])
    owners = records.owners([each.code for each in new])
    mine = [(each, owners[each.code].id) for each in new
            if writer.may_write(owners[each.code].agency_id, owners[each.code].source)]
    numbered = [(each, before.id) for each, before in old] + mine
    bulk.delete(_step, ["record_id"], [(before.id,) for each, before in old if each.rewritten])
    bulk.insert(_step, ("record_id", "position", *Step._fields), [
        (record_id, position, *step) for each, record_id in numbered
        for position, step in enumerate(each.steps, each.first_position)])
    count((line_of(each.before) if each.before else None, line_of(each.record)) for each, _id in numbered
          if each.counts_anew)
    announce([Changed(each.code, each.record.status, each.record.changed_at) for each, _id in numbered])
    return {each.code for each in new} - {each.code for each, _id in mine}


def _changing(pairs: Sequence[tuple[Record, Record]]) -> tuple[str, ...]:
    """The columns in which any record has another value now: most steps change few, and an index of what nobody
    changes stays as it is."""
    before, after = (zip(*map(_written, side), strict=True) for side in zip(*pairs, strict=True)) if pairs else ((), ())
    return tuple(name for name, one, other in zip(COLUMNS, before, after, strict=False) if one != other)


def _values_of(columns: tuple[str, ...]) -> Callable[[Record], tuple[Any, ...]]:
    """Reads these columns of a record, always as a tuple."""
    if len(columns) > 1:
        return attrgetter(*columns)
    return lambda record: tuple(getattr(record, name) for name in columns)


def announce(changed: Sequence[Changed]) -> None:
    """Add to the feed of changes and wake who listens: the last that a transaction does.

    The one row that gives positions stays locked until the commit, so positions rise in the order of commits.
    """
    if not changed:
        return
    first = advance(len(changed)) - len(changed) + 1
    bulk.insert(_change, ("position", *Changed._fields), [(first + n, *each) for n, each in enumerate(changed)])
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


def acknowledge(subscriber_id: int, position: int) -> None:
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


def not_delivered(subscriber_id: int, position: int) -> None:
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


def change_secret(subscriber: ProgressSubscriber, secret: str, overlap: timedelta = OVERLAP) -> None:
    """Sign with `secret` from the next call on, and beside it with the one before as long as they overlap."""
    subscriber.former_secret, subscriber.former_until = subscriber.secret, clock.now() + overlap
    subscriber.secret = secret
    session.flush()


def secrets_of(subscriber: ProgressSubscriber) -> list[str]:
    """The secrets that sign what a subscriber is sent now, today's first."""
    former, until = subscriber.former_secret, subscriber.former_until
    return [subscriber.secret, *([former] if former and until and clock.now() < until else [])]


def _hold_position() -> None:
    """Let no change be announced between looking for more and going to sleep."""
    session.execute(select(ProgressPosition.n).with_for_update())


def line_of(row: Any) -> Line:
    """What counts of a record, or of a row with its columns. A due date that was missed stays the one that counts."""
    received_at, finished_at, day = row.received_at, row.finished_at, clock.day_of
    due_at = row.missed_due_at or row.due_at
    return Line(
        agency_id=row.agency_id, status=row.status, submitted_on=day(row.submitted_at),
        received_on=day(received_at) if received_at else None, due_on=day(due_at) if due_at else None,
        paused=row.stopped_at is not None, finished_on=day(finished_at) if finished_at else None, timing=row.timing,
        sector_id=row.sector_id, procedure=row.procedure_code, level=row.level, channel=row.channel,
        sensitive=is_sensitive(row.procedure_code))
