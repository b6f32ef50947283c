"""Writes a message in a peer's own dialect, strictly: what the profile has, in its order and shapes, nothing else.

What is written is what `carrying.carried` says, so it reads back equal; the same message and profile give the same
bytes. Files are streamed from where they lie: none is ever held as a whole. What was signed is never written anew.
"""
import base64
import hashlib
import os
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import IO, BinaryIO
from xml.sax.saxutils import escape, quoteattr

from portal.exchange.edxml import archives, carrying
from portal.exchange.edxml.carrying import FIELDS, LeftOut, carried
from portal.exchange.edxml.limits import LIMITS
from portal.exchange.edxml.message import (
    Attachment,
    BusinessInfo,
    Code,
    DocumentId,
    DocumentMessage,
    Message,
    Organ,
    ResponseFor,
    Signature,
    StatusMessage,
    TraceHeader,
)
from portal.exchange.edxml.profiles import Profile
from portal.exchange.edxml.signatures import Signer, sign

__all__ = ["LeftOut", "SignedAlready", "Signer", "carried", "left_out", "must_pass_on", "write"]

NAMESPACE = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
_XLINK = "http://www.w3.org/1999/xlink"
_THREE_THIRDS = 3 * (1 << 16)  # bytes of which base64 makes whole groups
#: An element: its name, its text or its children, its attributes.
Element = tuple[str, "str | Sequence[Element]", Sequence[tuple[str, str]]]


class SignedAlready(Exception):
    """It was signed: written anew it would be nobody's word any more. Its original bytes are to be passed on."""


def must_pass_on(message: Message) -> bool:
    """Whether its original bytes must be handed on as they came, because it bears a signature, of whatever worth."""
    return message.seen.signature is not Signature.none


def left_out(message: Message, profile: Profile) -> list[LeftOut]:
    """What a peer of that profile will not get to know (`carrying.left_out`), and which attached files it cannot take
    as they are. Ask before sending."""
    found = carrying.left_out(message, profile)
    packed = [one.name for one in getattr(message, "attachments", ()) if _is_unpacked_there(one, profile)]
    return [*found, LeftOut("archive", FIELDS["archive"], "; ".join(packed))] if packed else found


def _is_unpacked_there(attachment: Attachment, profile: Profile) -> bool:
    """A zip would be taken for the packing of a file; an archive in one is refused. A Word file is neither."""
    if not attachment.path.is_file():
        return False
    with attachment.path.open("rb") as stream:
        head = stream.read(8)
        if archives.is_zip(head):
            return not archives.is_document(stream)
        return profile.zipped and archives.is_archive(head)


def write(message: Message, profile: Profile, out: BinaryIO, *, signer: Signer | None = None) -> None:
    """Writes the message into `out` as peers of that profile do; with `signer`, signed as a whole.

    Raises SignedAlready; ValueError where an attached file is not the one that the message describes (size, digest):
    what stands in `out` then is not to be used.
    """
    if must_pass_on(message):
        raise SignedAlready
    if signer is None:
        _write(message, profile, out)
        return
    with tempfile.TemporaryDirectory() as folder:
        unsigned = Path(folder) / "unsigned"
        with unsigned.open("wb") as stream:
            _write(message, profile, stream)
        sign(unsigned, out, signer)


def _write(message: Message, profile: Profile, out: BinaryIO) -> None:
    kept = carried(message, profile)
    xlink = f' xmlns:xlink="{_XLINK}"' if profile.xlink and isinstance(kept, DocumentMessage) else ""
    out.write(b'<?xml version="1.0" encoding="UTF-8"?>\n')
    out.write(f'<edXML xmlns="{NAMESPACE}" xmlns:edXML="{NAMESPACE}"{xlink}>'.encode())
    if isinstance(kept, StatusMessage):
        fields = _status(kept, profile)
        body = ("Status", fields, ()) if profile.status_older else _envelope([("MessageHeader", fields, ())], None)
        out.write(_xml(body).encode())
    else:
        out.write(_xml(_envelope(_header(kept, profile), _manifest(kept, profile))).encode())
        _attachments(kept.attachments, profile, out)
    out.write(b"</edXML>")


def _xml(element: Element, prefix: str = "edXML:") -> str:
    name, content, attributes = element
    said = "".join(f" {key}={quoteattr(value)}" for key, value in attributes)
    inside = escape(content) if isinstance(content, str) else "".join(_xml(one, prefix) for one in content)
    return f"<{prefix}{name}{said}>{inside}</{prefix}{name}>" if inside else f"<{prefix}{name}{said}/>"


def _envelope(header: Sequence[Element], body: Element | None) -> Element:
    parts: list[Element] = [("edXMLHeader", header, ())]
    return ("edXMLEnvelope", [*parts, *([body] if body else [])], ())


def _leaf(name: str, said: str) -> Element:
    return name, said, ()


