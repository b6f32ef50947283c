"""A message's bytes to a small tree of its fields, by a parser that streams: the base64 of a file passes through to
where it is decoded and is never gathered.

The parser is expat, told of no entity and no address: it opens nothing. Names are compared without prefix and
capitals; which namespace they stand in is noted.
"""
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol
from xml.parsers import expat

from portal.exchange.edxml import vocabulary
from portal.exchange.edxml.deviations import Noted
from portal.exchange.edxml.limits import Limits
from portal.exchange.edxml.message import Refused

STANDARD = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
OLDER = "http://www.e-doc.vn/Schema/"
SOAP = ("http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope")
_OURS = {STANDARD: None, OLDER: "namespace_old", OLDER.rstrip("/"): "namespace_old", "": "namespace_missing",
         **dict.fromkeys(SOAP)}
#: Tags as nearly everybody writes them, where both prefixes mean the standard's namespace.
_USUAL = {prefix + name: name for prefix in ("", "edXML:")
          for name in vocabulary.NAMES - {"Signature", "DigitalSignature"}}
_SOAP_NAMES = ("envelope", "header", "body")
_SIGNATURES = ("signature", "digitalsignature")
_ENDS_EARLY = (expat.errors.codes[expat.errors.XML_ERROR_NO_ELEMENTS],
               expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_TOKEN],
               expat.errors.codes[expat.errors.XML_ERROR_PARTIAL_CHAR],
               expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION])
_ENTITY = (expat.errors.codes[expat.errors.XML_ERROR_UNDEFINED_ENTITY],)


_MOST_PARTS = 1024


class Sink(Protocol):
    """Takes the text of one element as it comes, and its end."""

    def write(self, text: str) -> None: ...

    def close(self) -> None: ...


class Node:
    """An element of the message. `name`: without prefix, in small letters; `said`: as it was written, without prefix;
    `sink`: where its text went, if not into `text`."""

    __slots__ = ("attributes", "children", "length", "name", "parts", "said", "sink", "text")

    def __init__(self, said: str) -> None:
        self.said, self.name = said, said.lower()
        self.attributes: Mapping[str, str] = {}
        self.children: list[Node] = []
        self.text = ""  # once it has ended; in parts while it comes, which comments may make many
        self.parts: list[str] = []
        self.length = 0
        self.sink: Sink | None = None

    def add(self, text: str) -> None:
        """More of its text."""
        self.parts.append(text)
        self.length += len(text)
        if len(self.parts) > _MOST_PARTS:
            self.parts = ["".join(self.parts)]

    def end(self) -> None:
        """All of its text is there."""
        self.text, self.parts = "".join(self.parts), []


def parse(pieces: Iterable[bytes], sink_for: Callable[[Node, Node], Sink | None], limits: Limits,
          noted: Noted) -> Node:
    """The root. `pieces`: UTF-8 (`characters.plain`); `sink_for(parent, element)`: where that element's text goes,
    None to keep it. Raises Refused: doctype, entity, malformed, cut, slow and what is longer than its limit."""
    reading = _Reading(sink_for, limits, noted)
    try:
        for piece in pieces:
            reading.feed(piece)
        return reading.end()
    except expat.ExpatError as error:
        raise _said(error) from None
    finally:
        reading.forget()


def _said(error: expat.ExpatError) -> Refused:
    reason = "cut" if error.code in _ENDS_EARLY else "entity" if error.code in _ENTITY else "malformed"
    return Refused(reason, line=error.lineno)


