"""The second step of signing in: everybody who works here shows a second factor. OWASP ASVS 5.0, 6.3.3."""
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal import worker
from portal.kit import clock
from portal.kit.db import session
from portal.notices.models import Message
from portal.people import second_factors, security_log
from portal.people.models import Person, SignIn
from portal.people.security_log import SecurityEvent
from tests import make

SignInAs = Callable[[Any], FlaskClient]
pytestmark = pytest.mark.once  # what the database must keep to is proven in tests/people
DESK = "/officer/queue"


@pytest.fixture(autouse=True)
def morning() -> Iterator[Any]:
    with time_machine.travel("2026-11-20 09:00+07:00", tick=False) as at:
        yield at


def password_typed(app: Flask, person: Person, **more: Any) -> FlaskClient:
    client = app.test_client()
    answer = client.post("/sign-in", data={"contact": person.email, "password": make.PASSWORD}, **more)
    assert answer.status_code == 303 and answer.location.startswith("/sign-in/code")
    return client


def answer(client: FlaskClient, code: str) -> Any:
    return client.post("/sign-in/code", data={"proof_code": code})


@pytest.mark.parametrize("maker", [make.officer, make.administrator, make.citizen])
def test_asvs_v6_3_3_the_password_alone_opens_no_page(app: Flask, maker: Callable[[], Person]) -> None:
    person = maker()
    secret = make.app_of(person)
    client = password_typed(app, person)
    for url in (DESK, "/account", "/admin/people", "/my/dossiers", "/account/security", "/account/security/app"):
        assert client.get(url).location.startswith("/sign-in?"), url
    assert "/account" not in re.findall(r'href="(/account)"', client.get("/").text)
    assert answer(client, "000000").status_code == 422
    assert client.get("/account").status_code == 303
    assert answer(client, make.code_of(secret)).status_code == 303
    assert client.get("/account").status_code == 200


def test_who_works_here_and_has_none_sets_one_up_before_anything_else(app: Flask) -> None:
    person = make.officer()
    client = password_typed(app, person)
    assert client.get("/sign-in/code").location == "/sign-in/set-up"
    page = client.get("/sign-in/set-up").text
    assert client.get(DESK).location.startswith("/sign-in")
    sealed = re.findall(r'name="secret"[^>]*value="([^"]+)"', page)[0]
    secret = re.findall(r"<span class=\"code broken\">([A-Z2-7 ]+)</span>", page)[0].replace(" ", "")
    assert "<svg" in page and secret not in sealed
    wrong = client.post("/sign-in/set-up", data={"code": "000000", "secret": sealed})
    assert wrong.status_code == 422 and secret in wrong.text.replace(" ", ""), "the picture stays the same"
    done = client.post("/sign-in/set-up", data={"code": make.code_of(secret), "secret": sealed})
    codes = re.findall(r"\b(?:[a-z2-9]{4}-){3}[a-z2-9]{4}\b", done.text)
    assert done.status_code == 200 and len(codes) == 10 and done.headers["Cache-Control"] == "no-store"
    assert client.get(DESK).status_code == 200
    assert answer(password_typed(app, person), make.code_of(secret)).status_code == 422, "that code was used"
    assert answer(password_typed(app, person), codes[3]).status_code == 303
    assert answer(password_typed(app, person), codes[3]).status_code == 422


def test_the_secret_in_the_page_is_this_sessions_alone(app: Flask) -> None:
    thief, victim = password_typed(app, make.officer()), password_typed(app, make.officer())
    page = thief.get("/sign-in/set-up").text
    sealed = re.findall(r'name="secret"[^>]*value="([^"]+)"', page)[0]
    secret = re.findall(r"<span class=\"code broken\">([A-Z2-7 ]+)</span>", page)[0].replace(" ", "")
    planted = victim.post("/sign-in/set-up", data={"code": make.code_of(secret), "secret": sealed})
    assert planted.status_code == 422 and victim.get(DESK).status_code == 303


