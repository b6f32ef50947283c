"""One row that an agency's system pushed: its fields, and what is wrong with it. Pure.

Only the fields named here are looked at, and only values of their form pass: a name, a number of a person or free
text has no field to stand in. What a row means to us (whose it is, which procedure) is decided later.
"""
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from portal.kit import moments
from portal.kit.clock import VN, day_of
from portal.kit.text import fold
from portal.law import codes, statuses

CHANNELS = frozenset({"online", "counter", "post"})
REASONS = frozenset({"missing_papers", "payment", "other_agency", "legal", "applicant", "other"})
LEVELS = range(1, 5)
LONGEST_TOKEN = 60
LONGEST_WORD = 40  # of a status in words, as a token: the longest national one has 36
LARGEST_SEQUENCE = 2**31 - 1
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
CLOCKS_DIFFER = timedelta(minutes=5)
LONGEST_LIMIT = timedelta(days=3660)
DUE = ("due_at", "new_due_at", "step_due_at")
_TOKEN = re.compile(r"[A-Za-z0-9._-]+", re.ASCII)
_IN_WORDS = re.compile(r"[a-z]+(?:[ ,./()-]+[a-z]+)*[.)]?")  # folded
_LETTERS = re.compile(r"[a-z]+")
_LONG_NUMBER = re.compile(r"\d{9,}", re.ASCII)  # an identity card, a telephone: never a word of a system


Limits = tuple[datetime, datetime]  # the latest for what happened, and for what is due


class Refusal(NamedTuple):
    """Why a row is not taken, and for which field's sake. Both are words of ours, never of the row."""

    field: str
    reason: str


@dataclass(slots=True)  # not frozen: that makes each of many rows three times as dear
class Row:
    """What a row says. Moments are aware UTC. `agency_key`: the ministry's or province's key, None for the sender's.

    `procedure` is the nation's code where it has that form, None where the dossier's own is meant; `status` is 1 to
    10, or a word of the sender's system.
    `at` and `sequence` order what happened to one dossier, whenever it arrives. `arrived`: nobody told when it
    happened, and `at` is only when it arrived. `step_due_at`: by when the step itself was to be done. `dropped`: what
    was left out of it, and why.
    """

    code: str
    agency_key: str | None
    procedure: str | None
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
    step_due_at: datetime | None = None
    correction: bool = False
    apology: bool = False
    arrived: bool = False
    dropped: tuple[Refusal, ...] = ()


class _Refused(Exception):
    def __init__(self, field: str, reason: str) -> None:
        self.refusal = Refusal(field, reason)


def read(raw: Mapping[str, Any], *, now: datetime, mend: bool = False) -> Row | Refusal:
    """The row that was meant, or the first thing that is wrong with it. `mend`: a field that only adds to the status is
    left out where it is wrong, and stands in `dropped`."""
    said: dict[str, Any] = {}
    dropped: list[Refusal] = []
    limits = now + CLOCKS_DIFFER, now + LONGEST_LIMIT
    for name, reader in _READERS:
        value = raw.get(name)
        if value is not None:
            try:
                said[name] = reader(value, name, limits)
            except _Refused as error:
                if not mend or name not in SECONDARY:
                    return error.refusal
                dropped.append(error.refusal)
        elif name in _REQUIRED:
            return Refusal(name, "missing")
    row = Row(said.pop("code"), said.pop("agency", None), said.pop("procedure", None), **said)
    while wrong := _out_of_order(row):
        if not mend:
            return wrong
        if wrong.field == "received_at" and row.submitted_at and row.received_at and row.received_at < row.submitted_at:
            wrong = wrong._replace(field="submitted_at")  # of two that contradict each other the clock runs by one
        setattr(row, wrong.field, None)
        dropped.append(wrong)
    row.dropped = tuple(dropped)
    return row


def written(row: Row) -> dict[str, Any]:
    """The row as JSON keeps it; `read` reads it again."""
    plain: dict[str, Any] = {"code": row.code, "status": row.status, "at": row.at.isoformat(),
                             "sequence": row.sequence}
    if row.agency_key is not None:
        plain["agency"] = row.agency_key
    if row.procedure is not None:
        plain["procedure"] = row.procedure
    for name in ("submitted_at", "received_at", "finished_at", *DUE):
        if (moment := getattr(row, name)) is not None:  # a due date in Vietnam's time: so it is no midnight elsewhere
            plain[name] = (moment.astimezone(VN) if name in DUE else moment).isoformat()
    plain |= {name: value for name in ("channel", "level", "reason") if (value := getattr(row, name)) is not None}
    return plain | {name: True for name in ("correction", "apology", "arrived") if getattr(row, name)}


def token(value: Any, field: str) -> str:
    """A short word of ASCII letters, digits, dots and dashes, as systems write codes."""
    if not isinstance(value, str):
        raise _Refused(field, "type")
    if len(value) > LONGEST_TOKEN:
        raise _Refused(field, "too_long")
    if not _TOKEN.fullmatch(value) or _LONG_NUMBER.search(value):
        raise _Refused(field, "type")
    return value


def status_word(text: str) -> str | None:
    """A system's word for a status as one short token: "CHO" as it is, "Chờ trả" as cho-tra. None for anything else.

    Only a few letters pass: nothing that somebody typed at length, no number of a person, and no words with capitals
    in front, which are a name.
    """
    if len(text) > 2 * LONGEST_TOKEN:
        return None
    if _TOKEN.fullmatch(text):
        return text if len(text) <= LONGEST_TOKEN and not _LONG_NUMBER.search(text) else None
    words = fold(text)
    named = any(word != word.lower() and (len(word) == 1 or word != word.upper()) for word in text.split()[1:])
    word = "-".join(_LETTERS.findall(words)) if not named and _IN_WORDS.fullmatch(words) else ""
    return word if 0 < len(word) <= LONGEST_WORD else None


