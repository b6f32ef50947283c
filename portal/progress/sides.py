"""The figures by side: sector, procedure, level, channel, agency; by month. From counters alone, never from records."""
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import case, func, select

from portal.kit.db import session
from portal.people.models import Agency
from portal.progress.figures import FIELDS, Figures
from portal.progress.measures import Measure
from portal.progress.models import ProgressCount, ProgressTally
from portal.progress.queries import AgencyLine, name_key

NATION = 0
CHANNELS = ("online", "counter", "post")
_tally: Any = ProgressTally.__table__
_count: Any = ProgressCount.__table__
_agency: Any = Agency.__table__
ByMonth = dict[date, dict[str, Figures]]


def tallied(side: str, months: Sequence[date], values: Collection[str] | None = None) -> ByMonth:
    """Of each month, the figures of each value of a side in the whole country: sectors by id, procedures by code."""
    query = select(_tally.c.month, _tally.c.value, _tally.c.measure, _tally.c.n).where(
        _tally.c.side == side, _tally.c.agency_id == NATION, _tally.c.month.in_(months), _tally.c.n != 0)
    if values is not None:
        query = query.where(_tally.c.value.in_(values))
    counted: dict[tuple[date, str], dict[str, int]] = defaultdict(dict)
    for month, value, measure, n in session.execute(query):
        counted[month, value][FIELDS[Measure(measure)]] = n
    found: ByMonth = {month: {} for month in months}
    for (month, value), fields in counted.items():
        found[month][value] = Figures(**fields)
    return found


def nation(months: Sequence[date]) -> dict[date, Figures]:
    """The whole country in each month, received by channel too."""
    query = select(_count.c.month, _count.c.measure, func.sum(_count.c.n)).where(_count.c.month.in_(months))
    counted: dict[date, dict[str, int]] = defaultdict(dict)
    for month, measure, n in session.execute(query.group_by(_count.c.month, _count.c.measure)):
        counted[month][FIELDS[Measure(measure)]] = int(n)
    by_channel = tallied("channel", months)
    return {month: replace(Figures(**counted[month]), **_channels(by_channel[month])) for month in months}


def with_rest(by_month: Mapping[date, Mapping[str, Figures]], whole: Mapping[date, Figures]) -> ByMonth:
    """The same with what belongs to no value, under "": what the whole has beyond the values."""
    found: ByMonth = {}
    for month, values in by_month.items():
        rest = Figures(**{name: max(getattr(whole[month], name) - sum(getattr(f, name) for f in values.values()), 0)
                          for name in FIELDS.values()})
        found[month] = {**values, **({} if rest.nothing else {"": rest})}
    return found


def by_agency(months: Sequence[date]) -> dict[date, dict[int, Figures]]:
    """Of each month, the figures of each agency by its id, received by channel too."""
    counted: dict[tuple[date, int], dict[str, int]] = defaultdict(dict)
    for month, agency_id, measure, n in session.execute(
            select(_count.c.month, _count.c.agency_id, _count.c.measure, _count.c.n)
            .where(_count.c.month.in_(months), _count.c.n != 0)):
        counted[month, agency_id][FIELDS[Measure(measure)]] = n
    for month, agency_id, channel, n in session.execute(
            select(_tally.c.month, _tally.c.agency_id, _tally.c.value, _tally.c.n)
            .where(_tally.c.side == "channel", _tally.c.agency_id != NATION, _tally.c.month.in_(months),
                   _tally.c.measure == Measure.received, _tally.c.value.in_(CHANNELS), _tally.c.n != 0)):
        counted[month, agency_id][channel] = n
    found: dict[date, dict[int, Figures]] = {month: {} for month in months}
    for (month, agency_id), fields in counted.items():
        found[month][agency_id] = Figures(**fields)
    return found


def carried(month: date) -> dict[int, int]:
    """How many dossiers each agency had open when a month began, by its id: received before, neither done nor
    dropped."""
    ends = (Measure.done_early, Measure.done_on_time, Measure.done_late, Measure.dropped)
    signed = case((_count.c.measure == Measure.received, _count.c.n), (_count.c.measure.in_(ends), -_count.c.n),
                  else_=0)
    rows = session.execute(select(_count.c.agency_id, func.sum(signed)).where(_count.c.month < month)
                           .group_by(_count.c.agency_id))
    return {agency_id: max(int(n), 0) for agency_id, n in rows}


def agencies() -> list[AgencyLine]:
    """Every agency that is or was, in the order of the Vietnamese names."""
    rows = session.execute(select(*(_agency.c[name] for name in AgencyLine._fields)))
    return sorted((AgencyLine(*row) for row in rows), key=lambda line: name_key(line.name))


def _channels(values: Mapping[str, Figures]) -> dict[str, int]:
    return {channel: values[channel].received for channel in CHANNELS if channel in values}
