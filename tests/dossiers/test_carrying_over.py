"""A database of before dated rules: what was promised stays, requests that wait get their time, applicants are told."""
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from alembic import command
from flask import Flask

from portal.catalogue import actions as catalogue
from portal.catalogue import reference
from portal.catalogue.models import Holiday
from portal.cli.database import alembic_config, upgrade_to_head
from portal.dossiers import actions
from portal.dossiers.models import Dossier
from portal.kit.clock import VN
from portal.kit.db import session, transaction
from portal.kit.jobs import Job
from portal.notices.models import Message
from tests import make
from tests.conftest import Databases, bound, open_house

pytestmark = pytest.mark.real_commits
MIGRATION = next((Path(__file__).parents[2] / "migrations" / "versions").glob("*_dated_rules_in_dossiers.py"))
BEFORE = f"{int(MIGRATION.name[:4]) - 1:04}"
OPENED = {"state": "submitted", "received_at": None, "due_at": None, "stopped_at": None}


def vn(day: int, hour: int, month: int = 11, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, tzinfo=VN)


class Rows:
    """Rows in a database of an earlier revision; what a test does not name is filled in somehow."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection, self.tables = connection, sa.MetaData()
        self.tables.reflect(connection)

    def add(self, table: str, **values: Any) -> int:
        rows = self.tables.tables[table]
        needed = {c.name: self._somehow(c) for c in rows.columns
                  if not c.nullable and c.server_default is None and c.name not in values and not c.primary_key}
        values = {k: v.astimezone(UTC) if isinstance(v, datetime) else v for k, v in values.items()}
        key = self.connection.execute(sa.insert(rows).values(**needed | values)).inserted_primary_key
        assert key
        return int(key[0])

    def _somehow(self, column: sa.Column[Any]) -> Any:
        kind = column.type.python_type
        if kind is datetime:
            return vn(2, 9).astimezone(UTC)
        return {int: 1, bool: False, str: f"{column.name[:3]}{next(make.n)}"}.get(kind, [])


@pytest.fixture
def old(databases: Databases, tmp_path: Path) -> Iterator[tuple[Flask, dict[str, int]]]:
    """Dossiers of before: received, waiting, asked before acceptance, one of an older decree, a draft, one returned."""
    house = open_house(databases.empty(f"carried{next(make.n)}"), tmp_path)
    with bound(house), house.app_context():
        command.upgrade(alembic_config(house), BEFORE)
        with house.extensions["engine"].connect().execution_options(writes=True) as connection, connection.begin():
            made = _furnish(Rows(connection))
        with time_machine.travel(vn(25, 10), tick=False):
            upgrade_to_head(house)
        yield house, made
        session.close()
    house.extensions["engine"].dispose()


def _furnish(rows: Rows) -> dict[str, int]:
    agency = rows.add("agency", key="H17", code="H17", name="Đà Nẵng", kind="province")
    citizen = rows.add("person", name="Nguyễn Thị Ánh", email="anh@example.vn", language="vi")
    officer = rows.add("person", name="Trần Văn Bình", email="binh@example.vn", language="vi")
    sector = rows.add("sector", name="Hộ tịch", slug="ho-tich")
    procedure = rows.add("procedure", code="1.001193", name="Đăng ký khai sinh", sector_id=sector)
    terms = rows.add("service_version", procedure_id=procedure, number=1, level=4, limit_amount=5,
                     limit_unit="working_day")
    service = rows.add("service", procedure_id=procedure, agency_id=agency, version_id=terms, basis="assigned")
    unit = rows.add("unit", agency_id=agency, kind="central", name="Đà Nẵng")
    rows.add("calendar_edition", key="old", made_at=vn(2, 9), days=[["2026-11-24", "holiday", "Ngày Văn hóa", False]])

    def dossier(n: int, **values: Any) -> int:
        given = {**OPENED, "submitted_at": vn(18, 9), "answers": {}, "code": f"H17-261118-000{n}", **values}
        return rows.add("dossier", service_id=service, version_id=terms, agency_id=agency, applicant_id=citizen,
                        unit_id=unit, officer_id=officer, submit_key=f"key-{n}", version=1,
                        queue_at=vn(27, 17), **given)

    received = {"received_at": vn(19, 9), "due_at": vn(27, 17)}
    made = {
        "received": dossier(1, state="received", **received),
        "waiting": dossier(2, state="waiting", stopped_at=vn(20, 9), **received),
        "asked": dossier(3, state="asked"),
        "older": dossier(4, state="waiting", stopped_at=vn(20, 9, 6, 2025), submitted_at=vn(18, 9, 6, 2025),
                         received_at=vn(19, 9, 6, 2025), due_at=vn(26, 17, 6, 2025)),
        "draft": dossier(5, state="draft", code=None, submitted_at=None),
        "returned": dossier(6, state="returned", decided_at=vn(20, 9), returned_at=vn(20, 10), outcome="granted",
                            holder_name="Y Ƀlŏ Kpă", answers={"applicant_name": "Lê Văn Cường",
                                                              "relationship": "authorised"}, **received),
        "answered": dossier(7, state="processing", received_at=vn(19, 9), due_at=vn(1, 17, 12)),
    }
    for name, asked_at in (("waiting", vn(20, 9)), ("asked", vn(18, 11)), ("older", vn(20, 9, 6, 2025)),
                           ("answered", vn(20, 9))):
        rows.add("event", dossier_id=made[name], step="ask", state="waiting", by_id=officer, at=asked_at)
        rows.add("supplement_request", dossier_id=made[name], round=1, asked_at=asked_at,
                 answered_at=vn(25, 9) if name == "answered" else None)
    return made


def of(made: dict[str, int], name: str) -> Dossier:
    return session.get_one(Dossier, made[name])


def test_open_dossiers_keep_what_was_promised_and_get_the_rules_of_their_receipt(
        old: tuple[Flask, dict[str, int]]) -> None:
    _house, made = old
    rules = {name: of(made, name).rule_set for name in made}
    assert rules == {"received": "nd-118-2025", "waiting": "nd-118-2025", "asked": "nd-118-2025",
                     "older": "nd-61-2018", "draft": None, "returned": "nd-118-2025", "answered": "nd-118-2025"}
    received = of(made, "received")
    assert received.due_at == received.index_due_at == vn(27, 17)
    assert (received.carried_at, received.calendar_edition) == (vn(25, 10), "old")
    assert of(made, "asked").carried_at is None and not received.asked_again


def test_who_asked_is_known_from_the_events(old: tuple[Flask, dict[str, int]]) -> None:
    request = of(old[1], "waiting").requests[0]
    assert request.by is not None and request.by.name == "Trần Văn Bình"
    assert (request.edition, request.written_at) == (1, vn(20, 9))


def test_requests_that_wait_have_fifteen_days_from_now_on_where_the_rules_know_an_end(
        old: tuple[Flask, dict[str, int]]) -> None:
    until = {name: of(old[1], name).requests[0].answer_until for name in ("waiting", "asked", "older", "answered")}
    assert until == {"waiting": vn(11, 0, 12), "asked": vn(11, 0, 12), "older": None, "answered": None}


def test_a_job_tells_their_applicants_once(old: tuple[Flask, dict[str, int]]) -> None:
    [job] = session.scalars(sa.select(Job).where(Job.name == "dossiers.look_for_silence")).all()
    assert job.lane == "quick"
    for _night in range(2):
        with time_machine.travel(vn(25, 11), tick=False):
            make.done("dossiers.look_for_silence")
            for put in session.scalars(sa.select(Job).where(Job.name == "dossiers.tell_answer_until",
                                                            Job.done_at.is_(None))).all():
                make.done(put.name, **put.args)
                put.done_at = vn(25, 11)
            session.commit()
    told = session.scalars(sa.select(Message)).all()
    assert len(told) == 2
    for each in told:
        assert "Nộp bổ sung trước 24 giờ 00, Thứ Năm, 10/12/2026" in each.body


def todays_calendar(*, off: date | None = None) -> None:
    """The release's calendar comes in, and perhaps another day off with it."""
    with transaction():
        session.add_all([Holiday(day=row.day, name=row.name, kind=row.kind) for row in reference.holidays()])
        if off:
            session.add(Holiday(day=off, name="Ngày nghỉ mới", kind="holiday"))
        session.flush()
        catalogue.publish_calendar()
        catalogue.bump_edition()


