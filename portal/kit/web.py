"""What every answer has in common: hosts, headers, the CSP nonce, hashed assets, errors in words."""
import errno
import hashlib
import json
import secrets
import time
from collections.abc import Callable
from functools import cache, wraps
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Request, Response, abort, current_app, g, jsonify, render_template, request, url_for
from flask import session as visit
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask_wtf.csrf import CSRFProtect
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestedRangeNotSatisfiable, SecurityError
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map, UnicodeConverter

from portal.kit import db, health, secret_keys
from portal.kit.files_folder import Missing
from portal.kit.i18n import _
from portal.kit.throttle import TooMany


class Forms(CSRFProtect):
    """Flask-WTF's own, which works out for each request whether its view is exempt, also where nothing can change."""

    def protect(self, apply_exemptions: bool = False) -> None:
        if request.method not in ("GET", "HEAD"):
            super().protect(apply_exemptions=apply_exemptions)


csrf = Forms()
STATIC = Path(__file__).parents[2] / "static"
AWAY_S = 30  # after which to ask again where the database cannot be used
SAID_AGAIN_S, MOST_REASONS = 10.0, 50
MOST_OF_A_STRANGER = 64 * 1024
LARGEST_NUMBER = 2**31 - 1  # of a row, on either database


class RowNumber(IntegerConverter):
    """A row's number in an address. One larger than any column holds is nobody's: the answer is 404."""

    regex = r"\d{1,10}"

    def __init__(self, map: Map, max: int = LARGEST_NUMBER, **more: Any) -> None:
        super().__init__(map, max=max, **more)


class Words(UnicodeConverter):
    """A part of an address. None has the character that PostgreSQL cannot keep: the answer is 404."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.regex = self.regex.replace("[^/]", "[^/\0]")


def row_number(typed: str) -> int:
    """A row's number among the arguments of an address; ValueError for what cannot be one."""
    if not typed.isascii() or not typed.isdecimal() or len(typed) > 10 or int(typed) > LARGEST_NUMBER:
        raise ValueError("not the number of a row")
    return int(typed)


def reference() -> str:
    """What this request is called in the log and on an error page: made when it is first asked for."""
    if "reference" not in g:
        g.reference = secrets.token_hex(5)
    return g.reference


def csp_nonce() -> str:
    """This answer's nonce: made once a request."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return g.csp_nonce


@cache
def _digest(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]


def asset(name: str) -> str:
    """The address of a static file with its content's digest, so that it may be cached for ever."""
    return f"/static/{name}?v={_digest(name)}"


def is_safe_next(target: str | None) -> bool:
    """Whether `next=` stays here: a path of this site and nothing cleverer."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return False
    if any(ord(c) < 32 or c == "\\" for c in target):
        return False
    parts = urlsplit(target)
    return not parts.scheme and not parts.netloc


_POLICY = "; ".join((
    "default-src 'none'", "script-src 'nonce-%s' 'strict-dynamic'", "style-src 'self'", "img-src 'self' data:",
    "font-src 'self'", "connect-src 'self'", "manifest-src 'self'", "form-action 'self'", "frame-ancestors 'none'",
    "base-uri 'none'", "object-src 'none'"))
_ALWAYS = (
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()"))
_OVER_TLS = ("Strict-Transport-Security", "max-age=31536000; includeSubDomains")


_EVERY_SITE = (("Access-Control-Allow-Origin", "*"), ("Cross-Origin-Resource-Policy", "cross-origin"))


def for_every_site() -> None:
    """Let pages of any other site read this answer, a refusal too: it is published and the same for everybody, so
    no cookie matters to it. Only for what machines read; nothing else says so."""
    g.every_site = True


def headers_of_every_answer(nonce: str) -> list[tuple[str, str]]:
    """What every answer says to the browser, whoever asks."""
    said = [("Content-Security-Policy", _POLICY % nonce), *_ALWAYS]
    return said if current_app.config["INSECURE_HTTP"] else [*said, _OVER_TLS]


def _dress(response: Response) -> Response:
    """Headers of every answer. Anything not said to be public is personal and is not stored."""
    headers = response.headers
    if g.get("every_site"):
        headers.extend(_EVERY_SITE)
    said = {name.lower() for name, _value in headers}
    for name, value in headers_of_every_answer(csp_nonce()):
        if name.lower() not in said:
            headers.add(name, value)
    if request.endpoint == "static" and response.status_code < 400:
        headers["Cache-Control"] = "public, max-age=31536000, immutable" if request.args.get("v") else "no-cache"
    elif "cache-control" not in said:
        headers["Cache-Control"] = "no-store"
    return response


class Sessions(SecureCookieSessionInterface):
    """Flask's own, at no cost for who has no cookie and gets none; signed with a key that is good for cookies alone."""

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        return URLSafeTimedSerializer(secret_keys.signing_keys("cookies"), salt=self.salt, serializer=self.serializer,
                                      signer_kwargs={"key_derivation": self.key_derivation,
                                                     "digest_method": self.digest_method})

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        return super().open_session(app, request) if "HTTP_COOKIE" in request.environ else self.session_class()

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if g.get("every_site"):  # no cookie mattered and none is given
            return
        if session or session.modified:
            super().save_session(app, session, response)
        elif session.accessed and response.headers.get("Vary") != "Cookie":
            response.vary.add("Cookie")


