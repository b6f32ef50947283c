"""One row that an agency's system pushed: its fields, and what is wrong with it. Pure.

Only the fields named here are looked at, and only values of their form pass: a name, a number of a person or free
text has no field to stand in. What a row means to us (whose it is, which procedure) is decided later.
"""
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from portal.progress import codes

CHANNELS = frozenset({"online", "counter", "post"})
REASONS = frozenset({"missing_papers", "payment", "other_agency", "legal", "applicant", "other"})
STATUSES = range(1, 11)
LEVELS = range(1, 5)
FINISHED = frozenset({3, 7, 9, 10})
LONGEST_TOKEN = 60
LARGEST_SEQUENCE = 2**31 - 1
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
CLOCKS_DIFFER = timedelta(minutes=5)
LONGEST_LIMIT = timedelta(days=3660)
_TOKEN = re.compile(r"[A-Za-z0-9._-]+", re.ASCII)
_LONG_NUMBER = re.compile(r"\d{9,}", re.ASCII)  # an identity card, a telephone: never a word of a system


class Refusal(NamedTuple):
    """Why a row is not taken, and for which field's sake. Both are words of ours, never of the row."""

    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class Row:
    """What a row says. Moments are aware UTC. `agency_key`: the ministry's or province's key, None for the sender's.

    `procedure` is the nation's code where it has that form; `status` is 1 to 10, or a word of the sender's system.
    `at` and `sequence` order what happened to one dossier, whenever it arrives.
    """

    code: str
    agency_key: str | None
    procedure: str
    status: int | str
    at: datetime
    sequence: int = 0
    submitted_at: datetime | None = None
    received_at: datetime | None = None
    due_at: datetime | None = None
    finished_at: datetime | None = None
    channel: str | None = None
    level: int | None = None
    reason: str | None = None
    new_due_at: datetime | None = None
    correction: bool = False
    apology: bool = False


class _Refused(Exception):
    def __init__(self, field: str, reason: str) -> None:
        self.refusal = Refusal(field, reason)


def read(raw: Mapping[str, Any], *, now: datetime) -> Row | Refusal:
    """The row that was meant, or the first thing that is wrong with it."""
    try:
        row = Row(
            code=_code(raw), agency_key=_agency(raw), procedure=_procedure(raw), status=_status(raw),
            at=_past(raw, "at", now, required=True) or now, sequence=_number(raw, "sequence", LARGEST_SEQUENCE) or 0,
            submitted_at=_past(raw, "submitted_at", now), received_at=_past(raw, "received_at", now),
            due_at=_due(raw, "due_at", now), finished_at=_past(raw, "finished_at", now),
            channel=_one_of(raw, "channel", CHANNELS, "channel"), level=_level(raw),
            reason=_one_of(raw, "reason", REASONS, "type"), new_due_at=_due(raw, "new_due_at", now),
            correction=_truth(raw, "correction"), apology=_truth(raw, "apology"))
        _check_order(row)
    except _Refused as error:
        return error.refusal
    return row


def written(row: Row) -> dict[str, Any]:
    """The row as JSON keeps it; `read` reads it again."""
    plain: dict[str, Any] = {"code": row.code, "procedure": row.procedure, "status": row.status,
                             "at": row.at.isoformat(), "sequence": row.sequence}
    if row.agency_key is not None:
        plain["agency"] = row.agency_key
    for name in ("submitted_at", "received_at", "due_at", "finished_at", "new_due_at"):
        if (moment := getattr(row, name)) is not None:
            plain[name] = moment.isoformat()
    plain |= {name: value for name in ("channel", "level", "reason") if (value := getattr(row, name)) is not None}
    return plain | {name: True for name in ("correction", "apology") if getattr(row, name)}


def token(value: Any, field: str) -> str:
    """A short word of ASCII letters, digits, dots and dashes, as systems write codes."""
    if not isinstance(value, str):
        raise _Refused(field, "type")
    if len(value) > LONGEST_TOKEN:
        raise _Refused(field, "too_long")
    if not _TOKEN.fullmatch(value) or _LONG_NUMBER.search(value):
        raise _Refused(field, "type")
    return value


