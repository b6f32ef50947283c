"""Who calls, by the headers of the national axis's client: what they say is signed with the participant's secret.

`XroadVnpt-sign-header` is a JSON object of names and values, `XroadVnpt-sign-header-key` names them, joined by ";", and
`XroadVnpt-hash-header` is the HMAC-SHA256 of that JSON as it was sent, in hex. Only what is signed is used, and each
signed value must be the one in its own header. The client prints both to its standard output, so a captured pair is
what must be reckoned with: see `_check_stamp` and docs/decisions/0095.
"""
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import request

from portal.api.exchange.axis_answers import FIELD, SIGNATURE, TOO_OFTEN, WHO, Refusal
from portal.exchange import participants, secrets
from portal.exchange.models import Participant, ParticipantState
from portal.exchange.rows import TRAFFIC
from portal.kit import clock, throttle
from portal.kit.i18n import _
from portal.kit.row_security import Reach, reach
from portal.kit.throttle import TooMany
from portal.people import security_log

PREFIX = "XroadVnpt-"
# a minute, by participant (each message costs its receiver three) and by address
CALLS, STRANGERS, MINUTE = 1_200, 60, 60
LONGEST = 32_768  # signs of the signed JSON
SLACK = timedelta(minutes=15)  # a stamp may lie so far behind the newest of the same system
AHEAD = timedelta(days=2)  # no zone and no careless clock is further ahead than this
_STAMP = re.compile(r"(\d{2})(\d{2})(\d{4})T?(\d{2})(\d{2})(\d{2})(?:[+-]?\d{1,4})?")
_NAME = re.compile(r"[A-Za-z0-9-]{1,40}")


@dataclass(frozen=True)
class Call:
    """A call whose headers are signed. `said`: the signed values by their names in small letters; `at`: its stamp."""

    system: Participant
    said: Mapping[str, str]
    at: datetime

    def need(self, name: str) -> str:
        """A value that must be there and signed. Raises Refusal."""
        if not (value := self.said.get(name.lower(), "").strip()):
            raise Refusal(FIELD, _("%(name)s is missing among the signed headers. Send it, and name it in "
                                   "%(key)s.", name=PREFIX + name, key=PREFIX + "sign-header-key"))
        return value


def count_stranger() -> None:
    """One more call of somebody whose signature does not hold, or is none. Raises Refusal."""
    _count("axis strangers", throttle.asker(), STRANGERS)


def opened(*, may_be_old: bool = False) -> Call:
    """The call, whose system is connected. `may_be_old`: what is done a second time has no effect. Nothing of the body
    is read. Raises Refusal."""
    system = _signer()
    said = _signed_values()
    if system.state != ParticipantState.connected:
        raise Refusal(WHO, _("This system has asked to take part and waits for an administrator of the portal."))
    _count("axis calls", str(system.id), CALLS)
    stamp = _stamp(said)
    if not may_be_old:
        _check_stamp(system, stamp)
    reach(Reach(also=(TRAFFIC,)))  # what passes is between agencies; whose it is, is asked for each call
    participants.seen(system, stamp if stamp <= clock.now() + AHEAD else None)
    return Call(system, said, stamp)


def system_id() -> str:
    """Which system the call says to come from; "" for none."""
    return request.headers.get(PREFIX + "systemid", "").strip()[:60]


def header(name: str) -> str:
    """A header of the client as text, whether it was written as UTF-8 or as Latin-1; "" for none."""
    raw = request.headers.get(PREFIX + name, "").encode("latin-1", "replace")
    try:
        return raw.decode().strip()
    except UnicodeDecodeError:
        return raw.decode("latin-1").strip()


def parse_stamp(text: str) -> datetime | None:
    """ddMMyyyy'T'HHmmss+SSSS as a moment. What stands where a zone is meant are milliseconds, so that the zone is
    nobody's to know: it is taken as UTC, and stamps are compared with stamps of the same system alone."""
    found = _STAMP.fullmatch(text.strip())
    if found is None:
        return None
    day, month, year, hour, minute, second = map(int, found.groups())
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None


