"""Nothing typed is lost: whatever button is pressed, whatever is wrong, whichever window was first."""
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from markupsafe import escape

from portal.dossiers import actions, queries
from portal.dossiers.models import Dossier
from portal.files import queries as documents
from portal.kit import clock
from portal.kit.db import session
from tests import make
from tests.web.citizen.test_apply import CHILD, begun, fill, fresh, pdf, submit

SignIn = Callable[[Any], FlaskClient]
WRONG = {**CHILD, "child_birth-month": "13", "child_ethnic": ""}


@pytest.fixture
def owner() -> Any:
    return make.citizen(name="Nguyễn Thị Ánh", phone="+84912345678")


@pytest.fixture
def client(sign_in: SignIn, owner: Any) -> FlaskClient:
    return sign_in(owner)


def opened(client: FlaskClient, dossier: Dossier, step: str = "child", language: str = "") -> str:
    return client.get(f"{language}/my/dossiers/{dossier.id}/fill/{step}").text


@pytest.mark.parametrize(("button", "leads_to"), [
    ("later", "/my/dossiers"), ("back", "/fill/applicant"), ("language", "/en/my/dossiers/")])
def test_leaving_a_step_keeps_what_is_right_and_what_is_not(
        client: FlaskClient, owner: Any, button: str, leads_to: str) -> None:
    dossier = begun(owner)
    answer = fill(client, dossier, "child", **WRONG, go=button)
    assert answer.status_code == 303 and leads_to in answer.location
    assert fresh(dossier).answers["child_name"] == "Trần Thị Bé" and "child_birth" not in fresh(dossier).answers
    page = opened(client, dossier)
    assert 'value="13"' in page and "Không có tháng 13" in page and 'value="Trần Thị Bé"' in page


def test_a_step_left_without_a_mistake_comes_back_without_one(client: FlaskClient, owner: Any) -> None:
    dossier = begun(owner)
    fill(client, dossier, "child", child_name="Bé", go="later")
    page = opened(client, dossier)
    assert 'value="Bé"' in page and "data-problems" not in page


def test_the_way_back_after_an_error_shows_what_was_typed_and_forgets_it_when_it_is_right(
        client: FlaskClient, owner: Any) -> None:
    dossier = begun(owner)
    assert fill(client, dossier, "child", **WRONG).status_code == 422
    assert 'value="13"' in opened(client, dossier) and 'value="13"' in opened(client, dossier, language="/en")
    assert fill(client, dossier, "child", **CHILD).status_code == 303
    assert fresh(dossier).typed is None and 'value="13"' not in opened(client, dossier)


def test_an_answer_of_before_is_not_handed_in_for_what_was_typed_since(client: FlaskClient, owner: Any) -> None:
    dossier = make.draft(by=owner)
    fill(client, dossier, "child", **{**CHILD, "child_birth-month": "13"}, go="later")
    answer = submit(client, dossier)
    assert answer.status_code == 422 and f"/my/dossiers/{dossier.id}/fill/child?then=check" in answer.text
    assert fresh(dossier).state == "draft"
    assert "waiting" in client.get(f"/my/dossiers/{dossier.id}/draft").text
    fill(client, dossier, "child", **CHILD)
    assert submit(client, dossier).status_code == 303 and fresh(dossier).typed is None


def seen(page: str) -> str:
    return page.split('name="seen" value="')[1].split('"')[0]


def test_an_older_window_does_not_write_over_a_newer_one_unseen(client: FlaskClient, owner: Any) -> None:
    dossier = begun(owner)
    old = seen(opened(client, dossier))
    fill(client, dossier, "child", **CHILD, seen=old)
    answer = fill(client, dossier, "child", **{**CHILD, "child_name": "Trần Thị Lan"}, seen=old)
    assert answer.status_code == 409
    assert "Trần Thị Bé" in answer.text and 'value="Trần Thị Lan"' in answer.text
    assert fresh(dossier).answers["child_name"] == "Trần Thị Bé"
    again = fill(client, dossier, "child", **{**CHILD, "child_name": "Trần Thị Lan"}, seen=seen(answer.text))
    assert again.status_code == 303 and fresh(dossier).answers["child_name"] == "Trần Thị Lan"


def test_the_same_page_sent_twice_is_no_other_window(client: FlaskClient, owner: Any) -> None:
    dossier = begun(owner)
    old = seen(opened(client, dossier))
    assert [fill(client, dossier, "child", **CHILD, seen=old).status_code for _ in range(2)] == [303, 303]


