"""What a row means here: whose it is, which procedure, which status. Knows the catalogue, no database."""
from dataclasses import dataclass, field
from typing import NamedTuple

from portal.catalogue.directory import Directory
from portal.intake.rows import Refusal, Row
from portal.law import codes
from portal.law.limits import LimitUnit
from portal.law.statuses import ENDED, Status
from portal.progress.merging import WORDS, Step
from portal.progress.updates import Procedure, Terms, shortened

DOSSIER_UNKNOWN = "dossier_unknown"  # a step that came before its dossier: needs no word of anybody
ISSUED_HERE = "issued_here"  # the code is one of this portal's own, which alone tells of its dossiers


@dataclass(frozen=True)
class Sender:
    """Who pushes: the names that it may use for itself, those of others, and what its words mean here."""

    agency_id: int
    own: frozenset[str]
    known: frozenset[str]
    means: dict[tuple[str, str], str]


class Placed(NamedTuple):
    """A row of which all is known: the steps that it tells of, and whether it names the procedure of its dossier.

    `arrived`: nobody told when it happened.
    """

    row: Row
    steps: list[Step]
    names: bool
    arrived: bool


class Unplaced(NamedTuple):
    """A row that names something not known yet: `value` in `field`."""

    row: Row
    field: str
    reason: str
    value: str


@dataclass(kw_only=True)
class Places(Terms):
    """Places rows of one sender. What was looked up once is remembered for the batch.

    `series`: the two digits of the codes that this portal gives, today and in times to come.
    """

    agency_key: str
    sender: Sender
    directory: Directory
    series: str
    procedures: dict[str, Procedure | None] = field(default_factory=dict)
    _prefixes: dict[str, bool] = field(default_factory=dict)

    def place(self, row: Row) -> Placed | Unplaced | Refusal:
        """The row with its meaning; or what is not known; or why it may not come from this sender."""
        means = self.sender.means
        if row.agency_key is not None:
            key = means.get(("agency_unknown", row.agency_key), row.agency_key)
            if key not in self.sender.own:
                return Refusal("agency", "agency_foreign") if key in self.sender.known else \
                    Unplaced(row, "agency", "agency_unknown", row.agency_key)
        if codes.is_of_series(row.code, self.series):
            return Refusal("code", ISSUED_HERE)
        if self._is_foreign(row.code):
            return Refusal("code", "agency_foreign")
        found = None
        if row.procedure is not None:
            found = self.procedure(means.get(("procedure_unknown", row.procedure), row.procedure))
            if found is None:
                return Unplaced(row, "procedure", "procedure_unknown", row.procedure)
        status = row.status if isinstance(row.status, int) else means.get(("status_unknown", row.status))
        if status is None:
            return Unplaced(row, "status", "status_unknown", str(row.status))
        steps = steps_of(row, int(status), found.code if found else None)
        return Placed(row, steps, found is not None, row.arrived)

    def procedure(self, code: str) -> Procedure | None:
        """What is known of the procedure with this code."""
        if code not in self.procedures:
            self.procedures[code] = self._look_up(code)
        return self.procedures[code]

    def _look_up(self, code: str) -> Procedure | None:
        d = self.directory
        fact = d.by_code.get(code)
        if fact is None:
            return None
        held = d.offering.get(fact.id, {})
        own = d.versions[held[self.agency_key]] if self.agency_key in held else None
        level = own.level if own else max((d.versions[v].level for v in held.values()), default=1)
        return Procedure(code, shortened(fact.name), fact.sector.id, level,
                         unlimited=bool(own and own.limit.unit == LimitUnit.none))

    def _is_foreign(self, code: str) -> bool:
        """Whether the agency that a dossier's code names is another one that we know."""
        prefix = codes.agency_of(code)
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
    word = WORDS[status]
    if row.new_due_at:
        word = "apologise" if row.apology else "extend"
    last = Step(at=row.at, sequence=row.sequence, status=status, due_at=row.new_due_at or row.due_at,
                reason=row.reason, correction=row.correction, step=word, submitted_at=row.submitted_at,
                received_at=row.received_at, channel=row.channel, procedure_code=procedure_code,
                level=row.level if procedure_code else None, step_due_at=row.step_due_at)
    if not row.new_due_at and not row.finished_at:  # most rows
        return [last]
    told = []
    if row.finished_at and row.finished_at < row.at and status in ENDED:
        ended = Status.finished if status == Status.returned and not row.correction else status
        told.append(last._replace(at=row.finished_at, status=int(ended), step=WORDS[ended], step_due_at=None))
        last = last._replace(correction=False)  # it stands at the moment that it corrects
    if row.new_due_at and row.due_at and row.due_at != row.new_due_at:
        told.append(_old_date(row, last))
    return [*told, last]


def _old_date(row: Row, last: Step) -> Step:
    """The due date of before the one that the `last` step tells: set at acceptance, where that is told."""
    old = last._replace(due_at=row.due_at, reason=None, correction=False, step=WORDS[last.status], step_due_at=None)
    if row.received_at is None:
        return old
    return old._replace(at=row.received_at, sequence=0, status=int(Status.received), step=WORDS[Status.received])
