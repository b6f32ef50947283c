"""What an office sends from its desk: written by our own writer, read by our own reader, and taken in like anybody's.

Writing and reading may take long, so they hold no transaction: each verb here is three acts. Call none of them inside
one. What was given a number and then not sent keeps it: the next try sends under the same number.
"""
import tempfile
from collections.abc import Callable, Sequence
from typing import NamedTuple

from portal.exchange import composing, drafts, originals, queries, receiving, unpacking
from portal.exchange.edxml.message import Attachment, DocumentMessage, Message
from portal.exchange.models import Document, ExchangeEvent, Participant
from portal.exchange.receiving import Accepted, Taken
from portal.exchange.registers import OUT
from portal.files.actions import Proven
from portal.kit import clock, files
from portal.kit.db import session, transaction
from portal.papers import actions as papers
from portal.people import queries as people
from portal.people.models import Person

PROFILE = "vnpt"  # the dialect that carries most
WAY = "pages"


class NotSent(Exception):
    """It cannot be sent as it stands. `reason`: no_receivers; number_taken (another document of this sender and day has
    it); gone (it was sent or thrown away meanwhile)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def send(document: Document, receivers: Sequence[Participant], by: Person) -> Document:
    """Send a draft to these. Without a number it gets the next of its unit's book, and so does the register. Raises
    NotSent."""
    document_id, receiver_ids = document.id, [one.id for one in receivers]
    if not receiver_ids:
        raise NotSent("no_receivers")
    with transaction():
        _number(_draft(document_id, lock=True))
    draft = _draft(document_id)
    message = composing.of_draft(draft, [session.get_one(Participant, one) for one in receiver_ids])
    taken = _written(message, prove=not message.attachments)

    def act() -> Accepted:
        still = _draft(document_id, lock=True)
        return receiving.take(still.sender, taken, way=WAY, by=session.get_one(Person, by_id), draft=still)
    by_id = by.id
    _take(taken, act)
    return session.get_one(Document, document_id, populate_existing=True)


def recall(document: Document, receivers: Sequence[Participant], reason: str, by: Person) -> Document:
    """Ask a document back, of these of its receivers. Raises NotSent."""
    if not receivers:
        raise NotSent("no_receivers")
    return _say(document, composing.of_recall(document, receivers, reason), by)


def update(document: Document, said: drafts.Written, receivers: Sequence[Participant], by: Person, *, reason: str,
           removed: Sequence[Participant] = (), added: Sequence[Participant] = (),
           enclosed: Sequence[Proven] = ()) -> Document:
    """Say anew what a document says. `enclosed`: files in place of all that it has; none: they stay. Raises NotSent."""
    attachments = tuple(Attachment(one.name, one.blob.size, one.blob.sha256, files.where(one.blob.path),
                                   content_id=f"tep-{n}", content_type=one.blob.media_type, description=one.name)
                        for n, one in enumerate(enclosed, 1))
    message = composing.of_update(document, said, receivers, reason=reason, removed=removed, added=added,
                                  enclosed=attachments)
    return _say(document, message, by)


def replace(draft: Document, receivers: Sequence[Participant], by: Person) -> Document:
    """Send a draft that was begun to replace a document (drafts.begin): at those of its receivers that get the new one.
    Raises NotSent."""
    return send(draft, receivers, by)


def _say(document: Document, message: DocumentMessage, by: Person) -> Document:
    sender_id, document_id, by_id = document.sender_id, document.id, by.id
    taken = _written(message)

    def act() -> Accepted:
        return receiving.take(session.get_one(Participant, sender_id), taken, way=WAY,
                              by=session.get_one(Person, by_id))
    _take(taken, act)
    return session.get_one(Document, document_id, populate_existing=True)


# a status, told by a job

class Status(NamedTuple):
    """What to tell, and who tells it (a participant's number)."""

    receiver_id: int
    said: Message


def status_of(event_id: int) -> Status | None:
    """What to tell of an event; None where nothing is, or it was told."""
    event = session.get(ExchangeEvent, event_id)
    said = composing.of_status(event) if event is not None else None
    return Status(event.copy.receiver_id, said) if said is not None and event is not None and event.copy else None


def take_status(status: Status, taken: Taken) -> Accepted:
    """Send it, inside the caller's transaction; `taken`: what `write` made of it."""
    return receiving.take(session.get_one(Participant, status.receiver_id), taken, way=WAY)


# writing

def write(message: Message, *, prove: bool = True) -> Taken:
    """The message written in our dialect, and read back as everybody else's. No transaction may be open."""
    from portal.exchange.edxml import profiles, writing  # noqa: PLC0415  only where something is sent

    with tempfile.TemporaryFile(dir=files.root()) as out:
        writing.write(message, profiles.PROFILES[PROFILE], out)
        out.seek(0)
        blob = originals.keep(out)
    try:
        # nobody signs it here, so that nobody's certificates are asked for
        return unpacking.read_kept(blob, prove=prove, certificates=lambda _organ: ())
    except BaseException:
        files.forget(blob.path)
        raise


def _written(message: Message, *, prove: bool = True) -> Taken:
    session.rollback()  # what was read to put it together
    return write(message, prove=prove)


def _take(taken: Taken, act: Callable[[], Accepted]) -> Accepted:
    try:
        return receiving.once_more(act)
    except receiving.NotTaken as refused:  # whom it was for left the exchange in the meantime
        receiving.forget(taken)
        raise NotSent("no_receivers") from refused
    except NotSent:
        receiving.forget(taken)
        raise


def _draft(document_id: int, *, lock: bool = False) -> Document:
    found = session.get(Document, document_id, with_for_update=True if lock else None, populate_existing=True)
    if found is None or found.state != "draft":
        raise NotSent("gone")
    return found


def _number(draft: Document) -> None:
    """Its entry in the register of its unit, once; its number is that, unless it has one."""
    now = clock.now()
    assert draft.agency_id is not None
    if draft.out_number is None:
        unit_id = draft.unit_id or people.central_unit(draft.agency_id).id
        draft.out_unit_id, draft.out_year = unit_id, clock.day_of(now).year
        draft.out_number = papers.next_number(unit_id, OUT, now)
    draft.number = draft.number or str(draft.out_number)
    draft.day = draft.day or clock.day_of(now)  # of the same year as its number, also at midnight
    session.flush()
    key = composing.key_of(draft)
    if queries.document_of(draft.sender_id, key) is not None:
        raise NotSent("number_taken")
