"""How a task stands: a claim is a claim, who watches closes, and no date is forgotten."""
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest

from portal.oversight.standing import Code, State, standing

DUE = date(2026, 9, 30)


@dataclass(frozen=True)
class Happened:
    code: str
    at: datetime
    due_on: date | None = None


def on(month: int, day: int, code: Code, due_on: date | None = None) -> Happened:
    return Happened(code, datetime(2026, month, day, 3, tzinfo=UTC), due_on)


GIVEN = on(7, 1, Code.assigned, DUE)


@pytest.mark.parametrize(("today", "state"), [(DUE, State.open_in_time), (date(2026, 10, 1), State.open_late)])
def test_an_open_task_is_late_from_the_day_after(today: date, state: State) -> None:
    assert standing([GIVEN]).state(today) == state


def test_a_claim_closes_nothing() -> None:
    found = standing([GIVEN, on(9, 29, Code.claimed)])
    assert found.claimed_at and found.verified_at is None and found.state(date(2026, 10, 5)) == State.open_late


def test_what_is_confirmed_was_done_when_the_agency_had_said_so() -> None:
    found = standing([GIVEN, on(9, 29, Code.claimed), on(10, 20, Code.verified)])
    assert (found.done_on, found.state(date(2027, 1, 1))) == (date(2026, 9, 29), State.done_in_time)


def test_what_was_returned_counts_from_the_next_claim() -> None:
    found = standing([GIVEN, on(9, 29, Code.claimed), on(10, 2, Code.returned), on(10, 4, Code.claimed),
                      on(10, 20, Code.verified)])
    assert (found.done_on, found.state(date(2027, 1, 1)), found.days_late(date(2027, 1, 1))) == (
        date(2026, 10, 4), State.done_late, 4)


def test_more_time_moves_the_day_and_keeps_the_first() -> None:
    later = date(2026, 10, 31)
    asked = standing([GIVEN, on(9, 1, Code.extension_asked, later)])
    assert (asked.due_on, asked.asked_until) == (DUE, later)
    given = standing([GIVEN, on(9, 1, Code.extension_asked, later), on(9, 2, Code.extended, later)])
    assert (given.due_on, given.first_due_on, given.asked_until, given.extensions) == (later, DUE, None, 1)
    refused = standing([GIVEN, on(9, 1, Code.extension_asked, later), on(9, 2, Code.extension_refused)])
    assert (refused.due_on, refused.asked_until) == (DUE, None)


def test_what_is_opened_again_is_open() -> None:
    found = standing([GIVEN, on(9, 1, Code.verified), on(10, 5, Code.reopened)])
    assert found.done_on is None and found.state(date(2026, 10, 6)) == State.open_late


def test_a_task_without_a_day_is_never_late() -> None:
    assert standing([on(1, 1, Code.assigned)]).state(date(2030, 1, 1)) == State.open_in_time
