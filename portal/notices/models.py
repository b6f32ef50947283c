from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.kit import clock
from portal.kit.db import Base


class Message(Base):
    """Words for one person, or for whoever holds a role at a place, shown in the portal; sent when it has an address.

    `person_id` names the person, `role` with `agency_id` and `unit_id` the place (no agency: the whole portal);
    `read_at` is when the person saw it.
    """

    __tablename__ = "message"
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    role: Mapped[str | None] = mapped_column(String(24))
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    channel: Mapped[str] = mapped_column(String(6))
    address: Mapped[str | None] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(300))
    body: Mapped[str] = mapped_column(Text)
    link: Mapped[str | None] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(default=clock.now)
    sent_at: Mapped[datetime | None]
    undeliverable_at: Mapped[datetime | None]  # given up: refused by the mail server, or not taken for long
    read_at: Mapped[datetime | None]
    __table_args__ = (CheckConstraint("channel IN ('email', 'sms', 'portal')", name="channel"),
                      Index("ix_message_person", "person_id", "id"),
                      Index("ix_message_agency", "role", "agency_id", "id"),
                      Index("ix_message_unit", "role", "unit_id", "id"))


class MessageRead(Base):
    """That one of those who hold the role has seen the notice."""

    __tablename__ = "message_read"
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(default=clock.now)
