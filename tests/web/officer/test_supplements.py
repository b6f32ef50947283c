"""Asking, changing and taking back a request, putting a date off, and why a date is what it is: the officers' door."""
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine

from portal.dossiers import actions
from portal.dossiers.models import Dossier
from portal.kit import clock
from portal.kit.clock import VN
from portal.kit.db import session
from tests import make

ASKED = {"asked": "other", "other_name": "Giấy ủy quyền", "reason_other": "Chưa có chữ ký"}
PUT_OFF = {"day-day": "3", "day-month": "12", "day-year": "2026", "reason": "Chờ ý kiến của Sở Tư pháp"}


@pytest.fixture
def officer(app: Any) -> Any:
    return make.officer()


@pytest.fixture
def head(app: Any) -> Any:
    return make.staff("head_of_unit", "H17")


def fresh(dossier: Dossier) -> Dossier:
    session.rollback()
    return session.get_one(Dossier, dossier.id, populate_existing=True)


def vn(day: int, hour: int) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=VN)


def test_who_asked_once_is_refused_in_words_and_offered_nothing(officer: Any, sign_in: Any) -> None:
    dossier = make.dossier("answered", officer=officer)
    client = sign_in(officer)
    page = client.get(f"/en/officer/dossiers/{dossier.id}").text
    assert f'/officer/dossiers/{dossier.id}/ask"' not in page and "the office asks once" in page
    for answer in (client.get(f"/en/officer/dossiers/{dossier.id}/ask"),
                   client.post(f"/en/officer/dossiers/{dossier.id}/ask", data=ASKED)):
        assert answer.status_code == 409
        assert "the office asks once" in answer.text
        assert "Put the due date off" in answer.text and "Ask for a supplement" not in answer.text
    assert fresh(dossier).state == "processing"


def test_what_was_typed_is_not_lost_with_the_step(officer: Any, sign_in: Any) -> None:
    dossier = make.dossier("answered", officer=officer)
    answer = sign_in(officer).post(f"/officer/dossiers/{dossier.id}/ask", data=ASKED)
    assert '<blockquote class="typed">Chưa có chữ ký</blockquote>' in answer.text


def test_the_head_asks_once_more_and_everybody_sees_that_it_is_an_exception(
        officer: Any, head: Any, sign_in: Any) -> None:
    dossier = make.dossier("answered", officer=officer)
    client = sign_in(head)
    client.post(f"/officer/dossiers/{dossier.id}/why", data=make.WHY)
    assert f'/officer/dossiers/{dossier.id}/ask-again"' in client.get(f"/officer/dossiers/{dossier.id}").text
    without = client.post(f"/officer/dossiers/{dossier.id}/ask-again", data=ASKED)
    assert without.status_code == 422 and 'href="#head_reason"' in without.text
    answer = client.post(f"/officer/dossiers/{dossier.id}/ask-again",
                         data=ASKED | {"head_reason": "Luật chuyên ngành cho phép"})
    assert answer.status_code == 303, answer.text
    dossier = fresh(dossier)
    assert (dossier.state, dossier.asked_again) == ("waiting", True)
    for page in (client.get(f"/officer/dossiers/{dossier.id}").text,
                 sign_in(dossier.applicant).get(f"/my/dossiers/{dossier.id}").text):
        assert "Luật chuyên ngành cho phép" in page and "Ngoại lệ do người đứng đầu đơn vị quyết định" in page
    assert "Yêu cầu bổ sung thêm, ngoại lệ" in client.get(f"/officer/dossiers/{dossier.id}").text
    assert "Ngoại lệ" in client.get("/officer/queue").text


def test_the_form_of_a_change_is_filled_in_with_what_was_asked(officer: Any, sign_in: Any) -> None:
    dossier = make.dossier("waiting", officer=officer)
    client = sign_in(officer)
    page = client.get(f"/officer/dossiers/{dossier.id}/amend").text
    assert "Giấy chứng sinh" in page and "Bản chụp mờ, không đọc được" in page
    answer = client.post(f"/officer/dossiers/{dossier.id}/amend", data=ASKED)
    assert answer.status_code == 303, answer.text
    assert [(r.edition, r.items[0].label) for r in fresh(dossier).requests] == [
        (1, "Giấy chứng sinh"), (2, "Giấy ủy quyền")]
    shown = client.get(f"/officer/dossiers/{dossier.id}").text
    assert "Đã sửa nội dung lúc" in shown and "Giấy ủy quyền" in shown


@pytest.mark.parametrize("step", ["amend", "take-back"])
def test_what_is_answered_can_be_neither_changed_nor_taken_back(officer: Any, sign_in: Any, step: str) -> None:
    dossier = make.dossier("answered", officer=officer)
    client = sign_in(officer)
    assert client.get(f"/officer/dossiers/{dossier.id}/{step}").status_code == 409
    assert client.post(f"/officer/dossiers/{dossier.id}/{step}", data=ASKED).status_code == 409


def test_taking_back_says_first_what_it_does(officer: Any, sign_in: Any) -> None:
    dossier = make.dossier("waiting", officer=officer)
    due, client = dossier.due_at, sign_in(officer)
    assert "The due date is what it was" in client.get(f"/en/officer/dossiers/{dossier.id}/take-back").text
    assert fresh(dossier).state == "waiting"
    assert client.post(f"/officer/dossiers/{dossier.id}/take-back", data={"note": "Đã tìm thấy"}).status_code == 303
    assert (fresh(dossier).state, fresh(dossier).due_at) == ("processing", due)
    assert fresh(dossier).events[-1].note == "Đã tìm thấy"


