"""OWASP ASVS 5.0, chapter 7; threat T23."""
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from portal.kit import clock
from portal.kit.db import session, transaction
from portal.people import sessions
from portal.people.models import SignIn
from tests import make


def token_of(client):
    with client.session_transaction() as cookie:
        return cookie["_user_id"]


def is_in(client):
    return client.get("/account").status_code == 200


def test_asvs_v7_2_3_a_token_has_128_random_bits_and_only_its_digest_is_kept(app, sign_in):
    one, two = token_of(sign_in(make.citizen())), token_of(sign_in(make.citizen()))
    assert one != two
    assert len(one) >= 22
    kept = session.scalars(select(SignIn.token_digest)).all()
    assert sessions.digest(one) in kept
    assert one not in kept


def test_asvs_v7_2_4_signing_in_gives_a_new_session_and_drops_what_the_browser_held(app):
    person, client = make.citizen(), app.test_client()
    with client.session_transaction() as cookie:
        cookie["planted"] = "by somebody else"
        cookie["_user_id"] = "planted-token"
    client.post("/sign-in", data={"contact": person.email, "password": make.PASSWORD})
    with client.session_transaction() as cookie:
        assert "planted" not in cookie
        assert cookie["_user_id"] != "planted-token"
    assert is_in(client)


def test_asvs_v7_4_1_signing_out_ends_the_session_on_the_server_too(app, sign_in):
    client = sign_in(make.citizen())
    stolen = client.get_cookie("portal").value
    client.post("/sign-out")
    thief = app.test_client()
    thief.set_cookie("portal", stolen)
    assert not is_in(thief)


@pytest.mark.parametrize(("maker", "minutes"), [(make.officer, 30), (make.citizen, 60),
    (make.administrator, 30)])
def test_asvs_v7_3_1_an_idle_session_ends(app, sign_in, maker, minutes):
    with time_machine.travel("2026-11-20 09:00+07:00", tick=False) as at:
        client = sign_in(maker())
        at.shift(timedelta(minutes=minutes - 1))
        assert is_in(client)
        at.shift(timedelta(minutes=minutes))
        assert is_in(client)
        at.shift(timedelta(minutes=minutes, seconds=1))
        assert not is_in(client)


def test_asvs_v7_3_2_no_session_outlives_the_limit_however_busy(app, sign_in):
    with time_machine.travel("2026-11-20 07:00+07:00", tick=False) as at:
        client = sign_in(make.citizen())
        for _ in range(24):
            at.shift(timedelta(minutes=30))
            assert is_in(client)
        at.shift(timedelta(seconds=1))
        assert not is_in(client)


def test_use_is_noted_at_most_once_a_minute(app, sign_in):
    with time_machine.travel("2026-11-20 09:00+07:00", tick=False) as at:
        client, begun = sign_in(make.citizen()), clock.now()
        at.shift(timedelta(seconds=59))
        client.get("/account")
        session.expire_all()
        assert session.scalars(select(SignIn.seen_at)).one() == begun
        at.shift(timedelta(seconds=1))
        client.get("/account")
        session.expire_all()
        assert session.scalars(select(SignIn.seen_at)).one() == begun + timedelta(minutes=1)


def test_a_stranger_on_a_public_page_leaves_no_trace(app, client):
    answer = client.get("/sign-in")
    assert answer.status_code == 200
    assert session.scalar(select(func.count()).select_from(SignIn)) == 0


def test_asvs_v7_4_2_a_closed_account_is_out_at_the_next_request(app, sign_in):
    person = make.citizen()
    client = sign_in(person)
    person.active = False
    make.save(person)
    assert not is_in(client)


def test_asvs_v7_4_3_other_sessions_can_be_ended_and_this_one_stays(app, sign_in):
    person = make.citizen()
    here, elsewhere = sign_in(person), sign_in(person)
    here.post("/account/end-sessions")
    assert is_in(here)
    assert not is_in(elsewhere)


def test_a_session_that_ended_while_it_was_used_stays_ended(app, sign_in):
    with time_machine.travel("2026-11-20 09:00+07:00", tick=False) as at:
        person = make.citizen()
        token = token_of(sign_in(person))
        at.shift(timedelta(minutes=2))
        with app.test_request_context("/account"):
            assert sessions.person_of(token).id == person.id
            with transaction():
                sessions.end(token)
            with transaction():
                sessions.note_seen()
            assert sessions.person_of(token) is None


def test_an_unknown_token_is_nobody(app):
    assert sessions.person_of("") is None
    assert sessions.person_of("1") is None
