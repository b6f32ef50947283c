"""`flask people …`: the people who work here. There is no default account: the first is made with it."""
import base64
from typing import Any

import click
from flask import Flask

from portal.cli.words import Group
from portal.dossiers import actions as dossiers
from portal.kit.db import transaction
from portal.kit.text import clean_name, letters_no_font_has
from portal.law import codes
from portal.people import actions, keys, passwords, queries, recovery, roles, security_log, sessions
from portal.people.contacts import parse_contact
from portal.people.models import SCOPES, Agency
from portal.people.permissions import NATIONAL, Place, Role

people = Group("people", help="Officers and administrators.")


def _check_contact(_context: click.Context, _parameter: click.Parameter, value: Any) -> Any:
    if value is None:  # where it may be left out
        return value
    try:
        return parse_contact(value)[1]
    except ValueError as error:
        raise click.BadParameter("neither an e-mail address nor a telephone number") from error


def _check_name(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    name = clean_name(value)
    if not 2 <= len(name) <= 200:
        raise click.BadParameter("2 to 200 letters")
    if unknown := letters_no_font_has(name):
        raise click.BadParameter(f"papers cannot print {', '.join(unknown)}")
    return name


def _agency(typed: str) -> Agency:
    """The agency of a key or of its identification code, old or new. A part of it has no people and no key."""
    unit = codes.agency_id(typed)
    agency = queries.agency_by_key(unit.key if unit and not unit.path else typed)
    if agency is None:
        raise click.ClickException(f"no agency answers to {typed} today")
    return agency


name_option = click.option("--name", required=True, callback=_check_name, help="Full name.")
contact_option = click.option("--contact", required=True, callback=_check_contact,
                              help="E-mail address or telephone number to sign in with.")


@people.command("add-officer")
@name_option
@contact_option
@click.option("--agency", "key", required=True, help="The agency's key, such as H17.")
@click.option("--role", type=click.Choice([role for role in Role if role not in NATIONAL]),
              default=Role.case_officer, show_default=True)
@click.option("--unit", "unit_name", help="The name or code of a unit of it; without one, the agency as a whole.")
def add_officer(name: str, contact: str, key: str, role: str, unit_name: str | None) -> None:
    """Add somebody who works at an agency; the last word printed is the password for the first sign-in."""
    place, password = _place(key, unit_name), passwords.one_time()
    try:
        with transaction():
            person = actions.add_staff(name, contact, role, place, by=None, password=password.kept)
            words = f"{person.name}, {_agency(key).name}."
    except actions.ContactTaken as error:
        raise click.ClickException("somebody has this contact already") from error
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{words} First password, shown only now: {password.shown}")


def _place(key: str, unit_name: str | None) -> Place:
    agency = _agency(key)
    if unit_name is None:
        return Place(agency.id)
    units = [one for one in queries.units_of(agency.id) if one.code == unit_name]
    units = units or queries.units_named(agency.id, unit_name)
    if len(units) != 1:
        raise click.ClickException(f"{len(units)} units of {key} answer to {unit_name} today")
    return Place(agency.id, units[0].id)


@people.command("add-administrator")
@name_option
@contact_option
def add_administrator(name: str, contact: str) -> None:
    """Add an administrator of the portal; the last word printed is the password for the first sign-in."""
    password = passwords.one_time()
    try:
        with transaction():
            actions.add_administrator(name, contact, by=None, password=password.kept)
    except actions.ContactTaken as error:
        raise click.ClickException("somebody has this contact already") from error
    click.echo(f"{name}, administrator. First password, shown only now: {password.shown}")


@people.command("recover")
@click.argument("contact", callback=_check_contact)
def recover(contact: str) -> None:
    """Let one of the staff begin anew: second factors gone, sessions ended; the last word is the first password.

    For a first password that ended, and for a portal with one administrator; else two of them do it on its pages.
    """
    password = passwords.one_time()
    with transaction():
        person = queries.person_by_contact(contact)
        if person is None or not person.staff:
            raise click.ClickException("nobody of the staff has this contact")
        recovery.by_operator(person, password.kept)
        name = person.name
    click.echo(f"{name} sets up a new second factor. First password, shown only now: {password.shown}")


@people.command("end-sessions")
@click.argument("contact", callback=_check_contact, required=False)
@click.option("--everybody", is_flag=True, help="Instead of one person's: every session of this portal.")
def end_sessions(contact: str | None, everybody: bool) -> None:
    """Sign somebody out everywhere, or everybody: from the next request on."""
    if bool(contact) == everybody:
        raise click.UsageError("name one contact, or --everybody")
    with transaction():
        person = queries.person_by_contact(contact) if contact else None
        if contact and person is None:
            raise click.ClickException("nobody has this contact")
        ended = sessions.end_all(person) if person else sessions.end_every()
    click.echo(f"{ended} sessions ended")


@people.command("give-role")
@click.argument("contact", callback=_check_contact)
@click.argument("role", type=click.Choice(list(Role)))
@click.option("--agency", "key", help="The agency's key; not for roles of the whole portal.")
@click.option("--unit", "unit_name", help="The name or code of a unit of it; without one, the agency as a whole.")
def give_role(contact: str, role: str, key: str | None, unit_name: str | None) -> None:
    """Give one of the staff a further role; the number printed last ends it (end-role)."""
    place = _place(key, unit_name) if key else None
    try:
        with transaction():
            person = queries.person_by_contact(contact)
            if person is None:
                raise click.ClickException("nobody has this contact")
            number = roles.give(person, role, place, by=None).id
    except ValueError as error:
        raise click.ClickException("only staff hold roles, national ones at no agency, others at one") from error
    except roles.HeldAlready as error:
        raise click.ClickException("this role is held there already") from error
    click.echo(f"Given from now on: role {number}")


@people.command("end-role")
@click.argument("number", type=int)
@click.option("--to", "contact", help="Who gets the dossiers that are held by it; without, they go back to the queue.")
def end_role(number: int, contact: str | None) -> None:
    """End a role: from the next request on it opens nothing."""
    with transaction():
        held = queries.membership(number)
        if held is None:
            raise click.ClickException(f"no role {number}")
        to = queries.person_by_contact(contact) if contact else None
        if contact and (to is None or not to.staff):
            raise click.ClickException("nobody of the staff has this contact")
        roles.end(held, by=None)
        handed, back = dossiers.leave(held.person, by=None, to=to)
    click.echo(f"Role {number} opens nothing any more. Dossiers handed on: {handed}, back in the queue: {back}.")


@people.command("list-units")
@click.argument("agency_key")
def list_units(agency_key: str) -> None:
    """List an agency's units of today: id, kind, code, name."""
    for unit in queries.units_of(_agency(agency_key).id):
        click.echo(f"{unit.id}\t{unit.kind}\t{unit.code or '-'}\t{unit.name}")


@people.command("list")
def list_people() -> None:
    """List the staff, the newest first: id, state, name, and for each role its number, name and place."""
    before = None
    while lines := queries.staff(before=before):
        for line in lines:
            held = "; ".join(f"{role.id} {role.role} {role.place}".strip() for role in line.roles)
            click.echo(f"{line.id}\t{'active' if line.active else 'closed'}\t{line.name}\t{held or '-'}")
        before = lines[-1].id


def _public_key(_context: click.Context, _option: click.Parameter, given: str | None) -> str | None:
    try:
        if given is not None and len(base64.b64decode(given, validate=True)) != 32:
            raise click.BadParameter("an Ed25519 public key has 32 bytes")
    except ValueError:
        raise click.BadParameter("it is not base64") from None
    return given


@people.command("issue-key")
@click.argument("agency_key")
@click.option("--scope", "scopes", type=click.Choice(SCOPES), multiple=True, required=True,
              help="What the key opens; may be given several times.")
@click.option("--signing-key", callback=_public_key, help="Ed25519 public key in base64: every message must be signed.")
@click.option("--dry-run", is_flag=True, help="For trying out: everything is answered and nothing is kept.")
def issue_key(agency_key: str, scopes: tuple[str, ...], signing_key: str | None, dry_run: bool) -> None:
    """Issue a key for an agency's software; the last word printed is the key, shown only now."""
    agency = _agency(agency_key)
    name = agency.name
    try:
        with transaction():
            key, secret = keys.issue(agency, scopes, signing_key, dry_run=dry_run)
            number = key.id
            security_log.record("key.issued", agency_id=agency.id, key=number, scopes=",".join(sorted(scopes)))
    except keys.TooManyKeys as error:
        raise click.ClickException(f"{keys.MOST_LIVE} keys live already: revoke one first "
                                   f"(flask people list-keys, revoke-key)") from error
    what = f"key {number}{' for trying out' if dry_run else ''}"
    click.echo(f"{name}: {what} for {', '.join(sorted(set(scopes)))}. Shown only now: {secret}")


@people.command("list-keys")
def list_keys() -> None:
    """List keys, the newest first: number, agency, scope, its last letters, state, last use."""
    for key in keys.all_keys():
        state = f"revoked {key.revoked_at:%Y-%m-%d}" if key.revoked_at else "dry run" if key.dry_run else "live"
        used = f"used {key.used_at:%Y-%m-%d %H:%M}Z" if key.used_at else "never used"
        click.echo(f"{key.id}\t{key.agency.key}\t{','.join(sorted(key.scopes))}\t…{key.hint}\t{state}\t{used}")


@people.command("revoke-key")
@click.argument("number", type=int)
def revoke_key(number: int) -> None:
    """Revoke a key, at once and for ever."""
    with transaction():
        key = keys.key_by_id(number)
        if key is None:
            raise click.ClickException(f"no key {number}")
        keys.revoke(key)
        security_log.record("key.revoked", agency_id=key.agency_id, key=number)
    click.echo(f"Key {number} opens nothing any more.")


def init_app(app: Flask) -> None:
    app.cli.add_command(people)