def _code(raw: Mapping[str, Any]) -> str:
    value = raw.get("code")
    if value is None:
        raise _Refused("code", "missing")
    if not isinstance(value, str):
        raise _Refused("code", "type")
    if len(value) > 2 * codes.LONGEST:
        raise _Refused("code", "too_long")
    code = codes.parse(value)
    if code is None:
        raise _Refused("code", "code")
    return code


def _agency(raw: Mapping[str, Any]) -> str | None:
    value = raw.get("agency")
    if value is None:
        return None
    unit = codes.agency_id(word := token(value, "agency"))
    return unit.key if unit else word


def _procedure(raw: Mapping[str, Any]) -> str:
    value = raw.get("procedure")
    if value is None:
        raise _Refused("procedure", "missing")
    word = token(value, "procedure")
    code = codes.procedure_code(word) or word
    if len(code) > codes.LONGEST:
        raise _Refused("procedure", "too_long")
    return code


def _status(raw: Mapping[str, Any]) -> int | str:
    value = raw.get("status")
    if value is None:
        raise _Refused("status", "missing")
    if isinstance(value, int) and not isinstance(value, bool):
        if value in STATUSES:
            return value
        value = str(value)
    word = token(value, "status")
    return int(word) if len(word) < 3 and word.isdigit() and int(word) in STATUSES else word


def _level(raw: Mapping[str, Any]) -> int | None:
    value = raw.get("level")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise _Refused("level", "type")
    if value not in LEVELS:
        raise _Refused("level", "level")
    return value


def _number(raw: Mapping[str, Any], field: str, most: int) -> int | None:
    value = raw.get(field)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise _Refused(field, "type")
    return value


def _truth(raw: Mapping[str, Any], field: str) -> bool:
    value = raw.get(field)
    if value is None:
        return False
    if not isinstance(value, bool):
        raise _Refused(field, "type")
    return value


def _one_of(raw: Mapping[str, Any], field: str, words: frozenset[str], reason: str) -> str | None:
    value = raw.get(field)
    if value is None:
        return None
    if not isinstance(value, str):
        raise _Refused(field, "type")
    if value not in words:
        raise _Refused(field, reason)
    return value


def _moment(raw: Mapping[str, Any], field: str) -> datetime | None:
    value = raw.get(field)
    if value is None:
        return None
    if not isinstance(value, str):
        raise _Refused(field, "type")
    if not 20 <= len(value) <= 40 or value[10] not in "Tt " or value[4] != "-" or value[16] != ":":
        raise _Refused(field, "time")
    try:
        moment = datetime.fromisoformat(value.replace("z", "Z"))
        if moment.tzinfo is None:
            raise _Refused(field, "time")
        moment = moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise _Refused(field, "time") from error
    if moment < EARLIEST:
        raise _Refused(field, "time")
    return moment


def _past(raw: Mapping[str, Any], field: str, now: datetime, *, required: bool = False) -> datetime | None:
    moment = _moment(raw, field)
    if moment is None:
        if required:
            raise _Refused(field, "missing")
    elif moment > now + CLOCKS_DIFFER:
        raise _Refused(field, "future")
    return moment


def _due(raw: Mapping[str, Any], field: str, now: datetime) -> datetime | None:
    moment = _moment(raw, field)
    if moment is not None and moment > now + LONGEST_LIMIT:
        raise _Refused(field, "future")
    return moment


def _check_order(row: Row) -> None:
    """Handed in, accepted, finished, told: in this order; a date is not due before the clock starts."""
    last, name = row.submitted_at, "submitted_at"
    for field, moment in (("received_at", row.received_at), ("finished_at", row.finished_at), ("at", row.at)):
        if moment is not None:
            if last is not None and moment < last:
                raise _Refused(field if field != "at" else name, "order")
            last, name = moment, field
    start = row.received_at or row.submitted_at
    for field, due in (("due_at", row.due_at), ("new_due_at", row.new_due_at)):
        if due is not None and start is not None and due < start:
            raise _Refused(field, "order")
    if row.finished_at is not None and isinstance(row.status, int) and row.status not in FINISHED:
        raise _Refused("finished_at", "order")
