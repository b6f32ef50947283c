"""Signing in: threats T23 to T25."""
import re

import pytest
import time_machine
from flask import url_for

from portal.people import passwords
from tests import make


def post(client, contact, password, address="127.0.0.1", path="/sign-in"):
    return client.post(path, data={"contact": contact, "password": password},
                       environ_overrides={"REMOTE_ADDR": address})


@pytest.mark.parametrize(("maker", "home"), [
    (make.citizen, "citizen.dossiers"), (make.officer, "officer.queue"),
    (make.administrator, "admin.people"), (lambda: make.staff("clerk", "H17"), "government.incoming"),
    (lambda: make.staff("overseer"), "government.directives"), (lambda: make.staff("leader", "H17"), "officer.queue"),
    (lambda: make.staff("drafter", "H17"), "government.agency_tasks")])
def test_each_role_comes_to_its_own_work(app, client, maker, home):
    with app.test_request_context():
        expected = url_for(home)
    person = maker()
    secret = make.app_of(person) if person.staff else ""
    answer = post(client, person.email, make.PASSWORD)
    if secret:
        answer = client.post(answer.location, data={"proof_code": make.code_of(secret)})
    assert (answer.status_code, answer.location) == (303, expected)


def test_the_page_asked_for_comes_after(app, client):
    answer = post(client, make.citizen().email, make.PASSWORD, path="/sign-in?next=/account")
    assert answer.location == "/account"


def test_the_page_asked_for_stays_in_the_readers_language(app, client):
    person = make.citizen()
    answer = post(client, person.email, make.PASSWORD, path="/en/sign-in?next=/account")
    assert answer.location == "/en/account"


@pytest.mark.parametrize("target", ["https://evil.test/", "//evil.test", "/\\evil.test",
    "javascript:alert(1)"])
def test_t47_no_way_out_of_the_portal(app, client, target):
    answer = client.post("/sign-in", query_string={"next": target},
                         data={"contact": make.citizen().email, "password": make.PASSWORD})
    assert answer.status_code == 303
    assert "evil" not in answer.location
    assert answer.location.startswith("/")


def test_a_wrong_sign_in_keeps_what_was_typed_but_not_the_password(app, client):
    answer = post(client, "ai.do@example.vn", "không phải mật khẩu này")
    assert answer.status_code == 422
    assert 'value="ai.do@example.vn"' in answer.text
    assert "không phải mật khẩu này" not in answer.text
    assert "data-problems" in answer.text


def test_t25_an_unknown_contact_and_a_wrong_password_give_the_same_page(app, client):
    pages = []
    for contact in (make.citizen().email, "nobody@example.vn", make.citizen(active=False).email):
        answer = post(app.test_client(), contact, "không phải mật khẩu này")
        body = answer.text.replace(contact, "CONTACT")
        pages.append((answer.status_code, re.sub(r'nonce="[^"]+"', "", body)))
    assert pages[0] == pages[1] == pages[2]


def test_t25_the_same_work_is_done_for_a_contact_that_nobody_has(app, monkeypatch):
    """What takes time is the hash: one is computed, with the same parameters, whoever is asked for."""
    known, closed = make.citizen().email, make.citizen(active=False).email
    hasher = type(passwords._hasher())
    computed: list[str] = []
    verify = hasher.verify
    monkeypatch.setattr(hasher, "verify", lambda self, hash, password: (
        computed.append(hash.rsplit("$", 2)[0]), verify(self, hash, password))[1])
    for contact in (known, closed, "nobody@example.vn"):
        computed.clear()
        post(app.test_client(), contact, "không phải mật khẩu này")
        assert computed == ["$argon2id$v=19$m=8,t=1,p=1"], contact


def test_t24_ten_tries_for_one_contact_whatever_the_address(app):
    with time_machine.travel("2026-11-20 09:00+07:00", tick=False) as at:
        person = make.citizen()
        for n in range(10):
            assert post(app.test_client(), person.email, "sai", f"10.0.0.{n}").status_code == 422
        refused = post(app.test_client(), person.email, make.PASSWORD, "10.0.1.1")
        assert refused.status_code == 429
        assert int(refused.headers["Retry-After"]) <= 300
        other = make.citizen()
        assert post(app.test_client(), other.email, make.PASSWORD, "10.0.1.1").status_code == 303
        at.shift(300)
        assert post(app.test_client(), person.email, make.PASSWORD, "10.0.1.1").status_code == 303


def test_t24_thirty_tries_from_one_address_whatever_the_contact(app):
    with time_machine.travel("2026-11-20 09:00+07:00", tick=False):
        for n in range(30):
            assert post(app.test_client(), f"a{n}@example.vn", "sai").status_code == 422
        person = make.citizen()
        assert post(app.test_client(), person.email, make.PASSWORD).status_code == 429
        assert post(app.test_client(), person.email, make.PASSWORD, "10.0.0.9").status_code == 303


def test_a_first_password_must_be_changed_before_anything_else(app, sign_in):
    client = sign_in(make.officer(must_change_password=True))
    assert client.get("/account").location == "/account/password"
    changed = client.post("/account/password", data={
        "old": make.PASSWORD, "password": "một mật khẩu hoàn toàn khác",
        "again": "một mật khẩu hoàn toàn khác"})
    assert changed.status_code == 303
    assert client.get("/account").status_code == 200


def test_asvs_v6_2_7_managers_and_paste_work(app, client):
    page = client.get("/sign-in").text
    assert 'autocomplete="username"' in page
    assert 'autocomplete="current-password"' in page
    assert "onpaste" not in page


def test_the_answer_is_not_stored_and_the_cookie_is_kept_from_scripts(app, client):
    answer = post(client, make.citizen().email, make.PASSWORD)
    assert answer.headers["Cache-Control"] == "no-store"
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_signing_out_is_not_done_by_a_link(app, sign_in):
    client = sign_in(make.citizen())
    assert client.get("/sign-out").status_code == 405
    assert client.get("/account").status_code == 200
