"""Verifying a paper: ours and unaltered, altered, or unknown; nothing personal, not too often."""
import hashlib
import zlib
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from portal.dossiers import actions
from portal.dossiers import queries as dossiers
from portal.files import actions as stored
from portal.kit import files
from portal.kit.db import session
from portal.kit.i18n import day, moment
from portal.papers import codes
from portal.papers import queries as papers
from portal.papers.facts import masked_name
from portal.papers.models import Paper, PaperSheet, ResultEntry
from portal.web.progress.verify import QUESTIONS
from tests import make

HOLDER = "Lý Thị Canary"


@pytest.fixture
def paper(app: Any) -> tuple[Paper, bytes]:
    code = codes.new_code()
    facts = f'{{"holder_name": "{HOLDER}", "verification_code": "{code}"}}'.encode()
    content = b"%PDF-1.7\nstream\n" + zlib.compress(facts) + b"\nendstream\n%%EOF"
    made = make.save(Paper(
        kind="receipt", owner_kind="dossier", owner_id=1, code=code, dossier_code="H17-261122-0001",
        agency_name=make.agency().name, facts={"holder_name": HOLDER},
        issued_at=datetime(2026, 11, 22, 3, tzinfo=UTC)))
    drawn(made, "A5", hashlib.sha256(content).hexdigest(), len(content))
    return made, content


def drawn(paper: Paper, size_name: str, sha256: str, size: int) -> None:
    """A sheet of the paper; its bytes are nowhere."""
    blob = files.Blob(f"test/{paper.code}-{size_name}", sha256, size, "application/pdf")
    file = stored.store(paper.owner, blob)
    make.save(PaperSheet(paper_id=paper.id, size_name=size_name, file_id=file.id))
    session.expire(paper, ["sheets"])


def send(client: FlaskClient, content: bytes, name: str = "giay-tiep-nhan.pdf") -> Any:
    file = FileStorage(BytesIO(content), name, content_type="application/pdf")
    boundary, body = encode_multipart({"file": file})  # the client's own encoder would leave a file open
    return client.post("/verify", data=body, content_type=f"multipart/form-data; boundary={boundary}")


def test_the_code_of_a_paper_tells_its_public_facts(client: FlaskClient, paper: tuple[Paper, bytes]) -> None:
    made, _content = paper
    answer = client.get(f"/verify/{made.code}")
    assert answer.status_code == 200
    for fact in (made.code, made.sheets[0].sha256, made.dossier_code, made.agency_name, "22/11/2026"):
        assert fact in answer.text
    assert HOLDER not in answer.text


def test_a_typed_code_leads_to_its_page(client: FlaskClient, paper: tuple[Paper, bytes]) -> None:
    code = paper[0].code
    answer = client.get("/verify", query_string={"code": code.replace("-", " ").lower()})
    assert answer.status_code == 303 and answer.location.endswith(f"/verify/{code}")
    assert client.get(f"/verify/{code.replace('-', '')}").location.endswith(f"/verify/{code}")


def test_a_code_that_cannot_be_says_what_a_code_looks_like(client: FlaskClient) -> None:
    answer = client.get("/verify", query_string={"code": "7K3M"})
    assert answer.status_code == 400 and "7K3M" in answer.text and "bốn nhóm" in answer.text
    assert client.get("/verify/7K3M").status_code == 404


def test_a_code_that_was_never_issued(client: FlaskClient) -> None:
    answer = client.get(f"/verify/{codes.new_code()}")
    assert answer.status_code == 404 and "Không có giấy nào" in answer.text


def test_the_very_file_is_ours_and_unaltered(client: FlaskClient, paper: tuple[Paper, bytes]) -> None:
    made, content = paper
    answer = send(client, content)
    assert answer.status_code == 200 and "còn nguyên vẹn" in answer.text
    assert made.dossier_code in answer.text and HOLDER not in answer.text


def test_a_changed_file_that_carries_our_code_is_altered(client: FlaskClient,
                                                         paper: tuple[Paper, bytes]) -> None:
    made, content = paper
    answer = send(client, content + b"\n%changed")
    assert "đã bị sửa hoặc không phải bản gốc" in answer.text and "Nội dung tệp giống" not in answer.text
    assert made.sheets[0].sha256 in answer.text and HOLDER not in answer.text


def test_another_file_is_unknown(client: FlaskClient) -> None:
    answer = send(client, make.PDF)
    assert answer.status_code == 404 and "không nhận ra tệp này" in answer.text


@pytest.mark.parametrize("content, name", [(b"", "rong.pdf"), (b"GIF89a", "anh.gif"),
                                           (b"%PDF-" + b"0" * 10_000_001, "lon.pdf")])
