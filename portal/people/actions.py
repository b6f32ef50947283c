"""What happens to accounts. Actions flush; the edge commits.

A contact is proven by a six-digit code. Whether an account exists at it is decided only by the job that
writes the message, so that the page's answer, and the time it takes, are the same for everybody.
"""
import hashlib
import hmac
import secrets
import zlib
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from portal.kit import clock, i18n, jobs, secret_keys
from portal.kit.db import session
from portal.kit.hot import bulk
from portal.kit.throttle import TooMany
from portal.people import closings, passwords, permissions, queries, roles, second_factors, security_log, sessions
from portal.people.contacts import parse_contact
from portal.people.models import Agency, ClosingKind, Person, Registration
from portal.people.passwords import Hashed
from portal.people.permissions import Place, Role

CODE_LIFE = timedelta(minutes=10)
PROVEN_LIFE = timedelta(minutes=30)
TRIES = 5
CODES_A_DAY, A_DAY = 5, timedelta(days=1)
FORGET_AFTER = timedelta(days=1)
FIRST_PASSWORD_LIFE = timedelta(days=1)
REGISTER, RESET, CONTACT = "register", "reset", "contact"



class Proof(StrEnum):
    """What became of a code: `over` means that another code must be asked for."""

    right = "right"
    wrong = "wrong"
    over = "over"


class NotProven(Exception):
    """The contact was not proven with a code, or too long ago, or the proof was used already."""


class FactorNeeded(Exception):
    """A code is not enough for this account: the second factor must be shown, or two administrators help."""


class ContactTaken(Exception):
    """Somebody has this contact already."""


def begin_registration(contact: str) -> str:
    """Send a code to `contact` (in its stored form). Returns the token that the browser keeps."""
    return _begin(REGISTER, contact)


def begin_reset(contact: str) -> str:
    """Send a code for a new password to `contact`. Returns the token that the browser keeps."""
    return _begin(RESET, contact)


def contact_was_wanted(contact: str) -> None:
    """Tell whoever has this contact that a staff account was wanted with it. Nobody else learns that it is taken."""
    owner = queries.person_by_contact(contact)
    if owner is not None and owner.active:
        jobs.put("notices.account_changed", person_id=owner.id, purpose="wanted_for_staff")


def begin_contact_change(contact: str) -> str:
    """Send a code to a contact that somebody wants for their account. Returns the token that the browser keeps."""
    return _begin(CONTACT, contact)


def change_contact(person: Person, token: str) -> str | None:
    """Put the proven contact in the place of the one of its kind, which is returned; sign out everywhere else.

    Raises NotProven, also where somebody else has it: the code was then never sent.
    """
    contact = _use(token, CONTACT)
    column = "email" if "@" in contact else "phone"
    before: str | None = getattr(person, column)
    try:
        with session.begin_nested():
            setattr(person, column, contact)
    except IntegrityError as error:
        raise NotProven from error
    sessions.end_all(person, but=sessions.token())
    session.flush()
    security_log.record("contact.changed", by=person, about=person)
    jobs.put("notices.account_changed", person_id=person.id, purpose="contact_changed")
    return before


def _begin(purpose: str, contact: str) -> str:
    """Raises throttle.TooMany for the sixth code of a contact within a day, whoever asks and for whatever."""
    bulk.serialise("people.codes", zlib.crc32(contact.encode()) >> 1)
    since = clock.now() - A_DAY + CODE_LIFE
    asked = queries.codes_since(contact, since)
    if len(asked) >= CODES_A_DAY:
        raise TooMany(max(1, int((asked[-CODES_A_DAY] - since).total_seconds())))
    session.execute(delete(Registration).where(Registration.expires_at < clock.now() - FORGET_AFTER))
    token = f"{purpose}.{secrets.token_urlsafe(16)}"
    row = Registration(token_digest=sessions.digest(token), contact=contact, code_digest="",
                       expires_at=clock.now() + CODE_LIFE)
    made_with = secret_keys.key("codes")
    row.code_digest = _proof(made_with, row, _code(made_with, row))
    session.add(row)
    session.flush()
    security_log.record("code.asked", contact=security_log.digest(contact), purpose=purpose)
    jobs.put("notices.send_code", registration_id=row.id, purpose=purpose, language=i18n.lang())
    return token


