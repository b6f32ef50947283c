"""Makers of participants, documents and copies: saved, with sensible values; name only what the test is about."""
from datetime import date, datetime, timedelta
from io import BytesIO
from itertools import count
from typing import Any

from sqlalchemy import select

from portal.exchange import states
from portal.exchange.models import Copy, Document, ExchangeEvent, Participant
from portal.files import actions as stored
from portal.files.models import Attachment
from portal.kit import clock
from portal.kit.db import session
from portal.kit.text import fold
from portal.people import queries as people
from portal.people.models import Person, Unit
from tests import make

n = count(1)


def participant(code: str = "H17", *, unit: Unit | None = None, way: str = "pages", **kw: Any) -> Participant:
    """Who takes part for the agency whose key its code begins with (nobody's of ours where there is none), or for one
    of its units; the one that is there already, if there is one."""
    found = session.scalar(select(Participant).where(Participant.code == code, Participant.state == "connected"))
    if found is not None:
        return found
    key = code.split(".")[0]
    agency = make.agency(key) if key in ("H17", "H26", "H29", "G01", "G15") else None
    facts = {"name": unit.name if unit else agency.name if agency else f"Cơ quan {code}", "profile": "vnpt",
             "state": "connected", "connected_at": clock.now(), "agency_id": agency.id if agency else None,
             "unit_id": unit.id if unit else None, "parent_code": key if key != code else None}
    return make.save(Participant(**{"code": code, "way": way} | facts | kw))


def document(sender: Participant | None = None, receivers: tuple[Participant, ...] = (), *, state: str = "sent",
             chosen: tuple[Participant, ...] = (), sent_at: datetime | None = None, **kw: Any) -> Document:
    """A document of `sender` (H26), sent to `receivers` (H17): each has a copy on which nothing happened yet. Of a
    draft, `chosen` are whom it will go to."""
    sender = sender or participant("H26")
    i, at = next(n), sent_at or clock.now() - timedelta(minutes=5)
    facts: dict[str, Any] = {
        "number": str(i), "notation": "UBND-VX", "day": at.date(), "type_name": "Công văn", "place": "Hà Nội",
        "subject": f"Về việc phối hợp giải quyết hồ sơ số {i}", "signer_name": "Trần Văn Bình",
        "signer_position": "Phó Chủ tịch", "agency_id": sender.agency_id, "unit_id": sender.unit_id, "state": state,
        "receivers": [one.id for one in chosen]}
    if state == "sent":
        facts |= {"key": f"{sender.code},{at.date().isoformat()},{i}/UBND-VX", "said_id": f"{i}", "sent_at": at}
    facts |= kw
    facts["search_key"] = fold(" ".join((f"{facts['number']}/{facts['notation']}", facts["subject"], sender.name)))
    made = make.save(Document(sender_id=sender.id, **facts))
    if state == "sent":
        for one in receivers or (participant("H17"),):
            copy(made, one, at=at)
    return made


def copy(of: Document, receiver: Participant, *codes: str, at: datetime | None = None, **kw: Any) -> Copy:
    """`of` at a receiver, where it was sent at `at` and each of `codes` happened a minute after the one before."""
    at = at or of.sent_at or clock.now()
    made = make.save(Copy(**{
        "document_id": of.id, "receiver_id": receiver.id, "agency_id": receiver.agency_id, "unit_id": receiver.unit_id,
        "state": "sent", "state_at": at, "known_by": "sent", "sure": 100, "sent_at": at, "due_on": of.due_on} | kw))
    happened(made, "sent", at=at, how="sent")
    for minute, code in enumerate(codes, 1):
        happened(made, code, at=at + timedelta(minutes=minute))
    return made


def happened(to: Copy, code: str, *, at: datetime | None = None, how: str = "entered", sure: int = 100,
             **kw: Any) -> ExchangeEvent:
    """An event of a copy, and what the copy is by it."""
    event = make.save(ExchangeEvent(document_id=to.document_id, copy_id=to.id, code=code, at=at or clock.now(), how=how,
                                    sure=sure, **kw))
    events = session.scalars(select(ExchangeEvent).where(ExchangeEvent.copy_id == to.id)).all()
    now = states.standing(events)
    to.state, to.state_at, to.known_by, to.sure = now.state, now.state_at, now.known_by, now.sure
    to.recall, to.answered_at = now.recall, to.answered_at or now.answered_at
    session.commit()
    return event


def registered(made: Copy, number: int | None = None, *, by: Person | None = None) -> Copy:
    """The copy in the register of its unit (of the agency's central unit, where the receiver is the agency)."""
    assert made.agency_id
    made.in_unit_id = made.unit_id or people.central_unit(made.agency_id).id
    made.in_year, made.in_number = clock.today().year, number or next(n)
    made.registered_at, made.registered_by_id = clock.now(), by.id if by else None
    happened(made, "03")
    return made


def file(of: Document, name: str = "cong-van.pdf", *, by: Person) -> Attachment:
    """A file of a document."""
    made = stored.attach(of.owner, "file", name, stored.prove(BytesIO(make.PDF), name), by_id=by.id)
    session.commit()
    return made


def day(days: int) -> date:
    """So many days from today."""
    return clock.today() + timedelta(days=days)
