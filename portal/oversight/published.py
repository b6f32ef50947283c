"""Reading published figures, by indexes alone: however many there are, a page reads those that it shows and those that
they are checked by.

The newest of each indicator is found by one look at a place of an index for each indicator of a group, and another for
its day: never by reading all days. What the same rows come to is worked out once (`_shown`): whoever reads anew knows
by the rows themselves whether they still say so.
"""
import json
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import CTE, Date, Numeric, Select, String, bindparam, case, cast, func, or_, select, union
from sqlalchemy.orm import aliased

from portal.kit.db import session
from portal.kit.hot import reading
from portal.oversight.checks import Beside, Check, checks, opposite
from portal.oversight.figures import INDICATORS, LIVE, Figure, Group, Indicator, Theme, in_order
from portal.oversight.models import PublishedFigure, ReportIndicator
from portal.people.models import Agency

GROUPS = tuple(map(str, Group))
QUARTERS = 8  # so many ends of quarters are looked back for what all agencies come to together
KEPT = 400  # readings whose rules were worked out and are kept
_figure: Any = PublishedFigure.__table__
_agency: Any = Agency.__table__
_COLUMNS = (*(_figure.c[name] for name in (
    "indicator", "group_key", "value", "as_published", "denominator", "on_day", "source", "share", "other_denominator",
    "confidence")), cast(_figure.c.names, String))
_OPPOSITE = {key: other for key in INDICATORS if (other := opposite(key))}
_day: Any = bindparam("day", type_=Date)
_key: Any = bindparam("indicator", type_=String)
Rows = tuple[tuple[Any, ...], ...]


class Line(NamedTuple):
    """A figure with the checks that speak of it."""

    figure: Figure
    checks: tuple[Check, ...]

    @property
    def failed(self) -> list[Check]:
        return [check for check in self.checks if not check.ok]


