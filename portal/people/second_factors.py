"""What is shown beside the password: codes of an app (TOTP, RFC 6238), passkeys, recovery codes.

`look_up` compares what was typed, which may be slow; `use` then takes it, in the transaction of what it opens: a code
opens one thing once, also when two show it at the same moment. Secrets are sealed with a key of their own.
"""
import hmac
import logging
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, func, select, update

from portal.kit import clock, jobs, secret_keys
from portal.kit.db import session
from portal.kit.hot.bulk import serialise
from portal.people import passwords, security_log, sessions
from portal.people.models import FactorKind, Person, RecoveryCode, SecondFactor
from portal.people.passwords import Hashed

USE = "second factors"
STEP_S, DIGITS = 30, 6
SKEW = 1  # steps to either side: telephones' clocks are not exact
CODES = 10
GROUPS, GROUP = 4, 4
ISSUER = "Cổng dịch vụ công"
log = logging.getLogger(__name__)


class NotFirst(Exception):
    """Somebody who has a second factor sets up a first one: in another window, or not the owner at all."""


class Last(Exception):
    """One of the staff has no other second factor: add another first."""


class NewCode(NamedTuple):
    """A recovery code: as it is told once, and as it is kept."""

    shown: str
    hint: str
    kept: Hashed


class Shown(NamedTuple):
    """What fitted and waits to be used: a step of an app, or a recovery code."""

    person_id: int
    factor_id: int | None = None
    step: int = 0
    code_id: int | None = None


def of(person: Person) -> Sequence[SecondFactor]:
    """The person's second factors, the oldest first."""
    return session.scalars(select(SecondFactor).where(SecondFactor.person_id == person.id)
                           .order_by(SecondFactor.id)).all()


def has_any(person: Person) -> bool:
    """Whether the person shows one at each sign-in."""
    return session.scalar(select(SecondFactor.id).where(SecondFactor.person_id == person.id).limit(1)) is not None


def hold_first(person: Person) -> None:
    """Before the first one is added: of two who do it at once, one does. Raises NotFirst."""
    serialise("people.second_factors", person.id)
    if has_any(person):
        raise NotFirst


def kinds(person: Person) -> set[str]:
    """Which kinds the person has."""
    return set(session.scalars(select(SecondFactor.kind).where(SecondFactor.person_id == person.id)))


# an app that tells codes

def new_secret() -> str:
    """What the app and the portal will share: 160 bits, in the letters that apps ask for."""
    import pyotp

    return pyotp.random_base32()


def seal_for(token: str, secret: str) -> str:
    """A secret that is not anybody's yet, so that it can wait in the page of this session."""
    return secret_keys.seal(USE, f"session {sessions.digest(token)}", secret.encode())


def unseal_for(token: str, sealed: str) -> str | None:
    """The secret that waited in the page; None for one of another session."""
    try:
        return secret_keys.unseal(USE, f"session {sessions.digest(token)}", sealed).decode()
    except secret_keys.Unsealable:
        return None


def address_of(secret: str, person: Person) -> str:
    """What the picture for the app says."""
    import pyotp

    return str(pyotp.TOTP(secret).provisioning_uri(name=person.email or person.phone or "", issuer_name=ISSUER))


def code_at(secret: str, step: int) -> str:
    """The six digits of one step."""
    import pyotp

    return pyotp.TOTP(secret).at(step * STEP_S)


def step_now() -> int:
    """The thirty seconds that we are in."""
    return int(clock.now().timestamp()) // STEP_S


def fitting_step(secret: str, typed: str, after: int = 0) -> int | None:
    """The step whose code was typed, newer than `after`."""
    now, found = step_now(), None
    for step in range(now - SKEW, now + SKEW + 1):  # all are compared: the time taken tells nothing
        if hmac.compare_digest(code_at(secret, step), typed) and step > after:
            found = step
    return found


def add_app(person: Person, secret: str, step: int, name: str, *, tell: bool = True) -> SecondFactor:
    """An app whose code of `step` was just typed, which is thereby used. The owner is told."""
    factor = SecondFactor(person_id=person.id, kind=FactorKind.app, name=name, last_step=step, used_at=clock.now(),
                          secret=secret_keys.seal(USE, f"person {person.id}", secret.encode()))
    session.add(factor)
    session.flush()
    if tell:
        security_log.record("factor.added", by=person, about=person, kind="app")
        jobs.put("notices.account_changed", person_id=person.id, purpose="factor_added")
    return factor


def secret_of(factor: SecondFactor) -> str:
    """The shared secret of an app. Raises secret_keys.Unsealable where it was sealed with a secret that is gone."""
    return secret_keys.unseal(USE, f"person {factor.person_id}", factor.secret).decode()


def _readable(factor: SecondFactor) -> str | None:
    """The same; None, and a line in the log, where it cannot be read any more: then no code of the app fits, and the
    recovery codes, which are hashed and not sealed, still open the account."""
    try:
        return secret_of(factor)
    except secret_keys.Unsealable:
        log.error("second factor %s was sealed with a key that is gone (PORTAL_SECRET_KEY_FALLBACKS): its codes open "
                  "nothing", factor.id)
        return None


