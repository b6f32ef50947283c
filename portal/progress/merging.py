"""What a dossier's steps add up to, whatever the order in which they arrived and however often. Pure.

The state is a function of the SET of steps, put in the order of the source's time and sequence. What a row says of the
whole dossier (which procedure it is, when it was handed in and accepted, through which channel) stands in its steps,
and what the last step says holds: a later message corrects, a late old one does not.

Late stays late: a due date that passed while the clock ran is missed, whatever date is told after it (0019).
"""
from collections.abc import Callable, Iterable
from datetime import datetime
from operator import attrgetter
from typing import Any, NamedTuple

from portal.kit.clock import day_of
from portal.law.statuses import ACCEPTED, ENDED, STOPS_CLOCK, Status

WORDS: dict[int, str] = {
    Status.registered: "submit", Status.received: "accept", Status.not_received: "refuse", Status.processing: "process",
    Status.supplement: "ask", Status.payment: "ask_payment", Status.withdrawn: "withdraw", Status.stopped: "stop",
    Status.finished: "decide", Status.returned: "hand_over"}
UNTOLD_CHANNEL = "counter"
Resume = Callable[[datetime, datetime, datetime], datetime]  # stopped_at, due_at, resumed_at → the new due_at


class Step(NamedTuple):
    """One thing that happened; the fields are the columns of a step. `step` is its word, `status` the one after it.

    The five after it are what its row said of the whole dossier, None where it said nothing. A level is one of the
    procedure that is named with it: without one it says nothing. `step_due_at` is by when this step was to be done: a
    deadline inside the office, which moves no date of the dossier.
    """

    at: datetime
    sequence: int
    status: int
    due_at: datetime | None
    reason: str | None
    correction: bool
    step: str
    submitted_at: datetime | None = None
    received_at: datetime | None = None
    channel: str | None = None
    procedure_code: str | None = None
    level: int | None = None
    step_due_at: datetime | None = None


#: what happened, without what was said of the whole dossier: by these a step told twice is the same step
what_happened = attrgetter("at", "sequence", "status", "due_at", "reason", "correction", "step")
Steps = dict[tuple[Any, ...], Step]  # by what happened


class State(NamedTuple):
    """Where a dossier stands after its steps; the fields are columns of a record. `changed_at`: that of the last step.

    `missed_due_at`: the due date that passed while the clock ran, before a new one was told and the work was done;
    `due_at` is the same where nobody told a new one.
    `procedure_code` is None until a step names it, `level` while it is the one that the catalogue says.
    """

    status: int
    changed_at: datetime
    due_at: datetime | None
    first_due_at: datetime | None
    missed_due_at: datetime | None
    stopped_at: datetime | None
    finished_at: datetime | None
    corrected: bool
    submitted_at: datetime
    received_at: datetime | None
    channel: str
    procedure_code: str | None
    level: int | None


def add(known: Steps, step: Step) -> bool:
    """Add a step to those known, each once. Whether it told anything new.

    Where two rows with one moment and sequence contradict each other, the greater word holds: some word has to,
    whichever came first.
    """
    what = what_happened(step)
    before = known.get(what)
    if before is not None and before != step:
        step = _reconciled(before, step)
    known[what] = step
    return step != before


def in_order(steps: Iterable[Step]) -> list[Step]:
    """The steps as they happened, each once; what has the same moment and sequence stands in a fixed order."""
    known: Steps = {}
    for step in steps:
        add(known, step)
    return sorted(known.values(), key=_place)


def _reconciled(one: Step, other: Step) -> Step:
    """One step of two that tell of the same and say other things of the dossier."""
    naming = max(one, other, key=lambda step: (step.procedure_code or "", step.level or 0))
    return one._replace(submitted_at=_greater(one.submitted_at, other.submitted_at),
                        received_at=_greater(one.received_at, other.received_at),
                        channel=_greater(one.channel, other.channel),
                        procedure_code=naming.procedure_code, level=naming.level,
                        step_due_at=_greater(one.step_due_at, other.step_due_at))


def _greater(one: Any, other: Any) -> Any:
    return other if one is None or (other is not None and other > one) else one


def fold(steps: Iterable[Step], resume: Resume | None = None) -> State | None:
    """The state after these steps, None after none. `resume` moves a due date by the working time waited."""
    state: State | None = None
    for step in in_order(steps):
        state = advance(state, step, resume)
    return state


