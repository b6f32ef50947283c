"""Messages as they came, their way to each receiver, and what is counted of both."""
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.exchange.models.participants import Participant
from portal.files.models import Owner, StoredFile
from portal.kit import clock
from portal.kit.db import Base, one_of

OPEN_DELIVERY = text("state IN ('waiting', 'taken')")
FOR_A_PERSON = text("verdict IN ('conflict', 'unmatched')")
#: A document that was taken and answers something that is not known here: `reason` says so until somebody decides.
UNKNOWN_ANSWER = text("kind = 'document' AND verdict = 'accepted' AND reason = 'no_document'")


class Verdict(StrEnum):
    """What was made of a message: taken; the same again; the same id with other content, for a person; a status or an
    answer about nothing that is known, for a person; taken out by that person."""

    accepted = "accepted"
    repeat = "repeat"
    conflict = "conflict"
    unmatched = "unmatched"
    dismissed = "dismissed"


class DeliveryState(StrEnum):
    """`taken`: fetched, and not said yet whether it was stored; `parked`: given up after so many tries, until somebody
    sends it again."""

    waiting = "waiting"
    taken = "taken"
    done = "done"
    parked = "parked"


class Message(Base):
    """A message as it came in, or was made here: its bytes, and what was understood.

    `document_key`: of the document that it is (see exchange.identity), for a recall of what is recalled; `about_key`:
    of what a status is about or a document answers. `payload_sha256`: of what it says without receivers, trace headers
    and packing. `facts`: what was understood, for pages. `sender_id`: who is known to have sent it; `from_code`: who it
    says it is from.
    """

    __tablename__ = "exchange_message"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    way: Mapped[str] = mapped_column(String(8))
    sender_id: Mapped[int] = mapped_column(ForeignKey("exchange_participant.id"))
    from_code: Mapped[str] = mapped_column(String(60))
    document_key: Mapped[str | None] = mapped_column(String(160))
    about_key: Mapped[str | None] = mapped_column(String(160))
    business: Mapped[str | None] = mapped_column(String(8))
    status_code: Mapped[str | None] = mapped_column(String(4))
    said_at: Mapped[datetime | None]
    payload_sha256: Mapped[str] = mapped_column(String(64))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    dialect: Mapped[str] = mapped_column(String(20))
    deviations: Mapped[list[str]] = mapped_column(JSON, default=list)
    signature: Mapped[str] = mapped_column(String(16))
    signed_by: Mapped[str | None] = mapped_column(String(300))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    verdict: Mapped[str] = mapped_column(String(10))
    repeats_id: Mapped[int | None] = mapped_column(ForeignKey("exchange_message.id"))
    received_at: Mapped[datetime] = mapped_column(default=clock.now)
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str | None] = mapped_column(String(500))
    sender: Mapped[Participant] = relationship()
    file: Mapped[StoredFile | None] = relationship()
    __table_args__ = (
        Index("uq_exchange_message_once", "sender_id", "document_key", "business", "payload_sha256", unique=True,
              sqlite_where=text("verdict = 'accepted' AND kind = 'document'"),
              postgresql_where=text("verdict = 'accepted' AND kind = 'document'")),
        Index("ix_exchange_message_same", "payload_sha256", "sender_id"),
        Index("ix_exchange_message_about", "about_key"),
        Index("ix_exchange_message_sender", "sender_id", "id"),
        Index("ix_exchange_message_person", "id", sqlite_where=FOR_A_PERSON, postgresql_where=FOR_A_PERSON),
        Index("ix_exchange_message_answer", "id", sqlite_where=UNKNOWN_ANSWER, postgresql_where=UNKNOWN_ANSWER),
        CheckConstraint("kind IN ('document', 'status')", name="kind"),
        CheckConstraint(one_of("verdict", Verdict), name="verdict"),
    )

    @property
    def owner(self) -> Owner:
        return Owner("message", self.id)


