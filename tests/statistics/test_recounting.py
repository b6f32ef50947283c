"""The recount by SQL says what the rule says of each record, as of one moment, and stands in nobody's way."""
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, insert, select, update

from portal.cli.progress import progress as command
from portal.kit import jobs
from portal.kit.db import session, transaction
from portal.kit.hot import bulk
from portal.progress import actions
from portal.progress.models import ProgressChange, ProgressRecord
from portal.statistics import actions as counters
from portal.statistics import measures, queries, recounting
from portal.statistics.models import ProgressMonth, ProgressOpen, ProgressSide
from portal.worker import run_all
from tests import make

START = datetime(2026, 10, 5, 2, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(2000, 1, 2), datetime(2031, 1, 1)).map(lambda at: at.replace(tzinfo=UTC)) \
    | st.sampled_from([datetime(2026, 9, 30, 16, 59, 59, 999999, UTC), datetime(2026, 9, 30, 17, tzinfo=UTC),
                       datetime(2027, 12, 31, 17, 0, 0, 1, UTC), datetime(2028, 2, 29, 16, 59, 59, 999500, UTC)])
SOME = st.none() | MOMENTS
RECORDS = st.lists(st.fixed_dictionaries({
    "agency": st.sampled_from(["H17", "H26"]), "procedure_code": st.sampled_from(["1.001193", "9.999999"]),
    "level": st.integers(1, 4), "channel": st.sampled_from(["online", "counter", "post"]),
    "status": st.integers(1, 10), "submitted_at": MOMENTS, "received_at": SOME, "due_at": SOME, "stopped_at": SOME,
    "finished_at": SOME, "timing": st.sampled_from([None, "early", "on_time", "late"]),
    "sector_id": st.sampled_from([None, 1, 22])}), min_size=1, max_size=12)


def keep(records: list[dict[str, Any]]) -> None:
    """Records alone, without their counters, as if every counter had been lost."""
    for table in (ProgressRecord, ProgressMonth, ProgressOpen, ProgressSide):
        session.execute(delete(table))
    session.execute(insert(ProgressRecord), [
        {name: value for name, value in record.items() if name != "agency"}
        | {"code": f"H17-261005-{n:04}", "agency_id": make.agency(record["agency"]).id, "service_name": "Khai sinh",
           "changed_at": START} for n, record in enumerate(records)])


def by_the_rule() -> dict[measures.Key, int]:
    lines = [actions.line_of(record) for record in session.scalars(select(ProgressRecord))]
    return dict(Counter(key for line in lines for key in measures.tally(line)))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(records=RECORDS)
def test_every_counter_is_what_the_rule_says_of_each_record(app: Flask, records: list[dict[str, Any]]) -> None:
    keep(records)
    assert recounting.miscounted("progress_record") == {key: (0, n) for key, n in by_the_rule().items()}
    actions.recount()
    assert recounting.miscounted("progress_record") == {}


@pytest.mark.parametrize("status", range(1, 11))
def test_no_case_is_left_out(app: Flask, status: int) -> None:
    """Each way that moments and timing can be there or not, whether or not it makes sense."""
    keep([{"agency": "H17", "procedure_code": "1.001193", "level": 4, "channel": "online", "status": status,
           "submitted_at": START, "received_at": received, "due_at": due, "stopped_at": stopped,
           "finished_at": finished, "timing": timing, "sector_id": 1}
          for received in (None, START + timedelta(days=31)) for due in (None, START + timedelta(days=80))
          for stopped in (None, START) for finished in (None, START + timedelta(days=62))
          for timing in (None, "early", "on_time", "late")])
    assert recounting.miscounted("progress_record") == {key: (0, n) for key, n in by_the_rule().items()}


def test_counters_of_what_is_not_there_are_found_too(app: Flask) -> None:
    session.execute(delete(ProgressRecord))
    month = START.date().replace(day=1)
    session.add_all([ProgressMonth(agency_id=make.agency().id, month=month, received=3),
                     ProgressOpen(agency_id=make.agency().id, due_on=START.date(), paused=True, n=2),
                     ProgressSide(side="level", value="4", agency_id=0, month=month, submitted=1)])
    session.flush()
    assert actions.recount() == {
        measures.Monthly(make.agency().id, month, "received"): (3, 0),
        measures.Open(make.agency().id, START.date(), True): (2, 0),
        measures.Tally("level", "4", 0, month, "submitted"): (1, 0)}
    assert session.query(ProgressOpen).count() == 0, "days that nobody waits for are not kept"


def test_a_repair_moves_the_position_so_that_kept_pages_of_figures_are_written_anew(app: Flask) -> None:
    session.add(ProgressMonth(agency_id=make.agency().id, month=START.date().replace(day=1), refused=9))
    session.flush()
    before, changes = queries.position(), session.query(ProgressChange).count()
    assert actions.recount() and queries.position() > before
    after = queries.position()
    assert actions.recount() == {} and queries.position() == after, "nothing was wrong"
    assert session.query(ProgressChange).count() == changes, "no dossier changed"


