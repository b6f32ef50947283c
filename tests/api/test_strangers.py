"""What a machine without a key can make the portal do: next to nothing, however small and well packed its body is."""
import gzip
import json
import time
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.api import bodies, guard
from portal.kit.web import MOST_OF_A_STRANGER
from tests import make
from tests.api.conftest import Keys, Post, a_row

LOOK_UP = "/api/national/TraCuuHoSo"
BOMBS = {
    "zeros": b"0" * 60_000_000, "lists": b"[" * 4_000_000, "numbers": b"[" + b"1," * 2_000_000 + b"1]",
    "objects": b'[' + b'{"a":1},' * 200_000 + b"{}]", "text": b'"' + b"a" * 60_000_000 + b'"',
    "many": json.dumps({"data": [{"MaHoSo": "H17-261119-0001"}] * 100_000}).encode()}


def post(client: FlaskClient, body: bytes, **headers: str) -> Any:
    return client.post(LOOK_UP, data=body, headers={"Content-Type": "application/json", **headers})


def refused(answer: Any, code: str) -> None:
    """As national messages are: status 200, and why."""
    said = answer.get_json()
    assert (said["error_code"], said["field"], said["result"]) == (code, "session", []), said


@pytest.mark.once
@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_of_a_stranger_costs_less_than_a_page(client: FlaskClient, bomb: str,
                                                     monkeypatch: pytest.MonkeyPatch) -> None:
    """4 KB of gzip cost a second of CPU: they were unpacked and parsed before anybody asked for a key."""
    parsed: list[int] = []
    monkeypatch.setattr(bodies, "_parsed", lambda text: parsed.append(len(text)))
    packed = gzip.compress(BOMBS[bomb])
    post(client, b"{}")  # what is made once
    began = time.process_time()
    answer = post(client, packed, **{"Content-Encoding": "gzip"})
    assert time.process_time() - began < 0.3
    refused(answer, "40")
    assert not any(size > MOST_OF_A_STRANGER for size in parsed)


@pytest.mark.parametrize("secret", ["wrong", "revoked"])
def test_a_key_that_opens_nothing_unpacks_nothing(client: FlaskClient, cast: Keys, secret: str,
                                                  monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "_parsed", lambda _text: pytest.fail("parsed"))
    body = json.dumps({"session": getattr(cast, secret), "data": [{"MaHoSo": "x" * 200}] * 100_000}).encode()
    refused(post(client, gzip.compress(body), **{"Content-Encoding": "gzip"}), "40")


def test_a_large_message_whose_key_stands_first_is_read_whole(push: Post, cast: Keys) -> None:
    records = [{"MaHoSo": a_row()["code"], "MaTTHC": "1.001193", "TrangThaiHoSo": "2", "NgayNopHoSo": "20261119083000",
                "NgayTiepNhan": "20261119090000", "GhiChu": "x" * 100} for _ in range(800)]
    envelope = {"session": cast.right, "service": "DongBoHoSoMC", "madonvi": "H17", "data": records}
    assert len(json.dumps(envelope)) > 2 * bodies.MOST_OF_A_STRANGER
    for packed in (False, True):
        answer = push(body=envelope, key=None, name=None, packed=packed, path="/api/national/DongBoHoSoMC")
        assert answer.get_json()["error_code"] in ("0", "1"), answer.text[:300]
        assert len(answer.get_json()["result"]) == 800


def test_a_large_message_whose_key_stands_last_is_told_what_to_do(push: Post, cast: Keys) -> None:
    envelope = {"data": [{"GhiChu": "x" * 200}] * 800, "session": cast.right}
    refused(push(body=envelope, key=None, name=None, path=LOOK_UP), "40")
    assert push(body=envelope, key=cast.right, name=None, path=LOOK_UP).get_json()["error_code"] != "40"


def test_the_key_that_opened_is_the_one_of_the_envelope(push: Post, cast: Keys) -> None:
    """A text within the data that looks like a key opens nothing for the rest of the message."""
    envelope = {"data": [{"session": cast.right, "GhiChu": "x" * 200}] * 800, "session": cast.other}
    refused(push(body=envelope, key=None, name=None, path=LOOK_UP), "20")


def test_an_agencys_system_with_a_key_is_no_stranger(app: Flask, cast: Keys, say: Post) -> None:
    """Several systems behind one address have 60 tries of strangers together, and their own 120 messages each."""
    codes = [say("TraCuuHoSo", {"MaHoSo": "H17-261119-0001"}).get_json()["error_code"]
             for _ in range(guard.STRANGERS + 20)]
    assert set(codes) == {"30"}


def test_a_strangers_form_is_read_no_further_than_a_form_is_long(app: Flask, sign_in: Any) -> None:
    stranger = app.test_client()
    for path in ("/sign-in", "/register", "/password-reset"):
        answer = stranger.post(path, data={"contact": "a" * (MOST_OF_A_STRANGER + 1)})
        assert answer.status_code == 413, path
        assert stranger.post(path, data={"contact": "a" * 1000}).status_code != 413
    assert stranger.post("/verify", data={"code": "x" * 300_000}).status_code != 413  # it takes files
    citizen = sign_in(make.citizen())
    assert citizen.post("/account", data={"name": "a" * (MOST_OF_A_STRANGER + 1)}).status_code == 422
    made_up = app.test_client()
    made_up.set_cookie("portal", "eyJfdXNlcl9pZCI6IngifQ.aaaaaa.bbbbbbbbbbbbbbbb")
    assert made_up.post("/sign-in", data={"contact": "a" * (MOST_OF_A_STRANGER + 1)}).status_code == 413
