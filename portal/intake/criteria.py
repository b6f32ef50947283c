"""When an agency counts as one that publishes: rules that anybody can check. Pure.

The rules are this portal's own; no regulation sets them. *Fresh*: something arrived within three working days. *Few
rejects*: fewer than five of a hundred rows of thirty days were refused. *Complete*: at least half of the procedures
that the agency offers online (level 3 or 4) lie in sectors in which it published dossiers of the last twelve months.

Why so: what an agency published is counted by sector and not by procedure, so a sector answers for its procedures, and
one with many weighs more than one with a single procedure. Not all of them are asked of an agency, because for many
nobody applies in a year, and a dossier that nobody handed in cannot be missing. All of it is read from the counters
and the catalogue, so that it can be said of any past day and worked out again by anybody.
"""
from dataclasses import dataclass
from datetime import date, datetime

from portal.kit import clock
from portal.law.calendar import Calendar, CalendarEnds

FRESH_DAYS = 3  # working days since the last sign of life
COMPLETE = 0.5  # of the procedures that it offers online
MOST_REJECTED = 0.05  # of the rows of the last thirty days


@dataclass(frozen=True, slots=True)
class Activity:
    """What was seen of an agency up to a day. `offered`: procedures that it offers online; `told`: those of them in
    sectors in which it published dossiers of the year before; `dossiers`: whether it published any in that year;
    `rows`, `rejected`: of the thirty days before."""

    last_at: datetime | None = None
    offered: int = 0
    told: int = 0
    dossiers: bool = False
    rows: int = 0
    rejected: int = 0

    @property
    def told_share(self) -> float:
        """Of what is offered online; where nothing is, any dossier is all."""
        return self.told / self.offered if self.offered else float(self.dossiers)

    @property
    def rejected_share(self) -> float:
        return self.rejected / self.rows if self.rows else 0.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """Each rule by itself; an agency publishes when all three hold."""

    fresh: bool
    complete: bool
    few_rejects: bool

    @property
    def publishes(self) -> bool:
        return self.fresh and self.complete and self.few_rejects


def judge(activity: Activity, on: date, calendar: Calendar) -> Verdict:
    """What the rules say of an agency at the end of a day."""
    return Verdict(activity.last_at is not None and _within(activity.last_at, on, calendar),
                   activity.told_share >= COMPLETE, activity.rejected_share < MOST_REJECTED)


def _within(last_at: datetime, on: date, calendar: Calendar) -> bool:
    day = clock.day_of(last_at)
    try:
        return calendar.workdays(day, on) <= FRESH_DAYS
    except CalendarEnds:  # before the years whose holidays are known, each weekday counts
        return (on - day).days <= FRESH_DAYS + 2
