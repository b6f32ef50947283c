"""Moments as machines and people write them: RFC 3339 in UTC, the yyyyMMddHHmmss of the national messages, and what
systems and spreadsheets of Vietnam's offices make of a date. What names no zone is Vietnam's time. Pure.

A due date is written as a day: midnight, 24:00 and a day alone mean the end of that day (`end_of_day`). Of what
happened the hour stays as it was told.
"""
import re
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from portal.kit.clock import VN

#: Civil Code 2015 art. 148(5): the last day of a period ends at 24:00. Working hours that are counted here end earlier.
DUE_DAY_ENDS = time(23, 59, 59)
_OFTEN = 64  # longer is no moment in any form
_CLOCK = (r"(?P<hour>\d{1,2})(?:\s*(?:[:hg]|giờ|gio)\s*(?:(?P<minute>\d{1,2})(?:(?:\s*(?:phút|phut)|:(?P<second>\d{2})"
          r"(?:[.,](?P<fraction>\d{1,9}))?))?)?)(?:\s*(?P<half>sa|ch|am|pm|sáng|chiều|tối)\.?)?")
_DAY = (r"(?:(?:ngày|ngay)\s*)?(?P<day>\d{1,2})(?:\s*(?:tháng|thang)\s*|(?P<mark>[/.-]))(?P<month>\d{1,2})"
        r"(?:\s*(?:năm|nam)\s*|(?:(?P=mark)))(?P<year>\d{4})")
_DAY_FIRST = re.compile(rf"{_DAY}(?:[\s,T]+(?:(?:lúc|luc)\s+)?{_CLOCK})?", re.I)
_CLOCK_FIRST = re.compile(rf"(?:(?:lúc|luc)\s+)?{_CLOCK}[\s,]*(?:-\s*)?{_DAY}", re.I)
_ISO = re.compile(r"(?P<year>\d{4})(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})(?:[T\s]+"
                  r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?\s*"
                  r"(?P<zone>Z|[+-]\d{2}:?\d{2})?)?", re.I)
_RUN_TOGETHER = re.compile(r"(?P<year>(?:19|20)\d{2})(?P<month>\d{2})(?P<day>\d{2})"
                           r"(?:T?(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?(?P<fraction>\d{3})?)?(?P<zone>Z)?",
                           re.I)
_BY_NAME = re.compile(r"(?:[a-z]{3},?\s+)?(?P<name>[a-z]{3})\s+(?P<day>\d{1,2}),?\s+(?P<year>\d{4})(?:,?\s+"
                      r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?(?:\s*(?P<half>am|pm))?)?", re.I)
_SINCE_1970 = re.compile(r"\\?/Date\((?P<ms>-?\d{1,14})(?:[+-]\d{4})?\)\\?/")
_SHAPES = (_RUN_TOGETHER, _ISO, _DAY_FIRST, _CLOCK_FIRST, _BY_NAME)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_AFTERNOON, _MORNING = frozenset({"ch", "pm", "chiều", "tối"}), frozenset({"sa", "am", "sáng"})
_MONTH_FIRST = re.compile(r"\s*(\d{1,2})([/.-])(\d{1,2})\2\d{4}\b")


class Written(NamedTuple):
    """A moment as it was written, aware. `alone`: only its day was. `whole`: as 24:00, the day's end."""

    at: datetime
    alone: bool = False
    whole: bool = False


def rfc3339(moment: datetime | None) -> str | None:
    """2026-11-22T01:30:00Z; a fraction only where there is one."""
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def national(moment: datetime | None) -> str:
    """20261122083000, Vietnam time; nothing where there is no moment."""
    return "" if moment is None else f"{moment.astimezone(VN):%Y%m%d%H%M%S}"


def end_of_day(due: datetime) -> datetime:
    """A due date or deadline that stands at midnight, in Vietnam or as it was written, is the end of that day; any
    other stays. Every way in asks here."""
    if due.minute or due.second:
        return due
    here = due.astimezone(VN)
    day = here.date() if not here.hour else due.date() if not due.hour else None
    return due if day is None else datetime.combine(day, DUE_DAY_ENDS, VN)


def due(written: Written) -> datetime:
    """What was written as a due date or deadline."""
    return datetime.combine(written.at.date(), DUE_DAY_ENDS, VN) if written.alone or written.whole else \
        end_of_day(written.at)


def happened(written: Written) -> datetime | None:
    """What was written as the moment of something that happened; a day alone is its beginning. None for 24:00: nothing
    happens at an hour that there is not."""
    return None if written.whole else written.at


def read(text: str, *, month_first: bool = False) -> Written | None:
    """The moment that a text says in any form that offices' systems write; None for anything else.

    20261120083000, 20261120, 2026-11-20T08:30:00.1234567Z, 20/11/2026 8:30 CH, 08:30:00 20/11/2026, 16 giờ 30 phút,
    ngày 20 tháng 11 năm 2026, Nov 20, 2026 8:30:00 AM. `month_first`: 11/20/2026, where somebody said so.
    """
    text = text.strip().lstrip("'")
    if not text or len(text) > _OFTEN:
        return None
    try:
        if since := _SINCE_1970.fullmatch(text):
            return Written((datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(since["ms"]))).astimezone(VN))
        found = next(filter(None, (shape.fullmatch(text) for shape in _SHAPES)), None)
        return _written(found.groupdict(), month_first) if found and text.isprintable() else None
    except (ValueError, OverflowError):
        return None


def is_month_first(text: str) -> bool:
    """Whether a date can only have its month in front, as in 11/20/2026."""
    found = _MONTH_FIRST.match(text)
    return bool(found) and int(found[1]) <= 12 < int(found[3]) <= 31  # type: ignore[index]


def _written(said: dict[str, str | None], month_first: bool) -> Written:
    name, day = said.get("name"), int(said["day"] or 0)
    month = _MONTHS.index(name.lower()) + 1 if name else int(said["month"] or 0)
    if month_first and said.get("mark") and len(said["day"] or "") <= 2 and "zone" not in said:
        day, month = month, day
    on = date(int(said["year"] or 0), month, day)
    hour = _hour(said.get("hour"), (said.get("half") or "").lower())
    if hour is None:
        return Written(datetime.combine(on, time.min, VN), alone=True)
    minute, second = int(said.get("minute") or 0), int(said.get("second") or 0)
    if hour == 24 and not minute and not second:
        return Written(datetime.combine(on, time.min, VN), whole=True)
    micro = int((said.get("fraction") or "0")[:6].ljust(6, "0"))
    at = datetime.combine(on, time(hour, minute, second, micro))
    zone = said.get("zone")
    return Written(at.replace(tzinfo=VN) if not zone else datetime.fromisoformat(at.isoformat() + zone.upper()))


def _hour(text: str | None, half: str) -> int | None:
    """The hour of the day; twelve at noon (CH) and at midnight (SA). None where none was written."""
    if text is None:
        return None
    hour = int(text)
    if half and hour > 12:
        return hour if half in _AFTERNOON and hour < 24 else 99  # 14:30 CH is said; 14:30 SA is not
    if half in _AFTERNOON:
        return hour % 12 + 12
    return hour % 12 if half in _MORNING else hour
