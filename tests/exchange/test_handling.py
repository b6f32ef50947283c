"""What a receiver does with a document here: each act once, in its order, told to the sender."""
from datetime import date

import pytest
from sqlalchemy import select

from portal.exchange import handling, recording
from portal.exchange.models import Copy
from portal.kit import clock
from portal.kit.db import session
from portal.kit.jobs import Job, waiting
from portal.notices import queries as notices
from portal.people.models import Person, Unit
from portal.people.permissions import Role
from tests import make
from tests.exchange import made

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def unit() -> Unit:
    return make.department("Văn phòng")


@pytest.fixture
def clerk() -> Person:
    return make.staff(Role.clerk, "H17")


@pytest.fixture
def copy(unit: Unit) -> Copy:
    receiver = made.participant("H17.09", way="pages", agency_id=unit.agency_id)
    found = made.document(receivers=(receiver,), subject="Về việc báo cáo số liệu").copies[0]
    recording.record(found.document, "01", copy=found, at=made.later(1), how="fetched")
    session.commit()
    return found


def happened(copy: Copy) -> list[tuple[str, str]]:
    session.expire(copy.document, ["events"])
    return [(event.code, event.how) for event in copy.document.events]


def told(copy: Copy) -> int:
    return len(waiting("exchange.tell_status"))


def test_numbers_of_a_register_have_no_gap(copy: Copy, unit: Unit, clerk: Person) -> None:
    others = [made.document(receivers=(copy.receiver,)).copies[0] for _ in range(3)]
    assert [handling.register(one, unit, clerk) for one in (copy, *others)] == [1, 2, 3, 4]
    assert (copy.in_unit_id, copy.in_year, copy.registered_by_id) == (unit.id, clock.today().year, clerk.id)
    assert (copy.state, copy.known_by, copy.sure) == ("registered", "entered", 100)


def test_its_whole_way_is_told_to_the_sender(copy: Copy, unit: Unit, clerk: Person) -> None:
    handling.register(copy, unit, clerk)
    handling.assign(copy, unit, None, "Chuẩn bị trả lời", date(2026, 12, 1), clerk)
    handling.start(copy, clerk)
    handling.start(copy, clerk)
    handling.finish(copy, clerk)
    assert happened(copy) == [("sent", "sent"), ("01", "fetched"), ("03", "entered"), ("04", "person"),
                              ("05", "person"), ("06", "person")]
    assert told(copy) == 4 and copy.work_due_on == date(2026, 12, 1) and copy.due_on is None


@pytest.mark.parametrize(("verb", "words"), [
    (lambda copy, by: handling.finish(copy, by), handling._NOT_REGISTERED),
    (lambda copy, by: handling.start(copy, by), handling._NOT_REGISTERED),
    (lambda copy, by: handling.assign(copy, None, by, "", None, by), handling._NOT_REGISTERED),
    (lambda copy, by: handling.answer_recall(copy, True, "", by), handling._NOT_ASKED)])
def test_what_comes_too_early_is_refused_in_words(copy: Copy, clerk: Person, verb: object, words: str) -> None:
    with pytest.raises(handling.NotNow) as refused:
        verb(copy, clerk)  # type: ignore[operator]
    assert refused.value.words == words and told(copy) == 0 and len(happened(copy)) == 2


def test_it_is_registered_once(copy: Copy, unit: Unit, clerk: Person) -> None:
    handling.register(copy, unit, clerk)
    for verb in (lambda: handling.register(copy, unit, clerk), lambda: handling.refuse(copy, "Sai nơi nhận", clerk)):
        with pytest.raises(handling.NotNow) as refused:
            verb()
        assert refused.value.values == {"n": 1}


@pytest.mark.parametrize("reason", ["", "   ", "x" * 1001])
def test_to_send_it_back_needs_a_reason_that_fits(copy: Copy, clerk: Person, reason: str) -> None:
    with pytest.raises(handling.ReasonNeeded):
        handling.refuse(copy, reason, clerk)
    assert copy.state == "arrived"


