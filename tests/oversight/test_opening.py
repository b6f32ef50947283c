"""Periods that are opened: who owes a report, who is reminded, and what the clock does."""
import threading
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from portal.kit.db import session, transaction
from portal.notices.models import Message
from portal.oversight.models import Report, ReportEvent, ReportPeriod, ReportTemplate
from portal.oversight.reporting import ReportState
from portal.oversight.reports import deliveries, opening, reminding
from portal.people.models import Agency
from tests import make
from tests.oversight.reporting import DUE, opened, report, template


def day(month: int, number: int, hour: int = 3) -> Any:
    return time_machine.travel(datetime(2026, month, number, hour, tzinfo=UTC), tick=False)


def keys(period: ReportPeriod) -> set[str]:
    return {one.key for one in deliveries.of_period(period, DUE)}


@pytest.mark.parametrize(("owes", "kind"), [("all", None), ("central", False), ("provinces", True)])
def test_everybody_of_the_group_owes_one_report(app: Flask, owes: str, kind: bool | None) -> None:
    period = opened(of=template(owes=owes))
    wanted = {one.key for one in session.scalars(select(Agency).where(Agency.valid_to.is_(None)))
              if kind is None or (one.kind == "province") == kind}
    assert keys(period) == wanted and period.due_on == DUE and period.owes == owes
    events = session.scalars(select(ReportEvent.code).join(Report).where(Report.period_id == period.id)).all()
    assert events == ["opened"] * len(wanted)


def test_agencies_of_that_time_owe_it(app: Flask) -> None:
    gone = Agency(key="H99", name="Tỉnh Cũ", kind="province", valid_from=date(2004, 1, 1), valid_to=date(2025, 6, 30))
    session.add(gone)
    session.flush()
    one = template()
    assert "H99" in keys(opened("2025-Q2", of=one))
    assert "H99" not in keys(opened("2025-Q3", of=one))


def test_opening_it_again_adds_nobody_twice_and_changes_nothing(app: Flask) -> None:
    one, h17, h26 = template(), make.agency("H17"), make.agency("H26")
    period = opened(of=one, agencies=[h17], due_on=date(2026, 12, 20))
    report(period, "H17").state = ReportState.submitted
    again = opened(of=one, agencies=[h17, h26], due_on=date(2026, 12, 28))
    assert again.id == period.id and again.due_on == date(2026, 12, 20) and keys(again) == {"H17", "H26"}
    assert report(period, "H17").state == "submitted" and period.owes == "named"
    assert [one.agency.key for one in opening.add(period, [h17, make.agency("G15")], by=None)] == ["G15"]


def test_a_period_keeps_the_version_that_it_was_opened_with(app: Flask) -> None:
    old = template()
    period = opened("2026-Q3", of=old)
    new = template(version=2, due={"day": 5, "month": "after"})
    assert opened("2026-Q3", of=new).template_id == old.id == period.template_id
    assert opened("2026-Q4", of=new).due_on == date(2027, 1, 5)


def test_a_template_comes_at_its_own_periods_alone(app: Flask) -> None:
    with pytest.raises(opening.WrongPeriod):
        opened("2026-11")
    with pytest.raises(ValueError, match="no period"):
        opened("2026-Q7", of=template(key="other"))
    with pytest.raises(opening.NobodyOwes):
        opened(of=template(key="third"), agencies=[])


def test_late_is_counted_by_days_in_viet_nam(app: Flask) -> None:
    period = opened(agencies=[make.agency(key) for key in ("H17", "H26", "H29", "G15")])
    for key, hour, state in (("H17", 16, "submitted"), ("H26", 17, "approved"), ("H29", 3, "returned")):
        one = report(period, key)  # 17:00 UTC is the next day there
        one.submitted_at, one.state = datetime(2026, 12, 23, hour, 30, tzinfo=UTC), state
    session.flush()
    today = date(2026, 12, 26)
    found = {one.key: (one.days_late(today), one.is_late(today)) for one in deliveries.of_period(period, today)}
    assert found == {"H17": (0, False), "H26": (1, False), "H29": (3, True), "G15": (3, True)}
    wanted = deliveries.Counts(owed=4, delivered=2, approved=1, returned=1, late=2, came_late=1)
    assert deliveries.counted(deliveries.of_period(period, today), today) == wanted
    assert deliveries.counts([period], today)[period.id] == wanted and wanted.share == 50
    assert [one.key for one in deliveries.of_period(period, today)][:2] == ["G15", "H29"], "who is late stands first"


@pytest.mark.parametrize(("days", "stage"), [
    (30, 0), (8, 0), (7, 1), (3, 1), (2, 2), (0, 3), (-1, 4), (-7, 4), (-8, 5), (-15, 6)])
