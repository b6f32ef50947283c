"""`flask work`: the worker."""
import signal
from typing import Any

import click
from flask import Flask, current_app

from portal import worker


@click.command("work")
@click.option("--once", is_flag=True, help="Do what is due now, then stop.")
def work(once: bool) -> None:
    """Do the jobs as they fall due, until told to stop."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    if once:
        click.echo(worker.run_all(app))
        return
    running = [True]

    def stop(_signal: int, _frame: Any) -> None:
        running[0] = False

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    worker.run_for_ever(app, lambda: running[0])


def init_app(app: Flask) -> None:
    app.cli.add_command(work)
