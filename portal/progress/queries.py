"""What the public pages read: records, steps and counters, and of other tables only the names of agencies."""
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Integer, and_, bindparam, case, cast, func, literal_column, or_, select

from portal.kit import clock, reading
from portal.kit.db import session
from portal.kit.text import vi_key
from portal.people.models import Agency, AgencyKind
from portal.progress import coarse
from portal.progress.coarse import Line
from portal.progress.disclosure import SMALL, Number, between, bounds, column, total
from portal.progress.estimates import Usual
from portal.progress.figures import OPEN
from portal.progress.measures import Measure, month_of, months_back
from portal.progress.models import (
    ProgressEstimate,
    ProgressMonth,
    ProgressOpen,
    ProgressPosition,
    ProgressRecord,
    ProgressStep,
)

MONTHS = 13
YEAR = 12
CENTRAL, PROVINCES = GROUPS = ("central", "provinces")  # every agency is in one of them, also one that is no more
_record: Any = ProgressRecord.__table__
_step: Any = ProgressStep.__table__
_agency: Any = Agency.__table__
_month: Any = ProgressMonth.__table__
_open: Any = ProgressOpen.__table__
# a parameter would be another one where the statement groups by it
_is_province: Any = _agency.c.kind == literal_column(f"'{AgencyKind.province.value}'")
_POSITION = select(ProgressPosition.n)


class Step(NamedTuple):
    """What happened, the national status after it, and when.

    `due_at` is the due moment as it stood after the step, where the step told it; `reason` a short code.
    """

    step: str
    status: int
    at: datetime
    due_at: datetime | None = None
    reason: str | None = None
    correction: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Published:
    """All that the public may know about one dossier. Moments are aware UTC. While it is the same, so is the object.

    `first_due_at`: the due moment that was set first, where it was moved since. `usual_here`,
    `usual_anywhere`: how long dossiers of this procedure usually take from this stage on, in this agency and
    in the country.
    """

    code: str
    agency_key: str
    agency_name: str
    procedure_code: str
    service_name: str
    level: int
    channel: str
    status: int
    submitted_at: datetime
    received_at: datetime | None
    due_at: datetime | None
    stopped_at: datetime | None
    finished_at: datetime | None
    timing: str | None
    changed_at: datetime
    first_due_at: datetime | None
    corrected: bool
    usual_here: Usual | None
    usual_anywhere: Usual | None
    steps: tuple[Step, ...]


class AgencyLine(NamedTuple):
    """An agency by its name; `valid_to` is its last day, None today."""

    id: int
    key: str
    name: str
    kind: str
    valid_to: date | None


class AgencyFigures(NamedTuple):
    """An agency with its figures as they may be published."""

    agency: AgencyLine
    line: Line


class Month(NamedTuple):
    """A month (its first day) with its figures as they may be published."""

    month: date
    line: Line


class Side(NamedTuple):
    """What is published of a part of the country in one month, and its true counts."""

    line: Line
    counts: Mapping[str, int]


class OpenNow(NamedTuple):
    """The open dossiers, as they may be published: of each agency that has any, by its id, and of each group."""

    by_agency: dict[int, Line]
    by_group: dict[str, Line]


_BY_KEY = (
    select(*(_agency.c[name] for name in AgencyLine._fields)).where(_agency.c.key == bindparam("key"))
    .order_by(_agency.c.valid_to.is_not(None), _agency.c.valid_to.desc()))
_OF_A_RECORD = ("procedure_code", "service_name", "level", "channel", "status", "submitted_at", "received_at",
                "due_at", "stopped_at", "finished_at", "timing", "changed_at", "first_due_at", "corrected")
_here: Any = ProgressEstimate.__table__.alias("here")
_anywhere: Any = ProgressEstimate.__table__.alias("anywhere")


def _usual_of(table: Any, agency_id: Any) -> Any:
    """The usual time from the stage in which the dossier is; a join that finds one row or none."""
    return and_(table.c.agency_id == agency_id, table.c.procedure_code == _record.c.procedure_code,
                table.c.stage == _record.c.status)


_BY_CODE = (
    select(_record.c.code, _agency.c.key, _agency.c.name, *(_record.c[name] for name in _OF_A_RECORD),
           *(table.c[name] for table in (_here, _anywhere) for name in ("p50", "p90", "cases")),
           *(_step.c[name] for name in Step._fields))
    .select_from(_record.join(_agency, _agency.c.id == _record.c.agency_id)
                 .outerjoin(_here, _usual_of(_here, _record.c.agency_id))
                 .outerjoin(_anywhere, _usual_of(_anywhere, literal_column("0")))
                 .outerjoin(_step, _step.c.record_id == _record.c.id))
    .where(_record.c.code == bindparam("code")).order_by(_step.c.position))
