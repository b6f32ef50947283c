"""Drafts: what is written before it is sent. Actions flush, the edge commits."""
from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import select

from portal.exchange import registers
from portal.exchange.models import Copy, Document, Participant
from portal.files import actions as files
from portal.files import queries as stored
from portal.files.actions import Proven
from portal.kit.db import session
from portal.kit.i18n import short_day, speaking
from portal.people.models import Person

LABEL = "Tệp văn bản"


class Written(NamedTuple):
    """What a person filled in."""

    number: str
    notation: str
    type_name: str
    subject: str
    content: str
    place: str
    signer_name: str
    signer_position: str
    signer_competence: str
    priority: int
    due_on: date | None


def begin(sender: Participant, by: Person, *, answers: Copy | None = None, replaces: Document | None = None,
          dossier: Any = None) -> Document:
    """A draft of `sender`. `answers`: what came and is answered; `replaces`: an own document that it is to replace;
    `dossier`: one of ours (id, code) that it is about."""
    made = Document(state="draft", sender_id=sender.id, agency_id=sender.agency_id, unit_id=sender.unit_id,
                    created_by_id=by.id)
    if answers is not None:
        made.answers_id, made.receivers = answers.document_id, [answers.document.sender_id]
        made.reference_codes, made.subject = list(answers.document.reference_codes), _reply_to(answers.document)
    if replaces is not None:
        for name in (*Written._fields, "reference_codes", "dossier_id"):
            setattr(made, name, getattr(replaces, name))
        made.number, made.receivers = "", [copy.receiver_id for copy in replaces.copies if copy.removed_at is None]
    if dossier is not None:
        made.dossier_id, made.reference_codes = dossier.id, [dossier.code]
    session.add(made)
    session.flush()
    if replaces is not None:
        replaces.replaced_by_id = made.id
    session.flush()
    return made


def answering(copy: Copy, sender: Participant, by: Person) -> Document:
    """The answer to what came: the draft that this person began before, else one begun now."""
    waiting = session.scalar(select(Document).where(
        Document.answers_id == copy.document_id, Document.sender_id == sender.id, Document.state == "draft",
        Document.created_by_id == by.id).order_by(Document.id).limit(1))
    return waiting or begin(sender, by, answers=copy)


def _reply_to(asked: Document) -> str:
    """The subject of an answer, in Vietnamese, as every document is; "" where what is answered has no number."""
    number = "/".join(part for part in (asked.number, asked.notation) if part)
    with speaking("vi"):
        on = f" ngày {short_day(asked.day)}" if asked.day else ""
    return f"V/v trả lời {asked.type_name or 'văn bản'} số {number}{on}" if number else ""


def save(draft: Document, written: Written, receivers: Sequence[int]) -> None:
    """Keep what was filled in, and whom it is for (participants' numbers)."""
    for name, value in written._asdict().items():
        setattr(draft, name, value)
    draft.receivers = list(dict.fromkeys(one for one in receivers if one != draft.sender_id))
    draft.search_key = registers.search_key(written.number, written.notation, written.subject, draft.sender.name)
    session.flush()


def attach(draft: Document, proven: Proven, by: Person) -> None:
    """A file more. Raises kit.files.Refused where there is no room."""
    files.attach(draft.owner, "file", LABEL, proven, by_id=by.id)


def drop(draft: Document, attachment_ids: Sequence[int]) -> None:
    """Files fewer."""
    for attachment in stored.attachments_of(draft.owner, replaced=True, refused=True):
        if attachment.id in attachment_ids:
            files.remove(attachment)


def discard(draft: Document) -> None:
    """No draft any more. A number that it had stays given: the register names no other document by it."""
    drop(draft, [one.id for one in stored.attachments_of(draft.owner, replaced=True, refused=True)])
    if (old := replaced_by(draft)) is not None:
        old.replaced_by_id = None
        session.flush()
    session.delete(draft)
    session.flush()


def replaced_by(draft: Document) -> Document | None:
    """What a draft is to replace, or a document replaced."""
    return session.scalar(select(Document).where(Document.replaced_by_id == draft.id).limit(1))
