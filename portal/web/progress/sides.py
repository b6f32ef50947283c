"""The figures by sector, procedure, level, channel and group of agencies, a month beside others."""
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from flask import abort, request, url_for

from portal.catalogue import queries as catalogue
from portal.catalogue.directory import ProcedureFact, SectorFact
from portal.kit import clock
from portal.kit.caching import public_cache
from portal.kit.hot.frame import render_framed
from portal.kit.i18n import _
from portal.statistics import breakdowns, coarse, queries
from portal.statistics.breakdowns import ByMonth
from portal.statistics.coarse import Line
from portal.statistics.disclosure import Number
from portal.statistics.figures import BY_CHANNEL
from portal.statistics.measures import months_back
from portal.statistics.queries import OpenNow, Side
from portal.web.guard import anyone
from portal.web.progress import bp
from portal.web.progress.columns import AGENCY, CHANNEL, SERIES, SIDE, compared
from portal.web.progress.overview import back_to, compared_table, three
from portal.web.progress.tables import (
    FORMS,
    KEPT_S,
    Row,
    Table,
    address_of,
    as_file,
    rank,
    table_of,
    typed,
)
from portal.web.progress.words import CHANNEL_WORDS, kind_words

MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])", re.ASCII)
CHOICE, SERIES_LENGTH = 36, 13
GROUPS = {"ministries": "central", "provinces": "provinces"}
NOTHING = coarse.line(dict.fromkeys(("carried", *BY_CHANNEL), 0))


def asked_month() -> date:
    """The month of the address, else the last full one. An odd one is no page (404)."""
    asked = request.args.get("month", "")
    if not asked:
        return months_back(clock.today(), 2)[1]
    if not MONTH.fullmatch(asked) or asked < "2000":
        abort(404)
    return date.fromisoformat(f"{asked}-01")


def _answer(form: str | None, tables: Callable[[], Sequence[Table]], *, h1: Any,
            crumbs: Sequence[Any] = ()) -> Any:
    """The first of the tables as a file, or all on their page."""
    if form:
        return as_file(tables()[0], form)
    table, *more = tables()
    return render_framed("progress/side.html", table=table, more=more, h1=h1, crumbs=list(crumbs),
                         choice=tuple(months_back(clock.today(), CHOICE)))


@bp.get("/progress/sectors")
@bp.get(f"/progress/sectors.{FORMS}")
@anyone
@public_cache(KEPT_S)
def sectors(form: str | None = None) -> Any:
    """All sectors in a month, beside the month and the year before."""
    month = asked_month()

    def tables() -> list[Table]:
        named, (wholes, lines) = _sectors(), _sector_lines(three(month))
        rows = [Row(named[key].slug if key else "none", named[key].name if key else _("No sector known"), cells,
                    address_of("progress.sector", slug=named[key].slug, month=typed(month)) if key else None)
                for key, cells in _compared(lines, month)]
        return [table_of("sectors", _("Sectors"), _("Sector"), SIDE, _most_first(rows), total=_total(wholes, month),
                         endpoint="progress.sectors", month=month)]

    return _answer(form, tables, h1=_("How each sector's dossiers progress"))


@bp.get("/progress/sectors/<slug>")
@bp.get(f"/progress/sectors/<slug>.{FORMS}")
@anyone
@public_cache(KEPT_S)
def sector(slug: str, form: str | None = None) -> Any:
    """One sector: its procedures in a month, and the sector by month."""
    found, month = catalogue.sector(slug) or abort(404), asked_month()

    def tables() -> list[Table]:
        _nation, of_sectors = _sector_lines(months_back(month, SERIES_LENGTH))
        of_it = {each: values[str(found.id)] for each, values in of_sectors.items()}
        wholes = {each: of_it[each] for each in three(month)}
        named = _procedures_of(found.id)
        rows = [Row(code or "none", named.get(code, _("No procedure known")), cells,
                    address_of("progress.procedure", code=code) if code else None)
                for code, cells in _compared(
                    breakdowns.by_value("procedure", wholes, list(named), clock.today()), month)]
        return [table_of("procedures", _("Procedures of the sector"), _("Procedure"), SIDE, _most_first(rows),
                         total=_total(wholes, month, _("The sector")), endpoint="progress.sector", month=month,
                         slug=slug), _sector_months(found, of_it, month)]

    return _answer(form, tables, h1=_("How dossiers progress: %(name)s", name=found.name), crumbs=[
        (_("Sectors"), url_for("progress.sectors"))])


