"""`flask catalogue …`: the facts of a release in this database."""
import click
from flask import Flask
from flask.cli import AppGroup

from portal.catalogue import actions, queries
from portal.catalogue.loading import Report
from portal.kit.db import transaction

catalogue = AppGroup("catalogue", help="Procedures, services, forms, fees and the calendar.")


def tell_report(report: Report) -> None:
    """Say what a loading did, and which rows it left alone because they were edited here."""
    for kind, counts in report.counts.items():
        if counts:
            click.echo(f"  {kind}: " + ", ".join(f"{n} {word.replace('_', ' ')}" for word, n in counts.items()))
    for kind, keys in report.edited.items():
        click.echo(f"  {kind}: left as edited here: " + ", ".join(keys))


@catalogue.command("load")
@click.option("--again", is_flag=True, help="Compare every row, though this release was loaded already.")
def load(again: bool) -> None:
    """Bring the facts of this release into the database; what was edited here stays and is named."""
    with transaction():
        report = actions.load_reference(again=again)
    tell_report(report)
    click.echo("changed" if report.changed else "nothing to change")


@catalogue.command("edited")
def edited() -> None:
    """List facts that the release says otherwise than this database, since they were edited here: kind, key."""
    for kind, key in queries.edited_facts():
        click.echo(f"{kind}\t{key}")


def init_app(app: Flask) -> None:
    app.cli.add_command(catalogue)
