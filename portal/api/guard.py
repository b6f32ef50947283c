"""Which machine may enter, and how often. Every view of this door says so; tests/house finds the one that forgets.

A key, or the session that was opened with one, comes as `Authorization: Bearer …`, in the national messages also as
their `session`: in the envelope, in a header or, of a session alone, in the address. A gateway on the way may put a
token of its own into Authorization. No cookie is read, so no other site can make a browser act here.
"""
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import g, request

from portal.api.problems import Problem
from portal.kit import throttle
from portal.kit.i18n import _
from portal.kit.throttle import TooMany
from portal.kit.web import for_every_site
from portal.people import keys, security_log
from portal.people.models import ApiKey

View = Callable[..., Any]
BATCHES, READS, STRANGERS, WRONG_KEYS = 120, 600, 60, 30  # a minute: by key, by key, by address, by address
MINUTE = 60
LONGEST_KEY = 200
LONGEST_SIGN_IN = 4_096  # bytes


def me() -> ApiKey:
    """The key that opened. Only behind a guard that asked for one."""
    return g.api_key


def with_key(scope: str, counted: str = "api batches", limit: int = BATCHES) -> Callable[[View], View]:
    """Only machines whose key has this scope: 120 messages a minute, or `limit` calls counted under another name."""

    def decorate(view: View) -> View:
        @wraps(view)
        def inner(**kw: Any) -> Any:
            enter(bearer(), scope, counted, limit)
            return view(**kw)

        inner.guard = f"key: {scope}"  # type: ignore[attr-defined]
        return inner

    return decorate


def with_key_or_session(scope: str, session_of_message: Callable[[], str | None]) -> Callable[[View], View]:
    """The same for national messages, whose key may stand in the body: strangers' bodies are read 60 times a minute."""

    def decorate(view: View) -> View:
        @wraps(view)
        def inner(**kw: Any) -> Any:
            secret, field = bearer(), "Authorization"
            if secret is None or not keys.is_ours(secret):
                _count("api strangers", throttle.asker(), STRANGERS)
                if (said := session_of_message()) or secret is None:
                    secret, field = said, "session"
                enter(secret, scope, field=field)
                # no stranger after all: agencies' systems share addresses
                throttle.give_back_reading("api strangers", throttle.asker(), seconds=MINUTE)
                return view(**kw)
            enter(secret, scope, field=field)
            return view(**kw)

        inner.guard = f"key or session: {scope}"  # type: ignore[attr-defined]
        return inner

    return decorate


def anyone(view: View) -> View:
    """Open to all and to the pages of every site, because all of it is published: 60 reads a minute by address, 600
    with a key."""

    @wraps(view)
    def inner(**kw: Any) -> Any:
        for_every_site()
        secret = bearer()
        if secret is None:
            _count("api strangers", throttle.asker(), STRANGERS)
        else:
            enter(secret, None, "api reads", READS)
        return view(**kw)

    inner.guard = "anyone, counted"  # type: ignore[attr-defined]
    return inner


def anyone_or_session(session_of_message: Callable[[], str | None]) -> Callable[[View], View]:
    """What is open to all, asked for in the national way: with a session where there is one."""

    def decorate(view: View) -> View:
        @wraps(view)
        def inner(**kw: Any) -> Any:
            for_every_site()
            secret, field = bearer(), "Authorization"
            if secret is None or not keys.is_ours(secret):
                secret, field = session_of_message(), "session"
            if secret is None:
                _count("api strangers", throttle.asker(), STRANGERS)
            else:
                enter(secret, None, "api reads", READS, field=field)
            return view(**kw)

        inner.guard = "anyone, counted"  # type: ignore[attr-defined]
        return inner

    return decorate


def signing_in(view: View) -> View:
    """Machines that sign in with their key: 60 times a minute by address, wrong keys 30 times. What they send is short
    and not packed, so nothing large of a stranger is read."""

    @wraps(view)
    def inner(**kw: Any) -> Any:
        _count("api strangers", throttle.asker(), STRANGERS)
        if request.content_length is None or request.content_length > LONGEST_SIGN_IN or "Content-Encoding" in \
                request.headers:
            raise Problem("too_large", _("Send username and password alone, in at most %(n)s bytes, not packed.",
                                         n=LONGEST_SIGN_IN))
        return view(**kw)

    inner.guard = "a key in the body"  # type: ignore[attr-defined]
    return inner


def page(view: View) -> View:
    """A page about the door itself, for people."""
    view.guard = "anyone"  # type: ignore[attr-defined]
    return view


def bearer() -> str | None:
    """The key in the Authorization header, or None."""
    scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else None


def enter(secret: str | None, scope: str | None, name: str = "api batches", limit: int = BATCHES, *,
          field: str = "Authorization") -> None:
    """Let the holder of `secret`, which stood in `field`, in, counted, as g.api_key. Raises Problem."""
    if not secret:
        raise Problem("key_missing", _("Send Authorization: Bearer and the key that the portal's operators issued."),
                      field=field)
    g.api_key = _counted(secret, name, limit, field)
    if scope is not None and scope not in g.api_scopes:
        raise Problem("key_scope", _("Ask for a key with the scope %(scope)s.", scope=scope), field=field)


def _counted(secret: str, name: str, limit: int, field: str) -> ApiKey:
    """A key that was revoked, one that never was, and one mistyped get the same answer."""
    wellformed = len(secret) <= LONGEST_KEY and secret.isascii()
    key = keys.find(secret) if wellformed else None
    g.api_scopes = key.scopes if key else frozenset()
    if key is None:
        _count("api wrong keys", throttle.asker(), WRONG_KEYS)
        security_log.record("key.refused")
        raise Problem("key_unknown", _("It was mistyped, revoked or never issued, or the session is over."),
                      field=field)
    _count(name, str(key.id), limit)
    return key


def _count(name: str, of: str, limit: int) -> None:
    """What is only read needs no writing; who then writes finds out soon enough whether that can be done."""
    try:
        throttle.hit_reading(name, of, limit=limit, seconds=MINUTE)
    except TooMany as error:
        security_log.record("throttle.read" if name == "api strangers" else "throttle.met", what=name)
        raise _too_many(error) from None


def _too_many(error: TooMany) -> Problem:
    return Problem("too_many", _("Try again in %(n)s seconds.", n=error.retry_after),
                   headers={"Retry-After": str(error.retry_after)})
