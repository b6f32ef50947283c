"""Which agencies are connected on a day, as figures that can be checked: never a number without its indicator, unit,
denominator, day and source.

An agency counts as connected on a day that one of its connections covers; bodies under it (a department, a commune)
that take part do not make it so. The denominator is every agency that there was on the day. Before the first
connection that this portal knows of a group only what was published is told, as published: which agencies these were,
nobody says.
"""
import csv
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import select

from portal.exchange.models import Connection, Participant, ParticipantState
from portal.kit import clock
from portal.kit.db import session
from portal.kit.text import N_
from portal.people.models import Agency
from portal.statistics.queries import CENTRAL, PROVINCES, group_of, name_key

GROUPS = (CENTRAL, PROVINCES)
COUNTED = N_("Counted by this portal from the connections that it knows")
PUBLISHED = Path(__file__).parent / "data" / "published.csv"
DAY = timedelta(days=1)


class Figure(NamedTuple):
    """A count of agencies. `indicator`: agencies_connected or agencies_not_connected; `group`: central or provinces;
    `denominator`: None where the source names none; `on`: the day that it speaks of; `as_published`: the source's own
    words, None where the portal counted (then `source` is COUNTED)."""

    indicator: str
    group: str
    value: int
    unit: str
    denominator: int | None
    on: date
    source: str
    as_published: str | None = None

    @property
    def is_counted(self) -> bool:
        return self.as_published is None


class Span(NamedTuple):
    """A connection: from which day to which (None: it goes on), and who says so."""

    agency_id: int
    since: date
    until: date | None
    source: str

    def covers(self, on: date) -> bool:
        return self.since <= on and (self.until is None or on <= self.until)


@dataclass(frozen=True)
class Line:
    """An agency on a day. `since`: the first day of its connection, without a gap up to this one; None: it has none.
    `below`: how many bodies under it are connected."""

    id: int
    key: str
    name: str
    group: str
    since: date | None = None
    spans: Sequence[Span] = ()
    below: int = 0

    @property
    def is_connected(self) -> bool:
        return self.since is not None


@dataclass(frozen=True)
class Known:
    """Every agency that is or was, every connection of each, and of the bodies under it from which day to which they
    took part; by the agency's id. Read once, asked for many days."""

    agencies: Sequence[Any]
    spans: Mapping[int, Sequence[Span]]
    below: Mapping[int, Sequence[Span]]

    def lines(self, on: date) -> list[Line]:
        """The agencies that there were on a day, in the order of their Vietnamese names."""
        return [self._line(one, on) for one in self.agencies
                if (one.valid_from or on) <= on <= (one.valid_to or on)]

    def figures(self, on: date) -> list[Figure]:
        """Of each group what is counted, where the portal knows connections up to this day, and the newest published
        figure of each indicator up to it."""
        lines = self.lines(on)
        return [*(_counted(lines, group, on) for group in GROUPS if self._begun(group) <= on),
                *_newest_published(on)]

    def _begun(self, group: str) -> date:
        """The first day from which connections of this group are known."""
        groups = {one.id: group_of(one.kind) for one in self.agencies}
        return min((span.since for agency_id, spans in self.spans.items() if groups.get(agency_id) == group
                    for span in spans), default=date.max)

    def _line(self, agency: Any, on: date) -> Line:
        spans = self.spans.get(agency.id, ())
        return Line(agency.id, agency.key, agency.name, group_of(agency.kind), unbroken(spans, on),
                    [span for span in spans if span.covers(on)],
                    sum(span.covers(on) for span in self.below.get(agency.id, ())))


def known() -> Known:
    """Read them."""
    table: Any = Agency.__table__
    agencies = session.execute(select(*(table.c[name] for name in (
        "id", "key", "name", "kind", "valid_from", "valid_to")))).all()
    return Known(sorted(agencies, key=lambda one: name_key(one.name)), _by_agency(_connections()),
                 _by_agency(_bodies_below()))


def unbroken(spans: Iterable[Span], on: date) -> date | None:
    """Since when the spans cover the days up to this one without a gap; None where none covers it."""
    since = None
    for span in sorted(spans, key=lambda one: one.since, reverse=True):
        if span.since > on:
            continue
        if span.until is None or span.until >= (on if since is None else since - DAY):
            since = span.since if since is None else min(since, span.since)
    return since


@cache
def published() -> tuple[Figure, ...]:
    """What was published of days for which nobody told which agencies, the oldest first."""
    with PUBLISHED.open(encoding="utf-8", newline="") as file:
        return tuple(Figure(row["indicator"], row["group"], int(row["value"]), "agencies",
                            int(row["denominator"]) if row["denominator"] else None, date.fromisoformat(row["on"]),
                            row["source"], row["as_published"]) for row in csv.DictReader(file))


def headline(figures: Iterable[Figure], group: str) -> Figure | None:
    """How many of a group are connected: as counted, else as published last."""
    found = [one for one in figures if (one.indicator, one.group) == ("agencies_connected", group)]
    return next((one for one in found if one.is_counted), found[0] if found else None)


def participants(agencies: Collection[int] | None) -> Sequence[Participant]:
    """Who takes part of these agencies, or of all: those of whom the alarm was raised first, then by code."""
    query = select(Participant).where(Participant.state == ParticipantState.connected).order_by(
        Participant.silent_since.is_(None), Participant.code, Participant.id)
    return session.scalars(query if agencies is None else query.where(Participant.agency_id.in_(agencies))).all()


def silent() -> Sequence[Participant]:
    """Those of whom the alarm was raised, who were silent first at the head."""
    return session.scalars(select(Participant).where(
        Participant.state == ParticipantState.connected, Participant.silent_since.is_not(None)).order_by(
        Participant.silent_since, Participant.id)).all()


def _newest_published(on: date) -> list[Figure]:
    newest = {(one.indicator, one.group): one for one in published() if one.on <= on}
    return [*newest.values()]


def _counted(lines: Sequence[Line], group: str, on: date) -> Figure:
    those = [line for line in lines if line.group == group]
    return Figure("agencies_connected", group, sum(line.is_connected for line in those), "agencies", len(those), on,
                  COUNTED)


def _connections() -> Iterable[Span]:
    rows = session.execute(select(Connection.agency_id, Connection.since, Connection.until, Connection.source))
    return (Span(*row) for row in rows)


def _bodies_below() -> Iterable[Span]:
    """Those that take part, or did, for a unit of an agency or under an id below its own."""
    rows = session.execute(select(Participant.agency_id, Participant.connected_at, Participant.ended_at).where(
        Participant.connected_at.is_not(None), Participant.unit_id.is_not(None) | Participant.code.contains(".")))
    return (Span(agency_id, clock.day_of(since), clock.day_of(until) if until else None, "")
            for agency_id, since, until in rows if agency_id and since)


def _by_agency(spans: Iterable[Span]) -> Mapping[int, Sequence[Span]]:
    found: defaultdict[int, list[Span]] = defaultdict(list)
    for span in spans:
        found[span.agency_id].append(span)
    return found
