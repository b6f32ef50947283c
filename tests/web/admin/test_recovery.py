"""Recovery by two administrators, first passwords, accounts closed and suspended, contacts that are taken."""
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal import worker
from portal.kit import clock
from portal.kit.db import session, transaction
from portal.notices.models import Message
from portal.people import actions, queries, recovery, roles, second_factors
from portal.people.models import Person
from portal.people.permissions import Place, Role
from portal.people.security_log import SecurityEvent
from tests import make

SignInAs = Callable[[Any], FlaskClient]
LOST = {"reason": "Mất điện thoại, không giữ mã dự phòng"}
NEW = {"name": "Lê Văn Ẩn", "contact": "an.le@dan.vn", "role": "clerk", "agency": "H17"}
PASSWORD = re.compile(r"\b(?:[a-z2-9]{4}-){3}[a-z2-9]{4}\b")


def told(app: Flask, person: Person) -> list[str]:
    worker.run_all(app)
    session.expire_all()
    return list(session.scalars(select(Message.subject).where(Message.person_id == person.id).order_by(Message.id)))


def said_to_administrators(app: Flask) -> str:
    worker.run_all(app)
    session.expire_all()
    return "\n".join(str(one.subject) + str(one.body) for one in session.scalars(select(Message).where(
        Message.role == Role.portal_administrator)))


@pytest.fixture
def lost(app: Flask) -> Person:
    """An officer who has lost the telephone."""
    person = make.officer(name="Đặng Văn Ẩn")
    make.app_of(person, tell=False)
    second_factors.keep_codes(person, second_factors.new_codes())
    session.commit()
    return person


def test_one_asks_another_grants_and_all_three_are_told(app: Flask, sign_in: SignInAs, lost: Person) -> None:
    local, national = make.staff(Role.agency_administrator, "H17"), make.administrator()
    one, two, own = sign_in(local), sign_in(national), sign_in(lost)
    url = f"/admin/people/{lost.id}/recovery"
    assert one.post(url, data={}).status_code == 422
    assert one.post(url, data=LOST).location == url
    assert one.post(f"{url}/grant").location == url, "who asked does not grant"
    assert second_factors.has_any(lost) and LOST["reason"] in two.get(url).text
    assert own.get("/account").status_code == 200
    granted = two.post(f"{url}/grant")
    [password] = set(PASSWORD.findall(granted.text))
    assert granted.status_code == 200 and granted.headers["Cache-Control"] == "no-store"
    assert own.get("/account").status_code == 303
    session.expire_all()
    assert not second_factors.has_any(lost) and not second_factors.codes_left(lost)
    assert actions.known(str(lost.email), make.PASSWORD) is None
    client = app.test_client()
    client.post("/sign-in", data={"contact": lost.email, "password": password})
    assert client.get("/sign-in/set-up").status_code == 200
    granted_words = f"Đã đồng ý khôi phục tài khoản: {lost.name}"
    assert told(app, lost) == [f"Yêu cầu khôi phục tài khoản: {lost.name}", granted_words]
    assert told(app, local) == told(app, national) == [granted_words]
    logged = session.execute(select(SecurityEvent.name, SecurityEvent.by_id, SecurityEvent.about_id).where(
        SecurityEvent.name.startswith("recovery"))).all()
    assert [tuple(row) for row in logged] == [("recovery.asked", local.id, lost.id),
                                              ("recovery.granted", national.id, lost.id)]
    assert two.post(f"{url}/grant").location == url, "once"


def test_nobody_recovers_themselves_or_whom_they_do_not_manage(app: Flask, sign_in: SignInAs, lost: Person) -> None:
    me, elsewhere = make.administrator(), make.staff(Role.agency_administrator, "H26")
    assert sign_in(me).post(f"/admin/people/{me.id}/recovery", data=LOST).status_code == 404
    assert sign_in(elsewhere).post(f"/admin/people/{lost.id}/recovery", data=LOST).status_code == 404
    recovery.ask(me, make.administrator(), "x")
    session.commit()
    client = sign_in(me)
    assert client.post(f"/admin/people/{me.id}/recovery/grant").status_code == 303
    session.expire_all()
    assert recovery.open_about(me), "still waits"


