"""How a verb is put down: the row locked, the step recorded and published, the applicant told, a code given.

Below the verbs: no function here decides whether a step may be taken, but by the table of states.
"""
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from flask import current_app
from sqlalchemy import Date, inspect, literal, select

from portal.catalogue import queries as catalogue
from portal.catalogue.sensitive import is_sensitive
from portal.dossiers import permissions, ranks
from portal.dossiers.models import Dossier, DossierNumber, Event
from portal.dossiers.states import CLOCK_STOPPED, STATUS, STEPS, NotNow, State, Step, after, permission
from portal.kit import clock
from portal.kit.db import session
from portal.kit.upsert import insert
from portal.law import codes
from portal.notices import actions as notices
from portal.people import queries as people
from portal.people.models import Agency, Person, Unit, UnitKind
from portal.people.permissions import Place
from portal.progress import actions as progress
from portal.progress import merging as published
from portal.progress import records
from portal.progress.updates import Procedure

#: Told of each step once it is written: (dossier, step). Rooms above this one that follow dossiers add themselves.
FOLLOWERS: list[Callable[[Dossier, Step], None]] = []


def lock(dossier: Dossier) -> None:
    """The row as it is now, and nobody else's until the end of this transaction.

    Two statements: what is joined to a row that had to be waited for is not read anew by PostgreSQL.
    """
    identity = inspect(dossier).identity  # asking the expired row for its number would read it whole
    session.execute(select(Dossier.id).where(Dossier.id == (identity or (0,))[0]).with_for_update())
    session.refresh(dossier)


def record(dossier: Dossier, step: Step, by: Person | None, at: datetime, *, note: str | None = None,
           to: Person | Unit | None = None, managed: bool = False) -> None:
    """Every change of state passes here: check the table, stop the clock, write the event, publish. `to`: into whose
    hands it goes; `managed`: by who manages people, and was asked for that."""
    before = State(dossier.state)
    state = after(before, step)
    if STEPS[step].holder_only and not managed and (
            by is None or not permissions.may_as_staff(by, permission(step), dossier)):
        raise NotNow(before, step)  # a colleague took it over since the page was shown, or the role has ended
    if state not in CLOCK_STOPPED:
        dossier.stopped_at = None
    elif before not in CLOCK_STOPPED:
        dossier.stopped_at = at
    dossier.state, dossier.changed_at, dossier.stranded_at = state, at, None
    dossier.queue_rank = ranks.after(dossier.queue_rank, step, state)
    if dossier.officer and not permissions.may_keep(dossier.officer, dossier):
        dossier.officer = None  # back in the unit's queue, for somebody who can bring it further
    session.add(Event(dossier_id=dossier.id, step=step, state=dossier.state, by_id=by.id if by else None,
                      by_name=by.name if by else None, at=at, note=note, due_at=dossier.due_at,
                      flagged=STEPS[step].flagged, to_id=to.id if isinstance(to, Person) else None,
                      to_unit_id=to.id if isinstance(to, Unit) else None, to_name=to.name if to else None))
    session.flush()
    session.expire(dossier, ["events"])
    if not STEPS[step].inner:
        publish(dossier, step, at, correction=step is Step.recount)
    for follow in FOLLOWERS:
        follow(dossier, step)


def next_code(dossier: Dossier, now: datetime) -> str:
    """The agency's next number of the day, in the portal's own series. The counter's row is locked until this
    transaction ends. A code that is published already is passed over."""
    agency_code = dossier.agency.code
    if agency_code is None:
        raise ValueError("an agency without a confirmed code cannot number dossiers")
    day = clock.day_of(now)
    statement = insert(DossierNumber).values(agency_code=agency_code, day=day, n=1)
    further = statement.on_conflict_do_update(
        index_elements=["agency_code", "day"], set_={"n": DossierNumber.n + 1}).returning(DossierNumber.n)
    while True:
        code = codes.compose(agency_code, day, session.execute(further).scalar_one(),
                             current_app.config["CODE_SERIES"])
        if not records.owners([code]):
            return code


