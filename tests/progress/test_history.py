"""Usual times are learnt from finished dossiers on a real database, and judged by the next ones."""
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask

from portal.intake import feed
from portal.kit.db import session
from portal.progress import history, queries
from portal.progress.models import ProgressEstimate
from tests import make

START = datetime(2026, 10, 5, 2, tzinfo=UTC)


def finished(n: int, took: timedelta, at: datetime = START, agency: str = "H17") -> list[dict[str, Any]]:
    row = {"code": f"{agency}-{at:%y%m%d}-{n:04}", "procedure": "1.001193", "received_at": at.isoformat(),
           "due_at": (at + timedelta(days=10)).isoformat()}
    return [row | {"status": 2, "at": at.isoformat()}, row | {"status": 9, "at": (at + took).isoformat()}]


def push(*rows: dict[str, Any], agency: str = "H17") -> None:
    answer = feed.ingest(make.agency(agency), rows, channel="api", idempotency_key=f"key-{next(make.n)}",
                         body_sha256="0" * 64, key_id=None)
    assert answer.rejected == answer.quarantined == 0, answer.rows


@pytest.fixture(autouse=True)
def november(app: Flask) -> Any:
    with time_machine.travel(datetime(2026, 11, 22, 3, tzinfo=UTC), tick=False):
        yield


def learn(n: int = 30, agency: str = "H17") -> None:
    push(*(row for i in range(n) for row in finished(i, timedelta(days=1 + i % 4), agency=agency)), agency=agency)
    history.estimate()


def test_thirty_cases_say_something_for_the_agency_and_the_country() -> None:
    learn()
    kept = {(e.agency_id, e.stage): e for e in session.query(ProgressEstimate)}
    assert set(kept) == {(make.agency().id, 2), (0, 2)}
    assert kept[0, 2].cases == 30 and 480 <= kept[0, 2].p50 < kept[0, 2].p90 == 4 * 480


def test_twenty_nine_say_nothing() -> None:
    learn(29)
    assert session.query(ProgressEstimate).count() == 0


def test_few_in_each_agency_still_speak_for_the_country() -> None:
    learn(15)
    learn(15, agency="H26")
    assert [e.agency_id for e in session.query(ProgressEstimate)] == [0]
    push(finished(99, timedelta(days=30))[0])
    found = queries.by_code("H17-261005-0099")
    assert found and found.usual_here is None and found.usual_anywhere and found.usual_anywhere.cases == 30


def test_ranges_are_judged_by_what_is_finished_after_them() -> None:
    learn()
    with time_machine.travel(datetime(2026, 11, 27, 3, tzinfo=UTC), tick=False):
        at = datetime(2026, 11, 25, 2, tzinfo=UTC)
        push(*finished(200, timedelta(days=1), at), *finished(201, timedelta(hours=25), at))
        session.query(ProgressEstimate).update({"p90": 485})
        assert history.calibrate(date(2026, 11, 26)) == (2, 1)
        assert history.calibrate(date(2026, 11, 26)) == (2, 1), "safe to run twice"
        assert history.calibrations(date(2026, 11, 1)) == [(date(2026, 11, 26), 2, 1)]


def test_a_range_does_not_judge_the_days_before_it() -> None:
    learn()
    assert history.calibrate(date(2026, 10, 7)) == (0, 0)


def test_only_the_newest_of_an_agency_and_procedure_are_learnt_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "ENOUGH", 30)
    august = datetime(2026, 8, 3, 2, tzinfo=UTC)
    slow = [row for n in range(20) for row in finished(100 + n, timedelta(days=30), august)]
    push(*slow)
    learn()
    kept = {(e.agency_id, e.stage): e for e in session.query(ProgressEstimate)}
    assert {e.cases for e in kept.values()} == {30} and {e.p90 for e in kept.values()} == {4 * 480}


def test_of_all_agencies_the_newest_are_learnt_from_and_pauses_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "ENOUGH", 30)
    push(*(row for n in range(30) for row in finished(n, timedelta(days=30), datetime(2026, 8, 3, 2, tzinfo=UTC))))
    for n in range(30):
        received, done = finished(n, timedelta(days=3), agency="H26")
        asked, answered = ({**received, "status": status, "at": (START + timedelta(days=day)).isoformat()}
                           for status, day in ((5, 1), (4, 2)))
        push(received, asked, answered, done, agency="H26")
    history.estimate()
    kept = {(e.agency_id, e.stage): (e.p50, e.p90, e.cases) for e in session.query(ProgressEstimate)}
    assert kept[0, 2] == kept[make.agency("H26").id, 2] == (2 * 480, 2 * 480, 30)
    assert kept[0, 4] == kept[make.agency("H26").id, 4] == (480, 480, 30)
    assert kept[make.agency().id, 2][0] > 20 * 480


def test_what_is_learnt_does_not_depend_on_how_many_are_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    learn(40)
    learn(35, agency="H26")
    whole = history.learnt()
    monkeypatch.setattr(history, "BATCH", 7)
    assert history.learnt() == whole and len(whole) == 3
