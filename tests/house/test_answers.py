"""What every answer has in common: headers, caching, cookies, hosts, errors in words (V3, T21, T23, T47)."""
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import InternalError, OperationalError

import config
from portal import create_app
from portal.kit import clock, db
from portal.kit.web import is_safe_next
from tests import make
from tests.conftest import Client
from tests.house.conftest import Stage
from tests.house.matrix import ACTORS, ROWS, Row
from tests.house.test_routes import address, routes

pytestmark = pytest.mark.once  # what PostgreSQL changes of it is in test_row_security, test_foreign and test_fuzzed

PERSONAL_DOORS = ("citizen.", "officer.", "admin.", "account.profile", "account.password")
WITHOUT_COOKIE = [row for row in ROWS if row.method == "GET" and row.endpoint.split(".")[0] in ("public", "progress")
                  and row.endpoint not in ("progress.verify",)]


def policy(answer: Any) -> dict[str, str]:
    parts = [part.strip().partition(" ") for part in answer.headers["Content-Security-Policy"].split(";")]
    return {name: value for name, _space, value in parts}


def assert_dressed(answer: Any, where: str) -> None:
    """The headers that every answer has, whatever it is."""
    assert "unsafe-" not in answer.headers["Content-Security-Policy"], where
    assert policy(answer)["default-src"] == "'none'", where
    assert answer.headers["X-Content-Type-Options"] == "nosniff", where
    assert answer.headers["X-Frame-Options"] == "DENY", where
    assert answer.headers["Referrer-Policy"] == "same-origin", where
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin", where
    open_to_all = "Access-Control-Allow-Origin" in answer.headers
    policies = answer.headers.getlist("Cross-Origin-Resource-Policy")
    assert policies == ["cross-origin" if open_to_all else "same-origin"], where
    assert "camera=()" in answer.headers["Permissions-Policy"], where
    assert "Cache-Control" in answer.headers, where
    assert not {"X-Powered-By"} & set(answer.headers.keys()), where


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_answer_of_every_route_is_dressed(furnished: Stage, row: Row) -> None:
    for actor in {"anonymous", "owner", "holder", "administrator"}:
        with furnished.undone():
            answer = furnished.browser(actor).open(address(furnished, row), method=row.method)
            assert_dressed(answer, f"{row.name} for {actor}")
            if answer.mimetype == "text/html" and answer.status_code != 303:
                assert_nonces(answer)
            if actor != "anonymous" and row.endpoint.startswith(PERSONAL_DOORS):
                assert answer.headers["Cache-Control"] == "no-store"
            answer.close()


# What machines read and no person is known by: the only answers that pages of other sites may read.
EVERY_SITE = {"api.record", "api.changes", "api.openapi", "api.national_asked", "progress.open_data_catalogue",
              "progress.open_data_dictionary", "progress.open_data_file",
              "progress.nation_file", "progress.agency_file", "progress.sector_file", "progress.groups_file",
              "progress.procedure_file", "progress.connections_file", "progress.connections_table",
              "progress.oversight_json", "progress.oversight_csv", "progress.indicator_json", "progress.indicator_csv",
              "progress.national_report_file",
              "progress.national_report_table", "progress.national_report_text",
              "progress.index_file", "progress.indices_file",
              "progress.tasks_file", "progress.tasks_table", "progress.tasks_of_file", "progress.directives_file",
              "progress.directive_file",
              "progress.agency_reports_file", "progress.agency_reports_of_file", "progress.action_plans_file",
              "progress.score_file", "progress.score_of_file",
              "api.connections", "exchange_api.openapi"}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_only_what_is_for_every_site_can_be_read_by_another(furnished: Stage, row: Row) -> None:
    for actor in {"anonymous", "owner", "holder", "administrator"}:
        with furnished.undone():
            answer = furnished.browser(actor).open(address(furnished, row), method=row.method,
                                                   headers={"Origin": "https://elsewhere.example"})
            open_to = answer.headers.getlist("Access-Control-Allow-Origin")
            assert open_to == (["*"] if row.endpoint in EVERY_SITE else []), f"{row.name} for {actor}"
            assert "Access-Control-Allow-Credentials" not in answer.headers
            if open_to:
                assert "Set-Cookie" not in answer.headers and "Cookie" not in answer.vary, actor
                # the national envelope refuses with status 200 (decision 71)
                assert "no-store" not in answer.headers["Cache-Control"] or answer.status_code >= 400 \
                    or row.endpoint == "api.national_asked", actor
            answer.close()


