"""What waits for a person: word of documents that nobody knows, answers to them, recalls of them, and the same id with
other content. Ranked proposals; what a person chooses is recorded, and learned for the next time."""
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, exists, literal, or_, select, tuple_
from sqlalchemy.orm import joinedload

from portal.exchange import addressing, delivery, identity, matching, queries, recognising
from portal.exchange.matching import About, Candidate, Match
from portal.exchange.models import Alias, Copy, Delivery, Document, Message, Participant, ParticipantState, Verdict
from portal.exchange.recognising import Found, Recognised, Speaker
from portal.exchange.states import STATUS_CODES
from portal.kit import clock, jobs
from portal.kit.db import session
from portal.kit.upsert import insert
from portal.people.models import Person
from portal.people.permissions import Place

PAGE = 20
MOST_CANDIDATES = 100
MOST_AGAIN, MOST_ANSWERS = 200, 1000
LONGEST_REASON = 500
RECENT = timedelta(days=90)
_OPEN = Message.verdict.in_((Verdict.conflict, Verdict.unmatched))
_ANSWER = and_(Message.kind == "document", Message.verdict == Verdict.accepted,
               Message.reason == recognising.NO_DOCUMENT)


@dataclass(frozen=True)
class Own:
    """The participants whose matters somebody may match: by number and by id. None instead of it: everybody's."""

    ids: tuple[int, ...]
    codes: tuple[str, ...]
    agencies: tuple[int, ...]


@dataclass(frozen=True)
class Proposed:
    """A document that may be meant, how likely (percent) and why; `copy`: at who speaks, where it was sent to them."""

    document: Document
    percent: int
    reasons: tuple[str, ...]
    copy: Copy | None


class Settled(Exception):
    """Somebody decided on it meanwhile, or it was matched by itself."""


class DoesNotFit(Exception):
    """The document was not sent to whom the message is from; a receiver has to be said too."""


class CodeNeeded(Exception):
    """The message says a status that nobody knows; what it means has to be said too."""


def own(places: Iterable[Place | None]) -> Own | None:
    """What somebody may match who may do so at these places."""
    at = list(places)
    if None in at:
        return None
    held = [place for place in at if place]
    rows = session.scalars(select(Participant).where(Participant.state == ParticipantState.connected, or_(
        Participant.agency_id.in_([place.agency_id for place in held if place.unit_id is None]),
        Participant.unit_id.in_([place.unit_id for place in held if place.unit_id is not None])))).all()
    return Own(tuple(one.id for one in rows), tuple(one.code for one in rows),
               tuple({one.agency_id for one in rows if one.agency_id}))


# what waits

def waiting(mine: Own | None, before: int | None = None, limit: int = PAGE) -> Sequence[Message]:
    """The newest first, those with an id below `before`: one index for each kind, put together."""
    parts = []
    for open_ in (_OPEN, _ANSWER):
        query = _reached(select(Message.id).where(open_), mine)
        if before is not None:
            query = query.where(Message.id < before)
        parts.append(select(query.order_by(Message.id.desc()).limit(limit).subquery().c.id))
    return session.scalars(select(Message).where(or_(*(Message.id.in_(part) for part in parts))).options(
        joinedload(Message.sender)).order_by(Message.id.desc()).limit(limit)).all()


def one(message_id: int, mine: Own | None) -> Message | None:
    """The message of this number, if it waits and they may decide on it."""
    return session.scalar(_reached(select(Message).where(Message.id == message_id, or_(_OPEN, _ANSWER)), mine)
                          .options(joinedload(Message.sender)))


def _reached(query: Select[Message] | Select[int], mine: Own | None) -> Select:
    """Of a participant: what it sent, what was sent to it, and what is about its documents."""
    if mine is None:
        return query
    about: list[ColumnElement[bool]] = [
        Message.about_key.startswith(f"{code}{mark}", autoescape=True) for code in mine.codes for mark in ",.?"]
    went = exists().where(Delivery.message_id == Message.id, Delivery.receiver_id.in_(mine.ids))
    return query.where(or_(Message.sender_id.in_(mine.ids), went, *about))


# proposals

def about(message: Message) -> About:
    """What the message is about, as far as it says."""
    said = recognising.abouts(message)
    key = message.document_key if message.verdict == Verdict.unmatched and message.kind == "document" else None
    open_ = next((one for one in said if one.key and one.key == message.about_key), None)
    return matching.of_key(key) if key else open_ or next(iter(said), matching.of_key(message.about_key or ""))


def who(message: Message) -> Speaker:
    """Who says it. An answer is its own sender's."""
    return recognising.speaker(message.sender, message.from_code)


def proposals(message: Message, mine: Own | None, typed: str = "") -> list[Proposed]:
    """The documents that are most likely meant, of those that they may see; with `typed` (a number, a notation) those
    that it names."""
    meant = matching.understood(about(message), who(message).learned)
    asked = matching.typed(typed) if typed else meant
    found = {document.id: document for document in _candidates(asked, message, mine)}
    at = _copies(found, who(message))
    ranked = matching.rank(asked if typed else meant, _subject(message), [
        _candidate(document, at.get(document.id)) for document in found.values()])
    return [Proposed(found[one.document_id], one.percent, one.reasons, at.get(one.document_id)) for one in ranked]


