"""From the tree of a message to what it says: header, trace headers and the manifest's words."""
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, TypeVar

from portal.exchange.edxml import shapes
from portal.exchange.edxml.deviations import Noted
from portal.exchange.edxml.layout import many, one
from portal.exchange.edxml.limits import Limits
from portal.exchange.edxml.message import (
    Business,
    BusinessInfo,
    Code,
    DocumentId,
    DocumentType,
    Organ,
    OtherInfo,
    ReceiverChange,
    Refused,
    Replacement,
    ResponseFor,
    Signer,
    Staff,
    TraceHeader,
)
from portal.exchange.edxml.parsing import Node
from portal.kit.text import fold

_NUMBERS: Mapping[str, Business] = {"0": Business.new, "1": Business.recall, "2": Business.update,
                                    "3": Business.replacing}
_WORDS: Mapping[str, Business] = {words: type_ for type_, said in (
    (Business.new, "new, van ban moi, gui moi, moi, gui van ban, van ban gui moi"),
    (Business.recall, "recall, thu hoi, thu hoi van ban, van ban thu hoi, lay lai, lay lai van ban"),
    (Business.update, "update, cap nhat, cap nhat van ban, van ban cap nhat"),
    (Business.replacing, "replace, thay the, thay the van ban, van ban thay the")) for words in said.split(", ")}


Many = TypeVar("Many", bound=Sequence[Any])


