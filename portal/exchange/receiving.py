"""Taking in a message, whoever brings it: by our API, by the axis's calls, from our own pages.

The slow part (`read_in`: store, read, prove the files) holds no transaction; the short one (`take`) is the caller's.
The same again is answered as before and changes nothing; the same id with other content waits for a person.
"""
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import IO
from zlib import crc32

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.exchange import addressing, conformance, delivery, facts, identity, issuing, originals, queries
from portal.exchange import recognising as recognised
from portal.exchange.addressing import Addressed
from portal.exchange.edxml import message as edxml
from portal.exchange.edxml.message import Business, DocumentMessage, StatusMessage
from portal.exchange.issuing import Act
from portal.exchange.models import Document, Message, Participant, Verdict
from portal.exchange.unpacking import Taken, forget, forget_files, read_in
from portal.kit import clock, files, jobs
from portal.kit.db import session, transaction
from portal.kit.hot import bulk
from portal.people.models import Person

__all__ = ["Accepted", "NotTaken", "Taken", "accept", "decide", "dismiss", "forget", "once_more", "read_in", "take",
           "take_up"]
ONCE = "uq_exchange_message_once"


class NotTaken(Exception):
    """The message is right, and not taken. `reason`: not_yours (it says it is from somebody else), nobody (none of its
    receivers is known); `where`: the ids that it is about."""

    def __init__(self, reason: str, where: Sequence[str] = ()) -> None:
        super().__init__(f"{reason}: {', '.join(where)}")
        self.reason, self.where = reason, tuple(where)


@dataclass(frozen=True)
class Accepted:
    """What became of a message. `verdict`: of models.Verdict, for one that came before that of the first; `deliveries`:
    how many are on their way; `unknown`: receivers that nobody knows here."""

    message_id: int
    verdict: str
    document_id: int | None
    deliveries: int
    repeated: bool = False
    unknown: tuple[str, ...] = ()


def accept(sender: Participant, stream: IO[bytes], *, way: str, by: Person | None = None,
           to: Sequence[str] | None = None) -> Accepted:
    """Take a message in. Not inside a transaction. Raises edxml.message.Refused, kit.files.Refused, NotTaken; nothing
    stays behind then."""
    sender_id, by_id = sender.id, by.id if by else None
    session.rollback()
    taken = read_in(stream)

    def act() -> Accepted:
        return take(session.get_one(Participant, sender_id), taken, way=way, to=to,
                    by=session.get_one(Person, by_id) if by_id else None)
    try:
        return once_more(act)
    except NotTaken:  # after any other error nobody knows whether it was committed: then the nightly sweep decides
        forget(taken)
        raise


def once_more(act: Callable[[], Accepted], *, keep: bool = True) -> Accepted:
    """Do it in a transaction; again where somebody brought the same in the same moment and was quicker. `keep`: else it
    is answered and taken back."""
    try:
        return _tried(act, keep=keep)
    except IntegrityError as error:
        if not is_lost_race(error):
            raise
    return _tried(act, keep=keep)


def _tried(act: Callable[[], Accepted], *, keep: bool) -> Accepted:
    with transaction():
        attempt = None if keep else session.begin_nested()
        accepted = act()
        if attempt is not None:
            attempt.rollback()
        return accepted


def is_lost_race(error: IntegrityError) -> bool:
    """Whether the message was taken by another transaction meanwhile."""
    said = str(error.orig)
    return ONCE in said or "exchange_message.payload_sha256" in said or "exchange_document.key" in said \
        or "uq_exchange_document_sender_id_key" in said


# the short part

def take(sender: Participant, taken: Taken, *, way: str, by: Person | None = None, to: Sequence[str] | None = None,
         draft: Document | None = None) -> Accepted:
    """Keep a message that was read, and do what it says. `to`: whom it is for, where the way says so and not the
    message; `draft`: our own document that is sent with it. Raises NotTaken; roll back then."""
    said = taken.said
    code = identity.organ(said.sender.id)
    if not (sender.upstream or identity.is_below(code, sender.code)):
        raise NotTaken("not_yours", [said.sender.id])
    author = _author(sender, said.sender)
    names = [(identity.organ(one), "") for one in to] if to else \
        [(identity.organ(one.id), one.name) for one in said.receivers]
    if isinstance(said, StatusMessage):
        return _take_status(sender, author, taken, said, names, way)
    return _take_document(sender, taken, said, names, way, by, author, draft)