def _header(message: DocumentMessage, profile: Profile) -> list[Element]:
    said = dict(_said(message, profile))
    fields = [(name, content, ()) for name in profile.header for content in said[name]
              if content or name not in profile.left_empty]
    trace: list[Element] = [("TraceHeader", _trace(one, profile), ()) for one in message.trace]
    if profile.business:
        trace.append(("Bussiness", _business(message.business, profile), ()))
    return [("MessageHeader", fields, ()), ("TraceHeaderList", trace, profile.trace_attributes)]


def _said(message: DocumentMessage, profile: Profile) -> Iterator[tuple[str, list[str | list[Element]]]]:
    """Of each element of MessageHeader, its contents: one for each time that it stands there."""
    yield "From", [_flat(message.sender, profile.organ, carrying.ORGAN, profile)]
    yield "To", [_flat(one, profile.organ, carrying.ORGAN, profile) for one in message.receivers]
    yield "DocumentId", [_id(message.document_id)]
    yield "Code", [_code(message.code)]
    yield "PromulgationInfo", [[_leaf("Place", message.place), _leaf("PromulgationDate", _day(message.day))]]
    yield "DocumentType", [_flat(message.type, profile.document_type, carrying.TYPE, profile)]
    yield "Subject", [message.subject]
    yield "Content", [message.content]
    yield "SignerInfo", [_flat(message.signer, profile.signer, carrying.SIGNER, profile)]
    yield "DueDate", [_day(message.due)]
    yield "OtherInfo", [_flat(message.other, profile.other, carrying.OTHER, profile)]
    yield "ResponseFor", [_about(one, profile) for one in message.response_for]
    yield "SteeringType", [message.steering]
    yield "ResponseForTask", [message.response_for_task]
    yield "ApplicationType", [message.application]
    yield "ToPlaces", [[_leaf("Place", one) for one in message.to_places]]


def _flat(thing: object, names: Sequence[str], fields: Mapping[str, str], profile: Profile) -> list[Element]:
    found: list[Element] = []
    for name in names:
        value = getattr(thing, fields[name])
        if isinstance(value, tuple):
            found += _list(name, value)
        elif value or name not in profile.left_empty:
            found.append(_leaf(name, value))
    return found


def _list(name: str, values: tuple[str, ...]) -> list[Element]:
    """Appendixes holds each Appendix; the codes of dossiers stand in one text."""
    if not values:
        return []
    if name == "ReferenceCodes":
        return [_leaf(name, ";".join(values))]
    return [(name, [_leaf(name[:-2] if name == "Appendixes" else name[:-1], one) for one in values], ())]


def _id(id_: DocumentId | None) -> str:
    return id_.said if id_ else ""


def _code(code: Code) -> list[Element]:
    return [_leaf("CodeNumber", code.number), _leaf("CodeNotation", code.notation)]


def _day(day: date | None) -> str:
    return day.strftime("%Y/%m/%d") if day else ""


def _about(about: ResponseFor, profile: Profile) -> list[Element]:
    said: dict[str, str | list[Element]] = {
        "OrganId": about.organ, "Code": _code(about.code), "DocumentId": _id(about.document_id),
        "PromulgationDate": _day(about.day)}
    return [(name, said[name], ()) for name in profile.response_for if said[name] or name not in profile.left_empty]


def _trace(header: TraceHeader, profile: Profile) -> list[Element]:
    code, name = header.business or ("", "")
    said: dict[str, str | list[Element]] = {
        "OrganId": header.organ, "Timestamp": header.at.strftime("%Y/%m/%d %H:%M:%S") if header.at else "",
        "Business": [_leaf("BusinessName", name), _leaf("BusinessCode", code)] if header.business else "",
        "StaffInfo": _flat(header.staff, profile.trace_staff, carrying.STAFF, profile) if header.staff else ""}
    return [(name, said[name], ()) for name in profile.trace if said[name] or name in ("OrganId", "Timestamp")]


def _business(business: BusinessInfo, profile: Profile) -> list[Element]:
    receivers = [("Receiver", [_leaf("OrganId", one.organ), _leaf("ReceiverType", one.type)], ())
                 for one in business.receivers]
    changes = bool(receivers or business.document_info or business.document_receiver)
    said: dict[str, list[str | list[Element]]] = {
        "DocumentId": [_id(business.document_id)], "BussinessDocType": [carrying.NUMBERS[business.type]],
        "BussinessDocReason": [business.reason], "Paper": [business.paper],
        "BussinessDocumentInfo": [[
            _leaf("DocumentInfo", business.document_info), _leaf("DocumentReceiver", business.document_receiver),
            ("ReceiverList", receivers, ())] if changes else ""],
        "ReplacementInfoList": [[("ReplacementInfo", [
            _leaf("DocumentId", _id(one.document_id)),
            ("OrganIdList", [_leaf("OrganId", organ) for organ in one.organs], ())], ())
            for one in business.replacements]],
        "StaffInfo": [_flat(one, profile.staff, carrying.STAFF, profile) for one in business.staff]}
    return [(name, content, ()) for name in profile.business for content in said[name]
            if content or name not in profile.left_empty]


