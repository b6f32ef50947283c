"""The steps: each does one thing, says what comes next, and refuses what the state or the form does not allow."""
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import select

from portal.dossiers import actions, queries
from portal.dossiers.models import Dossier, SupplementRequest
from portal.files import queries as attached
from portal.forms.application import Application
from portal.kit.db import session
from tests import make


@pytest.fixture
def officer(app: Any) -> Any:
    return make.officer()


def fresh(dossier: Dossier) -> Dossier:
    session.rollback()
    return session.get_one(Dossier, dossier.id, populate_existing=True)


def first_paper(dossier: Dossier) -> Any:
    return Application(dossier.terms.form.definition, dossier.answers).papers[0]


STEPS: list[tuple[str, str, dict[str, Any], str]] = [
    ("submitted", "claim", {}, "checking"), ("checking", "release", {}, "submitted"),
    ("checking", "accept", {}, "received"), ("received", "process", {}, "processing"),
    ("checking", "refuse", {"reason": "Không thuộc thẩm quyền"}, "not_received"),
    ("processing", "decide", {"outcome": "granted"}, "decided"),
    ("processing", "decide", {"outcome": "denied", "note": "Không đủ điều kiện"}, "decided"),
    ("decided", "hand-over", {"on_paper": "1"}, "returned"),
]


@pytest.mark.parametrize(("state", "step", "data", "then"), STEPS)
def test_each_step_leads_where_the_table_says(
        officer: Any, sign_in: Any, state: str, step: str, data: dict[str, Any], then: str) -> None:
    dossier = make.dossier(state, officer=officer)
    client = sign_in(officer)
    answer = client.post(f"/officer/dossiers/{dossier.id}/{step}", data=data)
    assert answer.status_code == 303, answer.text
    assert answer.location == ("/officer/queue" if step == "hand-over" else f"/officer/dossiers/{dossier.id}")
    assert fresh(dossier).state == then
    assert 'class="notice is-done"' in client.get(answer.location).text


@pytest.mark.parametrize(("state", "step", "data", "then"), STEPS)
def test_a_step_taken_twice_meets_409_in_words(
        officer: Any, sign_in: Any, state: str, step: str, data: dict[str, Any], then: str) -> None:
    dossier = make.dossier(state, officer=officer)
    client = sign_in(officer)
    client.post(f"/officer/dossiers/{dossier.id}/{step}", data=data)
    again = client.post(f"/en/officer/dossiers/{dossier.id}/{step}", data=data)
    if step == "release":  # nobody holds it now, so it is nobody's to put back
        assert again.status_code == 403 and "Held by nobody yet" in again.text
        return
    assert again.status_code == 409
    assert "The dossier is now:" in again.text
    assert f"/officer/dossiers/{dossier.id}" in again.text
    assert fresh(dossier).state == then


@pytest.mark.parametrize(("state", "step"), [
    ("submitted", "accept"), ("received", "accept"), ("checking", "decide"), ("waiting", "decide"), ("asked", "ask"),
    ("decided", "ask"), ("received", "refuse"), ("processing", "hand-over")])
def test_the_page_of_a_step_out_of_turn_is_409(officer: Any, sign_in: Any, state: str, step: str) -> None:
    dossier = make.dossier(state, officer=officer)
    expected = 403 if state == "submitted" else 409  # nobody holds what was only handed in
    assert sign_in(officer).get(f"/officer/dossiers/{dossier.id}/{step}").status_code == expected


def test_of_two_who_take_it_up_the_second_is_told(officer: Any, sign_in: Any) -> None:
    dossier = make.dossier("submitted")
    colleague = make.officer()
    assert sign_in(officer).post(f"/officer/dossiers/{dossier.id}/claim").status_code == 303
    assert sign_in(colleague).post(f"/officer/dossiers/{dossier.id}/claim").status_code == 409
    assert fresh(dossier).officer_id == officer.id


def test_accepting_shows_first_what_it_promises(officer: Any, sign_in: Any) -> None:
    dossier = make.dossier("checking", officer=officer)
    client = sign_in(officer)
    page = client.get(f"/en/officer/dossiers/{dossier.id}/accept").text
    assert "Result promised by" in page and "Form 01" in page
    assert fresh(dossier).state == "checking"
    client.post(f"/officer/dossiers/{dossier.id}/accept")
    assert fresh(dossier).received_at is not None


