"""Documents, how each stands at each receiver, and what happened to them."""
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    event,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.exchange.models.messages import Message
from portal.exchange.models.participants import Participant
from portal.files.models import Owner
from portal.kit import clock
from portal.kit.db import Base
from portal.people.models import Person, Unit

AWAITED = text("due_on IS NOT NULL AND answered_at IS NULL")
WORKED_ON = text("work_due_on IS NOT NULL AND answered_at IS NULL AND state != 'done'")
REGISTERED = text("in_number IS NOT NULL")
#: Parts of a register, each with an index of its own. A query says them word for word (`of_copy`), or no index is used.
WAITING = ("in_number IS NULL AND state IN ('sent', 'arrived') AND removed_at IS NULL "
           "AND (recall IS NULL OR recall <> 'agreed')")
ANSWERED, RECALL_ASKED, RECALLED = "answered_at IS NOT NULL", "recall = 'asked'", "recall IS NOT NULL"
DUE = "due_on IS NOT NULL AND sent_at IS NOT NULL"


def _where(predicate: Any) -> dict[str, Any]:
    said = text(predicate) if isinstance(predicate, str) else predicate
    return {"sqlite_where": said, "postgresql_where": said}


class Document(Base):
    """A document: what its sender issued, once, whatever was sent about it since.

    `key` names it whatever dialect a message wrote its id in; NULL while it is a draft. `edition`: 1, and one more with
    each update. Its place in the sender's register of outgoing documents: `out_unit_id`, `out_year`, `out_number`.
    `dossier_id`: the dossier that it is about, where it is one of ours. `about`: what its sender says that it answers.
    """

    __tablename__ = "exchange_document"
    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(String(8))
    sender_id: Mapped[int] = mapped_column(ForeignKey("exchange_participant.id"))
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    key: Mapped[str | None] = mapped_column(String(160))
    said_id: Mapped[str | None] = mapped_column(String(200))
    number: Mapped[str] = mapped_column(String(40), default="")
    notation: Mapped[str] = mapped_column(String(80), default="")
    day: Mapped[date | None]
    type_name: Mapped[str] = mapped_column(String(120), default="")
    subject: Mapped[str] = mapped_column(Text, default="")
    content: Mapped[str] = mapped_column(Text, default="")
    search_key: Mapped[str] = mapped_column(Text, default="")
    place: Mapped[str] = mapped_column(String(120), default="")
    signer_name: Mapped[str] = mapped_column(String(120), default="")
    signer_position: Mapped[str] = mapped_column(String(160), default="")
    signer_competence: Mapped[str] = mapped_column(String(160), default="")
    priority: Mapped[int] = mapped_column(SmallInteger, default=0)
    steering: Mapped[str] = mapped_column(String(4), default="")
    due_on: Mapped[date | None]
    reference_codes: Mapped[list[str]] = mapped_column(JSON, default=list)
    about: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    answers_id: Mapped[int | None] = mapped_column(ForeignKey("exchange_document.id"), index=True)
    dossier_id: Mapped[int | None] = mapped_column(ForeignKey("dossier.id"), index=True)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("exchange_message.id"))
    edition: Mapped[int] = mapped_column(default=1)
    replaced_by_id: Mapped[int | None] = mapped_column(ForeignKey("exchange_document.id"))
    receivers: Mapped[list[int]] = mapped_column(JSON, default=list)  # of a draft: the participants chosen
    out_unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    out_year: Mapped[int | None]
    out_number: Mapped[int | None]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    sent_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()
    sender: Mapped[Participant] = relationship()
    copies: Mapped[list["Copy"]] = relationship(order_by="Copy.id", back_populates="document",
                                                foreign_keys="Copy.document_id")
    events: Mapped[list["ExchangeEvent"]] = relationship(order_by="ExchangeEvent.id", back_populates="document")
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy reads it so
    __table_args__ = (
        UniqueConstraint("sender_id", "key"),
        Index("uq_exchange_document_out", "out_unit_id", "out_year", "out_number", unique=True),
        Index("ix_exchange_document_key", "key"),
        Index("ix_exchange_document_agency", "agency_id", "sent_at", "id"),
        Index("ix_exchange_document_number", "number", "notation"),
        Index("ix_exchange_document_replaced", "replaced_by_id", **_where("replaced_by_id IS NOT NULL")),
        Index("ix_exchange_document_due", "agency_id", "due_on", "id", **_where(DUE)),
        CheckConstraint("state IN ('draft', 'sent')", name="state"),
        CheckConstraint("(state = 'draft') = (key IS NULL)", name="key"),
    )

    @property
    def owner(self) -> Owner:
        """Its files."""
        return Owner("document", self.id)


