"""The desk asks another agency for its opinion: the page, what it refuses in words, what stands on the dossier."""
import re
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import select

from portal.dossiers.models import Dossier
from portal.exchange import opinions
from portal.exchange.models import Opinion, Participant
from portal.files import queries as kept
from portal.kit import clock
from portal.kit.db import session
from portal.people.models import Person
from tests import make
from tests.exchange import documents

QUESTION = "Đề nghị cho ý kiến về điều kiện xây dựng của thửa đất số 12."


@pytest.fixture
def asked_of(app: Any) -> Participant:
    documents.participant("H17")
    return documents.participant("H26")


@pytest.fixture
def officer(app: Any) -> Person:
    return make.officer(make.commune())


@pytest.fixture
def dossier(officer: Person) -> Dossier:
    dossier = make.dossier("processing", officer=officer)
    dossier.due_at = clock.now() + timedelta(days=10)
    return make.save(dossier)


def page(dossier: Dossier, rest: str = "") -> str:
    return f"/officer/dossiers/{dossier.id}{rest}"


def typed(receiver: Participant, days: int = 3, **kw: Any) -> dict[str, Any]:
    day = documents.day(days)
    return {"receiver": str(receiver.id), "question": QUESTION, "due-day": str(day.day), "due-month": str(day.month),
            "due-year": str(day.year)} | kw


def asked(dossier: Dossier, receiver: Participant, by: Person) -> Opinion:
    opinion = opinions.ask(dossier, receiver, question=QUESTION, due_on=documents.day(3), by=by)
    session.commit()
    return opinion


def test_an_opinion_is_asked_with_papers_of_the_dossier_and_new_ones(dossier: Dossier, asked_of: Participant,
                                                                     officer: Person, sign_in: Any) -> None:
    client, paper = sign_in(officer), kept.attachments_of(dossier.owner)[0]
    assert page(dossier, "/opinions/ask") in client.get(page(dossier)).text
    form = client.get(page(dossier, "/opinions/ask"))
    assert form.status_code == 200 and asked_of.name in form.text and paper.name in form.text
    answer = client.post(page(dossier, "/opinions/ask"), data=typed(
        asked_of, papers=str(paper.id), files=(BytesIO(make.PDF), "ban-do.pdf")))
    assert (answer.status_code, answer.location) == (303, page(dossier)), answer.text
    [opinion] = session.scalars(select(Opinion).where(Opinion.dossier_id == dossier.id))
    assert sorted(one.name for one in opinions.files_of([opinion])[opinion.document_id]) == sorted(
        ["ban-do.pdf", paper.name])
    shown = client.get(page(dossier)).text
    assert QUESTION in shown and asked_of.name in shown and "Opinion asked of" not in shown
    [first, *_rest] = re.findall(rf"{page(dossier)}/opinions/{opinion.id}/files/\d+", shown)
    file = client.get(first)
    assert file.status_code == 200 and file.headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize("kw, words", [
    ({"question": ""}, "error"), ({"receiver": "0"}, "error"), ({"due-year": "2020"}, "error"),
    ({"files": (BytesIO(b"MZ not a paper"), "chuong-trinh.pdf")}, "chuong-trinh.pdf")])
def test_what_is_not_right_is_said_beside_its_question(dossier: Dossier, asked_of: Participant, officer: Person,
                                                       sign_in: Any, kw: dict[str, Any], words: str) -> None:
    answer = sign_in(officer).post(page(dossier, "/opinions/ask"), data=typed(asked_of) | kw)
    assert answer.status_code == 422 and words in answer.text
    assert session.scalar(select(Opinion.id)) is None


def test_why_it_was_not_asked_is_said_in_words(dossier: Dossier, asked_of: Participant, officer: Person,
                                               sign_in: Any) -> None:
    client = sign_in(officer)
    late = client.post(page(dossier, "/opinions/ask"), data=typed(asked_of, days=20))
    assert late.status_code == 422 and "trước ngày" in late.text
    asked(dossier, asked_of, officer)
    again = client.post(page(dossier, "/opinions/ask"), data=typed(asked_of))
    assert again.status_code == 422 and "chưa trả lời" in again.text


def test_the_page_says_when_the_agency_takes_no_part(dossier: Dossier, officer: Person, sign_in: Any) -> None:
    documents.participant("H26")
    assert "chưa tham gia liên thông văn bản" in sign_in(officer).get(page(dossier, "/opinions/ask")).text


def test_the_wrong_state_gets_409(asked_of: Participant, officer: Person, sign_in: Any) -> None:
    decided = make.dossier("decided", officer=officer)
    client = sign_in(officer)
    assert client.get(page(decided, "/opinions/ask")).status_code == 409
    assert page(decided, "/opinions/ask") not in client.get(page(decided)).text


def test_who_does_not_hold_it_asks_nobody_and_who_leads_the_unit_does(dossier: Dossier, asked_of: Participant,
                                                                      sign_in: Any) -> None:
    colleague, head = make.officer(make.commune()), make.staff("head_of_unit", make.commune())
    assert sign_in(colleague).get(page(dossier, "/opinions/ask")).status_code == 403
    assert sign_in(head).get(page(dossier, "/opinions/ask")).status_code == 200


def test_an_answer_by_letter_is_written_down(dossier: Dossier, asked_of: Participant, officer: Person,
                                             sign_in: Any) -> None:
    opinion, client = asked(dossier, asked_of, officer), sign_in(officer)
    at = page(dossier, f"/opinions/{opinion.id}/answer")
    assert QUESTION in client.get(at).text and client.post(at, data={}).status_code == 422
    assert client.post(at, data={"answer": "Đồng ý, công văn giấy số 12"}).status_code == 303
    assert "Đồng ý, công văn giấy số 12" in client.get(page(dossier)).text
    assert client.get(at).status_code == 409, "it has its answer"
    other = make.dossier("processing", officer=officer)
    assert client.get(page(other, f"/opinions/{opinion.id}/answer")).status_code == 404


def test_the_applicant_reads_whose_opinion_is_asked_and_not_what(dossier: Dossier, asked_of: Participant,
                                                                 officer: Person, sign_in: Any) -> None:
    opinion = asked(dossier, asked_of, officer)
    opinions.note_answer(opinion, "Không đồng ý vì quy hoạch", by=officer)
    session.commit()
    shown = sign_in(dossier.applicant).get(f"/my/dossiers/{dossier.id}").text
    assert f"Lấy ý kiến {asked_of.name}" in shown and f"Đã có ý kiến của {asked_of.name}" in shown
    assert QUESTION not in shown and "quy hoạch" not in shown


def test_files_of_another_document_are_not_there(dossier: Dossier, asked_of: Participant, officer: Person,
                                                 sign_in: Any) -> None:
    opinion, other = asked(dossier, asked_of, officer), documents.document(asked_of)
    foreign = documents.file(other, by=officer)
    paper = kept.attachments_of(dossier.owner)[0]
    for attachment in (foreign, paper):
        at = page(dossier, f"/opinions/{opinion.id}/files/{attachment.id}")
        assert sign_in(officer).get(at).status_code == 404