def test_of_two_who_know_the_first_password_one_sets_the_second_factor_up(app: Flask) -> None:
    person = make.officer()
    owner, thief = password_typed(app, person), password_typed(app, person)
    pages = [client.get("/sign-in/set-up").text for client in (owner, thief)]
    forms = [{"secret": re.findall(r'name="secret"[^>]*value="([^"]+)"', page)[0], "code": make.code_of(re.findall(
        r"<span class=\"code broken\">([A-Z2-7 ]+)</span>", page)[0].replace(" ", ""))} for page in pages]
    assert owner.post("/sign-in/set-up", data=forms[0]).status_code == 200
    assert thief.post("/sign-in/set-up", data=forms[1]).status_code == 303
    assert thief.get(DESK).status_code == 303 and thief.get("/sign-in/code").location == "/sign-in"
    assert len(second_factors.of(person)) == 1
    with pytest.raises(second_factors.NotFirst):
        second_factors.hold_first(person)


def test_a_half_session_waits_ten_minutes_and_is_used_once(app: Flask, morning: Any) -> None:
    person = make.officer()
    secret = make.app_of(person)
    client = password_typed(app, person)
    half = client.get_cookie("portal")
    assert half
    assert answer(client, make.code_of(secret)).status_code == 303
    replayed = app.test_client()
    replayed.set_cookie("portal", half.value)
    assert replayed.get("/sign-in/code").location == "/sign-in"
    late = password_typed(app, person)
    morning.shift(timedelta(minutes=10))
    assert answer(late, make.code_of(secret)).location == "/sign-in"


def test_half_a_session_is_none_under_the_other_name(app: Flask) -> None:
    """The token of half a session, put where that of a whole one stands."""
    person = make.officer()
    make.app_of(person)
    client = password_typed(app, person)
    with client.session_transaction() as cookie:
        cookie["_user_id"] = cookie["half"]
    assert client.get(DESK).status_code == 303 and client.get("/account").status_code == 303


def test_a_session_of_the_staff_from_before_second_factors_opens_nothing(app: Flask, sign_in: SignInAs) -> None:
    client = sign_in(make.officer())
    session.scalars(select(SignIn)).one().proven_at = None
    session.commit()
    assert client.get(DESK).status_code == 303


def test_a_closed_account_shows_no_second_factor(app: Flask) -> None:
    person = make.officer()
    secret = make.app_of(person)
    client = password_typed(app, person)
    person.active = False
    session.commit()
    assert answer(client, make.code_of(secret)).location == "/sign-in"


def test_asvs_v6_4_3_a_new_password_does_not_go_past_the_second_factor(app: Flask, sign_in: SignInAs) -> None:
    person = make.citizen()
    client = sign_in(person)
    make.app_of(person)
    other = "một mật khẩu hoàn toàn khác"
    client.post("/account/password", data={"old": make.PASSWORD, "password": other, "again": other})
    stranger = app.test_client()
    assert stranger.post("/sign-in", data={"contact": person.email, "password": other}).location == "/sign-in/code"
    assert stranger.get("/account").status_code == 303


def test_t24_five_wrong_codes_in_five_minutes_and_right_ones_cost_nothing(app: Flask, morning: Any) -> None:
    person = make.officer()
    secret = make.app_of(person)
    for _ in range(7):
        assert answer(password_typed(app, person), make.code_of(secret)).status_code == 303
        morning.shift(timedelta(minutes=1))
    morning.shift(timedelta(minutes=5))
    client = password_typed(app, person)
    assert [answer(client, f"00000{n}").status_code for n in range(6)] == [422] * 5 + [429]
    assert answer(client, make.code_of(secret)).status_code == 429
    morning.shift(timedelta(minutes=5))
    assert answer(client, make.code_of(secret)).status_code == 303


def test_t24_twenty_wrong_codes_an_hour(app: Flask, morning: Any) -> None:
    person = make.officer()
    secret = make.app_of(person)
    wrong = 0
    for _ in range(5):
        client = password_typed(app, person)
        wrong += [answer(client, f"00000{n}").status_code for n in range(5)].count(422)
        morning.shift(timedelta(minutes=5))
    assert wrong == 20
    assert answer(password_typed(app, person), make.code_of(secret)).status_code == 429


def test_the_page_asked_for_comes_after_the_second_step(app: Flask) -> None:
    person = make.officer()
    secret = make.app_of(person)
    client = app.test_client()
    there = client.post("/en/sign-in?next=/officer/queue", data={"contact": person.email, "password": make.PASSWORD})
    assert there.location == "/en/sign-in/code?next=/officer/queue"
    assert client.post(there.location, data={"proof_code": make.code_of(secret)}).location == "/en/officer/queue"


