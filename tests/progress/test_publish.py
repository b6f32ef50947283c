"""Publishing on a real database: the line, its steps and the counters move together."""
import inspect
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from portal.kit.db import session
from portal.progress import actions
from portal.progress import queries as records
from portal.progress.merging import Step
from portal.progress.updates import Procedure
from portal.statistics import queries
from portal.statistics.figures import OPEN, is_nothing, line
from portal.statistics.measures import Measure
from portal.statistics.models import ProgressMonth, ProgressOpen
from tests import make

START = make.OCTOBER
TODAY = date(2026, 11, 22)


@pytest.fixture
def publish(app: Flask) -> Callable[..., None]:
    return make.published


def still_open(agency_id: int, today: date = TODAY) -> dict[str, Any]:
    """What of an agency's dossiers is open, without the noughts."""
    return {name: n for name, n in queries.open_now(agency_id, today).items() if n and name in OPEN}


def test_each_event_adds_a_step_in_its_order(publish: Any) -> None:
    publish()
    later = START + timedelta(hours=1)
    publish(step="accept", status=2, at=later, received_at=later, due_at=later + timedelta(days=3))
    found = records.by_code("H17-261005-0001")
    assert found is not None
    assert [(s.step, s.status, s.at) for s in found.steps] == [("submit", 1, START), ("accept", 2, later)]
    assert (found.agency_key, found.status, found.received_at) == ("H17", 2, later)


def test_an_unknown_code_is_nothing(app: Flask) -> None:
    assert records.by_code("H17-261005-0404") is None


def test_the_counters_follow_a_dossier_to_its_end(publish: Any) -> None:
    at, due = START, START + timedelta(days=60)
    publish()
    publish(step="accept", status=2, received_at=at, due_at=due)
    publish(step="ask", status=5, received_at=at, due_at=due)
    agency = make.agency()
    assert still_open(agency.id) == {"paused": 1}
    publish(step="answer", status=4, received_at=at, due_at=due)
    assert still_open(agency.id) == {"open_in_time": 1}
    publish(step="decide", status=9, received_at=at, due_at=due)
    assert still_open(agency.id) == {}
    assert session.query(ProgressOpen).count() == 0, "empty days are not kept"
    counted = {(row.month, str(each)): n for row in session.query(ProgressMonth) for each in Measure
               if (n := getattr(row, each))}
    october = date(2026, 10, 1)
    assert counted == {(october, "submitted"): 1, (october, "received"): 1, (october, "done_early"): 1}
    month = queries.by_month(agency.id, today=TODAY)[1]
    assert month.month == october and {name for name, n in month.line.items() if n == 1} == {
        "submitted", "received", "early", "in_time", "timed", "done"}


def test_lateness_comes_with_the_day_and_not_with_an_event(publish: Any) -> None:
    publish(step="accept", status=2, received_at=START, due_at=datetime(2026, 11, 20, 10, tzinfo=UTC))
    agency = make.agency()
    assert still_open(agency.id, date(2026, 11, 20)) == {"open_in_time": 1}
    assert still_open(agency.id, date(2026, 11, 21)) == {"open_late": 1}


def test_a_month_is_a_month_in_vietnam(publish: Any) -> None:
    publish(submitted_at=datetime(2026, 9, 30, 18, tzinfo=UTC))  # 1 October, one o'clock, in Hà Nội
    assert [m.line["submitted"] for m in queries.by_month(None, today=TODAY)][:3] == [0, 1, 0]


def test_the_nation_speaks_of_the_last_full_month(publish: Any) -> None:
    early, on_time, late = START + timedelta(days=60), START + timedelta(hours=1), START - timedelta(hours=1)
    for n in range(20):
        publish(code=f"H17-261005-00{n:02}", step="decide", status=9, received_at=START,
                due_at=(early, on_time, late, on_time)[n % 4])
    figures = queries.national_figures(TODAY)
    assert figures.finished.month == date(2026, 10, 1) and figures.share == (15, 20)
    assert figures.this.line["received"] == 0 and figures.now["open"] == 0


