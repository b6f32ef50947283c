"""Somebody of the staff lost every second factor: one administrator asks, another grants. Actions flush.

What is granted takes the second factors away and gives a first password, told in person: the password that the owner
had opens nothing any more, nor does it open anything for whoever stole it.
"""
from datetime import timedelta
from typing import Any, NamedTuple

from sqlalchemy import select

from portal.kit import clock, jobs
from portal.kit.db import session
from portal.kit.hot.bulk import serialise
from portal.people import actions, permissions, queries, roles, second_factors, security_log
from portal.people.models import Person, RecoveryRequest
from portal.people.passwords import Hashed

OPEN_FOR = timedelta(days=1)
SETTLED = timedelta(days=1)  # so long somebody manages people before they count as one of the two


class AskedAlready(Exception):
    """A request about this person waits already."""


class NotYours(Exception):
    """Who asked cannot grant, nobody recovers the own account, and what was decided or is over stays so. Two who are
    one are not two: an administrator whom somebody made within a day does not count, nor one who is none any more."""


def open_about(person: Person) -> RecoveryRequest | None:
    """The request about somebody that waits for another administrator."""
    return session.scalars(select(RecoveryRequest).where(
        RecoveryRequest.person_id == person.id, RecoveryRequest.decided_at.is_(None),
        RecoveryRequest.open_until > clock.now()).order_by(RecoveryRequest.id.desc())).first()


def by_id(request_id: int) -> RecoveryRequest | None:
    """The request with this number."""
    return session.get(RecoveryRequest, request_id)


def ask(person: Person, by: Person, reason: str) -> RecoveryRequest:
    """Ask that somebody may begin anew; the person and other administrators are told. Raises NotYours, AskedAlready."""
    _hold(person, by)
    if open_about(person) is not None:
        raise AskedAlready
    request = RecoveryRequest(person_id=person.id, asked_by_id=by.id, reason=reason,
                              open_until=clock.now() + OPEN_FOR)
    session.add(request)
    session.flush()
    security_log.record("recovery.asked", by=by, about=person)
    jobs.put("notices.recovery_asked", request_id=request.id)
    return request


def grant(person: Person, by: Person, password: Hashed) -> None:
    """Take the second factors away and give a first password. Raises NotYours."""
    request = _waiting(person, by)
    asker = queries.person(request.asked_by_id)
    if asker is None or asker.id == by.id or not (_counts(asker, person) and _counts(by, person)):
        raise NotYours
    _decide(request, by, granted=True)
    second_factors.forget_all(person)
    actions.give_first_password(person, password)
    security_log.record("recovery.granted", by=by, about=person)


def refuse(person: Person, by: Person) -> None:
    """Nothing is taken away; whoever asked may take it back so. Raises NotYours."""
    _decide(_waiting(person, by), by, granted=False)
    security_log.record("recovery.refused", by=by, about=person)


def give_another(person: Person, by: Person, password: Hashed) -> None:
    """Another first password for somebody who never changed theirs. Raises NotYours, also for who asked for the
    recovery that gave it: it was another's to tell."""
    _hold(person, by)
    last = session.scalars(select(RecoveryRequest).where(
        RecoveryRequest.person_id == person.id, RecoveryRequest.granted.is_(True)).order_by(
        RecoveryRequest.id.desc())).first()
    if not person.must_change_password or (last is not None and last.asked_by_id == by.id):
        raise NotYours
    actions.give_first_password(person, password)
    security_log.record("password.given", by=by, about=person)


def by_operator(person: Person, password: Hashed) -> None:
    """The same on the command line, for a portal with one administrator: whoever types it has the database."""
    second_factors.forget_all(person)
    actions.give_first_password(person, password)
    security_log.record("recovery.granted", about=person, on="the command line")


def _hold(person: Person, by: Person) -> None:
    roles.hold_administrators(by)
    serialise("people.recovery", person.id)
    if by.id == person.id or not person.active or not permissions.manages(by, person):
        raise NotYours


class _Settled(NamedTuple):
    """What an administrator would be without what somebody gave them just now."""

    roles: tuple[Any, ...]


def _counts(one: Person, person: Person) -> bool:
    since = clock.now() - SETTLED
    return one.active and permissions.manages(_Settled(tuple(
        held for held in one.roles if held.given_by_id is None or held.begins_at <= since)), person)


def _waiting(person: Person, by: Person) -> RecoveryRequest:
    _hold(person, by)
    request = open_about(person)
    if request is None:
        raise NotYours
    return request


def _decide(request: RecoveryRequest, by: Person, *, granted: bool) -> None:
    request.decided_at, request.decided_by_id, request.granted = clock.now(), by.id, granted
    session.flush()
    jobs.put("notices.recovery_decided", request_id=request.id)


def people_of(request: RecoveryRequest) -> list[int]:
    """Whom a decision concerns: the person, who asked, who decided."""
    return list(dict.fromkeys(filter(None, (request.person_id, request.asked_by_id, request.decided_by_id))))


def names_of(request: RecoveryRequest) -> dict[int, str]:
    """The names of those."""
    return queries.names(people_of(request))
