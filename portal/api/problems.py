"""Refusals for machines: problem+json (RFC 9457), one table of kinds for the answers and for the page about them.

`error_code` is what the national message formats call the same refusal. A detail never repeats what was sent: it
may be personal.
"""
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, g, jsonify, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from portal.kit.i18n import Later, _, _l
from portal.kit.web import answer_unusable, on_http_error

NATIONAL = "/api/national"
#: what a national sender's envelope says wrongly: it reads error_code of an answer with status 200, and nothing else
IN_ENVELOPE = frozenset({"key_missing", "key_unknown", "key_scope", "shape", "too_many_rows", "unknown_service"})


@dataclass(frozen=True)
class Kind:
    """`status`: of HTTP. `error_code`: in national answers."""

    status: int
    title: Later
    error_code: str


KINDS: Mapping[str, Kind] = {
    "key_missing": Kind(401, _l("A key is needed"), "40"),
    "key_unknown": Kind(401, _l("This key opens nothing"), "40"),
    "key_scope": Kind(403, _l("This key is for something else"), "41"),
    "signature_missing": Kind(401, _l("The message must be signed"), "43"),
    "signature_wrong": Kind(401, _l("The signature does not hold"), "43"),
    "digest_wrong": Kind(400, _l("The body is not the one that was described"), "43"),
    "too_many": Kind(429, _l("Too many requests"), "42"),
    "content_type": Kind(415, _l("Only JSON is read here"), "50"),
    "content_encoding": Kind(415, _l("Only gzip or no compression is read here"), "50"),
    "too_large": Kind(413, _l("The body is too large"), "51"),
    "broken_gzip": Kind(400, _l("The compressed body is damaged"), "50"),
    "encoding": Kind(400, _l("The body is not UTF-8"), "50"),
    "malformed": Kind(400, _l("The body is not JSON"), "50"),
    "duplicate_key": Kind(400, _l("A field stands twice in one object"), "50"),
    "number": Kind(400, _l("A number is not one that JSON knows"), "50"),
    "text": Kind(400, _l("A text holds a character that cannot be kept"), "50"),
    "too_deep": Kind(400, _l("The body is nested too deeply"), "50"),
    "too_many_values": Kind(413, _l("The body has too many values"), "51"),
    "too_many_rows": Kind(422, _l("There are too many records"), "51"),
    "shape": Kind(422, _l("The body has another shape"), "20"),
    "idempotency_key": Kind(400, _l("An Idempotency-Key is needed"), "20"),
    "key_reused": Kind(422, _l("This Idempotency-Key came with another body"), "52"),
    "parameter": Kind(400, _l("A parameter cannot be read"), "20"),
    "unknown_code": Kind(404, _l("Nothing is published under this code"), "30"),
    "unknown_service": Kind(404, _l("There is no such national service"), "21"),
    "unknown_address": Kind(404, _l("There is nothing at this address"), "21"),
    "method": Kind(405, _l("This address is not asked in this way"), "50"),
    "xml_type": Kind(415, _l("Only XML is read here"), "50"),
    "message": Kind(422, _l("The message cannot be read"), "50"),
    "not_yours": Kind(403, _l("The message is from somebody else"), "41"),
    "nobody": Kind(422, _l("Nobody whom the message is for is known here"), "20"),
    "no_participant": Kind(403, _l("This agency does not take part in the exchange"), "41"),
    "unknown_message": Kind(404, _l("There is no such message of this agency"), "30"),
    "unknown_document": Kind(404, _l("There is no such document of this agency"), "30"),
    "unusable": Kind(503, _l("The portal cannot be used for a while"), "60"),
}


class Problem(Exception):
    """What refuses a request. `kind`: of KINDS. `detail`: in the reader's language. `field`: what it is about.
    `reason`: for machines, where one kind has many."""

    def __init__(self, kind: str, detail: object, *, field: str | None = None,
                 headers: Mapping[str, str] | None = None, reason: str | None = None) -> None:
        super().__init__(kind)
        self.kind, self.detail, self.field, self.headers = kind, detail, field, dict(headers or {})
        self.reason = reason


def answer(problem: Problem) -> Response:
    """The problem as it is sent."""
    kind = KINDS[problem.kind]
    if kind.status in (401, 403):
        g.refused = "signature" if problem.kind.startswith("signature") else "key"
    national = request.path == NATIONAL or request.path.startswith(f"{NATIONAL}/")
    if national and problem.kind in IN_ENVELOPE and problem.field not in (None, "Authorization"):
        return jsonify(error_code=kind.error_code, message=str(problem.detail), result=[], field=problem.field)
    said: dict[str, Any] = {"type": f"/api#{problem.kind}", "title": str(kind.title),
                            "status": kind.status, "detail": str(problem.detail)}
    if problem.field:
        said["field"] = problem.field
    if problem.reason:
        said["reason"] = problem.reason
    if national:
        said |= {"error_code": kind.error_code, "message": str(problem.detail), "result": []}
    response = jsonify(said)
    response.status_code, response.mimetype = kind.status, "application/problem+json"
    response.headers.update(problem.headers)
    if kind.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="portal"'
    if kind.status == 415:
        response.headers["Accept-Encoding"] = "gzip"
    return response


def _nowhere(error: HTTPException) -> Any:
    """An address or a method that this door has not; at other doors, the page that they show."""
    if request.path != "/api" and not request.path.startswith("/api/"):
        return on_http_error(error)
    if isinstance(error, MethodNotAllowed):
        allowed = ", ".join(sorted(error.valid_methods or ()))
        return answer(Problem("method", _("Here it is one of: %(methods)s.", methods=allowed),
                              headers={"Allow": allowed}))
    return answer(Problem("unknown_address", _("See which addresses there are: GET /api for people, "
                                               "GET /api/openapi.json for machines.")))


def _unusable() -> Response:
    """While the database is away. Where it went away in the last moment nobody knows whether it was taken."""
    return answer(Problem("unusable", _("It may not have been taken. Send the same again later, under the same "
                                        "Idempotency-Key where there was one: it is taken once.")))


def init_app(app: Flask) -> None:
    answer_unusable(app, "/api/", _unusable)
    app.register_error_handler(Problem, answer)
    app.register_error_handler(NotFound, _nowhere)
    app.register_error_handler(MethodNotAllowed, _nowhere)
