"""By when an answer is awaited, and how that stands on a day."""
from datetime import date

import pytest

from portal.exchange.due import Due, due, soon_until
from portal.law.calendar import Calendar

FRIDAY = date(2026, 11, 6)
CALENDAR = Calendar.of_days([(date(2026, 1, 1), "holiday"), (date(2026, 11, 10), "holiday")])


def test_three_working_days_leave_out_weekends_and_holidays() -> None:
    assert soon_until(date(2026, 11, 2), CALENDAR) == date(2026, 11, 5)
    assert soon_until(FRIDAY, CALENDAR) == date(2026, 11, 12), "Tuesday is off"


def test_beyond_the_calendar_days_are_counted() -> None:
    assert soon_until(date(2026, 12, 30), CALENDAR) == date(2027, 1, 2)


@pytest.mark.parametrize(("due_on", "answered_on", "stands"), [
    (None, None, Due.none), (None, FRIDAY, Due.answered), (date(2026, 11, 13), None, Due.open),
    (date(2026, 11, 12), None, Due.soon), (FRIDAY, None, Due.soon), (date(2026, 11, 5), None, Due.late),
    (FRIDAY, FRIDAY, Due.answered), (date(2026, 11, 5), FRIDAY, Due.answered_late)])
def test_how_it_stands(due_on: date | None, answered_on: date | None, stands: Due) -> None:
    assert due(due_on, answered_on, FRIDAY, CALENDAR) is stands
