"""Values of indices, the score of Decision 766 as it was measured, and what the national portal answered."""
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.kit import clock
from portal.kit.db import Base


class IndexDefinition(Base):
    """A version of an index: its tree as data (oversight.rankings). A version that was published never changes."""

    __tablename__ = "oversight_index"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(40))
    version: Mapped[int]
    method: Mapped[str] = mapped_column(String(40))
    definition: Mapped[dict[str, Any]] = mapped_column(JSON)
    digest: Mapped[str] = mapped_column(String(64))
    source: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    __table_args__ = (UniqueConstraint("key", "version"),)


class IndexValue(Base):
    """A value of one member of an index for a year, from a survey, an import or a report. `agency_id` where the member
    is an agency that is known here. A correction is a further row: the newest counts, the older stay.

    `value`: a decimal number as text. `source`: whose word it is; `record`: where to read it again.
    """

    __tablename__ = "oversight_index_value"
    id: Mapped[int] = mapped_column(primary_key=True)
    index_key: Mapped[str] = mapped_column(String(40))
    year: Mapped[int]
    group: Mapped[str] = mapped_column("group_key", String(20))
    member: Mapped[str] = mapped_column(String(200))
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"), index=True)
    indicator: Mapped[str] = mapped_column(String(80))
    value: Mapped[str | None] = mapped_column(String(24))
    kind: Mapped[str] = mapped_column(String(10))
    source: Mapped[str] = mapped_column(String(300))
    record: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    confidence: Mapped[str] = mapped_column(String(1), default="H", server_default="H")
    at: Mapped[datetime] = mapped_column(default=clock.now)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    __table_args__ = (Index("ix_oversight_index_value", "index_key", "year", "group_key", "member", "indicator", "id"),)


class ScoreReading(Base):
    """An indicator of the score of Decision 766 at an agency (`unit_id` 0) or one of its units, for a month, quarter or
    year, as measured at `at`. `points` None: not measured, and `facts` say why. Points are decimal numbers as text."""

    __tablename__ = "oversight_score"
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    period: Mapped[str] = mapped_column(String(8), primary_key=True)
    indicator: Mapped[str] = mapped_column(String(40), primary_key=True)
    numerator: Mapped[int | None]
    denominator: Mapped[int | None]
    points: Mapped[str | None] = mapped_column(String(12))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    at: Mapped[datetime] = mapped_column(default=clock.now)
    __table_args__ = (Index("ix_oversight_score_period", "period", "indicator"),)


class PortalAnswer(Base):
    """What the national portal answered about an agency and an indicator: kept as it was, beside our own figure."""

    __tablename__ = "oversight_portal_answer"
    id: Mapped[int] = mapped_column(primary_key=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    unit_code: Mapped[str] = mapped_column(String(40), default="", server_default="")
    period: Mapped[str] = mapped_column(String(8))
    indicator: Mapped[str] = mapped_column(String(40))
    numerator: Mapped[int | None]
    denominator: Mapped[int | None]
    points: Mapped[str | None] = mapped_column(String(12))
    captured_on: Mapped[date]
    source: Mapped[str] = mapped_column(String(300))
    raw: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    at: Mapped[datetime] = mapped_column(default=clock.now)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    __table_args__ = (UniqueConstraint("agency_id", "unit_code", "period", "indicator", "captured_on", "source"),)
