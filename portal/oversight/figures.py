"""Published figures: what each counts, in which unit, of how many, on which day, by whose word. Pure.

A number alone says nothing: "19/30" is connection in Q2/2016 and publication in Q1/2017. So a figure never goes
without its indicator, unit, denominator, day and source.
"""
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from portal.kit.text import N_
from portal.oversight.indicators import INDICATORS, THEME_WORDS, UNIT_WORDS, UNKNOWN, Indicator, Theme

__all__ = ["GROUP_WORDS", "INDICATORS", "LIVE", "OFFICE", "THEME_WORDS", "UNIT_WORDS", "Figure", "Group", "Indicator",
           "Theme", "in_order", "newest"]


class Group(StrEnum):
    """Whom a figure is about; the figures of one agency have its key as their group."""

    nation = "nation"
    central = "central"
    provinces = "provinces"


GROUP_WORDS: Mapping[Group, str] = {
    Group.nation: N_("Whole country"), Group.central: N_("Ministries and central bodies"),
    Group.provinces: N_("Provinces and cities")}
#: Whose word a figure is that this portal works out from its own data, day by day.
LIVE = "Cổng dịch vụ công, số liệu trực tiếp"
#: Who publishes and whose word a value is, for everybody: the office. Which person it was stands in the row alone.
OFFICE = N_("Overseer of the Government Office")


@dataclass(frozen=True)
class Figure:
    """`value` as a number and `as_published` in the words of its source; `share`: of a hundred, as published ("94",
    ">46"); `other_denominator`: another number that the same source divides by. `names`: of those who are counted,
    where they are known. `confidence`: H read in the source, M in a copy of it, L from memory. `counts`: its indicator,
    where that is one of a report."""

    indicator: str
    group: str
    value: Decimal
    as_published: str
    denominator: int | None
    on: date
    source: str
    share: str = ""
    other_denominator: int | None = None
    confidence: str = "H"
    names: tuple[str, ...] = ()
    counts: Indicator | None = None

    @property
    def about(self) -> Indicator:
        """What it counts."""
        return self.counts or INDICATORS.get(self.indicator, UNKNOWN)

    @property
    def unit(self) -> str:
        return self.about.unit

    @property
    def is_live(self) -> bool:
        """Whether this portal counted it, and nobody published it."""
        return self.source == LIVE

    @property
    def percent(self) -> Decimal | None:
        """Of its denominator, in percent, where it has one."""
        return self.value * 100 / self.denominator if self.denominator else None


def tenths(percent: Decimal) -> Decimal:
    """A share as it is shown: one digit after the point, half up as in the national report (Python's round() would take
    1.25 to the even 1.2)."""
    return percent.quantize(Decimal("0.1"), ROUND_HALF_UP)


def newest(figures: Iterable[Figure], day: date) -> Iterator[Figure]:
    """Of each indicator and group the figures of the newest day up to `day`, in their order: several where reports of
    that day disagree."""
    latest: dict[tuple[str, str], date] = {}
    known = [one for one in figures if one.on <= day]
    for one in known:
        place = (one.indicator, one.group)
        latest[place] = max(latest.get(place, one.on), one.on)
    yield from in_order(one for one in known if one.on == latest[one.indicator, one.group])


def in_order(figures: Iterable[Figure]) -> list[Figure]:
    """By the order of the indicators, those of reports last; of one: the groups, then agencies by key; then the day."""
    return sorted(figures, key=lambda one: (_PLACE.get(one.indicator, len(_PLACE)), one.indicator,
                                            _GROUPS.get(one.group, len(_GROUPS)), one.group, one.on, one.source))


_PLACE = {key: n for n, key in enumerate(INDICATORS)}
_GROUPS: Mapping[str, int] = {group: n for n, group in enumerate(Group)}
