from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.kit import clock
from portal.kit.db import Base


class Message(Base):
    """Words for one person: shown in the portal when it has a `person_id`, sent when it has an address."""

    __tablename__ = "message"
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
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
                      Index("ix_message_person", "person_id", "id"))
