"""A job's three acts: what is read stands when it is written, and in between nobody waits for anything."""
import json
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal import worker
from portal.dossiers.models import Dossier
from portal.kit import clock, jobs
from portal.kit.db import engine, session, transaction
from portal.kit.jobs import Job, Lane, acts, queue
from portal.kit.throttle import Throttle
from tests import make
from tests.kit.jobs.conftest import PATIENCE_S, Register


def put(**args: Any) -> None:
    with transaction():
        queue.put("tests.job", **args)


def one() -> Job:
    session.expire_all()
    return session.scalars(select(Job).where(Job.name == "tests.job")).one()


def written(digest: str) -> None:
    """What a job writes, to be found or not."""
    session.add(Throttle(digest=digest, window=1, n=1, ends_at=clock.now()))


def found() -> list[str]:
    session.expire_all()
    return list(session.scalars(select(Throttle.digest)))


def test_each_act_is_given_what_the_ones_before_it_found(app: Flask, register: Register) -> None:
    kind = register(lambda thing_id: thing_id + 1)
    kind.work(lambda found: found * 10)
    seen: list[Any] = []
    kind.write(lambda *given: seen.append(given))
    put(thing_id=4)
    assert worker.run_all(app) == 1
    assert seen == [(5, 50)] and one().done_at and not one().failures


def test_without_a_slow_act_the_last_is_given_what_was_read(app: Flask, register: Register) -> None:
    seen: list[Any] = []
    register(lambda: 7).write(lambda *given: seen.append(given))
    put()
    worker.run_all(app)
    assert seen == [(7,)]


def test_where_nothing_is_found_nothing_is_done(app: Flask, register: Register) -> None:
    kind = register(lambda: None)
    kind.work(lambda _found: pytest.fail("nothing to work on"))
    kind.write(lambda *_given: pytest.fail("nothing to write"))
    put()
    worker.run_all(app)
    assert one().done_at


def test_the_slow_act_cannot_ask_the_database(app: Flask, register: Register) -> None:
    kind = register(lambda: 1)
    kind.work(lambda _found: session.scalar(select(Job.id)))
    kind.write(lambda *_given: written("never"))
    put()
    worker.run_all(app)
    assert (one().error or "").startswith("Outside") and found() == []


def test_rows_that_were_read_are_no_use_to_the_slow_act(app: Flask, register: Register) -> None:
    dossier_id = make.draft().id
    kind = register(lambda: session.get_one(Dossier, dossier_id))
    kind.work(lambda dossier: len(dossier.events))
    kind.write(lambda *_given: None)
    put()
    worker.run_all(app)
    assert (one().error or "").startswith("DetachedInstanceError")


@pytest.mark.real_commits
def test_while_it_works_everybody_else_may_write_at_once(town: Flask, register: Register) -> None:
    waited: list[float] = []

    def work(_found: int) -> None:
        start = time.monotonic()
        with engine().connect().execution_options(writes=True) as other, other.begin():
            other.execute(Job.__table__.update().values(error="written meanwhile"))  # type: ignore[attr-defined]
        waited.append(time.monotonic() - start)

    with town.app_context():
        kind = register(lambda: 1, limit_s=20)
        kind.work(work)
        kind.write(lambda *_given: None)
        put()
        worker.run_all(town)
        assert one().done_at and waited[0] < 1


def test_work_that_takes_too_long_is_ended_and_tried_again(app: Flask, register: Register) -> None:
    kind = register(lambda: 1)
    kind.work(lambda _found: time.sleep(10))
    kind.write(lambda *_given: written("never"))
    put()
    start = time.monotonic()
    worker.run_all(app)
    assert time.monotonic() - start < 3
    assert one().failures == 1 and "longer than 0.2 s" in (one().error or "") and found() == []


def test_a_failure_is_tried_again_later_and_later_and_then_is_a_dead_letter(app: Flask, register: Register) -> None:
    told: list[int] = []

    @register
    def kind(thing_id: int) -> None:
        written("never")
        session.flush()
        raise OSError("no route")

    kind.dead(lambda thing_id: told.append(thing_id))
    put(thing_id=3)
    now, waits = clock.now(), []
    while one().dead_at is None:
        with clock.pretend(now):
            assert worker.run_all(app) == 1
            waits.append(round((one().due_at - now).total_seconds()))
            now = one().due_at
            assert told == ([3] if one().dead_at else [])
    assert (waits[:-1], one().failures, one().error) == ([10, 60], 3, "OSError: no route")
    assert found() == [] and worker.run_all(app) == 0


def test_what_no_longer_stands_is_read_anew_at_once_and_is_no_failure(app: Flask, register: Register) -> None:
    versions = iter([1, 2])
    kind = register(lambda: next(versions))

    def write(version: int) -> None:
        written(f"of {version}")
        session.flush()
        if version == 1:
            raise jobs.NoLongerStands

    kind.write(write)
    put()
    assert worker.run_all(app) == 2
    assert found() == ["of 2"] and one().failures == 0