def next_code(person: Person) -> str | None:
    """A code that opens now, for the invented people of a demonstration; None where the next one is not due yet."""
    for factor in of(person):
        if factor.kind == FactorKind.app and (step := max(step_now(), factor.last_step + 1)) <= step_now() + SKEW:
            secret = _readable(factor)
            return code_at(secret, step) if secret else None
    return None


# recovery codes

def new_codes() -> list[NewCode]:
    """Ten codes, to be printed or kept apart from the telephone. Slow like `passwords.hash`, ten times."""
    made: dict[str, NewCode] = {}
    while len(made) < CODES:
        groups = ["".join(secrets.choice(passwords.ALPHABET) for _ in range(GROUP)) for _ in range(GROUPS)]
        if groups[0] not in made and not "".join(groups).isdigit():
            made[groups[0]] = NewCode("-".join(groups), groups[0], passwords.hash("-".join(groups[1:])))
    return list(made.values())


def keep_codes(person: Person, codes: Sequence[NewCode]) -> None:
    """These are the person's recovery codes; those of before are void."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))
    session.add_all(RecoveryCode(person_id=person.id, hint=code.hint, code_hash=code.kept) for code in codes)
    session.flush()


def renew_codes(person: Person, codes: Sequence[NewCode]) -> None:
    """The same for somebody who has some already. The owner is told: whoever took a seat that was left open could
    otherwise come back by them, and nobody would know."""
    keep_codes(person, codes)
    security_log.record("factor.codes", by=person, about=person)
    jobs.put("notices.account_changed", person_id=person.id, purpose="recovery_codes_made")


def codes_left(person: Person) -> int:
    """How many recovery codes were not used."""
    return session.scalar(select(func.count()).where(RecoveryCode.person_id == person.id,
                                                     RecoveryCode.used_at.is_(None))) or 0


# showing one

def look_up(person: Person, typed: str) -> Shown | None:
    """What `typed` is of this person: a code of an app, or a recovery code. May be slow: before a transaction."""
    plain = "".join(c for c in typed.lower() if c.isalnum())
    if len(plain) == DIGITS and plain.isascii() and plain.isdecimal():
        return _app_code(person, plain)
    return _recovery_code(person, plain) if len(plain) == GROUPS * GROUP and plain.isascii() else None


def _app_code(person: Person, typed: str) -> Shown | None:
    found = None
    for factor in of(person):
        secret = _readable(factor) if factor.kind == FactorKind.app else None
        if secret and (step := fitting_step(secret, typed, factor.last_step)):
            found = found or Shown(person.id, factor_id=factor.id, step=step)
    return found


def _recovery_code(person: Person, plain: str) -> Shown | None:
    groups = [plain[at:at + GROUP] for at in range(0, len(plain), GROUP)]
    kept = session.scalars(select(RecoveryCode).where(
        RecoveryCode.person_id == person.id, RecoveryCode.hint == groups[0], RecoveryCode.used_at.is_(None))).first()
    fits = passwords.fits(kept.code_hash if kept else None, "-".join(groups[1:]))
    return Shown(person.id, code_id=kept.id) if kept and fits else None


def use(shown: Shown) -> bool:
    """Take what `look_up` found; False when somebody else was quicker."""
    now: datetime = clock.now()
    if shown.code_id is not None:
        taken = session.scalars(update(RecoveryCode).where(
            RecoveryCode.id == shown.code_id, RecoveryCode.used_at.is_(None)).values(used_at=now).returning(
            RecoveryCode.id)).first()
        if taken is not None:
            security_log.record("factor.recovered", person=shown.person_id)
            jobs.put("notices.account_changed", person_id=shown.person_id, purpose="recovery_code_used")
    else:
        taken = session.scalars(update(SecondFactor).where(
            SecondFactor.id == shown.factor_id, SecondFactor.last_step < shown.step).values(
            last_step=shown.step, used_at=now).returning(SecondFactor.id)).first()
    return taken is not None


def remove(person: Person, factor: SecondFactor) -> None:
    """Take a second factor away; with the last one of a citizen its recovery codes go. Raises Last for the staff."""
    left = [one for one in of(person) if one.id != factor.id]
    if not left and person.staff:
        raise Last
    session.delete(factor)
    if not left:
        session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))
    session.flush()
    security_log.record("factor.removed", by=person, about=person)
    jobs.put("notices.account_changed", person_id=person.id, purpose="factor_removed")


def take_away(citizen: Person, by: Person) -> None:
    """For a citizen who lost them all and has shown who they are at an agency: the password alone opens it again,
    and the owner is told. ValueError for the staff, whom two administrators recover."""
    if citizen.staff:
        raise ValueError("two administrators recover the staff")
    forget_all(citizen)
    sessions.end_all(citizen)
    security_log.record("factor.removed", by=by, about=citizen, kind="all")
    jobs.put("notices.account_changed", person_id=citizen.id, purpose="factor_removed")


def forget_all(person: Person) -> None:
    """The person shows none any more: for a recovery, after which the staff must set one up before anything else."""
    for table in (SecondFactor, RecoveryCode):
        session.execute(delete(table).where(table.person_id == person.id))
    session.flush()
