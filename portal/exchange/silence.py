"""Who fell silent: an alarm for those whose own system comes to us and has not come for longer than it usually stays
away. Raised once, cleared when it is seen again."""
from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from portal.catalogue import queries as catalogue
from portal.exchange import rhythm
from portal.exchange.models import Participant, ParticipantState, Traffic, Way
from portal.kit import clock
from portal.kit.db import session
from portal.notices import actions as notices
from portal.people.permissions import Place, Role

LOOKED_AT = timedelta(days=60)
AT_ONCE = 500
#: What their own systems do tells of them; who works on the pages of this portal need not come at all.
OWN_SYSTEMS = (Way.api, Way.axis, Way.push)
PAGE = "/government/exchange/connections"
_traffic: Any = Traffic.__table__


def look(now: datetime | None = None) -> list[Participant]:
    """Raise the alarm for whoever fell silent, clear it for whoever was seen again; who is newly silent."""
    now = now or clock.now()
    watched = session.scalars(select(Participant).where(
        Participant.state == ParticipantState.connected, Participant.way.in_(OWN_SYSTEMS)).order_by(
        Participant.id)).all()
    calendar, found = catalogue.calendar(), []
    away = {one.id: rhythm.silent_for(_seen_at(one), now, calendar) for one in watched}
    days = _days_of_traffic({id_ for id_, time in away.items() if time > rhythm.PATIENCE.least}, now)
    for one in watched:
        is_silent = away[one.id] > rhythm.allowed(rhythm.usual_gap(days.get(one.id, ()), calendar))
        if is_silent and one.silent_since is None:
            one.silent_since = _seen_at(one)
            _tell(one)
            found.append(one)
        elif not is_silent:
            one.silent_since = None
    session.flush()
    return found


def _seen_at(one: Participant) -> datetime:
    return one.last_seen_at or one.connected_at or one.asked_at


def _days_of_traffic(ids: Collection[int], now: datetime) -> dict[int, list[date]]:
    """On which of the last days each of these sent anything."""
    found: defaultdict[int, list[date]] = defaultdict(list)
    since = now.astimezone(clock.VN).date() - LOOKED_AT
    wanted = sorted(ids)
    for at in range(0, len(wanted), AT_ONCE):
        for sender_id, day in session.execute(select(_traffic.c.sender_id, _traffic.c.day).where(
                _traffic.c.day >= since, _traffic.c.sender_id.in_(wanted[at:at + AT_ONCE])).distinct()):
            found[sender_id].append(day)
    return found


def _tell(silent: Participant) -> None:
    """Who administers the portal, and who the agency."""
    facts: dict[str, Any] = {"who": silent.name, "code": silent.code, "seen_at": _seen_at(silent)}
    notices.tell_role(Role.portal_administrator, None, "exchange_silent", PAGE, **facts)
    if silent.agency_id is not None:
        notices.tell_role(Role.agency_administrator, Place(silent.agency_id), "exchange_silent", PAGE, **facts)
