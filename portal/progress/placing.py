"""What a row means here: whose it is, which procedure, which status. Knows the catalogue, no database."""
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from portal.catalogue.directory import Directory
from portal.catalogue.limits import LimitUnit
from portal.kit.workdays import Calendar, CalendarEnds, resume
from portal.progress import codes
from portal.progress.feed_queries import Sender
from portal.progress.merging import Step, steps_of
from portal.progress.rows import Refusal, Row

LONGEST_NAME = 600


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
