"""A message as it came → what it says, or why it is not taken (decision 0089). Generous in structure, strict in what
could harm: never half a document, never anything but `Refused`."""
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO, BinaryIO

from portal.exchange.edxml import characters, covering, dialects, joining, shapes
from portal.exchange.edxml.deviations import Noted
from portal.exchange.edxml.elements import Elements
from portal.exchange.edxml.layout import Layout
from portal.exchange.edxml.limits import LIMITS, Limits
from portal.exchange.edxml.message import (
    Business,
    Code,
    DocumentMessage,
    Message,
    Organ,
    Refused,
    Seen,
    Signature,
    StatusMessage,
)
from portal.exchange.edxml.packing import Base64File, Folder
from portal.exchange.edxml.parsing import Node, Sink, parse

STATUS_CODES = ("01", "02", "03", "04", "05", "06", "13", "15", "16")


def nobodys(_organ: str) -> Sequence[str]:
    """No certificate is pinned: what is signed cannot be verified."""
    return ()


def read(source: BinaryIO, folder: Path, *, certificates: Callable[[str], Sequence[str]] = nobodys,
         limits: Limits = LIMITS) -> Message:
    """What the message says. `folder`: an existing one, where the attached files are put under names of ours
    (`Attachment.path`); nothing stays there when the message is refused. `certificates(organ id as sent)`: the PEMs
    pinned for that sender. Raises Refused, with a name of refusals.REASONS."""
    if not source.seekable():
        with tempfile.TemporaryFile(dir=folder) as spooled:
            _spool(source, spooled, limits)
            return read(spooled, folder, certificates=certificates, limits=limits)
    start = source.tell()
    once = _Reading(folder, limits)
    try:
        message = once.message(characters.plain(source, limits, once.noted))
        source.seek(start)
        return once.judged(message, lambda: characters.plain(source, limits, Noted()), certificates)
    except BaseException:
        once.abandon()
        raise


def _spool(source: BinaryIO, spooled: IO[bytes], limits: Limits) -> None:
    for piece in characters.limited(source, limits.size):
        spooled.write(piece)
    spooled.seek(0)


