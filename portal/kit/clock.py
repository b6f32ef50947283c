"""The one clock. Times are aware and in UTC; days are days in Vietnam."""
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

VN = ZoneInfo("Asia/Ho_Chi_Minh")
_pretended: ContextVar[datetime | None] = ContextVar("pretended_now", default=None)


def now() -> datetime:
    """This moment, aware, in UTC."""
    return _pretended.get() or datetime.now(UTC)


def day_of(moment: datetime) -> date:
    """The calendar day in Vietnam on which `moment` falls."""
    return moment.astimezone(VN).date()


def today() -> date:
    """Today in Vietnam, whatever the machine's own zone is."""
    return day_of(now())


@contextmanager
def pretend(moment: datetime) -> Iterator[None]:
    """Only for the demonstration set, which tells a year of work through the real verbs."""
    token = _pretended.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _pretended.reset(token)
