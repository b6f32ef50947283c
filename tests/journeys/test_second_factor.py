"""The second factor in a browser: a passkey by the browser's authenticator; an app and recovery codes, no script."""
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from portal.dossiers.models import Dossier
from portal.kit.db import session, transaction
from portal.people import second_factors
from portal.people.models import Person, SecondFactor, SignIn
from tests import make
from tests.journeys.conftest import Portal, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.real_commits]
NOTE = "Không đủ điều kiện theo quy định\n“điểm b” & khoản 2"
KEY = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
       "isUserVerified": True, "automaticPresenceSimulation": True}


@pytest.fixture
def newcomer(portal: Portal, made: Callable[..., Any]) -> Any:
    """An officer who has no second factor yet."""
    person = made(make.officer)
    with portal.app.app_context(), transaction():
        second_factors.forget_all(session.get_one(Person, person.id))
    return person


def type_password(visitor: Visitor, person: Any) -> None:
    visitor.go("/sign-in")
    visitor.page.fill("#contact", person.email)
    visitor.page.fill("#password", make.PASSWORD)
    visitor.send()


def test_a_passkey_is_registered_opens_the_desk_and_confirms_a_decision(
        portal: Portal, visit: Callable[..., Visitor], newcomer: Any) -> None:
    officer = visit()
    officer.portal = replace(portal, url=portal.url.replace("127.0.0.1", "localhost"))  # passkeys are bound to names
    browser = officer.context.new_cdp_session(officer.page)
    browser.send("WebAuthn.enable")
    browser.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})
    type_password(officer, newcomer)
    officer.at("/sign-in/set-up")
    officer.examine("second factor: set up")
    officer.press("[data-passkey=make]")
    officer.examine("second factor: recovery codes")
    assert officer.page.locator(".codes .code").count() == 10
    officer.press("main a.button")
    officer.at("/officer/queue")
    officer.press("header form button")
    type_password(officer, newcomer)
    officer.at("/sign-in/code")
    officer.examine("second factor: sign in")
    officer.press("[data-passkey=show]")
    officer.at("/officer/queue")
    decide(officer, portal, newcomer)
    assert [said for said in officer.complaints if "403" not in said] == []


def decide(officer: Visitor, portal: Portal, person: Any) -> None:
    """What was typed is there after the question that came between."""
    def processed() -> int:
        return int(make.dossier("processing", officer=session.get_one(Person, person.id)).id)
    dossier_id = portal.look_up(processed)
    officer.go(f"/officer/dossiers/{dossier_id}/decide")
    officer.page.check("[name=outcome][value=denied]")
    officer.page.fill("[name=note]", NOTE)
    with portal.app.app_context(), transaction():
        for row in session.scalars(select(SignIn).where(SignIn.person_id == person.id, SignIn.ended_at.is_(None))):
            row.proven_at -= timedelta(days=2)
    officer.send("main form[method=post]")
    officer.examine("second factor: confirm")
    officer.press("[data-passkey=show]")
    officer.at(f"/officer/dossiers/{dossier_id}")
    dossier = portal.look_up(lambda: session.get_one(Dossier, dossier_id))
    with portal.app.app_context():
        kept = session.get_one(Dossier, dossier.id)
        assert (kept.state, kept.outcome, kept.events[-1].note) == ("decided", "denied", NOTE)


def test_without_a_script_an_app_and_a_recovery_code_do(
        portal: Portal, visit: Callable[..., Visitor], newcomer: Any) -> None:
    officer = visit(scripted=False)
    type_password(officer, newcomer)
    secret = officer.page.inner_text(".qr ~ p .code").replace(" ", "")
    officer.page.fill("#code", make.code_of(secret))
    officer.send("form:has(#code)")
    code = officer.page.inner_text(".codes li:nth-child(3) .code")
    officer.press("main a.button")
    officer.at("/officer/queue")
    officer.press("header form button")
    type_password(officer, newcomer)
    officer.page.fill("#proof_code", code)
    officer.send()
    officer.at("/officer/queue")
    assert portal.look_up(lambda: len(session.scalars(select(SecondFactor).where(
        SecondFactor.person_id == newcomer.id)).all())) == 1
