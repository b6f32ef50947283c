"""What is recognised by itself: from a status message, from what was fetched or entered, from a document that answers.
Whatever arrives is stored by who received it; here it finds its document and copy.

Decision 0097: nothing is refused for being illegal, late or doubled; each event says how it is known and how sure.
"""
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from zlib import crc32

from sqlalchemy import select

from portal.exchange import identity, matching, queries, recording
from portal.exchange.matching import SURE, About, Match
from portal.exchange.models import Alias, Copy, Document, ExchangeEvent, Message, Participant, Verdict
from portal.exchange.states import CODES, How, State
from portal.kit import clock
from portal.kit.db import session
from portal.kit.hot import bulk
from portal.kit.text import normal
from portal.people.models import Person

#: How sure (percent) what is known without a status message is: fetched is not yet stored, and who answers has it.
FETCHED, STORED, ENTERED, ANSWER_ARRIVED = 90, 100, 100, 95
#: A body speaks for one above or below it in the same agency.
KIN_SURE = 90
LIKELY_WITHIN = timedelta(days=400)
MOST_LIKELY = 20
MOST_EARLY = 200
FORMS: tuple[Literal["NFC", "NFD"], ...] = ("NFC", "NFD")
#: Why a status could not be matched (message.reason).
NO_DOCUMENT, NO_RECEIVER, NOT_THEIRS, NO_CODE = "no_document", "no_receiver", "not_theirs", "no_code"

#: Called for each copy that an answer came to: (copy, answer). Rooms' files above this one add themselves.
ON_ANSWER: list[Callable[[Copy, Document], None]] = []


@dataclass(frozen=True)
class Found:
    """A document that is meant, and by what it was found."""

    document: Document
    by: Match

    @property
    def sure(self) -> int:
        return SURE[self.by]


@dataclass
class Recognised:
    """What a message told: its documents (whose senders are to hear of it too), the events that are new, and why some
    of it waits for a person; `missing`: the key of the first document that is not known here yet."""

    documents: list[Document] = field(default_factory=list)
    events: list[ExchangeEvent] = field(default_factory=list)
    reason: str | None = None
    missing: str | None = None


@dataclass(frozen=True)
class Speaker:
    """Who says it: the participant whose system it is, and the body that it is from."""

    participant: Participant
    code: str
    learned: dict[str, str]

    def means(self, asker: str) -> str | None:
        """For whom it speaks by what a person once explained, of documents of `asker` (an id) alone: nobody's choice
        about documents of their own says who speaks for whom to others."""
        return self.learned.get(matching.lesson("from", matching.spoken(self.code, asker)))

    def codes(self, asker: str) -> list[str]:
        """The body itself, as a person once explained it for documents of `asker`, the system's own, and those above
        it, the nearest first."""
        said = self.means(asker)
        above = [self.code.rsplit(".", n)[0] for n in range(1, self.code.count(".") + 1)]
        own = [] if self.participant.upstream else [self.participant.code]  # another portal speaks for all behind it
        return list(dict.fromkeys([*([said] if said else []), self.code, *own, *above]))


def speaker(participant: Participant, code: str | None = None) -> Speaker:
    """Who speaks, with what was learned of them."""
    rows = session.execute(select(Alias.said, Alias.means).where(Alias.participant_id == participant.id))
    return Speaker(participant, identity.organ(code or participant.code), {row.said: row.means for row in rows})


# a status message

def from_status(message: Message, _said: object = None) -> Recognised:
    """Find what a stored status message is about and record what it says. What cannot be matched is left to a person:
    the message's verdict is then unmatched, with the reason; what it is about is in its facts."""
    who, told = speaker(message.sender, message.from_code), Recognised()
    code = status_code(message.status_code, who)
    if code is None:
        told.reason = NO_CODE
    for about, found in _found(abouts(message) if code else (), who):
        if found is None:
            told.reason, told.missing = told.reason or NO_DOCUMENT, told.missing or about.key
            continue
        _take(message, code or "", found, who, told)
    if code and not abouts(message):
        told.reason = NO_DOCUMENT
    _settle(message, told)
    return told


