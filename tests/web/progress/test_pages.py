"""The public pages: what they say, what they never say, and how they may be kept."""
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient

from portal.dossiers.models import Dossier
from portal.intake import feed
from portal.kit import clock
from portal.kit.db import session
from portal.web.progress.words import in_pieces
from tests import make


@pytest.mark.parametrize("state", list(make.PATHS))
def test_a_dossier_in_any_state_has_its_page(client: FlaskClient, state: str) -> None:
    dossier = make.dossier(state)
    answer = client.get(f"/progress/{dossier.code}")
    assert answer.status_code == 200
    assert str(dossier.code) in answer.text and dossier.agency.name in answer.text
    assert dossier.service.procedure.name in answer.text


def test_no_name_and_nothing_typed_is_on_any_public_page(client: FlaskClient) -> None:
    canaries = {"Hoàng Thị Canary", "Trần Văn Chim Yến", "canary@example.vn", "+84987654321"}
    applicant = make.citizen(name="Hoàng Thị Canary", email="canary@example.vn", phone="+84987654321")
    officer = make.officer(name="Trần Văn Chim Yến")
    for state in make.PATHS:
        make.dossier(state, by=applicant, officer=officer)
    typed = {str(v) for v in make.VALUES.values() if isinstance(v, str)} - {"1990-02-03"}
    codes = [code for (code,) in session.query(Dossier.code).filter(Dossier.code.is_not(None))]
    pages = ["/progress", "/progress?sort=late", "/progress/H17", "/en/progress", "/verify"]
    for path in pages + [f"/progress/{code}" for code in codes]:
        text = client.get(path).text
        for secret in canaries | typed | {"Bản chụp mờ", "Không thuộc thẩm quyền"}:
            assert secret not in text, (path, secret)


def test_public_pages_set_no_cookie_and_answer_304(client: FlaskClient) -> None:
    dossier = make.dossier("received")
    for path in ("/progress", "/progress/H17", f"/progress/{dossier.code}"):
        with clock.pretend(clock.now()):  # a minute later a running dossier's page says something else
            first = client.get(path)
            assert "Set-Cookie" not in first.headers
            assert first.headers["Cache-Control"].startswith("public")
            again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
        assert again.status_code == 304 and not again.data


def test_a_new_step_is_on_the_page_at_once(client: FlaskClient) -> None:
    dossier = make.dossier("checking")
    before = client.get(f"/progress/{dossier.code}")
    make.actions.accept(dossier, by=dossier.officer)
    session.commit()
    after = client.get(f"/progress/{dossier.code}", headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200 and "Tiếp nhận, cấp giấy tiếp nhận" in after.text


def test_the_page_of_a_dossier_is_not_for_search_engines(client: FlaskClient) -> None:
    dossier = make.dossier()
    assert client.get(f"/progress/{dossier.code}").headers["X-Robots-Tag"] == "noindex"


def test_a_typed_code_leads_to_its_page(client: FlaskClient) -> None:
    answer = client.get("/progress", query_string={"code": " h17 261122 0001"})
    assert answer.status_code == 303 and answer.location.endswith("/progress/H17-261122-0001")


def test_a_code_in_another_spelling_leads_to_the_one(client: FlaskClient) -> None:
    answer = client.get("/progress/h17-261122-0001")
    assert answer.status_code == 301 and answer.location.endswith("/progress/H17-261122-0001")


@pytest.mark.parametrize("path", ["/progress/H17-261122-9999", "/progress?code=abc", "/progress/H17-269922-0001",
                                  "/progress/H99", "/progress/%3Cscript%3E-261122-0001"])
def test_what_is_unknown_says_so_and_asks_again(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert 'name="code"' in answer.text and "<script>-" not in answer.text
    assert "public" not in answer.headers["Cache-Control"]


def test_a_draft_is_not_published(client: FlaskClient) -> None:
    make.dossier("draft")
    assert ", trong đó 0 hồ sơ quá hạn" in client.get("/progress").text


def push(agency: str, n: int) -> None:
    rows = [{"code": f"{agency}-261105-{i:04}", "procedure": "1.001193", "status": 2, "at": "2026-11-05T02:00:00Z"}
            for i in range(n)]
    feed.ingest(make.agency(agency), rows, channel="api", idempotency_key="k", body_sha256="0" * 64, key_id=None)
    session.commit()


def test_the_nation_counts_agencies_and_sorts_them(client: FlaskClient) -> None:
    push("H17", 6)
    push("H26", 9)
    text = client.get("/progress").text
    assert text.index("/progress/H17") > 0 and text.index("/progress/H26") > 0
    by_done = client.get("/progress?sort=received").text
    assert by_done.index('href="/progress/H26"') < by_done.index('href="/progress/H17"')
    assert 'aria-sort="descending"' in by_done


@pytest.mark.parametrize("path", ["/progress/sectors", "/progress/procedures/1.001193", "/progress/groups/provinces",
                                  "/progress/H17", "/progress/levels.csv"])
def test_a_month_to_come_is_a_month_without_figures(client: FlaskClient, path: str) -> None:
    assert client.get(f"{path}?month=9999-12").status_code == 200


@pytest.mark.parametrize("query", ["sort=nothing", "month=", "month=9999-12", "sort=late&month=2026-10",
                                   "sort=late&sort=share"])
def test_an_odd_question_still_gets_the_page(client: FlaskClient, query: str) -> None:
    assert client.get(f"/progress?{query}").status_code == 200


def test_an_agency_has_its_months(client: FlaskClient) -> None:
    make.dossier("decided")
    text = client.get("/progress/H17").text
    months = text[text.index('id="months"'):]
    assert make.agency().name in text and months[:months.index("</table>")].count("<tr>") == 14


def test_an_agency_key_in_small_letters_leads_on(client: FlaskClient) -> None:
    answer = client.get("/progress/h17")
    assert answer.status_code == 301 and answer.location.endswith("/progress/H17")


def test_a_late_dossier_says_so_in_words(client: FlaskClient) -> None:
    dossier = make.dossier("processing")
    with time_machine.travel(dossier.due_at.timestamp() + 5 * 86400, tick=False):
        text = client.get(f"/progress/{dossier.code}").text
    assert "Quá hạn" in text and "xin lỗi" in text


def test_english_is_whole(client: FlaskClient) -> None:
    text: Any = client.get(f"/en/progress/{make.dossier('waiting').code}").text
    assert "What happens next" in text and "The clock stands still since" in text


def test_a_name_in_pieces_is_the_same_name() -> None:
    name = "Bộ Khoa học và Công nghệ"
    assert in_pieces(name) == "Bộ\u00a0Khoa\u00a0học\u00a0và Công\u00a0nghệ"
    assert in_pieces(name).replace("\u00a0", " ") == name
