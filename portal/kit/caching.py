"""Public answers that browsers and proxies may keep: no cookie comes in, none goes out.

The nonce of a kept page is not drawn but worked out from the page itself with the portal's secret: the same
page has the same bytes and the same tag, so "not modified" is a true answer, and a script slipped into
a page changes the nonce that it would have to know.
"""
import hashlib
import hmac
import secrets
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from flask import Response, current_app, g, make_response, request, session

View = Callable[..., Any]
MOST_PAGES = 1_000  # of some 8 KB each, in each process


@dataclass(frozen=True)
class Page:
    """A page that need not be written again while all that it says is the same.

    `says` is everything that `write` puts into it apart from the address: then nothing old can be shown.
    """

    says: Hashable
    write: Callable[[], str]
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Written:
    body: bytes
    nonce: str
    tag: str


def public_cache(seconds: int, *, browser: int = 0) -> Callable[[View], View]:
    """Let shared caches keep the view's answer for `seconds` and browsers for `browser` seconds.

    A browser that asks again with the page's tag gets an empty 304. `browser` stays 0 for pages: right after
    signing in, the page must show it. With a cookie in the request nothing is kept at all. A view that
    returns a `Page` has it written once and kept in this process for who asks next.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def inner(**kw: Any) -> Any:
            if request.cookies or request.method not in ("GET", "HEAD"):
                return _answer(view(**kw))
            g.csp_nonce = placeholder = secrets.token_urlsafe(16)
            answer = view(**kw)
            if isinstance(answer, Page):
                written = _kept(answer, placeholder)
                response = Response(written.body, mimetype="text/html", headers=answer.headers)
            else:
                response = make_response(answer)
                if response.status_code != 200 or session.modified:
                    return response
                written = _settled(response.get_data(), placeholder)
                response.set_data(written.body)
            g.csp_nonce = written.nonce
            response.headers["Cache-Control"] = f"public, max-age={browser}, s-maxage={seconds}"
            response.vary.add("Cookie")
            response.set_etag(written.tag, weak=True)
            return response.make_conditional(request)

        return inner

    return decorate


def _answer(answer: Any) -> Any:
    return (answer.write(), 200, answer.headers) if isinstance(answer, Page) else answer


def _kept(page: Page, placeholder: str) -> _Written:
    """The page as it was written before, else written now. The page asked for longest ago makes room."""
    pages: dict[Hashable, _Written] = current_app.extensions.setdefault("pages", {})
    key = (request.url, page.says)
    written = pages.pop(key, None) or _settled(page.write().encode(), placeholder)
    pages[key] = written
    while len(pages) > MOST_PAGES:
        pages.pop(next(iter(pages), None), None)
    return written


def _settled(body: bytes, placeholder: str) -> _Written:
    digest = hmac.new(str(current_app.secret_key).encode(), digestmod=hashlib.sha256)
    digest.update(body.replace(placeholder.encode(), b""))
    nonce = digest.hexdigest()[:32]
    body = body.replace(placeholder.encode(), nonce.encode())
    return _Written(body, nonce, hashlib.sha256(body).hexdigest()[:32])
