"""One public record updated: what it was, what is told of its dossier, what it becomes. Pure of any database.

There is one way, whoever tells: an agency's system by its rows, or this portal by the verbs of its own dossiers.
"""
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import NamedTuple, Protocol

from portal.catalogue.sensitive import is_sensitive
from portal.law import deadlines
from portal.law.calendar import Calendar, CalendarEnds
from portal.law.statuses import DONE
from portal.progress.merging import Resume, State, Step, Steps, add, advance, fold, in_order, tells, what_happened
from portal.statistics.measures import AS_ENDED

PORTAL, FEED = "portal", "feed"  # who tells of a dossier: it is handled here, or an agency's own system has it
LONGEST_NAME = 600
SAID = ("submitted_at", "received_at", "channel")
_state_of = attrgetter(*State._fields)


class Record(NamedTuple):
    """A record as it stands; the fields are its columns, and `last_position` that of its last step."""

    code: str
    id: int
    last_position: int
    agency_id: int
    service_name: str
    sector_id: int | None
    timing: str | None
    source: str
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
    procedure_code: str
    level: int

    @property
    def state(self) -> State:
        """Where the dossier stands."""
        return State._make(_state_of(self))


#: what is written of a record, beside its code and number
COLUMNS = tuple(name for name in Record._fields if name not in ("code", "id", "last_position"))
#: what is counted of it, beside the agency and the status
_counted = attrgetter("submitted_at", "received_at", "due_at", "missed_due_at", "stopped_at", "finished_at", "timing",
                      "sector_id", "procedure_code", "level", "channel")


class Writer(NamedTuple):
    """Who tells: the agency, and whether its own system or this portal speaks for it."""

    agency_id: int
    source: str

    def may_write(self, agency_id: int, source: str) -> bool:
        """A dossier belongs to who told of it first; those handled here are told of by this portal alone."""
        return self.agency_id == agency_id and self.source == source


class Procedure(NamedTuple):
    """What we know of a procedure at one agency. `level` is that of the agency's service, else the highest
    anywhere; `unlimited`: where no due date is told, the law sets none."""

    code: str
    name: str
    sector_id: int
    level: int
    unlimited: bool


@dataclass
class Terms:
    """What a record says that its steps do not: the procedures by their codes, and the working days."""

    calendar: Calendar
    procedures: Mapping[str, Procedure | None]

    def procedure(self, code: str) -> Procedure | None:
        """What is known of the procedure with this code."""
        return self.procedures.get(code)

    def resume(self, writer: Writer) -> Resume | None:
        """What gives waited time back to a due date that no step tells anew. Here nothing does: the rule set of a
        dossier says what waiting is worth, and the date is handed over with the step."""
        return self.resumed if writer.source == FEED else None

    def resumed(self, stopped_at: datetime, due_at: datetime, resumed_at: datetime) -> datetime:
        """The due date after a pause; as it was where the working days are not known."""
        try:
            return deadlines.resume(stopped_at, due_at, resumed_at, self.calendar)
        except CalendarEnds:
            return due_at


class Told(Protocol):
    """What one row or one verb tells of a dossier. `arrived`: nobody said when it happened, only when it arrived."""

    @property
    def steps(self) -> Sequence[Step]: ...
    @property
    def arrived(self) -> bool: ...


class Own(NamedTuple):
    """What a verb of this portal tells."""

    steps: Sequence[Step]
    arrived: bool = False


class News(NamedTuple):
    """All that is told of one dossier at once, and its record where there is one."""

    code: str
    record: Record | None
    told: Sequence[Told]

    @property
    def is_late(self) -> bool:
        """Whether something is not after all that is known: then all steps are needed."""
        if self.record is None:
            return False
        last = self.record.changed_at
        for each in self.told:  # plain loops: this is asked of every row of every batch
            for step in each.steps:
                if step.at <= last:
                    return True
        return False


class Update(NamedTuple):
    """What a record becomes. `steps` are to be written from `first_position` on, instead of all earlier ones
    where `rewritten`; `outcomes` say of each that was told whether it changed anything."""

    code: str
    before: Record | None
    record: Record
    steps: Sequence[Step]
    first_position: int
    rewritten: bool
    outcomes: tuple[bool, ...]

    @property
    def changed(self) -> bool:
        return any(self.outcomes)

    @property
    def counts_anew(self) -> bool:
        """Whether it may count elsewhere now. Many a step leaves all that is counted, and need not be looked at."""
        before, after = self.before, self.record
        return not before or _counted(before) != _counted(after) or (
            before.status != after.status and AS_ENDED.get(before.status) != AS_ENDED.get(after.status))


