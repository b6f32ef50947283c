"""Passkeys (WebAuthn level 2), by py_webauthn: registered in a browser, and shown there as a second factor.

A challenge is made for one session, kept in its row, and taken by the first answer, right or wrong. No attestation is
asked for: who made the device is nobody's business here.
"""
import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import select, update

from portal.kit import clock, jobs, secret_keys
from portal.kit.db import session
from portal.people import security_log, sessions
from portal.people.models import FactorKind, Person, SecondFactor, SignIn

USE = "passkeys"
TIMEOUT_MS = 120_000
LONGEST = 1023  # bytes of a credential's name (WebAuthn 4)


class Site(NamedTuple):
    """The host that passkeys are bound to, and the origin that browsers then say."""

    host: str
    origin: str

    @property
    def can(self) -> bool:
        """Browsers bind passkeys to names, never to numbers."""
        return not self.host.replace(".", "").isdigit() and ":" not in self.host and "[" not in self.host


class Signed(NamedTuple):
    """A passkey that was shown and waits to be used."""

    factor_id: int
    signs_before: int
    signs: int


class Made(NamedTuple):
    """A passkey that a browser has just made."""

    credential: str
    public_key: bytes
    signs: int


def of(person: Person) -> Sequence[SecondFactor]:
    """The person's passkeys."""
    return session.scalars(select(SecondFactor).where(
        SecondFactor.person_id == person.id, SecondFactor.kind == FactorKind.passkey).order_by(SecondFactor.id)).all()


def options_to_make(person: Person, token: str, site: Site) -> str:
    """What the browser needs to make a passkey, as JSON. The edge commits."""
    import webauthn
    from webauthn.helpers.structs import AuthenticatorSelectionCriteria, ResidentKeyRequirement

    options = webauthn.generate_registration_options(
        rp_id=site.host, rp_name="Cổng dịch vụ công", user_id=f"person-{person.id}".encode(), timeout=TIMEOUT_MS,
        user_name=person.email or person.phone or "", user_display_name=person.name,
        exclude_credentials=[_descriptor(one) for one in of(person)],
        authenticator_selection=AuthenticatorSelectionCriteria(resident_key=ResidentKeyRequirement.DISCOURAGED))
    _keep(token, options.challenge)
    return webauthn.options_to_json(options)


def options_to_show(person: Person, token: str, site: Site) -> str:
    """What the browser needs to show one of the person's passkeys, as JSON. The edge commits."""
    import webauthn

    options = webauthn.generate_authentication_options(
        rp_id=site.host, timeout=TIMEOUT_MS, allow_credentials=[_descriptor(one) for one in of(person)])
    _keep(token, options.challenge)
    return webauthn.options_to_json(options)


def _descriptor(factor: SecondFactor) -> Any:
    from webauthn import base64url_to_bytes
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

    return PublicKeyCredentialDescriptor(id=base64url_to_bytes(factor.credential or ""))


def _keep(token: str, challenge: bytes) -> None:
    session.execute(update(SignIn).where(SignIn.token_digest == sessions.digest(token))
                    .values(challenge=urlsafe_b64encode(challenge).decode()))


def take_challenge(token: str) -> bytes | None:
    """The challenge of this session, which is nobody's from now on."""
    row = session.scalar(select(SignIn).where(SignIn.token_digest == sessions.digest(token)).with_for_update())
    if row is None or row.challenge is None:
        return None
    challenge, row.challenge = row.challenge, None
    session.flush()
    return urlsafe_b64decode(challenge)


def read_made(challenge: bytes | None, answer: str, site: Site) -> Made | None:
    """The passkey of a browser's answer to `options_to_make`; None for anything else. `challenge`: see above."""
    import webauthn

    if challenge is None:
        return None
    try:
        done = webauthn.verify_registration_response(credential=answer, expected_challenge=challenge,
                                                     expected_rp_id=site.host, expected_origin=site.origin)
    except Exception:  # the library raises whatever a forged answer makes it stumble over
        return None
    if len(done.credential_id) > LONGEST:
        return None
    return Made(webauthn.helpers.bytes_to_base64url(done.credential_id), done.credential_public_key, done.sign_count)


def add(person: Person, made: Made, name: str) -> bool:
    """A passkey that was just made. False where it is registered already."""
    digest = _digest(made.credential)
    if session.scalar(select(SecondFactor.id).where(SecondFactor.credential_digest == digest)) is not None:
        return False
    session.add(SecondFactor(
        person_id=person.id, kind=FactorKind.passkey, name=name, credential=made.credential, credential_digest=digest,
        secret=secret_keys.seal(USE, f"person {person.id}", made.public_key), sign_count=made.signs))
    session.flush()
    security_log.record("factor.added", by=person, about=person, kind="passkey")
    jobs.put("notices.account_changed", person_id=person.id, purpose="factor_added")
    return True


def look_up(person: Person, challenge: bytes | None, answer: str, site: Site) -> Signed | None:
    """Which of the person's passkeys signed `challenge`."""
    import webauthn

    factors = of(person)
    try:
        shown = webauthn.helpers.parse_authentication_credential_json(answer)
        factor = next((one for one in factors if one.credential_digest == _digest(
            webauthn.helpers.bytes_to_base64url(shown.raw_id))), None)
        if challenge is None or factor is None:
            return None
        done = webauthn.verify_authentication_response(
            credential=shown, expected_challenge=challenge, expected_rp_id=site.host, expected_origin=site.origin,
            credential_public_key=secret_keys.unseal(USE, f"person {person.id}", factor.secret),
            credential_current_sign_count=factor.sign_count)
    except Exception:  # see read_made
        return None
    return Signed(factor.id, factor.sign_count, done.new_sign_count)


def use(signed: Signed) -> bool:
    """Take what was shown; False where the passkey was shown elsewhere at the same moment, or is gone."""
    taken = session.scalars(update(SecondFactor).where(
        SecondFactor.id == signed.factor_id, SecondFactor.sign_count == signed.signs_before).values(
        sign_count=signed.signs, used_at=clock.now()).returning(SecondFactor.id)).first()
    return taken is not None


def _digest(credential: str) -> str:
    return hashlib.sha256(credential.encode()).hexdigest()
