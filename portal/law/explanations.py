"""Why a dossier is due when it is: rule set, articles, every day counted or skipped, every stop. Pure, plain data.

Made by the very rule that counts (`deadlines.turns`), so that an explanation cannot say another date than the one that
holds. `wording` puts it into words, for commands and pages alike.
"""
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from portal.law.calendar import NOTHING, Calendar, CalendarDay
from portal.law.deadlines import (
    Due,
    Extension,
    Stop,
    StopKind,
    Turn,
    index_due,
    may_ask_until,
    turns,
)
from portal.law.limits import Limit, LimitUnit
from portal.law.rule_sets import Rule, RuleSet


class DayUse(StrEnum):
    """What became of a day of the limit."""

    outside = "outside"  # handed in outside office hours: it counts as received at the next opening
    receipt = "receipt"  # not counted: the clock begins with the next
    counted = "counted"
    skipped = "skipped"  # a day off
    stopped = "stopped"  # the clock stood still all the time that offices were open
    beyond = "beyond"  # the limit ended on a day off: the first working day after it


@dataclass(frozen=True)
class CountedDay:
    """A day from the beginning of the limit to its end. `number` is its place among the days counted, where days are
    counted and the clock ran; `ran` and `waited` are office hours of it. `off` says why it is skipped, `made_up` why
    a Saturday is worked."""

    day: date
    use: DayUse
    number: int | None = None
    off: CalendarDay | None = None
    made_up: CalendarDay | None = None
    ran: timedelta = NOTHING
    waited: timedelta = NOTHING


class Source(NamedTuple):
    """A rule that decided something, its article, and whether it is only assumed."""

    rule: Rule
    article: str
    assumed: bool


class Corrected(NamedTuple):
    """What a corrected calendar changed: the date by the old one, and the days that both tell differently."""

    edition: str
    before: Due
    days: tuple[tuple[date, CalendarDay | None, CalendarDay | None], ...]  # why off by the old one, by the new one


@dataclass(frozen=True)
class Explanation:
    """All that leads to a due date. `received_at` is the moment told, `counts_as_received_at` the next opening.

    `index` is the date by the index of Decision 766/QĐ-TTg. `days` are those of the last run of the limit: from
    `due.counted_from` to its end, or to the stop. `provisional` are days among them that no notice has confirmed.
    `ask_until`: until when papers might be asked for, where some were.
    """

    rule_set: RuleSet
    rules_named: str
    limit: Limit
    received_at: datetime
    counts_as_received_at: datetime
    turns: tuple[Turn, ...]
    due: Due
    index: Due
    days: tuple[CountedDay, ...]
    sources: tuple[Source, ...]
    provisional: tuple[CalendarDay, ...]
    edition: str
    ask_until: datetime | None = None
    corrected: Corrected | None = None


def explain(rule_set: RuleSet, limit: Limit, received_at: datetime, stops: Iterable[Stop], calendar: Calendar,
            extensions: Iterable[Extension] = (), before: Calendar | None = None) -> Explanation:
    """Everything behind `deadlines.due` of the same arguments. `before`: the calendar by which the date was counted
    first, where a corrected one holds now. Raises what `due` raises."""
    stops, extensions = list(stops), list(extensions)
    told = turns(rule_set, limit, received_at, stops, calendar, extensions)
    due = told[-1].due
    end, asked = due.last, any(stop.kind is StopKind.supplement for stop in stops)
    days = tuple(_days(limit, due, end, stops, calendar)) if end else ()
    return Explanation(
        rule_set, rule_set.name_on(calendar.local_day(received_at)), limit, received_at,
        calendar.next_opening(received_at), tuple(told), due,
        index_due(rule_set, limit, received_at, stops, calendar, extensions), days,
        tuple(_sources(rule_set, stops, extensions)),
        tuple(calendar.provisional(days[0].day, days[-1].day)) if days else (), calendar.edition,
        may_ask_until(rule_set, received_at, calendar) if asked else None,
        _corrected(rule_set, limit, received_at, stops, extensions, before, calendar, end) if before else None)


