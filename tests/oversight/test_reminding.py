"""Reminders of tasks: by the clock before and after the day, by whoever watches with a document; never twice a day."""
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal.exchange import sending
from portal.exchange.models import Document, Participant
from portal.kit import clock
from portal.kit.db import session
from portal.kit.jobs import waiting
from portal.notices import queries as notices
from portal.notices.models import Message
from portal.oversight import queries, reminding, tasks
from portal.oversight.models import Assignment
from portal.people.models import Person
from portal.people.permissions import Role
from tests import make
from tests.exchange import made
from tests.oversight.test_tasks import codes, directive

DUE = date(2026, 11, 20)
BEFORE = (7, 1)


def on(day: int, month: int = 11, hour: int = 2) -> Any:
    return time_machine.travel(datetime(2026, month, day, hour, tzinfo=UTC), tick=False)


@pytest.mark.parametrize(("today", "expected"), [
    (date(2026, 11, 12), None), (date(2026, 11, 13), date(2026, 11, 13)), (date(2026, 11, 18), date(2026, 11, 13)),
    (date(2026, 11, 19), date(2026, 11, 19)), (date(2026, 11, 20), date(2026, 11, 19)),
    (date(2026, 11, 21), date(2026, 11, 21)), (date(2026, 11, 27), date(2026, 11, 21)),
    (date(2026, 11, 28), date(2026, 11, 28)), (date(2026, 12, 5), date(2026, 12, 5))])
def test_one_is_reminded_before_the_day_after_it_and_each_week_from_then(today: date, expected: date | None) -> None:
    assert reminding.occasion(DUE, today, BEFORE) == expected


def test_without_days_before_only_what_is_late_is_reminded_of() -> None:
    assert reminding.occasion(DUE, DUE, ()) is None and reminding.occasion(DUE, date(2026, 11, 22), ())


@pytest.fixture
def leader(app: Flask) -> Person:
    return make.staff(Role.leader, "H17")


@pytest.fixture
def overseer(app: Flask) -> Person:
    return make.staff(Role.overseer)


@pytest.fixture
def task(overseer: Person) -> Assignment:
    with on(1, 10):
        return tasks.give(directive(due_on=DUE), [make.agency("H17")], by=overseer)[0]


def nights(*days: tuple[int, int]) -> None:
    for day, month in days:
        with on(day, month):
            make.done("oversight.remind")
            for args in waiting("oversight.remind_agency"):
                make.done("oversight.remind_agency", **args)


def reminded(task: Assignment) -> list[date]:
    return [clock.day_of(one.at) for one in queries.events(task.id) if one.code == "reminded"]


def test_the_clock_reminds_each_time_once_whatever_night_it_looks(task: Assignment, leader: Person) -> None:
    nights((12, 11), (13, 11), (13, 11), (14, 11), (19, 11), (20, 11), (21, 11), (24, 11), (30, 11), (2, 12))
    # the night of 28 November was missed: what is due then is told on the next
    assert reminded(task) == [date(2026, 11, 13), date(2026, 11, 19), date(2026, 11, 21), date(2026, 11, 30)]
    event = queries.events(task.id)[-1]
    assert event.machine and event.by_name is None and task.due_on == DUE
    assert "20/11/2026" in notices.newest(leader)[0].message.subject


def test_what_is_reported_or_done_is_not_reminded_of(task: Assignment, leader: Person, overseer: Person) -> None:
    with on(10):
        tasks.claim(task, leader, "Xong")
    nights((13, 11), (21, 11))
    assert reminded(task) == []
    with on(22):
        tasks.send_back(task, overseer, "Chưa đạt")
    nights((23, 11))
    assert reminded(task) == [date(2026, 11, 23)]


