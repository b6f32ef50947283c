"""Every route says who may enter, and keeps to it: the whole matrix of actors and routes (T1)."""
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, url_for
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from tests import make
from tests.house.conftest import Stage
from tests.house.matrix import ACTORS, ROWS, SIGN_IN, Row

pytestmark = pytest.mark.once  # what PostgreSQL changes of it is in test_row_security, test_foreign and test_fuzzed

UNKNOWN = 2_000_000_000
BEYOND_ANY_COLUMN = 10 ** 25


def routes(app: Flask) -> Iterator[tuple[str, Rule]]:
    for rule in app.url_map.iter_rules():
        if rule.endpoint != "static":
            yield from ((method, rule) for method in (rule.methods or set()) - {"HEAD", "OPTIONS"})


def address(stage: Stage, row: Row, **other: Any) -> str:
    """The row's address, its marks replaced by what is on the stage."""
    marks = marked(stage, row)
    args = {name: marks.get(value, value) for name, value in row.args.items()}
    if about_a_dossier(stage.app, row.endpoint):
        args["dossier_id"] = stage.dossiers[row.state]
    asked = other.get("dossier_id")
    with stage.app.test_request_context():
        url = url_for(row.endpoint, **args)
    return url.replace(f"/{args['dossier_id']}", f"/{asked}", 1) if asked else url


def marked(stage: Stage, row: Row) -> dict[str, Any]:
    """What is on the stage for each mark of a row."""
    return {"<code>": stage.codes[row.state], "<paper code>": stage.paper_code, "<paper>": stage.paper_id,
             "<attachment>": stage.attachments[row.state], "<colleague>": stage.people["colleague"],
             "<elsewhere>": stage.people["elsewhere"], "<role>": stage.roles["colleague"],
             "<role elsewhere>": stage.roles["elsewhere"], "<unit>": stage.units["H17"],
             "<unit elsewhere>": stage.units["H26"], "<job>": stage.dead_job_id,
            "<file in>": stage.document_file_id, **{
                f"<document {name}>": number for name, number in stage.documents.items()},
            **{f"<participant {name}>": number for name, number in stage.participants.items()},
            **{f"<message {name}>": number for name, number in stage.messages.items()},
            **{f"<copy {name}>": number for name, number in stage.copies.items()},
            "<directive>": stage.directive_id, "<template>": stage.template_key, "<period>": stage.period_id,
            "<period name>": stage.period, **{f"<plan {name}>": number for name, number in stage.plans.items()},
            "<report file>": stage.report_file_id,
            **{f"<report {name}>": number for name, number in stage.reports.items()},
            **{f"<task {name}>": number for name, number in stage.tasks.items()}}


def about_a_dossier(app: Flask, endpoint: str) -> bool:
    return any("dossier_id" in rule.arguments for rule in app.url_map.iter_rules(endpoint))


def knock(stage: Stage, client: FlaskClient, row: Row, url: str) -> Any:
    marks = marked(stage, row)
    data = {name: marks.get(value, value) if isinstance(value, str) else value for name, value in row.data.items()}
    return client.open(url, method=row.method, data=data if row.method != "GET" else None)


def test_every_view_says_who_may_enter(furnished: Stage) -> None:
    unguarded = [rule.endpoint for _m, rule in routes(furnished.app)
                 if not getattr(furnished.app.view_functions[rule.endpoint], "guard", None)]
    assert unguarded == []


def test_every_route_has_a_row_and_every_row_a_route(furnished: Stage) -> None:
    there = {(method, rule.endpoint) for method, rule in routes(furnished.app)}
    assert there == {(row.method, row.endpoint) for row in ROWS}


def test_every_row_speaks_of_every_actor() -> None:
    assert [row.name for row in ROWS if set(row.expected) != set(ACTORS)] == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_each_actor_gets_what_the_row_says(furnished: Stage, row: Row) -> None:
    got, wanted = {}, dict(row.expected)
    url = address(furnished, row)
    for actor in ACTORS:
        with furnished.undone():
            answer = knock(furnished, furnished.browser(actor), row, url)
        to_sign_in = answer.status_code == 303 and answer.location.split("?")[0] == "/sign-in"
        got[actor] = SIGN_IN if to_sign_in and wanted[actor] == SIGN_IN else answer.status_code
        answer.close()
    assert got == wanted


DOSSIER_ROWS = [row for row in ROWS if row.endpoint.split(".")[0] in ("citizen", "officer")
                and "upload_id" not in row.args and set(row.expected.values()) >= {404, SIGN_IN}]