def _found(said: Sequence[About], who: Speaker) -> list[tuple[About, Found | None]]:
    """Each with its document. For one that is not here it is waited, should it be coming in this very moment: either
    this finds it, or it finds this."""
    found = [(one, find(one, who)) for one in said]
    missing = sorted({one.key for one, document in found if document is None and one.key})
    for key in missing:
        in_turn(key)
    return [(one, document or find(one, who)) for one, document in found] if missing else found


def in_turn(key: str) -> None:
    """Of who brings the document of this key and who speaks of it before it is known, the second sees what the first
    did. Before any copy is held."""
    bulk.serialise("exchange.known", crc32(key.encode()) - 2**31)


def abouts(message: Message) -> list[About]:
    """The documents that a message says that it is about."""
    return [matching.read(one) for one in message.facts.get("response_for") or ()]


def status_code(said: str | None, who: Speaker) -> str | None:
    """A status as this portal writes it: two digits, or what a person said once that this participant means."""
    plain = (said or "").strip()
    code = plain.zfill(2) if plain.isdecimal() else plain
    if code in CODES and code.isdecimal():
        return code
    return who.learned.get(matching.lesson("code", plain)) if plain else None


def take(message: Message, code: str, document: Document, who: Speaker, copy: Copy | None = None) -> Recognised:
    """The same where a person says which document, and at whom, is meant."""
    told = Recognised()
    _take(message, code, Found(document, Match.chosen), who, told, copy)
    return told


def _take(message: Message, code: str, found: Found, who: Speaker, told: Recognised, copy: Copy | None = None) -> None:
    copies: Sequence[Copy]
    if CODES[code].by_receiver:
        at, sure = (copy, 100) if copy else copy_at(found.document, who)
        copies, missing = ([at] if at else []), NO_RECEIVER
    else:
        own = speaks_for(who, found.document.sender) or found.by is Match.chosen
        copies, sure, missing = (_addressed(found.document, message) if own else []), 100, NOT_THEIRS
    if not copies:
        told.reason = told.reason or missing
        return
    told.documents.append(found.document)
    for one in copies:
        event = _told(message, code, one, min(sure, found.sure))
        told.events += [event] if event else []


def _told(message: Message, code: str, copy: Copy, sure: int) -> ExchangeEvent | None:
    """Unless it only says again, to the second, what is known already as the receiver's own act."""
    at = message.said_at or message.received_at
    second = select(ExchangeEvent.id).where(
        ExchangeEvent.copy_id == copy.id, ExchangeEvent.code == code, ExchangeEvent.at >= at.replace(microsecond=0),
        ExchangeEvent.at < at.replace(microsecond=0) + timedelta(seconds=1), ExchangeEvent.how != str(How.status))
    recording.lock(copy)
    if session.scalar(second.limit(1)) is not None:
        return None
    facts = message.facts
    staff = facts.get("staff") or {}
    return recording.record(copy.document, code, copy=copy, at=at, how=How.status, sure=sure, message_id=message.id,
                            by_name=(staff.get("name") or None), note=facts.get("description") or None)


def _settle(message: Message, told: Recognised) -> None:
    if told.missing:
        message.about_key = told.missing  # so that it is found when that document comes
    elif len(told.documents) == 1:
        message.about_key = told.documents[0].key
    if told.reason:
        message.verdict, message.reason = Verdict.unmatched, told.reason
    elif message.verdict == Verdict.unmatched:
        message.verdict, message.reason = Verdict.accepted, None
    session.flush()


def speaks_for(who: Speaker, other: Participant) -> bool:
    """Whether what they say is said by `other`: themselves, their system, or a body above. Whoever stands below another
    says nothing of what that one issued."""
    return other.id == who.participant.id or identity.is_below(other.code, who.code)


def _addressed(document: Document, message: Message) -> Sequence[Copy]:
    """The copies at the receivers that the sender's word names; at all of them where it names none."""
    copies = queries.copies_of(document.id)
    named = {one.get("code") for one in message.facts.get("to") or ()}
    return [copy for copy in copies if copy.receiver.code in named] or [one for one in copies if not one.removed_at]


# which document, and which copy

