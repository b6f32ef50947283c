"""Filling in: step by step, kept as typed, handed in once."""
import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from markupsafe import escape
from sqlalchemy import func, select

from portal.dossiers import actions, papers
from portal.dossiers.models import Dossier
from portal.files import queries as documents
from portal.files.models import Attachment
from portal.kit.db import session
from portal.people.security_log import SecurityEvent
from tests import make

SignIn = Callable[[Any], FlaskClient]
SERVICE = "/apply/H17/1.001193"
CHILD = {"child_name": "Trần Thị Bé", "child_birth-day": "3", "child_birth-month": "2", "child_birth-year": "2024",
         "child_sex": "female", "child_ethnic": "Kinh", "child_nationality": "Việt Nam",
         "birth_place_kind": "elsewhere",
         "birth_place-province": "48", "birth_place-ward": "20195", "birth_place-line": "1 Bạch Đằng",
         "home_place": "Quảng Nam"}


@pytest.fixture
def owner() -> Any:
    return make.citizen(name="Nguyễn Thị Ánh", phone="+84912345678")


@pytest.fixture
def client(sign_in: SignIn, owner: Any) -> FlaskClient:
    return sign_in(owner)


def begun(owner: Any) -> Dossier:
    dossier = actions.begin(make.service(), by=owner, key=f"key-{next(make.n)}")
    session.commit()
    return dossier


def fresh(dossier: Dossier) -> Dossier:
    session.expire_all()
    return session.get_one(Dossier, dossier.id)


def fill(client: FlaskClient, dossier: Dossier, step: str, **data: Any) -> Any:
    return client.post(f"/my/dossiers/{dossier.id}/fill/{step}", data=data, content_type="multipart/form-data")


def pdf(name: str = "giấy chứng sinh.pdf", content: bytes = make.PDF) -> tuple[BytesIO, str]:
    return BytesIO(content), name


def test_before_starting_one_sees_what_to_have_at_hand(client: FlaskClient) -> None:
    page = client.get(SERVICE).text
    assert "Giấy chứng sinh" in page and 'name="key"' in page


def test_starting_makes_one_draft_however_often_the_button_is_pressed(client: FlaskClient) -> None:
    answers = [client.post(SERVICE, data={"key": "one-press-of-a-button"}) for _ in range(3)]
    assert len({answer.location for answer in answers}) == 1
    assert answers[0].location.endswith("/fill/applicant")
    assert session.scalar(select(func.count()).select_from(Dossier)) == 1


def test_the_key_of_somebody_elses_draft_opens_nothing(client: FlaskClient, sign_in: SignIn) -> None:
    client.post(SERVICE, data={"key": "one-press-of-a-button"})
    assert sign_in(make.citizen()).post(SERVICE, data={"key": "one-press-of-a-button"}).status_code == 404


@pytest.mark.parametrize("url", ["/apply/H17/9.999999", "/apply/Z99/1.001193", "/apply/H17/%00", "/apply/../1.001193"])
def test_a_service_that_does_not_exist_cannot_be_applied_for(client: FlaskClient, url: str) -> None:
    assert client.get(url).status_code == 404
    assert client.post(url).status_code == 404


def test_what_is_known_of_the_person_is_filled_in_already(client: FlaskClient, owner: Any) -> None:
    page = client.get(f"/my/dossiers/{begun(owner).id}/fill/applicant").text
    assert 'value="Nguyễn Thị Ánh"' in page and "912" in page


def test_each_step_is_saved_and_leads_to_the_next(client: FlaskClient, owner: Any) -> None:
    dossier = begun(owner)
    answer = fill(client, dossier, "child", **CHILD)
    assert (answer.status_code, answer.location) == (303, f"/my/dossiers/{dossier.id}/fill/mother")
    kept = fresh(dossier).answers
    assert kept["child_name"] == "Trần Thị Bé"
    assert kept["child_birth"] == "2024-02-03"
    assert kept["birth_place"] == {"province": "48", "ward": "20195", "line": "1 Bạch Đằng"}