_FIELDS = ("code", "agency_key", "agency_name", *_OF_A_RECORD)
_MOMENTS = tuple(name for name in _FIELDS if name.endswith("_at"))
_OWN = len(_FIELDS)
_STEPS = _OWN + 6  # two usual times of three numbers stand between


def by_code(code: str) -> Published | None:
    """What is published about a dossier, in one statement. `code` as codes.parse writes it."""
    found = reading.rows(_BY_CODE, code=code)
    return _told(tuple(found)) if found else None


@lru_cache(maxsize=2_000)
def _told(rows: tuple[tuple[Any, ...], ...]) -> Published:
    """The rows of _BY_CODE as one dossier: the same rows are read once."""
    steps = tuple(_step_of(*row[_STEPS:]) for row in rows if row[_STEPS] is not None)
    own: dict[str, Any] = dict(zip(_FIELDS, rows[0], strict=False))
    own |= {name: reading.moment_or_none(own[name]) for name in _MOMENTS} | {"corrected": bool(own["corrected"])}
    here, anywhere = rows[0][_OWN:_OWN + 3], rows[0][_OWN + 3:_STEPS]
    return Published(**own, steps=steps, usual_here=Usual(*here) if here[2] else None,
                     usual_anywhere=Usual(*anywhere) if anywhere[2] else None)


def _step_of(step: str, status: int, at: Any, due_at: Any, reason: str | None, correction: Any) -> Step:
    return Step(step, status, reading.moment(at), reading.moment_or_none(due_at), reason, bool(correction))


def agency_by_key(key: str) -> AgencyLine | None:
    """The agency of this key today, else the last one that had it."""
    found = reading.rows(_BY_KEY, key=key)
    if not found:
        return None
    line = AgencyLine(*found[0])
    kept: Any = line.valid_to  # SQLite's driver gives a text
    return line._replace(valid_to=date.fromisoformat(kept)) if isinstance(kept, str) else line


def position() -> int:
    """A number that rises with every change of what is published, in the same transaction."""
    found = reading.rows(_POSITION)
    return int(found[0][0]) if found else 0


def national_figures(today: date | None = None) -> dict[str, Any]:
    """The live figures, see `figures_of`, of the whole country."""
    today = today or clock.today()
    return figures_of(by_month(None, months=2, today=today), coarse.summed([*open_everywhere(today).by_group.values()]))


def figures_of(months: Sequence[Month], now: Line) -> dict[str, Any]:
    """`received_this_month`; `share` (of 100, in time) of `month` (its first day), which is the last full month, or
    this one where nothing was finished in that, both None where nothing was; `open_now`, `open_late`. Beside them
    `finished`, the line of `month`. `months`: newest first; `now`: the open dossiers."""
    this, last = months[:2]
    finished, month = (last.line, last.month) if last.line["done"] else (this.line, this.month)
    return {"received_this_month": this.line["received"], "share": finished["share"],
            "month": month if finished["done"] else None, "open_now": now["open"], "open_late": now["open_late"],
            "finished": finished}


def totals(today: date, month: date | None = None, now: OpenNow | None = None) -> list[AgencyFigures]:
    """Every agency of today, and every other with figures: over `month`, or over the last twelve months, this
    one included; open dossiers as they stand today. In the order of their Vietnamese names."""
    span = (month, month) if month else (months_back(today, YEAR)[-1], month_of(today))
    counted: dict[int, dict[str, Number]] = defaultdict(dict)
    for agency_id, name, low, _n, high in coarse.read(session.execute(
            sums(_month.c.agency_id).where(_month.c.month.between(*span))).all()):
        counted[agency_id][name] = between(low, high)  # an agency's own sums are no columns
    is_open = (now or open_everywhere(today)).by_agency
    found = session.execute(select(*_agency_columns()).where(
        or_(_agency.c.valid_to.is_(None), _agency.c.id.in_(counted.keys() | is_open.keys()))))
    lines = [AgencyFigures(AgencyLine(*row), with_open(coarse.line(counted.get(row.id, {})), is_open.get(row.id)))
             for row in found]
    return sorted(lines, key=lambda line: name_key(line.agency.name))


def with_open(line: Line, now: Line | None) -> Line:
    """The line of some months with what is open, of which `now` is the line; None: nothing."""
    return line | {name: now[name] if now else 0 for name in (*OPEN, "open")}


def open_now(agency_id: int, today: date) -> Line:
    """The open dossiers of one agency, as they may be published."""
    return next((coarse.of_counts(counts) for _id, _group, counts in _open_counts(today, agency_id)), coarse.line({}))


