"""What the pages of figures read: counters, and of other tables only the names of agencies."""
import json
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Date, and_, bindparam, case, func, literal_column, select

from portal.kit import clock
from portal.kit.hot import reading
from portal.kit.text import vi_key
from portal.people.models import Agency, AgencyKind
from portal.statistics import figures, versions
from portal.statistics.figures import FIELDS, NOTHING, OPEN, Line, summed
from portal.statistics.measures import NO_DUE, month_of, months_back
from portal.statistics.models import ProgressMonth, ProgressOpen, ProgressPosition

MONTHS = 13
YEAR = 12
AS_OPEN = (*OPEN, "open")
CENTRAL, PROVINCES = GROUPS = ("central", "provinces")  # every agency is in one of them, also one that is no more
_agency: Any = Agency.__table__
_month: Any = ProgressMonth.__table__
_open: Any = ProgressOpen.__table__
# a parameter would be another one where the statement groups by it
_is_province: Any = _agency.c.kind == literal_column(f"'{AgencyKind.province.value}'")
_POSITION = select(ProgressPosition.n)
AGENCY = tuple(_agency.c[name] for name in ("id", "key", "name", "kind", "valid_to"))
COUNTS = tuple(_month.c[measure] for measure in FIELDS)


_SUMS = tuple(map(func.sum, COUNTS))
_BY_GROUP = (select(_month.c.month, _is_province, *_SUMS).join(_agency, _agency.c.id == _month.c.agency_id)
             .where(reading.among(_month.c.month, "months")).group_by(_month.c.month, _is_province))
_BY_AGENCY = (select(_month.c.agency_id, *_SUMS).group_by(_month.c.agency_id)
              .where(_month.c.month.between(bindparam("first", type_=Date), bindparam("last", type_=Date))))
_BY_AGENCY_OF = _BY_AGENCY.where(reading.among(_month.c.agency_id, "agencies"))
_BY_MONTH = select(_month.c.month, *COUNTS).where(
    _month.c.agency_id == bindparam("agency_id"), reading.among(_month.c.month, "months"))
_late: Any = case((and_(_open.c.paused.is_(False), _open.c.due_on < bindparam("today", type_=Date)), _open.c.n),
                  else_=literal_column("0"))
_untimed: Any = case((and_(_open.c.paused.is_(False), _open.c.due_on == literal_column(f"'{NO_DUE}'")), _open.c.n),
                     else_=literal_column("0"))
