"""Guessing passwords and codes: it is counted, and the counting locks nobody out who is right."""
import base64
import hashlib
import hmac

import pytest
import time_machine
from sqlalchemy import select

from portal.kit import secret_keys
from portal.kit.db import session
from portal.people import actions, passwords, second_factors, sessions
from portal.people.models import Registration
from tests import make, sizes
from tests.web.account.test_register import CONTACT, DETAILS, code_shown

WRONG = "không phải mật khẩu này"


@pytest.fixture(autouse=True)
def demonstration(app, monkeypatch):
    monkeypatch.setitem(app.config, "DEMONSTRATION", True)


def post(client, contact, password, address="10.0.0.1"):
    return client.post("/sign-in", data={"contact": contact, "password": password},
                       environ_overrides={"REMOTE_ADDR": address}).status_code


def test_a_stranger_who_guesses_does_not_lock_out_the_browser_that_the_owner_uses(app):
    with time_machine.travel("2026-11-20 09:00+07:00", tick=False):
        person, mine = make.citizen(), app.test_client()
        assert post(mine, person.email, make.PASSWORD) == 303
        mine.post("/sign-out")
        stranger = app.test_client()
        assert [post(stranger, person.email, WRONG, "203.0.113.5") for _ in range(11)] == [422] * 10 + [429]
        assert post(app.test_client(), person.email, make.PASSWORD, "203.0.113.6") == 429
        assert post(mine, person.email, make.PASSWORD, "203.0.113.7") == 303


def test_a_known_browser_guesses_no_more_than_a_stranger(app):
    with time_machine.travel("2026-11-20 09:00+07:00", tick=False):
        person, other, mine = make.citizen(), make.citizen(), app.test_client()
        post(mine, person.email, make.PASSWORD)
        mine.post("/sign-out")
        assert [post(mine, person.email, WRONG) for _ in range(11)] == [422] * 10 + [429]
        assert [post(mine, other.email, WRONG) for _ in range(11)] == [422] * 10 + [429], "known for one contact alone"


def test_a_cookie_of_another_portal_or_one_that_was_made_up_makes_no_browser_known(app):
    with time_machine.travel("2026-11-20 09:00+07:00", tick=False):
        person = make.citizen()
        for said in ("x", "W10.x.y", "a" * 3_000, ""):
            client = app.test_client()
            client.set_cookie("device", said, path="/sign-in")
            post(client, person.email, WRONG)
        assert [post(app.test_client(), person.email, WRONG) for _ in range(7)] == [422] * 6 + [429]


def test_the_cookie_of_a_known_browser_goes_to_the_sign_in_page_alone(app):
    """Pages that the proxy keeps for everybody must never come with it, and it names nobody."""
    answer = app.test_client().post("/sign-in", data={"contact": make.citizen().email, "password": make.PASSWORD})
    cookies = [one for one in answer.headers.getlist("Set-Cookie") if one.startswith("device=")]
    assert sorted(one.split("Path=")[1].split(";")[0] for one in cookies) == ["/en/sign-in", "/sign-in"]
    assert all("HttpOnly" in one and "SameSite=Lax" in one and "example" not in one for one in cookies)


