"""One indicator over all agencies on any day: who stands where, of whom nothing is known, and how it went."""
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from flask import abort, request, url_for

from portal.kit import clock
from portal.kit.caching import public_cache
from portal.kit.hot.frame import render_framed
from portal.kit.i18n import _
from portal.kit.web import for_every_site
from portal.oversight import published
from portal.oversight.figures import Figure, Group, Indicator
from portal.oversight.published import Line
from portal.oversight.tallies import quarter_of
from portal.web.guard import anyone
from portal.web.progress import bp
from portal.web.progress.oversight.courses import courses
from portal.web.progress.oversight.figure_rows import (
    FIRST,
    KEPT_S,
    Day,
    as_csv,
    as_json,
    asked_day,
    group_words,
    means,
    no_day,
    number,
    unit,
    value_of,
    words,
)
from portal.web.progress.oversight.figures import existing

MOST_BARS = 20


class Place(NamedTuple):
    """An agency, or a group, with its figure. `rank`: as many stand before it, plus one; None of a group."""

    rank: int | None
    tied: bool
    name: str
    url: str
    value: str
    share: float | None
    number: int | float
    on: date
    source: str


@bp.get("/oversight/indicators/<key>")
@anyone
@public_cache(KEPT_S)
def indicator(key: str) -> Any:
    """The newest figure of each agency up to a day, the largest first; shares by their share."""
    about = published.indicator(key) or abort(404)
    day = asked_day()
    names = {one.key: one.name for one in existing(day.on)}
    figures = published.of_indicator(key, day.on, [*names, *published.GROUPS])
    places = _places([one for one in figures if one.group in names], names, day.on)
    told = {one.group for one in figures}
    nation = url_for("progress.oversight", on=day.on.isoformat())
    groups = tuple(_place(one, None, False, group_words(one.group), nation) for one in figures
                   if one.group not in names)
    page = render_framed(
        "progress/oversight/indicator.html", key=key, title=words(about, key), means=means(about), unit=unit(about),
        day=day, today=clock.today(), first=FIRST, places=places, groups=groups, bars=places[:MOST_BARS],
        silent=tuple(name for of, name in names.items() if of not in told) if places else (),
        course=_course(key, about, day, names), agency=request.args.get("agency", "")[:20])
    return page, 422 if day.wrong else 200


@bp.get("/oversight/indicators/<key>.json")
@anyone
@public_cache(KEPT_S)
def indicator_json(key: str) -> Any:
    """The same for machines: a list of figures, of groups and agencies."""
    for_every_site()
    return _file(key, as_json)


@bp.get("/oversight/indicators/<key>.csv")
@anyone
@public_cache(KEPT_S)
def indicator_csv(key: str) -> Any:
    """The same as a table."""
    for_every_site()
    return _file(key, as_csv)


def _file(key: str, write: Any) -> Any:
    if published.indicator(key) is None:
        abort(404)
    day = asked_day()
    if day.wrong:
        return no_day(day)
    keys = [one.key for one in existing(day.on)]
    return write([Line(one, ()) for one in published.of_indicator(key, day.on, [*published.GROUPS, *keys])])


def _places(figures: Sequence[Figure], names: Mapping[str, str], day: date) -> tuple[Place, ...]:
    """The largest first, alike those that are alike; of one agency whose reports disagree the first alone."""
    one_each = list({one.group: one for one in reversed(figures)}.values())
    ordered = sorted(one_each, key=lambda one: (-_size(one), names[one.group]))
    sizes = [_size(one) for one in ordered]
    return tuple(_place(one, sizes.index(_size(one)) + 1, sizes.count(_size(one)) > 1, names[one.group], url_for(
        "progress.agency_figures", key=one.group, on=day.isoformat())) for one in ordered)


def _size(one: Figure) -> Decimal:
    return one.value if one.percent is None else one.percent


def _place(one: Figure, rank: int | None, tied: bool, name: str, url: str) -> Place:
    share = None if one.percent is None else float(round(one.percent, 1))
    return Place(rank, tied, name, url, value_of(one), share, number(one.value), one.on, one.source)


def _course(key: str, about: Indicator, day: Day, names: Mapping[str, str]) -> Any:
    """Over the quarters: of the groups that it is published of, of an agency that is asked for, else of all agencies
    of which it is known together."""
    asked = request.args.get("agency", "")
    chosen = {group_words(group): published.series(key, group) for group in Group}
    if asked in names:
        chosen[names[asked]] = published.series(key, asked)
    told = {name: _quarterly(figures, day.on) for name, figures in chosen.items() if figures}
    return courses(told or {_("All agencies together"): _together(key, about, day.on)})


def _quarterly(figures: Sequence[Figure], day: date) -> list[Figure]:
    """The newest figure of each quarter up to a day."""
    return list({quarter_of(one.on): one for one in figures if one.on <= day}.values())


def _together(key: str, about: Indicator, day: date) -> list[Figure]:
    """The sum over all agencies on the last day of each quarter."""
    sums: dict[date, tuple[Decimal, int]] = {}
    shares = True
    for on, _group, value, denominator in published.quarters(key, day):
        total, of = sums.get(on, (Decimal(0), 0))
        shares = shares and denominator is not None
        sums[on] = total + value, of + (denominator or 0 if about.unit != "yes_no" else 1)
    return [Figure(key, "all", value, "", of if of and (shares or about.unit == "yes_no") else None, on, "",
                   counts=Indicator(about.theme, about.words, "agencies")) for on, (value, of) in sums.items()]
