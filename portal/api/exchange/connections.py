"""Which agencies are connected on a day, for everybody's machines: figures, and the agencies one by one."""
from contextlib import suppress
from datetime import date, timedelta
from typing import Any

from flask import Response, jsonify, request, url_for

from portal.api import guard
from portal.api.door import bp
from portal.api.problems import Problem
from portal.exchange import connections as room
from portal.kit import clock
from portal.kit.caching import public_cache
from portal.kit.i18n import _, origin

KEPT_S = 60
FIRST = date(2000, 1, 1)


@bp.get("/exchange/v1/connections")
@guard.anyone
@public_cache(KEPT_S)
def connections() -> Response:
    """The figures of a day (`on`, today without one), each with indicator, group, unit, denominator, day and source;
    and each agency that there was on it."""
    on = _asked_day()
    known = room.known()
    return jsonify({
        "on": on.isoformat(), "page": origin() + url_for("progress.connections", on=on.isoformat()),
        "figures": [{**one._asdict(), "on": one.on.isoformat(),
                     "source": _(one.source) if one.is_counted else one.source} for one in known.figures(on)],
        "agencies": [_agency(line) for line in known.lines(on)]})


def _agency(line: room.Line) -> dict[str, Any]:
    return {"key": line.key, "name": line.name, "group": line.group, "connected": line.is_connected,
            "since": line.since.isoformat() if line.since else None, "units_connected": line.below,
            "sources": sorted({span.source for span in line.spans})}


def _asked_day() -> date:
    given, today = request.args.get("on", ""), clock.today()
    if not given:
        return today
    with suppress(ValueError):
        on = date.fromisoformat(given)
        if FIRST <= on <= today + timedelta(days=1):
            return on
    raise Problem("parameter", _("Send on as a day from 2000-01-01 to today, such as 2017-03-31."), field="on")
