"""The working calendar: worked examples counted by hand, and laws that hold for any moment."""

import csv
from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import portal.catalogue
from portal.kit.clock import VN
from portal.law.calendar import Calendar, CalendarEnds

HOLIDAYS = Path(portal.catalogue.__file__).parent / "data" / "holidays_2015_2030.csv"


def real_calendar() -> Calendar:
    with HOLIDAYS.open(encoding="utf-8-sig", newline="") as lines:
        return Calendar.of_days((date.fromisoformat(row["day"]), row["kind"]) for row in csv.DictReader(lines))


CALENDAR = real_calendar()
MOMENTS = st.datetimes(datetime(2015, 1, 5), datetime(2029, 12, 1), timezones=st.just(UTC))
MINUTES = st.integers(0, 60 * 480)


def vn(text: str) -> datetime:
    """Like "2026-11-23 10:00", as an aware moment, Vietnam time."""
    return datetime.fromisoformat(text).replace(tzinfo=VN)


def shown(moment: datetime) -> str:
    assert moment.tzinfo is UTC
    return moment.astimezone(VN).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("received", "days", "due"),
    [
        ("2026-11-16 10:00", 1, "2026-11-17 17:00"),  # Monday: the day of receipt is not counted
        ("2026-11-16 06:15", 1, "2026-11-17 17:00"),  # before opening: received at seven
        ("2026-11-16 12:00", 1, "2026-11-17 17:00"),  # at lunch: received at half past one
        ("2026-11-16 17:00", 1, "2026-11-17 17:00"),  # the closing moment is still open
        ("2026-11-16 17:01", 1, "2026-11-18 17:00"),  # after closing: received on Tuesday
        ("2026-11-16 23:30", 1, "2026-11-18 17:00"),
        ("2026-11-20 16:59", 1, "2026-11-23 17:00"),  # Friday to Monday
        ("2026-11-21 09:00", 1, "2026-11-25 17:00"),  # Saturday: received Monday 23; Tuesday 24 is a holiday
        ("2026-11-23 09:00", 1, "2026-11-25 17:00"),  # over 24 November
        ("2026-11-24 09:00", 1, "2026-11-26 17:00"),  # received on the holiday counts as Wednesday
        ("2026-11-20 09:00", 5, "2026-11-30 17:00"),  # 23, 25, 26, 27, 30
        ("2026-02-13 10:00", 1, "2026-02-23 17:00"),  # Tết 2026, 16–20 February, and two weekends
        ("2026-02-12 10:00", 3, "2026-02-24 17:00"),  # 13, 23, 24
        ("2027-02-03 10:00", 1, "2027-02-11 17:00"),  # Tết 2027, off from 4 to 10 February
        ("2027-02-04 10:00", 1, "2027-02-12 17:00"),  # received on the first day off counts as 11 February
        ("2026-04-24 15:00", 2, "2026-04-29 17:00"),  # Hùng Kings on Sunday, day off on Monday 27
        ("2026-04-29 15:00", 1, "2026-05-04 17:00"),  # 30 April, 1 May, weekend
        ("2026-08-31 08:00", 2, "2026-09-07 17:00"),  # off in exchange, then 1 and 2 September: received on the 3rd
        ("2026-08-21 08:00", 1, "2026-08-22 17:00"),  # the Saturday that is worked for 31 August
        ("2027-08-31 08:00", 1, "2027-09-01 17:00"),  # National Day 2027: 1 September is worked
        ("2027-09-01 08:00", 1, "2027-09-06 17:00"),  # 2 and 3 September off, then a weekend
        ("2026-12-31 08:00", 1, "2027-01-04 17:00"),  # New Year's Day is a Friday
        ("2026-11-16 10:00", 0, "2026-11-16 17:00"),  # the same day
    ],
)
def test_working_days(received: str, days: int, due: str) -> None:
    assert shown(CALENDAR.add_days(vn(received), days)) == due


