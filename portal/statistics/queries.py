"""What the pages of figures read: counters, and of other tables only the names of agencies."""
import json
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Date, and_, bindparam, case, func, literal_column, select

from portal.kit import clock
from portal.kit.hot import reading
from portal.kit.text import vi_key
from portal.people.models import Agency, AgencyKind
from portal.statistics import coarse, versions
from portal.statistics.coarse import Line
from portal.statistics.disclosure import SMALL, Number, column, small
from portal.statistics.figures import FIELDS, OPEN
from portal.statistics.measures import month_of, months_back
from portal.statistics.models import ProgressMonth, ProgressOpen, ProgressPosition

MONTHS = 13
YEAR = 12
AS_OPEN = (*OPEN, "open")
NONE_OPEN = dict.fromkeys(AS_OPEN, 0)
CENTRAL, PROVINCES = GROUPS = ("central", "provinces")  # every agency is in one of them, also one that is no more
_agency: Any = Agency.__table__
_month: Any = ProgressMonth.__table__
_open: Any = ProgressOpen.__table__
# a parameter would be another one where the statement groups by it
_is_province: Any = _agency.c.kind == literal_column(f"'{AgencyKind.province.value}'")
_POSITION = select(ProgressPosition.n)
AGENCY = tuple(_agency.c[name] for name in ("id", "key", "name", "kind", "valid_to"))
COUNTS = tuple(_month.c[measure] for measure in FIELDS)


def _bounded(counter: Any) -> tuple[Any, Any, Any]:
    """The sum of counters: the least that what is said of them leaves it, itself, and the most."""
    low: Any = literal_column(str(SMALL.low))
    high: Any = literal_column(str(SMALL.high))
    few = counter.between(low, high)
    return func.sum(case((few, low), else_=counter)), func.sum(counter), func.sum(case((few, high), else_=counter))


# of each of FIELDS in turn. Every counter is of one agency, month and measure
SUMS = tuple(each for counter in COUNTS for each in _bounded(counter))
_BY_GROUP = (select(_month.c.month, _is_province, *SUMS).join(_agency, _agency.c.id == _month.c.agency_id)
             .where(reading.among(_month.c.month, "months")).group_by(_month.c.month, _is_province))
_BY_AGENCY = (select(_month.c.agency_id, *SUMS).group_by(_month.c.agency_id)
              .where(_month.c.month.between(bindparam("first", type_=Date), bindparam("last", type_=Date))))
_BY_AGENCY_OF = _BY_AGENCY.where(reading.among(_month.c.agency_id, "agencies"))
_BY_MONTH = select(_month.c.month, *COUNTS).where(
    _month.c.agency_id == bindparam("agency_id"), reading.among(_month.c.month, "months"))
_late: Any = case((and_(_open.c.paused.is_(False), _open.c.due_on < bindparam("today", type_=Date)), _open.c.n),
                  else_=literal_column("0"))
_OPEN = (select(_open.c.agency_id, _agency.c.kind, func.sum(_open.c.n), func.sum(_late),
                func.sum(case((_open.c.paused.is_(True), _open.c.n), else_=literal_column("0"))))
         .join(_agency, _agency.c.id == _open.c.agency_id).group_by(_open.c.agency_id, _agency.c.kind))
_OPEN_OF = _OPEN.where(reading.among(_open.c.agency_id, "agencies"))
_AGENCIES = select(reading.together(*AGENCY)).select_from(_agency)


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
    """A month (its first day) with its figures as they may be published, and of one agency its true counts."""

    month: date
    line: Line
    counts: Mapping[str, int] = {}


class Side(NamedTuple):
    """What is published of a part of the country in one month, and its true counts."""

    line: Line
    counts: Mapping[str, int]


class OpenNow(NamedTuple):
    """The open dossiers, as they may be published: of each agency that has any, by its id, and of each group."""

    by_agency: dict[int, Line]
    by_group: dict[str, Line]


class _Open(NamedTuple):
    """The group of an agency, and how many of its dossiers are open, in the order of OPEN."""

    group: str
    counts: tuple[int, ...]


_BY_KEY = (select(*AGENCY).where(_agency.c.key == bindparam("key"))
           .order_by(_agency.c.valid_to.is_not(None), _agency.c.valid_to.desc()))


def agency_by_key(key: str) -> AgencyLine | None:
    """The agency of this key today, else the last one that had it."""
    found = reading.rows(_BY_KEY, key=key)
    return _agency_line(found[0]) if found else None


def agencies() -> list[AgencyLine]:
    """Every agency that is or was, in the order of the Vietnamese names."""
    return [*_in_order(reading.rows(_AGENCIES)[0][0] or "[]")]


@lru_cache(maxsize=2)
def _in_order(told: str) -> tuple[AgencyLine, ...]:
    return tuple(sorted(map(_agency_line, json.loads(told)), key=lambda line: name_key(line.name)))


