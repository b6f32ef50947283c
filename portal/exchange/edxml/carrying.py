"""What of a message a profile carries. Pure: a message in, the message that a peer of that profile will read out.

`writing` writes that and nothing else, so what was written is what is read back; what differs from the message itself
is what is left out, and the sender is told in words before sending.
"""
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any

from portal.exchange.edxml import shapes
from portal.exchange.edxml.message import (
    Attachment,
    Business,
    BusinessInfo,
    Code,
    DocumentId,
    DocumentMessage,
    DocumentType,
    Message,
    Organ,
    OtherInfo,
    Replacement,
    ResponseFor,
    Signer,
    Staff,
    StatusMessage,
    TraceHeader,
)
from portal.exchange.edxml.profiles import VNPT, Profile
from portal.kit.clock import VN
from portal.kit.text import N_

#: Elements and the fields of the message that they say.
ORGAN: Mapping[str, str] = {
    "OrganId": "id", "OrganizationInCharge": "in_charge", "OrganName": "name", "OrganAdd": "address", "Email": "email",
    "Telephone": "telephone", "Fax": "fax", "Website": "website"}
TYPE: Mapping[str, str] = {"Type": "type", "TypeDetail": "detail", "TypeName": "name"}
SIGNER: Mapping[str, str] = {"Competence": "competence", "Position": "position", "FullName": "name"}
STAFF: Mapping[str, str] = {"Department": "department", "DepartmentId": "department_id", "Staff": "name",
                            "StaffId": "id", "Email": "email", "Mobile": "mobile", "StaffName": "name",
                            "StaffCode": "id"}
OTHER: Mapping[str, str] = {
    "Priority": "priority", "SphereOfPromulgation": "sphere", "TyperNotation": "typer", "PromulgationAmount": "amount",
    "PageAmount": "pages", "Direction": "direction", "ReplyFors": "reply_fors", "ReferenceCodes": "reference_codes",
    "Appendixes": "appendixes"}
NUMBERS: Mapping[Business, str] = {Business.new: "0", Business.recall: "1", Business.update: "2",
                                   Business.replacing: "3"}
#: In the words of the dialect that says it in the trace header.
WORDS: Mapping[Business, str] = {
    Business.new: "Văn bản mới", Business.recall: "Thu hồi văn bản", Business.update: "Cập nhật văn bản",
    Business.replacing: "Thay thế văn bản"}
_LONGEST = 200
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_APART = re.compile(r"\s*[;,|\n]+\s*")


def carried(message: Message, profile: Profile) -> Message:
    """The message as a peer of that profile will read it: the fields that it has, in the shapes that it has."""
    return _status(message, profile) if isinstance(message, StatusMessage) else _document(message, profile)


def _document(message: DocumentMessage, profile: Profile) -> DocumentMessage:
    has = profile.header
    sender = _organ(message.sender, profile)
    business = _business(message.business, profile)
    id_ = _id(message.document_id, profile) or business.document_id
    return DocumentMessage(
        sender, _receivers(message.receivers, profile), document_id=id_, code=_code(message.code),
        place=text(message.place), day=message.day,
        type=_flat(message.type, DocumentType(), TYPE, profile.document_type),
        subject=text(message.subject), content=text(message.content),
        signer=_flat(message.signer, Signer(), SIGNER, profile.signer),
        due=message.due if "DueDate" in has else None, to_places=_list(message.to_places),
        other=_flat(message.other, OtherInfo(), OTHER, profile.other),
        response_for=_abouts(message.response_for, profile) if "ResponseFor" in has else (),
        steering=text(message.steering),
        response_for_task=text(message.response_for_task) if "ResponseForTask" in has else "",
        application=text(message.application) if "ApplicationType" in has else "",
        trace=_trace(message, sender, profile), business=business,
        attachments=_attachments(message.attachments, profile))


def _status(message: StatusMessage, profile: Profile) -> StatusMessage:
    return StatusMessage(
        _organ(message.sender, profile), _abouts(message.about, profile), text(message.code).zfill(2),
        at=stamp(message.at), description=text(message.description),
        staff=_flat(message.staff, Staff(), STAFF, profile.staff), older=profile.status_older)


def text(said: str) -> str:
    """What XML can say, with nothing at its ends."""
    return _NOT_XML.sub("", said.replace("\r\n", "\n").replace("\r", "\n")).strip()


def stamp(at: datetime | None) -> datetime | None:
    """To the second, in Vietnam's time: all that a message says."""
    return at.astimezone(VN).replace(microsecond=0) if at else None