def find(about: About, who: Speaker) -> Found | None:
    """The document that is meant: by its id, by agency, day and number, as was learned of this participant, or by
    number and notation among what went to them."""
    for by, key in ((Match.id, about.key), (Match.number, about.by_number),
                    (Match.learned, matching.known_key(about, who.learned))):
        if key and (document := _by_key(key, about, who)):
            return Found(document, by)
    if document := _by_columns(about):
        return Found(document, Match.number)
    meant = matching.understood(about, who.learned)
    if meant is not about and (document := _by_key(meant.by_number, meant, who) or _by_columns(meant)):
        return Found(document, Match.learned)
    document = _likely(meant, who)
    return Found(document, Match.likely) if document else None


def _by_key(key: str | None, about: About, who: Speaker) -> Document | None:
    """Where several senders gave a document the same id: of the organ that is named, else that went to the speaker."""
    documents = queries.documents_by_key(key) if key else ()
    if len(documents) < 2:
        return documents[0] if documents else None
    organ = identity.organ(about.organ)
    own = [one for one in documents if one.sender.code == organ] or \
        [one for one in documents if copy_at(one, who)[0] is not None]
    return own[0] if len(own) == 1 else None


def asked(key: str | None, organ: str, who: Speaker) -> Document | None:
    """The document of this key that `who` answers: it went to them, or is of the organ that they name. Whoever else
    gave a document of theirs the same id was asked nothing, and gets no answer."""
    found = _by_key(key, About(organ=organ), who)
    named = identity.organ(organ)
    is_named = found is not None and bool(named) and (
        identity.is_below(found.sender.code, named) or identity.is_below(named, found.sender.code))
    return found if found is not None and (is_named or copy_at(found, who)[0] is not None) else None


def _by_columns(about: About) -> Document | None:
    """Of a document whose id is of another form: by what its head says."""
    if not (about.organ and about.day and about.number and about.notation):
        return None
    found = [one for one in _numbered(about) if one.day == about.day
             and identity.is_below(one.sender.code, identity.organ(about.organ))]
    return found[0] if len(found) == 1 else None


def _likely(about: About, who: Speaker) -> Document | None:
    if not (about.number and about.notation):
        return None
    found = [one for one in _numbered(about) if (not about.day or one.day == about.day) and copy_at(one, who)[0]]
    return found[0] if len(found) == 1 else None


def _numbered(about: About) -> Sequence[Document]:
    """Of this number and notation; 5 for 05 and 05 for 5, where nothing is numbered as it is said."""
    numbers = {about.number, *((about.number.lstrip("0"), about.number.lstrip("0").zfill(2))
                               if about.number.isdecimal() else ())}
    notations = {normal(form, one) for form in FORMS
                 for one in (about.notation, about.notation.upper())}
    found = session.scalars(select(Document).where(
        Document.number.in_(numbers), Document.notation.in_(notations),
        Document.sent_at > clock.now() - LIKELY_WITHIN).order_by(Document.id.desc()).limit(MOST_LIKELY)).all()
    return [one for one in found if one.number == about.number] or found


def copy_at(document: Document, who: Speaker) -> tuple[Copy | None, int]:
    """The document at who speaks, and how sure: their own copy; else that of a body above, or of the one below."""
    asker = document.sender.code
    known = queries.participants_by_code(who.codes(asker))
    receivers = [one.id for one in known.values()]
    copies = {copy.receiver.code: copy for copy in session.scalars(select(Copy).where(
        Copy.document_id == document.id, Copy.receiver_id.in_(receivers)))}
    for code in who.codes(asker):
        if code in copies:
            own = code in (who.code, who.participant.code, who.means(asker))
            return copies[code], 100 if own else KIN_SURE
    below = session.scalars(select(Copy).join(Copy.receiver).where(
        Copy.document_id == document.id, Participant.code.startswith(f"{who.code}.", autoescape=True)).limit(2)).all()
    return (below[0], KIN_SURE) if len(below) == 1 else (None, 0)


# without a status message

def from_fetch(document: Document, copy: Copy, *, at: datetime | None = None, stored: bool = False) -> None:
    """Who fetches a document has it: arrived. `stored`: and said that it was stored. Once known, nothing is added."""
    if not _has(copy, "01", FETCHED if not stored else STORED):
        recording.record(document, "01", copy=copy, at=at, how=How.fetched, sure=STORED if stored else FETCHED)


