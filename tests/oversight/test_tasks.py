"""Tasks: given to agencies, claimed by them, closed by who watches; what machines saw stands apart."""
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine

from portal.kit import clock
from portal.kit.db import session, transaction
from portal.oversight import lists, queries, tallies, tasks
from portal.oversight.models import Assignment, Directive, EventsNeverChange, OversightEvent
from portal.oversight.probes import Seen
from portal.oversight.tasks import NeedsReason, NotNow
from tests import make
from tests.exchange import made as exchange

NOVEMBER = datetime(2026, 11, 10, 2, tzinfo=UTC)
DUE = date(2026, 11, 20)


def directive(**kw: Any) -> Directive:
    return tasks.new_directive(**{"number": "36a/NQ-CP", "issuer": "Chính phủ", "words": "Kết nối phần mềm",
                                  "deadline": "fixed", "due_on": DUE} | kw)


@pytest.fixture
def overseer(app: Any) -> Any:
    return make.staff("overseer")


@pytest.fixture
def task(app: Any, overseer: Any) -> Assignment:
    with transaction():
        return tasks.give(directive(), [make.agency("H17")], [make.agency("H26")], by=overseer)[0]


def codes(task: Assignment) -> list[str]:
    return [one.code for one in queries.events(task.id)]


def test_a_claim_is_closed_by_who_watches_alone(task: Assignment, overseer: Any) -> None:
    leader = make.staff("leader", "H17")
    tasks.claim(task, leader, "Đã kết nối ngày 09/11")
    assert task.claimed_at and task.done_on is None
    with pytest.raises(NotNow, match="own_agency"):
        tasks.verify(task, leader, "Đã xong")
    tasks.verify(task, overseer, "Xem trên hệ thống")
    assert task.done_on == clock.today() and codes(task) == ["assigned", "claimed", "verified"]


def test_who_spoke_for_the_agency_does_not_confirm_it_after_changing_places(task: Assignment, overseer: Any) -> None:
    leader = make.staff("leader", "H17")
    tasks.claim(task, leader, "Đã kết nối ngày 09/11")
    for held in leader.memberships:
        held.ends_at = clock.now()
    session.flush()
    session.expire(leader)
    with pytest.raises(NotNow, match="own_agency"):
        tasks.verify(task, leader, "Đã xong")
    with pytest.raises(NotNow, match="own_agency"):
        tasks.send_back(task, leader, "Chưa xong")
    tasks.verify(task, overseer, "Xem trên hệ thống")


def test_nobody_moves_the_day_of_the_own_agency(overseer: Any) -> None:
    [one] = tasks.give(directive(deadline="condition", due_on=None, condition="Khi có nghị định"), [make.agency("H17")],
                       by=overseer)
    both = make.staff("leader", "H17")
    with pytest.raises(NotNow, match="own_agency"):
        tasks.condition_met(one.directive, both, date(2026, 11, 1), date(2030, 1, 1), "Nghị định")
    assert tasks.condition_met(one.directive, overseer, date(2026, 11, 1), date(2026, 12, 1), "Nghị định") == 1


def test_the_document_that_gave_the_task_moves_with_it(task: Assignment, overseer: Any) -> None:
    receiver = exchange.participant("H17", way="pages", agency_id=task.agency_id)
    document = exchange.document(receivers=(receiver,))
    [copy] = document.copies
    copy.in_unit_id, copy.in_year, copy.in_number = make.department().id, 2026, 1
    task.directive.document_id = document.id
    tasks.claim(task, make.staff("leader", "H17"), "Đã kết nối")
    assert (copy.state, copy.known_by) == ("in_work", "directive")
    tasks.verify(task, overseer, "Xem trên hệ thống")
    assert copy.state == "done"


def test_without_a_probe_that_passed_a_reason_must_be_given(task: Assignment, overseer: Any) -> None:
    with pytest.raises(NeedsReason):
        tasks.verify(task, overseer)
    task.directive.probe = "connected"
    tasks.read(task, Seen(True, {"since": "2026-11-01"}), DUE)
    tasks.verify(task, overseer)
    assert codes(task) == ["assigned", "probed", "proposed", "verified"]
    assert [one.machine for one in queries.events(task.id)] == [False, True, True, False]


def test_a_probe_that_cannot_look_changes_nothing(task: Assignment) -> None:
    task.directive.probe = "connected"
    tasks.read(task, Seen(False, {"since": None}), DUE)
    tasks.read(task, Seen(None, {"why": "failed"}), DUE + timedelta(days=1))
    assert task.probe_passed is False and codes(task) == ["assigned", "probed"]
    assert [one.passed for one in queries.readings(task.id)] == [None, False], "each day keeps what was seen"


def test_the_same_answer_every_night_is_one_event(task: Assignment) -> None:
    for n in range(5):
        tasks.read(task, Seen(False, {}), DUE + timedelta(days=n))
    assert codes(task) == ["assigned", "probed"] and len(queries.readings(task.id)) == 5


