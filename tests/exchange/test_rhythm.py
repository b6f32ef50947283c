"""Who has fallen silent is a question of working time: a weekend makes nobody silent."""
from datetime import date, datetime, time, timedelta

import pytest

from portal.exchange.rhythm import HOUR, PATIENCE, allowed, silent_for, usual_gap
from portal.kit.clock import VN
from portal.law.calendar import Calendar

NOVEMBER = Calendar.of_days([(date(2026, 11, 24), "holiday", "Ngày nghỉ thử")])


def at(day: int, hour: int = 9) -> datetime:
    return datetime.combine(date(2026, 11, day), time(hour), VN)


def days(*of_november: int) -> list[date]:
    return [date(2026, 11, day) for day in of_november]


def test_nights_weekends_and_holidays_are_no_silence() -> None:
    assert silent_for(at(20, 17), at(23, 7), NOVEMBER) == timedelta()  # Friday evening to Monday morning
    assert silent_for(at(20), at(25), NOVEMBER) == 16 * HOUR, "Friday and Monday: the 24th is a day off"
    assert silent_for(at(25), at(20), NOVEMBER) == timedelta(), "seen later than now: a clock that is ahead"


def test_silence_since_before_the_calendar_is_counted_from_where_it_begins() -> None:
    long_ago = datetime(2000, 1, 1, tzinfo=VN)
    assert silent_for(long_ago, at(20), NOVEMBER) > PATIENCE.most


@pytest.mark.parametrize("seen, gap", [
    ((2, 3, 4, 5, 6), 8 * HOUR),
    ((2, 3, 4, 5, 6, 7, 8, 9), 8 * HOUR),  # it sent on a weekend too: no working day lies between
    ((2, 4, 6, 10, 12), 16 * HOUR),
    ((2, 3, 4, 5), None),  # too few to tell
    ((), None)])
def test_the_usual_gap_is_the_median_in_working_days(seen: tuple[int, ...], gap: timedelta | None) -> None:
    assert usual_gap(days(*seen), NOVEMBER) == gap


@pytest.mark.parametrize("gap, hours", [(None, 24), (8 * HOUR, 24), (16 * HOUR, 48), (100 * HOUR, 80)])
def test_three_times_the_usual_gap_within_bounds(gap: timedelta | None, hours: int) -> None:
    assert allowed(gap) == hours * HOUR
