"""The steps that one row tells of."""
from dataclasses import replace
from typing import Any

from portal.intake.placing import steps_of
from portal.intake.rows import Row
from portal.progress.merging import in_order
from tests.progress.test_merging import hour, state


def row(n: int = 0, **kw: Any) -> Row:
    return replace(Row("H17-261005-0001", None, "1.001193", 2, hour(n)), **kw)


def test_a_finish_before_the_telling_is_a_step_of_its_own() -> None:
    told_late = row(9, status=10, finished_at=hour(4))
    assert [(s.at, s.status) for s in in_order(steps_of(told_late, 10, None))] == [(hour(4), 9), (hour(9), 10)]
    assert state(*steps_of(told_late, 10, None)).finished_at == hour(4)


def test_an_old_date_told_with_the_new_one_is_the_first() -> None:
    moved = row(9, received_at=hour(0), due_at=hour(5), new_due_at=hour(20), apology=True)
    found = state(*steps_of(moved, 4, None))
    assert (found.first_due_at, found.due_at) == (hour(5), hour(20))
    assert [s.step for s in in_order(steps_of(moved, 4, None))] == ["accept", "apologise"]


def test_every_step_of_a_row_says_what_the_row_said() -> None:
    told_late = row(9, status=10, finished_at=hour(4), submitted_at=hour(1), channel="post", level=3)
    told = steps_of(told_late, 10, "1.004873")
    assert [(s.submitted_at, s.received_at, s.channel, s.procedure_code, s.level) for s in told] == [
        (hour(1), None, "post", "1.004873", 3)] * 2
    assert {(s.procedure_code, s.level) for s in steps_of(told_late, 10, None)} == {(None, None)}, "a level of what?"
