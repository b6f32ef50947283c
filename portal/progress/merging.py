"""What a dossier's steps add up to, whatever the order in which they arrived and however often. Pure.

The state is a function of the SET of steps, put in the order of the source's time and sequence. What a row says
beside its step (when it was handed in, through which channel) is joined by rules in which order plays no part:
the earliest moment told, the farthest channel, the procedure and level of the row that is last by source time.
"""
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import NamedTuple

from portal.progress.rows import FINISHED, Row

FINAL = frozenset({3, 7, 10})
PAUSES = frozenset({5, 6, 8})
ACCEPTED = frozenset({2, 4, 9, 10})
WORDS = {1: "submit", 2: "accept", 3: "refuse", 4: "process", 5: "ask", 6: "ask_payment", 7: "withdraw", 8: "stop",
         9: "decide", 10: "hand_over"}
#: a dossier of which no channel was told came over the counter
CHANNEL_RANK = {"counter": 0, "post": 1, "online": 2}
DECIDED = 9
Resume = Callable[[datetime, datetime, datetime], datetime]  # stopped_at, due_at, resumed_at → the new due_at


class Step(NamedTuple):
    """One thing that happened. `word` is what; the status is the one after it."""

    at: datetime
    sequence: int
    status: int
    due_at: datetime | None
    reason: str | None
    correction: bool
    word: str


class State(NamedTuple):
    """Where a dossier stands after its steps; `at` and `sequence` are those of the last step known."""

    status: int
    at: datetime
    sequence: int
    due_at: datetime | None
    first_due_at: datetime | None
    stopped_at: datetime | None
    finished_at: datetime | None
    corrected: bool


class Told(NamedTuple):
    """What rows say beside their steps; `level` 0 where none was told."""

    submitted_at: datetime
    received_at: datetime | None
    channel: str
    last: tuple[datetime, int]
    procedure: str
    level: int


def steps_of(row: Row, status: int) -> list[Step]:
    """The steps that a row tells of, `status` being what its status means here.

    A finish before the moment of the row, and an old due date told together with the new one, are steps of
    their own: else they would be known only to who read this row first.
    """
    if not row.new_due_at and not row.finished_at:  # most rows
        return [Step(row.at, row.sequence, status, row.due_at, row.reason, row.correction, WORDS[status])]
    word = WORDS[status]
    if row.new_due_at:
        word = "apologise" if row.apology else "extend"
    correction, told = row.correction, []
    if row.finished_at and row.finished_at < row.at and status in FINISHED:
        ended = DECIDED if status == 10 and not correction else status
        told.append(Step(row.finished_at, row.sequence, ended, row.new_due_at or row.due_at, row.reason, correction,
                         WORDS[ended]))
        correction = False  # it stands at the moment that it corrects
    if row.new_due_at and row.due_at and row.due_at != row.new_due_at:
        told.append(Step(row.received_at, 0, 2, row.due_at, None, False, WORDS[2]) if row.received_at else
                    Step(row.at, row.sequence, status, row.due_at, None, False, WORDS[status]))
    told.append(Step(row.at, row.sequence, status, row.new_due_at or row.due_at, row.reason, correction, word))
    return told


def in_order(steps: Iterable[Step]) -> list[Step]:
    """The steps as they happened, each once; what has the same moment and sequence stands in a fixed order."""
    known = list(steps)
    return sorted(set(known), key=_place) if len(known) > 1 else known


def fold(steps: Iterable[Step], resume: Resume | None = None) -> State | None:
    """The state after these steps, None after none. `resume` moves a due date by the working time waited."""
    state: State | None = None
    for step in in_order(steps):
        state = advance(state, step, resume)
    return state


def advance(state: State | None, step: Step, resume: Resume | None = None) -> State:
    """The state after one more step, which is not before any other.

    A final status stays, except for a correction. Pauses stop the clock; what was waited is given back to the
    due date, unless the step that ends the pause tells one. What is finished gets no new due date.
    """
    if state is None:
        state = State(step.status, step.at, step.sequence, None, None, None, None, False)
    elif state.status in FINAL and not step.correction:
        return state._replace(at=step.at, sequence=step.sequence)
    finished_at = state.finished_at if not step.correction else None
    stopped_at = (state.stopped_at or step.at) if step.status in PAUSES else None
    return State(step.status, step.at, step.sequence, _due(state, step, resume), state.first_due_at or step.due_at,
                 stopped_at, (finished_at or step.at) if step.status in FINISHED else None,
                 state.corrected or step.correction)


def _due(state: State, step: Step, resume: Resume | None) -> datetime | None:
    finished = state.status in FINISHED and state.finished_at is not None
    if step.due_at and not (finished and step.status in FINISHED and not step.correction):
        return step.due_at
    if resume and state.stopped_at and state.due_at and step.status not in PAUSES:
        return resume(state.stopped_at, state.due_at, step.at)
    return state.due_at


def _place(step: Step) -> tuple[object, ...]:
    return (step.at, step.sequence, step.due_at is not None, step.due_at or step.at, step.correction, step.status,
            step.reason or "", step.word)


def told(row: Row, status: int, procedure: str, level: int) -> Told:
    """What this row says beside its steps."""
    first = row.submitted_at or row.received_at or row.finished_at or row.at
    received_at = row.received_at or (row.at if status in ACCEPTED else None)
    return Told(first, received_at, row.channel or "counter", (row.at, row.sequence),
                procedure, level)


def join(one: Told, other: Told) -> Told:
    """What two rows say together; join(a, b) = join(b, a), and joining again changes nothing."""
    latest = one if (one.last, one.procedure, one.level) >= (other.last, other.procedure, other.level) else other
    received_at = one.received_at or other.received_at
    if one.received_at and other.received_at:
        received_at = min(one.received_at, other.received_at)
    channel = one.channel if CHANNEL_RANK[one.channel] >= CHANNEL_RANK[other.channel] else other.channel
    return Told(min(one.submitted_at, other.submitted_at), received_at, channel, latest.last, latest.procedure,
                latest.level)