def _sources(rule_set: RuleSet, stops: list[Stop], extensions: list[Extension]) -> Iterator[Source]:
    rules = [Rule.counting]
    kinds = {stop.kind for stop in stops}
    rules += [Rule.after_supplement] if StopKind.supplement in kinds else []
    rules += [Rule.payment] if StopKind.payment in kinds else []
    rules += [Rule.extension] if extensions else []
    for rule in rules:
        yield Source(rule, rule_set.article(rule), rule_set.assumed(rule))


def _days(limit: Limit, due: Due, end: datetime, stops: list[Stop], calendar: Calendar) -> Iterator[CountedDay]:
    """The days of the last run of the limit, the day of receipt first."""
    first = calendar.local_day(due.counted_from)
    received = calendar.local_day(calendar.next_opening(due.counted_from))
    last, number = calendar.local_day(end), 0
    by_hours, by_calendar = limit.unit is LimitUnit.working_hour, limit.unit is LimitUnit.day
    amount = limit.amount or 0
    for n in range((last - first).days + 1):
        day = first + timedelta(days=n)
        off, made_up = calendar.reason(day), calendar.made_up(day)
        begin, close = _open(day, due.counted_from, end, calendar)
        waited = _waited(begin, close, stops, calendar) if off is None else NOTHING
        ran = calendar.time_between(begin, close) - waited if off is None and begin < close else NOTHING
        if day < received:
            yield CountedDay(day, DayUse.skipped if off else DayUse.outside, off=off, made_up=made_up)
        elif not by_hours and day == received:
            yield CountedDay(day, DayUse.receipt, off=off, made_up=made_up, ran=ran, waited=waited)
        elif by_calendar and (day - received).days <= amount:
            number += 1
            yield CountedDay(day, DayUse.counted, number, off, made_up, ran, waited)
        elif off is not None:
            yield CountedDay(day, DayUse.skipped, off=off)
        elif waited and not ran:
            yield CountedDay(day, DayUse.stopped, made_up=made_up, waited=waited)
        elif by_calendar and number == amount and not stops:
            yield CountedDay(day, DayUse.beyond, made_up=made_up, ran=ran)
        else:
            number += 1
            yield CountedDay(day, DayUse.counted, None if by_hours else number, None, made_up, ran, waited)


def _open(day: date, since: datetime, end: datetime, calendar: Calendar) -> tuple[datetime, datetime]:
    """The part of a day that lies within the run."""
    midnight = datetime.combine(day, datetime.min.time(), calendar.tz)
    return max(midnight, since), min(midnight + timedelta(days=1) - timedelta(microseconds=1), end)


def _waited(begin: datetime, close: datetime, stops: list[Stop], calendar: Calendar) -> timedelta:
    """Office hours between these moments in which a stop lasted; stops that overlap count once."""
    waited, at = NOTHING, begin
    for stop in sorted(stops, key=lambda stop: stop.asked_at):
        since, until = max(stop.asked_at, at), min(stop.answered_at or close, close)
        if since < until:
            waited += calendar.time_between(since, until)
            at = until
    return waited


def _corrected(rule_set: RuleSet, limit: Limit, received_at: datetime, stops: list[Stop],
               extensions: list[Extension], before: Calendar, now: Calendar, end: datetime | None) -> Corrected | None:
    """What the old calendar said, None where it is the same one."""
    if before == now:
        return None
    old = turns(rule_set, limit, received_at, stops, before, extensions)[-1].due
    last = max((each for each in (end, old.last) if each), default=received_at)
    first = now.local_day(received_at)
    span = (now.local_day(last) - first).days + 1
    days = (first + timedelta(days=n) for n in range(span))
    differ = tuple((day, before.reason(day), now.reason(day)) for day in days
                   if before.is_workday(day) != now.is_workday(day))
    return Corrected(before.edition, old, differ)
