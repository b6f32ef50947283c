"""A clerk's desk for documents: what came is registered, given out, answered; what goes is written, checked, sent."""
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal.dossiers import looks
from portal.exchange import queries
from portal.exchange.models import Copy, Delivery, Document, Message
from portal.files import queries as stored
from portal.kit import clock
from portal.kit.db import session
from portal.people.models import Person
from portal.people.security_log import SecurityEvent
from tests import make
from tests.exchange import documents as made

SAYS = {"type_name": "Công văn", "subject": "Về việc rà soát thủ tục", "notation": "UBND-VX",
        "signer_name": "Trần Văn Bình", "priority": "1"}


@pytest.fixture
def clerk(app: Flask) -> Person:
    made.participant("H17")
    return make.staff("clerk", "H17")


def came(**kw: Any) -> Copy:
    document = made.document(**kw)
    made.happened(document.copies[0], "01", how="fetched")
    return document.copies[0]


def fresh(of: Any) -> Any:
    session.expire_all()
    return session.get_one(type(of), of.id)


def test_one_press_registers_and_says_the_number(app: Flask, sign_in: Any, clerk: Person) -> None:
    copy, browser = came(), sign_in(clerk)
    assert "Vào sổ" in browser.get("/government/incoming").text
    answer = browser.post(f"/government/incoming/{copy.id}/register", follow_redirects=True)
    assert "số đến 1" in answer.text and fresh(copy).in_number == 1
    again = browser.post(f"/government/incoming/{copy.id}/register")
    assert again.status_code == 409 and fresh(copy).in_number == 1


def test_what_is_sent_back_needs_a_reason_which_the_sender_reads(app: Flask, sign_in: Any, clerk: Person) -> None:
    copy = came()
    browser, url = sign_in(clerk), f"/government/incoming/{copy.id}/refuse"
    assert browser.post(url).status_code == 422
    assert browser.post(url, data={"reason": "Không thuộc thẩm quyền"}).status_code == 303
    sender = sign_in(make.staff("clerk", "H26"))
    assert "Không thuộc thẩm quyền" in sender.get(f"/government/documents/{copy.document_id}/receivers/{copy.id}").text


def test_a_unit_sees_it_once_it_is_given_to_it(app: Flask, sign_in: Any, clerk: Person) -> None:
    unit = make.commune()
    officer, copy = make.officer(unit), made.registered(came())
    url = f"/government/incoming/{copy.id}"
    assert sign_in(officer).get(url).status_code == 404
    done = sign_in(clerk).post(f"{url}/assign", data={"unit": str(unit.id), "instruction": "Xã rà soát"})
    assert done.status_code == 303
    page = sign_in(officer).get(url)
    assert page.status_code == 200 and "Xã rà soát" in page.text
    assert str(copy.id) in sign_in(officer).get("/government/incoming?tab=given").text


def test_nobody_named_is_said_and_what_was_typed_stays(app: Flask, sign_in: Any, clerk: Person) -> None:
    copy = made.registered(came())
    answer = sign_in(clerk).post(f"/government/incoming/{copy.id}/assign", data={"instruction": "Đọc kỹ phụ lục"})
    assert answer.status_code == 422 and "Chọn đơn vị hoặc người xử lý" in answer.text
    assert "Đọc kỹ phụ lục" in answer.text


def test_another_list_of_people_is_asked_for_without_a_script(app: Flask, sign_in: Any, clerk: Person) -> None:
    unit, copy = make.commune(), made.registered(came())
    officer = make.officer(unit, name="Phan Văn Khải Minh")
    answer = sign_in(clerk).post(f"/government/incoming/{copy.id}/assign", data={
        "unit": str(unit.id), "_again": "unit"})
    assert answer.status_code == 200 and officer.name in answer.text and fresh(copy).assigned_unit_id is None


def test_whose_work_it_is_begins_and_finishes_it(app: Flask, sign_in: Any, clerk: Person) -> None:
    officer, copy = make.officer("H17"), made.registered(came())
    assert sign_in(clerk).post(f"/government/incoming/{copy.id}/assign", data={
        "person": str(officer.id)}).status_code == 303
    browser = sign_in(officer)
    assert str(copy.id) in browser.get("/government/incoming?tab=mine").text
    for act, state in (("start", "in_work"), ("finish", "done")):
        assert browser.post(f"/government/incoming/{copy.id}/{act}").status_code == 303
        assert fresh(copy).state == state


