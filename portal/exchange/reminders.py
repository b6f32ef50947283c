"""Documents that are to be answered by a day: who is told that it comes near or is over, and the letter that reminds.

A reminder is a document like any other, about the one that waits: it has a number, goes to those who have not answered,
and every system reads it. That it reminds is recognised when it is taken in (recognising). Decision 0098.
"""
from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import joinedload

from portal.catalogue import queries as catalogue
from portal.exchange import composing, registers, sending, telling
from portal.exchange.due import Due, due, soon_until
from portal.exchange.models import Copy, Document, Participant, Way
from portal.exchange.states import Recall, State
from portal.kit import clock
from portal.kit.db import session, transaction
from portal.kit.i18n import short_day, speaking
from portal.kit.text import N_
from portal.people.models import Person

AT_ONCE = 200
AGAIN_AFTER = timedelta(days=1)
#: What was late for longer when the portal began to look is left to people.
LOOKS_BACK = timedelta(days=30)
MOST_NAMED = 5
TYPE = "Công văn"
URGENT = 1
_LEADS = ("về việc", "v/v")


class NotYet(Exception):
    """Nobody can be reminded now. `words`: why (a msgid)."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


_NOBODY = N_("Nobody has to answer this document any more.")
_TODAY = N_("Everybody who has not answered was reminded already within the last 24 hours.")


# who has not answered

def awaited(document: Document) -> list[Copy]:
    """The copies whose answer is still to come, in the order of the receivers."""
    found = session.scalars(select(Copy).where(Copy.document_id == document.id, Copy.answered_at.is_(None)).options(
        joinedload(Copy.receiver)).order_by(Copy.id))
    return [copy for copy in found if _is_open(copy)] if document.due_on is not None else []


def _is_open(copy: Copy) -> bool:
    return not copy.removed_at and not copy.replaced_at and copy.recall != Recall.agreed \
        and copy.state not in (State.refused, State.done)


def can_be_reminded(document: Document) -> list[Copy]:
    """Those of them who were not reminded within the last day. Raises NotYet where there is none."""
    waiting = awaited(document)
    if not waiting:
        raise NotYet(_NOBODY)
    found = [copy for copy in waiting if copy.reminded_at is None or copy.reminded_at <= clock.now() - AGAIN_AFTER]
    if not found:
        raise NotYet(_TODAY)
    return found


# the letter

def remind(document: Document, by: Person) -> tuple[Document, int]:
    """Send those who have not answered a letter that reminds them; the letter, and to how many it went. Not inside a
    transaction. Pressed twice, it goes once. Raises NotYet, sending.NotSent."""
    document_id, by_id = document.id, by.id
    with transaction():
        held = session.scalars(select(Document).where(Document.id == document_id).with_for_update(of=Document)).one()
        letter = _waiting_letter(held) or _draft(held, can_be_reminded(held), session.get_one(Person, by_id))
    receivers = session.scalars(select(Participant).where(Participant.id.in_(letter.receivers)).order_by(
        Participant.id)).all()
    return sending.send(letter, receivers, session.get_one(Person, by_id)), len(receivers)


def _waiting_letter(document: Document) -> Document | None:
    """One that was begun and not sent, because something went wrong in between: it goes now, and no second one."""
    return session.scalars(select(Document).where(
        Document.answers_id == document.id, Document.sender_id == document.sender_id, Document.state == "draft",
        Document.subject.startswith("Đôn đốc")).limit(1)).first()


def _draft(document: Document, copies: Sequence[Copy], by: Person) -> Document:
    made = Document(
        state="draft", sender_id=document.sender_id, agency_id=document.agency_id, unit_id=document.unit_id,
        notation=document.notation, type_name=TYPE, place=document.place, signer_name=document.signer_name,
        signer_position=document.signer_position, signer_competence=document.signer_competence,
        priority=max(document.priority, URGENT), reference_codes=list(document.reference_codes),
        dossier_id=document.dossier_id, answers_id=document.id, created_by_id=by.id,
        receivers=[copy.receiver_id for copy in copies])
    made.subject, made.content = words_of(document)
    made.search_key = registers.search_key("", made.notation, made.subject, document.sender.name)
    session.add(made)
    session.flush()
    return made


def words_of(document: Document) -> tuple[str, str]:
    """(subject, content) of a letter that reminds of a document. In Vietnamese, as every document is."""
    number, late = composing.number_of(document), document.due_on is not None and document.due_on < clock.today()
    kind = document.type_name or TYPE
    with speaking("vi"):
        about = f"{kind} số {number}" + (f" ngày {short_day(document.day)}" if document.day else "")
        until = short_day(document.due_on) if document.due_on else ""
    subject = document.subject.strip().rstrip(".")
    bare = next((subject[len(lead):].strip() for lead in _LEADS if subject.lower().startswith(lead)), subject)
    said = f" về việc {bare}" if bare else ""
    ends = "đến nay đã quá hạn mà chưa nhận được trả lời" if late else "đến nay chưa nhận được trả lời"
    return (f"Đôn đốc trả lời {about}",
            f"{about}{said} đề nghị trả lời trước hết ngày {until}; {ends}. Đề nghị quý cơ quan sớm trả lời.")


# each night

def tell_due(today: date) -> bool:
    """Tell the offices here what of theirs comes near or is late, each of both once; some of it. Whether there may be
    more."""
    until = soon_until(today, calendar := catalogue.calendar())
    found = [copy for part in _parts(today, until) for copy in session.scalars(part)]
    for copy in found:
        stands = due(copy.work_due_on or copy.due_on, None, today, calendar)
        copy.due_told = str(stands)
        if _is_open(copy):
            telling.to_workers(copy, "document_late" if stands is Due.late else "document_due_soon")
    session.flush()
    return len(found) >= AT_ONCE


def _parts(today: date, until: date) -> list[Select[Copy]]:
    """What was not told yet as it stands: by the day of who was given it, and by the sender's; each has its index."""
    parts = []
    for day, such in ((Copy.work_due_on, Copy.state != str(State.done)), (Copy.due_on, Copy.work_due_on.is_(None))):
        soon = and_(day >= today, day <= until, Copy.due_told.is_(None))
        untold = or_(Copy.due_told.is_(None), Copy.due_told == str(Due.soon))
        late = and_(day < today, day >= today - LOOKS_BACK, untold)
        parts += [select(Copy).join(Participant, Participant.id == Copy.receiver_id).where(
            day.is_not(None), Copy.answered_at.is_(None), such, one, Participant.way == Way.pages).order_by(
            day, Copy.id).limit(AT_ONCE) for one in (soon, late)]
    return parts


