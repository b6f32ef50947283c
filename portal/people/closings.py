"""Accounts that open nothing: closed, suspended, given up by their owners; and opened again."""
from collections.abc import Sequence

from sqlalchemy import delete, select

from portal.kit import clock, jobs
from portal.kit.db import session
from portal.people import permissions, roles, security_log, sessions
from portal.people.contacts import GIVEN_BACK
from portal.people.models import AccountClosing, ClosingKind, Person, RecoveryCode, SecondFactor

PAGE = 50


def of(person: Person) -> AccountClosing | None:
    """Why the account opens nothing now, where it is written."""
    return session.scalars(select(AccountClosing).where(
        AccountClosing.person_id == person.id, AccountClosing.ended_at.is_(None))
        .order_by(AccountClosing.id.desc())).first()


def suspended() -> Sequence[AccountClosing]:
    """The citizens who are suspended now, the newest first."""
    return session.scalars(select(AccountClosing).where(
        AccountClosing.kind == ClosingKind.suspended, AccountClosing.ended_at.is_(None))
        .order_by(AccountClosing.id.desc()).limit(PAGE)).all()


def close(person: Person, by: Person, kind: ClosingKind, reason: str | None = None) -> None:
    """Close an account; whoever is signed in with it is out at once."""
    person.active = False
    session.add(AccountClosing(person_id=person.id, kind=kind, reason=reason, by_id=by.id,
                               nationally=is_national(by)))
    sessions.end_all(person)
    session.flush()
    security_log.record("account.suspended" if kind == ClosingKind.suspended else "account.closed", by=by, about=person)


def reopen(person: Person, by: Person) -> None:
    """The account opens again, with the password and the second factor that it had."""
    person.active = True
    if (row := of(person)) is not None:
        row.ended_at, row.ended_by_id = clock.now(), by.id
    session.flush()
    security_log.record("account.opened", by=by, about=person)


def may_reopen(by: Person, person: Person) -> bool:
    """Whoever manages the whole portal opens what is closed; who manages one agency what was closed by such a one. What
    its owner closed stays closed."""
    row = of(person)
    if row is not None and row.kind == ClosingKind.own:
        return False
    return person.active or is_national(by) or (
        row is not None and not row.nationally and permissions.manages(by, person))


def is_national(person: Person) -> bool:
    """Whether somebody manages the people of the whole portal."""
    return permissions.may_give(person, permissions.Role.portal_administrator, None)


def suspend(citizen: Person, by: Person, reason: str) -> None:
    """A citizen can sign in no more until this is ended, and is told why. ValueError for the staff, whose accounts are
    closed instead, and for an account that opens nothing already."""
    roles.hold(citizen)
    if citizen.staff or not citizen.active:
        raise ValueError("only an open account of a citizen is suspended")
    close(citizen, by, ClosingKind.suspended, reason)
    jobs.put("notices.account_changed", person_id=citizen.id, purpose="suspended")


def end_suspension(citizen: Person, by: Person) -> None:
    """The citizen signs in again, and is told so. ValueError where there is no suspension."""
    roles.hold(citizen)
    row = of(citizen)
    if row is None or row.kind != ClosingKind.suspended:
        raise ValueError("not suspended")
    reopen(citizen, by)
    jobs.put("notices.account_changed", person_id=citizen.id, purpose="suspension_ended")


def give_up(citizen: Person) -> None:
    """A citizen closes the own account, for good: the contact is free for a new one, the second factor is forgotten.

    The name stays with what was handed in, which the State keeps.
    """
    roles.hold(citizen)
    if citizen.staff:
        raise ValueError("the accounts of the staff are closed by an administrator")
    close(citizen, citizen, ClosingKind.own)
    for table in (SecondFactor, RecoveryCode):
        session.execute(delete(table).where(table.person_id == citizen.id))
    citizen.email, citizen.phone = f"{citizen.id}{GIVEN_BACK}", None
    session.flush()
