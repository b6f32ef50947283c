"""The officers' queue: one query with an index behind it for each part, keyset-paged; its numbers."""
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, time, timedelta
from typing import Any, NamedTuple

from sqlalchemy import func, literal, or_, select, tuple_
from sqlalchemy.orm import joinedload

from portal.dossiers.models import ANSWERED, OPEN, STRANDED, Dossier
from portal.dossiers.queries import PAGE, Page, at, with_service
from portal.dossiers.ranks import Rank
from portal.dossiers.states import PRESSING, Step, permission
from portal.kit import clock
from portal.kit.db import session
from portal.people.models import Person
from portal.people.permissions import Place, places

MANY = 1000  # so far is counted where each line would have to be looked at
CLAIM = permission(Step.claim)
#: The order of the queue: what an index holds behind the place.
ORDER = (Dossier.queue_rank, Dossier.queue_at, Dossier.id)


class After(NamedTuple):
    """The last line of a page of the queue."""

    rank: int
    at: datetime
    id: int


class Part(NamedTuple):
    """Which of the open dossiers of a place: in these states, held by somebody, or by that one or nobody, or by nobody;
    of a rank; whose moment lies from one to before another."""

    states: Collection[str] = ()
    officer_id: int | None = None
    or_nobodys: bool = False
    nobodys: bool = False
    rank: Rank | None = None
    stranded: bool = False
    since: datetime | None = None
    until: datetime | None = None

    def conditions(self) -> Iterator[Any]:
        """What is asked of the database."""
        if self.states:
            yield Dossier.state.in_(self.states)
        if self.nobodys:
            yield Dossier.officer_id.is_(None)
        if self.officer_id is not None:
            mine = Dossier.officer_id == self.officer_id
            yield or_(mine, Dossier.officer_id.is_(None)) if self.or_nobodys else mine
        if self.rank is not None:
            yield Dossier.queue_rank == self.rank
        if self.stranded:
            yield STRANDED
        if self.since is not None:
            yield Dossier.queue_at >= self.since
        if self.until is not None:
            yield Dossier.queue_at < self.until


EVERYTHING = Part()


def answered(person: Person) -> Part:
    """What applicants answered and nobody looked at yet, of what this officer holds or nobody does."""
    return Part(officer_id=person.id, or_nobodys=True, rank=Rank.answered)


def late(now: datetime) -> Part:
    """What waits for the office though its time is over."""
    return Part(states=PRESSING, until=now)


def due_today(now: datetime) -> Part:
    """What waits for the office and whose time runs out today."""
    return Part(states=PRESSING, since=now, until=_midnight(now))


def _midnight(now: datetime) -> datetime:
    return datetime.combine(clock.day_of(now) + timedelta(days=1), time(), clock.VN)


def queue(place: Place, part: Part = EVERYTHING, *, after: After | None = None, size: int = PAGE) -> Page:
    """The open dossiers of a unit or of a whole agency, what was answered first, then the most pressing, last what
    waits for others."""
    query = with_service().options(joinedload(Dossier.officer), joinedload(Dossier.unit)).where(
        at(place), OPEN, *part.conditions())
    if after is not None:
        # compared as one, which an index can seek to; spelled out with OR it would be read from the start
        query = query.where(tuple_(*ORDER) > tuple_(
            literal(after.rank), literal(after.at, Dossier.queue_at.type), literal(after.id)))
    rows = list(session.scalars(query.order_by(*ORDER).limit(size + 1)))
    last = rows[size - 1] if len(rows) > size else None
    return Page(rows[:size], f"{last.queue_rank}~{last.queue_at.isoformat()}~{last.id}" if last else None)


def queue_counts(place: Place, officer_id: int) -> dict[str, int]:
    """How many are open there, by state, how many of them are this officer's ("mine"), and how many nobody's
    ("nobodys")."""
    # grouped by their names: two parameters are never one
    own = (Dossier.officer_id == officer_id).label("own")
    rows: Iterable[tuple[str, bool | None, int]] = session.execute(
        select(Dossier.state, own, func.count()).where(at(place), OPEN).group_by(Dossier.state, own))
    counts: dict[str, int] = {"all": 0, "mine": 0, "nobodys": 0}
    for state, mine, n in rows:
        counts["all"] += n
        if mine is None:
            counts["nobodys"] += n
        elif mine:
            counts["mine"] += n
        counts[state] = counts.get(state, 0) + n
    return counts


def count_of(place: Place, part: Part, most: int = MANY) -> int:
    """How many are in this part, counted to `most` and no further."""
    return session.scalar(select(func.count()).select_from(
        select(Dossier.id).where(at(place), OPEN, *part.conditions()).limit(most).subquery())) or 0


def answered_for(person: Person, most: int = MANY) -> int:
    """How many answers wait for this officer, wherever they work: at places that they may take dossiers up at."""
    there = [at(place) for place in places(person, CLAIM) if place is not None]
    if not there:
        return 0
    return session.scalar(select(func.count()).select_from(select(Dossier.id).where(
        ANSWERED, or_(*there), *answered(person)._replace(rank=None).conditions()).limit(most).subquery())) or 0
