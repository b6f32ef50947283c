"""Plans of agencies: registered with their document, withdrawn with a reason, and who has one on a day."""
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

import pytest
import time_machine
from flask import Flask

from portal.cli import invented
from portal.files import actions as files
from portal.files.models import FileState
from portal.kit import clock
from portal.kit.db import session
from portal.oversight import plans
from portal.oversight.models import ActionPlan
from tests import make
from tests.exchange import documents as exchanged

PROGRAMME, ISSUED = "36a/NQ-CP", date(2026, 3, 2)


def file() -> files.Proven:
    return files.prove(BytesIO(invented.paper("Kế hoạch")), "ke-hoach.pdf")


def registered(agency: str = "H17", **kw: Any) -> ActionPlan:
    said: dict[str, Any] = {"number": "12/KH-UBND", "issued_on": ISSUED, "title": "Kế hoạch thực hiện"} | kw
    if "document" not in said:
        said.setdefault("proven", file())
    return plans.register(make.agency(agency), said.pop("programme", PROGRAMME), by=make.staff("clerk", agency), **said)


def test_a_plan_has_its_document(app: Flask) -> None:
    with pytest.raises(plans.NoDocument):
        registered(proven=None)
    plan = registered()
    found = plans.file_of(plan)
    assert found and found.name == "ke-hoach.pdf" and plan.document_id is None


def test_a_document_that_the_agency_issued_is_found_by_number_and_day(app: Flask) -> None:
    here, there = exchanged.participant("H17"), exchanged.participant("H26")
    document = exchanged.document(here, (there,))
    document.number, document.notation, document.day = "12", "KH-UBND", ISSUED
    session.flush()
    plan = registered(proven=None)
    assert plan.document_id == document.id and plans.file_of(plan) is None
    with pytest.raises(plans.NoDocument):  # another agency's document is not its plan
        registered("H26", proven=None)
    with pytest.raises(plans.NoDocument):
        registered("H26", document=document)


def test_the_same_plan_is_registered_once_until_it_is_withdrawn(app: Flask) -> None:
    plan, clerk = registered(), make.staff("clerk", "H17")
    with pytest.raises(plans.AlreadyThere):
        registered()
    with pytest.raises(plans.NeedsReason):
        plans.withdraw(plan, "  ", clerk)
    plans.withdraw(plan, "Đăng ký nhầm số", clerk)
    with pytest.raises(plans.Withdrawn):
        plans.withdraw(plan, "Lần nữa", clerk)
    assert registered().id != plan.id
    assert [one.withdrawn_why for one in plans.of_agency(plan.agency_id)] == [None, "Đăng ký nhầm số"]


def test_what_is_not_issued_yet_is_no_plan(app: Flask) -> None:
    with time_machine.travel(datetime(2026, 3, 1, 3, tzinfo=UTC), tick=False), pytest.raises(plans.NotYetIssued):
        registered()


def test_who_has_one_depends_on_the_day(app: Flask) -> None:
    h17, h26 = make.agency("H17").id, make.agency("H26").id
    with time_machine.travel(datetime(2026, 4, 1, 3, tzinfo=UTC), tick=False):
        first, later = registered(), registered("H26", issued_on=date(2026, 3, 20))
        registered("H29", programme="36b/NQ-CP")
    with time_machine.travel(datetime(2026, 5, 5, 3, tzinfo=UTC), tick=False):
        plans.withdraw(first, "Thay bằng kế hoạch khác", make.staff("clerk", "H17"))
    found = {day: set(plans.of(PROGRAMME, day)) for day in (
        date(2026, 3, 1), ISSUED, date(2026, 3, 20), date(2026, 5, 4), date(2026, 5, 5))}
    assert list(found.values()) == [set(), {h17}, {h17, h26}, {h17, h26}, {h26}]
    assert plans.of(PROGRAMME, date(2026, 6, 1))[h26].id == later.id
    assert list(plans.programmes()) == ["36a/NQ-CP", "36b/NQ-CP"]


def test_of_two_plans_the_newer_counts(app: Flask) -> None:
    registered()
    newer = registered(number="80/KH-UBND", issued_on=date(2026, 6, 1))
    assert plans.of(PROGRAMME, date(2026, 7, 1))[newer.agency_id].number == "80/KH-UBND"
    assert plans.of(PROGRAMME, date(2026, 5, 1))[newer.agency_id].number == "12/KH-UBND"


def test_a_file_is_for_everybody_only_where_it_was_said_and_scanned(app: Flask) -> None:
    shown, kept = registered(public=True), registered(number="13/KH-UBND")
    held = plans.file_of(shown)
    assert held and held.file.state == FileState.clean and held.file.cleared_at is None
    assert not plans.public_files([shown]), "nobody has looked it through"
    for one in (shown, kept):
        found = plans.file_of(one)
        assert found
        found.file.cleared_at = clock.now()
    assert plans.public_files([shown, kept]) == {shown.id: held}
    plans.withdraw(shown, "Đăng ký nhầm", make.staff("clerk", "H17"))
    assert not plans.public_files([shown]) and plans.file_of(shown) == held