def test_what_happens_next_follows_the_rules_of_the_receipt(old: tuple[Flask, dict[str, int]]) -> None:
    todays_calendar()
    with time_machine.travel(vn(26, 9), tick=False):
        for name in ("waiting", "older"):
            dossier = of(old[1], name)
            actions.answer(dossier, by=dossier.applicant)
        session.commit()
    # Decree 118 and Decree 61: counted from zero, from the 26th; nobody's promise was moved by the migration itself
    assert of(old[1], "waiting").due_at == of(old[1], "older").due_at == vn(3, 17, 12)
    assert [c.old_at for c in of(old[1], "waiting").due_changes] == [vn(27, 17)]


@pytest.mark.parametrize(("off", "received", "answered"), [
    (None, vn(27, 17), vn(1, 17, 12)), (date(2026, 11, 27), vn(30, 17), vn(2, 17, 12))])
def test_a_corrected_calendar_moves_them_by_its_days_alone(
        old: tuple[Flask, dict[str, int]], off: date | None, received: datetime, answered: datetime) -> None:
    """What was answered before had only stopped the clock: it is not counted again from zero by the back door."""
    todays_calendar(off=off)
    with time_machine.travel(vn(26, 2), tick=False):
        for name in ("received", "answered", "older"):
            actions.recount(of(old[1], name))
        session.commit()
    assert (of(old[1], "received").due_at, of(old[1], "answered").due_at) == (received, answered)
    assert len(of(old[1], "received").due_changes) == (off is not None)
    assert of(old[1], "older").due_at == vn(26, 17, 6, 2025)  # of a year that the old edition did not know
    assert of(old[1], "received").calendar_edition not in (None, "old")


