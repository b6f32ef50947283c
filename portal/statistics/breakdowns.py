"""The figures by side: sector, procedure, level, channel, agency; by month. From counters alone, never from records.

Everything that leaves this file is as it may be published; `counts` beside it are for what shares it out further.
"""
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Date, bindparam, func, literal_column, select, union_all

from portal.kit.hot import reading
from portal.statistics import coarse, queries
from portal.statistics.coarse import Line
from portal.statistics.disclosure import Number, parted, stepped, total
from portal.statistics.figures import BY_CHANNEL, CHANNELS, FIELDS
from portal.statistics.measures import Measure, month_of, months_back
from portal.statistics.models import ProgressMonth, ProgressSide
from portal.statistics.queries import COUNTS, YEAR, Side, by_group

NATION = 0
REST = ""  # what belongs to no value
MOVING = frozenset({"sector", "procedure"})  # while their month runs, they stand in steps
LEVELS = ("4", "3", "2", "1")
PARTED = tuple(measure for measure in FIELDS if measure is not Measure.dropped)
NAMES = tuple(FIELDS[measure] for measure in PARTED)
_side: Any = ProgressSide.__table__
_month: Any = ProgressMonth.__table__
_PARTS = tuple(_side.c[measure] for measure in PARTED)
_TALLIED = select(_side.c.month, _side.c.value, *_PARTS).where(
    _side.c.side == bindparam("side"), _side.c.agency_id == bindparam("agency_id"),
    reading.among(_side.c.value, "values"), reading.among(_side.c.month, "months"))
# a piece of the key for each side; looking up each value and month in it would take longer
_SUMMED = select(_side.c.side, _side.c.value, *map(func.sum, _PARTS)).where(
    reading.among(_side.c.side, "sides"), _side.c.agency_id == bindparam("agency_id"),
    _side.c.month.between(bindparam("first", type_=Date), bindparam("last", type_=Date))
    ).group_by(_side.c.side, _side.c.value)
_BY_AGENCY = select(_month.c.month, _month.c.agency_id, *COUNTS).where(reading.among(_month.c.month, "months"))
# what each agency received in a month, and under a channel's name how much of it was told of that
_RECEIVED = union_all(
    select(_month.c.month, _month.c.agency_id, literal_column("''").label("channel"), _month.c.received)
    .where(reading.among(_month.c.month, "months"), _month.c.received != 0),
    select(_side.c.month, _side.c.agency_id, _side.c.value, _side.c.received)
    .where(_side.c.side == "channel", _side.c.value != "", _side.c.agency_id > NATION,
           reading.among(_side.c.month, "months"))).subquery()
_BY_CHANNEL = select(_RECEIVED.c.month, reading.together(
    _RECEIVED.c.agency_id, _RECEIVED.c.channel, _RECEIVED.c.received)).group_by(_RECEIVED.c.month)
_CHANNELS_OF = select(_side.c.month, _side.c.value, _side.c.received).where(
    _side.c.side == "channel", _side.c.agency_id == bindparam("agency_id"), reading.among(_side.c.month, "months"))

ByMonth = dict[date, dict[str, Side]]


def nation(months: Sequence[date]) -> dict[date, Side]:
    """The whole country in each month: what its two groups of agencies come to."""
    return {month: Side(coarse.summed([each.line for each in groups.values()]),
                        {name: sum(each.counts.get(name, 0) for each in groups.values()) for name in NAMES})
            for month, groups in by_group(months).items()}


