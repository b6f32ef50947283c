"""The month that a page of figures is of: read from its address, written into addresses, compared with others."""
import re
from datetime import date, timedelta

from flask import abort, request

from portal.kit import clock
from portal.statistics.measures import month_of, months_back

CHOICE = 36  # months to choose from
_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])", re.ASCII)


def asked() -> date | None:
    """The month of the address (its first day), None where it names none. An odd one is no page (404)."""
    given = request.args.get("month", "")
    if not given:
        return None
    if not _MONTH.fullmatch(given) or given < "2000":
        abort(404)
    return date.fromisoformat(f"{given}-01")


def asked_day() -> date:
    """The day of the address, else today. A day to come, or an odd one, is no page (404)."""
    given, today = request.args.get("on", ""), clock.today()
    if not given:
        return today
    try:
        on = date.fromisoformat(given)
    except ValueError:
        abort(404)
    return on if date(2000, 1, 1) <= on <= today + timedelta(days=1) else abort(404)


def typed(month: date) -> str:
    """A month as addresses and files have it."""
    return month.strftime("%Y-%m")


def running() -> date:
    """The month that is not over."""
    return month_of(clock.today())


def last_full() -> date:
    """The last full month."""
    return months_back(clock.today(), 2)[1]


def choice() -> tuple[date, ...]:
    """The months to choose from, newest first."""
    return tuple(months_back(clock.today(), CHOICE))


def three(month: date) -> tuple[date, date, date]:
    """The month, the one before, and the same of last year."""
    return month, months_back(month, 2)[1], month.replace(year=month.year - 1)


def back_to(month: date) -> list[date]:
    """The months from this one back to a year before `month`, newest first; at least thirteen."""
    today = clock.today()
    return months_back(today, max((today.year - month.year) * 12 + today.month - month.month, 0) + 13)