def test_what_is_right_is_saved_when_something_else_is_wrong_and_the_page_names_the_field(
        client: FlaskClient, owner: Any) -> None:
    dossier = begun(owner)
    answer = fill(client, dossier, "child", **{**CHILD, "child_birth-month": "13"})
    assert answer.status_code == 422
    assert 'href="#child_birth-month"' in answer.text
    assert 'value="Trần Thị Bé"' in answer.text and 'value="13"' in answer.text
    assert fresh(dossier).answers["child_name"] == "Trần Thị Bé"
    assert "child_birth" not in fresh(dossier).answers


@pytest.mark.parametrize(("day", "month", "year"), [
    ("30", "2", "2024"), ("29", "2", "2023"), ("31", "4", "2024"), ("0", "1", "2024"), ("1", "0", "2024"),
    ("1", "1", "24"), ("1", "1", "9999"), ("", "1", "2024"), ("ba", "2", "2024"), ("-1", "1", "2024"),
    ("1", "1", "0000"), ("1e1", "1", "2024"), ("٣", "2", "2024")])
def test_a_date_that_cannot_be_is_refused(client: FlaskClient, owner: Any, day: str, month: str, year: str) -> None:
    dossier = begun(owner)
    answer = fill(client, dossier, "child", **{
        **CHILD, "child_birth-day": day, "child_birth-month": month, "child_birth-year": year})
    assert answer.status_code == 422
    assert "child_birth" in answer.text and "child_birth" not in fresh(dossier).answers


def test_a_child_is_not_born_tomorrow(client: FlaskClient, owner: Any) -> None:
    answer = fill(client, begun(owner), "child", **{**CHILD, "child_birth-year": "2090"})
    assert answer.status_code == 422


def test_ten_thousand_characters_in_a_name_are_refused_and_kept_to_be_shortened(
        client: FlaskClient, owner: Any) -> None:
    dossier, name = begun(owner), "Ẩn" * 5_000
    answer = fill(client, dossier, "child", **{**CHILD, "child_name": name})
    assert answer.status_code == 422
    assert 'href="#child_name"' in answer.text
    assert name in answer.text
    assert "child_name" not in fresh(dossier).answers
    assert fresh(dossier).answers["child_ethnic"] == "Kinh"


@pytest.mark.parametrize(("typed", "kept"), [
    ("<script>alert(1)</script>", "scriptalert script"), ("' OR 1=1 --", "OR"), ("%(name)s %s", "name s s"),
    ("\u1ea8\u0309n", "\u1ea8\u0309n")])
def test_of_what_is_typed_as_a_name_the_letters_are_kept(
        client: FlaskClient, owner: Any, typed: str, kept: str) -> None:
    dossier = begun(owner)
    assert fill(client, dossier, "child", **{**CHILD, "child_name": typed}).status_code == 303
    assert fresh(dossier).answers["child_name"] == kept
    for page in (f"/my/dossiers/{dossier.id}/fill/child", f"/my/dossiers/{dossier.id}/check"):
        text = client.get(page).text
        assert kept in text and "<script>alert" not in text


def test_a_name_without_a_letter_is_refused_and_shown_as_it_was_typed(client: FlaskClient, owner: Any) -> None:
    dossier = begun(owner)
    answer = fill(client, dossier, "child", **{**CHILD, "child_name": "{{ 7 * 7 }}"})
    assert answer.status_code == 422 and 'href="#child_name"' in answer.text
    assert 'value="{{ 7 * 7 }}"' in answer.text and 'value="49"' not in answer.text
    assert "child_name" not in fresh(dossier).answers


@pytest.mark.parametrize("typed", ["<script>alert(1)</script>", "{{ 7 * 7 }}", "' OR 1=1 --", "%(name)s %s"])
def test_whatever_is_typed_is_words_and_nothing_else(client: FlaskClient, owner: Any, typed: str) -> None:
    dossier = begun(owner)
    assert fill(client, dossier, "child", **{**CHILD, "home_place": typed}).status_code == 303
    assert fresh(dossier).answers["home_place"] == typed
    for page in (f"/my/dossiers/{dossier.id}/fill/child", f"/my/dossiers/{dossier.id}/check"):
        text = client.get(page).text
        assert str(escape(typed)) in text and "<script>alert" not in text