class Elements:
    """Reads the fields of one message, and notes what is not as the standard has it."""

    def __init__(self, noted: Noted, limits: Limits) -> None:
        self.noted, self.limits = noted, limits

    def node(self, parent: Node | None, *names: str) -> Node | None:
        """The one child of these names."""
        return one(parent, *names, noted=self.noted)

    def text(self, parent: Node | None, *names: str) -> str:
        """The text of the one child, "" where there is none; with that of markup in it, which loses only its order."""
        found = self.node(parent, *names)
        return _all_text(found) if found is not None else ""

    def day(self, parent: Node | None, *names: str) -> date | None:
        """The date in the one child."""
        value, odd = shapes.day(self.text(parent, *names))
        self.noted.note(odd)
        return value

    def document_id(self, parent: Node | None) -> DocumentId | None:
        """The DocumentId in `parent`."""
        return self._document_id(self.text(parent, "documentid"))

    def _document_id(self, said: str) -> DocumentId | None:
        value, odd = shapes.document_id(said)
        self.noted.note(odd)
        return value

    def organ(self, node: Node | None) -> Organ | None:
        """Who stands in From; None where no id is said."""
        found = self.organs([node] if node is not None else [])
        if len(found) > 1:
            raise Refused("repeated", "OrganId")
        return found[0] if found else None

    def organs(self, nodes: Sequence[Node]) -> tuple[Organ, ...]:
        """Those in To, in the order sent, each id once."""
        found: dict[str, Organ] = {}
        for node in nodes:
            said = [child.text for child in many(node, "organid")]
            if not node.children and node.text.strip():
                self.noted.note("organ_plain")
                said = [node.text]
            self.noted.note(None if any(text.strip() for text in said) else "organ_missing")
            ids = [part.strip() for text in said for part in re.split("[,;|]", text) if part.strip()]
            if len(ids) > 1:
                self.noted.note("organs_in_one")
            new = [id_ for id_ in dict.fromkeys(ids) if id_ not in found]
            if len(found) + len(new) > self.limits.receivers:
                raise Refused("receivers")
            if new:
                first = self._organ(node, new[0])  # what else it says is of all of them, and looked for once
                found |= {id_: replace(first, id=id_) for id_ in new}
                self.noted.note(*map(shapes.organ_deviation, new))
        return tuple(found.values())

    def _organ(self, node: Node, id_: str) -> Organ:
        text = self.text
        return Organ(id_, text(node, "organname"), text(node, "organizationincharge"), text(node, "organadd"),
                     text(node, "email"), text(node, "telephone"), text(node, "fax"), text(node, "website"))

    def code(self, parent: Node | None) -> Code:
        """Number and notation: in two elements, in one, or as plain text."""
        node = self.node(parent, "code")
        if node is None:
            return Code()
        number, notation = self.text(node, "codenumber"), self.text(node, "codenotation")
        if not number and not notation and node.text.strip():
            self.noted.note("code_text")
            return shapes.code(node.text)
        if "/" in number and not notation:
            self.noted.note("code_text")
            return shapes.code(number)
        return Code(number, notation)

    def document_type(self, parent: Node) -> DocumentType:
        """Type, TypeDetail and TypeName, in any order."""
        node = self.node(parent, "documenttype")
        if node is None:
            self.noted.note("type_missing")
            return DocumentType()
        if not node.children:
            return DocumentType(type=node.text.strip())
        return DocumentType(self.text(node, "type"), self.text(node, "typedetail"), self.text(node, "typename"))

    def signer(self, parent: Node) -> Signer:
        """SignerInfo."""
        node = self.node(parent, "signerinfo")
        return Signer(self.text(node, "competence"), self.text(node, "position"), self.text(node, "fullname"))

    def other(self, parent: Node) -> OtherInfo:
        """OtherInfo."""
        node = self.node(parent, "otherinfo")
        text = self.text
        return OtherInfo(
            text(node, "priority"), text(node, "sphereofpromulgation"), text(node, "typernotation"),
            text(node, "promulgationamount"), text(node, "pageamount"), text(node, "direction"),
            self.values(node, "replyfors", "replyfor"),
            self._few(self.values(node, "referencecodes", "referencecode", apart=r"[;,|\n]"), "ReferenceCodes"),
            self.values(node, "appendixes", "appendix"))

    def values(self, parent: Node | None, list_: str, each: str, apart: str = r"[;\n]") -> tuple[str, ...]:
        """Of a list: its children, the list repeated, or several in one text, as `apart` tells them."""
        found: list[str] = []
        for node in [*many(parent, list_), *many(parent, each)]:
            texts = [child.text for child in node.children] if node.children else [node.text]
            for text in texts:
                parts = [part.strip() for part in re.split(apart, text) if part.strip()]
                if len(parts) > 1:
                    self.noted.note("list_in_text")
                found.extend(parts)
        return tuple(found)

    def _few(self, found: Many, where: str) -> Many:
        """No more of these than somebody looks for in the registers. Raises Refused."""
        if len(found) > self.limits.references:
            raise Refused("elements", where)
        return found

    def response_for(self, parent: Node) -> tuple[ResponseFor, ...]:
        """Every ResponseFor that says anything."""
        found = []
        for node in self._few(many(parent, "responsefor"), "ResponseFor"):
            about = ResponseFor(self.text(node, "organid"), self.code(node), self.document_id(node),
                                self.day(node, "promulgationdate"))
            if about.document_id is None and not node.children and node.text.strip():
                about = ResponseFor("", document_id=self._document_id(node.text))
            if about.document_id is not None or about.code != Code():
                found.append(about)
        return tuple(found)

    def staff(self, node: Node | None) -> Staff:
        """StaffInfo; dialect C calls name and id StaffName and StaffCode."""
        text = self.text
        return Staff(text(node, "department"), text(node, "departmentid"), text(node, "staff", "staffname"),
                     text(node, "staffid", "staffcode"), text(node, "email"), text(node, "mobile"))

    def trace(self, list_: Node | None) -> tuple[TraceHeader, ...]:
        """Every TraceHeader, in the order sent."""
        found = []
        for node in many(list_, "traceheader"):
            at, odd = shapes.stamp(self.text(node, "timestamp"))
            self.noted.note(*odd)
            business = self.node(node, "business", "bussiness")
            said = (self.text(business, "businesscode", "bussinesscode"),
                    self.text(business, "businessname", "bussinessname")) if business is not None else None
            staff = self.node(node, "staffinfo")
            found.append(TraceHeader(self.text(node, "organid"), at, said if said and any(said) else None,
                                     self.staff(staff) if staff is not None else None))
        return tuple(found)

    def business(self, header: Node, list_: Node | None, trace: Sequence[TraceHeader]) -> BusinessInfo:
        """What the document does: by Bussiness, else by the trace headers of dialect C, else it is a new one."""
        node = self._business_node(header, list_)
        if node is None:
            return BusinessInfo(self._by_trace(trace))
        if node.name == "business":
            self.noted.note("spelling_business")
        said = self.text(node, "bussinessdoctype", "businessdoctype")
        type_ = self._type(said) if said else self._by_trace(trace)
        infos = [child for child in node.children if child.name in ("bussinessdocumentinfo", "businessdocumentinfo")]
        info = infos[0] if infos else None
        return BusinessInfo(
            type_, self.text(node, "bussinessdocreason", "businessdocreason"), self.document_id(node),
            self.text(node, "paper"), self.text(info, "documentinfo"), self.text(info, "documentreceiver"),
            tuple(self._receiver(each) for each in infos for list_ in many(each, "receiverlist")
                  for each in many(list_, "receiver")),
            tuple(self._replacement(each) for each in self._few(
                [each for list_ in many(node, "replacementinfolist") for each in many(list_, "replacementinfo")],
                "ReplacementInfoList")),
            tuple(self.staff(each) for each in many(node, "staffinfo")))

    def _business_node(self, header: Node, list_: Node | None) -> Node | None:
        inside = [child for each in many(list_, "traceheader") for child in each.children
                  if child.name in ("business", "bussiness")
                  and one(child, "bussinessdoctype", "businessdoctype", noted=self.noted) is not None]
        found = [self.node(list_, "bussiness", "business"), self.node(header, "bussiness", "business"), *inside]
        there = [node for node in found if node is not None]
        if not there and list_ is not None and one(list_, "bussinessdoctype", "businessdoctype", noted=self.noted):
            self.noted.note("place")
            return list_
        if len(there) > 1:
            raise Refused("repeated", there[0].said)
        if there and there[0] is not found[0]:
            self.noted.note("place")
        return there[0] if there else None

    def _type(self, said: str) -> Business:
        plain = said.lstrip("0") or "0"
        if plain in _NUMBERS:
            return _NUMBERS[plain]
        if fold(said) in _WORDS:
            self.noted.note("business_words")
            return _WORDS[fold(said)]
        raise Refused("business", said[:40])

    def _by_trace(self, trace: Sequence[TraceHeader]) -> Business:
        said = set()
        for code, name in (each.business for each in trace if each.business):
            kind = (_NUMBERS.get(code.lstrip("0") or "0") if code else None) or _WORDS.get(fold(name)) or _WORDS.get(
                fold(code))
            self.noted.note("business_in_trace" if kind else "business_unread")
            said.add(kind)
        known = said - {None}
        if len(known) > 1:
            raise Refused("business", "TraceHeader")
        if not known:
            self.noted.note("business_missing")
        return next(iter(known), None) or Business.new

    def _receiver(self, node: Node) -> ReceiverChange:
        return ReceiverChange(self.text(node, "organid"), self.text(node, "receivertype"))

    def _replacement(self, node: Node) -> Replacement:
        id_ = self.document_id(node)
        if id_ is None:
            raise Refused("replaces", node.said)
        organs = [each.text.strip() for list_ in many(node, "organidlist") for each in many(list_, "organid")]
        return Replacement(id_, tuple(organ for organ in organs if organ))


def _all_text(node: Node) -> str:
    if not node.children:
        return node.text.strip()
    return " ".join(part for part in (node.text.strip(), *(_all_text(child) for child in node.children)) if part)
