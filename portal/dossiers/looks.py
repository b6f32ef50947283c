"""Every look of the staff at a dossier, a file or a paper of it is written before the page is shown, and why where it
is not one's own work. The applicant reads it; who looks at very many in a moment is told of to who leads the unit.

The database lets nobody rewrite it (rows.APPEND_ONLY). A page costs one statement here: an insert that counts as well.
"""
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import and_, case, func, insert, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from portal.dossiers.models import Dossier, Look
from portal.kit import clock
from portal.kit.db import aside, session
from portal.kit.i18n import Later, _l
from portal.notices import actions as notices
from portal.people import security_log
from portal.people.models import Agency, Membership, Person, Unit, UnitKind
from portal.people.permissions import PERMISSIONS, READ, Place, Role, reaches

DOSSIER, FILE, PAPER, STEP, REASON = "dossier", "file", "paper", "step", "reason"
OTHER = "other"
#: Why somebody looks at what is not their own work. Whoever chooses OTHER writes it out.
REASONS: Mapping[str, Later] = {
    "colleague": _l("I work on it together with whoever holds it"),
    "applicant": _l("The applicant asks me about it"),
    "supervision": _l("I lead or check this work"),
    "office": _l("Fees, documents, archive or handing over"),
    "complaint": _l("A complaint, a petition or an inspection"),
    OTHER: _l("Another reason"),
}
#: The same as the applicant reads it.
TOLD: Mapping[str, Later] = {
    "colleague": _l("works on it together with whoever holds it"),
    "applicant": _l("the applicant asked about it"),
    "supervision": _l("leads or checks this work"),
    "office": _l("fees, documents, archive or handing over"),
    "complaint": _l("a complaint, a petition or an inspection"),
    OTHER: _l("another reason, which the agency has in writing"),
}
FLOOD_DOSSIERS, FLOOD_S = 40, 2
QUIET = timedelta(minutes=10)  # of one officer one alarm is enough meanwhile
MOST_SHOWN = 50


class Unwritten(Exception):
    """The look could not be written, so that nothing may be shown."""


class Reason(NamedTuple):
    """A name of REASONS, and the officer's own words; None for what is their own work."""

    reason: str | None
    note: str | None


NONE = Reason(None, None)


class Looked(NamedTuple):
    """What one officer in one role looked at, for one reason: how often, and when last."""

    by_name: str
    role: str | None
    reason: str | None
    agency: str
    unit: str | None
    pages: int
    files: int
    papers: int
    last_at: datetime


def remembered(person: Person, dossier: Dossier, since: datetime) -> Reason | None:
    """Why this officer looked at it last, after `since`: the reason that was given, or NONE where it was their own work
    then, as it was until they passed it on. None where they have not looked."""
    found = session.execute(select(Look.reason, Look.note).where(
        Look.dossier_id == dossier.id, Look.person_id == person.id, Look.at >= since, Look.what != STEP)
        .order_by(Look.id.desc()).limit(1)).first()
    return Reason(found.reason, found.note) if found else None


def give_reason(person: Person, dossier: Dossier, reason: str, note: str | None) -> None:
    """Put down why `person` will look. Inside a transaction; raises ValueError for a reason that says nothing."""
    if reason not in REASONS or (reason == OTHER and not note):
        raise ValueError("no reason")
    session.execute(insert(Look).values(**_row(person, dossier, REASON, None, Reason(reason, note))))
    security_log.record("look.reasoned", by=person, agency_id=dossier.agency_id, dossier=dossier.id, reason=reason)


def write(person: Person, dossier: Dossier, what: str, thing_id: int | None = None,
          why: Reason = NONE) -> None:
    """Put down that `person` looks now, in a transaction of its own. Raises Unwritten: then nothing may be shown."""
    row = _row(person, dossier, what, thing_id, why)
    # counted by the same statement: the index of a person's looks gives the few of two seconds
    lately = select(func.count(Look.dossier_id.distinct())).where(
        Look.person_id == person.id, Look.at > clock.now() - timedelta(seconds=FLOOD_S)).scalar_subquery()
    try:
        with aside():
            many = session.execute(insert(Look).values(**row).returning(lately)).scalar_one()
        if many >= FLOOD_DOSSIERS - 1:  # this one may not be among them yet
            _alarm(person, dossier)
    except (DBAPIError, PoolTimeout) as error:
        security_log.record("look.unwritten", by=person, agency_id=row["agency_id"], dossier=row["dossier_id"])
        raise Unwritten from error


def _row(person: Person, dossier: Dossier, what: str, thing_id: int | None, why: Reason) -> dict[str, Any]:
    held = _as_what(person, dossier)
    return {"dossier_id": dossier.id, "person_id": person.id, "at": clock.now(), "what": what, "thing_id": thing_id,
            "by_name": person.name, "role": held.role if held else None,
            "agency_id": held.agency_id if held else None, "unit_id": held.desk_id if held else None,
            "reason": why.reason, "note": why.note}


def _as_what(person: Person, dossier: Dossier) -> Membership | None:
    """The role by which this person reads this dossier."""
    return next((held for held in person.roles
                 if READ in PERMISSIONS[Role(held.role)] and reaches(held, dossier)), None)


def _alarm(person: Person, dossier: Dossier) -> None:
    """Tell who leads the unit and who administers the agency, once in a while."""
    if security_log.happened("look.flood", person, since=clock.now() - QUIET):
        return
    held = _as_what(person, dossier)
    agency_id = held.agency_id if held and held.agency_id else dossier.agency_id
    unit_id = held.desk_id if held and held.desk_id else dossier.unit_id
    facts: dict[str, Any] = {"who": person.name, "number": FLOOD_DOSSIERS, "seconds": FLOOD_S, "at": clock.now()}
    with aside():
        notices.tell_role(Role.head_of_unit, Place(agency_id, unit_id), "look_flood", **facts)
        notices.tell_role(Role.agency_administrator, Place(agency_id), "look_flood",
                          f"/admin/security?person={person.id}", **facts)
    security_log.record("look.flood", by=person, agency_id=agency_id, dossiers=FLOOD_DOSSIERS, seconds=FLOOD_S)


def of(dossier: Dossier) -> Sequence[Looked]:
    """Who of the staff looked, each with role and reason once, the latest first."""
    who = (Look.person_id, Look.by_name, Look.role, Look.reason, Unit.name, Unit.kind, Agency.name)
    counts = (func.sum(case((Look.what.in_(what), 1), else_=0)) for what in ((DOSSIER, STEP), (FILE,), (PAPER,)))
    last = func.max(Look.at)
    rows = session.execute(
        select(*who, *counts, last).outerjoin(Agency, Agency.id == Look.agency_id)
        .outerjoin(Unit, and_(Unit.agency_id == Look.agency_id, Unit.id == Look.unit_id))
        .where(Look.dossier_id == dossier.id, Look.what != REASON).group_by(*who).order_by(last.desc())
        .limit(MOST_SHOWN))
    return [Looked(name, role, reason, agency or "", unit if kind != UnitKind.central else None, *more)
            for _id, name, role, reason, unit, kind, agency, *more in rows]