@pytest.mark.parametrize(("data", "status", "recall"), [
    ({"agree": "yes"}, 303, "agreed"), ({"agree": "no"}, 422, "asked"),
    ({"agree": "no", "reason": "Đã giải quyết xong"}, 303, "refused")])
def test_a_recall_is_answered_and_refused_with_a_reason(app: Flask, sign_in: Any, clerk: Person, data: dict[str, str],
                                                        status: int, recall: str) -> None:
    copy = made.registered(came())
    made.happened(copy, "13", how="status", note="Ban hành nhầm")
    browser = sign_in(clerk)
    page = browser.get(f"/government/incoming/{copy.id}").text
    assert page.index("Trả lời yêu cầu thu hồi") < page.index("Phân công xử lý"), "the most pressing act comes first"
    assert browser.post(f"/government/incoming/{copy.id}/recall", data=data).status_code == status
    assert fresh(copy).recall == recall


def test_the_receivers_page_has_its_own_copy_alone(app: Flask, sign_in: Any, clerk: Person) -> None:
    document = made.document(receivers=(made.participant("H17"), made.participant("H29", name="Nơi nhận thứ hai")))
    page = sign_in(clerk).get(f"/government/incoming/{document.copies[0].id}").text
    assert "Nơi nhận thứ hai" not in page
    assert sign_in(clerk).get(f"/government/incoming/{document.copies[1].id}").status_code == 404
    assert sign_in(clerk).get(f"/government/documents/{document.id}").status_code == 404


def test_the_sender_reads_the_sum_first_and_each_receiver_with_how_it_is_known(app: Flask, sign_in: Any) -> None:
    receivers = tuple(made.participant(code) for code in ("H17", "H29", "G01", "G15"))
    document = made.document(receivers=receivers, due_on=made.day(-1))
    made.happened(document.copies[0], "answered", how="answer")
    made.happened(document.copies[1], "02", how="status", note="Không thuộc thẩm quyền")
    made.happened(document.copies[2], "05", how="dossier", sure=90)
    page = sign_in(make.staff("clerk", "H26")).get(f"/government/documents/{document.id}").text
    assert "1/4 đã trả lời, 2 quá hạn, 1 từ chối" in page
    assert "hồ sơ liên kết" in page and "chắc 90%" in page and "thông điệp trạng thái" in page
    late = sign_in(make.staff("clerk", "H26")).get(f"/government/documents/{document.id}?part=late").text
    assert late.count("data-row") == 2


def test_many_receivers_come_page_by_page(app: Flask, sign_in: Any) -> None:
    document = made.document(receivers=tuple(made.participant(f"H{n}", name=f"Nơi nhận {n}.") for n in range(300, 360)))
    browser = sign_in(make.staff("read_only", "H26"))
    first = browser.get(f"/government/documents/{document.id}").text
    assert first.count("data-row") == 50 and "Nơi nhận 359." not in first
    fiftieth = document.copies[49].id
    assert browser.get(f"/government/documents/{document.id}?after={fiftieth}").text.count("data-row") == 10


def test_what_broke_the_rules_is_shown_as_such(app: Flask, sign_in: Any) -> None:
    document = made.document()
    made.happened(document.copies[0], "06", how="status")
    url = f"/government/documents/{document.id}/receivers/{document.copies[0].id}"
    assert "Sai thứ tự" in sign_in(make.staff("clerk", "H26")).get(url).text


