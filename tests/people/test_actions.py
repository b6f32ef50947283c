from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from portal import worker
from portal.kit.db import session, transaction
from portal.kit.jobs import Job
from portal.notices.models import Message
from portal.people import actions, passwords, queries, sessions
from portal.people.models import Person, Registration, SignIn
from tests import make

CONTACT = "moi@example.vn"


def hashed():
    return passwords.hash(make.PASSWORD)


def begun(contact=CONTACT, begin=actions.begin_registration):
    """(token, the code that its message would carry)."""
    with transaction():
        token = begin(contact)
    return token, actions.code_of(queries.registration(sessions.digest(token)))


def other_than(code):
    return f"{(int(code) + 1) % 1_000_000:06}"


def proven(contact=CONTACT, begin=actions.begin_registration):
    token, code = begun(contact, begin)
    with transaction():
        assert actions.prove(token, code) == "right"
    return token


def test_the_code_has_six_digits_and_only_the_keyed_digest_is_kept(app):
    token, code = begun()
    assert len(code) == 6
    assert code.isdecimal()
    row = queries.registration(sessions.digest(token))
    assert code not in (row.code_digest, row.token_digest)
    assert len(row.code_digest) == 64


def test_a_code_goes_to_the_contact_after_the_commit(app):
    _token, code = begun()
    assert session.scalar(select(func.count()).select_from(Message)) == 0
    worker.run_all(app)
    message = session.scalars(select(Message)).one()
    assert (message.address, message.channel, message.person_id) == (CONTACT, "email", None)
    assert code in message.body


def test_who_has_an_account_is_told_so_at_the_contact_and_nowhere_else(app):
    person = make.citizen(email=CONTACT)
    _token, code = begun()
    worker.run_all(app)
    message = session.scalars(select(Message)).one()
    assert "đã có tài khoản" in message.body
    assert code not in message.body
    assert message.person_id is None
    assert person.active


def test_t25_beginning_writes_the_same_rows_whether_or_not_the_contact_is_known(app):
    make.citizen(email="co@example.vn")
    shapes = []
    for contact in ("co@example.vn", "khong@example.vn"):
        token, _code = begun(contact)
        row = queries.registration(sessions.digest(token))
        job = session.scalars(select(Job).order_by(Job.id.desc())).first()
        shapes.append((job.name, sorted(job.args), row.tries, row.proven_at, len(row.code_digest)))
    assert shapes[0] == shapes[1]


def test_neither_contact_nor_code_is_in_the_job(app):
    _token, code = begun()
    job = session.scalars(select(Job).order_by(Job.id.desc())).first()
    assert CONTACT not in str(job.args)
    assert code not in str(job.args)


def test_the_right_code_proves_once(app):
    token, code = begun()
    assert actions.prove(token, other_than(code)) == "wrong"
    assert actions.prove(token, code) == "right"
    assert actions.prove(token, code) == "over"
    assert actions.proven_contact(token) == CONTACT


def test_after_five_tries_even_the_right_code_is_refused(app):
    token, code = begun()
    answers = [actions.prove(token, other_than(code)) for _ in range(5)]
    assert answers == ["wrong"] * 4 + ["over"]
    assert actions.prove(token, code) == "over"
    assert actions.waiting_contact(token) is None


def test_asvs_v6_5_5_a_code_lives_ten_minutes(app):
    with time_machine.travel("2026-11-20 09:00+07:00", tick=False) as at:
        token, code = begun()
        at.shift(timedelta(minutes=10))
        assert actions.prove(token, code) == "over"


def test_asvs_v6_6_2_a_code_is_bound_to_its_own_request(app):
    one, _ = begun()
    _other, code = begun()
    assert code != actions.code_of(queries.registration(sessions.digest(one)))
    assert actions.prove(one, code) == "wrong"


def test_registering_makes_a_citizen_at_the_proven_contact(app):
    person = actions.complete_registration(proven(), "Lê Văn Ẩn", hashed())
    assert (person.staff, person.roles, person.email, person.phone, person.name) == (
        False, (), CONTACT, None, "Lê Văn Ẩn")
    assert actions.check("MOI@example.vn", make.PASSWORD) is person


def test_a_proof_is_used_once_and_only_for_its_purpose(app):
    token = proven()
    with pytest.raises(actions.NotProven):
        actions.finish_reset(token, hashed())
    actions.complete_registration(token, "Lê Văn Ẩn", hashed())
    with pytest.raises(actions.NotProven):
        actions.complete_registration(token, "Lê Văn Ẩn", hashed())


def test_without_proof_there_is_no_account(app):
    token, _code = begun()
    for unproven in (token, "", "register.made-up"):
        with pytest.raises(actions.NotProven):
            actions.complete_registration(unproven, "Lê Văn Ẩn", hashed())
    assert queries.person_by_contact(CONTACT) is None


def test_a_proof_goes_stale(app):
    with time_machine.travel("2026-11-20 09:00+07:00", tick=False) as at:
        token = proven()
        at.shift(timedelta(minutes=31))
        with pytest.raises(actions.NotProven):
            actions.complete_registration(token, "Lê Văn Ẩn", hashed())


