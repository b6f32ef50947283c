from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.kit import clock
from portal.kit.db import Base

OPEN = "done_at IS NULL AND parked_at IS NULL"
WAITING = f"{OPEN} AND leased_until IS NULL AND unique_key IS NOT NULL"


class Job(Base):
    """One piece of work put off until after the commit.

    `attempt` rises whenever a worker takes it: who writes must still hold the newest. `dead_at`: tried in vain, a
    person must look; with `done_at` too: given up. `unique_key`: no second one waits with the same name and key.
    """

    __tablename__ = "job"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    lane: Mapped[str] = mapped_column(String(10), server_default="slow")  # what an older release puts has none
    args: Mapped[dict[str, Any]] = mapped_column(JSON)
    unique_key: Mapped[str | None] = mapped_column(String(120))
    due_at: Mapped[datetime] = mapped_column(default=clock.now)
    attempt: Mapped[int] = mapped_column(default=0, server_default="0")
    leased_until: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    dead_at: Mapped[datetime | None] = mapped_column("parked_at")  # named so since the first release
    failures: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(Text)
    __table_args__ = (
        Index("ix_job_next", "lane", "due_at", "id", sqlite_where=text(OPEN), postgresql_where=text(OPEN)),
        Index("uq_job_waiting", "name", "unique_key", unique=True, sqlite_where=text(WAITING),
              postgresql_where=text(WAITING)),
        Index("ix_job_unique_key", "unique_key", sqlite_where=text("unique_key IS NOT NULL"),
              postgresql_where=text("unique_key IS NOT NULL")),
        Index("ix_job_dead", "parked_at", sqlite_where=text("parked_at IS NOT NULL"),
              postgresql_where=text("parked_at IS NOT NULL")),
        Index("ix_job_done", "done_at", sqlite_where=text("done_at IS NOT NULL"),
              postgresql_where=text("done_at IS NOT NULL")))


class JobDecision(Base):
    """What a person decided about a job that had failed for good: "again" or "give_up". Kept when the job is not.

    `by_id` is a plain number: this room does not know people.
    """

    __tablename__ = "job_decision"
    id: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[int]
    name: Mapped[str] = mapped_column(String(80))
    failures: Mapped[int]
    error: Mapped[str | None] = mapped_column(Text)
    decision: Mapped[str] = mapped_column(String(10))
    by_id: Mapped[int]
    at: Mapped[datetime] = mapped_column(default=clock.now, index=True)


class WorkerBeat(Base):
    """When each runner was last seen, so that /readyz can say whether somebody works in every lane."""

    __tablename__ = "worker_beat"
    worker: Mapped[str] = mapped_column(String(120), primary_key=True)
    lane: Mapped[str | None] = mapped_column(String(10))  # None: a worker of an older release, which did all
    seen_at: Mapped[datetime]
