"""The figures by sector, procedure, level, channel and group of agencies, a month beside others."""
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from flask import abort, render_template, request, url_for

from portal.catalogue import queries as catalogue
from portal.kit import clock
from portal.kit.caching import public_cache
from portal.kit.i18n import _
from portal.people.models import AgencyKind
from portal.progress import coarse, queries, sides
from portal.progress.coarse import Line
from portal.progress.figures import Figures
from portal.progress.measures import months_back
from portal.web.guard import anyone
from portal.web.progress import bp
from portal.web.progress.columns import AGENCY, CHANNEL, SERIES, SIDE, compared
from portal.web.progress.tables import FORMS, KEPT_S, Row, Table, as_file, table_of
from portal.web.progress.words import CHANNEL_WORDS, kind_words

MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])", re.ASCII)
CHOICE, SERIES_LENGTH = 36, 13
GROUPS = {"ministries": "central", "provinces": "provinces"}
Lines = Mapping[date, tuple[Mapping[Any, Line], Line]]


def asked_month() -> date:
    """The month of the address, else the last full one. An odd one is no page (404)."""
    asked = request.args.get("month", "")
    if not asked:
        return months_back(clock.today(), 2)[1]
    if not MONTH.fullmatch(asked) or asked < "2000":
        abort(404)
    return date.fromisoformat(f"{asked}-01")


def _three(month: date) -> tuple[date, date, date]:
    """The month, the one before, and the same of last year."""
    return month, months_back(month, 2)[1], month.replace(year=month.year - 1)


def _answer(form: str | None, table: Table, template: str = "progress/side.html", **more: Any) -> Any:
    if form:
        return as_file(table, form)
    months = months_back(clock.today(), CHOICE)
    return render_template(template, table=table, months=months, tables=[table], **more)


@bp.get("/progress/sectors")
@bp.get(f"/progress/sectors.{FORMS}")
@anyone
@public_cache(KEPT_S)
def sectors(form: str | None = None) -> Any:
    """All sectors in a month, beside the month and the year before."""
    month = asked_month()
    lines, named = _sector_lines(_three(month)), {str(s.id): s for s in catalogue.sectors()}
    order = [*named, ""]
    rows = [Row(named[key].slug if key else "none", named[key].name if key else _("No sector known"), cells,
                url_for("progress.sector", slug=named[key].slug, month=_typed(month)) if key else None)
            for key, cells in _compared(lines, month, order)]
    table = table_of("sectors", _("Sectors"), _("Sector"), SIDE, rows, total=_total(lines, month),
                     endpoint="progress.sectors", month=month)
    return _answer(form, table, h1=_("How each sector's dossiers progress"), crumbs=[])


@bp.get("/progress/sectors/<slug>")
@bp.get(f"/progress/sectors/<slug>.{FORMS}")
@anyone
@public_cache(KEPT_S)
def sector(slug: str, form: str | None = None) -> Any:
    """One sector: its procedures in a month, and the sector by month."""
    found = catalogue.sector(slug) or abort(404)
    month, key = asked_month(), str(found.id)
    of_sectors = _sector_lines(_series(month))
    lines = _procedure_lines(found.id, _three(month), of_sectors, key)
    named = _procedures_of(found.id)
    rows = [Row(code, named[code], cells, url_for("progress.procedure", code=code))
            for code, cells in _compared(lines, month, list(named))]
    table = table_of("procedures", _("Procedures of the sector"), _("Procedure"), SIDE, rows,
                     total=_total(lines, month, _("The sector")), endpoint="progress.sector", month=month, slug=slug)
    series = [(each, of_sectors[each][0].get(key)) for each in _series(month)[:SERIES_LENGTH]]
    return _answer(form, table, h1=_("How dossiers progress: %(name)s", name=found.name), series=_rows_of(series),
                   series_columns=SERIES, crumbs=[(_("Sectors"), url_for("progress.sectors"))])


@bp.get("/progress/procedures/<code>")
@bp.get(f"/progress/procedures/<code>.{FORMS}")
@anyone
@public_cache(KEPT_S)
def procedure(code: str, form: str | None = None) -> Any:
    """One procedure by month."""
    found = catalogue.procedure(code) or abort(404)
    until = asked_month() if request.args.get("month") else clock.today().replace(day=1)
    months, key = months_back(until, SERIES_LENGTH), str(found.sector.id)
    lines = _procedure_lines(found.sector.id, months, _sector_lines(months), key)
    rows = _rows_of([(each, lines[each][0].get(code)) for each in months])
    table = table_of(f"procedure-{code}", _("By month"), _("Month"), SERIES, rows, endpoint="progress.procedure",
                     code=code)
    return _answer(form, table, h1=found.name, series=rows, series_columns=SERIES, one_month=False, crumbs=[
        (_("Sectors"), url_for("progress.sectors")),
        (found.sector.name, url_for("progress.sector", slug=found.sector.slug))])


@bp.get("/progress/levels")
@bp.get(f"/progress/levels.{FORMS}")
@anyone
@public_cache(KEPT_S)
def levels(form: str | None = None) -> Any:
    """Dossiers by the level of their service."""
    month = asked_month()
    lines = _whole("level", _three(month))
    rows = [Row(key or "none", _("Level %(n)s", n=key) if key else _("No level known"), cells)
            for key, cells in _compared(lines, month, ["4", "3", "2", "1", ""])]
    table = table_of("levels", _("Levels"), _("Level"), SIDE, rows, total=_total(lines, month),
                     endpoint="progress.levels", month=month)
    return _answer(form, table, h1=_("How dossiers progress at each level"), crumbs=[])


