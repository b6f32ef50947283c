"""Parts of a task, and a deadline that waits for a condition."""
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine

from portal.kit import clock
from portal.notices import queries as notices
from portal.oversight import lists, parts, queries, tasks
from portal.oversight.models import Assignment, Directive
from portal.oversight.parts import NotAPart
from portal.oversight.probes import Seen
from portal.oversight.standing import State
from portal.oversight.tasks import NeedsReason, NotNow
from portal.people.models import Person
from tests import make
from tests.oversight.test_tasks import DUE, codes, directive

NOVEMBER = datetime(2026, 11, 10, 2, tzinfo=UTC)


@pytest.fixture
def overseer(app: Any) -> Person:
    return make.staff("overseer")


def give(*keys: str, of: Directive | None = None, co_operating: tuple[str, ...] = (), **kw: Any) -> list[Assignment]:
    """A task at agencies by their keys; a part where `of` is given."""
    return tasks.give(directive(parent_id=of.id if of else None, **kw), [make.agency(key) for key in keys],
                      [make.agency(key) for key in co_operating], by=None)


def stands(task: Assignment) -> tuple[int, int]:
    found = parts.stand(task, clock.today())
    return found.done, found.given


# parts

def test_when_all_parts_are_confirmed_the_whole_is_proposed_and_not_closed(overseer: Person) -> None:
    [whole] = give("H17")
    first, second = give("H17", of=whole.directive)[0], give("G15", of=whole.directive)[0]
    tasks.verify(first, overseer, "Đúng")
    assert stands(whole) == (1, 2) and whole.proposed_at is None
    tasks.verify(second, overseer, "Đúng")
    assert whole.proposed_at and whole.done_on is None and codes(whole) == ["assigned", "proposed"]
    event = queries.events(whole.id)[-1]
    assert event.machine and event.facts == {"parts": 2, "done": 2, "part": second.id}


def test_a_claimed_part_is_no_confirmed_part(overseer: Person) -> None:
    [whole] = give("H17")
    [part] = give("H17", of=whole.directive)
    tasks.claim(part, make.staff("leader", "H17"), "Xong")
    assert stands(whole) == (0, 1) and whole.proposed_at is None


def test_each_province_counts_its_own_parts(overseer: Person) -> None:
    h17, h26 = give("H17", "H26")
    own, other = give("H17", "H26", of=h17.directive)
    tasks.verify(own, overseer, "Đúng")
    assert h17.proposed_at and not h26.proposed_at and (stands(h17), stands(h26)) == ((1, 1), (0, 1))
    assert parts.counts_for(other) == [h26.id]


def test_who_answers_for_the_whole_waits_for_those_who_co_operate_and_they_for_themselves(overseer: Person) -> None:
    lead, helper = give("G15", co_operating=("G01",))
    own, helped, outside = (give(key, of=lead.directive)[0] for key in ("G15", "G01", "H29"))
    assert (stands(lead), stands(helper)) == ((0, 3), (0, 1))
    tasks.verify(helped, overseer, "Đúng")
    assert helper.proposed_at and not lead.proposed_at
    tasks.verify(own, overseer, "Đúng")
    tasks.verify(outside, overseer, "Đúng")
    assert lead.proposed_at


def test_a_part_that_is_opened_again_takes_the_proposal_back(overseer: Person) -> None:
    [whole] = give("H17")
    [part] = give("H17", of=whole.directive)
    tasks.verify(part, overseer, "Đúng")
    tasks.reopen(part, overseer, "Nhầm")
    assert whole.proposed_at is None and codes(whole) == ["assigned", "proposed", "withdrawn"]


def test_what_a_person_confirmed_stays_confirmed_and_is_doubted(overseer: Person) -> None:
    [whole] = give("H17")
    [part] = give("H17", of=whole.directive)
    tasks.verify(part, overseer, "Đúng")
    tasks.verify(whole, overseer, "Đủ các phần")
    done_on = whole.done_on
    tasks.reopen(part, overseer, "Nhầm")
    assert whole.done_on == done_on and codes(whole) == ["assigned", "proposed", "verified", "doubted"]
    assert "bị mở lại" in notices.newest(overseer)[0].message.body, "who watches is told"