def _has(copy: Copy, code: str, sure: int) -> bool:
    return session.scalar(select(ExchangeEvent.id).where(
        ExchangeEvent.copy_id == copy.id, ExchangeEvent.code == code, ExchangeEvent.how == str(How.fetched),
        ExchangeEvent.sure >= sure).limit(1)) is not None


def from_register(copy: Copy, by: Person | None, at: datetime) -> ExchangeEvent | None:
    """What is entered in the receiver's register here is registered."""
    return recording.record(copy.document, "03", copy=copy, at=at, how=How.entered, sure=ENTERED, by=by)


def from_answer(document: Document) -> Recognised:
    """What a document that came says of others: which it answers, at which receiver's, and what waited for it. Call it
    for each new document, in the transaction in which it is taken."""
    who, told = speaker(document.sender), Recognised()
    about = [matching.read(one) for one in document.about]
    found = [(find(one, who), one) for one in about]
    told.reason = NO_DOCUMENT if any(one is None for one, _about in found) else None
    hits = [one for one, _about in found if one] or ([] if about else _hinted(document, who))
    for one in hits:
        answer(one, document, who, told)
    _unmatched_answer(document, told)
    _catch_up(document)
    return told


def answer(found: Found, document: Document, who: Speaker, told: Recognised) -> None:
    """Record that `document` answers the one that was found. The sender's own further letter about it is no answer."""
    original = found.document
    told.documents.append(original)
    document.answers_id = document.answers_id or original.id
    if original.sender_id == document.sender_id:
        _reminded(original, document)
        return
    copy, sure = copy_at(original, who)
    at, sure = document.sent_at or clock.now(), min(found.sure, sure or found.sure)
    if copy is not None and copy.state == State.sent:
        recording.record(original, "01", copy=copy, at=at, how=How.answer, sure=min(sure, ANSWER_ARRIVED))
    event = recording.record(original, "answered", copy=copy, at=at, how=How.answer, sure=sure,
                             message_id=document.message_id, note=None)
    told.events += [event] if event else []
    if copy is not None:
        copy.answer_id = copy.answer_id or document.id
        session.flush()
        for tell in ON_ANSWER:
            tell(copy, document)


def _reminded(original: Document, letter: Document) -> None:
    """The sender's own letter about it that says so reminds those of its receivers to whom the letter goes."""
    if not matching.reminds(f"{letter.type_name} {letter.subject}"):
        return
    to = set(session.scalars(select(Copy.receiver_id).where(Copy.document_id == letter.id)))
    for copy in queries.copies_of(original.id):
        if copy.receiver_id in to and copy.answered_at is None:
            recording.record(original, "reminded", copy=copy, at=letter.sent_at, how=How.sent,
                             message_id=letter.message_id)


def _hinted(document: Document, who: Speaker) -> list[Found]:
    """Without a reference: the letter about the same dossier that waits for an answer of theirs, or what it cites."""
    if document.dossier_id is not None:
        asked = session.scalars(select(Document).where(
            Document.dossier_id == document.dossier_id, Document.id != document.id,
            Document.sender_id != document.sender_id, Document.due_on.is_not(None)).limit(MOST_LIKELY)).all()
        waiting = [one for one in asked if (copy := copy_at(one, who)[0]) and copy.answered_at is None]
        if len(waiting) == 1:
            return [Found(waiting[0], Match.reference)]
    cited = (_likely(about, who) for about in matching.cited(f"{document.subject}\n{document.content}"))
    return [Found(one, Match.cited) for one in dict.fromkeys(cited) if one and one.id != document.id]


def _unmatched_answer(document: Document, told: Recognised) -> None:
    """It is taken all the same, and delivered: only the person who matches it sees that something is open."""
    message = session.get(Message, document.message_id) if document.message_id else None
    if message is not None and message.kind == "document" and message.verdict == Verdict.accepted:
        message.reason = told.reason
        session.flush()


def _catch_up(document: Document) -> None:
    """Statuses that came before the document that they are about."""
    early = session.scalars(select(Message).where(
        Message.about_key == document.key, Message.kind == "status", Message.verdict == Verdict.unmatched)
        .order_by(Message.id).limit(MOST_EARLY)).all()
    for message in early:
        from_status(message)
