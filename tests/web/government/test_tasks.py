"""Pages of tasks: what an agency does next, parts, conditions, probes and what they want, reminders, documents."""
import re
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal.exchange import recording
from portal.kit import clock
from portal.kit.db import session
from portal.oversight import lists, queries, reminding, tasks
from portal.oversight.models import Assignment, Directive
from portal.oversight.probes import Seen
from portal.people.permissions import Role
from tests import make
from tests.exchange import made
from tests.oversight.test_tasks import directive
from tests.web.government.test_directives import TASK, given

NAMED = {"group": "named", "named": "H17"}


def give(*keys: str, **kw: Any) -> list[Assignment]:
    found = tasks.give(directive(**kw), [make.agency(key) for key in keys or ("H17",)], by=None)
    session.commit()
    return found


def headings(page: str) -> list[str]:
    return re.findall(r"<h2[^>]*>([^<]+)</h2>", page.partition("</main>")[0])


def due(days: int) -> date:
    return clock.today() + timedelta(days=days)


# what comes next

def test_an_agency_reads_its_tasks_by_what_is_to_be_done_next(sign_in: Any) -> None:
    leader, overseer = make.staff(Role.leader, "H17"), make.staff(Role.overseer)
    back, _late, _soon, asked, said, _later = (give(words=words, due_on=due(days))[0] for words, days in (
        ("Trả lại", 9), ("Trễ", -2), ("Sắp", 3), ("Xin", 4), ("Báo", 5), ("Sau", 90)))
    give(words="Chờ nghị định", deadline="condition", due_on=None, condition="Khi Nghị định có hiệu lực")
    give(words="Không hạn", deadline="none", due_on=None)
    tasks.claim(back, leader, "Xong")
    tasks.send_back(back, overseer, "Chưa đạt")
    tasks.ask_for_time(asked, leader, due(30), "Chờ")
    tasks.claim(said, leader, "Xong")
    session.commit()
    page = sign_in(leader).get("/government/tasks").text
    assert headings(page) == [
        "Bị trả lại: hoàn thiện và báo cáo lại", "Quá hạn: báo cáo ngay hoặc xin lùi hạn", "Đến hạn trong hai tuần tới",
        "Đã xin lùi hạn, chờ quyết định", "Đã báo hoàn thành, chờ xác nhận", "Đến hạn sau", "Chờ điều kiện xảy ra",
        "Không ấn định thời hạn"]
    places = [page.index(words) for words in ("Trả lại<", "Trễ<", "Sắp<", "Xin<", "Báo<", "Sau<", "Chờ nghị định<",
                                              "Không hạn<")]
    assert places == sorted(places) and "Chờ: Khi Nghị định có hiệu lực" in page


