"""Figures as pages and files say them: never a number without its indicator, unit, denominator, day and source."""
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final, NamedTuple

from flask import Response, jsonify, request, url_for

from portal.kit import clock
from portal.kit.csv_lines import csv_lines
from portal.kit.i18n import _, lang
from portal.kit.text import N_
from portal.oversight.checks import Check
from portal.oversight.figures import GROUP_WORDS, THEME_WORDS, UNIT_WORDS, Figure, Group, Indicator, Theme
from portal.oversight.published import Line

KEPT_S: Final = 300
FIRST: Final = date(2015, 10, 14)  # of Resolution 36a: of the days before nothing was asked
BEGIN: Final = date(2000, 1, 1)  # older than anything that is told here
COLUMNS: Final = ("indicator", "group", "value", "as_published", "unit", "denominator", "on", "source", "failed_checks")
CONFIDENCE = {"M": N_("read in a copy"), "L": N_("from memory")}
Said = tuple[str, ...]


class Day(NamedTuple):
    """The day that is shown, and what is to be said of the one that was asked for (`wrong`: it is none)."""

    on: date
    note: str = ""
    wrong: bool = False


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


def asked_day() -> Day:
    """The day of the address; today where it names none. What is no day, or lies ahead, is said, and today shown."""
    said, today = request.args.get("on", "").strip()[:20], clock.today()
    if said in ("", "today"):
        return Day(today)
    try:
        day = date.fromisoformat(said)
    except ValueError:
        return Day(today, _("%(typed)s is no day: type year-month-day, such as 2017-03-31. Today is shown.",
                            typed=said), True)
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


def row_of(line: Line, day: date, change: str = "", agency: str | None = None) -> Row:
    """A figure in words; `agency`: whose figures are shown, so that the indicator's page shows its course."""
    figure = line.figure
    about, share = figure.about, figure.percent
    return Row(
        figure.indicator, words(about, figure.indicator), means(about), group_words(figure.group), value_of(figure),
        unit(about), figure.as_published, figure.on, figure.source,
        _(CONFIDENCE[figure.confidence]) if figure.confidence in CONFIDENCE else "", "; ".join(figure.names),
        None if share is None else float(round(share, 1)), change, tuple(says(check) for check in line.failed),
        bool(line.checks), url_for("progress.indicator", key=figure.indicator, on=day.isoformat(), agency=agency))


def sections(rows: Iterable[tuple[Theme, Row]]) -> tuple[Section, ...]:
    """By theme, in their order."""
    found: dict[Theme, list[Row]] = {theme: [] for theme in Theme}
    for theme, row in rows:
        found[theme].append(row)
    return tuple(Section(theme, _(THEME_WORDS[theme]), tuple(of)) for theme, of in found.items() if of)


def failed(of: Sequence[Section]) -> Said:
    """What does not close, each once."""
    return tuple(dict.fromkeys(words for section in of for row in section.rows for words in row.failed))


def plain(line: Line) -> dict[str, Any]:
    """A figure for machines."""
    figure = line.figure
    return {"indicator": figure.indicator, "group": figure.group, "value": number(figure.value),
            "as_published": figure.as_published, "unit": figure.unit, "denominator": figure.denominator,
            "on": figure.on.isoformat(), "source": figure.source, "confidence": figure.confidence,
            "names": list(figure.names),
            "checks": [{"rule": check.rule, "ok": check.ok, "says": says(check)} for check in line.checks]}


def as_json(lines: Iterable[Line], more: Sequence[dict[str, Any]] = ()) -> Response:
    return jsonify([*map(plain, lines), *more])


def as_csv(lines: Iterable[Line]) -> Response:
    rows = ([line.figure.indicator, line.figure.group, str(line.figure.value), line.figure.as_published,
             line.figure.unit, line.figure.denominator, line.figure.on.isoformat(), line.figure.source,
             "; ".join(says(check) for check in line.failed)] for line in lines)
    return Response(csv_lines([COLUMNS, *rows]), mimetype="text/csv")


def no_day(day: Day) -> tuple[Response, int]:
    """A machine is told what was wrong with its address."""
    return jsonify(error=day.note), 422
