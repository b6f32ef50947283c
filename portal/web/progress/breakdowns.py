"""The figures by sector, procedure, level, channel and group of agencies, a month beside others."""
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from flask import abort, url_for

from portal.catalogue import queries as catalogue
from portal.catalogue import sensitive
from portal.catalogue.directory import ProcedureFact, SectorFact
from portal.kit import clock
from portal.kit.caching import public_cache
from portal.kit.hot.frame import render_framed
from portal.kit.i18n import _
from portal.statistics import breakdowns, queries
from portal.statistics.breakdowns import ByMonth
from portal.statistics.figures import BY_CHANNEL, CHANNELS, NOTHING, Cell, Line, cells, is_nothing, summed
from portal.statistics.measures import months_back
from portal.statistics.queries import OpenNow
from portal.web.guard import anyone
from portal.web.progress import bp, months
from portal.web.progress.columns import AGENCY, BREAKDOWN, CHANNEL, SERIES, compared
from portal.web.progress.months import back_to, three, typed
from portal.web.progress.overview import compared_table
from portal.web.progress.tables import FORMS, KEPT_S, Row, Table, address_of, as_file, rank, table_of
from portal.web.progress.words import CHANNEL_WORDS, SENSITIVE_WORDS, kind_words
from portal.web.terms import procedure_name

SERIES_LENGTH = 13
GROUPS = {"ministries": "central", "provinces": "provinces"}
NO_FIGURES: Line = {**NOTHING, **dict.fromkeys(("carried", *BY_CHANNEL), 0)}


def asked_month() -> date:
    """The month of the address, else the last full one."""
    return months.asked() or months.last_full()


def _answer(form: str | None, tables: Callable[[], Sequence[Table]], *, h1: Any,
            crumbs: Sequence[Any] = (), note: Any = None) -> Any:
    """The first of the tables as a file, or all on their page; `note`: a sentence above them."""
    if form:
        return as_file(tables()[0], form)
    table, *more = tables()
    return render_framed("progress/breakdown.html", table=table, more=more, h1=h1, crumbs=list(crumbs), note=note,
                         choice=months.choice(), chosen=asked_month(), running=months.typed(months.running()))


