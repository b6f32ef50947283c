"""The figures by side: sector, procedure, level, channel, agency; by month. From counters alone, never from records.

Everything that leaves this file is as it may be published; `counts` beside it are for what shares it out further.
"""
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, case, func, select

from portal.kit import reading
from portal.progress import coarse, queries
from portal.progress.coarse import Line
from portal.progress.disclosure import Number, parted, stepped, total
from portal.progress.figures import BY_CHANNEL, CHANNELS, FIELDS
from portal.progress.measures import Measure, month_of, months_back
from portal.progress.models import ProgressMonth, ProgressSide
from portal.progress.queries import COUNTS, YEAR, Side, by_group

NATION = 0
REST = ""  # what belongs to no value
MOVING = frozenset({"sector", "procedure"})  # while their month runs, they stand in steps
LEVELS = ("4", "3", "2", "1")
PARTED = tuple(measure for measure in FIELDS if measure is not Measure.dropped)
_side: Any = ProgressSide.__table__
_month: Any = ProgressMonth.__table__
_PARTS = tuple(_side.c[measure] for measure in PARTED)
_CELLS = (_side.c.side == bindparam("side"), _side.c.agency_id == bindparam("agency_id"),
          reading.among(_side.c.value, "values"), reading.among(_side.c.month, "months"))
_TALLIED = select(_side.c.month, _side.c.value, *_PARTS).where(*_CELLS)
_SUMMED = select(_side.c.value, *map(func.sum, _PARTS)).where(*_CELLS).group_by(_side.c.value)
_WHOLE = select(*(func.sum(_month.c[measure]) for measure in PARTED)).where(
    _month.c.agency_id == bindparam("agency_id"), reading.among(_month.c.month, "months"))
_BY_AGENCY = select(_month.c.month, _month.c.agency_id, *COUNTS).where(reading.among(_month.c.month, "months"))
_RECEIVED = select(_month.c.month, _month.c.agency_id, _month.c.received).where(
    reading.among(_month.c.month, "months"), _month.c.received != 0)
_RECEIVED_OF = _RECEIVED.where(_month.c.agency_id == bindparam("agency_id"))
_BY_CHANNEL = (
    select(_side.c.month, _side.c.agency_id, *(
        func.sum(case((_side.c.value == channel, _side.c.received), else_=0)) for channel in CHANNELS))
    .where(_side.c.side == "channel", reading.among(_side.c.agency_id, "agencies"),
           reading.among(_side.c.month, "months")).group_by(_side.c.month, _side.c.agency_id))

ByMonth = dict[date, dict[str, Side]]


def nation(months: Sequence[date]) -> dict[date, Side]:
    """The whole country in each month: what its two groups of agencies come to."""
    return {month: Side(coarse.summed([each.line for each in groups.values()]),
                        sum((Counter(each.counts) for each in groups.values()), Counter()))
            for month, groups in by_group(months).items()}


def by_value(side: str, wholes: Mapping[date, Side], values: Sequence[str], today: date) -> ByMonth:
    """How the values of a side share out wholes by month, and REST: sectors by id, procedures by code."""
    counted = _tallied(side, list(wholes), values, NATION)
    return {month: _shared(whole, {value: counted[month, value] for value in values},
                           side in MOVING and month >= month_of(today)) for month, whole in wholes.items()}


def channels(months: Sequence[date], today: date) -> ByMonth:
    """The whole country by channel. What was received is the sum of what the agencies received so."""
    found = by_value("channel", nation(months), CHANNELS, today)
    received = received_by_channel(months)
    for month, values in found.items():
        summed = _summed(received[month].values())
        for value, name in zip(values, BY_CHANNEL, strict=True):
            values[value] = Side(values[value].line | {"received": summed[name]}, values[value].counts)
    return found


def of_agency(side: str, agency_id: int, whole: Line, values: Sequence[str], today: date) -> dict[str, Line]:
    """An agency's last twelve months, of which `whole` is the line, by sector or level: always in steps, since the
    country's figures by the same side are said without them."""
    months = months_back(today, YEAR)
    counts: dict[str, dict[str, int]] = {value: {} for value in values}
    for value, *ns in reading.rows(_SUMMED, side=side, agency_id=agency_id, values=[*values], months=months):
        counts[value] = _named(ns)
    true = reading.rows(_WHOLE, agency_id=agency_id, months=months)[0]
    return {value: each.line for value, each in _shared(Side(whole, _named(true)), counts, True).items()}


