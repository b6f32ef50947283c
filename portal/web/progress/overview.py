"""The tables of the whole country and of one agency: compared by month, one by one, by sector and level."""
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from portal.catalogue import queries as catalogue
from portal.catalogue.directory import SectorFact
from portal.kit import clock
from portal.kit.i18n import _
from portal.statistics import breakdowns, coarse, queries
from portal.statistics.coarse import Line
from portal.statistics.disclosure import Number
from portal.statistics.figures import BY_CHANNEL, OPEN
from portal.statistics.measures import month_of, months_back
from portal.statistics.queries import AgencyFigures, AgencyLine, Month, Side
from portal.web.progress.columns import AGENCY_MONTHS, MEASURES, MONTHS, PARTS, YEAR
from portal.web.progress.tables import Column, Row, Table, address_of, rank, table_of, typed
from portal.web.progress.words import kind_words

# the columns of the table of agencies by which it can be sorted, the largest first
SORTS = {"received": "received", "done": "done", "share": "share", "late": "late", "open": "open_in_time",
         "open_late": "open_late", "paused": "paused"}


class Country(NamedTuple):
    """The whole country: its agencies, the sums of the two groups over the same span as theirs, and its months,
    newest first, from this one back to a year before the one asked for."""

    agencies: list[AgencyFigures]
    groups: dict[str, Line]
    months: dict[date, Line]
    now: Line


def three(month: date) -> tuple[date, date, date]:
    """The month, the one before, and the same of last year."""
    return month, months_back(month, 2)[1], month.replace(year=month.year - 1)


def country(month: date, span: Sequence[date]) -> Country:
    """The whole country by month, as far back as `month` is compared with; its agencies and groups over `span`, one
    month or the last twelve."""
    today = clock.today()
    now = queries.open_everywhere(today)
    groups = queries.by_group({*back_to(month), *span})
    sums = {name: queries.with_open(coarse.summed([groups[each][name].line for each in span]), now.by_group[name])
            for name in queries.GROUPS}
    everywhere = coarse.summed([*now.by_group.values()])
    months = [Month(each, coarse.summed([side.line for side in groups[each].values()])) for each in back_to(month)]
    return Country(queries.totals(today, span[0] if len(span) == 1 else None, now), sums,
                   _with_open(months, everywhere), everywhere)


class Agency(NamedTuple):
    """One agency: every month from this one back to a year before the one asked for, newest first, with what was
    carried over and what is open now; and the true counts of these months."""

    agency: AgencyLine
    months: dict[date, Line]
    counts: dict[date, Mapping[str, int]]


def of_agency(agency: AgencyLine, month: date) -> Agency:
    """One agency by month, as far back as `month` is compared with."""
    today = clock.today()
    months = queries.by_month(agency.id, months=len(back_to(month)), today=today)
    return Agency(agency, _with_open(months, queries.open_now(agency.id, today)),
                  {each.month: each.counts for each in months})


def back_to(month: date) -> list[date]:
    """The months from this one back to a year before `month`, newest first; at least thirteen."""
    today = clock.today()
    return months_back(today, max((today.year - month.year) * 12 + today.month - month.month, 0) + 13)


def _with_open(months: Sequence[Month], now: Line) -> dict[date, Line]:
    lines = coarse.with_carried([each.line for each in months], now)
    return {each.month: queries.with_open(line, now) for each, line in zip(months, lines, strict=True)}


def compared_table(months: Mapping[date, Line], channels: Mapping[date, Mapping[str, Number]], month: date,
                   measures: Sequence[Column] = MEASURES, **where: Any) -> Table:
    """Each measure in the running month and in `month`, beside the month and the year before."""
    this, asked = month_of(clock.today()), three(month)
    columns = [Column("now", _("%(month)s/%(year)s, so far", month=this.month, year=this.year),
                      _("The running month; what is open, as it stands now."))]
    columns += [Column(key, f"{each.month}/{each.year}", means) for key, each, means in zip(
        ("month", "before", "last_year"), asked, (
            _("The month itself."), _("One month earlier."), _("The same month of last year.")), strict=True)
        if each != this]
    times = {"now": this, "month": asked[0], "before": asked[1], "last_year": asked[2]}
    rows = [Row(each.key, each.title, {
        column.key: _cell(months, channels, times[column.key], each.key) for column in columns
        if column.key == "now" or each.key not in OPEN}, means=each.means, share=each.share) for each in measures]
    return table_of("compared", _("Compared with the month and the year before"), _("What is counted"), columns, rows,
                    month=month, **where)


