"""The runners of a worker: one process for each, so that none waits for another, started anew when it dies."""
import os
import signal
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import click
from flask import Flask

from portal import worker
from portal.cli import children
from portal.cli.children import Child
from portal.kit.jobs import Lane, lanes
from portal.kit.patience import Backoff

FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 5.0  # before a runner that died is started anew
WELL_S = 60.0  # who lived so long had died of something else


def lanes_of(app: Flask, only: Iterable[Lane] = ()) -> list[Lane]:
    """A lane for each runner that this machine is to have, of these lanes only if any are named.

    ClickException when the setting cannot be read.
    """
    try:
        numbers = lanes.runners(app.config)
    except ValueError as error:
        raise click.ClickException(f"PORTAL_JOB_RUNNERS cannot be read: {error}.") from None
    chosen = set(only)
    return [lane for lane, n in numbers.items() if not chosen or lane in chosen
            for _ in range(max(n, 1) if chosen else n)]


@dataclass
class Place:
    """One runner, and when the next one may be started in its place."""

    lane: Lane
    child: Child
    since: float
    pause: Backoff
    again_at: float | None = None
    renewed: bool = False


class Hangups:
    """SIGHUP: of a terminal that was closed it means the end, as Ctrl-C does; of an operator, to begin anew."""

    def __init__(self, stop: Callable[[int, Any], None]) -> None:
        self.stop, self.waiting = stop, False
        self.had_terminal = _terminal()
        signal.signal(signal.SIGHUP, self._heard)

    def _heard(self, number: int, frame: Any) -> None:
        if self.had_terminal and not _terminal():
            self.stop(number, frame)
        else:
            self.waiting = True

    def asked(self) -> bool:
        """Whether to begin anew, once for each time it was asked."""
        waiting, self.waiting = self.waiting, False
        return waiting


def _terminal() -> bool:
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True


class Crew:
    """Runners as child processes."""

    def __init__(self, app: Flask, chosen: Iterable[Lane]) -> None:
        self.app = app
        self.places = [Place(lane, self._start(lane), time.monotonic(), Backoff(FIRST_PAUSE_S, LONGEST_PAUSE_S))
                       for lane in chosen]

    @property
    def children(self) -> list[Child]:
        """The processes that run now, or did last."""
        return [place.child for place in self.places]

    def mend(self) -> None:
        """Start anew who died: soon, and later each time where one dies after the other. Never given up: what kills
        its worker is parked by and by, and pages are served meanwhile; /readyz says who works."""
        for place in self.places:
            now = time.monotonic()
            if place.child.lives() or now < (place.again_at or 0):
                continue
            if place.again_at is None and not place.renewed:
                if now - place.since > WELL_S:
                    place.pause.over()
                pause_s = place.pause.next()
                place.again_at = now + pause_s
                click.secho(f"The worker of lane {place.lane} ended ({place.child.status}); starting it anew in "
                            f"{pause_s:.1f} s.", fg="yellow", err=True)
                continue
            place.child, place.since, place.again_at, place.renewed = self._start(place.lane), now, None, False

    def renew(self) -> None:
        """Let each end its job and begin anew."""
        for place in self.places:
            if place.child.lives():
                place.renewed = True
                os.kill(place.child.pid, signal.SIGTERM)

    def _start(self, lane: Lane) -> Child:
        return children.start(f"worker of lane {lane}", lambda: run(self.app, lane))


def run(app: Flask, lane: Lane) -> None:
    """The life of one runner: until it is told to stop, and then to the end of its job."""
    running = [True]

    def stop(_signal: int, _frame: Any) -> None:
        running[0] = False

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    if lane == Lane.slow:
        _give_way()
    worker.run_for_ever(app, lane, lambda: running[0])


def _give_way() -> None:
    """Let whoever waits before a page run first when they wake. Not by being nice: a process that gets little of the
    machine would also hold its short transactions for long, and SQLite has one writer."""
    if hasattr(os, "SCHED_BATCH"):
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
