"""What would become of a message if it came: read, judged and written for each peer, and nothing of it is kept.

Slow: not inside a transaction that writes, and none is open while it reads (what asks for certificates is ended).
"""
import hashlib
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from portal.exchange import participants, queries
from portal.exchange.edxml.carrying import LeftOut
from portal.exchange.edxml.message import Message, Signature
from portal.exchange.edxml.profiles import PROFILES, Profile
from portal.kit import files
from portal.kit.db import session, slow

SHOWN = 40_000  # characters of what a peer would get that a page shows
SHORT = 80  # characters of a file's base64 that it shows
_CHUNK = 64 * 1024
_CONTENT = re.compile(rf"(<(?:\w+:)?ContentTransferEncoded>)([^<]{{{SHORT}}})[^<]*(?=<|$)")

#: Where in a message a deviation is met, where that is one place.
WHERE: Mapping[str, str] = {
    "organ_old": "OrganId", "organ_unknown": "OrganId", "organ_plain": "To", "organs_in_one": "To/OrganId",
    "receiver_missing": "MessageHeader/To", "document_id_missing": "MessageHeader/DocumentId",
    "document_id_in_business": "Bussiness/DocumentId", "document_id_uuid": "DocumentId",
    "document_id_date": "DocumentId", "document_id_form": "DocumentId",
    "document_id_differs": "MessageHeader/DocumentId",
    "code_missing": "MessageHeader/Code", "code_text": "Code", "type_missing": "MessageHeader/DocumentType",
    "subject_missing": "MessageHeader/Subject", "date_form": "PromulgationDate, DueDate",
    "date_unreadable": "PromulgationDate, DueDate", "stamp_form": "Timestamp", "stamp_zone": "Timestamp",
    "stamp_missing": "Timestamp", "list_in_text": "Appendixes, ReferenceCodes, ReplyFors, ToPlaces",
    "trace_missing": "TraceHeaderList", "business_missing": "TraceHeaderList/Bussiness",
    "business_in_trace": "TraceHeader/Business", "business_words": "BussinessDocType",
    "business_unread": "TraceHeader/Business", "spelling_business": "TraceHeaderList",
    "status_code_short": "StatusCode",
    "status_code_unknown": "StatusCode", "manifest_missing": "edXMLBody/edXMLManifest",
    "content_id_plain": "ContentId", "content_id_missing": "ContentId", "content_id_differs": "ContentId",
    "not_in_manifest": "AttachmentEncoded/Attachment", "attachment_several": "ContentTransferEncoded",
    "attachment_empty": "ContentTransferEncoded",
    "content_type_differs": "Attachment/ContentType", "name_in_manifest": "AttachmentName",
    "name_in_attachment": "AttachmentName", "name_differs": "AttachmentName", "name_in_zip": "ContentTransferEncoded",
    "name_missing": "AttachmentName", "name_tidied": "AttachmentName", "zip_folder": "ContentTransferEncoded",
    "signature_empty": "edXMLHeader", "signature_sha1": "SignatureMethod",
    "signature_stub": "SignedInfo", "signature_partial": "SignedInfo/Reference", "signature_place": "Signature",
    "order_other": "MessageHeader", "status_older": "Status"}


@dataclass(frozen=True)
class Peer:
    """How a peer of a profile would get it: `text` for people (in lines, contents of files shortened, cut at SHOWN), of
    a message of `size` bytes. Both are empty where its original bytes are passed on."""

    profile: Profile
    left_out: Sequence[LeftOut] = ()
    size: int = 0
    text: str = ""


@dataclass(frozen=True)
class Looked:
    """What was understood. `sender`: the name of who is connected under the sender's id; `pins`: how many certificates
    are pinned for it; `fault`: what makes a signature invalid (of signatures.FAULTS); `passed_on`: nobody gets it but
    in its original bytes."""

    message: Message
    size: int
    sha256: str
    sender: str | None
    pins: int
    fault: str
    passed_on: bool
    peers: Sequence[Peer]


def look(stream: BinaryIO) -> Looked:
    """Reads a message and writes it for every peer. Raises edxml.message.Refused."""
    from portal.exchange.edxml import reading, writing  # noqa: PLC0415  heavy, and only needed here
    slow("reading a message")
    session.rollback()
    with files.bench() as bench:
        size, sha256 = _measured(stream)
        message = reading.read(stream, bench, certificates=_pinned)
        found, pems = _known(message.sender.id)
        passed_on = writing.must_pass_on(message)
        return Looked(message, size, sha256, found, len(pems), _fault(message, stream, pems, bench), passed_on,
                      [Peer(one) if passed_on else _peer(message, one, bench) for one in PROFILES.values()])


def written(stream: BinaryIO, profile: Profile) -> BinaryIO:
    """The message in a profile's dialect, as a file that goes when it is closed; where it was signed, its original
    bytes. Raises edxml.message.Refused."""
    from portal.exchange.edxml import reading, writing  # noqa: PLC0415  heavy, and only needed here
    slow("writing a message")
    session.rollback()
    out = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115  whoever asked closes it
    try:
        with files.bench() as bench:
            message = reading.read(stream, bench)
            if writing.must_pass_on(message):
                stream.seek(0)
                shutil.copyfileobj(stream, out, _CHUNK)
            else:
                writing.write(message, profile, out)
    except BaseException:
        out.close()
        raise
    out.seek(0)
    return out


def _measured(stream: BinaryIO) -> tuple[int, str]:
    size, digest = 0, hashlib.sha256()
    while piece := stream.read(_CHUNK):
        size += len(piece)
        digest.update(piece)
    stream.seek(0)
    return size, digest.hexdigest()


def _pinned(organ: str) -> Sequence[str]:
    return _known(organ)[1]


def _known(organ: str) -> tuple[str | None, Sequence[str]]:
    """The name of who is connected under this id, and its certificates. No transaction stays open."""
    found = queries.participant_by_code(organ)
    known = (found.name, participants.pinned(found)) if found else (None, [])
    session.rollback()
    return known


def _fault(message: Message, stream: BinaryIO, pems: Sequence[str], bench: Path) -> str:
    """Why a signature is invalid; the reader says only that it is."""
    from portal.exchange.edxml import signatures  # noqa: PLC0415  heavy, and only needed here
    if message.seen.signature is not Signature.invalid:
        return ""
    copy = bench / "signed"
    stream.seek(0)
    with copy.open("wb") as out:
        shutil.copyfileobj(stream, out, _CHUNK)
    return signatures.judge(copy, pems)[3]


def _peer(message: Message, profile: Profile, bench: Path) -> Peer:
    from portal.exchange.edxml import writing  # noqa: PLC0415  heavy, and only needed here
    place = bench / f"for-{profile.name}"
    with place.open("wb") as out:
        writing.write(message, profile, out)
    size = place.stat().st_size
    with place.open(encoding="utf-8") as whole:
        text = readable(whole.read(1_000_000))
    place.unlink()
    return Peer(profile, writing.left_out(message, profile), size, text)


def readable(said: str) -> str:
    """A message that is written in one line, for people: each element in a line of its own, contents shortened."""
    short = _CONTENT.sub(r"\1\2…", said)
    lines, depth = [], 0
    for line in short.replace("><", ">\n<").split("\n"):
        closes = line.startswith("</")
        depth -= closes
        lines.append("  " * max(0, depth) + line)
        opens = line.startswith("<") and not closes and not line.startswith("<?")
        depth += opens and "</" not in line and not line.endswith("/>")
    text = "\n".join(lines)
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"
