"""An opinion asked of another agency about a dossier (Decree 118/2025/NĐ-CP art. 19(4)).

The question, its deadline, the answer and a late answer are all written down; that it is late is told to the head of
the one-stop unit. It travels as a document, with the dossier's code among its reference codes. The time that it takes
lies within the limit of the dossier: the clock runs on, and nothing here touches it.
"""
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import joinedload

from portal.dossiers import queries as dossiers
from portal.dossiers.models import Dossier
from portal.dossiers.states import State
from portal.exchange import drafts, recognising, recording, sending
from portal.exchange.drafts import Written
from portal.exchange.models import Copy, Document, Opinion, Participant, ParticipantState, Way
from portal.exchange.states import How
from portal.files import actions as files
from portal.files import faults
from portal.files.models import Attachment, StoredFile
from portal.kit import clock, jobs
from portal.kit.db import session, transaction
from portal.kit.hot.bulk import serialise
from portal.kit.moments import end_of_day
from portal.kit.row_security import reaching_all
from portal.kit.text import vi_key
from portal.notices import actions as notices
from portal.people import queries as people
from portal.people.models import Person
from portal.people.permissions import Place

#: While somebody works on it. What is asked of the applicant at the same time does not keep others from answering.
ASKABLE = frozenset({State.checking, State.received, State.processing, State.waiting})
LONGEST_QUESTION = 4000
MOST_ASKED = 500  # receivers in one list
AT_ONCE = 500
TYPE, NOTATION = "Công văn", "LYK-HS"
SENT_BY = timedelta(minutes=10)  # after that a question that went out and was not written down was cut off
#: How sure it is that a document answers, which names the dossier and not what it answers.
BY_CODE_ALONE = 80


class NotNow(Exception):
    """No opinion can be asked as the dossier stands."""


class NoSender(Exception):
    """The dossier's agency takes no part in the exchange of documents."""


class TooLate(Exception):
    """An answer by then comes after the dossier's own due date."""


class AskedAlready(Exception):
    """This agency was asked about this dossier, and has not answered yet."""


class Told(NamedTuple):
    """What the applicant reads of an opinion: of whom, from when until when; never what was asked or answered."""

    agency: str
    asked_at: datetime
    due_at: datetime
    answered_at: datetime | None


def asker(dossier: Dossier) -> Participant | None:
    """Who asks for this dossier: its unit where that takes part by itself, else its agency."""
    return session.scalars(select(Participant).where(
        Participant.agency_id == dossier.agency_id, Participant.state == ParticipantState.connected,
        or_(Participant.unit_id.is_(None), Participant.unit_id == dossier.unit_id)).order_by(
        Participant.unit_id.is_(None), Participant.way != Way.pages, Participant.id).limit(1)).first()


def can_be_asked(dossier: Dossier) -> Sequence[Participant]:
    """Every agency and body that is connected, but the one that asks, by name."""
    own = asker(dossier)
    found = session.scalars(select(Participant).where(
        Participant.state == ParticipantState.connected, Participant.id != (own.id if own else 0))
        .order_by(Participant.name, Participant.id).limit(MOST_ASKED)).all()
    return sorted(found, key=lambda one: vi_key(one.name))


def ask(dossier: Dossier, receiver: Participant, *, question: str, due_on: date, enclosed: Iterable[files.Proven] = (),
        by: Person) -> Opinion:
    """Ask `receiver` by the end of `due_on`. `enclosed`: new files, and papers of the dossier as `copied`. Not inside a
    transaction: sending is three acts, and what a crash leaves sent is written down by a job.

    Raises NotNow, NoSender, AskedAlready, TooLate, and kit.files.Refused where the files are too large together; then
    nothing was sent and nothing stays.
    """
    with reaching_all():  # it goes out for the agency, by whoever holds the dossier in one of its units
        return _ask(dossier, receiver, question, due_on, enclosed, by)


def _ask(dossier: Dossier, receiver: Participant, question: str, due_on: date, enclosed: Iterable[files.Proven],
         by: Person) -> Opinion:
    receiver_id, by_id = receiver.id, by.id
    with transaction():
        document_id = _begin(dossier, receiver, question[:LONGEST_QUESTION], due_on, enclosed, by).id
        jobs.put("exchange.note_opinion", due_at=clock.now() + SENT_BY, document_id=document_id)
    try:
        sending.send(session.get_one(Document, document_id), [session.get_one(Participant, receiver_id)],
                     session.get_one(Person, by_id))
    except BaseException:
        session.rollback()
        with transaction():
            give_up(document_id)
        raise
    with transaction():
        opinion = note(document_id)
    assert opinion is not None
    return opinion


def give_up(document_id: int) -> None:
    """Throw a question away that was never sent: whoever asked asks again."""
    draft = session.get(Document, document_id, with_for_update=True, populate_existing=True)
    if draft is not None and draft.state == "draft":
        drafts.discard(draft)