def test_a_question_that_does_not_apply_is_not_asked_for(client: FlaskClient, owner: Any) -> None:
    dossier = begun(owner)
    assert fill(client, dossier, "mother", mother_stated="no").status_code == 303
    assert fill(client, dossier, "mother", mother_stated="yes").status_code == 422


def test_a_step_that_the_form_does_not_have_is_not_found(client: FlaskClient, owner: Any) -> None:
    dossier = begun(owner)
    assert client.get(f"/my/dossiers/{dossier.id}/fill/nonsense").status_code == 404


FILES = [
    ("empty", b"", "giấy.pdf"), ("a web page that calls itself a PDF", b"<html><script>x</script>" * 9, "giấy.pdf"),
    ("a program that calls itself a picture", b"MZ\x90\x00" + b"\x00" * 300, "ảnh.png"),
    ("a PNG that calls itself a PDF", b"\x89PNG\r\n\x1a\n" + b"\x00" * 99, "giấy.pdf"),
    ("a drawing with scripts", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "ảnh.svg"),
    ("no ending", make.PDF, "giấy"),
    ("a PDF that runs a script", make.PDF.replace(b"/Catalog", b"/Catalog/JavaScript 1"), "giấy.pdf"),
    ("a PDF with an archive behind it", make.PDF + b"PK\x05\x06" + b"\x00" * 18, "giấy.pdf"),
    ("two endings", b"#!/bin/sh\n" * 9, "giấy.pdf.sh"),
]


@pytest.mark.parametrize(("content", "name"), [f[1:] for f in FILES], ids=[f[0] for f in FILES])
def test_a_file_that_is_not_what_it_says_is_refused_by_name(
        client: FlaskClient, owner: Any, content: bytes, name: str) -> None:
    dossier = begun(owner)
    answer = fill(client, dossier, "papers", paper_birth=pdf(name, content))
    assert answer.status_code == 422
    assert name in answer.text and 'href="#paper_birth' in answer.text
    assert documents.attachments_of(dossier.owner) == []


def test_who_sends_a_harmful_file_is_written_down_and_what_is_only_damaged_is_not(
        client: FlaskClient, owner: Any) -> None:
    dossier = begun(owner)
    for content in (make.PDF.replace(b"/Catalog", b"/Catalog/AA<</O<</S/JavaScript/JS(x)>>>>"), make.PDF[:60]):
        assert fill(client, dossier, "papers", paper_birth=pdf("giấy.pdf", content)).status_code == 422
    [event] = session.scalars(select(SecurityEvent).where(SecurityEvent.name == "file.refused"))
    assert (event.by_id, event.facts) == (owner.id, {"reason": "active"})


def test_a_file_that_is_too_large_is_refused_with_the_limit(
        client: FlaskClient, owner: Any, app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "ATTACHMENT_BYTES", 1_000)
    dossier = begun(owner)
    answer = fill(client, dossier, "papers", paper_birth=pdf(content=make.PDF + b"%" * 2_000))
    assert answer.status_code == 422
    assert "giấy chứng sinh.pdf" in answer.text
    assert documents.attachments_of(dossier.owner) == []


def test_a_request_larger_than_any_form_is_told_so(
        client: FlaskClient, owner: Any, app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "MAX_CONTENT_LENGTH", 10_000)
    answer = fill(client, begun(owner), "papers", paper_birth=pdf(content=make.PDF * 100))
    assert answer.status_code == 413
    assert "<h1" in answer.text


def test_the_files_of_a_dossier_together_have_a_limit(
        client: FlaskClient, owner: Any, app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "DOSSIER_BYTES", len(make.PDF) + 100)
    dossier = begun(owner)
    assert fill(client, dossier, "papers", paper_birth=pdf()).status_code == 303
    answer = fill(client, dossier, "papers", paper_identity=pdf("căn cước.pdf"))
    assert answer.status_code == 422
    assert [a.key for a in documents.attachments_of(dossier.owner)] == ["paper_birth"]