def test_more_time_is_asked_and_decided(task: Assignment, overseer: Any) -> None:
    leader, later = make.staff("leader", "H17"), DUE + timedelta(days=10)
    with pytest.raises(NotNow, match="earlier"):
        tasks.ask_for_time(task, leader, DUE, "Chờ thiết bị")
    tasks.ask_for_time(task, leader, later, "Chờ thiết bị")
    assert (task.due_on, task.asked_until) == (DUE, later)
    with pytest.raises(NeedsReason):
        tasks.decide_time(task, overseer, give_it=False)
    tasks.decide_time(task, overseer, give_it=True)
    assert (task.due_on, task.asked_until) == (later, None)
    with pytest.raises(NotNow, match="not_asked"):
        tasks.decide_time(task, overseer, give_it=True)


def test_what_does_not_hold_goes_back_and_what_was_done_may_be_opened_again(task: Assignment, overseer: Any) -> None:
    leader = make.staff("leader", "H17")
    tasks.claim(task, leader, "Xong")
    with pytest.raises(NotNow, match="claimed"):
        tasks.claim(task, leader, "Xong lần nữa")
    tasks.send_back(task, overseer, "Chưa thấy văn bản")
    tasks.claim(task, leader, "Có văn bản kèm theo", {"document": 7})
    tasks.verify(task, overseer, "Đúng")
    tasks.reopen(task, overseer, "Đã ngắt kết nối")
    assert task.done_on is None and codes(task) == [
        "assigned", "claimed", "returned", "claimed", "verified", "reopened"]


def test_what_happened_is_never_rewritten(task: Assignment) -> None:
    event = session.get(OversightEvent, queries.events(task.id)[0].id)
    assert event
    event.reason = "khác"
    with pytest.raises(EventsNeverChange):
        session.flush()
    session.rollback()


def test_an_agency_has_a_task_once_a_period(task: Assignment, overseer: Any) -> None:
    assert tasks.give(task.directive, [make.agency("H17"), make.agency("H29")], by=overseer)[0].agency.key == "H29"


def test_agencies_are_counted_by_what_is_confirmed(app: Any, overseer: Any) -> None:
    h17, h26 = make.agency("H17"), make.agency("H26")
    with time_machine.travel(NOVEMBER, tick=False):
        given = [tasks.give(directive(words=f"Việc {n}"), [h17, h26], by=overseer) for n in range(4)]
        leader = make.staff("leader", "H17")
        tasks.claim(given[0][0], leader, "Xong")
        tasks.verify(given[0][0], overseer, "Đúng")
        tasks.claim(given[1][0], leader, "Xong")
    with time_machine.travel(NOVEMBER + timedelta(days=20), tick=False):
        tasks.verify(given[2][0], overseer, "Thấy xong")
        found = {one.key: one for one in tallies.by_agency(clock.today())}
        assert (found["H17"].given, found["H17"].done_in_time, found["H17"].done_late, found["H17"].open_late,
                found["H17"].claimed, found["H17"].share) == (4, 1, 1, 2, 1, 50)
        assert (found["H26"].done, found["H26"].open_late) == (0, 4)
        assert tallies.totals(list(found.values())) == {
            "agencies": 2, "given": 8, "done": 2, "late": 6, "claimed": 1, "all": 0, "none": 1}


def test_the_change_is_against_the_quarter_before(app: Any, overseer: Any) -> None:
    h17 = make.agency("H17")
    with time_machine.travel(datetime(2026, 8, 3, 2, tzinfo=UTC), tick=False):
        given = [tasks.give(directive(words=f"Việc {n}"), [h17], by=overseer)[0] for n in range(2)]
        tasks.verify(given[0], overseer, "Đúng")
    with time_machine.travel(NOVEMBER, tick=False):
        tasks.verify(given[1], overseer, "Đúng")
        assert [(one.share, one.change) for one in tallies.by_agency(clock.today())] == [(100, 50)]


def test_a_quarter_begins_in_viet_nam(app: Any, overseer: Any) -> None:
    for hour in (16, 17):  # the last hour of September there, the first of October
        with time_machine.travel(datetime(2026, 9, 30, hour, 30, tzinfo=UTC), tick=False):
            tasks.give(directive(words=f"Việc {hour}"), [make.agency("H17")], by=overseer)
    assert [(one.given, one.given_before) for one in tallies.by_agency(date(2026, 11, 10))] == [(2, 1)]


def test_what_is_due_first_stands_first_page_by_page(app: Any, overseer: Any) -> None:
    h17 = make.agency("H17")
    for n in (3, 1, 2, 1):
        tasks.give(directive(words=f"Việc {n}", due_on=DUE + timedelta(days=n)), [h17], by=overseer)
    tasks.give(directive(words="Không hạn", deadline="none", due_on=None), [h17], by=overseer)
    first = lists.open_tasks(h17.id, size=2).rows
    second = lists.open_tasks(h17.id, (first[-1].due_on or DUE, first[-1].id), size=2).rows
    assert [one.directive.words for one in [*first, *second]] == ["Việc 1", "Việc 1", "Việc 2", "Việc 3"]
    assert [one.directive.words for one in lists.undated_tasks(h17.id).rows] == ["Không hạn"]