def open_everywhere(today: date) -> OpenNow:
    """The open dossiers of every agency and of the groups."""
    by_agency: dict[int, Line] = {}
    members: dict[str, list[tuple[Line, dict[str, int]]]] = {name: [] for name in GROUPS}
    for agency_id, group, counts in _open_counts(today):
        by_agency[agency_id] = coarse.of_counts(counts)
        members[group].append((by_agency[agency_id], counts))
    return OpenNow(by_agency, {group: _columns(lines) for group, lines in members.items()})


def by_month(agency_id: int | None, months: int = MONTHS, today: date | None = None) -> list[Month]:
    """This month and those before it, newest first, of one agency or of all; months without figures included."""
    wanted = months_back(today or clock.today(), months)
    if agency_id is None:
        groups = by_group(wanted)
        return [Month(month, coarse.summed([each.line for each in groups[month].values()])) for month in wanted]
    counted: dict[date, dict[str, Number]] = defaultdict(dict)
    for month, name, low, _n, high in coarse.read(session.execute(
            sums(_month.c.month).where(_month.c.month.between(wanted[-1], wanted[0]),
                                       _month.c.agency_id == agency_id)).all()):
        counted[month][name] = between(low, high)
    return [Month(month, coarse.line(counted.get(month, {}))) for month in wanted]


def by_group(months: Collection[date]) -> dict[date, dict[str, Side]]:
    """Each group of agencies in each of these months: the one place where the columns of months are said."""
    lines: dict[tuple[date, str], dict[str, Number]] = defaultdict(dict)
    counts: dict[tuple[date, str], dict[str, int]] = defaultdict(dict)
    query = sums(_month.c.month, _is_province).join(_agency, _agency.c.id == _month.c.agency_id)
    for month, is_province, name, low, n, high in coarse.read(session.execute(
            query.where(_month.c.month.in_(months))).all()):
        group = PROVINCES if is_province else CENTRAL
        lines[month, group][name], counts[month, group][name] = column(low, n, high), n
    return {month: {group: Side(coarse.line(lines[month, group]), counts[month, group]) for group in GROUPS}
            for month in months}


def sums(*by: Any) -> Any:
    """Sums of counters by something, of each measure in turn: the least that what is said of the counters leaves it,
    itself, and the most. Every counter is of one agency, month and measure."""
    return select(*by, *(each for measure in Measure for each in _bounded(_month.c[measure]))).group_by(*by)


def _bounded(counter: Any) -> tuple[Any, Any, Any]:
    few = counter.between(SMALL.low, SMALL.high)
    return (func.sum(case((few, SMALL.low), else_=counter)), func.sum(counter),
            func.sum(case((few, SMALL.high), else_=counter)))


def in_groups(lines: Sequence[AgencyFigures]) -> tuple[list[AgencyFigures], list[AgencyFigures]]:
    """Central bodies, and provinces and cities, each in the order given."""
    central = [line for line in lines if group_of(line.agency.kind) == CENTRAL]
    return central, [line for line in lines if group_of(line.agency.kind) == PROVINCES]


def group_of(kind: str) -> str:
    """The group of an agency of this kind."""
    return PROVINCES if kind == AgencyKind.province else CENTRAL


@lru_cache(maxsize=500)
def name_key(name: str) -> str:
    """Where an agency stands in a list: provinces by their own name, without what they are."""
    return vi_key(name.removeprefix("Tỉnh ").removeprefix("Thành phố "))


def _agency_columns() -> list[Any]:
    return [_agency.c[name] for name in AgencyLine._fields]


def _columns(members: Sequence[tuple[Line, Mapping[str, int]]]) -> Line:
    """The open dossiers of a group, of whose agencies these are the lines and the true counts."""
    found: dict[str, Number] = {}
    for name in OPEN:
        low, high = bounds(total(line[name] for line, _counts in members))
        found[name] = column(low, sum(counts[name] for _line, counts in members), high)
    return coarse.line(found)


def _open_counts(today: date, agency_id: int | None = None) -> Iterator[tuple[int, str, dict[str, int]]]:
    """The id of each agency with open dossiers, its group and how many it has.

    Lateness comes with time, not by an event: it is read off the due days. Due today is in time."""
    late = case((and_(_open.c.paused.is_(False), _open.c.due_on < today), 1), else_=0)
    paused = cast(_open.c.paused, Integer)
    query = select(_open.c.agency_id, _agency.c.kind, func.sum(_open.c.n), func.sum(_open.c.n * late),
                   func.sum(_open.c.n * paused)).join(_agency, _agency.c.id == _open.c.agency_id).group_by(
                       _open.c.agency_id, _agency.c.kind)
    if agency_id is not None:
        query = query.where(_open.c.agency_id == agency_id)
    for of, kind, n, n_late, n_paused in session.execute(query).all():
        yield of, group_of(kind), {"open_in_time": int(n - n_late - n_paused), "open_late": int(n_late),
                                   "paused": int(n_paused)}
