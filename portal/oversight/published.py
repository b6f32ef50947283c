"""Reading published figures, by indexes alone: however many there are, a page reads those that it shows and those that
they are checked by.

The newest of each indicator is found by one look at a place of an index for each indicator of a group, and another for
its day: never by reading all days.
"""
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import CTE, case, func, literal, select, tuple_, union, union_all
from sqlalchemy.orm import aliased

from portal.kit.db import session
from portal.oversight.checks import Beside, Check, checks, opposite
from portal.oversight.figures import INDICATORS, LIVE, Figure, Group, Indicator, Theme, in_order
from portal.oversight.models import PublishedFigure, ReportIndicator

GROUPS = tuple(map(str, Group))
_figure: Any = PublishedFigure.__table__
_COLUMNS = tuple(_figure.c[name] for name in (
    "indicator", "group_key", "value", "as_published", "denominator", "on_day", "source", "share", "other_denominator",
    "confidence", "names"))
_OPPOSITE = {key: other for key in INDICATORS if (other := opposite(key))}


class Line(NamedTuple):
    """A figure with the checks that speak of it."""

    figure: Figure
    checks: tuple[Check, ...]

    @property
    def failed(self) -> list[Check]:
        return [check for check in self.checks if not check.ok]


def newest(day: date, groups: Collection[str] = GROUPS) -> list[Figure]:
    """Of each indicator of these groups (a Group, or an agency's key) the figures of the newest day up to `day`:
    several where reports of that day disagree. In their order."""
    return _read(_rows_of(_dated(day, groups)))


def lines(day: date, groups: Collection[str] = GROUPS) -> list[Line]:
    """The same, each with its checks: against the figures of its own day, and the one before it."""
    dated = _dated(day, groups)
    shown = _read(_rows_of(dated))
    if not shown:
        return []
    beside = Beside({*shown, *_same_days(shown), *_read(_rows_of(_before(dated)))})
    return [Line(figure, tuple(checks(figure, beside))) for figure in shown]


def of_indicator(indicator: str, day: date, groups: Collection[str]) -> list[Figure]:
    """The newest figures of one indicator up to `day`, of each of these groups that has any."""
    other = aliased(PublishedFigure)
    latest = select(func.max(other.on)).where(
        other.indicator == indicator, other.group == _figure.c.group_key, other.on <= day).scalar_subquery()
    return _read(select(*_COLUMNS).where(
        _figure.c.indicator == indicator, _figure.c.group_key.in_(groups), _figure.c.on_day == latest))


def series(indicator: str, group: str) -> list[Figure]:
    """An indicator of one group over time, the oldest first; two of a day where reports disagree."""
    return _read(select(*_COLUMNS).where(_figure.c.group_key == group, _figure.c.indicator == indicator))


def quarters(indicator: str, day: date) -> list[tuple[date, str, Decimal, int | None]]:
    """(day, group, value, denominator) of one indicator on the last day of every quarter up to `day`, of every group,
    the oldest first: by the first source where several speak of a day."""
    rows = session.execute(select(_figure.c.on_day, _figure.c.group_key, _figure.c.value, _figure.c.denominator).where(
        _figure.c.indicator == indicator, _figure.c.on_day.in_(_quarter_ends(day))).order_by(
        _figure.c.on_day, _figure.c.group_key, _figure.c.id))
    found: dict[tuple[date, str], tuple[date, str, Decimal, int | None]] = {}
    for on, group, value, denominator in rows:
        found.setdefault((on, group), (on, group, Decimal(value), denominator))
    return list(found.values())


def days() -> Sequence[date]:
    """The days of which anybody but this portal published figures of the country or its groups, the oldest first."""
    rows = session.scalars(select(_figure.c.on_day).where(
        _figure.c.group_key.in_(GROUPS), _figure.c.source != LIVE).distinct().order_by(_figure.c.on_day))
    return rows.all()


