"""What a message says, whatever dialect it came in. Plain data: no field is invented, and what was sent is kept as it
was written (`said`) beside what it means. Moments are aware: Vietnam's (`kit.clock.VN`) where no zone was sent.

Facts: QCVN 102:2016/BTTTT as deployed systems write it (docs/domain.md names the sources).
"""
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path


class Kind(StrEnum):
    """A document with its files, or word of what became of one."""

    document = "document"
    status = "status"


class Business(StrEnum):
    """What a document does (BussinessDocType 0 to 3)."""

    new = "new"
    recall = "recall"
    update = "update"
    replacing = "replace"


class Signature(StrEnum):
    """`not_verifiable`: there is one, and nobody here can say whose: never shown as valid."""

    none = "none"
    valid = "valid"
    not_verifiable = "not-verifiable"
    invalid = "invalid"


@dataclass(frozen=True)
class Organ:
    """Who sends or receives. `id` as it was sent: H99.01, 000.00.01.H99."""

    id: str
    name: str = ""
    in_charge: str = ""
    address: str = ""
    email: str = ""
    telephone: str = ""
    fax: str = ""
    website: str = ""


@dataclass(frozen=True)
class DocumentId:
    """`said`: as it was sent. Either (organ, day, code), with the parts as they were sent, or a UUID."""

    said: str
    organ: str | None = None
    day: date | None = None
    code: str | None = None
    uuid: str | None = None


@dataclass(frozen=True)
class Code:
    """Number and notation: 120 and CV-STN of 120/CV-STN."""

    number: str = ""
    notation: str = ""


@dataclass(frozen=True)
class DocumentType:
    """`type`: 0 a legal document, 1 an administrative one (L); `name`: Công văn, Quyết định …"""

    type: str = ""
    detail: str = ""
    name: str = ""


@dataclass(frozen=True)
class Signer:
    competence: str = ""
    position: str = ""
    name: str = ""


@dataclass(frozen=True)
class ResponseFor:
    """Which document this one answers, or a status is about."""

    organ: str
    code: Code = Code()
    document_id: DocumentId | None = None
    day: date | None = None


@dataclass(frozen=True)
class Staff:
    department: str = ""
    department_id: str = ""
    name: str = ""
    id: str = ""
    email: str = ""
    mobile: str = ""


@dataclass(frozen=True)
class TraceHeader:
    """One who passed it on, and when. `business`: (code, name) where the dialect says it here."""

    organ: str
    at: datetime | None = None
    business: tuple[str, str] | None = None
    staff: Staff | None = None


@dataclass(frozen=True)
class ReceiverChange:
    """In an update: a receiver taken out ("0") or added ("1"); a recall has other numbers in the field."""

    organ: str
    type: str = ""


@dataclass(frozen=True)
class Replacement:
    """A document that this one replaces, and for which of its receivers; none named: for all."""

    document_id: DocumentId
    organs: tuple[str, ...] = ()


@dataclass(frozen=True)
class BusinessInfo:
    """Bussiness of the trace headers. `document_id`: of what is recalled, updated or replaced."""

    type: Business = Business.new
    reason: str = ""
    document_id: DocumentId | None = None
    paper: str = ""
    document_info: str = ""
    document_receiver: str = ""
    receivers: tuple[ReceiverChange, ...] = ()
    replacements: tuple[Replacement, ...] = ()
    staff: tuple[Staff, ...] = ()


@dataclass(frozen=True)
class OtherInfo:
    priority: str = ""
    sphere: str = ""
    typer: str = ""
    amount: str = ""
    pages: str = ""
    direction: str = ""
    reply_fors: tuple[str, ...] = ()
    reference_codes: tuple[str, ...] = ()
    appendixes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Attachment:
    """A file as it is once unpacked. `name`: a bare name; `size`: bytes; `path`: where its bytes were put."""

    name: str
    size: int
    sha256: str
    path: Path
    content_id: str = ""
    content_type: str = ""
    description: str = ""
    zipped: bool = False


@dataclass(frozen=True)
class Seen:
    """What the reader noted of the message itself. `dialect`: a name of profiles.PROFILES, the nearest one;
    `deviations`: names of deviations.NAMES, each once, in the order met; `signed_by`: the certificate's subject."""

    dialect: str = ""
    deviations: tuple[str, ...] = ()
    signature: Signature = Signature.none
    signed_by: str = ""


@dataclass(frozen=True)
class DocumentMessage:
    """A document. `document_id` is None where the sender left it out."""

    sender: Organ
    receivers: tuple[Organ, ...]
    document_id: DocumentId | None = None
    code: Code = Code()
    place: str = ""
    day: date | None = None
    type: DocumentType = DocumentType()
    subject: str = ""
    content: str = ""
    signer: Signer = Signer()
    due: date | None = None
    to_places: tuple[str, ...] = ()
    other: OtherInfo = OtherInfo()
    response_for: tuple[ResponseFor, ...] = ()
    steering: str = ""
    response_for_task: str = ""
    application: str = ""
    trace: tuple[TraceHeader, ...] = ()
    business: BusinessInfo = BusinessInfo()
    attachments: tuple[Attachment, ...] = ()
    seen: Seen = field(default=Seen(), compare=False)

    @property
    def kind(self) -> Kind:
        return Kind.document


@dataclass(frozen=True)
class StatusMessage:
    """Word of what became of a document. `older`: in the form that had no envelope."""

    sender: Organ
    about: tuple[ResponseFor, ...]
    code: str
    at: datetime | None = None
    receivers: tuple[Organ, ...] = ()
    description: str = ""
    staff: Staff = Staff()
    older: bool = field(default=False, compare=False)
    seen: Seen = field(default=Seen(), compare=False)

    @property
    def kind(self) -> Kind:
        return Kind.status


Message = DocumentMessage | StatusMessage


class Refused(Exception):
    """The message is not taken. `reason`: a name of refusals.REASONS; `where`: the element or file, "" for it all."""

    def __init__(self, reason: str, where: str = "", **facts: object) -> None:
        super().__init__(f"{reason}: {where}" if where else reason)
        self.reason, self.where, self.facts = reason, where, facts
