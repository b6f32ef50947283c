"""How much goes between agencies, how long it takes and what fails: sums of the counts of each day, of no document and
no person.

What is sent counts for its sender; how long it took to be stored, and what failed, for who receives it. A body under
an agency counts for the agency; a participant of no agency in the register counts in the sums alone.
"""
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from portal.exchange.models import Participant, Traffic, TrafficMonth
from portal.kit.db import session
from portal.people.models import Agency
from portal.statistics.measures import months_back
from portal.statistics.queries import group_of

MOST_PAIRS = 20
STILL_CHANGING = 3  # months that are over: what was sent in them may still arrive
_traffic: Any = Traffic.__table__
_FROM: Any = aliased(Participant.__table__)
_TO: Any = aliased(Participant.__table__)
_SENT = (func.sum(_traffic.c.documents), func.sum(_traffic.c.statuses))
_STORED = (func.sum(_traffic.c.delivered), func.sum(_traffic.c.failures), func.sum(_traffic.c.delay_s))


@dataclass(frozen=True, slots=True)
class Tally:
    """What an agency, or all of them, sent and received in some days. `documents`, `statuses`: sent by it; `received`:
    documents for it; `delivered`: messages stored there, in `delay_s` seconds together; `failures`: tries that failed;
    `last`: the last of these days on which it sent anything."""

    documents: int = 0
    statuses: int = 0
    received: int = 0
    delivered: int = 0
    failures: int = 0
    delay_s: int = 0
    last: date | None = None

    @property
    def delay_min(self) -> int | None:
        """Minutes from queued to stored, on average, rounded up; None where nothing was stored."""
        return -(-self.delay_s // (60 * self.delivered)) if self.delivered else None


class Pair(NamedTuple):
    """Who writes to whom, by the ids of agencies, and how many documents."""

    sender_id: int
    receiver_id: int
    documents: int


def by_agency(first: date, last: date, agency_id: int | None = None) -> dict[int, Tally]:
    """What each agency, or one, sent and received from one day to another, by its id; agencies that did neither left
    out."""
    found: dict[int, Tally] = {}
    for id_, documents, statuses, day in session.execute(_days(
            first, last, _FROM, agency_id, *_SENT, func.max(_traffic.c.day))):
        found[id_] = Tally(int(documents), int(statuses), last=day)
    for id_, documents, *stored in session.execute(_days(first, last, _TO, agency_id, _SENT[0], *_STORED)):
        delivered, failures, delay_s = map(int, stored)
        found[id_] = replace(found.get(id_, Tally()), received=int(documents), delivered=delivered, failures=failures,
                             delay_s=delay_s)
    return found


def by_month(months: Sequence[date], until: date) -> dict[date, Tally]:
    """All that was sent in each of these months (first days, newest first) up to a day; nothing in those without
    traffic. Of a month that is over and was folded, by its one row."""
    folded = {row.month: row for row in session.scalars(select(TrafficMonth).where(
        TrafficMonth.month.between(months[-1], until)))}
    found = {}
    for month in months:
        last = min(_last_day(month), until)
        row = folded.get(month) if last == _last_day(month) else None
        found[month] = Tally(row.documents, row.statuses, row.documents, row.delivered, row.failures,
                             row.delay_s) if row else _sum(month, last)
    return found


def fold(today: date) -> list[date]:
    """Write the sums of the last months that are over, and of all that nobody folded yet; those months. A message is
    counted on the day on which it was sent, so a month still changes for a while after its end."""
    first = session.scalar(select(func.min(_traffic.c.day)))
    if first is None:
        return []
    known, found = set(session.scalars(select(TrafficMonth.month))), list[date]()
    months = months_back(today, (today.year - first.year) * 12 + today.month - first.month + 1)[1:]
    for n, month in enumerate(months):
        if n < STILL_CHANGING or month not in known:
            one = _sum(month, _last_day(month))
            session.merge(TrafficMonth(month=month, documents=one.documents, statuses=one.statuses,
                                       delivered=one.delivered, failures=one.failures, delay_s=one.delay_s))
            found.append(month)
    session.flush()
    return found


def pairs(first: date, last: date, agency_id: int | None = None, limit: int | None = MOST_PAIRS) -> list[Pair]:
    """Who wrote documents to whom between two days, the most first; of one agency, as sender or receiver, or of all.
    What an agency writes within itself is left out."""
    documents = _SENT[0]
    query = (select(_FROM.c.agency_id, _TO.c.agency_id, documents).select_from(_traffic)
             .join(_FROM, _FROM.c.id == _traffic.c.sender_id).join(_TO, _TO.c.id == _traffic.c.receiver_id)
             .where(_traffic.c.day.between(first, last), _FROM.c.agency_id != _TO.c.agency_id)
             .group_by(_FROM.c.agency_id, _TO.c.agency_id).having(documents > 0)
             .order_by(documents.desc(), _FROM.c.agency_id, _TO.c.agency_id).limit(limit))
    if agency_id is not None:
        query = query.where((_FROM.c.agency_id == agency_id) | (_TO.c.agency_id == agency_id))
    return [Pair(sender, receiver, int(n)) for sender, receiver, n in session.execute(query)]


def between_groups(first: date, last: date) -> Mapping[tuple[str, str], int]:
    """Documents from one group of agencies to another between two days, by (sender's, receiver's)."""
    sender, receiver = aliased(Agency.__table__), aliased(Agency.__table__)
    rows = session.execute(
        select(sender.c.kind, receiver.c.kind, _SENT[0]).select_from(_traffic)
        .join(_FROM, _FROM.c.id == _traffic.c.sender_id).join(_TO, _TO.c.id == _traffic.c.receiver_id)
        .join(sender, sender.c.id == _FROM.c.agency_id).join(receiver, receiver.c.id == _TO.c.agency_id)
        .where(_traffic.c.day.between(first, last), sender.c.id != receiver.c.id)
        .group_by(sender.c.kind, receiver.c.kind))
    found: dict[tuple[str, str], int] = {}
    for from_kind, to_kind, n in rows:
        key = group_of(from_kind), group_of(to_kind)
        found[key] = found.get(key, 0) + int(n)
    return found


def _days(first: date, last: date, end: Any, agency_id: int | None, *sums: Any) -> Any:
    column, agency = _traffic.c.sender_id if end is _FROM else _traffic.c.receiver_id, end.c.agency_id
    return (select(agency, *sums).select_from(_traffic).join(end, end.c.id == column).group_by(agency)
            .where(_traffic.c.day.between(first, last),
                   agency.is_not(None) if agency_id is None else agency == agency_id))


def _sum(first: date, last: date) -> Tally:
    documents, statuses, delivered, failures, delay_s = (int(n or 0) for n in session.execute(
        select(*_SENT, *_STORED).where(_traffic.c.day.between(first, last))).one())
    return Tally(documents, statuses, documents, delivered, failures, delay_s)


def _last_day(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
