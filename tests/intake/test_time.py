"""Dates as agencies tell them: the end of a day by every way in, a step's own deadline, what nobody told."""
import re
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from portal.intake import feed, sheets
from portal.intake.national import dossier_row, step_row
from portal.intake.rows import Row, read
from portal.kit import clock
from portal.kit.db import session
from portal.progress import actions, queries
from portal.progress.models import ProgressRecord
from portal.statistics import queries as figures
from portal.statistics.measures import DONE, Measure
from portal.statistics.models import ProgressMonth
from tests import make

CODE = "H17-261102-0001"
NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)
DUE = datetime(2026, 11, 30, 23, 59, 59, tzinfo=clock.VN)


@pytest.fixture(autouse=True)
def november(app: Flask) -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def at(day: int, hour: int = 9, minute: int = 0) -> str:
    return datetime(2026, 11, day, hour, minute, tzinfo=clock.VN).isoformat()


def push(*rows: dict[str, Any], code: str = CODE, channel: Any = "api") -> ProgressRecord:
    """Each row in a batch of its own; the counters are as the records say."""
    for row in rows:
        answer = feed.ingest(make.agency(), [{"code": code, "procedure": "1.001193"} | row], channel=channel,
                             idempotency_key=f"key-{next(make.n)}", body_sha256="0" * 64, key_id=None)
        assert answer.rejected == answer.quarantined == 0, answer.rows
    session.expire_all()
    assert actions.recount() == {}
    return session.scalars(select(ProgressRecord).where(ProgressRecord.code == code)).one()


def _v1(text: str) -> Any:
    return {"code": CODE, "procedure": "1.001193", "status": 2, "at": at(2), "due_at": text}


def _national(text: str) -> Any:
    return dossier_row({"MaHoSo": CODE, "MaTTHC": "1.001193", "TrangThaiHoSo": "2", "NgayTiepNhan": "20261102090000",
                        "NgayHenTra": text}, 0, NOW)


def _sheet(text: str) -> Any:
    table = f"code,procedure,status,at,due_at\n{CODE},1.001193,2,02/11/2026 09:00,{text}"
    return sheets.read(table.encode(), ".csv").rows[0]


@pytest.mark.parametrize("row", [
    _v1("2026-11-30T00:00:00+07:00"), _v1("2026-11-30T24:00:00+07:00"), _v1("2026-11-29T17:00:00Z"),
    _v1("2026-11-30T00:00:00Z"), _national("20261130000000"), _national("20261130"), _national("20261130240000"),
    _national("30/11/2026 00:00:00"), _sheet("30/11/2026"), _sheet("30/11/2026 00:00"), _sheet("30/11/2026 24:00"),
    _sheet("2026-11-30"), _sheet("00:00:00 30/11/2026")], ids=lambda row: row["due_at"])
def test_a_due_date_at_midnight_is_the_end_of_that_day_by_every_way_in(row: dict[str, Any]) -> None:
    found = read(row, now=NOW)
    assert isinstance(found, Row) and found.due_at == DUE
    moved = read(row | {"new_due_at": row["due_at"]}, now=NOW)
    assert isinstance(moved, Row) and moved.new_due_at == DUE


def test_what_is_finished_on_a_due_day_told_as_midnight_is_in_time() -> None:
    record = push({"status": 2, "at": at(2), "due_at": "2026-11-18T00:00:00+07:00"}, {"status": 9, "at": at(18, 15)})
    assert (record.timing, record.missed_due_at) == ("on_time", None)


def test_a_row_that_waits_keeps_its_due_date_through_the_quarantine() -> None:
    early = {"status": 2, "at": at(2), "due_at": "2026-11-18T07:00:00+07:00"}  # which is midnight in UTC
    feed.ingest(make.agency(), [{"code": CODE} | early], channel="api", idempotency_key="early", body_sha256="0" * 64,
                key_id=None)
    assert push({"status": 1, "at": at(1)}).due_at == datetime(2026, 11, 18, 7, tzinfo=clock.VN)


def test_a_step_has_a_deadline_of_its_own_and_moves_no_date() -> None:
    told = step_row({"MaHoSo": CODE, "TrangThai": "4", "ThoiDiemXuLy": "20261103080000",
                     "NgayKetThucTheoQuyDinh": "20261104000000"})
    assert "due_at" not in told
    record = push({"status": 2, "at": at(2), "due_at": at(18)}, told, {"status": 9, "at": at(17)})
    assert (record.due_at, record.missed_due_at) == (datetime(2026, 11, 18, 9, tzinfo=clock.VN), None)
    assert record.timing == "early"
    published = queries.by_code(CODE)
    assert published and [step.step_due_at for step in published.steps] == [
        None, datetime(2026, 11, 4, 23, 59, 59, tzinfo=clock.VN), None]


def test_a_date_that_its_sender_corrects_was_never_the_due_date() -> None:
    record = push({"status": 2, "at": at(2), "due_at": at(3)}, {"status": 4, "at": at(10)},
                  {"status": 4, "at": at(12), "due_at": at(18), "correction": True}, {"status": 9, "at": at(17)})
    assert (record.first_due_at, record.missed_due_at, record.timing) == (record.due_at, None, "early")
    assert record.corrected, "the correction stays visible"


