"""The one clock. Times are aware and in UTC; days are days in Vietnam."""
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

VN = ZoneInfo("Asia/Ho_Chi_Minh")
_VN_AHEAD, _VN_YEARS = timedelta(hours=7), range(1976, 9999)  # no summer time, and none changed since June 1975
NOISE = timedelta(seconds=0.5)
_pretended: ContextVar[datetime | None] = ContextVar("pretended_now", default=None)


_ahead = timedelta()  # how far the database's clock is before this machine's


def now() -> datetime:
    """This moment, aware, in UTC: by the database's clock where several machines share one."""
    return _pretended.get() or datetime.now(UTC) + _ahead


def follow(ahead: timedelta) -> bool:
    """Go by a clock that is so far ahead of this machine's. A little is only the way there and back. Whether that is
    a change worth telling."""
    global _ahead
    before, _ahead = _ahead, ahead if abs(ahead) > NOISE else timedelta()
    return abs(_ahead - before) > NOISE


def day_of(moment: datetime) -> date:
    """The calendar day in Vietnam on which `moment` falls."""
    if moment.tzinfo is UTC and moment.year in _VN_YEARS:  # seven times as quick as asking the zone
        return (moment + _VN_AHEAD).date()
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
