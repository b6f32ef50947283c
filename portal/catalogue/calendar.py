"""The working calendar of the database: the days in use, and the editions that were in use before."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time
from functools import cache
from typing import Any

from sqlalchemy import select

from portal.catalogue import reference
from portal.catalogue.models import CalendarEdition, Holiday
from portal.kit.db import session
from portal.law.calendar import Calendar, CalendarDay, Period


class NoCatalogue(LookupError):
    """The reference data was never loaded."""


@dataclass(frozen=True)
class DayChange:
    """A day that one edition of the calendar lists otherwise than another; None where it is an ordinary day."""

    day: date
    before: CalendarDay | None
    now: CalendarDay | None


def calendar_now() -> Calendar:
    """The calendar of the days that are in the database. Raises NoCatalogue while there is none."""
    days = calendar_days()
    if not days:
        raise NoCatalogue("the holiday table is empty: load the reference data first")
    return Calendar.of_days(days, _hours())


def calendar_days() -> list[CalendarDay]:
    """The days that the calendar lists, in order, as they are in the database now."""
    rows = session.execute(select(Holiday.day, Holiday.kind, Holiday.name, Holiday.provisional).order_by(Holiday.day))
    return [CalendarDay(*row) for row in rows]


def newest_calendar() -> CalendarEdition | None:
    """The edition of the calendar that was published last."""
    return session.scalar(select(CalendarEdition).order_by(CalendarEdition.id.desc()).limit(1))


def calendar_of(edition: str) -> Calendar | None:
    """The calendar as it was in this edition, None for one that was never published."""
    days = session.scalar(select(CalendarEdition.days).where(CalendarEdition.key == edition)
                          .order_by(CalendarEdition.id.desc()).limit(1))
    return None if days is None else Calendar.of_days(_days_of(days), _hours(), edition)


def calendar_changes(since: str) -> list[DayChange]:
    """Days on which offices are open by one of this edition and today's calendar and closed by the other, in order.

    Raises LookupError for an edition that was never published.
    """
    before = calendar_of(since)
    if before is None:
        raise LookupError(f"no edition {since!r} of the calendar was published")
    now = calendar_now()
    first, last = max(before.first, now.first), min(before.last, now.last)
    days = sorted(day for day in before.listed.keys() | now.listed.keys() if first <= day <= last)
    return [DayChange(day, before.listed.get(day), now.listed.get(day)) for day in days
            if before.is_workday(day) != now.is_workday(day)]


def _days_of(days: Iterable[Sequence[Any]]) -> list[CalendarDay]:
    """An edition's days from its row."""
    return [CalendarDay(date.fromisoformat(day), kind, name, provisional) for day, kind, name, provisional in days]


@cache
def _hours() -> tuple[Period, ...]:
    """The usual opening hours, from the working calendar of the reference data."""
    stated = json.loads((reference.DATA / "working_calendar.json").read_text("utf-8"))["gio_mac_dinh"]
    return tuple((time.fromisoformat(start), time.fromisoformat(end))
                 for start, end in (stated["sang"], stated["chieu"]))