def test_a_file_that_is_not_shown_is_named_with_its_reason(app: Flask, sign_in: Any, clerk: Person) -> None:
    copy = came()
    message = make.save(Message(
        kind="document", way="api", sender_id=copy.document.sender_id, from_code="H26",
        document_key=copy.document.key, business="new", payload_sha256="0" * 64, sha256="1" * 64, size=10,
        dialect="vnpt", signature="not-verifiable", verdict="accepted", facts={"attachments": [
            {"name": "bảng.xlsm", "size": 9, "sha256": "2" * 64, "reason": "macro"},
            {"name": "tốt.pdf", "size": 9, "sha256": "3" * 64, "reason": None}]}))
    copy.document.message_id = message.id
    make.save(Delivery(message_id=message.id, sender_id=message.sender_id, receiver_id=copy.receiver_id, position=1,
                       kind="document", state="done"))
    page = sign_in(clerk).get(f"/government/incoming/{copy.id}").text
    assert "“bảng.xlsm”" in page and "macro" in page
    assert "“tốt.pdf”" not in page
    assert "chưa kiểm tra được của ai" in page, "a signature that nobody can check is never said to be valid"


def test_a_document_without_a_file_is_said_to_have_none(app: Flask, sign_in: Any, clerk: Person) -> None:
    page = sign_in(clerk).get(f"/government/incoming/{came().id}").text
    assert "Không có tệp kèm theo." in page


def test_nothing_is_awaited_of_what_was_replaced(app: Flask, sign_in: Any) -> None:
    old = made.document(due_on=made.day(3))
    browser, here = sign_in(make.staff("clerk", "H26")), f"/government/documents/{old.id}"
    assert "Hạn trả lời" in browser.get(here).text.split("receivers")[0]
    old.replaced_by_id = made.document().id
    session.commit()
    assert "Hạn trả lời" not in browser.get(here).text.split("receivers")[0]


def test_what_its_own_system_registered_is_not_called_unregistered(app: Flask, sign_in: Any, clerk: Person) -> None:
    made.happened(came(due_on=made.day(-3)), "03", how="status")
    row = sign_in(clerk).get("/government/incoming?tab=due").text.split("data-row")[1]
    assert "Chưa có số ở đây" in row and "Chưa vào sổ" not in row and "Đã vào sổ" in row


def test_words_are_searched_by_posting_and_never_stand_in_an_address(app: Flask, sign_in: Any, clerk: Person) -> None:
    copy = came(subject="Giải quyết khiếu nại của công dân")
    came()
    browser = sign_in(clerk)
    found = browser.post("/government/incoming", data={"q": "khieu nai"}).text
    assert found.count("data-row") == 1 and f"/government/incoming/{copy.id}" in found
    assert browser.get("/government/incoming?q=khieu nai").text.count("data-row") == 2


# writing and sending

def begin(browser: Any) -> int:
    answer = browser.post("/government/documents/new")
    assert answer.status_code == 303
    return int(answer.location.split("/")[-2])


def test_what_was_typed_files_and_receivers_are_kept_on_errors(app: Flask, sign_in: Any, clerk: Person) -> None:
    other, browser = made.participant("H26"), sign_in(clerk)
    draft = begin(browser)
    answer = browser.post(f"/government/documents/{draft}/write", data={
        "subject": "Nội dung đã gõ", "receivers": str(other.id), "files": [
            (BytesIO(make.PDF), "cong-van.pdf"), (BytesIO(b"not a pdf"), "hong.pdf")]})
    assert answer.status_code == 422
    assert "Nội dung đã gõ" in answer.text and "cong-van.pdf" in answer.text and "“hong.pdf”" in answer.text
    kept = session.get_one(Document, draft)
    assert (kept.subject, kept.receivers) == ("Nội dung đã gõ", [other.id])
    assert [one.name for one in stored.attachments_of(kept.owner)] == ["cong-van.pdf"]


def test_a_receiver_is_looked_for_without_marks_and_without_a_script(app: Flask, sign_in: Any, clerk: Person) -> None:
    other, browser = made.participant("H29"), sign_in(clerk)
    draft = begin(browser)
    answer = browser.post(f"/government/documents/{draft}/write", data=SAYS | {"find": "ho chi minh", "_again": "find"})
    assert answer.status_code == 200 and f'value="{other.id}"' in answer.text and SAYS["subject"] in answer.text
    nobody = browser.post(f"/government/documents/{draft}/write", data=SAYS | {"find": "xyz", "_again": "find"})
    assert "Không có bên nào" in nobody.text


