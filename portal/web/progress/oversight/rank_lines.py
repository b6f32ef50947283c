"""Ranks over years as lines: first place on top, broken where years may not be compared."""
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from portal.oversight.rankings.queries import YearOf

LEFT, RIGHT = 4.0, 96.0  # of a hundred, across
TOP, ROW, TALLEST = 24, 26, 320  # pixels
MOST_LINES = 8


@dataclass(frozen=True)
class Dot:
    """A place: `x` of a hundred, `y` in pixels."""

    x: float
    y: float
    year: int
    rank: int


@dataclass(frozen=True)
class Line:
    """A member's places, with the strokes between those that may be compared. `colour`: which of the eight."""

    key: str
    name: str
    colour: int
    dots: list[Dot]
    strokes: list[tuple[Dot, Dot]]
    ranks: list[int | None]


@dataclass(frozen=True)
class Lines:
    """`years`: (year, x, published here); `breaks`: x between years that may not be compared; `height` in pixels;
    `ticks`: (rank, y)."""

    years: list[tuple[int, float, bool]]
    breaks: list[float]
    lines: list[Line]
    height: int
    ticks: list[tuple[int, float]]


def lines(years: Sequence[YearOf], members: Sequence[str] | None = None) -> Lines | None:
    """The chart of a group; of these members, else of those with most places known, the best first. None where no
    member has places in two years."""
    ranks = {key: {one.year: place[1] for one in years if (place := one.places.get(key)) and place[1]}
             for one in years for key in one.places}
    chosen = [key for key in members if ranks.get(key)] if members is not None else _told_most(ranks)
    if not chosen or all(len(ranks[key]) < 2 for key in chosen):
        return None
    lowest = max(rank for key in chosen for rank in ranks[key].values() if rank)
    row = min(ROW, TALLEST / max(lowest - 1, 1))
    across = _across([one.year for one in years])
    names = {key: name for one in years for key, (name, _rank) in one.places.items()}
    made = [_line(key, names[key], n, years, ranks[key], across, row) for n, key in enumerate(chosen)]
    breaks = [(across[one.year] + across[other.year]) / 2 for one, other in pairwise(years) if _apart(one, other)]
    ticks = sorted({1, lowest, *(round(1 + (lowest - 1) * part / 4) for part in (1, 2, 3))})
    return Lines([(one.year, across[one.year], one.here) for one in years], breaks, made,
                 round(TOP + (lowest - 1) * row + 44), [(tick, TOP + (tick - 1) * row) for tick in ticks])


def _told_most(ranks: Mapping[str, Mapping[int, int | None]]) -> list[str]:
    ordered = sorted((key for key in ranks if len(ranks[key]) > 1), key=lambda key: (
        -len(ranks[key]), min(rank for rank in ranks[key].values() if rank), key))
    return ordered[:MOST_LINES]


def _across(years: Sequence[int]) -> dict[int, float]:
    """By their distance in time, so that a gap of years is one to the eye."""
    first, last = years[0], years[-1]
    return {year: round(LEFT + (RIGHT - LEFT) * (year - first) / max(last - first, 1), 2) for year in years}


def _apart(one: YearOf, other: YearOf) -> bool:
    return one.method != other.method or not (one.comparable and other.comparable)


def _line(key: str, name: str, colour: int, years: Sequence[YearOf], ranks: Mapping[int, int | None],
          across: Mapping[int, float], row: float) -> Line:
    dots = {year: Dot(across[year], TOP + (rank - 1) * row, year, rank) for year, rank in ranks.items() if rank}
    strokes = [(dots[one.year], dots[other.year]) for one, other in pairwise(years)
               if not _apart(one, other) and one.year in dots and other.year in dots]
    return Line(key, name, colour, list(dots.values()), strokes, [ranks.get(one.year) for one in years])
