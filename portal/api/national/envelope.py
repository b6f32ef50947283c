"""The envelope of the national messages and their answers: error_code "0" is done, anything else says what is not."""
from dataclasses import dataclass
from typing import Any

from flask import Response, g, jsonify, request

from portal.api import bodies
from portal.api.problems import Problem
from portal.kit.i18n import _

DONE, PARTLY, KEPT_ASIDE, NOT_FOUND, WRONG_AGENCY = "0", "1", "2", "30", "22"


@dataclass(frozen=True)
class Envelope:
    """A message: which agency speaks (as it wrote it), and what it says."""

    agency: str
    data: list[dict[str, Any]]
    sha256: str
    wire_sha256: bytes


def body() -> bodies.Body:
    """The request's body, read once."""
    if "national_body" not in g:
        g.national_body = bodies.read_json()
    return g.national_body


def session_of_body() -> str | None:
    """What stands under `session`; None where there is no JSON to look in."""
    if request.mimetype != "application/json":
        return None
    value = body().value
    session = value.get("session") if isinstance(value, dict) else None
    return session if isinstance(session, str) else None


def opened(service: str) -> Envelope:
    """The message. `data` may be one object, a list of them, or fields in the envelope itself. Raises Problem."""
    read = body()
    value = read.value
    if not isinstance(value, dict):
        raise Problem("shape", _("Send the envelope: session, service, madonvi, isUpdating, data."))
    if value.get("service", service) != service:
        raise Problem("shape", _("The service in the envelope is not the one of the address."), field="service")
    agency = value.get("madonvi", "")
    if not isinstance(agency, str):
        raise Problem("shape", _("Every value is a text."), field="madonvi")
    return Envelope(agency.strip(), _data(value), read.sha256, read.wire_sha256)


def _data(value: dict[str, Any]) -> list[dict[str, Any]]:
    data = value.get("data")
    if isinstance(data, dict):
        data = [data]
    elif data in (None, "", []):
        data = [{name: text for name, text in value.items() if name not in ("session", "service", "madonvi")}]
    return bodies.rows_of({"data": data}, "data")


def answer(error_code: str, message: object, result: object = ()) -> Response:
    """What the sender gets, with status 200: the software of agencies reads error_code."""
    return jsonify(error_code=error_code, message=str(message), result=result)


def asked(data: list[dict[str, Any]], name: str) -> str:
    """The text asked for under a name, whatever its capitals; Problem where there is none."""
    for given, value in data[0].items():
        if given.lower() == name.lower() and isinstance(value, str) and value.strip():
            return value.strip()
    raise Problem("shape", _("%(name)s is missing.", name=name), field=name)
