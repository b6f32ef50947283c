"""Who is told of what happens to a document: the clerks of the office that it came to, whoever it was given to, and the
office that sent it. Of those who work on the pages of this portal; other systems are told by messages."""
from collections.abc import Mapping
from typing import Any, NamedTuple

from portal.exchange.models import Copy, Document, ExchangeEvent, Participant, Way
from portal.notices import actions as notices
from portal.people.permissions import Place, Role


class Told(NamedTuple):
    """Which notice (templates/notices), and whether its receiver's office or its sender's reads it."""

    notice: str
    at_receiver: bool


TOLD: Mapping[str, Told] = {
    "01": Told("document_came", True), "04": Told("document_assigned", True), "13": Told("document_recall", True),
    "updated": Told("document_changed", True), "replaced": Told("document_changed", True),
    "02": Told("document_sent_back", False), "15": Told("document_recall_answered", False),
    "16": Told("document_recall_answered", False), "answered": Told("document_answered", False)}


def concerns(code: str, document: Document, copy: Copy | None) -> bool:
    """Whether anybody here is told of it."""
    told = TOLD.get(code)
    if told is None or copy is None:
        return False
    return works_here(copy.receiver if told.at_receiver else document.sender)


def works_here(participant: Participant) -> bool:
    """Whether it works on the pages of this portal."""
    return participant.way == Way.pages and participant.agency_id is not None


def of_event(event: ExchangeEvent) -> None:
    """Tell whom it concerns."""
    told, copy = TOLD.get(event.code), event.copy
    if told is None or copy is None:
        return
    facts = {"code": event.code, "by": copy.receiver.name, "note": event.note or ""}
    if event.code == "04":
        to_workers(copy, told.notice, **facts)
    elif told.at_receiver:
        to_receiver(copy, told.notice, **facts)
    else:
        to_sender(copy, told.notice, **facts)


def to_receiver(copy: Copy, notice: str, **facts: Any) -> None:
    """The clerks of the office that it came to."""
    if copy.agency_id is not None:
        notices.tell_role(Role.clerk, Place(copy.agency_id, copy.in_unit_id or copy.unit_id), notice,
                          f"/government/incoming/{copy.id}", **_about(copy.document), **facts)


def to_workers(copy: Copy, notice: str, **facts: Any) -> None:
    """Whoever it was given to: a person, or who leads the unit; the clerks where it is nobody's yet."""
    link = f"/government/incoming/{copy.id}"
    about = _about(copy.document) | {"instruction": copy.instruction or "", "due": copy.work_due_on or copy.due_on}
    if copy.assignee is not None and copy.assignee.active:
        notices.tell(copy.assignee.id, notice, link, **about, **facts)
    elif copy.assigned_unit_id is not None and copy.agency_id is not None:
        place = Place(copy.agency_id, copy.assigned_unit_id)
        notices.tell_role(Role.head_of_unit, place, notice, link, **about, **facts)
    else:
        to_receiver(copy, notice, **{key: about[key] for key in ("instruction", "due")}, **facts)


def to_sender(copy: Copy, notice: str, **facts: Any) -> None:
    """The clerks of the office that sent it."""
    document = copy.document
    if document.agency_id is not None:
        notices.tell_role(Role.clerk, Place(document.agency_id, document.out_unit_id or document.unit_id), notice,
                          f"/government/documents/{document.id}", **_about(document), **facts)


def _about(document: Document) -> dict[str, Any]:
    number = "/".join(part for part in (document.number, document.notation) if part)
    return {"number": number, "subject": document.subject, "sender": document.sender.name}