def test_one_notice_tells_of_all_tasks_of_an_agency(leader: Person, overseer: Person) -> None:
    clerk, other = make.staff(Role.clerk, "H17"), make.staff(Role.leader, "H26")
    with on(1, 10):
        for n in range(12):
            tasks.give(directive(due_on=DUE, words=f"Việc {n}"), [make.agency("H17")], by=overseer)
    nights((21, 11))
    told = session.scalars(select(Message).where(Message.subject.contains("Đôn đốc"))).all()
    assert {one.person_id for one in told} == {leader.id, clerk.id} and len(told) == 2, f"and not {other.id}"
    assert "Đôn đốc 12 nhiệm vụ" in told[0].subject and "và 2 nhiệm vụ khác" in told[0].body


def test_somebody_with_an_address_is_mailed(app: Flask, overseer: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "SMTP_URL", "smtp://mail.example.vn")
    leader = make.staff(Role.leader, "H17", email="chu.tich@danang.gov.vn")
    with on(1, 10):
        tasks.give(directive(due_on=DUE), [make.agency("H17")], by=overseer)
    nights((21, 11))
    message = session.scalars(select(Message).where(Message.person_id == leader.id)).one()
    assert (message.channel, message.address) == ("email", "chu.tich@danang.gov.vn")


def test_a_task_that_was_given_late_is_not_reminded_of_at_once(overseer: Person, leader: Person) -> None:
    with on(15):
        [task] = tasks.give(directive(due_on=DUE), [make.agency("H17")], by=overseer)
    nights((16, 11), (19, 11))
    assert reminded(task) == [date(2026, 11, 19)]


def test_decisions_are_told_to_the_agency_and_what_it_says_to_who_watches(
        task: Assignment, leader: Person, overseer: Person) -> None:
    with on(10):
        tasks.claim(task, leader, "Xong, có văn bản 12")
        assert "báo đã hoàn thành" in notices.newest(overseer)[0].message.subject
        tasks.send_back(task, overseer, "Thiếu minh chứng")
        assert "Thiếu minh chứng" in notices.newest(leader)[0].message.body
        tasks.ask_for_time(task, leader, DUE + timedelta(days=9), "Chờ thiết bị")
        assert "29/11/2026" in notices.newest(overseer)[0].message.body
        tasks.decide_time(task, overseer, give_it=True)
        assert "29/11/2026" in notices.newest(leader)[0].message.body
        tasks.verify(task, overseer, "Đúng")
        assert "xác nhận hoàn thành" in notices.newest(leader)[0].message.body


# by whoever watches

@pytest.fixture
def office(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Participant]:
    """In the small set the Ministry of Justice plays the Government Office."""
    monkeypatch.setattr(reminding, "OFFICE", "G15")
    yield made.participant("G15", way="pages", agency_id=make.agency("G15").id, name="Văn phòng Chính phủ")


@pytest.fixture
def receiver(app: Flask) -> Participant:
    return made.participant("H17", agency_id=make.agency("H17").id)


def letters() -> list[Document]:
    session.expire_all()
    return list(session.scalars(select(Document).where(Document.subject.startswith("Đôn đốc")).order_by(Document.id)))


def test_who_watches_sends_a_document_and_the_agency_is_told(
        task: Assignment, leader: Person, overseer: Person, office: Participant, receiver: Participant) -> None:
    with on(25):
        done = reminding.remind(task.directive_id, [task.id], overseer)
        [letter] = letters()
        assert (done.tasks, done.letter, done.without) == (1, letter, ())
        assert (letter.state, letter.number, letter.notation, [one.receiver_id for one in letter.copies]) == (
            "sent", "1", "VPCP-KSTT", [receiver.id])
        assert "đến nay đã quá hạn" in letter.content and "Kết nối phần mềm" in letter.content
        event = queries.events(task.id)[-1]
        assert (event.code, event.machine, event.by_name, event.facts) == (
            "reminded", False, overseer.name, {"document": letter.id, "number": "1/VPCP-KSTT"})
        assert "1/VPCP-KSTT" in notices.newest(leader)[0].message.body
        assert task.directive.letter is None