def test_reminders_come_before_on_and_after_the_day(days: int, stage: int) -> None:
    assert reminding.stage(DUE, date.fromordinal(DUE.toordinal() - days)) == stage


def test_the_clock_reminds_at_each_stage_once(app: Flask) -> None:
    with day(12, 1), transaction():
        period = opened(agencies=[make.agency("H17"), make.agency("H26")])
        report(period, "H26").state = ReportState.submitted
    reminded = []
    for number in (15, 16, 17, 20, 21, 22, 23, 24, 25, 31):
        with day(12, number):
            make.done("oversight.reports.remind_of_reports")
            make.done("oversight.reports.remind_period", period_id=period.id)
            make.done("oversight.reports.remind_period", period_id=period.id)
        at = session.scalars(select(ReportEvent.at).where(ReportEvent.code == "reminded")).all()
        reminded.append(len(at))
    assert reminded == [0, 1, 1, 1, 2, 2, 3, 4, 4, 5]
    assert {(one.role, one.agency_id) for one in session.scalars(select(Message))} == {
        ("drafter", make.agency("H17").id), ("leader", make.agency("H17").id)}
    late = session.scalars(select(Message).order_by(Message.id.desc()).limit(1)).one()
    assert late.subject == "Quá hạn: Báo cáo thử, quý IV năm 2026" and "quá hạn 8 ngày" in late.body


def test_who_watches_reminds_those_who_are_late_once_a_day(app: Flask) -> None:
    overseer = make.staff("overseer")
    with day(12, 1), transaction():
        period = opened(by=overseer, agencies=[make.agency("H17"), make.agency("H26")])
        assert reminding.remind(period, by=overseer) == [], "nobody is late yet"
    with day(12, 28), transaction():
        assert {one.key for one in reminding.remind(period, by=overseer)} == {"H17", "H26"}
        assert reminding.remind(period, by=overseer) == []
    with day(12, 29), transaction():
        one = report(period, "H26")
        assert [found.key for found in reminding.remind(period, by=overseer, only=[one.id])] == ["H26"]


def test_the_next_period_opens_by_itself_where_somebody_said_so(app: Flask) -> None:
    with day(9, 30), transaction():
        goes, stays = template(key="goes", owes="provinces"), template(key="stays")
        opened("2026-Q3", of=goes, goes_on=True)
        opened("2026-Q3", of=stays)
        template(key="goes", version=2, owes="provinces")
    with day(10, 1):
        make.done("oversight.reports.open_next_periods")
        make.done("oversight.reports.open_next_periods")
    found = session.execute(select(ReportPeriod.template_key, ReportPeriod.period).order_by(ReportPeriod.id)).all()
    assert [tuple(one) for one in found] == [("goes", "2026-Q3"), ("stays", "2026-Q3"), ("goes", "2026-Q4")]
    newest = deliveries.period_of("goes", "2026-Q4")
    assert newest and newest.template.version == 2 and newest.goes_on and keys(newest) == {"H17", "H26", "H29"} | {
        one.key for one in opening.owing_on("provinces", DUE)}


def test_periods_that_were_missed_come_too_and_named_agencies_stay_named(app: Flask) -> None:
    with day(2, 1), transaction():
        opened("2026-Q1", goes_on=True, agencies=[make.agency("H17"), make.agency("H26")])
        make.agency("H26").valid_to = date(2026, 8, 31)
    with day(11, 2):
        make.done("oversight.reports.open_next_periods")
    found = session.scalars(select(ReportPeriod).order_by(ReportPeriod.period)).all()
    assert [(one.period, sorted(keys(one))) for one in found] == [
        ("2026-Q1", ["H17", "H26"]), ("2026-Q2", ["H17", "H26"]), ("2026-Q3", ["H17"]), ("2026-Q4", ["H17"])]


@pytest.mark.real_commits
def test_two_who_open_the_same_period_open_one(town: Flask) -> None:
    with town.app_context(), transaction():
        made = template(key="race").id
    at_once, failed = threading.Barrier(2), list[Exception]()

    def press() -> None:
        with town.app_context():
            try:
                at_once.wait(10)
                with transaction():
                    opening.open_period(session.get_one(ReportTemplate, made), "2026-Q4", by=None)
            except Exception as error:  # of a thread: told to the test
                failed.append(error)

    both = [threading.Thread(target=press) for _n in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join(30)
    with town.app_context():
        assert failed == []
        assert session.scalar(select(func.count()).select_from(ReportPeriod)) == 1
        twice = session.execute(select(Report.agency_id).group_by(Report.agency_id).having(func.count() > 1)).all()
        events = session.scalar(select(func.count()).select_from(ReportEvent)) or 0
        assert twice == [] and events == session.scalar(select(func.count()).select_from(Report)) and events > 4
        session.rollback()