_OPEN = (select(_open.c.agency_id, _agency.c.kind, func.sum(_open.c.n), func.sum(_late), func.sum(_untimed),
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
    """An agency with its figures."""

    agency: AgencyLine
    line: Line


class Month(NamedTuple):
    """A month (its first day) with its figures."""

    month: date
    line: Line


class OpenNow(NamedTuple):
    """The open dossiers of each agency that has any, by its id, and of each group."""

    by_agency: dict[int, Line]
    by_group: dict[str, Line]


class _Open(NamedTuple):
    """The group of an agency, and its open dossiers."""

    group: str
    line: Line


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


def national_figures(today: date | None = None) -> "Live":
    """The live figures of the whole country."""
    today = today or clock.today()
    return live(by_month(None, months=2, today=today), everywhere(open_everywhere(today)))


class Live(NamedTuple):
    """The figures of the running month `this`, of the last full month `last`, or the running one where nothing was
    done by a date in that (`finished`, the line that the share is of), and what is open `now`."""

    this: Month
    finished: Month
    now: Line

    @property
    def share(self) -> figures.Share | None:
        """Of those finished, how many in time."""
        return figures.share(self.finished.line)


def live(months: Sequence[Month], now: Line) -> Live:
    """`months`: newest first; `now`: the open dossiers."""
    this, last = months[:2]
    return Live(this, last if last.line["timed"] else this, now)


def everywhere(now: OpenNow) -> Line:
    """The open dossiers of the whole country."""
    return summed(now.by_group.values())


def totals(today: date, month: date | None = None, now: OpenNow | None = None) -> list[AgencyFigures]:
    """Every agency of today, and every other with figures: over `month`, or over the last twelve months, this
    one included; open dossiers as they stand today. In the order of their Vietnamese names."""
    first, last = (month, month) if month else (months_back(today, YEAR)[-1], month_of(today))
    counted = by_agency(first, last)
    is_open = (now or open_everywhere(today)).by_agency
    return [AgencyFigures(each, with_open(counted.get(each.id, NOTHING), is_open.get(each.id))) for each in agencies()
            if each.valid_to is None or each.id in counted or each.id in is_open]


def by_agency(first: date, last: date) -> dict[int, Line]:
    """What each agency has from one month to another, together, by its id."""
    def read(agencies: Sequence[int] | None) -> dict[int, Line]:
        rows = reading.rows(_BY_AGENCY, first=first, last=last) if agencies is None else reading.rows(
            _BY_AGENCY_OF, first=first, last=last, agencies=[*agencies])
        return {row[0]: line_of(row[1:]) for row in rows}

    return versions.by_agency("sums", (first, last), read)


def line_of(counts: Iterable[int]) -> Line:
    """The line of these counts in the order of FIELDS."""
    return figures.line(dict(zip(FIELDS.values(), map(int, counts), strict=True)))


def with_open(line: Line, now: Line | None) -> Line:
    """The line of some months with what is open, of which `now` is the line; None: nothing."""
    return {**line, **{name: (now or NOTHING)[name] for name in AS_OPEN}}


def open_now(agency_id: int, today: date) -> Line:
    """The open dossiers of one agency."""
    found = _open_lines(today, [agency_id])
    return found[agency_id].line if agency_id in found else NOTHING


def open_everywhere(today: date) -> OpenNow:
    """The open dossiers of every agency and of the groups."""
    found = versions.by_agency("open", today, lambda agencies: _open_lines(today, agencies))
    return OpenNow({agency_id: each.line for agency_id, each in found.items()}, {
        name: summed(each.line for each in found.values() if each.group == name) for name in GROUPS})


def by_month(agency_id: int | None, months: int = MONTHS, today: date | None = None) -> list[Month]:
    """This month and those before it, newest first, of one agency or of all; months without figures included."""
    wanted = months_back(today or clock.today(), months)
    if agency_id is None:
        return [Month(month, line) for month, line in nation(wanted).items()]
    counted = {reading.day(row[0]): line_of(row[1:])
               for row in reading.rows(_BY_MONTH, agency_id=agency_id, months=wanted)}
    return [Month(month, counted.get(month, NOTHING)) for month in wanted]


def nation(months: Collection[date]) -> dict[date, Line]:
    """The whole country in each of these months: its two groups together."""
    return {month: summed(groups.values()) for month, groups in by_group(months).items()}


def by_group(months: Collection[date]) -> dict[date, dict[str, Line]]:
    """Each group of agencies in each of these months."""
    found = {month: dict.fromkeys(GROUPS, NOTHING) for month in months}
    for row in reading.rows(_BY_GROUP, months=[*months]):
        found[reading.day(row[0])][PROVINCES if row[1] else CENTRAL] = line_of(row[2:])
    return found


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


def _open_lines(today: date, agencies: Sequence[int] | None) -> dict[int, _Open]:
    """The open dossiers by the id of each agency that has any; None: of all.

    Lateness comes with time, not by an event: it is read off the due days. Due today is in time."""
    found = reading.rows(_OPEN, today=today) if agencies is None else reading.rows(
        _OPEN_OF, today=today, agencies=[*agencies])
    return {agency_id: _Open(group_of(kind), figures.line(
        {"open_in_time": int(n - late - untimed - paused), "open_late": int(late), "open_untimed": int(untimed),
         "paused": int(paused)})) for agency_id, kind, n, late, untimed, paused in found}
