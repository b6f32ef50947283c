"""What this door understands, for machines (OpenAPI 3.1) and for people: both written from the tables it works by."""
from typing import Any

from flask import Response, jsonify, render_template

from portal.api import bodies, guard
from portal.api.door import bp
from portal.api.fields import FIELDS
from portal.api.national.views import READING, SERVICES
from portal.api.problems import KINDS
from portal.api.reasons import NATIONAL_WORDS, REASON_WORDS
from portal.api.signatures import GOOD_FOR_S, MUST_COVER
from portal.api.v1.progress import LAST_POSITION, LONGEST_PAGE, MOMENTS, PAGE
from portal.intake.national import DOSSIER, MOMENT_OF_STATUS, NEW_DUE, STEP, SUPPLEMENT_FIELDS, SUPPLEMENTS
from portal.kit import callout
from portal.kit.addresses import public_url
from portal.kit.caching import public_cache
from portal.kit.i18n import _
from portal.kit.web import for_every_site
from portal.law import codes, statuses
from portal.progress import actions, jobs

KEPT_S = 300
_PROBLEM = "application/problem+json"
_DIGEST = "^sha-256=:[A-Za-z0-9+/]{43}=:$"


def _statuses() -> list[tuple[int, str, str]]:
    """Number, name, and what coming into it does to the clock."""
    return [(int(status), _(words), _(statuses.CLOCK_WORDS[statuses.clock_effect(status)]))
            for status, words in statuses.WORDS.items()]


@bp.get("")
@guard.page
@public_cache(KEPT_S)
def index() -> str:
    """How to feed and read the door, for people."""
    return render_template(
        "api/index.html", fields=FIELDS, statuses=_statuses(), kinds=KINDS, services=SERVICES, reasons=REASON_WORDS,
        national_reasons=NATIONAL_WORDS, dossier_pairs=DOSSIER, step_pairs=STEP, moments=MOMENT_OF_STATUS,
        supplements=SUPPLEMENTS, supplement_fields=SUPPLEMENT_FIELDS, new_due=NEW_DUE, limits=guard, bodies=bodies,
        mib=bodies.MIB, must_cover=MUST_COVER, good_for=GOOD_FOR_S, callout=callout, jobs=jobs, telling=actions,
        address=public_url())


@bp.get("/openapi.json")
@guard.page
@public_cache(KEPT_S)
def openapi() -> Response:
    """The same as OpenAPI 3.1."""
    for_every_site()
    return jsonify(document())


def document() -> dict[str, Any]:
    """The whole description, in the reader's language."""
    return {
        "openapi": "3.1.0",
        "info": {"title": _("Progress of dossiers"), "version": "1.0.0",
                 "description": _(
                     "Agencies push the progress of dossiers; everybody reads it. Nothing personal is taken.")},
        "servers": [{"url": public_url()}],
        "paths": {
            "/api/v1/progress/batches": {"post": _batches()},
            "/api/v1/progress/{code}": {"get": _record()},
            "/api/v1/progress/changes": {"get": _changes()},
            "/api/national": {"post": _national_message("nationalMessage", _("The same at one address for all"))},
            "/api/national/session": {"post": _national_session()},
            "/api/national/{service}": {"post": _national(), "get": _national_asked()},
        },
        "webhooks": {"progressChanged": {"post": _told()}},
        "components": {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}, "schemas": _schemas()},
    }


def _schemas() -> dict[str, Any]:
    properties = {f.name: dict(f.schema) | {"description": str(f.says)} for f in FIELDS}
    moment = {"type": ["string", "null"], "format": "date-time"}
    whole = {"type": "integer", "minimum": 0}
    text, maybe_text = {"type": "string"}, {"type": ["string", "null"]}
    status = {"type": "integer", "minimum": 1, "maximum": 10}
    return {
        "Record": {"type": "object", "required": [f.name for f in FIELDS if f.required], "properties": properties},
        "Batch": _object({"records": {"type": "array", "minItems": 1, "maxItems": bodies.MOST_ROWS,
                                      "items": _ref("Record")}}),
        "BatchAnswer": _object({"batch": whole, "accepted": whole, "unchanged": whole, "rejected": whole,
                                "quarantined": whole, "rows": {"type": "array", "items": _ref("RowAnswer")}}),
        "RowAnswer": _object({"index": whole, "code": maybe_text, "field": maybe_text, "reason": maybe_text,
                              "warnings": {"type": "array", "items": _object({"field": text, "reason": text})},
                              "result": {"enum": ["accepted", "unchanged", "rejected", "quarantined"]}},
                             required=["index", "result"]),
        "Published": _object({
            "code": text, "agency": _object({"key": text, "name": text}),
            "procedure": _object({"code": text, "name": text}) | {  # null where the procedure is sensitive
                "type": ["object", "null"]},
            "level": {"type": ["integer", "null"]},
            "channel": {"type": "string"}, "status": status, "timing": {"enum": ["early", "on_time", "late", None]},
            **dict.fromkeys(MOMENTS, moment),
            "corrected": {"type": "boolean"},
            "steps": {"type": "array", "items": _object({
                "step": text, "status": status, "at": moment, "due_at": moment, "reason": maybe_text,
                "step_due_at": moment,
                "correction": {"type": "boolean"}})}}),
        "Changes": _object({"changes": {"type": "array", "items": _object({
            "position": whole, "code": text, "status": status, "at": moment})}, "next": whole,
            "more": {"type": "boolean"}}),
        "Told": _object({"changes": {"type": "array", "minItems": 1, "maxItems": jobs.AT_ONCE, "items": _object({
            "position": whole, "code": text, "status": status, "at": moment})}, "next": whole}),
        "Message": {"anyOf": [{"type": "array", "minItems": 1, "items": {"type": "object"}}, {
            "type": "object", "properties": {
                "session": text, "service": {"enum": list(SERVICES)}, "madonvi": text, "isUpdating": text,
                "data": {"type": ["array", "object"], "items": {"type": "object"}}}}]},
        "SignIn": _object({"username": text, "password": text}),
        "NationalAnswer": _object({"error_code": text, "message": text, "result": {"type": "array"}}),
        "Problem": _object({"type": text, "title": text, "status": {"type": "integer"}, "detail": text, "field": text},
                           required=["type", "title", "status"]),
    }