def test_what_was_sent_back_is_over(copy: Copy, unit: Unit, clerk: Person) -> None:
    handling.refuse(copy, "Gửi nhầm đơn vị", clerk)
    assert copy.state == "refused" and copy.document.events[-1].note == "Gửi nhầm đơn vị"
    with pytest.raises(handling.NotNow, match="sent back"):
        handling.register(copy, unit, clerk)
    assert handling.possible(copy) == ()


def test_a_recall_is_answered_once(copy: Copy, unit: Unit, clerk: Person) -> None:
    recording.record(copy.document, "13", copy=copy, how="status", note="Nhầm số liệu")
    assert handling.possible(copy) == ("register", "refuse", "answer_recall")
    with pytest.raises(handling.ReasonNeeded):
        handling.answer_recall(copy, False, " ", clerk)
    handling.answer_recall(copy, True, "", clerk)
    with pytest.raises(handling.NotNow):
        handling.answer_recall(copy, False, "Đang xử lý", clerk)
    assert copy.recall == "agreed"
    with pytest.raises(handling.NotNow, match="took it back"):
        handling.register(copy, unit, clerk)


def test_buttons_and_verbs_agree(copy: Copy, unit: Unit, clerk: Person) -> None:
    assert handling.possible(copy) == ("register", "refuse")
    handling.register(copy, unit, clerk)
    assert handling.possible(copy) == ("assign", "start", "finish")
    handling.start(copy, clerk)
    assert handling.possible(copy) == ("assign", "finish")
    handling.finish(copy, clerk)
    assert handling.possible(copy) == ()


def read(person: Person) -> list[str]:
    for job in session.scalars(select(Job).where(Job.name == "exchange.tell_people", Job.done_at.is_(None))).all():
        make.done(job.name, **job.args)
        job.done_at = clock.now()
    return [one.message.subject for one in notices.newest(person)]


def test_the_clerks_of_the_office_read_that_it_came(copy: Copy, clerk: Person) -> None:
    other = make.staff(Role.clerk, "H26")
    assert read(clerk) == [f"Văn bản đến từ {copy.document.sender.name}: {copy.document.number}/CV-STN"]
    assert not read(other)


def test_whoever_it_is_given_to_reads_so(copy: Copy, unit: Unit, clerk: Person) -> None:
    worker, head = make.officer(unit), make.staff(Role.head_of_unit, unit)
    handling.register(copy, unit, clerk)
    handling.assign(copy, unit, worker, "Trả lời trước thứ Sáu", date(2026, 12, 4), clerk)
    session.commit()
    assert read(worker)[0] == f"Văn bản được giao xử lý: {copy.document.number}/CV-STN"
    body = notices.newest(worker)[0].message.body
    assert "Trả lời trước thứ Sáu" in body and "04/12/2026" in body and f"/government/incoming/{copy.id}" in body
    assert not read(head)
    handling.assign(copy, unit, None, "", None, clerk)
    session.commit()
    assert read(head) == [f"Văn bản được giao xử lý: {copy.document.number}/CV-STN"]


def test_the_sender_here_reads_what_came_back(unit: Unit, clerk: Person) -> None:
    sender = made.participant("H17.08", way="pages", agency_id=unit.agency_id)
    copy = made.document(sender, (made.participant("H98.01"),)).copies[0]
    recording.record(copy.document, "02", copy=copy, how="status", note="Sai thẩm quyền")
    session.commit()
    assert read(clerk) == [f"Cơ quan H98.01 trả lại văn bản {copy.document.number}/CV-STN"]


def test_what_a_system_does_with_a_document_of_another_system_is_told_to_nobody(copy: Copy) -> None:
    before = len(waiting("exchange.tell_people"))
    other = made.copy()
    recording.record(other.document, "01", copy=other, how="status")
    assert len(waiting("exchange.tell_people")) == before
