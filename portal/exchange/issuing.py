"""What a message does to documents: it issues one, or recalls, updates or replaces what its sender issued before.

Each returns the participants that it is for. Events stand before anything is put on its way: whoever records and
queues at once holds the copies first and the pairs after them, in that order.
"""
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from portal.exchange import facts, identity, queries, recording
from portal.exchange.edxml.message import DocumentMessage
from portal.exchange.models import Copy, Document, Message, Participant, Way
from portal.exchange.states import How
from portal.files import actions as files
from portal.files import queries as kept
from portal.files.models import Owner
from portal.kit import clock
from portal.kit.db import session
from portal.kit.text import fold
from portal.people.models import Person

REMOVED, ADDED = "0", "1"  # what an update says of a receiver


class Enclosed(NamedTuple):
    """A file of a message: proven and stored, or only there in the original message, and why (`reason`: of
    kit.files.REASONS)."""

    name: str
    size: int
    sha256: str
    label: str
    proven: files.Proven | None
    reason: str | None


class Act(NamedTuple):
    """What was sent, by whom, with what. `row`: the message as it is kept; `author`: whose document it is."""

    row: Message
    said: DocumentMessage
    enclosed: Sequence[Enclosed]
    author: Participant
    by: Person | None


def issue(act: Act, receivers: Sequence[Participant], draft: Document | None = None) -> tuple[Document,
                                                                                           list[Participant]]:
    """A new document, or the draft that is sent with this message, at each of its receivers."""
    document = draft or Document(sender_id=act.author.id, agency_id=act.author.agency_id, unit_id=act.author.unit_id,
                                 created_by_id=act.by.id if act.by else None)
    if draft is None:
        _fill(document, act.said)
    document.state, document.key = "sent", act.row.document_key
    document.said_id = act.said.document_id.said[:200] if act.said.document_id else None
    document.about, document.message_id = facts.about(act.said.response_for), act.row.id
    document.sent_at = act.row.received_at
    session.add(document)
    session.flush()
    if draft is None or not kept.attachments_of(document.owner):
        _attach(document.owner, act.enclosed)
    add_receivers(act, document, receivers)
    return document, list(receivers)


def add_receivers(act: Act, document: Document, receivers: Iterable[Participant]) -> list[Copy]:
    """A copy for those that have none; one that works on our pages has it in the same moment."""
    wanted = list(receivers)
    on_pages = {one.id for one in wanted if one.way == Way.pages}
    copies = recording.new_copies(document, wanted, act.row.received_at, message_id=act.row.id, by=act.by)
    for copy in copies:
        if copy.receiver_id in on_pages:
            recording.record(document, "01", copy=copy, at=act.row.received_at, how=How.fetched, message_id=act.row.id)
    return copies


def recall(act: Act, document: Document, named: Collection[int]) -> list[Participant]:
    """Ask back what was sent: of those named, of all where nobody is."""
    copies = _at(document, named)
    for copy in copies:
        _record(act, document, copy, "13")
    return [copy.receiver for copy in copies]


def update(act: Act, document: Document, named: Collection[int], changes: dict[int, str],
           added: Sequence[Participant]) -> list[Participant]:
    """Another edition. `changes`: by a receiver's number, whether it is taken out ("0") or added ("1"); `added`: those
    that have had no copy. Files stay where none came."""
    before = _at(document, {*named, *changes} if named else ())
    _fill(document, act.said)
    document.edition, document.message_id = document.edition + 1, act.row.id
    if act.enclosed:
        for old in kept.attachments_of(document.owner):
            old.replaced_at = clock.now()
        _attach(document.owner, act.enclosed)
    session.flush()
    for copy in before:
        _record(act, document, copy, "removed" if changes.get(copy.receiver_id) == REMOVED else "updated")
    add_receivers(act, document, added)
    return [*(copy.receiver for copy in before), *added]


def replace(act: Act, new: Document) -> list[str]:
    """Mark what the new document replaces, at the receivers named or at all. Returns the keys of what is not known."""
    missing = []
    for one in act.said.business.replacements:
        key = identity.key(one.document_id, act.said.sender.id)
        old = queries.document_of(act.author.id, key)
        if old is None or old.id == new.id:
            missing.append(key)
            continue
        named = queries.participants_by_code({identity.organ(organ) for organ in one.organs})
        if one.organs and not named:
            continue
        for copy in _at(old, {each.id for each in named.values()}):
            _record(act, old, copy, "replaced", note=new.key)
        old.replaced_by_id = new.id
    session.flush()
    return missing


def _at(document: Document, receivers: Collection[int]) -> list[Copy]:
    """The copies at these, or at all that were not taken out."""
    return [copy for copy in queries.copies_of(document.id)
            if (copy.receiver_id in receivers if receivers else copy.removed_at is None)]


def _record(act: Act, document: Document, copy: Copy, code: str, note: str | None = None) -> None:
    recording.record(document, code, copy=copy, at=act.row.received_at, how=How.sent, message_id=act.row.id,
                     by=act.by, by_name=act.said.sender.name or None, note=note or act.said.business.reason or None)


def _attach(owner: Owner, enclosed: Iterable[Enclosed]) -> None:
    for n, one in enumerate(enclosed, 1):
        if one.proven is not None:
            files.attach_sent(owner, f"file-{n}", one.label or one.name, one.proven)


def _fill(document: Document, said: DocumentMessage) -> None:
    document.number, document.notation = said.code.number[:40], said.code.notation[:80]
    document.day, document.type_name = said.day, said.type.name[:120]
    document.subject, document.content = said.subject, said.content
    document.search_key = search_key(said.code.number, said.code.notation, said.subject, said.sender.name)
    document.place, document.due_on = said.place[:120], said.due
    document.signer_name, document.signer_position = said.signer.name[:120], said.signer.position[:160]
    document.signer_competence = said.signer.competence[:160]
    document.priority = int(said.other.priority) if said.other.priority in ("0", "1", "2", "3") else 0
    document.steering = said.steering[:4]
    document.reference_codes = [one for one in said.other.reference_codes if one]


def search_key(number: str, notation: str, subject: str, sender: str) -> str:
    """What a document is found by, without marks."""
    return fold(" ".join(("/".join(part for part in (number, notation) if part), subject, sender)))