def by_agency(months: Sequence[date]) -> dict[date, dict[int, Line]]:
    """Of each month, the figures of each agency by its id, received by channel too."""
    received = received_by_channel(months)
    none: dict[str, Number] = dict.fromkeys(BY_CHANNEL, 0)
    found: dict[date, dict[int, Line]] = {month: {} for month in months}
    for kept, agency_id, *counts in reading.rows(_BY_AGENCY, months=[*months]):
        month = reading.day(kept)
        if any(counts):
            found[month][agency_id] = coarse.of_month(tuple(counts)) | received[month].get(agency_id, none)
    return found


def received_by_channel(months: Sequence[date], agency_id: int | None = None) -> dict[
        date, dict[int, dict[str, Number]]]:
    """Of each month, how each agency, or one, received what it did: the counts of BY_CHANNEL by its id."""
    found: dict[date, dict[int, dict[str, Number]]] = {month: {} for month in months}
    for month, of, n, told in _received(months, agency_id):
        found[month][of] = coarse.by_channel(n, told)
    return found


def summed_by_channel(months: Sequence[date]) -> dict[date, dict[str, Number]]:
    """The same of the whole country."""
    received: dict[date, list[tuple[int, tuple[int, ...]]]] = {month: [] for month in months}
    for month, _of, n, told in _received(months):
        received[month].append((n, told))
    return {month: _country_by_channel(tuple(each)) for month, each in received.items()}


def carried(month: date, now: Mapping[int, Line]) -> dict[int, Number]:
    """How many dossiers each agency had open when a month began, by its id; `now`: what each has open."""
    since, none = queries.by_agency(month, date.max), coarse.line({})
    return {of: coarse.carried(now.get(of, none), since.get(of, none)) for of in since.keys() | now.keys()}


def _received(months: Sequence[date], agency_id: int | None = None) -> Iterator[tuple[
        date, int, int, tuple[int, ...]]]:
    """The month, the agency, how many it received, and how many of these by each of CHANNELS: true counts."""
    rows = reading.rows(_RECEIVED, months=[*months]) if agency_id is None else reading.rows(
        _RECEIVED_OF, months=[*months], agency_id=agency_id)
    agencies = [*{of for _kept, of, _n in rows}]
    told = {row[:2]: row[2:] for row in reading.rows(_BY_CHANNEL, months=[*months], agencies=agencies)}
    for kept, of, n in rows:
        yield reading.day(kept), of, n, told.get((kept, of), (0,) * len(CHANNELS))


@lru_cache(maxsize=100)
def _country_by_channel(received: tuple[tuple[int, tuple[int, ...]], ...]) -> dict[str, Number]:
    """What the country received in one month by channel, from what each agency did: full months seldom change."""
    return _summed(coarse.by_channel(n, told) for n, told in received)


def _tallied(side: str, months: Sequence[date], values: Collection[str], agency_id: int) -> dict[
        tuple[date, str], dict[str, int]]:
    counted: dict[tuple[date, str], dict[str, int]] = defaultdict(dict)
    for month, value, *ns in reading.rows(_TALLIED, side=side, agency_id=agency_id, values=[*values], months=[*months]):
        counted[reading.day(month), value] = _named(ns)
    return counted


def _named(ns: Iterable[int | None]) -> dict[str, int]:
    """Counts of the measures of PARTED by their names."""
    return {FIELDS[measure]: int(n or 0) for measure, n in zip(PARTED, ns, strict=True)}


def _shared(whole: Side, counts: Mapping[str, Mapping[str, int]], moving: bool) -> dict[str, Side]:
    """How the values share out a whole, each measure by itself."""
    names = [FIELDS[measure] for measure in PARTED]
    rest = {name: max(whole.counts.get(name, 0) - sum(each.get(name, 0) for each in counts.values()), 0)
            for name in names}
    rows = {**counts, REST: rest}
    said: dict[str, dict[str, Number]] = {value: {} for value in rows}
    for name in names:
        parts = [row.get(name, 0) for row in rows.values()]
        numbers = [stepped(n) for n in parts] if moving else parted(whole.line[name], parts)
        for value, number in zip(rows, numbers, strict=True):
            said[value][name] = number
    return {value: Side(coarse.line(said[value]), row) for value, row in rows.items()}


def _summed(each: Iterable[Mapping[str, Number]]) -> dict[str, Number]:
    all_of_them = list(each)
    return {name: total(one[name] for one in all_of_them) for name in BY_CHANNEL}
