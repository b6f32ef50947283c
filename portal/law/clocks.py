"""The clock of a dossier as a screen shows it: working days used and left, and the words for them. Pure.

One source of the words for applicants, officers and the public; they are msgids, pages translate them.
"""
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from portal.kit.clock import day_of
from portal.kit.text import N_, Message
from portal.law.calendar import NOTHING, Calendar


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


def read(
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
    if late or total <= NOTHING:
        return 1.0 if late else 0.0
    return min(max(used / total, 0.0), 1.0)


class ClockLook(StrEnum):
    """What a clock looks like: the words are enough, the colour only helps."""

    working = "working"
    waiting = "waiting"
    late = "late"
    done = "done"


class ClockWords(NamedTuple):
    """How a clock stands."""

    message: Message
    look: ClockLook


FINISH_WORDS: dict[str, str] = {
    "early": N_("Finished early"), "on_time": N_("Finished on time"), "late": N_("Finished late")}


def finish_words(timing: str) -> ClockWords:
    """How a decided dossier kept its date: early, on_time or late."""
    return ClockWords(Message(FINISH_WORDS[timing]), ClockLook.late if timing == "late" else ClockLook.done)


def words(clock: Clock, stopped_at: datetime | None = None) -> ClockWords | None:
    """How much is left of a clock that has not ended, or since when it stands still; None without a due date."""
    if clock.days_left is None:
        return None
    look = ClockLook.late if clock.late else ClockLook.waiting if clock.stopped else ClockLook.working
    if clock.stopped and stopped_at:
        day = f"{day_of(stopped_at):%d/%m/%Y}"  # in both languages: the order is the country's
        return ClockWords(Message(N_("The clock stands still since %(day)s"), {"day": day}), look)
    return ClockWords(days_words(clock.days_left, clock.late), look)


def days_words(days_left: int, late: bool) -> Message:
    """How many working days there are before the due date, or since."""
    if late:
        return Message(N_("%(num)s working day late"), {"num": -days_left}, "%(num)s working days late")
    if days_left == 0:
        return Message(N_("Due today"))
    return Message(N_("%(num)s working day left"), {"num": days_left}, "%(num)s working days left")