def _cell(months: Mapping[date, Line], channels: Mapping[date, Mapping[str, Number]], month: date, key: str) -> Number:
    line: Mapping[str, Number] = months.get(month, {})
    return channels.get(month, {}).get(key, 0) if key in BY_CHANNEL else line.get(key)


def nation_compared(months: Mapping[date, Line], month: date, **where: Any) -> Table:
    """The whole country in `month`, compared."""
    wanted = {month_of(clock.today()), *three(month)}
    return compared_table(months, breakdowns.summed_by_channel(sorted(wanted)), month, **where)


def months_table(months: Mapping[date, Line], columns: Sequence[Column], link: bool, **where: Any) -> Table:
    """The last thirteen months one by one."""
    rows = [Row(typed(each), f"{each.month}/{each.year}", line,
                address_of("progress.nation", month=typed(each), _anchor="agencies") if link else None)
            for each, line in list(months.items())[:queries.MONTHS]]
    return table_of("months", _("By month"), _("Month"), columns, rows, **where)


def nation_months(months: Mapping[date, Line], **where: Any) -> Table:
    """The whole country month by month."""
    return months_table(months, MONTHS, True, **where)


def agencies_table(found: Country, month: date | None, sort: str, **where: Any) -> Table:
    """Central bodies, then provinces: each group with its sum, then its agencies in the order asked for. The order
    is that of what is shown: it must not tell what is not."""
    rows, told = [], [each for each in found.agencies if not coarse.nothing(each.line)]
    for name, members in zip(queries.GROUPS, queries.in_groups(told), strict=True):
        if members:
            listed = [_row_of(each) for each in members]
            if sort:
                listed.sort(key=lambda row: rank(row.cells[SORTS[sort]]), reverse=True)
            rows += [Row(name, kind_words(name), found.groups[name], sum=True), *listed]
    total = Row("total", _("Whole country"), coarse.summed([*found.groups.values()]), sum=True) if told else None
    return table_of("agencies", _("By agency"), _("Agency"), YEAR, rows, total=total, month=month, **where)


def silent(found: Country) -> list[Row]:
    """The agencies of today of which nothing is told."""
    return [_row_of(each) for each in found.agencies if coarse.nothing(each.line) and each.agency.valid_to is None]


def _row_of(each: AgencyFigures) -> Row:
    return Row(each.agency.key, each.agency.name, each.line, address_of("progress.agency", key=each.agency.key))


def agency_tables(found: Agency, month: date) -> dict[str, Table]:
    """The tables of one agency by their keys."""
    agency, months, counts = found
    channels = breakdowns.channels_of(agency.id, {each: counts[each]["received"] for each in months})
    with_channels = {each: line | {name: channels[each].get(name, 0) for name in BY_CHANNEL}
                     for each, line in months.items()}
    last = list(months)[:queries.YEAR]
    whole = Side(coarse.summed([months[each] for each in last]),
                 {name: sum(counts[each][name] for each in last) for name in breakdowns.NAMES})
    named = {str(each.id): each for each in catalogue.sectors()}
    shared = breakdowns.of_agency(agency.id, whole, {"sector": [*named], "level": breakdowns.LEVELS}, clock.today())
    return {"compared": compared_table(months, channels, month, **_at(agency)),
            "months": months_table(with_channels, AGENCY_MONTHS, False, **_at(agency)),
            "sectors": _sectors(agency, shared["sector"], named), "levels": _levels(agency, shared["level"])}


def _at(agency: AgencyLine) -> dict[str, Any]:
    return {"endpoint": "progress.agency", "source": "progress.agency_file", "key": agency.key}


def _sectors(agency: AgencyLine, found: Mapping[str, Line], named: Mapping[str, SectorFact]) -> Table:
    rows = [Row(named[key].slug if key else "none", named[key].name if key else _("No sector known"), line,
                address_of("progress.sector", slug=named[key].slug) if key else None)
            for key, line in found.items() if not coarse.nothing(line)]
    return table_of("sectors", _("By sector, the last twelve months"), _("Sector"), PARTS, rows, **_at(agency))


def _levels(agency: AgencyLine, found: Mapping[str, Line]) -> Table:
    rows = [Row(key or "none", _("Level %(n)s", n=key) if key else _("No level known"), line)
            for key, line in found.items() if not coarse.nothing(line)]
    return table_of("levels", _("By level, the last twelve months"), _("Level"), PARTS, rows, **_at(agency))
