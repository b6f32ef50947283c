"""Public progress. These pages read the published tables alone, never one with personal data."""
import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from flask import abort, current_app, redirect, render_template, request, url_for

from portal.catalogue import queries as catalogue
from portal.dossiers import deadlines
from portal.dossiers.states import Status
from portal.kit import clock, throttle
from portal.kit.caching import Page, public_cache
from portal.kit.workdays import CalendarEnds
from portal.progress import coarse, codes, queries
from portal.progress.coarse import Line, Number
from portal.progress.disclosure import Shown
from portal.progress.figures import summed
from portal.progress.measures import months_back
from portal.progress.queries import AgencyFigures, AgencyLine, Published
from portal.web.guard import anyone
from portal.web.progress import bp
from portal.web.progress.chart import columns
from portal.web.progress.story import so_far, timeline, usual_words
from portal.web.progress.words import CHANNEL_WORDS, OVER, clock_words, kind_words, next_words
from portal.web.words import STATUS_WORDS

KEPT_S = 5  # shared caches: a crowd asks once in so many seconds
MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])", re.ASCII)
# the columns of the table of agencies by which it can be sorted, the largest first
SORTS = {"received": "received", "done": "done", "share": "share", "late": "late", "open": "open_in_time",
         "open_late": "open_late", "paused": "paused"}


class AgencyCells(NamedTuple):
    """An agency with its figures as they are published."""

    agency: AgencyLine
    cells: Line


@bp.get("/progress")
@anyone
@public_cache(KEPT_S)
def nation() -> Any:
    """The whole country; with `code`, the way to one dossier."""
    if (typed := request.args.get("code")) is not None and typed.strip():
        code = codes.parse(typed)
        return redirect(url_for("progress.show", key=code), 303) if code else _unknown(typed, malformed=True)
    today, month = clock.today(), _asked_month()
    sort = request.args.get("sort", "") if request.args.get("sort") in SORTS else ""
    lines = queries.totals(today, month)
    shown = [line for line in lines if not line.figures.nothing]
    months, now = _coarse(queries.by_month(None, today=today)), queries.national_figures(today)
    groups, whole = _groups(shown, sort)
    return render_template(
        "progress/nation.html", now=now, finished=coarse.alone(now["finished"]), months=months,
        chart=columns(months), groups=groups, all=whole, month=month, sort=sort,
        silent=[line.agency for line in lines if line.figures.nothing and line.agency.valid_to is None],
        since=months_back(today, queries.YEAR)[-1], until=months[0][0])


@bp.get("/progress/<key>")
@anyone
@public_cache(KEPT_S)
def agency(key: str) -> Any:
    """One agency by month."""
    found = queries.agency_by_key(key) or queries.agency_by_key(key.upper())
    if found is None:
        return _unknown(key, malformed=True) if any(c.isdigit() for c in key) else abort(404)
    if found.key != key:
        return redirect(url_for("progress.agency", key=found.key), 301)
    today = clock.today()
    months = queries.by_month(found.id, today=today)
    finished = next((m for m in (months[1], months[0]) if m.figures.done), None)
    shown = _coarse(months)
    return render_template("progress/agency.html", agency=found, months=shown, chart=columns(shown),
                           open_now=coarse.alone(queries.open_now(found.id, today)), finished=finished)


@bp.get("/progress/<dossier_code:key>")
@anyone
@public_cache(KEPT_S)
def show(key: str) -> Any:
    """One dossier as the public may know it. Who walks through the codes meets the limit."""
    throttle.hit_here("progress", request.remote_addr or "", limit=current_app.config["PUBLIC_READS_PER_MINUTE"],
                      seconds=60)
    meant = codes.parse(key)
    if meant is None:
        return _unknown(key, malformed=True)
    if meant != key:
        return redirect(url_for("progress.show", key=meant), 301)
    dossier = queries.by_code(meant)
    if dossier is None:
        return _unknown(meant)
    now, calendar = clock.now(), catalogue.calendar()
    at, following, usual = _clock(dossier), next_words(dossier, now), usual_words(dossier, now, calendar)

    def write() -> str:
        status = Status(dossier.status)
        return render_template(
            "progress/show.html", dossier=dossier, status=STATUS_WORDS[status], over=status in OVER, clock=at,
            next_words=following, steps=timeline(dossier, now, calendar), usual=usual,
            channel=CHANNEL_WORDS.get(dossier.channel, dossier.channel))

    says = (dossier, str(at), str(following), usual, so_far(dossier, now, calendar))
    return Page(says, write, {"X-Robots-Tag": "noindex"})


def _unknown(typed: str, *, malformed: bool = False) -> Any:
    return render_template("progress/unknown.html", typed=typed[:codes.LONGEST], malformed=malformed), 404


def _asked_month() -> date | None:
    asked = request.args.get("month", "")
    return date.fromisoformat(f"{asked}-01") if MONTH.fullmatch(asked) and asked >= "2000" else None


def _coarse(months: Sequence[queries.Month]) -> list[tuple[date, Line]]:
    return [(month, coarse.alone(figures)) for month, figures in months]


def _groups(lines: list[AgencyFigures], sort: str) -> tuple[list[Mapping[str, Any]], Line]:
    """Central bodies, then provinces: each with its lines in the order asked for, and its sum; and all of them.

    The order is that of what is shown: it must not tell what is not.
    """
    found = {name: {line.agency: line.figures for line in members}
             for name, members in zip(("central", "provinces"), queries.in_groups(lines), strict=True) if members}
    sums, whole = coarse.published({name: summed(members.values()) for name, members in found.items()})
    groups: list[Mapping[str, Any]] = []
    for name, members in found.items():
        cells, _sum = coarse.published(members, sums=sums[name])
        listed = [AgencyCells(agency, each) for agency, each in cells.items()]
        if sort:
            listed.sort(key=lambda line: _rank(line.cells[SORTS[sort]]), reverse=True)
        groups.append({"key": name, "title": kind_words(name), "lines": listed, "all": sums[name]})
    return groups, whole


def _rank(n: Number) -> int:
    return n if isinstance(n, int) else 1 if n is Shown.small else 0 if n else -1


def _clock(dossier: Published) -> Any:
    if dossier.received_at is None:
        return None
    try:
        at = deadlines.clock(dossier.received_at, dossier.due_at, dossier.finished_at or clock.now(),
                             None if dossier.finished_at else dossier.stopped_at, catalogue.calendar())
    except CalendarEnds:  # another system's dossier from before the years whose holidays are known
        return None
    return clock_words(dossier, at)