def test_the_nation_speaks_of_this_month_when_the_last_had_nothing(publish: Any) -> None:
    now = datetime(2026, 11, 10, tzinfo=UTC)
    publish(step="decide", status=9, at=now, received_at=now, due_at=now - timedelta(hours=1))
    figures = queries.national_figures(TODAY)
    assert figures.finished.month == date(2026, 11, 1) and figures.share == (0, 1)


def test_a_nation_without_dossiers_has_no_share(app: Flask) -> None:
    figures = queries.national_figures(TODAY)
    assert figures.share is None


def test_totals_are_by_agency_and_in_vietnamese_order(publish: Any) -> None:
    publish(code="H26-261005-0001", agency="H26")
    lines = {each.agency.key: each.line for each in queries.totals(TODAY)}
    assert lines["H26"] == line({"submitted": 1}) and lines["H17"] == line({})
    names = [queries.name_key(line.agency.name) for line in queries.totals(TODAY)]
    assert names == sorted(names)
    central, provinces = queries.in_groups(queries.totals(TODAY))
    assert {line.agency.kind for line in provinces} == {"province"} and len(provinces) == 34
    assert all(is_nothing(each.line) for each in central)


def test_totals_of_one_month_leave_the_others_out(publish: Any) -> None:
    publish()
    october, november = (
        next(each.line["submitted"] for each in queries.totals(TODAY, date(2026, m, 1)) if each.agency.key == "H17")
        for m in (10, 11))
    assert (october, november) == (1, 0)


def test_a_recount_finds_and_mends_what_is_wrong(publish: Any) -> None:
    publish(step="accept", status=2, received_at=START, due_at=START)
    assert actions.recount() == {}
    session.execute(update(ProgressMonth).values(received=7))
    session.execute(update(ProgressOpen).values(n=0))
    assert sorted(actions.recount().values()) == [(0, 1), (7, 1)]
    assert actions.recount() == {}


def test_a_name_that_is_too_long_is_cut_and_not_refused(publish: Any) -> None:
    publish(name="Đ" * 900)
    found = records.by_code("H17-261005-0001")
    assert found is not None and len(found.service_name) == 600 and found.service_name.endswith("…")


EVENTS = st.lists(st.tuples(
    st.integers(0, 3), st.integers(1, 10), st.booleans(), st.booleans(), st.integers(0, 90)), max_size=15)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(EVENTS)
def test_whatever_is_published_the_counters_equal_a_recount(publish: Any, events: list[Any]) -> None:
    for n, status, received, correction, days in events:
        at = START + timedelta(days=days)
        publish(code=f"H17-261005-{n:04}", status=status, at=at, received_at=at if received else None,
                due_at=at if days % 3 else None, correction=correction)
    assert actions.recount() == {}


def test_verbs_follow_each_other_whatever_the_clocks_of_two_machines_say(publish: Any) -> None:
    publish()
    publish(step="accept", status=2, at=START + timedelta(hours=2), received_at=START)
    publish(step="decide", status=9, at=START + timedelta(hours=1))
    publish(step="hand_over", status=10, at=START + timedelta(hours=1))
    found = records.by_code("H17-261005-0001")
    assert found is not None
    assert [s.status for s in found.steps] == [1, 2, 9, 10] and found.status == 10
    assert found.finished_at == START + timedelta(hours=2)


def test_nothing_personal_can_pass() -> None:
    assert set(inspect.signature(actions.tell).parameters) == {"code", "step", "agency_id", "procedure", "calendar"}
    assert set(Step._fields) == {
        "at", "sequence", "status", "due_at", "reason", "correction", "step", "submitted_at", "received_at", "channel",
        "procedure_code", "level", "step_due_at"}
    assert set(Procedure._fields) == {"code", "name", "sector_id", "level", "unlimited"}
