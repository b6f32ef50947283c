"""Public progress. These pages read the published tables alone, never one with personal data."""
import re
from datetime import date, datetime
from typing import Any

from flask import abort, current_app, redirect, render_template, request, url_for

from portal.catalogue import queries as catalogue
from portal.dossiers.states import LOOKS
from portal.kit import clock, throttle
from portal.kit.caching import public_cache
from portal.kit.hot.frame import render_framed
from portal.law import clocks, codes
from portal.law.calendar import Calendar, CalendarEnds
from portal.law.statuses import FINAL, Status
from portal.progress import queries as records
from portal.progress.queries import Published
from portal.statistics import queries
from portal.statistics.measures import months_back
from portal.statistics.queries import Month
from portal.web.guard import anyone
from portal.web.progress import bp, overview
from portal.web.progress.chart import columns
from portal.web.progress.overview import SORTS
from portal.web.progress.story import due_dates, stands_still, timeline, usual_words
from portal.web.progress.tables import FORMS, as_file
from portal.web.progress.tables import KEPT_S as FILES_KEPT_S
from portal.web.progress.words import CHANNEL_WORDS, ClockBar, clock_bar, next_words
from portal.web.words import STATUS_WORDS

KEPT_S = 5  # shared caches: a crowd asks once in so many seconds
MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])", re.ASCII)
CHOICE = 36  # months to choose from
NATION = {"endpoint": "progress.nation", "source": "progress.nation_file"}


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

    found, chosen = _country(month), month or _last_full(today)
    months = found.months
    return render_framed(
        "progress/nation.html", month=month, sort=sort, choice=tuple(months_back(today, CHOICE)),
        now=queries.figures_of([Month(*each) for each in months.items()], found.now),
        compared=overview.nation_compared(months, chosen, **NATION),
        agencies=overview.agencies_table(found, month, sort, **NATION),
        months=overview.nation_months(months, **NATION), chart=columns(list(months.items())[:queries.MONTHS]),
        silent=overview.silent(found),
        since=months_back(today, queries.YEAR)[-1], until=today)


@bp.get(f"/progress/<any(compared, agencies, months):table>.{FORMS}")
@anyone
@public_cache(FILES_KEPT_S)
def nation_file(table: str, form: str) -> Any:
    """One of the tables of the whole country, as a file."""
    month = _asked_month()
    found = _country(month)
    if table == "agencies":
        return as_file(overview.agencies_table(found, month, "", **NATION), form)
    return as_file(overview.nation_months(found.months, **NATION) if table == "months" else
                   overview.nation_compared(found.months, month or _last_full(clock.today()), **NATION), form)


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
    today, asked = clock.today(), _asked_month()

    month = asked or _last_full(today)
    figures = overview.of_agency(found, month)
    shown = list(figures.months.items())[:queries.MONTHS]
    return render_framed(
        "progress/agency.html", agency=found, tables=overview.agency_tables(figures, month),
        chart=columns(shown), now=shown[0][1], month=month, choice=tuple(months_back(today, CHOICE)),
        finished=next(((each, line) for each, line in (shown[1], shown[0]) if line["done"]), None))


@bp.get(f"/progress/<key>/<any(compared, months, sectors, levels):table>.{FORMS}")
@anyone
@public_cache(FILES_KEPT_S)
def agency_file(key: str, table: str, form: str) -> Any:
    """One of the tables of an agency, as a file."""
    found = queries.agency_by_key(key) or abort(404)
    month = _asked_month() or _last_full(clock.today())
    return as_file(overview.agency_tables(overview.of_agency(found, month), month)[table], form)


@bp.get("/progress/<dossier_code:key>")
@anyone
@public_cache(KEPT_S)
def show(key: str) -> Any:
    """One dossier as the public may know it. Who walks through the codes meets the limit."""
    throttle.hit_by_lease("progress", throttle.asker(), limit=current_app.config["PUBLIC_READS_PER_MINUTE"], seconds=60)
    meant = codes.parse(key)
    if meant is None:
        return _unknown(key, malformed=True)
    if meant != key:
        return redirect(url_for("progress.show", key=meant), 301)
    dossier = records.by_code(meant)
    if dossier is None:
        return _unknown(meant)
    now = dossier.changed_at if stands_still(dossier) else clock.now().replace(second=0, microsecond=0)
    calendar, status = catalogue.calendar(), Status(dossier.status)
    listed = catalogue.procedure(dossier.procedure_code) is not None  # else it left the catalogue since
    page = render_framed(
        "progress/show.html", dossier=dossier, status=STATUS_WORDS[status], look=LOOKS[status],
        over=status in FINAL, clock=_clock(dossier, now, calendar), next_words=next_words(dossier, now),
        steps=timeline(dossier, now, calendar), usual=usual_words(dossier, now, calendar), due=due_dates(dossier),
        listed=listed, channel=CHANNEL_WORDS.get(dossier.channel, dossier.channel))
    return page, {"X-Robots-Tag": "noindex"}


def _unknown(typed: str, *, malformed: bool = False) -> Any:
    return render_template("progress/unknown.html", typed=typed[:codes.LONGEST], malformed=malformed), 404


def _asked_month() -> date | None:
    asked = request.args.get("month", "")
    return date.fromisoformat(f"{asked}-01") if MONTH.fullmatch(asked) and asked >= "2000" else None


def _country(month: date | None) -> overview.Country:
    """The whole country over the month asked for, else over the last twelve."""
    today = clock.today()
    return overview.country(month or _last_full(today), [month] if month else months_back(today, queries.YEAR))


def _last_full(today: date) -> date:
    return months_back(today, 2)[1]


def _clock(dossier: Published, now: datetime, calendar: Calendar) -> ClockBar | None:
    if dossier.received_at is None:
        return None
    try:
        at = clocks.read(dossier.received_at, dossier.deadline, dossier.finished_at or now,
                             None if dossier.finished_at else dossier.stopped_at, calendar)
    except CalendarEnds:  # another system's dossier from before the years whose holidays are known
        return None
    return clock_bar(dossier, at)
