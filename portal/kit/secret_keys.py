"""The one secret (SECRET_KEY) as many keys: one for each use, worked out from it by the use's name.

Who learns the key of cookies can therefore make no code and open nothing that is sealed, and no key leads back to the
secret. The secret is exchanged without anybody noticing: what was made with one of SECRET_KEY_FALLBACKS is still read,
and all that is made anew is made with SECRET_KEY.
"""
import base64
import binascii
import hashlib
import hmac
import secrets
from functools import lru_cache

from flask import current_app

NONCE_BYTES = 12


class Unsealable(ValueError):
    """It was sealed with a secret that this portal does not have, for another use or another owner, or not at all."""


def key(use: str) -> bytes:
    """The key with which what is new is made for `use`: 32 bytes."""
    return _derived(str(current_app.config["SECRET_KEY"]), use)


def keys(use: str) -> tuple[bytes, ...]:
    """The keys by which what was made for `use` is read, the newest first."""
    return tuple(_derived(secret, use) for secret in _secrets())


def signing_keys(use: str) -> list[bytes]:
    """The same for itsdangerous, which wants the newest last. The bare secrets are for what the release before this
    one signed; nothing is signed with them any more."""
    bare = [secret.encode() for secret in _secrets()]
    return [*reversed(bare), *reversed(keys(use))]


def seal(use: str, owner: str, content: bytes) -> str:
    """`content` so that it can be kept where others may read it (AES-256-GCM), bound to its use and its `owner`, such
    as "person 7": copied into another's row it cannot be opened."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = secrets.token_bytes(NONCE_BYTES)
    return base64.urlsafe_b64encode(nonce + AESGCM(key(use)).encrypt(nonce, content, owner.encode())).decode()


def unseal(use: str, owner: str, sealed: str) -> bytes:
    """What was sealed for this use and owner. Raises Unsealable."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        packed = base64.urlsafe_b64decode(sealed.encode())
    except (binascii.Error, ValueError) as error:
        raise Unsealable from error
    for one in keys(use) if len(packed) > NONCE_BYTES else ():
        try:
            return AESGCM(one).decrypt(packed[:NONCE_BYTES], packed[NONCE_BYTES:], owner.encode())
        except (InvalidTag, ValueError):
            continue
    raise Unsealable


def _secrets() -> list[str]:
    """Of this portal, the one in force first."""
    config = current_app.config
    return [str(config["SECRET_KEY"]), *map(str, config.get("SECRET_KEY_FALLBACKS") or ())]


@lru_cache(maxsize=64)
def _derived(secret: str, use: str) -> bytes:
    return hmac.new(secret.encode(), f"portal key|{use}".encode(), hashlib.sha256).digest()