def _author(sender: Participant, organ: edxml.Organ) -> Participant:
    """Whose message it is: of those behind the sender the one that it names, if that one is known."""
    code = identity.organ(organ.id)
    if code == sender.code:
        return sender
    found = queries.participant_by_code(code)
    if found is not None and (addressing.is_behind(found) if sender.upstream else
                              identity.is_below(code, sender.code)):
        return found
    return addressing.behind(code, organ.name) if sender.upstream and found is None else sender


def _take_document(sender: Participant, taken: Taken, said: DocumentMessage, names: Sequence[tuple[str, str]],
                   way: str, by: Person | None, author: Participant, draft: Document | None) -> Accepted:
    key, business = identity.key_of(said), str(said.business.type)
    _in_turn(sender, key)
    recognised.in_turn(key)
    addressed = addressing.addressed([*names, *_asked(said, author)], author)
    before = queries.same_message(sender.id, taken.payload_sha256, key, business)
    if before is not None:
        return _again(before, sender, taken, said, addressed, way, author)
    row = _row(sender, taken, way, business=business, document_key=key)
    if business in (Business.new, Business.replacing) and draft is None and queries.document_of(author.id, key):
        row.verdict = Verdict.conflict
        return _kept(row, taken, None, 0)
    _keep(row, taken)
    return _do(row, Act(row, said, taken.enclosed, author, by), addressed, draft)


def _asked(said: DocumentMessage, author: Participant) -> list[tuple[str, str]]:
    """Who asked what this answers, and whom else its business names: it is for them too. Not for its author, whose own
    document a reminder is about."""
    asked, who = [], recognised.speaker(author)
    for about in said.response_for:
        document = recognised.asked(identity.about_key(about), about.organ, who)
        if document is not None and document.sender_id != author.id:
            asked.append((document.sender.code, ""))
    if said.business.type is Business.replacing:
        asked += [(identity.organ(organ), "") for one in said.business.replacements for organ in one.organs]
    return asked


def _do(row: Message, act: Act, addressed: Addressed, draft: Document | None = None) -> Accepted:
    """What the message says to do, then put it on its way."""
    if act.said.business.type in (Business.recall, Business.update):
        return _do_about(row, act, addressed)
    if not addressed.known:
        raise NotTaken("nobody", addressed.unknown)
    document, receivers = issuing.issue(act, addressed.known, draft)
    if act.said.business.type is Business.replacing and (missing := issuing.replace(act, document)):
        row.about_key = missing[0]  # it may be on its way still
    recognised.from_answer(document)
    if document.reference_codes:  # it may answer what was asked about a dossier, whatever else it names
        jobs.put("exchange.close_opinion", unique=str(document.id), document_id=document.id)
    for early in queries.early_messages(row.document_key or ""):
        if early.sender_id == row.sender_id and early.id != row.id:
            jobs.put("exchange.take_up", message_id=early.id)
    return _sent(row, document, act.author, receivers, addressed.unknown)


def _do_about(row: Message, act: Act, addressed: Addressed) -> Accepted:
    """A recall or an update. Of what is not known it waits: for the document, or for a person."""
    document = queries.document_of(act.author.id, row.document_key or "")
    row.about_key = row.document_key
    if document is None:
        row.verdict = Verdict.unmatched
        session.flush()
        return Accepted(row.id, row.verdict, None, 0, unknown=tuple(addressed.unknown))
    business = act.said.business
    said = {identity.organ(one.organ): one.type for one in business.receivers}
    named = queries.participants_by_code(said)
    if business.type is Business.recall:
        receivers = issuing.recall(act, document, {one.id for one in named.values() or addressed.known})
    else:
        changes = {one.id: said[code] for code, one in named.items()}
        has = {copy.receiver_id for copy in queries.copies_of(document.id)}
        added = [one for one in {*addressed.known, *named.values()}
                 if one.id not in has and changes.get(one.id) != issuing.REMOVED]
        receivers = issuing.update(act, document, {one.id for one in addressed.known}, changes,
                                   sorted(added, key=lambda one: one.id))
    unknown = [*addressed.unknown, *(code for code in said if code not in named)]
    return _sent(row, document, act.author, receivers, unknown)


