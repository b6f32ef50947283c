"""Whether what is signed is what was understood. A signature says whose a node is, never that it is the node that was
read: here both are compared, and what does not fit is refused (signature wrapping).
"""
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

from portal.exchange.edxml import signatures
from portal.exchange.edxml.deviations import Noted
from portal.exchange.edxml.layout import Layout
from portal.exchange.edxml.message import DocumentMessage, Message, Refused, Signature
from portal.exchange.edxml.parsing import Node

_CHUNK = 64 * 1024
_IN_MEMORY = 1024 * 1024
_SHORTEST = 24  # letters of base64: no digest is shorter (MD5)
_SIGNATURES = ("signature", "digitalsignature")
#: Faults of signatures.FAULTS that only somebody makes who moves things about.
_WRAPPING = ("several-signatures", "several-messages")
#: What others put into a signature (XAdES) or around a message (SOAP): nobody here can judge it.
_NOT_JUDGED = ("content-in-signature", "signature-elsewhere")


def signature_of(layout: Layout) -> Node | None:
    """The signature that says anything, None where there is none or its place is empty."""
    found = [node for name in _SIGNATURES for node in layout.parts.get(name, ()) if node.children or node.text.strip()]
    if len(found) > 1:
        raise Refused("signature_repeated")
    return found[0] if found else None


def is_signed(layout: Layout, noted: Noted) -> bool:
    """Whether it holds a signature; an empty place for one is noted."""
    signature = signature_of(layout)
    if signature is None:
        noted.note("signature_empty" if any(name in layout.parts for name in _SIGNATURES) else None)
        return False
    references = [node for node in _under(signature) if node.name == "reference"]
    methods = [node.attributes.get("algorithm", "") for node in _under(signature) if node.name == "signaturemethod"]
    noted.note("signature_stub" if is_stub(layout) else None,
               "signature_sha1" if any(method.endswith("sha1") for method in methods) else None,
               "signature_partial" if any(_target(node) for node in references) else None)
    return True


def is_stub(layout: Layout) -> bool:
    """Whether it signs nothing: no digest of any length stands in it."""
    signature = signature_of(layout)
    return signature is None or not any(node.name == "digestvalue" and len("".join(node.text.split())) >= _SHORTEST
                                        for node in _under(signature))


def prove(layout: Layout) -> None:
    """What is signed by its Id is the message or a part that was understood, once. Raises Refused."""
    signature = signature_of(layout)
    assert signature is not None
    understood = {id(node) for node in [layout.root, *layout.containers.values(),
                                        *(node for found in layout.parts.values() for node in found)]}
    targets = dict.fromkeys(filter(None, (_target(one) for one in _under(signature) if one.name == "reference")))
    named: dict[str, list[Node]] = {}
    for node in _under(layout.root) if targets else ():  # once, however many references there are
        if (id_ := node.attributes.get("id")) is not None:
            named.setdefault(id_, []).append(node)
    for target in targets:
        meant = named.get(target.removeprefix("#"), [])
        if len(meant) > 1 or any(id(node) not in understood for node in meant):
            raise Refused("signature_wrapped", target[:128])


def _target(reference: Node) -> str:
    return reference.attributes.get("uri", "").strip()


def _under(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _under(child)


def verified(layout: Layout, pieces: Iterable[bytes], pems: Sequence[str], folder: Path
             ) -> tuple[Signature, str, Any]:
    """State, subject, and the verified root where valid. Raises Refused where things were moved about."""
    from lxml import etree
    signature = signature_of(layout)
    assert signature is not None
    try:
        with _whole(pieces, folder) as source:
            state, subject, root, fault = signatures.judge(source, pems)
    except (etree.LxmlError, ValueError):  # of XML whose prefixes are declared nowhere, say: it has no canonical form
        return Signature.not_verifiable, "", None
    if fault in _WRAPPING:
        raise Refused("signature_wrapped", fault)
    if fault in _NOT_JUDGED and _of_others(layout, signature):
        return Signature.not_verifiable, "", None
    return state, subject, root


def _of_others(layout: Layout, signature: Node) -> bool:
    return "envelope" in layout.containers or any(node.name == "object" for node in signature.children)


@contextmanager
def _whole(pieces: Iterable[bytes], folder: Path) -> Iterator[bytes | Path]:
    """All of it: in memory while it is small, else in a file that goes when it is done."""
    start, size = [], 0
    pieces = iter(pieces)
    for piece in pieces:
        start.append(piece)
        size += len(piece)
        if size > _IN_MEMORY:
            break
    else:
        yield b"".join(start)
        return
    with tempfile.NamedTemporaryFile(dir=folder) as named:
        for piece in chain(start, pieces):
            named.write(piece)
        named.flush()
        yield Path(named.name)


def written(root: Any) -> Iterator[bytes]:
    """The verified node as bytes, in pieces, as the reader takes them."""
    from lxml import etree
    whole = memoryview(etree.tostring(root, encoding="utf-8", xml_declaration=False))
    for at in range(0, len(whole), _CHUNK):
        yield bytes(whole[at:at + _CHUNK])


def essence(message: Message) -> Message:
    """What two readings of one message share: everything but where the files were put."""
    if not isinstance(message, DocumentMessage):
        return message
    return replace(message, attachments=tuple(replace(each, path=Path()) for each in message.attachments))
