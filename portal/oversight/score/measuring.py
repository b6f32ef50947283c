"""What the portal measures of the score by itself: for all agencies and their units at once, in a few statements."""
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, func, select, union
from sqlalchemy.sql.selectable import Subquery

from portal.catalogue import queries as catalogue
from portal.catalogue.models import Procedure, Service, ServiceVersion
from portal.dossiers.models import Dossier
from portal.dossiers.states import State
from portal.kit.db import session
from portal.law import deadlines, rule_sets
from portal.law.calendar import Calendar, CalendarEnds
from portal.law.limits import Limit, LimitUnit
from portal.oversight.periods import period_of
from portal.oversight.score.formulas import INDICATORS, points
from portal.oversight.score.judging import ONLINE
from portal.oversight.score.population import Span, count, online_of, own, span, told
from portal.people.models import Agency
from portal.progress.models import ProgressRecord
from portal.progress.updates import PORTAL

WHOLE = 0  # of a unit's number: the agency as a whole
ONLINE_CLASSES = ("whole", "part")
EVERY = ("month", "quarter", "year")


@dataclass(frozen=True)
class Reading:
    """An indicator at an agency or a unit: plain values, as they are kept. `part`, `whole` None: nothing to count."""

    agency_id: int
    unit_id: int
    indicator: str
    part: int | None
    whole: int | None
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def points(self) -> str | None:
        """As kept: a decimal number as text; None where it is not measured."""
        if self.part is None or not self.whole or self.facts.get("why"):
            return None
        return str(points(INDICATORS[self.indicator], self.part, self.whole))


Place = tuple[int, int]
Counts = dict[str, int]


def periods(day: date) -> list[str]:
    """The month, quarter and year in which a day lies."""
    return [period_of(day, every) for every in EVERY]


def measure(period: str, now: datetime, reported: Mapping[int, int] | None = None) -> list[Reading]:
    """Every agency of today with all that can be measured of it, and each of its units that had dossiers. `reported`:
    by agency how many dossiers it says that it received in the period. ValueError for what is no period."""
    of = span(period, now)
    agencies = session.scalars(select(Agency.id).where(Agency.valid_to.is_(None)).order_by(Agency.id)).all()
    mine, theirs = _own_counts(of), _told_counts(of)
    _add_untimed(of, mine, theirs)
    services, used = _services(), _used(of)
    found: list[Reading] = []
    for agency_id in agencies:
        here = {place: counts for place, counts in mine.items() if place[0] == agency_id}
        whole = _sum(here.values())
        found += _dossiers(agency_id, WHOLE, whole, theirs.get(agency_id, {}))
        found += _of_services(agency_id, services.get(agency_id, (0, 0)), used.get(agency_id, 0))
        found.append(_known(agency_id, whole, theirs.get(agency_id, {}), (reported or {}).get(agency_id)))
        for (_agency, unit_id), counts in here.items():
            if unit_id != WHOLE:
                found += _dossiers(agency_id, unit_id, counts, {})
    return found


def _own_counts(of: Span) -> dict[Place, Counts]:
    one = own(of).c
    judged = one.late.table
    counted = {
        "own": func.count(), "own_in_time": count(one.late == 0), "own_decree_in_time": count(one.decree_late == 0),
        "asked_again": count(one.again == 1), "unfinished": count(one.fin.is_(None)),
        "online": count(one.channel == ONLINE), "online_full": count(online_of(judged)),
        "decided": count(one.decided == 1), "giving": count(and_(one.decided == 1, one.paper == 1)),
        "with_file": count(and_(one.decided == 1, one.paper == 1, one.file == 1)),
        "with_all": count(and_(one.decided == 1, one.file == 1, one.papers == 1))}
    return {(agency_id, unit_id or WHOLE): dict(zip(counted, map(int, numbers), strict=True))
            for agency_id, unit_id, *numbers in _grouped(judged, counted)}