def test_a_good_file_is_kept_when_another_is_refused(client: FlaskClient, owner: Any) -> None:
    dossier = begun(owner)
    answer = fill(client, dossier, "papers", paper_birth=pdf(), paper_identity=pdf("căn cước.png", b"khong phai anh"))
    assert answer.status_code == 422
    assert [a.name for a in documents.attachments_of(dossier.owner)] == ["giấy chứng sinh.pdf"]
    assert "giấy chứng sinh.pdf" in answer.text


def test_a_kept_file_need_not_be_chosen_again_and_can_be_removed(client: FlaskClient, owner: Any) -> None:
    dossier = begun(owner)
    fill(client, dossier, "papers", paper_birth=pdf())
    assert fill(client, dossier, "papers").status_code == 303
    [kept] = documents.attachments_of(dossier.owner)
    replaced = fill(client, dossier, "papers", paper_birth=pdf("bản rõ.pdf"), **{"paper_birth-drop": str(kept.id)})
    assert replaced.status_code == 303
    assert [a.name for a in documents.attachments_of(dossier.owner)] == ["bản rõ.pdf"]


def test_the_only_file_of_a_required_paper_is_removed_and_the_page_asks_for_another(
        client: FlaskClient, owner: Any) -> None:
    dossier = begun(owner)
    fill(client, dossier, "papers", paper_birth=pdf())
    [kept] = documents.attachments_of(dossier.owner)
    answer = fill(client, dossier, "papers", **{"paper_birth-drop": str(kept.id)})
    assert answer.status_code == 422 and 'href="#paper_birth"' in answer.text
    assert "giấy chứng sinh.pdf" not in answer.text
    assert documents.attachments_of(dossier.owner) == []
    assert fill(client, dossier, "papers", paper_birth=pdf("bản rõ.pdf")).status_code == 303


def test_somebody_elses_file_is_not_removed_by_its_number(client: FlaskClient, owner: Any) -> None:
    foreign = make.draft()
    [number] = [a.id for a in documents.attachments_of(foreign.owner)][:1]
    fill(client, begun(owner), "papers", paper_birth=pdf(), **{"paper_birth-drop": str(number)})
    assert session.get(Attachment, number) is not None


def submit(client: FlaskClient, dossier: Dossier, **data: str) -> Any:
    return client.post(f"/my/dossiers/{dossier.id}/check", data={"true": "1"} | data)


def test_checking_shows_every_answer_and_handing_in_gives_a_code(client: FlaskClient, owner: Any) -> None:
    dossier = make.draft(by=owner)
    page = client.get(f"/my/dossiers/{dossier.id}/check").text
    assert "Nguyễn Văn Ẩn" in page and "giấy tờ.pdf" in page and "03/02/1990" in page
    answer = submit(client, dossier)
    assert (answer.status_code, answer.location) == (303, f"/my/dossiers/{dossier.id}")
    assert str(fresh(dossier).code).startswith("H17-")
    assert str(fresh(dossier).code) in client.get(answer.location).text


def test_without_the_declaration_nothing_is_handed_in(client: FlaskClient, owner: Any) -> None:
    dossier = make.draft(by=owner)
    answer = submit(client, dossier, true="")
    assert answer.status_code == 422 and 'href="#true"' in answer.text
    assert fresh(dossier).state == "draft"


def test_a_required_paper_that_is_missing_is_named_with_the_way_to_it(client: FlaskClient, owner: Any) -> None:
    dossier = make.draft(by=owner)
    for attachment in documents.attachments_of(dossier.owner):
        session.delete(attachment)
    session.commit()
    answer = submit(client, dossier)
    assert answer.status_code == 422
    assert f"/my/dossiers/{dossier.id}/fill/papers?then=check#paper_birth" in answer.text
    assert (fresh(dossier).state, fresh(dossier).code) == ("draft", None)


