"""Documents that came about something of ours move with it: with a dossier, with a task that they gave (decision 0097).

Neither knows of documents: a dossier calls who follows it, and a job is put only where a document is about it.
"""
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from portal.dossiers import recording as dossiers
from portal.dossiers.models import Dossier
from portal.dossiers.states import STATES as DESK
from portal.dossiers.states import STEPS, Step
from portal.dossiers.states import State as Desk
from portal.exchange import recording
from portal.exchange.models import Copy, Document
from portal.exchange.states import RANK, How, State
from portal.kit import jobs
from portal.kit.db import session
from portal.kit.row_security import reaching_all


class Says(NamedTuple):
    """What our dossier says of the documents about it, and how sure (percent)."""

    code: str
    state: State
    sure: int


_WORKING, _CLOSED = Says("05", State.in_work, 90), Says("06", State.done, 80)
DOSSIER_SAYS: Mapping[Desk, Says] = {
    state: _CLOSED if rule.final or state is Desk.decided else _WORKING for state, rule in DESK.items()
    if state not in (Desk.draft, Desk.submitted)}


def from_dossier(dossier_id: int) -> None:
    """Our own dossier moved: what others sent about it, and our register holds, moves with it. Its senders are told."""
    copies = session.scalars(select(Copy).join(Copy.document).where(
        Document.dossier_id == dossier_id, Copy.in_number.is_not(None), Copy.state != str(State.done))).all()
    for copy in copies:
        follow(copy)


def look_after(dossier: Dossier, step: Step) -> None:
    """With a step of a dossier: where documents about it came in, they follow after the commit."""
    if not STEPS[step].moves:
        return
    with reaching_all():  # an applicant's own step moves them too
        found = session.scalar(select(Document.id).where(Document.dossier_id == dossier.id).limit(1))
    if found:
        jobs.put("exchange.follow_dossier", unique=str(dossier.id), dossier_id=dossier.id)


dossiers.FOLLOWERS.append(look_after)


def follow(copy: Copy) -> None:
    """Let a copy that is registered here stand at least where the dossier that it is about does: since the dossier's
    step, or since it was registered where that came later."""
    dossier = session.get(Dossier, copy.document.dossier_id or 0)
    said = DOSSIER_SAYS.get(Desk(dossier.state)) if dossier and dossier.agency_id == copy.agency_id else None
    if dossier is not None and said is not None:
        _move(copy, said, max(dossier.changed_at, copy.registered_at or dossier.changed_at), How.dossier)


def from_directive(document_id: int, agency_id: int, at: datetime, *, confirmed: bool) -> None:
    """A task that a document gave moved at an agency here: claimed to be done it is in work, confirmed it is dealt
    with. What its register holds moves with it, and the document's sender is told."""
    for copy in session.scalars(select(Copy).where(Copy.document_id == document_id, Copy.agency_id == agency_id,
                                                   Copy.in_number.is_not(None))).all():
        _move(copy, _CLOSED if confirmed else _WORKING, max(at, copy.registered_at or at), How.directive)


def _move(copy: Copy, said: Says, at: datetime, how: How) -> None:
    if RANK[State(copy.state)] >= RANK[said.state]:
        return
    event = recording.record(copy.document, said.code, copy=copy, at=at, how=how, sure=said.sure)
    if event is not None:
        jobs.put("exchange.tell_status", event_id=event.id)
