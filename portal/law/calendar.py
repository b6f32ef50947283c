"""The working calendar: which days offices are open and why not, and how working days, hours and minutes are counted.

Everything here is plain arithmetic over a list of working days, so a sum over years costs as much as one over
a day. Moments come in and go out as aware datetimes in UTC; days and hours are those of Vietnam, which has no
summer time.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from hashlib import sha256
from itertools import accumulate, pairwise
from typing import Literal, NamedTuple

from portal.kit.clock import VN

Period = tuple[time, time]
FinishClass = Literal["early", "on_time", "late"]

#: The usual hours of a one-stop office: eight hours, so one working day is eight working hours.
USUAL_HOURS: tuple[Period, ...] = ((time(7, 0), time(11, 30)), (time(13, 30), time(17, 0)))
SATURDAY = 5
MINUTE = timedelta(minutes=1)
MICROSECOND = timedelta(microseconds=1)
NOTHING = timedelta(0)


class DayKind(StrEnum):
    """Why a day is not what its place in the week says. `weekend` is in no list: it is the rule itself."""

    holiday = "holiday"  # Labour Code art. 112
    in_lieu = "in_lieu"  # off for a holiday that fell on a weekly day off, art. 111(3)
    swapped = "swapped"  # off in exchange for a worked Saturday
    make_up = "make_up"  # the Saturday that is worked for it
    weekend = "weekend"


class CalendarDay(NamedTuple):
    """A listed day. `provisional`: it follows from the rule, and no notice has confirmed it yet."""

    day: date
    kind: str
    name: str = ""
    provisional: bool = False


OFF = frozenset({DayKind.holiday, DayKind.in_lieu, DayKind.swapped})


class CalendarEnds(LookupError):
    """A day was asked for that the calendar does not cover: with its holidays unknown no answer is right."""

    def __init__(self, day: date | None, first: date, last: date) -> None:
        self.day, self.first, self.last = day, first, last
        asked = f"{day:%Y-%m-%d}" if day else "a day after the last one"
        super().__init__(f"the working calendar covers {first:%Y-%m-%d} to {last:%Y-%m-%d}, not {asked}")


@dataclass(frozen=True)
class Calendar:
    """Working days from `first` to `last`, both included, and the opening hours of each.

    `holidays` are days off of any kind; `make_up` are weekend days that are worked in exchange; `listed` tells of
    both what they are. `hours` are the periods of a day in order; a moment at the very end of a period is still within
    it. `edition` names these days: a dossier keeps that by which its date was counted.
    """

    holidays: frozenset[date]
    make_up: frozenset[date]
    first: date
    last: date
    hours: tuple[Period, ...] = USUAL_HOURS
    tz: tzinfo = VN
    listed: Mapping[date, CalendarDay] = field(default_factory=dict, compare=False)
    edition: str = field(default="", compare=False)
    _days: tuple[date, ...] = field(init=False, repr=False, compare=False)
    _began: datetime = field(init=False, repr=False, compare=False)
    _opened: tuple[tuple[int, int], ...] = field(init=False, repr=False, compare=False)  # hours, in microseconds
    _day_length: int = field(init=False, repr=False, compare=False)
    _worked_before: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._refuse_nonsense()
        span = (self.last - self.first).days + 1
        days = [self.first + timedelta(days=n) for n in range(span)]
        if len({datetime.combine(day, time(), self.tz).utcoffset() for day in days}) > 1:
            raise ValueError("a zone whose clock moves makes days of other lengths")
        opened = tuple((_since_midnight(start), _since_midnight(end)) for start, end in self.hours)
        length = sum(end - start for start, end in opened)
        found = {"_days": tuple(day for day in days if self._worked(day)),
                 "_began": self._utc(self.first, time()), "_opened": opened, "_day_length": length,
                 "_worked_before": tuple(accumulate((length * self._worked(day) for day in days), initial=0))}
        for name, value in found.items():
            object.__setattr__(self, name, value)

    @classmethod
    def of_days(cls, rows: Iterable[tuple[date, str] | tuple[date, str, str] | CalendarDay],
                hours: Sequence[Period] = USUAL_HOURS, edition: str = "") -> "Calendar":
        """A calendar from rows: day, kind, name and whether it is provisional; without an edition its days name it.

        It covers the whole years from the first row to the last: a year without any row is not known.
        """
        listed = sorted(CalendarDay(*row) for row in rows)
        unknown = {row.kind for row in listed} - OFF - {DayKind.make_up}
        if unknown or not listed:
            raise ValueError(f"a calendar needs days of kind {', '.join(sorted(OFF))} or make_up, "
                             f"not {sorted(unknown)}")
        return cls(
            holidays=frozenset(row.day for row in listed if row.kind in OFF),
            make_up=frozenset(row.day for row in listed if row.kind == DayKind.make_up),
            first=date(listed[0].day.year, 1, 1),
            last=date(listed[-1].day.year, 12, 31),
            hours=tuple(hours),
            listed={row.day: row for row in listed},
            edition=edition or edition_of(listed),
        )

    def reason(self, day: date) -> CalendarDay | None:
        """Why offices are closed on this day, None when they are open. Raises CalendarEnds outside the covered days."""
        if self.is_workday(day):
            return None
        if day in self.holidays:
            return self.listed.get(day, CalendarDay(day, DayKind.holiday))
        return CalendarDay(day, DayKind.weekend)

    def made_up(self, day: date) -> CalendarDay | None:
        """The exchange for which a day of a weekend is worked, None for any other day."""
        return self.listed.get(day, CalendarDay(day, DayKind.make_up)) if day in self.make_up else None

    def provisional(self, first: date, last: date) -> list[CalendarDay]:
        """The days from `first` to `last` that no notice has confirmed: what is counted over them may move."""
        return [row for day, row in self.listed.items() if first <= day <= last and row.provisional]

    def is_workday(self, day: date) -> bool:
        """Whether offices are open on this day. Raises CalendarEnds outside the covered days."""
        return self._worked(self._covered(day))

    def local_day(self, moment: datetime) -> date:
        """The day in Vietnam on which this moment falls."""
        return self._local(moment).date()

    def is_open(self, moment: datetime) -> bool:
        """Whether the moment falls in working hours, both ends of a period included."""
        here = self._local(moment)
        return self.is_workday(here.date()) and any(a <= here.time() <= b for a, b in self.hours)

    def next_opening(self, moment: datetime) -> datetime:
        """The moment itself when offices are open, else the next time that they open."""
        if self.is_open(moment):
            return moment.astimezone(UTC)
        here = self._local(moment)
        if self.is_workday(here.date()):
            for start, _ in self.hours:
                if here.time() < start:
                    return self._utc(here.date(), start)
        return self._utc(self._days_from(here.date(), 1), self.hours[0][0])

    def closing(self, day: date) -> datetime:
        """When offices close on a working day. Raises ValueError on a day off."""
        if not self.is_workday(day):
            raise ValueError(f"{day:%Y-%m-%d} is not a working day")
        return self._utc(day, self.hours[-1][1])

    def add_days(self, moment: datetime, n: int) -> datetime:
        """The n-th working day after the day of receipt, at closing.

        The day of receipt is not counted; a receipt outside hours counts as received at the next opening.
        n = 0 is the closing of the day of receipt itself.
        """
        _not_negative(n)
        return self.closing(self._days_from(self.local_day(self.next_opening(moment)), n))

    def add_calendar_days(self, moment: datetime, n: int) -> datetime:
        """n calendar days after the day of receipt, moved to the next working day when on a day off."""
        _not_negative(n)
        end = self._covered(self.local_day(self.next_opening(moment)) + timedelta(days=n))
        return self.closing(end if self._worked(end) else self._days_from(end, 1))

    def add_hours(self, moment: datetime, n: int) -> datetime:
        """n working hours after the moment; lunch, nights and days off do not count."""
        return self.add_time(moment, timedelta(hours=n))

    def add_minutes(self, moment: datetime, minutes: int) -> datetime:
        """So many working minutes after the moment."""
        return self.add_time(moment, timedelta(minutes=minutes))

    def add_time(self, moment: datetime, length: timedelta) -> datetime:
        """The moment when this much working time has passed: an end of hours, not the opening after it."""
        if length < NOTHING:
            raise ValueError("working time is only added forwards")
        if length == NOTHING:
            return self.next_opening(moment)
        target = self.position(moment) + length // MICROSECOND
        whole, rest = divmod(target - 1, self._day_length)  # the end of a day, not the opening of the next
        if whole >= len(self._days):
            raise CalendarEnds(None, self.first, self.last)
        rest += 1
        for start, end in self._opened:
            if rest <= end - start:
                break
            rest -= end - start
        return self._utc(self._days[whole], time(), (start + rest) * MICROSECOND)

    def position(self, moment: datetime) -> int:
        """Working microseconds from the beginning of the first covered day to this moment. Whole numbers, and no look
        at the zone: it is asked millions of times a night."""
        since = _aware(moment) - self._began
        if not 0 <= since.days < len(self._worked_before) - 1:
            raise CalendarEnds(self.local_day(moment), self.first, self.last)
        worked = self._worked_before[since.days]
        if worked == self._worked_before[since.days + 1]:  # a day off
            return worked
        now = since.seconds * 1_000_000 + since.microseconds
        for start, end in self._opened:
            if now > start:
                worked += min(now, end) - start
        return worked

    def time_between(self, a: datetime, b: datetime) -> timedelta:
        """Working time from a to b, exact; negative when b is before a."""
        return (self.position(b) - self.position(a)) * MICROSECOND

    def minutes_between(self, a: datetime, b: datetime) -> int:
        """Whole working minutes from a to b, rounded towards nought; negative when b is before a."""
        length = self.time_between(a, b)
        return length // MINUTE if length >= NOTHING else -(-length // MINUTE)

    def days_between(self, a: datetime, b: datetime) -> int:
        """Working days after the day of a, up to and with that of b: 0 within a day, negative backwards."""
        return self.workdays(self.local_day(a), self.local_day(b))

    def workdays(self, a: date, b: date) -> int:
        """Working days after day a, up to and with day b; negative when b is before a."""
        return bisect_right(self._days, self._covered(b)) - bisect_right(self._days, self._covered(a))

    def _worked(self, day: date) -> bool:
        return day in self.make_up or (day.weekday() < SATURDAY and day not in self.holidays)

    def _covered(self, day: date) -> date:
        if not self.first <= day <= self.last:
            raise CalendarEnds(day, self.first, self.last)
        return day

    def _days_from(self, day: date, n: int) -> date:
        """The n-th working day after this one, which may be a day off when n is 1 or more."""
        if n == 0:
            return day
        at = bisect_right(self._days, self._covered(day)) + n - 1
        if at >= len(self._days):
            raise CalendarEnds(None, self.first, self.last)
        return self._days[at]

    def _local(self, moment: datetime) -> datetime:
        return _aware(moment).astimezone(self.tz)

    def _utc(self, day: date, at: time, after: timedelta = NOTHING) -> datetime:
        return (datetime.combine(day, at, self.tz) + after).astimezone(UTC)

    def _refuse_nonsense(self) -> None:
        if self.first > self.last:
            raise ValueError("the calendar ends before it begins")
        if self.holidays & self.make_up:
            raise ValueError("a day cannot be both a holiday and a make-up working day")
        edges = [edge for period in self.hours for edge in period]
        if not edges or any(a >= b for a, b in pairwise(edges)):
            raise ValueError("working hours must be periods in order that do not overlap")


def finish_class(done_at: datetime, due_at: datetime | None, calendar: Calendar) -> FinishClass:
    """Early, on time or late, as the statistics count it.

    Early means that at least one working day, the day it was done included, lies before the due day.
    On time is up to the due moment itself. What has no due moment is always on time.
    """
    if due_at is None:
        return "on_time"
    if done_at > due_at:
        return "late"
    day_before_done = calendar.local_day(done_at) - timedelta(days=1)
    day_before_due = calendar.local_day(due_at) - timedelta(days=1)
    return "early" if calendar.workdays(day_before_done, day_before_due) >= 1 else "on_time"


def edition_of(days: Iterable[CalendarDay]) -> str:
    """A name for these days: the same days have the same, whatever the order, the source or the moment of loading."""
    lines = sorted(f"{row.day:%Y-%m-%d} {row.kind} {int(row.provisional)}" for row in days)
    return sha256("\n".join(lines).encode()).hexdigest()[:12]


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return moment


def _since_midnight(at: time) -> int:
    return (datetime.combine(date.min, at) - datetime.min) // MICROSECOND


def _not_negative(n: int) -> None:
    if n < 0:
        raise ValueError("a limit cannot be negative")