def _flat(thing: Any, nothing: Any, said_by: Mapping[str, str], names: tuple[str, ...]) -> Any:
    """A plain part of a message with those of its fields that are in `names`."""
    kept = {said_by[name]: getattr(thing, said_by[name]) for name in names}
    return replace(nothing, **{name: _list(value, _APART if name == "reference_codes" else None)
                               if isinstance(value, tuple) else text(value) for name, value in kept.items()})


def _list(values: tuple[str, ...], apart: re.Pattern[str] | None = None) -> tuple[str, ...]:
    """Without empty ones. What tells values apart in a list cannot stand inside of one."""
    found = [re.sub(r"\s*[;\n]+\s*", ", ", text(value)).strip(", ") for value in values]
    parts = [part for value in found for part in (apart.split(value) if apart else [value])]
    return tuple(part for part in parts if part)


def _organ(organ: Organ, profile: Profile) -> Organ:
    kept: Organ = _flat(organ, Organ(""), ORGAN, profile.organ)
    return kept


def _receivers(organs: tuple[Organ, ...], profile: Profile) -> tuple[Organ, ...]:
    """Each once, as it is said first."""
    found: dict[str, Organ] = {}
    for one in (_organ(each, profile) for each in organs if text(each.id)):
        found.setdefault(one.id, one)
    return tuple(found.values())


def _id(id_: DocumentId | None, profile: Profile) -> DocumentId | None:
    """In the profile's shape. A UUID and what has a form of its own goes as it is: another would name another."""
    if id_ is None or not text(id_.said or id_.uuid or ""):
        return None
    if not id_.uuid and id_.organ and id_.day and id_.code:
        said = f"{text(id_.organ)},{id_.day.strftime(profile.id_day)},{text(id_.code)}"
    else:
        said = text(id_.said or id_.uuid or "")
    return shapes.document_id(said)[0]


def _code(code: Code) -> Code:
    number, notation = text(code.number), text(code.notation)
    return shapes.code(number) if "/" in number and not notation else Code(number, notation)


def _abouts(abouts: tuple[ResponseFor, ...], profile: Profile) -> tuple[ResponseFor, ...]:
    kept = [ResponseFor(text(one.organ), _code(one.code), _id(one.document_id, profile), one.day) for one in abouts]
    return tuple(one for one in kept if one.document_id is not None or one.code != Code())


def _trace(message: DocumentMessage, sender: Organ, profile: Profile) -> tuple[TraceHeader, ...]:
    """The dialect without Bussiness says in the sender's trace header what the document does."""
    in_trace = "Business" in profile.trace
    found = [TraceHeader(text(one.organ), stamp(one.at),
                         staff=_flat(one.staff, Staff(), STAFF, profile.trace_staff)
                         if one.staff and profile.trace_staff else None) for one in message.trace]
    if in_trace:
        first = found[0] if found else TraceHeader(sender.id)
        found[:1] = [replace(first, business=(NUMBERS[message.business.type], WORDS[message.business.type]))]
    return tuple(found)


def _business(business: BusinessInfo, profile: Profile) -> BusinessInfo:
    has = profile.business
    kept = BusinessInfo(business.type)
    if not has:
        return kept
    staff = tuple(_flat(one, Staff(), STAFF, profile.staff) for one in business.staff)[:profile.only_staff]
    kept = replace(kept, reason=text(business.reason), paper=text(business.paper), staff=staff)
    if "DocumentId" in has:
        kept = replace(kept, document_id=_id(business.document_id, profile))
    if "BussinessDocumentInfo" in has:
        kept = replace(kept, document_info=text(business.document_info),
                       document_receiver=text(business.document_receiver),
                       receivers=tuple(replace(one, organ=text(one.organ), type=text(one.type))
                                       for one in business.receivers))
    if "ReplacementInfoList" in has:
        kept = replace(kept, replacements=tuple(
            Replacement(id_, tuple(filter(None, map(text, one.organs)))) for one in business.replacements
            if (id_ := _id(one.document_id, profile))))
    return kept


def _attachments(attachments: tuple[Attachment, ...], profile: Profile) -> tuple[Attachment, ...]:
    """Each under an id of its own: where two have one, all are numbered."""
    ids = [_bare(one.content_id) or str(nth) for nth, one in enumerate(attachments, 1)]
    if len({one.casefold() for one in ids}) < len(ids):
        ids = [str(nth) for nth in range(1, len(ids) + 1)]
    has = (*profile.reference, *profile.attachment)
    return tuple(replace(
        one, name=shapes.bare_name(text(one.name)) or f"attachment-{nth}", content_id=profile.attachment_cid + id_,
        content_type=text(one.content_type) or "application/octet-stream",
        description=text(one.description) if "Description" in has else "", zipped=profile.zipped)
        for nth, (one, id_) in enumerate(zip(attachments, ids, strict=True), 1))