def updated(news: News, kept: Sequence[Step] | None, writer: Writer, terms: Terms) -> Update:
    """Fold what is told into a record. `kept` are all its steps, None where everything is after the last of them."""
    if kept is None and len(news.told) == 1 and not news.told[0].arrived:
        return _updated_once(news, writer, terms)
    before, late, resume = news.record, kept is not None, terms.resume(writer)
    have: Steps = {what_happened(step): step for step in _as_told(before, kept)} if before and kept else {}
    outcomes = []
    state = before.state if before and not late else None
    for each in news.told:
        told = _untold(each.steps, have, state, resume) if each.arrived else each.steps
        new = [add(have, step) for step in told]
        outcomes.append(any(new))
    steps = in_order(have.values())
    for step in steps:
        state = advance(state, step, resume)
    assert state is not None, "a row has a step"
    first = before.last_position + 1 if before and not late else 1
    return Update(news.code, before, _record(news, state, writer, terms), steps, first, late, tuple(outcomes))


def _updated_once(news: News, writer: Writer, terms: Terms) -> Update:
    """The same for most of a batch: told once, after all that is known, so that there is nothing to compare."""
    before, told, resume = news.record, news.told[0].steps, terms.resume(writer)
    steps = in_order(told) if len(told) > 1 else told
    state, first = (before.state, before.last_position + 1) if before else (None, 1)
    for step in steps:
        state = advance(state, step, resume)
    assert state is not None, "a row has a step"
    return Update(news.code, before, _record(news, state, writer, terms), steps, first, False, (True,))


def _untold(told: Sequence[Step], have: Steps, state: State | None, resume: Resume | None) -> Sequence[Step]:
    """The steps of a row of which nobody told when it happened. How a dossier stands, told again, is no step of it;
    told after something else happened, it is one. `have` follow after `state`."""
    *before, last = told
    for step in in_order([*have.values(), *told]):
        if what_happened(step) == what_happened(last):
            break
        state = advance(state, step, resume)
    return told if tells(state, last, resume) else before


def _as_told(record: Record, kept: Sequence[Step]) -> list[Step]:
    """The steps of a record. What it says beyond them was told before steps kept it: as if by the last of them."""
    steps = in_order(kept)
    says, last = fold(steps), steps[-1]
    assert says is not None, "there is a last step"
    own = {name: getattr(record, name) for name in SAID if getattr(record, name) != getattr(says, name)}
    if record.procedure_code != says.procedure_code:
        own |= {"procedure_code": record.procedure_code, "level": record.level}
    return [*steps[:-1], last._replace(**own)]


def _record(news: News, state: State, writer: Writer, terms: Terms) -> Record:
    before = news.record
    code = state.procedure_code or (before.procedure_code if before else "")
    sector_id: int | None
    if procedure := terms.procedure(code):
        name, sector_id, level = procedure.name, procedure.sector_id, procedure.level
    else:  # it left the catalogue since, and the record keeps what it had
        assert before is not None, "a dossier has a procedure"
        name, sector_id, level = before.service_name, before.sector_id, before.level
    return Record(
        code=news.code, id=before.id if before else 0, last_position=0, agency_id=writer.agency_id,
        service_name="" if is_sensitive(code) else name, sector_id=sector_id, source=writer.source,
        status=state.status, changed_at=state.changed_at,
        timing=_timing(state, bool(procedure and procedure.unlimited), terms.calendar),
        due_at=state.due_at, first_due_at=state.first_due_at, missed_due_at=state.missed_due_at,
        stopped_at=state.stopped_at, finished_at=state.finished_at, corrected=state.corrected,
        submitted_at=state.submitted_at, received_at=state.received_at, channel=state.channel, procedure_code=code,
        level=state.level or level)


def _timing(state: State, unlimited: bool, calendar: Calendar) -> str | None:
    """How a decided dossier kept its date; None where a date should have been told and was not."""
    if state.status not in DONE or state.finished_at is None:
        return None
    if state.missed_due_at:
        return "late"
    if state.due_at is None:
        return "on_time" if unlimited else None
    try:
        return deadlines.finish_class(state.finished_at, state.due_at, calendar)
    except CalendarEnds:  # early is said only where the working days are known
        return "late" if state.finished_at > state.due_at else "on_time"


def shortened(name: str) -> str:
    """A service's name as long as the table takes it."""
    return name if len(name) <= LONGEST_NAME else name[:LONGEST_NAME - 1].rstrip() + "…"
