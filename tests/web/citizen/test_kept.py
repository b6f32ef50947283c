"""A session that ends in the middle, another token, an answer with one bad file: nothing is typed twice."""
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.files import queries as documents
from portal.kit import clock
from portal.kit.db import session
from portal.people import sessions
from portal.people.models import SignIn
from tests import make
from tests.web.citizen.test_apply import CHILD, begun, fresh, pdf

SignInAs = Callable[[Any], FlaskClient]
HERE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def owner() -> Any:
    return make.citizen(name="Nguyễn Thị Ánh", phone="+84912345678")


def fields(page: str) -> dict[str, str]:
    """The hidden fields of the page, as its button sends them."""
    found = {}
    for part in page.split('<input type="hidden" name="')[1:]:
        name, _mid, rest = part.partition('" value="')
        found[name] = rest.split('"')[0]
    return found


def end_all() -> None:
    for row in session.query(SignIn):
        row.ended_at = clock.now()
    session.commit()


def sign_in_again(client: FlaskClient, person: Any) -> None:
    token = make.sign_in(person)
    with client.session_transaction() as cookie:
        cookie.clear()
        cookie["_user_id"] = token


def test_what_is_posted_after_the_session_ended_goes_on_after_the_sign_in_with_its_files(
        sign_in: SignInAs, owner: Any) -> None:
    dossier, client = begun(owner), sign_in(owner)
    end_all()
    where = f"/my/dossiers/{dossier.id}/fill/papers"
    answer = client.post(where, headers=HERE, content_type="multipart/form-data", data={"paper_birth": pdf("một.pdf")})
    assert answer.status_code == 303 and "/sign-in?next=/account/kept/" in answer.location
    assert "được giữ lại" in client.get(answer.location).text
    kept = answer.location.split("next=")[1]
    sign_in_again(client, owner)
    page = client.get(kept).text
    assert f'action="{where}"' in page
    assert client.post(where, data=fields(page)).status_code == 303
    assert [one.name for one in documents.attachments_of(dossier.owner)] == ["một.pdf"]


def test_what_was_typed_is_nobody_elses(sign_in: SignInAs, owner: Any) -> None:
    dossier, client = begun(owner), sign_in(owner)
    end_all()
    answer = client.post(f"/my/dossiers/{dossier.id}/fill/child", headers=HERE, data=CHILD)
    kept = answer.location.split("next=")[1]
    sign_in_again(client, make.citizen())
    assert client.get(kept).status_code == 404
    sign_in_again(client, owner)
    assert "Trần Thị Bé" in client.get(kept).text


def test_a_session_of_long_ago_or_of_nobody_keeps_nothing(sign_in: SignInAs, owner: Any, app: Flask) -> None:
    dossier, client = begun(owner), sign_in(owner)
    where = f"/my/dossiers/{dossier.id}/fill/child"
    for row in session.query(SignIn):
        row.ended_at = clock.now() - sessions.ENDED_FOR - timedelta(minutes=1)
    session.commit()
    assert "kept" not in client.post(where, headers=HERE, data=CHILD).location
    assert "kept" not in app.test_client().post(where, headers=HERE, data=CHILD).location
    end_all()
    assert "kept" not in client.post(where, data=CHILD).location  # no word that a page of ours sent it


def test_a_token_of_another_sign_in_loses_nothing(sign_in: SignInAs, owner: Any, app: Flask,
                                                  monkeypatch: pytest.MonkeyPatch) -> None:
    dossier, client = begun(owner), sign_in(owner)
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    where = f"/my/dossiers/{dossier.id}/fill/child"
    answer = client.post(where, headers=HERE, data={**CHILD, "csrf_token": "of another sign-in"})
    assert answer.status_code == 303 and "/account/kept/" in answer.location
    assert "child_name" not in fresh(dossier).answers
    page = client.get(answer.location).text
    assert client.post(where, headers=HERE, data=fields(page)).status_code == 303
    assert fresh(dossier).answers["child_name"] == "Trần Thị Bé"
    stranger = app.test_client().post(where, headers=HERE, data={**CHILD, "home_place": "Xã Hòa Vang, Đà Nẵng"})
    assert stranger.status_code == 400 and "Xã Hòa Vang, Đà Nẵng" in stranger.text
    assert "csrf_token" not in page.split("action=")[0].split("<main")[-1]


def test_an_answer_with_one_bad_file_keeps_the_good_ones_and_the_reply(sign_in: SignInAs, owner: Any) -> None:
    dossier, client = make.dossier("waiting", by=owner), sign_in(owner)
    asked = dossier.requests[0]
    item, where = f"item_{asked.items[0].id}", f"/my/dossiers/{dossier.id}/answer"
    answer = client.post(where, content_type="multipart/form-data", data={
        "reply": "Bản rõ đã chụp lại", "request_id": str(asked.id),
        item: [pdf("một.pdf"), (BytesIO(b"khong phai anh"), "hai.png"), pdf("ba.pdf")]})
    assert answer.status_code == 422 and "hai.png" in answer.text and "một.pdf, ba.pdf" in answer.text
    assert "Bản rõ đã chụp lại" in client.get(where).text  # the reply also when one comes back to the page
    held = fields(answer.text)
    done = client.post(where, content_type="multipart/form-data", data={**held, "reply": "Bản rõ đã chụp lại"})
    assert done.status_code == 303 and fresh(dossier).typed is None
    assert {"một.pdf", "ba.pdf"} <= {one.name for one in documents.attachments_of(dossier.owner)}
    assert dossier.requests[0].reply == "Bản rõ đã chụp lại"
