"""`flask progress …`: words that nobody knew, counters, and who is told of changes."""
import secrets
from datetime import timedelta

import click
from flask import Flask, current_app

from portal.cli.words import Group
from portal.intake import feed, mapping, uploads
from portal.intake.mapping import Place
from portal.kit import callout, garbage_collection, jobs
from portal.kit.db import transaction
from portal.people import queries as people
from portal.people.models import Agency
from portal.progress import actions, records
from portal.progress.models import ProgressSubscriber
from portal.statistics import actions as counters

progress = Group("progress", help="The published progress of dossiers.")


def _agency(key: str) -> Agency:
    agency = people.agency_by_key(key)
    if agency is None:
        raise click.ClickException(f"no agency answers to {key} today")
    return agency


def _subscriber(number: int) -> ProgressSubscriber:
    subscriber = records.subscriber(number)
    if subscriber is None:
        raise click.ClickException(f"no subscriber {number}")
    return subscriber


@progress.command("waiting")
def waiting() -> None:
    """List words that rows wait for: agency, what is unknown, the word, how many rows, since when."""
    for word in mapping.waiting(size=None):
        click.echo(f"{word.agency_key}\t{word.reason}\t{word.value}\t{word.rows}\t{word.since:%Y-%m-%d %H:%M}Z")


@progress.command("map")
@click.argument("agency_key")
@click.argument("reason", type=click.Choice(mapping.MAPPED))
@click.argument("value")
@click.argument("means")
@click.option("--replay/--no-replay", default=True, help="Take the rows that wait for it, too.")
def map_word(agency_key: str, reason: str, value: str, means: str, replay: bool) -> None:
    """Say what a word of an agency means here, such as: map H17 status_unknown CHO_TRA 9."""
    place = Place(reason, value, _agency(agency_key).id)
    try:
        with transaction():
            last_id = mapping.map_word(place, means, by_id=None, and_take=replay)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{value} means {means}." + (f" {_taken(last_id)}" if replay else ""))


@progress.command("replay")
@click.argument("agency_key")
@click.argument("reason", type=click.Choice(mapping.MAPPED))
@click.argument("value")
def replay(agency_key: str, reason: str, value: str) -> None:
    """Take the rows that wait for a word which was mapped since."""
    try:
        with transaction():
            last_id = mapping.take(Place(reason, value, _agency(agency_key).id))
    except LookupError as error:
        raise click.ClickException(str(error)) from error
    click.echo(_taken(last_id))


@progress.command("recount")
@click.option("--later", is_flag=True, help="Let the worker do it, as it does every night.")
def recount(later: bool) -> None:
    """Count everything anew; print what was wrong and is mended now."""
    if later:
        with transaction():
            jobs.put("progress.recount")
        click.echo("The worker will count.")
        return
    found = actions.counted()  # before the transaction, in which nobody else could write
    try:
        with transaction():
            counters.mend(found)
    except counters.MendedAlready as error:
        raise click.ClickException("another recount mended counters meanwhile; count again") from error
    for key, (counted, true) in sorted(found.wrong.items(), key=str):
        click.echo(f"{key}\twas {counted}\tis {true}")
    click.echo(f"{len(found.wrong)} counters were wrong.")


@progress.command("sweep-files")
@click.option("--even-most", is_flag=True, help="Also when most of the files have no row. Look at both first.")
def sweep_files(even_most: bool) -> None:
    """Delete kept files that nothing names any more now; the worker does it every night."""
    try:
        paths = garbage_collection.unwanted(uploads.is_kept, even_most=even_most)
    except garbage_collection.TooMany as error:
        raise click.ClickException(str(error)) from error
    n = 0
    for start in range(0, len(paths), garbage_collection.AT_ONCE):
        with transaction():
            n += garbage_collection.delete(paths[start:start + garbage_collection.AT_ONCE])
    click.echo(f"{n} files deleted.")


@progress.command("add-subscriber")
@click.argument("agency_key")
@click.argument("url")
def add_subscriber(agency_key: str, url: str) -> None:
    """Tell a machine of every change from now on; the last word printed is the secret that signs."""
    try:
        callout.check(url, current_app.config["CALL_NETWORKS"])
    except callout.NotAllowed as error:
        raise click.ClickException(str(error)) from error
    secret = secrets.token_urlsafe(32)
    with transaction():
        number = actions.add_subscriber(_agency(agency_key).id, url, secret).id
    click.echo(f"Subscriber {number}. Shown only now: {secret}")


@progress.command("list-subscribers")
def list_subscribers() -> None:
    """List who is told: number, agency, address, position heard, failures, state."""
    for each, key in records.subscribers():
        state = f"paused {each.paused_at:%Y-%m-%d %H:%M}Z" if each.paused_at else "told"
        click.echo(f"{each.id}\t{key}\t{each.url}\t{each.position}\t{each.failures}\t{state}")


@progress.command("resume-subscriber")
@click.argument("number", type=int)
def resume_subscriber(number: int) -> None:
    """Tell a paused subscriber again, from where it stopped hearing."""
    with transaction():
        actions.resume_subscriber(_subscriber(number))
    click.echo(f"Subscriber {number} is told again.")


@progress.command("remove-subscriber")
@click.argument("number", type=int)
def remove_subscriber(number: int) -> None:
    """Tell a subscriber nothing any more, at once and for ever."""
    with transaction():
        actions.remove_subscriber(_subscriber(number))
    click.echo(f"Subscriber {number} is told nothing any more.")


@progress.command("change-subscriber-secret")
@click.option("--overlap-hours", type=click.IntRange(0, 720), default=48, show_default=True,
              help="How long the secret of before signs beside the new one.")
@click.argument("number", type=int)
def change_subscriber_secret(number: int, overlap_hours: int) -> None:
    """Sign what a subscriber is told with another secret from now on; the last word printed is the secret."""
    secret = secrets.token_urlsafe(32)
    with transaction():
        actions.change_secret(_subscriber(number), secret, timedelta(hours=overlap_hours))
    click.echo(f"Subscriber {number}. Shown only now: {secret}")


def _taken(last_id: int | None) -> str:
    """What became of the rows that waited for a word, up to this one."""
    taking = mapping.taking(last_id) if last_id is not None else None
    if taking is None:
        return "No row waited for it."
    if not taking.finished:
        return f"The worker takes the {taking.total - taking.done} rows that waited."
    return ", ".join(f"{taking.counts[result]} {result}" for result in feed.RESULTS) + "."


def init_app(app: Flask) -> None:
    app.cli.add_command(progress)
