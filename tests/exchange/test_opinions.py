"""An opinion asked of another agency about a dossier (Decree 118/2025 art. 19(4)): asked, awaited, answered, late."""
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import select

from portal.dossiers.models import Dossier
from portal.exchange import opinions, receiving
from portal.exchange.edxml.message import Code, OtherInfo, ResponseFor
from portal.exchange.models import Document, Opinion, Participant
from portal.files import actions as stored
from portal.files import queries as kept
from portal.files.models import Owner
from portal.kit import clock
from portal.kit.db import session
from portal.kit.jobs import Job
from portal.notices.models import Message as Notice
from portal.people.models import Person
from tests import make
from tests.exchange import documents, messages

QUESTION = "Đề nghị cho ý kiến về điều kiện xây dựng của thửa đất số 12."


@pytest.fixture
def asked_of(app: Any) -> Participant:
    """Another agency that takes part; the dossier's own does too."""
    documents.participant("H17")
    return documents.participant("H26")


@pytest.fixture
def officer(app: Any) -> Person:
    return make.officer(make.commune())


@pytest.fixture
def dossier(officer: Person) -> Dossier:
    """In work for ten days more."""
    dossier = make.dossier("processing", officer=officer)
    dossier.due_at = clock.now() + timedelta(days=10)
    return make.save(dossier)


def ask(dossier: Dossier, receiver: Participant, by: Person, *, days: int = 3, **kw: Any) -> Opinion:
    opinion = opinions.ask(dossier, receiver, question=QUESTION, due_on=documents.day(days), by=by, **kw)
    session.commit()
    return opinion


def answer(opinion: Opinion, sender: Participant, **kw: Any) -> Document:
    """A document that answers, closed as the job does."""
    document = documents.document(sender, (opinion.document.sender,), **{
        "answers_id": opinion.document_id, "content": "Thửa đất đủ điều kiện xây dựng.", "sent_at": clock.now()} | kw)
    make.done("exchange.close_opinion", document_id=document.id)
    session.refresh(opinion)
    return document


def told(name: str) -> list[Notice]:
    """The notices whose subject speaks of it."""
    return [one for one in session.scalars(select(Notice).order_by(Notice.id)) if name in one.subject]


def test_the_question_travels_as_a_document_with_the_dossiers_code(dossier: Dossier, asked_of: Participant,
                                                                   officer: Person) -> None:
    due = dossier.due_at
    opinion = ask(dossier, asked_of, officer)
    document = opinion.document
    assert (document.state, document.reference_codes, document.dossier_id) == ("sent", [dossier.code], dossier.id)
    assert document.due_on == documents.day(3) and document.content == QUESTION
    assert dossier.holder_name and dossier.holder_name not in document.subject, "nobody's name in what lists show"
    assert (opinion.copy.receiver_id, opinion.asked_by_id, opinion.by_name) == (asked_of.id, officer.id, officer.name)
    assert opinion.due_at.astimezone(clock.VN).date() == documents.day(3)
    assert (dossier.due_at, dossier.stopped_at) == (due, None), "the clock runs on"


def test_papers_of_the_dossier_go_along_as_they_are_now(dossier: Dossier, asked_of: Participant,
                                                        officer: Person) -> None:
    paper = kept.attachments_of(dossier.owner)[0]
    new = stored.prove(BytesIO(make.PDF), "ban-do.pdf")
    opinion = ask(dossier, asked_of, officer, enclosed=[opinions.copied(paper), new])
    sent = kept.attachments_of(opinion.document.owner)
    assert [one.name for one in sent] == [paper.name, "ban-do.pdf"]
    assert sent[0].file.sha256 == paper.file.sha256 and sent[0].file_id != paper.file_id
    assert opinions.files_of([opinion])[opinion.document_id] == sent


@pytest.mark.parametrize("state", ["submitted", "asked", "decided", "returned", "withdrawn"])
def test_nothing_is_asked_about_what_nobody_works_on(asked_of: Participant, officer: Person, state: str) -> None:
    with pytest.raises(opinions.NotNow):
        ask(make.dossier(state), asked_of, officer)


def test_an_agency_is_asked_once_until_it_answers(dossier: Dossier, asked_of: Participant, officer: Person) -> None:
    opinion = ask(dossier, asked_of, officer)
    with pytest.raises(opinions.AskedAlready):
        ask(dossier, asked_of, officer)
    answer(opinion, asked_of)
    assert ask(dossier, asked_of, officer).id != opinion.id


def test_an_answer_has_to_come_before_the_dossier_is_due(dossier: Dossier, asked_of: Participant,
                                                         officer: Person) -> None:
    assert dossier.due_at is not None
    days = (clock.day_of(dossier.due_at) - clock.today()).days
    with pytest.raises(opinions.TooLate):
        ask(dossier, asked_of, officer, days=days + 1)
    assert ask(dossier, asked_of, officer, days=days)


def test_a_dossier_that_is_late_already_still_asks(dossier: Dossier, asked_of: Participant, officer: Person) -> None:
    dossier.due_at = clock.now() - timedelta(days=1)
    assert ask(dossier, asked_of, officer, days=5)


def test_an_agency_that_takes_no_part_asks_nobody(officer: Person, dossier: Dossier) -> None:
    other = documents.participant("H26")
    assert opinions.asker(dossier) is None
    with pytest.raises(opinions.NoSender):
        ask(dossier, other, officer)


