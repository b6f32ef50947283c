"""Who fell silent: an alarm for those whose own system comes to us and has not come for longer than it usually stays
away. Raised once, cleared when it is seen again."""
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, select

from portal.catalogue import queries as catalogue
from portal.exchange import rhythm
from portal.exchange.models import Participant, ParticipantState, SeenDay, Way
from portal.kit import clock
from portal.kit.db import session
from portal.kit.hot import bulk
from portal.kit.upsert import insert
from portal.notices import actions as notices
from portal.people.permissions import Place, Role

LOOKED_AT = timedelta(days=60)
#: What their own systems do tells of them; who works on the pages of this portal need not come at all.
OWN_SYSTEMS = (Way.api, Way.axis, Way.push)
PAGE = "/government/exchange/connections"


def look(now: datetime | None = None) -> list[Participant]:
    """Raise the alarm for whoever fell silent, clear it for whoever was seen again; who is newly silent."""
    now = now or clock.now()
    watched = session.scalars(select(Participant).where(
        Participant.state == ParticipantState.connected, Participant.way.in_(OWN_SYSTEMS)).order_by(
        Participant.id)).all()
    calendar, found = catalogue.calendar(), []
    away = {one.id: rhythm.silent_for(_seen_at(one), now, calendar) for one in watched}
    _note(watched, clock.day_of(now) - LOOKED_AT)
    days = _days({id_ for id_, time in away.items() if time > rhythm.PATIENCE.least})
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


def _note(watched: Sequence[Participant], since: date) -> None:
    """Keep on which days each was here, and forget those of long ago."""
    rows = [{"participant_id": one.id, "day": day} for one in watched
            if one.last_seen_at and (day := clock.day_of(one.last_seen_at)) >= since]
    if rows:
        session.execute(insert(SeenDay).values(rows).on_conflict_do_nothing())
    session.execute(delete(SeenDay).where(SeenDay.day < since))


def _days(ids: Collection[int]) -> dict[int, list[date]]:
    """On which of the last days each of these was here."""
    found: defaultdict[int, list[date]] = defaultdict(list)
    for participant_id, day in session.execute(select(SeenDay.participant_id, SeenDay.day).where(
            bulk.among(SeenDay.participant_id, ids))):
        found[participant_id].append(day)
    return found


def _tell(silent: Participant) -> None:
    """Who administers the portal, and who the agency."""
    facts: dict[str, Any] = {"who": silent.name, "code": silent.code, "seen_at": _seen_at(silent)}
    notices.tell_role(Role.portal_administrator, None, "exchange_silent", PAGE, **facts)
    if silent.agency_id is not None:
        notices.tell_role(Role.agency_administrator, Place(silent.agency_id), "exchange_silent", PAGE, **facts)
