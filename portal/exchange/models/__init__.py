"""The tables of this room."""
from portal.exchange.models.documents import Copy, Document, EventsNeverChange, ExchangeEvent, Opinion
from portal.exchange.models.messages import (
    Alias,
    Conformance,
    Delivery,
    DeliveryState,
    Message,
    PairNumber,
    Traffic,
    TrafficMonth,
    Verdict,
)
from portal.exchange.models.participants import Certificate, Connection, Participant, ParticipantState, SeenDay, Way

__all__ = ["Alias", "Certificate", "Conformance", "Connection", "Copy", "Delivery", "DeliveryState",
           "Document", "EventsNeverChange", "ExchangeEvent", "Message", "Opinion", "PairNumber", "Participant",
           "ParticipantState", "SeenDay", "Traffic", "TrafficMonth", "Verdict", "Way"]
