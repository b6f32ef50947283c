"""What a clock puts: at Vietnam's hours, once for each time, however many plan it."""
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from portal import worker
from portal.kit import clock
from portal.kit.db import session, transaction
from portal.kit.jobs import SCHEDULES, Job, Lane, WorkerBeat, beats, retention, schedule
from portal.kit.jobs.models import JobDecision
from portal.kit.jobs.schedule import DAY, Schedule
from tests import make
from tests.kit.jobs.conftest import Register

NIGHT = Schedule("x", DAY, time(2, 40))
NOW = datetime(2026, 11, 22, 1, tzinfo=UTC)


@pytest.mark.parametrize(("now", "then"), [
    (datetime(2026, 11, 22, 19, 39, tzinfo=UTC), datetime(2026, 11, 22, 19, 40, tzinfo=UTC)),
    (datetime(2026, 11, 22, 19, 40, tzinfo=UTC), datetime(2026, 11, 23, 19, 40, tzinfo=UTC)),
    (datetime(2026, 11, 22, 20, 0, tzinfo=UTC), datetime(2026, 11, 23, 19, 40, tzinfo=UTC)),
    (datetime(2025, 12, 31, 12, 0, tzinfo=UTC), datetime(2025, 12, 31, 19, 40, tzinfo=UTC))])
def test_a_night_is_one_in_vietnam(now: datetime, then: datetime) -> None:
    assert NIGHT.next_after(now) == then


def test_every_so_many_minutes_is_by_the_clock_and_not_by_the_start() -> None:
    tenth = Schedule("x", timedelta(minutes=10), time(0))
    assert tenth.next_after(NOW.replace(minute=3)) == NOW.replace(minute=10)
    assert tenth.next_after(NOW.replace(minute=10)) == NOW.replace(minute=20)


def test_what_the_night_does_comes_in_its_order() -> None:
    order = [SCHEDULES[name].hour for name in (
        "progress.recount", "progress.calibrate", "intake.sweep_files", "statistics.make_open_data")]
    assert order == sorted(order) and len(set(order)) == 4


@pytest.fixture
def ticks(register: Register, monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """When the one job was done that a clock puts."""
    seen: list[datetime] = []
    monkeypatch.setattr(schedule, "SCHEDULES", {"tests.job": Schedule("tests.job", DAY, time(2, 40))})
    register(lambda: seen.append(clock.now()), Lane.quick)
    return seen


def planned() -> list[datetime]:
    session.expire_all()
    return list(session.scalars(select(Job.due_at).where(Job.name == "tests.job").order_by(Job.due_at)))


def test_each_time_is_planned_once_and_not_again_when_it_is_done(app: Flask, ticks: list[datetime]) -> None:
    due_at = NIGHT.next_after(NOW)
    with clock.pretend(NOW):
        schedule.plan()
        schedule.plan()
        assert planned() == [due_at] and worker.run_all(app) == 0
    with clock.pretend(due_at):
        worker.run_all(app)
    with clock.pretend(due_at - timedelta(seconds=5)):  # another machine's clock is slow
        schedule.plan()
    assert ticks == [due_at] and planned() == [due_at]
    with clock.pretend(due_at):
        schedule.plan()
    assert planned() == [due_at, due_at + DAY]


def test_a_night_in_which_nobody_worked_is_made_up_for_once(app: Flask, ticks: list[datetime]) -> None:
    with clock.pretend(NOW):
        schedule.plan()
    with clock.pretend(NOW + 5 * DAY):
        schedule.plan()
        worker.run_all(app)
    assert len(ticks) == 1 and planned()[1:] == [NIGHT.next_after(NOW + 5 * DAY)]


@pytest.mark.real_commits
def test_many_that_plan_at_once_plan_it_once(town: Flask, ticks: list[datetime]) -> None:
    def plan(_n: int) -> None:
        with town.app_context():
            schedule.plan()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(plan, range(12)))
    with town.app_context():
        assert len(planned()) == 1


def test_what_was_done_a_week_ago_goes_and_what_failed_stays(app: Flask) -> None:
    now = clock.now()
    for days, more in ((8, {}), (6, {}), (None, {}), (None, {"dead_at": now - 30 * DAY})):
        session.add(Job(name="notices.deliver", args={"message_id": days or 0}, error=f"{days} {len(more)}",
                        done_at=now - days * DAY if days else None, due_at=now + DAY, **more))
    for days in (364, 366):
        session.add(JobDecision(job_id=days, name="x", failures=1, decision="again", by_id=1, at=now - days * DAY))
    for days in (0, 2):
        session.add(WorkerBeat(worker=str(days), seen_at=now - days * DAY))
    session.commit()
    make.done("kit.jobs.retention.delete_old")
    assert set(session.scalars(select(Job.error).where(Job.name == "notices.deliver"))) == {"6 0", "None 0", "None 1"}
    assert session.scalars(select(JobDecision.job_id)).all() == [364]
    assert session.scalars(select(WorkerBeat.worker)).all() == ["0"]


def test_very_much_goes_piece_by_piece(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    for _ in range(5):
        session.add(Job(name="notices.deliver", args={}, done_at=clock.now() - 8 * DAY))
    session.commit()
    make.done("kit.jobs.retention.delete_old")
    assert worker.run_all(app) == 2
    assert session.query(Job).filter(Job.name == "notices.deliver").count() == 0


def test_a_lane_is_deserted_where_nobody_was_seen_for_a_while(app: Flask, client: make.Any) -> None:
    with transaction():
        for lane in (Lane.quick, Lane.slow, Lane.outside):
            beats.beat(f"here:{lane}", lane)
    head = client.get("/readyz").json
    assert (head["worker"], head["without_worker"]) == (False, ["codes"])
    with transaction():
        beats.beat("there:codes", Lane.codes)
        beats.beat("there:codes", Lane.codes)
    assert client.get("/readyz").json["worker"] is True
    with clock.pretend(clock.now() + timedelta(minutes=2)):
        assert beats.deserted(timedelta(minutes=1)) == set(Lane)