def skip_numbers(n: int, day: date) -> int:
    """Leave out the next `n` numbers of this day at every agency that numbers dossiers; returns at how many."""
    numbering = select(Agency.code, literal(day, Date()), literal(n)).where(Agency.code.is_not(None)).distinct()
    done = insert(DossierNumber).from_select(["agency_code", "day", "n"], numbering).on_conflict_do_update(
        index_elements=["agency_code", "day"], set_={"n": DossierNumber.n + n}).returning(DossierNumber.agency_code)
    return len(session.execute(done).all())


def service_name(dossier: Dossier) -> str:
    return dossier.service.procedure.name


def tell(dossier: Dossier, step: Step, **facts: Any) -> None:
    """The notice that the table of steps names for the applicant."""
    if name := STEPS[step].notice:
        tell_of(dossier, name, **facts)


def tell_of(dossier: Dossier, name: str, **facts: Any) -> None:
    """Tell the applicant something about a dossier of theirs."""
    notices.tell(dossier.applicant_id, name, f"/my/dossiers/{dossier.id}", dossier_code=dossier.code,
                 service_name=service_name(dossier), due=dossier.due_at, **facts)


def tell_office(dossier: Dossier, name: str, **more: Any) -> None:
    """A notice for the officer who holds it; where nobody does who still works there, for whoever is in charge."""
    if dossier.officer and permissions.is_mine(dossier.officer, dossier):
        notices.tell(dossier.officer.id, name, f"/officer/dossiers/{dossier.id}", **_about(dossier), **more)
    else:
        tell_those_in_charge(dossier, name, **more)


def tell_those_in_charge(dossier: Dossier, name: str, **facts: Any) -> None:
    """A notice for whoever leads the unit in which it lies, or else administers the agency."""
    role, place = people.in_charge(Place(dossier.agency_id, dossier.unit_id))
    notices.tell_role(role, place, name, f"/officer/dossiers/{dossier.id}", **_about(dossier), **facts)


def tell_hands(dossier: Dossier, name: str, by: Person, **facts: Any) -> None:
    """A notice for whoever holds it that somebody else moved it; whose account is closed reads none."""
    if dossier.officer and dossier.officer.active and dossier.officer.id != by.id:
        notices.tell(dossier.officer.id, name, f"/officer/dossiers/{dossier.id}", by_name=by.name, **_about(dossier),
                     **facts)


def _about(dossier: Dossier) -> dict[str, Any]:
    return {"dossier_code": dossier.code, "service_name": service_name(dossier)}


def publish(dossier: Dossier, step: Step, at: datetime, *, reason: str | None = None,
             correction: bool = False) -> None:
    """What the public may know, written now and never computed from personal tables later. `reason`: one of the codes
    that rows of agencies' systems have; `correction`: the step takes back an end, or mends a due date."""
    status = STATUS[State(dossier.state)]
    if status is None or dossier.code is None:
        return
    fact = dossier.service.procedure
    progress.tell(
        dossier.code,
        published.Step(
            at=at, sequence=0, status=int(status), due_at=dossier.due_at, reason=reason or STEPS[step].public_reason,
            correction=correction, step=str(step), submitted_at=dossier.submitted_at, received_at=dossier.received_at,
            channel=dossier.channel, procedure_code=fact.code, level=dossier.terms.level),
        dossier.agency_id,
        Procedure(fact.code, fact.name, fact.sector_id, dossier.terms.level, unlimited=True),
        catalogue.calendar())


def publish_unit(dossier: Dossier) -> None:
    """The public line names the part of the agency, where it is another than the whole; never for what is sensitive."""
    unit = people.unit(dossier.unit_id or 0)
    if dossier.code and unit is not None and not is_sensitive(dossier.service.procedure.code):
        progress.name_unit(dossier.code, unit.id if unit.kind != UnitKind.central else None)
