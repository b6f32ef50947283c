"""Runners in processes of their own: each lane has one, a killed one comes back, a job that hangs ends its process."""
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import InternalError, OperationalError

from portal import worker
from portal.cli import crew
from portal.kit.db import session, transaction
from portal.kit.jobs import KINDS, Job, Kind, Lane, WorkerBeat, queue
from tests import make

pytestmark = pytest.mark.real_commits
ROOT = Path(__file__).parents[2]
PATIENCE_S = 40.0


def environment(town: Flask, **more: str) -> dict[str, str]:
    return os.environ | {
        "PORTAL_SECRET_KEY": town.config["SECRET_KEY"], "PORTAL_DATABASE_URL": town.config["DATABASE_URL"],
        "PORTAL_FILES_FOLDER": town.config["FILES_FOLDER"], "PORTAL_INSECURE_HTTP": "true"} | more


def until(holds: Callable[[], Any]) -> Any:
    """What `holds` comes to say, in time."""
    last = time.monotonic() + PATIENCE_S
    while not (found := holds()):
        assert time.monotonic() < last, "never came to hold"
        time.sleep(0.1)
    return found


@contextmanager
def at_work(town: Flask, *words: str, **more: str) -> Iterator[subprocess.Popen[str]]:
    """`flask work`, as operators run it."""
    running = subprocess.Popen([sys.executable, "-m", "flask", "--app", "portal", "work", *words], cwd=ROOT, text=True,
                               env=environment(town, **more), stderr=subprocess.PIPE)
    try:
        yield running
    finally:
        running.kill()
        running.communicate()


def seen() -> dict[str | None, str]:
    """Who was seen in each lane last: the number of its process."""
    session.rollback()
    rows = session.scalars(select(WorkerBeat).order_by(WorkerBeat.seen_at)).all()
    return {row.lane: row.worker.rpartition(":")[2] for row in rows}


@pytest.fixture
def house(town: Flask) -> Iterator[Flask]:
    with town.app_context():
        yield town


def test_each_lane_has_a_process_and_a_killed_one_comes_back(house: Flask) -> None:
    with transaction():
        make_jobs()
    with at_work(house) as running:
        first = until(lambda: len(who := seen()) == len(Lane) and who)
        assert len(set(first.values())) == len(Lane)
        until(lambda: not waiting())
        os.kill(int(first[Lane.outside]), signal.SIGKILL)
        again = until(lambda: (who := seen())[Lane.outside] != first[Lane.outside] and who)
        assert {lane: pid for lane, pid in again.items() if lane != Lane.outside} == \
            {lane: pid for lane, pid in first.items() if lane != Lane.outside}, "the others were left alone"
        running.terminate()
        _out, said = running.communicate(timeout=PATIENCE_S)
        assert running.returncode == 0 and "lane outside ended (-9)" in said
        assert not [pid for pid in again.values() if is_there(pid)]


def make_jobs() -> None:
    """One in each lane, with nothing to do."""
    for name in ("notices.deliver", "notices.deliver_code"):
        queue.put(name, message_id=0)
    queue.put("notices.send_code", registration_id=0, purpose="register", language="vi")
    queue.put("intake.sweep_files")


def waiting() -> list[str]:
    session.rollback()
    return list(session.scalars(select(Job.name).where(Job.done_at.is_(None), Job.unique_key.is_(None))))


