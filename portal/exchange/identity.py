"""What names a document and a participant, and when two messages are the same one, whatever they were written as. Pure.
"""
import hashlib
import json
import re
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from portal.exchange.edxml.message import (
    Attachment,
    Business,
    Code,
    DocumentId,
    DocumentMessage,
    Message,
    Organ,
    ReceiverChange,
    ResponseFor,
)
from portal.kit.text import normal
from portal.law import codes

LONGEST = 160
_TYPED: dict[int, str | None] = {
    **{ord(one): "-" for one in "\u2010\u2011\u2012\u2013\u2014\u2212"},  # what editors make of a hyphen
    **{ord(one): None for one in "\u00ad\u200b\u200c\u200d\u2060\ufeff"}}  # what nobody sees
#: What of a document is its way and its wrapping, not what it says.
_WRAPPING = {"receivers", "trace", "attachments", "seen", "older"}


def organ(said: str) -> str:
    """A participant's id in its one form, top first and without zeros: H99.01 for 000.00.01.H99. What has not the form
    of one stays as it is, in capitals."""
    found = codes.agency_id("".join(said.split()))
    if found is None:
        return said.strip().upper()[:40]
    return ".".join([found.key, *found.path])


def is_below(code: str, top: str) -> bool:
    """Whether an id, in its one form, is `top` itself or one of a body under it."""
    return code == top or code.startswith(f"{top}.")


def key(id_: DocumentId, sender: str) -> str:
    """The one name of a document among all of its `sender`'s (an id as sent): organ, day and number, or the UUID."""
    if id_.uuid:
        return id_.uuid.lower()
    if id_.code and id_.day:
        return numbered(id_.organ or sender, id_.day, id_.code)
    return _bounded(f"{organ(sender)}?{_plainly(id_.said)}")


def numbered(sender: str, day: date, code: str) -> str:
    """The key of what has this number and notation (120/CV-STN), however their letters, dashes and blanks are typed."""
    return _bounded(f"{organ(sender)},{day.isoformat()},{re.sub(' ?/ ?', '/', _plainly(code))}")


def _plainly(said: str) -> str:
    """CV/TƯ is one notation whether its Ư is one letter or a U and a horn, as some systems store it."""
    return " ".join(normal("NFC", said).translate(_TYPED).split()).upper()


def _bounded(key: str) -> str:
    """Two that differ only behind the longest stay two."""
    return key if len(key) <= LONGEST else f"{key[:LONGEST - 41]}~{hashlib.sha256(key.encode()).hexdigest()[:40]}"


def key_of(said: DocumentMessage) -> str:
    """The key of what a message is, or of what it recalls or updates. One that names no document goes by its number and
    day, and without these by what it says."""
    id_ = said.document_id
    if said.business.type in (Business.recall, Business.update):
        id_ = said.business.document_id or id_
    if id_ is not None:
        return key(id_, said.sender.id)
    if said.day and said.code.notation:
        return _by_number(said.sender.id, said.day, said.code)
    return f"{organ(said.sender.id)}?{payload_sha256(said)[:40]}"


def about_key(about: ResponseFor) -> str | None:
    """The key of the document that a status is about or a document answers; None where it is not said enough."""
    if about.document_id is not None:
        return key(about.document_id, about.organ)
    return _by_number(about.organ, about.day, about.code) if about.day and about.code.notation else None


def payload_sha256(said: Message) -> str:
    """What a message says, as one hash (hex): all but who gets it, the way that it came, how it is packed, and who
    handled it. The same in whatever dialect it is written; files by their names and their own bytes."""
    plain = {one.name: _plain(getattr(said, one.name), said.sender.id) for one in fields(said)
             if one.name not in _WRAPPING}
    if isinstance(said, DocumentMessage):
        plain["business"].pop("staff")
        plain["attachments"] = sorted([one.name, one.sha256] for one in said.attachments)
    text = json.dumps([str(said.kind), plain], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    text = normal("NFC", text)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _by_number(sender: str, day: date, code: Code) -> str:
    written = "/".join(part for part in (code.number, code.notation) if part)
    return numbered(sender, day, written)


def _plain(value: Any, sender: str) -> Any:
    match value:
        case DocumentId():
            return key(value, sender)
        case Organ() | ResponseFor() | ReceiverChange():
            said = {one.name: _plain(getattr(value, one.name), sender) for one in fields(value)}
            name = "id" if isinstance(value, Organ) else "organ"
            return said | {name: organ(said[name])}
        case Attachment():
            return [value.name, value.sha256]
        case StrEnum():
            return str(value)
        case date() | datetime():
            return value.isoformat()
        case tuple():
            return [_plain(one, sender) for one in value]
        case _ if is_dataclass(value):
            return {one.name: _plain(getattr(value, one.name), sender) for one in fields(value)}
        case _:
            return value
