"""The envelope of the national messages and their answers: error_code "0" is done, anything else says what is not.

Systems send it whole (session, service, madonvi, isUpdating, data), or the records alone as a bare list, with the unit
and isUpdating in the address, or ask by GET with all of it in the address.
"""
import json
import re
from dataclasses import dataclass
from typing import Any

from flask import Response, g, jsonify, request

from portal.api import bodies
from portal.api.problems import Problem
from portal.kit.i18n import _

DONE, PARTLY, KEPT_ASIDE, NOT_FOUND, WRONG_AGENCY = "0", "1", "2", "30", "22"
DONE_OF_OLD = "00"  # what some systems wait for, and say so in the address: ?done=00
UNIT = frozenset({"madonvi", "madinhdanhdv", "madinhdanh"})  # what systems call the agency in an address
_ABOUT_THE_MESSAGE = frozenset({"session", "service", "isupdating", "done", "wrapped", *UNIT})
_OF_A_KEY = "dvc_"


@dataclass(frozen=True)
class Envelope:
    """A message: which agency speaks (as it wrote it), and what it says."""

    agency: str
    data: list[dict[str, Any]]
    sha256: str
    wire_sha256: bytes


#: The key as it stands in text that is not parsed yet. What else it may be is found when it is parsed.
_SESSION = re.compile(rb'"session"\s*:\s*"([^"\\]{1,200})"')


def body() -> bodies.Body:
    """The request's body, read once."""
    if "national_body" not in g:
        g.national_body = _arriving().read()
    return g.national_body


def _arriving() -> bodies.Arriving:
    if "national_arriving" not in g:
        g.national_arriving = bodies.Arriving()
    return g.national_arriving


def session_of_message() -> str | None:
    """The session, in a header or the address, else in the envelope; None where there is none. A key itself is not
    taken from an address, which stands in logs.

    Nobody vouches for the body yet: a small one is parsed, of a large one only its beginning is looked at as text, and
    the rest is neither unpacked nor parsed before the key that stands there was found to open. Raises Problem.
    """
    if given := request.headers.get("session") or _asked("session"):
        return given
    if request.method != "POST" or request.mimetype != "application/json":
        return None
    text = _arriving().beginning(bodies.MOST_OF_A_STRANGER)
    if _arriving().is_whole and len(text) <= bodies.MOST_OF_A_STRANGER:
        return _said_session(body().value) or (password() if signs_in() else None)
    found = _SESSION.search(text[:bodies.MOST_OF_A_STRANGER])
    if found is None:
        raise Problem("key_missing", _("In a large message, send session first, or send the key as Authorization: "
                                       "Bearer."), field="session")
    g.national_session = found[1].decode("utf-8", "replace")
    return str(g.national_session)


def _said_session(value: Any) -> str | None:
    session = value.get("session") if isinstance(value, dict) else None
    return session if isinstance(session, str) else None


def signs_in() -> bool:
    """Whether the message asks for a session: it has a password and names no service."""
    value = body().value
    return isinstance(value, dict) and "password" in value and "service" not in value


def password() -> str | None:
    """The key with which somebody signs in."""
    value = body().value
    said = value.get("password") if isinstance(value, dict) else None
    return said if isinstance(said, str) else None


def _asked(name: str) -> str | None:
    given = request.args.get(name)
    return given if given and not given.startswith(_OF_A_KEY) else None


def service_of_message() -> str | None:
    """The service that the envelope names; None for a bare list, which names none."""
    value = body().value
    return str(value["service"]) if isinstance(value, dict) and "service" in value else None


def opened(service: str) -> Envelope:
    """The message. `data` may be one object, a list of them, or fields in the envelope itself. Raises Problem."""
    read = body()
    value = read.value
    if isinstance(value, list):
        return Envelope(unit_asked(), bodies.rows_of({"data": value}, "data"), read.sha256, read.wire_sha256)
    if not isinstance(value, dict):
        raise Problem("shape", _("Send the envelope: session, service, madonvi, isUpdating, data."), field="data")
    if "national_session" in g and _said_session(value) != g.national_session:
        raise Problem("shape", _("Send session once, as the first field of the envelope."), field="session")
    if value.get("service", service) != service:
        raise Problem("shape", _("The service in the envelope is not the one of the address."), field="service")
    agency = value.get("madonvi") or unit_asked()
    if not isinstance(agency, str):
        raise Problem("shape", _("Every value is a text."), field="madonvi")
    return Envelope(agency.strip(), _data(value), read.sha256, read.wire_sha256)


def in_address() -> Envelope:
    """What is asked by GET."""
    asked = {name: text for name, text in request.args.items() if name.lower() not in _ABOUT_THE_MESSAGE}
    return Envelope(unit_asked(), [asked], "", b"")


def unit_asked() -> str:
    """The agency that the address names."""
    return next((text.strip() for name, text in request.args.items() if name.lower() in UNIT), "")


def _data(value: dict[str, Any]) -> list[dict[str, Any]]:
    data = value.get("data")
    if isinstance(data, dict):
        data = [data]
    elif data in (None, "", []):
        data = [{name: text for name, text in value.items() if name not in ("session", "service", "madonvi")}]
    return bodies.rows_of({"data": data}, "data")


def answer(error_code: str, message: object, result: object = (), **more: object) -> Response:
    """What the sender gets, with status 200: the software of agencies reads error_code, and looks for the words of the
    message in the text as it comes, so letters stand there as they are. `?wrapped=1`: all of it as a text under
    `message`, as the adapters of some provinces hand it on."""
    if error_code == DONE and request.args.get("done") == DONE_OF_OLD:
        error_code = DONE_OF_OLD
    said = {"error_code": error_code, "message": str(message), "result": result, **more}
    if request.args.get("wrapped") == "1":
        said["message"] = json.dumps(said, ensure_ascii=False)
    return jsonify(said)


def asked(data: list[dict[str, Any]], name: str) -> str:
    """The text asked for under a name, whatever its capitals; Problem where there is none."""
    for given, value in data[0].items() if data else ():
        if given.lower() == name.lower() and isinstance(value, str) and value.strip():
            return value.strip()
    raise Problem("shape", _("%(name)s is missing.", name=name), field=name)
