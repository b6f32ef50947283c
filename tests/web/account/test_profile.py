from portal.kit.db import session
from portal.people import actions
from tests import make

NEW = "một mật khẩu hoàn toàn khác"


def test_a_stranger_is_sent_to_sign_in_and_back(app, client):
    assert client.get("/account").location == "/sign-in?next=/account"


def test_name_and_language_can_be_changed_and_nothing_else(app, sign_in):
    person = make.citizen()
    email = person.email
    client = sign_in(person)
    client.post("/account", data={"name": "Lê Văn Ẩn", "language": "en", "staff": "1", "role": "portal_administrator",
                                  "email": "khac@example.vn"})
    session.expire_all()
    assert (person.name, person.language, person.staff, person.email) == ("Lê Văn Ẩn", "en", False, email)


def test_an_empty_name_and_an_unknown_language_are_refused(app, sign_in):
    client = sign_in(make.citizen())
    assert client.post("/account", data={"name": "", "language": "vi"}).status_code == 422
    assert client.post("/account", data={"name": "Lê Văn Ẩn", "language": "xx"}).status_code == 422


def test_contact_and_agency_are_shown(app, sign_in):
    officer = make.officer("H17", phone="+84912345678")
    page = sign_in(officer).get("/account").text
    assert officer.email in page
    assert "0912345678" in page
    assert "Đà Nẵng" in page


def test_changing_the_password_asks_for_the_one_before(app, sign_in):
    person = make.citizen()
    client = sign_in(person)
    refused = client.post("/account/password", data={"old": "không phải", "password": NEW, "again": NEW})
    assert refused.status_code == 422
    assert actions.check(person.email, make.PASSWORD)


def test_a_changed_password_keeps_this_browser_and_ends_the_others(app, sign_in):
    person = make.citizen()
    here, elsewhere = sign_in(person), sign_in(person)
    with here.session_transaction() as cookie:
        before = cookie["_user_id"]
    here.post("/account/password", data={"old": make.PASSWORD, "password": NEW, "again": NEW})
    with here.session_transaction() as cookie:
        assert cookie["_user_id"] != before
    assert here.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 303
    session.expire_all()
    assert actions.check(person.email, NEW)


def test_the_new_password_must_be_another_one(app, sign_in):
    client = sign_in(make.citizen())
    same = {"old": make.PASSWORD, "password": make.PASSWORD, "again": make.PASSWORD}
    assert client.post("/account/password", data=same).status_code == 422


def test_the_old_password_cannot_be_guessed_from_an_open_browser(app, sign_in):
    client = sign_in(make.citizen())
    guess = {"old": "không phải", "password": NEW, "again": NEW}
    answers = [client.post("/account/password", data=guess).status_code for _ in range(11)]
    assert answers == [422] * 10 + [429]


def test_the_list_of_sessions_marks_this_one(app, sign_in):
    person = make.citizen()
    client = sign_in(person)
    assert "/account/end-sessions" not in client.get("/account").text
    sign_in(person)
    page = client.get("/account").text
    assert "/account/end-sessions" in page
    assert page.count("is-done") == 1


def test_the_pages_are_english_at_the_english_address(app, sign_in):
    client = sign_in(make.citizen())
    page = client.get("/en/account").text
    assert '<html lang="en">' in page
    assert "Where the account is signed in" in page
