"""What was said about one document: what happened to it, what answers it, in which messages it went."""
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import aliased, joinedload

from portal.exchange.models import Copy, Delivery, Document, ExchangeEvent, Message, Participant
from portal.exchange.states import marked
from portal.kit.db import session

MOST = 100  # entries of a timeline, the newest
SAID_ONCE = ("02", "13", "15", "16", "updated", "replaced", "removed", "answered", "reminded")


class Told(NamedTuple):
    """What happened at one moment, at so many receivers; `receiver`: the name where it was one."""

    code: str
    at: datetime
    how: str
    by_name: str | None
    note: str | None
    receivers: int
    receiver: str | None


class Step(NamedTuple):
    """An event of one copy; `marked`: it does not follow by the rules from what came before it."""

    event: ExchangeEvent
    marked: bool


def of_document(document_id: int) -> list[Told]:
    """What its sender and its receivers said to each other, the newest first: one line for what went to many at once.
    Where each receiver stands is the table's."""
    rows = session.execute(
        select(ExchangeEvent.code, ExchangeEvent.at, ExchangeEvent.how, ExchangeEvent.by_name, ExchangeEvent.note,
               func.count(), func.min(Participant.name))
        .outerjoin(Copy, Copy.id == ExchangeEvent.copy_id).outerjoin(Participant, Participant.id == Copy.receiver_id)
        .where(ExchangeEvent.document_id == document_id, ExchangeEvent.code.in_(SAID_ONCE))
        .group_by(ExchangeEvent.code, ExchangeEvent.at, ExchangeEvent.how, ExchangeEvent.by_name, ExchangeEvent.note)
        .order_by(ExchangeEvent.at.desc(), ExchangeEvent.code).limit(MOST)).all()
    return [Told(code, at, how, by_name, note, n, name if n == 1 else None)
            for code, at, how, by_name, note, n, name in rows]


def of_copy(copy: Copy) -> list[Step]:
    """Everything that happened at one receiver, by its own times."""
    events = session.scalars(select(ExchangeEvent).where(ExchangeEvent.copy_id == copy.id)
                             .order_by(ExchangeEvent.at, ExchangeEvent.id)).all()
    odd = {id(one) for one in marked(events)}
    return [Step(one, id(one) in odd) for one in events]


def answers_to(document_id: int) -> Sequence[Document]:
    """The documents of others that answer it, the newest first: what its sender wrote about it, such as a reminder,
    is no answer."""
    original = aliased(Document)
    return session.scalars(select(Document).options(joinedload(Document.sender)).join(
        original, original.id == Document.answers_id).where(
        Document.answers_id == document_id, Document.state == "sent", Document.sender_id != original.sender_id)
        .order_by(Document.id.desc()).limit(MOST)).all()


def answer_of(copy: Copy) -> Document | None:
    """By what a receiver answered."""
    return session.get(Document, copy.answer_id) if copy.answer_id else None


def copy_at(document_id: int, agency_id: int | None) -> Copy | None:
    """The copy of a document that came to an agency; the first where it came to several of its units."""
    return session.scalar(select(Copy).where(Copy.document_id == document_id, Copy.agency_id == agency_id)
                          .order_by(Copy.id).limit(1)) if agency_id else None


def messages_of(document: Document, receiver_id: int | None = None) -> Sequence[Message]:
    """In which messages it went, the first first: as it was issued, then each update and recall. For a receiver those
    that went to it: whom else a document was asked back from is not told to others."""
    if document.key is None:
        return []
    query = select(Message).options(joinedload(Message.file)).where(
        Message.sender_id == document.sender_id, Message.document_key == document.key, Message.kind == "document",
        Message.verdict == "accepted")
    if receiver_id is not None:
        query = query.where(select(Delivery.id).where(
            Delivery.message_id == Message.id, Delivery.receiver_id == receiver_id).exists())
    return session.scalars(query.order_by(Message.id).limit(MOST)).all()


def not_kept(document: Document) -> list[dict[str, Any]]:
    """The files of its last edition that stay in the message alone, because they are not what they say or not of a kind
    that is shown: name, size in bytes, sha256, reason."""
    message = session.get(Message, document.message_id) if document.message_id else None
    files = message.facts.get("attachments", []) if message else []
    return [one for one in files if one.get("reason")]