def _status(message: StatusMessage, profile: Profile) -> list[Element]:
    sender: Organ = message.sender
    said: dict[str, list[str | list[Element]]] = {
        "From": [_flat(sender, profile.organ, carrying.ORGAN, profile)],
        "ResponseFor": [_about(one, profile) for one in message.about],
        "StaffInfo": [_flat(message.staff, profile.staff, carrying.STAFF, profile)],
        "StatusCode": [message.code], "Description": [message.description],
        "Timestamp": [message.at.strftime("%Y/%m/%d %H:%M:%S") if message.at else ""]}
    return [(name, content, ()) for name in profile.status for content in said[name]]


def _manifest(message: DocumentMessage, profile: Profile) -> Element:
    references: list[Element] = []
    for one in message.attachments:
        id_ = one.content_id.removeprefix("cid:")
        said = {"ContentId": profile.manifest_cid + id_, "ContentType": one.content_type,
                "Description": one.description, "AttachmentName": one.name}
        attributes = (("xlink:href", f"cid:{id_}"), *profile.xlink) if profile.xlink else ()
        references.append(("Reference", [_leaf(name, said[name]) for name in profile.reference], attributes))
    return "edXMLBody", [("edXMLManifest", references, (("version", "1.0"),))], ()


def _attachments(attachments: Sequence[Attachment], profile: Profile, out: BinaryIO) -> None:
    prefix = "edXML:" if profile.attachment_prefix else ""
    content = "edXML:ContentTransferEncoded" if profile.encoded_prefix else f"{prefix}ContentTransferEncoded"
    if not attachments:
        return
    out.write(f"<{prefix}AttachmentEncoded>".encode())
    for one in attachments:
        said = {"ContentId": one.content_id, "AttachmentName": one.name,
                "Description": one.description,
                "ContentType": "application/zip" if profile.zipped else one.content_type}
        out.write(f"<{prefix}Attachment>".encode())
        for name in profile.attachment:
            if name in said:
                out.write(_xml(_leaf(name, said[name]), prefix).encode())
                continue
            out.write(f"<{content}>".encode())
            _content(one, profile, out)
            out.write(f"</{content}>".encode())
        out.write(f"</{prefix}Attachment>".encode())
    out.write(f"</{prefix}AttachmentEncoded>".encode())


def _content(attachment: Attachment, profile: Profile, out: BinaryIO) -> None:
    """The file as base64, zipped where the profile says so: by way of the disk, so that the zip says its sizes before
    its bytes, which old readers need."""
    with attachment.path.open("rb") as stream:
        if not profile.zipped:
            _base64(_proven(stream, attachment), out)
            return
        with tempfile.TemporaryFile() as packed:
            _pack(_proven(stream, attachment), attachment, zipfile.ZIP_DEFLATED, packed)
            if attachment.size > LIMITS.ratio_from and attachment.size > LIMITS.ratio // 2 * packed.tell():
                packed.seek(0)
                packed.truncate()  # so small that a careful reader takes it for a bomb: then packed as it is
                stream.seek(0)
                _pack(_proven(stream, attachment), attachment, zipfile.ZIP_STORED, packed)
            packed.seek(0)
            _base64(iter(lambda: packed.read(_THREE_THIRDS), b""), out)


def _pack(pieces: Iterator[bytes], attachment: Attachment, how: int, packed: IO[bytes]) -> None:
    """Its entry says nothing of when and where it was packed: the same file is always packed to the same bytes. A
    colon would be read as a drive."""
    member = zipfile.ZipInfo(attachment.name.replace(":", "_"), (1980, 1, 1, 0, 0, 0))
    member.compress_type, member.create_system, member.file_size = how, 3, attachment.size
    with zipfile.ZipFile(packed, "w") as archive, archive.open(member, "w") as inside:
        for piece in pieces:
            inside.write(piece)
    packed.seek(0, os.SEEK_END)


def _proven(stream: BinaryIO, attachment: Attachment) -> Iterator[bytes]:
    """Its bytes in pieces of whole groups of base64. Raises ValueError at the end where they are others."""
    digest, size = hashlib.sha256(), 0
    while piece := stream.read(_THREE_THIRDS):
        digest.update(piece)
        size += len(piece)
        yield piece
    if (size, digest.hexdigest()) != (attachment.size, attachment.sha256):
        raise ValueError(f"the attached file {attachment.content_id} is not the one that the message describes")


def _base64(pieces: Iterator[bytes], out: BinaryIO) -> None:
    for piece in pieces:
        out.write(base64.b64encode(piece))