def late_documents(today: date) -> Sequence[int]:
    """Documents of those who work on the pages here that somebody did not answer by their day, and was never reminded
    of."""
    rows = session.scalars(select(Copy.document_id).join(Copy.document).join(Document.sender).where(
        Copy.due_on < today, Copy.due_on >= today - LOOKS_BACK, Copy.answered_at.is_(None), Copy.reminded_at.is_(None),
        Copy.state.not_in((State.done, State.refused)), Participant.way == Way.pages).distinct().order_by(
        Copy.document_id))
    return rows.all()


def remind_of(document_id: int) -> None:
    """Remind those who are late, once, by the portal itself, in the name of whoever sent the document; the office is
    told. Each night puts what is left."""
    document, yesterday = session.get_one(Document, document_id), clock.today() - timedelta(days=1)
    late = [copy for copy in awaited(document) if copy.due_on and copy.due_on <= yesterday]
    by = session.get(Person, document.created_by_id) if document.created_by_id else None
    if by is None or not late or all(copy.reminded_at for copy in late):
        return
    try:
        reminded = bool(remind(document, by))
    except (NotYet, sending.NotSent):
        reminded = False
    if reminded or document.due_on == yesterday:  # what cannot be sent is said once
        with transaction():
            _tell_sender(session.get_one(Document, document_id), late, reminded)


def _tell_sender(document: Document, copies: Sequence[Copy], reminded: bool) -> None:
    names = ", ".join(copy.receiver.name for copy in copies[:MOST_NAMED])
    more = f" (+{len(copies) - MOST_NAMED})" if len(copies) > MOST_NAMED else ""
    telling.to_sender(copies[0], "document_unanswered", count=len(copies), names=names + more, due=document.due_on,
                      reminded=reminded)
