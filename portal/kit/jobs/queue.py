"""The rows: put in the caller's transaction, taken by lease, marked as done or failed.

No commit, no job; a commit, and it will be done. A worker that dies leaves a lease that runs out, and the row is taken
again; a worker that only seemed dead finds that its attempt is no longer the newest, and writes nothing.
"""
import logging
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from flask import current_app
from sqlalchemy import ColumnElement, case, delete, or_, select, text, update

from portal.kit import clock
from portal.kit.db import session
from portal.kit.jobs.kinds import KINDS, PATIENCE_S
from portal.kit.jobs.lanes import Lane
from portal.kit.jobs.models import WAITING, Job
from portal.kit.upsert import insert

TRIES_AT_ONCE = 10
DIED = "the worker died with it"
log = logging.getLogger(__name__)


class Taken(NamedTuple):
    """A job that a worker has by lease, for the `attempt`th time."""

    id: int
    name: str
    args: dict[str, Any]
    attempt: int


class LeaseLost(Exception):
    """Somebody else has the job by now, or gave it up: nothing may be written for it."""


def put(name: str, *, unique: str | None = None, due_at: datetime | None = None, **args: Any) -> None:
    """Ask for a job after this transaction commits, not before `due_at`.

    `unique`: where one of this name waits under the same key, it is this one too, at the earlier of both times; one
    that a worker has already is not, since it may have read before this transaction wrote. LookupError for a name that
    no room has; tests/house proves that every name put exists.
    """
    if name not in KINDS:
        raise LookupError(f"no job {name}")
    values = {"name": name, "lane": KINDS[name].lane, "args": args, "due_at": due_at or clock.now(),
              "unique_key": unique}
    if unique is None:
        session.add(Job(**values))
        return
    adding = insert(Job).values(**values, attempt=0, failures=0)
    earlier = case((adding.excluded.due_at < Job.due_at, adding.excluded.due_at), else_=Job.due_at)
    # written even where nothing changes: the lock keeps a worker from taking it before this transaction commits
    session.execute(adding.on_conflict_do_update(index_elements=["name", "unique_key"], index_where=text(WAITING),
                                                 set_={"due_at": earlier}))


def waiting(name: str) -> Sequence[dict[str, Any]]:
    """The arguments of the jobs of this name that are not done, dead letters included."""
    return session.scalars(select(Job.args).where(Job.name == name, Job.done_at.is_(None))).all()


def spread(*, older_than: datetime, first_at: datetime, apart: timedelta) -> None:
    """Put off what was due before `older_than` and is not done: one after the other, `apart` from each other."""
    old = session.scalars(select(Job.id).where(Job.done_at.is_(None), Job.due_at < older_than).order_by(Job.id)).all()
    for place, job_id in enumerate(old):
        session.execute(update(Job).where(Job.id == job_id).values(due_at=first_at + place * apart))


def forget(names: Collection[str], *, before: datetime) -> None:
    """Drop what waits under these names since before a moment: nobody needs it any more."""
    session.flush()
    session.execute(delete(Job).where(Job.name.in_(names), Job.done_at.is_(None), Job.due_at < before))


def is_due(lane: Lane) -> bool:
    """Whether something waits in this lane. Only reads: asking often costs nobody a lock."""
    return session.scalar(select(Job.id).where(*_due(lane)).limit(1)) is not None


def take(lane: Lane) -> Taken | None:
    """Lease what is due next in this lane, or None. Call inside a transaction.

    A lease that ran out is a failure too: a job that kills its worker each time must come to an end.
    """
    while True:
        row = session.scalar(select(Job).where(*_due(lane)).order_by(Job.due_at, Job.id).limit(1)
                             .with_for_update(skip_locked=True))
        if row is None:
            return None
        if row.leased_until is not None and _is_over(row, DIED):
            session.flush()
            continue
        row.leased_until, row.attempt = clock.now() + lease(), row.attempt + 1
        session.flush()
        return Taken(row.id, row.name, row.args, row.attempt)


def lease() -> timedelta:
    """How long a job is a worker's without another word from it."""
    return timedelta(seconds=float(current_app.config["JOB_LEASE_S"]))


def renew(taken: Taken) -> bool:
    """Keep the lease. False: it is somebody else's."""
    return _mark(taken, leased_until=clock.now() + lease())


def finish(taken: Taken) -> None:
    """Mark it as done: the first statement of the transaction in which its work is written, so that both commit
    together and nobody takes it meanwhile. Raises LeaseLost."""
    if not _mark(taken, done_at=clock.now(), leased_until=None, error=None):
        raise LeaseLost(f"job {taken.id}")


def fail(taken: Taken, error: str) -> None:
    """Note a failure and when to try again; after the last it is a dead letter. Raises LeaseLost."""
    row = _held(taken)
    if not _is_over(row, error):
        kind = KINDS.get(row.name)
        waits = (kind.patience_s if kind else PATIENCE_S)[row.failures - 1]
        _put_back(row, clock.now() + timedelta(seconds=waits))
    session.flush()


def begin_anew(taken: Taken) -> None:
    """What was read does not stand any more: again at once, and no failure, unless it never does. Raises LeaseLost."""
    if taken.attempt % TRIES_AT_ONCE == 0:
        fail(taken, "what was read never stood until it was written")
        return
    _put_back(_held(taken), clock.now())
    session.flush()


def _held(taken: Taken) -> Job:
    if not renew(taken):
        raise LeaseLost(f"job {taken.id}")
    return session.get_one(Job, taken.id, populate_existing=True)


def _due(lane: Lane) -> tuple[ColumnElement[bool], ...]:
    now = clock.now()
    return (Job.lane == lane, Job.done_at.is_(None), Job.dead_at.is_(None), Job.due_at <= now,
            or_(Job.leased_until.is_(None), Job.leased_until < now))


def _mark(taken: Taken, **values: Any) -> bool:
    """Change the row as long as this attempt is the newest and nobody gave the job up."""
    marked = session.execute(update(Job).where(
        Job.id == taken.id, Job.attempt == taken.attempt, Job.leased_until.is_not(None), Job.done_at.is_(None),
        Job.dead_at.is_(None)).values(**values).returning(Job.id))
    return marked.scalar() is not None


def _is_over(row: Job, error: str) -> bool:
    """Count a failure. Whether it was the last; the job is then a dead letter, and its room hears of it."""
    kind = KINDS.get(row.name)
    row.failures, row.error = row.failures + 1, _storable(error)
    if row.failures <= len(kind.patience_s if kind else PATIENCE_S):
        return False
    row.dead_at, row.leased_until = clock.now(), None
    if kind and kind.dead_act:
        try:
            with session.begin_nested():
                kind.dead_act(**row.args)
        except Exception as wrong:  # else this row would come first again, and nothing after it
            log.error("job %s %s is dead, and telling so failed: %s", row.id, row.name, type(wrong).__name__)
    return True


def _storable(words: str) -> str:
    """An error's words as any database keeps them: neither halves of letters nor the character 0."""
    return words.encode("utf-8", "backslashreplace").decode().replace("\0", "\\0")[:2000]


def _put_back(row: Job, due_at: datetime) -> None:
    """Let it wait again; where one with its key has come to wait meanwhile, that one does for both."""
    if row.unique_key is not None and session.scalar(
            select(Job.id).where(text(WAITING), Job.name == row.name, Job.unique_key == row.unique_key)
            .with_for_update()) is not None:
        row.done_at, row.leased_until = clock.now(), None
        return
    row.due_at, row.leased_until = due_at, None