def _told_counts(of: Span) -> dict[int, Counts]:
    one = told(of).c
    counted = {"told": func.count(), "told_in_time": count(one.late == 0), "told_again": count(one.again == 1)}
    return {agency_id: dict(zip(counted, map(int, numbers), strict=True))
            for agency_id, _unit, *numbers in _grouped(one.late.table, counted)}


def _grouped(judged: Subquery, counted: Mapping[str, Any]) -> Iterable[Any]:
    by = (judged.c.agency_id, judged.c.unit_id)
    return session.execute(select(*by, *(each.label(name) for name, each in counted.items())).group_by(*by))


def _add_untimed(of: Span, mine: dict[Place, Counts], theirs: dict[int, Counts]) -> None:
    """Dossiers without a due date are judged by their procedure's longest limit: few, so one by one."""
    for row, late in untimed_own(of):
        _count_untimed(mine[row.agency_id, row.unit_id or WHOLE], "own", late)
    for row, late in untimed_told(of):
        _count_untimed(theirs[row.agency_id], "told", late)


def _count_untimed(counts: Counts, kind: str, late: bool | None) -> None:
    name = f"{kind}_untimed" if late is None else f"{kind}_in_time" if not late else f"{kind}_late_by_limit"
    counts[name] = counts.get(name, 0) + 1


def untimed_own(of: Span, where: Any = None) -> Iterator[tuple[Any, bool | None]]:
    """The own dossiers of the period without a due date, each with whether it is late by its procedure's limit."""
    one = own(of, where).c
    rows = session.execute(select(*one, Procedure.code.label("procedure_code")).join(
        Procedure, Procedure.id == one.procedure_id).where(one.late.is_(None)))
    limits = Limits()
    return ((row, limits.late(row)) for row in rows)


def untimed_told(of: Span, where: Any = None) -> Iterator[tuple[Any, bool | None]]:
    """The same of what agencies' own systems tell."""
    one = told(of, where).c
    limits = Limits()
    return ((row, limits.late(row)) for row in session.execute(select(*one).where(one.late.is_(None))))


class Limits:
    """The longest limit of each procedure, and the due dates by it."""

    def __init__(self) -> None:
        self.directory = catalogue.directory()
        self.calendar: Calendar = catalogue.calendar()
        self.longest: dict[str, Limit | None] = {}
        self.rules = rule_sets.at(self.calendar.last)

    def late(self, row: Any) -> bool | None:
        """None where nobody knows a limit; where the law sets none it is in time."""
        limit = self._limit(row.procedure_code)
        if limit is None:
            return None
        due = self.due(row)
        return due is not None and row.judged_at > due

    def due(self, row: Any) -> datetime | None:
        """The due date by the longest limit; None where there is none, or the calendar of working days has ended."""
        limit = self._limit(row.procedure_code)
        try:
            return deadlines.first_due(self.rules, limit, row.received_at, self.calendar) if limit else None
        except CalendarEnds:
            return None

    def _limit(self, code: str) -> Limit | None:
        if code not in self.longest:
            fact = self.directory.by_code.get(code)
            held = self.directory.offering.get(fact.id, {}) if fact else {}
            known = [limit for version in set(held.values())
                     if (limit := self.directory.versions[version].limit).amount is not None
                     or limit.unit == LimitUnit.none]
            self.longest[code] = max(known, key=lambda one: one.amount or 0, default=None)
        return self.longest[code]


def _services() -> dict[int, tuple[int, int]]:
    """By agency: its services online in whole or in part, and all of them."""
    online = count(ServiceVersion.service_class.in_(ONLINE_CLASSES))
    rows = session.execute(select(Service.agency_id, online, func.count()).join(
        ServiceVersion, ServiceVersion.id == Service.version_id).group_by(Service.agency_id))
    return {agency_id: (int(of), int(n)) for agency_id, of, n in rows}


