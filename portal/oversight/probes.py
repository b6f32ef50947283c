"""Conditions that the portal measures by itself, from its own data, with the facts that it saw.

A probe that cannot look says so (`passed` is None) and changes nothing. A new one: a function that looks for all
agencies at once, and its line in PROBES.
"""
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from portal.catalogue import queries as catalogue
from portal.exchange import connections
from portal.intake import criteria, publishers
from portal.kit.text import N_
from portal.people.models import Agency

ONLINE = 3


@dataclass(frozen=True)
class Seen:
    """`facts`: plain values, kept as they were seen. `why`: the name of the reason, where it could not look."""

    passed: bool | None
    facts: Mapping[str, Any]


Look = Callable[[Collection[Agency], date, Mapping[str, Any]], dict[int, Seen]]


@dataclass(frozen=True)
class Probe:
    """`wants`: the names of what must be given with it, with what stands where nothing is."""

    words: str
    look: Look
    wants: Mapping[str, int] = field(default_factory=dict)


def _connected(agencies: Collection[Agency], day: date, _wanted: Mapping[str, Any]) -> dict[int, Seen]:
    """The document system is connected on that day."""
    since = {line.id: line.since for line in connections.known().lines(day)}
    return {one.id: Seen(since[one.id] is not None, {"since": _iso(since[one.id])}) if one.id in since
            else Seen(None, {"why": "no_such_agency"}) for one in agencies}


def _publishing(agencies: Collection[Agency], day: date, _wanted: Mapping[str, Any]) -> dict[int, Seen]:
    """The progress of dossiers is published, by the three rules of intake.criteria."""
    lines = {line.id: line for line in publishers.existing(day)}
    asked = [lines[one.id] for one in agencies if one.id in lines]
    calendar, seen = catalogue.calendar(), publishers.activity(day, asked) if asked else {}
    found = {}
    for one in agencies:
        if one.id not in seen:
            found[one.id] = Seen(None, {"why": "no_such_agency"})
            continue
        verdict = criteria.judge(seen[one.id], day, calendar)
        found[one.id] = Seen(verdict.publishes, {
            "fresh": verdict.fresh, "complete": verdict.complete, "few_rejects": verdict.few_rejects,
            "last": seen[one.id].last_at.isoformat() if seen[one.id].last_at else None,  # type: ignore[union-attr]
            "told": seen[one.id].told, "offered": seen[one.id].offered})
    return found


def _at_level(agencies: Collection[Agency], _day: date, wanted: Mapping[str, Any]) -> dict[int, Seen]:
    """Of the services that the agency offers, so many of a hundred are at this level or above, in today's catalogue."""
    level, share = int(wanted.get("level", ONLINE)), int(wanted.get("share", 100))
    counts, _all = catalogue.level_counts()
    found = {}
    for one in agencies:
        by_level = counts.get(one.key, {})
        total, reached = sum(by_level.values()), sum(n for at, n in by_level.items() if at >= level)
        found[one.id] = Seen(reached * 100 >= share * total, {"offered": total, "reached": reached}) if total \
            else Seen(None, {"why": "no_services"})
    return found


PROBES: Mapping[str, Probe] = {
    "connected": Probe(N_("The document system is connected"), _connected),
    "publishing": Probe(N_("The progress of dossiers is published"), _publishing),
    "services_at_level": Probe(N_("Services reach a level"), _at_level, {"level": ONLINE, "share": 100}),
}
WHY_WORDS: Mapping[str, str] = {
    "no_such_agency": N_("The agency did not exist on that day."),
    "no_services": N_("The catalogue knows no service of this agency."),
    "unknown": N_("This release knows no such probe."), "failed": N_("The probe failed and is tried again.")}
FACT_WORDS: Mapping[str, str] = {
    "since": N_("Connected since"), "fresh": N_("Fresh"), "complete": N_("Complete enough"),
    "few_rejects": N_("Few rejects"), "last": N_("Last arrival"), "told": N_("Procedures told"),
    "offered": N_("Offered"), "reached": N_("Reach it")}


def look(probe: str, agencies: Collection[Agency], day: date, wanted: Mapping[str, Any]) -> dict[int, Seen]:
    """What the probe sees at each agency, by its id."""
    if probe not in PROBES:
        return {one.id: Seen(None, {"why": "unknown"}) for one in agencies}
    return PROBES[probe].look(agencies, day, wanted)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