def test_a_date_beyond_the_calendar_is_refused_in_words(officer: Any, sign_in: Any) -> None:
    dossier = make.dossier("checking", officer=officer)
    dossier.terms.limit_amount, dossier.terms.limit_unit = 3_000, "working_day"
    session.commit()
    for answer in (sign_in(officer).post(f"/officer/dossiers/{dossier.id}/accept"),
                   sign_in(officer).get(f"/officer/dossiers/{dossier.id}/accept")):
        assert answer.status_code == 409 and "31/12/2030" in answer.text
    assert fresh(dossier).state == "checking" and fresh(dossier).received_at is None


def test_accepting_warns_of_a_missing_paper(officer: Any, sign_in: Any) -> None:
    dossier = make.dossier("checking", officer=officer)
    needed = next(p for p in Application(dossier.terms.form.definition, dossier.answers).papers if p.get("required"))
    for file in attached.attachments_of(dossier.owner):
        if file.key == needed["key"]:
            session.delete(file)
    session.commit()
    page = sign_in(officer).get(f"/officer/dossiers/{dossier.id}/accept").text
    assert 'class="notice is-late"' in page and needed["label"]["vi"] in page


def test_asking_for_several_papers_keeps_each_reason(officer: Any, sign_in: Any) -> None:
    dossier = make.dossier("received", officer=officer)
    paper = first_paper(dossier)
    answer = sign_in(officer).post(f"/officer/dossiers/{dossier.id}/ask", data={
        "asked": [paper["key"], "other"], f"reason_{paper['key']}": "Bản chụp mờ",
        "other_name": "Giấy ủy quyền", "reason_other": "Chưa có chữ ký"})
    assert answer.status_code == 303, answer.text
    assert fresh(dossier).state == "waiting"
    request = session.scalars(select(SupplementRequest).where(SupplementRequest.dossier_id == dossier.id)).one()
    assert [(i.label, i.reason) for i in request.items] == [
        (paper["label"]["vi"], "Bản chụp mờ"), ("Giấy ủy quyền", "Chưa có chữ ký")]


def test_other_things_of_two_rounds_do_not_replace_each_other(officer: Any, sign_in: Any) -> None:
    dossier = make.dossier("checking", officer=officer)
    client = sign_in(officer)
    for name in ("Giấy ủy quyền", "Giấy chứng sinh"):  # once before acceptance, once after it
        answer = client.post(f"/officer/dossiers/{dossier.id}/ask", data={
            "asked": "other", "other_name": name, "reason_other": "Chưa có"})
        assert answer.status_code == 303, answer.text
        actions.answer(fresh(dossier), by=fresh(dossier).applicant)
        if dossier.received_at is None:
            actions.accept(dossier, by=officer)
        session.commit()
    keys = [request.items[0].key for request in fresh(dossier).requests]
    assert len(set(keys)) == 2


def test_a_reason_is_required_and_what_was_typed_is_kept(officer: Any, sign_in: Any) -> None:
    dossier = make.dossier("received", officer=officer)
    paper = first_paper(dossier)
    answer = sign_in(officer).post(f"/officer/dossiers/{dossier.id}/ask", data={
        "asked": [paper["key"], "other"], "other_name": "Giấy ủy quyền", "reason_other": "Chưa có chữ ký"})
    assert answer.status_code == 422
    assert f'href="#reason_{paper["key"]}"' in answer.text
    assert "Giấy ủy quyền" in answer.text and "Chưa có chữ ký" in answer.text
    assert fresh(dossier).state == "received"


@pytest.mark.parametrize("data", [{}, {"asked": "nothing_of_this_form"}, {"reason_other": "Không chọn"},
                                  {"asked": "other", "other_name": "Giấy", "reason_other": "   "},
                                  {"asked": "other", "other_name": "", "reason_other": "Thiếu"},
                                  {"asked": "other", "other_name": "Giấy", "reason_other": "x" * 10_000}])
def test_asking_for_nothing_or_without_sense_is_refused(officer: Any, sign_in: Any, data: dict[str, str]) -> None:
    dossier = make.dossier("received", officer=officer)
    answer = sign_in(officer).post(f"/officer/dossiers/{dossier.id}/ask", data=data)
    assert answer.status_code == 422
    assert "data-problems" in answer.text
    assert fresh(dossier).state == "received"


@pytest.mark.parametrize(("state", "step", "data", "field"), [
    ("checking", "refuse", {"reason": "  "}, "reason"), ("checking", "refuse", {"reason": "x" * 10_000}, "reason"),
    ("received", "decide", {}, "outcome"), ("received", "decide", {"outcome": "perhaps"}, "outcome"),
    ("received", "decide", {"outcome": "denied"}, "note")])