@pytest.mark.parametrize(
    ("received", "days", "due"),
    [
        ("2026-11-16 10:00", 2, "2026-11-18 17:00"),
        ("2026-11-16 10:00", 5, "2026-11-23 17:00"),  # the 21st is a Saturday
        ("2026-11-16 10:00", 8, "2026-11-25 17:00"),  # the 24th is a holiday
        ("2026-11-14 10:00", 1, "2026-11-17 17:00"),  # Saturday counts as Monday 16
        ("2026-01-27 10:00", 20, "2026-02-23 17:00"),  # ends on the first day of Tết
    ],
)
def test_calendar_days_roll_to_a_working_day(received: str, days: int, due: str) -> None:
    assert shown(CALENDAR.add_calendar_days(vn(received), days)) == due


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-11-16 07:00", 8, "2026-11-16 17:00"),
        ("2026-11-16 10:00", 2, "2026-11-16 14:00"),  # 10:00–11:30, then half an hour after lunch
        ("2026-11-16 10:00", 8, "2026-11-17 10:00"),
        ("2026-11-16 11:30", 1, "2026-11-16 14:30"),
        ("2026-11-16 16:30", 1, "2026-11-17 07:30"),
        ("2026-11-20 16:00", 9, "2026-11-23 17:00"),  # Friday 1 h, Monday 8 h: closing, not the next opening
        ("2026-11-23 16:00", 2, "2026-11-25 08:00"),  # over the holiday
        ("2026-11-21 10:00", 1, "2026-11-23 08:00"),
        ("2026-11-16 07:00", 4, "2026-11-16 11:00"),
    ],
)
def test_working_hours(start: str, hours: int, end: str) -> None:
    assert shown(CALENDAR.add_hours(vn(start), hours)) == end


@pytest.mark.parametrize(
    ("a", "b", "minutes"),
    [
        ("2026-11-16 07:00", "2026-11-16 17:00", 480),
        ("2026-11-16 11:00", "2026-11-16 14:00", 60),
        ("2026-11-16 11:40", "2026-11-16 13:20", 0),
        ("2026-11-20 16:00", "2026-11-23 08:00", 120),
        ("2026-11-23 16:00", "2026-11-25 08:00", 120),
        ("2026-11-21 00:00", "2026-11-22 23:59", 0),
        ("2026-11-16 08:00", "2026-11-16 07:15", -45),
        ("2026-01-01 00:00", "2027-01-01 00:00", 249 * 480),  # 261 weekdays less 12 days off
    ],
)
def test_minutes_between(a: str, b: str, minutes: int) -> None:
    assert CALENDAR.minutes_between(vn(a), vn(b)) == minutes


@pytest.mark.parametrize(
    ("moment", "opening"),
    [
        ("2026-11-16 09:00", "2026-11-16 09:00"),
        ("2026-11-16 05:00", "2026-11-16 07:00"),
        ("2026-11-16 12:00", "2026-11-16 13:30"),
        ("2026-11-16 18:00", "2026-11-17 07:00"),
        ("2026-11-20 18:00", "2026-11-23 07:00"),
        ("2026-11-23 18:00", "2026-11-25 07:00"),
    ],
)
def test_next_opening(moment: str, opening: str) -> None:
    assert shown(CALENDAR.next_opening(vn(moment))) == opening


@pytest.mark.parametrize(
    ("a", "b", "days"),
    [
        ("2026-11-20 09:00", "2026-11-20 17:00", 0),
        ("2026-11-20 09:00", "2026-11-23 17:00", 1),
        ("2026-11-20 09:00", "2026-11-25 17:00", 2),
        ("2026-11-25 09:00", "2026-11-20 17:00", -2),
        ("2026-11-21 09:00", "2026-11-23 17:00", 1),
    ],
)
def test_days_between_for_display(a: str, b: str, days: int) -> None:
    assert CALENDAR.days_between(vn(a), vn(b)) == days


def test_the_day_is_that_of_vietnam_not_of_utc() -> None:
    early_monday = datetime(2026, 11, 15, 23, 30, tzinfo=UTC)  # Monday 06:30 in Hanoi
    assert shown(CALENDAR.add_days(early_monday, 1)) == "2026-11-17 17:00"