def is_there(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    return True


def test_a_worker_may_have_some_lanes_alone(house: Flask) -> None:
    with transaction():
        make_jobs()
    done = subprocess.run([sys.executable, "-m", "flask", "--app", "portal", "work", "--once", "--lane", "codes",
                           "--lane", "slow"], cwd=ROOT, env=environment(house), capture_output=True, text=True,
                          check=True)
    assert done.stdout.strip() == "2" and sorted(waiting()) == ["notices.deliver", "notices.send_code"]


@pytest.mark.once
def test_the_setting_and_the_lanes_asked_for_say_who_works_here() -> None:
    def lanes(setting: str, *only: Lane) -> list[str]:
        return [str(lane) for lane in crew.lanes_of(Setting(setting), only)]  # type: ignore[arg-type]

    assert lanes("") == ["quick", "codes", "slow", "outside"]
    assert lanes("slow=2,outside=0") == ["quick", "codes", "slow", "slow"]
    assert lanes("slow=2,outside=0", Lane.slow) == ["slow", "slow"]
    assert lanes("outside=0", Lane.outside) == ["outside"], "who asks for a lane gets it"
    with pytest.raises(crew.click.ClickException, match="PORTAL_JOB_RUNNERS"):
        lanes("fast=1")


class Setting:
    def __init__(self, setting: str) -> None:
        self.config = {"JOB_RUNNERS": setting}


def test_while_it_works_its_lease_is_renewed_and_nobody_else_takes_the_job(
        house: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    house.config["JOB_LEASE_S"] = 0.6
    began, over = threading.Event(), threading.Event()

    def work(_found: int) -> None:
        began.set()
        time.sleep(2.5)

    kind = Kind(lambda: 1, Lane.slow, 20, (10,))
    kind.work(work)
    kind.write(lambda *_given: None)
    monkeypatch.setitem(KINDS, "tests.long", kind)
    with transaction():
        queue.put("tests.long")
    thread = threading.Thread(target=worker.run_for_ever, args=(house, Lane.slow, lambda: not over.is_set()))
    thread.start()
    try:
        assert began.wait(PATIENCE_S)
        tried = 0
        while not done("tests.long"):
            with transaction():
                assert queue.take(Lane.slow) is None, "it has had its lease for longer than a lease is"
            tried += 1
            time.sleep(0.1)
        assert tried > 6
    finally:
        over.set()
        thread.join()
    assert session.scalars(select(Job.failures).where(Job.name == "tests.long")).all() == [0]


def done(name: str) -> bool:
    session.rollback()
    return session.scalar(select(Job.done_at).where(Job.name == name)) is not None


HANGS = """
import signal, sys, time
from portal import create_app, worker
from portal.kit.jobs import KINDS, Kind, Lane
worker.GRACE_S = 0.5

def work(found):
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])  # as a call of a library that never comes back
    time.sleep(60)

kind = Kind(lambda: 1, Lane.slow, 0.2, (10,))
kind.work(work)
kind.write(lambda found, worked: None)
KINDS["tests.hangs"] = kind
worker.run_for_ever(create_app(), Lane.slow, lambda: True)
"""


def test_a_job_that_no_alarm_reaches_ends_its_process_and_is_noted(house: Flask) -> None:
    make.save(Job(name="tests.hangs", lane=Lane.slow, args={}))
    session.rollback()
    start = time.monotonic()
    ended = subprocess.run([sys.executable, "-c", HANGS], cwd=ROOT, env=environment(house, PORTAL_JOB_LEASE_S="0.8"),
                           capture_output=True, text=True, check=False)
    assert ended.returncode == worker.ENDED_IT, ended.stderr[-2000:]
    assert time.monotonic() - start < PATIENCE_S
    session.rollback()
    job = session.scalars(select(Job).where(Job.name == "tests.hangs")).one()
    assert job.failures == 1 and "could not be ended" in (job.error or "") and job.leased_until is None


@pytest.mark.parametrize("kind", [OperationalError, InternalError])  # gone; of a server where nothing may be written
def test_while_the_database_is_away_a_runner_waits_for_it(house: Flask, monkeypatch: pytest.MonkeyPatch,
                                                          kind: Any) -> None:
    answers: list[Any] = [kind("SELECT 1", {}, Exception("gone")), True, False]

    def run_one(*_args: Any) -> bool:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return bool(answer)

    monkeypatch.setattr(worker, "run_one", run_one)
    monkeypatch.setattr(worker, "AWAY_S", 0.01)
    worker.run_for_ever(house, Lane.slow, lambda: bool(answers))
    assert answers == []
