"""The page of a dossier: all an officer needs, the files as downloads, and nothing for anybody else."""
import re
from io import BytesIO
from typing import Any
from urllib.parse import unquote

import pytest

from portal import worker
from portal.dossiers import actions
from portal.dossiers.models import Dossier
from portal.files import actions as documents
from portal.files import queries as attached
from portal.kit.db import session
from portal.papers import queries as issued
from tests import make

UNKNOWN = 999_999


@pytest.fixture
def officer(app: Any) -> Any:
    return make.officer()


def steps_offered(page: str, dossier: Dossier) -> set[str]:
    return set(re.findall(rf'(?:action|class="button[^"]*" href)="/officer/dossiers/{dossier.id}/([a-z-]+)"', page))


HANDS = {"assign", "transfer", "release"}


@pytest.mark.parametrize(("state", "offered"), [
    ("submitted", {"claim"}), ("checking", {"accept", "ask", "refuse", *HANDS}),
    ("asked", {"amend", "take-back", *HANDS}), ("received", {"process", "decide", "ask", "extend", *HANDS}),
    ("processing", {"decide", "ask", "extend", *HANDS}), ("waiting", {"amend", "take-back", *HANDS}),
    ("answered", {"decide", "extend", *HANDS}), ("decided", {"hand-over", *HANDS}), ("returned", set()),
    ("not_received", set()), ("withdrawn", set())])
def test_who_holds_it_is_offered_what_the_state_allows(
        officer: Any, sign_in: Any, state: str, offered: set[str]) -> None:
    dossier, client = make.dossier(state, officer=officer), sign_in(officer)
    if state == "withdrawn":  # before anybody took it up: it is nobody's work
        client.post(f"/officer/dossiers/{dossier.id}/why", data=make.WHY)
    page = client.get(f"/officer/dossiers/{dossier.id}")
    assert page.status_code == 200
    assert steps_offered(page.text, dossier) == offered


@pytest.mark.parametrize("state", ["checking", "received", "processing", "decided"])
def test_a_colleague_sees_it_without_buttons(officer: Any, sign_in: Any, state: str) -> None:
    dossier = make.dossier(state, officer=officer)
    client = sign_in(make.officer())
    client.post(f"/officer/dossiers/{dossier.id}/why", data=make.WHY)
    page = client.get(f"/officer/dossiers/{dossier.id}").text
    assert steps_offered(page, dossier) == set()
    assert officer.name in page


def test_answers_are_in_words(officer: Any, sign_in: Any) -> None:
    dossier = make.dossier("checking", officer=officer)
    page = sign_in(officer).get(f"/officer/dossiers/{dossier.id}").text
    assert "03/02/1990" in page and "1990-02-03" not in page
    assert "Thành phố Đà Nẵng" in page
    assert dossier.applicant.email in page


def test_what_was_typed_is_text_never_markup(officer: Any, sign_in: Any) -> None:
    dossier = make.dossier("checking", officer=officer)
    key = next(k for k, v in dossier.answers.items() if v == make.VALUES["text"])
    dossier.answers = {**dossier.answers, key: "<script>alert(1)</script>"}
    session.commit()
    page = sign_in(officer).get(f"/officer/dossiers/{dossier.id}").text
    assert "<script>alert" not in page and "&lt;script&gt;alert" in page


def test_rounds_of_supplement_show_items_and_replies(officer: Any, sign_in: Any) -> None:
    dossier = make.dossier("asked", officer=officer)
    page = sign_in(officer).get(f"/en/officer/dossiers/{dossier.id}").text
    assert "Bản chụp mờ, không đọc được" in page and "Not answered yet" in page
    actions.answer(dossier, by=dossier.applicant, reply="Đã chụp lại rõ nét")
    session.commit()
    page = sign_in(officer).get(f"/en/officer/dossiers/{dossier.id}").text
    assert "Đã chụp lại rõ nét" in page and "Not answered yet" not in page


def test_a_replaced_file_stays_readable(officer: Any, sign_in: Any) -> None:
    dossier = make.dossier("checking", officer=officer)
    old = attached.attachments_of(dossier.owner)[0]
    new = documents.attach(dossier.owner, old.key, old.label, documents.prove(BytesIO(make.PDF), "bản mới.pdf"),
                           by_id=dossier.applicant_id)
    documents.supersede(dossier.owner, old.key, before=new.at)
    session.commit()
    page = sign_in(officer).get(f"/en/officer/dossiers/{dossier.id}").text
    assert "bản mới.pdf" in page and "1 earlier file, replaced by a supplement" in page
    assert f"/attachments/{old.id}" in page and f"/attachments/{new.id}" in page


