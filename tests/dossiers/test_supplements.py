"""Asking for papers: once and in time, amended and taken back until it is answered, ended by silence."""
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from portal.dossiers import actions
from portal.dossiers.deadlines import NotLawful
from portal.dossiers.models import Dossier
from portal.dossiers.states import NotNow
from portal.kit.clock import VN
from portal.kit.db import session
from portal.kit.jobs import Job
from portal.notices.models import Message
from portal.papers import queries as issued
from portal.people.models import Person
from tests import make

pytestmark = pytest.mark.usefixtures("app")
ITEMS = make.ARGUMENTS["ask"]["items"]
OTHER = [("other", "Ảnh", "Sai cỡ")]


def vn(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=VN)


def at(moment: datetime) -> Any:
    return time_machine.travel(moment, tick=False)


@pytest.fixture
def head() -> Person:
    return make.officer()


@pytest.fixture
def dossier() -> Iterator[Dossier]:
    """Five working days, received on Thursday 19 November 2026; the 24th is a holiday."""
    with at(vn(19, 8)):
        made = make.dossier("checking")
        made.terms.limit_amount, made.terms.limit_unit = 5, "working_day"
        session.commit()
    with at(vn(19, 9)):
        actions.accept(made, by=made.officer)
        yield made


def told(person: Person) -> list[str]:
    return list(session.scalars(select(Message.subject).where(Message.person_id == person.id).order_by(Message.id)))


def test_the_full_papers_begin_the_limit_anew_and_the_old_date_stays_beside_the_new(dossier: Dossier) -> None:
    assert dossier.due_at == vn(27, 17)
    with at(vn(20, 9)):
        actions.ask(dossier, by=dossier.officer, items=ITEMS)
    assert (dossier.state, dossier.stopped_at, dossier.due_at) == ("waiting", vn(20, 9), vn(27, 17))
    with at(vn(25, 9)):
        actions.answer(dossier, by=dossier.applicant, reply="Đã gửi lại")
    # five working days after Wednesday the 25th; the index takes off the two working days that were waited
    assert (dossier.due_at, dossier.index_due_at) == (vn(2, 17, month=12), vn(1, 17, month=12))
    assert (dossier.state, dossier.stopped_at, dossier.queue_at) == ("processing", None, dossier.due_at)
    [change] = dossier.due_changes
    assert (change.old_at, change.new_at, change.reason, change.by_id) == (
        vn(27, 17), vn(2, 17, month=12), "supplement", dossier.applicant_id)
    assert dossier.requests[0].reply == "Đã gửi lại" and dossier.requests[0].answered_at == vn(25, 9)


def test_under_the_rules_before_2018_what_was_left_is_left(dossier: Dossier) -> None:
    dossier.rule_set = "qd-09-2015"
    with at(vn(20, 9)):
        actions.ask(dossier, by=dossier.officer, items=ITEMS)
    assert dossier.requests[0].answer_until is None  # they knew no end by silence
    with at(vn(25, 9)):
        actions.answer(dossier, by=dossier.applicant)
    assert dossier.due_at == dossier.index_due_at == vn(1, 17, month=12)


def test_what_was_late_when_papers_were_asked_for_stays_known_as_late(dossier: Dossier, head: Person) -> None:
    with at(vn(30, 9)):
        actions.ask_again(dossier, by=head, items=ITEMS, reason="Luật chuyên ngành cho phép")
        actions.answer(dossier, by=dossier.applicant)
    assert dossier.missed_due_at == vn(27, 17) and dossier.due_at == vn(7, 17, month=12)


def test_after_acceptance_the_office_asks_once(dossier: Dossier) -> None:
    actions.ask(dossier, by=dossier.officer, items=ITEMS)
    actions.answer(dossier, by=dossier.applicant)
    with pytest.raises(NotLawful, match="asks once"):
        actions.ask(dossier, by=dossier.officer, items=OTHER)
    assert (dossier.state, len(dossier.requests)) == ("processing", 1)


