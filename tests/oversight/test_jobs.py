"""What a clock does to tasks."""
from datetime import UTC, date, datetime
from typing import Any

import time_machine
from sqlalchemy import select

from portal.exchange import participants
from portal.kit.db import session, transaction
from portal.oversight import queries, recounting, tasks
from portal.oversight.models import Assignment
from tests import make


def test_a_probe_sees_who_is_connected_each_night(app: Any) -> None:
    with transaction():
        h17, h26 = make.agency("H17"), make.agency("H26")
        participants.open_pages(h17)
        directive = tasks.new_directive(number="36a/NQ-CP", issuer="Chính phủ", words="Kết nối", deadline="none",
                                        probe="connected")
        given = tasks.give(directive, [h17, h26], by=None)
    make.done("oversight.look")
    make.done("oversight.look_at", directive_id=directive.id)
    assert {one.agency.key: one.probe_passed for one in given} == {"H17": True, "H26": False}
    assert [one.code for one in queries.events(given[0].id)] == ["assigned", "probed", "proposed"]
    assert given[0].done_on is None, "a machine proposes, and closes nothing"


def test_services_of_nobody_cannot_be_looked_at(app: Any) -> None:
    with transaction():
        directive = tasks.new_directive(number="1", issuer="CP", words="Mức 3", deadline="none",
                                        probe="services_at_level", wanted={"level": 3, "share": 1})
        given = tasks.give(directive, [make.agency("H17"), make.agency("G01")], by=None)
    make.done("oversight.look_at", directive_id=directive.id)
    seen = {one.agency.key: queries.readings(one.id)[0] for one in given}
    assert seen["H17"].passed and seen["H17"].facts["offered"] >= seen["H17"].facts["reached"] > 0


def test_a_task_that_comes_again_is_given_for_each_period_once(app: Any) -> None:
    with time_machine.travel(datetime(2026, 9, 30, 2, tzinfo=UTC), tick=False), transaction():
        directive = tasks.new_directive(number="1", issuer="CP", words="Báo cáo quý", deadline="recurring",
                                        every="quarter")
        tasks.give(directive, [make.agency("H17")], [make.agency("H26")], by=None, period="2026-Q3",
                   due_on=date(2026, 9, 30))
    with time_machine.travel(datetime(2026, 10, 1, 2, tzinfo=UTC), tick=False):
        make.done("oversight.give_again")
        make.done("oversight.give_again")
    found = session.scalars(select(Assignment).where(Assignment.directive_id == directive.id).order_by(Assignment.id))
    assert [(one.agency.key, one.lead, one.period, one.due_on) for one in found] == [
        ("H17", True, "2026-Q3", date(2026, 9, 30)), ("H26", False, "2026-Q3", date(2026, 9, 30)),
        ("H17", True, "2026-Q4", date(2026, 12, 31)), ("H26", False, "2026-Q4", date(2026, 12, 31))]
    # 30 June, 23:30 in Greenwich, is the first day of a quarter in Viet Nam; quarters that nothing ran in come too
    with time_machine.travel(datetime(2027, 6, 30, 23, 30, tzinfo=UTC), tick=False):
        make.done("oversight.give_again")
    given = session.scalars(select(Assignment.period).where(
        Assignment.directive_id == directive.id, Assignment.lead).order_by(Assignment.id)).all()
    assert given == ["2026-Q3", "2026-Q4", "2027-Q1", "2027-Q2", "2027-Q3"]
    assert recounting.miscounted() == []
