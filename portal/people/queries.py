"""Questions about people and agencies."""
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from portal.kit import clock
from portal.kit.db import session
from portal.kit.text import fold, vi_key
from portal.people.models import (
    Agency,
    AgencySuccession,
    Membership,
    Person,
    Registration,
    SecondFactor,
    SignIn,
    Unit,
    UnitKind,
)
from portal.people.permissions import Place, Role

PAGE, CHUNK = 50, 200
INVENTED_ADDRESSES = "@demo.example"


class RoleLine(NamedTuple):
    """A role that somebody holds or held. `place` is the unit or the agency, "" for the whole portal."""

    id: int
    role: str
    place: str
    begins_at: datetime
    ends_at: datetime | None


class Staff(NamedTuple):
    """One of the staff in a list, with the roles in force."""

    id: int
    name: str
    contact: str
    active: bool
    roles: tuple[RoleLine, ...]


@dataclass(frozen=True)
class AgencyLine:
    """An agency in the register, with the names of those it took over from."""

    agency: Agency
    predecessors: tuple[tuple[str, date | None], ...]


def person(person_id: int) -> Person | None:
    """The person with this id."""
    return session.get(Person, person_id)


def nobody() -> bool:
    """Whether the database has no person at all."""
    return session.scalar(select(Person.id).limit(1)) is None


def has_invented() -> bool:
    """Whether any of a demonstration's people is here. Their addresses can be nobody's (RFC 2606)."""
    return session.scalar(select(Person.id).where(Person.email.like(f"%{INVENTED_ADDRESSES}")).limit(1)) is not None


def staff_without_factor() -> Sequence[Person]:
    """Those of the staff who must set up a second factor at their next sign-in."""
    has = exists().where(SecondFactor.person_id == Person.id)
    return session.scalars(select(Person).where(Person.staff, ~has).order_by(Person.id)).all()


def by_id(person_ids: Collection[int]) -> dict[int, Person]:
    """These people with their roles, by id."""
    return {one.id: one for one in session.scalars(select(Person).where(Person.id.in_(person_ids)).options(
        selectinload(Person.memberships)))}


def names(person_ids: Collection[int]) -> dict[int, str]:
    """The names of these people, by id."""
    rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(person_ids)))
    return {row.id: row.name for row in rows}


def person_by_contact(contact: str) -> Person | None:
    """The person reached at `contact`, which is in its stored form (see contacts.parse_contact)."""
    column = Person.email if "@" in contact else Person.phone
    return session.scalar(select(Person).where(column == contact))


def sign_in(token_digest: str) -> tuple[SignIn, Person] | None:
    """The session row of a token and its person with their roles, in one question: no page asks for them again."""
    row = session.execute(select(SignIn, Person).join(SignIn.person).options(joinedload(Person.memberships)).where(
        SignIn.token_digest == token_digest)).unique().first()
    return None if row is None else (row[0], row[1])


def open_sign_ins(person: Person) -> Sequence[SignIn]:
    """The sessions of `person` that nobody ended, the one last used first."""
    return session.scalars(select(SignIn).where(SignIn.person_id == person.id, SignIn.ended_at.is_(None),
                                                SignIn.half_until.is_(None)).order_by(
        SignIn.seen_at.desc(), SignIn.id.desc())).all()


def registration(token_digest: str, *, lock: bool = False) -> Registration | None:
    """The contact waiting for its code, by the digest of its token."""
    query = select(Registration).where(Registration.token_digest == token_digest)
    return session.scalar(query.with_for_update() if lock else query)


def codes_since(contact: str, expiring_after: datetime) -> Sequence[datetime]:
    """When the codes of a contact end or ended, of those that end later than that, the first first."""
    return session.scalars(select(Registration.expires_at).where(
        Registration.contact == contact, Registration.expires_at > expiring_after)
        .order_by(Registration.expires_at)).all()


def registration_by_id(registration_id: int) -> Registration | None:
    """The contact waiting for its code."""
    return session.get(Registration, registration_id)