def _object(properties: dict[str, Any], required: list[str] | None = None) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties) if required is None else required}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _operation(name: str, summary: str, schema: str, refusals: str, **more: Any) -> dict[str, Any]:
    answers: dict[str, Any] = {"200": {"description": _("Done."), "content": {
        "application/json": {"schema": _ref(schema)}}}}
    problem = {"content": {_PROBLEM: {"schema": _ref("Problem")}}}
    for status in f"{refusals} 503".split():
        titles = [str(kind.title) for kind in KINDS.values() if str(kind.status) == status]
        answers[status] = {"description": "; ".join(titles)} | problem
    answers["429"]["headers"] = {"Retry-After": {"schema": {"type": "integer"}}}
    return {"operationId": name, "summary": summary, "responses": answers} | more


def _body(schema: str) -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": _ref(schema)}}}


def _parameter(name: str, where: str, schema: dict[str, Any], *, required: bool = False) -> dict[str, Any]:
    return {"name": name, "in": where, "required": required, "schema": schema}


def _batches() -> dict[str, Any]:
    parameters = [
        _parameter("Idempotency-Key", "header", {"type": "string", "pattern": r"^[\x21-\x7e]{1,80}$"}, required=True),
        _parameter("Content-Digest", "header", {"type": "string", "pattern": _DIGEST}),
        _parameter("Signature-Input", "header", {"type": "string"}),
        _parameter("Signature", "header", {"type": "string"})]
    return _operation("pushBatch", _("Push up to %(n)s records, gzip allowed", n=bodies.MOST_ROWS), "BatchAnswer",
                      "400 401 403 413 415 422 429", parameters=parameters, requestBody=_body("Batch"),
                      security=[{"key": []}])


def _record() -> dict[str, Any]:
    code = _parameter("code", "path", {"type": "string", "maxLength": codes.LONGEST}, required=True)
    return _operation("readRecord", _("What is published about one dossier"), "Published", "401 404 429",
                      parameters=[code], security=[{}, {"key": []}])


def _changes() -> dict[str, Any]:
    parameters = [
        _parameter("after", "query", {"type": "integer", "minimum": 0, "maximum": LAST_POSITION, "default": 0}),
        _parameter("size", "query", {"type": "integer", "minimum": 1, "maximum": LONGEST_PAGE, "default": PAGE})]
    return _operation("readChanges", _("What changed after a position; nothing is skipped"), "Changes",
                      "400 401 404 429", parameters=parameters, security=[{}, {"key": []}])


def _national() -> dict[str, Any]:
    service = _parameter("service", "path", {"enum": list(SERVICES)}, required=True)
    return _operation("nationalService", _("The national message formats"), "NationalAnswer",
                      "400 401 403 404 405 413 415 422 429", parameters=[service], requestBody=_body("Message"),
                      security=[{"key": []}, {}])


def _national_message(name: str, summary: str) -> dict[str, Any]:
    return _operation(name, summary, "NationalAnswer", "400 401 403 413 415 422 429", requestBody=_body("Message"),
                      security=[{"key": []}, {}])


def _national_session() -> dict[str, Any]:
    return _operation("nationalSession", _("A session for a key, for systems that sign in"), "NationalAnswer",
                      "400 401 413 415 429", requestBody=_body("SignIn"), security=[])


def _national_asked() -> dict[str, Any]:
    parameters = [_parameter("service", "path", {"enum": list(READING)}, required=True),
                  *(_parameter(name, "query", {"type": "string"}) for name in ("maTTHC", "MaHoSo", "madonvi"))]
    return _operation("nationalAsked", _("What is public, in the national formats, asked for by GET"),
                      "NationalAnswer", "401 404 405 429", parameters=parameters, security=[{}, {"key": []}])


def _told() -> dict[str, Any]:
    """What subscribers are sent. It is they who answer."""
    headers = [_parameter("Portal-Delivery", "header", {"type": "string", "examples": ["7-1042"]}, required=True),
               _parameter("Portal-Signature", "header", {
                   "type": "string", "pattern": "^t=[0-9]+(, v1=[0-9a-f]{64}){1,2}$"}, required=True),
               _parameter("webhook-id", "header", {"type": "string", "examples": ["7-1042"]}, required=True),
               _parameter("webhook-timestamp", "header", {"type": "string", "pattern": "^[0-9]+$"}, required=True),
               _parameter("webhook-signature", "header", {"type": "string", "pattern": "^v1,\\S+( v1,\\S+)?$"},
                          required=True)]
    return {"operationId": "progressChanged", "summary": _("Changes, sent to those who asked for it"),
            "description": _("Signed by HMAC-SHA256, in order, at least once; see /api#webhooks."),
            "parameters": headers, "requestBody": _body("Told"), "security": [], "responses": {
                "2XX": {"description": _("Heard.")},
                "default": {"description": _("Not heard: it comes again later.")}}}
