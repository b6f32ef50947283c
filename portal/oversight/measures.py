"""What the portal knows of an agency by itself, from its own data: one number with its unit, denominator and the facts
that it was counted from. Reports are filled in with it, probes look at it, indices and live figures are made of it.

A measure that cannot be told says why (`value` None) and is never a zero. A new one: a function for all agencies at
once, and its line in MEASURES.
"""
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from portal.catalogue import queries as catalogue
from portal.exchange import connections
from portal.kit.text import N_
from portal.people.models import Agency


@dataclass(frozen=True)
class Known:
    """`value` of `denominator` (None where it is no share); `facts`: plain values; `why`: the name of the reason where
    nothing can be told (WHY_WORDS)."""

    value: int | None
    denominator: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    why: str = ""


Look = Callable[[Collection[Agency], date, date], dict[int, Known]]


@dataclass(frozen=True)
class Measure:
    """`unit` as of figures.UNIT_WORDS. `look`: of these agencies, from the first to the last day, by agency id."""

    words: str
    unit: str
    look: Look


def _connected(agencies: Collection[Agency], _first: date, last: date) -> dict[int, Known]:
    since = {line.id: line.since for line in connections.known().lines(last)}
    return {one.id: Known(int(since[one.id] is not None), facts={"since": _iso(since[one.id])}) if one.id in since
            else Known(None, why="no_such_agency") for one in agencies}


def _services_at(level: int) -> Look:
    def look(agencies: Collection[Agency], _first: date, _last: date) -> dict[int, Known]:
        counts, _all = catalogue.level_counts()
        found = {}
        for one in agencies:
            by_level = counts.get(one.key, {})
            total = sum(by_level.values())
            found[one.id] = Known(sum(n for at, n in by_level.items() if at >= level), total) if total \
                else Known(None, why="no_services")
        return found
    return look


MEASURES: Mapping[str, Measure] = {
    "connected": Measure(N_("The document system is connected"), "agencies", _connected),
    "services_level_3": Measure(N_("Services at level 3 or above"), "services", _services_at(3)),
    "services_level_4": Measure(N_("Services at level 4"), "services", _services_at(4)),
}
WHY_WORDS: Mapping[str, str] = {
    "no_such_agency": N_("The agency did not exist on that day."),
    "no_services": N_("The catalogue knows no service of this agency."),
    "unknown": N_("This release knows no such measure.")}


def look(measure: str, agencies: Collection[Agency], first: date, last: date) -> dict[int, Known]:
    """What is known of each agency, by its id, of the days from `first` to `last`."""
    if measure not in MEASURES:
        return {one.id: Known(None, why="unknown") for one in agencies}
    return MEASURES[measure].look(agencies, first, last)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
