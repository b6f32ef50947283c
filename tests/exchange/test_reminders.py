"""Who is told that an answer is due, and the letter that reminds: once a day at most, through the exchange."""
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.exchange import conversation, recording, reminders
from portal.exchange.models import Copy, Document, ExchangeEvent, Message, Participant
from portal.kit import clock
from portal.kit.db import session
from portal.kit.jobs import waiting
from portal.notices import queries as notices
from portal.people.models import Person
from portal.people.permissions import Role
from tests import make
from tests.exchange import made

pytestmark = pytest.mark.usefixtures("app")
DUE = date(2026, 11, 20)  # a Friday
NOON = made.MORNING.replace(day=23, hour=5)


@pytest.fixture(autouse=True)
def monday() -> Iterator[None]:
    with clock.pretend(NOON):
        yield


@pytest.fixture
def office() -> Participant:
    return made.participant("H17", way="pages", agency_id=make.agency().id, name="UBND thành phố")


@pytest.fixture
def clerk() -> Person:
    return make.staff(Role.clerk, "H17")


@pytest.fixture
def document(office: Participant, clerk: Person) -> Document:
    receivers = (made.participant("H98.01"), made.participant("H98.02"), made.participant("H98.03"))
    return made.document(office, receivers, due_on=DUE, created_by_id=clerk.id, number="12", notation="UBND-VX",
                         signer_name="Trần Văn Bình", subject="Về việc báo cáo")


def letters(document: Document) -> list[Document]:
    session.expire_all()
    return list(session.scalars(select(Document).where(Document.answers_id == document.id).order_by(Document.id)))


def test_a_letter_goes_to_those_who_have_not_answered(document: Document, clerk: Person) -> None:
    first, second, third = document.copies
    recording.record(document, "answered", copy=first, at=made.later(9), how="answer")
    recording.record(document, "02", copy=second, at=made.later(9), how="status", note="Nhầm")
    session.commit()
    letter, count = reminders.remind(document, clerk)
    assert (count, [copy.receiver_id for copy in letter.copies]) == (1, [third.receiver_id])
    assert letter.state == "sent" and letter.number == "1" and letter.priority == 1
    assert letter.subject == "Đôn đốc trả lời Công văn số 12/UBND-VX ngày 02/11/2026"
    assert "đã quá hạn" in letter.content and letter.about[0]["key"] == document.key
    session.expire_all()
    assert [bool(copy.reminded_at) for copy in document.copies] == [False, False, True]
    event = session.scalars(select(ExchangeEvent).where(ExchangeEvent.code == "reminded")).one()
    assert (event.copy_id, event.message_id) == (third.id, letter.message_id)


def test_nobody_is_reminded_twice_on_a_day(document: Document, clerk: Person) -> None:
    reminders.remind(document, clerk)
    with pytest.raises(reminders.NotYet, match="24 hours"):
        reminders.remind(document, clerk)
    with clock.pretend(NOON + timedelta(hours=25)):
        letter, count = reminders.remind(document, clerk)
    assert count == 3 and letter.number == "2" and len(letters(document)) == 2


@pytest.mark.parametrize("how", ["no day", "answered"])
def test_who_has_to_answer_nothing_is_not_reminded(document: Document, clerk: Person, how: str) -> None:
    if how == "no day":
        document.due_on = None
    for copy in document.copies if how == "answered" else ():
        recording.record(document, "answered", copy=copy, at=made.later(9), how="answer")
    session.commit()
    with pytest.raises(reminders.NotYet, match="any more"):
        reminders.remind(document, clerk)


def night() -> None:
    """What the nightly job puts, done."""
    make.done("exchange.look_at_due")
    for name in ("exchange.tell_due", "exchange.remind"):
        for args in waiting(name):
            make.done(name, **args)
        session.execute(_done(name))
        session.commit()


def _done(name: str) -> Any:
    from sqlalchemy import update  # noqa: PLC0415

    from portal.kit.jobs import Job  # noqa: PLC0415
    return update(Job).where(Job.name == name, Job.done_at.is_(None)).values(done_at=clock.now())


