"""`flask oversight …`: what agencies delivered."""
import json
from datetime import datetime
from pathlib import Path

import click
from flask import Flask

from portal.cli.words import Group
from portal.kit import clock
from portal.kit.db import transaction
from portal.kit.i18n import LANGUAGES
from portal.oversight import actions, live, recounting
from portal.oversight.national import building
from portal.oversight.national import queries as national
from portal.oversight.national.text import text
from portal.oversight.periods import days_of
from portal.oversight.rankings import actions as rankings
from portal.oversight.rankings import definitions
from portal.oversight.reports import versions
from portal.oversight.score import actions as score_actions
from portal.oversight.score import measuring as score_measuring

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


@oversight.command("load-indices")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def load_indices(file: Path | None) -> None:
    """Keep the definitions of indices of this release as versions, and that of FILE (JSON) where one is given."""
    with transaction():
        loaded = rankings.load_shipped()
        if file is not None:
            try:
                rankings.version_of(definitions.read(json.loads(file.read_text(encoding="utf-8"))))
            except ValueError as error:
                raise click.ClickException(f"{file.name}: {error}") from error
    click.echo(f"{loaded} definitions of indices loaded")


@oversight.command("recount")
def recount() -> None:
    """Count every agency's tasks anew, and repair counters that are wrong."""
    with transaction():
        wrong = recounting.mend(clock.today())
    for one in wrong:
        click.echo(f"agency {one.agency_id}: " + ", ".join(f"{name} {n:+}" for name, n in one.lacks.items() if n))
    click.echo(f"{len(wrong)} agencies were counted wrongly" + (" and are repaired" if wrong else ""))


@oversight.command("measure")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="The day, such as 2026-09-30; today unless said.")
def measure(on: datetime | None) -> None:
    """Work out and keep the live figures of a day: today's anew, of a day that is over what is not there yet."""
    try:
        with transaction():
            kept = live.measure(on.date() if on else None)
    except live.TooEarly as error:
        raise click.ClickException(f"of {live.last_published()} and before it only what was published is told") \
            from error
    except live.ToCome as error:
        raise click.ClickException("nobody knows the figures of a day to come") from error
    click.echo(f"{kept} figures measured")


@oversight.command("national-report")
@click.argument("day", type=click.DateTime(["%Y-%m-%d"]))
@click.option("--language", type=click.Choice(LANGUAGES), default=LANGUAGES[0])
@click.option("--edition", type=click.IntRange(1, 9999), help="Which edition; the newest where none is named.")
def national_report(day: datetime, language: str, edition: int | None) -> None:
    """Print the national report of a day as text, as tools/recompute.py prints it from the open data. What is not
    published is printed as it would be built now."""
    found = national.edition(day.date(), edition)
    if found is None and edition is not None:
        raise click.ClickException(f"no edition {edition} of {day:%Y-%m-%d}")
    try:
        file = json.loads(national.file_of(found)) if found else {"content": building.build(day.date())}
    except building.NotYet:
        raise click.ClickException("that day is still to come") from None
    click.echo(text(file, language).encode(), nl=False)


@oversight.command("measure-score")
@click.argument("periods", nargs=-1)
def measure_score(periods: tuple[str, ...]) -> None:
    """Measure the score of Decision 766 of PERIODS (2026-09, 2026-Q3, 2026): those that run, unless others are said."""
    for period in periods or score_measuring.periods(clock.today()):
        try:
            if days_of(period)[0] > clock.today():
                raise click.ClickException(f"{period} is still to come")
            found = score_measuring.measure(period, clock.now())
        except ValueError as error:
            raise click.ClickException(f"{period} is no period: write 2026-09, 2026-Q3 or 2026") from error
        with transaction():
            score_actions.keep(period, found, clock.now())
        click.echo(f"{period}: {len(found)} readings")


@oversight.command("import-portal-answers")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--source", required=True, help="Where it comes from, such as “captured on 27 September 2026”.")
def import_portal_answers(file: Path, source: str) -> None:
    """Take in what the national portal answered about agencies, from a table (CSV) or a list (JSON); all or nothing."""
    with transaction():
        taken = score_actions.take_answers(file.read_bytes(), source, by=None)
    for one in taken.problems:
        click.echo(f"line {one.line}: {one.says % one.facts}", err=True)
    if taken.problems:
        raise click.ClickException(f"{len(taken.problems)} problems: nothing was taken in")
    click.echo(f"{taken.new} answers taken in, {taken.known} were here already")


def init_app(app: Flask) -> None:
    app.cli.add_command(oversight)