def test_an_empty_a_wrong_and_a_huge_file_are_refused_in_words(client: FlaskClient, content: bytes,
                                                               name: str) -> None:
    answer = send(client, content, name)
    assert answer.status_code == 400 and "data-problems" in answer.text


def test_nothing_sent_is_refused_in_words(client: FlaskClient) -> None:
    answer = client.post("/verify", data={})
    assert answer.status_code == 400 and "data-problems" in answer.text


def test_asking_too_often_is_refused(client: FlaskClient, paper: tuple[Paper, bytes]) -> None:
    answers = [client.get(f"/verify/{paper[0].code}").status_code for _ in range(QUESTIONS + 1)]
    assert answers == [200] * QUESTIONS + [429]


def test_a_paper_in_two_sizes_shows_both_digests(client: FlaskClient, paper: tuple[Paper, bytes]) -> None:
    made, _content = paper
    drawn(made, "A4", "a" * 64, 9)
    session.commit()
    text = client.get(f"/verify/{made.code}").text
    assert made.sheets[0].sha256 in text and "a" * 64 in text


def test_answers_are_not_kept(client: FlaskClient, paper: tuple[Paper, bytes]) -> None:
    assert client.get("/verify").headers["Cache-Control"] == "no-store"
    assert client.get(f"/verify/{paper[0].code}").headers["Cache-Control"] == "no-store"


def test_a_code_tells_what_a_forger_would_change(client: FlaskClient) -> None:
    dossier = make.dossier("waiting")
    make.draw_papers(dossier)
    receipt, request = papers.of(dossier.owner)
    page = client.get(f"/verify/{receipt.code}").text
    holder = str(dossier.holder_name)
    assert dossier.service.procedure.name in page and str(receipt.number) in page and make.commune().name in page
    assert masked_name(holder) in page and holder not in page
    assert moment(datetime.fromisoformat(receipt.facts["received_at"])) in page
    assert moment(datetime.fromisoformat(receipt.facts["due_at"])) in page
    asked = client.get(f"/verify/{request.code}").text
    assert day(date.fromisoformat(request.facts["answer_by"])) in asked and "thay bằng" not in asked


def test_a_request_that_was_worded_anew_is_said_to_be_replaced(client: FlaskClient) -> None:
    dossier = make.dossier("waiting")
    actions.amend(dossier, by=dossier.officer, **make.ARGUMENTS["amend"])
    session.commit()
    make.draw_papers(dossier)
    _receipt, old, new = papers.of(dossier.owner)
    assert "thay bằng" in client.get(f"/verify/{old.code}").text
    assert "thay bằng" not in client.get(f"/verify/{new.code}").text
    answer = send(client, files.where(old.sheets[0].file.blob).read_bytes())
    assert "thay bằng" in answer.text and answer.status_code == 200
    actions.take_back(dossier, by=dossier.officer)
    session.commit()
    assert "rút lại" in client.get(f"/verify/{new.code}").text


def test_a_result_that_was_handed_over_is_verified_by_its_code_and_by_its_file(client: FlaskClient) -> None:
    dossier = make.dossier("decided")
    proven = stored.prove(BytesIO(make.PDF), "trích lục.pdf")
    attachment = stored.attach(dossier.owner, "result", "Kết quả", proven, by_id=dossier.officer.id)
    session.commit()
    content = files.where(attachment.file.blob).read_bytes()
    assert send(client, content).status_code == 404, "nobody was given it yet"
    actions.hand_over(dossier, by=dossier.officer)
    session.commit()
    [code] = papers.entries(dossier.owner).values()
    for answer in (client.get(f"/verify/{code}"), send(client, content)):
        assert answer.status_code == 200 and attachment.file.sha256 in answer.text
        assert dossier.service.procedure.name in answer.text and masked_name(str(dossier.holder_name)) in answer.text
    assert send(client, content + b"%").status_code == 404


def test_results_that_an_earlier_release_handed_over_are_entered_at_night(app: Any) -> None:
    dossier = make.dossier("decided")
    stored.attach(dossier.owner, "result", "Kết quả", stored.prove(BytesIO(make.PDF), "kq.pdf"), by_id=1)
    actions.hand_over(dossier, by=dossier.officer)
    session.query(ResultEntry).delete()
    session.commit()
    assert dossiers.without_entry(500) == [dossier.id]
    make.done("dossiers.issue_missing", dossier_id=dossier.id)
    assert papers.entries(dossier.owner) and dossiers.without_entry(500) == []


@pytest.mark.once
@pytest.mark.parametrize(("name", "masked"), [
    ("Nguyễn Thị Minh Anh", "N. T. M. Anh"), ("Y Ƀlŏ Kpă", "Y. Ƀ. Kpă"), ("Sukarno", "S***"), ("", "")])
def test_of_a_name_initials_are_told(name: str, masked: str) -> None:
    assert masked_name(name) == masked