def test_a_decision_without_its_reason_is_refused(
        officer: Any, sign_in: Any, state: str, step: str, data: dict[str, str], field: str) -> None:
    dossier = make.dossier(state, officer=officer)
    answer = sign_in(officer).post(f"/officer/dossiers/{dossier.id}/{step}", data=data)
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert fresh(dossier).state == state


PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 64


@pytest.mark.parametrize(("name", "content"), [
    ("kết quả.pdf", PNG), ("kết quả.pdf", b"MZ\x90\x00" + b"\x00" * 200), ("kết quả.exe", make.PDF),
    ("kết quả.pdf", b""), ("kết quả.pdf", make.PDF.replace(b"/Catalog", b"/Catalog/OpenAction <</JavaScript 1>>")),
    ("kết quả.pdf", make.PDF + b"x" * 5000)],
    ids=["lying", "program", "kind", "empty", "active", "large"])
def test_a_result_that_is_not_what_it_says_decides_nothing(
        app: Any, officer: Any, sign_in: Any, name: str, content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    dossier = make.dossier("received", officer=officer)
    monkeypatch.setitem(app.config, "ATTACHMENT_BYTES", 4000)
    answer = sign_in(officer).post(f"/officer/dossiers/{dossier.id}/decide", data={
        "outcome": "granted", "result": (BytesIO(content), name)})
    assert answer.status_code == 422
    assert 'href="#result"' in answer.text and "kết quả" in answer.text
    assert fresh(dossier).state == "received"
    assert not [a for a in attached.attachments_of(dossier.owner) if a.key == "result"]


def test_files_that_would_fill_the_dossier_decide_nothing(
        app: Any, officer: Any, sign_in: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    dossier = make.dossier("received", officer=officer)
    monkeypatch.setitem(app.config, "DOSSIER_BYTES", 1)
    answer = sign_in(officer).post(f"/officer/dossiers/{dossier.id}/decide", data={
        "outcome": "granted", "result": (BytesIO(make.PDF), "kết quả.pdf")})
    assert answer.status_code == 422
    assert fresh(dossier).state == "received"


@pytest.mark.parametrize(("state", "step", "data"), [
    ("received", "decide", {"outcome": "granted"}), ("decided", "hand-over", {"on_paper": "1"})])
def test_the_result_goes_along(officer: Any, sign_in: Any, state: str, step: str, data: dict[str, Any]) -> None:
    dossier = make.dossier(state, officer=officer)
    answer = sign_in(officer).post(f"/officer/dossiers/{dossier.id}/{step}", data={
        **data, "result": (BytesIO(make.PDF), "kết quả.pdf")})
    assert answer.status_code == 303, answer.text
    result = [a for a in attached.attachments_of(dossier.owner) if a.key == "result"]
    assert [(a.name, a.uploaded_by_id) for a in result] == [("kết quả.pdf", officer.id)]


def test_only_post_changes_anything(officer: Any, sign_in: Any) -> None:
    dossier = make.dossier("checking", officer=officer)
    client = sign_in(officer)
    for step in ("claim", "release", "process"):
        assert client.get(f"/officer/dossiers/{dossier.id}/{step}").status_code == 405
    for step in ("accept", "ask", "refuse"):
        assert client.get(f"/officer/dossiers/{dossier.id}/{step}").status_code == 200
    assert fresh(dossier).state == "checking"


def test_what_the_counter_accepted_is_passed_on_taken_up_and_decided(app: Any, sign_in: Any) -> None:
    """Decree 118/2025 art. 18: the counter receives and passes on; who decides is another."""
    at_counter, decides = make.staff("counter_officer", make.commune()), make.officer(make.commune())
    dossier = make.dossier("received", officer=at_counter)
    page, client = f"/officer/dossiers/{dossier.id}", sign_in(at_counter)
    assert "Chuyển xử lý" in client.get(page).text
    assert client.post(f"{page}/process").status_code == 303
    assert (fresh(dossier).state, fresh(dossier).officer_id) == ("processing", None)
    assert "chờ cán bộ xử lý nhận" in client.get(page).text
    assert "Chờ cán bộ xử lý nhận" in client.get("/officer/queue").text
    assert client.post(f"{page}/claim").status_code == 409, "who may not decide does not take it up again"
    client = sign_in(decides)
    assert f"{page}/claim" in client.get("/officer/queue").text
    assert client.post(f"{page}/claim").status_code == 303
    assert client.post(f"{page}/decide", data={"outcome": "granted"}).status_code == 303
    assert fresh(dossier).state == "decided"


def test_what_was_answered_after_the_counter_asked_waits_for_who_may_decide(app: Any) -> None:
    dossier = make.dossier("waiting", officer=make.staff("counter_officer", make.commune()))
    actions.answer(dossier, by=dossier.applicant, reply="Đã bổ sung")
    session.commit()
    assert (fresh(dossier).state, fresh(dossier).officer_id) == ("processing", None)


@pytest.mark.parametrize("state", ["received", "processing"])
def test_a_head_puts_back_what_somebody_who_left_held(app: Any, sign_in: Any, state: str) -> None:
    dossier = make.dossier(state)
    client = sign_in(make.staff("head_of_unit", make.commune()))
    assert client.post(f"/officer/dossiers/{dossier.id}/release").status_code == 303
    assert (fresh(dossier).state, fresh(dossier).officer_id) == (state, None)
    assert client.post(f"/officer/dossiers/{dossier.id}/claim").status_code == 303
    assert client.post(f"/officer/dossiers/{dossier.id}/decide", data={"outcome": "granted"}).status_code == 303


def results(dossier: Any) -> list[str]:
    session.expire_all()
    return [one.name for one in queries.results(dossier)]


def test_an_electronic_result_is_not_closed_without_its_file(app: Any, sign_in: Any) -> None:
    dossier = make.dossier("decided")
    page, client = f"/officer/dossiers/{dossier.id}/hand-over", sign_in(dossier.officer)
    answer = client.post(page)
    assert answer.status_code == 422 and "result-error" in answer.text
    with pytest.raises(actions.NoResult):
        actions.hand_over(dossier, by=dossier.officer)
    session.rollback()
    assert fresh(dossier).state == "decided"
    answer = client.post(page, data={"result": (BytesIO(make.PDF), "trích lục.pdf")})
    assert (answer.status_code, fresh(dossier).state, results(dossier)) == (303, "returned", ["trích lục.pdf"])
    assert not dossier.result_on_paper


def test_a_result_on_paper_and_a_denial_need_no_file(app: Any, sign_in: Any) -> None:
    dossier, denied = make.dossier("decided"), make.dossier("processing")
    client = sign_in(dossier.officer)
    assert client.post(f"/officer/dossiers/{dossier.id}/hand-over", data={"on_paper": "1"}).status_code == 303
    assert fresh(dossier).result_on_paper
    assert "bản giấy" in client.get(f"/officer/dossiers/{dossier.id}").text
    actions.decide(denied, by=denied.officer, outcome="denied", note="Không đủ điều kiện")
    actions.hand_over(denied, by=denied.officer)
    assert denied.state == "returned"


def test_a_result_attached_in_error_is_taken_out_before_it_is_handed_over(app: Any, sign_in: Any) -> None:
    dossier, other = make.dossier("processing"), make.dossier("decided")
    page, client = f"/officer/dossiers/{dossier.id}", sign_in(dossier.officer)
    client.post(f"{page}/decide", data={"outcome": "granted", "result": (BytesIO(make.PDF), "nhầm người.pdf")})
    [wrong] = queries.results(dossier)
    number, colleague = wrong.id, sign_in(make.officer())
    for door in (page, f"{page}/hand-over"):
        assert f"{page}/results/{number}/take-out" in client.get(door).text
    assert colleague.post(f"{page}/results/{number}/take-out").status_code in (403, 404)
    assert sign_in(other.officer).post(f"/officer/dossiers/{other.id}/results/{number}/take-out").status_code == 404
    paper = next(a for a in attached.attachments_of(dossier.owner) if a.key != queries.RESULT)
    assert client.post(f"{page}/results/{paper.id}/take-out").status_code == 404, "what was handed in stays"
    assert client.post(f"{page}/results/{number}/take-out").location == f"{page}/hand-over"
    assert results(dossier) == [] and client.get(f"{page}/attachments/{number}").status_code == 404
    assert "nhầm người.pdf" in client.get(page).text, "the history keeps its name"
    assert "nhầm người.pdf" not in sign_in(dossier.applicant).get(f"/my/dossiers/{dossier.id}").text
    assert client.post(f"{page}/results/{number}/take-out").status_code == 404
    assert client.post(f"{page}/hand-over", data={"result": (BytesIO(make.PDF), "đúng.pdf")}).status_code == 303
    [right] = queries.results(dossier)
    assert client.post(f"{page}/results/{right.id}/take-out").status_code == 409, "the applicant has it"