@bp.get(f"/progress/sectors/<slug>/<any(months):table>.{FORMS}")
@anyone
@public_cache(KEPT_S)
def sector_file(slug: str, table: str, form: str) -> Any:
    """One sector by month, as a file."""
    found, month = catalogue.sector(slug) or abort(404), asked_month()
    _nation, lines = _sector_lines(months_back(month, SERIES_LENGTH))
    return as_file(_sector_months(found, {each: values[str(found.id)] for each, values in lines.items()}, month), form)


def _sector_months(found: SectorFact, lines: Mapping[date, Side], month: date) -> Table:
    rows = _rows_of({each: side.line for each, side in lines.items()})
    return table_of("months", _("By month"), _("Month"), SERIES, rows, endpoint="progress.sector",
                    source="progress.sector_file", slug=found.slug, month=month)


@bp.get("/progress/procedures/<code>")
@bp.get(f"/progress/procedures/<code>.{FORMS}")
@anyone
@public_cache(KEPT_S)
def procedure(code: str, form: str | None = None) -> Any:
    """One procedure by month, and compared with the month and the year before."""
    found, month = catalogue.procedure(code) or abort(404), asked_month()

    def tables() -> list[Table]:
        found_tables = _procedure_tables(found, month)
        return [found_tables["months"], found_tables["compared"]]

    return _answer(form, tables, h1=found.name, crumbs=[
        (_("Sectors"), url_for("progress.sectors")),
        (found.sector.name, url_for("progress.sector", slug=found.sector.slug))])


@bp.get(f"/progress/procedures/<code>/<any(months, compared):table>.{FORMS}")
@anyone
@public_cache(KEPT_S)
def procedure_file(code: str, table: str, form: str) -> Any:
    """One of the tables of a procedure, as a file."""
    return as_file(_procedure_tables(catalogue.procedure(code) or abort(404), asked_month())[table], form)


def _procedure_tables(found: ProcedureFact, month: date) -> dict[str, Table]:
    _nation, of_sectors = _sector_lines(back_to(month))
    wholes = {each: values[str(found.sector.id)] for each, values in of_sectors.items()}
    shared = breakdowns.by_value("procedure", wholes, list(_procedures_of(found.sector.id)), clock.today())
    lines = {each: values[found.code].line for each, values in shared.items()}
    where: dict[str, Any] = {"endpoint": "progress.procedure", "source": "progress.procedure_file", "code": found.code}
    return {"months": table_of("months", _("By month"), _("Month"), SERIES, _rows_of(lines), **where),
            "compared": compared_table(lines, {}, month, SERIES, **where)}


@bp.get("/progress/levels")
@bp.get(f"/progress/levels.{FORMS}")
@anyone
@public_cache(KEPT_S)
def levels(form: str | None = None) -> Any:
    """Dossiers by the level of their service."""
    month = asked_month()

    def tables() -> list[Table]:
        wholes = breakdowns.nation(three(month))
        rows = [Row(key or "none", _("Level %(n)s", n=key) if key else _("No level known"), cells)
                for key, cells in _compared(
                    breakdowns.by_value("level", wholes, breakdowns.LEVELS, clock.today()), month)]
        return [table_of("levels", _("Levels"), _("Level"), SIDE, rows, total=_total(wholes, month),
                         endpoint="progress.levels", month=month)]

    return _answer(form, tables, h1=_("How dossiers progress at each level"))


@bp.get("/progress/channels")
@bp.get(f"/progress/channels.{FORMS}")
@anyone
@public_cache(KEPT_S)
def channels(form: str | None = None) -> Any:
    """Dossiers by how they were handed in."""
    month = asked_month()

    def tables() -> list[Table]:
        rows = [Row(key or "none", str(CHANNEL_WORDS[key]) if key else _("No way known"), cells)
                for key, cells in _compared(breakdowns.channels(three(month), clock.today()), month)]
        return [table_of("channels", _("Ways of handing in"), _("How it was handed in"), CHANNEL, rows,
                         total=_total(breakdowns.nation(three(month)), month), endpoint="progress.channels",
                         month=month)]

    return _answer(form, tables, h1=_("How dossiers were handed in"))


@bp.get("/progress/groups/<any(ministries, provinces):group>")
@bp.get(f"/progress/groups/<any(ministries, provinces):group>.{FORMS}")
@anyone
@public_cache(KEPT_S)
def group(group: str, form: str | None = None) -> Any:
    """The agencies of a group beside each other, and the group beside the other one."""
    month = asked_month()

    def tables() -> list[Table]:
        found = _group_tables(month)
        return [found[group], found["groups"]]

    return _answer(form, tables, h1=_("How dossiers progress: %(name)s", name=kind_words(GROUPS[group])))


