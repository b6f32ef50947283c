"""Public answers that browsers and the proxy in front may keep: no cookie comes in, none goes out.

Pages are kept by the shipped proxy (tools/proxy/portal.conf), for all processes at once, and nowhere in the portal.

The nonce of such a page is not drawn but worked out from the page itself with the portal's secret: the same
page has the same bytes and the same tag, so "not modified" is a true answer, and a script slipped into
a page changes the nonce that it would have to know.
"""
import hashlib
import hmac
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import g, make_response, request, session

from portal.kit import secret_keys
from portal.kit.web import csp_nonce

View = Callable[..., Any]
# So long after its time a kept page may still be shown, while the proxy fetches it anew, or while the portal is away.
WHILE_FETCHED_S, WHILE_AWAY_S = 5, 600


def public_cache(seconds: int, *, browser: int = 0) -> Callable[[View], View]:
    """Let shared caches keep the view's answer for `seconds` and browsers for `browser` seconds.

    A browser that asks again with the page's tag gets an empty 304. `browser` stays 0 for pages: right after
    signing in, the page must show it. With a cookie in the request nothing is kept at all, unless the view says
    that its answer is for every site.
    """
    control = (f"public, max-age={browser}, s-maxage={seconds}, stale-while-revalidate={WHILE_FETCHED_S}, "
               f"stale-if-error={WHILE_AWAY_S}")

    def decorate(view: View) -> View:
        @wraps(view)
        def inner(**kw: Any) -> Any:
            response = make_response(view(**kw))
            for_all = bool(g.get("every_site"))
            if (request.environ.get("HTTP_COOKIE") and not for_all) or request.method not in ("GET", "HEAD"):
                return response
            if response.status_code != 200 or (not for_all and session.modified):
                return response
            body, g.csp_nonce = _with_its_own_nonce(response.get_data())
            response.set_data(body)
            response.headers["Cache-Control"] = control
            if not for_all:
                response.vary.add("Cookie")
            response.set_etag(hashlib.sha256(body).hexdigest()[:32], weak=True)
            return response.make_conditional(request)

        return inner

    return decorate


def _with_its_own_nonce(body: bytes) -> tuple[bytes, str]:
    """The page with the nonce that is worked out from all the rest of it, and that nonce."""
    placeholder = csp_nonce().encode()
    bare = body.replace(placeholder, b"")
    nonce = hmac.new(secret_keys.key("nonces"), bare, hashlib.sha256).hexdigest()[:32]
    return body.replace(placeholder, nonce.encode()), nonce
