"""Dossiers, from the counters of months: what came, what ended and when, what is open."""
from collections.abc import Callable, Collection, Mapping
from datetime import date
from typing import Any

from sqlalchemy import func, select

from portal.kit import clock
from portal.kit.db import session
from portal.oversight.measures.known import DAY, Known, Look, cannot, ends_month, existed, is_now, whole_months
from portal.people.models import Agency
from portal.statistics import breakdowns, queries
from portal.statistics.figures import BY_CHANNEL, NOTHING, Line, summed
from portal.statistics.measures import month_of, months_back
from portal.statistics.models import ProgressMonth

Lines = Mapping[int, Line]
_month: Any = ProgressMonth.__table__


def counted(name: str, of: str | None = None) -> Look:
    """The count of this name (statistics.figures.line), out of another."""
    return _over_months(queries.by_agency, lambda line: Known(line[name], line[of] if of else None, {
        part: line[part] for part in ("received", "early", "on_time", "late", "untimed", "dropped")}))


def by_channel(name: str) -> Look:
    """What was received by this way, out of all."""
    return _over_months(_received, lambda line: Known(
        line[name], sum(line[each] for each in BY_CHANNEL), {each: line[each] for each in BY_CHANNEL}))


def still_open(agencies: Collection[Agency], _first: date, last: date) -> dict[int, Known]:
    """Open at the end of the last day: now, or at the end of a month."""
    if is_now(last):
        return _open_now(agencies, lambda line: Known(line["open"], facts={
            name: line[name] for name in ("open_in_time", "open_late", "open_untimed", "paused")}))
    if not ends_month(last):
        return {one.id: cannot("not_whole_months") for one in agencies}
    return _open_when_began(agencies, last + DAY)


def carried(agencies: Collection[Agency], first: date, _last: date) -> dict[int, Known]:
    """Open already when the first day began."""
    if first.day != 1:
        return {one.id: cannot("not_whole_months") for one in agencies}
    return _open_when_began(agencies, first)


def open_late(agencies: Collection[Agency], _first: date, last: date) -> dict[int, Known]:
    """Past their due day and not ended, of all that are open: by the due days as they stand now."""
    if not is_now(last):
        return {one.id: cannot("only_today") for one in agencies}
    return _open_now(agencies, lambda line: Known(line["open_late"], line["open"]))


def _over_months(read: Callable[[date, date], Lines], say: Callable[[Line], Known]) -> Look:
    def look(agencies: Collection[Agency], first: date, last: date) -> dict[int, Known]:
        if not whole_months(first, last):
            return {one.id: cannot("not_whole_months") for one in agencies}
        begun, lines = _begun(), read(month_of(first), month_of(last))
        return {one.id: _why(one, first, last, begun) or say(lines.get(one.id, _NONE)) for one in agencies}
    return look


_NONE: Line = {**NOTHING, **dict.fromkeys(BY_CHANNEL, 0)}


def _begun() -> dict[int, date]:
    """By the agency's id: the first month of which anything of it was counted."""
    rows = session.execute(select(_month.c.agency_id, func.min(_month.c.month)).group_by(_month.c.agency_id))
    return dict(rows.all())


def _why(agency: Agency, first: date, last: date, begun: Mapping[int, date]) -> Known | None:
    """Why nothing can be told; None where it can. Before the first counter there is no nought, there is nothing."""
    if not existed(agency, first, last):
        return cannot("no_such_agency")
    since = begun.get(agency.id)
    if since is None:
        return cannot("nothing_counted")
    # an agency that began within the time is told from its own beginning on
    if since > last or since > max(first, month_of(agency.valid_from or first)):
        return cannot("not_counted_yet", since=since.isoformat())
    return None


def _received(first: date, last: date) -> Lines:
    months = months_back(last, (last.year - first.year) * 12 + last.month - first.month + 1)
    by_month = breakdowns.received_by_channel(months)
    return {id_: summed(lines[id_] for lines in by_month.values() if id_ in lines)
            for id_ in {id_ for lines in by_month.values() for id_ in lines}}


def _open_now(agencies: Collection[Agency], say: Callable[[Line], Known]) -> dict[int, Known]:
    today = clock.today()
    now, begun = queries.open_everywhere(today).by_agency, _begun()
    return {one.id: _why(one, today, today, begun) or say(now.get(one.id, NOTHING)) for one in agencies}


def _open_when_began(agencies: Collection[Agency], month: date) -> dict[int, Known]:
    """What is open now, with what ended since and without what came since."""
    begun = _begun()
    then = breakdowns.carried(month, queries.open_everywhere(clock.today()).by_agency)
    return {one.id: _why(one, month - DAY, month - DAY, begun) or Known(then.get(one.id, 0)) for one in agencies}
