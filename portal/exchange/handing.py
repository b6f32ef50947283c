"""Handing a message out, and hearing what became of it; what is recognised by that: who fetched a document has it."""
from portal.exchange import delivery as deliveries
from portal.exchange import queries, recognising
from portal.exchange.edxml.message import Business
from portal.exchange.models import Delivery, DeliveryState, Document
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
    message = delivery.message
    if message.business not in _BRINGS or delivery.receiver.upstream or not message.document_key:
        return
    there = [delivery.receiver_id]
    if (message.facts.get("through") or {}).get(str(delivery.receiver_id)):
        there += [one.id for one in queries.participants_by_code(codes_of(delivery)).values()]
    for copy in queries.copies_at(delivery.sender_id, message.document_key, there):
        recognising.from_fetch(copy.document, copy, stored=stored)