@pytest.mark.once
def test_an_office_of_300_signs_in_behind_one_address_at_eight(app):
    """New browsers all of them, and 25 mistype the password first: 8:00 to 8:05."""
    people = sizes.times(75, 300)
    with time_machine.travel("2026-11-20 08:00+07:00", tick=False):
        for n in range(people):
            person = make.citizen()
            if n % (people // 25) == 0:
                assert post(app.test_client(), person.email, WRONG) == 422
            assert post(app.test_client(), person.email, make.PASSWORD) == 303, n


@pytest.mark.once
def test_an_office_whose_browsers_are_known_may_mistype_as_it_likes(app):
    with time_machine.travel("2026-11-19 08:00+07:00", tick=False) as at:
        office = [(make.citizen(), app.test_client()) for _ in range(35)]
        assert {post(client, person.email, make.PASSWORD) for person, client in office} == {303}
        for _person, client in office:
            client.post("/sign-out")
        at.move_to("2026-11-20 08:00+07:00")
        assert [post(client, person.email, WRONG) for person, client in office] == [422] * 35
        assert [post(client, person.email, make.PASSWORD) for person, client in office] == [303] * 35


def ask(app, contact, address="10.0.1.1", path="/register"):
    return app.test_client().post(path, data={"contact": contact}, environ_overrides={"REMOTE_ADDR": address})


def test_five_codes_a_day_for_one_contact_whoever_asks_and_for_whatever(app):
    with time_machine.travel("2026-11-20 23:50+00:00", tick=False) as at:
        paths = ["/register", "/password-reset"] * 3
        assert [ask(app, CONTACT, f"10.0.0.{n}", path).status_code for n, path in enumerate(paths)] == [303] * 5 + [429]
        at.shift(1200)  # another day of the calendar, and of UTC
        refused = ask(app, CONTACT)
        assert refused.status_code == 429 and 3600 < int(refused.headers["Retry-After"]) <= 24 * 3600
        at.shift(23 * 3600)
        assert ask(app, CONTACT).status_code == 429
        at.shift(3600)
        assert [ask(app, CONTACT).status_code for _ in range(6)] == [303] * 5 + [429]


def test_thirty_codes_an_hour_from_one_address_and_those_that_were_proven_do_not_count(app, client):
    with time_machine.travel("2026-11-20 09:00+07:00", tick=False):
        for n in range(3):
            client.post("/register", data={"contact": f"b{n}@demo.example"},
                        environ_overrides={"REMOTE_ADDR": "10.0.1.1"})
            assert client.post("/register/code", data={"code": code_shown(app, client)},
                               environ_overrides={"REMOTE_ADDR": "10.0.1.1"}).status_code == 303
        assert [ask(app, f"a{n}@example.vn").status_code for n in range(31)] == [303] * 30 + [429]
        assert ask(app, "a99@example.vn", "2001:db8:1:2::1").status_code == 303


def test_a_household_of_ipv6_is_counted_as_one(app):
    with time_machine.travel("2026-11-20 09:00+07:00", tick=False):
        answers = [ask(app, f"a{n}@example.vn", f"2001:db8:1:2::{n + 1:x}").status_code for n in range(31)]
        assert answers == [303] * 30 + [429]
        assert ask(app, "a99@example.vn", "2001:db8:1:3::1").status_code == 303
        assert ask(app, "a98@example.vn", "::ffff:10.0.0.9").status_code == 303


def test_the_browser_keeps_no_token_that_who_knows_the_cookies_key_can_read(app, client):
    """The cookie is signed: everybody reads it. What it holds opens nothing, and the code is not made with its key."""
    client.post("/password-reset", data={"contact": CONTACT})
    with client.session_transaction() as cookie:
        held = cookie["reset"]
    row = session.scalars(select(Registration)).one()
    read = base64.urlsafe_b64decode(held)
    assert b"reset." not in read
    assert held not in (row.token_digest, row.code_digest)
    code = actions.code_of(row)
    for use in ("cookies", "forms", "tokens"):
        key = secret_keys.key(use)
        guess = hmac.new(key, f"code|{row.token_digest}".encode(), hashlib.sha256).hexdigest()
        assert f"{int(guess, 16) % 1_000_000:06}" != code


def test_six_digits_alone_set_no_password_of_the_staff(app, client):
    person = make.officer(email="canbo@demo.example")
    secret = make.app_of(person)
    client.post("/password-reset", data={"contact": person.email})
    client.post("/password-reset/code", data={"code": code_shown(app, client)})
    assert "proof_code" in client.get("/password-reset/new").text
    for typed in ({}, {"proof_code": "000000"}, {"proof_passkey": "{}"}):
        answer = client.post("/password-reset/new", data=DETAILS | typed)
        assert answer.status_code == 422
        assert client.post("/sign-in", data={"contact": person.email,
                                             "password": DETAILS["password"]}).status_code == 422
    done = client.post("/password-reset/new", data=DETAILS | {"proof_code": make.code_of(secret)})
    assert (done.status_code, done.location) == (303, "/sign-in")
    assert client.post("/sign-in", data={"contact": person.email,
                                         "password": DETAILS["password"]}).status_code == 303


def test_who_of_the_staff_has_no_second_factor_is_sent_to_the_administrators(app, client):
    person = make.officer(email="moi@demo.example")
    second_factors.forget_all(person)
    session.commit()
    client.post("/password-reset", data={"contact": person.email})
    client.post("/password-reset/code", data={"code": code_shown(app, client)})
    for answer in (client.get("/password-reset/new"), client.post("/password-reset/new", data=DETAILS)):
        assert answer.location in ("/sign-in", "/password-reset")
    session.expire_all()
    assert passwords.fits(person.password_hash, make.PASSWORD)
    row = session.scalars(select(Registration)).one()
    with pytest.raises(actions.FactorNeeded):  # the rule is the room's, whatever page asks
        row.used_at, token = None, "reset.x"
        row.token_digest = sessions.digest(token)
        actions.finish_reset(token, passwords.hash(DETAILS["password"]))