def test_what_happened_before_names_who_did_it_as_they_are_called_on_the_day_of_the_migration(
        old: tuple[Flask, dict[str, int]]) -> None:
    _house, made = old
    waiting, returned, draft = (session.get_one(Dossier, made[name]) for name in ("waiting", "returned", "draft"))
    assert waiting.officer
    waiting.officer.name = waiting.applicant.name = "Tên Đổi Sau"
    session.flush()
    assert [event.who for event in waiting.events if event.by_id] == ["Trần Văn Bình"]
    assert (waiting.handed_in_by, waiting.names_key) == ("Nguyễn Thị Ánh", " nguyenthianh")
    assert (returned.handed_in_by, returned.representative_name) == ("Lê Văn Cường", "Lê Văn Cường")
    assert returned.names_key == "yblokpa levancuong"
    assert draft.applicant_name is None


def test_what_closed_accounts_hold_is_freed_and_the_queue_is_ranked(databases: Databases, tmp_path: Path) -> None:
    """Databases of today hold dossiers for people who cannot come in any more."""
    house = open_house(databases.empty("freed"), tmp_path)
    no = sa.bindparam("no", False, type_=sa.Boolean)
    with bound(house), house.app_context():
        command.upgrade(alembic_config(house), BEFORE)
        with house.extensions["engine"].connect().execution_options(writes=True) as connection, connection.begin():
            made = _furnish(Rows(connection))
        command.upgrade(alembic_config(house), "0020")
        with house.extensions["engine"].begin() as connection:
            connection.execute(sa.text("UPDATE dossier SET state = 'checking' WHERE id = :id"),
                               {"id": made["received"]})
            connection.execute(sa.text("INSERT INTO event (dossier_id, step, state, at, flagged) VALUES "
                                    "(:id, 'answer', 'processing', '2026-11-25 02:00:00+00:00', :no)")
                               .bindparams(no), {"id": made["answered"]})
            connection.execute(sa.text("UPDATE person SET active = :no WHERE email = 'binh@example.vn'")
                               .bindparams(no))
        upgrade_to_head(house)
        found = {name: of(made, name) for name in made}
        assert {name for name, one in found.items() if one.officer_id} == {"draft", "returned"}
        assert {name: str(found[name].state) for name in ("received", "waiting", "answered")} == {
            "received": "submitted", "waiting": "waiting", "answered": "processing"}
        last = found["received"].events[-1]
        assert (last.step, last.state, last.by_id) == ("release", "submitted", None)
        assert [event.step for event in found["returned"].events] == []
        assert {name: one.queue_rank for name, one in found.items()} == {
            "received": 1, "waiting": 2, "asked": 2, "older": 2, "draft": 1, "returned": 1, "answered": 0}
        session.close()
    house.extensions["engine"].dispose()
