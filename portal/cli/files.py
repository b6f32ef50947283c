"""`flask files …`: what lies in the files folder."""
import time

import click
from flask import Flask

from portal.cli.words import Group
from portal.files import faults
from portal.kit.db import transaction
from portal.notices import alarms

group = Group("files", help="Stored objects: papers, what was handed in, results.")
EVERY_S = 2.0  # between two lines of progress


@group.command("verify")
@click.option("--quiet", is_flag=True, help="Say nothing while it looks.")
def verify(quiet: bool) -> None:
    """Read every stored object and compare it with the digest that was noted when it was stored.

    Each that is missing or altered is named on a line of its own, noted, and told to the administrators; one that is
    well again is noted too. Ends with 0 where all are well, with 1 where one is not.
    """
    total, looked, wrong, told = faults.count(), 0, 0, time.monotonic()
    for kept in faults.every():
        fault = faults.look(kept)
        looked += 1
        if fault:
            wrong += 1
            click.echo(f"{fault}\t{kept.id}\t{kept.owner.kind} {kept.owner.id}\t{kept.blob}")
        if fault != kept.fault:
            with transaction():
                alarms.of_file(kept.id, fault)
        if not quiet and time.monotonic() - told >= EVERY_S:
            told = time.monotonic()
            click.echo(f"{looked} of {total} looked at, {wrong} not right", err=True)
    click.echo(f"{looked} stored objects looked at, {wrong} not right.", err=bool(wrong))
    if wrong:
        raise click.exceptions.Exit(1)


def init_app(app: Flask) -> None:
    app.cli.add_command(group)