def _code(value: Any, field: str, _limits: Limits) -> str:
    if not isinstance(value, str):
        raise _Refused(field, "type")
    if len(value) > 2 * codes.LONGEST:
        raise _Refused(field, "too_long")
    code = codes.parse(value)
    if code is None:
        raise _Refused(field, "code")
    return code


def _agency(value: Any, field: str, _limits: Limits) -> str:
    unit = codes.agency_id(word := token(value, field))
    return unit.key if unit else word


def _procedure(value: Any, field: str, _limits: Limits) -> str:
    if not isinstance(value, str):
        raise _Refused(field, "type")
    return _procedure_of(value, field)


@lru_cache(maxsize=4096)  # few words, in many rows
def _procedure_of(value: str, field: str) -> str:
    word = token(value, field)
    code = codes.procedure_code(word) or word
    if len(code) > codes.LONGEST:
        raise _Refused(field, "too_long")
    return code


def _status(value: Any, field: str, _limits: Limits) -> int | str:
    if isinstance(value, int) and not isinstance(value, bool):
        if value in statuses.CODES:
            return value
        value = str(value)
    word = status_word(value) if isinstance(value, str) else None
    if word is None:
        raise _Refused(field, "too_long" if isinstance(value, str) and len(value) > LONGEST_TOKEN else "type")
    return int(word) if len(word) < 3 and word.isdigit() and int(word) in statuses.CODES else word


def _level(value: Any, field: str, _limits: Limits) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _Refused(field, "type")
    if value not in LEVELS:
        raise _Refused(field, "level")
    return value


def _sequence(value: Any, field: str, _limits: Limits) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LARGEST_SEQUENCE:
        raise _Refused(field, "type")
    return value


def _truth(value: Any, field: str, _limits: Limits) -> bool:
    if not isinstance(value, bool):
        raise _Refused(field, "type")
    return value


def _channel(value: Any, field: str, _limits: Limits) -> str:
    return _one_of(value, field, CHANNELS, "channel")


def _reason(value: Any, field: str, _limits: Limits) -> str:
    return _one_of(value, field, REASONS, "type")


def _one_of(value: Any, field: str, words: frozenset[str], reason: str) -> str:
    if not isinstance(value, str):
        raise _Refused(field, "type")
    if value not in words:
        raise _Refused(field, reason)
    return value


def _past(value: Any, field: str, limits: Limits) -> datetime:
    moment = _moment(value, field)
    if moment > limits[0]:
        raise _Refused(field, "future")
    return moment


def _due(value: Any, field: str, limits: Limits) -> datetime:
    if isinstance(value, str) and value[11:16] == "24:00":
        value = f"{value[:11]}00{value[13:]}"
    moment = _moment(value, field, moments.end_of_day)
    if moment > limits[1]:
        raise _Refused(field, "future")
    return moment


def _moment(value: Any, field: str, meant: Callable[[datetime], datetime] | None = None) -> datetime:
    """RFC 3339 as UTC. `meant`: what is meant by the moment as it is written, with its own zone."""
    if not isinstance(value, str):
        raise _Refused(field, "type")
    if not 20 <= len(value) <= 40 or value[10] not in "Tt " or value[4] != "-" or value[16] != ":":
        raise _Refused(field, "time")
    try:
        moment = datetime.fromisoformat(value.replace("z", "Z"))
        if moment.tzinfo is None:
            raise _Refused(field, "time")
        moment = meant(moment) if meant else moment
        if moment.tzinfo is not UTC:
            moment = moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise _Refused(field, "time") from error
    if moment < EARLIEST:
        raise _Refused(field, "time")
    return moment


#: in the order in which a row is judged
_READERS: tuple[tuple[str, Callable[[Any, str, Limits], Any]], ...] = (
    ("code", _code), ("agency", _agency), ("procedure", _procedure), ("status", _status), ("at", _past),
    ("sequence", _sequence), ("submitted_at", _past), ("received_at", _past), ("due_at", _due),
    ("finished_at", _past), ("channel", _channel), ("level", _level), ("reason", _reason), ("new_due_at", _due),
    ("step_due_at", _due), ("correction", _truth), ("apology", _truth), ("arrived", _truth))
_REQUIRED = frozenset({"code", "status", "at"})
#: what only adds to the status: without it the row still says which dossier, and how it stands
SECONDARY = frozenset({"sequence", "submitted_at", "received_at", "due_at", "finished_at", "channel", "level", "reason",
                       "new_due_at", "step_due_at", "apology"})


def _out_of_order(row: Row) -> Refusal | None:
    """Handed in, accepted, finished, told: in this order; no day is due before the one on which the clock starts."""
    submitted_at, received_at, finished_at = row.submitted_at, row.received_at, row.finished_at
    last, name = submitted_at, "submitted_at"
    if received_at is not None:
        if last is not None and received_at < last:
            return Refusal("received_at", "order")
        last, name = received_at, "received_at"
    if finished_at is not None:
        if last is not None and finished_at < last:
            return Refusal("finished_at", "order")
        last, name = finished_at, "finished_at"
    if last is not None and row.at < last:
        return Refusal(name, "order")
    start = received_at or submitted_at
    if start is not None:
        for name, due_at in (("due_at", row.due_at), ("new_due_at", row.new_due_at)):
            if due_at is not None and due_at < start and day_of(due_at) < day_of(start):
                return Refusal(name, "order")
    if finished_at is not None and isinstance(row.status, int) and row.status not in statuses.ENDED:
        return Refusal("finished_at", "order")
    return None