class Copy(Base):
    """A document at one receiver: how it stands there, and its place in the receiver's register.

    `state`, `state_at`, `known_by`, `sure`, `recall`: what its events say (exchange.states), written with each of them.
    `in_unit_id`, `in_year`, `in_number`: the register of incoming documents. `due_on`: by when an answer is awaited;
    `answered_at`, `answer_id`: by which document it came. `work_due_on`: by when whoever it was assigned to is to be
    done; `due_told`: what the receiver was told of that, soon or late.
    """

    __tablename__ = "exchange_copy"
    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("exchange_document.id"))
    receiver_id: Mapped[int] = mapped_column(ForeignKey("exchange_participant.id"))
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    state: Mapped[str] = mapped_column(String(12))
    state_at: Mapped[datetime]
    known_by: Mapped[str] = mapped_column(String(10))
    sure: Mapped[int] = mapped_column(SmallInteger)
    recall: Mapped[str | None] = mapped_column(String(10))
    removed_at: Mapped[datetime | None]
    updated_at: Mapped[datetime | None]
    replaced_at: Mapped[datetime | None]
    sent_at: Mapped[datetime]
    in_unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    in_year: Mapped[int | None]
    in_number: Mapped[int | None]
    registered_at: Mapped[datetime | None]
    registered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    assigned_unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    assigned_at: Mapped[datetime | None]
    assigned_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    instruction: Mapped[str | None] = mapped_column(Text)
    due_on: Mapped[date | None]
    work_due_on: Mapped[date | None]
    due_told: Mapped[str | None] = mapped_column(String(4))
    reminded_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    answer_id: Mapped[int | None] = mapped_column(ForeignKey("exchange_document.id"))
    version: Mapped[int] = mapped_column()
    document: Mapped[Document] = relationship(back_populates="copies", foreign_keys=document_id)
    receiver: Mapped[Participant] = relationship()
    assignee: Mapped[Person | None] = relationship(foreign_keys=assignee_id)
    assigned_unit: Mapped[Unit | None] = relationship(foreign_keys=assigned_unit_id)
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy reads it so
    __table_args__ = (
        UniqueConstraint("document_id", "receiver_id"),
        Index("uq_exchange_copy_in", "in_unit_id", "in_year", "in_number", unique=True),
        Index("ix_exchange_copy_register", "agency_id", "in_year", "in_number", "id", sqlite_where=REGISTERED,
              postgresql_where=REGISTERED),
        Index("ix_exchange_copy_agency", "agency_id", "id"),
        Index("ix_exchange_copy_waiting", "agency_id", "id", **_where(WAITING)),
        Index("ix_exchange_copy_waiting_unit", "unit_id", "id", **_where(WAITING)),
        Index("ix_exchange_copy_due", "agency_id", "due_on", "id", **_where(AWAITED)),
        Index("ix_exchange_copy_answered", "agency_id", "answered_at", "id", **_where(ANSWERED)),
        Index("ix_exchange_copy_recall", "agency_id", "id", **_where(RECALL_ASKED)),
        Index("ix_exchange_copy_recalled", "document_id", **_where(RECALLED)),
        Index("ix_exchange_copy_unit", "unit_id", "id"),
        Index("ix_exchange_copy_assigned", "assigned_unit_id", "id"),
        Index("ix_exchange_copy_assignee", "assignee_id", "id"),
        Index("ix_exchange_copy_awaited", "due_on", "id", sqlite_where=AWAITED, postgresql_where=AWAITED),
        Index("ix_exchange_copy_work", "work_due_on", "id", sqlite_where=WORKED_ON, postgresql_where=WORKED_ON),
        Index("ix_exchange_copy_answer", "answer_id"),
        CheckConstraint("recall IS NULL OR recall IN ('asked', 'agreed', 'refused')", name="recall"),
        CheckConstraint("sure BETWEEN 0 AND 100", name="sure"),
    )


class ExchangeEvent(Base):
    """What happened to a document, at one receiver or (`copy_id` NULL) at its sender; once, for ever.

    `code`: a name of exchange.states.CODES. `at`: when it happened, as was said; `arrived_at`: when it was known here.
    `how`, `sure` (percent): how it is known.
    """

    __tablename__ = "exchange_event"
    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("exchange_document.id"), index=True)
    copy_id: Mapped[int | None] = mapped_column(ForeignKey("exchange_copy.id"), index=True)
    code: Mapped[str] = mapped_column(String(12))
    at: Mapped[datetime]
    arrived_at: Mapped[datetime] = mapped_column(default=clock.now)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("exchange_message.id"), index=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    by_name: Mapped[str | None] = mapped_column(String(200))
    how: Mapped[str] = mapped_column(String(10))
    sure: Mapped[int] = mapped_column(SmallInteger, default=100)
    note: Mapped[str | None] = mapped_column(Text)
    document: Mapped[Document] = relationship(back_populates="events")
    copy: Mapped[Copy | None] = relationship()
    message: Mapped[Message | None] = relationship()


class Opinion(Base):
    """An opinion asked of another agency about a dossier (Decree 118/2025 art. 19(4)): question, deadline, answer,
    late answer, all written down. `head_told_at`: the head of the one-stop unit was told that it is late."""

    __tablename__ = "exchange_opinion"
    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"), index=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("exchange_document.id"), index=True)
    copy_id: Mapped[int] = mapped_column(ForeignKey("exchange_copy.id"), unique=True)
    question: Mapped[str] = mapped_column(Text)
    due_at: Mapped[datetime]
    asked_at: Mapped[datetime] = mapped_column(default=clock.now)
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    by_name: Mapped[str | None] = mapped_column(String(200))
    answered_at: Mapped[datetime | None]
    answer_id: Mapped[int | None] = mapped_column(ForeignKey("exchange_document.id"))
    answer: Mapped[str | None] = mapped_column(Text)
    head_told_at: Mapped[datetime | None]
    copy: Mapped[Copy] = relationship()
    document: Mapped[Document] = relationship(foreign_keys=document_id)
    __table_args__ = (Index("ix_exchange_opinion_open", "due_at", sqlite_where=text("answered_at IS NULL"),
                            postgresql_where=text("answered_at IS NULL")),)


class EventsNeverChange(Exception):
    """Somebody tried to rewrite what happened."""


@event.listens_for(ExchangeEvent, "before_update")
@event.listens_for(ExchangeEvent, "before_delete")
def _refuse(*_args: Any) -> None:
    raise EventsNeverChange("what happened to a document is written once, for ever")