def test_before_acceptance_it_asks_once_too_and_once_more_after_it() -> None:
    dossier = make.dossier("asked")
    actions.answer(dossier, by=dossier.applicant)
    with pytest.raises(NotLawful, match="asks once"):
        actions.ask(dossier, by=dossier.officer, items=OTHER)
    actions.accept(dossier, by=dossier.officer)
    actions.ask(dossier, by=dossier.officer, items=OTHER)
    assert [request.round for request in dossier.requests] == [1, 2]


@pytest.mark.parametrize(("moment", "may"), [
    (vn(25, 16, 59), True), (vn(25, 17), True), (vn(25, 17, 1), False), (vn(26, 8), False)])
def test_after_acceptance_it_asks_within_three_working_days_of_receipt(
        dossier: Dossier, moment: datetime, may: bool) -> None:
    with at(moment):
        if may:
            actions.ask(dossier, by=dossier.officer, items=ITEMS)
        else:
            with pytest.raises(NotLawful, match="working days of receipt"):
                actions.ask(dossier, by=dossier.officer, items=ITEMS)
    assert (dossier.state == "waiting") == may


def test_a_special_law_may_give_other_times(dossier: Dossier) -> None:
    dossier.terms.special_times = {"law": "Luật Đất đai", "ask_within_days": 10, "silence_days": 30}
    session.flush()
    with at(vn(27, 9)):
        actions.ask(dossier, by=dossier.officer, items=ITEMS)
    assert dossier.requests[0].answer_until == vn(28, 0, month=12)


def test_a_further_request_needs_the_reason_of_the_head_and_is_flagged(dossier: Dossier, head: Person) -> None:
    actions.ask(dossier, by=dossier.officer, items=ITEMS)
    actions.answer(dossier, by=dossier.applicant)
    with pytest.raises(ValueError, match="reason"):
        actions.ask_again(dossier, by=head, items=OTHER, reason=" ")
    actions.ask_again(dossier, by=head, items=OTHER, reason="Giấy tờ mới phát hiện là giả")
    assert (dossier.state, dossier.asked_again) == ("waiting", True)
    event = dossier.events[-1]
    assert (event.step, event.flagged, event.note, event.by_id) == (
        "ask_again", True, "Giấy tờ mới phát hiện là giả", head.id)
    assert not any(event.flagged for event in dossier.events[:-1])


def test_what_may_be_asked_in_the_ordinary_way_is_not_asked_as_an_exception(dossier: Dossier, head: Person) -> None:
    with pytest.raises(NotNow):
        actions.ask_again(dossier, by=head, items=ITEMS, reason="Cho chắc")
    assert not dossier.asked_again


def test_a_request_is_amended_until_it_is_answered_and_both_wordings_are_kept(dossier: Dossier) -> None:
    with at(vn(20, 9)):
        first = actions.ask(dossier, by=dossier.officer, items=ITEMS)
    with at(vn(23, 9)):
        second = actions.amend(dossier, by=dossier.officer, items=OTHER)
    assert (first.round, first.edition, first.replaced_at) == (1, 1, vn(23, 9))
    assert (second.round, second.edition, second.asked_at, second.written_at) == (1, 2, vn(20, 9), vn(23, 9))
    # the clock has stood still since the first asking; the time to answer begins again
    assert (dossier.state, dossier.stopped_at) == ("waiting", vn(20, 9))
    assert (first.answer_until, second.answer_until) == (vn(6, 0, month=12), vn(9, 0, month=12))
    assert [item.label for item in dossier.requests[-1].items] == ["Ảnh"]
    with at(vn(25, 9)):
        actions.answer(dossier, by=dossier.applicant)
        with pytest.raises(NotNow):
            actions.amend(dossier, by=dossier.officer, items=ITEMS)
    assert dossier.index_due_at == vn(1, 17, month=12)
    assert told(dossier.applicant)[-1] == f"Yêu cầu bổ sung hồ sơ {dossier.code} đã thay đổi"


def test_each_wording_has_its_own_form_02(dossier: Dossier) -> None:
    actions.ask(dossier, by=dossier.officer, items=ITEMS)
    actions.amend(dossier, by=dossier.officer, items=OTHER)
    papers = {paper.occasion: paper.facts["items"] for paper in issued.of(dossier.owner) if paper.kind == "supplement"}
    assert papers == {1: ["Giấy chứng sinh: Bản chụp mờ, không đọc được"], 2: ["Ảnh: Sai cỡ"]}


