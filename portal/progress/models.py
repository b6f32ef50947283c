"""What is published. No table here may hold anything personal, and no name that a person typed."""
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.kit.db import Base
from portal.people.models import Agency


class ProgressRecord(Base):
    """The public line about one dossier."""

    __tablename__ = "progress_record"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
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
    agency: Mapped[Agency] = relationship()
    steps: Mapped[list["ProgressStep"]] = relationship(order_by="ProgressStep.position", back_populates="record")
    __table_args__ = (
        CheckConstraint("status BETWEEN 1 AND 10", name="status"),
        CheckConstraint("timing IS NULL OR timing IN ('early', 'on_time', 'late')", name="timing"),
        Index("ix_progress_record_agency", "agency_id", "submitted_at", "id"),
    )


class ProgressStep(Base):
    """One thing that happened to a dossier, as the public may know it: what, when, the status after."""

    __tablename__ = "progress_step"
    record_id: Mapped[int] = mapped_column(ForeignKey("progress_record.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    step: Mapped[str] = mapped_column(String(20))
    status: Mapped[int]
    at: Mapped[datetime]
    record: Mapped[ProgressRecord] = relationship(back_populates="steps")


class ProgressCount(Base):
    """How many, for an agency, a month (its first day, in Vietnam) and a measure of measures.py."""

    __tablename__ = "progress_count"
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    measure: Mapped[str] = mapped_column(String(20), primary_key=True)
    n: Mapped[int]
    __table_args__ = (Index("ix_progress_count_month", "month"),)


class ProgressOpen(Base):
    """Dossiers whose clock runs, by the day they are due: lateness changes with time, not by events.

    `due_on` 9999-12-31 stands for "no due date"; paused dossiers are counted under `paused`.
    """

    __tablename__ = "progress_open"
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), primary_key=True)
    due_on: Mapped[date] = mapped_column(primary_key=True)
    paused: Mapped[bool] = mapped_column(primary_key=True)
    n: Mapped[int]