def test_a_group_is_whoever_is_in_it_today(app: Flask, sign_in: Any, clerk: Person) -> None:
    provinces = [made.participant(code) for code in ("H26", "H29")]
    ministry, browser = made.participant("G01"), sign_in(clerk)
    draft = begin(browser)
    assert browser.post(f"/government/documents/{draft}/write", data=SAYS | {"groups": "provinces"}).status_code == 303
    kept = session.get_one(Document, draft)
    assert sorted(kept.receivers) == sorted(one.id for one in provinces) and ministry.id not in kept.receivers


def test_it_is_looked_at_once_more_and_then_sent(app: Flask, sign_in: Any, clerk: Person) -> None:
    other, browser = made.participant("H26", profile="gateway"), sign_in(clerk)
    draft, due = begin(browser), made.day(5)
    went_on = browser.post(f"/government/documents/{draft}/write", data=SAYS | {
        "receivers": str(other.id), "then": "send", "due_on-day": str(due.day), "due_on-month": str(due.month),
        "due_on-year": str(due.year), "files": (BytesIO(make.PDF), "cong-van.pdf")})
    assert went_on.location.endswith(f"/documents/{draft}/send")
    preview = browser.get(went_on.location).text
    assert "Hạn trả lời" in preview and "Phần mềm của một số nơi nhận không nhận được" in preview
    sent = browser.post(went_on.location, follow_redirects=True)
    assert "Đã gửi tới 1 nơi nhận" in sent.text
    document = session.get_one(Document, draft, populate_existing=True)
    assert (document.state, document.number, document.out_year) == ("sent", "1", clock.today().year)
    [message] = session.scalars(select(Message))
    assert len(queries.deliveries_of(message.id)) == 1


def test_a_draft_that_lacks_something_is_not_sent_and_says_what(app: Flask, sign_in: Any, clerk: Person) -> None:
    browser = sign_in(clerk)
    draft = begin(browser)
    answer = browser.post(f"/government/documents/{draft}/send")
    assert answer.status_code == 422
    for words in ("Chưa có trích yếu", "Chưa ghi người ký", "Chưa chọn nơi nhận"):
        assert words in answer.text
    assert session.get_one(Document, draft, populate_existing=True).state == "draft"


def test_a_case_officer_writes_the_draft_and_the_clerk_sends_it(app: Flask, sign_in: Any, clerk: Person) -> None:
    copy = made.registered(came())
    officer = sign_in(make.officer("H17"))
    made.participant("H26")
    answer = officer.post(f"/government/incoming/{copy.id}/answer")
    draft = int(answer.location.split("/")[-2])
    assert officer.get(f"/government/documents/{draft}/send").status_code == 404
    kept = session.get_one(Document, draft)
    assert (kept.answers_id, kept.receivers) == (copy.document_id, [copy.document.sender_id])
    assert sign_in(clerk).get(f"/government/documents/{draft}/send").status_code == 200


def test_an_answer_is_begun_once_and_says_what_it_answers(app: Flask, sign_in: Any, clerk: Person) -> None:
    copy, browser = made.registered(came(number="44", notation="LYK-HS")), sign_in(clerk)
    first, again = (browser.post(f"/government/incoming/{copy.id}/answer").location for _n in range(2))
    assert first == again, "what was written is gone on with"
    assert "V/v trả lời Công văn số 44/LYK-HS ngày" in browser.get(first).text
    other = sign_in(make.staff("clerk", "H17")).post(f"/government/incoming/{copy.id}/answer").location
    assert other != first, "nobody writes on in another's draft unasked"


def test_who_takes_no_part_is_told_so(app: Flask, sign_in: Any) -> None:
    answer = sign_in(make.staff("clerk", "G01")).get("/government/documents/new")
    assert answer.status_code == 200 and "cơ quan chưa tham gia" in answer.text


def test_a_message_is_a_download_that_no_browser_shows(app: Flask, sign_in: Any, clerk: Person) -> None:
    other, browser = made.participant("H26"), sign_in(clerk)
    draft = begin(browser)
    browser.post(f"/government/documents/{draft}/write", data=SAYS | {"receivers": str(other.id)})
    browser.post(f"/government/documents/{draft}/send")
    [message] = session.scalars(select(Message))
    answer = browser.get(f"/government/documents/{draft}/messages/{message.id}")
    assert answer.status_code == 200 and b"edXML" in answer.data
    assert answer.headers["Content-Disposition"].startswith("attachment") and "sandbox" in answer.headers[
        "Content-Security-Policy"] and answer.headers["Cache-Control"] == "no-store"
    elsewhere = made.document()
    url = f"/government/documents/{elsewhere.id}/messages/{message.id}"
    assert sign_in(make.staff("clerk", "H26")).get(url).status_code == 404
    answer.close()