FILES_OF_PAGES = ("/progress/sectors.csv", "/progress/levels.json", "/progress/publishers.csv",
                  "/progress/channels.csv", "/progress/groups/provinces.json", "/progress/services-by-level.json",
                  "/progress/procedures/1.001193.csv")


@pytest.mark.parametrize("url", FILES_OF_PAGES)
def test_a_page_stays_shut_where_the_file_beside_it_is_open(stage: Stage, url: str) -> None:
    page = stage.browser("owner").get(url.removesuffix(".csv").removesuffix(".json"))
    file = stage.browser("owner").get(url)
    assert (page.status_code, file.status_code) == (200, 200)
    assert "Access-Control-Allow-Origin" not in page.headers and page.headers["Cache-Control"] == "no-store"
    assert file.headers["Access-Control-Allow-Origin"] == "*" and "Vary" not in file.headers
    assert file.headers["Cache-Control"].startswith("public") and "Set-Cookie" not in file.headers


def test_a_refusal_can_be_read_where_the_answer_could(stage: Stage) -> None:
    answer = stage.browser("anonymous").get("/api/v1/progress/none")
    assert answer.status_code == 404 and answer.headers["Access-Control-Allow-Origin"] == "*"
    answer = stage.browser("anonymous").post("/api/v1/progress/batches")
    assert answer.status_code == 401 and "Access-Control-Allow-Origin" not in answer.headers


def assert_nonces(answer: Any) -> None:
    """Scripts run by nonce alone, and each script of the page has it."""
    assert policy(answer)["script-src"].endswith("'strict-dynamic'")
    [nonce] = re.findall(r"'nonce-([\w-]{16,})'", policy(answer)["script-src"])
    for script in re.findall(r"<script\b[^>]*>", answer.text):
        assert f'nonce="{nonce}"' in script or 'type="application/json"' in script, script


def test_the_nonce_of_a_personal_page_is_new_each_time(stage: Stage) -> None:
    client = stage.browser("owner")
    assert policy(client.get("/my/dossiers"))["script-src"] != policy(client.get("/my/dossiers"))["script-src"]


def crash(**_args: Any) -> None:
    raise RuntimeError("bí mật: mật khẩu là 123")


ERRORS = [
    ("GET", "/no-such-page", {}, 404), ("GET", "/en/no-such-page", {}, 404), ("DELETE", "/services", {}, 405),
    ("GET", "/officer/dossiers/{checking}/claim", {}, 405), ("POST", "/officer/dossiers/{checking}/claim", {}, 409),
    ("GET", "/about", {}, 500), ("GET", "/", {"Host": "evil.example"}, 400), ("GET", "/admin/people", {}, 403),
    ("POST", "/sign-in", {"Sec-Fetch-Site": "cross-site"}, 403), ("GET", "/static/none.css", {}, 404),
]


