"""Public answers that browsers and proxies may keep: no cookie comes in, none goes out.

The nonce of a kept page is not drawn but worked out from the page itself with the portal's secret: the same
page has the same bytes and the same tag, so "not modified" is a true answer, and a script slipped into
a page changes the nonce that it would have to know.
"""
import hashlib
import hmac
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from threading import Lock
from typing import Any

from flask import Response, current_app, g, make_response, request, session

from portal.kit.web import Dressed, csp_nonce, headers_of_every_answer

View = Callable[..., Any]
MOST_PAGES = 1_000  # of some 12 KB each, in each process
_one_at_a_time = Lock()
ASKED_BEFORE = ("HTTP_IF_NONE_MATCH", "HTTP_IF_MATCH")


@dataclass(frozen=True, slots=True)
class Page:
    """A page that need not be written again while all that it says is the same.

    `says` is everything that `write` puts into it apart from the address: then nothing old can be shown.
    """

    says: Hashable
    write: Callable[[], str]
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Settled:
    body: bytes
    nonce: str
    tag: str


@dataclass(frozen=True, slots=True)
class _Written:
    """A page as it goes out, with what it says and all of its headers."""

    says: Hashable
    body: list[bytes]
    headers: list[tuple[str, str]]


def public_cache(seconds: int, *, browser: int = 0) -> Callable[[View], View]:
    """Let shared caches keep the view's answer for `seconds` and browsers for `browser` seconds.

    A browser that asks again with the page's tag gets an empty 304. `browser` stays 0 for pages: right after
    signing in, the page must show it. With a cookie in the request nothing is kept at all, unless the view says
    that its answer is for every site. A view that returns a `Page` has it written once and kept in this process
    for who asks next.
    """
    control = f"public, max-age={browser}, s-maxage={seconds}"

    def decorate(view: View) -> View:
        @wraps(view)
        def inner(**kw: Any) -> Any:
            answer = view(**kw)
            for_all = bool(g.get("every_site"))
            if (request.environ.get("HTTP_COOKIE") and not for_all) or request.method not in ("GET", "HEAD"):
                return _answer(answer)
            if isinstance(answer, Page):
                return _kept(answer, control)
            response = make_response(answer)
            if response.status_code != 200 or (not for_all and session.modified):
                return response
            settled = _settled(response.get_data())
            response.set_data(settled.body)
            g.csp_nonce = settled.nonce
            response.headers["Cache-Control"] = control
            if not for_all:
                response.vary.add("Cookie")
            response.set_etag(settled.tag, weak=True)
            return response.make_conditional(request)

        return inner

    return decorate


def _answer(answer: Any) -> Any:
    return (answer.write(), 200, answer.headers) if isinstance(answer, Page) else answer


def _kept(page: Page, control: str) -> Response:
    """The page as it was written before, else written now. The page asked for longest ago makes room."""
    pages: dict[Hashable, _Written] = current_app.extensions.setdefault("pages", {})
    environ = request.environ
    address = (environ["wsgi.url_scheme"], request.host, environ["SCRIPT_NAME"], environ["PATH_INFO"],
               environ.get("QUERY_STRING"))
    written = pages.get(address)
    if written is None or written.says != page.says:
        written = _written(page, control)
        if session.modified:  # it would go out with a cookie
            return make_response(_answer(page))
    with _one_at_a_time:  # threads share the pages: none may go while another looks for the oldest
        pages.pop(address, None)
        pages[address] = written
        while len(pages) > MOST_PAGES:
            del pages[next(iter(pages))]
    response = Dressed(written.body, written.headers)
    if any(name in environ for name in ASKED_BEFORE):
        response.make_conditional(request)
    return response


def _written(page: Page, control: str) -> _Written:
    settled = _settled(page.write().encode())
    headers = [*page.headers.items(), ("Content-Type", "text/html; charset=utf-8"),
               ("Content-Length", str(len(settled.body))), ("Cache-Control", control), ("Vary", "Cookie"),
               ("ETag", f'W/"{settled.tag}"'), *headers_of_every_answer(settled.nonce)]
    return _Written(page.says, [settled.body], headers)


def _settled(body: bytes) -> _Settled:
    placeholder = csp_nonce().encode()
    digest = hmac.new(str(current_app.secret_key).encode(), digestmod=hashlib.sha256)
    digest.update(body.replace(placeholder, b""))
    nonce = digest.hexdigest()[:32]
    body = body.replace(placeholder, nonce.encode())
    return _Settled(body, nonce, hashlib.sha256(body).hexdigest()[:32])