def _subject(message: Message) -> str:
    facts = message.facts
    return str(facts.get("subject") or facts.get("description") or "")


def _candidate(document: Document, copy: Copy | None) -> Candidate:
    return Candidate(document.id, document.sender.code, document.number, document.notation, document.day,
                     document.subject, copy is not None,
                     bool(copy and copy.due_on and copy.answered_at is None))


def _candidates(asked: About, message: Message, mine: Own | None) -> list[Document]:
    """By number; by agency and days near the one that is said; and what lately went to who speaks."""
    newest = select(Document).where(Document.state == "sent").options(joinedload(Document.sender)).order_by(
        Document.id.desc()).limit(MOST_CANDIDATES)
    if mine is not None:
        newest = newest.where(Document.sender_id.in_(mine.ids))
    found: list[Document] = []
    if asked.number:
        numbers = {asked.number, asked.number.lstrip("0"), *matching.near_numbers(asked.number)}
        found += session.scalars(newest.where(Document.number.in_(numbers)))
    if asked.organ and asked.day:
        organ, near = identity.organ(asked.organ), timedelta(days=matching.NEAR_DAYS)
        first, last = ((asked.day + apart).isoformat() for apart in (-near, near + timedelta(days=1)))
        found += session.scalars(newest.where(Document.key >= f"{organ},{first}", Document.key < f"{organ},{last}"))
    if mine is not None and mine.agencies and not found:
        went = select(Copy.document_id).where(Copy.document_id == Document.id, Copy.receiver_id == message.sender_id)
        found += session.scalars(newest.where(Document.agency_id.in_(mine.agencies), went.exists(),
                                              Document.sent_at > clock.now() - RECENT))
    own_id = message.id if message.kind == "document" else None
    return [one for one in dict.fromkeys(found) if own_id is None or one.message_id != own_id]


def _copies(documents: Mapping[int, Document], speaker: Speaker) -> dict[int, Copy]:
    codes = {code for one in documents.values() for code in speaker.codes(one.sender.code)}
    ids = [one.id for one in queries.participants_by_code(codes).values()]
    rows = session.scalars(select(Copy).where(Copy.document_id.in_(list(documents)), Copy.receiver_id.in_(ids)).options(
        joinedload(Copy.receiver)))
    return {copy.document_id: copy for copy in rows}


# what a person decides

def choose(message: Message, document: Document, by: Person, *, copy: Copy | None = None,
           code: str | None = None) -> int:
    """This document is meant. It is recorded as known by a person's word and learned; gives back how many things were
    learned. `copy`: at which receiver, where who speaks was not sent it; `code`: what its status means, where nobody
    knows it. Raises Settled, DoesNotFit, CodeNeeded."""
    _hold(message)
    speaker, what = who(message), about(message)
    if message.kind == "status":
        learned = _choose_status(message, document, speaker, copy, code)
    elif message.verdict == Verdict.unmatched:
        learned = _choose_for_business(message, document)
    else:
        learned = _choose_answer(message, document, speaker)
    learned |= matching.lessons(what, document.key or "", document.sender.code, document.notation)
    message.decided_at, message.decided_by_id = clock.now(), by.id
    learn(message.sender_id, learned, by)
    jobs.put("exchange.match_again", unique=str(message.sender_id), participant_id=message.sender_id)
    session.flush()
    return len(learned)


def _choose_status(message: Message, document: Document, speaker: Speaker, copy: Copy | None,
                   code: str | None) -> dict[str, str]:
    known, learned = recognising.status_code(message.status_code, speaker), dict[str, str]()
    if known is None:
        if code not in STATUS_CODES:
            raise CodeNeeded
        known = learned[matching.lesson("code", message.status_code or "")] = code
    if copy is not None and copy.document_id == document.id and recognising.copy_at(document, speaker)[0] != copy:
        learned[matching.lesson("from", matching.spoken(speaker.code, document.sender.code))] = copy.receiver.code
    told = recognising.take(message, known, document, speaker, copy)
    if told.reason:
        raise DoesNotFit
    message.verdict, message.reason, message.about_key = Verdict.accepted, None, document.key
    _pass_on(message, document)
    return learned


def _pass_on(message: Message, document: Document) -> None:
    """Its sender hears of it, as of a status that was matched at once."""
    routes = addressing.routed([document.sender])
    had = {one.receiver_id for one in queries.deliveries_of(message.id)}
    author = queries.participant_by_code(message.from_code) or message.sender
    delivery.queue(message, author, [one for one in routes if one.id not in had and one.id != author.id])


