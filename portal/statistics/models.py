"""The counters behind public figures, the number that tells whether they moved, and the files of open data."""
from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.kit.db import Base

# PostgreSQL writes a changed row anew. Where its page has room and no index has another value, no index is touched
ROOM = {"fillfactor": 70}


class Counted:
    """How many by each measure of measures.py: a column for each, under its name."""

    submitted: Mapped[int] = mapped_column(default=0, server_default="0")
    received: Mapped[int] = mapped_column(default=0, server_default="0")
    done_early: Mapped[int] = mapped_column(default=0, server_default="0")
    done_on_time: Mapped[int] = mapped_column(default=0, server_default="0")
    done_late: Mapped[int] = mapped_column(default=0, server_default="0")
    done_untimed: Mapped[int] = mapped_column(default=0, server_default="0")
    refused: Mapped[int] = mapped_column(default=0, server_default="0")
    withdrawn: Mapped[int] = mapped_column(default=0, server_default="0")
    stopped: Mapped[int] = mapped_column(default=0, server_default="0")
    dropped: Mapped[int] = mapped_column(default=0, server_default="0")


class ProgressMonth(Counted, Base):
    """How many of an agency in a month (its first day, in Vietnam)."""

    __tablename__ = "progress_month"
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    __table_args__ = (Index("ix_progress_month_month", "month"), {"postgresql_with": ROOM})


class ProgressOpen(Base):
    """Dossiers whose clock runs, by the day they are due: lateness changes with time, not by events.

    `due_on` 9999-12-31 stands for "no due date"; paused dossiers are counted under `paused`.
    """

    __tablename__ = "progress_open"
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), primary_key=True)
    due_on: Mapped[date] = mapped_column(primary_key=True)
    paused: Mapped[bool] = mapped_column(primary_key=True)
    n: Mapped[int]
    __table_args__ = ({"postgresql_with": ROOM},)


class ProgressVersion(Base):
    """How often the counters of an agency were moved, in the same transaction: who kept what they said knows by it
    whether they still say so."""

    __tablename__ = "progress_version"
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), primary_key=True)
    n: Mapped[int] = mapped_column(BigInteger().with_variant(Integer(), "sqlite"))
    __table_args__ = ({"postgresql_with": ROOM},)


class ProgressSide(Counted, Base):
    """The same by other dimensions than the agency: `side` sector, procedure, level, channel; `value` its key.

    `agency_id` 0 counts the whole country; all but procedures are counted for each agency too.
    """

    __tablename__ = "progress_side"
    side: Mapped[str] = mapped_column(String(10), primary_key=True)
    agency_id: Mapped[int] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(String(60), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    __table_args__ = ({"postgresql_with": ROOM},)


class ProgressPosition(Base):
    """One row: the last position given, and how often counters were repaired. Its lock is held until the commit."""

    __tablename__ = "progress_position"
    id: Mapped[int] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(BigInteger().with_variant(Integer(), "sqlite"))
    repairs: Mapped[int] = mapped_column(default=0, server_default="0")


class OpenDataFile(Base):
    """A file of open data, made by a job: its name, its hash, its place."""

    __tablename__ = "open_data_file"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    media_type: Mapped[str] = mapped_column(String(60))
    blob: Mapped[str] = mapped_column(String(120))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    rows: Mapped[int]
    made_at: Mapped[datetime]
