"""One dossier told anew: what its record was, what rows add, what it becomes. Pure of any database."""
from operator import attrgetter
from typing import NamedTuple

from portal.intake.placing import Placed, Places
from portal.law.calendar import Calendar, CalendarEnds
from portal.law.deadlines import finish_class
from portal.progress.merging import NAMED, WHAT, State, Step, Steps, add, advance, fold, in_order, tells
from portal.progress.records import Known
from portal.statistics.measures import AS_ENDED

DECIDED = frozenset({9, 10})
COUNTED = attrgetter("submitted_at", "received_at", "due_at", "missed_due_at", "stopped_at", "finished_at", "timing",
                     "sector_id", "procedure_code", "level", "channel")  # beside the agency and the status
SAID = ("submitted_at", "received_at", "channel")


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
        for each in self.rows:  # plain loops: this is asked of every row of every batch
            for step in each.steps:
                if step.at <= last:
                    return True
        return False


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

    @property
    def counts_anew(self) -> bool:
        """Whether it may count elsewhere now. Many a step leaves all that is counted, and need not be looked at."""
        before, after = self.known, self.record
        return not before or COUNTED(before) != COUNTED(after) or (
            before.status != after.status and AS_ENDED.get(before.status) != AS_ENDED.get(after.status))


def told_anew(telling: Telling, kept: list[Step] | None, places: Places) -> Story:
    """Merge rows into a record. `kept` are all its steps, None where every row is after the last of them."""
    if kept is None and len(telling.rows) == 1 and not telling.rows[0].row.arrived:
        return _told_once(telling, places)
    known, late = telling.known, kept is not None
    have: Steps = {step[:WHAT]: step for step in _as_told(known, kept)} if known and kept else {}
    outcomes = []
    state = known.state if known and not late else None
    for placed in telling.rows:
        told = _untold(placed, have, state, places) if placed.row.arrived else placed.steps
        new = [add(have, step) for step in told]
        outcomes.append(any(new))
    steps = in_order(have.values())
    for step in steps:
        state = advance(state, step, places.resumed)
    assert state is not None, "a row has a step"
    first = known.last_position + 1 if known and not late else 1
    return Story(telling.code, known, _record(telling, state, places), steps, first, late, tuple(outcomes))


def _told_once(telling: Telling, places: Places) -> Story:
    """The same for most dossiers of a batch: one row, after all that is known, so that there is nothing to compare."""
    known, placed = telling.known, telling.rows[0]
    steps = in_order(placed.steps) if len(placed.steps) > 1 else placed.steps
    state, first = (known.state, known.last_position + 1) if known else (None, 1)
    for step in steps:
        state = advance(state, step, places.resumed)
    assert state is not None, "a row has a step"
    return Story(telling.code, known, _record(telling, state, places), steps, first, False, (True,))


def _untold(placed: Placed, have: Steps, state: State | None, places: Places) -> list[Step]:
    """The steps of a row of which nobody told when it happened. How a dossier stands, told again, is no step of it;
    told after something else happened, it is one. `have` follow after `state`."""
    *before, last = placed.steps
    for step in in_order([*have.values(), *placed.steps]):
        if step[:WHAT] == last[:WHAT]:
            break
        state = advance(state, step, places.resumed)
    return placed.steps if tells(state, last, places.resumed) else before


def _as_told(known: Known, kept: list[Step]) -> list[Step]:
    """The steps of a record. What it says beyond them was told before steps kept it: as if by the last of them."""
    steps = in_order(kept)
    says, last = fold(steps), steps[-1]
    assert says is not None, "there is a last step"
    own = {name: getattr(known, name) for name in SAID if getattr(known, name) != getattr(says, name)}
    if known.procedure_code != says.procedure_code:
        own |= {"procedure_code": known.procedure_code, "level": known.level}
    return [*steps[:-1], last._replace(**own)]


def _record(telling: Telling, state: State, places: Places) -> Known:
    known = telling.known
    code = state.procedure_code or (known.procedure_code if known else "")
    sector_id: int | None
    if procedure := places.procedure(code):
        name, sector_id, level = procedure.name, procedure.sector_id, procedure.level
    else:  # it left the catalogue since, and the record keeps what it had
        assert known is not None, "a dossier has a procedure"
        name, sector_id, level = known.service_name, known.sector_id, known.level
    timing = _timing(state, bool(procedure and procedure.unlimited), places.calendar) \
        if state.status in DECIDED else None
    return Known._make((  # in the order of its fields: naming them costs as much again
        telling.code, known.id if known else 0, 0, known.agency_id if known else places.sender.agency_id, name,
        sector_id, timing, "feed", *state[:NAMED], code, state.level or level))


def _timing(state: State, unlimited: bool, calendar: Calendar) -> str | None:
    """How a decided dossier kept its date; None where a date should have been told and was not."""
    if state.status not in DECIDED or state.finished_at is None:
        return None
    if state.missed_due_at:
        return "late"
    if state.due_at is None:
        return "on_time" if unlimited else None
    try:
        return finish_class(state.finished_at, state.due_at, calendar)
    except CalendarEnds:  # early is said only where the working days are known
        return "late" if state.finished_at > state.due_at else "on_time"