def test_nobody_is_reminded_twice_on_a_day_not_by_the_clock_either(
        task: Assignment, leader: Person, overseer: Person, office: Participant, receiver: Participant) -> None:
    with on(25):
        reminding.remind(task.directive_id, [task.id], overseer)
        with pytest.raises(reminding.NotYet):
            reminding.remind(task.directive_id, [task.id], overseer)
    assert len(letters()) == 1
    nights((28, 11))
    with on(28), pytest.raises(reminding.NotYet):
        reminding.remind(task.directive_id, [task.id], overseer)
    assert reminded(task) == [date(2026, 11, 25), date(2026, 11, 28)]


def test_without_an_office_here_the_portal_tells_and_says_why_no_document_went(
        task: Assignment, leader: Person, overseer: Person, receiver: Participant) -> None:
    with on(25):
        done = reminding.remind(task.directive_id, [task.id], overseer)
        assert (done.tasks, done.letter, done.why) == (1, None, reminding.NO_OFFICE) and letters() == []
        assert notices.newest(leader)[0].message.subject.startswith("Đôn đốc")


def test_who_takes_no_part_is_told_in_the_portal_alone(
        leader: Person, overseer: Person, office: Participant, receiver: Participant) -> None:
    with on(1, 10):
        both = tasks.give(directive(due_on=DUE), [make.agency("H17"), make.agency("H26")], by=overseer)
        session.commit()
    with on(25):
        done = reminding.remind(both[0].directive_id, [one.id for one in both], overseer)
        assert (done.tasks, done.without) == (2, (make.agency("H26").name,))
        assert [queries.events(one.id)[-1].facts.get("number") for one in both] == ["1/VPCP-KSTT", None]


def test_all_late_ones_are_those_that_have_not_reported(
        leader: Person, overseer: Person, office: Participant) -> None:
    with on(1, 10):
        first, second = tasks.give(directive(due_on=DUE), [make.agency("H17"), make.agency("H26")], by=overseer)
        tasks.claim(first, leader, "Xong")
    assert list(reminding.late_tasks(first.directive_id, date(2026, 11, 20))) == []
    assert list(reminding.late_tasks(first.directive_id, date(2026, 11, 21))) == [second]


def test_what_was_begun_and_not_sent_goes_the_next_time_and_no_second_one(
        task: Assignment, leader: Person, overseer: Person, office: Participant, receiver: Participant,
        monkeypatch: pytest.MonkeyPatch) -> None:
    with on(25):
        true = sending.send
        monkeypatch.setattr(sending, "send", lambda *_args: (_ for _ in ()).throw(sending.NotSent("gone")))
        with pytest.raises(sending.NotSent):
            reminding.remind(task.directive_id, [task.id], overseer)
        assert codes(task) == ["assigned"], "nothing is said too early"
        assert [one.state for one in letters()] == ["draft"]
        monkeypatch.setattr(sending, "send", true)
        assert reminding.remind(task.directive_id, [task.id], overseer).tasks == 1
        assert [one.state for one in letters()] == ["sent"] and codes(task) == ["assigned", "reminded"]


def test_what_was_sent_and_not_noted_is_noted_the_next_time(
        task: Assignment, leader: Person, overseer: Person, office: Participant, receiver: Participant,
        monkeypatch: pytest.MonkeyPatch) -> None:
    with on(25):
        true = reminding._noted
        monkeypatch.setattr(reminding, "_noted", lambda *_args: (_ for _ in ()).throw(OSError("cut off")))
        with pytest.raises(OSError, match="cut off"):
            reminding.remind(task.directive_id, [task.id], overseer)
        monkeypatch.setattr(reminding, "_noted", true)
        assert reminding.remind(task.directive_id, [task.id], overseer).tasks == 1
        assert [one.state for one in letters()] == ["sent"] and codes(task) == ["assigned", "reminded"]


def test_a_draft_that_somebody_threw_away_is_begun_anew(
        task: Assignment, leader: Person, overseer: Person, office: Participant, receiver: Participant) -> None:
    with on(25):
        task.directive.letter = {"document": 999_999, "tasks": [task.id]}
        session.commit()
        assert reminding.remind(task.directive_id, [task.id], overseer).letter in letters()
