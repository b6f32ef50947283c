"""Whether an agency is connected, publishes, and has services at a level: from what the portal counts anyway."""
from datetime import date

from portal.catalogue import queries as catalogue
from portal.exchange import connections
from portal.intake import criteria, publishers
from portal.kit.text import N_
from portal.oversight.probes.seen import Asked, Probe, Seen, Want

ONLINE = 3


def _connected(asked: Asked) -> dict[int, Seen]:
    """The document system is connected on that day."""
    since = {line.id: line.since for line in connections.known().lines(asked.day)}
    return {one.id: Seen(since[one.id] is not None, {"since": _iso(since[one.id])}) if one.id in since
            else Seen(None, {"why": "no_such_agency"}) for one in asked.agencies}


def _publishing(asked: Asked) -> dict[int, Seen]:
    """The progress of dossiers is published, by the three rules of intake.criteria."""
    lines = {line.id: line for line in publishers.existing(asked.day)}
    here = [lines[one.id] for one in asked.agencies if one.id in lines]
    calendar, seen = catalogue.calendar(), publishers.activity(asked.day, here) if here else {}
    found = {}
    for one in asked.agencies:
        if one.id not in seen:
            found[one.id] = Seen(None, {"why": "no_such_agency"})
            continue
        verdict = criteria.judge(seen[one.id], asked.day, calendar)
        found[one.id] = Seen(verdict.publishes, {
            "fresh": verdict.fresh, "complete": verdict.complete, "few_rejects": verdict.few_rejects,
            "last": seen[one.id].last_at.isoformat() if seen[one.id].last_at else None,  # type: ignore[union-attr]
            "told": seen[one.id].told, "offered": seen[one.id].offered})
    return found


def _at_level(asked: Asked) -> dict[int, Seen]:
    """Of the services that the agency offers, so many of a hundred are at this level or above, in today's catalogue."""
    level, share = int(asked.wanted["level"]), int(asked.wanted["share"])
    counts, _all = catalogue.level_counts()
    found = {}
    for one in asked.agencies:
        by_level = counts.get(one.key, {})
        total, reached = sum(by_level.values()), sum(n for at, n in by_level.items() if at >= level)
        found[one.id] = Seen(reached * 100 >= share * total, {"offered": total, "reached": reached}) if total \
            else Seen(None, {"why": "no_services"})
    return found


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


PROBES = {
    "connected": Probe(N_("The document system is connected"), _connected),
    "publishing": Probe(N_("The progress of dossiers is published"), _publishing),
    "services_at_level": Probe(N_("Services reach a level"), _at_level, {
        "level": Want(N_("Level"), default=ONLINE, least=1, most=4),
        "share": Want(N_("Of 100 services, at least"), default=100, least=1, most=100)}),
}
