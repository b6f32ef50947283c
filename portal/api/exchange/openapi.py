"""The exchange's own calls, for machines (OpenAPI 3.1) and for people."""
from typing import Any

from flask import Response, current_app, jsonify, render_template

from portal.api import guard
from portal.api.exchange import v1
from portal.api.exchange.door import bp
from portal.api.problems import KINDS
from portal.api.signatures import MUST_COVER
from portal.exchange import delivery, pushing, states
from portal.exchange.edxml.refusals import REASONS
from portal.exchange.models import DeliveryState, Verdict
from portal.kit.addresses import public_url
from portal.kit.caching import public_cache
from portal.kit.i18n import _
from portal.kit.web import for_every_site

KEPT_S = 300
_PROBLEM, _ROOT = "application/problem+json", "/api/exchange/v1"
_TEXT, _MAYBE, _WHOLE = {"type": "string"}, {"type": ["string", "null"]}, {"type": "integer", "minimum": 0}
_MOMENT = {"type": ["string", "null"], "format": "date-time"}
_DAY = {"type": "string", "format": "date"}
_SHA256 = {"type": "string", "pattern": "^[0-9a-f]{64}$"}


@bp.get("")
@guard.page
@public_cache(KEPT_S)
def index() -> str:
    """How a system sends and gets documents, for people."""
    return render_template(
        "api/exchange.html", address=public_url(), calls=v1.CALLS, reasons=REASONS, must_cover=MUST_COVER,
        megabytes=int(current_app.config["EXCHANGE_BYTES"]) // 2**20, codes=states.CODES, kinds=KINDS,
        lease=round(float(current_app.config["EXCHANGE_LEASE_S"]) / 60),
        tries=len(current_app.config["EXCHANGE_PATIENCE_S"]) + 1)


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
        "info": {"title": _("Documents between agencies"), "version": "1.0.0", "description": _(
            "Agencies' systems send each other documents (edXML) and hear what became of them.")},
        "servers": [{"url": public_url()}],
        "security": [{"key": []}],
        "paths": {
            f"{_ROOT}/messages": {"post": _send(), "get": _waiting()},
            f"{_ROOT}/messages/{{message_id}}": {"get": _get()},
            f"{_ROOT}/messages/{{message_id}}/acknowledgement": {"post": _acknowledge()},
            f"{_ROOT}/documents/{{which}}/states": {"get": _states()},
            f"{_ROOT}/participants": {"get": _participants()},
            f"{_ROOT}/connections": {"get": _connections()},
        },
        "components": {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}, "schemas": _schemas()},
    }


def _schemas() -> dict[str, Any]:
    flag = {"type": "boolean"}
    texts = {"type": "array", "items": _TEXT}
    return {
        "Sent": _object({"id": _WHOLE, "verdict": {"enum": [str(one) for one in Verdict]}, "repeated": flag,
                         "document": {"type": ["integer", "null"]}, "deliveries": _WHOLE, "unknown": texts}),
        "Waiting": _object({"messages": {"type": "array", "items": _object({
            "id": _WHOLE, "delivery": _WHOLE, "kind": {"enum": list(v1.KINDS)}, "business": _MAYBE,
            "status_code": _MAYBE, "sender": _TEXT, "from": _TEXT, "receiver": _TEXT, "for": texts,
            "position": _WHOLE, "gap_before": {"type": "array", "items": _WHOLE}, "document": _MAYBE, "about": _MAYBE,
            "subject": _MAYBE, "size": _WHOLE, "sha256": _SHA256, "signature": _TEXT, "tries": _WHOLE,
            "queued_at": _MOMENT})}, "next": _WHOLE, "more": flag}),
        "Said": _object({"state": {"enum": list(v1.WORDS)}, "reason": _TEXT | {"maxLength": delivery.LONGEST_REASON}},
                        ["state"]),
        "Acknowledged": _object({"id": _WHOLE, "deliveries": {"type": "array", "items": _object({
            "receiver": _TEXT, "state": {"enum": [str(one) for one in DeliveryState]}, "tries": _WHOLE})}}),
        "States": _object({
            "id": _WHOLE, "key": _MAYBE, "sender": _TEXT, "number": _TEXT, "notation": _TEXT, "subject": _TEXT,
            "edition": _WHOLE, "sent_at": _MOMENT, "receivers": {"type": "array", "items": _object({
                "receiver": _TEXT, "name": _TEXT, "state": {"enum": [str(one) for one in states.State]},
                "since": _MOMENT, "known_by": _TEXT, "sure": _WHOLE, "recall": _MAYBE, "answered_at": _MOMENT,
                "events": {"type": "array", "items": _object({
                    "code": {"enum": list(states.CODES)}, "at": _MOMENT, "arrived_at": _MOMENT, "how": _TEXT,
                    "sure": _WHOLE, "note": _MAYBE, "against_rules": flag})}})}}),
        "Participants": _object({"participants": {"type": "array", "items": _object({
            "code": _TEXT, "name": _TEXT, "parent": _MAYBE, "way": _TEXT, "since": _MOMENT})}, "next": _TEXT,
            "more": flag}),
        "Connections": _object({
            "on": _DAY, "page": _TEXT,
            "figures": {"type": "array", "items": {"type": "object"}},
            "agencies": {"type": "array", "items": _object({
                "key": _TEXT, "name": _TEXT, "group": _MAYBE, "connected": flag, "since": _DAY | {
                    "type": ["string", "null"]}, "units_connected": _WHOLE, "sources": texts})}}),
        "Problem": _object({"type": _TEXT, "title": _TEXT, "status": {"type": "integer"}, "detail": _TEXT,
                            "field": _TEXT, "reason": _TEXT}, ["type", "title", "status"]),
    }