@pytest.fixture
def house(town: Flask) -> Iterator[Flask]:
    with town.app_context():
        yield town


def publish(app: Flask, code: str) -> None:
    with app.app_context(), transaction():
        make.published(code, "accept", 2, at=START, received_at=START, due_at=START)


@pytest.mark.real_commits
def test_what_is_published_between_the_count_and_the_repair_is_not_lost(house: Flask) -> None:
    publish(house, "H17-261005-0001")
    with transaction():
        session.execute(update(ProgressMonth).values(received=7))
    found = actions.counted()
    assert list(found.wrong.values()) == [(7, 1)]
    publish(house, "H17-261005-0002")  # waits for nobody: a reader's snapshot is still open here
    session.rollback()
    with transaction():
        counters.mend(found)
    assert session.scalars(select(ProgressMonth.received)).all() == [2]
    session.rollback()
    with transaction():
        assert actions.recount() == {}


@pytest.mark.real_commits
def test_the_nightly_count_lets_others_publish_while_it_reads(house: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    real = recounting.miscounted

    def meanwhile(lines: str) -> Any:
        found = real(lines)
        publish(house, "H17-261005-0009")  # on SQLite only possible while the job holds no lock
        return found

    with transaction():
        jobs.put("progress.recount")
        session.add(ProgressMonth(agency_id=make.agency().id, month=START.date().replace(day=1), refused=5))
    monkeypatch.setattr(recounting, "miscounted", meanwhile)
    run_all(house)
    monkeypatch.undo()
    session.rollback()
    assert session.get(ProgressRecord, 1), "it was published"
    with transaction():
        assert actions.recount() == {}


def spoil(n: int) -> None:
    """A counter that is wrong by `n`."""
    with transaction():
        session.add(ProgressMonth(agency_id=make.agency().id, month=START.date().replace(day=1), refused=n))


def refused() -> list[int]:
    session.rollback()
    return list(session.scalars(select(ProgressMonth.refused)))


@pytest.mark.real_commits
def test_of_two_recounts_at_the_very_same_time_one_repairs_and_the_other_counts_again(house: Flask) -> None:
    spoil(5)
    both_counted = Barrier(2, timeout=60)

    def recount(_n: int) -> str:
        with house.app_context():
            found = actions.counted()
            session.rollback()
            both_counted.wait()
            try:
                with transaction():
                    counters.mend(found)
            except counters.MendedAlready:
                return "again"
        return "mended"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(recount, range(2))) == ["again", "mended"]
    assert refused() == [0], "the difference was added once"
    with transaction():
        assert actions.recount() == {}


@pytest.mark.real_commits
def test_the_nightly_count_that_came_second_is_done_again_by_the_worker(house: Flask, caplog: Any) -> None:
    spoil(5)
    real, hands = recounting.counted, iter([actions.counted()])
    session.rollback()
    with transaction():
        jobs.put("progress.recount")
        assert actions.recount() != {}, "by hand, while the worker was counting"
    spoil_again = update(ProgressMonth).values(refused=3)
    with transaction():
        session.execute(spoil_again)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recounting, "counted", lambda lines: next(hands, None) or real(lines))
        run_all(house)
    assert "was 3 instead of 0" in caplog.text, "nothing was added to what another had mended: it counted again"
    assert refused() == [0]
    with house.app_context():
        assert session.scalars(select(jobs.Job.failures).where(jobs.Job.name == "progress.recount")).all() == [0]


def test_by_hand_it_says_that_another_recount_was_quicker(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    spoil(5)
    before = actions.counted()
    assert actions.recount() != {}
    monkeypatch.setattr(recounting, "counted", lambda _lines: before)
    session.commit()
    answer = app.test_cli_runner().invoke(command, ["recount"])
    assert answer.exit_code == 1 and "count again" in answer.output
    assert refused() == [0]


def test_many_days_that_nobody_waits_for_any_more_are_dropped_at_once(app: Flask) -> None:
    """More than bulk.MANY rows travel to PostgreSQL in another way than few."""
    agency, days = make.agency("H17").id, [START + timedelta(days=n) for n in range(bulk.MANY + 10)]
    lines = [measures.Line(agency, 2, measures.month_of(START.date()), START.date(), day.date()) for day in days]
    actions.count((None, line) for line in lines)
    before = session.scalar(select(func.count()).select_from(ProgressOpen).where(ProgressOpen.agency_id == agency))
    actions.count((line, None) for line in lines[1:])
    left = session.scalars(select(ProgressOpen.due_on).where(ProgressOpen.agency_id == agency)).all()
    assert before == len(days)
    assert left == [START.date()]
