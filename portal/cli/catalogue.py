"""`flask catalogue …`: the facts of a release in this database."""
import click
from flask import Flask

from portal.catalogue import actions, queries
from portal.catalogue.loading import Report
from portal.cli.words import Group
from portal.kit.db import transaction
from portal.law.rule_sets import AfterSupplement, SpecialTimes

catalogue = Group("catalogue", help="Procedures, services, forms, fees and the calendar.")


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
    release = actions.read_release()
    with transaction():
        report = actions.load_reference(again=again, release=release)
    tell_report(report)
    click.echo("changed" if report.changed else "nothing to change")


@catalogue.command("edited")
def edited() -> None:
    """List facts that the release says otherwise than this database, since they were edited here: kind, key."""
    for kind, key in queries.edited_facts():
        click.echo(f"{kind}\t{key}")


@catalogue.command("special-times")
@click.option("--procedure", "code", required=True, metavar="CODE", help="The procedure's code, such as 1.001193.")
@click.option("--law", help="The special law and its article, as pages cite it; without it its times are taken away.")
@click.option("--ask-within-days", type=click.IntRange(1), help="Working days of receipt in which papers may be asked.")
@click.option("--silence-days", type=click.IntRange(1), help="Calendar days without an answer that end a dossier.")
@click.option("--after-supplement", type=click.Choice([str(each) for each in AfterSupplement]),
              help="What the full papers do to the limit.")
def special_times(code: str, law: str | None, ask_within_days: int | None, silence_days: int | None,
                  after_supplement: str | None) -> None:
    """Give a procedure a special law's times in place of the one-stop regulation's; what was begun keeps its own."""
    given = SpecialTimes(law, ask_within_days, silence_days,
                         AfterSupplement(after_supplement) if after_supplement else None) if law else None
    with transaction():
        made = actions.set_special_times(code, given)
    if made is None:
        raise click.ClickException(f"no procedure has the code {code}")
    click.echo(f"{made} new versions of the terms")


def init_app(app: Flask) -> None:
    app.cli.add_command(catalogue)
