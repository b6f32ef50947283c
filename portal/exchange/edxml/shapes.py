"""The shapes in which the field writes ids, dates, codes and names. Pure: text in, meaning and deviation out."""
import re
import unicodedata
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from uuid import UUID

from portal.exchange.edxml.message import Code, DocumentId
from portal.kit.clock import VN
from portal.kit.text import normal
from portal.law import codes

_LONGEST = 64  # of what may be a date, a moment, a code of an agency
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
#: No name begins or ends with one.
_BLANKS_AND_DOT = "." + "".join(chr(number) for number in range(0x3001) if chr(number).isspace())
_YEARS = range(1900, 2200)
_DAY = (r"(?:(?P<y>\d{4})(?P<s1>[/.\-])(?P<m>\d{1,2})(?P=s1)(?P<d>\d{1,2})"
        r"|(?P<d2>\d{1,2})(?P<s2>[/.\-])(?P<m2>\d{1,2})(?P=s2)(?P<y2>\d{4})"
        r"|(?P<y3>\d{4})(?P<m3>\d{2})(?P<d3>\d{2}))")
_CLOCK = (r"(?:(?:\s+|T|\s*,\s*)(?P<h>\d{1,2}):(?P<min>\d{2})(?::(?P<sec>\d{2})(?:[.,](?P<frac>\d{1,9}))?)?"
          r"\s*(?P<half>[AaPp][Mm]|SA|CH)?\s*(?P<zone>Z|z|UTC|GMT|(?:UTC|GMT)?[+\-]\d{1,2}(?::?\d{2})?)?"
          r"|(?P<bare>Z|[+\-]\d{2}:\d{2}))?")  # xs:date, as libraries write it: a day and a zone
_STAMP = re.compile(_DAY + _CLOCK, re.ASCII)
_CLOCK_FIRST = re.compile(r"^(\d{1,2}:\d{2}(?::\d{2})?)[\s,]+(\d.*)$", re.ASCII)
_RUN_ON = re.compile(r"^(\d{8})(\d{2})(\d{2})(\d{2})$", re.ASCII)
_STANDARD_DAY = re.compile(r"\d{4}/\d{2}/\d{2}", re.ASCII)
_STANDARD_STAMP = re.compile(r"\d{4}/\d{2}/\d{2} \d{2}:\d{2}:\d{2}", re.ASCII)
_UUID = re.compile(r"(?:urn:uuid:)?\{?([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{32})\}?",
                   re.ASCII | re.IGNORECASE)


def day(said: str) -> tuple[date | None, str | None]:
    """A date, and the name of its deviation. Of a moment in another zone the day that it is in Vietnam: clients write
    their midnight as 17:00 of the day before, in UTC."""
    if not said:
        return None, None
    moment = _moment(said)
    if moment is None:
        return None, "date_unreadable"
    return moment.astimezone(VN).date(), None if _STANDARD_DAY.fullmatch(said) else "date_form"


def stamp(said: str) -> tuple[datetime | None, tuple[str, ...]]:
    """A moment, aware: Vietnam's where no zone is said, the zone as sent otherwise; and its deviations."""
    if not said:
        return None, ()
    moment = _moment(said)
    if moment is None:
        return None, ("date_unreadable",)
    if _STANDARD_STAMP.fullmatch(said):
        return moment, ()
    return moment, ("stamp_form", *(("stamp_zone",) if moment.tzinfo is not VN else ()))


def _moment(said: str) -> datetime | None:
    if len(said) > _LONGEST:  # and no pattern is asked to look at more
        return None
    found = _STAMP.fullmatch(_CLOCK_FIRST.sub(r"\2 \1", _RUN_ON.sub(r"\1 \2:\3:\4", said.strip())))
    if not found:
        return None
    year, month, dom = (int(found[name] or found[f"{name}2"] or found[f"{name}3"]) for name in "ymd")
    if year not in _YEARS:
        return None
    hour, half = int(found["h"] or 0), (found["half"] or "").upper()
    if half and not 1 <= hour <= 12:
        return None
    if half:
        hour = hour % 12 + (12 if half in ("PM", "CH") else 0)
    micro = int((found["frac"] or "0")[:6].ljust(6, "0"))
    try:
        return datetime(year, month, dom, hour, int(found["min"] or 0), int(found["sec"] or 0), micro,
                        tzinfo=VN if found["bare"] else _zone(found["zone"]))
    except ValueError:
        return None


def _zone(said: str | None) -> tzinfo:
    if not said:
        return VN
    digits = re.sub(r"[^\d+\-]", "", said)
    if not digits:
        return UTC
    sign, hours, minutes = -1 if digits[0] == "-" else 1, digits[1:3], digits[3:]
    if len(digits) in (2, 4):  # +7, +730
        hours, minutes = digits[1:2], digits[2:]
    return timezone(sign * timedelta(hours=int(hours), minutes=int(minutes or 0)))


def document_id(said: str) -> tuple[DocumentId | None, str | None]:
    """What the id says, as it was sent, and the name of its deviation; None for no text."""
    said = said.strip()
    if not said:
        return None, None
    if found := _UUID.fullmatch(said):
        return DocumentId(said, uuid=found[1] if "-" in found[1] else str(UUID(found[1]))), "document_id_uuid"
    parts = [part.strip() for part in re.split("[,;]", said, maxsplit=2)]
    if len(parts) == 3 and all(parts):
        written, odd = day(parts[1])
        return (DocumentId(said, organ=parts[0], day=written, code=parts[2]),
                "document_id_date" if odd else None)
    return DocumentId(said, code=said), "document_id_form"


def code(said: str) -> Code:
    """120 and CV-STN of "120/CV-STN"; what has no stroke is the number where it is one, else the notation."""
    number, stroke, notation = said.strip().partition("/")
    if stroke and (number.strip() or notation.strip()):
        return Code(number.strip(), notation.strip())
    return Code(number.strip()) if number.strip().isdigit() else Code("", said.strip())


def organ_deviation(said: str) -> str | None:
    """How an agency's id departs from the form of Decision 20/2020/QĐ-TTg."""
    if len(said) > _LONGEST or codes.agency_id(said) is None:
        return "organ_unknown"
    return None if said.strip()[:1].isalpha() else "organ_old"


def bare_name(said: str) -> str:
    """A file's name as data: no folders, no drive, no control or direction characters, at most 150 characters. The
    rule of portal.kit.files.tidy_name, which knows the web; "" where nothing is left."""
    flat = normal("NFC", said.replace("\\", "/").rsplit("/", 1)[-1])
    clean = "".join(char for char in flat if unicodedata.category(char) not in _UNSEEN).strip(_BLANKS_AND_DOT)
    while clean[1:2] == ":" and clean[0].isascii() and clean[0].isalpha():
        clean = clean[2:202].strip(_BLANKS_AND_DOT)
    stem, dot, ending = clean.rpartition(".")
    return ((stem[:140] + dot + ending[:9]) if dot else clean[:150]).strip(_BLANKS_AND_DOT)


def cid(said: str) -> str:
    """A ContentId to compare by: without cid:, brackets, blanks and capitals."""
    plain = said.strip().strip("<>").strip()
    return plain[4:].strip("<>").strip().lower() if plain[:4].lower() == "cid:" else plain.lower()
