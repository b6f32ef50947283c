"""Documents between agencies: who is connected, how much goes in and out, what was answered in time."""
from collections.abc import Collection
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Date, case, cast, func, select

from portal.exchange import connections, flows
from portal.exchange.models import Copy
from portal.exchange.models.documents import AWAITED
from portal.kit import clock
from portal.kit.db import session
from portal.kit.hot import bulk
from portal.oversight.measures.known import DAY, Known, Look, cannot, is_now, iso
from portal.people.models import Agency


def connected(agencies: Collection[Agency], _first: date, last: date) -> dict[int, Known]:
    """One of its connections covers the last day."""
    since = {line.id: line.since for line in connections.known().lines(last)}
    return {one.id: Known(int(since[one.id] is not None), facts={"since": iso(since[one.id])}) if one.id in since
            else cannot("no_such_agency") for one in agencies}


def passed(name: str) -> Look:
    """What an agency that is connected sent or received (flows.Tally), by the day on which it was sent."""
    def look(agencies: Collection[Agency], first: date, last: date) -> dict[int, Known]:
        known = connections.known()
        takes_part = {id_ for id_, spans in known.spans.items()
                      if any(span.since <= last and (span.until or last) >= first for span in spans)}
        tallies = flows.by_agency(first, last)
        return {one.id: Known(getattr(tallies.get(one.id, flows.Tally()), name))
                if one.id in takes_part or one.id in tallies else cannot("not_connected") for one in agencies}
    return look


def answered(*, in_time: bool) -> Look:
    """Of the answers that were given in this time to documents with a due day: by that day, or after it."""
    def look(agencies: Collection[Agency], first: date, last: date) -> dict[int, Known]:
        found = _answers(agencies, first, last)
        return {one.id: Known(found[one.id][not in_time], sum(found[one.id])) if one.id in found
                else cannot("none_due") for one in agencies}
    return look


def unanswered(agencies: Collection[Agency], _first: date, last: date) -> dict[int, Known]:
    """Waiting for an answer although their day is over, of all that wait for one with a day; as it stands now."""
    if not is_now(last):
        return {one.id: cannot("only_today") for one in agencies}
    late = func.sum(case((Copy.due_on < clock.today(), 1), else_=0))
    rows = session.execute(select(Copy.agency_id, func.count(), late).where(
        bulk.among(Copy.agency_id, [one.id for one in agencies]), AWAITED, *_OPEN).group_by(Copy.agency_id))
    found = {id_: Known(int(n_late), int(n)) for id_, n, n_late in rows}
    return {one.id: found.get(one.id) or cannot("none_due") for one in agencies}


_OPEN = (Copy.removed_at.is_(None), Copy.replaced_at.is_(None), Copy.state.not_in(["refused", "done"]),
         func.coalesce(Copy.recall, "") != "agreed")


def _answers(agencies: Collection[Agency], first: date, last: date) -> dict[int, tuple[int, int]]:
    """By the agency's id: how many answers came in time, and how many late. Read off the index of what is answered."""
    late = func.sum(case((_day_in_vietnam(Copy.answered_at) > Copy.due_on, 1), else_=0))
    rows = session.execute(select(Copy.agency_id, func.count(), late).where(
        bulk.among(Copy.agency_id, [one.id for one in agencies]),
        Copy.answered_at >= datetime.combine(first, time.min, clock.VN),
        Copy.answered_at < datetime.combine(last + DAY, time.min, clock.VN), Copy.due_on.is_not(None),
        Copy.removed_at.is_(None)).group_by(Copy.agency_id))
    return {id_: (int(n) - int(n_late), int(n_late)) for id_, n, n_late in rows}


def _day_in_vietnam(column: Any) -> Any:
    """Moments lie after 1976, since when Vietnam's clocks have not been moved."""
    if session.get_bind().dialect.name == "postgresql":
        return cast(func.timezone(clock.VN.key, column), Date)
    return func.date(func.substr(column, 1, 19), "+7 hours")