def code_of(row: Registration) -> str:
    """The six digits that prove the contact: made from the key of codes, so that they lie nowhere."""
    codes = ((made_with, _code(made_with, row)) for made_with in secret_keys.keys("codes"))
    return next((code for made_with, code in codes if _proof(made_with, row, code) == row.code_digest), "")


def _code(made_with: bytes, row: Registration) -> str:
    return f"{int(_keyed(made_with, f'code|{row.token_digest}'), 16) % 1_000_000:06}"


def _proof(made_with: bytes, row: Registration, code: str) -> str:
    """What is kept of a code."""
    return _keyed(made_with, f"proof|{row.token_digest}|{code}")


def _keyed(made_with: bytes, text: str) -> str:
    return hmac.new(made_with, text.encode(), hashlib.sha256).hexdigest()


def prove(token: str, code: str) -> Proof:
    """Compare what was typed with the code that was sent. Counts the try; the edge must commit it."""
    row = queries.registration(sessions.digest(token), lock=True)
    if row is None or row.used_at or row.proven_at or row.tries >= TRIES or row.expires_at <= clock.now():
        return Proof.over
    row.tries += 1
    if any(hmac.compare_digest(_proof(made_with, row, code), row.code_digest)
           for made_with in secret_keys.keys("codes")):
        row.proven_at = clock.now()
        row.expires_at = row.proven_at + PROVEN_LIFE
        session.flush()
        return Proof.right
    session.flush()
    security_log.record("code.refused", contact=security_log.digest(row.contact), tries=row.tries)
    return Proof.over if row.tries >= TRIES else Proof.wrong


def waiting_contact(token: str) -> str | None:
    """The contact that `token`'s code was sent to, while the code still works."""
    row = queries.registration(sessions.digest(token))
    waits = row and not row.proven_at and row.tries < TRIES and row.expires_at > clock.now()
    return row.contact if row and waits else None


def proven_contact(token: str) -> str | None:
    """The contact that `token` has proven and not used yet."""
    row = queries.registration(sessions.digest(token))
    return row.contact if row and _is_usable(row) else None


def _is_usable(row: Registration) -> bool:
    return row.proven_at is not None and row.used_at is None and row.expires_at > clock.now()


def _use(token: str, purpose: str) -> str:
    row = queries.registration(sessions.digest(token), lock=True)
    if row is None or not token.startswith(purpose + ".") or not _is_usable(row):
        raise NotProven
    row.used_at = clock.now()
    return row.contact


def complete_registration(token: str, name: str, password: Hashed) -> Person:
    """Make the citizen's account at the proven contact. Raises NotProven, ContactTaken."""
    return _add(name, _use(token, REGISTER), password, language=i18n.lang())


def person_to_reset(token: str) -> Person | None:
    """Who gets the new password at the contact that `token` has proven."""
    contact = proven_contact(token)
    return queries.person_by_contact(contact) if contact else None


def finish_reset(token: str, password: Hashed, *, proven: bool = False) -> Person:
    """Set a new password at the proven contact and end every session. `proven`: the second factor was shown too.
    Raises NotProven; FactorNeeded for the staff, whose accounts six digits alone never open."""
    person = queries.person_by_contact(_use(token, RESET))
    if person is None or not person.active:
        raise NotProven
    if person.staff and not proven:
        raise FactorNeeded
    set_password(person, password)
    security_log.record("password.reset", by=person, about=person)
    return person


def known(contact: str, password: str) -> Person | None:
    """Whose contact and password these are, also where the account is closed; None for an unknown contact and a wrong
    password. The costly part is done in each of these cases alike.
    """
    try:
        person = queries.person_by_contact(parse_contact(contact)[1])
    except ValueError:
        person = None
    fits = passwords.fits(person.password_hash if person else None, password)
    if person is None or not fits:
        security_log.record("sign_in.refused", about=person, contact=security_log.digest(contact))
    elif not person.active or has_ended(person):
        security_log.record("sign_in.closed", about=person, active=person.active)
    return person if person and fits else None


def check(contact: str, password: str) -> Person | None:
    """Who signs in with what was typed; None too for a closed account and a first password that has ended."""
    person = known(contact, password)
    return person if person and person.active and not has_ended(person) else None


def has_ended(person: Person) -> bool:
    """Whether the first password, which somebody else gave, was not changed in time: it opens nothing any more."""
    until = person.first_password_until
    return person.must_change_password and until is not None and until <= clock.now()