def test_what_never_stands_is_a_failure_after_a_while(app: Flask, register: Register) -> None:
    def write(_found: int) -> None:
        raise jobs.NoLongerStands

    register(lambda: 1).write(write)
    put()
    assert worker.run_all(app) == queue.TRIES_AT_ONCE
    assert one().failures == 1 and "never stood" in (one().error or "")


@pytest.fixture
def robbed(app: Flask, register: Register) -> Iterator[Callable[[Callable[[], None]], None]]:
    """Run a job to which something happens between its work and its writing."""
    def run(happens: Callable[[], None]) -> None:
        def work(_found: int) -> None:
            with app.app_context():
                happens()

        kind = register(lambda: 1)
        kind.work(work)
        kind.write(lambda *_given: written("too late"))
        put()
        worker.run_one(app)
    yield run


def test_a_worker_that_lost_its_lease_writes_nothing(app: Flask, robbed: Any) -> None:
    taken = []

    def another_takes_it() -> None:
        with clock.pretend(clock.now() + timedelta(hours=1)), transaction():
            taken.append(queue.take(Lane.slow))

    robbed(another_takes_it)
    assert taken[0] and found() == []
    assert one().done_at is None and one().leased_until and one().error == queue.DIED, "it is the other's now"
    with transaction():
        queue.finish(taken[0])
    assert one().done_at


def test_a_lease_that_ran_out_unseen_may_still_be_used(app: Flask, robbed: Any) -> None:
    def late() -> None:
        with transaction():
            session.scalars(select(Job)).one().leased_until = clock.now() - timedelta(minutes=1)

    robbed(late)
    assert found() == ["too late"] and one().done_at


def test_a_worker_that_lost_its_lease_does_not_note_its_failure_either(app: Flask, register: Register) -> None:
    def read() -> None:
        session.rollback()
        with app.app_context(), clock.pretend(clock.now() + timedelta(hours=1)), transaction():
            assert queue.take(Lane.slow)
        raise OSError("mine")

    register(read).write(lambda _found: None)
    put()
    worker.run_one(app)
    assert one().error == queue.DIED and one().leased_until


def test_a_job_that_kills_its_worker_every_time_comes_to_an_end(app: Flask, register: Register) -> None:
    told: list[str] = []
    register(lambda: pytest.fail("nobody lives to do it")).dead(lambda: told.append("in vain"))
    put()
    now = clock.now()
    for _ in range(len(PATIENCE_S) + 1):
        with clock.pretend(now), transaction():
            assert queue.take(Lane.slow)
        now += timedelta(hours=1)
    with clock.pretend(now), transaction():
        assert queue.take(Lane.slow) is None
    assert one().dead_at and told == ["in vain"]


def test_another_engine_may_carry_jobs_away_and_bring_them_late_or_twice(app: Flask, register: Register) -> None:
    broker: list[str] = []
    register(lambda thing_id: thing_id).write(lambda thing_id: written(str(thing_id)))
    for n in range(3):
        put(thing_id=n)
    while worker.run_one(app, engine=lambda taken: broker.append(json.dumps(taken))):
        pass
    assert found() == [] and len(broker) == 3
    for message in reversed(broker * 2):
        with app.app_context():
            acts.perform(queue.Taken(*json.loads(message)))
    assert sorted(found()) == ["0", "1", "2"]
    assert worker.run_all(app) == 0


def test_a_name_that_no_room_has_is_refused(app: Flask) -> None:
    with pytest.raises(LookupError, match=r"no job tests\.nothing"):
        queue.put("tests.nothing")


def test_a_job_of_another_release_is_tried_again(app: Flask) -> None:
    make.save(Job(name="tests.newer", lane=Lane.quick, args={}))
    worker.run_all(app)
    assert session.scalars(select(Job.failures).where(Job.name == "tests.newer")).one() == 1


def test_a_room_that_cannot_be_told_of_a_dead_job_holds_up_nothing(app: Flask, register: Register) -> None:
    def job(thing_id: int) -> None:
        raise ValueError("bad \0 name")

    def told(thing_id: int) -> None:
        written("half done")
        session.flush()
        raise RuntimeError("the room's own fault")

    kind = register(job)
    kind.patience_s = ()
    kind.dead(told)
    put(thing_id=1)
    assert worker.run_one(app)
    dead = one()
    assert dead.dead_at and dead.error == "ValueError: bad \\0 name"
    assert found() == [], "what the room had begun is taken back"
    assert not worker.run_one(app)


def test_an_errors_words_are_kept_whatever_letters_they_have() -> None:
    assert queue._storable("half \udc80 a letter, \0 and đủ") == "half \\udc80 a letter, \\0 and đủ"
