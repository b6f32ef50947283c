"""Machines' keys. A key is shown once and kept as its digest: who reads the table cannot use it.

Two may live at a time for one agency and scope, so that a new one is in use before the old one goes.
"""
import hashlib
import secrets
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from portal.kit import clock
from portal.kit.db import session
from portal.kit.hot import bulk
from portal.people.models import SCOPES, Agency, ApiKey, ApiKeyScope

MOST_LIVE = 2
PREFIX = "dvc_"
HINT = 6
_USED_NOTED_EVERY = timedelta(minutes=1)


class TooManyKeys(Exception):
    """Two keys live already: revoke one first."""


def issue(agency: Agency, scopes: Collection[str], signing_key: str | None = None) -> tuple[ApiKey, str]:
    """A new key and its secret, which nobody can read again. Raises TooManyKeys; ValueError for another scope, or none.

    `signing_key`: the Ed25519 public key, in base64, with which every message must then be signed.
    """
    if not scopes or not set(scopes) <= set(SCOPES):
        raise ValueError(f"no scope {', '.join(sorted(set(scopes) - set(SCOPES)))}")
    bulk.serialise("people.keys", agency.id)
    live = Counter(scope for key in live_keys(agency) for scope in key.scopes)
    if any(live[scope] >= MOST_LIVE for scope in scopes):
        raise TooManyKeys
    secret = PREFIX + secrets.token_urlsafe(32)
    key = ApiKey(agency_id=agency.id, digest=_digest(secret), hint=secret[-HINT:],
                 signing_key=signing_key, opens=[ApiKeyScope(scope=scope) for scope in sorted(set(scopes))])
    session.add(key)
    session.flush()
    return key, secret


def revoke(key: ApiKey) -> None:
    """From the commit on nobody comes in with this key."""
    if key.revoked_at is None:
        key.revoked_at = clock.now()
    session.flush()


def find(secret: str) -> ApiKey | None:
    """The live key with this secret, with its agency; None for one that was revoked or never was.

    Notes the use, at most once a minute.
    """
    key = session.scalars(select(ApiKey).join(ApiKey.agency).options(
        contains_eager(ApiKey.agency), joinedload(ApiKey.opens)).where(
        ApiKey.digest == _digest(secret), ApiKey.revoked_at.is_(None), Agency.valid_to.is_(None))).unique().first()
    if key is not None:
        _note_use(key)
    return key


def live_keys(agency: Agency) -> Sequence[ApiKey]:
    """The agency's keys that open the door today, the oldest first."""
    return session.scalars(select(ApiKey).where(ApiKey.agency_id == agency.id, ApiKey.revoked_at.is_(None))
                           .options(selectinload(ApiKey.opens))
                           .order_by(ApiKey.id)).all()


def all_keys() -> Sequence[ApiKey]:
    """Every key that was ever issued, the newest first, with its agency."""
    return session.scalars(select(ApiKey).join(ApiKey.agency).options(
        contains_eager(ApiKey.agency), selectinload(ApiKey.opens)).order_by(ApiKey.id.desc())).all()


def key_by_id(key_id: int) -> ApiKey | None:
    """The key with this number."""
    return session.get(ApiKey, key_id)


def _note_use(key: ApiKey) -> None:
    now = clock.now()
    if key.used_at is None or key.used_at <= now - _USED_NOTED_EVERY:
        session.execute(update(ApiKey).where(
            ApiKey.id == key.id, or_(ApiKey.used_at.is_(None), ApiKey.used_at <= now - _USED_NOTED_EVERY)
        ).values(used_at=now))


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
