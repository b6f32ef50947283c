"""My dossiers: seeing, answering, withdrawing, downloading; and nothing of anybody else's."""
import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient

from portal.dossiers import actions
from portal.dossiers.models import Dossier
from portal.dossiers.states import FINAL, State
from portal.files import actions as documents
from portal.files import queries as papers
from portal.kit import i18n
from portal.kit.clock import VN
from portal.kit.db import session
from tests import make

SignIn = Callable[[Any], FlaskClient]
STATES = [state for state in State if state is not State.draft]


@pytest.fixture
def owner() -> Any:
    return make.citizen()


@pytest.fixture
def client(sign_in: SignIn, owner: Any) -> FlaskClient:
    return sign_in(owner)


def fresh(dossier: Dossier) -> Dossier:
    session.expire_all()
    return session.get_one(Dossier, dossier.id)


@pytest.mark.parametrize("state", STATES)
def test_a_dossier_has_a_page_in_every_state_and_language(client: FlaskClient, owner: Any, state: State) -> None:
    dossier = make.dossier(state, by=owner)
    for prefix in ("", "/en"):
        page = client.get(f"{prefix}/my/dossiers/{dossier.id}")
        assert page.status_code == 200
        assert str(dossier.code) in page.text
        assert client.get(f"{prefix}/my/dossiers").status_code == 200
    assert dossier.service.procedure.name in client.get("/my/dossiers").text


@pytest.mark.parametrize("state", STATES)
def test_the_page_offers_exactly_what_can_be_done(client: FlaskClient, owner: Any, state: State) -> None:
    dossier = make.dossier(state, by=owner)
    page = client.get(f"/my/dossiers/{dossier.id}").text
    assert (f"/my/dossiers/{dossier.id}/answer" in page) == (state in (State.asked, State.waiting))
    assert (f"/my/dossiers/{dossier.id}/withdraw" in page) == (
        state not in FINAL | {State.decided})


def test_somebody_elses_dossier_and_an_unknown_one_are_the_same_bytes(sign_in: SignIn, owner: Any) -> None:
    dossier = make.dossier("received", by=owner)
    stranger = sign_in(make.citizen())

    def page(number: int) -> str:
        answer = stranger.get(f"/my/dossiers/{number}")
        assert answer.status_code == 404
        nonce = answer.headers["Content-Security-Policy"].split("'nonce-")[1].split("'")[0]
        text = re.sub(r'name="csrf_token" value="[^"]+"', "", answer.text)  # signed anew each second
        return text.replace(nonce, "").replace(f"/dossiers/{number}", "")

    assert page(dossier.id) == page(1_999_999_999)


@pytest.mark.parametrize("state", [s for s in STATES if s not in (State.asked, State.waiting)])
def test_answering_when_nothing_is_asked_is_a_409_that_says_how_it_stands(
        client: FlaskClient, owner: Any, state: State) -> None:
    dossier = make.dossier(state, by=owner)
    for answer in (client.get(f"/my/dossiers/{dossier.id}/answer"),
                   client.post(f"/my/dossiers/{dossier.id}/answer", data={"reply": "x"})):
        assert answer.status_code == 409
        assert f'href="/my/dossiers/{dossier.id}"' in answer.text
    assert fresh(dossier).state == state


@pytest.mark.parametrize("state", [State.decided, *sorted(FINAL)])
def test_withdrawing_what_is_decided_is_a_409(client: FlaskClient, owner: Any, state: State) -> None:
    dossier = make.dossier(state, by=owner)
    assert client.get(f"/my/dossiers/{dossier.id}/withdraw").status_code == 409
    assert client.post(f"/my/dossiers/{dossier.id}/withdraw").status_code == 409
    assert fresh(dossier).state == state


def test_withdrawing_asks_first_and_keeps_the_reason(client: FlaskClient, owner: Any) -> None:
    dossier = make.dossier("received", by=owner)
    assert client.get(f"/my/dossiers/{dossier.id}/withdraw").status_code == 200
    assert fresh(dossier).state == "received"
    client.post(f"/my/dossiers/{dossier.id}/withdraw", data={"reason": "Đã nộp trực tiếp"})
    assert fresh(dossier).state == "withdrawn"
    assert fresh(dossier).events[-1].note == "Đã nộp trực tiếp"


def item(dossier: Dossier) -> str:
    return f"item_{fresh(dossier).requests[-1].items[0].id}"


def answer(client: FlaskClient, dossier: Dossier, **data: Any) -> Any:
    return client.post(f"/my/dossiers/{dossier.id}/answer", data=data, content_type="multipart/form-data")


