"""How an indicator went over the quarters: lines for a chart, and the same numbers for its table."""
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from portal.oversight.figures import Figure
from portal.web.progress.charts import axis
from portal.web.progress.oversight.figure_rows import value_of

LEFT, RIGHT = 8.0, 96.0  # of a hundred, across
TOP, HIGH = 14, 190  # pixels
LEAST = 2  # days of one line, or there is no course


class Dot(NamedTuple):
    """`x` of a hundred, `y` in pixels."""

    x: float
    y: float


class Course(NamedTuple):
    """One line: its dots, and for the table what was said of each day."""

    name: str
    colour: int
    dots: tuple[Dot, ...]
    strokes: tuple[tuple[Dot, Dot], ...]
    said: tuple[str, ...]


class Courses(NamedTuple):
    """`days`: (day, x); `ticks`: (number, y); `share`: whether they are of a hundred."""

    days: tuple[tuple[date, float], ...]
    ticks: tuple[tuple[int, float], ...]
    lines: tuple[Course, ...]
    share: bool
    height: int = TOP + HIGH + 30


def courses(named: Mapping[str, Sequence[Figure]]) -> Courses | None:
    """A line for each name, over the days that figures are given of. As shares where all of them are, else as numbers.
    None where no line has two days."""
    of = {name: _by_day(figures) for name, figures in named.items() if figures}
    if not any(len(days) >= LEAST for days in of.values()):
        return None
    all_ = [one for days in of.values() for one in days.values()]
    share = all(one.denominator for one in all_)
    most = 100 if share else int(max(one.value for one in all_))
    days = sorted({day for found in of.values() for day in found})
    ticks = axis(most, whole=share) if not share else (0, 25, 50, 75, 100)
    across = {day: _x(day, days) for day in days}
    lines = tuple(_line(name, n, of[name], days, across, share, ticks[-1]) for n, name in enumerate(of))
    return Courses(tuple(across.items()), tuple((tick, _y(Decimal(tick), ticks[-1])) for tick in ticks), lines, share)


def _line(name: str, colour: int, found: Mapping[date, Figure], days: Sequence[date], across: Mapping[date, float],
          share: bool, most: int) -> Course:
    dots = tuple(Dot(across[day], _y((one.percent or Decimal(0)) if share else one.value, most))
                 for day, one in sorted(found.items()))
    return Course(name, colour, dots, tuple(pairwise(dots)), tuple(
        value_of(found[day]) if day in found else "—" for day in days))


def _by_day(figures: Iterable[Figure]) -> dict[date, Figure]:
    """The first of each day: who disagrees stands in the table of that day."""
    found: dict[date, Figure] = {}
    for one in figures:
        found.setdefault(one.on, one)
    return found


def _x(day: date, days: Sequence[date]) -> float:
    """By distance in time, so that a gap of years is one to the eye."""
    span = max((days[-1] - days[0]).days, 1)
    return round(LEFT + (RIGHT - LEFT) * (day - days[0]).days / span, 2)


def _y(value: Decimal, most: int) -> float:
    return round(TOP + HIGH * (1 - float(value) / max(most, 1)), 1)
