"""When an agency counts as one that publishes: rules that anybody can check. Pure."""
from dataclasses import dataclass
from datetime import date, datetime

from portal.kit import clock
from portal.kit.workdays import Calendar, CalendarEnds

FRESH_DAYS = 3  # working days since the last sign of life
COMPLETE = 0.5  # of the sectors in which it offers online services
MOST_REJECTED = 0.05  # of the rows of the last thirty days


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of an agency up to a day. `offered`: sectors with online services, `told`: those of them with
    dossiers in the year before; `rows`, `rejected`: of the thirty days before."""

    last_at: datetime | None = None
    offered: int = 0
    told: int = 0
    rows: int = 0
    rejected: int = 0

    @property
    def told_share(self) -> float:
        return self.told / self.offered if self.offered else float(self.told > 0)

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


def judge(seen: Seen, on: date, calendar: Calendar) -> Verdict:
    """What the rules say of an agency at the end of a day."""
    return Verdict(seen.last_at is not None and _within(seen.last_at, on, calendar),
                   seen.told_share >= COMPLETE, seen.rejected_share < MOST_REJECTED)


def _within(last_at: datetime, on: date, calendar: Calendar) -> bool:
    day = clock.day_of(last_at)
    try:
        return calendar.workdays(day, on) <= FRESH_DAYS
    except CalendarEnds:  # before the years whose holidays are known, each weekday counts
        return (on - day).days <= FRESH_DAYS + 2
