"""Participants and documents for tests of the exchange."""
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from portal.exchange import recording
from portal.exchange.models import Copy, Document, Message, Participant
from portal.kit import clock
from tests import make

MORNING = datetime(2026, 11, 2, 1, tzinfo=UTC)
n = count(1)


def participant(code: str | None = None, **kw: Any) -> Participant:
    """Somebody who is connected, by the API unless said otherwise."""
    code = code or f"H99.{next(n):02}"
    return make.save(Participant(**{"code": code, "name": f"Cơ quan {code}", "way": "api", "profile": "vnpt",
                                    "state": "connected", "connected_at": MORNING} | kw))


def document(sender: Participant | None = None, receivers: tuple[Participant, ...] | None = None, *,
             at: datetime = MORNING, **kw: Any) -> Document:
    """A document that was sent, with a copy at each receiver."""
    sender, i = sender or participant(), next(n)
    day = kw.setdefault("day", clock.day_of(at))
    values = {"number": str(i), "notation": "CV-STN", "subject": "Về việc phối hợp cung cấp số liệu",
              "type_name": "Công văn", "priority": 0, "steering": "", "search_key": ""} | kw
    code = f"{values['number']}/{values['notation']}"
    values.setdefault("key", f"{sender.code},{day.isoformat()},{code}")
    values.setdefault("said_id", f"{sender.code},{day:%Y/%m/%d},{code}")
    made = make.save(Document(state="sent", sender_id=sender.id, agency_id=sender.agency_id, unit_id=sender.unit_id,
                              sent_at=at, **values))
    recording.new_copies(made, receivers if receivers is not None else (participant(),), at)
    return make.save(made)


def copy(**kw: Any) -> Copy:
    """The one copy of a document."""
    return document(**kw).copies[0]


def message(sender: Participant, kind: str = "status", **kw: Any) -> Message:
    """A message as it came."""
    return make.save(Message(**{"kind": kind, "way": "api", "sender_id": sender.id, "from_code": sender.code,
                                "payload_sha256": f"{next(n):064}", "sha256": f"{next(n):064}", "size": 1,
                                "dialect": "vnpt", "signature": "none", "verdict": "accepted"} | kw))


def later(minutes: int) -> datetime:
    return MORNING + timedelta(minutes=minutes)


def day(after: int) -> date:
    return clock.day_of(MORNING) + timedelta(days=after)