class Delivery(Base):
    """A message on its way to one receiver. `position`: its place among all from this sender to this receiver; the
    order in which they are handed out. `tries`: how often it was pushed, or fetched and failed."""

    __tablename__ = "exchange_delivery"
    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("exchange_message.id"))
    sender_id: Mapped[int] = mapped_column(ForeignKey("exchange_participant.id"))
    receiver_id: Mapped[int] = mapped_column(ForeignKey("exchange_participant.id"))
    kind: Mapped[str] = mapped_column(String(8))
    position: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(8))
    tries: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime] = mapped_column(default=clock.now)
    queued_at: Mapped[datetime] = mapped_column(default=clock.now)
    taken_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(String(500))
    message: Mapped[Message] = relationship()
    sender: Mapped[Participant] = relationship(foreign_keys=sender_id)
    receiver: Mapped[Participant] = relationship(foreign_keys=receiver_id)
    __table_args__ = (
        UniqueConstraint("message_id", "receiver_id"),
        UniqueConstraint("sender_id", "receiver_id", "position"),
        Index("ix_exchange_delivery_open", "receiver_id", "id", sqlite_where=OPEN_DELIVERY,
              postgresql_where=OPEN_DELIVERY),
        Index("ix_exchange_delivery_parked", "id", sqlite_where=text("state = 'parked'"),
              postgresql_where=text("state = 'parked'")),
        CheckConstraint(one_of("state", DeliveryState), name="state"),
    )


class PairNumber(Base):
    """The last position given to a message from one participant to another."""

    __tablename__ = "exchange_pair_number"
    sender_id: Mapped[int] = mapped_column(ForeignKey("exchange_participant.id"), primary_key=True)
    receiver_id: Mapped[int] = mapped_column(ForeignKey("exchange_participant.id"), primary_key=True)
    n: Mapped[int] = mapped_column(BigInteger)


class Traffic(Base):
    """What went from one participant to another on one day (in Vietnam). `delay_s`: seconds from queued to stored
    there, over `delivered` messages."""

    __tablename__ = "exchange_traffic"
    day: Mapped[date] = mapped_column(primary_key=True)
    sender_id: Mapped[int] = mapped_column(ForeignKey("exchange_participant.id"), primary_key=True)
    receiver_id: Mapped[int] = mapped_column(ForeignKey("exchange_participant.id"), primary_key=True)
    documents: Mapped[int] = mapped_column(default=0, server_default="0")
    statuses: Mapped[int] = mapped_column(default=0, server_default="0")
    delivered: Mapped[int] = mapped_column(default=0, server_default="0")
    failures: Mapped[int] = mapped_column(default=0, server_default="0")
    delay_s: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")


class TrafficMonth(Base):
    """All of a month's traffic together (`month`: its first day), once the month is over: the sums of Traffic, which
    has a row for each pair and day. Nothing tells who sent it."""

    __tablename__ = "exchange_traffic_month"
    month: Mapped[date] = mapped_column(primary_key=True)
    documents: Mapped[int] = mapped_column(BigInteger)
    statuses: Mapped[int] = mapped_column(BigInteger)
    delivered: Mapped[int] = mapped_column(BigInteger)
    failures: Mapped[int] = mapped_column(BigInteger)
    delay_s: Mapped[int] = mapped_column(BigInteger)


class Conformance(Base):
    """How often one participant's messages departed from the standard in one way; `deviation` "" counts all of them."""

    __tablename__ = "exchange_conformance"
    participant_id: Mapped[int] = mapped_column(ForeignKey("exchange_participant.id"), primary_key=True)
    deviation: Mapped[str] = mapped_column(String(40), primary_key=True)
    n: Mapped[int]
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    message_id: Mapped[int] = mapped_column(ForeignKey("exchange_message.id"))


class Alias(Base):
    """What a participant means by an id that is no document's here: learned from a clerk's choice."""

    __tablename__ = "exchange_alias"
    participant_id: Mapped[int] = mapped_column(ForeignKey("exchange_participant.id"), primary_key=True)
    said: Mapped[str] = mapped_column(String(200), primary_key=True)
    means: Mapped[str] = mapped_column(String(200))
    n: Mapped[int] = mapped_column(default=1)
    learned_at: Mapped[datetime] = mapped_column(default=clock.now)
    learned_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
