"""`flask work`: the worker."""
import gc
import signal
import time
from typing import Any

import click
from flask import Flask, current_app

from portal import worker
from portal.cli import children, starting
from portal.cli.crew import Crew, Hangups, lanes_of
from portal.kit.jobs import Lane

LOOK_S = 0.2


@click.command("work")
@click.option("--lane", "chosen", multiple=True, type=click.Choice([*Lane]),
              help="Only this lane; may be given more than once. Without it, all.")
@click.option("--once", is_flag=True, help="Do what is due now, then stop.")
def work(chosen: tuple[str, ...], once: bool) -> None:
    """Do the jobs as they fall due, until told to stop; on SIGHUP begin anew.

    PORTAL_JOB_RUNNERS says how many processes a lane has."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    starting.refuse_invented_people(app)
    only = [Lane(name) for name in chosen]
    if once:
        click.echo(worker.run_all(app, only or Lane))
        return
    running = [True]

    def stop(_signal: int, _frame: Any) -> None:
        running[0] = False

    for each in children.STOPS:
        signal.signal(each, stop)
    hangups = Hangups(stop)
    app.extensions["engine"].dispose()  # no connection may cross the fork
    gc.freeze()  # what is loaded stays shared with the runners
    crew = Crew(app, lanes_of(app, only))
    try:
        while running[0]:
            time.sleep(LOOK_S)
            if hangups.asked():
                crew.renew()
            crew.mend()
    finally:
        children.stop(crew.children)


def init_app(app: Flask) -> None:
    app.cli.add_command(work)