def test_a_document_that_answers_closes_it_and_is_filed_with_the_dossier(dossier: Dossier, asked_of: Participant,
                                                                         officer: Person) -> None:
    opinion = ask(dossier, asked_of, officer)
    document = answer(opinion, asked_of)
    assert (opinion.answer_id, opinion.answer) == (document.id, "Thửa đất đủ điều kiện xây dựng.")
    assert opinion.answered_at == document.sent_at and document.dossier_id == dossier.id
    [notice] = told("đã có ý kiến về hồ sơ")
    assert notice.person_id == officer.id and dossier.code in notice.subject
    assert QUESTION not in notice.body and "điều kiện xây dựng" not in notice.body
    make.done("exchange.close_opinion", document_id=document.id)
    assert len(told("đã có ý kiến về hồ sơ")) == 1, "said twice, it happened once"


def test_a_document_that_names_the_dossier_alone_closes_the_one_opinion_about_it(dossier: Dossier, officer: Person,
                                                                                 asked_of: Participant) -> None:
    opinion = ask(dossier, asked_of, officer)
    document = answer(opinion, asked_of, answers_id=None, reference_codes=[dossier.code, "H17-000000-0000"])
    assert opinion.answer_id == document.id and document.dossier_id == dossier.id
    [event] = [one for one in opinion.document.events if one.code == "answered"]
    assert (event.how, event.sure, event.copy_id) == ("answer", opinions.BY_CODE_ALONE, opinion.copy_id)


@pytest.mark.parametrize("names", ["the document", "the dossier"])
def test_an_answer_that_another_system_sends_finds_its_way(dossier: Dossier, asked_of: Participant, officer: Person,
                                                           names: str) -> None:
    """As a message, by what it says that it answers or by the dossier's code alone."""
    opinion = ask(dossier, asked_of, officer)
    asked, other = opinion.document, OtherInfo(reference_codes=(dossier.code or "",))
    said = messages.document("H17", sender="H26", content="Đủ điều kiện.", **(
        {"response_for": (ResponseFor(asked.sender.code, Code(asked.number, asked.notation), None, asked.day),)}
        if names == "the document" else {"other": other}))
    receiving.take(asked_of, messages.taken(said), way="api")
    session.commit()
    for job in session.scalars(select(Job).where(Job.name == "exchange.close_opinion", Job.done_at.is_(None))).all():
        make.done("exchange.close_opinion", **job.args)
    session.refresh(opinion)
    assert opinion.answer == "Đủ điều kiện." and opinion.answer_id is not None
    assert session.get_one(Document, opinion.answer_id).dossier_id == dossier.id


def test_nobody_else_answers_or_files_anything_with_a_dossier(dossier: Dossier, asked_of: Participant,
                                                              officer: Person) -> None:
    opinion, stranger = ask(dossier, asked_of, officer), documents.participant("G15")
    for kw in ({"answers_id": opinion.document_id}, {"answers_id": None, "reference_codes": [dossier.code]}):
        document = answer(opinion, stranger, **kw)
        assert opinion.answered_at is None and document.dossier_id is None


def test_the_head_of_the_unit_is_told_once_that_no_answer_came(dossier: Dossier, asked_of: Participant,
                                                               officer: Person) -> None:
    head = make.staff("head_of_unit", make.commune())
    opinion = ask(dossier, asked_of, officer, days=1)
    make.done("exchange.report_late_opinions")
    assert opinion.head_told_at is None and told("quá hạn") == []
    with clock.pretend(opinion.due_at + timedelta(minutes=1)):
        for _again in range(2):
            make.done("exchange.report_late_opinions")
            for number in opinions.late(clock.now()):
                make.done("exchange.report_late_opinion", opinion_id=number)
        session.refresh(opinion)
        assert opinion.head_told_at is not None
        to_head, to_officer = told("quá hạn")
        assert (to_head.role, to_head.agency_id, to_head.unit_id) == (
            "head_of_unit", dossier.agency_id, dossier.unit_id)
        assert to_officer.person_id == officer.id and asked_of.name in to_head.subject
        assert head.roles


def test_an_answer_that_comes_late_is_told_to_the_head_too(dossier: Dossier, asked_of: Participant,
                                                           officer: Person) -> None:
    make.staff("head_of_unit", make.commune())
    opinion = ask(dossier, asked_of, officer, days=1)
    with clock.pretend(opinion.due_at + timedelta(hours=5)):
        answer(opinion, asked_of)
        [late] = told("có ý kiến muộn")
        assert late.role == "head_of_unit" and opinion.head_told_at is not None
        assert opinions.late(clock.now()) == []


def test_an_answer_by_letter_is_written_down_with_who_wrote_it(dossier: Dossier, asked_of: Participant,
                                                               officer: Person) -> None:
    opinion = ask(dossier, asked_of, officer)
    opinions.note_answer(opinion, "Công văn giấy số 12 ngày 1/12: đồng ý.", by=officer)
    session.commit()
    [event] = [one for one in opinion.document.events if one.code == "answered"]
    assert (event.how, event.by_name) == ("person", officer.name) and opinion.answer_id is None
    first = opinion.answered_at
    opinions.note_answer(opinion, "khác", by=officer)
    assert (opinion.answered_at, opinion.answer) == (first, "Công văn giấy số 12 ngày 1/12: đồng ý.")


def test_the_applicant_is_told_of_whom_and_when_and_of_nothing_else(dossier: Dossier, asked_of: Participant,
                                                                    officer: Person) -> None:
    opinion = ask(dossier, asked_of, officer)
    [line] = opinions.told(dossier)
    assert line == (asked_of.name, opinion.asked_at, opinion.due_at, None)
    assert kept.attachments_of(Owner("dossier", dossier.id)) != []