class _Reading:
    """One message on its way: what was noted of it, and the files that were made."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        self.limits, self.noted = limits, Noted()
        self.folder = Folder(folder, limits)
        self.sinks: list[Base64File] = []
        self.layout: Layout | None = None

    def message(self, pieces: Iterable[bytes]) -> Message:
        """Read it all, without a look at its signature."""
        root = parse(pieces, self._sink_for, self.limits, self.noted)
        self.layout = layout = Layout(root, self.noted)
        elements = Elements(self.noted, self.limits)
        header = layout.part("messageheader")
        status = layout.part("status")
        if status is not None or elements.node(header, "statuscode") is not None:
            return self._status(layout, elements, header, status)
        assert header is not None  # Layout asks for one of the two
        return self._document(layout, elements, header)

    def _sink_for(self, parent: Node, node: Node) -> Sink | None:
        if node.name != "contenttransferencoded" or parent.name not in ("attachment", "attachmentencoded"):
            return None
        if len(self.sinks) >= self.limits.files:
            raise Refused("files")
        self.sinks.append(Base64File(self.folder))
        return self.sinks[-1]

    def _document(self, layout: Layout, elements: Elements, header: Node) -> DocumentMessage:
        note, text = self.noted.note, elements.text
        list_ = layout.part("traceheaderlist")
        note("trace_missing" if list_ is None else None)
        trace = elements.trace(list_)
        business = elements.business(header, list_, trace)
        info = elements.node(header, "promulgationinfo")
        id_ = elements.document_id(header)
        if id_ is None and business.document_id is not None:
            note("document_id_in_business")
            id_ = business.document_id
        receivers = elements.organs([child for child in header.children if child.name == "to"])
        message = DocumentMessage(
            sender=self._sender(elements, header), receivers=receivers, document_id=id_, code=elements.code(header),
            place=text(info, "place"), day=elements.day(info, "promulgationdate"),
            type=elements.document_type(header), subject=text(header, "subject"), content=text(header, "content"),
            signer=elements.signer(header), due=elements.day(header, "duedate"),
            to_places=elements.values(header, "toplaces", "place"), other=elements.other(header),
            response_for=elements.response_for(header), steering=text(header, "steeringtype"),
            response_for_task=text(header, "responsefortask"), application=text(header, "applicationtype"),
            trace=trace, business=business, attachments=joining.attachments(layout, elements, self.folder))
        self._note_document(message)
        return replace(message, seen=Seen(dialects.nearest(header, list_, message, self.noted), self.noted.names))

    def _note_document(self, message: DocumentMessage) -> None:
        self.noted.note("document_id_missing" if message.document_id is None else None,
                        "receiver_missing" if not message.receivers else None,
                        "code_missing" if message.code == Code() else None,
                        "subject_missing" if not message.subject else None,
                        "document_id_differs" if dialects.id_differs(message) else None)

    def _status(self, layout: Layout, elements: Elements, header: Node | None, status: Node | None) -> StatusMessage:
        if layout.parts.get("attachmentencoded") and any(layout.attachments()):
            raise Refused("two_things")
        said = status if status is not None else header
        about = elements.response_for(said) if said is not None else ()
        if not about:
            raise Refused("response_for")
        at, odd = shapes.stamp(elements.text(said, "timestamp"))
        self.noted.note(*odd, "stamp_missing" if at is None and not odd else None)
        to = [child for each in (said, header) if each is not None for child in each.children if child.name == "to"]
        message = StatusMessage(
            sender=self._sender(elements, said, header), about=about, code=self._status_code(elements, said),
            at=at, receivers=elements.organs(to), description=elements.text(said, "description"),
            staff=elements.staff(elements.node(said, "staffinfo")), older=status is not None)
        self.noted.note("status_older" if status is not None else None)
        return replace(message, seen=Seen(dialects.OF_STATUS, self.noted.names))

    def _status_code(self, elements: Elements, said: Node | None) -> str:
        code = elements.text(said, "statuscode")
        if not (code.isascii() and code.isdigit() and len(code) <= 2):
            raise Refused("status_code", code[:40])
        self.noted.note("status_code_short" if len(code) == 1 else None)
        code = code.zfill(2)
        self.noted.note("status_code_unknown" if code not in STATUS_CODES else None)
        return code

    def _sender(self, elements: Elements, *nodes: Node | None) -> Organ:
        for node in nodes:
            if (found := elements.organ(elements.node(node, "from"))) is not None:
                return found
        raise Refused("sender")

    def judged(self, message: Message, pieces: Callable[[], Iterable[bytes]],
               certificates: Callable[[str], Sequence[str]]) -> Message:
        """The message with the state of its signature; where that is valid, read from what was signed alone."""
        assert self.layout is not None
        if not covering.is_signed(self.layout, self.noted):
            return self._seen(message, Signature.none, "")
        if covering.is_stub(self.layout):
            return self._seen(message, Signature.not_verifiable, "")
        covering.prove(self.layout)
        state, subject, root = covering.verified(self.layout, pieces(), certificates(message.sender.id),
                                                  self.folder.place)
        if state is Signature.valid:
            message = self._again(message, root)
        return self._seen(message, state, subject)

    def _again(self, message: Message, root: object) -> Message:
        """Read anew from the verified node. Raises Refused where that says something else than the whole did."""
        again = _Reading(self.folder.place, self.limits)
        try:
            signed = again.message(covering.written(root))
            if covering.essence(signed) != covering.essence(message):
                raise Refused("signature_wrapped")
        except BaseException:
            again.abandon()
            raise
        self.folder.forget()
        self.folder = again.folder
        return replace(signed, seen=message.seen)

    def _seen(self, message: Message, state: Signature, subject: str) -> Message:
        return replace(message, seen=replace(message.seen, deviations=self.noted.names, signature=state,
                                             signed_by=subject))

    def abandon(self) -> None:
        """Let go of every file that was made."""
        for sink in self.sinks:
            sink.abandon()
        self.folder.forget()


__all__ = ["LIMITS", "Business", "Limits", "nobodys", "read"]
