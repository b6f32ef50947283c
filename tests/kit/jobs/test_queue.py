"""Rows: in their lanes, in their order, once for each key, taken by one worker alone."""
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal import worker
from portal.kit import clock
from portal.kit.db import session, transaction
from portal.kit.jobs import Job, Lane, lanes, queue
from tests.kit.jobs.conftest import Register

HOUR = timedelta(hours=1)


@pytest.fixture
def done(register: Register) -> list[Any]:
    """What was done, in its order, by one kind of job in each lane."""
    seen: list[Any] = []
    for lane in Lane:
        register(lambda n=0, lane=lane: seen.append((lane, n)), lane, name=lane)
    return seen


def put(name: str, **args: Any) -> None:
    with transaction():
        queue.put(f"tests.{name}", **args)


def rows(name: str) -> list[Job]:
    session.expire_all()
    return list(session.scalars(select(Job).where(Job.name == f"tests.{name}").order_by(Job.id)))


def take(lane: Lane) -> queue.Taken | None:
    with transaction():
        return queue.take(lane)


def test_a_job_of_a_transaction_that_failed_never_was(app: Flask, done: list[Any]) -> None:
    with pytest.raises(ZeroDivisionError), transaction():
        queue.put("tests.quick")
        queue.put("tests.quick", unique="key")
        raise ZeroDivisionError
    assert worker.run_all(app) == 0


def test_what_is_due_first_is_done_first_and_what_is_not_due_is_not(app: Flask, done: list[Any]) -> None:
    for n, due_at in enumerate((clock.now(), clock.now() - HOUR, clock.now() + HOUR)):
        put("slow", n=n, due_at=due_at)
    assert worker.run_all(app) == 2 and done == [("slow", 1), ("slow", 0)]


@pytest.mark.parametrize("lane", list(Lane))
def test_a_worker_of_one_lane_does_nothing_of_another(app: Flask, done: list[Any], lane: Lane) -> None:
    for each in Lane:
        put(each)
    assert worker.run_all(app, (lane,)) == 1 and done == [(lane, 0)]


def test_work_that_somebody_waits_for_comes_before_slow_work_that_waits_longer(app: Flask, done: list[Any]) -> None:
    for n in range(3):
        put("slow", n=n)
    put("codes")
    worker.run_one(app)
    assert done == [("codes", 0)]


def test_with_a_key_what_waits_already_is_not_put_twice(app: Flask, done: list[Any]) -> None:
    for unique in ("a", "a", "b", None, None):
        put("slow", unique=unique)
    assert [row.unique_key for row in rows("slow")] == ["a", "b", None, None]


def test_keys_of_two_kinds_of_jobs_have_nothing_to_do_with_each_other(app: Flask, done: list[Any]) -> None:
    put("slow", unique="a")
    put("quick", unique="a")
    assert len(rows("slow")) == len(rows("quick")) == 1


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_put_twice_it_is_due_at_the_earlier_time(app: Flask, done: list[Any], order: tuple[int, ...]) -> None:
    now = clock.now()
    for hours in order:
        put("slow", unique="a", due_at=now + hours * HOUR)
    assert [row.due_at for row in rows("slow")] == [now + HOUR]


def test_what_a_worker_has_already_does_not_do_for_what_comes_later(app: Flask, done: list[Any]) -> None:
    put("slow", unique="a")
    taken = take(Lane.slow)
    put("slow", unique="a")
    assert taken and len(rows("slow")) == 2
    with transaction():
        queue.fail(taken, "OSError")
    first, second = rows("slow")
    assert first.done_at and second.done_at is None, "the one that waits does for both"
    session.commit()
    worker.run_all(app)
    put("slow", unique="a")
    assert len(rows("slow")) == 3, "and what is done is done"


@pytest.mark.real_commits
def test_who_takes_it_sees_what_everybody_wrote_that_put_it(town: Flask, done: list[Any]) -> None:
    seen: list[Any] = []

    def work() -> None:
        with town.app_context():
            while not seen:
                if take(Lane.quick):
                    seen.append([row.error for row in rows("slow")])

    with town.app_context():
        put("quick", unique="a")
        with transaction():
            session.add(Job(name="tests.slow", lane=Lane.slow, args={}, error="mine"))
            queue.put("tests.quick", unique="a")  # waits already: and is held until this is there to be read
            session.flush()
            thread = Thread(target=work)
            thread.start()
            thread.join(0.3)
        thread.join(20)
        assert seen == [["mine"]]


@pytest.mark.real_commits
def test_many_workers_do_each_job_once(town: Flask, done: list[Any]) -> None:
    with town.app_context():
        for n in range(40):
            put("slow", n=n)
    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(lambda _n: worker.run_all(town, (Lane.slow,)), range(6))) == 40
    assert sorted(done) == [("slow", n) for n in range(40)]


@pytest.fixture
def leased(app: Flask, done: list[Any]) -> Iterator[queue.Taken]:
    put("slow")
    taken = take(Lane.slow)
    assert taken
    yield taken


def test_a_lease_is_renewed_as_long_as_it_is_held(app: Flask, leased: queue.Taken) -> None:
    later = clock.now() + queue.lease() * 0.9
    with clock.pretend(later), transaction():
        assert queue.renew(leased)
    with clock.pretend(later + queue.lease() * 0.9):
        assert take(Lane.slow) is None
    with clock.pretend(later + queue.lease() * 1.1):
        assert take(Lane.slow)
        with transaction():
            assert not queue.renew(leased)


def test_what_was_given_up_meanwhile_is_not_done(app: Flask, leased: queue.Taken) -> None:
    with transaction():
        session.get_one(Job, leased.id).dead_at = clock.now()
    with pytest.raises(queue.LeaseLost), transaction():
        queue.finish(leased)


def test_a_peek_locks_nothing_and_sees_the_same(app: Flask, done: list[Any]) -> None:
    assert not queue.is_due(Lane.slow)
    put("slow")
    assert queue.is_due(Lane.slow) and not queue.is_due(Lane.quick)
    take(Lane.slow)
    assert not queue.is_due(Lane.slow)


def test_the_setting_says_how_many_work_in_a_lane() -> None:
    assert lanes.runners({"JOB_RUNNERS": ""}) == dict.fromkeys(Lane, 1)
    assert lanes.runners({"JOB_RUNNERS": "slow=2, outside=0"}) == dict.fromkeys(Lane, 1) | {"slow": 2, "outside": 0}
    for wrong in ("slow", "slow=x", "slow=-1", "fast=1"):
        with pytest.raises(ValueError, match=r"."):
            lanes.runners({"JOB_RUNNERS": wrong})
