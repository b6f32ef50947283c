"""V7: sessions. Most of its tests stand in tests/people/test_sessions.py."""
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

import config
from portal.kit import clock
from portal.kit.db import session, transaction
from portal.people import actions
from portal.people.models import SignIn
from tests import make

pytestmark = pytest.mark.once  # what a database changes of it is tested in the rooms


def test_asvs_v7_2_1_the_server_checks_each_session(app: Flask, sign_in: Any) -> None:
    person = make.citizen()
    client = sign_in(person)
    assert client.get("/account").status_code == 200
    session.execute(update(SignIn).where(SignIn.person_id == person.id).values(ended_at=clock.now()))
    assert client.get("/account").status_code == 303, "whatever the cookie says"


def test_asvs_v7_2_2_tokens_are_made_for_each_session(app: Flask, sign_in: Any) -> None:
    person = make.citizen()
    sign_in(person), sign_in(person)
    digests = session.scalars(select(SignIn.token_digest).where(SignIn.person_id == person.id)).all()
    assert len(digests) == len(set(digests)) == 2


def test_asvs_v7_4_4_signing_out_is_in_sight_on_every_page(app: Flask, sign_in: Any) -> None:
    dossier, officer = make.dossier("submitted"), make.officer()
    for who, urls in ((dossier.applicant, ("/", "/my/dossiers", f"/my/dossiers/{dossier.id}", "/account", "/services")),
                      (officer, ("/officer/queue", f"/officer/dossiers/{dossier.id}", "/account/notices")),
                      (make.administrator(), ("/admin/people", "/admin/security"))):
        client = sign_in(who)
        for url in urls:
            assert 'action="/sign-out"' in client.get(url).text, url


def test_asvs_v7_4_5_administrators_end_somebodys_sessions(app: Flask, sign_in: Any) -> None:
    person, boss = make.officer(), make.administrator()
    client = sign_in(person)
    with transaction():
        actions.deactivate(person, by=boss)
        actions.activate(person, by=boss)
    assert client.get("/officer/queue").status_code == 303


def test_asvs_v7_5_1_what_signs_one_in_is_changed_after_showing_oneself_again(
        app: Flask, sign_in: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "STEP_UP", config.Default.STEP_UP)
    person = make.officer()
    secret = make.app_of(person)
    client = sign_in(person)
    with clock.pretend(clock.now() + timedelta(minutes=25)):
        answer = client.get("/account/security/app")
        assert (answer.status_code, answer.location.split("?")[0]) == (303, "/account/confirm"), "it asks who one is"
        page = client.get(answer.location).text
        assert "otpauth://" not in page and "secret=" not in page and secret not in page, "a second factor"
    wrong = client.post("/account/password", data={"old": "x", "password": "y" * 20, "again": "y" * 20})
    assert wrong.status_code == 422, "the password"


def test_asvs_v7_5_2_people_see_and_end_their_sessions(app: Flask, sign_in: Any) -> None:
    person = make.citizen()
    here, there = sign_in(person), sign_in(person)
    assert here.get("/account").status_code == 200
    here.post("/account/end-sessions")
    assert (here.get("/account").status_code, there.get("/account").status_code) == (200, 303)
