"""The figures broken down by sector, procedure, level and channel; by month. From counters alone, never from records.

What a breakdown does not show has a line of its own, REST, so that its lines add up to the whole: what belongs to no
value and, below the nation, the dossiers of sensitive procedures (`catalogue/sensitive.py`).
"""
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Date, bindparam, func, literal_column, select, union_all

from portal.kit.hot import reading
from portal.statistics import queries
from portal.statistics.figures import BY_CHANNEL, CHANNELS, FIELDS, NOTHING, Line, summed
from portal.statistics.measures import NATION, months_back
from portal.statistics.models import ProgressMonth, ProgressSide
from portal.statistics.queries import COUNTS, YEAR, line_of

REST = ""  # what is not shown
LEVELS = ("4", "3", "2", "1")
_side: Any = ProgressSide.__table__
_month: Any = ProgressMonth.__table__
_COUNTS = tuple(_side.c[measure] for measure in FIELDS)
_TALLIED = select(_side.c.month, _side.c.value, *_COUNTS).where(
    _side.c.side == bindparam("side"), _side.c.agency_id == bindparam("agency_id"),
    reading.among(_side.c.value, "values"), reading.among(_side.c.month, "months"))
# a piece of the key for each dimension; looking up each value and month in it would take longer
_SUMMED = select(_side.c.side, _side.c.value, *map(func.sum, _COUNTS)).where(
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

ByMonth = dict[date, dict[str, Line]]


def by_value(dimension: str, wholes: Mapping[date, Line], values: Sequence[str]) -> ByMonth:
    """How the values of a dimension share out wholes of the nation by month, and REST. Sectors by id, procedures by
    code."""
    counted = {(reading.day(row[0]), row[1]): line_of(row[2:]) for row in reading.rows(
        _TALLIED, side=dimension, agency_id=NATION, values=[*values], months=[*wholes])}
    return {month: _with_rest(whole, {value: counted.get((month, value), NOTHING) for value in values})
            for month, whole in wholes.items()}


def of_agency(agency_id: int, whole: Line, dimensions: Mapping[str, Sequence[str]], today: date) -> dict[
        str, dict[str, Line]]:
    """An agency's last twelve months, `whole`, by sector and level; `dimensions`: the values of each."""
    last, *_between, first = months_back(today, YEAR)
    counted = {(row[0], row[1]): line_of(row[2:]) for row in reading.rows(
        _SUMMED, sides=[*dimensions], agency_id=agency_id, first=first, last=last)}
    return {dimension: _with_rest(whole, {value: counted.get((dimension, value), NOTHING) for value in values})
            for dimension, values in dimensions.items()}


def by_agency(months: Sequence[date]) -> dict[date, dict[int, Line]]:
    """Of each month, the figures of each agency by its id, received by channel too."""
    received = received_by_channel(months)
    none = dict.fromkeys(BY_CHANNEL, 0)
    found: dict[date, dict[int, Line]] = {month: {} for month in months}
    for kept, agency_id, *counts in reading.rows(_BY_AGENCY, months=[*months]):
        month = reading.day(kept)
        if any(counts):
            found[month][agency_id] = {**line_of(counts), **received[month].get(agency_id, none)}
    return found


def received_by_channel(months: Sequence[date]) -> dict[date, Mapping[int, Line]]:
    """Of each month, how each agency received what it did: the counts of BY_CHANNEL by its id."""
    told = dict.fromkeys(months, "[]") | {
        reading.day(month): text for month, text in reading.rows(_BY_CHANNEL, months=[*months])}
    return {month: _by_channel(text) for month, text in told.items()}


def channels_of(agency_id: int, received: Mapping[date, int]) -> dict[date, Line]:
    """The same of one agency, NATION for the country, by the months in which it received so many."""
    told: dict[date, dict[str, int]] = defaultdict(dict)
    for month, channel, n in reading.rows(_CHANNELS_OF, agency_id=agency_id, months=[*received]):
        told[reading.day(month)][channel] = n
    return {month: _of_channels(n, told[month]) for month, n in received.items()}


def carried(month: date, now: Mapping[int, Line]) -> dict[int, int]:
    """How many dossiers each agency had open when a month began, by its id; `now`: what each has open."""
    since = queries.by_agency(month, date.max)
    return {of: max(now.get(of, NOTHING)["open"] + ended["done"] + ended["dropped"] - ended["received"], 0)
            for of in since.keys() | now.keys() for ended in [since.get(of, NOTHING)]}


@lru_cache(maxsize=50)
def _by_channel(told: str) -> Mapping[int, Line]:
    """What each agency received in one month by channel, of those that received anything: read once, since full
    months seldom change."""
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    for agency_id, channel, n in json.loads(told):
        counts[agency_id][channel] = n
    return {of: _of_channels(told[REST], told) for of, told in counts.items() if REST in told}


def _of_channels(received: int, told: Mapping[str, int]) -> Line:
    parts = [told.get(channel, 0) for channel in CHANNELS]
    return dict(zip(BY_CHANNEL, (*parts, max(received - sum(parts), 0)), strict=True))


def _with_rest(whole: Line, parts: dict[str, Line]) -> dict[str, Line]:
    """The parts of a whole, and what they leave of it."""
    shown = summed(parts.values())
    return parts | {REST: {name: max(n - shown[name], 0) for name, n in whole.items() if name in shown}}
