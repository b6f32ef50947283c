"""What agencies sent, and what became of it. Nothing personal: the door has dropped it."""
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.kit import clock
from portal.kit.db import Base


class ProgressBatch(Base):
    """What an agency's system pushed in one request, and what was answered: sent again, answered alike.

    `delay_p50_s`, `delay_p90_s`: seconds between what happened and its arrival, of the rows that told something
    new; None where none did.
    """

    __tablename__ = "progress_batch"
    id: Mapped[int] = mapped_column(primary_key=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    key_id: Mapped[int | None] = mapped_column(ForeignKey("api_key.id"))
    channel: Mapped[str] = mapped_column(String(8))
    idempotency_key: Mapped[str] = mapped_column(String(80))
    body_sha256: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(default=clock.now)
    rows: Mapped[int]
    accepted: Mapped[int]
    unchanged: Mapped[int]
    rejected: Mapped[int]
    quarantined: Mapped[int]
    answer: Mapped[dict[str, Any]] = mapped_column(JSON)
    delay_p50_s: Mapped[int | None]
    delay_p90_s: Mapped[int | None]
    __table_args__ = (UniqueConstraint("agency_id", "idempotency_key"),
                      Index("ix_progress_batch_at", "agency_id", "at"))


class ProgressRejection(Base):
    """How many rows a batch lost, by reason and field: what the data-quality meter reads."""

    __tablename__ = "progress_rejection"
    batch_id: Mapped[int] = mapped_column(ForeignKey("progress_batch.id"), primary_key=True)
    reason: Mapped[str] = mapped_column(String(30), primary_key=True)
    field: Mapped[str] = mapped_column(String(30), primary_key=True)
    n: Mapped[int]


class ProgressQuarantine(Base):
    """A row that names an agency, a procedure or a status nobody knows yet. Replayed once it is mapped.

    `row` holds the publishable fields only: personal ones were dropped at the door.
    """

    __tablename__ = "progress_quarantine"
    id: Mapped[int] = mapped_column(primary_key=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    code: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(String(30))
    value: Mapped[str] = mapped_column(String(60))
    row: Mapped[dict[str, Any]] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(default=clock.now)
    replayed_at: Mapped[datetime | None]
    __table_args__ = (Index("ix_progress_quarantine_waiting", "reason", "value",
                            sqlite_where=text("replayed_at IS NULL"), postgresql_where=text("replayed_at IS NULL")),
                      Index("ix_progress_quarantine_code", "agency_id", "code",
                            sqlite_where=text("replayed_at IS NULL"), postgresql_where=text("replayed_at IS NULL")))


class ProgressMapping(Base):
    """What a foreign word means here: an agency's own procedure code or status, learnt once.

    `by_id`: which administrator said so, for administrators alone; None from the command line and from before.
    """

    __tablename__ = "progress_mapping"
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), primary_key=True)
    reason: Mapped[str] = mapped_column(String(30), primary_key=True)
    value: Mapped[str] = mapped_column(String(60), primary_key=True)
    means: Mapped[str] = mapped_column(String(60))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    mapped_at: Mapped[datetime | None]


class CodeClash(Base):
    """A code of a dossier of this portal under which an agency's own system had told of another dossier: found once,
    in databases of before codes had a series of their own (0031). `steps` of the public record are not the dossier's,
    from `first_at` to `last_at`."""

    __tablename__ = "code_clash"
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    steps: Mapped[int]
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