def read(person: Person) -> list[str]:
    return [one.message.subject for one in notices.newest(person)]


def test_by_itself_the_portal_reminds_once_and_tells_the_office(document: Document, clerk: Person) -> None:
    for _night in range(3):
        night()
    assert len(letters(document)) == 1 and letters(document)[0].created_by_id == clerk.id
    assert read(clerk) == ["Văn bản 12/UBND-VX: 3 nơi nhận trả lời quá hạn"]
    assert "Đã gửi văn bản đôn đốc" in notices.newest(clerk)[0].message.body


def test_what_is_not_late_yet_reminds_nobody(document: Document) -> None:
    with clock.pretend(made.MORNING.replace(day=20, hour=15)):  # ten in the evening of the day itself
        night()
    assert not letters(document)


def test_a_receiver_here_is_told_soon_and_late_each_once(office: Participant, clerk: Person) -> None:
    copy = made.document(receivers=(office,), due_on=DUE, number="7", notation="CV").copies[0]
    for day in (10, 17, 18, 20, 21, 22, 23, 24):  # soon from Tuesday, late from Saturday
        with clock.pretend(made.MORNING.replace(day=day)):
            night()
    assert read(clerk) == ["Văn bản 7/CV quá hạn từ 20/11/2026", "Văn bản 7/CV sắp đến hạn, hạn 20/11/2026"]
    session.expire_all()
    assert copy.due_told == "late"


def test_many_are_told_in_parts(office: Participant, clerk: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in ("7", "8", "9"):
        made.document(receivers=(office,), due_on=DUE, number=number, notation="CV")
    monkeypatch.setattr(reminders, "AT_ONCE", 1)
    assert [reminders.tell_due(clock.today()) for _part in range(4)] == [True, True, True, False]
    assert len(read(clerk)) == 3


def test_whoever_was_given_it_is_told_by_their_own_day(office: Participant, clerk: Person) -> None:
    worker = make.officer("H17")
    copy = made.document(receivers=(office,), due_on=None, number="7", notation="CV").copies[0]
    copy.assignee_id, copy.work_due_on = worker.id, date(2026, 11, 24)
    session.commit()
    night()
    assert read(worker) == ["Văn bản 7/CV sắp đến hạn, hạn 24/11/2026"] and not read(clerk)


def test_what_was_answered_or_dealt_with_tells_nobody(office: Participant, clerk: Person) -> None:
    answered = made.document(receivers=(office,), due_on=DUE).copies[0]
    recording.record(answered.document, "answered", copy=answered, at=made.later(9), how="answer")
    finished = made.document(receivers=(office,), due_on=DUE).copies[0]
    recording.record(finished.document, "06", copy=finished, at=made.later(9), how="person")
    session.commit()
    night()
    assert not read(clerk)


# the page

def test_a_clerk_reminds_on_the_page(document: Document, clerk: Person, sign_in: Any) -> None:
    browser, here = sign_in(clerk), f"/government/documents/{document.id}/remind"
    page = browser.get(here).text
    assert "3 nơi nhận chưa trả lời" in page and "Đôn đốc trả lời Công văn số 12/UBND-VX" in page
    assert browser.post(here).status_code == 303
    again = browser.post(here)
    assert again.status_code == 409 and "24 giờ" in again.text and len(letters(document)) == 1


def test_a_reminder_is_no_answer(document: Document, clerk: Person, sign_in: Any) -> None:
    letter, _count = reminders.remind(document, clerk)
    reply = made.document(made.participant("H98.09"), (), answers_id=document.id)
    assert [one.id for one in conversation.answers_to(document.id)] == [reply.id]
    page = sign_in(clerk).get(f"/government/documents/{document.id}").text
    assert f"/government/documents/{letter.id}" not in page


def test_the_letter_is_a_message_like_any_other(app: Flask, document: Document, clerk: Person) -> None:
    letter, _count = reminders.remind(document, clerk)
    message = session.get_one(Message, letter.message_id)
    assert message.facts["response_for"][0]["key"] == document.key and message.business == "new"
    assert session.scalar(select(func.count()).where(Copy.document_id == letter.id)) == 3
