"""How long dossiers usually take, from those that are finished. Pure.

The usual time is an observation and not a promise: the law's date is elsewhere. All lengths are working minutes
in which the agency had the dossier; what the applicant was waited for is left out.
"""
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Protocol

from portal.law.calendar import MICROSECOND, MINUTE, Calendar
from portal.law.statuses import STOPS_CLOCK, WITH_OFFICE

FEWEST = 30  # cases below which nothing is said
MINUTES_A_DAY = 480
A_MINUTE = MINUTE // MICROSECOND


class Moment(Protocol):
    """A step: the national status after it, and when it was."""

    @property
    def status(self) -> int: ...
    @property
    def at(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Usual:
    """Half of the cases took no longer than `p50` working minutes from this stage on, nine of ten than `p90`."""

    p50: int
    p90: int
    cases: int


@dataclass(frozen=True, slots=True)
class Left:
    """What is usually left of a running dossier: working days, rounded up, and the days on which that would be.

    `overdue`: it already took longer than nine of ten did.
    """

    least: int
    most: int
    cases: int
    from_at: datetime
    until_at: datetime
    overdue: bool


def worked(steps: Sequence[Moment], since: datetime, until: datetime, calendar: Calendar) -> timedelta:
    """Working time from `since` to `until` without the pauses among the steps (in order)."""
    total = calendar.time_between(since, until)
    for n, step in enumerate(steps):
        if step.status in STOPS_CLOCK:
            end = steps[n + 1].at if n + 1 < len(steps) else until
            begin, end = max(step.at, since), min(end, until)
            if begin < end:
                total -= calendar.time_between(begin, end)
    return max(total, timedelta(0))


def entered(steps: Sequence[Moment], stage: int) -> datetime | None:
    """When the dossier first came into a stage."""
    return next((step.at for step in steps if step.status == stage), None)


def lengths(steps: Sequence[Moment], finished_at: datetime, calendar: Calendar) -> dict[int, int]:
    """For each stage that a finished dossier went through: working minutes from there to the end."""
    first: dict[int, datetime] = {}
    for step in steps:
        first.setdefault(step.status, step.at)
    since = {stage: at for stage, at in first.items() if stage in WITH_OFFICE and at <= finished_at}
    if not STOPS_CLOCK.isdisjoint(first):
        return {stage: worked(steps, at, finished_at, calendar) // MINUTE for stage, at in since.items()}
    end = calendar.position(finished_at)  # most were never paused: one look for all their stages
    return {stage: (end - calendar.position(at)) // A_MINUTE for stage, at in since.items()}


def percentile(ordered: Sequence[int], per_hundred: int) -> int:
    """The smallest value that so many of a hundred do not pass (nearest rank). `ordered` rises, not empty."""
    return ordered[max(ceil(len(ordered) * per_hundred / 100), 1) - 1]


def usual(minutes: Iterable[int]) -> Usual | None:
    """What is usual among these cases; None while they are too few to say so."""
    ordered = sorted(minutes)
    if len(ordered) < FEWEST:
        return None
    return Usual(percentile(ordered, 50), percentile(ordered, 90), len(ordered))


def left(known: Usual, spent: timedelta, now: datetime, calendar: Calendar) -> Left:
    """What is left for a dossier that already spent `spent` in the stage. Raises CalendarEnds."""
    rest = [max(timedelta(minutes=p) - spent, timedelta(0)) for p in (known.p50, known.p90)]
    days = [ceil(part / timedelta(minutes=MINUTES_A_DAY)) for part in rest]
    ends = [calendar.add_time(now, part) for part in rest]
    return Left(days[0], days[1], known.cases, ends[0], ends[1], spent > timedelta(minutes=known.p90))


def held(known: Usual, took: int) -> bool:
    """Whether a dossier that took so many minutes was done by the end of the range: nine of ten should be."""
    return took <= known.p90