def test_one_who_makes_a_second_administrator_is_still_one(app: Flask, lost: Person) -> None:
    """Attack: an administrator adds one of their own and lets it grant what they asked, or ask what they grant."""
    with time_machine.travel("2026-11-20 09:00+07:00", tick=False) as at:
        asker, place, kept = make.administrator(), Place(lost.roles[0].agency_id), make.passwords.hash(make.PASSWORD)
        with transaction():
            puppet = actions.add_staff("Rối", "roi@dan.vn", Role.agency_administrator, place, asker, kept)
        for one, other in ((asker, puppet), (puppet, asker)):
            with transaction():
                recovery.ask(lost, one, "x")
            with pytest.raises(recovery.NotYours), transaction():
                recovery.grant(lost, other, kept)
            assert second_factors.has_any(lost)
            with transaction():
                recovery.refuse(lost, one)
        with transaction():
            recovery.ask(lost, puppet, "x")
        at.shift(timedelta(hours=23))
        with pytest.raises(recovery.NotYours), transaction():
            recovery.grant(lost, asker, kept)
        at.shift(timedelta(hours=2))
        with transaction():
            recovery.ask(lost, puppet, "x")
        with transaction():
            recovery.grant(lost, asker, kept)
        assert not second_factors.has_any(lost)


def test_what_somebody_asked_who_is_closed_meanwhile_is_not_granted(app: Flask, lost: Person) -> None:
    asker, other, kept = make.administrator(), make.administrator(), make.passwords.hash(make.PASSWORD)
    with transaction():
        recovery.ask(lost, asker, "x")
    with transaction():
        actions.deactivate(asker, by=other)
    with pytest.raises(recovery.NotYours), transaction():
        recovery.grant(lost, other, kept)
    assert second_factors.has_any(lost)


def test_who_asked_for_a_recovery_gives_no_first_password_after_it(app: Flask, sign_in: SignInAs,
                                                                  lost: Person) -> None:
    """Attack: ask, wait for the grant, give another first password and come in alone."""
    asker, other = make.administrator(), make.administrator()
    one, two = sign_in(asker), sign_in(other)
    one.post(f"/admin/people/{lost.id}/recovery", data=LOST)
    two.post(f"/admin/people/{lost.id}/recovery/grant")
    url = f"/admin/people/{lost.id}/first-password"
    assert one.post(url).status_code == 409
    assert two.post(url).status_code == 200
    assert session.scalars(select(SecurityEvent.by_id).where(SecurityEvent.name == "password.given")).all() == [
        other.id]
    assert "Cấp lại mật khẩu lần đầu" in said_to_administrators(app)


def test_who_of_the_staff_takes_another_name_is_told_of(app: Flask, sign_in: SignInAs) -> None:
    """Attack: look at dossiers under a colleague's name, which the applicant reads, and be called as before again."""
    officer, citizen = make.officer(), make.citizen()
    for person in (officer, citizen):
        client = sign_in(person)
        client.post("/account", data={"name": "Tên Đồng Nghiệp", "language": "vi"})
        client.post("/account", data={"name": "Tên Đồng Nghiệp", "language": "en"})
    assert session.scalars(select(SecurityEvent.by_id).where(SecurityEvent.name == "name.changed")).all() == [
        officer.id]
    assert "Đổi họ tên của một cán bộ" in said_to_administrators(app)


def test_who_looks_at_a_citizens_account_is_written(app: Flask, sign_in: SignInAs) -> None:
    administrator, citizen = make.administrator(), make.citizen()
    assert sign_in(administrator).get(f"/admin/citizens/{citizen.id}").status_code == 200
    assert session.execute(select(SecurityEvent.by_id, SecurityEvent.about_id).where(
        SecurityEvent.name == "citizen.looked")).all() == [(administrator.id, citizen.id)]