def _choose_for_business(message: Message, document: Document) -> dict[str, str]:
    """A recall, an update, a replacement of what had another id: it is followed now, as if it had said so."""
    if not recognising.speaks_for(who(message), document.sender):
        raise DoesNotFit
    message.document_key = message.about_key = document.key
    session.flush()
    jobs.put("exchange.take_up", message_id=message.id)
    return {}


def _choose_answer(message: Message, document: Document, speaker: Speaker) -> dict[str, str]:
    answering = session.scalars(select(Document).where(Document.message_id == message.id)).first()
    if answering is None or answering.id == document.id:
        raise DoesNotFit
    recognising.answer(Found(document, Match.chosen), answering, speaker, Recognised())
    message.reason = None
    return {}


def dismiss(message: Message, reason: str, by: Person) -> bool:
    """An answer to something that is not known here and need not be (of statuses and conflicts: receiving.dismiss).
    False where somebody decided meanwhile."""
    try:
        _hold(message)
    except Settled:
        return False
    message.reason, message.decided_at, message.decided_by_id = reason[:LONGEST_REASON], clock.now(), by.id
    session.flush()
    return True


def first_of(message: Message) -> Message | None:
    """The message whose id a conflict has too: the one that was taken."""
    taken = queries.accepted_message(message.sender_id, message.document_key or "", message.business or "")
    if taken is not None:
        return taken
    document = queries.document_of(message.sender_id, message.document_key or "")
    return session.get(Message, document.message_id) if document and document.message_id else None


def twin(message: Message) -> Document | None:
    """The document whose id a conflict has too."""
    author = queries.participant_by_code(message.from_code)
    found = [queries.document_of(one, message.document_key or "")
             for one in dict.fromkeys((message.sender_id, *([author.id] if author else ())))]
    return next(filter(None, found), None)


def is_answer(message: Message) -> bool:
    """Whether it is a document that was taken, and only what it answers is unknown."""
    return message.kind == "document" and message.verdict == Verdict.accepted


def _hold(message: Message) -> None:
    session.execute(select(Message.id).where(Message.id == message.id).with_for_update())
    session.refresh(message)
    waits = message.verdict in (Verdict.conflict, Verdict.unmatched) or (
        is_answer(message) and message.reason == recognising.NO_DOCUMENT)
    if not waits or message.decided_at is not None:
        raise Settled


# learning

def learn(participant_id: int, learned: dict[str, str], by: Person | None) -> None:
    """What a participant means by what it says; the newest choice counts."""
    for said, means in learned.items():
        adding = insert(Alias).values(participant_id=participant_id, said=said, means=means[:200], n=1,
                                      learned_at=clock.now(), learned_by_id=by.id if by else None)
        session.execute(adding.on_conflict_do_update(index_elements=["participant_id", "said"], set_={
            "means": adding.excluded.means, "n": Alias.n + 1, "learned_at": adding.excluded.learned_at,
            "learned_by_id": adding.excluded.learned_by_id}))


def match_again(participant_id: int) -> int:
    """Try what else this participant said and nobody understood, with what was learned since. How many are matched."""
    found = session.scalars(select(Message).where(
        Message.sender_id == participant_id, Message.kind == "status", Message.verdict == Verdict.unmatched,
        Message.decided_at.is_(None)).order_by(Message.id).limit(MOST_AGAIN)).all()
    matched = 0
    for message in found:
        told = recognising.from_status(message)
        if not told.reason:
            matched += 1
            for document in dict.fromkeys(told.documents):
                _pass_on(message, document)
    return matched


def match_answers(since: datetime) -> int:
    """Answers since then that came before what they answer: what is here by now is answered. How many are whole."""
    rows = session.execute(select(Message, Document).join(Document, Document.message_id == Message.id).where(
        _ANSWER, Message.received_at >= since).order_by(Message.id.desc()).limit(MOST_ANSWERS)).all()
    whole = 0
    for message, answering in rows:
        speaker = recognising.speaker(answering.sender)
        found = [recognising.find(matching.read(one), speaker) for one in answering.about]
        for one in found:
            if one and one.document.sent_at and one.document.sent_at > message.received_at:
                recognising.answer(one, answering, speaker, Recognised())
        if all(found):
            message.reason, whole = None, whole + 1
    session.flush()
    return whole


def learned(after: tuple[int, str] | None = None, limit: int = PAGE) -> Sequence[tuple[Alias, Participant]]:
    """What was learned, participant by participant, from the one (participant's number, said) `after` on."""
    query = select(Alias, Participant).join(Participant, Participant.id == Alias.participant_id)
    if after is not None:
        query = query.where(tuple_(Alias.participant_id, Alias.said) > tuple_(*map(literal, after)))
    rows = session.execute(query.order_by(Alias.participant_id, Alias.said).limit(limit)).all()
    return [(alias, participant) for alias, participant in rows]


def forget(participant_id: int, said: str) -> str | None:
    """Unlearn one thing; what it meant. What was matched by it stays as it is. None where it is not known."""
    row = session.get(Alias, (participant_id, said))
    if row is None:
        return None
    meant = row.means
    session.delete(row)
    session.flush()
    return meant
