"""`flask dossiers …`: what the rules say of a dossier."""
from datetime import datetime

import click
from flask import Flask

from portal.catalogue import queries as catalogue
from portal.catalogue.cases import UnknownCase
from portal.catalogue.models import Service
from portal.cli.words import Group
from portal.dossiers import queries as kept
from portal.kit import clock
from portal.kit.i18n import _, moment, translated
from portal.law import codes, deadlines, rule_sets, wording
from portal.law.calendar import CalendarEnds
from portal.law.deadlines import DueState, Stop, StopKind
from portal.law.explanations import Explanation, explain
from portal.law.limits import Limit, LimitUnit
from portal.web.due_dates import explained

dossiers = Group("dossiers", help="Due dates, and why they are what they are.")


class LocalMoment(click.ParamType):
    """A moment in ISO 8601; without a zone it is Vietnam's."""

    name = "ISO_LOCAL"

    def convert(self, value: str | datetime, _param: click.Parameter | None, _ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no moment such as 2026-11-23T09:30")
        return moment if moment.tzinfo else moment.replace(tzinfo=clock.VN)


@dossiers.command("due-date")
@click.option("--agency", "agency", required=True, metavar="CODE", help="The agency's key or code, such as H17.")
@click.option("--procedure", required=True, metavar="CODE", help="The procedure's code, such as 1.001193.")
@click.option("--received-at", required=True, type=LocalMoment(), help="When the full papers were received.")
@click.option("--case", "case", metavar="KEY", help="The case, where the law sets several limits.")
@click.option("--asked-at", type=LocalMoment(), help="When papers were asked for after that.")
@click.option("--answered-at", type=LocalMoment(), help="When they came.")
def due_date(agency: str, procedure: str, received_at: datetime, case: str | None, asked_at: datetime | None,
             answered_at: datetime | None) -> None:
    """Say when a dossier is due, and why; the due time is the last word. "none": the law sets no limit; "stopped": what
    was asked for is awaited."""
    if answered_at and not asked_at:
        raise click.ClickException("an answer needs its request: --asked-at is missing")
    service = _service(agency, procedure)
    limit = _limit(service, case)
    rules = rule_sets.at(clock.day_of(received_at)).under(service.version.special)
    stops = [Stop(StopKind.supplement, asked_at, answered_at)] if asked_at else []
    try:
        explanation = explain(rules, limit, received_at, stops, catalogue.calendar())
    except (CalendarEnds, ValueError) as error:
        raise click.ClickException(str(error)) from error
    for line in wording.explained(explanation):
        click.echo(translated(line.message))
    click.echo(_answer(explanation))


@dossiers.command("explain")
@click.argument("code")
def explain_dossier(code: str) -> None:
    """Say why the dossier CODE is due when it is: the rules that it was received under, the days counted and skipped,
    who stopped its clock, and the dates that it had before."""
    dossier = kept.by_code(code.strip().upper())
    if dossier is None:
        raise click.ClickException(f"no dossier {code} was handed in here; the dates of other systems are their own")
    said = explained(dossier, lambda _fact: dossier.agency.name)
    for title, sentences in said.parts:
        click.echo(f"{title}:")
        for sentence in sentences:
            click.echo(f"  {sentence}")
    for change in said.changes:
        note = f" ({change.note})" if change.note else ""
        click.echo(_("%(old)s became %(new)s: %(reason)s", old=moment(change.old), new=moment(change.new),
                     reason=f"{change.reason}{note}"))
    if said.answer:
        click.echo(said.answer)
    if said.index:
        click.echo(_("By the index of Decision 766/QĐ-TTg: %(due)s", due=said.index))
    click.echo(_("By the decree: %(due)s", due=said.decree))


def _service(agency: str, procedure: str) -> Service:
    """What the agency offers of the procedure. The directory is only read to say what is not known."""
    unit = codes.agency_id(agency)
    key, code = unit.key if unit and not unit.path else agency, codes.procedure_code(procedure) or procedure
    if service := catalogue.service(key, code):
        return service
    found = catalogue.agency(key)
    if found is None:
        raise click.ClickException(f"no agency answers to {agency} today")
    if catalogue.procedure(code) is None:
        raise click.ClickException(f"no procedure has the code {procedure}")
    raise click.ClickException(f"{found.name} does not offer the procedure {code}")


def _limit(service: Service, case: str | None) -> Limit:
    try:
        limit = service.version.limit_for(case or "")
    except UnknownCase as error:
        known = f"there is {', '.join(error.known)}" if error.known else "one limit holds for all"
        raise click.ClickException(f"{service.procedure.code} has no case {case}: {known}") from error
    if limit.amount is None and limit.unit is not LimitUnit.none:
        raise click.ClickException(f"the time limit of {service.procedure.code} is not known: its record names none "
                                   "that can be read")
    return limit


def _answer(explanation: Explanation) -> str:
    due: deadlines.Due = explanation.due
    if explanation.limit.none:
        return str(DueState.none)
    if due.at is None:
        return str(due.state)
    return due.at.astimezone(clock.VN).isoformat()


def init_app(app: Flask) -> None:
    app.cli.add_command(dossiers)