def ends(before: int, after: int, correction: bool) -> bool:
    """Whether a dossier stays as it ended, whatever a step says: only a correction takes an end back, and only a
    decision is followed by something, the handing over of its result."""
    return before in ENDED and not correction and not (before == Status.finished and after == Status.returned)


def advance(state: State | None, step: Step, resume: Resume | None = None) -> State:
    """The state after one more step, which is not before any other.

    What has ended stays, except for a correction. Pauses stop the clock; what was waited is given back to the
    due date, unless the step that ends the pause tells one. What is finished gets no new due date, and a due date
    that has passed stays missed, unless a correction tells another.

    What the step says of the whole dossier holds from now on. Until somebody tells it, a dossier is handed in with
    its first step, or accepted before that, accepted with the first step after which it counts as such, and came
    over the counter.
    """
    if state is None:
        state, ended = _begun(step), False
    else:
        ended = ends(state.status, step.status, step.correction)
    received_at = step.received_at or state.received_at or (step.at if step.status in ACCEPTED else None)
    submitted_at = step.submitted_at or min(state.submitted_at, step.received_at or state.submitted_at)
    channel = step.channel or state.channel
    naming = step if step.procedure_code else state
    if ended:
        return state._replace(changed_at=step.at, submitted_at=submitted_at, received_at=received_at, channel=channel,
                              procedure_code=naming.procedure_code, level=naming.level)
    finished_at = state.finished_at if not step.correction else None
    due_at = _due(state, step, resume)
    pauses = step.status in STOPS_CLOCK and (received_at or due_at)  # what was not accepted has no clock to stop
    return State(
        status=step.status, changed_at=step.at, due_at=due_at,
        first_due_at=_first(state, step), missed_due_at=_missed(state, step, resume),
        stopped_at=(state.stopped_at or step.at) if pauses else None,
        finished_at=(finished_at or step.at) if step.status in ENDED else None,
        corrected=state.corrected or step.correction, submitted_at=submitted_at, received_at=received_at,
        channel=channel, procedure_code=naming.procedure_code, level=naming.level)


def tells(state: State | None, step: Step, resume: Resume | None = None) -> bool:
    """Whether a dossier stands otherwise after this step, but for the moment since when it does."""
    if state is None:
        return True
    after = advance(state, step, resume)
    level = state.level if step.level is None else after.level  # that of the catalogue, where none was told
    return after._replace(changed_at=state.changed_at, missed_due_at=state.missed_due_at, level=level) != state


def _begun(step: Step) -> State:
    """Before its first step: nothing is known but that it begins with it."""
    return State(status=step.status, changed_at=step.at, due_at=None, first_due_at=None, missed_due_at=None,
                 stopped_at=None, finished_at=None, corrected=False,
                 submitted_at=min(step.at, step.received_at or step.at), received_at=None, channel=UNTOLD_CHANNEL,
                 procedure_code=None, level=None)


def _due(state: State, step: Step, resume: Resume | None) -> datetime | None:
    finished = state.status in ENDED and state.finished_at is not None
    if step.due_at and not (finished and step.status in ENDED and not step.correction):
        return step.due_at
    return _gone_on(state, state.due_at, step, resume)


def _first(state: State, step: Step) -> datetime | None:
    """The due date that was set first. One that a correction puts right was never the due date."""
    return step.due_at if step.correction and step.due_at else state.first_due_at or step.due_at


def _missed(state: State, step: Step, resume: Resume | None) -> datetime | None:
    """The due date that was missed before this step. A pause moves it as it moves the other: what is late stays late
    by as much working time. What was never the due date is missed no longer: one that a correction puts right, and one
    of a day before acceptance, when no clock ran."""
    if step.correction and step.due_at:
        return None
    if state.missed_due_at:
        return _gone_on(state, state.missed_due_at, step, resume)
    ran = state.received_at is not None and state.stopped_at is None and state.finished_at is None
    if not ran or state.due_at is None or step.at <= state.due_at:
        return None
    return state.due_at if day_of(state.due_at) >= day_of(state.received_at or step.at) else None


def _gone_on(state: State, due_at: datetime | None, step: Step, resume: Resume | None) -> datetime | None:
    if resume and state.stopped_at and due_at and step.status not in STOPS_CLOCK:
        return resume(state.stopped_at, due_at, step.at)
    return due_at


def _place(step: Step) -> tuple[object, ...]:
    return (step.at, step.sequence, step.due_at is not None, step.due_at or step.at, step.correction, step.status,
            step.reason or "", step.step)
