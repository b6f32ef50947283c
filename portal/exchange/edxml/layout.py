"""Where in a message its parts stand: any nesting of the known containers, each of them once.

A part that could stand twice would let two readers understand two messages, so what stands twice and says something
else is refused, wherever it stands.
"""
from collections.abc import Iterator, Mapping

from portal.exchange.edxml import vocabulary
from portal.exchange.edxml.deviations import Noted
from portal.exchange.edxml.message import Refused
from portal.exchange.edxml.parsing import Node

_CONTAINERS = ("edxml", "edxmlenvelope", "edxmlheader", "edxmlbody", "envelope", "header", "body")
#: The parts, and in which container the standard has each.
_PARTS: Mapping[str, str] = {
    "messageheader": "edxmlheader", "traceheaderlist": "edxmlheader", "signature": "edxmlheader",
    "digitalsignature": "edxmlheader", "edxmlmanifest": "edxmlbody", "attachmentencoded": "edxml", "status": "edxml",
    "reference": "edxmlmanifest", "attachment": "attachmentencoded"}
_SOAPS = {"header": "edxmlheader", "body": "edxmlbody"}  # in their places
_ALIASES = {"manifest": "edxmlmanifest", "businessdoctype": "bussinessdoctype", "business": "bussiness",
            "businessdocreason": "bussinessdocreason", "businessdocumentinfo": "bussinessdocumentinfo"}
_MANY = ("attachmentencoded", "edxmlmanifest", "reference", "attachment")


class Layout:
    """The parts of one message. `attachments`: elements that hold one content each, with what the sink made of it."""

    def __init__(self, root: Node, noted: Noted) -> None:
        self.root, self.noted = root, noted
        self.parts: dict[str, list[Node]] = {}
        self.containers: dict[str, Node] = {}
        self._walk(root, "")
        for name, found in self.parts.items():
            if name not in _MANY and len(found) > 1:
                self._only_if_equal(found)
        if not self.parts.get("messageheader") and not self.parts.get("status"):
            raise Refused("not_edxml", root.said[:128])
        self._note_containers()

    def part(self, name: str) -> Node | None:
        """The one part of that name."""
        return self.parts[name][0] if name in self.parts else None

    def attachments(self) -> Iterator[Node]:
        """Every Attachment, in the order sent."""
        for holder in self.parts.get("attachmentencoded", ()):
            if any(child.name == "contenttransferencoded" for child in holder.children):
                yield holder
            yield from (child for child in holder.children if child.name == "attachment")
        yield from self.parts.get("attachment", ())

    def references(self) -> Iterator[Node]:
        """Every Reference of the manifest, in the order sent."""
        for manifest in self.parts.get("edxmlmanifest", ()):
            yield from (child for child in manifest.children if child.name == "reference")
        yield from self.parts.get("reference", ())

    def _walk(self, node: Node, within: str) -> None:
        name = _ALIASES.get(node.name, node.name)
        if name in _CONTAINERS:
            if name in self.containers:
                raise Refused("repeated", node.said)
            self.containers[name] = node
            for child in node.children:
                self._walk(child, name)
        elif name in _PARTS:
            self.parts.setdefault(name, []).append(node)
            self._look_into(node)
            if _SOAPS.get(within, within) != _PARTS[name]:
                self.noted.note("signature_place" if "signature" in name else "place" if name != "status" else None)
        else:
            self.noted.note("place" if node.name in vocabulary.SMALL else None)  # it decides nothing here
            self._prove_empty_handed(node)

    def _look_into(self, part: Node) -> None:
        """Some have parts of the header inside MessageHeader."""
        for child in part.children:
            if part.name == "messageheader" and child.name in ("traceheaderlist", "status"):
                self._walk(child, part.name)
            elif child.name != "contenttransferencoded" or child.sink is None:
                self._prove_empty_handed(child)

    def _prove_empty_handed(self, node: Node) -> None:
        """Nothing of a message lies where it is not read: another reader might take that for the message."""
        if node.name in vocabulary.STRUCTURE and node.sink is None:
            raise Refused("hidden", node.said)
        for child in node.children:
            self._prove_empty_handed(child)

    def _only_if_equal(self, found: list[Node]) -> None:
        if "signature" in found[0].name:
            filled = [one for one in found if one.children]
            if len(filled) > 1:
                raise Refused("signature_repeated")
            found[:] = filled or found[:1]
        elif any(not same(found[0], other) for other in found[1:]):
            raise Refused("repeated", found[0].said)
        else:
            self.noted.note("repeated")

    def _note_containers(self) -> None:
        has = self.containers
        if "envelope" in has:
            self.noted.note("soap")
        if "status" in self.parts:
            return
        self.noted.note(None if "edxml" in has or "envelope" in has else "root_missing",
                        None if "edxmlenvelope" in has or "envelope" in has else "envelope_missing",
                        None if "edxmlheader" in has or "header" in has else "header_missing")


def same(one: Node, other: Node) -> bool:
    """Whether two elements say the same."""
    return (one.name == other.name and one.text.strip() == other.text.strip() and one.sink is other.sink
            and len(one.children) == len(other.children)
            and all(same(a, b) for a, b in zip(one.children, other.children, strict=True)))


def one(node: Node | None, *names: str, noted: Noted) -> Node | None:
    """The child of one of these names. Raises Refused where there are two that say different things."""
    found = [child for child in node.children if child.name in names] if node is not None else []
    if len(found) > 1:
        if any(not same(found[0], other) for other in found[1:]):
            raise Refused("repeated", found[0].said)
        noted.note("repeated")
    return found[0] if found else None


def many(node: Node | None, name: str) -> list[Node]:
    """The children of that name, in the order sent."""
    return [child for child in node.children if child.name == name] if node is not None else []
