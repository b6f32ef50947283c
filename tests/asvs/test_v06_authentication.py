"""V6: what is proven at the door. More of its tests stand beside the pages (tests/people, tests/web/account)."""
import inspect
import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.kit import clock
from portal.kit.db import session
from portal.people import actions, passwords, second_factors
from portal.people.models import Person, Registration
from tests import make

pytestmark = pytest.mark.once  # what a database changes of it is tested in the rooms

NEW = "năm con mèo đen trong bếp"


def test_asvs_v6_2_2_people_change_their_password(app: Flask, sign_in: Any) -> None:
    person = make.citizen()
    answer = sign_in(person).post("/account/password", data={"old": make.PASSWORD, "password": NEW, "again": NEW})
    assert answer.status_code == 303
    session.refresh(person)
    assert passwords.fits(person.password_hash, NEW)


def test_asvs_v6_2_3_which_takes_the_present_one(app: Flask, sign_in: Any) -> None:
    person = make.citizen()
    answer = sign_in(person).post("/account/password", data={"old": "không phải", "password": NEW, "again": NEW})
    assert answer.status_code == 422
    session.refresh(person)
    assert passwords.fits(person.password_hash, make.PASSWORD)


def test_asvs_v6_2_6_fields_of_passwords_are_masked(app: Flask, client: Any, sign_in: Any) -> None:
    for page in (client.get("/sign-in").text, sign_in(make.citizen()).get("/account/password").text):
        fields = re.findall(r'<input[^>]*name="(?:old|password|again)"[^>]*>', page)
        assert fields and all('type="password"' in field for field in fields)


@pytest.mark.once
@pytest.mark.parametrize("password", ["congdichvucong2026", "dichvucongdichvucong", "hosocanbo123456789"])
def test_asvs_v6_2_11_words_of_this_portal_make_no_password(password: str) -> None:
    assert passwords.fault(password) == "simple"


@pytest.mark.once
@pytest.mark.parametrize("password", ["123456789012345", "qwertyuiopasdfghjkl", "passwordpassword",
                                      "iloveyouforever12", "matkhau123456789", "111222333444555"])
def test_asvs_v6_2_12_what_breaches_have_shown_is_refused(password: str) -> None:
    """What stands in such lists with 15 characters and more is made of the words and runs that we refuse."""
    assert passwords.fault(password) is not None


def test_asvs_v6_3_1_the_eleventh_guess_is_refused(client: Any) -> None:
    codes = {client.post("/sign-in", data={"contact": "a@example.vn", "password": "sai mật khẩu rồi"}).status_code
             for _ in range(15)}
    assert codes == {422, 429}


def test_asvs_v6_3_2_no_account_is_there_by_default(app: Flask) -> None:
    assert session.scalar(select(func.count()).select_from(Person)) == 0


def test_asvs_v6_3_4_nobody_who_works_here_comes_in_by_a_password_alone(app: Flask) -> None:
    for person in (make.officer(), make.administrator(), make.staff("leader", "H17")):
        client = app.test_client()
        client.post("/sign-in", data={"contact": person.email, "password": make.PASSWORD})
        assert client.get("/officer/queue").status_code == client.get("/account").status_code == 303


def test_asvs_v6_4_1_first_passwords_are_random_end_soon_and_must_be_changed(app: Flask) -> None:
    one, two = passwords.one_time(), passwords.one_time()
    assert one.shown != two.shown and passwords.fault(one.shown) is None
    person = actions.add_staff("Lê Văn An", "an@example.vn", "clerk", _place(), None, one.kept)
    session.commit()
    assert person.must_change_password and actions.check("an@example.vn", one.shown) is not None
    with clock.pretend(clock.now() + timedelta(days=1, minutes=1)):
        assert actions.check("an@example.vn", one.shown) is None


def _place() -> Any:
    from portal.people.permissions import Place  # noqa: PLC0415
    return Place(make.agency("H17").id)


def test_asvs_v6_4_2_no_hints_and_no_secret_questions(app: Flask, client: Any) -> None:
    names = [column.name for column in Person.__table__.columns]
    assert not [name for name in names if "hint" in name or "question" in name]
    assert "câu hỏi" not in client.get("/reset").text.lower()


def test_asvs_v6_4_4_who_lost_the_second_factor_sets_up_another_like_the_first(app: Flask) -> None:
    """Nothing but the right password and setting it up anew leads on; the code by mail does not."""
    person = make.officer()
    client = app.test_client()
    client.post("/sign-in", data={"contact": person.email, "password": make.PASSWORD})
    assert client.get("/sign-in/code").location.endswith("/sign-in/set-up")
    assert client.get("/officer/queue").status_code == 303


@pytest.mark.once
def test_asvs_v6_5_3_codes_and_secrets_come_from_the_systems_random_numbers() -> None:
    for module in (second_factors, actions, passwords):
        source = inspect.getsource(module)
        assert "import secrets" in source
        assert not re.search(r"^import random|random\.(choice|randint)", source, re.MULTILINE)


@pytest.mark.once
def test_asvs_v6_5_4_codes_have_enough_bits() -> None:
    assert 10 ** second_factors.DIGITS >= 10 ** 6
    assert len(passwords.ALPHABET) ** (second_factors.GROUPS * second_factors.GROUP) >= 2 ** 20


def test_asvs_v6_5_5_a_code_that_was_sent_ends_after_ten_minutes(app: Flask) -> None:
    actions.begin_registration("moi@example.vn")
    row = session.scalars(select(Registration).order_by(Registration.id.desc())).first()
    assert row is not None and row.expires_at - clock.now() <= timedelta(minutes=10)


def test_asvs_v6_6_2_a_code_is_bound_to_the_request_that_it_was_sent_for(app: Flask) -> None:
    one, two = (actions.begin_registration("moi@example.vn") for _ in range(2))
    session.commit()
    from portal.people import queries, sessions  # noqa: PLC0415
    row = queries.registration(sessions.digest(one))
    assert row is not None
    assert actions.prove(two, actions.code_of(row)) is not actions.Proof.right
    assert actions.prove(one, actions.code_of(row)) is actions.Proof.right


def test_asvs_v6_6_3_a_code_is_guessed_five_times(app: Flask) -> None:
    token = actions.begin_registration("moi@example.vn")
    session.commit()
    tried = [actions.prove(token, "x") for _ in range(6)]
    assert tried[-1] is actions.Proof.over and actions.TRIES == 5
