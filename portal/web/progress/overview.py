"""The tables of the whole country and of one agency: compared by month, one by one, by sector and level."""
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from portal.catalogue import queries as catalogue
from portal.catalogue.directory import SectorFact
from portal.kit import clock
from portal.kit.i18n import _
from portal.statistics import breakdowns, queries
from portal.statistics.figures import NOTHING, OPEN, Cell, Line, cells, is_nothing, summed, with_carried
from portal.statistics.measures import NATION, month_of
from portal.statistics.queries import AgencyFigures, AgencyLine
from portal.web.progress.columns import AGENCY_MONTHS, MEASURES, MONTHS, PARTS, YEAR
from portal.web.progress.months import back_to, running, three, typed
from portal.web.progress.tables import Column, Row, Table, address_of, rank, table_of
from portal.web.progress.words import kind_words

# the columns of the table of agencies by which it can be sorted, the largest first
SORTS = {"received": "received", "share": "share", "late": "late", "open": "open_in_time",
         "open_late": "open_late", "paused": "paused"}
Lines = Mapping[date, Line]


class Country(NamedTuple):
    """The whole country: its agencies, the sums of the two groups over the same span as theirs, and its months,
    newest first, from this one back to a year before the one asked for."""

    agencies: list[AgencyFigures]
    groups: dict[str, Line]
    months: Lines
    now: Line
    span: tuple[date, date]


def country(month: date, span: Sequence[date]) -> Country:
    """The whole country by month, as far back as `month` is compared with; its agencies and groups over `span`, one
    month or the last twelve, newest first."""
    today = clock.today()
    now = queries.open_everywhere(today)
    groups = queries.by_group({*back_to(month), *span})
    sums = {name: queries.with_open(summed(groups[each][name] for each in span), now.by_group[name])
            for name in queries.GROUPS}
    months = {each: summed(groups[each].values()) for each in back_to(month)}
    everywhere = queries.everywhere(now)
    return Country(queries.totals(today, span[0] if len(span) == 1 else None, now), sums,
                   _with_open(months, everywhere), everywhere, (span[-1], span[0]))


class Agency(NamedTuple):
    """One agency: every month from this one back to a year before the one asked for, newest first, with what was
    carried over, came in by each channel and is open now."""

    agency: AgencyLine
    months: Lines


def of_agency(agency: AgencyLine, month: date) -> Agency:
    """One agency by month, as far back as `month` is compared with."""
    today = clock.today()
    months = dict(queries.by_month(agency.id, months=len(back_to(month)), today=today))
    return Agency(agency, with_channels(agency.id, _with_open(months, queries.open_now(agency.id, today))))


def with_channels(agency_id: int, months: Lines) -> Lines:
    """These months with what an agency received in them by channel; NATION: the country."""
    channels = breakdowns.channels_of(agency_id, {month: line["received"] for month, line in months.items()})
    return {month: {**line, **channels[month]} for month, line in months.items()}


def _with_open(months: Lines, now: Line) -> Lines:
    lines = with_carried([*months.values()], now["open"])
    return {month: queries.with_open(line, now) for month, line in zip(months, lines, strict=True)}


def compared_table(months: Lines, month: date, measures: Sequence[Column] = MEASURES, **where: Any) -> Table:
    """Each measure in the running month and in `month`, beside the month and the year before."""
    this, asked = month_of(clock.today()), three(month)
    columns = [Column("now", _("%(month)s/%(year)s, so far", month=this.month, year=this.year),
                      _("The running month; what is open, as it stands now."))]
    columns += [Column(key, f"{each.month}/{each.year}", means) for key, each, means in zip(
        ("month", "before", "last_year"), asked, (
            _("The month itself."), _("One month earlier."), _("The same month of last year.")), strict=True)
        if each != this]
    times = {"now": this, "month": asked[0], "before": asked[1], "last_year": asked[2]}
    told = {key: cells(months.get(each, NOTHING)) for key, each in times.items()}
    rows = [Row(each.key, each.title, {
        column.key: told[column.key].get(each.key, 0) for column in columns
        if column.key == "now" or each.key not in OPEN}, means=each.means, share=each.share) for each in measures]
    return table_of("compared", _("Compared with the month and the year before"), _("What is counted"), columns, rows,
                    month=month, **where)


def chart(months: Lines) -> tuple[tuple[date, int, int, bool], ...]:
    """The bars of the last thirteen months, the oldest first: the month, how many were done in it, how many late, and
    whether it is not over."""
    now, shown = running(), [*months.items()][queries.MONTHS - 1::-1]
    return tuple([(each, line["done"], line["late"], each == now) for each, line in shown])


