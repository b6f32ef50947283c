"""When a dossier is due, what stops its clock and moves its date, and whether it was in time. Pure.

One rule for every dossier, given its rule set (`rule_sets`): the day of receipt is not counted, days off are skipped
where working days are meant, a receipt outside office hours counts as one at the next opening. All moments are aware.
"""
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Literal, NamedTuple

from portal.law.calendar import Calendar
from portal.law.limits import Limit, LimitUnit
from portal.law.rule_sets import AfterSupplement, RuleSet

FinishClass = Literal["early", "on_time", "late"]


class StopKind(StrEnum):
    """What the office waits for."""

    supplement = "supplement"
    payment = "payment"


class Stop(NamedTuple):
    """The clock of an accepted dossier stood still from the asking to the answer, None while it is awaited.

    `by`: who asked, for the explanation.
    """

    kind: StopKind
    asked_at: datetime
    answered_at: datetime | None = None
    by: str | None = None


class Extension(NamedTuple):
    """A date that the office put off: when it told so, and to when."""

    told_at: datetime
    due_at: datetime
    by: str | None = None


class DueState(StrEnum):
    """`stopped`: no date while the answer is awaited; `none`: the law sets no limit."""

    running = "running"
    stopped = "stopped"
    none = "none"


@dataclass(frozen=True)
class Due:
    """The due moment, None unless the clock runs. `last` is the date as it stood at the stop.

    `counted_from`: the receipt, or the answer that began the limit anew. `missed_at`: the first date that passed while
    the clock ran, before something moved it: a dossier that was late stays late.
    """

    state: DueState
    at: datetime | None
    last: datetime | None
    counted_from: datetime
    missed_at: datetime | None = None


def first_due(rule_set: RuleSet, limit: Limit, received_at: datetime, calendar: Calendar) -> datetime | None:
    """The due moment of a dossier received now; None for a procedure without a limit.

    A limit whose unit the catalogue does not know counts as working days. The rule sets agree in this much.
    """
    if limit.none or limit.amount is None:
        return None
    if limit.unit is LimitUnit.working_hour:
        return calendar.add_hours(received_at, limit.amount)
    if limit.unit is LimitUnit.day:
        return calendar.add_calendar_days(received_at, limit.amount)
    return calendar.add_days(received_at, limit.amount)


def due(rule_set: RuleSet, limit: Limit, received_at: datetime, stops: Iterable[Stop], calendar: Calendar,
        extensions: Iterable[Extension] = ()) -> Due:
    """When a dossier is due that was received and stopped so. Raises ValueError for stops that cannot be.

    A supplement does what the rule set says: the limit is counted again from the answer, or what was left is left. A
    payment only stops the clock. While one of several is still awaited the clock stands still.
    """
    now = Due(DueState.none, None, None, received_at)
    for turn in turns(rule_set, limit, received_at, stops, calendar, extensions):
        now = turn.due
    return now


class Turn(NamedTuple):
    """Something that happened to the clock, and the due date after it. `what` is None for the receipt."""

    at: datetime
    what: Stop | Extension | None
    begins: bool  # of a stop: the asking, else the answer
    due: Due


def turns(rule_set: RuleSet, limit: Limit, received_at: datetime, stops: Iterable[Stop], calendar: Calendar,
          extensions: Iterable[Extension] = ()) -> list[Turn]:
    """All that happened to the clock of a dossier, in order, with the due date after each."""
    first = first_due(rule_set, limit, received_at, calendar)
    state = DueState.none if first is None else DueState.running
    told = [Turn(received_at, None, False, Due(state, first, first, received_at))]
    waiting, since = 0, received_at
    for at, begins, what in _happened(received_at, stops, extensions):
        due = told[-1].due
        if isinstance(what, Extension):
            if due.last is not None:
                due = replace(_missed(due, at), at=what.due_at if due.at else None, last=what.due_at)
        elif begins:
            waiting += 1
            since = at if waiting == 1 else since
            due = replace(_missed(due, at), at=None, state=DueState.stopped)
        else:
            waiting -= 1
            due = _answered(rule_set, limit, due, what, since, waiting, calendar)
            since = at if due.counted_from == at else since
        told.append(Turn(at, what, begins, due))
    return told


