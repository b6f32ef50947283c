"""Who delivers what the Government asked, on any day: as it was published, and since then as this portal counts it."""
from datetime import date
from typing import Any

from flask import abort, redirect, request, url_for

from portal.kit import clock
from portal.kit.caching import public_cache
from portal.kit.hot.frame import render_framed
from portal.kit.web import for_every_site
from portal.oversight import history, published, queries
from portal.oversight.history import Rank
from portal.statistics.queries import AgencyLine, agencies, agency_by_key
from portal.web.guard import anyone
from portal.web.progress import bp
from portal.web.progress.oversight.figure_rows import (
    FIRST,
    KEPT_S,
    as_csv,
    as_json,
    asked_day,
    no_day,
    told,
)

DAYS = tuple(sorted({one.on for one in history.figures()}))  # that the history speaks of


@bp.get("/oversight")
@anyone
@public_cache(KEPT_S)
def oversight() -> Any:
    """The newest figure of each indicator up to a day, by theme, with what does not close beside each."""
    day = asked_day()
    if agency := request.args.get("agency"):
        return redirect(url_for("progress.agency_figures", key=agency, on=day.on.isoformat()))
    said = told(published.shown(day.on), day.on)  # first: what is read after a transaction has begun is read slower
    choices = tuple((one.key, one.name) for one in existing(day.on))
    year = _readiness_year(day.on)
    page = render_framed(
        "progress/oversight/figures.html", day=day, today=clock.today(), first=FIRST, days=DAYS, told=said,
        readiness=tuple(queries.readiness(year)) if year else (), year=year, agency_choices=choices)
    return page, 422 if day.wrong else 200


@bp.get("/oversight.json")
@anyone
@public_cache(KEPT_S)
def oversight_json() -> Any:
    """The same figures for machines: a list; of one agency with ?agency=KEY."""
    for_every_site()
    day = asked_day()
    if day.wrong:
        return no_day(day)
    agency = _agency()
    if agency:
        return as_json(published.shown(day.on, [agency]))
    shown = published.shown(day.on)
    year = _readiness_year(day.on)
    return as_json(shown, [_rank(one) for one in queries.readiness(year) if one.rank] if year else [])


@bp.get("/oversight.csv")
@anyone
@public_cache(KEPT_S)
def oversight_csv() -> Any:
    """The same figures as a table."""
    for_every_site()
    day = asked_day()
    if day.wrong:
        return no_day(day)
    agency = _agency()
    return as_csv(published.shown(day.on, [agency]) if agency else published.shown(day.on))


def existing(day: date) -> list[AgencyLine]:
    """The agencies that there still were on a day, in the order of their names, each key once."""
    found = {one.key: one for one in reversed(agencies()) if one.valid_to is None or one.valid_to >= day}
    return [*reversed(found.values())]


def _agency() -> str | None:
    key = request.args.get("agency")
    return (agency_by_key(key) or abort(404)).key if key else None


def _readiness_year(day: date) -> int | None:
    """The newest year of the readiness index that was over by `day`."""
    over = [year for year in queries.readiness_years() if date(year, 12, 31) <= day]
    return over[-1] if over else None


def _rank(one: Rank) -> dict[str, Any]:
    return {"indicator": f"ict_readiness_rank_{one.component}", "group": one.group, "agency": one.name,
            "value": one.rank, "as_published": f"{one.rank}" + (f" ({one.score})" if one.score else ""),
            "unit": "rank", "denominator": None, "on": date(one.year, 12, 31).isoformat(), "source": one.source,
            "checks": []}