@pytest.mark.parametrize("row", DOSSIER_ROWS, ids=lambda row: row.name)
def test_somebody_elses_dossier_looks_exactly_like_none(stage: Stage, row: Row) -> None:
    """Same status, same bytes, same headers but for the nonce, the digits of the address taken as equal."""
    for actor in [a for a in ACTORS if row.expected[a] == 404]:
        foreign_url, unknown_url = address(stage, row), address(stage, row, dossier_id=UNKNOWN)
        foreign = knock(stage, stage.browser(actor), row, foreign_url)
        unknown = knock(stage, stage.browser(actor), row, unknown_url)
        assert foreign.status_code == unknown.status_code == 404
        assert without_accidents(foreign, foreign_url) == without_accidents(unknown, unknown_url)


def without_accidents(answer: Any, url: str) -> tuple[str, dict[str, str]]:
    """Body and headers without nonce, token and asked address, which differ by themselves."""
    policy = answer.headers["Content-Security-Policy"]
    nonce = policy.split("'nonce-")[1].split("'")[0]
    headers = {name: value.replace(nonce, "NONCE") for name, value in answer.headers.items()
               if name not in ("Content-Length", "Set-Cookie")}
    body = re.sub(r'(name="csrf_token" value=)"[^"]+"', r"\1", answer.text)
    return body.replace(nonce, "NONCE").replace(url, "URL"), headers


@pytest.mark.parametrize("row", DOSSIER_ROWS, ids=lambda row: row.name)
def test_a_number_larger_than_any_column_is_an_unknown_one(stage: Stage, row: Row) -> None:
    for actor in ("owner", "holder"):
        url = address(stage, row, dossier_id=BEYOND_ANY_COLUMN)
        assert knock(stage, stage.browser(actor), row, url).status_code == 404


@pytest.mark.parametrize(("actor", "method", "url"), [
    ("owner", "GET", "/my/dossiers/{dossier}/attachments/{n}"), ("owner", "GET", "/my/dossiers/{dossier}/papers/{n}"),
    ("owner", "GET", "/my/dossiers?before={n}"), ("owner", "GET", "/my/dossiers?before=-1"),
    ("holder", "GET", "/officer/dossiers/{dossier}/attachments/{n}"),
    ("holder", "GET", "/officer/dossiers/{dossier}/papers/{n}"), ("holder", "GET", "/officer/queue?after={n}"),
    ("holder", "GET", "/officer/queue?after=2026-01-01T00:00:00%2B00:00~{n}"),
    ("portal_administrator", "POST", "/admin/people/{n}/deactivate"),
    ("portal_administrator", "POST", "/admin/people/{n}/activate"),
    ("portal_administrator", "POST", "/admin/jobs/{n}/retry"), ("anonymous", "GET", "/services?after={n}"),
    ("anonymous", "GET", "/progress?month={n}-01")])
def test_no_number_in_an_address_breaks_a_page(stage: Stage, actor: str, method: str, url: str) -> None:
    url = url.format(dossier=stage.dossiers["submitted"], n=BEYOND_ANY_COLUMN)
    assert stage.browser(actor).open(url, method=method).status_code in (200, 303, 404)


@pytest.mark.parametrize("url", [
    "/services/H17/%00", "/services?q=%00&agency=%00", "/services/suggest?q=a%00", "/procedures/%00", "/progress/%00",
    "/progress?code=%00", "/verify/%00", "/verify?code=%00", "/wards/%00", "/apply/%00/x", "/officer/queue?q=a%00b",
    "/services?q=%ff%fe", "/services/%ED%A0%80/x", "/progress/%E2%80%AE"])
def test_no_letter_in_an_address_breaks_a_page(stage: Stage, url: str) -> None:
    for actor in ("anonymous", "owner", "holder"):
        assert stage.browser(actor).get(url).status_code < 500


def test_a_file_of_another_dossier_is_not_reached_through_ones_own(stage: Stage) -> None:
    """The owner's own two dossiers: the number in the address must belong to the dossier in the address."""
    client, officer = stage.browser("owner"), stage.browser("holder")
    wrong = stage.dossiers["submitted"]
    for browser, door in ((client, "/my"), (officer, "/officer")):
        assert browser.get(f"{door}/dossiers/{wrong}/attachments/{stage.attachments['checking']}").status_code == 404
        assert browser.get(f"{door}/dossiers/{wrong}/papers/{stage.paper_id}").status_code == 404


def test_what_must_be_changed_comes_first(app: Flask, sign_in: Any) -> None:
    """A first password given by somebody else opens nothing but the page that changes it."""
    officer = sign_in(make.officer(must_change_password=True))
    for url in ("/officer/queue", "/account", "/my/dossiers"):
        answer = officer.get(url)
        assert (answer.status_code, answer.location) == (303, "/account/password")
    assert officer.get("/account/password").status_code == 200
