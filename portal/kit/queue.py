"""Jobs are rows, written in the caller's transaction: no commit, no job; a commit, and it will be done.

A worker takes a row by lease. A worker that dies leaves a lease that runs out, and the row is taken
again: every job must therefore be safe to run twice.
"""
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Index, String, Text, or_, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from portal.kit import clock
from portal.kit.db import Base, session

JOBS: dict[str, Callable[..., None]] = {}
LEASE = timedelta(minutes=5)
PATIENCE = (10, 60, 300, 1800, 7200)  # seconds to wait after each failure; then the job is parked


class Job(Base):
    """One piece of work put off until after the commit. `parked_at`: given up, a person must look."""

    __tablename__ = "job"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    args: Mapped[dict[str, Any]] = mapped_column(JSON)
    due_at: Mapped[datetime] = mapped_column(default=clock.now)
    leased_until: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    parked_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(Text)
    __table_args__ = (Index("ix_job_waiting", "due_at", "id", sqlite_where=text("done_at IS NULL"),
                            postgresql_where=text("done_at IS NULL")),)


class WorkerBeat(Base):
    """When each worker was last seen, so that /readyz can say whether anybody works."""

    __tablename__ = "worker_beat"
    worker: Mapped[str] = mapped_column(String(120), primary_key=True)
    seen_at: Mapped[datetime]


def job(f: Callable[..., None]) -> Callable[..., None]:
    """Register `f` as `<room>.<name>`; its arguments are ids and short words, never personal data."""
    room = f.__module__.removeprefix("portal.").removesuffix(".jobs")
    JOBS[f"{room}.{f.__name__}"] = f
    return f


def put(name: str, **args: Any) -> None:
    """Ask for a job after this transaction commits. tests/house proves that every name put exists."""
    session.add(Job(name=name, args=args))


def take() -> tuple[int, str, dict[str, Any]] | None:
    """Lease the next job that is due: (id, name, args), or None. Call inside a transaction."""
    now = clock.now()
    row = session.scalar(
        select(Job).where(Job.done_at.is_(None), Job.parked_at.is_(None), Job.due_at <= now,
                          or_(Job.leased_until.is_(None), Job.leased_until < now))
        .order_by(Job.due_at, Job.id).limit(1).with_for_update(skip_locked=True))
    if row is None:
        return None
    row.leased_until = now + LEASE
    session.flush()
    return row.id, row.name, row.args


def finish(job_id: int) -> None:
    """The job's work is in this very transaction, so work and mark commit together."""
    session.execute(update(Job).where(Job.id == job_id).values(
        done_at=clock.now(), leased_until=None, error=None))


def fail(job_id: int, error: str) -> bool:
    """Note a failure and when to try again. Returns True when the job was parked."""
    row = session.get_one(Job, job_id)
    row.failures += 1
    row.error = error[:2000]
    row.leased_until = None
    if row.failures > len(PATIENCE):
        row.parked_at = clock.now()
    else:
        row.due_at = clock.now() + timedelta(seconds=PATIENCE[row.failures - 1])
    return row.parked_at is not None


def beat(worker: str) -> None:
    """Say that this worker lives."""
    seen = session.get(WorkerBeat, worker)
    if seen is None:
        session.add(WorkerBeat(worker=worker, seen_at=clock.now()))
    else:
        seen.seen_at = clock.now()


def last_beat() -> datetime | None:
    """When any worker was last seen."""
    return session.scalar(select(WorkerBeat.seen_at).order_by(WorkerBeat.seen_at.desc()).limit(1))
