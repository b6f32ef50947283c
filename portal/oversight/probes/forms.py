"""Whether what an agency offers online could be handed in today: its form exists, the service is open, and the form's
example answers make a whole application. They go through the engine that applicants' answers go through; nothing is
stored."""
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import select

from portal.catalogue import openings
from portal.catalogue.models import Form, Procedure, Service, ServiceVersion
from portal.forms import examples
from portal.forms.application import Application
from portal.forms.types import TYPES
from portal.kit.db import session
from portal.kit.text import N_
from portal.oversight.probes.seen import Asked, Probe, Seen, Want

MOST_NAMED = 5
log = logging.getLogger(__name__)


class Offered(NamedTuple):
    """A service: the procedure's code, why it is not open today ("" where it is), its form."""

    code: str
    closed: str
    form_id: int | None


@dataclass(frozen=True)
class Tried:
    """What is to be tried: by agency what it offers, by form its definition. `share`: so many of 100 must work."""

    offered: Mapping[int, list[Offered]]
    forms: Mapping[int, dict[str, Any]]
    share: int


class _Paper(NamedTuple):
    """A file that stands for one that an applicant would attach."""

    key: str
    name: str


def _gather(asked: Asked) -> Tried:
    """The services of level 3 and above of these agencies, or those of the named procedures, with their forms."""
    named = codes(asked.wanted["procedures"])
    query = select(Service.agency_id, Procedure.code, ServiceVersion.level, Service.opens_on, Service.closes_on,
                   ServiceVersion.form_id).join(Service.procedure).join(Service.version).where(
        Service.agency_id.in_([one.id for one in asked.agencies])).order_by(Procedure.code)
    query = query.where(Procedure.code.in_(named)) if named else query.where(
        ServiceVersion.level >= openings.ONLINE_FROM_LEVEL)
    has_code = {one.id: one.code for one in asked.agencies}
    offered: dict[int, list[Offered]] = {one.id: [] for one in asked.agencies}
    for agency_id, code, level, opens_on, closes_on, form_id in session.execute(query):
        opening = openings.can_apply(level, opens_on, closes_on, asked.day, agency_code=has_code[agency_id],
                                     has_form=form_id is not None)
        offered[agency_id].append(Offered(code, opening.reason or "", form_id))
    wanted = {one.form_id for some in offered.values() for one in some if not one.closed}
    forms = {form_id: definition for form_id, definition in session.execute(
        select(Form.id, Form.definition)) if form_id in wanted}
    return Tried(offered, forms, int(asked.wanted["share"]))


def _judge(tried: Tried) -> dict[int, Seen]:
    works = {form_id: whole(definition) for form_id, definition in tried.forms.items()}
    found = {}
    for agency_id, offered in tried.offered.items():
        broken = [one.code for one in offered if one.closed or not works[one.form_id or 0]]
        good = len(offered) - len(broken)
        facts = {"offered": len(offered), "works": good} | (
            {"broken": ", ".join(broken[:MOST_NAMED]) + (" …" if len(broken) > MOST_NAMED else "")} if broken else {})
        found[agency_id] = Seen(good * 100 >= tried.share * len(offered), facts) if offered \
            else Seen(None, {"why": "no_services"})
    return found


def whole(definition: Mapping[str, Any]) -> bool:
    """Whether there are answers with which this form can be handed in, without a gap and without an error."""
    try:
        given = examples.answers(definition)
        papers = [_Paper(q["key"], f"{q['key']}.pdf") for _step, q in Application(definition, given).asked
                  if TYPES[q["kind"]].of_file]
        application = Application(definition, given, papers)
        return not application.gaps and not application.errors
    except Exception as error:  # a form over which the engine stumbles is one that nobody can hand in
        log.warning("a form cannot be filled in: %s: %s", type(error).__name__, error)
        return False


def codes(text: str) -> list[str]:
    """The codes of procedures, one a line or between commas."""
    return [one for one in re.split(r"[\s,;]+", text) if one]


def _wrong_codes(text: str) -> str:
    known = set(session.scalars(select(Procedure.code).where(Procedure.code.in_(codes(text)))))
    return "" if set(codes(text)) <= known else N_("The catalogue knows no procedure of this code")


PROBES = {"form_works": Probe(N_("Forms can be submitted"), wants={
    "procedures": Want(N_("Codes of procedures, one a line"), "lines", "", most=2000, check=_wrong_codes,
                       help=N_("Leave it empty for all that the agency offers at level 3 and above.")),
    "share": Want(N_("Of 100 services, at least"), default=100, least=1, most=100)}, gather=_gather, judge=_judge)}