def used_services(of: Span) -> Subquery:
    """The numbers of services for which a dossier was handed in online and accepted in the period."""
    here = select(Dossier.service_id.label("service_id")).where(
        Dossier.state != State.draft, Dossier.channel == ONLINE, Dossier.received_at >= of.begin,
        Dossier.received_at < of.end)
    there = select(Service.id.label("service_id")).join(Procedure, Procedure.id == Service.procedure_id).join(
        ProgressRecord, and_(ProgressRecord.procedure_code == Procedure.code,
                             ProgressRecord.agency_id == Service.agency_id)).where(
        ProgressRecord.source != PORTAL, ProgressRecord.channel == ONLINE, ProgressRecord.received_at >= of.begin,
        ProgressRecord.received_at < of.end)
    return union(here, there).subquery("used")


def _used(of: Span) -> dict[int, int]:
    """By agency: how many of its online services were used online in the period."""
    found = used_services(of)
    rows = session.execute(select(Service.agency_id, func.count()).join(found, found.c.service_id == Service.id).join(
        ServiceVersion, ServiceVersion.id == Service.version_id).where(
        ServiceVersion.service_class.in_(ONLINE_CLASSES)).group_by(Service.agency_id))
    return {agency_id: int(n) for agency_id, n in rows}


def _dossiers(agency_id: int, unit_id: int, mine: Counts, theirs: Counts) -> list[Reading]:
    """What is counted of dossiers at one place."""
    def reading(key: str, part: int, whole: int, **facts: Any) -> Reading:
        return Reading(agency_id, unit_id, key, part if whole else None, whole or None,
                       facts if whole else {**facts, "why": "no_dossiers"})

    n = {**mine, **theirs}
    left_out = n.get("own_untimed", 0) + n.get("told_untimed", 0)
    in_time = n.get("own_in_time", 0) + n.get("told_in_time", 0)
    received = n.get("own", 0) + n.get("told", 0) - left_out
    progress = reading(
        "progress", in_time, received, left_out=left_out, **{name: n.get(name, 0) for name in (
            "own", "own_in_time", "own_decree_in_time", "told", "told_in_time", "asked_again", "unfinished")})
    most = points(INDICATORS["satisfied"], in_time, received)
    satisfied = Reading(agency_id, unit_id, "satisfied", None, None, {
        "why": "ratings" if received else "no_dossiers", "late": received - in_time, "received": received,
        **({"at_most": str(most)} if most is not None else {})})
    return [
        progress, satisfied,
        reading("dossiers_online", n.get("online_full", 0), n.get("own", 0), online=n.get("online", 0),
                told_left_out=n.get("told", 0)),
        reading("electronic_result", n.get("with_file", 0), n.get("giving", 0), decided=n.get("decided", 0)),
        reading("digitised", n.get("with_all", 0), n.get("decided", 0)),
    ]


def _of_services(agency_id: int, services: tuple[int, int], used: int) -> list[Reading]:
    online, all_ = services
    return [Reading(agency_id, WHOLE, "services_online", online if all_ else None, all_ or None,
                    {} if all_ else {"why": "no_services"}),
            Reading(agency_id, WHOLE, "services_used", used if online else None, online or None,
                    {} if online else {"why": "no_services"})]


def _known(agency_id: int, mine: Counts, theirs: Counts, reported: int | None) -> Reading:
    """What the portal knows, of the larger of that and of what the agency reports. Without a report it is not measured:
    the national portal would take last year's number, and nought where there is none."""
    here = mine.get("own", 0) + theirs.get("told", 0)
    if reported is None:
        return Reading(agency_id, WHOLE, "dossier_sync", None, None, {"why": "no_report", "portal": here})
    larger = max(here, reported)
    return Reading(agency_id, WHOLE, "dossier_sync", here if larger else None, larger or None,
                   {"portal": here, "reported": reported} | ({} if larger else {"why": "no_dossiers"}))


def _sum(counts: Iterable[Counts]) -> Counts:
    found: defaultdict[str, int] = defaultdict(int)
    for each in counts:
        for name, n in each.items():
            found[name] += n
    return dict(found)

