"""Months, quarters, half-years and years as periods of tasks and reports: "2026-11", "2026-Q4", "2026-H1", "2026"; and
the day by which something of a period is due. Pure."""
import re
from calendar import month_name, monthrange
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

EVERY = ("month", "quarter", "half", "year")
_FORM = re.compile(r"(?P<year>[12]\d{3})(?:-(?:Q(?P<quarter>[1-4])|H(?P<half>[12])|(?P<month>0[1-9]|1[0-2])))?",
                   re.ASCII)
_MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}
_ROMAN = ("I", "II", "III", "IV")
DAY = timedelta(days=1)


def period_of(day: date, every: str) -> str:
    """The period in which a day lies; `every`: month, quarter, half, year."""
    if every == "month":
        return f"{day.year}-{day.month:02}"
    if every == "year":
        return str(day.year)
    months = _MONTHS[every]
    return f"{day.year}-{'Q' if every == 'quarter' else 'H'}{(day.month + months - 1) // months}"


def every_of(period: str) -> str:
    """How long a period is: month, quarter, half, year. ValueError for what is none."""
    found = _FORM.fullmatch(period)
    if found is None:
        raise ValueError(f"no period {period}")
    return next((every for every in EVERY[:3] if found[every]), "year")


def days_of(period: str) -> tuple[date, date]:
    """The first and the last day of a period. ValueError for what is none."""
    every = every_of(period)
    found = _FORM.fullmatch(period)
    assert found is not None
    year, months = int(found["year"]), _MONTHS[every]
    last = int(found[every]) * months if every != "year" else 12
    return date(year, last - months + 1, 1), _in_month(year, last, 31)


def due_day(period: str) -> date:
    """A task of a period is due on its last day."""
    return days_of(period)[1]


def before(period: str) -> str:
    """The period before it, of the same length."""
    return period_of(days_of(period)[0] - DAY, every_of(period))


def after(period: str) -> str:
    """The period after it, of the same length."""
    return period_of(days_of(period)[1] + DAY, every_of(period))


def called(period: str) -> dict[str, str]:
    """What people call it, by language."""
    year, _dash, part = period.partition("-")
    every = every_of(period)
    if every == "year":
        return {"vi": f"năm {year}", "en": f"the year {year}"}
    if every == "month":
        return {"vi": f"tháng {int(part)} năm {year}", "en": f"{month_name[int(part)]} {year}"}
    number = int(part[1:])
    if every == "half":
        return {"vi": f"6 tháng {('đầu', 'cuối')[number - 1]} năm {year}",
                "en": f"the {('first', 'second')[number - 1]} half of {year}"}
    return {"vi": f"quý {_ROMAN[number - 1]} năm {year}", "en": f"quarter {number} of {year}"}


def check_due(rule: Any, place: str = "due") -> None:
    """ValueError that names the place where a rule for due days is none. A rule: {"day": 1 to 31, "month": "last" (of
    the period) or "after"}, and perhaps "units": the same for when an agency's units report to it."""
    if not isinstance(rule, Mapping):
        raise ValueError(f"{place}: an object with day and month")
    if unknown := sorted(set(rule) - {"day", "month", "units"}):
        raise ValueError(f"{place}.{unknown[0]}: not known here")
    if type(rule.get("day")) is not int or not 1 <= rule["day"] <= 31:
        raise ValueError(f"{place}.day: a whole number from 1 to 31")
    if rule.get("month") not in ("last", "after"):
        raise ValueError(f"{place}.month: last or after")
    if "units" in rule:
        check_due(rule["units"], f"{place}.units")


def due_by(rule: Mapping[str, Any] | None, period: str) -> date:
    """The day by which reports of a period are due: without a rule its last one. "Month last" is before the period is
    over: Circular 09/2026/TT-BTP asks for the 23rd of the month, or of the period's last month. The 31st of a shorter
    month is its last day."""
    last = days_of(period)[1]
    if not rule:
        return last
    month = last if rule["month"] == "last" else last + DAY
    return _in_month(month.year, month.month, rule["day"])


def _in_month(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, monthrange(year, month)[1]))
