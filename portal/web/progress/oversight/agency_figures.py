"""One agency's figures on any day, each with its change since the quarter before."""
from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import abort

from portal.kit import clock
from portal.kit.caching import public_cache
from portal.kit.hot.frame import render_framed
from portal.kit.i18n import _, short_day
from portal.oversight import published
from portal.oversight.figures import Figure
from portal.oversight.periods import DAY
from portal.oversight.tallies import quarter_of
from portal.statistics.queries import agency_by_key
from portal.web.guard import anyone
from portal.web.progress import bp
from portal.web.progress.oversight.figure_rows import (
    FIRST,
    KEPT_S,
    asked_day,
    failed,
    number,
    row_of,
    sections,
    value_of,
    written,
)


@bp.get("/oversight/agencies/<key>")
@anyone
@public_cache(KEPT_S)
def agency_figures(key: str) -> Any:
    """The newest figure of each indicator of one agency, with what it was at the end of the quarter before."""
    found = agency_by_key(key) or abort(404)
    day = asked_day()
    lines = published.lines(day.on, [found.key])
    before = _by_indicator(published.newest(quarter_of(day.on) - DAY, [found.key]))
    shown = sections((line.figure.about.theme, row_of(
        line, day.on, change(line.figure, before.get(line.figure.indicator)), found.key)) for line in lines)
    page = render_framed("progress/oversight/agency_figures.html", agency=found, day=day, today=clock.today(),
                         first=FIRST, sections=shown, failed=failed(shown), before=quarter_of(day.on) - DAY)
    return page, 422 if day.wrong else 200


def change(now: Figure, before: Figure | None) -> str:
    """By how much it moved since a figure of an earlier quarter: in points where both are shares, else as a number; ""
    where there is none, or a quarter that is not over is counted."""
    if before is None or before.on == now.on or (now.about.over and not _ends_quarter(now.on)):
        return ""
    if now.unit == "yes_no":
        moved = value_of(now) if now.value == before.value else f"{value_of(before)} → {value_of(now)}"
    elif now.percent is not None and before.percent is not None:
        moved = _("%(n)s points", n=_signed(round(now.percent - before.percent, 1)))
    else:
        moved = _signed(now.value - before.value)
    return _("%(moved)s since %(day)s", moved=moved, day=short_day(before.on))


def _signed(value: Any) -> str:
    return f"+{written(value)}" if number(value) > 0 else written(value)


def _ends_quarter(day: date) -> bool:
    return quarter_of(day + DAY) == day + DAY


def _by_indicator(figures: Sequence[Figure]) -> dict[str, Figure]:
    return {one.indicator: one for one in reversed(figures)}