def test_what_was_asked_is_refused_taken_back_or_ends_after_a_day(app: Flask, sign_in: SignInAs, lost: Person) -> None:
    with time_machine.travel("2026-11-20 09:00+07:00", tick=False) as at:
        asker, other, kept = make.administrator(), make.administrator(), make.passwords.hash(make.PASSWORD)
        for by in (asker, other):
            with transaction():
                recovery.ask(lost, asker, "x")
            with pytest.raises(recovery.AskedAlready), transaction():
                recovery.ask(lost, other, "x")
            with transaction():
                recovery.refuse(lost, by)
            assert recovery.open_about(lost) is None and second_factors.has_any(lost)
        with transaction():
            recovery.ask(lost, asker, "x")
        at.shift(timedelta(days=1))
        assert recovery.open_about(lost) is None
        with pytest.raises(recovery.NotYours), transaction():
            recovery.grant(lost, other, kept)


def test_asvs_v7_4_5_an_administrator_signs_somebody_out_everywhere(app: Flask, sign_in: SignInAs) -> None:
    person, other = make.officer(), make.citizen()
    browsers, others, client = [sign_in(person) for _ in range(2)], sign_in(other), sign_in(make.administrator())
    assert client.post(f"/admin/people/{person.id}/end-sessions").status_code == 303
    assert [one.get("/account").status_code for one in browsers] == [303, 303]
    assert others.get("/account").status_code == client.get("/account").status_code == 200
    runner = app.test_cli_runner()
    assert runner.invoke(args=["people", "end-sessions"]).exit_code == 2
    assert "1 sessions ended" in runner.invoke(args=["people", "end-sessions", str(other.email)]).output
    assert runner.invoke(args=["people", "end-sessions", "--everybody"]).exit_code == 0
    assert client.get("/account").status_code == 303


def test_a_first_password_whose_day_is_over_is_given_anew(app: Flask, sign_in: SignInAs) -> None:
    person = make.officer(must_change_password=True, first_password_until=clock.now() - timedelta(hours=1))
    client = sign_in(make.administrator())
    assert f"/admin/people/{person.id}/first-password" in client.get(f"/admin/people/{person.id}").text
    [password] = set(PASSWORD.findall(client.post(f"/admin/people/{person.id}/first-password").text))
    session.expire_all()
    assert actions.check(str(person.email), password) is person
    assert client.post(f"/admin/people/{make.officer().id}/first-password").status_code == 409, "an own password stays"


def test_what_the_portals_administrator_closed_the_agencys_does_not_open(app: Flask, sign_in: SignInAs) -> None:
    person, other = make.officer(), make.officer()
    national, local = sign_in(make.administrator()), sign_in(make.staff(Role.agency_administrator, "H17"))
    one, two = (f"/admin/people/{who.id}" for who in (person, other))
    national.post(f"{one}/deactivate")
    local.post(f"{two}/deactivate")
    for url in (one, two):
        assert local.post(f"{url}/activate").status_code == 303
    session.expire_all()
    assert not person.active and other.active
    assert "chỉ quản trị viên toàn Cổng mở lại được" in local.get("/admin/people").text
    national.post(f"{one}/activate")
    session.expire_all()
    assert person.active
    person.active = False  # from before it was written who closed
    session.commit()
    local.post(f"{one}/activate")
    session.expire_all()
    assert not person.active


