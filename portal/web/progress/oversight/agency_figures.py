"""One agency's figures on any day, each with its change since the quarter before."""
from typing import Any

from flask import abort

from portal.kit import clock
from portal.kit.caching import public_cache
from portal.kit.hot.frame import render_framed
from portal.oversight import published
from portal.oversight.periods import DAY
from portal.oversight.tallies import quarter_of
from portal.statistics.queries import agency_by_key
from portal.web.guard import anyone
from portal.web.progress import bp
from portal.web.progress.oversight.figure_rows import FIRST, KEPT_S, asked_day, told


@bp.get("/oversight/agencies/<key>")
@anyone
@public_cache(KEPT_S)
def agency_figures(key: str) -> Any:
    """The newest figure of each indicator of one agency, with what it was at the end of the quarter before."""
    found = agency_by_key(key) or abort(404)
    day = asked_day()
    before = quarter_of(day.on) - DAY
    shown, changes = published.shown(day.on, [found.key]), published.known(before, [found.key])
    page = render_framed("progress/oversight/agency_figures.html", agency=found, day=day, today=clock.today(),
                         first=FIRST, told=told(shown, day.on, found.key, changes), before=before)
    return page, 422 if day.wrong else 200
