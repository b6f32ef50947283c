"""The day in Vietnam is the zone's own, also where it is reckoned without asking the zone."""
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from portal.kit import clock

MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(9998, 12, 31))


@given(MOMENTS)
def test_the_day_is_that_of_the_zone(moment: datetime) -> None:
    in_utc = moment.replace(tzinfo=UTC)
    assert clock.day_of(in_utc) == in_utc.astimezone(clock.VN).date()


def test_the_day_begins_at_five_in_the_afternoon_utc() -> None:
    last = datetime(2026, 11, 22, 16, 59, 59, 999999, tzinfo=UTC)
    assert (clock.day_of(last).day, clock.day_of(last + timedelta(microseconds=1)).day) == (22, 23)


def test_any_zone_is_understood() -> None:
    there = datetime(2026, 11, 22, 23, tzinfo=timezone(timedelta(hours=-8)))
    assert clock.day_of(there).isoformat() == "2026-11-23"
