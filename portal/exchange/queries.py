"""Finding participants, documents, messages and deliveries. Who may see them is the callers' question."""
from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, joinedload

from portal.exchange import identity
from portal.exchange.models import Copy, Delivery, Document, ExchangeEvent, Message, Participant, ParticipantState
from portal.exchange.models import Verdict as V
from portal.kit.db import session
from portal.kit.hot import bulk

CONNECTED = Participant.state == ParticipantState.connected


def participant(participant_id: int) -> Participant | None:
    """The participant with this number."""
    return session.get(Participant, participant_id)


def participant_by_code(code: str) -> Participant | None:
    """Who is connected under this id, in whatever form it is written."""
    return session.scalar(select(Participant).where(Participant.code == identity.organ(code), CONNECTED))


def participants_by_code(codes: Collection[str]) -> dict[str, Participant]:
    """Those of these ids (in their one form) that are connected."""
    found = session.scalars(select(Participant).where(bulk.among(Participant.code, codes), CONNECTED)) if codes else ()
    return {one.code: one for one in found}


def participants_of(agency_id: int) -> Sequence[Participant]:
    """All that are connected for one agency, by their ids."""
    return session.scalars(select(Participant).where(Participant.agency_id == agency_id, CONNECTED)
                           .order_by(Participant.code)).all()


def directory(after: str = "", limit: int = 500) -> Sequence[Participant]:
    """Who is connected, by their ids, from the one after `after`."""
    return session.scalars(select(Participant).where(CONNECTED, Participant.code > after)
                           .order_by(Participant.code).limit(limit)).all()


def upstream() -> Participant | None:
    """The other portal to which goes what is for nobody here."""
    return session.scalar(select(Participant).where(CONNECTED, Participant.upstream.is_(True))
                          .order_by(Participant.id).limit(1))


def document(document_id: int) -> Document | None:
    """The document with this number."""
    return session.get(Document, document_id)


def documents_by_key(key: str) -> Sequence[Document]:
    """The documents of this key; more than one where several senders gave the same id."""
    return session.scalars(select(Document).where(Document.key == key).order_by(Document.id).limit(10)).all()


def document_of(sender_id: int, key: str) -> Document | None:
    """This sender's document of this key."""
    return session.scalar(select(Document).where(Document.sender_id == sender_id, Document.key == key))


def copy(copy_id: int) -> Copy | None:
    """The copy with this number."""
    return session.get(Copy, copy_id)


def copies_of(document_id: int) -> Sequence[Copy]:
    """A document at each of its receivers, in the order in which they were added."""
    return session.scalars(select(Copy).where(Copy.document_id == document_id).options(joinedload(Copy.receiver))
                           .order_by(Copy.id)).all()


def copy_at(document_id: int, receiver_id: int) -> Copy | None:
    """A document at one receiver."""
    return session.scalar(select(Copy).where(Copy.document_id == document_id, Copy.receiver_id == receiver_id))


def copies_at(sender_id: int, key: str, receivers: Collection[int]) -> Sequence[Copy]:
    """This sender's document of this key, at these receivers."""
    return session.scalars(select(Copy).join(Copy.document).where(
        Document.sender_id == sender_id, Document.key == key, Copy.receiver_id.in_(receivers))
        .options(contains_eager(Copy.document)).order_by(Copy.id)).all()


def events_of(document_id: int) -> Sequence[ExchangeEvent]:
    """What happened to a document, in the order in which it was known here."""
    return session.scalars(select(ExchangeEvent).where(ExchangeEvent.document_id == document_id)
                           .order_by(ExchangeEvent.id)).all()


def message(message_id: int) -> Message | None:
    """The message with this number."""
    return session.get(Message, message_id)


def same_message(sender_id: int, payload_sha256: str, key: str | None, business: str | None) -> Message | None:
    """The first message of this sender that says the very same, whatever was made of it."""
    return session.scalar(select(Message).where(
        Message.payload_sha256 == payload_sha256, Message.sender_id == sender_id, Message.document_key == key,
        Message.business == business, Message.verdict != V.repeat).order_by(Message.id).limit(1))


def accepted_message(sender_id: int, key: str, business: str) -> Message | None:
    """The message of this sender, id and business type that was taken."""
    return session.scalar(select(Message).where(
        Message.sender_id == sender_id, Message.document_key == key, Message.business == business,
        Message.verdict == V.accepted, Message.kind == "document").order_by(Message.id).limit(1))


def is_awaited(key: str) -> bool:
    """Whether anything came about a document before the document itself."""
    return session.scalar(select(Message.id).where(Message.about_key == key).limit(1)) is not None


def early_messages(key: str) -> Sequence[Message]:
    """What came about a document before the document itself: what recalls, updates or replaces it."""
    return session.scalars(select(Message).where(
        Message.about_key == key, Message.kind == "document", Message.business != "new",
        Message.verdict.in_((V.unmatched, V.accepted))).order_by(Message.id).limit(50)).all()


def for_a_person(before: int | None = None, limit: int = 50) -> Sequence[Message]:
    """What waits for a person's decision, the newest first, those with an id below `before`."""
    query = select(Message).where(Message.verdict.in_((V.conflict, V.unmatched)))
    if before is not None:
        query = query.where(Message.id < before)
    return session.scalars(query.options(joinedload(Message.sender)).order_by(Message.id.desc()).limit(limit)).all()


def delivery(delivery_id: int) -> Delivery | None:
    """The delivery with this number."""
    return session.get(Delivery, delivery_id)


def deliveries_of(message_id: int, receivers: Collection[int] | None = None) -> Sequence[Delivery]:
    """A message on its way to each of its receivers, or to these of them."""
    query = select(Delivery).where(Delivery.message_id == message_id)
    if receivers is not None:
        query = query.where(Delivery.receiver_id.in_(receivers))
    return session.scalars(query.order_by(Delivery.id)).all()


def document_numbered(said: str, day: date | None) -> Document | None:
    """The document of this number and notation (36a/NQ-CP) and day, where there is exactly one."""
    number, slash, notation = said.strip().partition("/")
    if not slash or day is None:
        return None
    found = session.scalars(select(Document).where(
        Document.number == number.strip(), Document.notation == notation.strip(), Document.day == day,
        Document.state == "sent").limit(2)).all()
    return found[0] if len(found) == 1 else None


def copy_in_agency(document_id: int | None, agency_id: int) -> Copy | None:
    """A document's copy at an agency; of several of its bodies the first."""
    return session.scalar(select(Copy).where(Copy.document_id == document_id, Copy.agency_id == agency_id)
                          .order_by(Copy.id).limit(1)) if document_id is not None else None
