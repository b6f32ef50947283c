"""Reminding agencies of what they have still to do: by the clock, before it is due and while it is late; by whoever
watches, with a document from the Government Office through the exchange where it works here. Whoever may speak for the
agency is told in the portal and by mail. Never twice on a day. Decision 0117.
"""
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal.exchange import composing, registers, sending
from portal.exchange import queries as exchange
from portal.exchange.models import Document, Participant
from portal.exchange.telling import works_here
from portal.kit import clock
from portal.kit.db import session, transaction
from portal.kit.i18n import short_day, speaking
from portal.kit.text import N_
from portal.oversight import tasks, telling
from portal.oversight.models import Assignment, Directive
from portal.people import queries as people
from portal.people.models import Person

#: The Government Office, by the code of QCVN 102:2016/BTTTT: as whom whoever watches writes.
OFFICE = "G22"
LATE_AGAIN = 7
NOTATION, TYPE, PLACE, URGENT = "VPCP-KSTT", "Công văn", "Hà Nội", 1
MOST_AT_ONCE = 500


class NotYet(Exception):
    """Nobody can be reminded now. `words`: why (a msgid)."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


_NOBODY = N_("Nothing is open here that was not reported as done.")
_TODAY = N_("The agency was reminded today already.")
NO_OFFICE = N_("No document went: the Government Office does not work on the pages of this portal.")
NOT_CONNECTED = N_("No document went: the agency takes no part in the exchange.")


@dataclass(frozen=True)
class Reminded:
    """How many tasks; the document that went, and why none did (a msgid); who takes no part in the exchange."""

    tasks: int
    letter: Document | None
    why: str = ""
    without: tuple[str, ...] = ()


# when

def occasion(due_on: date, today: date, before: Collection[int]) -> date | None:
    """The newest day up to today on which to remind of what is due then: so many days before, the day after, and each
    week from then on."""
    days = [due_on - timedelta(days=n) for n in before if n >= 0]
    late = (today - due_on).days
    if late > 0:
        days.append(due_on + timedelta(days=1 + (late - 1) // LATE_AGAIN * LATE_AGAIN))
    return max((day for day in days if day <= today), default=None)


def is_due(task: Assignment, today: date, before: Collection[int]) -> bool:
    """Whether the clock has still to remind of this task: nobody has since the newest occasion, nor since it was given.
    What is reported as done waits for somebody else."""
    if task.done_on is not None or task.claimed_at is not None or task.due_on is None:
        return False
    newest = occasion(task.due_on, today, before)
    heard = clock.day_of(task.reminded_at or task.assigned_at)
    return newest is not None and (heard < newest)


# by the clock

def agencies_with_due(today: date, before: Collection[int]) -> Sequence[int]:
    """Agencies with something open that comes near or is late."""
    until = today + timedelta(days=max(before, default=0))
    return session.scalars(select(Assignment.agency_id).where(
        Assignment.done_on.is_(None), Assignment.claimed_at.is_(None), Assignment.due_on <= until).distinct().order_by(
        Assignment.agency_id)).all()


def remind_agency(agency_id: int, today: date, before: Collection[int]) -> int:
    """Remind an agency of everything that is due to be reminded of, by one notice; of how many tasks."""
    until = today + timedelta(days=max(before, default=0))
    found = session.scalars(select(Assignment).where(
        Assignment.agency_id == agency_id, Assignment.done_on.is_(None), Assignment.due_on <= until).options(
        joinedload(Assignment.directive)).order_by(Assignment.id)).all()
    told = [one for one in found if is_due(one, today, before) and tasks.remind(one, None)]
    if told:
        telling.remind(told[0].agency, sorted(told, key=lambda one: (one.due_on or today, one.id)))
    return len(told)


# by whoever watches

def can_be_reminded(found: Sequence[Assignment]) -> list[Assignment]:
    """Those of them that are open, not reported as done, and not reminded of today. Raises NotYet where none is."""
    open_ = [one for one in found if one.done_on is None and one.claimed_at is None]
    if not open_:
        raise NotYet(_NOBODY)
    fresh = [one for one in open_ if not one.reminded_at or clock.day_of(one.reminded_at) < clock.today()]
    if not fresh:
        raise NotYet(_TODAY)
    return fresh


def late_tasks(directive_id: int, today: date) -> Sequence[Assignment]:
    """The tasks of a directive that are open and late and not reported as done."""
    return session.scalars(select(Assignment).where(
        Assignment.directive_id == directive_id, Assignment.done_on.is_(None), Assignment.claimed_at.is_(None),
        Assignment.due_on < today).order_by(Assignment.id).limit(MOST_AT_ONCE)).all()


def remind(directive_id: int, task_ids: Collection[int], by: Person) -> Reminded:
    """Remind agencies of these tasks of a directive. Not inside a transaction: the document is written and read in
    between. What was begun before and not sent goes now, and no second one. Raises NotYet, sending.NotSent."""
    by_id = by.id
    with transaction():
        held = session.scalars(select(Directive).where(Directive.id == directive_id).with_for_update(
            of=Directive)).one()
        if _begun(held) is None:
            chosen = can_be_reminded(_tasks(task_ids))
            office = sender()
            receivers = _receivers(chosen, office)
            if office is None or not receivers:
                return _noted(held, chosen, session.get_one(Person, by_id), None, NO_OFFICE if office is None
                              else NOT_CONNECTED)
            draft = _draft(held, chosen, office, receivers, session.get_one(Person, by_id))
            held.letter = {"document": draft.id, "tasks": [one.id for one in chosen]}
    return _finish(directive_id, by_id)


def sender() -> Participant | None:
    """The Government Office, where it works on the pages of this portal."""
    office = people.agency_by_key(OFFICE)
    found = [one for one in exchange.participants_of(office.id) if works_here(one)] if office else []
    return next((one for one in found if one.unit_id is None), None)


def _finish(directive_id: int, by_id: int) -> Reminded:
    directive = session.get_one(Directive, directive_id)
    letter = _begun(directive)
    if letter is not None and letter.state == "draft":
        sending.send(letter, composing.receivers_of(letter), session.get_one(Person, by_id))
    with transaction():
        held = session.scalars(select(Directive).where(Directive.id == directive_id).with_for_update(
            of=Directive).execution_options(populate_existing=True)).one()
        if held.letter is None:  # pressed twice: the other one has noted it
            raise NotYet(_TODAY)
        sent, chosen = _begun(held), _tasks(held.letter["tasks"])
        held.letter = None
        return _noted(held, chosen, session.get_one(Person, by_id), sent, "")


def _begun(directive: Directive) -> Document | None:
    """The document that was begun; None where none was, or somebody threw it away among the drafts."""
    found = session.get(Document, directive.letter["document"]) if directive.letter else None
    if directive.letter and found is None:
        directive.letter = None
    return found


def _noted(directive: Directive, chosen: Sequence[Assignment], by: Person, letter: Document | None,
           why: str) -> Reminded:
    """Write it at each task and tell the agencies, each once."""
    facts = {"document": letter.id, "number": composing.number_of(letter)} if letter else {}
    receivers = _receivers(chosen, sender())
    by_agency: dict[int, list[Assignment]] = {}
    for task in sorted(chosen, key=lambda one: one.id):
        if tasks.remind(task, by, facts if task.agency_id in receivers else {}):
            by_agency.setdefault(task.agency_id, []).append(task)
    for agency_id, some in by_agency.items():
        number = str(facts["number"]) if facts and agency_id in receivers else None
        telling.remind(some[0].agency, some, number)
    without = tuple(some[0].agency.name for agency_id, some in by_agency.items() if agency_id not in receivers)
    session.flush()
    return Reminded(sum(len(some) for some in by_agency.values()), letter, why, without if letter else ())


def _tasks(task_ids: Collection[int]) -> list[Assignment]:
    return list(session.scalars(select(Assignment).where(Assignment.id.in_(task_ids)).options(
        joinedload(Assignment.directive), joinedload(Assignment.agency)).order_by(Assignment.id).execution_options(
        populate_existing=True)))


def _receivers(chosen: Sequence[Assignment], office: Participant | None) -> Mapping[int, Participant]:
    """By agency as whom it takes part: itself, and no unit of it. The office writes to others."""
    found: dict[int, Participant] = {}
    for agency_id in dict.fromkeys(one.agency_id for one in chosen):
        whole = [one for one in exchange.participants_of(agency_id) if one.unit_id is None]
        if whole and (office is None or whole[0].id != office.id):
            found[agency_id] = whole[0]
    return found


# the document

def _draft(directive: Directive, chosen: Sequence[Assignment], office: Participant,
           receivers: Mapping[int, Participant], by: Person) -> Document:
    came = session.get(Document, directive.document_id) if directive.document_id else None
    made = Document(state="draft", sender_id=office.id, agency_id=office.agency_id, unit_id=office.unit_id,
                    notation=NOTATION, type_name=TYPE, place=PLACE, signer_name=by.name, signer_position="",
                    signer_competence="", priority=URGENT, created_by_id=by.id,
                    answers_id=came.id if came is not None and came.sender_id == office.id else None,
                    receivers=[one.id for one in receivers.values()])
    made.subject, made.content = words_of(directive, chosen, clock.today())
    made.search_key = registers.search_key("", made.notation, made.subject, office.name)
    session.add(made)
    session.flush()
    return made


def words_of(directive: Directive, chosen: Sequence[Assignment], today: date) -> tuple[str, str]:
    """(subject, content) of the document that reminds of a task. In Vietnamese, as every document is."""
    with speaking("vi"):
        day = f" ngày {short_day(directive.issued_on)}" if directive.issued_on else ""
        dues = sorted({one.due_on for one in chosen if one.due_on})
        until = f" trước hết ngày {short_day(dues[0])}" if dues else ""
    late = bool(dues) and dues[0] < today
    ends = "đến nay đã quá hạn mà chưa được báo cáo hoàn thành" if late else "đến nay chưa được báo cáo hoàn thành"
    article = f", {directive.article}" if directive.article else ""
    return (f"Đôn đốc thực hiện nhiệm vụ tại {directive.number}{day}",
            f"Tại {directive.number}{day}{article}, {directive.issuer} giao: “{directive.words.strip().rstrip('.')}”, "
            f"hoàn thành{until}; {ends}. Đề nghị quý cơ quan khẩn trương thực hiện và báo cáo kết quả, kèm minh chứng, "
            "trên Cổng dịch vụ công.")


def letter_of(directive: Directive, chosen: Sequence[Assignment]) -> dict[str, Any]:
    """What the page says before it is sent: whom it reaches, and what the document will say."""
    office = sender()
    receivers = _receivers(chosen, office)
    subject, content = words_of(directive, chosen, clock.today())
    return {"office": office, "connected": len(receivers), "agencies": len({one.agency_id for one in chosen}),
            "subject": subject, "content": content}