def test_of_two_that_proved_the_same_contact_one_gets_it(app):
    first, second = proven(), proven()
    password = hashed()
    with transaction():
        actions.complete_registration(first, "Lê Văn Ẩn", password)
    with pytest.raises(actions.ContactTaken), transaction():
        actions.complete_registration(second, "Trần Thị Bình", password)
    assert session.scalar(select(func.count()).where(Person.email == CONTACT)) == 1


def test_old_contacts_are_forgotten(app):
    with time_machine.travel("2026-11-20 09:00+07:00", tick=False) as at:
        begun()
        at.shift(timedelta(days=2))
        begun("sau@example.vn")
        assert session.scalars(select(Registration.contact)).all() == ["sau@example.vn"]


def test_signing_in_asks_for_contact_password_and_an_open_account(app):
    person = make.citizen(email="a@example.vn", phone="+84912345678")
    assert actions.check("A@example.vn", make.PASSWORD) is person
    assert actions.check("0912 345 678", make.PASSWORD) is person
    assert actions.check("a@example.vn", make.PASSWORD + "!") is None
    assert actions.check("b@example.vn", make.PASSWORD) is None
    assert actions.check("nothing", make.PASSWORD) is None
    person.active = False
    assert actions.check("a@example.vn", make.PASSWORD) is None


def test_asvs_v6_2_10_a_password_does_not_age(app):
    person = make.citizen()
    with time_machine.travel("2029-01-01 09:00+07:00"):
        assert actions.check(person.email, make.PASSWORD) is person


def test_a_hash_of_old_parameters_is_renewed_at_sign_in(app, monkeypatch, client):
    person = make.citizen()
    old = person.password_hash
    monkeypatch.setitem(app.config, "ARGON2_MEMORY_KIB", 16)
    client.post("/sign-in", data={"contact": person.email, "password": make.PASSWORD})
    session.expire_all()
    assert person.password_hash != old
    assert not passwords.is_outdated(person.password_hash)


def test_a_new_password_ends_all_sessions_and_tells_its_owner(app, sign_in):
    person = make.citizen(email=CONTACT)
    sign_in(person)
    token = proven(begin=actions.begin_reset)
    other = passwords.hash("một mật khẩu hoàn toàn khác")
    with transaction():
        actions.finish_reset(token, other)
    assert actions.check(CONTACT, make.PASSWORD) is None
    assert actions.check(CONTACT, "một mật khẩu hoàn toàn khác").id == person.id
    assert session.scalars(select(SignIn.ended_at)).one() is not None
    worker.run_all(app)
    subjects = session.scalars(select(Message.subject).where(Message.person_id == person.id)).all()
    assert subjects == ["Mật khẩu đã được đổi"]


def test_a_reset_for_an_unknown_contact_sends_no_code_and_changes_nothing(app):
    token, code = begun(begin=actions.begin_reset)
    worker.run_all(app)
    message = session.scalars(select(Message)).one()
    assert code not in message.body + message.subject
    with transaction():
        actions.prove(token, code)
    with pytest.raises(actions.NotProven):
        actions.finish_reset(token, hashed())


def test_a_closed_account_is_not_opened_by_a_reset(app):
    make.citizen(email=CONTACT, active=False)
    token = proven(begin=actions.begin_reset)
    with pytest.raises(actions.NotProven):
        actions.finish_reset(token, passwords.hash("một mật khẩu hoàn toàn khác"))


def test_an_officer_gets_an_agency_and_a_password_to_change(app):
    password = passwords.one_time()
    officer = actions.add_officer("Lê Văn Ẩn", "0912345678", make.agency("H17"), by=make.administrator(),
                                  password=password.kept)
    [held] = officer.roles
    assert (held.role, held.agency.key, held.unit_id, officer.phone) == ("case_officer", "H17", None, "+84912345678")
    assert officer.must_change_password
    assert actions.check("0912345678", password.shown) is officer
    chosen = passwords.hash(make.PASSWORD)
    with transaction():
        actions.set_password(officer, chosen)
    assert not officer.must_change_password


def test_an_administrator_has_no_agency_and_a_contact_is_nobody_elses(app):
    administrator = actions.add_administrator("Lê Văn Ẩn", CONTACT, by=None, password=hashed())
    assert [(held.role, held.agency_id) for held in administrator.roles] == [("portal_administrator", None)]
    with pytest.raises(actions.ContactTaken):
        actions.add_officer("Trần Thị Bình", CONTACT, make.agency("H17"), by=administrator, password=hashed())
    with pytest.raises(ValueError, match="email"):
        actions.add_administrator("Trần Thị Bình", "not a contact", by=None, password=hashed())


def test_closing_and_opening_an_account(app):
    officer, administrator = make.officer(), make.administrator()
    actions.deactivate(officer, by=administrator)
    assert not officer.active
    actions.activate(officer, by=administrator)
    assert officer.active
    with pytest.raises(ValueError, match="own account"):
        actions.deactivate(administrator, by=administrator)