class Shown:
    """Lines that were worked out of the same rows: the same object for the same rows, so that what is made of it is
    made once."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self.lines = tuple(lines)
        self.figures = tuple(line.figure for line in self.lines)


def newest(day: date, groups: Collection[str] = GROUPS) -> Sequence[Figure]:
    """Of each indicator of these groups (a Group, or an agency's key; three at most) the figures of the newest day up
    to `day`: several where reports of that day disagree. In their order."""
    return known(day, groups).figures


def known(day: date, groups: Collection[str] = GROUPS) -> Shown:
    """The same as lines of which nothing was checked."""
    return _bare(_rows(_NEWEST, groups, day=day))


def shown(day: date, groups: Collection[str] = GROUPS) -> Shown:
    """The same, each with its checks: against the figures of its own day, and the one before it."""
    found = _rows(_NEWEST, groups, day=day)
    if not found:
        return _shown((), (), ())
    beside = (*_same_days(found), *_rows(_EARLIER, groups, day=day))
    return _shown(found, beside, _reported_of(found))


def lines(day: date, groups: Collection[str] = GROUPS) -> Sequence[Line]:
    """The lines of that."""
    return shown(day, groups).lines


def of_indicator(indicator: str, day: date) -> Shown:
    """The newest figures of one indicator up to `day`, of each group, and of each agency that there still was."""
    return _bare(_found(reading.rows(_OF_INDICATOR, indicator=indicator, day=day)))


def series(indicator: str, group: str) -> Shown:
    """An indicator of one group over time, the oldest first; two of a day where reports disagree."""
    return _bare(_found(reading.rows(_SERIES, indicator=indicator, group=group)))


class Together(NamedTuple):
    """What all agencies together come to on a day: the sum of their values, and of their denominators; `divided`: how
    many have one."""

    on: date
    value: Decimal
    denominator: int
    agencies: int
    divided: int


def together(indicator: str, day: date) -> list[Together]:
    """The sums over all agencies on the last days of the last quarters, the oldest first."""
    rows = reading.rows(_TOGETHER, indicator=indicator, days=_quarter_ends(day))
    return [Together(reading.day(on), _plain(Decimal(str(value))), int(of or 0), n, divided)
            for on, value, of, n, divided in rows]


def days() -> Sequence[date]:
    """The days of which anybody but this portal published figures of the country or its groups, the oldest first."""
    return session.scalars(select(_figure.c.on_day).where(
        _figure.c.group_key.in_(GROUPS), _figure.c.source != LIVE).distinct().order_by(_figure.c.on_day)).all()


def last_live() -> date | None:
    """The newest day that this portal measured."""
    return session.scalar(select(_figure.c.on_day).where(
        _figure.c.group_key == Group.central, _figure.c.source == LIVE).order_by(_figure.c.on_day.desc()).limit(1))


def measured(indicator: str, day: date, groups: Collection[str]) -> dict[str, Figure]:
    """What this portal measured on that very day, by group."""
    found = session.execute(select(*_COLUMNS).where(
        _figure.c.indicator == indicator, _figure.c.on_day == day, _figure.c.group_key.in_(groups),
        _figure.c.source == LIVE))
    about = _explained(_reported())
    return {row.group_key: _figure_of(row, about) for row in found}


def indicator(key: str) -> Indicator | None:
    """What an indicator counts: one of the release, or of a report; None for one that nobody knows."""
    return indicators([key]).get(key)


def indicators(keys: Iterable[str]) -> dict[str, Indicator]:
    """Those that are known, by key."""
    wanted = set(keys)
    reported = _explained(_reported()) if wanted - INDICATORS.keys() else {}
    return {key: found for key in wanted if (found := INDICATORS.get(key) or reported.get(key))}


def _indicator(words: str, means: str, theme: str, unit: str, grows: Any) -> Indicator:
    of = Theme(theme) if theme in tuple(Theme) else Theme.reports
    (vi, en), (means_vi, means_en) = ((said.get("vi", ""), said.get("en") or said.get("vi", ""))
                                      for said in map(_loaded, (words, means)))
    return Indicator(of, vi, unit, means_vi, bool(grows), english=(en, means_en))


def _loaded(kept: Any) -> Any:
    return json.loads(kept) if isinstance(kept, str) else kept


_reports: Any = ReportIndicator.__table__
_REPORTED = select(_reports.c.key, cast(_reports.c.words, String), cast(_reports.c.means, String), _reports.c.theme,
                   _reports.c.unit, _reports.c.grows)


def _reported() -> Rows:
    """The indicators of reports, a few hundred, as rows."""
    return tuple(reading.rows(_REPORTED))


def _reported_of(rows: Rows) -> Rows:
    """None where these rows count what the release knows."""
    return _reported() if any(row[0] not in INDICATORS for row in rows) else ()


@lru_cache(maxsize=4)
def _explained(rows: Rows) -> dict[str, Indicator]:
    return {key: _indicator(*rest) for key, *rest in rows}


def _bare(rows: Rows) -> Shown:
    return _shown(rows, (), _reported_of(rows))


@lru_cache(maxsize=KEPT)
def _shown(rows: Rows, beside: Rows, reported: Rows) -> Shown:
    about = _explained(reported)
    figures = in_order(_figure_of(row, about) for row in rows)
    known = Beside({*figures, *(_figure_of(row, about) for row in beside)})
    return Shown(Line(figure, tuple(checks(figure, known)) if beside else ()) for figure in figures)


def _figure_of(row: Sequence[Any], about: dict[str, Indicator]) -> Figure:
    """A row as rules read it."""
    key, group, value, said, denominator, on, source, share, other, sure, names = row
    return Figure(key, group, Decimal(value), said, denominator, reading.day(on), source, share, other, sure,
                  tuple(_loaded(names)), about.get(key) if key not in INDICATORS else None)


def _rows(query: Select[Any], groups: Collection[str], **values: Any) -> Rows:
    """`query` asks for three groups; of fewer the last one again, which it finds once."""
    three = [*groups, *[[*groups][-1]] * (len(GROUPS) - len(groups))]
    return _found(reading.rows(query, **values, **{f"group_{n}": group for n, group in enumerate(three)}))


def _found(rows: Iterable[Any]) -> Rows:
    return tuple(row for row in rows if row[0] is not None)


def _same_days(rows: Rows) -> Rows:
    """What else was said of the groups and days of these rows."""
    return _found(reading.rows(_SAME_DAYS, groups=sorted({row[1] for row in rows}),
                               days=sorted({reading.day(row[5]) for row in rows})))


def _pairs() -> CTE:
    """Each indicator of each group: the index is asked for the next one after the last."""
    def first(group: Any, after: Any = None) -> Any:
        each = aliased(_figure)
        wanted = select(func.min(each.c.indicator)).where(each.c.group_key == group)
        return (wanted if after is None else wanted.where(each.c.indicator > after)).scalar_subquery()

    chosen = union(*(select(bindparam(f"group_{n}", type_=String).label("group_key"))
                     for n in range(len(GROUPS)))).cte("chosen")
    pairs = select(chosen.c.group_key, first(chosen.c.group_key).label("indicator")).cte("pairs", recursive=True)
    return pairs.union_all(select(pairs.c.group_key, first(pairs.c.group_key, pairs.c.indicator)).where(
        pairs.c.indicator.is_not(None)))


def _dated() -> CTE:
    """Each indicator of each group with its newest day up to `day`, NULL where there is none."""
    pairs = _pairs()
    return select(pairs.c.group_key, pairs.c.indicator, _latest(
        pairs.c.group_key, pairs.c.indicator, lambda on: on <= _day).label("on_day")).where(
        pairs.c.indicator.is_not(None)).cte("dated")


def _before(dated: CTE) -> CTE:
    """The newest day before that, of each of them and of its opposite."""
    other = case(_OPPOSITE, value=dated.c.indicator)
    both = [select(dated.c.group_key, each.label("indicator"), _latest(
        dated.c.group_key, each, lambda on: on < dated.c.on_day).label("on_day")).where(each.is_not(None))
        for each in (dated.c.indicator, other)]
    return union(*both).cte("earlier")


def _latest(group: Any, indicator: Any, condition: Any) -> Any:
    each = aliased(_figure)
    return select(func.max(each.c.on_day)).where(
        each.c.group_key == group, each.c.indicator == indicator, condition(each.c.on_day)).scalar_subquery()


def _rows_of(dated: CTE) -> Any:
    """An outer join, so that no database begins with the figures of all days; its empty rows are left out."""
    return select(*_COLUMNS).select_from(dated).outerjoin(_figure, (_figure.c.group_key == dated.c.group_key) & (
        _figure.c.indicator == dated.c.indicator) & (_figure.c.on_day == dated.c.on_day))


def _of_everybody() -> Any:
    """One indicator of every group, and of every agency that there still was on the day."""
    everybody = union(select(_agency.c.key.label("group_key")).where(
        or_(_agency.c.valid_to.is_(None), _agency.c.valid_to >= _day)),
        *(select(bindparam(f"of_{name}", name, type_=String).label("group_key")) for name in GROUPS)).cte("everybody")
    dated = select(everybody.c.group_key, _key.label("indicator"), _latest(
        everybody.c.group_key, _key, lambda on: on <= _day).label("on_day")).cte("dated")
    return _rows_of(dated)


_NEWEST = _rows_of(_dated())
_EARLIER = _rows_of(_before(_dated()))
_SAME_DAYS = select(*_COLUMNS).where(reading.among(_figure.c.group_key, "groups"),
                                     reading.among(_figure.c.on_day, "days"))
_OF_INDICATOR = _of_everybody()
_SERIES = select(*_COLUMNS).where(_figure.c.group_key == bindparam("group"), _figure.c.indicator == _key)
_number = cast(_figure.c.value, Numeric(24, 6))
_TOGETHER = select(_figure.c.on_day, func.sum(_number), func.sum(_figure.c.denominator), func.count(),
                   func.count(_figure.c.denominator)).where(
    _figure.c.indicator == _key, reading.among(_figure.c.on_day, "days"),
    *(_figure.c.group_key != name for name in GROUPS)).group_by(_figure.c.on_day).order_by(_figure.c.on_day)


def _plain(value: Decimal) -> Decimal:
    return value.to_integral_value() if value == value.to_integral_value() else value.normalize()


def _quarter_ends(day: date) -> list[date]:
    """The last days of the last quarters up to a day, the oldest first."""
    ends = [date(year, month, last) for year in range(day.year - QUARTERS // 4 - 1, day.year + 1)
            for month, last in ((3, 31), (6, 30), (9, 30), (12, 31))]
    return [end for end in ends if end <= day][-QUARTERS:]
