"""One dossier told anew: what its record was, what rows add, what it becomes. Pure of any database."""
from datetime import datetime
from functools import partial
from typing import NamedTuple

from portal.kit.workdays import Calendar, CalendarEnds, finish_class, resume
from portal.progress.feed_queries import Known
from portal.progress.merging import State, Step, Told, advance, fold, in_order, join, told
from portal.progress.placing import Placed, Places

DECIDED = frozenset({9, 10})


class Telling(NamedTuple):
    """The rows of one dossier in a batch, and its record where there is one."""

    code: str
    known: Known | None
    rows: tuple[Placed, ...]

    @property
    def is_late(self) -> bool:
        """Whether a row tells of something not after all that is known: then all steps are needed."""
        if self.known is None:
            return False
        last = self.known.changed_at
        return any(step.at <= last for each in self.rows for step in each.steps)


class Story(NamedTuple):
    """What a record becomes. `steps` are to be written from `first_position` on, instead of all earlier ones
    where `rewritten`; `outcomes` say of each row whether it changed anything."""

    code: str
    known: Known | None
    record: Known
    steps: list[Step]
    first_position: int
    rewritten: bool
    outcomes: tuple[bool, ...]

    @property
    def changed(self) -> bool:
        return any(self.outcomes)


def told_anew(telling: Telling, kept: set[Step] | None, places: Places) -> Story:
    """Merge rows into a record. `kept` are all its steps, None where every row is after the last of them."""
    if kept is None and len(telling.rows) == 1:
        return _told_once(telling, places)
    known, resumed = telling.known, partial(_resumed, places.calendar)
    have, new, outcomes = kept or set(), set[Step](), []
    so_far = _told_before(known, kept) if known else None
    for placed in telling.rows:
        steps = [step for step in placed.steps if step not in have and step not in new]
        said = told(placed.row, placed.status, placed.procedure.code, placed.row.level or placed.procedure.level)
        joined = join(so_far, said) if so_far else said
        # the moment of the last row is no fact of its own: its step says it
        outcomes.append(bool(steps) or so_far is None or joined._replace(last=so_far.last) != so_far)
        new.update(steps)
        so_far = joined
    assert so_far is not None, "a telling has rows"
    rewritten = kept is not None and bool(new)
    if known is None or kept is not None:
        to_write = in_order(have | new) if known is None or rewritten else []
        state = fold(have | new, resumed)
    else:
        to_write, state = in_order(new), _state_of(known)
        for step in to_write:
            state = advance(state, step, resumed)
    assert state is not None, "a row has a step"
    first = 1 if rewritten or known is None else known.last_position + 1
    return Story(telling.code, known, _record(telling, state, so_far, places), to_write, first, rewritten,
                 tuple(outcomes))


def _told_once(telling: Telling, places: Places) -> Story:
    """The same for most dossiers of a batch: one row, after all that is known, so that there is nothing to compare."""
    known, placed = telling.known, telling.rows[0]
    said = told(placed.row, placed.status, placed.procedure.code, placed.row.level or placed.procedure.level)
    steps, state, first = in_order(placed.steps), None, 1
    if known is not None:
        said, state, first = join(_told_before(known, None), said), _state_of(known), known.last_position + 1
    for step in steps:
        state = advance(state, step, partial(_resumed, places.calendar))
    assert state is not None, "a row has a step"
    return Story(telling.code, known, _record(telling, state, said, places), steps, first, False, (True,))


def _told_before(known: Known, kept: set[Step] | None) -> Told:
    last = max((step.at, step.sequence) for step in kept) if kept else (known.changed_at, 0)
    return Told(known.submitted_at, known.received_at, known.channel, last, known.procedure_code, known.level)


def _state_of(known: Known) -> State:
    return State(known.status, known.changed_at, 0, known.due_at, known.first_due_at, known.stopped_at,
                 known.finished_at, known.corrected)


def _record(telling: Telling, state: State, said: Told, places: Places) -> Known:
    known, procedure = telling.known, places.procedure(said.procedure)
    name, sector_id = (known.service_name, known.sector_id) if known else (said.procedure, None)
    if procedure:  # else it left the catalogue since, and the record keeps what it had
        name, sector_id = procedure.name, procedure.sector_id
    timing = _timing(state, bool(procedure and procedure.unlimited), places.calendar) \
        if state.status in DECIDED else None
    return Known(  # in the order of its fields: naming them costs as much again
        telling.code, known.id if known else 0, 0, known.agency_id if known else places.sender.agency_id,
        said.procedure, name, said.level, said.channel, state.status, said.submitted_at, said.received_at,
        state.due_at, state.stopped_at, state.finished_at, timing, state.at, "feed", state.first_due_at, sector_id,
        state.corrected)


def _timing(state: State, unlimited: bool, calendar: Calendar) -> str | None:
    """How a decided dossier kept its date; None where a date should have been told and was not."""
    if state.status not in DECIDED or state.finished_at is None:
        return None
    if state.due_at is None:
        return "on_time" if unlimited else None
    try:
        return finish_class(state.finished_at, state.due_at, calendar)
    except CalendarEnds:  # early is said only where the working days are known
        return "late" if state.finished_at > state.due_at else "on_time"


def _resumed(calendar: Calendar, stopped_at: datetime, due_at: datetime, resumed_at: datetime) -> datetime:
    try:
        return resume(stopped_at, due_at, resumed_at, calendar)
    except CalendarEnds:
        return due_at