def _answered(rule_set: RuleSet, limit: Limit, due: Due, stop: Stop, since: datetime, waiting: int,
              calendar: Calendar) -> Due:
    """The due date after an answer; while another one is awaited it has no moment yet."""
    at, last = stop.answered_at, due.last
    assert at is not None
    if stop.kind is StopKind.supplement and rule_set.after_supplement is AfterSupplement.restart:
        last = first_due(rule_set, limit, at, calendar)
        due = replace(due, counted_from=at)
    elif last is not None and not waiting:
        last = resume(since, last, at, calendar)
    if waiting:
        return replace(due, last=last)
    return replace(due, state=DueState.none if last is None else DueState.running, at=last, last=last)


def _missed(due: Due, at: datetime) -> Due:
    """The first date that passed while the clock ran stays missed, whatever moves it then."""
    if due.missed_at is None and due.at is not None and due.at < at:
        return replace(due, missed_at=due.at)
    return due


def _happened(received_at: datetime, stops: Iterable[Stop], extensions: Iterable[Extension],
              ) -> list[tuple[datetime, bool, Stop | Extension]]:
    """What happened when, in order: of one moment first what begins a stop, then what ends one, then a new date."""
    found: list[tuple[datetime, bool, Stop | Extension]] = []
    for stop in stops:
        if stop.asked_at < received_at:
            raise ValueError("what is asked before receipt stops no clock")
        found.append((stop.asked_at, True, stop))
        if stop.answered_at is not None:
            if stop.answered_at < stop.asked_at:
                raise ValueError("an answer cannot come before the request")
            found.append((stop.answered_at, False, stop))
    found += [(each.told_at, False, each) for each in extensions]
    return sorted(found, key=lambda each: (each[0], not each[1], isinstance(each[2], Extension)))


def resume(stopped_at: datetime, due_at: datetime, resumed_at: datetime, calendar: Calendar) -> datetime:
    """The new due moment: what was left when the clock stopped is left when it goes on, to the second.

    The due moment moves by the working time that was waited. Nothing waited, nothing moved.
    """
    if resumed_at < stopped_at:
        raise ValueError("the clock cannot go on before it stopped")
    waited = calendar.time_between(stopped_at, resumed_at)
    return calendar.add_time(due_at, waited) if waited else due_at


def index_due(rule_set: RuleSet, limit: Limit, received_at: datetime, stops: Iterable[Stop], calendar: Calendar,
              extensions: Iterable[Extension] = ()) -> Due:
    """The due moment as the index of Decision 766/QĐ-TTg judges it: all waiting is subtracted, whatever the papers do
    to the limit by law. A dossier has both figures."""
    waiting = replace(rule_set, after_supplement=AfterSupplement.resume)
    return due(waiting, limit, received_at, stops, calendar, extensions)


def silence_ends(rule_set: RuleSet, asked_at: datetime, calendar: Calendar) -> datetime | None:
    """The moment from which an unanswered request ends the dossier; None where the rules know no such end.

    Calendar days: the day of asking is not counted, and the last one is whole.
    """
    if rule_set.silence_days is None:
        return None
    return _midnight(calendar.local_day(asked_at) + timedelta(days=rule_set.silence_days + 1), calendar)


def may_ask_until(rule_set: RuleSet, received_at: datetime, calendar: Calendar) -> datetime | None:
    """Until when papers may be asked for after acceptance; None where the rules set no time."""
    if rule_set.ask_within_days is None:
        return None
    return calendar.add_days(received_at, rule_set.ask_within_days)


def extension_told_by(rule_set: RuleSet, due_at: datetime, calendar: Calendar) -> datetime:
    """Before which moment the applicant must be told that the date is put off: so many days before the due day."""
    days = rule_set.extension_told_days_before or 0
    return _midnight(calendar.local_day(due_at) - timedelta(days=days - 1), calendar) if days else due_at


def hand_on_by(rule_set: RuleSet, received_at: datetime, calendar: Calendar) -> datetime:
    """When the dossier must be with the unit that decides: the same day, received later than 15:00 at the opening of
    the next working day. This moves nothing of the limit."""
    received_at = calendar.next_opening(received_at)
    day = calendar.local_day(received_at)
    if received_at.astimezone(calendar.tz).time() <= rule_set.hand_on_after:
        return calendar.closing(day)
    return calendar.next_opening(_midnight(day + timedelta(days=1), calendar))


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


def _midnight(day: date, calendar: Calendar) -> datetime:
    return datetime.combine(day, datetime.min.time(), calendar.tz)