def test_a_section_goes_on_page_by_page_and_shows_each_task_once(
        sign_in: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "PAGE", 2)
    for n in range(7):
        give(words=f"Việc {n}", due_on=due(3 + n // 3))
    client = sign_in(make.staff(Role.leader, "H17"))
    page = client.get("/government/tasks").text
    assert "Xem tất cả: Đến hạn trong hai tuần tới" in page and page.count("/government/tasks/") == 5
    found = queries.next_tasks(make.agency("H17").id, "soon", clock.today(), size=4)
    last = found[-1]
    rest = queries.next_tasks(last.agency_id, "soon", clock.today(), (last.due_on or due(0), last.id))
    assert sorted(one.directive.words for one in (*found, *rest)) == [f"Việc {n}" for n in range(7)]
    assert "Trở lại mọi việc cần làm tiếp" in client.get("/government/tasks?show=soon").text
    assert client.get("/government/tasks?show=later&after=x_y").status_code == 200


def test_what_waits_for_a_decision_goes_on_page_by_page(sign_in: Any) -> None:
    leader = make.staff(Role.leader, "H17")
    for n in range(lists.PAGE + 1):
        [task] = tasks.give(directive(words=f"Việc {n:02}"), [make.agency("H17")], by=None)
        tasks.claim(task, leader, "Xong")
    session.commit()
    client = sign_in(make.staff(Role.overseer))
    first = client.get("/government/directives").text
    last = f"Việc {lists.PAGE:02}"
    assert f"Việc {lists.PAGE - 1:02}" in first and last not in first
    further = re.search(r'href="(/government/directives\?after=\d+[^"]*)"', first)
    assert further and last in client.get(further[1].replace("&amp;", "&")).text


# probes

def test_what_the_portal_looks_at_is_given_with_what_it_must_reach(sign_in: Any) -> None:
    [task] = given(sign_in, **NAMED, probe="services_at_level", services_at_level_level="4",
                   services_at_level_share="90")
    assert task.directive.wanted == {"level": 4, "share": 90}
    client = sign_in(make.staff(Role.overseer))
    for address in (f"/government/directives/{task.directive_id}", f"/government/tasks/{task.id}"):
        page = client.get(address).text
        assert "Trong 100 dịch vụ, ít nhất: 90" in page, address


@pytest.mark.parametrize(("probe", "fields", "said"), [
    ("page_answers", {"page_answers_address": "http://10.0.0.1/"}, "chỉ kiểm tra được địa chỉ công khai"),
    ("page_answers", {}, "điền “Một trang web truy cập được: Địa chỉ”"),
    ("services_at_level", {"services_at_level_level": "7"}, "không được quá 4"),
    ("figure_reaches", {"figure_reaches_figure": "services_level_4", "figure_reaches_least": "nhiều"},
     "hãy ghi một số, ví dụ 80"),
    ("plan_issued", {}, "của chương trình”"),
    ("form_works", {"form_works_procedures": "9.99"}, "danh mục không có thủ tục mang mã này")])
def test_what_a_probe_is_given_wrongly_is_said_at_its_field(
        sign_in: Any, probe: str, fields: dict[str, str], said: str) -> None:
    client = sign_in(make.staff(Role.overseer))
    answer = client.post("/government/directives/new", data=TASK | NAMED | {"probe": probe} | fields)
    assert answer.status_code == 422
    assert said.lower() in " ".join(re.findall(r'<a href="#[^"]*">([^<]*)</a>', answer.text)).lower()
    assert TASK["words"] in answer.text, "what was typed is kept"
    assert session.scalar(select(Directive.id)) is None


def test_what_belongs_to_another_probe_is_not_asked_for(sign_in: Any) -> None:
    [task] = given(sign_in, **NAMED, probe="connected", page_answers_address="http://10.0.0.1/")
    assert task.directive.wanted == {}


def test_what_was_seen_long_ago_is_no_pass_on_the_page_and_asks_for_a_reason(sign_in: Any) -> None:
    [task] = give(probe="connected")
    tasks.read(task, Seen(True, {"since": "2026-10-01"}), due(-40))
    task.probed_at = clock.now() - timedelta(days=40)
    session.commit()
    client = sign_in(make.staff(Role.overseer))
    page = client.get(f"/government/directives/{task.directive_id}").text
    assert "Kiểm tra gần nhất ngày" in page and ">Đạt<" not in page
    assert client.post(f"/government/tasks/{task.id}/verify", data={"verify-words": ""}).status_code == 422
    assert "01/10/2026" in client.get(f"/government/tasks/{task.id}").text, "days are said as days"


def test_nobody_decides_on_a_claim_or_a_day_that_they_have_not_seen(sign_in: Any) -> None:
    leader, other, watcher = make.staff(Role.leader, "H17"), make.staff(Role.overseer), make.staff(Role.overseer)
    [task] = give(due_on=due(5))
    client, address = sign_in(watcher), f"/government/tasks/{task.id}"

    def seen() -> str:
        found = re.search(r'name="seen" value="([^"]*)"', client.get(address).text)
        assert found
        return found[1]

    tasks.ask_for_time(task, leader, due(10), "Chờ thiết bị")
    session.commit()
    before = seen()
    tasks.decide_time(task, other, give_it=False, reason="Không")
    tasks.ask_for_time(task, leader, due(300), "Chờ thiết bị")
    session.commit()
    late = client.post(f"{address}/decide-time", data={"seen": before, "decide-answer": "give"})
    assert late.status_code == 409 and "đã thay đổi" in late.text and task.due_on == due(5)
    assert client.post(f"{address}/decide-time", data={"seen": seen(), "decide-answer": "give"}).status_code == 303
    tasks.claim(task, leader, "Xong")
    session.commit()
    before = seen()
    tasks.send_back(task, other, "Chưa có gì")
    tasks.claim(task, leader, "Xong thật")
    session.commit()
    for act in ("verify", "send_back"):
        late = client.post(f"{address}/{act}", data={"seen": before, f"{act}-words": "Đúng"})
        assert late.status_code == 409 and "đã thay đổi" in late.text
    assert client.post(f"{address}/verify", data={"seen": seen(), "verify-words": "Đúng"}).status_code == 303


# parts

def test_a_part_is_given_from_the_page_of_the_whole_and_stands_in_its_tree(sign_in: Any) -> None:
    [whole] = given(sign_in, **NAMED)
    client = sign_in(make.staff(Role.overseer))
    address = f"/government/directives/new?part_of={whole.directive_id}"
    page = client.get(address).text
    assert "Thuộc nhiệm vụ: Kết nối phần mềm" in page and 'value="36a/NQ-CP"' in page
    answer = client.post(address, data=TASK | NAMED | {"words": "Lắp đặt thiết bị"})
    assert answer.status_code == 303
    page = client.get(f"/government/directives/{whole.directive_id}").text
    assert "Lắp đặt thiết bị" in page
    client = sign_in(make.staff(Role.leader, "H17"))
    assert "đã xác nhận 0/1" in client.get(f"/government/tasks/{whole.id}").text
    assert "đã xác nhận 0/1" in client.get("/government/tasks").text


def test_a_part_of_a_part_of_a_part_is_refused_with_the_way_out(sign_in: Any) -> None:
    ids = [give(words="a")[0].directive_id]
    for words in "bc":
        ids.append(give(words=words, parent_id=ids[-1])[0].directive_id)
    client = sign_in(make.staff(Role.overseer))
    answer = client.post(f"/government/directives/new?part_of={ids[-1]}", data=TASK | NAMED)
    assert answer.status_code == 422 and "Chỉ chia đến ba cấp" in answer.text
    assert client.get("/government/directives/new?part_of=999999").status_code == 404
    assert client.get("/government/directives/new?part_of=x").status_code == 404


def test_a_part_of_an_agency_that_is_not_ones_own_is_named_and_not_opened(sign_in: Any) -> None:
    [whole] = give()
    [part] = give("G15", parent_id=whole.directive_id, words="Phần của Bộ")
    page = sign_in(make.staff(Role.leader, "H17")).get(f"/government/tasks/{whole.id}").text
    assert "Phần của Bộ" in page and f"/government/tasks/{part.id}" not in page


# conditions

def test_a_condition_is_said_on_the_page_of_the_directive(sign_in: Any) -> None:
    [task] = give(deadline="condition", due_on=None, condition="Khi Nghị định có hiệu lực")
    client, address = sign_in(make.staff(Role.overseer)), f"/government/directives/{task.directive_id}"
    assert "Chưa xảy ra: đến khi đó mới có hạn" in client.get(address).text

    def say(on: date, until: date, reason: str = "Nghị định 200/2026/NĐ-CP") -> Any:
        return client.post(f"{address}/condition", data={"reason": reason} | {
            f"{name}-{part}": str(getattr(day, part)) for name, day in (("on", on), ("due_on", until))
            for part in ("day", "month", "year")})

    empty = say(due(-3), due(20), " ")
    assert empty.status_code == 422 and f'value="{due(20).day}"' in empty.text
    wrong = say(due(-3), due(-4))
    assert wrong.status_code == 409 and "không sớm hơn ngày điều kiện xảy ra" in wrong.text
    assert say(due(-3), due(20)).status_code == 303
    session.expire_all()
    assert task.due_on == due(20) and "Xảy ra ngày" in client.get(address).text


# reminders

def test_who_watches_reads_what_goes_to_whom_before_it_goes(sign_in: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reminding, "OFFICE", "G15")
    made.participant("G15", way="pages", agency_id=make.agency("G15").id, name="Văn phòng Chính phủ")
    made.participant("H17", agency_id=make.agency("H17").id)
    leader, [late, _other] = make.staff(Role.leader, "H17"), give("H17", "H26", due_on=due(-3))
    client, address = sign_in(make.staff(Role.overseer)), f"/government/directives/{late.directive_id}"
    assert "Đôn đốc 2 cơ quan quá hạn" in client.get(address).text
    page = client.get(f"{address}/remind").text
    assert "đến nay đã quá hạn" in page and "đến 1/2 cơ quan" in page
    answer = client.post(f"{address}/remind", follow_redirects=True)
    assert "Văn bản số 1/VPCP-KSTT đã gửi qua trục liên thông." in answer.text
    assert f"Chưa tham gia trục liên thông: {make.agency('H26').name}." in answer.text
    again = client.post(f"{address}/remind")
    assert again.status_code == 409 and "Hôm nay đã đôn đốc rồi" in again.text
    assert "Văn bản số 1/VPCP-KSTT" in sign_in(leader).get(f"/government/tasks/{late.id}").text


def test_without_an_office_the_page_says_that_no_document_goes(sign_in: Any) -> None:
    [task] = give(due_on=due(-3))
    client = sign_in(make.staff(Role.overseer))
    assert "Văn phòng Chính phủ chưa làm việc trên các trang" in client.get(f"/government/tasks/{task.id}/remind").text
    assert client.post(f"/government/tasks/{task.id}/remind").status_code == 303


# what happened

def test_what_a_machine_concluded_and_what_a_person_said_look_and_read_differently(sign_in: Any) -> None:
    leader, [task] = make.staff(Role.leader, "H17"), give(probe="connected")
    tasks.read(task, Seen(True, {"since": "2026-10-01"}), due(0))
    tasks.claim(task, leader, "Đã kết nối")
    session.commit()
    page = sign_in(leader).get(f"/government/tasks/{task.id}").text
    items = re.findall(r'<li class="(by-\w+)">.*?</li>', page, re.S)
    assert items == ["by-person", "by-machine", "by-machine", "by-person"], "the newest first"
    by_machine = re.findall(r'<li class="by-machine">(.*?)</li>', page, re.S)
    assert all("Cổng" in one for one in by_machine) and leader.name not in "".join(by_machine)


# the document that gave it

def test_a_receiver_that_refused_the_document_is_seen_on_the_task(app: Flask, sign_in: Any) -> None:
    receiver = made.participant("H17", way="pages", agency_id=make.agency("H17").id)
    document = made.document(made.participant("G15", agency_id=make.agency("G15").id), (receiver,))
    [task] = give()
    task.directive.document_id = document.id
    recording.record(document, "02", copy=document.copies[0], at=made.later(5), how="status", note="Gửi nhầm cơ quan")
    session.commit()
    page = sign_in(make.staff(Role.clerk, "H17")).get(f"/government/tasks/{task.id}").text
    assert "Lý do: Gửi nhầm cơ quan" in page and f"/government/incoming/{document.copies[0].id}" in page
    page = sign_in(make.staff(Role.overseer)).get(f"/government/tasks/{task.id}").text
    assert "Gửi nhầm cơ quan" in page and "/government/incoming/" not in page, "who may not open it gets no address"


def test_an_answer_through_the_exchange_proposes_and_is_opened_by_who_may(sign_in: Any) -> None:
    office = made.participant("G15", way="pages", agency_id=make.agency("G15").id)
    here = made.participant("H17", way="pages", agency_id=make.agency("H17").id)
    document = made.document(office, (here,))
    answer = made.document(here, (office,), number="45", notation="UBND-VX", subject="Báo cáo kết quả")
    [task] = give()
    task.directive.document_id = document.id
    copy = document.copies[0]
    copy.answered_at, copy.answer_id = made.later(50), answer.id
    session.commit()
    make.done("oversight.follow_documents")
    assert task.proposed_at and task.done_on is None
    page = sign_in(make.staff(Role.clerk, "H17")).get(f"/government/tasks/{task.id}").text
    assert f"/government/documents/{answer.id}" in page and "45/UBND-VX" in page
    page = sign_in(make.staff(Role.overseer)).get(f"/government/tasks/{task.id}").text
    assert "45/UBND-VX" in page and "/government/documents/" not in page and "Báo cáo kết quả" not in page


@pytest.mark.parametrize(("role", "agency", "called"), [
    ("drafter", "H17", "Nhiệm vụ"), ("overseer", None, "Nhiệm vụ"), ("clerk", "H17", "Văn bản")])
def test_the_menu_calls_the_room_by_what_the_person_finds_there(
        app: Any, sign_in: Any, role: str, agency: str | None, called: str) -> None:
    page = sign_in(make.staff(role, *([agency] if agency else []))).get("/government/tasks").text
    assert re.search(rf'<ul class="nav">.*?<a href="/government/[a-z]+"[^>]*>{called}</a>', page, re.S)