def staff(words: str = "", *, agencies: Collection[int] | None = None, before: int | None = None,
          limit: int = PAGE) -> list[Staff]:
    """The staff, the newest first, at most `limit`, those with an id below `before`.

    Those who hold a role at one of `agencies`, or held one there and hold none anywhere now; or all. Each of `words`
    must occur in the name, a place's name or an agency's key; tones and capitals do not matter.
    """
    wanted, found, size = fold(words).split(), list[Staff](), CHUNK if words else limit
    while len(found) < limit and (people := _some_staff(agencies, before, size)):
        held = _roles_in_force([person.id for person in people])
        for person in people:
            roles = held.get(person.id, ())
            # folding is ours, not the database's: rows are read until the page is full
            text = fold(" ".join((person.name, *(f"{line.place} {key}" for line, key in roles))))
            if all(word in text for word in wanted):
                found.append(Staff(person.id, person.name, person.email or person.phone or "", person.active,
                                   tuple(line for line, _key in roles)))
        before = people[-1].id
        if len(people) < size:
            break
    return found[:limit]


def _some_staff(agencies: Collection[int] | None, before: int | None, size: int) -> Sequence[Any]:
    query = select(Person.id, Person.name, Person.email, Person.phone, Person.active).where(Person.staff)
    if agencies is not None:
        there, now = select(Membership.person_id).where(Membership.agency_id.in_(agencies)), _in_force()
        at_work = exists().where(Membership.person_id == Person.id, *now)
        query = query.where(or_(Person.id.in_(there.where(*now)), and_(Person.id.in_(there), ~at_work)))
    if before is not None:
        query = query.where(Person.id < before)
    return session.execute(query.order_by(Person.id.desc()).limit(size)).all()


def _in_force() -> tuple[ColumnElement[bool], ...]:
    now = clock.now()
    return Membership.begins_at <= now, or_(Membership.ends_at.is_(None), Membership.ends_at > now)


def _roles_in_force(person_ids: Sequence[int]) -> dict[int, list[tuple[RoleLine, str]]]:
    """By person: each role that is held now, with the key of its agency."""
    found = dict[int, list[tuple[RoleLine, str]]]()
    rows = session.execute(_role_lines().where(Membership.person_id.in_(person_ids), *_in_force()))
    for person_id, key, *line in rows:
        found.setdefault(person_id, []).append((RoleLine(*line), key or ""))
    return found


def _role_lines() -> Any:
    return (select(Membership.person_id, Agency.key, Membership.id, Membership.role,
                   func.coalesce(Unit.name, Agency.name, ""), Membership.begins_at, Membership.ends_at)
            .outerjoin(Agency, Agency.id == Membership.agency_id).outerjoin(Unit, Unit.id == Membership.unit_id)
            .order_by(Membership.id))


def roles_of(person: Person) -> list[tuple[Membership, RoleLine]]:
    """Every role that the person holds or held, the oldest first."""
    lines = {line.id: line for line in (RoleLine(*row[2:]) for row in session.execute(
        _role_lines().where(Membership.person_id == person.id)))}
    return [(held, lines[held.id]) for held in person.memberships if held.id in lines]


def membership(membership_id: int) -> Membership | None:
    """The role that was given under this number."""
    return session.get(Membership, membership_id)


def holders_of(role: str, place: Place | None) -> Sequence[Person]:
    """Who holds a role at a place now: exactly there, not above it."""
    now, at = clock.now(), place or (None, None)
    return session.scalars(select(Person).join(Person.memberships).where(
        Membership.role == role, Membership.agency_id.is_not_distinct_from(at[0]),
        Membership.unit_id.is_not_distinct_from(at[1]), Membership.begins_at <= now, Person.active,
        or_(Membership.ends_at.is_(None), Membership.ends_at > now)).order_by(Person.id).distinct()).all()


def in_charge(place: Place) -> tuple[Role, Place | None]:
    """Whom to tell what nobody at a place can do anything about: whoever leads the unit, else who administers the
    agency, else the portal; as a role at a place, for `notices.tell_role`."""
    whole = Place(place.agency_id)
    if any(holders_of(Role.head_of_unit, at) for at in (place, whole)):
        return Role.head_of_unit, place
    return (Role.agency_administrator, whole) if holders_of(Role.agency_administrator, whole) else (
        Role.portal_administrator, None)


