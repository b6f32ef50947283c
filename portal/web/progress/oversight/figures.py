"""Who delivers what the Government asked, as it was published, on any day: never a number without its indicator, unit,
denominator, day and source."""
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from flask import Response, jsonify, render_template, request

from portal.kit import clock
from portal.kit.caching import public_cache
from portal.kit.csv_lines import csv_lines
from portal.kit.i18n import _
from portal.kit.web import for_every_site
from portal.oversight import queries
from portal.oversight.checks import Check, checks
from portal.oversight.figures import GROUP_WORDS, INDICATORS, THEME_WORDS, UNIT_WORDS, Figure, Theme, newest
from portal.oversight.history import Rank
from portal.web.guard import anyone
from portal.web.progress import bp

KEPT_S = 300
COLUMNS = ("indicator", "group", "value", "as_published", "unit", "denominator", "on", "source", "failed_checks")


@dataclass(frozen=True)
class Line:
    """A figure with the checks that speak of it."""

    figure: Figure
    checks: list[Check]

    @property
    def failed(self) -> list[Check]:
        return [check for check in self.checks if not check.ok]


@bp.get("/oversight")
@anyone
@public_cache(KEPT_S)
def oversight() -> Any:
    """What was published up to a day, by theme, with what does not close beside each figure."""
    day, said = _day()
    lines = _lines(day)
    themes = [(theme, THEME_WORDS[theme], [line for line in lines if INDICATORS[line.figure.indicator].theme == theme])
              for theme in Theme]
    year = _readiness_year(day)
    return render_template(
        "progress/oversight/figures.html", on=day, wrong=said if said and said != day.isoformat() else None,
        today=clock.today(), days=queries.days(), themes=[each for each in themes if each[2]],
        failed=_failed(lines), readiness=queries.readiness(year) if year else (), year=year,
        indicators=INDICATORS, groups=GROUP_WORDS, units=UNIT_WORDS, says=_says,
        number=_number), 422 if said and said != day.isoformat() else 200


@bp.get("/oversight.json")
@anyone
@public_cache(KEPT_S)
def oversight_json() -> Response:
    """The same figures for machines: a list."""
    for_every_site()
    day, _said = _day()
    year = _readiness_year(day)
    ranks = [_rank(one) for one in queries.readiness(year) if one.rank] if year else []
    return jsonify([_plain(line) for line in _lines(day)] + ranks)


@bp.get("/oversight.csv")
@anyone
@public_cache(KEPT_S)
def oversight_csv() -> Response:
    """The same figures as a table."""
    for_every_site()
    day, _said = _day()
    rows = ([line.figure.indicator, line.figure.group, str(line.figure.value), line.figure.as_published,
             line.figure.unit, line.figure.denominator, line.figure.on.isoformat(), line.figure.source,
             "; ".join(_says(check) for check in line.failed)] for line in _lines(day))
    return Response(csv_lines([COLUMNS, *rows]), mimetype="text/csv")


def _day() -> tuple[date, str]:
    """The day that is asked for and what was typed; today for what is no day."""
    said = request.args.get("on", "").strip()[:20]
    try:
        return date.fromisoformat(said), said
    except ValueError:
        return clock.today(), said


def _lines(day: date) -> list[Line]:
    known = queries.figures_until(day)
    return [Line(figure, checks(figure, known)) for figure in newest(known, day)]


def _failed(lines: Iterable[Line]) -> list[str]:
    """What does not close, each once."""
    return list(dict.fromkeys(_says(check) for line in lines for check in line.failed))


def _says(check: Check) -> str:
    return _(check.says, **check.facts)


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def _plain(line: Line) -> dict[str, Any]:
    figure = line.figure
    return {"indicator": figure.indicator, "group": figure.group, "value": _number(figure.value),
            "as_published": figure.as_published, "unit": figure.unit, "denominator": figure.denominator,
            "on": figure.on.isoformat(), "source": figure.source, "confidence": figure.confidence,
            "names": list(figure.names),
            "checks": [{"rule": check.rule, "ok": check.ok, "says": _says(check)} for check in line.checks]}


def _readiness_year(day: date) -> int | None:
    """The newest year of the readiness index that was over by `day`."""
    over = [year for year in queries.readiness_years() if date(year, 12, 31) <= day]
    return over[-1] if over else None


def _rank(one: Rank) -> dict[str, Any]:
    return {"indicator": f"ict_readiness_rank_{one.component}", "group": one.group, "agency": one.name,
            "value": one.rank, "as_published": f"{one.rank}" + (f" ({one.score})" if one.score else ""),
            "unit": "rank", "denominator": None, "on": date(one.year, 12, 31).isoformat(), "source": one.source,
            "checks": []}