def _sent(row: Message, document: Document | None, author: Participant, receivers: Sequence[Participant],
          unknown: Sequence[str]) -> Accepted:
    """On its way to each that can be reached; `through` keeps for whom it is there where that is not itself."""
    routes = addressing.routed(receivers)
    if through := {str(to.id): codes for to, codes in routes.items() if codes != [to.code]}:
        row.facts = row.facts | {"through": through}
    if unknown:
        row.facts = row.facts | {"unknown": list(unknown)}
    session.flush()
    count = delivery.queue(row, author, list(routes))
    return Accepted(row.id, str(row.verdict), document.id if document else None, count, unknown=tuple(unknown))


# the same again

def _again(before: Message, sender: Participant, taken: Taken, said: DocumentMessage, addressed: Addressed, way: str,
           author: Participant) -> Accepted:
    """Answered as before. Receivers that the first one did not name get it now, and nothing else happens."""
    row = _row(sender, taken, way, business=before.business, document_key=before.document_key)
    row.verdict, row.repeats_id = Verdict.repeat, before.id
    document = queries.document_of(author.id, before.document_key or "")
    is_open = before.verdict == Verdict.accepted and not said.business.receivers
    late = _late(before, document, addressed.known) if document and is_open else []
    if late and taken.blob.sha256 != before.sha256:
        _keep(row, taken)
    else:
        session.add(row)
        session.flush()
        files.forget(taken.blob.path)
    forget_files(taken)
    session.flush()
    count = 0
    if late and document is not None:
        act = Act(row, said, (), author, None)
        if said.business.type is Business.recall:
            late = issuing.recall(act, document, {one.id for one in late})
        else:
            issuing.add_receivers(act, document, late)
        count = _sent(row if row.file_id else before, document, author, late, ()).deliveries
    return Accepted(before.id, str(before.verdict), document.id if document else None, count, repeated=True,
                    unknown=tuple(addressed.unknown))


def _late(before: Message, document: Document, known: Sequence[Participant]) -> list[Participant]:
    """Those of `known` to whom this message never went. Whom an update adds, and a recall of some, they name
    themselves, and that is part of what they say."""
    if before.business == Business.update:
        return []
    asked = {event.copy_id for event in queries.events_of(document.id) if event.code == "13"}
    has = {copy.receiver_id for copy in queries.copies_of(document.id)
           if before.business != Business.recall or copy.id in asked}
    return [one for one in known if one.id not in has]


# statuses

def _take_status(sender: Participant, author: Participant, taken: Taken, said: StatusMessage,
                 names: Sequence[tuple[str, str]], way: str) -> Accepted:
    """Word of what became of documents, for those who sent them and for whom it names."""
    keys = [key for one in said.about if (key := identity.about_key(one))]
    _in_turn(sender, keys[0] if keys else "")
    before = queries.same_message(sender.id, taken.payload_sha256, None, None)
    if before is not None:
        row = _row(sender, taken, way, status_code=said.code[:4], said_at=said.at)
        row.verdict, row.repeats_id = Verdict.repeat, before.id
        session.add(row)
        files.forget(taken.blob.path)
        session.flush()
        return Accepted(before.id, str(before.verdict), None, 0, repeated=True)
    row = _row(sender, taken, way, about_key=keys[0] if keys else None, status_code=said.code[:4], said_at=said.at)
    _keep(row, taken)
    about = recognised.from_status(row, said).documents
    addressed = addressing.addressed([*_concerned(about, said, author), *names], author)
    return _sent(row, about[0] if about else None, author, [one for one in addressed.known if one.id != author.id],
                 addressed.unknown)


def _concerned(about: Sequence[Document], said: StatusMessage, author: Participant) -> list[tuple[str, str]]:
    """Whom a status concerns: who sent the document, or its receivers where the sender itself says it. Of what is not
    known here, whoever is said to have issued it."""
    if not about:
        return [(identity.organ(one.organ), "") for one in said.about]
    found = [(document.sender.code, "") for document in about if document.sender_id != author.id]
    if not said.receivers:
        found += [(copy.receiver.code, "") for document in about if document.sender_id == author.id
                  for copy in queries.copies_of(document.id)]
    return found


