"""What is published. No table here may hold anything personal, and no name that a person typed."""
from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.kit import clock
from portal.kit.db import Base
from portal.people.models import Agency

# PostgreSQL writes a changed row anew. Where its page has room and no index has another value, no index is touched
ROOM = {"fillfactor": 70}


class ProgressRecord(Base):
    """The public line about one dossier.

    `unit_id`: the part of the agency that it belongs to, where that may be told; rows of agencies' systems name none.
    `missed_due_at`: the due date that had passed when another was told; it counts as late by it (0019).
    """

    __tablename__ = "progress_record"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    procedure_code: Mapped[str] = mapped_column(String(40))
    service_name: Mapped[str] = mapped_column(String(600))
    level: Mapped[int]
    channel: Mapped[str] = mapped_column(String(10))
    status: Mapped[int]
    submitted_at: Mapped[datetime]
    received_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    timing: Mapped[str | None] = mapped_column(String(10))
    changed_at: Mapped[datetime]
    source: Mapped[str] = mapped_column(String(6), default="portal", server_default="portal")
    first_due_at: Mapped[datetime | None]
    missed_due_at: Mapped[datetime | None]
    sector_id: Mapped[int | None]
    corrected: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    agency: Mapped[Agency] = relationship()
    steps: Mapped[list["ProgressStep"]] = relationship(order_by="ProgressStep.position", back_populates="record")
    __table_args__ = (
        CheckConstraint("status BETWEEN 1 AND 10", name="status"),
        CheckConstraint("timing IS NULL OR timing IN ('early', 'on_time', 'late')", name="timing"),
        Index("ix_progress_record_agency", "agency_id", "submitted_at", "id"),
        Index("ix_progress_record_here", "agency_id", "submitted_at",
              sqlite_where=text("source = 'portal'"), postgresql_where=text("source = 'portal'")),
        {"postgresql_with": ROOM},
    )


class ProgressStep(Base):
    """One thing that happened to a dossier, as the public may know it: what, when, the status after.

    What the row that told of it said of the whole dossier stands here too: a record is the fold of its steps.
    `step_due_at`: by when the step itself was to be done.
    """

    __tablename__ = "progress_step"
    record_id: Mapped[int] = mapped_column(ForeignKey("progress_record.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    step: Mapped[str] = mapped_column(String(20))
    status: Mapped[int]
    at: Mapped[datetime]
    sequence: Mapped[int] = mapped_column(default=0, server_default="0")
    due_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(String(30))
    correction: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    submitted_at: Mapped[datetime | None]
    received_at: Mapped[datetime | None]
    channel: Mapped[str | None] = mapped_column(String(10))
    procedure_code: Mapped[str | None] = mapped_column(String(40))
    level: Mapped[int | None]
    step_due_at: Mapped[datetime | None]
    record: Mapped[ProgressRecord] = relationship(back_populates="steps")


class ProgressChange(Base):
    """The feed of changes: positions rise in the order of commits, so that a reader skips nothing."""

    __tablename__ = "progress_change"
    position: Mapped[int] = mapped_column(BigInteger().with_variant(Integer(), "sqlite"), primary_key=True,
                                          autoincrement=False)
    code: Mapped[str] = mapped_column(String(40))
    status: Mapped[int]
    at: Mapped[datetime]


class ProgressSubscriber(Base):
    """A machine that is told of changes: signed, with back-off, paused when it does not answer.

    `former_secret` signs beside the new one until `former_until`, so that whoever hears may change it in peace.
    """

    __tablename__ = "progress_subscriber"
    id: Mapped[int] = mapped_column(primary_key=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    url: Mapped[str] = mapped_column(String(300))
    secret: Mapped[str] = mapped_column(String(64))
    former_secret: Mapped[str | None] = mapped_column(String(64))
    former_until: Mapped[datetime | None]
    position: Mapped[int] = mapped_column(BigInteger().with_variant(Integer(), "sqlite"))
    failures: Mapped[int] = mapped_column(default=0, server_default="0")
    next_at: Mapped[datetime | None]
    paused_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class ProgressEstimate(Base):
    """How long a stage lasts, from history: working minutes at the 50th and 90th percentile of `cases` dossiers."""

    __tablename__ = "progress_estimate"
    agency_id: Mapped[int] = mapped_column(primary_key=True)
    procedure_code: Mapped[str] = mapped_column(String(40), primary_key=True)
    stage: Mapped[int] = mapped_column(primary_key=True)
    p50: Mapped[int]
    p90: Mapped[int]
    cases: Mapped[int]
    made_on: Mapped[date]


class ProgressCalibration(Base):
    """On one day: of how many ranges that could be judged, how many held."""

    __tablename__ = "progress_calibration"
    day: Mapped[date] = mapped_column(primary_key=True)
    judged: Mapped[int]
    within: Mapped[int]
