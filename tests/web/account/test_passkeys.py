"""Passkeys: registered and shown by an authenticator in software. What fits, once, for this portal and this session."""
import json
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import Any

import cbor2
import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.people import passkeys, second_factors
from portal.people.models import Person
from tests import make
from tests.authenticator import Authenticator, text

SignInAs = Callable[[Any], FlaskClient]
once = pytest.mark.once


def typed(app: Flask, person: Person) -> FlaskClient:
    """A browser in which the password was typed."""
    client = app.test_client()
    assert client.post("/sign-in", data={"contact": person.email, "password": make.PASSWORD}).status_code == 303
    return client


def register(client: FlaskClient, key: Authenticator) -> Any:
    options = client.post("/account/security/passkey/options").json
    return client.post("/account/security/passkey", data={"made": key.make(options)})


@pytest.fixture
def owner(app: Flask) -> tuple[Person, Authenticator]:
    """One of the staff who set a passkey up at the first sign-in."""
    person, key = make.officer(), Authenticator()
    done = register(typed(app, person), key)
    assert done.status_code == 200 and done.text.count('class="code"') == 10
    return person, key


def show(client: FlaskClient, answer: str) -> Any:
    return client.post("/sign-in/code", data={"proof_passkey": answer})


def test_a_passkey_is_the_second_step(app: Flask, owner: tuple[Person, Authenticator]) -> None:
    person, key = owner
    for _ in range(2):
        client = typed(app, person)
        assert "data-passkey=" in client.get("/sign-in/code").text
        options = client.post("/sign-in/passkey").json
        assert show(client, key.show(options)).location == "/officer/queue"
        assert client.get("/officer/queue").status_code == 200


@once
def test_one_that_does_not_count_its_signatures_works_too(app: Flask) -> None:
    person, key = make.officer(), Authenticator(counts=False)
    register(typed(app, person), key)
    for _ in range(2):
        client = typed(app, person)
        assert show(client, key.show(client.post("/sign-in/passkey").json)).status_code == 303


@once
def test_what_was_shown_opens_nothing_a_second_time(app: Flask, owner: tuple[Person, Authenticator]) -> None:
    person, key = owner
    client, other = typed(app, person), typed(app, person)
    answer = key.show(client.post("/sign-in/passkey").json)
    other.post("/sign-in/passkey")
    assert show(other, answer).status_code == 422, "the challenge of another session"
    assert show(client, answer).status_code == 303
    again = typed(app, person)
    again.post("/sign-in/passkey")
    assert show(again, answer).status_code == 422


@once
def test_a_wrong_answer_takes_the_challenge_with_it(app: Flask, owner: tuple[Person, Authenticator]) -> None:
    person, key = owner
    client = typed(app, person)
    options = client.post("/sign-in/passkey").json
    assert show(client, "{}").status_code == 422
    assert show(client, key.show(options)).status_code == 422


@once
@pytest.mark.parametrize("change", ["origin", "host", "key", "copy", "nonsense"])
def test_what_is_not_the_owners_for_this_portal_opens_nothing(
        app: Flask, owner: tuple[Person, Authenticator], change: str) -> None:
    person, key = owner
    client = typed(app, person)
    options = client.post("/sign-in/passkey").json
    if change == "origin":
        key.origin = "http://localhost.evil.example"  # a page that looks like ours
    elif change == "host":
        options = options | {"rpId": "evil.example"}
    elif change == "key":
        other = Authenticator()
        other.credential, key = key.credential, other
    elif change == "copy":
        key.count = -1  # the count of a copy lags behind
    answer = "[1" if change == "nonsense" else key.show(options)
    assert show(client, answer).status_code == 422
    assert client.get("/officer/queue").status_code == 303


@once
def test_somebody_elses_passkey_opens_nothing(app: Flask, owner: tuple[Person, Authenticator]) -> None:
    _person, key = owner
    victim, own = make.officer(), Authenticator()
    register(typed(app, victim), own)
    client = typed(app, victim)
    assert show(client, key.show(client.post("/sign-in/passkey").json)).status_code == 422


@once
def test_half_a_session_adds_none_beside_the_one_there_is(app: Flask, owner: tuple[Person, Authenticator]) -> None:
    """Who knows only the password cannot bring a passkey of their own."""
    client = typed(app, owner[0])
    assert client.post("/account/security/passkey/options").status_code == 403
    assert client.post("/account/security/passkey", data={"made": "{}"}).status_code == 403
    citizen = make.citizen()
    make.app_of(citizen)
    assert typed(app, citizen).post("/account/security/passkey/options").status_code == 403


@once
def test_a_passkey_is_added_by_who_has_just_proved_it_and_once(
        app: Flask, sign_in: SignInAs, monkeypatch: pytest.MonkeyPatch) -> None:
    person, key = make.citizen(), Authenticator()
    client = sign_in(person)
    assert register(client, key).status_code == 200
    assert register(client, key).status_code == 303 and len(second_factors.of(person)) == 1
    monkeypatch.setitem(app.config, "STEP_UP", timedelta(0))
    assert client.post("/account/security/passkey/options").status_code == 403
    asked = client.post("/account/security/codes")
    assert asked.status_code == 403 and "data-passkey=" in asked.text
    shown = key.show(client.post("/sign-in/passkey").json)
    assert client.post("/account/security/codes", data={"proof_passkey": shown}).status_code == 200


@once
def test_a_host_that_is_a_number_offers_none(app: Flask, sign_in: SignInAs) -> None:
    client = sign_in(make.citizen())
    assert "/account/security/passkey" in client.get("/account/security").text
    assert "/account/security/passkey" not in client.get("/account/security", base_url="http://127.0.0.1").text


def _made(attested: bytes) -> str:
    """An answer to the question for a new passkey, of which the authenticator's part is forged."""
    client = json.dumps({"type": "webauthn.create", "challenge": text(b"c" * 64), "origin": "http://localhost"})
    told = sha256(b"localhost").digest() + b"\x41\0\0\0\1" + bytes(16) + b"\0\x03abc" + attested
    made = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": told})
    return json.dumps({"id": text(b"abc"), "rawId": text(b"abc"), "type": "public-key", "response": {
        "clientDataJSON": text(client.encode()), "attestationObject": text(made)}})


@pytest.mark.parametrize("answer", ["[" * 15_000, '{"a":' * 3_000, "null", _made(b"\x80"), _made(b"\x81" * 5_000)],
                         ids=["deep", "deep objects", "nothing", "an empty list as key", "a deep key"])
def test_a_forged_answer_is_refused_and_never_an_error(app: Flask, answer: str) -> None:
    """Attack: what the library's readers stumble over was an answer of 500."""
    person, site = make.officer(), passkeys.Site("localhost", "http://localhost")
    assert passkeys.read_made(b"c" * 64, answer, site) is None
    assert passkeys.look_up(person, b"c" * 64, answer, site) is None
    make.app_of(person)
    assert show(typed(app, person), answer).status_code == 422