def staff_at(place: Place) -> Sequence[Person]:
    """Whose roles count at a place now, with the roles: those of its unit and its counters, those of the whole agency.
    """
    there = select(Membership.person_id).outerjoin(Unit, Unit.id == Membership.unit_id).where(
        Membership.agency_id == place.agency_id, *_in_force())
    if place.unit_id is not None:
        there = there.where(or_(Membership.unit_id.is_(None), Membership.unit_id == place.unit_id,
                                Unit.parent_id == place.unit_id))
    found = session.scalars(select(Person).where(Person.id.in_(there), Person.active).options(
        selectinload(Person.memberships))).all()
    return sorted(found, key=lambda one: vi_key(one.name))


def unit(unit_id: int) -> Unit | None:
    """The unit with this number."""
    return session.get(Unit, unit_id)


def central_unit(agency_id: int) -> Unit:
    """The unit of an agency that what belongs to no other belongs to."""
    return session.scalars(select(Unit).where(Unit.agency_id == agency_id, Unit.kind == UnitKind.central)).one()


def commune(code: str) -> Unit | None:
    """The commune that exists today under a code of the statistics office."""
    return session.scalar(select(Unit).where(Unit.code == code, Unit.kind == UnitKind.commune,
                                             Unit.valid_to.is_(None)))


def units_of(agency_id: int) -> list[Unit]:
    """An agency's units of today: its central unit, departments, communes, each by name, counters behind theirs."""
    units = session.scalars(select(Unit).where(Unit.agency_id == agency_id, Unit.valid_to.is_(None))).all()
    order = {kind: place for place, kind in enumerate(UnitKind)}
    names = {one.id: (order[UnitKind(one.kind)], vi_key(one.name)) for one in units}
    return sorted(units, key=lambda one: (*names.get(one.parent_id or one.id, (0, ())), one.parent_id is not None,
                                          vi_key(one.name)))


def people_by_unit(agency_id: int) -> dict[int, int]:
    """How many people hold a role at each unit of an agency now."""
    now = clock.now()
    rows = session.execute(select(Membership.unit_id, func.count(Membership.person_id.distinct())).where(
        Membership.agency_id == agency_id, Membership.unit_id.is_not(None), Membership.begins_at <= now,
        or_(Membership.ends_at.is_(None), Membership.ends_at > now)).group_by(Membership.unit_id))
    return {row[0]: row[1] for row in rows if row[0] is not None}


def people_at(unit: Unit) -> list[tuple[Person, Membership]]:
    """Who holds a role at a unit now, by name."""
    now = clock.now()
    rows = session.execute(select(Person, Membership).join(Membership.person).where(
        Membership.agency_id == unit.agency_id, Membership.unit_id == unit.id, Membership.begins_at <= now,
        or_(Membership.ends_at.is_(None), Membership.ends_at > now))).unique().all()
    return sorted(((person, held) for person, held in rows), key=lambda pair: vi_key(pair[0].name))


def units_named(agency_id: int, typed: str) -> list[Unit]:
    """The units of today that are called so: by the very name, else all whose names hold every word, marks or none."""
    wanted, units = fold(typed).split(), units_of(agency_id)
    same = [one for one in units if fold(one.name).split() == wanted]
    return same or [one for one in units if all(word in fold(one.name).split() for word in wanted)]


def agency(agency_id: int) -> Agency | None:
    """The agency with this number."""
    return session.get(Agency, agency_id)


def current_agencies() -> list[Agency]:
    """The agencies that exist today, in dictionary order."""
    agencies = session.scalars(select(Agency).where(Agency.valid_to.is_(None))).all()
    return sorted(agencies, key=lambda agency: vi_key(agency.name))


def agency_by_key(key: str) -> Agency | None:
    """The agency that answers to `key` today."""
    return session.scalar(select(Agency).where(Agency.key == key, Agency.valid_to.is_(None)))


def agency_register() -> list[AgencyLine]:
    """Every agency, those of today first, each with its predecessors; two questions in all."""
    agencies = {agency.id: agency for agency in session.scalars(select(Agency))}
    before: dict[int, list[tuple[str, date | None]]] = {}
    for link in session.scalars(select(AgencySuccession)):
        old = agencies[link.predecessor_id]
        before.setdefault(link.successor_id, []).append((old.name, link.since))
    ordered = sorted(agencies.values(), key=lambda a: (a.valid_to is not None, vi_key(a.name)))
    return [AgencyLine(a, tuple(sorted(before.get(a.id, ()), key=lambda p: vi_key(p[0])))) for a in ordered]
