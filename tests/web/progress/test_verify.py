"""Verifying a paper: ours and unaltered, altered, or unknown; nothing personal, not too often."""
import hashlib
import zlib
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from portal.files import actions as stored
from portal.kit import files
from portal.kit.db import session
from portal.papers import codes
from portal.papers.models import Paper, PaperSheet
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
