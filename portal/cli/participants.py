"""`flask exchange …` about who takes part: what the page Participants does, for whoever has the server at hand."""
import click
from flask import Flask

from portal.cli.exchange import group
from portal.exchange import participants, secrets
from portal.exchange.edxml.profiles import PROFILES
from portal.exchange.models import Participant, ParticipantState, Way
from portal.kit.db import transaction
from portal.law import codes
from portal.people import queries


@group.command("participants")
@click.option("--state", type=click.Choice([str(one) for one in ParticipantState]), default="connected",
              show_default=True)
def show(state: str) -> None:
    """List who takes part: id, way, dialect, system, since, seen last, name."""
    for one in participants.page(state, limit=10_000):
        since, seen = one.connected_at or one.asked_at, one.last_seen_at
        click.echo("\t".join((one.code, one.way, one.profile, one.system_id or "-", f"{since:%Y-%m-%d}",
                              f"{seen:%Y-%m-%d %H:%M}Z" if seen else "never", one.name)))


@group.command("add-participant")
@click.argument("code")
@click.option("--name", help="Of the body; the agency's own where it is left out.")
@click.option("--way", type=click.Choice([str(one) for one in Way]), required=True)
@click.option("--profile", type=click.Choice(list(PROFILES)), default="vnpt", show_default=True)
@click.option("--system", "system_id", help="systemid of a client of the national axis.")
@click.option("--own-secret", is_flag=True, help="Ask for the secret that the system uses already.")
@click.option("--address", help="Of another portal that is pushed to.")
@click.option("--upstream", is_flag=True, help="What is for nobody here is pushed there.")
def add(code: str, name: str | None, way: str, profile: str, system_id: str | None, own_secret: bool,
        address: str | None, upstream: bool) -> None:
    """Let CODE (H17, H17.05) take part from today. A secret that is made is the last word printed, shown only now."""
    said = codes.agency_id(code)
    if said is None:
        raise click.BadParameter("an id is such as H17 or H17.05", param_hint="CODE")
    agency = queries.agency_by_key(said.key)
    if not (name or (agency and not said.path)):
        raise click.BadParameter("say what the body is called", param_hint="--name")
    if (way == Way.axis and not system_id) or (way == Way.push and not address):
        raise click.BadParameter("one of way axis has a --system, one of way push an --address", param_hint="--way")
    secret = click.prompt("Secret", hide_input=True) if own_secret else None
    key = click.prompt("Key that the other portal issued", hide_input=True) if way == Way.push else None
    try:
        with transaction():
            made = participants.ask(code, name or (agency.name if agency else code), way=way, system_id=system_id,
                                    parent_code=said.key if said.path else None)
            told = participants.approve(made, None, way, profile, secret=secret, address=address, push_key=key,
                                        upstream=upstream)
            words = _words(made)
    except participants.Taken as taken:
        raise click.ClickException(f"somebody live has this {taken.field} already") from None
    except secrets.Unfit:
        raise click.ClickException(f"a secret has 8 to {secrets.LONGEST} plain signs without blanks") from None
    click.echo(f"{words} takes part." + (f" Shown only now: {told}" if told else ""))


@group.command("end-participant")
@click.argument("code")
@click.argument("reason")
def end(code: str, reason: str) -> None:
    """End CODE's taking part, for a REASON."""
    with transaction():
        found = participants.live(code)
        if found is None:
            raise click.ClickException("nobody takes part under this id")
        participants.end(found, reason[:500], None)
        words = _words(found)
    click.echo(f"{words} takes part no longer.")


def _words(one: Participant) -> str:
    return f"{one.name} ({one.code})"


def init_app(_app: Flask) -> None:
    """The commands are the group's, which portal/cli/exchange.py adds."""