def test_a_make_up_saturday_is_worked() -> None:
    saturday = date(2026, 11, 21)
    calendar = Calendar.of_days([(date(2026, 11, 24), "holiday"), (saturday, "make_up")])
    assert calendar.is_workday(saturday)
    assert shown(calendar.add_days(vn("2026-11-20 09:00"), 1)) == "2026-11-21 17:00"


def test_other_hours() -> None:
    central = Calendar.of_days(
        [(date(2026, 1, 1), "holiday")], [(time(8), time(12)), (time(13, 30), time(17, 30))]
    )
    assert shown(central.add_days(vn("2026-11-16 17:15"), 1)) == "2026-11-17 17:30"
    assert shown(central.add_hours(vn("2026-11-16 11:00"), 2)) == "2026-11-16 14:30"


@pytest.mark.parametrize("moment", ["2014-12-31 10:00", "2031-01-01 10:00"])
def test_outside_the_covered_years_nothing_is_guessed(moment: str) -> None:
    inside = vn("2020-06-01 10:00")
    with pytest.raises(CalendarEnds):
        CALENDAR.is_workday(vn(moment).date())
    with pytest.raises(CalendarEnds):
        CALENDAR.add_days(vn(moment), 1)
    with pytest.raises(CalendarEnds):
        CALENDAR.minutes_between(inside, vn(moment))
    with pytest.raises(CalendarEnds):
        CALENDAR.days_between(inside, vn(moment))


def test_a_limit_that_runs_past_the_end_is_refused() -> None:
    late = vn("2030-12-30 10:00")
    assert shown(CALENDAR.add_days(late, 1)) == "2030-12-31 17:00"
    for add in (CALENDAR.add_days, CALENDAR.add_calendar_days):
        with pytest.raises(CalendarEnds):
            add(late, 2)
    with pytest.raises(CalendarEnds):
        CALENDAR.add_hours(late, 16)
    with pytest.raises(CalendarEnds):
        CALENDAR.next_opening(vn("2030-12-31 18:00"))


def test_nonsense_is_refused() -> None:
    day = date(2026, 11, 21)
    with pytest.raises(ValueError, match="both"):
        Calendar(frozenset({day}), frozenset({day}), date(2026, 1, 1), date(2026, 12, 31))
    with pytest.raises(ValueError, match="hours"):
        Calendar(frozenset(), frozenset(), day, day, hours=((time(13), time(12)),))
    with pytest.raises(ValueError, match="kind"):
        Calendar.of_days([(day, "party")])
    with pytest.raises(ValueError, match="time zone"):
        CALENDAR.next_opening(datetime(2026, 11, 16, 9))
    with pytest.raises(ValueError, match="time zone"):
        CALENDAR.time_between(vn("2026-11-16 09:00"), datetime(2026, 11, 16, 10))
    with pytest.raises(ValueError, match="clock moves"):
        Calendar(frozenset(), frozenset(), date(2026, 1, 1), date(2026, 12, 31), tz=ZoneInfo("Europe/Paris"))
    with pytest.raises(ValueError, match="negative"):
        CALENDAR.add_days(vn("2026-11-16 09:00"), -1)
    with pytest.raises(ValueError, match="not a working day"):
        CALENDAR.closing(date(2026, 11, 24))


@given(MOMENTS, MINUTES)
def test_an_end_is_never_outside_working_hours(moment: datetime, minutes: int) -> None:
    assert CALENDAR.is_open(CALENDAR.add_minutes(moment, minutes))


@given(MOMENTS, st.integers(0, 120))
def test_due_days_are_working_days(moment: datetime, n: int) -> None:
    for due in (CALENDAR.add_days(moment, n), CALENDAR.add_calendar_days(moment, n)):
        assert CALENDAR.closing(CALENDAR.local_day(due)) == due


