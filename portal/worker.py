"""The door for the clock: takes jobs that are due, lane by lane, and does them."""
import os
import socket
import threading
import time
from collections.abc import Callable, Iterable
from datetime import timedelta

from flask import Flask

from portal.dossiers import jobs as _dossiers  # noqa: F401  registers its jobs
from portal.exchange import jobs as _exchange  # noqa: F401  registers its jobs
from portal.files import jobs as _files  # noqa: F401  registers its job
from portal.intake import jobs as _intake  # noqa: F401  registers its jobs
from portal.kit import db
from portal.kit import throttle as _throttle  # noqa: F401  registers its jobs
from portal.kit.db import session, transaction, why
from portal.kit.jobs import KINDS, Lane, Taken, acts, beats, queue, schedule
from portal.kit.jobs import retention as _retention  # noqa: F401  registers its job
from portal.kit.patience import Backoff
from portal.notices import jobs as _notices  # noqa: F401  registers its jobs
from portal.oversight import jobs as _oversight  # noqa: F401  registers its jobs
from portal.oversight.national import jobs as _national  # noqa: F401  registers its job
from portal.oversight.rankings import jobs as _rankings  # noqa: F401  registers its jobs
from portal.oversight.reports import jobs as _reports  # noqa: F401  registers its jobs
from portal.oversight.score import jobs as _score  # noqa: F401  registers its jobs
from portal.papers import jobs as _papers  # noqa: F401  registers its jobs
from portal.progress import jobs as _progress  # noqa: F401
from portal.statistics import jobs as _statistics  # noqa: F401  registers its jobs

IDLE_S = 0.25
BEAT_S = 20.0
AWAY_S, LONGEST_AWAY_S = 1.0, 20.0  # how soon a runner asks again for a database that is away, and how late
GRACE_S = 30.0  # beyond a job's own limit; then its process ends
ENDED_IT = 75  # how a process ends that could not end its job


def run_one(app: Flask, lanes: Iterable[Lane] = Lane, engine: acts.Engine = acts.perform) -> bool:
    """Take one job of the first of these lanes that has one due, and give it to the engine. Returns False when there
    is none."""
    with app.app_context():
        for lane in lanes:
            due = queue.is_due(lane)
            session.rollback()
            if not due:
                continue
            with transaction():
                taken = queue.take(lane)
            if taken is None:
                continue
            engine(taken)
            return True
    return False


def run_all(app: Flask, lanes: Iterable[Lane] = Lane) -> int:
    """Do everything that is due now; returns how many jobs were tried."""
    n, lanes = 0, list(lanes)
    while run_one(app, lanes):
        n += 1
    return n


def run_for_ever(app: Flask, lane: Lane, go_on: Callable[[], bool]) -> None:
    """Work in one lane until `go_on()` says no; a second thread keeps the lease, plans and beats meanwhile. While the
    database cannot be used, ask for it less and less often; the log hears of it once, and once when it is back."""
    keeper, away = Keeper(app, lane), Away(app, lane)
    keeper.start()
    try:
        while go_on():
            try:
                found = run_one(app, (lane,), keeper.perform)
            except Exception as error:  # whatever it is: a runner that ends would do no more
                away.wait(error, go_on)
                continue
            away.over()
            if not found:
                time.sleep(IDLE_S)
    finally:
        keeper.over.set()
        keeper.join()


class Away:
    """What a runner does while it can take no job."""

    def __init__(self, app: Flask, lane: Lane) -> None:
        self.app, self.lane = app, lane
        self.backoff = Backoff(AWAY_S, LONGEST_AWAY_S)
        self.since = 0.0

    def wait(self, error: Exception, go_on: Callable[[], bool]) -> None:
        """Say it the first time, then wait; not on when told to stop."""
        if not self.since:
            self.since = time.monotonic()
            self.app.logger.warning("worker of lane %s waits for the database: %s: %s", self.lane,
                                    type(error).__name__, why(error))
        until = time.monotonic() + self.backoff.next()
        while go_on() and time.monotonic() < until:
            time.sleep(min(IDLE_S, AWAY_S))

    def over(self) -> None:
        """The database answers."""
        if self.since:
            self.app.logger.warning("worker of lane %s goes on after %.0f s", self.lane, time.monotonic() - self.since)
            self.since = 0.0
            self.backoff.over()


class Keeper(threading.Thread):
    """Beside a runner: says that it lives, plans what a clock puts, and keeps the lease of the job that it does.

    A job that passes its limit by GRACE_S, because it hangs where no alarm reaches it, is noted as failed and its
    process ended: whoever started it starts it anew.
    """

    def __init__(self, app: Flask, lane: Lane) -> None:
        super().__init__(name=f"keeper of {lane}", daemon=True)
        self.app, self.lane = app, lane
        self.worker = f"{socket.gethostname()}:{os.getpid()}"
        self.over = threading.Event()
        self.job: tuple[Taken, float] | None = None  # with the moment by which it must be done

    def perform(self, taken: Taken) -> None:
        """Our own engine: at once, in this process, with the lease kept meanwhile."""
        limit_s = KINDS[taken.name].limit_s if taken.name in KINDS else 0.0
        self.job = taken, time.monotonic() + limit_s + GRACE_S
        try:
            acts.perform(taken)
        finally:
            self.job = None

    def run(self) -> None:
        with self.app.app_context():
            pause_s = min(BEAT_S, queue.lease() / timedelta(seconds=4))
        beat_at = 0.0
        while True:
            beats_now = time.monotonic() >= beat_at
            try:
                with self.app.app_context():
                    self._keep()
                    if beats_now:
                        self._beat()
                        beat_at = time.monotonic() + BEAT_S
            except Exception as error:  # the database may be away for a while, which the runner says; so may the lease
                if not db.is_unusable(error):
                    self.app.logger.warning("keeper of %s: %s", self.lane, type(error).__name__)
            if self.over.wait(pause_s):
                return

    def _beat(self) -> None:
        with transaction():
            beats.beat(self.worker, self.lane)
        schedule.plan()

    def _keep(self) -> None:
        job = self.job
        if job is None:
            return
        taken, until = job
        if time.monotonic() < until:
            with transaction():
                queue.renew(taken)
            return
        self.app.logger.error("job %s %s cannot be ended: this process ends", taken.id, taken.name)
        try:
            with transaction():
                queue.fail(taken, "took too long and could not be ended")
        finally:
            os._exit(ENDED_IT)
