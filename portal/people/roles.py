"""Giving and ending roles, and the units that they are held at. Actions flush; the edge commits."""
from datetime import datetime

from sqlalchemy import exists, insert, literal, select, update

from portal.kit import clock, jobs
from portal.kit.db import session
from portal.kit.hot.bulk import serialise
from portal.people import security_log
from portal.people.models import Agency, Membership, Person, Unit, UnitKind
from portal.people.permissions import Place, fits, may_give


class HeldAlready(Exception):
    """The person holds this role at this place already."""


def give(person: Person, role: str, place: Place | None, *, by: Person | None, until: datetime | None = None,
         tell: bool = True) -> Membership:
    """Give a role from now on, until a moment or until it is ended; the person is told.

    `by` is None on the command line. Raises ValueError for a citizen, a role that cannot be held there, a moment that
    is past and the own account: who manages people would read and decide what is not theirs; HeldAlready.
    """
    now = clock.now()
    if by is not None and by.id == person.id:
        raise ValueError("nobody gives the own account a role: another administrator does")
    if not person.staff or not fits(role, place) or (until is not None and until <= now):
        raise ValueError(f"{role} cannot be held at {place} until {until}")
    serialise("people.roles", person.id)  # two that come at once: the second finds what the first gave
    session.expire(person, ["memberships"])
    agency_id, unit_id = place or (None, None)
    if any((held.role, held.agency_id, held.unit_id) == (role, agency_id, unit_id) for held in person.roles):
        raise HeldAlready
    held = Membership(person_id=person.id, role=role, agency_id=agency_id, unit_id=unit_id, begins_at=now,
                      ends_at=until, given_by_id=by.id if by else None)
    session.add(held)
    session.flush()
    session.expire(person, ["memberships"])
    if tell:
        security_log.record("role.given", by=by, about=person, agency_id=held.agency_id, role=role, unit=held.unit_id)
        jobs.put("notices.role_given", membership_id=held.id)
    return held


def hold(person: Person) -> None:
    """Read somebody as they are now, and let nobody give them a role, end one or close their account until this
    transaction ends."""
    serialise("people.roles", person.id)
    session.refresh(person)
    session.expire(person, ["memberships"])


class ManagesNoLonger(Exception):
    """Whoever acts lost the account or the role for it since the page was shown."""


def hold_administrators(by: Person) -> None:
    """One at a time: two who close or end each other would leave nobody. Reads `by` as they are now."""
    serialise("people.administrators", 0)
    session.refresh(by)
    if not by.active:
        raise ManagesNoLonger


def end(held: Membership, *, by: Person | None) -> None:
    """End a role: from the next request on it opens nothing. One that is over already stays as it ended.

    Not a role by which one manages people oneself: ValueError. ManagesNoLonger: see there.
    """
    if by is not None and held.person_id == by.id:
        raise ValueError("nobody ends the own role: the last administrator would be gone")
    if by is not None:
        hold_administrators(by)
        if not may_give(by, held.role, Place(held.agency_id, held.unit_id) if held.agency_id is not None else None):
            raise ManagesNoLonger
    serialise("people.roles", held.person_id)
    session.refresh(held)
    now = clock.now()
    if held.ends_at is not None and held.ends_at <= now:
        return
    held.ends_at = max(now, held.begins_at)
    held.ended_by_id = by.id if by else None
    session.flush()
    session.expire(held.person, ["memberships"])
    security_log.record("role.ended", by=by, about=held.person, agency_id=held.agency_id, role=held.role,
                        unit=held.unit_id)
    jobs.put("notices.role_ended", membership_id=held.id)


def add_unit(agency: Agency, kind: str, name: str, *, parent: Unit | None = None) -> Unit:
    """Add a department of an agency, or a counter of one of its units. Central units and communes come from the facts.

    Raises ValueError for another kind, and for a counter that stands in no unit of this agency.
    """
    stands = parent is not None and parent.agency_id == agency.id and parent.kind != UnitKind.counter
    if kind not in (UnitKind.department, UnitKind.counter) or stands != (kind == UnitKind.counter):
        raise ValueError(f"no {kind} can be added here")
    unit = Unit(agency_id=agency.id, kind=kind, name=name, parent_id=parent.id if parent else None,
                valid_from=clock.today())
    session.add(unit)
    session.flush()
    return unit


def add_central_units() -> None:
    """Give each agency that has none its central unit, which is called as the agency is: what belongs to no other unit
    belongs to it."""
    called = select(Agency.name).where(Agency.id == Unit.agency_id).scalar_subquery()
    session.execute(update(Unit).where(Unit.kind == UnitKind.central, Unit.name != called).values(name=called),
                    execution_options={"synchronize_session": False})
    without = select(Agency.id, literal(str(UnitKind.central)), Agency.name, Agency.valid_from, Agency.valid_to).where(
        ~exists().where(Unit.agency_id == Agency.id, Unit.kind == UnitKind.central)).order_by(Agency.id)
    session.execute(insert(Unit).from_select(["agency_id", "kind", "name", "valid_from", "valid_to"], without))
