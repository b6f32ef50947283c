"""What was understood of a message, as plain data that a page shows and a row keeps. Pure."""
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from portal.exchange import identity
from portal.exchange.edxml.message import (
    DocumentId,
    DocumentMessage,
    Message,
    Organ,
    ResponseFor,
    StatusMessage,
)

Enclosed = tuple[str, int, str, str | None]  # name, size in bytes, SHA-256 of the bytes, why it cannot be shown


def of(said: Message, enclosed: Iterable[Enclosed] = ()) -> dict[str, Any]:
    """`from`, `to` [{id, code, name}], and by its kind what a document or a status says. Days and moments in ISO 8601;
    what was left out is left out or empty."""
    known: dict[str, Any] = {"from": _organ(said.sender), "to": [_organ(one) for one in said.receivers]}
    if isinstance(said, StatusMessage):
        return known | _status(said)
    return known | _document(said) | {"attachments": [
        {"name": name, "size": size, "sha256": sha256, "reason": reason} for name, size, sha256, reason in enclosed]}


def about(responses: Iterable[ResponseFor]) -> list[dict[str, Any]]:
    """What a document answers, or a status is about: organ, number, notation, day, id as sent, key."""
    return [{"organ": one.organ, "number": one.code.number, "notation": one.code.notation, "day": _iso(one.day),
             "document_id": _id(one.document_id), "key": identity.about_key(one)} for one in responses]


def _document(said: DocumentMessage) -> dict[str, Any]:
    business = said.business
    return {
        "document_id": _id(said.document_id), "number": said.code.number, "notation": said.code.notation,
        "place": said.place, "day": _iso(said.day), "type": said.type.name, "subject": said.subject,
        "content": said.content, "signer": {"competence": said.signer.competence, "position": said.signer.position,
                                            "name": said.signer.name},
        "due": _iso(said.due), "priority": said.other.priority, "steering": said.steering,
        "to_places": list(said.to_places), "reference_codes": list(said.other.reference_codes),
        "appendixes": list(said.other.appendixes), "response_for": about(said.response_for),
        "business": {"type": str(business.type), "reason": business.reason, "document_id": _id(business.document_id),
                     "receivers": [{"organ": one.organ, "type": one.type} for one in business.receivers],
                     "replaces": [{"document_id": one.document_id.said, "organs": list(one.organs)}
                                  for one in business.replacements]},
        "trace": [{"organ": one.organ, "at": _iso(one.at)} for one in said.trace]}


def _status(said: StatusMessage) -> dict[str, Any]:
    return {"response_for": about(said.about), "code": said.code, "at": _iso(said.at), "description": said.description,
            "older": said.older, "staff": {"department": said.staff.department, "name": said.staff.name}}


def _organ(said: Organ) -> dict[str, str]:
    return {"id": said.id, "code": identity.organ(said.id), "name": said.name}


def _id(said: DocumentId | None) -> str | None:
    return said.said if said else None


def _iso(moment: date | datetime | None) -> str | None:
    return moment.isoformat() if moment else None
