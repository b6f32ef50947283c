"""Figures as pages and files say them: never a number without its indicator, unit, denominator, day and source."""
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, NamedTuple

from flask import Response, get_template_attribute, jsonify, request, url_for
from markupsafe import Markup

from portal.kit import clock
from portal.kit.csv_lines import csv_lines
from portal.kit.i18n import _, lang, short_day
from portal.kit.text import N_
from portal.oversight.checks import Check
from portal.oversight.figures import GROUP_WORDS, THEME_WORDS, UNIT_WORDS, Figure, Group, Indicator, Theme, tenths
from portal.oversight.periods import DAY
from portal.oversight.published import Line, Shown
from portal.oversight.tallies import quarter_of

KEPT_S: Final = 300
FIRST: Final = date(2015, 10, 14)  # of Resolution 36a: of the days before nothing was asked
BEGIN: Final = date(2000, 1, 1)  # older than anything that is told here
COLUMNS: Final = ("indicator", "group", "value", "as_published", "unit", "denominator", "on", "source", "failed_checks")
CONFIDENCE = {"M": N_("read in a copy"), "L": N_("from memory")}
Said = tuple[str, ...]


class Day(NamedTuple):
    """The day that is shown, and what is to be said of the one that was asked for (`wrong`: it is none, as `typed`)."""

    on: date
    note: str = ""
    wrong: bool = False
    typed: str = ""


class Row(NamedTuple):
    """A figure in words. `share`: of a hundred, for its bar; `change`: since the quarter before, with its day;
    `failed`: what does not close; `checked`: whether anything could be checked. `url`: of the indicator."""

    key: str
    title: str
    means: str
    group: str
    value: str
    unit: str
    as_published: str
    on: date
    source: str
    sure: str
    names: str
    share: float | None
    change: str
    failed: Said
    checked: bool
    url: str


class Section(NamedTuple):
    """The rows of a theme."""

    key: str
    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, eq=False)
class Told:
    """Figures in words: by theme, what does not close (each once, with the first figure that it is about), and whether
    this portal counted any. The same object for the same figures in one language, see `told`."""

    sections: tuple[Section, ...]
    failed: tuple[tuple[str, Row], ...]
    live: bool

    def tables(self, before: date | None = None) -> Markup:
        """All of it as HTML: of groups, or of one agency with how it moved since the end of the quarter `before`."""
        return _tables(self, before)


@lru_cache(maxsize=128)  # of 150 KB at most
def _tables(said: Told, before: date | None) -> Markup:
    return Markup(get_template_attribute("progress/oversight/_figures.html", "themes")(
        said.sections, before is None, before))


def asked_day() -> Day:
    """The day of the address; today where it names none. What is no day, or lies ahead, is said, and today shown."""
    said, today = request.args.get("on", "").strip()[:20], clock.today()
    if said in ("", "today"):
        return Day(today)
    try:
        day = date.fromisoformat(said)
    except ValueError:
        return Day(today, _("%(typed)s is no day: type year-month-day, such as 2017-03-31. Today is shown.",
                            typed=said), True, said)
    if day > today:
        return Day(today, _("%(typed)s lies ahead: nobody knows its figures. Today is shown.", typed=said))
    if day < BEGIN:
        return Day(BEGIN, _("Nothing is told of the days before %(year)s.", year=BEGIN.year))
    return Day(day)


def words(about: Indicator, key: str) -> str:
    """The name of an indicator in the reader's language; its key where nobody explains it any more."""
    return (about.english[0] if about.english[0] and lang() == "en" else about.words and _(about.words)) or key


def means(about: Indicator) -> str:
    """How it is counted."""
    told = about.english[1] if about.english[1] and lang() == "en" else about.means and _(about.means)
    return f"{told} {_('Counted from the first day of the quarter.')}".strip() if about.over else str(told)


def unit(about: Indicator) -> str:
    return _(UNIT_WORDS[about.unit]) if about.unit in UNIT_WORDS else about.unit


def group_words(group: str, names: Mapping[str, str] | None = None) -> str:
    """A group, or an agency by its name."""
    return _(GROUP_WORDS[Group(group)]) if group in tuple(Group) else (names or {}).get(group, group)


def says(check: Check) -> str:
    return _(check.says, **check.facts)


def number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def written(value: Decimal | int) -> str:
    """As the reader's language writes it."""
    text = f"{number(Decimal(value)):,}"
    return text.translate(str.maketrans(",.", ".,")) if lang() == "vi" else text


