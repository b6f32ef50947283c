"""Handing a message out, and hearing what became of it; what is recognised by that: who fetched a document has it."""
from portal.exchange import delivery as deliveries
from portal.exchange import queries, recognising
from portal.exchange.edxml.message import Business
from portal.exchange.models import Copy, Delivery, DeliveryState, Document, Participant
from portal.people.models import Person

_BRINGS = (Business.new, Business.replacing)


def fetch(delivery: Delivery, by: Person | None = None) -> Delivery:
    """Its receiver takes it: see delivery.fetch."""
    deliveries.fetch(delivery, by)
    _arrived(delivery, stored=False)
    return delivery


def acknowledge(delivery: Delivery, said: str, reason: str | None = None) -> Delivery:
    """What its receiver says of it: see delivery.acknowledge. ValueError for another word."""
    deliveries.acknowledge(delivery, said, reason)
    if delivery.state == DeliveryState.done and said == deliveries.DONE:
        _arrived(delivery, stored=True)
    return delivery


def codes_of(delivery: Delivery) -> list[str]:
    """For whom it is: its receiver, or bodies that are reached through it."""
    through = delivery.message.facts.get("through") or {}
    return list(through.get(str(delivery.receiver_id)) or [delivery.receiver.code])


def document_of(delivery: Delivery) -> Document | None:
    """The document that a delivery brings, or is about."""
    key = delivery.message.document_key
    return queries.document_of(delivery.sender_id, key) if key else None


def _arrived(delivery: Delivery, *, stored: bool) -> None:
    """Its receiver has the document; the portal upstream only hands it on."""
    brings = delivery.message.business in _BRINGS and not delivery.receiver.upstream
    document = document_of(delivery) if brings else None
    for copy in _copies(document, delivery) if document else ():
        recognising.from_fetch(copy.document, copy, stored=stored)


def _copies(document: Document, delivery: Delivery) -> list[Copy]:
    there: dict[str, Participant] = queries.participants_by_code(codes_of(delivery))
    wanted = {one.id for one in there.values()} | {delivery.receiver_id}
    return [copy for copy in queries.copies_of(document.id) if copy.receiver_id in wanted]
