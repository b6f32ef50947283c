"""Browsers that are known: in which somebody signed in before (OWASP, "device cookies").

The cookie says so of the last few contacts, by their digests, and is sent to the sign-in page alone: pages that
are kept for everybody never see it. It opens nothing; who holds it is only counted apart from strangers.
"""
import hashlib
import hmac
import secrets
from contextlib import suppress
from typing import Any

from flask import current_app, request
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from portal.kit import secret_keys
from portal.kit.i18n import PREFIXES
from portal.people.contacts import parse_contact

YEAR_S = 365 * 24 * 3600
MOST = 5  # contacts of one browser
LONGEST = 1_000


def of(contact: str) -> str | None:
    """What this browser is counted as, where somebody signed in with `contact` here before."""
    name, known = _read()
    return name if _digest(contact) in known else None


def remember(response: Response, contact: str) -> None:
    """Somebody has just signed in with `contact` in this browser."""
    name, known = _read()
    digest = _digest(contact)
    kept = [digest, *(one for one in known if one != digest)][:MOST]
    value = _serializer().dumps([name or secrets.token_urlsafe(9), *kept])
    for prefix in PREFIXES:
        response.set_cookie(_cookie(), str(value), max_age=YEAR_S, path=f"{prefix}/sign-in", httponly=True,
                            samesite="Lax", secure=not current_app.config["INSECURE_HTTP"])


def _read() -> tuple[str, list[str]]:
    """The browser's name and the digests that it knows; nothing where it has none, or one that is not ours."""
    said = request.cookies.get(_cookie(), "")
    if not said or len(said) > LONGEST:
        return "", []
    try:
        found: Any = _serializer().loads(said, max_age=YEAR_S)
    except BadData:
        return "", []
    return (found[0], found[1:]) if isinstance(found, list) and found else ("", [])


def _digest(contact: str) -> str:
    with suppress(ValueError):
        contact = parse_contact(contact)[1]
    return hmac.new(secret_keys.keys("device contacts")[-1], contact.encode(), hashlib.sha256).hexdigest()[:16]


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(list(reversed(secret_keys.keys("devices"))), salt="device")


def _cookie() -> str:
    return "device" if current_app.config["INSECURE_HTTP"] else "__Secure-device"