def test_a_date_is_put_off_and_the_old_one_stays_beside_it(officer: Any, sign_in: Any) -> None:
    with time_machine.travel(vn(19, 9), tick=False):
        dossier = make.dossier("received", officer=officer)
        client, old = sign_in(officer), dossier.due_at
        answer = client.post(f"/officer/dossiers/{dossier.id}/extend", data=PUT_OFF)
        assert answer.status_code == 303, answer.text
        dossier = fresh(dossier)
        assert dossier.due_at == datetime(2026, 12, 3, 17, tzinfo=VN)
        assert old is not None and f"{old.astimezone(VN):%d/%m/%Y}</s>" in client.get(answer.location).text
        again = client.get(f"/en/officer/dossiers/{dossier.id}/extend")
        assert again.status_code == 409 and "once already" in again.text


@pytest.mark.parametrize(("data", "field"), [
    ({"day-day": "5"}, "day-day"), ({"day-month": "11", "day-day": "19"}, "day-day"), ({"reason": " "}, "reason"),
    ({"day-day": "32"}, "day-day")])
def test_a_new_day_that_cannot_be_comes_back_with_words(
        officer: Any, sign_in: Any, data: dict[str, str], field: str) -> None:
    with time_machine.travel(vn(19, 9), tick=False):
        dossier = make.dossier("received", officer=officer)
        due = dossier.due_at
        answer = sign_in(officer).post(f"/officer/dossiers/{dossier.id}/extend", data=PUT_OFF | data)
    assert answer.status_code == 422 and f'href="#{field}"' in answer.text
    assert fresh(dossier).due_at == due


def test_too_late_for_a_new_date_says_so(officer: Any, sign_in: Any) -> None:
    with time_machine.travel(vn(19, 9), tick=False):  # late in the evening an hour later is another day
        dossier = make.dossier("received", officer=officer)
        dossier.due_at = clock.now() + timedelta(hours=1)
        session.commit()
        answer = sign_in(officer).get(f"/en/officer/dossiers/{dossier.id}/extend")
    assert answer.status_code == 409 and "at least a day before" in answer.text


def test_the_page_of_the_due_date_tells_every_day_and_who_stopped_the_clock(officer: Any, sign_in: Any) -> None:
    with time_machine.travel(vn(19, 9), tick=False):
        dossier = make.dossier("checking", officer=officer)
        dossier.terms.limit_amount, dossier.terms.limit_unit, dossier.terms.cases = 5, "working_day", []
        actions.accept(dossier, by=officer)
        session.commit()
    with time_machine.travel(vn(20, 9), tick=False):
        actions.ask(dossier, by=officer, items=make.ARGUMENTS["ask"]["items"])
        session.commit()
    with time_machine.travel(vn(23, 9), tick=False):
        client, owner = sign_in(officer), sign_in(dossier.applicant)
        actions.answer(dossier, by=dossier.applicant)
        session.commit()
        mine, theirs = (browser.get(f"/en/{door}/dossiers/{dossier.id}/due").text
                        for browser, door in ((client, "officer"), (owner, "my")))
    for page in (mine, theirs):
        for words in ("Nghị định 118/2025/NĐ-CP", "Điều 19 khoản 5", "the limit is counted again from zero",
                      "skipped, public holiday", "day 5", "The full papers came", "17:00, 01/12/2026"):
            assert words in page, words
    assert officer.name in mine and officer.name not in theirs.split('id="main"')[1]
    assert dossier.agency.name in theirs


def test_before_acceptance_it_says_until_when_the_first_answer_comes(officer: Any, sign_in: Any) -> None:
    dossier = make.dossier("checking", officer=officer)
    page = sign_in(officer).get(f"/en/officer/dossiers/{dossier.id}/due").text
    assert "No clock runs before acceptance." in page and "8 working hours" in page


def test_after_15_it_is_passed_on_the_next_morning_and_the_limit_begins_all_the_same(
        officer: Any, sign_in: Any) -> None:
    with time_machine.travel(vn(19, 16), tick=False):
        dossier = make.dossier("received", officer=officer)
        page = sign_in(officer).get(f"/en/officer/dossiers/{dossier.id}").text
    assert "Pass it on by 07:00, 20/11/2026" in page and "The limit has begun all the same." in page


def test_what_was_late_before_it_was_moved_is_decided_late(officer: Any, sign_in: Any) -> None:
    dossier = make.dossier("answered", officer=officer)
    dossier.missed_due_at = clock.now() - timedelta(days=3)
    actions.decide(dossier, by=officer, outcome="granted")
    session.commit()
    client = sign_in(officer)
    assert 'class="clock is-late"' in client.get(f"/officer/dossiers/{dossier.id}").text
    assert "had passed before it was moved" in client.get(f"/en/officer/dossiers/{dossier.id}/due").text


def test_taking_back_speaks_of_no_due_date_where_there_is_none(officer: Any, sign_in: Any) -> None:
    early, late = make.dossier("asked", officer=officer), make.dossier("waiting", officer=officer)
    client, told = sign_in(officer), "Ngày hẹn trả không thay đổi"
    assert early.due_at is None and late.due_at is not None
    for dossier, says in ((early, False), (late, True)):
        answer = client.post(f"/officer/dossiers/{dossier.id}/take-back", data={"note": ""}, follow_redirects=True)
        assert "Đã rút yêu cầu" in answer.text and (told in answer.text) is says