def test_a_part_that_is_given_later_takes_the_proposal_back_too(overseer: Person) -> None:
    [whole] = give("H17")
    [part] = give("H17", of=whole.directive)
    tasks.verify(part, overseer, "Đúng")
    give("H17", of=whole.directive)
    assert whole.proposed_at is None and stands(whole) == (1, 2)


def test_the_agencys_own_claim_is_not_touched_by_its_parts(overseer: Person) -> None:
    [whole] = give("H17")
    [part] = give("H17", of=whole.directive)
    tasks.claim(whole, make.staff("leader", "H17"), "Xong")
    tasks.verify(part, overseer, "Đúng")
    tasks.reopen(part, overseer, "Nhầm")
    assert whole.claimed_at and codes(whole) == ["assigned", "claimed"]


def test_parts_that_are_late_are_counted(overseer: Person) -> None:
    with time_machine.travel(NOVEMBER, tick=False):
        [whole] = give("H17", due_on=DUE + timedelta(days=40))
        give("H17", of=whole.directive, due_on=date(2026, 11, 9))
        give("H17", of=whole.directive, due_on=date(2026, 11, 11))
        assert parts.stand(whole, clock.today()).late == 1
        [late, in_time] = parts.tree(whole.directive, clock.today())
        assert (late.late, late.given, in_time.late) == (1, 1, 0)


def test_no_task_is_a_part_of_itself_of_two_or_too_deep(overseer: Person) -> None:
    a, b, c, d = (give("H17", words=name)[0].directive for name in "abcd")
    tasks.make_part(a, b)
    tasks.make_part(b, c)
    for parent, child, why in ((a, a, "circle"), (c, a, "circle"), (c, d, "deep"), (d, b, "taken"), (d, a, "deep")):
        with pytest.raises(NotAPart) as error:
            tasks.make_part(parent, child)
        assert error.value.why == why, (parent.words, child.words)
    with pytest.raises(NotAPart, match="deep"):
        directive(parent_id=c.id)
    assert [(one.directive.words, one.level) for one in parts.tree(a, clock.today())] == [("b", 1), ("c", 2)]


def test_a_task_that_was_done_before_it_became_a_part_counts_at_once(overseer: Person) -> None:
    [whole], [other] = give("H17"), give("H17")
    tasks.verify(other, overseer, "Đúng")
    tasks.make_part(whole.directive, other.directive)
    assert whole.proposed_at


# conditions

@pytest.fixture
def waiting(overseer: Person) -> list[Assignment]:
    with time_machine.travel(NOVEMBER, tick=False):
        return give("H17", "H26", deadline="condition", due_on=None,
                    condition="Khi Nghị định về định danh có hiệu lực")


def test_a_condition_has_no_day_until_whoever_watches_says_that_it_came_about(
        waiting: list[Assignment], overseer: Person) -> None:
    with time_machine.travel(NOVEMBER, tick=False):
        assert waiting[0].state(date(2030, 1, 1)) == State.open_in_time
        assert not lists.open_tasks(waiting[0].agency_id).rows
        leader = make.staff("leader", "H17")
        assert tasks.condition_met(waiting[0].directive, overseer, date(2026, 11, 1), date(2026, 12, 15),
                                   "Nghị định 200/2026/NĐ-CP") == 2
        assert {one.due_on for one in waiting} == {date(2026, 12, 15)}
        assert waiting[0].state(date(2026, 12, 16)) == State.open_late
        event = queries.events(waiting[0].id)[-1]
        assert (event.code, event.machine, event.facts, event.reason) == (
            "condition_met", False, {"on": "2026-11-01"}, "Nghị định 200/2026/NĐ-CP")
        assert "15/12/2026" in notices.newest(leader)[0].message.body