def _begin(dossier: Dossier, receiver: Participant, question: str, due_on: date, enclosed: Iterable[files.Proven],
           by: Person) -> Document:
    serialise("exchange.opinion", dossier.id)
    sender = _may_ask(dossier, receiver, due_on)
    draft = drafts.begin(sender, by, dossier=dossier)
    drafts.save(draft, Written(
        number="", notation=NOTATION, type_name=TYPE, subject=f"V/v lấy ý kiến về hồ sơ {dossier.code}",
        content=question, place="", signer_name=by.name, signer_position="", signer_competence="", priority=0,
        due_on=due_on), [receiver.id])
    for proven in enclosed:
        drafts.attach(draft, proven, by)
    return draft


def note(document_id: int) -> Opinion | None:
    """Write down that the question was sent, once; None for one that was not. What it says stands in the document."""
    document = session.get(Document, document_id, populate_existing=True)
    if document is None or document.state != "sent" or document.dossier_id is None or document.due_on is None:
        return None
    serialise("exchange.opinion", document.dossier_id)
    copy = session.scalars(select(Copy).where(Copy.document_id == document_id).order_by(Copy.id)).first()
    if copy is None:
        return None
    opinion = session.scalar(select(Opinion).where(Opinion.copy_id == copy.id))
    if opinion is None:
        by = session.get(Person, document.created_by_id) if document.created_by_id else None
        opinion = Opinion(dossier_id=document.dossier_id, document_id=document_id, copy_id=copy.id,
                          question=document.content, due_at=_end(document.due_on),
                          asked_at=document.sent_at or clock.now(), asked_by_id=document.created_by_id,
                          by_name=by.name if by else None)
        session.add(opinion)
        session.flush()
    return opinion


def may_ask_now(dossier: Dossier) -> bool:
    """Whether the state of the dossier lets an opinion be asked."""
    return State(dossier.state) in ASKABLE


def _may_ask(dossier: Dossier, receiver: Participant, due_on: date) -> Participant:
    if not may_ask_now(dossier):
        raise NotNow
    # asking stops no clock: a dossier whose own time is over already asks all the same
    if dossier.due_at is not None and clock.now() < dossier.due_at and due_on > clock.day_of(dossier.due_at):
        raise TooLate
    if (sender := asker(dossier)) is None:
        raise NoSender
    if session.scalar(_open().where(Opinion.dossier_id == dossier.id, Copy.receiver_id == receiver.id).limit(1)) or any(
            one.receivers == [receiver.id] for one in session.scalars(select(Document).where(
            Document.dossier_id == dossier.id, Document.state == "draft", Document.notation == NOTATION))):
        raise AskedAlready
    return sender


def _end(day: date) -> datetime:
    return end_of_day(datetime.combine(day, time(), clock.VN))


def copied(paper: Attachment) -> files.Proven:
    """A file of the dossier once more, to be the document's own: what the dossier has may be replaced, what was sent
    not. Slow: before the transaction. Raises files.faults.Faulty, kit.files.Refused."""
    with faults.opened(paper.file.blob, paper.file.sha256) as stream:
        return files.prove(stream, paper.name)


def _open() -> Select[Opinion]:
    return select(Opinion).join(Opinion.copy).where(Opinion.answered_at.is_(None))


def of(dossier: Dossier) -> Sequence[Opinion]:
    """Every opinion asked about it, the newest first, each with whom it was asked of."""
    return session.scalars(select(Opinion).where(Opinion.dossier_id == dossier.id).options(
        joinedload(Opinion.copy).joinedload(Copy.receiver), joinedload(Opinion.document))
        .order_by(Opinion.id.desc())).all()


def files_of(opinions: Iterable[Opinion]) -> dict[int, list[Attachment]]:
    """What was enclosed, by the number of the document: of the questions and of the answers."""
    documents = {number for opinion in opinions for number in (opinion.document_id, opinion.answer_id) if number}
    found: dict[int, list[Attachment]] = {}
    for row in session.scalars(select(Attachment).join(Attachment.file).where(
            StoredFile.owner_kind == "document", StoredFile.owner_id.in_(documents)).order_by(Attachment.id)):
        found.setdefault(row.file.owner_id, []).append(row)
    return found


def one(opinion_id: int, dossier: Dossier) -> Opinion | None:
    """An opinion of this dossier."""
    found = session.get(Opinion, opinion_id)
    return found if found is not None and found.dossier_id == dossier.id else None


def told(dossier: Dossier) -> Sequence[Told]:
    """What the applicant may know, in the order asked: whoever may see the dossier may know of it."""
    with reaching_all():
        rows = session.execute(
            select(Participant.name, Opinion.asked_at, Opinion.due_at, Opinion.answered_at)
            .join(Copy, Copy.id == Opinion.copy_id).join(Participant, Participant.id == Copy.receiver_id)
            .where(Opinion.dossier_id == dossier.id).order_by(Opinion.id)).all()
    return [Told(*row) for row in rows]