def takes(n: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Let a view that is open to strangers take bodies of `n` bytes."""
    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        view.takes = n  # type: ignore[attr-defined]
        return view
    return decorate


def _bound_strangers() -> None:
    """Of a stranger's form so much is read and no more, before anything looks at it: whoever has not signed in has no
    file to hand in. What is said by `takes`, and what machines send, is bounded where it is read."""
    if request.method in ("GET", "HEAD", "OPTIONS") or _wants_json():
        return
    view = current_app.view_functions.get(request.endpoint or "")
    if (own := getattr(view, "takes", None)) is not None:
        request.max_content_length = own
    elif "_user_id" not in visit:
        request.max_content_length = MOST_OF_A_STRANGER


def _check_host_and_origin() -> None:
    """A forged Host is refused, and so is a change that another site sent the browser to make."""
    request.host  # noqa: B018  raises SecurityError for a host that is not trusted
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    origin = request.headers.get("Origin")
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none") or (
            origin and origin != "null" and urlsplit(origin).netloc != request.host):
        g.refused = "origin"
        abort(403)


def _wants_json() -> bool:
    return request.path.startswith("/api/") or request.path in ("/healthz", "/readyz")


def error_page(code: int, **facts: Any) -> tuple[str, int] | tuple[Response, int]:
    """An error in the reader's language; problem+json for machines."""
    if _wants_json():
        said = {name: facts[name] for name in ("detail", "reference") if facts.get(name)}
        answer = jsonify(type="about:blank", status=code, title=HTTPStatus(code).phrase, **said)
        answer.mimetype = "application/problem+json"
        return answer, code
    template = code if code in (400, 403, 404, 409, 413, 429, 500) else (400 if code < 500 else 500)
    return render_template(f"errors/{template}.html", code=code, **facts), code


def surely(handler: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A page about an error asks who reads it; where that cannot be asked any more, the answer is the page that needs
    no database."""
    @wraps(handler)
    def answer(error: Any) -> Any:
        try:
            return handler(error)
        except Exception as worse:
            if not db.is_unusable(worse):
                raise
            return _on_unusable(worse)
    return answer


def _problem(error: HTTPException) -> Response:
    """An error for machines; where the method is wrong, with those that are right."""
    code = error.code or 500
    answer = current_app.make_response(error_page(code, reference=reference() if code >= 500 else ""))
    if isinstance(error, MethodNotAllowed):
        answer.headers["Allow"] = ", ".join(error.valid_methods or ())
    return answer


@surely
def on_http_error(error: HTTPException) -> Any:
    """The page, or the problem for machines, that says what was refused."""
    if isinstance(error, SecurityError):  # a forged Host: no address can be made here, so no page with links
        g.refused = "host"
        return render_template("errors/host.html"), 400
    if error.response is not None or (error.code or 500) < 400:
        return error
    if isinstance(error, RequestedRangeNotSatisfiable):  # only programs ask for parts: its headers say how long it is
        return Response("", 416, error.get_headers(), mimetype="text/plain")
    if _wants_json():
        return _problem(error)
    if error.code in (405, 415) or (error.code or 500) >= 500:
        return error_page(error.code or 500, reference=reference())[0], error.code or 500
    return error_page(error.code or 500, **({"reason": ""} if error.code == 400 else {}))


@surely
def _on_too_many(error: TooMany) -> Any:
    answer = current_app.make_response(error_page(429, retry_after=error.retry_after))
    answer.headers["Retry-After"] = str(error.retry_after)
    return answer


@surely
def _on_lost_race(_error: StaleDataError) -> Any:
    return error_page(409, state_text=_("Somebody else has just changed this dossier. Nothing of yours was applied."),
                      possible=[(_("See it as it is now"), request.referrer if is_safe_next(
                          urlsplit(request.referrer or "").path) else url_for("public.home"))])


Answer = Callable[[], Response]


def answer_unusable(app: Flask, prefix: str, answer: Answer) -> None:
    """What a door says under `prefix` while the database cannot be used, where that is not the page for people."""
    app.extensions.setdefault("unusable", {})[prefix] = answer


def _on_unusable(error: BaseException) -> Any:
    """The database is away, full, read-only or held up: not a fault of the program, and over when it is mended. The
    answer needs nothing of the database."""
    db.let_go()
    said = _note_outage(db.why(error))
    own: dict[str, Answer] = current_app.extensions.get("unusable", {})
    door = next((answer for prefix, answer in own.items() if request.path.startswith(prefix)), None)
    if door:
        answer = door()
    elif _wants_json():
        answer = current_app.make_response(error_page(503, reference=reference() if said else ""))
    else:
        page = current_app.jinja_env.get_template("errors/unusable.html")  # past what asks who reads
        answer = current_app.make_response((page.render(
            reference=reference() if said else "", sent=request.method not in ("GET", "HEAD")), 503))
    answer.headers["Retry-After"] = str(AWAY_S)
    return answer


def _note_outage(why: str) -> bool:
    """Say it in the log, with the reference: once for each reason in SAID_AGAIN_S, however many ask meanwhile."""
    told: dict[str, tuple[float, int]] = current_app.extensions.setdefault("outages", {})
    now = time.monotonic()
    at, more = told.get(why, (-SAID_AGAIN_S, 0))
    if now - at < SAID_AGAIN_S:
        told[why] = at, more + 1
        return False
    if len(told) > MOST_REASONS:
        told.clear()
    told[why] = now, 0
    current_app.logger.error("cannot be used: %s, reference %s%s", why, reference(),
                             f", and {more} more before" if more else "")
    return True


# No room, nothing may be written, not there: of a disk, and over when it is mended.
_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO)


@surely
def _on_os_error(error: OSError) -> Any:
    """What is kept in files cannot be kept now: the disk is full, or not mounted."""
    return _on_unusable(error) if isinstance(error, Missing) or error.errno in _DISK else _on_crash(error)


@surely
def _on_crash(error: Exception) -> Any:
    if isinstance(error, HTTPException):
        return on_http_error(error)
    if db.is_unusable(error):
        return _on_unusable(error)
    db.let_go()
    current_app.logger.error("unhandled %s, reference %s", type(error).__name__, reference(),
                             exc_info=error)
    return error_page(500, reference=reference())


def _as_it_is(func: Callable[..., Any]) -> Callable[..., Any]:
    """No view here is async: Flask need not look at each function of each request."""
    return func


def init_app(app: Flask) -> None:
    config = app.config
    if not config["INSECURE_HTTP"]:
        config["SESSION_COOKIE_SECURE"] = True
        config["SESSION_COOKIE_NAME"] = "__Host-portal"
    else:
        config["SESSION_COOKIE_NAME"] = "portal"
    if hops := int(config["TRUSTED_PROXIES"]):
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    app.session_interface = Sessions()
    with app.app_context():
        config["WTF_CSRF_SECRET_KEY"] = secret_keys.signing_keys("forms")
    app.before_request(_bound_strangers)  # before the token is looked for, which reads the whole form
    csrf.init_app(app)
    app.url_map.converters |= {"int": RowNumber, "default": Words, "string": Words}
    app.jinja_env.globals.update(asset=asset, csp_nonce=csp_nonce)
    app.jinja_env.filters["json"] = lambda v: json.dumps(v, ensure_ascii=False)

    app.ensure_sync = _as_it_is  # type: ignore[method-assign]
    app.before_request(_check_host_and_origin)
    app.after_request(_dress)
    app.register_error_handler(HTTPException, on_http_error)
    app.register_error_handler(TooMany, _on_too_many)
    app.register_error_handler(StaleDataError, _on_lost_race)
    app.register_error_handler(OSError, _on_os_error)
    app.register_error_handler(Exception, _on_crash)
    health.init_app(app)
