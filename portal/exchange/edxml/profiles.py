"""The three dialects in which deployed systems read and write edXML, as data: what each has, and in which order.

A profile is what its peers are known to write (docs/domain.md names the sources); nothing is added that they do not
have. What a message says beyond it is not carried, and the sender is told before (`writing.left_out`).
"""
from collections.abc import Mapping
from dataclasses import dataclass, field

from portal.kit.text import N_

_ORGAN = ("OrganId", "OrganizationInCharge", "OrganName", "OrganAdd", "Email", "Telephone", "Fax", "Website")
_STAFF = ("Department", "DepartmentId", "Staff", "StaffId", "Email", "Mobile")
_NEXT_ACTOR = "http://schemas.xmlsoap.org/soap/actor/next"
_XLINK = (("xlink:role", "XLinkRole"), ("xlink:type", "simple"))


@dataclass(frozen=True)
class Profile:
    """Each tuple: names of elements in the order in which they are written; () where the dialect has none of it.

    `trace_staff`: of StaffInfo in a TraceHeader; `only_staff`: how many StaffInfo Bussiness may have, None for any;
    `id_day`: how the date in a DocumentId is written; `attachment_prefix`: of AttachmentEncoded and all in it;
    `encoded_prefix`: of the content alone; `manifest_cid`, `attachment_cid`: what stands before a ContentId there;
    `xlink`: attributes of a Reference beside xlink:href; `status_older`: statuses in the form that had no envelope.
    """

    name: str
    words: str
    header: tuple[str, ...]
    organ: tuple[str, ...]
    document_type: tuple[str, ...]
    signer: tuple[str, ...]
    other: tuple[str, ...]
    response_for: tuple[str, ...]
    trace: tuple[str, ...]
    business: tuple[str, ...]
    staff: tuple[str, ...]
    reference: tuple[str, ...]
    attachment: tuple[str, ...]
    status: tuple[str, ...]
    trace_attributes: tuple[tuple[str, str], ...] = ()
    trace_staff: tuple[str, ...] = ()
    only_staff: int | None = None
    id_day: str = "%Y/%m/%d"
    zipped: bool = False
    attachment_prefix: bool = False
    encoded_prefix: bool = False
    manifest_cid: str = ""
    attachment_cid: str = ""
    xlink: tuple[tuple[str, str], ...] = ()
    status_older: bool = False
    #: Elements that are left out where they would be empty; the others are written empty, as the peers do.
    left_empty: frozenset[str] = field(default=frozenset({
        "OrganizationInCharge", "ReplyFors", "Direction", "ReferenceCodes", "Appendixes", "ResponseForTask",
        "BussinessDocumentInfo", "ReplacementInfoList", "DocumentId", "PromulgationDate", "ToPlaces"}))


VNPT = Profile(
    "vnpt", N_("Java library of VNPT (most agencies)"),
    header=("From", "To", "DocumentId", "Code", "PromulgationInfo", "DocumentType", "Subject", "Content", "SignerInfo",
            "DueDate", "OtherInfo", "ResponseFor", "SteeringType", "ResponseForTask", "ApplicationType", "ToPlaces"),
    organ=_ORGAN, document_type=("Type", "TypeDetail", "TypeName"), signer=("Competence", "Position", "FullName"),
    other=("Priority", "SphereOfPromulgation", "TyperNotation", "PromulgationAmount", "PageAmount", "Direction",
           "ReplyFors", "ReferenceCodes", "Appendixes"),
    response_for=("OrganId", "Code", "DocumentId", "PromulgationDate"),
    trace=("OrganId", "Timestamp"), trace_attributes=(("id", "1"), ("version", "1.0")),
    business=("DocumentId", "BussinessDocType", "BussinessDocReason", "Paper", "BussinessDocumentInfo",
              "ReplacementInfoList", "StaffInfo"),
    staff=_STAFF, reference=("ContentId", "ContentType", "Description", "AttachmentName"),
    attachment=("ContentId", "AttachmentName", "Description", "ContentType", "ContentTransferEncoded"),
    status=("From", "ResponseFor", "StaffInfo", "StatusCode", "Description", "Timestamp"),
    zipped=True, attachment_prefix=True, manifest_cid="cid:", attachment_cid="cid:")

CSHARP = Profile(
    "csharp", N_("C# systems (example of 2019)"),
    header=("From", "To", "Code", "PromulgationInfo", "DocumentType", "Subject", "Content", "SignerInfo", "DueDate",
            "ToPlaces", "OtherInfo", "ResponseFor", "SteeringType", "DocumentId"),
    organ=_ORGAN, document_type=("Type", "TypeName", "TypeDetail"), signer=("Competence", "Position", "FullName"),
    other=("Priority", "SphereOfPromulgation", "TyperNotation", "PromulgationAmount", "PageAmount", "Appendixes"),
    response_for=("OrganId", "Code", "PromulgationDate", "DocumentId"),
    trace=("OrganId", "Timestamp"),
    trace_attributes=(("id", "1"), ("version", "1.0"), ("mustUnderstand", "1"), ("actor", _NEXT_ACTOR)),
    business=("BussinessDocType", "BussinessDocReason", "StaffInfo", "Paper"), staff=_STAFF, only_staff=1,
    reference=("Description", "AttachmentName", "ContentType", "ContentId"), xlink=_XLINK,
    attachment=("ContentType", "ContentId", "Description", "ContentTransferEncoded", "AttachmentName"),
    status=("ResponseFor", "From", "StatusCode", "Description", "Timestamp", "StaffInfo"), status_older=True)

GATEWAY = Profile(
    "gateway", N_("Gateways that pack files into edXML"),
    header=("From", "To", "DocumentId", "Code", "PromulgationInfo", "Subject", "Content", "SignerInfo", "OtherInfo",
            "SteeringType", "ToPlaces"),
    organ=_ORGAN, document_type=(), signer=("FullName",),
    other=("Priority", "SphereOfPromulgation", "TyperNotation", "PromulgationAmount", "PageAmount", "Direction",
           "Appendixes"),
    response_for=("OrganId", "Code", "DocumentId", "PromulgationDate"),
    trace=("OrganId", "Business", "StaffInfo", "Timestamp"), trace_staff=("StaffName", "StaffCode"),
    business=(), staff=_STAFF, id_day="%Y-%m-%d", reference=("ContentId", "ContentType", "AttachmentName"),
    attachment=("ContentId", "AttachmentName", "ContentType", "ContentTransferEncoded"),
    status=("From", "ResponseFor", "StaffInfo", "StatusCode", "Description", "Timestamp"),
    encoded_prefix=True, manifest_cid="cid:", attachment_cid="cid:")

PROFILES: Mapping[str, Profile] = {one.name: one for one in (VNPT, CSHARP, GATEWAY)}