def value_of(figure: Figure) -> str:
    """19/30, or a number alone; yes or no."""
    if figure.unit == "yes_no":
        return _("yes") if figure.value else _("no")
    whole = written(figure.value)
    return f"{whole}/{written(figure.denominator)}" if figure.denominator else whole


def told(shown: Shown, day: date, agency: str | None = None, changes: Shown | None = None) -> Told:
    """Lines in words, by theme. `agency`: whose they are, so that an indicator's page shows its course; `changes`: what
    was known at the end of the quarter before. The same lines are put into words once."""
    return _told(shown, day, agency, changes, lang(), request.root_path)


@lru_cache(maxsize=400)
def _told(shown: Shown, day: date, agency: str | None, changes: Shown | None, _lang: str, _root: str) -> Told:
    before = {line.figure.indicator: line.figure for line in reversed(changes.lines)} if changes else {}
    page = url_for("progress.indicator", key=_ANY, on=day.isoformat(), agency=agency)
    found: dict[Theme, list[Row]] = {theme: [] for theme in Theme}
    for line in shown.lines:
        figure = line.figure
        found[figure.about.theme].append(_row(line, page.replace(_ANY, figure.indicator),
                                              change(figure, before.get(figure.indicator))))
    sections = tuple(Section(theme, _(THEME_WORDS[theme]), tuple(of)) for theme, of in found.items() if of)
    failed: dict[str, Row] = {}
    for section in sections:
        for row in section.rows:
            for said in row.failed:
                failed.setdefault(said, row)
    return Told(sections, tuple(failed.items()), any(line.figure.is_live for line in shown.lines))


_ANY = "0any0"  # stands for an indicator in an address that is built once


def _row(line: Line, url: str, moved: str) -> Row:
    figure = line.figure
    about, share = figure.about, figure.percent
    return Row(
        figure.indicator, words(about, figure.indicator), means(about), group_words(figure.group), value_of(figure),
        "" if figure.unit == "yes_no" else unit(about), figure.as_published, figure.on, figure.source,
        _(CONFIDENCE[figure.confidence]) if figure.confidence in CONFIDENCE else "", "; ".join(figure.names),
        None if share is None else float(tenths(share)), moved, tuple(says(check) for check in line.failed),
        bool(line.checks), url)


def change(now: Figure, before: Figure | None) -> str:
    """By how much it moved since a figure of an earlier quarter: in points where both are shares, else as a number; ""
    where there is none, or a quarter that is not over is counted."""
    if before is None or before.on == now.on or (now.about.over and not _ends_quarter(now.on)):
        return ""
    if now.unit == "yes_no":
        moved = value_of(now) if now.value == before.value else f"{value_of(before)} → {value_of(now)}"
    elif now.percent is not None and before.percent is not None:
        moved = _("%(n)s points", n=_signed(tenths(now.percent - before.percent)))
    else:
        moved = _signed(now.value - before.value)
    return _("%(moved)s since %(day)s", moved=moved, day=short_day(before.on))


def _signed(value: Decimal) -> str:
    return f"+{written(value)}" if value > 0 else written(value)


def _ends_quarter(day: date) -> bool:
    return quarter_of(day + DAY) == day + DAY


def plain(line: Line) -> dict[str, Any]:
    """A figure for machines."""
    figure = line.figure
    return {"indicator": figure.indicator, "group": figure.group, "value": number(figure.value),
            "as_published": figure.as_published, "unit": figure.unit, "denominator": figure.denominator,
            "on": figure.on.isoformat(), "source": figure.source, "confidence": figure.confidence,
            "names": list(figure.names),
            "checks": [{"rule": check.rule, "ok": check.ok, "says": says(check)} for check in line.checks]}


@lru_cache(maxsize=400)
def _all_plain(shown: Shown, _lang: str) -> tuple[dict[str, Any], ...]:
    return tuple(map(plain, shown.lines))


def as_json(shown: Shown, more: Sequence[dict[str, Any]] = ()) -> Response:
    return jsonify([*_all_plain(shown, lang()), *more])


def as_csv(shown: Shown) -> Response:
    rows = ([*(one[name] for name in COLUMNS[:-1]), "; ".join(check["says"] for check in one["checks"]
                                                               if not check["ok"])]
            for one in _all_plain(shown, lang()))
    return Response(csv_lines([COLUMNS, *rows]), mimetype="text/csv")


def no_day(day: Day) -> tuple[Response, int]:
    """A machine is told what was wrong with its address."""
    return jsonify(error=_("%(typed)s is no day: type year-month-day, such as 2017-03-31.", typed=day.typed)), 422