def test_a_file_is_saved_and_never_shown(officer: Any, sign_in: Any) -> None:
    dossier = make.dossier("checking", officer=officer)
    file = attached.attachments_of(dossier.owner)[0]
    answer = sign_in(officer).get(f"/officer/dossiers/{dossier.id}/attachments/{file.id}", buffered=True)
    assert (answer.status_code, answer.data) == (200, make.PDF)
    header = answer.headers["Content-Disposition"]
    assert header.startswith("attachment") and unquote(header).endswith(f"UTF-8''{file.name}")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_file_of_another_dossier_is_unknown_here(officer: Any, sign_in: Any) -> None:
    mine, other = make.dossier("checking", officer=officer), make.dossier("checking", officer=officer)
    file = attached.attachments_of(other.owner)[0]
    client = sign_in(officer)
    foreign = client.get(f"/officer/dossiers/{mine.id}/attachments/{file.id}")
    unknown = client.get(f"/officer/dossiers/{mine.id}/attachments/{UNKNOWN}")
    assert foreign.status_code == unknown.status_code == 404


def test_the_receipt_appears_when_the_worker_has_made_it(app: Any, officer: Any, sign_in: Any) -> None:
    dossier = make.dossier("received", officer=officer)
    client = sign_in(officer)
    assert "A paper is being made" in client.get(f"/en/officer/dossiers/{dossier.id}").text
    worker.run_all(app)
    page = client.get(f"/en/officer/dossiers/{dossier.id}").text
    assert "A paper is being made" not in page
    sheet = issued.of(dossier.owner)[0].sheets[0]
    answer = client.get(f"/officer/dossiers/{dossier.id}/papers/{sheet.id}", buffered=True)
    assert answer.data.startswith(b"%PDF-")
    assert "Giấy tiếp nhận" in unquote(answer.headers["Content-Disposition"])
    other = make.dossier("received", officer=officer)
    assert client.get(f"/officer/dossiers/{other.id}/papers/{sheet.id}").status_code == 404


# (method, what follows /officer/dossiers/<id>)
ROUTES = [("GET", ""), ("GET", "/accept"), ("GET", "/ask"), ("GET", "/refuse"), ("GET", "/decide"),
          ("GET", "/hand-over"), ("POST", "/claim"), ("POST", "/release"), ("POST", "/accept"), ("POST", "/process"),
          ("POST", "/ask"), ("POST", "/refuse"), ("POST", "/decide"), ("POST", "/hand-over"),
          ("GET", "/attachments/{file}"), ("GET", "/papers/1")]


def _same_but_for_its_number(text: str) -> str:
    """The page without what differs in every answer: nonce, token and the address that was asked."""
    text = re.sub(r'nonce="[^"]+"|name="csrf_token" value="[^"]+"', "", text)
    return re.sub(r"/officer/dossiers/\d+", "/officer/dossiers/N", text)


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_a_foreign_dossier_answers_like_an_unknown_one(
        officer: Any, sign_in: Any, client: Any, method: str, path: str) -> None:
    dossier = make.dossier("checking", officer=officer)
    path = path.format(file=attached.attachments_of(dossier.owner)[0].id)
    strangers = (make.officer("H26"), make.citizen(), make.administrator(), dossier.applicant)
    for person in strangers:
        browser = sign_in(person)
        foreign = browser.open(f"/officer/dossiers/{dossier.id}{path}", method=method)
        unknown = browser.open(f"/officer/dossiers/{UNKNOWN}{path}", method=method)
        assert (foreign.status_code, unknown.status_code) == (404, 404), person.name
        assert _same_but_for_its_number(foreign.text) == _same_but_for_its_number(unknown.text)
    assert client.open(f"/officer/dossiers/{dossier.id}{path}", method=method).status_code == 303
    assert session.get_one(Dossier, dossier.id, populate_existing=True).state == "checking"


@pytest.mark.parametrize(("method", "path"), [route for route in ROUTES if route[1] not in ("", "/claim")
                                              and "{" not in route[1] and "papers" not in route[1]])
def test_a_colleague_takes_no_step(officer: Any, sign_in: Any, method: str, path: str) -> None:
    dossier = make.dossier("checking", officer=officer)
    assert sign_in(make.officer()).open(f"/officer/dossiers/{dossier.id}{path}", method=method).status_code == 403
    assert session.get_one(Dossier, dossier.id, populate_existing=True).state == "checking"


def test_a_draft_is_unknown_to_officers(officer: Any, sign_in: Any) -> None:
    dossier = make.dossier("draft")
    assert sign_in(officer).get(f"/officer/dossiers/{dossier.id}").status_code == 404


@pytest.mark.parametrize("number", ["0", "2147483648", "9" * 40, "-1", "x"])
def test_a_number_that_no_dossier_has_is_unknown(officer: Any, sign_in: Any, number: str) -> None:
    assert sign_in(officer).get(f"/officer/dossiers/{number}").status_code == 404