def last_live() -> date | None:
    """The newest day that this portal measured."""
    return session.scalar(select(_figure.c.on_day).where(
        _figure.c.group_key == Group.central, _figure.c.source == LIVE).order_by(_figure.c.on_day.desc()).limit(1))


def measured(indicator: str, day: date, groups: Collection[str]) -> dict[str, Figure]:
    """What this portal measured on that very day, by group."""
    found = _read(select(*_COLUMNS).where(
        _figure.c.indicator == indicator, _figure.c.on_day == day, _figure.c.group_key.in_(groups),
        _figure.c.source == LIVE))
    return {one.group: one for one in found}


def indicator(key: str) -> Indicator | None:
    """What an indicator counts: one of the release, or of a report; None for one that nobody knows."""
    return indicators([key]).get(key)


def indicators(keys: Iterable[str]) -> dict[str, Indicator]:
    """Those that are known, by key."""
    wanted = set(keys)
    found = {key: INDICATORS[key] for key in wanted & INDICATORS.keys()}
    rest = wanted - found.keys()
    if rest:
        rows = session.scalars(select(ReportIndicator).where(ReportIndicator.key.in_(rest)))
        found |= {row.key: _indicator(row) for row in rows}
    return found


def _indicator(row: ReportIndicator) -> Indicator:
    theme = Theme(row.theme) if row.theme in tuple(Theme) else Theme.reports
    words, means = ((said.get("vi", ""), said.get("en") or said.get("vi", "")) for said in (row.words, row.means))
    return Indicator(theme, words[0], row.unit, means[0], row.grows, english=(words[1], means[1]))


def _read(query: Any) -> list[Figure]:
    """The rows as rules read them, in their order."""
    rows = session.execute(query).all()
    about = indicators({row.indicator for row in rows} - INDICATORS.keys())
    return in_order(Figure(
        row.indicator, row.group_key, Decimal(row.value), row.as_published, row.denominator, row.on_day, row.source,
        row.share, row.other_denominator, row.confidence, tuple(row.names), about.get(row.indicator)) for row in rows)


def _pairs(groups: Collection[str]) -> CTE:
    """Each indicator of each group: the index is asked for the next one after the last."""
    def first(group: Any, after: Any = None) -> Any:
        each = aliased(_figure)
        wanted = select(func.min(each.c.indicator)).where(each.c.group_key == group)
        return (wanted if after is None else wanted.where(each.c.indicator > after)).scalar_subquery()

    said = [select(literal(group).label("group_key")) for group in groups]
    chosen = (union_all(*said) if len(said) > 1 else said[0]).cte("chosen")
    pairs = select(chosen.c.group_key, first(chosen.c.group_key).label("indicator")).cte("pairs", recursive=True)
    return pairs.union_all(select(pairs.c.group_key, first(pairs.c.group_key, pairs.c.indicator)).where(
        pairs.c.indicator.is_not(None)))


def _dated(day: date, groups: Collection[str]) -> CTE:
    """Each indicator of each group with its newest day up to `day`, NULL where there is none."""
    pairs = _pairs(groups)
    return select(pairs.c.group_key, pairs.c.indicator, _latest(
        pairs.c.group_key, pairs.c.indicator, lambda on: on <= day).label("on_day")).where(
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
    return select(*_COLUMNS).join(dated, (_figure.c.group_key == dated.c.group_key) & (
        _figure.c.indicator == dated.c.indicator) & (_figure.c.on_day == dated.c.on_day))


def _same_days(shown: Sequence[Figure]) -> list[Figure]:
    """What else was said of the groups and days of these figures."""
    places = sorted({(one.group, one.on) for one in shown})
    return _read(select(*_COLUMNS).where(tuple_(_figure.c.group_key, _figure.c.on_day).in_(places)))


def _quarter_ends(day: date, years: int = 12) -> list[date]:
    return [date(year, month, last) for year in range(day.year - years, day.year + 1)
            for month, last in ((3, 31), (6, 30), (9, 30), (12, 31)) if date(year, month, last) <= day]
