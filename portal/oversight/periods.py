"""Months, quarters and years as periods of tasks and reports: "2026-11", "2026-Q4", "2026". Pure."""
import re
from datetime import date, timedelta

_FORM = re.compile(r"(\d{4})(?:-(?:Q([1-4])|(0[1-9]|1[0-2])))?", re.ASCII)
DAY = timedelta(days=1)


def period_of(day: date, every: str) -> str:
    """The period in which a day lies; `every`: month, quarter, year."""
    if every == "month":
        return f"{day.year}-{day.month:02}"
    return f"{day.year}-Q{(day.month + 2) // 3}" if every == "quarter" else str(day.year)


def days_of(period: str) -> tuple[date, date]:
    """The first and the last day of a period. ValueError for what is none."""
    found = _FORM.fullmatch(period)
    if found is None:
        raise ValueError(f"no period {period}")
    year = int(found[1])
    first, months = (int(found[3]), 1) if found[3] else (int(found[2]) * 3 - 2, 3) if found[2] else (1, 12)
    after = first + months
    return date(year, first, 1), date(year + (after > 12), after - 12 if after > 12 else after, 1) - DAY


def due_day(period: str) -> date:
    """A task of a period is due on its last day."""
    return days_of(period)[1]


def before(period: str) -> str:
    """The period before it, of the same length."""
    day = days_of(period)[0] - DAY
    return period_of(day, "quarter" if "Q" in period else "month" if "-" in period else "year")