def test_the_reason_for_asking_stands_on_the_page(client: FlaskClient, owner: Any) -> None:
    dossier = make.dossier("waiting", by=owner)
    for path in ("", "/answer"):
        assert "Bản chụp mờ, không đọc được" in client.get(f"/my/dossiers/{dossier.id}{path}").text


def test_an_answer_with_a_file_goes_back_to_the_officer(client: FlaskClient, owner: Any) -> None:
    dossier = make.dossier("waiting", by=owner)
    sent = answer(client, dossier, **{item(dossier): (BytesIO(make.PDF), "bản rõ.pdf"), "reply": "Đã chụp lại"})
    assert (sent.status_code, sent.location) == (303, f"/my/dossiers/{dossier.id}")
    assert fresh(dossier).state == "processing"
    assert fresh(dossier).requests[-1].reply == "Đã chụp lại"
    assert "bản rõ.pdf" in [a.name for a in papers.attachments_of(dossier.owner)]


def test_what_is_supplemented_replaces_what_was_handed_in_and_both_can_be_read(sign_in: SignIn, owner: Any) -> None:
    dossier = make.dossier("received", by=owner)
    actions.ask(dossier, by=dossier.officer, items=[("paper_birth", "Giấy chứng sinh", "Mờ")])
    session.commit()
    client = sign_in(owner)
    answer(client, dossier, **{item(dossier): (BytesIO(make.PDF), "bản rõ.pdf")})
    counting = [a.name for a in papers.attachments_of(dossier.owner) if a.key == "paper_birth"]
    everything = [a.name for a in papers.attachments_of(dossier.owner, replaced=True) if a.key == "paper_birth"]
    assert counting == ["bản rõ.pdf"] and everything == ["giấy tờ.pdf", "bản rõ.pdf"]


def test_two_files_for_one_item_both_count(client: FlaskClient, owner: Any) -> None:
    dossier = make.dossier("waiting", by=owner)
    answer(client, dossier, **{item(dossier): [(BytesIO(make.PDF), "trang 1.pdf"), (BytesIO(make.PDF), "trang 2.pdf")]})
    assert {"trang 1.pdf", "trang 2.pdf"} <= {a.name for a in papers.attachments_of(dossier.owner)}


def test_an_empty_answer_is_no_answer(client: FlaskClient, owner: Any) -> None:
    dossier = make.dossier("waiting", by=owner)
    assert answer(client, dossier).status_code == 422
    assert fresh(dossier).state == "waiting"


def test_a_lying_file_hands_in_nothing_and_what_was_written_is_kept(client: FlaskClient, owner: Any) -> None:
    dossier = make.dossier("waiting", by=owner)
    before = len(papers.attachments_of(dossier.owner))
    sent = answer(client, dossier, **{item(dossier): (BytesIO(b"MZ" * 50), "bản rõ.pdf"), "reply": "Đã chụp lại"})
    assert sent.status_code == 422
    assert "bản rõ.pdf" in sent.text and "Đã chụp lại" in sent.text
    assert fresh(dossier).state == "waiting" and len(papers.attachments_of(dossier.owner)) == before


def test_two_windows_answer_once(client: FlaskClient, owner: Any) -> None:
    dossier = make.dossier("waiting", by=owner)
    assert answer(client, dossier, reply="Một").status_code == 303
    assert answer(client, dossier, reply="Hai").status_code == 409
    assert fresh(dossier).requests[-1].reply == "Một"


def with_result(owner: Any, state: str) -> tuple[Dossier, int]:
    dossier = make.dossier("processing", by=owner)
    actions.decide(dossier, by=dossier.officer, outcome="granted")
    result = documents.attach(dossier.owner, "result", "Kết quả", documents.prove(BytesIO(make.PDF), "kết quả.pdf"),
                              by_id=dossier.officer_id)
    if state == "returned":
        actions.hand_over(dossier, by=dossier.officer)
    session.commit()
    return dossier, result.id


def test_the_result_cannot_be_downloaded_before_it_is_handed_over(client: FlaskClient, owner: Any) -> None:
    dossier, result = with_result(owner, "decided")
    assert client.get(f"/my/dossiers/{dossier.id}/attachments/{result}").status_code == 404
    assert "kết quả.pdf" not in client.get(f"/my/dossiers/{dossier.id}").text


def test_afterwards_it_can_and_is_saved_not_shown(client: FlaskClient, owner: Any) -> None:
    dossier, result = with_result(owner, "returned")
    assert "kết quả.pdf" in client.get(f"/my/dossiers/{dossier.id}").text
    answer = client.get(f"/my/dossiers/{dossier.id}/attachments/{result}")
    assert answer.data == make.PDF
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert (answer.headers["X-Content-Type-Options"], answer.headers["Cache-Control"]) == ("nosniff", "no-store")
    answer.close()


