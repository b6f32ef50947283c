"""One's own sessions, contact and account: seen, ended, changed with proof, closed."""
import re
from collections.abc import Callable
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal import worker
from portal.kit.db import session
from portal.notices.models import Message
from portal.people import actions, queries
from portal.people.models import Person
from portal.people.security_log import SecurityEvent
from tests import make

SignInAs = Callable[[Any], FlaskClient]
NEW = "moi@dan.vn"
PHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36"


def letters_to(app: Flask, address: str) -> list[Message]:
    worker.run_all(app)
    session.expire_all()
    return list(session.scalars(select(Message).where(Message.address == address).order_by(Message.id)))


def code_in(letter: Message) -> str:
    found = re.search(r"\b(\d{3}) ?(\d{3})\b", letter.body)
    assert found, letter.body
    return found[1] + found[2]


def test_each_session_is_shown_with_its_network_and_device_and_is_ended(app: Flask, sign_in: SignInAs) -> None:
    person = make.citizen()
    there = app.test_client()
    there.post("/sign-in", data={"contact": person.email, "password": make.PASSWORD}, headers={"User-Agent": PHONE},
               environ_overrides={"REMOTE_ADDR": "203.0.113.77"})
    here = sign_in(person)
    page = here.get("/account").text
    assert "Chrome, Android" in page and "203.0.113.0/24" in page and "203.0.113.77" not in page
    [end] = re.findall(r'action="(/account/sessions/\d+/end)"', page)
    stranger = sign_in(make.citizen())
    assert stranger.post(end).status_code == 404 and there.get("/account").status_code == 200
    assert here.post(end).status_code == 303
    assert there.get("/account").status_code == 303 and here.get("/account").status_code == 200
    assert here.post(end).status_code == 404


def test_a_contact_is_changed_with_the_code_sent_to_the_new_one_and_the_old_one_is_told(
        app: Flask, sign_in: SignInAs) -> None:
    person = make.citizen(email="cu@dan.vn", phone="+84912345678")
    client, elsewhere = sign_in(person), sign_in(person)
    assert client.post("/account/contact", data={"contact": NEW}).status_code == 422, "no letter would arrive"
    app.config["SMTP_URL"] = "smtp://mail.invalid"
    try:
        assert client.post("/account/contact", data={"contact": "cu@dan.vn"}).status_code == 422
        assert client.post("/account/contact", data={"contact": NEW}).location == "/account/contact/code"
    finally:
        app.config["SMTP_URL"] = None
    [letter] = letters_to(app, NEW)
    code = code_in(letter)
    assert code not in letter.subject
    assert client.post("/account/contact/code", data={"code": f"{(int(code) + 1) % 10**6:06}"}).status_code == 422
    assert session.scalars(select(SecurityEvent).where(SecurityEvent.name == "code.refused")).one()
    assert queries.person_by_contact(NEW) is None
    assert client.post("/account/contact/code", data={"code": code}).location == "/account"
    session.expire_all()
    assert (person.email, person.phone) == (NEW, "+84912345678")
    assert client.get("/account").status_code == 200 and elsewhere.get("/account").status_code == 303
    assert [letter.subject for letter in letters_to(app, "cu@dan.vn")] == [
        "Địa chỉ này không còn là địa chỉ của tài khoản"]
    assert client.post("/account/contact/code", data={"code": code}).location == "/account/contact", "used"


def test_somebody_elses_contact_gets_the_same_answer_and_its_owner_a_letter(
        app: Flask, sign_in: SignInAs, monkeypatch: Any) -> None:
    monkeypatch.setitem(app.config, "SMTP_URL", "smtp://mail.invalid")
    owner, client = make.citizen(email=NEW), sign_in(make.citizen())
    free, taken = (client.post("/account/contact", data={"contact": one}) for one in ("tu.do@dan.vn", NEW))
    assert (free.status_code, free.location) == (taken.status_code, taken.location)
    page = client.get("/account/contact/code")
    assert page.status_code == 200 and NEW in page.text
    monkeypatch.setitem(app.config, "SMTP_URL", None)
    [letter] = letters_to(app, NEW)
    assert letter.subject == "Có người muốn dùng địa chỉ liên hệ này"
    assert not re.search(r"\d{6}|\d{3} \d{3}", letter.body)
    session.expire_all()
    assert owner.email == NEW


def test_two_that_proved_one_contact_do_not_both_get_it(app: Flask) -> None:
    one, other = make.citizen(), make.citizen()
    with app.test_request_context():
        tokens = [actions.begin_contact_change(NEW) for _ in range(2)]
        for token in tokens:
            row = queries.registration(actions.sessions.digest(token))
            assert row and actions.prove(token, actions.code_of(row)) == "right"
        actions.change_contact(one, tokens[0])
        try:
            actions.change_contact(other, tokens[1])
        except actions.NotProven:
            pass
        else:
            raise AssertionError("both have it")
    assert one.email == NEW and other.email != NEW


def close(client: FlaskClient) -> Any:
    return client.post("/account/close", data={"sure": "1"})


def test_an_account_with_open_dossiers_stays(sign_in: SignInAs) -> None:
    dossier = make.dossier("received")
    client = sign_in(dossier.applicant)
    page = client.get("/account/close").text
    assert dossier.code in page and 'name="sure"' not in page
    assert close(client).status_code == 422
    session.expire_all()
    assert dossier.applicant.active


def test_a_citizen_closes_the_account_and_the_contact_is_free(app: Flask, sign_in: SignInAs) -> None:
    person = make.citizen(email="nguoi@dan.vn", phone="+84912345678")
    done, draft = make.dossier("returned", by=person), make.draft(by=person)
    make.app_of(person)
    draft_id, client = draft.id, app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = make.sign_in(person), True
    assert client.post("/account/close", data={}).status_code == 422
    assert close(client).location == "/"
    session.expire_all()
    assert not person.active and person.phone is None and person.name
    assert make.dossiers.get(draft_id) is None and make.dossiers.get(done.id)
    assert client.get("/account").status_code == 303
    assert actions.known("nguoi@dan.vn", make.PASSWORD) is None
    assert [letter.subject for letter in letters_to(app, "nguoi@dan.vn")] == ["Tài khoản đã đóng"]
    again = make.citizen(email="nguoi@dan.vn")
    assert actions.check("nguoi@dan.vn", make.PASSWORD) is again


def test_the_staff_do_not_close_their_own_accounts(sign_in: SignInAs) -> None:
    person: Person = make.officer()
    client = sign_in(person)
    assert client.get("/account/close").status_code == 403 and close(client).status_code == 403
    assert "/account/close" not in client.get("/account").text
