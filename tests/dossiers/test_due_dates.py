"""A due date that moves: put off once and in time, counted anew by a corrected calendar, the old one beside the new."""
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import delete, select

from portal.catalogue import actions as catalogue
from portal.catalogue.models import Holiday
from portal.dossiers import actions
from portal.dossiers.deadlines import NotLawful
from portal.dossiers.models import Dossier
from portal.dossiers.states import NotNow
from portal.kit.clock import VN
from portal.kit.db import session
from portal.kit.jobs import Job
from portal.notices.models import Message
from portal.papers import queries as issued
from portal.papers.facts import from_plain
from portal.progress.models import ProgressRecord
from tests import make

pytestmark = pytest.mark.usefixtures("app")


def vn(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=VN)


def at(moment: datetime) -> Any:
    return time_machine.travel(moment, tick=False)


@pytest.fixture
def dossier() -> Iterator[Dossier]:
    """Five working days, received on Thursday 19 November 2026; due on Friday the 27th, since the 24th is a holiday."""
    with at(vn(19, 8)):
        made = make.dossier("checking")
        made.terms.limit_amount, made.terms.limit_unit = 5, "working_day"
        session.commit()
    with at(vn(19, 9)):
        actions.accept(made, by=made.officer)
        yield made


def extend(dossier: Dossier, day: date) -> None:
    actions.extend(dossier, by=dossier.officer, day=day, reason="Chờ ý kiến của Sở Tư pháp")


def told(dossier: Dossier) -> Message:
    return session.scalars(select(Message).where(Message.person_id == dossier.applicant_id)
                           .order_by(Message.id.desc()).limit(1)).one()


def test_a_date_is_put_off_to_the_closing_of_a_day_with_an_apology(dossier: Dossier) -> None:
    with at(vn(25, 9)):
        extend(dossier, date(2026, 12, 3))
    assert dossier.due_at == dossier.queue_at == dossier.index_due_at == vn(3, 17, month=12)
    [change] = dossier.due_changes
    assert (change.old_at, change.new_at, change.reason, change.note, change.by_id) == (
        vn(27, 17), vn(3, 17, month=12), "extension", "Chờ ý kiến của Sở Tư pháp", dossier.officer_id)
    letter = told(dossier)
    assert letter.subject.startswith("Xin lỗi và hẹn lại")
    for words in ("17 giờ 00, Thứ Sáu, 27/11/2026", "17 giờ 00, Thứ Năm, 03/12/2026", "Chờ ý kiến của Sở Tư pháp"):
        assert words in letter.body
    record = session.scalars(select(ProgressRecord).where(ProgressRecord.code == dossier.code)).one()
    assert (record.due_at, record.first_due_at) == (vn(3, 17, month=12), vn(27, 17))


@pytest.mark.parametrize(("moment", "may"), [(vn(26, 23, 59), True), (vn(27, 0), False), (vn(30, 9), False)])
def test_it_must_be_told_a_day_before_the_due_day(dossier: Dossier, moment: datetime, may: bool) -> None:
    with at(moment):
        if may:
            extend(dossier, date(2026, 12, 3))
            return
        with pytest.raises(NotLawful, match="at least a day before"):
            extend(dossier, date(2026, 12, 3))
    assert dossier.due_at == vn(27, 17) and dossier.due_changes == []


def test_it_is_put_off_once(dossier: Dossier) -> None:
    extend(dossier, date(2026, 12, 3))
    with pytest.raises(NotLawful, match="once already"):
        extend(dossier, date(2026, 12, 10))


@pytest.mark.parametrize(("day", "why"), [
    (date(2026, 11, 27), "after the one that was promised"), (date(2026, 11, 20), "after the one that was promised"),
    (date(2026, 12, 5), "closed on that day"), (date(2099, 1, 4), "calendar of working days ends")])
def test_a_day_that_cannot_be_is_refused_in_words(dossier: Dossier, day: date, why: str) -> None:
    with pytest.raises(NotLawful, match=why):
        extend(dossier, day)


def test_what_has_no_date_cannot_be_put_off() -> None:
    dossier = make.dossier("checking")
    dossier.terms.limit_amount, dossier.terms.limit_unit = None, "none"
    session.commit()
    actions.accept(dossier, by=dossier.officer)
    with pytest.raises(NotLawful, match="no time limit"):
        extend(dossier, date(2026, 12, 3))


def test_a_dossier_that_waits_for_papers_is_not_put_off(dossier: Dossier) -> None:
    actions.ask(dossier, by=dossier.officer, items=make.ARGUMENTS["ask"]["items"])
    with pytest.raises(NotNow):
        extend(dossier, date(2026, 12, 3))


def correct_calendar(*, off: date | None = None, worked: date | None = None) -> None:
    """A release knows better which days are off."""
    if off:
        session.add(Holiday(day=off, name="Ngày nghỉ mới", kind="holiday"))
    session.execute(delete(Holiday).where(Holiday.day == worked))
    session.flush()
    assert catalogue.publish_calendar() is not None
    catalogue.bump_edition()


def run(name: str) -> int:
    """Do the jobs of this name that wait; how many."""
    waiting = session.scalars(select(Job).where(Job.name == name, Job.done_at.is_(None))).all()
    for job in waiting:
        job.done_at = vn(1, 0)
        make.done(name, **job.args)
    return len(waiting)


def recount() -> None:
    assert run("dossiers.recount_due_dates") == 1
    run("dossiers.recount_part")
    run("dossiers.recount_due_date")


@pytest.mark.parametrize(("off", "worked", "due"), [
    (date(2026, 11, 26), None, vn(30, 17)), (None, date(2026, 11, 24), vn(26, 17))])