def test_the_receipt_is_downloaded_with_the_same_bytes_each_time(client: FlaskClient, owner: Any) -> None:
    dossier = make.dossier("received", by=owner)
    [paper] = make.draw_papers(dossier)
    session.commit()
    for sheet in paper.sheets:
        one, two = (client.get(f"/my/dossiers/{dossier.id}/papers/{sheet.id}") for _ in range(2))
        assert one.data == two.data and one.data.startswith(b"%PDF-")
        assert str(dossier.code) in one.headers["Content-Disposition"]
        one.close()
        two.close()


def test_the_list_is_paged_and_newest_first(client: FlaskClient, owner: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    made = [actions.begin(make.service(), by=owner, key=f"key-{next(make.n)}") for _ in range(27)]
    session.commit()
    first = client.get("/my/dossiers").text
    assert f"/my/dossiers/{made[-1].id}" in first and f'/my/dossiers/{made[0].id}"' not in first
    assert f"before={made[2].id}" in first
    second = client.get(f"/my/dossiers?before={made[2].id}").text
    assert f"/my/dossiers/{made[0].id}" in second


def test_news_is_read_when_it_is_said_to_be(client: FlaskClient, owner: Any) -> None:
    make.dossier("received", by=owner)
    assert "/my/messages/read" in client.get("/my/dossiers").text
    client.post("/my/messages/read")
    assert "/my/messages/read" not in client.get("/my/dossiers").text


def test_an_answer_to_a_wording_that_was_changed_is_not_taken_for_one_to_the_new(
        client: FlaskClient, owner: Any) -> None:
    dossier = make.dossier("waiting", by=owner)
    read = fresh(dossier).requests[-1].id
    old_item = item(dossier)
    actions.amend(dossier, by=dossier.officer, items=make.ARGUMENTS["amend"]["items"])
    session.commit()
    sent = answer(client, dossier, **{old_item: (BytesIO(make.PDF), "bản rõ.pdf"), "reply": "Đã chụp lại rõ nét",
                                      "request_id": str(read)})
    assert sent.status_code == 409
    assert "Đã chụp lại rõ nét" in sent.text and "Bản chụp thiếu trang" in sent.text
    assert fresh(dossier).state == "waiting" and fresh(dossier).requests[-1].answered_at is None
    now = fresh(dossier).requests[-1].id
    assert answer(client, dossier, reply="Đã chụp lại rõ nét", request_id=str(now)).status_code == 303


def test_the_page_says_until_when_to_answer_and_what_that_does(client: FlaskClient, owner: Any) -> None:
    dossier = make.dossier("waiting", by=owner)
    page = client.get(f"/en/my/dossiers/{dossier.id}/answer").text
    assert "the time limit is counted again from zero" in page and "the agency stops work on the dossier" in page
    before = make.dossier("asked", by=owner)
    assert "goes on checking" in client.get(f"/en/my/dossiers/{before.id}/answer").text


def test_the_last_day_to_answer_is_named_and_not_the_midnight_after_it(client: FlaskClient, owner: Any) -> None:
    dossier = make.dossier("asked", by=owner)
    after = dossier.requests[-1].answer_until.astimezone(VN)
    with i18n.speaking("vi"):
        last = f"24 giờ 00, {i18n.day(after - timedelta(days=1))}"
    for page in ("", "/answer", "/due"):
        seen = client.get(f"/my/dossiers/{dossier.id}{page}").text
        assert last in seen and f"{after:%d/%m/%Y}" not in seen


def test_why_it_is_due_then_names_the_agency_and_nobody(client: FlaskClient, owner: Any) -> None:
    dossier = make.dossier("waiting", by=owner)
    page = client.get(f"/en/my/dossiers/{dossier.id}/due").text
    assert "Nghị định 118/2025/NĐ-CP" in page and dossier.agency.name in page
    assert dossier.officer.name not in page
    assert f'/my/dossiers/{dossier.id}/due"' in client.get(f"/my/dossiers/{dossier.id}").text


def test_where_nothing_can_be_downloaded_the_page_does_not_say_so(client: FlaskClient, owner: Any) -> None:
    on_paper = make.dossier("returned", by=owner)
    shown = client.get(f"/my/dossiers/{on_paper.id}").text
    assert "Không có tệp để tải" in shown and "Tải kết quả bên dưới" not in shown
    with_file, _result = with_result(owner, "returned")
    assert "Tải kết quả bên dưới" in client.get(f"/my/dossiers/{with_file.id}").text
