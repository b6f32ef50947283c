"""Live figures: what this portal works out from its own data on a day, kept beside what was published.

They are figures like any others, with source LIVE and the day that they speak of. Today's are worked out anew as often
as they are asked for, until the day is over; what was kept of an earlier day is never changed. Of groups each day is
kept for ever; of single agencies the newest, the last of each month of a year, and the last of each quarter for ever.
"""
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import delete, func, or_, select

from portal.catalogue import coverage
from portal.catalogue.coverage import Coverage
from portal.kit import clock
from portal.kit.db import session
from portal.kit.text import fold
from portal.kit.upsert import insert
from portal.oversight.figures import LIVE, Figure, Group
from portal.oversight.history import figures as history
from portal.oversight.indicators import INDICATORS
from portal.oversight.measures import MEASURES, Known
from portal.oversight.models import PublishedFigure
from portal.oversight.tallies import quarter_of
from portal.people.models import Agency
from portal.statistics.measures import months_back
from portal.statistics.queries import group_of

MOST_NAMES = 12  # of so many at most the names are kept with the number
MONTHS = 13
DAY = timedelta(days=1)
#: Counts of agencies, and the measure that says of each whether it counts; (those that do, those that do not).
COUNTED: Mapping[str, tuple[str, str]] = {
    "plan_36a": ("agencies_with_plan", "agencies_without_plan"),
    "connected": ("agencies_connected", "agencies_not_connected"),
    "publishing": ("agencies_publishing", "agencies_not_publishing")}
#: What is added up over the agencies of a group, and of the country.
SUMMED = ("services_offered", "services_level_3", "services_level_4", "dossiers_received", "dossiers_online",
          "dossiers_done", "dossiers_in_time", "dossiers_late", "dossiers_open", "dossiers_open_late",
          "documents_sent", "documents_answered_in_time", "documents_answered_late", "tasks_open_late",
          "reports_on_time", "reports_late", "reports_missing")
_figure: Any = PublishedFigure.__table__
_KEY = ("on_day", "indicator", "group_key", "source")


class TooEarly(ValueError):
    """Of that day and before it, only what was published is told."""


class ToCome(ValueError):
    """Nobody knows the figures of a day to come."""


class Seen(NamedTuple):
    """The agencies of a day in the order of their names, and what each measure knows of each."""

    day: date
    agencies: Sequence[Agency]
    known: Mapping[str, Mapping[int, Known]]

    def of(self, group: str) -> list[Agency]:
        return [one for one in self.agencies if group in (Group.nation, group_of(one.kind))]

    def told(self, measure: str, agencies: Collection[Agency]) -> list[tuple[Agency, Known]]:
        """Of whom something is known."""
        return [(one, self.known[measure][one.id]) for one in agencies
                if self.known[measure][one.id].value is not None]


def measure(day: date | None = None) -> int:
    """Work out and keep the figures of a day, of today unless said; how many were written. Raises TooEarly, ToCome.
    Flushes; the edge commits."""
    today = clock.today()
    day = day or today
    if day > today:
        raise ToCome(day.isoformat())
    if day <= last_published():
        raise TooEarly(day.isoformat())
    rows = [_row(one) for one in figures(day)]
    written = _keep(rows, final=day < today)
    if day == today:
        _thin(today)
    session.flush()
    return written


def last_published() -> date:
    """The last day of the history that is shipped: live figures begin after it."""
    return max(one.on for one in history())


def figures(day: date) -> list[Figure]:
    """Everything that can be told of a day: of the country, its groups and each agency. Nothing is written."""
    agencies = session.scalars(select(Agency).where(
        or_(Agency.valid_from.is_(None), Agency.valid_from <= day),
        or_(Agency.valid_to.is_(None), Agency.valid_to >= day))).all()
    begun = quarter_of(day)
    seen = Seen(day, sorted(agencies, key=lambda one: fold(one.name)), {
        key: one.look(agencies, begun, day) for key, one in MEASURES.items()})
    return [*_of_groups(seen), *_of_agencies(seen)]


def _of_agencies(seen: Seen) -> Iterator[Figure]:
    for key, found in MEASURES.items():
        for agency, known in seen.told(key, seen.agencies):
            yield _figure_of(found.indicator, agency.key, known.value or 0, known.denominator, seen.day)


def _of_groups(seen: Seen) -> Iterator[Figure]:
    for group in Group:
        yield from _tasks(seen, group)
        for key in SUMMED:
            yield from _sum(seen, key, group)
        if group != Group.nation:
            for key in COUNTED:
                yield from _count(seen, key, group)
    if seen.day == clock.today():  # the catalogue has no past
        yield from _assigned(seen)


def _count(seen: Seen, key: str, group: Group) -> Iterator[Figure]:
    """How many agencies of a group do it, and how many do not, with their names where they are few."""
    told = seen.told(key, seen.of(group))
    for indicator, wanted in zip(COUNTED[key], (1, 0), strict=True):
        names = [one.name for one, known in told if known.value == wanted]
        if told:
            yield _figure_of(indicator, group, len(names), len(told), seen.day, names)