# a person decides

def dismiss(row: Message, reason: str, by: Person) -> bool:
    """A person puts a conflict, or what matches nothing, aside. False where somebody decided meanwhile."""
    if not _decide(row, reason, by):
        return False
    row.verdict = Verdict.dismissed
    session.flush()
    return True


def decide(row: Message, reason: str, by: Person) -> bool:
    """A person takes a conflict after all: it becomes another edition of the document, soon. False where somebody
    decided meanwhile."""
    if row.verdict != Verdict.conflict or not _decide(row, reason, by):
        return False
    jobs.put("exchange.take_up", message_id=row.id)
    return True


def _decide(row: Message, reason: str, by: Person) -> bool:
    _hold(row)
    if row.verdict not in (Verdict.conflict, Verdict.unmatched) or row.decided_at is not None:
        return False
    row.decided_at, row.decided_by_id, row.reason = clock.now(), by.id, reason[:500]
    session.flush()
    return True


def take_up(row: Message, taken: Taken) -> None:
    """Do what a message says that was kept and not followed: a conflict that a person takes, a recall, an update or a
    replacement that came before its document."""
    said = taken.said
    assert isinstance(said, DocumentMessage)
    _in_turn(row.sender, row.document_key or "")
    _hold(row)
    author = _author(row.sender, said.sender)
    act = Act(row, said, taken.enclosed, author, session.get(Person, row.decided_by_id) if row.decided_by_id else None)
    addressed = addressing.addressed([(identity.organ(one.id), one.name) for one in said.receivers], author)
    if row.verdict == Verdict.accepted and row.business == Business.replacing:
        if (new := queries.document_of(author.id, row.document_key or "")) is not None:
            row.about_key = next(iter(issuing.replace(act, new)), None)
        forget_files(taken)
    elif row.verdict == Verdict.conflict or (
            row.verdict == Verdict.unmatched and queries.document_of(author.id, row.document_key or "")):
        was, row.verdict = row.verdict, Verdict.accepted
        session.flush()
        if was == Verdict.conflict:
            _take_over(row, act, addressed)
        else:
            _do_about(row, act, addressed)


def _take_over(row: Message, act: Act, addressed: Addressed) -> None:
    document = queries.document_of(act.author.id, row.document_key or "")
    assert document is not None
    has = {copy.receiver_id for copy in queries.copies_of(document.id)}
    receivers = issuing.update(act, document, {one.id for one in addressed.known}, {},
                               [one for one in addressed.known if one.id not in has])
    _sent(row, document, act.author, receivers, addressed.unknown)


# the row

def _row(sender: Participant, taken: Taken, way: str, **more: object) -> Message:
    said = taken.said
    return Message(
        kind=str(said.kind), way=way, sender_id=sender.id, from_code=identity.organ(said.sender.id),
        payload_sha256=taken.payload_sha256, sha256=taken.blob.sha256, size=taken.blob.size,
        dialect=said.seen.dialect[:20], deviations=list(said.seen.deviations), signature=str(said.seen.signature),
        signed_by=said.seen.signed_by[:300] or None, verdict=Verdict.accepted, received_at=clock.now(),
        reason=None, **more,
        facts=facts.of(said, ((one.name, one.size, one.sha256, one.reason) for one in taken.enclosed)))


def _keep(row: Message, taken: Taken) -> None:
    session.add(row)
    session.flush()
    originals.own(row, taken.blob)
    session.flush()
    conformance.count(row.sender_id, row.id, row.deviations, row.received_at)


def _kept(row: Message, taken: Taken, document: Document | None, deliveries: int) -> Accepted:
    """Kept, and followed by nobody until a person decides. Its files are proven again then."""
    _keep(row, taken)
    session.flush()
    forget_files(taken)
    return Accepted(row.id, str(row.verdict), document.id if document else None, deliveries)


def _hold(row: Message) -> None:
    session.scalars(select(Message).where(Message.id == row.id).with_for_update(of=Message).execution_options(
        populate_existing=True)).one()


def _in_turn(sender: Participant, key: str) -> None:
    """Of two messages of one sender about one document the second sees what the first did."""
    bulk.serialise("exchange.take", crc32(f"{sender.id} {key}".encode()) - 2**31)