@pytest.mark.parametrize(("method", "url", "headers", "status"), ERRORS)
def test_errors_are_pages_in_words_dressed_like_all_others(
        stage: Stage, monkeypatch: pytest.MonkeyPatch, method: str, url: str, headers: dict[str, str],
        status: int) -> None:
    monkeypatch.setitem(stage.app.view_functions, "public.about", crash)
    answer = stage.browser("holder").open(url.format(**stage.dossiers), method=method, headers=headers)
    assert answer.status_code == status
    assert_dressed(answer, url)
    assert "<h1" in answer.text
    for secret in ("Traceback", "bí mật", "RuntimeError", "werkzeug", "sqlalchemy", "File \""):
        assert secret not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_crash_gives_a_reference_and_logs_it(stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    monkeypatch.setitem(stage.app.view_functions, "public.about", crash)
    page = stage.browser("anonymous").get("/about").text
    [reference] = re.findall(r"reference (\w{10})", caplog.text)
    assert reference in page


@pytest.mark.parametrize("kind", [OperationalError, InternalError])  # away or full; read-only, as PostgreSQL says it
def test_where_the_database_cannot_be_used_the_answer_is_for_a_while(
        stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: Any, kind: Any) -> None:
    def away(**_args: Any) -> None:
        raise kind("SELECT 1", {}, Exception("database or disk is full"))
    monkeypatch.setitem(stage.app.view_functions, "public.about", away)
    stage.app.extensions.pop("outages", None)
    answer = stage.browser("anonymous").get("/about")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert "database or disk is full" in caplog.text and "Traceback" not in caplog.text
    assert "disk is full" not in answer.text
    [reference] = re.findall(r"reference (\w{10})", caplog.text)
    assert reference in answer.text


def test_an_error_page_speaks_the_language_of_the_address(stage: Stage) -> None:
    client = stage.browser("anonymous")
    assert 'lang="en"' in client.get("/en/no-such-page").text
    assert 'lang="vi"' in client.get("/no-such-page").text


def test_machines_get_problems_as_json(stage: Stage) -> None:
    answer = stage.browser("anonymous").get("/api/no-such-thing")
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


@pytest.mark.parametrize("row", WITHOUT_COOKIE, ids=lambda row: row.name)
def test_a_public_page_sets_no_cookie_and_two_strangers_read_the_same_bytes(stage: Stage, row: Row) -> None:
    with clock.pretend(clock.now()):  # a file says the second in which it was made
        one, two = (stage.app.test_client().get(address(stage, row)) for _ in range(2))
    assert "Set-Cookie" not in one.headers
    if row.endpoint != "progress.verify_code" and one.status_code == 200:
        assert one.headers["Cache-Control"].startswith("public"), row.name
        assert one.data == two.data


def test_a_page_that_did_not_change_is_not_sent_again(stage: Stage) -> None:
    first = stage.browser("anonymous").get("/services")
    again = stage.browser("anonymous").get("/services", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert_dressed(again, "304")


def test_a_page_with_a_cookie_in_the_request_is_kept_by_nobody(stage: Stage) -> None:
    answer = stage.browser("owner").get("/services")
    assert answer.headers["Cache-Control"] == "no-store"


def test_static_files_with_their_digest_are_kept_for_ever_and_without_it_are_asked_again(client: FlaskClient) -> None:
    hashed = re.findall(r'href="(/static/css/portal\.css\?v=\w+)"', client.get("/").text)
    kept, asked = client.get(hashed[0]), client.get("/static/css/portal.css")
    assert kept.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert asked.headers["Cache-Control"] == "no-cache"
    for answer in (kept, asked):
        assert_dressed(answer, "static")
        answer.close()


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example",
                                  "evil.example:80@localhost", "localhost@evil.example", ""])
@pytest.mark.parametrize("url", ["/", "/sign-in", "/progress", "/no-such-page", "/static/css/portal.css"])
def test_a_forged_host_is_refused_everywhere(client: FlaskClient, host: str, url: str) -> None:
    answer = client.get(url, headers={"Host": host})
    assert answer.status_code == 400
    assert "evil" not in answer.text
    answer.close()


def test_a_forwarded_host_is_not_believed(client: FlaskClient) -> None:
    answer = client.get("/", headers={"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"})
    assert answer.status_code == 200
    assert "evil" not in answer.text


ELSEWHERE = ["https://evil.example", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example",
             "http:evil.example", "javascript:alert(1)", "/\tevil.example", "\t//evil.example", "/\n/evil.example",
             "/\x00/evil.example",
             "%2f%2fevil.example", "evil.example", "https:/evil.example", "", " ",
             "/.\\/evil.example", "////evil.example/%2e%2e"]


@pytest.mark.parametrize("target", ELSEWHERE)
def test_after_signing_in_nobody_is_sent_to_another_site(app: Flask, target: str) -> None:
    person, client = make.citizen(), app.test_client()
    answer = client.post("/sign-in", query_string={"next": target},
                         data={"contact": person.email, "password": make.PASSWORD})
    assert (answer.status_code, answer.location) == (303, "/my/dossiers")


def test_after_signing_in_one_goes_on_where_one_was_going(app: Flask) -> None:
    person, client = make.citizen(), app.test_client()
    sent = client.get("/apply/H17/1.001193?from=sheet")
    assert sent.location == "/sign-in?next=/apply/H17/1.001193?from%3Dsheet"
    answer = client.post(sent.location, data={"contact": person.email, "password": make.PASSWORD})
    assert answer.location == "/apply/H17/1.001193?from=sheet"


