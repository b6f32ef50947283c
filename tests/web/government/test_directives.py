"""Tasks on their pages: given by who watches, reported by the agency, confirmed or sent back."""
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from portal.exchange.models import Document
from portal.kit.db import session
from portal.oversight.models import Assignment, Directive
from tests import make
from tests.exchange import documents as exchanged

TASK = {"number": "36a/NQ-CP", "issuer": "Chính phủ", "words": "Kết nối phần mềm quản lý văn bản", "deadline": "fixed",
        "due_on-day": "20", "due_on-month": "12", "due_on-year": "2026", "group": "provinces"}


def given(sign_in: Any, **fields: str) -> list[Assignment]:
    client = sign_in(make.staff("overseer"))
    answer = client.post("/government/directives/new", data=TASK | fields)
    assert answer.status_code == 303
    assert "/directives/" in answer.headers["Location"], answer.headers["Location"]
    return list(session.scalars(select(Assignment).join(Directive).where(Directive.words == TASK["words"]).order_by(
        Assignment.id)))


def test_every_province_has_the_task_by_itself(sign_in: Any) -> None:
    found = given(sign_in, probe="connected")
    assert len(found) == 34 and {"H17", "H26", "H29"} <= {one.agency.key for one in found}
    assert {str(one.due_on) for one in found} == {"2026-12-20"} and found[0].directive.probe == "connected"


