"""Proving again who one is, before what matters most; what was typed goes on by itself. OWASP ASVS 5.0, 7.5."""
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage

from portal.files import queries as documents
from portal.kit import files, waiting
from portal.kit.db import session
from portal.people import queries
from tests import make

SignInAs = Callable[[Any], FlaskClient]
pytestmark = pytest.mark.once  # what the database must keep to is proven in tests/people
NEW = {"name": "Lê Văn Ẩn", "contact": "an.le@example.vn", "role": "clerk", "agency": "H17"}



@pytest.fixture(autouse=True)
def nothing_laid_aside(app: Flask) -> None:
    """What other tests left under the files folder is not of these."""
    for path in Path(app.config["FILES_FOLDER"]).rglob(".part-*"):
        path.unlink()


@pytest.fixture(autouse=True)
def morning(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setitem(app.config, "STEP_UP", timedelta(minutes=10))
    with time_machine.travel("2026-11-20 09:00+07:00", tick=False) as at:
        yield at


def kept(page: str) -> dict[str, str]:
    """The hidden fields of the page, as a browser sends them."""
    return {name: unescape(value) for name, value in re.findall(
        r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page) if name != "csrf_token"}


def test_asvs_v7_5_3_a_decision_needs_a_fresh_proof_and_keeps_what_was_typed(
        sign_in: SignInAs, morning: Any) -> None:
    officer = make.officer()
    secret = make.app_of(officer)
    dossier = make.dossier("processing", officer=officer)
    client, url = sign_in(officer), f"/officer/dossiers/{dossier.id}/decide"
    assert client.get(url).status_code == 200
    morning.shift(timedelta(minutes=11))
    assert client.get(url).location == f"/account/confirm?next={url}"
    typed = {"outcome": "denied", "note": "Dòng một\n“Dòng hai” & <b>ba</b>"}
    morning.shift(timedelta(minutes=5))
    asked = client.post(url, data=typed)
    assert asked.status_code == 403
    assert kept(asked.text) == typed
    wrong = client.post(url, data=kept(asked.text) | {"proof_code": "000000"})
    assert wrong.status_code == 403 and kept(wrong.text) == typed
    session.expire_all()
    assert dossier.state == "processing"
    done = client.post(url, data=kept(wrong.text) | {"proof_code": make.code_of(secret)})
    assert done.status_code == 303
    session.expire_all()
    assert (dossier.state, dossier.outcome) == ("decided", "denied")
    assert "“Dòng hai” & <b>ba</b>" in str(dossier.events[-1].note)


def test_a_file_that_came_with_it_goes_on_too_once_and_for_this_session(
        app: Flask, sign_in: SignInAs, morning: Any) -> None:
    officer = make.officer()
    secret, folder = make.app_of(officer), files.root()
    one, two = (make.dossier("processing", officer=officer) for _ in range(2))
    client, elsewhere = sign_in(officer), sign_in(officer)
    morning.shift(timedelta(minutes=16))
    url = f"/officer/dossiers/{one.id}/decide"
    asked = client.post(url, data={"outcome": "granted", "result": (BytesIO(make.PDF), "kết quả.pdf")})
    typed = kept(asked.text)
    assert asked.status_code == 403 and "kết quả.pdf" not in asked.text and len(list(folder.rglob(".part-*"))) == 1
    wrong = client.post(url, data=typed | {"proof_code": "000000"})
    assert kept(wrong.text) == typed
    elsewhere.post("/account/confirm", data={"proof_code": make.code_of(secret)})
    stolen = elsewhere.post(f"/officer/dossiers/{two.id}/decide", data=typed)
    assert stolen.status_code == 303 and stolen.location.endswith("/decide"), "the ticket of another session"
    assert client.post(url, data=typed | {"proof_code": make.code_of(secret, 1)}).status_code == 303
    session.expire_all()
    assert (one.state, two.state) == ("decided", "processing")
    assert [each.name for each in documents.attachments_of(one.owner) if each.key == "result"] == ["kết quả.pdf"]
    assert list(folder.rglob(".part-*")) == []
    assert client.post(f"/officer/dossiers/{two.id}/decide", data=typed).location.endswith("/decide"), "once"


def test_what_was_opened_in_time_may_be_sent_a_little_later(sign_in: SignInAs, morning: Any) -> None:
    officer = make.officer()
    make.app_of(officer)
    dossier = make.dossier("processing", officer=officer)
    client = sign_in(officer)
    morning.shift(timedelta(minutes=14))
    assert client.post(f"/officer/dossiers/{dossier.id}/decide", data={"outcome": "granted"}).status_code == 303


def test_after_the_proof_the_page_asked_for_comes(sign_in: SignInAs, morning: Any) -> None:
    administrator = make.administrator()
    secret = make.app_of(administrator)
    client = sign_in(administrator)
    morning.shift(timedelta(minutes=16))
    to = client.get("/admin/people/new").location
    assert to == "/account/confirm?next=/admin/people/new"
    assert client.get(to).status_code == 200
    assert client.post(to, data={"proof_code": "1"}).status_code == 422
    assert client.post(to, data={}).status_code == 422
    assert client.post(to, data={"proof_code": make.code_of(secret)}).location == "/admin/people/new"
    assert client.get("/admin/people/new").status_code == 200


def test_people_roles_and_accounts_need_a_fresh_proof(sign_in: SignInAs, morning: Any) -> None:
    administrator, officer = make.administrator(), make.officer()
    secret, role = make.app_of(administrator), officer.roles[0].id
    client = sign_in(administrator)
    morning.shift(timedelta(minutes=16))
    one = f"/admin/people/{officer.id}"
    for url, data in (("/admin/people/new", NEW), (one, {"role": "clerk", "agency": "H17"}),
                      (f"{one}/roles/{role}/end", {}), (f"{one}/deactivate", {}), (f"{one}/activate", {})):
        asked = client.post(url, data=data)
        assert asked.status_code == 403 and kept(asked.text) == data, url
    assert client.get(one).status_code == 200, "reading needs none"
    session.expire_all()
    assert officer.active and len(officer.roles) == 1 and queries.person_by_contact(NEW["contact"]) is None
    assert client.post("/admin/people/new", data=NEW | {"proof_code": make.code_of(secret)}).status_code == 200
    assert queries.person_by_contact(NEW["contact"])


def test_another_session_of_the_same_person_stays_as_it_is(sign_in: SignInAs, morning: Any) -> None:
    administrator = make.administrator()
    secret = make.app_of(administrator)
    here, elsewhere = sign_in(administrator), sign_in(administrator)
    morning.shift(timedelta(minutes=16))
    here.post("/account/confirm", data={"proof_code": make.code_of(secret)})
    assert here.get("/admin/people/new").status_code == 200
    assert elsewhere.get("/admin/people/new").status_code == 303


def test_a_citizen_without_a_second_factor_types_the_password(sign_in: SignInAs, morning: Any) -> None:
    client = sign_in(make.citizen())
    assert client.get("/account/security/app").status_code == 200
    morning.shift(timedelta(minutes=16))
    to = client.get("/account/security/app").location
    assert to == "/account/confirm?next=/account/security/app"
    assert client.post(to, data={"proof_password": "không phải"}).status_code == 422
    assert client.post(to, data={"proof_password": make.PASSWORD}).location == "/account/security/app"
    assert client.get("/account/security/app").status_code == 200


def test_files_that_no_form_of_theirs_takes_are_not_laid_aside_for_citizens(sign_in: SignInAs, morning: Any) -> None:
    """Attack: fill the disk by sending large files to the question itself."""
    client, folder = sign_in(make.citizen()), files.root()
    morning.shift(timedelta(minutes=16))
    for url in ("/account/confirm", "/account/contact", "/account/security/app"):
        assert client.post(url, data={"x": (BytesIO(make.PDF), "a.pdf")}).status_code in (403, 422), url
    sign_in(make.officer()).post("/account/confirm", data={"x": (BytesIO(make.PDF), "a.pdf")})
    assert list(folder.rglob(".part-*")) == []


def test_files_are_not_laid_aside_where_the_disk_has_no_room(app: Flask, sign_in: SignInAs, morning: Any,
                                                             monkeypatch: pytest.MonkeyPatch) -> None:
    officer = make.officer()
    make.app_of(officer)
    dossier, client, folder = make.dossier("processing", officer=officer), sign_in(officer), files.root()
    morning.shift(timedelta(minutes=16))
    monkeypatch.setitem(app.config, "DISK_FREE_BYTES", 2**62)
    asked = client.post(f"/officer/dossiers/{dossier.id}/decide", data={
        "outcome": "granted", "result": (BytesIO(make.PDF), "kết quả.pdf")})
    assert asked.status_code == 403 and "kết quả.pdf" in asked.text, "it is said which file is lost"
    assert list(folder.rglob(".part-*")) == []


def test_what_one_owner_lays_aside_on_a_day_has_a_limit(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Attack: fill the disk with the files of answers that are wrong, again and again."""
    monkeypatch.setitem(app.config, "UPLOAD_BYTES_A_DAY", 2 * len(make.PDF))
    with app.test_request_context():
        tickets = [waiting.keep([("x", FileStorage(BytesIO(make.PDF), "a.pdf"))], "person 7") for _ in range(4)]
        assert [bool(ticket) for ticket in tickets] == [True, True, False, False]
        assert waiting.keep([("x", FileStorage(BytesIO(make.PDF), "a.pdf"))], "person 8")
    assert len(list(files.root().rglob(".part-*"))) == 3