def nation_compared(months: Lines, month: date, **where: Any) -> Table:
    """The whole country in `month`, compared."""
    wanted = {month_of(clock.today()), *three(month)}
    return compared_table(with_channels(NATION, {each: line for each, line in months.items() if each in wanted}),
                          month, **where)


def months_table(months: Lines, columns: Sequence[Column], link: bool, **where: Any) -> Table:
    """The last thirteen months one by one."""
    rows = [Row(typed(each), f"{each.month}/{each.year}", cells(line),
                address_of("progress.nation", month=typed(each), _anchor="agencies") if link else None)
            for each, line in list(months.items())[:queries.MONTHS]]
    return table_of("months", _("By month"), _("Month"), columns, rows, **where)


def nation_months(months: Lines, **where: Any) -> Table:
    """The whole country month by month."""
    return months_table(months, MONTHS, True, **where)


def agencies_table(found: Country, month: date | None, sort: str, **where: Any) -> Table:
    """Central bodies, then provinces: each group with its sum, then its agencies in the order asked for."""
    rows, told = [], [each for each in found.agencies if not is_nothing(each.line)]
    for name, members in zip(queries.GROUPS, queries.in_groups(told), strict=True):
        if members:
            listed = [_row_of(each) for each in members]
            if sort:
                listed.sort(key=lambda row: rank(row.cells[SORTS[sort]]), reverse=True)
            rows += [Row(name, kind_words(name), cells(found.groups[name]), sum=True), *listed]
    total = Row("total", _("Whole country"), cells(summed(found.groups.values())), sum=True) if told else None
    return table_of("agencies", _("By agency"), _("Agency"), YEAR, rows, total=total, month=month, months=found.span,
                    **where)


def silent(found: Country) -> list[Row]:
    """The agencies of today of which nothing is told."""
    return [_row_of(each) for each in found.agencies if is_nothing(each.line) and each.agency.valid_to is None]


def _row_of(each: AgencyFigures) -> Row:
    return Row(each.agency.key, each.agency.name, cells(each.line), address_of("progress.agency", key=each.agency.key))


def agency_tables(found: Agency, month: date) -> dict[str, Table]:
    """The tables of one agency by their keys."""
    agency, months = found
    last = list(months)[:queries.YEAR]
    named = {str(each.id): each for each in catalogue.sectors()}
    whole = summed(months[each] for each in last)
    shared = breakdowns.of_agency(agency.id, whole, {"sector": [*named], "level": breakdowns.LEVELS}, clock.today())
    where: dict[str, Any] = {"endpoint": "progress.agency", "source": "progress.agency_file", "key": agency.key}
    year: dict[str, Any] = {"months": (last[-1], last[0]), **where}
    return {"compared": compared_table(months, month, **where),
            "months": months_table(months, AGENCY_MONTHS, False, **where),
            "sectors": _sectors(shared["sector"], named, whole, **year),
            "levels": _levels(shared["level"], whole, **year)}


def _sectors(found: Mapping[str, Line], named: Mapping[str, SectorFact], whole: Line, **where: Any) -> Table:
    rows = [Row(named[key].slug, named[key].name, cells(line), address_of("progress.sector", slug=named[key].slug))
            for key, line in found.items() if key and not is_nothing(line)]
    return table_of("sectors", _("By sector"), _("Sector"), PARTS, [*rows, *not_shown(found)],
                    total=_all_of(whole, rows), **where)


def _levels(found: Mapping[str, Line], whole: Line, **where: Any) -> Table:
    rows = [Row(key, _("Level %(n)s", n=key), cells(line))
            for key, line in found.items() if key and not is_nothing(line)]
    return table_of("levels", _("By level"), _("Level"), PARTS, [*rows, *not_shown(found)],
                    total=_all_of(whole, rows), **where)


def not_shown(found: Mapping[str, Line]) -> list[Row]:
    """What a breakdown of an agency leaves out, so that its lines add up; no line where that is nothing."""
    rest: dict[str, Cell] = cells(found[breakdowns.REST])
    return [] if is_nothing(found[breakdowns.REST]) else [Row("not-shown", _("Not shown"), rest)]


def _all_of(whole: Line, rows: Sequence[Row]) -> Row | None:
    return Row("total", _("The agency"), cells(whole), sum=True) if rows or not is_nothing(whole) else None