def test_agencies_are_named_as_people_write_them(sign_in: Any) -> None:
    found = given(sign_in, group="named", named="da nang\nG15", co_operating="bộ công an")
    assert {(one.agency.key, one.lead) for one in found} == {("H17", True), ("G15", True), ("G01", False)}
    client = sign_in(make.staff("overseer"))
    answer = client.post("/government/directives/new", data=TASK | {"group": "named", "named": "Bộ Không Có"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and "không có cơ quan nào tên là: Bộ Không Có" in page and TASK["words"] in page


@pytest.mark.parametrize(("days", "said"), [
    ({"due_on": "1/1/2020"}, "Ngày 01/01/2020 đã qua"),
    ({"due_on": "1/1/2020", "issued_on": "2/1/2020"}, "trước ngày ban"),
    ({"issued_on": "1/1/2036"}, "01/01/2036 chưa tới"), ({"due_on": "1/1/2020", "issued_on": "2/1/2019"}, "")])
def test_a_slip_of_the_year_makes_nobody_late(sign_in: Any, days: dict[str, str], said: str) -> None:
    parts = {f"{name}-{part}": value for name, day in days.items()
             for part, value in zip(("day", "month", "year"), day.split("/"), strict=True)}
    answer = sign_in(make.staff("overseer")).post("/government/directives/new", data=TASK | parts)
    assert answer.status_code == (422 if said else 303) and said in answer.text
    assert not said or (TASK["words"] in answer.text and session.scalar(select(Assignment.id)) is None)


def test_a_task_goes_from_report_to_confirmation_and_everybody_sees_it(sign_in: Any) -> None:
    task = next(one for one in given(sign_in) if one.agency.key == "H17")
    address, watcher = f"/government/tasks/{task.id}", make.staff("overseer")
    client = sign_in(make.staff("leader", "H17"))
    page = client.get("/government/tasks").get_data(as_text=True)
    assert TASK["words"] in page and "Chưa xong, trong hạn" in page
    assert client.post(f"{address}/claim", data={"claim-words": "Đã kết nối, xem văn bản 12"}).status_code == 303
    assert client.post(f"{address}/verify", data={"verify-words": "Đúng"}).status_code == 403
    assert "Báo đã xong, chưa xác nhận" in client.get(address).get_data(as_text=True)
    public = client.get("/oversight/tasks.json").get_json()
    assert {one["agency"]: (one["done"], one["reported_not_confirmed"]) for one in public}["H17"] == (0, 1)
    client = sign_in(watcher)
    silent = client.post(f"{address}/verify", data={"verify-words": " "})
    assert silent.status_code == 422
    assert client.post(f"{address}/verify", data={"verify-words": "Xem trên hệ thống"}).status_code == 303
    late = client.post(f"{address}/send_back", data={"send_back-words": "Chưa thấy"})
    assert late.status_code == 409 and "đã được xác nhận hoàn thành" in late.get_data(as_text=True)
    public = client.get("/oversight/tasks.json").get_json()
    assert {one["agency"] for one in public if one["share"] == 100} == {"H17"} and len(public) == 34
    assert "Hoàn thành đúng hạn" in client.get("/oversight/tasks/H17?part=done").get_data(as_text=True)


def test_more_time_is_asked_with_a_day_and_a_reason(sign_in: Any) -> None:
    task = next(one for one in given(sign_in) if one.agency.key == "H17")
    address = f"/government/tasks/{task.id}"
    client = sign_in(make.staff("leader", "H17"))
    day = {"time-until-day": "10", "time-until-month": "1", "time-until-year": "2027"}
    empty = client.post(f"{address}/more-time", data=day)
    assert empty.status_code == 422 and 'value="2027"' in empty.get_data(as_text=True), "what was typed is kept"
    assert client.post(f"{address}/more-time", data=day | {"time-reason": "Chờ thiết bị"}).status_code == 303
    client = sign_in(make.staff("overseer"))
    assert "Xin lùi hạn đến 10/01/2027" in client.get("/government/directives").get_data(as_text=True)
    assert client.post(f"{address}/decide-time", data={"decide-answer": "give"}).status_code == 303
    session.expire_all()
    assert str(task.due_on) == "2027-01-10"


def test_another_agencys_task_is_not_there(sign_in: Any) -> None:
    task = next(one for one in given(sign_in) if one.agency.key == "H26")
    client = sign_in(make.staff("leader", "H17"))
    assert client.get(f"/government/tasks/{task.id}").status_code == 404
    assert client.post(f"/government/tasks/{task.id}/claim", data={"claim-words": "x"}).status_code == 404


def test_a_task_that_a_document_gave_is_answered_by_a_document(sign_in: Any) -> None:
    here, office = (exchanged.participant(code) for code in ("H17", "G15"))
    carrier = exchanged.document(office, (here,))
    carrier.number, carrier.notation, carrier.day = "36a", "NQ-CP", date(2026, 10, 14)
    session.commit()
    day = {"issued_on-day": "14", "issued_on-month": "10", "issued_on-year": "2026"}
    task = next(one for one in given(sign_in, **day) if one.agency.key == "H17")
    assert task.directive.document_id == carrier.id
    client = sign_in(make.staff("clerk", "H17"))
    answer = client.post(f"/government/tasks/{task.id}/write")
    [draft] = session.scalars(select(Document).where(Document.state == "draft"))
    assert answer.headers["Location"].endswith(f"/documents/{draft.id}/write")
    assert (draft.answers_id, draft.receivers, draft.content) == (carrier.id, [office.id], TASK["words"])


def test_a_number_that_two_documents_have_links_to_neither(sign_in: Any) -> None:
    here, office, other = (exchanged.participant(code) for code in ("H17", "G15", "G01"))
    for sender in (office, other):
        carrier = exchanged.document(sender, (here,))
        carrier.number, carrier.notation, carrier.day = "36a", "NQ-CP", date(2026, 10, 14)
    session.commit()
    day = {"issued_on-day": "14", "issued_on-month": "10", "issued_on-year": "2026"}
    assert given(sign_in, **day)[0].directive.document_id is None


def test_who_may_not_reads_that_a_role_is_missing(sign_in: Any) -> None:
    answer = sign_in(make.officer()).get("/government/tasks")
    assert answer.status_code == 403 and "cần vai trò" in answer.text
    assert "đã nộp hồ sơ" not in answer.text, "no dossier is meant"


def test_a_deadline_is_exemplified_by_a_day_to_come(sign_in: Any) -> None:
    page = sign_in(make.staff("overseer")).get("/government/directives/new").text
    assert "Ví dụ 31 12 2026" in page
