"""Makers of messages: as they are understood, as they were taken in, and as bytes."""
import hashlib
from base64 import b64encode
from datetime import date
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from portal.exchange import identity
from portal.exchange.edxml import message as edxml
from portal.exchange.edxml.message import (
    Attachment,
    Business,
    BusinessInfo,
    Code,
    DocumentId,
    DocumentMessage,
    Organ,
    ResponseFor,
    StatusMessage,
)
from portal.exchange.issuing import Enclosed
from portal.exchange.unpacking import Taken
from portal.files import actions
from portal.kit import files
from tests import make

NS = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
n = count(1)
DAY = date(2026, 11, 3)


def id_of(sender: str, number: int | str, day: date = DAY, notation: str = "UBND-VX") -> DocumentId:
    """A document's id in the commonest shape."""
    code = f"{number}/{notation}"
    return DocumentId(f"{sender},{day:%Y/%m/%d},{code}", sender, day, code)


def document(*to: str, sender: str = "H26", number: int | None = None, name: str | None = "cong-van.pdf",
             **said: Any) -> DocumentMessage:
    """A new document of H26 to these (H17), with a file."""
    number = number or 1000 + next(n)
    file = (Attachment(name, len(make.PDF), hashlib.sha256(make.PDF).hexdigest(), Path("none")),) if name else ()
    return DocumentMessage(**{
        "sender": Organ(sender, f"Cơ quan {sender}"), "receivers": tuple(Organ(one) for one in to or ("H17",)),
        "document_id": id_of(sender, number), "code": Code(str(number), "UBND-VX"), "day": DAY, "place": "Hà Nội",
        "subject": f"Về việc phối hợp số {number}", "attachments": file} | said)


def about(of: DocumentMessage) -> ResponseFor:
    """A reference to a document."""
    return ResponseFor(of.sender.id, of.code, of.document_id, of.day)


def change(of: DocumentMessage, type_: Business, *to: str, **business: Any) -> DocumentMessage:
    """What recalls or updates a document, for these receivers (those of the document)."""
    said = {"type": type_, "document_id": of.document_id, "reason": "Ban hành nhầm"} | business
    return edxml.DocumentMessage(**{one: getattr(of, one) for one in of.__dataclass_fields__} | {
        "business": BusinessInfo(**said), "receivers": tuple(Organ(one) for one in to) if to else of.receivers,
        "attachments": ()})


def status(of: DocumentMessage, code: str, sender: str = "H17", **said: Any) -> StatusMessage:
    """Word of what became of a document at H17."""
    return StatusMessage(**{"sender": Organ(sender), "about": (about(of),), "code": code} | said)


def taken(said: edxml.Message, content: bytes | None = None) -> Taken:
    """The message as it was read in: its bytes are kept, its files proven."""
    blob = files.keep_bytes(content or f"{said} {next(n)}".encode(), "application/xml")
    enclosed = tuple(Enclosed(one.name, one.size, one.sha256, one.name,
                              actions.prove(BytesIO(make.PDF), one.name), None)
                     for one in getattr(said, "attachments", ()))
    return Taken(said, blob, enclosed, identity.payload_sha256(said))


def xml(said: edxml.Message, pdf: bytes = make.PDF) -> bytes:
    """The message as bytes, in the commonest order."""
    if isinstance(said, StatusMessage):
        return _envelope(_organ("From", said.sender) + "".join(map(_response, said.about))
                         + _tag("StatusCode", said.code) + _tag("Description", said.description)
                         + (_tag("Timestamp", f"{said.at:%Y/%m/%d %H:%M:%S}") if said.at else ""))
    header = "".join((
        _organ("From", said.sender), *(_organ("To", one) for one in said.receivers), _id(said.document_id),
        _code(said.code), f"<PromulgationInfo>{_tag('Place', said.place)}{_day(said.day)}</PromulgationInfo>",
        _tag("Subject", said.subject), _tag("DueDate", f"{said.due:%Y/%m/%d}") if said.due else "",
        *map(_response, said.response_for)))
    numbers = {Business.new: 0, Business.recall: 1, Business.update: 2, Business.replacing: 3}
    business = said.business
    changes = "".join(f"<BussinessDocumentInfo><DocumentReceiver>1</DocumentReceiver><ReceiverList><Receiver>"
                      f"<ReceiverType>{one.type}</ReceiverType>{_tag('OrganId', one.organ)}</Receiver></ReceiverList>"
                      "</BussinessDocumentInfo>" for one in business.receivers)
    trace = (f"<TraceHeaderList id='1' version='1.0'><TraceHeader>{_tag('OrganId', said.sender.id)}"
             f"<Timestamp>2026/11/03 08:00:00</Timestamp></TraceHeader><Bussiness>{_id(business.document_id)}"
             f"<BussinessDocType>{numbers[business.type]}</BussinessDocType>"
             f"{_tag('BussinessDocReason', business.reason)}{changes}</Bussiness></TraceHeaderList>")
    return _envelope(header, trace, said.attachments, pdf)


def _envelope(header: str, trace: str = "", attached: tuple[Attachment, ...] = (), pdf: bytes = b"") -> bytes:
    listed = "".join(f"<Reference><ContentId>cid:{i}</ContentId><ContentType>application/pdf</ContentType>"
                     f"{_tag('AttachmentName', one.name)}</Reference>" for i, one in enumerate(attached))
    files_ = "".join(f"<Attachment><ContentType>application/pdf</ContentType><ContentId>cid:{i}</ContentId>"
                     f"{_tag('AttachmentName', one.name)}<ContentTransferEncoded>{b64encode(pdf).decode()}"
                     "</ContentTransferEncoded></Attachment>" for i, one in enumerate(attached))
    body = f"<edXMLBody><edXMLManifest version='1.0'>{listed}</edXMLManifest></edXMLBody>" if listed else ""
    tail = f"<AttachmentEncoded>{files_}</AttachmentEncoded>" if files_ else ""
    return (f"<?xml version='1.0' encoding='UTF-8'?><edXML xmlns='{NS}'><edXMLEnvelope><edXMLHeader><MessageHeader>"
            f"{header}</MessageHeader>{trace}</edXMLHeader>{body}</edXMLEnvelope>{tail}</edXML>").encode()


def _tag(name: str, text: str) -> str:
    return f"<{name}>{escape(text)}</{name}>"


def _organ(name: str, said: Organ) -> str:
    return f"<{name}>{_tag('OrganId', said.id)}{_tag('OrganName', said.name)}</{name}>"


def _id(said: DocumentId | None) -> str:
    return _tag("DocumentId", said.said) if said else ""


def _code(said: Code) -> str:
    return f"<Code>{_tag('CodeNumber', said.number)}{_tag('CodeNotation', said.notation)}</Code>"


def _day(said: date | None) -> str:
    return _tag("PromulgationDate", f"{said:%Y/%m/%d}") if said else ""


def _response(said: ResponseFor) -> str:
    return f"<ResponseFor>{_tag('OrganId', said.organ)}{_code(said.code)}{_id(said.document_id)}" \
           f"{_day(said.day)}</ResponseFor>"
