"""Public answers that browsers and proxies may keep: no cookie comes in, none goes out.

The nonce of a kept page is not drawn but worked out from the page itself with the portal's secret: the same
page has the same bytes and the same tag, so "not modified" is a true answer, and a script slipped into
a page changes the nonce that it would have to know.
"""
import hashlib
import hmac
import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response, current_app, g, make_response, request, session

View = Callable[..., Any]


def public_cache(seconds: int, *, browser: int = 0) -> Callable[[View], View]:
    """Let shared caches keep the view's answer for `seconds` and browsers for `browser` seconds.

    A browser that asks again with the page's tag gets an empty 304. `browser` stays 0 for pages: right after
    signing in, the page must show it. With a cookie in the request nothing is kept at all.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def inner(**kw: Any) -> Any:
            if request.cookies or request.method not in ("GET", "HEAD"):
                return view(**kw)
            g.csp_nonce = placeholder = secrets.token_urlsafe(16)
            response = make_response(view(**kw))
            if response.status_code != 200 or session.modified:
                return response
            _settle_nonce(response, placeholder)
            response.headers["Cache-Control"] = f"public, max-age={browser}, s-maxage={seconds}"
            response.vary.add("Cookie")
            response.set_etag(hashlib.sha256(response.get_data()).hexdigest()[:32], weak=True)
            return response.make_conditional(request)

        return inner

    return decorate


def _settle_nonce(response: Response, placeholder: str) -> None:
    body = response.get_data()
    digest = hmac.new(str(current_app.secret_key).encode(), digestmod=hashlib.sha256)
    digest.update(body.replace(placeholder.encode(), b""))
    g.csp_nonce = digest.hexdigest()[:32]
    response.set_data(body.replace(placeholder.encode(), g.csp_nonce.encode()))
