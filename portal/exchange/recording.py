"""Writing down what happened to a document, and what its copy makes of it. Events are written once; a copy's columns
are folded anew from all of them, under its lock, so that nothing of two who record at once is lost."""
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, inspect, select

from portal.exchange import telling
from portal.exchange.models import Copy, Document, ExchangeEvent, Participant
from portal.exchange.states import CODES, How, State, standing
from portal.kit import clock, jobs
from portal.kit.db import session
from portal.people.models import Person

LONGEST_NOTE = 2000
FOLDED = ("state", "state_at", "known_by", "sure", "recall", "updated_at", "replaced_at", "removed_at", "answered_at",
          "reminded_at")


def record(document: Document, code: str, *, copy: Copy | None = None, at: datetime | None = None, how: How | str,
           sure: int = 100, message_id: int | None = None, by: Person | None = None, by_name: str | None = None,
           note: str | None = None) -> ExchangeEvent | None:
    """Write that `code` (of exchange.states.CODES) happened at `at` (now), at one receiver or at the sender, and fold
    the copy anew. `sure`: percent. None where the very same stands already: said twice, it happened once.

    ValueError for a code that is none. Moves against the rules are written too, and marked where shown.
    """
    if code not in CODES:
        raise ValueError(f"no code {code}")
    at, how = at or clock.now(), How(how)
    _lock(document, copy)
    known = _known(document, copy)
    if any((one.code, one.at, one.how) == (code, at, how) for one in known):
        return None
    event = ExchangeEvent(document_id=document.id, copy_id=copy.id if copy else None, code=code, at=at, how=str(how),
                          sure=sure, message_id=message_id, by_id=by.id if by else None,
                          by_name=by.name if by else by_name, note=note[:LONGEST_NOTE] if note else None)
    session.add(event)
    if copy is not None:
        _fold(copy, [*known, event])
    session.flush()
    if telling.concerns(code, document, copy):
        jobs.put("exchange.tell_people", event_id=event.id)
    return event


def new_copies(document: Document, receivers: Iterable[Participant], at: datetime, *,
               message_id: int | None = None, by: Person | None = None) -> list[Copy]:
    """A copy for each receiver that the document has none at yet, sent at `at`; two statements for all of them."""
    has = set(session.scalars(select(Copy.receiver_id).where(Copy.document_id == document.id)))
    rows = [{"document_id": document.id, "receiver_id": one.id, "agency_id": one.agency_id, "unit_id": one.unit_id,
             "state": str(State.sent), "state_at": at, "known_by": str(How.sent), "sure": 100, "sent_at": at,
             "due_on": document.due_on, "version": 1}
            for one in dict.fromkeys(receivers) if one.id not in has]
    if not rows:
        return []
    copies = sorted(session.scalars(insert(Copy).returning(Copy), rows), key=lambda one: one.receiver_id)
    session.execute(insert(ExchangeEvent), [
        {"document_id": document.id, "copy_id": copy.id, "code": "sent", "at": at, "how": str(How.sent), "sure": 100,
         "message_id": message_id, "by_id": by.id if by else None, "by_name": by.name if by else None}
        for copy in copies])
    session.expire(document, ["copies", "events"])
    return copies


def refold(copy: Copy) -> None:
    """Compute the copy's columns anew from all its events, as `record` does with each."""
    _lock(copy.document, copy)
    _fold(copy, _known(copy.document, copy))
    session.flush()


def lock(copy: Copy) -> None:
    """Hold the copy until the transaction ends, as it stands now: nobody else records at it meanwhile."""
    session.flush()
    identity = inspect(copy).identity or (0,)  # asking an expired row for its number would read it first
    session.scalars(select(Copy).where(Copy.id == identity[0]).with_for_update(of=Copy).execution_options(
        populate_existing=True)).one()


def _lock(document: Document, copy: Copy | None) -> None:
    if copy is not None:
        lock(copy)
    else:
        session.execute(select(Document.id).where(Document.id == document.id).with_for_update())


def _known(document: Document, copy: Copy | None) -> list[Row[Any]]:
    at_it = ExchangeEvent.copy_id == copy.id if copy is not None else \
        (ExchangeEvent.document_id == document.id) & ExchangeEvent.copy_id.is_(None)
    return list(session.execute(select(ExchangeEvent.code, ExchangeEvent.at, ExchangeEvent.how, ExchangeEvent.sure)
                                .where(at_it)))


def _fold(copy: Copy, events: Iterable[Any]) -> None:
    """Without an event that says a state there is nothing to fold: the sender's own act is one, and comes first."""
    known = list(events)
    if not any(CODES[one.code].state for one in known):
        return
    found = standing(known)
    for column in FOLDED:
        value = getattr(found, column)
        setattr(copy, column, str(value) if isinstance(value, (State, How)) else value)
    copy.recall = str(found.recall) if found.recall else None
