"""What a row means here: whose it is, which procedure, which status. Knows the catalogue, no database."""
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from portal.catalogue.directory import Directory
from portal.intake.rows import FINISHED, Refusal, Row
from portal.law import codes
from portal.law.calendar import Calendar, CalendarEnds
from portal.law.deadlines import resume
from portal.law.limits import LimitUnit
from portal.progress.merging import DECIDED, RETURNED, WORDS, Step

LONGEST_NAME = 600
DOSSIER_UNKNOWN = "dossier_unknown"  # a step that came before its dossier: needs no word of anybody


@dataclass(frozen=True)
class Sender:
    """Who pushes: the names that it may use for itself, those of others, and what its words mean here."""

    agency_id: int
    own: frozenset[str]
    known: frozenset[str]
    means: dict[tuple[str, str], str]


class Procedure(NamedTuple):
    """What we know of a procedure at one agency. `level` is that of the agency's service, else the highest
    anywhere; `unlimited`: the law sets no limit."""

    code: str
    name: str
    sector_id: int
    level: int
    unlimited: bool


class Placed(NamedTuple):
    """A row of which all is known. `procedure`: None where the row names none and the dossier's own is meant."""

    row: Row
    status: int
    procedure: Procedure | None
    steps: list[Step]


class Unplaced(NamedTuple):
    """A row that names something not known yet: `value` in `field`."""

    row: Row
    field: str
    reason: str
    value: str


@dataclass
class Places:
    """Places rows of one sender. What was looked up once is remembered for the batch."""

    agency_key: str
    sender: Sender
    directory: Directory
    calendar: Calendar
    _procedures: dict[str, Procedure | None] = field(default_factory=dict)
    _prefixes: dict[str, bool] = field(default_factory=dict)

    def place(self, row: Row) -> Placed | Unplaced | Refusal:
        """The row with its meaning; or what is not known; or why it may not come from this sender."""
        means = self.sender.means
        if row.agency_key is not None:
            key = means.get(("agency_unknown", row.agency_key), row.agency_key)
            if key not in self.sender.own:
                return Refusal("agency", "agency_foreign") if key in self.sender.known else \
                    Unplaced(row, "agency", "agency_unknown", row.agency_key)
        if self._is_foreign(row.code):
            return Refusal("code", "agency_foreign")
        found = None
        if row.procedure is not None:
            found = self.procedure(means.get(("procedure_unknown", row.procedure), row.procedure))
            if found is None:
                return Unplaced(row, "procedure", "procedure_unknown", row.procedure)
        if isinstance(row.status, int):
            return Placed(row, row.status, found, steps_of(row, row.status, found.code if found else None))
        status = means.get(("status_unknown", row.status))
        if not status:
            return Unplaced(row, "status", "status_unknown", row.status)
        return Placed(row, int(status), found, steps_of(row, int(status), found.code if found else None))

    def procedure(self, code: str) -> Procedure | None:
        """What is known of the procedure with this code."""
        if code not in self._procedures:
            self._procedures[code] = self._look_up(code)
        return self._procedures[code]

    def resumed(self, stopped_at: datetime, due_at: datetime, resumed_at: datetime) -> datetime:
        """The due date after a pause; as it was where the working days are not known."""
        try:
            return resume(stopped_at, due_at, resumed_at, self.calendar)
        except CalendarEnds:
            return due_at

    def _look_up(self, code: str) -> Procedure | None:
        d = self.directory
        fact = d.by_code.get(code)
        if fact is None:
            return None
        held = d.offering.get(fact.id, {})
        own = d.versions[held[self.agency_key]] if self.agency_key in held else None
        level = own.level if own else max((d.versions[v].level for v in held.values()), default=1)
        name = fact.name if len(fact.name) <= LONGEST_NAME else fact.name[:LONGEST_NAME - 1].rstrip() + "…"
        return Procedure(code, name, fact.sector.id, level, bool(own and own.limit.unit == LimitUnit.none))

    def _is_foreign(self, code: str) -> bool:
        """Whether the agency that a dossier's code names is another one that we know."""
        prefix = code.partition("-")[0]
        if prefix not in self._prefixes:
            unit = codes.agency_id(prefix)
            key = unit.key if unit else prefix
            self._prefixes[prefix] = key in self.sender.known and key not in self.sender.own
        return self._prefixes[prefix]


def steps_of(row: Row, status: int, procedure_code: str | None) -> list[Step]:
    """The steps that a row tells of, `status` and `procedure_code` being what its words mean here.

    A finish before the moment of the row, and an old due date told together with the new one, are steps of
    their own: else they would be known only to who read this row first.
    """
    said = row.submitted_at, row.received_at, row.channel, procedure_code, row.level if procedure_code else None
    if not row.new_due_at and not row.finished_at:  # most rows
        return [Step(row.at, row.sequence, status, row.due_at, row.reason, row.correction, WORDS[status], *said)]
    word = WORDS[status]
    if row.new_due_at:
        word = "apologise" if row.apology else "extend"
    correction, told = row.correction, []
    if row.finished_at and row.finished_at < row.at and status in FINISHED:
        ended = DECIDED if status == RETURNED and not correction else status
        told.append(Step(row.finished_at, row.sequence, ended, row.new_due_at or row.due_at, row.reason, correction,
                         WORDS[ended], *said))
        correction = False  # it stands at the moment that it corrects
    if row.new_due_at and row.due_at and row.due_at != row.new_due_at:
        told.append(Step(row.received_at, 0, 2, row.due_at, None, False, WORDS[2], *said) if row.received_at else
                    Step(row.at, row.sequence, status, row.due_at, None, False, WORDS[status], *said))
    told.append(Step(row.at, row.sequence, status, row.new_due_at or row.due_at, row.reason, correction, word, *said))
    return told