@bp.get("/progress/channels")
@bp.get(f"/progress/channels.{FORMS}")
@anyone
@public_cache(KEPT_S)
def channels(form: str | None = None) -> Any:
    """Dossiers by how they were handed in."""
    month = asked_month()
    lines = _whole("channel", _three(month))
    rows = [Row(key or "none", str(CHANNEL_WORDS[key]) if key in CHANNEL_WORDS else _("No way known"), cells)
            for key, cells in _compared(lines, month, [*CHANNEL_WORDS, ""])]
    table = table_of("channels", _("Ways of handing in"), _("How it was handed in"), CHANNEL, rows,
                     total=_total(lines, month), endpoint="progress.channels", month=month)
    return _answer(form, table, h1=_("How dossiers were handed in"), crumbs=[])


@bp.get("/progress/groups/<any(ministries, provinces):group>")
@bp.get(f"/progress/groups/<any(ministries, provinces):group>.{FORMS}")
@anyone
@public_cache(KEPT_S)
def group(group: str, form: str | None = None) -> Any:
    """The agencies of a group beside each other, and the group beside the other one."""
    month = asked_month()
    months, listed = _three(month), sides.agencies()
    members = [each for each in listed if (each.kind == AgencyKind.province) == (group == "provinces")]
    of_groups, lines = _group_lines(months, {each.id for each in members}, group, listed)
    rows = [Row(each.key, each.name, cells, url_for("progress.agency", key=each.key))
            for each in members for _id, cells in _compared(lines, month, [each.id])]
    table = table_of(group, kind_words(GROUPS[group]), _("Agency"), AGENCY, rows,
                     total=_total(lines, month, kind_words(GROUPS[group])), endpoint="progress.group", month=month,
                     group=group)
    both = [Row(name, str(kind_words(GROUPS[name])), cells, url_for("progress.group", group=name,
                                                                   month=_typed(month)))
            for name, cells in _compared(of_groups, month, list(GROUPS))]
    return _answer(form, table, h1=_("How dossiers progress: %(name)s", name=kind_words(GROUPS[group])), both=both,
                   crumbs=[])


def _group_lines(months: Sequence[date], members: Collection[int], group: str, listed: Sequence[Any]) -> tuple[
        Lines, Lines]:
    """The two groups as published, and the members of one of them under its sums."""
    found, now = sides.by_agency(months), queries.open_by_agency(clock.today())
    carried = sides.carried(months[0])
    other = next(name for name in GROUPS if name != group)
    groups: dict[date, Any] = {}
    lines: dict[date, Any] = {}
    for month in months:
        figures = dict(found[month])
        if month == months[0]:
            for id_ in now.keys() | carried.keys():
                figures[id_] = figures.get(id_, Figures()) + replace(now.get(id_, Figures()),
                                                                     carried=carried.get(id_, 0))
        inside = {each.id: figures.get(each.id, Figures()) for each in listed if each.id in members
                  and (each.valid_to is None or each.id in figures)}
        halves = {group: coarse.summed(inside.values()),
                  other: coarse.summed(f for id_, f in figures.items() if id_ not in members)}
        groups[month] = coarse.published({name: halves[name] for name in GROUPS}, by_channel=True)
        lines[month] = coarse.published(inside, by_channel=True, sums=groups[month][0][group])
    return groups, lines


def _sector_lines(months: Sequence[date]) -> Lines:
    return _whole("sector", months)


def _whole(side: str, months: Sequence[date]) -> Lines:
    """All values of a side as published, so that every page shows and hides the same."""
    found = sides.with_rest(sides.tallied(side, months), sides.nation(months))
    return {month: coarse.published(dict(sorted(values.items()))) for month, values in found.items()}


def _procedure_lines(sector_id: int, months: Sequence[date], of_sectors: Lines, key: str) -> Lines:
    found = sides.tallied("procedure", months, _procedures_of(sector_id))
    return {month: coarse.published(dict(sorted(values.items())), sums=of_sectors[month][0].get(key))
            for month, values in found.items()}


def _procedures_of(sector_id: int) -> dict[str, str]:
    return {p.code: p.name for p in catalogue.directory().by_code.values() if p.sector.id == sector_id}


def _series(month: date) -> list[date]:
    return months_back(month, SERIES_LENGTH)


def _compared(lines: Lines, month: date, order: Sequence[Any]) -> list[tuple[Any, dict[str, Any]]]:
    """The lines of a month in this order, beside those of a month and a year before; empty ones left out."""
    now, before, last_year = (lines[each][0] for each in _three(month))
    return [(key, compared(now.get(key) or _nothing(), before.get(key), last_year.get(key)))
            for key in order if key in now or key in before or key in last_year]


def _nothing() -> Line:
    return coarse.published({0: Figures()}, by_channel=True)[0][0]


def _total(lines: Lines, month: date, name: Any = None) -> Row:
    now, before, last_year = (lines[each][1] for each in _three(month))
    return Row("total", str(name or _("Whole country")), compared(now, before, last_year))


def _rows_of(series: Sequence[tuple[date, Line | None]]) -> list[Row]:
    return [Row(_typed(month), f"{month.month}/{month.year}", line or _nothing()) for month, line in series]


def _typed(month: date) -> str:
    return month.strftime("%Y-%m")


