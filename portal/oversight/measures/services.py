"""What agencies offer by today's catalogue, and whether they publish how dossiers progress."""
from collections.abc import Callable, Collection
from datetime import date
from typing import Any

from portal.catalogue import coverage
from portal.catalogue import queries as catalogue
from portal.catalogue.coverage import Coverage
from portal.intake import criteria, publishers
from portal.kit import clock
from portal.oversight.measures.known import Known, Look, cannot, existed, is_now
from portal.people.models import Agency

ONLINE = 3


def offered(agencies: Collection[Agency], _first: date, last: date) -> dict[int, Known]:
    """Services in the catalogue, at any level."""
    return _by_level(agencies, last, lambda by_level: Known(sum(by_level.values()), facts=_levels(by_level)))


def at_level(least: int) -> Look:
    """Those at this level or above, out of all."""
    def look(agencies: Collection[Agency], _first: date, last: date) -> dict[int, Known]:
        return _by_level(agencies, last, lambda by_level: Known(
            sum(n for at, n in by_level.items() if at >= least), sum(by_level.values()), _levels(by_level)))
    return look


def assigned(agencies: Collection[Agency], _first: date, last: date) -> dict[int, Known]:
    """Of the services that were assigned to it: can be filed online today."""
    counts = coverage.by_agency(clock.today())

    def say(agency: Agency) -> Known:
        found = counts.get(agency.id, {}).get("assigned", Coverage())
        return Known(found.deployed, found.total, {"level_4": found.deployed_4}) if found.total \
            else cannot("no_services")
    return _of_today(agencies, last, say)


def publishing(agencies: Collection[Agency], _first: date, last: date) -> dict[int, Known]:
    """By the three rules of intake.criteria, on any day; services are those of today's catalogue."""
    return _seen(agencies, last, lambda seen, on: Known(int(_verdict(seen, on).publishes), facts={
        "fresh": _verdict(seen, on).fresh, "complete": _verdict(seen, on).complete,
        "few_rejects": _verdict(seen, on).few_rejects, "last": seen.last_at.isoformat() if seen.last_at else None,
        "told": seen.told, "offered": seen.offered}))


def published(agencies: Collection[Agency], _first: date, last: date) -> dict[int, Known]:
    """Of the procedures that are offered online: those in sectors of which dossiers of the year before are
    published."""
    return _seen(agencies, last, lambda seen, _on: Known(seen.told, seen.offered) if seen.offered
                 else cannot("no_services"))


def _by_level(agencies: Collection[Agency], last: date, say: Callable[[dict[int, int]], Known]) -> dict[int, Known]:
    counts, _all = catalogue.level_counts()
    return _of_today(agencies, last, lambda one: say(counts[one.key]) if sum(counts.get(one.key, {}).values())
                     else cannot("no_services"))


def _of_today(agencies: Collection[Agency], last: date, say: Callable[[Agency], Known]) -> dict[int, Known]:
    """The catalogue has no past: it says nothing of a day that is over."""
    return {one.id: cannot("only_today") if not is_now(last) else say(one) if existed(one, last, last)
            else cannot("no_such_agency") for one in agencies}


def _seen(agencies: Collection[Agency], last: date,
          say: Callable[[criteria.Activity, date], Known]) -> dict[int, Known]:
    on = min(last, clock.today())
    lines = {line.id: line for line in publishers.existing(on)}
    asked = [lines[one.id] for one in agencies if one.id in lines]
    seen = publishers.activity(on, asked) if asked else {}
    return {one.id: say(seen[one.id], on) if one.id in seen else cannot("no_such_agency") for one in agencies}


def _verdict(seen: criteria.Activity, on: date) -> criteria.Verdict:
    return criteria.judge(seen, on, catalogue.calendar())


def _levels(by_level: dict[int, int]) -> dict[str, Any]:
    return {f"level_{at}": n for at, n in sorted(by_level.items())}