def test_what_is_given_after_the_condition_came_about_has_the_day(waiting: list[Assignment], overseer: Person) -> None:
    with time_machine.travel(NOVEMBER, tick=False):
        tasks.condition_met(waiting[0].directive, overseer, date(2026, 11, 1), date(2026, 12, 15), "Nghị định")
        [later] = tasks.give(waiting[0].directive, [make.agency("H29")], by=overseer)
        assert later.due_on == date(2026, 12, 15)


def test_a_day_that_was_said_wrongly_is_mended_and_the_first_stays_written(
        waiting: list[Assignment], overseer: Person) -> None:
    with time_machine.travel(NOVEMBER, tick=False):
        tasks.verify(waiting[1], overseer, "Xong trước")
        tasks.condition_met(waiting[0].directive, overseer, date(2026, 11, 1), date(2026, 12, 15), "Nghị định")
        assert tasks.condition_met(waiting[0].directive, overseer, date(2026, 11, 5), date(2026, 12, 20), "Sửa") == 1
        assert waiting[0].due_on == date(2026, 12, 20) and waiting[1].due_on is None, "what is done stays as it was"
        assert codes(waiting[0]) == ["assigned", "condition_met", "condition_met"]


@pytest.mark.parametrize(("on", "due_on", "why"), [
    (date(2026, 11, 1), date(2026, 10, 31), "before_it"), (date(2026, 11, 11), date(2026, 12, 1), "ahead")])
def test_a_condition_comes_about_before_what_is_due_and_not_tomorrow(
        waiting: list[Assignment], overseer: Person, on: date, due_on: date, why: str) -> None:
    with time_machine.travel(NOVEMBER, tick=False):
        with pytest.raises(NotNow, match=why):
            tasks.condition_met(waiting[0].directive, overseer, on, due_on, "Nghị định")
        with pytest.raises(NeedsReason):
            tasks.condition_met(waiting[0].directive, overseer, date(2026, 11, 1), date(2026, 12, 1), " ")
        with pytest.raises(NotNow, match="fixed"):
            tasks.condition_met(give("H17")[0].directive, overseer, date(2026, 11, 1), date(2026, 12, 1), "Nghị định")


# what a probe saw long ago

def test_what_a_probe_saw_forty_days_ago_is_no_proof_today(overseer: Person) -> None:
    with time_machine.travel(NOVEMBER, tick=False):
        [task] = give("H17", probe="connected")
        tasks.read(task, Seen(True, {"since": "2026-11-01"}), clock.today())
        assert task.sees(clock.now()) is True
    with time_machine.travel(NOVEMBER + timedelta(days=40), tick=False):
        assert task.sees(clock.now()) is None
        with pytest.raises(NeedsReason):
            tasks.verify(task, overseer)
        tasks.read(task, Seen(None, {"why": "failed"}), clock.today())
        with pytest.raises(NeedsReason):
            tasks.verify(task, overseer)
        tasks.read(task, Seen(True, {"since": "2026-11-01"}), clock.today())
        tasks.verify(task, overseer)
        assert queries.events(task.id)[-1].facts == {"probe": "connected", "passed": True}


def test_one_night_without_a_look_takes_nothing_back(overseer: Person) -> None:
    with time_machine.travel(NOVEMBER, tick=False):
        [task] = give("H17", probe="connected")
        tasks.read(task, Seen(True, {}), clock.today())
    with time_machine.travel(NOVEMBER + timedelta(days=2), tick=False):
        tasks.verify(task, overseer)


def test_what_a_probe_proposed_and_sees_no_longer_is_withdrawn(overseer: Person) -> None:
    [task] = give("H17", probe="connected")
    tasks.read(task, Seen(True, {}), clock.today())
    assert task.proposed_at
    tasks.read(task, Seen(False, {}), clock.today())
    assert task.proposed_at is None and codes(task) == ["assigned", "probed", "proposed", "probed", "withdrawn"]
