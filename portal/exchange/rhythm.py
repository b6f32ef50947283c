"""When has somebody fallen silent? By working time, so that nobody is silent for a weekend. Pure.

No regulation sets this: the measures are this portal's own, and the same for everybody.
"""
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import median

from portal.law.calendar import Calendar

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Patience:
    """Working time without a sign of life that nobody is asked about: `times` the usual gap, though at least `least`
    and at most `most`. The usual gap is known from `gaps` of them at least."""

    least: timedelta = 24 * HOUR  # three working days
    most: timedelta = 80 * HOUR  # ten
    times: int = 3
    gaps: int = 4


PATIENCE = Patience()


def usual_gap(days: Sequence[date], calendar: Calendar, patience: Patience = PATIENCE) -> timedelta | None:
    """The working time that usually lies between days on which it was seen; None of too few. A day off counts as the
    working day after it."""
    known = sorted({day for day in days if calendar.first <= day <= calendar.last})
    gaps = [n for a, b in pairwise(known) if (n := calendar.workdays(a, b))]
    if len(gaps) < patience.gaps:
        return None
    return median(gaps) * _day_length(calendar)


def allowed(gap: timedelta | None, patience: Patience = PATIENCE) -> timedelta:
    """How long somebody with this usual gap may stay silent, in working time."""
    return patience.least if gap is None else min(max(patience.times * gap, patience.least), patience.most)


def silent_for(seen_at: datetime, now: datetime, calendar: Calendar) -> timedelta:
    """Working time since the last sign of life; what lies before the calendar is not counted."""
    began = max(seen_at, calendar.next_opening(_first(calendar)))
    return calendar.time_between(began, now) if began < now else timedelta()


def _first(calendar: Calendar) -> datetime:
    return datetime.combine(calendar.first, datetime.min.time(), calendar.tz)


def _day_length(calendar: Calendar) -> timedelta:
    return sum((datetime.combine(date.min, end) - datetime.combine(date.min, start) for start, end in calendar.hours),
               timedelta())
