"""Which of the dialects in the field a message is nearest to, by what only that one does."""
from collections.abc import Sequence

from portal.exchange.edxml.deviations import Noted
from portal.exchange.edxml.message import DocumentMessage
from portal.exchange.edxml.parsing import Node
from portal.law import codes

OF_STATUS = "vnpt"
_A = ("from", "to", "documentid", "code", "promulgationinfo", "documenttype", "subject", "content", "signerinfo",
      "duedate", "otherinfo", "responsefor", "steeringtype", "responsefortask", "applicationtype", "toplaces")
_B = ("from", "to", "code", "promulgationinfo", "documenttype", "subject", "content", "signerinfo", "duedate",
      "toplaces", "otherinfo", "responsefor", "steeringtype", "documentid")


def nearest(header: Node, trace: Node | None, message: DocumentMessage, noted: Noted) -> str:
    """A name of profiles.PROFILES. Notes an order that none of them has."""
    names = [child.name for child in header.children]
    by_a, by_b = _follows(names, _A), _follows(names, _B)
    if not by_a and not by_b:
        noted.note("order_other")
    in_trace = any(child.name == "business" for each in (trace.children if trace is not None else ())
                   if each.name == "traceheader" for child in each.children)
    if in_trace or (message.document_id is not None and message.document_id.uuid):
        return "gateway"
    kind = next((child for child in header.children if child.name == "documenttype"), None)
    parts = [child.name for child in kind.children] if kind is not None else []
    turned = "typename" in parts and "typedetail" in parts and parts.index("typename") < parts.index("typedetail")
    return "csharp" if turned or (by_b and not by_a) else "vnpt"


def _follows(names: Sequence[str], order: Sequence[str]) -> bool:
    """Whether the names stand in that order; names that it has not are passed over."""
    places = [order.index(name) for name in names if name in order]
    return places == sorted(places)


def id_differs(message: DocumentMessage) -> bool:
    """Whether the DocumentId says another sender, date or number than the fields do."""
    id_, code = message.document_id, message.code
    if id_ is None or id_.organ is None:
        return False
    said = "/".join(part for part in (code.number, code.notation) if part)
    return bool((id_.day and message.day and id_.day != message.day)
                or (said and id_.code and _plain(said) != _plain(id_.code))
                or _unit(id_.organ) != _unit(message.sender.id))


def _plain(said: str) -> str:
    return "".join(said.split()).casefold()


def _unit(said: str) -> object:
    return (codes.agency_id(said) if len(said) <= 64 else None) or _plain(said)