@bp.get("/progress/sectors")
@bp.get(f"/progress/sectors.{FORMS}")
@anyone
@public_cache(KEPT_S)
def sectors(form: str | None = None) -> Any:
    """All sectors in a month, beside the month and the year before."""
    month = asked_month()

    def tables() -> list[Table]:
        named, (wholes, lines) = _sectors(), _sector_lines(three(month))
        rows = [Row(named[key].slug if key else "none", named[key].name if key else _("No sector known"), told,
                    address_of("progress.sector", slug=named[key].slug, month=typed(month)) if key else None)
                for key, told in _compared(lines, month)]
        return [table_of("sectors", _("Sectors"), _("Sector"), BREAKDOWN, _most_first(rows),
                         total=_total(wholes, month), endpoint="progress.sectors", month=month)]

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
        rows = [Row(code or "none", named.get(code, _("No procedure known")), told,
                    address_of("progress.procedure", code=code) if code else None)
                for code, told in _compared(breakdowns.by_value("procedure", wholes, list(named)), month)]
        return [table_of("procedures", _("Procedures of the sector"), _("Procedure"), BREAKDOWN, _most_first(rows),
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


def _sector_months(found: SectorFact, lines: Mapping[date, Line], month: date) -> Table:
    rows = _rows_of(lines)
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

    return _answer(form, tables, h1=procedure_name(found), note=_only_nation(found.code), crumbs=[
        (_("Sectors"), url_for("progress.sectors")),
        (found.sector.name, url_for("progress.sector", slug=found.sector.slug))])


def _only_nation(code: str) -> Any:
    """Of a sensitive procedure: why its dossiers are counted for the whole country alone."""
    known = sensitive.procedures().get(code)
    return known and _("Its dossiers are counted for the whole country alone: neither their public pages nor the "
                       "figures of agencies name the procedure. %(why)s (%(law)s).",
                       why=SENSITIVE_WORDS[known.reason], law=known.source)


@bp.get(f"/progress/procedures/<code>/<any(months, compared):table>.{FORMS}")
@anyone
@public_cache(KEPT_S)
def procedure_file(code: str, table: str, form: str) -> Any:
    """One of the tables of a procedure, as a file."""
    return as_file(_procedure_tables(catalogue.procedure(code) or abort(404), asked_month())[table], form)


def _procedure_tables(found: ProcedureFact, month: date) -> dict[str, Table]:
    _nation, of_sectors = _sector_lines(back_to(month))
    wholes = {each: values[str(found.sector.id)] for each, values in of_sectors.items()}
    shared = breakdowns.by_value("procedure", wholes, list(_procedures_of(found.sector.id)))
    lines = {each: values[found.code] for each, values in shared.items()}
    where: dict[str, Any] = {"endpoint": "progress.procedure", "source": "progress.procedure_file", "code": found.code}
    return {"months": table_of("months", _("By month"), _("Month"), SERIES, _rows_of(lines), **where),
            "compared": compared_table(lines, month, SERIES, **where)}


@bp.get("/progress/levels")
@bp.get(f"/progress/levels.{FORMS}")
@anyone
@public_cache(KEPT_S)
def levels(form: str | None = None) -> Any:
    """Dossiers by the level of their service."""
    month = asked_month()

    def tables() -> list[Table]:
        wholes = queries.nation(three(month))
        rows = [Row(key or "none", _("Level %(n)s", n=key) if key else _("No level known"), told)
                for key, told in _compared(breakdowns.by_value("level", wholes, breakdowns.LEVELS), month)]
        return [table_of("levels", _("Levels"), _("Level"), BREAKDOWN, rows, total=_total(wholes, month),
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
        wholes = queries.nation(three(month))
        rows = [Row(key or "none", str(CHANNEL_WORDS[key]) if key else _("No way known"), told)
                for key, told in _compared(breakdowns.by_value("channel", wholes, CHANNELS), month)]
        return [table_of("channels", _("Ways of handing in"), _("How it was handed in"), CHANNEL, rows,
                         total=_total(wholes, month), endpoint="progress.channels", month=month)]

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
    lines = _agency_lines(three(month), queries.open_everywhere(clock.today()))
    found: dict[str, Table] = {}
    both: list[Row] = []
    for name, kind in GROUPS.items():
        members = [each for each in queries.agencies() if queries.group_of(each.kind) == kind]
        told = [(each, [lines[when].get(each.id, NO_FIGURES) for when in three(month)]) for each in members
                if each.valid_to is None or any(each.id in lines[when] for when in lines)]
        rows = [Row(each.key, each.name, compared(*of_months), address_of("progress.agency", key=each.key))
                for each, of_months in told]
        whole = compared(*(summed([NO_FIGURES, *column])
                           for column in zip(*(of_months for _each, of_months in told), strict=True)))
        both.append(Row(name, kind_words(kind), whole, url_for("progress.group", group=name, month=typed(month))))
        found[name] = table_of(name, kind_words(kind), _("Agency"), AGENCY, rows, month=month, group=name,
                               total=Row("total", kind_words(kind), whole, sum=True), endpoint="progress.group")
    found["groups"] = table_of("groups", _("The two groups beside each other"), _("Group"), AGENCY, both,
                               endpoint="progress.group", source="progress.groups_file", month=month,
                               group="provinces")
    return found


def _agency_lines(wanted: Sequence[date], now: OpenNow) -> dict[date, dict[int, Line]]:
    """Of each month the lines of the agencies; in the first also what is open now and what was carried over."""
    found, carried = breakdowns.by_agency(wanted), breakdowns.carried(wanted[0], now.by_agency)
    first = found[wanted[0]]
    for id_ in carried:
        line = queries.with_open(first.get(id_, NO_FIGURES), now.by_agency.get(id_))
        first[id_] = {**line, "carried": carried[id_]}
    return found


def _sectors() -> dict[str, SectorFact]:
    return {str(each.id): each for each in catalogue.sectors()}


def _sector_lines(wanted: Sequence[date]) -> tuple[dict[date, Line], ByMonth]:
    """The country in each month, and how its sectors share it out: on every page the same."""
    wholes = queries.nation(wanted)
    return wholes, breakdowns.by_value("sector", wholes, list(_sectors()))


def _procedures_of(sector_id: int) -> dict[str, str]:
    return {p.code: p.name for p in catalogue.directory().by_code.values() if p.sector.id == sector_id}


def _compared(lines: ByMonth, month: date) -> list[tuple[str, dict[str, Cell]]]:
    """The lines of a month beside those of a month and a year before; those that tell of nothing left out."""
    told = {key: [lines[each][key] for each in three(month)] for key in lines[month]}
    return [(key, compared(*of_months)) for key, of_months in told.items() if not all(map(is_nothing, of_months))]


def _most_first(rows: list[Row]) -> list[Row]:
    """Of dozens of lines, those that most people come for."""
    return sorted(rows, key=lambda row: rank(row.cells["received"]), reverse=True)


def _total(wholes: Mapping[date, Line], month: date, name: Any = None) -> Row:
    return Row("total", name or _("Whole country"), compared(*(wholes[each] for each in three(month))), sum=True)


def _rows_of(lines: Mapping[date, Line]) -> list[Row]:
    return [Row(typed(month), f"{month.month}/{month.year}", cells(line)) for month, line in lines.items()]
