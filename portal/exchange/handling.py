"""What a receiver does with a document on the pages of this portal: enter it in the register, refuse it, assign it,
begin, finish, answer a recall. Each is recorded, and its sender is told by a status message after the commit.

No permission is asked here: the door does. What cannot be done as it stands raises NotNow, which the door shows.
"""
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from portal.exchange import following, recognising, recording
from portal.exchange.models import Copy, ExchangeEvent
from portal.exchange.states import How, Recall, State
from portal.kit import clock, jobs
from portal.kit.db import session
from portal.kit.text import N_
from portal.papers import actions as papers
from portal.people.models import Person, Unit

LONGEST_REASON = 1000  # of a document that is sent back (deployed systems take no more)
LONGEST_INSTRUCTION = 2000
BOOK = "document_in"

_REGISTERED = N_("It is entered in the register already, under number %(n)s.")
_NOT_REGISTERED = N_("Enter it in the register first.")
_REFUSED = N_("It was sent back to its sender.")
_FINISHED = N_("It is dealt with already.")
_NOT_ASKED = N_("Its sender asks for nothing that is still to be answered.")
_TAKEN_BACK = N_("Its sender took it back, and this office agreed.")


class NotNow(Exception):
    """It cannot be done as the document stands now. `words`: a msgid, filled in with `values`."""

    def __init__(self, words: str, **values: Any) -> None:
        super().__init__(words)
        self.words, self.values = words, values


class ReasonNeeded(ValueError):
    """A reason is lacking, or longer than 1,000 characters."""


def register(copy: Copy, unit: Unit, by: Person) -> int:
    """Enter it in the unit's register of incoming documents; its number there, one for each year in order. From its
    entry on it is registered (03). Raises NotNow."""
    now = _hold(copy)
    _not_over(copy)
    if copy.in_number is not None:
        raise NotNow(_REGISTERED, n=copy.in_number)
    copy.in_unit_id, copy.in_year = unit.id, clock.day_of(now).year
    copy.in_number = papers.next_number(unit.id, BOOK, now)
    copy.registered_at, copy.registered_by_id = now, by.id
    copy.unit_id = copy.unit_id or unit.id
    _tell(recognising.from_register(copy, by, now))
    if copy.document.dossier_id is not None:
        following.follow(copy)
    return copy.in_number


def refuse(copy: Copy, reason: str, by: Person) -> None:
    """Send it back (02): before it is registered, with a reason of at most 1,000 characters. Raises NotNow,
    ReasonNeeded."""
    reason = _reason(reason)
    now = _hold(copy)
    _not_over(copy)
    if copy.in_number is not None:
        raise NotNow(_REGISTERED, n=copy.in_number)
    _act(copy, "02", now, by, reason)


def assign(copy: Copy, unit: Unit | None, person: Person | None, instruction: str, due_on: date | None,
           by: Person) -> None:
    """Say whose work it is (04): a unit's, a person's, by when, and what to do. Said again, it is another's. Raises
    NotNow; ValueError where nobody is named."""
    if unit is None and person is None:
        raise ValueError("assigned to nobody")
    now = _hold(copy)
    _in_hand(copy)
    copy.assigned_unit_id = unit.id if unit else None
    copy.assignee_id, copy.assigned_at, copy.assigned_by_id = (person.id if person else None), now, by.id
    copy.instruction = instruction.strip()[:LONGEST_INSTRUCTION] or None
    copy.work_due_on, copy.due_told = due_on, None
    _act(copy, "04", now, by, None)


def start(copy: Copy, by: Person) -> None:
    """Begin the work (05). Begun already, nothing changes. Raises NotNow."""
    now = _hold(copy)
    _in_hand(copy)
    if copy.state != State.in_work:
        _act(copy, "05", now, by, None)


def finish(copy: Copy, by: Person) -> None:
    """It is dealt with (06): said by a person alone, never concluded from an entry. Raises NotNow."""
    now = _hold(copy)
    _in_hand(copy)
    _act(copy, "06", now, by, None)


def answer_recall(copy: Copy, agree: bool, reason: str, by: Person) -> None:
    """Answer its sender, who wants it back: agree (15), or not (16) with a reason. Raises NotNow, ReasonNeeded."""
    said = _reason(reason) if reason.strip() or not agree else None
    now = _hold(copy)
    if copy.recall != Recall.asked:
        raise NotNow(_NOT_ASKED)
    _act(copy, "15" if agree else "16", now, by, said)


#: What can be done now, by name; buttons ask this, so that they cannot disagree with the verbs.
def possible(copy: Copy) -> tuple[str, ...]:
    """The verbs of this file that would not raise NotNow as the copy stands."""
    def stands(check: Callable[[Copy], None]) -> bool:
        try:
            check(copy)
        except NotNow:
            return False
        return True

    open_, in_hand = stands(_not_over), stands(_in_hand)
    found = ["register", "refuse"] if open_ and copy.in_number is None else []
    if in_hand:
        found += ["assign", *(() if copy.state == State.in_work else ("start",)), "finish"]
    return (*found, *(("answer_recall",) if copy.recall == Recall.asked else ()))


def _hold(copy: Copy) -> datetime:
    recording.lock(copy)
    return clock.now()


def _not_over(copy: Copy) -> None:
    if copy.state == State.refused:
        raise NotNow(_REFUSED)
    if copy.recall == Recall.agreed:
        raise NotNow(_TAKEN_BACK)


def _in_hand(copy: Copy) -> None:
    if copy.state == State.done:
        raise NotNow(_FINISHED)
    _not_over(copy)
    if copy.in_number is None:
        raise NotNow(_NOT_REGISTERED)


def _reason(typed: str) -> str:
    reason = typed.strip()
    if not reason or len(reason) > LONGEST_REASON:
        raise ReasonNeeded(f"{len(reason)} characters")
    return reason


def _act(copy: Copy, code: str, at: datetime, by: Person, note: str | None) -> None:
    _tell(recording.record(copy.document, code, copy=copy, at=at, how=How.person, by=by, note=note))


def _tell(event: ExchangeEvent | None) -> None:
    """The sender is told after the commit: the message is written, and signed, where nobody waits for it."""
    if event is not None:
        session.flush()
        jobs.put("exchange.tell_status", event_id=event.id)