def note_answer(opinion: Opinion, answer: str, *, by: Person) -> None:
    """Write down an answer that came another way than through the exchange. One that has its answer keeps it."""
    session.refresh(opinion, with_for_update={"of": Opinion})
    if opinion.answered_at is not None:
        return
    recording.record(opinion.document, "answered", copy=opinion.copy, how=How.person, by=by)
    _answered(opinion, clock.now(), answer)


def close(document: Document) -> list[Opinion]:
    """File a document that answers opinions with their dossiers, and close those. Which it answers: what it says that
    it answers, else the one opinion about a dossier that it names by its code. Safe to repeat."""
    found = _answers(document)
    for opinion in found:
        document.dossier_id = document.dossier_id or opinion.dossier_id
        opinion.answer_id = document.id
        _answered(opinion, document.sent_at or clock.now(), document.content or document.subject)
    return found


def _answer_came(copy: Copy, answer: Document) -> None:
    """Whoever answers reaches no opinion of others: it is closed after the commit."""
    if copy.document.dossier_id is not None:
        jobs.put("exchange.close_opinion", unique=str(answer.id), document_id=answer.id)


recognising.ON_ANSWER.append(_answer_came)


def _answers(document: Document) -> list[Opinion]:
    from_it = Copy.receiver_id == document.sender_id
    query = _open().where(from_it).with_for_update(of=Opinion)
    if document.answers_id is not None:
        found = list(session.scalars(query.where(Opinion.document_id == document.answers_id)))
        if found:
            return found
    return _by_code(document, query) if document.reference_codes else []


def _by_code(document: Document, query: Select[Opinion]) -> list[Opinion]:
    """Of the agency's open opinions about a dossier that it names: where there are two of one dossier, a person says
    which."""
    found = []
    for code in dict.fromkeys(document.reference_codes):
        if (dossier := dossiers.by_code(code)) is None:
            continue
        waiting = list(session.scalars(query.where(Opinion.dossier_id == dossier.id)))
        if len(waiting) == 1:
            recording.record(waiting[0].document, "answered", copy=waiting[0].copy, at=document.sent_at,
                             how=How.answer, sure=BY_CODE_ALONE)
            found.append(waiting[0])
    return found


def _answered(opinion: Opinion, at: datetime, answer: str) -> None:
    """Write it down, tell whoever works on the dossier, and, where it came late, the head of the one-stop unit."""
    opinion.answered_at, opinion.answer = at, answer
    session.flush()
    dossier = dossiers.get(opinion.dossier_id)
    assert dossier is not None
    facts = _facts(opinion, dossier)
    for person_id in dict.fromkeys(filter(None, (dossier.officer_id, opinion.asked_by_id))):
        notices.tell(person_id, "opinion_answered", _page(dossier), **facts)
    if at > opinion.due_at:
        _tell_head(dossier, "opinion_answered_late", facts)
        opinion.head_told_at = opinion.head_told_at or clock.now()
        session.flush()


def late(now: datetime) -> Sequence[int]:
    """The opinions whose time is over, and of which the head of the one-stop unit does not know yet."""
    return session.scalars(select(Opinion.id).where(
        Opinion.answered_at.is_(None), Opinion.due_at < now, Opinion.head_told_at.is_(None))
        .order_by(Opinion.due_at).limit(AT_ONCE)).all()


def report_late(opinion_id: int) -> None:
    """Tell the head of the one-stop unit, and whoever asked, that no answer came in time; once."""
    opinion = session.get(Opinion, opinion_id, with_for_update=True, populate_existing=True)
    if opinion is None or opinion.answered_at is not None or opinion.head_told_at is not None:
        return
    dossier = dossiers.get(opinion.dossier_id)
    assert dossier is not None
    facts = _facts(opinion, dossier)
    _tell_head(dossier, "opinion_late", facts)
    for person_id in dict.fromkeys(filter(None, (dossier.officer_id, opinion.asked_by_id))):
        notices.tell(person_id, "opinion_late", _page(dossier), **facts)
    opinion.head_told_at = clock.now()
    session.flush()


def _tell_head(dossier: Dossier, name: str, facts: dict[str, object]) -> None:
    role, place = people.in_charge(Place(dossier.agency_id, dossier.unit_id))
    notices.tell_role(role, place, name, _page(dossier), **facts)


def _facts(opinion: Opinion, dossier: Dossier) -> dict[str, object]:
    return {"code": dossier.code, "agency": opinion.copy.receiver.name, "due_at": opinion.due_at,
            "answered_at": opinion.answered_at, "dossier_due_at": dossier.due_at}


def _page(dossier: Dossier) -> str:
    return f"/officer/dossiers/{dossier.id}#opinions"