def test_a_date_of_before_acceptance_was_never_the_due_date() -> None:
    record = push({"status": 1, "at": at(2), "due_at": at(3)}, {"status": 2, "at": at(5)},
                  {"status": 4, "at": at(6), "due_at": at(18)}, {"status": 9, "at": at(17)})
    assert (record.missed_due_at, record.timing) == (None, "early")


def test_what_was_the_due_date_stays_missed_whatever_is_told_after() -> None:
    record = push({"status": 2, "at": at(2), "due_at": at(3)}, {"status": 4, "at": at(12), "due_at": at(18)})
    assert record.missed_due_at is not None


def test_without_a_due_date_it_is_finished_without_timing_and_stands_in_a_column() -> None:
    record = push({"status": 2, "at": at(2)}, {"status": 9, "at": at(10)})
    assert (record.due_at, record.timing) == (None, None)
    month = figures.by_month(make.agency().id, months=1, today=NOW.date())[0].line
    assert (month["done"], month["untimed"], month["timed"], month["in_time"], month["late"]) == (1, 1, 0, 0, 0)


def test_an_open_dossier_without_a_date_is_not_in_time() -> None:
    push({"status": 2, "at": at(2)})
    now = figures.open_now(make.agency().id, NOW.date())
    assert (now["open_untimed"], now["open_in_time"], now["open_late"], now["open"]) == (1, 0, 0, 1)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.integers(1, 10), st.booleans(), st.booleans()), min_size=1, max_size=6))
def test_no_dossier_falls_between_the_columns(app: Flask, lives: list[tuple[int, bool, bool]]) -> None:
    """What was received is done, dropped or open; and what is over is over in one way."""
    with_saved = session.begin_nested()
    try:
        for n, (status, dated, late) in enumerate(lives):
            push({"status": 2, "at": at(2), **({"due_at": at(4 if late else 19)} if dated else {})},
                 {"status": status, "at": at(10)}, code=f"H17-261102-1{n:03}")
        agency = make.agency()
        month = figures.by_month(agency.id, months=1, today=NOW.date())[0].line
        now = figures.open_now(agency.id, NOW.date())
        assert month["received"] == month["done"] + month["dropped"] + now["open"]
        ways = (*DONE.values(), Measure.done_untimed)
        assert month["done"] == sum(month[each.removeprefix("done_")] for each in ways)
        assert month["dropped"] == month["refused"] + month["withdrawn"] + month["stopped"]
        assert now["open"] == now["open_in_time"] + now["open_late"] + now["open_untimed"] + now["paused"]
    finally:
        with_saved.rollback()


def test_a_first_message_with_a_late_status_shows_what_its_dates_say() -> None:
    push({"status": 10, "at": at(18), "submitted_at": at(2), "received_at": at(3), "finished_at": at(17),
          "due_at": at(19)})
    found = queries.by_code(CODE)
    assert found and [(step.step, step.at.astimezone(clock.VN).day) for step in found.steps] == [
        ("submit", 2), ("accept", 3), ("decide", 17), ("hand_over", 18)]


def test_steps_that_were_told_are_not_shown_twice_and_none_is_made_up() -> None:
    push({"status": 9, "at": at(17)})
    found = queries.by_code(CODE)
    assert found and [step.step for step in found.steps] == ["decide"], "nobody told when it was handed in"
    push({"status": 1, "at": at(2), "submitted_at": at(2)}, {"status": 2, "at": at(3), "received_at": at(3)})
    found = queries.by_code(CODE)
    assert found and [step.step for step in found.steps] == ["submit", "accept", "decide"]


def test_the_page_says_that_the_date_was_not_told_and_what_the_law_says(app: Flask) -> None:
    push({"status": 2, "at": at(2)})
    session.commit()
    page = app.test_client().get(f"/en/progress/{CODE}").text
    assert "The agency has not told when the result is due." in page
    assert re.search(r"By law: [^.]*day[^.]* from acceptance", page)
    assert "The law sets no time limit" not in page and "by the due day" not in page


def test_fold_is_one_whatever_the_order_of_a_correction() -> None:
    rows = [{"status": 2, "at": at(2), "due_at": at(3)}, {"status": 9, "at": at(17)},
            {"status": 4, "at": at(12), "due_at": at(18), "correction": True}]
    there, back = push(*rows, code="H17-261102-0002"), push(*reversed(rows), code="H17-261102-0003")
    assert (there.timing, there.first_due_at) == (back.timing, back.first_due_at) == ("early", back.due_at)


def test_counters_of_what_has_no_date_stand_in_the_table() -> None:
    push({"status": 2, "at": at(2)}, {"status": 8, "at": at(10)})
    row = session.scalars(select(ProgressMonth)).one()
    assert (row.stopped, row.dropped, row.done_untimed) == (1, 1, 0)
