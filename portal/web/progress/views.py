"""Public progress. These pages read the published tables alone, never one with personal data."""
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
from portal.web.guard import anyone
from portal.web.progress import bp, months, overview
from portal.web.progress.overview import SORTS
from portal.web.progress.story import due_dates, stands_still, timeline, usual_words
from portal.web.progress.tables import FORMS, as_file
from portal.web.progress.tables import KEPT_S as FILES_KEPT_S
from portal.web.progress.words import CHANNEL_WORDS, ClockBar, clock_bar, next_words, undated_words
from portal.web.words import STATUS_WORDS

KEPT_S = 5  # shared caches: a crowd asks once in so many seconds
NATION = {"endpoint": "progress.nation", "source": "progress.nation_file"}


@bp.get("/progress")
@anyone
@public_cache(KEPT_S)
def nation() -> Any:
    """The whole country; with `code`, the way to one dossier."""
    if (typed := request.args.get("code")) is not None and typed.strip():
        code = codes.parse(typed)
        return redirect(url_for("progress.show", key=code), 303) if code else _unknown(typed, malformed=True)
    month = months.asked()
    sort = request.args.get("sort", "") if request.args.get("sort") in SORTS else ""
    found, shown = _country(month), month or months.last_full()
    return render_framed(
        "progress/nation.html", month=month, sort=sort, choice=months.choice(), today=clock.today(),
        live=queries.live([queries.Month(*each) for each in found.months.items()], found.now),
        compared=overview.nation_compared(found.months, shown, **NATION),
        agencies=overview.agencies_table(found, month, sort, **NATION),
        months=overview.nation_months(found.months, **NATION), chart=overview.chart(found.months),
        silent=overview.silent(found))


@bp.get(f"/progress/<any(compared, agencies, months):table>.{FORMS}")
@anyone
@public_cache(FILES_KEPT_S)
def nation_file(table: str, form: str) -> Any:
    """One of the tables of the whole country, as a file."""
    month = months.asked()
    found = _country(month)
    if table == "agencies":
        return as_file(overview.agencies_table(found, month, "", **NATION), form)
    return as_file(overview.nation_months(found.months, **NATION) if table == "months" else
                   overview.nation_compared(found.months, month or months.last_full(), **NATION), form)


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
    month = months.asked() or months.last_full()
    figures = overview.of_agency(found, month)
    shown = list(figures.months.items())[:queries.MONTHS]
    return render_framed(
        "progress/agency.html", agency=found, tables=overview.agency_tables(figures, month),
        chart=overview.chart(figures.months), month=month, choice=months.choice(), today=clock.today(),
        live=queries.live([queries.Month(*each) for each in shown], shown[0][1]))


@bp.get(f"/progress/<key>/<any(compared, months, sectors, levels):table>.{FORMS}")
@anyone
@public_cache(FILES_KEPT_S)
def agency_file(key: str, table: str, form: str) -> Any:
    """One of the tables of an agency, as a file."""
    found = queries.agency_by_key(key) or abort(404)
    month = months.asked() or months.last_full()
    return as_file(overview.agency_tables(overview.of_agency(found, month), month)[table], form)


@bp.get("/progress/<dossier_code:key>")
@anyone
@public_cache(KEPT_S)
def show(key: str) -> Any:
    """One dossier as the public may know it. Who walks through the codes meets a limit; those behind the same address
    who read their own dossiers do not."""
    throttle.hit_by_lease("progress", throttle.asker(), limit=current_app.config["PUBLIC_READS_PER_MINUTE"], seconds=60)
    meant = codes.parse(key)
    if meant is None:
        return _unknown(key, malformed=True)
    if meant != key:
        return redirect(url_for("progress.show", key=meant), 301)
    dossier = records.by_code(meant)
    if dossier is None:
        throttle.hit_by_lease("progress unknown", throttle.asker(), seconds=60,
                              limit=current_app.config["PUBLIC_MISSES_PER_MINUTE"])
        return _unknown(meant)
    now = dossier.changed_at if stands_still(dossier) else clock.now().replace(second=0, microsecond=0)
    calendar, status = catalogue.calendar(), Status(dossier.status)
    code = dossier.procedure_code
    listed = code is not None and catalogue.procedure(code) is not None  # else it left the catalogue since
    page = render_framed(
        "progress/show.html", dossier=dossier, status=STATUS_WORDS[status], look=LOOKS[status],
        over=status in FINAL, clock=_clock(dossier, now, calendar), next_words=next_words(dossier, now),
        steps=timeline(dossier, now, calendar), usual=usual_words(dossier, now, calendar), due=due_dates(dossier),
        undated=undated_words(dossier, catalogue.directory().lawful_limit(code, dossier.agency_key) if code else None),
        listed=listed, channel=CHANNEL_WORDS.get(dossier.channel, dossier.channel))
    return page, {"X-Robots-Tag": "noindex"}


def _unknown(typed: str, *, malformed: bool = False) -> Any:
    return render_template("progress/unknown.html", typed=typed[:codes.LONGEST], malformed=malformed), 404


def _country(month: date | None) -> overview.Country:
    """The whole country over the month asked for, else over the last twelve."""
    return overview.country(month or months.last_full(),
                            [month] if month else months_back(clock.today(), queries.YEAR))


def _clock(dossier: Published, now: datetime, calendar: Calendar) -> ClockBar | None:
    if dossier.received_at is None:
        return None
    try:
        at = clocks.read(dossier.received_at, dossier.deadline, dossier.finished_at or now,
                             None if dossier.finished_at else dossier.stopped_at, calendar)
    except CalendarEnds:  # another system's dossier from before the years whose holidays are known
        return None
    return clock_bar(dossier, at)
