"""Who is connected, when each was seen last, who fell silent: of all agencies for who watches over them, of the own for
an agency's administrator."""
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from flask import abort, redirect, render_template, request, url_for

from portal.exchange import connections as room
from portal.exchange import flows
from portal.exchange.flows import Pair, Tally
from portal.kit import clock
from portal.kit.i18n import _l
from portal.people import permissions as roles
from portal.people.permissions import Place
from portal.web.government import bp
from portal.web.guard import me, permission

WATCH, MANAGE, CONNECT = "exchange.watch", "exchange.manage", "exchange.connect"
THIRTY = timedelta(days=29)
FIRST = date(2000, 1, 1)
GROUP_WORDS = {"central": _l("Ministries and central bodies"), "provinces": _l("Provinces and cities")}
WAY_WORDS = {"pages": _l("Pages of this portal"), "api": _l("Own system, by this portal's API"),
             "axis": _l("Own system, by the calls of the national axis"), "push": _l("Another portal, pushed to")}


@bp.get("/exchange/connections")
@permission(WATCH, MANAGE, CONNECT)
def connections() -> Any:
    """Every agency of a day that this person watches over, with its volume, delay and failures."""
    on, known, reach = _asked_day(), room.known(), watched()
    if on is None:
        return redirect(url_for("government.connections"), 303)
    tallies = flows.by_agency(on - THIRTY, on)
    lines = [line for line in known.lines(on) if reach is None or line.id in reach]
    figures = known.figures(on)
    return render_template(
        "government/connections.html", on=on, today=clock.today(), first=on - THIRTY, whole=reach is None,
        silent=[one for one in room.silent() if reach is None or one.agency_id in reach], ways=WAY_WORDS,
        groups=[{"key": group, "title": GROUP_WORDS[group], "figure": room.headline(figures, group),
                 "lines": [(line, tallies.get(line.id, Tally())) for line in lines if line.group == group]}
                for group in room.GROUPS])


@bp.get("/exchange/connections/<key>")
@permission(WATCH, MANAGE, CONNECT)
def agency_connections(key: str) -> Any:
    """One agency: who takes part for it, by which way, when it was seen last; with whom it exchanges documents."""
    on, known, reach = _asked_day(), room.known(), watched()
    if on is None:
        return redirect(url_for("government.agency_connections", key=key), 303)
    line = next((one for one in known.lines(on) if one.key == key and (reach is None or one.id in reach)), None)
    if line is None:
        abort(404)
    names = {one.id: one for one in known.agencies}
    found = flows.pairs(on - THIRTY, on, line.id, 2 * flows.MOST_PAIRS)
    return render_template(
        "government/agency_connections.html", on=on, today=clock.today(), first=on - THIRTY, line=line, ways=WAY_WORDS,
        tally=flows.by_agency(on - THIRTY, on, line.id).get(line.id, Tally()),
        participants=room.participants([line.id]), names=names, writes=_of(found, line.id, sends=True),
        hears=_of(found, line.id, sends=False))


def _of(pairs: Sequence[Pair], agency_id: int, *, sends: bool) -> list[tuple[int, int]]:
    """(the other agency's id, documents) of those that this one sends to, or hears from."""
    return [((one.receiver_id if sends else one.sender_id), one.documents) for one in pairs
            if (one.sender_id if sends else one.receiver_id) == agency_id]


def watched() -> set[int] | None:
    """The agencies whose connections this person may see; None: all."""
    found: set[int] = set()
    for name in (WATCH, MANAGE, CONNECT):
        for place in roles.places(me(), name):
            if place is None:
                return None
            found.add(Place(*place).agency_id)
    return found


def _asked_day() -> date | None:
    """The day of the address, else today; None for one to come or an odd one."""
    given, today = request.args.get("on", ""), clock.today()
    try:
        on = date.fromisoformat(given) if given else today
    except ValueError:
        return None
    return on if FIRST <= on <= today else None
