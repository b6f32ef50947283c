"""What a measure says, and of which agencies and days it can say anything."""
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from portal.kit import clock
from portal.kit.text import N_
from portal.people.models import Agency
from portal.statistics.measures import month_of

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Known:
    """`value` of `denominator` (None where it is no share); `facts`: plain values; `why`: the name of the reason where
    nothing can be told (WHY_WORDS)."""

    value: int | None
    denominator: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    why: str = ""


#: For these agencies, from the first to the last day: what is known, by the agency's id.
Look = Callable[[Collection[Agency], date, date], dict[int, Known]]
WHY_WORDS: Mapping[str, str] = {
    "no_such_agency": N_("The agency did not exist on that day."),
    "no_services": N_("The catalogue knows no service of this agency."),
    "nothing_counted": N_("Nothing of this agency has been counted here."),
    "not_counted_yet": N_("The counting of this agency began later."),
    "not_whole_months": N_("Dossiers are counted by month: this can be told of whole months alone."),
    "only_today": N_("This is known of today alone."),
    "not_connected": N_("The agency is not connected: its documents do not pass through this portal."),
    "no_tasks": N_("The agency had no task."),
    "none_due": N_("Nothing was due in this time."),
    "unknown": N_("This release knows no such measure.")}


def cannot(why: str, **facts: Any) -> Known:
    """Nothing can be told, and why."""
    return Known(None, facts=facts, why=why)


def existed(agency: Agency, first: date, last: date) -> bool:
    """Whether there was this agency on any of these days."""
    return (agency.valid_from or first) <= last and (agency.valid_to or last) >= first


def is_now(last: date) -> bool:
    """Whether a time that ends on this day is still running."""
    return last >= clock.today()


def whole_months(first: date, last: date) -> bool:
    """Whether these days are whole months, the running one up to today."""
    return first.day == 1 and (is_now(last) or ends_month(last))


def ends_month(day: date) -> bool:
    """Whether it is the last day of its month."""
    return month_of(day + DAY) == day + DAY


def iso(day: date | None) -> str | None:
    """As facts keep a day."""
    return day.isoformat() if day else None
