"""Workers that are killed: a process of its own that bears one after the other, `python -m tests.worker.nursery`.

Reads {"deaths": how many, "seed": …} from its input. A worker is killed by SIGKILL when it has reached an act of its
job, or at any moment. Afterwards one lives until everything is done. Writes how many died at which act.
"""
import json
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from flask import Flask
from sqlalchemy import select

from portal import create_app, worker
from portal.catalogue import queries as catalogue
from portal.kit import callout
from portal.kit.db import session
from portal.kit.jobs import KINDS, SCHEDULES, Job, Lane, acts
from portal.progress import jobs as progress

ACTS = ("taken", "read", "worked", "written", "done")  # it dies when it has come so far
ANY = "any moment"
LANES = (Lane.slow, Lane.outside)
AT_ONCE = 2  # changes in one call, so that there are many
LOOK_S, IDLE_S, PATIENCE_S = 0.02, 1.0, 120.0


def die(*_args: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def dying(act: Callable[..., Any] | None) -> Callable[..., Any] | None:
    """The act, and death right after it."""
    if act is None:
        return None

    def last(*args: Any, **more: Any) -> None:
        act(*args, **more)
        die()
    return last


def doomed(act: str) -> None:
    """Let this process die when it has come so far with its first job."""
    if act == "taken":
        acts.perform = die  # type: ignore[assignment]
    elif act == "done":
        acts.perform = dying(acts.perform)  # type: ignore[assignment]
    for kind in KINDS.values():
        if act == "read":
            kind.read = dying(kind.read) or kind.read
        elif act == "worked":
            kind.work_act = dying(kind.work_act)
        elif act == "written":
            kind.write_act = dying(kind.write_act)


def live(app: Flask, act: str, lane: Lane) -> None:
    """A worker's life in its own process: until it dies, or there is nothing to do."""
    if act == ANY:
        worker.run_for_ever(app, lane, lambda: True)
    doomed(act)
    until = time.monotonic() + IDLE_S
    while time.monotonic() < until:
        if worker.run_one(app, (lane,)):
            until = time.monotonic() + IDLE_S
        time.sleep(LOOK_S)


def born(life: Callable[[], None]) -> int:
    """A child that lives so; its number."""
    pid = os.fork()
    if pid:
        return pid
    try:
        life()
    finally:
        os._exit(0)


def died(pid: int, after_s: float | None) -> bool:
    """Whether the child was killed: by us after so long, or by itself."""
    if after_s is not None:
        time.sleep(after_s)
        os.kill(pid, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL


def finish(app: Flask) -> None:
    """Live until everything is done. RuntimeError when it is not in time."""
    until = time.monotonic() + PATIENCE_S
    while True:
        worker.run_all(app)
        with app.app_context():
            left = session.execute(select(Job.name, Job.failures, Job.error).where(
                Job.done_at.is_(None), Job.name.not_in(SCHEDULES))).all()
        if not left:
            return
        if time.monotonic() > until:
            raise RuntimeError(f"never done: {left}")
        time.sleep(LOOK_S)


def main() -> None:
    given = json.load(sys.stdin)
    dice, deaths = random.Random(given["seed"]), Counter[str]()
    callout.SCHEMES = {"http": 80}
    progress.AT_ONCE = AT_ONCE
    for kind in KINDS.values():
        kind.patience_s = (0.1,) * 1000  # this job is to be tried as often as it is killed
    app = create_app()
    with app.app_context():
        catalogue.directory()
        session.close()
        app.extensions["engine"].dispose()
    while deaths.total() < given["deaths"]:
        act, lane = dice.choice((*ACTS, ANY)), dice.choice(LANES)
        after_s = dice.uniform(0.0, 0.8) if act == ANY else None
        deaths[act] += died(born(lambda act=act, lane=lane: live(app, act, lane)), after_s)  # type: ignore[misc]
    finish(app)
    json.dump(deaths, sys.stdout)


if __name__ == "__main__":
    main()