def test_a_demonstration_tells_the_code_of_its_invented_people_and_of_nobody_else(
        app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    invented, real = make.officer(email="canbo@demo.example"), make.officer()
    secret = make.app_of(invented)
    make.app_of(real)
    assert "data-demo-code" not in password_typed(app, invented).get("/sign-in/code").text
    monkeypatch.setitem(app.config, "DEMONSTRATION", True)
    assert "data-demo-code" not in password_typed(app, real).get("/sign-in/code").text
    for step in (0, 1):  # signed in twice within half a minute: the next code, which opens already
        client = password_typed(app, invented)
        told = re.findall(r'data-demo-code="(\d{6})"', client.get("/sign-in/code").text)
        assert told == [make.code_of(secret, step)]
        assert answer(client, told[0]).location == DESK


def test_a_citizen_adds_one_and_takes_it_away_and_is_told(app: Flask, sign_in: SignInAs) -> None:
    person = make.citizen()
    client, elsewhere = sign_in(person), sign_in(person)
    page = client.get("/account/security/app").text
    sealed = re.findall(r'name="secret"[^>]*value="([^"]+)"', page)[0]
    secret = re.findall(r"<span class=\"code broken\">([A-Z2-7 ]+)</span>", page)[0].replace(" ", "")
    typed = {"code": make.code_of(secret), "secret": sealed}
    assert client.post("/account/security/app", data=typed).status_code == 200
    assert client.get("/account").status_code == 200 and elsewhere.get("/account").status_code == 303
    [factor] = second_factors.of(person)
    assert client.post("/account/security/codes").status_code == 200
    assert client.post(f"/account/security/{factor.id + 1}/remove").status_code == 404
    assert client.post(f"/account/security/{factor.id}/remove").status_code == 303
    assert not second_factors.has_any(person)
    worker.run_all(app)
    told = set(session.scalars(select(Message.subject).where(Message.person_id == person.id)))
    assert told == {"Đã thêm lớp xác thực thứ hai", "Mã dự phòng đã được tạo lại", "Đã gỡ lớp xác thực thứ hai"}


def test_who_makes_other_recovery_codes_does_not_do_so_in_secret(app: Flask, sign_in: SignInAs) -> None:
    """mastodon 3961: from a seat that was left open, codes were made by which one came back at any time."""
    person = make.officer()
    make.app_of(person, tell=False)
    client, elsewhere = sign_in(person), sign_in(person)
    assert client.post("/account/security/codes").status_code == 200
    assert client.get("/account").status_code == 200 and elsewhere.get("/account").status_code == 303
    worker.run_all(app)
    told = set(session.scalars(select(Message.subject).where(Message.person_id == person.id)))
    assert told == {"Mã dự phòng đã được tạo lại"}
    assert "factor.codes" in set(session.scalars(select(SecurityEvent.name)))


def test_the_staff_cannot_take_the_last_one_away(app: Flask, sign_in: SignInAs) -> None:
    person = make.officer()
    make.app_of(person)
    client = sign_in(person)
    client.post(f"/account/security/{second_factors.of(person)[0].id}/remove")
    assert second_factors.has_any(person)
    assert "Thêm lớp xác thực khác trước" in client.get("/account/security").text


def test_a_first_password_ends_after_a_day(app: Flask, morning: Any) -> None:
    person = make.officer(must_change_password=True, first_password_until=clock.now() + timedelta(days=1))
    password_typed(app, person)
    morning.shift(timedelta(days=1))
    refused = app.test_client().post("/sign-in", data={"contact": person.email, "password": make.PASSWORD})
    assert refused.status_code == 422 and "Mật khẩu cấp lần đầu" in refused.text
    wrong = app.test_client().post("/sign-in", data={"contact": person.email, "password": "không phải"})
    assert "Mật khẩu cấp lần đầu" not in wrong.text


def test_the_security_log_says_signed_in_only_once_the_second_factor_was_shown(app: Flask) -> None:
    """Somebody who knows the password alone has not signed in, and the log does not say that a password was enough."""
    person = make.officer()
    secret = make.app_of(person)
    client = password_typed(app, person)

    def written() -> list[tuple[str, Any]]:
        rows = security_log.newest(person_id=person.id, limit=9)
        return [(row.name, row.facts.get("factor")) for row in reversed(rows) if row.name.startswith("sign_in.")]

    assert written() == [("sign_in.half", None)]
    answer(client, make.code_of(secret))
    assert written() == [("sign_in.half", None), ("sign_in.done", "code")]