@given(MOMENTS, MINUTES)
def test_what_was_added_lies_between(moment: datetime, minutes: int) -> None:
    assert CALENDAR.minutes_between(moment, CALENDAR.add_minutes(moment, minutes)) == minutes


@given(MOMENTS, MINUTES, MINUTES)
def test_adding_twice_is_adding_the_sum(moment: datetime, a: int, b: int) -> None:
    twice = CALENDAR.add_minutes(CALENDAR.add_minutes(moment, a), b)
    once = CALENDAR.add_minutes(moment, a + b)
    assert CALENDAR.minutes_between(twice, once) == 0
    assert twice == once or b == 0


@given(MOMENTS, st.integers(0, 60 * 24 * 30), st.integers(0, 60), st.integers(0, 3))
def test_later_or_longer_never_ends_sooner(moment: datetime, later: int, n: int, more: int) -> None:
    after = moment + timedelta(minutes=later)
    for add in (CALENDAR.add_days, CALENDAR.add_calendar_days, CALENDAR.add_hours):
        assert add(moment, n) <= add(after, n)
        assert add(moment, n) <= add(moment, n + more)


@given(MOMENTS, MOMENTS, MOMENTS)
def test_working_time_adds_up(a: datetime, b: datetime, c: datetime) -> None:
    assert CALENDAR.time_between(a, b) + CALENDAR.time_between(b, c) == CALENDAR.time_between(a, c)
    assert CALENDAR.minutes_between(a, b) == -CALENDAR.minutes_between(b, a)


@settings(max_examples=60)
@given(MOMENTS, st.timedeltas(timedelta(0), timedelta(days=40)))
def test_working_time_is_what_the_hours_of_each_day_share_with_the_span(a: datetime, length: timedelta) -> None:
    b, total = a + length, timedelta(0)
    day = CALENDAR.local_day(a)
    while day <= CALENDAR.local_day(b):
        for hours in CALENDAR.hours if CALENDAR.is_workday(day) else ():
            opens, closes = (datetime.combine(day, at, VN) for at in hours)
            total += max(min(closes, b) - max(opens, a), timedelta(0))
        day += timedelta(days=1)
    assert CALENDAR.time_between(a, b) == total, "to the microsecond"


@given(MOMENTS, st.timedeltas(timedelta(microseconds=1), timedelta(days=40)))
def test_an_end_is_the_first_moment_by_which_all_the_time_has_passed(moment: datetime, length: timedelta) -> None:
    end = CALENDAR.add_time(moment, length)
    assert CALENDAR.time_between(moment, end) == length
    assert CALENDAR.time_between(moment, end - timedelta(microseconds=1)) < length


@given(MOMENTS, MOMENTS, st.integers(-12, 12))
def test_the_zone_in_which_a_moment_comes_in_changes_nothing(a: datetime, b: datetime, hours: int) -> None:
    there = timezone(timedelta(hours=hours))
    assert CALENDAR.time_between(a, b) == CALENDAR.time_between(a.astimezone(there), b.astimezone(VN))


def test_the_last_moment_of_the_covered_days_is_covered_and_the_next_is_not() -> None:
    first, after = vn("2015-01-01 00:00"), vn("2031-01-01 00:00")
    moment = timedelta(microseconds=1)
    assert CALENDAR.minutes_between(first, after - moment) == CALENDAR.workdays(
        CALENDAR.first, CALENDAR.last) * 480
    for outside in (first - moment, after):
        with pytest.raises(CalendarEnds, match=f"not {outside:%Y-%m-%d}"):
            CALENDAR.time_between(first, outside)


@settings(max_examples=60)
@given(MOMENTS, st.integers(0, 30))
def test_counting_agrees_with_walking_day_by_day(moment: datetime, n: int) -> None:
    day = CALENDAR.local_day(CALENDAR.next_opening(moment))
    left = n
    while left:
        day += timedelta(days=1)
        left -= CALENDAR.is_workday(day)
    assert CALENDAR.local_day(CALENDAR.add_days(moment, n)) == day