def _bare(content_id: str) -> str:
    plain = text(content_id).strip("<> ")
    return plain[4:].strip("<> ") if plain[:4].lower() == "cid:" else plain


@dataclass(frozen=True)
class LeftOut:
    """What a profile cannot carry: the element, in words (a msgid), and what would be lost, as the message says it."""

    field: str
    words: str
    lost: str = ""


FIELDS: Mapping[str, str] = {
    "receivers": N_("The names of receivers in a status"),
    "DocumentType": N_("The kind of document"),
    "SignerInfo": N_("The signer's position and on whose behalf"),
    "DueDate": N_("By when an answer is asked"),
    "ReplyFors": N_("The list of documents replied to"),
    "Direction": N_("Whether it gives a direction"),
    "ReferenceCodes": N_("The codes of dossiers"),
    "Appendixes": N_("The list of appendixes"),
    "ResponseFor": N_("Which documents it answers"),
    "ResponseForTask": N_("Which task it answers"),
    "ApplicationType": N_("The kind of application"),
    "TraceHeader/Business": N_("What each system on the way did"),
    "TraceHeader/StaffInfo": N_("Who passed it on in each system on the way"),
    "Bussiness/DocumentId": N_("Which document is recalled, updated or replaced"),
    "BussinessDocReason": N_("The reason"),
    "Paper": N_("Whether a paper copy follows"),
    "BussinessDocumentInfo": N_("Which receivers are added or taken out"),
    "ReplacementInfoList": N_("Which document is replaced for which receivers"),
    "StaffInfo": N_("The person in charge at the sender"),
    "Description": N_("The description of attached files"),
    "archive": N_("An attached archive: systems unpack it or refuse it, attach the files that are in it"),
}


#: A profile that has all that any has: what is asked of another is compared with it.
_EVERYTHING = replace(VNPT, trace=(*VNPT.trace, "Business", "StaffInfo"), trace_staff=VNPT.staff)


def left_out(message: Message, profile: Profile) -> list[LeftOut]:
    """What a peer of that profile will not get to know, in the order of FIELDS. Ask before sending."""
    whole, kept = _leaves(carried(message, _EVERYTHING)), _leaves(carried(message, profile))
    if isinstance(message, StatusMessage):
        whole["receivers"] = [one.id for one in message.receivers]
    else:
        said = [one.business[1] or one.business[0] for one in message.trace if one.business]
        whole["TraceHeader/Business"] = said
        kept["TraceHeader/Business"] = said[:1] if "Business" in profile.trace else []
    return [LeftOut(name, FIELDS[name], _short(whole[name])) for name in FIELDS
            if whole.get(name) and whole[name] != kept.get(name)]


def _leaves(message: Message) -> dict[str, Any]:
    """By names of FIELDS, what the message says there; nothing where it says nothing."""
    if isinstance(message, StatusMessage):
        return {"StaffInfo": _words(message.staff)}
    business, other = message.business, message.other
    named = _key(business.document_id)
    return {
        "DocumentType": _words(message.type), "SignerInfo": _words(message.signer), "DueDate": message.due,
        "ReplyFors": other.reply_fors, "Direction": other.direction, "ReferenceCodes": other.reference_codes,
        "Appendixes": other.appendixes, "ResponseForTask": message.response_for_task,
        "ResponseFor": [f"{one.organ} {one.code.number}/{one.code.notation}" for one in message.response_for],
        "ApplicationType": message.application,
        "TraceHeader/StaffInfo": [_words(one.staff) for one in message.trace if one.staff],
        "Bussiness/DocumentId": named if named != _key(message.document_id) else "",
        "BussinessDocReason": business.reason, "Paper": business.paper,
        "BussinessDocumentInfo": [f"{one.organ} {one.type}".strip() for one in business.receivers]
        or business.document_info or business.document_receiver,
        "ReplacementInfoList": [", ".join((_key(one.document_id), *one.organs)) for one in business.replacements],
        "StaffInfo": [_words(one) for one in business.staff],
        "Description": [one.description for one in message.attachments if one.description]}


def _words(part: Any) -> str:
    return ", ".join(value for value in (getattr(part, one.name) for one in fields(part)) if value)


def _key(id_: DocumentId | None) -> str:
    if id_ is None:
        return ""
    return id_.uuid or (f"{id_.organ},{id_.day:%Y/%m/%d},{id_.code}" if id_.organ and id_.day else id_.said)


def _short(value: Any) -> str:
    if isinstance(value, list | tuple):
        value = "; ".join(str(one) for one in value if one)
    said = value.strftime("%d/%m/%Y") if isinstance(value, date) else str(value)
    return said if len(said) <= _LONGEST else said[:_LONGEST - 1] + "…"
