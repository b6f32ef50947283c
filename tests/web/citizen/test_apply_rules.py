"""Rules between answers, rows, and what no longer applies, on the pages of a draft."""
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient

from portal.dossiers import actions
from portal.dossiers.models import Dossier
from portal.files import actions as documents
from portal.files import queries as files
from portal.kit.db import session
from tests import make

SignIn = Callable[[Any], FlaskClient]


@pytest.fixture
def owner() -> Any:
    return make.citizen(name="Nguyễn Thị Ánh")


@pytest.fixture
def client(sign_in: SignIn, owner: Any) -> FlaskClient:
    return sign_in(owner)


def draft(owner: Any, code: str, **answers: Any) -> Dossier:
    dossier = make.draft(by=owner, service=make.service(code))
    actions.save(dossier, answers, by=owner)
    session.commit()
    return dossier


def fresh(dossier: Dossier) -> Dossier:
    session.expire_all()
    return session.get_one(Dossier, dossier.id)


def post(client: FlaskClient, dossier: Dossier, step: str, **data: Any) -> Any:
    return client.post(f"/my/dossiers/{dossier.id}/fill/{step}", data=data, content_type="multipart/form-data")


STAY = {"with_members": "yes", "members-rows": "1", "members-0-name": "Lan", "members-0-birth-day": "3",
        "members-0-birth-month": "2", "members-0-birth-year": "1990", "members-0-sex": "female",
        "members-0-id": "048190000001", "members-0-relationship": "vợ"}


def test_a_rule_is_said_when_its_step_is_saved_and_what_was_typed_stays(client: FlaskClient, owner: Any) -> None:
    dossier = draft(owner, "1.004194", stay_from=None, stay_to=None)
    home = {"new_address-province": "48", "new_address-ward": "20195", "new_address-line": "1 Bạch Đằng"}
    answer = post(client, dossier, "place", dwelling="own", household="new", **home, **{
        "stay_from-day": "2", "stay_from-month": "1", "stay_from-year": "2090",
        "stay_to-day": "3", "stay_to-month": "1", "stay_to-year": "2092"})
    assert answer.status_code == 422
    assert 'href="#stay_to-day"' in answer.text and "kết thúc chậm nhất ngày 02/01/2092" in answer.text
    assert 'value="2092"' in answer.text and fresh(dossier).answers["stay_to"] == "2092-01-03"


def test_a_rule_of_two_pages_is_said_on_the_second(client: FlaskClient, owner: Any) -> None:
    dossier = draft(owner, "1.004194", applicant_id="048190000001", with_members=False)
    answer = post(client, dossier, "members", **STAY)
    assert answer.status_code == 422
    assert 'href="#members-0-id"' in answer.text
    assert "Người 1: “Số định danh cá nhân”: Số định danh của Lan trùng" in answer.text
    assert fresh(dossier).answers["members"][0]["name"] == "Lan"


def test_handing_in_is_refused_while_a_rule_is_broken_and_the_way_to_it_is_named(
        client: FlaskClient, owner: Any) -> None:
    dossier = draft(owner, "1.000656", deceased_birth="1950-01-02", death_date="1950-01-01", notice_exists=False)
    documents.attach(dossier.owner, "paper_witness", "Giấy tờ", documents.prove(BytesIO(make.PDF), "giấy tờ.pdf"),
                     by_id=owner.id)
    session.commit()
    page = client.get(f"/my/dossiers/{dossier.id}/check").text
    answer = client.post(f"/my/dossiers/{dossier.id}/check", data={"true": "1"})
    assert answer.status_code == 422 and fresh(dossier).state == "draft"
    for shown in (page, answer.text):
        assert f"/my/dossiers/{dossier.id}/fill/death?then=check#death_date" in shown
    assert client.get(f"/my/dossiers/{dossier.id}/draft").text.count("is-waiting") == 1
    with pytest.raises(actions.Incomplete) as refused:
        actions.submit(fresh(dossier), by=owner)
    assert [error.key for error in refused.value.errors] == ["death_date"] and refused.value.gaps == []


def test_a_declaration_that_is_not_confirmed_is_not_handed_in(client: FlaskClient, owner: Any) -> None:
    dossier = draft(owner, "1.000656", declared=False)
    answer = client.post(f"/my/dossiers/{dossier.id}/check", data={"true": "1"})
    assert answer.status_code == 422 and "#declared" in answer.text
    assert post(client, dossier, "notice", notice_exists="no", declared="no").status_code == 422
    assert post(client, dossier, "notice", notice_exists="no", declared="1").status_code == 303


def test_a_row_more_is_only_shown_and_nothing_is_judged_or_kept(client: FlaskClient, owner: Any) -> None:
    dossier = draft(owner, "1.004194", with_members=False, members=None)
    answer = post(client, dossier, "members", **{**STAY, "members-0-name": "Lan Anh"}, _again="members:add")
    assert answer.status_code == 200 and 'name="members-1-name"' in answer.text
    assert 'value="Lan Anh"' in answer.text and "Kiểm tra lại" not in answer.text
    assert fresh(dossier).answers["members"] is None


def test_rows_are_kept_and_read_on_the_check_page_and_by_the_officer(
        client: FlaskClient, owner: Any, sign_in: SignIn) -> None:
    dossier = draft(owner, "1.004194", with_members=False)
    assert post(client, dossier, "members", **STAY).status_code == 303
    assert "048190000001" in client.get(f"/my/dossiers/{dossier.id}/check").text
    assert client.post(f"/my/dossiers/{dossier.id}/check", data={"true": "1"}).status_code == 303
    page = sign_in(make.officer()).get(f"/officer/dossiers/{dossier.id}").text
    assert "048190000001" in page and '<ol class="row-list">' in page


def test_what_no_longer_applies_is_said_before_and_dropped_at_handing_in(client: FlaskClient, owner: Any) -> None:
    dossier = draft(owner, "1.004222", is_minor=False, guardian_name="Người không còn cần", dwelling="own",
                    household="new")
    documents.attach(dossier.owner, "paper_consent", "Ý kiến đồng ý", documents.prove(BytesIO(make.PDF), "đồng ý.pdf"),
                     by_id=owner.id)
    session.commit()
    page = client.get(f"/my/dossiers/{dossier.id}/check").text
    told = page[page.index("sẽ không được gửi"):]
    assert "Người không còn cần" in told and "đồng ý.pdf" in told
    assert client.post(f"/my/dossiers/{dossier.id}/check", data={"true": "1"}).status_code == 303
    handed_in = fresh(dossier)
    assert "guardian_name" not in handed_in.answers and handed_in.answers["dwelling"] == "own"
    assert "paper_consent" not in {a.key for a in files.attachments_of(dossier.owner)}


def test_the_blank_form_says_when_a_question_is_answered_and_has_rows_to_write_in(client: FlaskClient) -> None:
    page = client.get("/services/H17/1.001612/form").text
    assert "chỉ điền nếu “Hộ kinh doanh do: Các thành viên hộ gia đình thành lập”" in page
    assert '<th scope="row">5</th>' in page