def _agency_line(row: Sequence[Any]) -> AgencyLine:
    line = AgencyLine(*row)
    return line._replace(valid_to=reading.day(line.valid_to)) if line.valid_to else line


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
    first, last = (month, month) if month else (months_back(today, YEAR)[-1], month_of(today))
    counted = by_agency(first, last)
    is_open = (now or open_everywhere(today)).by_agency
    none = coarse.line({})
    return [AgencyFigures(each, with_open(counted.get(each.id, none), is_open.get(each.id))) for each in agencies()
            if each.valid_to is None or each.id in counted or each.id in is_open]


def by_agency(first: date, last: date) -> dict[int, Line]:
    """What each agency has from one month to another, together, by its id."""
    def read(agencies: Sequence[int] | None) -> dict[int, tuple[int, ...]]:
        rows = reading.rows(_BY_AGENCY, first=first, last=last) if agencies is None else reading.rows(
            _BY_AGENCY_OF, first=first, last=last, agencies=[*agencies])
        return {row[0]: row[1:] for row in rows}

    return {of: coarse.of_sums(sums) for of, sums in versions.by_agency("sums", (first, last), read).items()}


def with_open(line: Line, now: Line | None) -> Line:
    """The line of some months with what is open, of which `now` is the line; None: nothing."""
    return line | ({name: now[name] for name in AS_OPEN} if now else NONE_OPEN)


def open_now(agency_id: int, today: date) -> Line:
    """The open dossiers of one agency, as they may be published."""
    found = _open_counts(today, [agency_id])
    return coarse.of_open(found[agency_id].counts) if agency_id in found else coarse.line({})


def open_everywhere(today: date) -> OpenNow:
    """The open dossiers of every agency and of the groups."""
    counted = versions.by_agency("open", today, lambda agencies: _open_counts(today, agencies))
    members: dict[str, list[tuple[int, ...]]] = {name: [] for name in GROUPS}
    for agency_id in sorted(counted):
        members[counted[agency_id].group].append(counted[agency_id].counts)
    return OpenNow({agency_id: coarse.of_open(each.counts) for agency_id, each in counted.items()},
                   {group: _columns(tuple(each)) for group, each in members.items()})


def by_month(agency_id: int | None, months: int = MONTHS, today: date | None = None) -> list[Month]:
    """This month and those before it, newest first, of one agency or of all; months without figures included."""
    wanted = months_back(today or clock.today(), months)
    if agency_id is None:
        groups = by_group(wanted)
        return [Month(month, coarse.summed([each.line for each in groups[month].values()])) for month in wanted]
    counted = {reading.day(row[0]): row[1:] for row in reading.rows(_BY_MONTH, agency_id=agency_id, months=wanted)}
    none = (0,) * len(COUNTS)
    return [Month(month, coarse.of_month(counts), dict(zip(FIELDS.values(), counts, strict=True)))
            for month in wanted for counts in (counted.get(month, none),)]


def by_group(months: Collection[date]) -> dict[date, dict[str, Side]]:
    """Each group of agencies in each of these months: the one place where the columns of months are said."""
    none = Side(coarse.line({}), {})
    found = {month: dict.fromkeys(GROUPS, none) for month in months}
    for row in reading.rows(_BY_GROUP, months=[*months]):
        found[reading.day(row[0])][PROVINCES if row[1] else CENTRAL] = _of_group(row[2:])
    return found


@lru_cache(maxsize=200)
def _of_group(sums: tuple[int, ...]) -> Side:
    """A group in one month: full months seldom change."""
    return Side(coarse.line({name: column(*sums[at:at + 3]) for name, at in coarse.PLACES}),
                {name: sums[at + 1] for name, at in coarse.PLACES})


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


@lru_cache(maxsize=100)
def _columns(members: tuple[tuple[int, ...], ...]) -> Line:
    """The open dossiers of a group, of whose agencies these are the true counts in the order of OPEN."""
    found: dict[str, Number] = {}
    for name, counts in zip(OPEN, zip(*members, strict=True), strict=False):
        few = [*filter(small, counts)]
        large = sum(counts) - sum(few)
        found[name] = column(large + len(few) * SMALL.low, sum(counts), large + len(few) * SMALL.high)
    return coarse.line(found)


def _open_counts(today: date, agencies: Sequence[int] | None) -> dict[int, _Open]:
    """How many dossiers are open, by the id of each agency that has any; None: of all.

    Lateness comes with time, not by an event: it is read off the due days. Due today is in time."""
    found = reading.rows(_OPEN, today=today) if agencies is None else reading.rows(
        _OPEN_OF, today=today, agencies=[*agencies])
    return {agency_id: _Open(group_of(kind), (n - n_late - n_paused, n_late, n_paused))
            for agency_id, kind, n, n_late, n_paused in found}