def _sum(seen: Seen, key: str, group: Group) -> Iterator[Figure]:
    """Over the agencies of which it is known; said where these are not all."""
    agencies = seen.of(group)
    told = [known for _one, known in seen.told(key, agencies)]
    if not told:
        return
    divided = [known.denominator for known in told if known.denominator is not None]
    made = _figure_of(MEASURES[key].indicator, group, sum(known.value or 0 for known in told),
                      sum(divided) if divided else None, seen.day)
    yield made if len(told) == len(agencies) else replace(
        made, as_published=f"{made.as_published} ({len(told)}/{len(agencies)} cơ quan có số liệu)")


def _tasks(seen: Seen, group: Group) -> Iterator[Figure]:
    """Tasks given and done; how many agencies finished all of theirs, and none."""
    told = seen.told("tasks_done", seen.of(group))
    if not told:
        return
    given, done = (sum(number or 0 for number in each) for each in (
        [known.denominator for _one, known in told], [known.value for _one, known in told]))
    yield _figure_of("tasks_assigned", group, given, None, seen.day)
    yield _figure_of("tasks_done", group, done, given, seen.day)
    yield _figure_of("agencies_with_tasks", group, len(told), None, seen.day)
    for indicator, fits in (("agencies_all_tasks_done", _all_done), ("agencies_no_task_done", _none_done)):
        names = [one.name for one, known in told if fits(known)]
        yield _figure_of(indicator, group, len(names), len(told), seen.day, names)


def _all_done(known: Known) -> bool:
    return known.value == known.denominator


def _none_done(known: Known) -> bool:
    return known.value == 0


def _assigned(seen: Seen) -> Iterator[Figure]:
    """Services that were assigned to ministries and central bodies, and what is online of them."""
    found = coverage.by_agency(seen.day)
    central = seen.of(Group.central)
    assigned, own = ([found[one.id][basis] for one in central if basis in found.get(one.id, {})]
                     for basis in ("assigned", "own_initiative"))
    given = sum(assigned, start=Coverage())
    for indicator, value, denominator in (
            ("bodies_assigned_services", len(assigned), len(central)),
            ("services_assigned", given.total, None), ("services_deployed", given.deployed, given.total or None),
            ("services_level_3", given.deployed - given.deployed_4, None),
            ("services_level_4", given.deployed_4, None),
            ("services_own_initiative", sum(one.deployed for one in own), None)):
        yield _figure_of(indicator, Group.central, value, denominator, seen.day)


def _figure_of(indicator: str, group: str, value: int, denominator: int | None, day: date,
               names: Sequence[str] = ()) -> Figure:
    assert indicator in INDICATORS
    said = f"{value:,}/{denominator:,}" if denominator is not None else f"{value:,}"
    return Figure(indicator, str(group), Decimal(value), said.replace(",", "."), denominator, day, LIVE,
                  names=tuple(names) if len(names) <= MOST_NAMES else ())


def _row(one: Figure) -> dict[str, Any]:
    return {"indicator": one.indicator, "group_key": one.group, "on_day": one.on, "value": str(one.value),
            "as_published": one.as_published, "denominator": one.denominator, "share": "", "other_denominator": None,
            "source": one.source, "confidence": one.confidence, "names": list(one.names), "loaded_at": clock.now()}


def _keep(rows: Sequence[dict[str, Any]], *, final: bool) -> int:
    """Write them. Of a day that is over what is there stays; of today the newest reading stands."""
    if not rows:
        return 0
    adding, before = insert(_figure), _kept(rows[0]["on_day"])
    if final:
        statement = adding.on_conflict_do_nothing(index_elements=_KEY)
    else:
        statement = adding.on_conflict_do_update(index_elements=_KEY, set_={
            name: adding.excluded[name] for name in ("value", "as_published", "denominator", "names", "loaded_at")})
    session.execute(statement, rows)
    return _kept(rows[0]["on_day"]) - before if final else len(rows)


def _kept(day: date) -> int:
    """How many live figures there are of a day."""
    return session.scalar(select(func.count()).select_from(_figure).where(
        _figure.c.on_day == day, _figure.c.source == LIVE)) or 0


def _thin(today: date) -> None:
    """Of single agencies only the newest day of a month stays, and after a year of a quarter."""
    this, *_between, oldest = months_back(today, MONTHS + 1)
    _forget(this, today - DAY)
    if oldest.month % 3:
        _forget(oldest, months_back(today, MONTHS)[-1] - DAY)


def _forget(first: date, last: date) -> None:
    session.execute(delete(_figure).where(
        _figure.c.on_day.between(first, last), _figure.c.source == LIVE, _figure.c.group_key.not_in(list(Group))))