@given(st.text(alphabet=st.sampled_from("/\\:@.?#%&=;htpsevil \t\n\r\x00\x0bxn2f5c"), max_size=25))
@settings(max_examples=300, deadline=None)
def test_whatever_passes_as_next_stays_on_this_site(target: str) -> None:
    if is_safe_next(target):
        browsers_view = re.sub(r"[\t\n\r]", "", target).replace("\\", "/")
        assert browsers_view.startswith("/") and not browsers_view.startswith("//")


@pytest.fixture
def production(app: Flask) -> Iterator[Flask]:
    """The portal as config.Default has it, on the tests' database."""

    class Production(config.Default):
        SECRET_KEY = "only this test, and long enough for it"
        DATABASE_URL = app.config["DATABASE_URL"]

    before = dict(db.new_session.kw)
    made = create_app(Production)
    made.extensions["engine"].dispose()
    db.new_session.configure(**before)
    made.test_client_class = Client
    yield made


def test_the_production_cookie_is_bound_to_this_host_and_to_tls(production: Flask) -> None:
    answer = production.test_client().get("/sign-in", base_url="https://localhost")
    [cookie] = answer.headers.getlist("Set-Cookie")
    name, *attributes = (part.strip() for part in cookie.split(";"))
    assert name.startswith("__Host-portal=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(attributes)
    assert not any(attribute.startswith(("Domain", "Expires", "Max-Age")) for attribute in attributes)
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")


def test_the_portal_refuses_to_start_without_a_secret() -> None:
    with pytest.raises(RuntimeError, match="PORTAL_SECRET_KEY"):
        create_app(config.Default)


def test_a_session_gets_a_new_cookie_at_sign_in_and_an_ended_one_stays_ended(app: Flask, sign_in: Any) -> None:
    client = sign_in(make.citizen())
    stolen = client.get_cookie("portal").value
    assert client.get("/my/dossiers").status_code == 200
    client.post("/sign-out")
    thief = app.test_client()
    thief.set_cookie("portal", stolen)
    for _ in range(2):
        assert thief.get("/my/dossiers").status_code == 303


def test_a_change_without_its_token_is_refused_at_every_route(furnished: Stage, csrf_on: None) -> None:
    """Every route that is not for reading, by everybody. Machines have a key instead, and no cookie."""
    rows = {(row.method, row.endpoint): row for row in ROWS if row.method != "GET"}
    changing = {(m, rule.endpoint) for m, rule in routes(furnished.app) if m != "GET"}
    assert set(rows) == changing
    for row in [row for row in rows.values() if not row.endpoint.startswith(("api.", "exchange_api."))]:
        for actor in ACTORS:
            with furnished.undone():
                answer = furnished.browser(actor).open(address(furnished, row), method=row.method, data=dict(row.data))
                assert answer.status_code == 400, f"{row.name} by {actor}"


def test_the_token_of_another_session_is_no_token(stage: Stage, csrf_on: None) -> None:
    token = re.search(r'name="csrf_token" value="([^"]+)"', stage.browser("other").get("/account").text)
    assert token
    taken = {"csrf_token": token[1], "name": "Kẻ Lạ", "language": "vi"}
    assert stage.browser("owner").post("/account", data=taken).status_code == 400
    own = re.search(r'name="csrf_token" value="([^"]+)"', stage.browser("owner").get("/account").text)
    assert own
    client = stage.browser("owner")
    form = client.get("/account").text
    own_token = re.search(r'name="csrf_token" value="([^"]+)"', form)
    assert own_token
    sent = client.post("/account", data={**taken, "name": "Tên Mới", "csrf_token": own_token[1]})
    assert sent.status_code == 303


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
                                     {"Origin": "https://evil.example"}, {"Origin": "http://localhost.evil.example"}])
def test_what_another_site_makes_a_browser_send_is_refused(stage: Stage, headers: dict[str, str]) -> None:
    answer = stage.browser("owner").post("/account/end-sessions", headers=headers)
    assert answer.status_code == 403
