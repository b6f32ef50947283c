"""Questions about people and agencies."""
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy import select

from portal.kit.db import session
from portal.kit.text import fold, vi_key
from portal.people.models import Agency, AgencySuccession, Person, Registration, Role, SignIn

PAGE = 50


class Staff(NamedTuple):
    """An officer or administrator in a list. `agency` is "" for an administrator."""

    id: int
    name: str
    role: str
    contact: str
    agency: str
    active: bool


@dataclass(frozen=True)
class AgencyLine:
    """An agency in the register, with the names of those it took over from."""

    agency: Agency
    predecessors: tuple[tuple[str, date | None], ...]


def person(person_id: int) -> Person | None:
    """The person with this id."""
    return session.get(Person, person_id)


def names(person_ids: Collection[int]) -> dict[int, str]:
    """The names of these people, by id."""
    rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(person_ids)))
    return {row.id: row.name for row in rows}


def person_by_contact(contact: str) -> Person | None:
    """The person reached at `contact`, which is in its stored form (see contacts.parse_contact)."""
    column = Person.email if "@" in contact else Person.phone
    return session.scalar(select(Person).where(column == contact))


def sign_in(token_digest: str) -> tuple[SignIn, Person] | None:
    """The session row of a token and its person, in one question."""
    row = session.execute(select(SignIn, Person).join(SignIn.person).where(
        SignIn.token_digest == token_digest)).first()
    return None if row is None else (row[0], row[1])


def open_sign_ins(person: Person) -> Sequence[SignIn]:
    """The sessions of `person` that nobody ended, the one last used first."""
    return session.scalars(select(SignIn).where(SignIn.person_id == person.id, SignIn.ended_at.is_(None))
                           .order_by(SignIn.seen_at.desc(), SignIn.id.desc())).all()


def registration(token_digest: str, *, lock: bool = False) -> Registration | None:
    """The contact waiting for its code, by the digest of its token."""
    query = select(Registration).where(Registration.token_digest == token_digest)
    return session.scalar(query.with_for_update() if lock else query)


def registration_by_id(registration_id: int) -> Registration | None:
    """The contact waiting for its code."""
    return session.get(Registration, registration_id)


def staff(words: str = "", *, before: int | None = None, limit: int = PAGE) -> list[Staff]:
    """Officers and administrators, the newest first, at most `limit`, those with an id below `before`.

    Each of `words` must occur in the name, the agency's name or its key; tones and capitals do not matter.
    """
    query = (select(Person.id, Person.name, Person.role, Person.email, Person.phone, Person.active,
                    Agency.name, Agency.key)
             .outerjoin(Person.agency).where(Person.role.in_((Role.officer, Role.administrator)))
             .order_by(Person.id.desc()))
    if before is not None:
        query = query.where(Person.id < before)
    wanted = fold(words).split()
    found: list[Staff] = []
    # folding is ours, not the database's: rows are read until the page is full
    rows = session.execute(query if wanted else query.limit(limit), execution_options={"yield_per": 200})
    for id_, name, role, email, phone, active, agency, key in rows:
        text = fold(f"{name} {agency or ''} {key or ''}")
        if all(word in text for word in wanted):
            found.append(Staff(id_, name, role, email or phone or "", agency or "", active))
        if len(found) == limit:
            break
    rows.close()
    return found


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