def test_a_receiver_is_not_told_of_whom_else_a_document_is_asked_back(app: Flask, sign_in: Any, clerk: Person) -> None:
    to, browser = [made.participant(code) for code in ("H26", "H29")], sign_in(clerk)
    draft = begin(browser)
    browser.post(f"/government/documents/{draft}/write", data=SAYS | {"receivers": [str(one.id) for one in to]})
    browser.post(f"/government/documents/{draft}/send")
    asked = browser.post(f"/government/documents/{draft}/recall", data={"receivers": str(to[0].id), "reason": "Nhầm"})
    assert asked.status_code == 303
    for one, seen in zip(to, (2, 1), strict=True):
        copy = session.scalars(select(Copy).where(Copy.receiver_id == one.id)).one()
        page = sign_in(make.staff("clerk", one.code)).get(f"/government/incoming/{copy.id}").text
        assert page.count("Tải thông điệp gốc") == seen


@pytest.mark.parametrize("url", [
    "/government/incoming?year=99999&tab=x&after=~~&desk=7",
    "/government/outgoing?tab=sent&after=2026-01-01T00:00:00~1",
    "/government/incoming?tab=due&after=0001-01-01~9", f"/government/incoming?tab=register&after={'9' * 25}~1"])
def test_no_address_breaks_a_register(app: Flask, sign_in: Any, clerk: Person, url: str) -> None:
    assert sign_in(clerk).get(url).status_code == 200


# about a dossier

def about_a_dossier(*receivers: str) -> tuple[Any, Document]:
    dossier = make.dossier("processing")
    document = made.document(made.participant("H17"), tuple(made.participant(code) for code in receivers),
                             dossier_id=dossier.id, reference_codes=[dossier.code])
    return dossier, document


def test_who_opens_a_document_about_a_dossier_has_looked_at_it(app: Flask, sign_in: Any, clerk: Person) -> None:
    dossier, document = about_a_dossier("H26")
    page = sign_in(clerk).get(f"/government/documents/{document.id}")
    assert page.status_code == 200 and f"/officer/dossiers/{dossier.id}" in page.text
    [look] = [one for one in looks.of(dossier) if one.by_name == clerk.name]
    assert look.reason == "office"


def test_what_is_posted_and_ends_with_a_page_is_a_look_too(app: Flask, sign_in: Any, clerk: Person) -> None:
    dossier, document = about_a_dossier("H26")
    browser, url = sign_in(clerk), f"/government/documents/{document.id}"
    assert browser.post(f"{url}/update", data={}).status_code == 422
    assert [one.by_name for one in looks.of(dossier)].count(clerk.name) == 1
    assert browser.post(f"{url}/replace").status_code == 303
    assert [one.by_name for one in looks.of(dossier)].count(clerk.name) == 1, "what leads on shows nothing"


def test_two_documents_with_one_id_side_by_side_are_a_look(app: Flask, sign_in: Any, clerk: Person) -> None:
    dossier, document = about_a_dossier("H26")
    message = make.save(Message(
        kind="document", way="pages", sender_id=document.sender_id, from_code="H17", payload_sha256="a" * 64,
        sha256="b" * 64, size=1, dialect="vnpt", signature="none", verdict="conflict", business="new",
        document_key=document.key, facts={"content": "Bà Lê Thị Bốn"}))
    page = sign_in(clerk).get(f"/government/exchange/unmatched/{message.id}")
    assert page.status_code == 200 and "Lê Thị Bốn" in page.text
    assert clerk.name in {one.by_name for one in looks.of(dossier)}


