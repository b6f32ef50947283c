"""The door for the clock: takes jobs that are due and does each in one transaction."""
import os
import socket
import time
from collections.abc import Callable

from flask import Flask

from portal.documents import models as _documents  # noqa: F401
from portal.dossiers import jobs as _dossiers  # noqa: F401  registers its jobs
from portal.intake import jobs as _intake  # noqa: F401  registers its jobs
from portal.kit import queue, throttle
from portal.kit.db import transaction
from portal.notices import jobs as _notices  # noqa: F401  registers its jobs
from portal.progress import actions as progress
from portal.progress import jobs as _progress  # noqa: F401
from portal.statistics import jobs as _statistics  # noqa: F401  registers its jobs

IDLE_S = 0.5
BEAT_S = 10.0


def run_one(app: Flask) -> bool:
    """Take one job and do it. Returns False when none is due."""
    with app.app_context():
        with transaction():
            taken = queue.take()
        if taken is None:
            return False
        job_id, name, args = taken
        try:
            with transaction():
                queue.JOBS[name](**args)
                queue.finish(job_id)
        except Exception as error:
            app.logger.error("job %s %s failed: %s", job_id, name, type(error).__name__, exc_info=error)
            with transaction():
                queue.fail(job_id, f"{type(error).__name__}: {error}")
    return True


def run_all(app: Flask) -> int:
    """Do everything that is due now; returns how many jobs were tried."""
    n = 0
    while run_one(app):
        n += 1
    return n


def run_for_ever(app: Flask, go_on: Callable[[], bool]) -> None:
    """Work until `go_on()` says no. Beats every ten seconds for /readyz."""
    name, last_beat = f"{socket.gethostname()}:{os.getpid()}", 0.0
    while go_on():
        if time.monotonic() - last_beat >= BEAT_S:
            with app.app_context(), transaction():
                queue.beat(name)
                throttle.forget_old()
                progress.plan_recount()
            last_beat = time.monotonic()
        if not run_one(app):
            time.sleep(IDLE_S)
