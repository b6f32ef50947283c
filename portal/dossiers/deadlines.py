"""When a dossier is due, how the clock stops and goes on, and whether it was in time.

Source of law: the counting rules of the one-stop regulation (Decree 61/2018 and what followed it): the day of
receipt is not counted, days off are skipped, and a request for missing papers stops the clock. All moments
are aware UTC.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.kit.workdays import Calendar
from portal.kit.workdays import FinishClass as FinishClass
from portal.kit.workdays import finish_class as finish_class
from portal.kit.workdays import resume as resume

UNITS = ("working_day", "day", "working_hour", "none", "unknown")


@dataclass(frozen=True)
class Clock:
    """What a screen shows of a deadline. Days are working days; None where there is no due date.

    `days_left` is 0 on the due day and negative once late: the first late day, begun or whole, is -1.
    `share` is the used part of the working time, from 0 to 1. While stopped, everything stands still.
    """

    used_days: int
    total_days: int | None
    days_left: int | None
    share: float
    late: bool
    stopped: bool


def first_due(received_at: datetime, amount: int | None, unit: str, calendar: Calendar) -> datetime | None:
    """The due moment of a dossier received now; None for a procedure without a limit.

    A limit whose unit the catalogue does not know counts as working days.
    """
    if unit not in UNITS:
        raise ValueError(f"unknown unit of a time limit: {unit}")
    if unit == "none" or amount is None:
        return None
    if unit == "working_hour":
        return calendar.add_hours(received_at, amount)
    if unit == "day":
        return calendar.add_calendar_days(received_at, amount)
    return calendar.add_days(received_at, amount)


def remaining(stopped_at: datetime, due_at: datetime, calendar: Calendar) -> int:
    """Whole working minutes left at the stop; negative when the dossier was late already."""
    return calendar.minutes_between(stopped_at, due_at)


def clock(
    received_at: datetime,
    due_at: datetime | None,
    now: datetime,
    stopped_at: datetime | None,
    calendar: Calendar,
) -> Clock:
    """The state of the clock for a screen; a stopped clock shows the moment at which it stopped.

    Time that was waited earlier counts into both the used and the total days, since it moved the due moment.
    """
    start = calendar.next_opening(received_at)
    at = stopped_at or now
    used = max(calendar.days_between(start, at), 0)
    stopped = stopped_at is not None
    if due_at is None:
        return Clock(used, None, None, 0.0, False, stopped)
    late = at > due_at
    # before the office opened for it nothing is used yet: received on a Sunday, it has all its days
    left = calendar.days_between(max(at, start), due_at)
    return Clock(
        used_days=used,
        total_days=calendar.days_between(start, due_at),
        days_left=min(left, -1) if late else left,
        share=_share(calendar.time_between(start, at), calendar.time_between(start, due_at), late),
        late=late,
        stopped=stopped,
    )


def _share(used: timedelta, total: timedelta, late: bool) -> float:
    if late or total <= timedelta(0):
        return 1.0 if late else 0.0
    return min(max(used / total, 0.0), 1.0)