def test_another_agency_that_opens_it_is_written_down_and_finds_no_way_to_the_dossier(
        app: Flask, sign_in: Any) -> None:
    dossier, document = about_a_dossier("H26")
    reader = make.staff("clerk", "H26")
    page = sign_in(reader).get(f"/government/incoming/{document.copies[0].id}")
    assert page.status_code == 200 and dossier.code in page.text and "/officer/dossiers/" not in page.text
    assert [one.by_id for one in session.scalars(select(SecurityEvent).where(
        SecurityEvent.name == "document.looked"))] == [reader.id]
    assert reader.name not in {one.by_name for one in looks.of(dossier)}


def test_a_document_about_a_dossier_is_begun_by_who_reads_the_dossier(app: Flask, sign_in: Any, clerk: Person) -> None:
    dossier = make.dossier("processing")
    answer = sign_in(clerk).post("/government/documents/new", data={"dossier": str(dossier.id)})
    draft = session.get_one(Document, int(answer.location.split("/")[-2]))
    assert (draft.dossier_id, draft.reference_codes) == (dossier.id, [dossier.code])
    made.participant("H26")
    assert sign_in(make.staff("clerk", "H26")).get(f"/government/documents/new?dossier={dossier.id}").status_code == 404


def test_a_commune_keeps_its_own_registers_and_sends_in_its_own_name(app: Flask, sign_in: Any, clerk: Person) -> None:
    unit = make.commune()
    commune, other = made.participant("H17.99", unit=unit), made.participant("H26")
    copy = made.document(receivers=(commune,)).copies[0]
    browser = sign_in(make.staff("clerk", unit))
    assert browser.post(f"/government/incoming/{copy.id}/register").status_code == 303
    assert (fresh(copy).in_unit_id, fresh(copy).in_number) == (unit.id, 1)
    draft = begin(browser)
    browser.post(f"/government/documents/{draft}/write", data=SAYS | {"receivers": str(other.id)})
    assert browser.post(f"/government/documents/{draft}/send").status_code == 303
    document = session.get_one(Document, draft, populate_existing=True)
    assert (document.sender_id, document.out_unit_id, document.out_number) == (commune.id, unit.id, 1)
    assert str(draft) in browser.get("/government/outgoing").text
    whole = came()
    assert browser.get(f"/government/incoming/{whole.id}").status_code == 404, "that is the agency's, not the commune's"


def test_the_agencys_register_says_for_which_unit_a_document_came(app: Flask, sign_in: Any, clerk: Person) -> None:
    unit = make.commune()
    made.document(receivers=(made.participant("H17.99", unit=unit, name="Phường thử, Đà Nẵng"),))
    assert "→ Phường thử, Đà Nẵng" in sign_in(make.staff("clerk", "H17")).get(
        "/government/incoming?tab=new").text
    assert "→" not in sign_in(make.staff("clerk", unit)).get("/government/incoming?tab=new").text


def test_the_timeline_shows_no_id_of_a_machine(app: Flask, sign_in: Any) -> None:
    document = made.document()
    made.happened(document.copies[0], "replaced", how="sent", note="G15,2026-12-01,19/BTP-VP")
    browser, here = sign_in(make.staff("clerk", "H26")), f"/government/documents/{document.id}"
    for page in (here, f"{here}/receivers/{document.copies[0].id}"):
        shown = browser.get(page).text
        assert "Đã được thay bằng văn bản khác" in shown and "G15,2026" not in shown


def test_what_a_document_answers_is_dated_as_people_write(app: Flask, sign_in: Any) -> None:
    about = [{"organ": "H17", "number": "44", "notation": "LYK-HS", "day": "2026-11-30", "document_id": "", "key": ""},
             {"organ": "H17", "number": "45", "notation": "LYK-HS", "day": None, "document_id": "", "key": ""}]
    page = sign_in(make.staff("clerk", "H26")).get(f"/government/documents/{made.document(about=about).id}").text
    assert "30/11/2026" in page and "2026-11-30" not in page


def test_an_update_that_comes_back_says_that_its_files_must_be_chosen_again(app: Flask, sign_in: Any) -> None:
    document = made.document()
    answer = sign_in(make.staff("clerk", "H26")).post(f"/government/documents/{document.id}/update", data=SAYS | {
        "subject": "Nội dung mới", "files": (BytesIO(make.PDF), "moi.pdf")})  # without a reason
    assert answer.status_code == 422 and "Nội dung mới" in answer.text and "Chọn lại tệp" in answer.text