def test_a_citizen_is_suspended_with_a_reason_and_comes_back(app: Flask, sign_in: SignInAs) -> None:
    person = make.citizen(email="nguoi@dan.vn")
    own, client = sign_in(person), sign_in(make.administrator())
    assert client.post("/admin/citizens", data={"contact": "khong.co@dan.vn"}).status_code == 422
    assert client.post("/admin/citizens", data={"contact": str(make.officer().email)}).status_code == 422
    url = client.post("/admin/citizens", data={"contact": "nguoi@dan.vn"}).location
    assert client.post(url, data={}).status_code == 422
    assert client.post(url, data={"reason": "Nộp giấy tờ giả"}).location == url
    assert own.get("/account").status_code == 303
    refused = app.test_client().post("/sign-in", data={"contact": person.email, "password": make.PASSWORD})
    assert refused.status_code == 422 and "Nộp giấy tờ giả" in refused.text
    wrong = app.test_client().post("/sign-in", data={"contact": person.email, "password": "không phải"})
    assert "tạm khóa" not in wrong.text
    assert person.name in client.get("/admin/citizens").text
    assert client.post(f"{url}/open").location == url
    session.expire_all()
    assert actions.check("nguoi@dan.vn", make.PASSWORD) is person
    assert told(app, person) == ["Tài khoản bị tạm khóa", "Tài khoản được mở lại"]
    assert client.post(f"/admin/citizens/{make.officer().id}", data={"reason": "x"}).status_code == 404
    local = sign_in(make.staff(Role.agency_administrator, "H17"))
    assert local.get("/admin/citizens").status_code == 403


def test_a_citizen_who_lost_the_second_factor_is_helped_by_the_portals_administrator(
        app: Flask, sign_in: SignInAs) -> None:
    person, client = make.citizen(), sign_in(make.administrator())
    make.app_of(person, tell=False)
    url = f"/admin/citizens/{person.id}/second-factors"
    assert url in client.get(f"/admin/citizens/{person.id}").text
    assert client.post(url).status_code == 303
    assert sign_in(person).get("/account").status_code == 200
    assert url not in client.get(f"/admin/citizens/{person.id}").text
    assert told(app, person) == ["Đã gỡ lớp xác thực thứ hai"]


def test_adding_somebody_tells_nothing_of_whose_contact_it_is(app: Flask, sign_in: SignInAs) -> None:
    owner, elsewhere = make.citizen(email="an.le@dan.vn"), make.officer("H26", email="binh@dan.vn")
    client = sign_in(make.staff(Role.agency_administrator, "H17"))
    pages = []
    for contact in ("tu.do@dan.vn", "an.le@dan.vn", "binh@dan.vn"):
        answer = client.post("/admin/people/new", data=NEW | {"contact": contact})
        body = PASSWORD.sub("", answer.text.replace(contact, "CONTACT"))
        body = re.sub(r'nonce="[^"]+"|name="csrf_token" value="[^"]+"', "", body)
        pages.append((answer.status_code, body))
    assert pages[0] == pages[1] == pages[2]
    for person in (owner, elsewhere):
        assert told(app, person) == ["Có đề nghị dùng địa chỉ này cho tài khoản cán bộ"]
        assert not any(held.role == "clerk" for held in person.roles)
    colleague = make.officer()
    mine = client.post("/admin/people/new", data=NEW | {"contact": colleague.email})
    assert mine.status_code == 422 and "contact-error" in mine.text, "who stands in the own list is no secret"
    assert queries.person_by_contact("tu.do@dan.vn")


def test_nobody_gives_the_own_account_a_role(app: Flask, sign_in: SignInAs) -> None:
    """Attack: the agency's administrator, who reads no dossier, becomes a case officer."""
    for me, other in ((make.staff(Role.agency_administrator, "H17"), make.staff(Role.agency_administrator, "H17")),
                      (make.administrator(), make.administrator())):
        client = sign_in(me)
        refused = client.post(f"/admin/people/{me.id}", data={"role": "case_officer", "agency": "H17"})
        assert refused.status_code == 422 and "Không ai tự giao vai trò" in refused.text
        session.expire_all()
        assert len(me.roles) == 1
        assert sign_in(other).post(f"/admin/people/{me.id}", data={"role": "clerk", "agency": "H17"}).status_code == 303
        with pytest.raises(ValueError, match="own account"):
            roles.give(me, Role.clerk, Place(make.agency("H26").id), by=me)
