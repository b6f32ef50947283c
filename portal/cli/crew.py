"""The runners of a worker: one process for each, so that none waits for another, started anew when it dies."""
import os
import signal
import time
from collections.abc import Iterable
from typing import Any

import click
from flask import Flask

from portal import worker
from portal.cli import children
from portal.cli.children import Child
from portal.kit.jobs import Lane, lanes

RESTARTS, RESTARTS_WITHIN_S = 5, 60.0


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


class Crew:
    """Runners as child processes."""

    def __init__(self, app: Flask, chosen: Iterable[Lane]) -> None:
        self.app = app
        self.running = [(lane, self._start(lane)) for lane in chosen]
        self.deaths: list[list[float]] = [[] for _runner in self.running]

    @property
    def children(self) -> list[Child]:
        """The processes that run now, or did last."""
        return [child for _lane, child in self.running]

    def mend(self) -> None:
        """Start anew who died, but not for ever: ClickException then."""
        for n, (lane, child) in enumerate(self.running):
            if child.lives():
                continue
            now = time.monotonic()
            self.deaths[n] = [at for at in self.deaths[n] if now - at < RESTARTS_WITHIN_S] + [now]
            if len(self.deaths[n]) > RESTARTS:
                raise click.ClickException("The worker keeps dying; the lines above say why.")
            click.secho(f"The worker of lane {lane} ended ({child.status}); starting it anew.", fg="yellow", err=True)
            time.sleep(1)
            self.running[n] = (lane, self._start(lane))

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