def by_value(side: str, wholes: Mapping[date, Side], values: Sequence[str], today: date) -> ByMonth:
    """How the values of a side share out wholes by month, and REST: sectors by id, procedures by code."""
    counted = _tallied(side, list(wholes), values, NATION)
    none = (0,) * len(PARTED)
    return {month: _shared(whole, {value: counted.get((month, value), none) for value in values},
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


def of_agency(agency_id: int, whole: Side, sides: Mapping[str, Sequence[str]], today: date) -> dict[
        str, dict[str, Line]]:
    """An agency's last twelve months, `whole`, by sector and level; `sides`: the values of each. Always in steps,
    since the country's figures by the same sides are said without them."""
    last, *_between, first = months_back(today, YEAR)
    counted = {row[:2]: row[2:] for row in reading.rows(
        _SUMMED, sides=[*sides], agency_id=agency_id, first=first, last=last)}
    none = (0,) * len(PARTED)
    return {side: {value: each.line for value, each in _shared(
        whole, {value: counted.get((side, value), none) for value in values}, True).items()}
        for side, values in sides.items()}


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


def received_by_channel(months: Sequence[date]) -> dict[date, Mapping[int, Line]]:
    """Of each month, how each agency received what it did: the counts of BY_CHANNEL by its id."""
    return {month: _by_channel(told) for month, told in _received(months).items()}


def summed_by_channel(months: Sequence[date]) -> dict[date, Line]:
    """The same of the whole country."""
    return {month: _country_by_channel(told) for month, told in _received(months).items()}


def channels_of(agency_id: int, received: Mapping[date, int]) -> dict[date, Line]:
    """The same of one agency, by the months in which it received so many."""
    told: dict[date, dict[str, int]] = defaultdict(dict)
    for month, channel, n in reading.rows(_CHANNELS_OF, agency_id=agency_id, months=[*received]):
        told[reading.day(month)][channel] = n
    return {month: _of_channels(n, told[month]) if n else {} for month, n in received.items()}


def carried(month: date, now: Mapping[int, Line]) -> dict[int, Number]:
    """How many dossiers each agency had open when a month began, by its id; `now`: what each has open."""
    since, none = queries.by_agency(month, date.max), coarse.line({})
    return {of: coarse.carried(now.get(of, none), since.get(of, none)) for of in since.keys() | now.keys()}


def _received(months: Sequence[date]) -> dict[date, str]:
    """Of each month, what every agency received and was told of each channel, as one text."""
    return dict.fromkeys(months, "[]") | {
        reading.day(month): said for month, said in reading.rows(_BY_CHANNEL, months=[*months])}


@lru_cache(maxsize=50)
def _by_channel(said: str) -> Mapping[int, Line]:
    """What each agency received in one month by channel, of those that received anything: true counts, read once."""
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    for agency_id, channel, n in json.loads(said):
        counts[agency_id][channel] = n
    return {of: _of_channels(told[REST], told) for of, told in counts.items() if REST in told}


@lru_cache(maxsize=50)
def _country_by_channel(said: str) -> Line:
    """What the country received in one month by channel, from what each agency did: full months seldom change."""
    return _summed(_by_channel(said).values())


def _of_channels(received: int, told: Mapping[str, int]) -> Line:
    return coarse.by_channel(received, tuple([told.get(channel, 0) for channel in CHANNELS]))


def _tallied(side: str, months: Sequence[date], values: Collection[str], agency_id: int) -> dict[
        tuple[date, str], tuple[int, ...]]:
    return {(reading.day(row[0]), row[1]): row[2:] for row in reading.rows(
        _TALLIED, side=side, agency_id=agency_id, values=[*values], months=[*months])}


def _shared(whole: Side, counts: Mapping[str, tuple[int, ...]], moving: bool) -> dict[str, Side]:
    """How the values share out a whole, each measure by itself; `counts`: of the measures of PARTED in turn."""
    columns = [*zip(*counts.values(), strict=True)] or [()] * len(NAMES)
    rest = [max(whole.counts.get(name, 0) - sum(parts), 0) for name, parts in zip(NAMES, columns, strict=True)]
    rows = {**counts, REST: tuple(rest)}
    lines = map(_in_steps, rows.values()) if moving else map(_said, zip(*(
        _parted(whole.line[name], (*parts, left))
        for name, parts, left in zip(NAMES, columns, rest, strict=True)), strict=True))
    return {value: Side(line, _named(row)) for (value, row), line in zip(rows.items(), lines, strict=True)}


# of pages of which few lines changed since the last time, few are worked out again
@lru_cache(maxsize=coarse.PARTS)
def _named(counts: tuple[int, ...]) -> Mapping[str, int]:
    """Counts of the measures of PARTED by their names."""
    return dict(zip(NAMES, counts, strict=True))


@lru_cache(maxsize=coarse.MOST)
def _in_steps(counts: tuple[int, ...]) -> Line:
    return _said(tuple(map(stepped, counts)))


def _said(numbers: tuple[Number, ...]) -> Line:
    return coarse.of_parts(NAMES, numbers)


@lru_cache(maxsize=400)
def _parted(whole: Number, parts: tuple[int, ...]) -> Sequence[Number]:
    return parted(whole, parts)


def _summed(each: Iterable[Mapping[str, Number]]) -> Line:
    all_of_them = list(each)
    return {name: total(one[name] for one in all_of_them) for name in BY_CHANNEL}
