"""By when a document is to be answered, and how that stands on a day. Pure; decision 0098."""
from datetime import date, timedelta
from enum import StrEnum

from portal.kit.text import N_
from portal.law.calendar import Calendar, CalendarEnds

#: It is soon due from so many working days before.
SOON_DAYS = 3


class Due(StrEnum):
    """`answered` whenever it was; `answered_late` after its day; none where no answer is awaited."""

    none = "none"
    open = "open"
    soon = "soon"
    late = "late"
    answered = "answered"
    answered_late = "answered_late"


DUE_WORDS = {Due.none: N_("No answer awaited"), Due.open: N_("Awaited"), Due.soon: N_("Soon due"), Due.late: N_("Late"),
             Due.answered: N_("Answered in time"), Due.answered_late: N_("Answered late")}


def due(due_on: date | None, answered_on: date | None, today: date, calendar: Calendar) -> Due:
    """How it stands today. The day itself is still in time; days are days in Vietnam."""
    if due_on is None:
        return Due.answered if answered_on else Due.none
    if answered_on is not None:
        return Due.answered if answered_on <= due_on else Due.answered_late
    if today > due_on:
        return Due.late
    return Due.soon if due_on <= soon_until(today, calendar) else Due.open


def soon_until(today: date, calendar: Calendar) -> date:
    """The last day that is soon: three working days from today, or as many days where the calendar knows no more."""
    day, left = today, SOON_DAYS
    try:
        while left:
            day += timedelta(days=1)
            left -= calendar.is_workday(day)
        return day
    except CalendarEnds:
        return today + timedelta(days=SOON_DAYS)
