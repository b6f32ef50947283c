"""One indicator over all agencies on any day: who stands where, of whom nothing is known, and how it went."""
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from flask import abort, request, url_for

from portal.kit import clock
from portal.kit.caching import public_cache
from portal.kit.hot.frame import render_framed
from portal.kit.i18n import _, lang
from portal.kit.web import for_every_site
from portal.oversight import published
from portal.oversight.figures import Figure, Group, Indicator, tenths
from portal.oversight.published import Shown
from portal.oversight.tallies import quarter_of
from portal.web.guard import anyone
from portal.web.progress import bp
from portal.web.progress.oversight.courses import Courses, courses
from portal.web.progress.oversight.figure_rows import (
    FIRST,
    KEPT_S,
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


class Standing(NamedTuple):
    """The groups and the agencies of which a figure is known, and the names of those of which none is."""

    groups: tuple[Place, ...]
    places: tuple[Place, ...]
    silent: tuple[str, ...]


Names = tuple[tuple[str, str], ...]


@bp.get("/oversight/indicators/<key>")
@anyone
@public_cache(KEPT_S)
def indicator(key: str) -> Any:
    """The newest figure of each agency up to a day, the largest first; shares by their share."""
    about = published.indicator(key) or abort(404)
    day = asked_day()
    names = tuple((one.key, one.name) for one in existing(day.on))
    asked = request.args.get("agency", "")[:20]
    shown = published.of_indicator(key, day.on)
    found = _standing(shown, names, day.on, lang(), request.root_path)
    page = render_framed(
        "progress/oversight/indicator.html", key=key, title=words(about, key), means=means(about), unit=unit(about),
        day=day, today=clock.today(), first=FIRST, found=found, bars=found.places[:MOST_BARS], agency=asked,
        course=_course(key, about, day.on, {one.group for one in shown.figures}, dict(names), asked))
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
    return no_day(day) if day.wrong else write(published.of_indicator(key, day.on))


@lru_cache(maxsize=400)
def _standing(shown: Shown, names: Names, day: date, _lang: str, _root: str) -> Standing:
    """What the same figures come to in one language is worked out once."""
    known, on = dict(names), day.isoformat()
    nation, agency = url_for("progress.oversight", on=on), url_for("progress.agency_figures", key=_ANY, on=on)
    groups = tuple(_place(one, None, False, group_words(one.group), nation) for one in shown.figures
                   if one.group not in known)
    return Standing(groups, _places([one for one in shown.figures if one.group in known], known, agency), tuple(
        name for of, name in names if of not in {one.group for one in shown.figures}))


_ANY = "0any0"  # stands for an agency in an address that is built once


def _places(figures: Sequence[Figure], names: Mapping[str, str], url: str) -> tuple[Place, ...]:
    """The largest first, alike those that are alike; of one agency whose reports disagree the first alone."""
    one_each = list({one.group: one for one in reversed(figures)}.values())
    ordered = sorted(one_each, key=lambda one: (-_size(one), names[one.group]))
    sizes = [_size(one) for one in ordered]
    return tuple(_place(one, sizes.index(_size(one)) + 1, sizes.count(_size(one)) > 1, names[one.group],
                        url.replace(_ANY, one.group)) for one in ordered)


def _size(one: Figure) -> Decimal:
    return one.value if one.percent is None else one.percent


def _place(one: Figure, rank: int | None, tied: bool, name: str, url: str) -> Place:
    share = None if one.percent is None else float(tenths(one.percent))
    return Place(rank, tied, name, url, value_of(one), share, number(one.value), one.on, one.source)


def _course(key: str, about: Indicator, day: date, known: Collection[str], names: Mapping[str, str],
            asked: str) -> Courses | None:
    """Over the quarters: of the groups of which it is `known`, of an agency that is asked for, else of all agencies of
    which it is known together."""
    chosen = [(group_words(group), str(group)) for group in Group if group in known]
    if asked in names and asked in known:
        chosen.append((names[asked], asked))
    told = tuple((name, published.series(key, group)) for name, group in chosen)
    return _over_time(told, day) if told else courses({_("All agencies together"): _together(key, about, day)})


@lru_cache(maxsize=400)
def _over_time(told: tuple[tuple[str, Shown], ...], day: date) -> Courses | None:
    """The newest figure of each quarter up to a day."""
    return courses({name: list({quarter_of(one.on): one for one in shown.figures if one.on <= day}.values())
                    for name, shown in told})


def _together(key: str, about: Indicator, day: date) -> list[Figure]:
    """What all agencies come to at the ends of quarters: of yes and no, how many of them say yes."""
    found = published.together(key, day)
    counted = about.unit == "yes_no"
    shares = all(one.divided == one.agencies for one in found)
    return [Figure(key, "all", one.value, "", one.agencies if counted else one.denominator if shares else None, one.on,
                   "", counts=Indicator(about.theme, about.words, "agencies")) for one in found]
