"""registerAgency and deleteAgency of the national axis's client: asking to take part, and leaving.

What is asked is in signed headers (`XroadVnpt-code`, `-name`, `-mail`, `-pid`) or in a JSON body {id, pid, code, name,
mail}. Nobody is let in by it: an administrator of the portal decides.
"""
import hashlib
import hmac
import json
from typing import Any

from flask import Response, request

from portal.api.exchange import axis_signing
from portal.api.exchange.axis_answers import BODY, FIELD, NOT_FOUND, TOO_OFTEN, WHO, Refusal, done
from portal.exchange import identity, participants
from portal.exchange.models import Participant, ParticipantState, Way
from portal.kit import throttle
from portal.kit.db import transaction
from portal.kit.i18n import _
from portal.kit.throttle import TooMany
from portal.law import codes

LONGEST_BODY = 16 * 1024
ASKED_BY_STRANGERS, HOUR = 10, 3600  # an hour, by address
FIELDS = ("id", "pid", "code", "name", "mail")
_LENGTHS = {"code": 40, "name": 200, "mail": 254, "pid": 40, "id": 60}


def register() -> Response:
    """registerAgency. A system that is connected asks for a body that it serves; one that nobody knows asks for itself,
    and its signature cannot be checked. The same again is no second asking."""
    known = participants.by_system(axis_signing.system_id()) if axis_signing.system_id() else None
    if known is not None and known.state == ParticipantState.connected:
        call = axis_signing.opened()
        return _asked(_fields(dict(call.said)), call.system)
    if not axis_signing.system_id():
        axis_signing.count_stranger()
        raise Refusal(FIELD, _("The header %(name)s is missing.", name="XroadVnpt-systemid"))
    try:
        throttle.hit_reading("axis asks", throttle.asker(), limit=ASKED_BY_STRANGERS, seconds=HOUR)
    except TooMany as error:
        raise Refusal(TOO_OFTEN, _("Too many calls. Try again in %(n)s seconds.", n=error.retry_after)) from None
    return _asked(_fields({name: axis_signing.header(name) for name in FIELDS}), None)


def delete() -> Response:
    """deleteAgency: the system's own participant, or a body that it serves, takes part no longer."""
    call = axis_signing.opened()
    fields = _fields(dict(call.said), bound=call)
    with transaction():
        found = _of(call.system, fields)
        participants.end(found, _("Its own system asked for it (deleteAgency)."), None)
    return done()


def _asked(fields: dict[str, str], system: Participant | None) -> Response:
    code, name = fields["code"], fields["name"]
    if not code or not name:
        raise Refusal(FIELD, _("Send code and name of the agency: as signed headers, or as a JSON body."))
    if codes.agency_id(code) is None:
        raise Refusal(FIELD, _("code has the form H17, H17.05 or 000.00.05.H17."))
    with transaction():
        live = participants.live(code)
        if live is None:
            live = _ask(fields, system)
        elif not _is_theirs(live, system):
            raise Refusal(WHO, _("Somebody else takes part under this code. Ask an administrator of the portal."))
        waits = live.state == ParticipantState.asked
    return done(str(_("It waits for an administrator of the portal.")) if waits else "",
                data={"id": str(live.id), "code": live.code})


def _ask(fields: dict[str, str], system: Participant | None) -> Participant:
    parent: str | None = fields["pid"]
    if not parent or codes.agency_id(parent) is None:
        parent = None  # a number of somebody's own list
    if system is not None and (parent is None or not identity.is_below(identity.organ(parent), system.code)):
        parent = system.code  # nobody registers a body into another's list
    try:
        return participants.ask(fields["code"], fields["name"], fields["mail"], parent, way=Way.axis, bounded=True,
                                system_id=None if system else axis_signing.system_id())
    except participants.TooManyAsked:
        raise Refusal(TOO_OFTEN, _("Too many wait for an administrator already. Try again later.")) from None
    except participants.Taken:
        raise Refusal(WHO, _("This systemid has asked for another code. Ask an administrator of the portal.")) from None


def _is_theirs(live: Participant, system: Participant | None) -> bool:
    """Whether it is the one that they asked for before. What works another way, such as on our pages, it does not serve
    (participants.served_by), wherever it stands."""
    if system is None:
        return live.state == ParticipantState.asked and live.system_id == axis_signing.system_id()
    return live.id == system.id or (live.system_id is None and live.way == Way.axis and (
        live.parent_code == system.code or live.code.startswith(f"{system.code}.")))


def _of(system: Participant, fields: dict[str, str]) -> Participant:
    """Whom to end: by code or number, among those whom this system serves or has asked for."""
    live = participants.live(fields["code"]) if fields["code"] else None
    if live is None and fields["id"].isdecimal() and len(fields["id"]) < 10:
        live = participants.get(int(fields["id"]))
    if live is None or live.ended_at is not None or not _is_theirs(live, system):
        raise Refusal(NOT_FOUND, _("This system has registered no agency with this code or id."))
    return live


def _fields(signed: dict[str, str], bound: axis_signing.Call | None = None) -> dict[str, str]:
    """id, pid, code, name and mail. Of whom a body says it where it must be `bound`, hash-file is signed over it."""
    said = {name: signed.get(name, "") for name in FIELDS}
    if not said["code"] and not (bound is not None and said["id"]):
        raw = _body()
        if raw and bound is not None and not hmac.compare_digest(
                hashlib.sha256(raw).hexdigest().encode(), bound.said.get("hash-file", "").lower().encode()):
            raise Refusal(FIELD, _("Send code or id among the signed headers, or sign hash-file over the body."))
        said |= _parsed(raw) if raw else {}
    for name, longest in _LENGTHS.items():
        said[name] = " ".join(said[name].split())
        if len(said[name]) > longest or not said[name].isprintable():
            raise Refusal(FIELD, _("%(name)s is too long, or holds signs that cannot be kept.", name=name))
    return said


def _body() -> bytes:
    request.max_content_length = LONGEST_BODY
    if (request.content_length or 0) > LONGEST_BODY:
        raise Refusal(BODY, _("The body is too large."))
    return request.stream.read(LONGEST_BODY + 1)[:LONGEST_BODY + 1]


def _parsed(raw: bytes) -> dict[str, str]:
    try:
        value: Any = json.loads(raw)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise Refusal(BODY, _("The body is a JSON object with id, pid, code, name and mail."))
    return {name: str(value[name]) for name in FIELDS if isinstance(value.get(name), str | int)}