def test_a_request_that_was_taken_back_never_stopped_the_clock_and_does_not_count(dossier: Dossier) -> None:
    with at(vn(20, 9)):
        actions.ask(dossier, by=dossier.officer, items=ITEMS)
    with at(vn(23, 9)):
        actions.take_back(dossier, by=dossier.officer)
        assert (dossier.state, dossier.stopped_at, dossier.due_at) == ("processing", None, vn(27, 17))
        assert dossier.due_changes == []
        actions.ask(dossier, by=dossier.officer, items=OTHER)  # it may still ask its once
    with at(vn(25, 9)):
        actions.answer(dossier, by=dossier.applicant)
    assert [request.round for request in dossier.requests] == [1, 2]
    assert dossier.index_due_at == vn(30, 17)  # one working day waited: the 24th is off


def test_taking_back_before_acceptance_gives_the_office_its_eight_hours_again() -> None:
    with at(vn(18, 9)):
        dossier = make.dossier("asked")
    with at(vn(25, 8)):
        actions.take_back(dossier, by=dossier.officer)
    assert (dossier.state, dossier.queue_at) == ("checking", vn(26, 8))


@pytest.mark.parametrize("state", ["asked", "waiting"])
def test_after_fifteen_days_of_silence_the_dossier_ends_and_the_applicant_is_told(state: str) -> None:
    with at(vn(19, 9)):
        dossier = make.dossier(state)
        until = dossier.requests[-1].answer_until
    assert until == vn(5, 0, month=12)  # the 19th is not counted, the 4th of December is whole
    with at(vn(4, 23, 59, month=12)):
        make.done("dossiers.look_for_silence")
        run("dossiers.end_silent")
        assert dossier.state == state
    with at(vn(5, 0, month=12)):
        make.done("dossiers.look_for_silence")
        run("dossiers.end_silent")
    assert (dossier.state, dossier.stopped_at, dossier.events[-1].by_id) == ("stopped", None, None)
    assert told(dossier.applicant)[-1] == f"Dừng giải quyết hồ sơ {dossier.code}"
    with pytest.raises(NotNow):
        actions.answer(dossier, by=dossier.applicant)


def run(name: str) -> int:
    """Do the jobs of this name that wait; how many."""
    waiting = session.scalars(select(Job).where(Job.name == name, Job.done_at.is_(None))).all()
    for job in waiting:
        job.done_at = vn(1, 0)
        make.done(name, **job.args)
    return len(waiting)


def test_answered_or_worded_anew_at_the_last_minute_it_goes_on() -> None:
    with at(vn(19, 9)):
        answered, amended = make.dossier("waiting"), make.dossier("waiting")
    with at(vn(5, 0, month=12)):
        make.done("dossiers.look_for_silence")
        actions.answer(answered, by=answered.applicant)
        actions.amend(amended, by=amended.officer, items=OTHER)
        assert run("dossiers.end_silent") == 2
        assert (answered.state, amended.state) == ("processing", "waiting")
        make.done("dossiers.look_for_silence")
        assert run("dossiers.end_silent") == 0


def test_the_applicant_is_reminded_once_three_days_before() -> None:
    with at(vn(19, 9)):
        dossier = make.dossier("waiting")
    for day in (1, 2, 3):
        with at(vn(day, 1, month=12)):
            make.done("dossiers.look_for_silence")
            run("dossiers.remind")
    reminders = [subject for subject in told(dossier.applicant) if "nộp bổ sung trước" in subject]
    assert reminders == [f"Hồ sơ {dossier.code}: nộp bổ sung trước 05/12/2026"]
    assert dossier.requests[-1].reminded_at == vn(2, 1, month=12)


def test_nobody_is_reminded_of_what_was_answered() -> None:
    with at(vn(19, 9)):
        dossier = make.dossier("waiting")
        request_id = dossier.requests[-1].id
        actions.answer(dossier, by=dossier.applicant)
        before = len(told(dossier.applicant))
        make.done("dossiers.remind", request_id=request_id)
        make.done("dossiers.tell_answer_until", request_id=request_id)
    assert len(told(dossier.applicant)) == before
