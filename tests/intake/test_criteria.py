"""Who publishes: each rule by itself."""
from datetime import UTC, date, datetime

import pytest

from portal.intake import criteria
from portal.intake.criteria import Activity
from portal.law.calendar import Calendar

CALENDAR = Calendar(frozenset(), frozenset(), date(2026, 1, 1), date(2026, 12, 31))
FRIDAY = datetime(2026, 11, 13, 3, tzinfo=UTC)
GOOD = Activity(last_at=FRIDAY, offered=10, told=5, dossiers=True, rows=100, rejected=4)


def holds(seen: Activity, on: date = date(2026, 11, 18)) -> tuple[bool, bool, bool]:
    verdict = criteria.judge(seen, on, CALENDAR)
    return verdict.fresh, verdict.complete, verdict.few_rejects


def test_all_three_make_a_publisher() -> None:
    assert criteria.judge(GOOD, date(2026, 11, 18), CALENDAR).publishes


def test_a_weekend_does_not_make_data_old_but_a_fourth_working_day_does() -> None:
    assert holds(GOOD) == (True, True, True)
    assert holds(GOOD, date(2026, 11, 19)) == (False, True, True)


@pytest.mark.parametrize(("seen", "expected"), [
    (Activity(), (False, False, True)),
    (Activity(FRIDAY, 10, 4, True), (True, False, True)),
    (Activity(FRIDAY, 0, 0, True), (True, True, True)),
    (Activity(FRIDAY, 0, 0, False), (True, False, True)),
    (Activity(FRIDAY, 1, 1, True, 100, 5), (True, True, False))])
def test_each_rule_by_itself(seen: Activity, expected: tuple[bool, bool, bool]) -> None:
    assert holds(seen) == expected


def test_before_the_years_of_the_calendar_days_are_counted() -> None:
    old = Activity(datetime(2017, 3, 1, 3, tzinfo=UTC), 1, 1, True)
    assert holds(old, date(2017, 3, 6)) == (True, True, True) and holds(old, date(2017, 3, 7)) == (False, True, True)
