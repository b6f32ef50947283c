"""The bytes of a message as UTF-8 without mark and declaration, and nothing in front of its root that acts.

What comes out is what every parser gets, ours and that of the signatures: none of them decides by itself how the
bytes are to be read. A DOCTYPE is found here, before any parser sees a byte.
"""
import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO

from portal.exchange.edxml.deviations import Noted
from portal.exchange.edxml.limits import Limits
from portal.exchange.edxml.message import Refused

CHUNK = 64 * 1024
_SPACE = b" \t\r\n"
_NO_MARK_OF_OURS = (b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff", b"<\x00", b"\x00<", b"+/v", b"\x0e\xfe\xff")
_DECLARATION = re.compile(
    rb"""<\?xml\s+version\s*=\s*(?:"1\.0"|'1\.0')"""
    rb"""(?:\s+encoding\s*=\s*(?:"([A-Za-z][\w.\-]*)"|'([A-Za-z][\w.\-]*)'))?"""
    rb"""(?:\s+standalone\s*=\s*(?:"(?:yes|no)"|'(?:yes|no)'))?\s*\?>""")
_UTF8, _UTF16 = ("utf-8", "utf8", "us-ascii", "ascii"), ("utf-16", "utf16", "utf-16le", "utf-16be", "unicode")


def plain(source: BinaryIO, limits: Limits, noted: Noted) -> Iterator[bytes]:
    """The message in pieces of UTF-8, from its root's prolog on. Raises Refused: empty, too_large, encoding, doctype,
    malformed, prolog, not_edxml."""
    head, searched = b"", False
    for piece, last in _with_last(_decoded(limited(source, limits.size), noted, limits.prolog)):
        if searched:
            yield piece
            continue
        head += piece
        if (len(head) < 512 and not last) or not head.strip(_SPACE):  # a declaration may still go on
            if len(head) > limits.prolog + CHUNK:
                raise Refused("prolog")
            continue
        start = _declared(head, noted)
        if _proven(head, start, limits.prolog):
            searched = True
            yield head[start:]
    if not searched:
        raise Refused("cut" if head.strip(_SPACE) else "empty")


def _with_last(pieces: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Each piece, and at the end an empty one with True."""
    for piece in pieces:
        yield piece, False
    yield b"", True


def limited(source: BinaryIO, limit: int) -> Iterator[bytes]:
    """What the source gives, in pieces. Raises Refused: too_large."""
    size = 0
    while piece := source.read(CHUNK):
        size += len(piece)
        if size > limit:
            raise Refused("too_large")
        yield piece


def _decoded(pieces: Iterator[bytes], noted: Noted, limit: int) -> Iterator[bytes]:
    first = b""
    for piece in pieces:
        first += piece
        if len(first.lstrip(_SPACE)) >= 4 or len(first) > limit:
            break
    if first.startswith(codecs.BOM_UTF8):
        noted.note("byte_order_mark")
        first = first[3:]
    elif first.startswith(_NO_MARK_OF_OURS):
        raise Refused("encoding")
    elif first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        noted.note("utf16")
        little = first.startswith(codecs.BOM_UTF16_LE)
        yield from _from_utf16(first[2:], pieces, "utf-16-le" if little else "utf-16-be")
        return
    yield first
    yield from pieces


def _from_utf16(first: bytes, pieces: Iterator[bytes], name: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(name)("strict")
    try:
        yield decoder.decode(first).encode()
        for piece in pieces:
            yield decoder.decode(piece).encode()
        yield decoder.decode(b"", final=True).encode()
    except UnicodeError:
        raise Refused("encoding") from None


def _declared(head: bytes, noted: Noted) -> int:
    """Where the declaration ends; where there is none, it would stand."""
    begins = len(head) - len(head.lstrip(_SPACE))
    if not re.match(rb"<\?xml\s", head[begins:begins + 6]):
        return begins
    found = _DECLARATION.match(head, begins)
    if not found:
        raise Refused("malformed")
    if begins:
        noted.note("leading_space")
    _judge_encoding((found[1] or found[2] or b"").decode().lower(), noted)
    return found.end()


def _judge_encoding(said: str, noted: Noted) -> None:
    wide = "utf16" in noted.names
    if said and said not in _UTF8 + _UTF16:
        raise Refused("encoding", said)
    if said and (said in _UTF16) is not wide:
        noted.note("encoding_declared")


def _proven(head: bytes, at: int, limit: int) -> bool:
    """Whether the root begins in `head`, with nothing but blanks, comments and instructions before it."""
    while True:
        at += len(head[at:]) - len(head[at:].lstrip(_SPACE))
        if at > limit:
            raise Refused("prolog")
        ends = {b"<?": b"?>", b"<!-": b"-->"}
        begun = next((mark for mark in ends if head.startswith(mark, at)), None)
        if begun and re.match(rb"<\?xml[\s?]", head[at:at + 6], re.IGNORECASE):  # a declaration has one place
            raise Refused("malformed")
        if begun:
            end = head.find(ends[begun], at + len(begun))
            if end < 0:
                return _more(head, limit)
            at = end + len(ends[begun])
        elif len(head) - at < 3:
            return _more(head, limit)
        elif head.startswith(b"<!", at):
            raise Refused("doctype" if head[at:at + 9].upper() in (b"<!DOCTYPE", b"<!DOCTYPE"[:len(head) - at])
                          else "malformed")
        elif head.startswith(b"<", at):
            return True
        else:
            raise Refused("not_edxml")


def _more(head: bytes, limit: int) -> bool:
    if len(head) > limit + CHUNK:
        raise Refused("prolog")
    return False