def test_one_refused_file_among_three_keeps_the_two(client: FlaskClient, owner: Any) -> None:
    dossier = begun(owner)
    answer = client.post(f"/my/dossiers/{dossier.id}/fill/papers", content_type="multipart/form-data", data={
        "paper_birth": [pdf("một.pdf"), (BytesIO(b""), "hai.pdf"), pdf("ba.pdf")]})
    assert answer.status_code == 422 and "hai.pdf" in answer.text
    assert {one.name for one in documents.attachments_of(dossier.owner)} == {"một.pdf", "ba.pdf"}


def test_leaving_with_files_keeps_the_good_and_says_what_the_other_lacks(client: FlaskClient, owner: Any) -> None:
    dossier = begun(owner)
    answer = client.post(f"/my/dossiers/{dossier.id}/fill/papers", content_type="multipart/form-data", data={
        "paper_birth": [pdf("một.pdf"), (BytesIO(b""), "hai.pdf")], "go": "later"})
    assert answer.status_code == 303
    assert [one.name for one in documents.attachments_of(dossier.owner)] == ["một.pdf"]
    assert "hai.pdf" in client.get("/my/dossiers").text


def test_enter_never_changes_the_language(client: FlaskClient, owner: Any) -> None:
    """A browser presses the first button of the form, wherever in the page it stands."""
    page = opened(client, begun(owner))
    assert 'name="go"' not in page[page.index('form="step"'):].split("</button>")[0]


def test_what_is_typed_is_not_kept_beyond_bounds(client: FlaskClient, owner: Any) -> None:
    dossier = begun(owner)
    fill(client, dossier, "child", **{**CHILD, "child_name": "a" * 210_000})
    session.expire_all()
    assert fresh(dossier).typed is None


def test_a_service_that_closed_says_so_on_the_draft_and_takes_nothing_in(client: FlaskClient, owner: Any) -> None:
    dossier = make.draft(by=owner)
    assert client.get(f"/my/dossiers/{dossier.id}/check").text.count("Nộp hồ sơ</button>") == 1
    dossier.service.closes_on = clock.today() - timedelta(days=1)
    session.commit()
    for page in ("draft", "check"):
        assert "Đã ngừng nhận hồ sơ trực tuyến" in client.get(f"/my/dossiers/{dossier.id}/{page}").text
    answer = submit(client, dossier)
    assert answer.status_code == 409 and "Đã ngừng nhận" in answer.text and "Nộp hồ sơ</button>" not in answer.text
    assert fresh(dossier).state == "draft" and fresh(dossier).answers
    dossier.service.closes_on = None
    session.commit()
    assert submit(client, dossier).status_code == 303


def test_after_handing_in_the_applicant_sees_every_answer_and_every_reply(client: FlaskClient, owner: Any) -> None:
    dossier = make.dossier("waiting", by=owner)
    actions.answer(dossier, by=owner, reply="Bản rõ\nđã nộp tại quầy")
    session.commit()
    page = client.get(f"/my/dossiers/{dossier.id}").text
    for section in queries.application(dossier).sections:
        for row in section.rows if not section.of_papers else ():
            assert str(escape(row["key"])) in page and str(escape(row["value"])) in page, row
    assert "Bản rõ\nđã nộp tại quầy" in page and str(escape(dossier.requests[0].items[0].reason)) in page


def test_who_is_the_father_is_written_once(client: FlaskClient, owner: Any) -> None:
    dossier = begun(owner)
    actions.save(dossier, {"relationship": "father", "applicant_name": "Lò Văn Ẩn", "applicant_id": "048090001234"},
                 by=owner)
    session.commit()
    father, mother = opened(client, dossier, "father"), opened(client, dossier, "mother")
    assert 'value="Lò Văn Ẩn"' in father and 'value="048090001234"' in father and "Lò Văn Ẩn" not in mother


def test_an_address_that_decides_who_receives_it_lies_with_the_agency(client: FlaskClient, owner: Any) -> None:
    dossier = make.draft(by=owner, service=make.service("1.004194"))
    actions.save(dossier, {"new_address": {"province": "01", "ward": "00004", "line": "1 Hàng Bông"}}, by=owner)
    session.commit()
    answer = submit(client, dossier)
    assert answer.status_code == 422 and "/fill/place?then=check#new_address" in answer.text
    assert "tỉnh, thành phố khác" in answer.text and fresh(dossier).state == "draft"
