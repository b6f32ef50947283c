"""Deadlines: when a dossier is due, what stopping the clock does, and what counts as in time."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kit.clock import VN
from portal.law import clocks, rule_sets
from portal.law.calendar import Calendar, CalendarEnds
from portal.law.deadlines import finish_class, first_due, resume
from portal.law.limits import Limit, LimitUnit

TET_2027 = [date(2027, 2, day) for day in range(5, 12)]
CALENDAR = Calendar.of_days(
    [(day, "holiday") for day in (date(2026, 1, 1), date(2026, 11, 24), date(2027, 1, 1), *TET_2027)]
)
MOMENTS = st.datetimes(datetime(2026, 1, 3), datetime(2027, 6, 1), timezones=st.just(UTC))
DAYS = st.integers(0, 20)
WAITS = st.timedeltas(timedelta(0), timedelta(days=60))


def vn(text: str) -> datetime:
    """Like "2026-11-23 10:00", as an aware moment, Vietnam time."""
    return datetime.fromisoformat(text).replace(tzinfo=VN)


def shown(moment: datetime | None) -> str | None:
    return moment.astimezone(VN).strftime("%Y-%m-%d %H:%M") if moment else None


@pytest.mark.parametrize(
    ("received", "amount", "unit", "due"),
    [
        ("2026-11-20 09:00", 3, "working_day", "2026-11-26 17:00"),  # 23, 25, 26: the 24th is a holiday
        ("2026-11-20 09:00", 3, "unknown", "2026-11-26 17:00"),
        ("2026-11-20 09:00", 3, "day", "2026-11-23 17:00"),
        ("2026-11-20 09:00", 4, "day", "2026-11-25 17:00"),
        ("2026-11-20 09:00", 8, "working_hour", "2026-11-23 09:00"),
        ("2026-11-21 09:00", 1, "working_day", "2026-11-25 17:00"),
        ("2027-02-03 17:30", 2, "working_day", "2027-02-15 17:00"),  # received on the 4th; 12, 15
        ("2026-11-20 09:00", None, "none", None),
        ("2026-11-20 09:00", 5, "none", None),
        ("2026-11-20 09:00", None, "unknown", None),
    ],
)
def test_first_due(received: str, amount: int | None, unit: str, due: str | None) -> None:
    limit = Limit(amount, LimitUnit(unit))
    assert {shown(first_due(rules, limit, vn(received), CALENDAR)) for rules in rule_sets.RULE_SETS} == {due}


def test_no_due_date_beyond_the_calendar() -> None:
    with pytest.raises(CalendarEnds):
        first_due(rule_sets.ND_118_2025, Limit(30, LimitUnit.working_day), vn("2027-12-20 09:00"), CALENDAR)


@pytest.mark.parametrize(
    ("stopped", "due", "resumed", "left", "new_due"),
    [
        # Monday ten o'clock, a day and a half left; answered on Wednesday at ten: the same again from there.
        ("2026-11-16 10:00", "2026-11-17 17:00", "2026-11-18 10:00", 780, "2026-11-19 17:00"),
        # Answered on a Saturday: nine hours from Monday seven, eight of them on Monday; Tuesday is a holiday.
        ("2026-11-19 16:00", "2026-11-20 17:00", "2026-11-21 10:00", 540, "2026-11-25 08:00"),
        # Stopped and answered in one lunch break: nothing was waited.
        ("2026-11-16 11:40", "2026-11-17 17:00", "2026-11-16 13:20", 690, "2026-11-17 17:00"),
        # Over 24 November.
        ("2026-11-23 16:00", "2026-11-23 17:00", "2026-11-25 08:00", 60, "2026-11-25 09:00"),
        # Stopped when already an hour late: still an hour late.
        ("2026-11-17 08:00", "2026-11-16 17:00", "2026-11-18 08:00", -60, "2026-11-17 17:00"),
        # Over Tết.
        ("2027-02-04 15:00", "2027-02-04 17:00", "2027-02-12 07:00", 120, "2027-02-12 09:00"),
    ],
)
def test_stopping_and_going_on(stopped: str, due: str, resumed: str, left: int, new_due: str) -> None:
    assert CALENDAR.minutes_between(vn(stopped), vn(due)) == left
    assert shown(resume(vn(stopped), vn(due), vn(resumed), CALENDAR)) == new_due


def test_the_clock_cannot_go_on_before_it_stopped() -> None:
    with pytest.raises(ValueError, match="before"):
        resume(vn("2026-11-17 08:00"), vn("2026-11-18 17:00"), vn("2026-11-17 07:59"), CALENDAR)


@given(MOMENTS, DAYS, WAITS, WAITS)
def test_exactly_what_was_left_is_left(received: datetime, n: int, ran: timedelta, waited: timedelta) -> None:
    due = CALENDAR.add_days(received, n)
    stopped = received + ran
    resumed = stopped + waited
    new_due = resume(stopped, due, resumed, CALENDAR)
    assert CALENDAR.time_between(resumed, new_due) == CALENDAR.time_between(stopped, due)
    assert CALENDAR.is_open(new_due)
    assert new_due >= due


@given(MOMENTS, DAYS, WAITS)
def test_stopping_and_going_on_at_once_changes_nothing(received: datetime, n: int, ran: timedelta) -> None:
    due = CALENDAR.add_days(received, n)
    assert resume(received + ran, due, received + ran, CALENDAR) == due


def test_a_due_day_that_became_a_holiday_stays_when_nothing_was_waited() -> None:
    due = vn("2026-11-24 17:00")
    assert resume(vn("2026-11-21 08:00"), due, vn("2026-11-22 08:00"), CALENDAR) == due


@given(MOMENTS, DAYS, WAITS, WAITS, WAITS)
def test_two_stops_without_work_between_are_one(
    received: datetime, n: int, ran: timedelta, first: timedelta, second: timedelta
) -> None:
    due = CALENDAR.add_days(received, n)
    stopped = received + ran
    between, end = stopped + first, stopped + first + second
    in_two = resume(between, resume(stopped, due, between, CALENDAR), end, CALENDAR)
    assert in_two == resume(stopped, due, end, CALENDAR)


def test_the_clock_of_a_running_dossier() -> None:
    received, due = vn("2026-11-16 07:00"), vn("2026-11-20 17:00")
    seen = clocks.read(received, due, vn("2026-11-18 11:30"), None, CALENDAR)
    assert (seen.used_days, seen.total_days, seen.days_left) == (2, 4, 2)
    assert not seen.late and not seen.stopped
    assert seen.share == pytest.approx((2 * 480 + 270) / (5 * 480))


@pytest.mark.parametrize(
    ("now", "days_left", "late"),
    [
        ("2026-11-20 16:59", 0, False),
        ("2026-11-20 17:00", 0, False),
        ("2026-11-20 17:01", -1, True),  # the first late day has begun
        ("2026-11-21 10:00", -1, True),
        ("2026-11-23 10:00", -1, True),
        ("2026-11-25 10:00", -2, True),  # the 24th is not counted
    ],
)
def test_days_left_turn_negative_when_late(now: str, days_left: int, late: bool) -> None:
    seen = clocks.read(vn("2026-11-16 07:00"), vn("2026-11-20 17:00"), vn(now), None, CALENDAR)
    assert (seen.days_left, seen.late) == (days_left, late)
    assert seen.share == 1.0 or not late


def test_a_stopped_clock_stands_still() -> None:
    received, due, stopped = vn("2026-11-16 07:00"), vn("2026-11-20 17:00"), vn("2026-11-17 17:00")
    seen = clocks.read(received, due, vn("2026-12-17 10:00"), stopped, CALENDAR)
    assert seen == clocks.read(received, due, vn("2026-11-18 10:00"), stopped, CALENDAR)
    assert seen.stopped and not seen.late and seen.days_left == 3


def test_without_a_due_date_the_clock_only_counts() -> None:
    seen = clocks.read(vn("2026-11-16 07:00"), None, vn("2026-11-18 10:00"), None, CALENDAR)
    assert seen == clocks.Clock(used_days=2, total_days=None, days_left=None, share=0.0, late=False, stopped=False)


@given(MOMENTS, DAYS, WAITS)
def test_the_share_stays_between_nought_and_one(received: datetime, n: int, ran: timedelta) -> None:
    due = CALENDAR.add_days(received, n)
    seen = clocks.read(received, due, received + ran, None, CALENDAR)
    assert 0.0 <= seen.share <= 1.0
    assert seen.days_left is not None and (seen.days_left < 0) == seen.late == (received + ran > due)


@pytest.mark.parametrize(
    ("done", "due", "finish"),
    [
        ("2026-11-19 16:00", "2026-11-20 17:00", "early"),
        ("2026-11-19 20:00", "2026-11-20 17:00", "early"),
        ("2026-11-20 08:00", "2026-11-20 17:00", "on_time"),
        ("2026-11-20 17:00", "2026-11-20 17:00", "on_time"),
        ("2026-11-20 17:01", "2026-11-20 17:00", "late"),
        ("2026-11-20 15:00", "2026-11-23 17:00", "early"),
        ("2026-11-21 10:00", "2026-11-23 17:00", "on_time"),  # only a weekend before the due day
        ("2026-11-24 10:00", "2026-11-25 17:00", "on_time"),  # only the holiday
        ("2026-11-23 10:00", None, "on_time"),
    ],
)
def test_early_on_time_late(done: str, due: str | None, finish: str) -> None:
    assert finish_class(vn(done), vn(due) if due else None, CALENDAR) == finish
