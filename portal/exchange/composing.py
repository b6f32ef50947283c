"""What a document of ours says when it is sent: the message that every receiver reads. Nothing is written here."""
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from portal.exchange import choosing, drafts, identity
from portal.exchange.edxml import shapes
from portal.exchange.edxml.message import (
    Attachment,
    Business,
    BusinessInfo,
    Code,
    DocumentId,
    DocumentMessage,
    DocumentType,
    Organ,
    OtherInfo,
    ReceiverChange,
    Replacement,
    ResponseFor,
    Signer,
    StatusMessage,
    TraceHeader,
)
from portal.exchange.models import Document, ExchangeEvent, Participant
from portal.files import queries as stored
from portal.kit import clock, files
from portal.kit.db import session
from portal.kit.text import fold

#: Legal documents (Type 0); all others are administrative (1).
LEGAL = {fold(name) for name in ("Luật", "Pháp lệnh", "Nghị định", "Thông tư", "Thông tư liên tịch")}
REMOVED, ADDED = "0", "1"  # of a receiver in an update
ASKED_BACK, OF_SOME = "2", "1"  # in a recall: of a receiver; that receivers are named


class Limits(NamedTuple):
    """What one dialect cannot carry of a message: its words for each thing left out, and whom that concerns."""

    profile: str
    left_out: tuple[str, ...]
    receivers: tuple[str, ...]


def of_draft(draft: Document, receivers: Sequence[Participant]) -> DocumentMessage:
    """A draft as it will be read. Its number and day are those that it has by now."""
    old = drafts.replaced_by(draft)
    business = BusinessInfo() if old is None else BusinessInfo(
        Business.replacing, document_id=id_of(draft), replacements=(_replacing(old, receivers),))
    return _message(draft, receivers, business, attached(draft), _answered_by(draft))


def of_recall(document: Document, receivers: Sequence[Participant], reason: str) -> DocumentMessage:
    """That it is asked back, of these."""
    named = tuple(ReceiverChange(one.code, ASKED_BACK) for one in receivers)
    business = BusinessInfo(Business.recall, reason=reason, document_id=id_of(document), document_receiver=OF_SOME,
                            receivers=named)
    return _message(document, receivers, business, (), ())


def of_update(document: Document, said: drafts.Written, receivers: Sequence[Participant], *, reason: str,
              removed: Sequence[Participant] = (), added: Sequence[Participant] = (),
              enclosed: tuple[Attachment, ...] = ()) -> DocumentMessage:
    """What it says from now on. `receivers`: those that have it and keep it."""
    changes = (*(ReceiverChange(one.code, REMOVED) for one in removed),
               *(ReceiverChange(one.code, ADDED) for one in added))
    business = BusinessInfo(Business.update, reason=reason, document_id=id_of(document), receivers=changes)
    return _message(document, [*receivers, *removed, *added], business, enclosed, _answered_by(document), said)


def of_status(event: ExchangeEvent) -> StatusMessage | None:
    """What a receiver here did, told to the document's sender; None where there is nothing to tell."""
    copy = event.copy
    if copy is None or not event.code.isdecimal():
        return None
    document = event.document
    return StatusMessage(organ(copy.receiver), (response_for(document),), event.code, at=event.at,
                         receivers=(organ(document.sender),), description=event.note or "")


def organ(participant: Participant) -> Organ:
    """A participant as messages name it."""
    return Organ(participant.code, participant.name, email=participant.mail or "")


def id_of(document: Document) -> DocumentId:
    """The id of a document: as it was sent where it was, else agency, day and number."""
    if document.said_id:
        found, _odd = shapes.document_id(document.said_id)
        if found is not None:
            return found
    code = number_of(document)
    day = document.day or clock.today()
    return DocumentId(f"{document.sender.code},{day:%Y/%m/%d},{code}", organ=document.sender.code, day=day, code=code)


def key_of(document: Document) -> str:
    """By what it will be known among all of its sender's."""
    return identity.key(id_of(document), document.sender.code)


def number_of(document: Document) -> str:
    """120/CV-STN."""
    return "/".join(part for part in (document.number, document.notation) if part)


def response_for(document: Document) -> ResponseFor:
    """Which document is answered, or a status is about."""
    return ResponseFor(document.sender.code, Code(document.number, document.notation), id_of(document), document.day)


def _answered_by(document: Document) -> tuple[ResponseFor, ...]:
    """What a document answers or reminds of."""
    if document.about:
        return tuple(_about(one) for one in document.about)
    answered = session.get(Document, document.answers_id) if document.answers_id else None
    return (response_for(answered),) if answered else ()


def _about(said: dict[str, Any]) -> ResponseFor:
    id_, _odd = shapes.document_id(said.get("document_id") or "")
    day = said.get("day")
    return ResponseFor(said.get("organ") or "", Code(said.get("number") or "", said.get("notation") or ""), id_,
                       date.fromisoformat(day) if day else None)


def attached(document: Document) -> tuple[Attachment, ...]:
    """Its files, as they lie here."""
    return tuple(Attachment(one.name, one.size, one.sha256, files.where(one.file.blob), content_id=f"tep-{n}",
                            content_type=one.file.media_type, description=one.name)
                 for n, one in enumerate(stored.attachments_of(document.owner), 1))


def limits(message: DocumentMessage, receivers: Iterable[Participant]) -> list[Limits]:
    """What is lost on the way to whom, said before it is sent; dialects that carry everything are left out."""
    from portal.exchange.edxml import profiles, writing  # noqa: PLC0415  only before something is sent

    by_profile: dict[str, list[str]] = {}
    for one in receivers:
        by_profile.setdefault(one.profile if one.profile in profiles.PROFILES else "vnpt", []).append(one.name)
    found = []
    for name, names in by_profile.items():
        left = writing.left_out(message, profiles.PROFILES[name])
        if left:
            found.append(Limits(profiles.PROFILES[name].words, tuple(one.words for one in left), tuple(names)))
    return found


def receivers_of(draft: Document) -> list[Participant]:
    """Whom a draft is for, as far as they are connected."""
    return choosing.by_id(draft.receivers)


def _replacing(old: Document, receivers: Sequence[Participant]) -> Replacement:
    """For all of the old one's receivers, or for those of them that get the new one."""
    had = {copy.receiver_id: copy for copy in old.copies if copy.removed_at is None}
    get = [one for one in receivers if one.id in had]
    return Replacement(id_of(old), () if len(get) == len(had) else tuple(one.code for one in get))


def _message(document: Document, receivers: Sequence[Participant], business: BusinessInfo,
             enclosed: tuple[Attachment, ...], answers: tuple[ResponseFor, ...],
             said: drafts.Written | None = None) -> DocumentMessage:
    says = said or document
    kind = "0" if fold(says.type_name) in LEGAL else "1"
    return DocumentMessage(
        organ(document.sender), tuple(organ(one) for one in receivers), document_id=id_of(document),
        code=Code(document.number, document.notation), place=says.place, day=document.day or clock.today(),
        type=DocumentType(kind, "", says.type_name), subject=says.subject, content=says.content,
        signer=Signer(says.signer_competence, says.signer_position, says.signer_name), due=says.due_on,
        other=OtherInfo(priority=str(says.priority), reference_codes=tuple(document.reference_codes)),
        response_for=answers, steering=document.steering,
        trace=(TraceHeader(document.sender.code, clock.now().replace(microsecond=0)),), business=business,
        attachments=enclosed)