@bp.get(f"/progress/<any(groups):table>.{FORMS}")
@anyone
@public_cache(KEPT_S)
def groups_file(table: str, form: str) -> Any:
    """The two groups beside each other, as a file."""
    return as_file(_group_tables(asked_month())[table], form)


def _group_tables(month: date) -> dict[str, Table]:
    """The table of each group, and that of both."""
    now = queries.open_everywhere(clock.today())
    lines, listed = _agency_lines(three(month), now), queries.agencies()
    sums = _group_lines(three(month), now)
    found: dict[str, Table] = {}
    both: list[Row] = []
    for name, kind in GROUPS.items():
        members = [each for each in listed if queries.group_of(each.kind) == kind]
        rows = [Row(each.key, each.name, _beside([lines[m].get(each.id, NOTHING) for m in three(month)]),
                    address_of("progress.agency", key=each.key))
                for each in members if each.valid_to is None or any(each.id in lines[m] for m in lines)]
        by_channel = coarse.summed([NOTHING, *(lines[month][each.id] for each in members if each.id in lines[month])])
        first, *before = (sums[m][kind] for m in three(month))
        cells = _beside([first | {name: by_channel[name] for name in BY_CHANNEL}, *before])
        both.append(Row(name, kind_words(kind), cells, url_for("progress.group", group=name, month=typed(month))))
        found[name] = table_of(name, kind_words(kind), _("Agency"), AGENCY, rows, month=month, group=name,
                               total=Row("total", kind_words(kind), cells, sum=True),
                               endpoint="progress.group")
    found["groups"] = table_of("groups", _("The two groups beside each other"), _("Group"), AGENCY, both,
                               endpoint="progress.group", source="progress.groups_file", month=month,
                               group="provinces")
    return found


def _agency_lines(months: Sequence[date], now: OpenNow) -> dict[date, dict[int, Line]]:
    """Of each month the lines of the agencies; in the first also what is open now and what was carried over."""
    found, carried = breakdowns.by_agency(months), breakdowns.carried(months[0], now.by_agency)
    first = found[months[0]]
    for id_ in carried:
        first[id_] = queries.with_open(first.get(id_, NOTHING), now.by_agency.get(id_)) | {"carried": carried[id_]}
    return found


def _group_lines(months: Sequence[date], now: OpenNow) -> dict[date, dict[str, Line]]:
    """The same of the groups, without the channels."""
    since = [month for month in back_to(months[0]) if month >= months[0]]
    found = queries.by_group({*months, *since})
    lines = {month: {name: side.line for name, side in found[month].items()} for month in months}
    for name, is_open in now.by_group.items():
        ended = coarse.summed([coarse.line({}), *(found[month][name].line for month in since)])
        lines[months[0]][name] = queries.with_open(lines[months[0]][name], is_open) | {
            "carried": coarse.carried(is_open, ended)}
    return lines


def _sectors() -> dict[str, SectorFact]:
    return {str(each.id): each for each in catalogue.sectors()}


def _sector_lines(months: Sequence[date]) -> tuple[dict[date, Side], ByMonth]:
    """The country in each month, and how its sectors share it out: on every page the same."""
    wholes = breakdowns.nation(months)
    return wholes, breakdowns.by_value("sector", wholes, list(_sectors()), clock.today())


def _procedures_of(sector_id: int) -> dict[str, str]:
    return {p.code: p.name for p in catalogue.directory().by_code.values() if p.sector.id == sector_id}


def _compared(lines: ByMonth, month: date) -> list[tuple[str, Mapping[str, Number]]]:
    """The lines of a month beside those of a month and a year before; those that tell of nothing left out, except
    where none is told from another."""
    told = {key: [lines[each][key].line for each in three(month)] for key in lines[month]}
    found = [key for key, of_months in told.items() if not all(map(coarse.nothing, of_months))]
    untold = [key for key, of_months in told.items() if any(map(coarse.open_to_some, of_months))]
    return [(key, _beside(told[key])) for key in found or untold]


def _most_first(rows: list[Row]) -> list[Row]:
    """Of dozens of lines, those that most people come for."""
    return sorted(rows, key=lambda row: rank(row.cells["received"]), reverse=True)


def _beside(lines: Sequence[Line]) -> Mapping[str, Number]:
    return compared(*lines)


def _total(wholes: Mapping[date, Side], month: date, name: Any = None) -> Row:
    return Row("total", name or _("Whole country"), _beside([wholes[each].line for each in three(month)]), sum=True)


def _rows_of(lines: Mapping[date, Line]) -> list[Row]:
    return [Row(typed(month), f"{month.month}/{month.year}", line) for month, line in lines.items()]