def _object(properties: dict[str, Any], required: list[str] | None = None) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties) if required is None else required}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _operation(name: str, summary: str, schema: str | None, refusals: str, **more: Any) -> dict[str, Any]:
    content = {"application/json": {"schema": _ref(schema)}} if schema else {"application/xml": {"schema": {}}}
    answers: dict[str, Any] = {"200": {"description": _("Done."), "content": content}}
    for status in f"{refusals} 401 403 429 503".split():
        titles = [str(kind.title) for kind in KINDS.values() if str(kind.status) == status]
        answers[status] = {"description": "; ".join(titles), "content": {_PROBLEM: {"schema": _ref("Problem")}}}
    answers["429"]["headers"] = {"Retry-After": {"schema": {"type": "integer"}}}
    return {"operationId": name, "summary": summary, "responses": answers} | more


def _parameter(name: str, where: str, schema: dict[str, Any], words: str = "", *,
               required: bool = False) -> dict[str, Any]:
    return {"name": name, "in": where, "required": required, "schema": schema} | ({"description": words} if words
                                                                                  else {})


def _for() -> dict[str, Any]:
    return _parameter("for", "query", _TEXT, _("One participant of the key's agency; without it, all of them"))


def _signed() -> list[dict[str, Any]]:
    """What a key that must sign sends beside every body."""
    return [_parameter(name, "header", _TEXT) for name in ("Content-Digest", "Signature-Input", "Signature")]


def _send() -> dict[str, Any]:
    words = _("Whom it is for, where not all whom the message names")
    to = [_parameter("to", "query", {"type": "array", "items": _TEXT}, words),
          _parameter(pushing.TO, "header", _TEXT, words)]  # by commas
    body = {"required": True, "content": {"application/xml": {"schema": {"type": "string", "format": "binary"}}}}
    operation = _operation("sendMessage", _("Send one message: the edXML file as it is"), "Sent", "400 413 415 422",
                           parameters=[_for(), *to, *_signed()], requestBody=body)
    operation["responses"]["201"] = operation["responses"]["200"] | {"description": _("Taken.")}
    operation["responses"]["200"] |= {"description": _("Taken before: answered as then.")}
    return operation


def _waiting() -> dict[str, Any]:
    parameters = [
        _parameter("state", "query", {"enum": ["waiting"], "default": "waiting"}),
        _parameter("kind", "query", {"enum": list(v1.KINDS)}),
        _parameter("after", "query", _WHOLE | {"default": 0}),
        _parameter("size", "query", {"type": "integer", "minimum": 1, "maximum": v1.LONGEST_PAGE, "default": v1.PAGE}),
        _for()]
    return _operation("listWaiting", _("What waits, in the order in which each sender sent it"), "Waiting", "400",
                      parameters=parameters)


def _message_id() -> dict[str, Any]:
    return _parameter("message_id", "path", _WHOLE, required=True)


def _get() -> dict[str, Any]:
    return _operation("getMessage", _("The bytes of a message as they came"), None, "400 404",
                      parameters=[_message_id(), _for()])


def _acknowledge() -> dict[str, Any]:
    return _operation("acknowledge", _("Say what became of a message"), "Acknowledged", "400 404 413 415 422",
                      parameters=[_message_id(), _for(), *_signed()],
                      requestBody={"required": True, "content": {"application/json": {"schema": _ref("Said")}}})


def _states() -> dict[str, Any]:
    which = _parameter("which", "path", _TEXT, _("The document's number here, or its id (organ,day,number)"),
                       required=True)
    return _operation("documentStates", _("How a document stands at each receiver"), "States", "400 404",
                      parameters=[which, _for()])


def _participants() -> dict[str, Any]:
    return _operation("participants", _("Who takes part"), "Participants", "400",
                      parameters=[_parameter("after", "query", _TEXT)])


def _connections() -> dict[str, Any]:
    """What everybody may ask, without a key."""
    return _operation("connections", _("Which agencies are connected on a day"), "Connections", "400",
                      parameters=[_parameter("on", "query", _DAY)], security=[{}, {"key": []}])
