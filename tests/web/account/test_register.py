"""Registering and a forgotten password, as a newcomer meets them in a demonstration."""
import re

import pytest
from sqlalchemy import func, select

from portal import worker
from portal.kit.db import session
from portal.notices.models import Message
from portal.people import queries
from portal.people.models import Person, Registration
from tests import make

CONTACT = "nguoi.moi@example.vn"
DETAILS = {"name": "Lê Văn Ẩn", "password": "một mật khẩu hoàn toàn khác",
    "again": "một mật khẩu hoàn toàn khác"}


@pytest.fixture(autouse=True)
def demonstration(app, monkeypatch):
    monkeypatch.setitem(app.config, "DEMONSTRATION", True)


def code_shown(app, client):
    """The code as the page of messages shows it."""
    worker.run_all(app)
    return re.search(r"\b(\d{6})\b", client.get("/demo/messages").text).group(1)


def test_a_newcomer_registers_and_is_signed_in(app, client):
    assert client.post("/register", data={"contact": CONTACT}).location == "/register/code"
    page = client.get("/register/code").text
    assert CONTACT in page
    assert "/demo/messages" in page
    assert client.post("/register/code", data={"code": code_shown(app,
        client)}).location == "/register/details"
    answer = client.post("/register/details", data=DETAILS)
    assert answer.status_code == 303
    assert client.get("/account").status_code == 200
    assert queries.person_by_contact(CONTACT).name == "Lê Văn Ẩn"


def test_a_telephone_number_does_as_well(app, client):
    client.post("/register", data={"contact": "0912 345 678"})
    assert "0912345678" in client.get("/register/code").text
    assert client.post("/register/code", data={"code": code_shown(app, client)}).status_code == 303
    client.post("/register/details", data=DETAILS)
    assert not queries.person_by_contact("+84912345678").staff


def test_the_page_wanted_before_registering_comes_after_it(app, client):
    client.post("/register?next=/account", data={"contact": CONTACT})
    client.post("/register/code", data={"code": code_shown(app, client)})
    assert client.post("/register/details", data=DETAILS).location == "/account"


@pytest.mark.parametrize("start", ["/register", "/password-reset"])
def test_t25_known_and_unknown_contacts_get_the_same_answers(app, start):
    make.citizen(email="biet@example.vn")
    seen = []
    for contact in ("biet@example.vn", "chua@example.vn"):
        client = app.test_client()
        first = client.post(start, data={"contact": contact})
        page = client.get(first.location)
        wrong = client.post(first.location, data={"code": "000000"})
        seen.append([first.status_code, first.location, page.status_code, wrong.status_code] + [
            re.sub(r'nonce="[^"]+"', "", answer.text.replace(contact, "")) for answer in (page, wrong)])
    assert seen[0] == seen[1]


def test_a_wrong_code_says_so_and_a_fifth_starts_again(app, client):
    client.post("/register", data={"contact": CONTACT})
    right = code_shown(app, client)
    wrong = f"{(int(right) + 1) % 1_000_000:06}"
    for _ in range(4):
        assert client.post("/register/code", data={"code": wrong}).status_code == 422
    assert client.post("/register/code", data={"code": wrong}).location == "/register"
    assert client.post("/register/code", data={"code": right}).location == "/register"


def test_codes_typed_with_a_space_count(app, client):
    client.post("/register", data={"contact": CONTACT})
    code = code_shown(app, client)
    assert client.post("/register/code", data={"code": f" {code[:3]} {code[3:]} "}).status_code == 303


@pytest.mark.parametrize("path", ["/register/code", "/register/details", "/password-reset/code",
    "/password-reset/new"])
def test_no_step_is_reached_without_the_one_before(app, client, path):
    for answer in (client.get(path), client.post(path, data=DETAILS | {"code": "000000"})):
        assert answer.status_code == 303
    client.post("/register", data={"contact": CONTACT})
    assert client.get("/register/details").status_code == 303


def test_the_details_need_a_good_password_typed_twice(app, client):
    client.post("/register", data={"contact": CONTACT})
    client.post("/register/code", data={"code": code_shown(app, client)})
    for bad in ({"password": "ngắn quá", "again": "ngắn quá"}, {"again": "cái này khác cái kia nhiều"},
                {"password": "nguoi.moi@example.vn", "again": "nguoi.moi@example.vn"}, {"name": ""}):
        answer = client.post("/register/details", data=DETAILS | bad)
        assert answer.status_code == 422
        assert "data-problems" in answer.text
    assert session.scalar(select(func.count()).select_from(Person)) == 0


def test_a_bad_contact_is_kept_and_nothing_is_sent(app, client):
    answer = client.post("/register", data={"contact": "không phải liên hệ"})
    assert answer.status_code == 422
    assert "không phải liên hệ" in answer.text
    assert session.scalar(select(func.count()).select_from(Registration)) == 0


def test_without_a_way_to_send_the_page_says_so_at_once(app, client, monkeypatch):
    monkeypatch.setitem(app.config, "DEMONSTRATION", False)
    assert client.post("/register", data={"contact": CONTACT}).status_code == 422
    monkeypatch.setitem(app.config, "SMTP_URL", "smtp://mail.test")
    assert client.post("/register", data={"contact": "0912345678"}).status_code == 422
    assert client.post("/register", data={"contact": CONTACT}).status_code == 303


def test_a_forgotten_password_is_set_anew(app, client, sign_in):
    person = make.citizen(email="quen@demo.example")
    elsewhere = sign_in(person)
    client.post("/password-reset", data={"contact": "quen@demo.example"})
    client.post("/password-reset/code", data={"code": code_shown(app, client)})
    answer = client.post("/password-reset/new", data=DETAILS)
    assert answer.location == "/sign-in"
    assert elsewhere.get("/account").status_code == 303
    assert client.post("/sign-in", data={"contact": "quen@demo.example",
        "password": make.PASSWORD}).status_code == 422
    assert client.post("/sign-in", data={"contact": "quen@demo.example",
                                         "password": DETAILS["password"]}).status_code == 303


def test_a_code_for_registering_does_not_set_a_password(app, client):
    make.citizen(email="co@demo.example")
    client.post("/register", data={"contact": CONTACT})
    client.post("/register/code", data={"code": code_shown(app, client)})
    with client.session_transaction() as cookie:
        cookie["reset"] = cookie["register"]
    assert client.post("/password-reset/new", data=DETAILS).location == "/password-reset"


def test_the_messages_are_there_in_a_demonstration_only(app, client, monkeypatch):
    assert client.get("/demo/messages").status_code == 200
    monkeypatch.setitem(app.config, "DEMONSTRATION", False)
    assert client.get("/demo/messages").status_code == 404


def test_messages_show_neither_a_registered_persons_code_nor_their_notices(app, client):
    make.citizen(email="that@example.vn")
    client.post("/password-reset", data={"contact": "that@example.vn"})
    worker.run_all(app)
    assert session.scalars(select(Message.address)).all() == ["that@example.vn"]
    assert "that@example.vn" not in client.get("/demo/messages").text


def test_english_readers_get_an_english_code(app, client):
    client.post("/en/register", data={"contact": CONTACT})
    worker.run_all(app)
    [message] = session.scalars(select(Message)).all()
    assert message.subject == "Your registration code"
    assert not re.search(r"\d", message.subject), "a subject is shown on locked screens and logged by every server"
    assert re.search(r"\b\d{6}\b", message.body)