def test_handed_in_twice_it_is_one_dossier(client: FlaskClient, owner: Any) -> None:
    dossier = make.draft(by=owner)
    first, second = submit(client, dossier), submit(client, dossier)
    assert first.location == second.location
    assert len(fresh(dossier).events) == 1


def test_from_the_check_page_one_comes_back_to_it(client: FlaskClient, owner: Any) -> None:
    dossier = make.draft(by=owner)
    assert 'name="then" value="check"' in client.get(f"/my/dossiers/{dossier.id}/fill/child?then=check").text
    answer = fill(client, dossier, "child", **CHILD, then="check")
    assert answer.location == f"/my/dossiers/{dossier.id}/check"


def test_what_was_handed_in_is_not_filled_in_again(client: FlaskClient, owner: Any) -> None:
    dossier = make.dossier(by=owner)
    for answer in (client.get(f"/my/dossiers/{dossier.id}/fill/child"), fill(client, dossier, "child", **CHILD),
                   client.post(f"/my/dossiers/{dossier.id}/discard")):
        assert answer.status_code == 409
        assert f'href="/my/dossiers/{dossier.id}"' in answer.text
    assert fresh(dossier).answers["child_name"] != CHILD["child_name"]


def test_a_draft_is_thrown_away_with_its_files(client: FlaskClient, owner: Any) -> None:
    dossier = make.draft(by=owner)
    assert client.post(f"/my/dossiers/{dossier.id}/discard").location == "/my/dossiers"
    assert session.scalar(select(func.count()).select_from(Attachment)) == 0


@pytest.mark.parametrize(("code", "answers", "sheet", "check", "words"), [
    ("2.000635", {"copies_count": 3}, "8.000 ₫ mỗi bản", "3 bản × 8.000 ₫ = 24.000 ₫", "(Hai mươi bốn nghìn đồng)"),
    ("1.001193", {"copies_wanted": True, "copies_count": 2}, "Bản sao: 8.000 ₫ mỗi bản",
     "Bản sao: 2 bản × 8.000 ₫ = 16.000 ₫", "(Mười sáu nghìn đồng)"),
    ("1.001193", {"copies_wanted": False, "copies_count": 2}, "Bản sao: 8.000 ₫ mỗi bản", "Miễn phí", "Miễn phí")])
def test_the_fee_is_that_of_the_copies_asked_for_on_the_page_before_handing_in_and_on_the_receipt(
        sign_in: Any, code: str, answers: dict[str, Any], sheet: str, check: str, words: str) -> None:
    owner = make.citizen()
    dossier = make.draft(by=owner, service=make.service(code))
    actions.save(dossier, answers, by=owner)
    session.commit()
    client = sign_in(owner)
    shown = client.get(f"/services/H17/{code}").text.replace("\xa0", " ")
    page = client.get(f"/my/dossiers/{dossier.id}/check").text.replace("\xa0", " ")
    told = papers.fee_text(dossier).replace("\xa0", " ")
    assert sheet in shown and check in page and check in told and words in told
    assert ("Bản sao:" in told) == bool(answers.get("copies_wanted"))


@pytest.mark.parametrize(("code", "more"), [("1.001193", 0), ("1.001612", 1)])
def test_the_steps_told_before_starting_are_those_of_filling_in(client: FlaskClient, owner: Any, code: str,
                                                                more: int) -> None:
    page = client.get(f"/apply/H17/{code}").text
    told = re.search(r"Có (?:từ )?(\d+)(?: đến (\d+))? bước ngắn", page)
    assert told
    least, most = int(told[1]), int(told[2] or told[1])
    assert most - least == more and page.rpartition("<ol>")[2].partition("</ol>")[0].count("<li>") == most
    answer = client.post(f"/apply/H17/{code}", data={"key": f"one-press-for-{code}-x".replace(".", "-")})
    assert f"Bước 1 trên {least}" in client.get(answer.location).text
    assert f"Bước {least} trên {least}" in client.get(re.sub(r"/fill/.*", "/check", answer.location)).text
