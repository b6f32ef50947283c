"""`flask oversight …`: what agencies delivered."""
import click
from flask import Flask

from portal.cli.words import Group
from portal.kit import clock
from portal.kit.db import transaction
from portal.oversight import actions, recounting
from portal.oversight.reports import versions

oversight = Group("oversight", help="What the Government asked, and who delivered.")


@oversight.command("load-history")
def load_history() -> None:
    """Load the facts that were published of 2016 and 2017. What is there already stays."""
    with transaction():
        loaded = actions.load_history()
    click.echo(f"{loaded} published facts loaded")


@oversight.command("load-templates")
def load_templates() -> None:
    """Load the templates of reports that come with this release, each as a new version where it says something new."""
    with transaction():
        loaded = versions.load_shipped()
    click.echo(f"{loaded} templates loaded")


@oversight.command("recount")
def recount() -> None:
    """Count every agency's tasks anew, and repair counters that are wrong."""
    with transaction():
        wrong = recounting.mend(clock.today())
    for one in wrong:
        click.echo(f"agency {one.agency_id}: " + ", ".join(f"{name} {n:+}" for name, n in one.lacks.items() if n))
    click.echo(f"{len(wrong)} agencies were counted wrongly" + (" and are repaired" if wrong else ""))


def init_app(app: Flask) -> None:
    app.cli.add_command(oversight)
