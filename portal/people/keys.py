"""Machines' keys. A key is shown once and kept as its digest: who reads the table cannot use it.

Two may live at a time for one agency and scope, so that a new one is in use before the old one goes. Machines that
sign in get a session for it: it says which key opened it and until when it opens, and ends with the key.
"""
import hashlib
import hmac
import re
import secrets
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from portal.kit import clock, db, secret_keys
from portal.kit.db import session
from portal.kit.hot import bulk
from portal.people import security_log
from portal.people.models import SCOPES, Agency, ApiKey, ApiKeyScope

MOST_LIVE = 2
PREFIX = "dvc_"
HINT = 6
SESSION_LASTS = timedelta(hours=2)
_SESSION = re.compile(r"dvs_([0-9]{1,9})\.([0-9]{1,12})\.([0-9a-f]{64})", re.ASCII)
_USE = "sessions of machines"
_USED_NOTED_EVERY = timedelta(minutes=1)


class TooManyKeys(Exception):
    """Two keys live already: revoke one first."""


def issue(agency: Agency, scopes: Collection[str], signing_key: str | None = None, *,
          dry_run: bool = False) -> tuple[ApiKey, str]:
    """A new key and its secret, which nobody can read again. Raises TooManyKeys; ValueError for another scope, or none.

    `signing_key`: the Ed25519 public key, in base64, with which every message must then be signed. `dry_run`: what
    comes in with it is answered and not kept; such keys are counted by themselves.
    """
    if not scopes or not set(scopes) <= set(SCOPES):
        raise ValueError(f"no scope {', '.join(sorted(set(scopes) - set(SCOPES)))}")
    bulk.serialise("people.keys", agency.id)
    live = Counter(scope for key in live_keys(agency) if key.dry_run == dry_run for scope in key.scopes)
    if any(live[scope] >= MOST_LIVE for scope in scopes):
        raise TooManyKeys
    secret = PREFIX + secrets.token_urlsafe(32)
    key = ApiKey(agency_id=agency.id, digest=_digest(secret), hint=secret[-HINT:],
                 signing_key=signing_key, dry_run=dry_run,
                 opens=[ApiKeyScope(scope=scope) for scope in sorted(set(scopes))])
    session.add(key)
    session.flush()
    security_log.record("key.issued", agency_id=agency.id, key=key.id, scopes=" ".join(sorted(key.scopes)),
                        signed=signing_key is not None)
    return key, secret


def revoke(key: ApiKey) -> None:
    """From the commit on nobody comes in with this key."""
    if key.revoked_at is None:
        key.revoked_at = clock.now()
        session.flush()
        security_log.record("key.revoked", agency_id=key.agency_id, key=key.id)
    session.flush()


def is_ours(secret: str) -> bool:
    """Whether it has the form of a key or of a session of this portal: a gateway has tokens of its own."""
    return secret.startswith(PREFIX) or _SESSION.fullmatch(secret) is not None


def find(secret: str) -> ApiKey | None:
    """The live key with this secret, or of this session, with its agency; None for one that was revoked or never was.

    Notes the use, at most once a minute, and where that can be written at once: reading never needs writing.
    """
    said = _SESSION.fullmatch(secret)
    which = ApiKey.id == int(said[1]) if said else ApiKey.digest == _digest(secret)
    key = session.scalars(select(ApiKey).join(ApiKey.agency).options(
        contains_eager(ApiKey.agency), joinedload(ApiKey.opens)).where(
        which, ApiKey.revoked_at.is_(None), Agency.valid_to.is_(None))).unique().first()
    if key is None or (said and not _holds(key, int(said[2]), said[3])):
        return None
    _note_use(key)
    return key


def open_session(key: ApiKey) -> tuple[str, datetime]:
    """A session of this key, and when it ends. Nothing of it is kept: its seal says that it is ours."""
    ends_at = (clock.now() + SESSION_LASTS).replace(microsecond=0)
    ends = int(ends_at.timestamp())
    return f"dvs_{key.id}.{ends}.{_seal(key, ends, secret_keys.key(_USE))}", ends_at.astimezone(UTC)


def _holds(key: ApiKey, ends: int, seal: str) -> bool:
    return ends > clock.now().timestamp() and any(
        hmac.compare_digest(seal, _seal(key, ends, each)) for each in secret_keys.keys(_USE))


def _seal(key: ApiKey, ends: int, with_: bytes) -> str:
    return hmac.new(with_, f"{key.id}.{ends}.{key.digest}".encode(), hashlib.sha256).hexdigest()


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
        db.in_passing(update(ApiKey).where(
            ApiKey.id == key.id, or_(ApiKey.used_at.is_(None), ApiKey.used_at <= now - _USED_NOTED_EVERY)
        ).values(used_at=now))


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
