"""A due date that has passed stays missed: on the record, in every counter and in the recount."""
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal.intake import feed
from portal.kit.db import session
from portal.progress import actions
from portal.progress.models import ProgressRecord
from portal.statistics import queries
from tests import make

CODE = "H17-261102-0001"
NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)


@pytest.fixture(autouse=True)
def november(app: Flask) -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def at(day: int, hour: int = 9, minute: int = 0) -> str:
    return datetime(2026, 11, day, hour - 7, minute, tzinfo=UTC).isoformat()


def push(*rows: dict[str, Any]) -> ProgressRecord:
    """Each row in a batch of its own. What becomes of the dossier; the counters are as the records say."""
    for row in rows:
        answer = feed.ingest(make.agency(), [{"code": CODE, "procedure": "1.001193"} | row], channel="api",
                             idempotency_key=f"key-{next(make.n)}", body_sha256="0" * 64, key_id=None)
        assert answer.rejected == answer.quarantined == 0, answer.rows
    session.expire_all()
    assert actions.recount() == {}
    return session.scalars(select(ProgressRecord).where(ProgressRecord.code == CODE)).one()



RECEIVED = {"status": 2, "at": at(2), "due_at": at(3)}


def test_a_late_decision_does_not_become_early_by_going_back() -> None:
    found = push({"status": 9, "at": at(10, 15), "received_at": at(2), "due_at": at(10, 11, 30)},
                 {"status": 4, "at": at(10, 16), "due_at": at(18, 11, 30)}, {"status": 9, "at": at(10, 17)})
    assert (found.status, found.timing, found.corrected) == (9, "late", False)


def test_a_correction_takes_a_decision_back_in_sight() -> None:
    found = push({"status": 9, "at": at(10, 15), "received_at": at(2), "due_at": at(10, 11, 30)},
                 {"status": 4, "at": at(10, 16), "due_at": at(18, 11, 30), "correction": True},
                 {"status": 9, "at": at(10, 17)})
    assert (found.status, found.timing, found.corrected) == (9, "early", True)


@pytest.mark.parametrize("rows", [
    [{"status": 9, "at": at(10), "due_at": at(12)}],
    [{"status": 4, "at": at(5), "new_due_at": at(12), "apology": True}, {"status": 9, "at": at(10)}],
    [{"status": 4, "at": at(5), "due_at": at(3), "new_due_at": at(12)}, {"status": 9, "at": at(10)}],
    [{"status": 10, "at": at(11), "finished_at": at(10), "due_at": at(12)}],
    [{"status": 4, "at": at(5), "due_at": at(12)}, {"status": 5, "at": at(6)},
     {"status": 4, "at": at(9), "due_at": at(20)}, {"status": 9, "at": at(10)}]])
def test_a_date_moved_after_it_passed_makes_nothing_good(rows: list[dict[str, Any]]) -> None:
    found = push(RECEIVED, *rows)
    assert (found.timing, found.finished_at) == ("late", datetime(2026, 11, 10, 2, tzinfo=UTC))
    assert found.due_at and found.missed_due_at and found.missed_due_at < found.due_at


def test_the_order_in_which_it_is_told_makes_no_difference() -> None:
    rows = [RECEIVED, {"status": 4, "at": at(5), "due_at": at(12)}, {"status": 9, "at": at(10)}]
    found = push(*reversed(rows))
    assert (found.timing, found.missed_due_at) == ("late", datetime(2026, 11, 3, 2, tzinfo=UTC))


def test_a_date_moved_before_it_passed_is_a_new_one() -> None:
    found = push(RECEIVED, {"status": 4, "at": at(2, 10), "new_due_at": at(12)}, {"status": 9, "at": at(10)})
    assert (found.timing, found.missed_due_at) == ("early", None)


def test_a_date_that_a_pause_moved_is_right() -> None:
    found = push({"status": 2, "at": at(2), "due_at": at(6)}, {"status": 5, "at": at(3)},
                 {"status": 4, "at": at(9)}, {"status": 9, "at": at(11)})
    assert (found.timing, found.missed_due_at) == ("early", None)
    assert found.due_at == datetime(2026, 11, 12, 2, tzinfo=UTC)


def test_an_open_dossier_whose_date_was_moved_too_late_counts_as_late_while_it_is_open() -> None:
    push(RECEIVED)
    before = queries.open_now(make.agency().id, NOW.date())
    push({"status": 4, "at": at(5), "new_due_at": at(27), "apology": True})
    assert queries.open_now(make.agency().id, NOW.date()) == before
    is_open = session.connection().exec_driver_sql("SELECT due_on, n FROM progress_open").all()
    assert [(str(day), n) for day, n in is_open] == [("2026-11-03", 1)]