class _Reading:
    def __init__(self, sink_for: Callable[[Node, Node], Sink | None], limits: Limits, noted: Noted) -> None:
        self.sink_for, self.limits, self.noted = sink_for, limits, noted
        self.stack: list[Node] = []
        self.root: Node | None = None
        self.scopes: list[tuple[int, dict[str, str]]] = [(0, {})]
        self.known: dict[str, str | None] = {}  # tag as written → its name without prefix, None for a foreign one
        self.usual: Mapping[str, str] = {}  # tags about which nothing is to be noted
        self.adopted: str | None = None
        self.passed_over = 0  # depth of the foreign element that is being passed over
        self.in_signature = 0
        self.elements, self.length, self.fed, self.started = 0, 0, 0, time.thread_time()
        self.parser = parser = expat.ParserCreate("UTF-8")
        parser.buffer_text, parser.buffer_size = True, 64 * 1024
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._text
        parser.ProcessingInstructionHandler = lambda _target, _data: noted.note("instruction")
        parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = self._declares
        parser.ExternalEntityRefHandler = self._declares

    def feed(self, piece: bytes) -> None:
        self.parser.Parse(piece, False)
        self.fed += len(piece)
        if self.fed - max(self.parser.CurrentByteIndex, 0) > self.limits.token + len(piece):
            raise Refused("token")
        if time.thread_time() - self.started > self.limits.seconds:
            raise Refused("slow")

    def end(self) -> Node:
        self.parser.Parse(b"", True)
        assert self.root is not None  # expat refuses a message without one
        return self.root

    def forget(self) -> None:
        """Let go of the parser, which holds us while we hold it."""
        del self.parser

    def _declares(self, *_what: Any) -> int:
        raise Refused("doctype")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        if self.elements > self.limits.elements:
            raise Refused("elements")
        if len(self.stack) >= self.limits.depth:
            raise Refused("depth", tag[:self.limits.name])
        if attributes:
            self._look(tag, attributes)
        inside = self.in_signature or self.passed_over  # there, no name is ours
        name = (_local(tag) if inside else self.usual.get(tag) or (
            self.known[tag] if tag in self.known else self._know(tag)))
        node = Node(name if name is not None else _local(tag))
        if attributes:
            node.attributes = {_local(key).lower(): value for key, value in attributes.items()
                               if not key.startswith("xmlns")}
        self._hang(node, foreign=name is None)

    def _hang(self, node: Node, *, foreign: bool) -> None:
        """Give it its place in the tree, unless it is passed over."""
        parent = self.stack[-1] if self.stack else None
        self.stack.append(node)
        depth = len(self.stack)
        if parent is None:
            self.root = node
        elif parent.sink is not None:
            raise Refused("base64", node.said)
        elif self.passed_over or (foreign and not self.in_signature):
            self.passed_over = self.passed_over or depth
            _prove_empty_handed(node)
        else:
            parent.children.append(node)
            if self.in_signature:
                _prove_empty_handed(node)
                return
            node.sink = self.sink_for(parent, node)
            self.in_signature = depth if node.name in _SIGNATURES else 0

    def _look(self, tag: str, attributes: dict[str, str]) -> None:
        """Refuse too many and too long attributes; keep what they declare."""
        limits = self.limits
        if len(attributes) > limits.attributes:
            raise Refused("attributes", tag[:limits.name])
        declared = {}
        for key, value in attributes.items():
            if len(key) > limits.name:
                raise Refused("name", key[:limits.name])
            self._count(len(value), tag)
            if key == "xmlns":
                declared[""] = value
            elif key.startswith("xmlns:"):
                declared[key[6:]] = value
        if declared and declared.items() - self.scopes[-1][1].items():
            self.scopes.append((len(self.stack), {**self.scopes[-1][1], **declared}))
            self._change_scope()

    def _change_scope(self) -> None:
        self.known.clear()
        scope = self.scopes[-1][1]
        root_is_ours = self.adopted == STANDARD or self.root is None
        self.usual = _USUAL if root_is_ours and scope.get("") == scope.get("edXML") == STANDARD else {}
        if self.usual:
            self.adopted = STANDARD

    def _know(self, tag: str) -> str | None:
        """The tag's name without its prefix; None where it stands in a namespace that is not this message's."""
        if len(tag) > self.limits.name:
            raise Refused("name", tag[:self.limits.name])
        prefix, _colon, name = tag.rpartition(":")
        space = self.scopes[-1][1].get(prefix)
        if space is None and prefix:
            self.noted.note("prefix_undeclared")
            space = STANDARD
        if not self._is_ours(space or "", name.lower()):
            self.known[tag] = None
            return None
        self.noted.note(vocabulary.deviation(name))
        self.known[tag] = name
        return name

    def _is_ours(self, space: str, name: str) -> bool:
        if name in _SIGNATURES:
            return True
        if space in SOAP:
            return name in _SOAP_NAMES
        if self.adopted is None:  # that of the first element
            self.adopted = space
            self.noted.note(_OURS.get(space, "namespace_unknown"))
        if space in _OURS:
            self.noted.note(_OURS[space])
        elif space != self.adopted:
            self.noted.note("namespace_foreign")
            return False
        return True

    def _end(self, _tag: str) -> None:
        depth = len(self.stack)
        node = self.stack.pop()
        node.end()
        if node.sink is not None:
            node.sink.close()
        if self.scopes[-1][0] == depth - 1 and depth > 1:
            self.scopes.pop()
            self._change_scope()
        if depth in (self.passed_over, self.in_signature):
            self.passed_over = self.in_signature = 0

    def _text(self, text: str) -> None:
        node = self.stack[-1]
        if node.sink is not None:
            node.sink.write(text)
            return
        if self.passed_over:
            return
        if node.length + len(text) > self.limits.text:
            if not text.isspace():
                raise Refused("text", node.said)
            return
        self._count(len(text), node.said)
        node.add(text)

    def _count(self, length: int, where: str) -> None:
        self.length += length
        if length > self.limits.text:
            raise Refused("text", where[:self.limits.name])
        if self.length > self.limits.header:
            raise Refused("header", where[:self.limits.name])


def _prove_empty_handed(node: Node) -> None:
    """Where nothing is read, nothing of a message lies hidden: another reader might take that for the message."""
    if node.name in vocabulary.STRUCTURE:
        raise Refused("hidden", node.said)


def _local(name: str) -> str:
    return name.rpartition(":")[2]
