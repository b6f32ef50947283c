"""Who takes part, since when, with which certificates."""
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.kit import clock
from portal.kit.db import Base, one_of
from portal.people.models import Agency, Unit

LIVE = text("state IN ('asked', 'connected')")


class Way(StrEnum):
    """How a participant gets what is sent to it: on the pages of this portal, by our API, by the calls of the national
    axis's client, or pushed to another portal of this kind."""

    pages = "pages"
    api = "api"
    axis = "axis"
    push = "push"


class ParticipantState(StrEnum):
    asked = "asked"
    connected = "connected"
    refused = "refused"
    ended = "ended"


class Participant(Base):
    """Who sends and receives documents: an agency, or a body under it with an id of its own.

    `code`: the id with its top first and without zeros (H17.05). One of `way` pages works on the pages of this
    portal. `system_id`, `secret`: of a client of the national axis (sealed by exchange.secrets). `address`, `push_key`:
    of another portal that is pushed to; `upstream`: what is for nobody here goes there. `silent_since`: the alarm was
    raised. `stamp_at`: the newest stamp of a client of the axis, by its own clock (about a minute behind).
    """

    __tablename__ = "exchange_participant"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(200))
    mail: Mapped[str | None] = mapped_column(String(254))
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"), index=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    parent_code: Mapped[str | None] = mapped_column(String(40))
    way: Mapped[str] = mapped_column(String(8))
    profile: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(10))
    system_id: Mapped[str | None] = mapped_column(String(60))
    secret: Mapped[str | None] = mapped_column(String(400))
    address: Mapped[str | None] = mapped_column(String(300))
    push_key: Mapped[str | None] = mapped_column(String(400))
    upstream: Mapped[bool] = mapped_column(default=False, server_default=false())
    asked_at: Mapped[datetime] = mapped_column(default=clock.now)
    connected_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str | None] = mapped_column(String(500))
    last_seen_at: Mapped[datetime | None]
    stamp_at: Mapped[datetime | None]
    silent_since: Mapped[datetime | None]
    agency: Mapped[Agency | None] = relationship()
    unit: Mapped[Unit | None] = relationship()
    __table_args__ = (
        Index("uq_exchange_participant_code", "code", unique=True, sqlite_where=LIVE, postgresql_where=LIVE),
        Index("uq_exchange_participant_system", "system_id", unique=True, sqlite_where=LIVE, postgresql_where=LIVE),
        CheckConstraint(one_of("way", Way), name="way"),
        CheckConstraint(one_of("state", ParticipantState), name="state"),
    )


class Connection(Base):
    """From when to when an agency was connected (days; `until` is the last one). Of agencies that use no software of
    ours too: `source` says who says so."""

    __tablename__ = "exchange_connection"
    id: Mapped[int] = mapped_column(primary_key=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), index=True)
    participant_id: Mapped[int | None] = mapped_column(ForeignKey("exchange_participant.id"), index=True)
    since: Mapped[date]
    until: Mapped[date | None]
    source: Mapped[str] = mapped_column(String(300))
    agency: Mapped[Agency] = relationship()
    __table_args__ = (CheckConstraint("until IS NULL OR since <= until", name="order"),)


class SeenDay(Base):
    """A day (in Vietnam) on which a participant's own system was here: of the last weeks, to know its rhythm by."""

    __tablename__ = "exchange_seen_day"
    participant_id: Mapped[int] = mapped_column(ForeignKey("exchange_participant.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    __table_args__ = (Index("ix_exchange_seen_day", "day"),)


class Certificate(Base):
    """A certificate that a participant signs with, pinned by an administrator."""

    __tablename__ = "exchange_certificate"
    id: Mapped[int] = mapped_column(primary_key=True)
    participant_id: Mapped[int] = mapped_column(ForeignKey("exchange_participant.id"))
    sha256: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(300))
    pem: Mapped[str] = mapped_column(Text)
    added_at: Mapped[datetime] = mapped_column(default=clock.now)
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    ended_at: Mapped[datetime | None]
    __table_args__ = (UniqueConstraint("participant_id", "sha256"),)