def test_a_corrected_calendar_moves_an_open_date_and_says_so(
        dossier: Dossier, off: date | None, worked: date | None, due: datetime) -> None:
    edition = dossier.calendar_edition
    with at(vn(20, 1)):
        correct_calendar(off=off, worked=worked)
        recount()
    assert dossier.due_at == dossier.index_due_at == dossier.queue_at == due
    [change] = dossier.due_changes
    assert (change.old_at, change.new_at, change.reason, change.by_id) == (vn(27, 17), due, "calendar", None)
    assert change.edition == dossier.calendar_edition != edition
    assert told(dossier).subject == f"Điều chỉnh ngày hẹn trả kết quả hồ sơ {dossier.code}"
    assert dossier.state == "received" and dossier.events[-1].step == "recount"
    record = session.scalars(select(ProgressRecord).where(ProgressRecord.code == dossier.code)).one()
    assert (record.due_at, record.status) == (due, 2)
    make.done("dossiers.recount_part", after_id=0)
    assert run("dossiers.recount_due_date") == 0  # counted by these days now


def test_a_stopped_clock_stays_stopped_when_its_date_is_corrected(dossier: Dossier) -> None:
    with at(vn(20, 9)):
        actions.ask(dossier, by=dossier.officer, items=make.ARGUMENTS["ask"]["items"])
    with at(vn(23, 1)):
        correct_calendar(off=date(2026, 11, 26))
        recount()
    assert (dossier.state, dossier.stopped_at, dossier.due_at) == ("waiting", vn(20, 9), vn(30, 17))


def test_a_correction_of_other_days_moves_nothing_and_tells_nobody(dossier: Dossier) -> None:
    before = told(dossier).id
    correct_calendar(off=date(2026, 12, 9))
    recount()
    assert dossier.due_at == vn(27, 17) and dossier.due_changes == [] and told(dossier).id == before


def test_what_was_promised_otherwise_than_by_days_alone_stays_promised(dossier: Dossier) -> None:
    dossier.due_at = promised = vn(10, 17, month=12)
    correct_calendar(off=date(2026, 11, 26))
    recount()
    assert dossier.due_at == promised and dossier.due_changes == []


def test_a_date_that_was_put_off_is_the_one_that_was_named(dossier: Dossier) -> None:
    extend(dossier, date(2026, 12, 3))
    correct_calendar(off=date(2026, 11, 26))
    recount()
    assert dossier.due_at == vn(3, 17, month=12) and len(dossier.due_changes) == 1


def test_what_is_decided_is_not_counted_again(dossier: Dossier) -> None:
    actions.decide(dossier, by=dossier.officer, outcome="granted")
    correct_calendar(off=date(2026, 11, 26))
    recount()
    assert dossier.due_at == vn(27, 17) and dossier.state == "decided"


def test_a_dossier_keeps_the_rules_of_its_receipt() -> None:
    with at(vn(18, 9)):
        dossier = make.dossier("checking")
    assert dossier.rule_set == "nd-118-2025"
    make.service().opens_on = None  # it took dossiers then
    with at(datetime(2025, 6, 30, 9, tzinfo=VN)):
        old = make.dossier("checking")
        assert old.rule_set == "nd-61-2018"
    with at(datetime(2025, 7, 1, 9, tzinfo=VN)):  # the new decree's first day
        actions.accept(old, by=old.officer)
    assert old.rule_set == "nd-118-2025"


def test_what_was_answered_before_dates_had_rules_had_only_stopped_the_clock(dossier: Dossier) -> None:
    """As the migration leaves it: the date that was promised when the papers came, and the moment of moving over."""
    with at(vn(20, 9)):
        actions.ask(dossier, by=dossier.officer, items=make.ARGUMENTS["ask"]["items"])
    with at(vn(25, 9)):
        actions.answer(dossier, by=dossier.applicant)
    dossier.due_at, dossier.carried_at = vn(1, 17, month=12), vn(25, 12)
    session.flush()
    with at(vn(26, 1)):
        correct_calendar(off=date(2026, 11, 27))
        recount()
    assert dossier.due_at == vn(2, 17, month=12)  # one day more than was promised, not five from the answer


def test_the_applicant_is_told_when_the_day_moves_and_only_then(dossier: Dossier) -> None:
    with at(vn(20, 1)):
        correct_calendar(off=date(2026, 11, 26))
        recount()
        letters = session.scalars(select(Message).where(Message.person_id == dossier.applicant_id,
                                                        Message.subject.like("Điều chỉnh ngày hẹn%"))).all()
    assert len(letters) == 1
    assert "17 giờ 00, Thứ Sáu, 27/11/2026" in letters[0].body and "17 giờ 00, Thứ Hai, 30/11/2026" in letters[0].body
    assert dossier.due_changes[0].at - dossier.received_at < timedelta(days=1)


def test_putting_a_date_off_issues_the_paper_that_apologises(dossier: Dossier) -> None:
    with at(vn(25, 9)):
        extend(dossier, date(2026, 12, 3))
    session.commit()
    paper = issued.of(dossier.owner)[-1]
    assert (paper.kind, paper.number) == ("extension", "0001/BPTNTKQ")
    facts = from_plain(paper.facts)
    assert (facts.old_due_at, facts.new_due_at, facts.reason) == (
        vn(27, 17), vn(3, 17, month=12), "Chờ ý kiến của Sở Tư pháp")
    make.done("papers.draw", paper_id=paper.id)
    assert {sheet.size_name for sheet in issued.of(dossier.owner)[-1].sheets} == {"A4", "A5"}
