"""The usual time: what it counts, what it leaves out, and when it says nothing."""
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.law.calendar import Calendar
from portal.law.statuses import WITH_OFFICE
from portal.progress import estimates
from portal.progress.estimates import Usual

CALENDAR = Calendar(frozenset(), frozenset(), date(2026, 1, 1), date(2027, 12, 31))
MONDAY = datetime(2026, 10, 5, 0, tzinfo=UTC)  # seven o'clock in Hà Nội: the office opens


class Step(NamedTuple):
    status: int
    at: datetime


def days(n: float) -> datetime:
    return MONDAY + timedelta(days=n)


def test_each_stage_is_measured_to_the_end() -> None:
    steps = [Step(1, days(0)), Step(2, days(1)), Step(4, days(2)), Step(9, days(4))]
    assert estimates.lengths(steps, days(4), CALENDAR) == {1: 4 * 480, 2: 3 * 480, 4: 2 * 480}


def test_waiting_for_the_applicant_is_left_out() -> None:
    steps = [Step(2, days(0)), Step(5, days(1)), Step(4, days(3)), Step(9, days(4))]
    assert estimates.lengths(steps, days(4), CALENDAR) == {2: 2 * 480, 4: 480}


def test_a_pause_that_lasts_takes_all_the_time_since() -> None:
    steps = [Step(2, days(0)), Step(5, days(1))]
    assert estimates.worked(steps, days(0), days(4), CALENDAR) == timedelta(hours=8)


@given(st.lists(st.tuples(st.integers(1, 10), st.integers(0, 40 * 24 * 60)), max_size=8), st.integers(0, 40 * 24 * 60))
def test_each_stage_counts_what_was_worked_since_it_was_first_entered(told: list[tuple[int, int]], end: int) -> None:
    steps = [Step(status, MONDAY + timedelta(minutes=at)) for status, at in told]
    finished_at = MONDAY + timedelta(minutes=end)
    expected = {}
    for stage in WITH_OFFICE:
        since = estimates.entered(steps, stage)
        if since is not None and since <= finished_at:
            expected[stage] = estimates.worked(steps, since, finished_at, CALENDAR) // timedelta(minutes=1)
    assert estimates.lengths(steps, finished_at, CALENDAR) == expected


@pytest.mark.parametrize(("per_hundred", "value"), [(50, 5), (90, 9), (100, 10), (1, 1)])
def test_percentiles_are_values_that_happened(per_hundred: int, value: int) -> None:
    assert estimates.percentile(range(1, 11), per_hundred) == value


def test_under_thirty_cases_nothing_is_said() -> None:
    assert estimates.usual(range(29)) is None
    assert estimates.usual(range(1, 31)) == Usual(15, 27, 30)


@given(st.lists(st.integers(0, 10_000), min_size=30, max_size=80))
def test_nine_of_ten_are_within_the_range(minutes: list[int]) -> None:
    known = estimates.usual(minutes)
    assert known is not None and known.p50 <= known.p90
    assert sum(estimates.held(known, each) for each in minutes) >= len(minutes) * .9


def test_what_is_left_shrinks_with_the_time_spent() -> None:
    known = Usual(960, 1920, 40)
    fresh = estimates.left(known, timedelta(0), days(0), CALENDAR)
    assert (fresh.least, fresh.most, fresh.overdue) == (2, 4, False)
    later = estimates.left(known, timedelta(hours=20), days(2), CALENDAR)
    assert (later.least, later.most, later.overdue) == (0, 2, False)
    assert estimates.left(known, timedelta(hours=40), days(5), CALENDAR).overdue