def _signer() -> Participant:
    """Whose secret signed the headers. An unknown system and a wrong signature get the same answer."""
    for name in ("systemid", "sign-header", "hash-header"):
        if not request.headers.get(PREFIX + name, "").strip():
            count_stranger()
            raise Refusal(SIGNATURE, _("The header %(name)s is missing.", name=PREFIX + name))
    system = participants.by_system(system_id())
    signed = request.headers[PREFIX + "sign-header"].encode("latin-1", "replace")
    told = request.headers[PREFIX + "hash-header"].strip().lower().encode("latin-1", "replace")
    known = secrets.of(system) if system else ()
    fits = [hmac.compare_digest(_mac(secret, signed), told) for secret in (*known, secrets.new())]
    if system is None or not any(fits[:-1]):
        count_stranger()
        security_log.record("signature.refused", why="axis", field="hash-header")
        raise Refusal(SIGNATURE, _("%(name)s does not fit: check the systemid and its secret, and sign the JSON of "
                                   "%(json)s exactly as it is sent.", name=PREFIX + "hash-header",
                                   json=PREFIX + "sign-header"))
    return system


def _mac(secret: str, signed: bytes) -> bytes:
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest().encode()


def _signed_values() -> dict[str, str]:
    """The values of the signed JSON, each the one of its own header."""
    text = header("sign-header")
    found = _object(text) if len(text) <= LONGEST else None
    if found is None:
        raise Refusal(FIELD, _("%(name)s is a JSON object of header names and their values.",
                               name=PREFIX + "sign-header"))
    named = [name.strip() for name in header("sign-header-key").split(";") if name.strip()]
    values = {name.lower().removeprefix(PREFIX.lower()): value for name, value in found.items()}
    if sorted(name.lower().removeprefix(PREFIX.lower()) for name in named) != sorted(values):
        raise Refusal(FIELD, _("%(key)s names other headers than are in %(json)s.", key=PREFIX + "sign-header-key",
                               json=PREFIX + "sign-header"))
    for name, value in values.items():
        if not _NAME.fullmatch(name) or not _is_same(header(name), value):
            raise Refusal(FIELD, _("The header %(name)s is not the one that was signed.",
                                   name=PREFIX + (name if _NAME.fullmatch(name) else "…")))
    return {name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            for name, value in values.items()}


def _object(text: str) -> dict[str, Any] | None:
    """A JSON object in which no name stands twice."""
    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({name.lower() for name, _value in found}) != len(found):
            raise ValueError
        return dict(found)

    try:
        value = json.loads(text, object_pairs_hook=pairs)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _is_same(sent: str, signed: Any) -> bool:
    """Whether a header says what was signed; a list may be signed as itself."""
    if isinstance(signed, str):
        return sent == signed.strip()
    try:
        return bool(json.loads(sent) == signed)
    except (ValueError, RecursionError):
        return False


def _stamp(said: Mapping[str, str]) -> datetime:
    stamp = parse_stamp(said.get("timestamp", ""))
    if stamp is None:
        raise Refusal(FIELD, _("%(name)s is missing among the signed headers or has not the form "
                               "ddMMyyyy'T'HHmmss+SSSS, such as 02112026T080000+0000.", name=PREFIX + "timestamp"))
    return stamp


def _check_stamp(system: Participant, stamp: datetime) -> None:
    """What was captured opens for SLACK after the system's next call and no longer. It is compared with the system's
    own stamps and never with our clock: its zone cannot be known, and its clock may be wrong."""
    newest = system.stamp_at
    if (newest is not None and stamp < newest - SLACK) or stamp > clock.now() + AHEAD:
        security_log.record("signature.refused", why="axis", field="timestamp")
        raise Refusal(SIGNATURE, _("%(name)s lies too far from what this system sent last: sign each call anew, and "
                                   "check the clock of the machine.", name=PREFIX + "timestamp"))


def _count(name: str, of: str, limit: int) -> None:
    try:
        throttle.hit_reading(name, of, limit=limit, seconds=MINUTE)
    except TooMany as error:
        security_log.record("throttle.met", what=name)
        raise Refusal(TOO_OFTEN, _("Too many calls. Try again in %(n)s seconds.", n=error.retry_after)) from None