def renewed(person: Person, password: str) -> Hashed | None:
    """What is kept of the password of `person`, whom `check` gave, where that is outdated. Slow: see passwords.hash."""
    return passwords.hash(password) if passwords.is_outdated(person.password_hash) else None


def sign_in(person: Person, renewed: Hashed | None = None) -> bool:
    """Begin a session in this browser for `person`, whom `check` gave. An outdated hash gives way to `renewed`.

    False: it is half a session, which a second factor makes whole. The staff always show one.
    """
    if renewed:
        person.password_hash = renewed
    session.flush()
    if person.staff or second_factors.has_any(person):
        security_log.record("sign_in.half", by=person)
        sessions.start_half(person)
        return False
    complete_sign_in(person, "password")
    return True


def complete_sign_in(person: Person, factor: str) -> None:
    """All that was asked for was shown, `factor` at last: the session is whole, and only now somebody has signed in."""
    security_log.record("sign_in.done", by=person, factor=factor)
    sessions.start(person, clock.now())


def set_password(person: Person, password: Hashed, but: str | None = None) -> None:
    """Set a password that its owner chose; end all sessions but that of token `but`; tell the owner."""
    person.password_hash = password
    person.must_change_password, person.first_password_until = False, None
    sessions.end_all(person, but)
    session.flush()
    security_log.record("password.changed", by=person)
    jobs.put("notices.password_changed", person_id=person.id)


def set_profile(person: Person, *, name: str, language: str) -> None:
    """Change what people may change about themselves. Applicants read by whom something was done and looked at: whoever
    of the staff takes another name is told of."""
    renamed = person.staff and name != person.name
    person.name, person.language = name, language
    session.flush()
    if renamed:
        security_log.record("name.changed", by=person, about=person)


def add_staff(name: str, contact: str, role: str, place: Place | None, by: Person | None, password: Hashed,
              until: datetime | None = None) -> Person:
    """Add somebody who works here, with a role and a one-time password.

    `by` is None on the command line. Raises ValueError for a bad contact and a role that does not exist there,
    ContactTaken.
    """
    person = _add(name, parse_contact(contact)[1], password, staff=True)
    give_first_password(person, password)
    roles.give(person, role, place, by=by, until=until, tell=False)  # who adds them tells them with the password
    security_log.record("person.added", by=by, about=person, role=role)
    return person


def give_first_password(person: Person, password: Hashed) -> None:
    """A password that somebody else knows: it must be changed at the first sign-in, and ends by itself."""
    person.password_hash, person.must_change_password = password, True
    person.first_password_until = clock.now() + FIRST_PASSWORD_LIFE
    sessions.end_all(person)
    session.flush()


def add_officer(name: str, contact: str, agency: Agency, by: Person | None, password: Hashed) -> Person:
    """Add a case officer of the agency as a whole, in the manner of `add_staff`."""
    return add_staff(name, contact, Role.case_officer, Place(agency.id), by, password)


def add_administrator(name: str, contact: str, by: Person | None, password: Hashed) -> Person:
    """Add an administrator of the portal, in the manner of `add_staff`."""
    return add_staff(name, contact, Role.portal_administrator, None, by, password)


def _add(name: str, contact: str, password: Hashed, **more: str | bool) -> Person:
    person = Person(name=name, password_hash=password,
                    **{"email" if "@" in contact else "phone": contact}, **more)
    try:
        with session.begin_nested():  # the unique key decides, also between two that come at once
            session.add(person)
    except IntegrityError as error:
        raise ContactTaken from error
    return person


def deactivate(person: Person, by: Person) -> None:
    """Close an account; whoever is signed in with it is out at once. Not one's own: ValueError.

    Raises ManagesNoLonger where `by` was closed or lost the role meanwhile."""
    if person.id == by.id:
        raise ValueError("nobody closes the own account: the last administrator would be gone")
    roles.hold_administrators(by)
    if not permissions.manages(by, person):
        raise roles.ManagesNoLonger
    roles.hold(person)
    closings.close(person, by, ClosingKind.closed)


def activate(person: Person, by: Person) -> None:
    """Open a closed account again. Raises ManagesNoLonger where somebody of the whole portal closed it, and `by` is of
    one agency."""
    roles.hold_administrators(by)
    roles.hold(person)
    if not closings.may_reopen(by, person):
        raise roles.ManagesNoLonger
    closings.reopen(person, by)
