"""A zip as senders make it, one file inside, read strictly: what its list says and what lies there must agree, byte
for byte, with nothing between, before, behind or over each other. All else is refused with a reason.

Not `zipfile`: that reads a whole list into memory before anything can be asked of it, and forgives what two readers
understand differently.
"""
import re
import stat
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from portal.exchange.edxml.limits import LIMITS, Limits
from portal.exchange.edxml.message import Refused

_LOCAL, _LISTED, _END, _END_64 = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"PK\x06\x07"
_ARCHIVES = (_LOCAL, _END, b"PK\x07\x08", b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b\x08", b"BZh",
             b"\xfd7zXZ", b"MSCF")
_STORED, _DEFLATED = 0, 8
_LOCKED, _SIZES_BEHIND, _UTF8, _HIDDEN = 0x1, 0x8, 0x800, 0x2040  # flags; hidden: strong encryption, masked headers
_CHUNK = 64 * 1024
_LONGEST_COMMENT = 1024
#: Members that make a zip a document of its own: of Word and Excel, of OpenDocument.
_OF_DOCUMENTS = (b"[Content_Types].xml", b"mimetype")
_LEFT_BY_A_MAC = "__MACOSX/"


class Seekable(Protocol):
    """A file open for reading, at any place."""

    def read(self, size: int = ..., /) -> bytes: ...

    def seek(self, offset: int, whence: int = ..., /) -> int: ...


@dataclass(frozen=True)
class Member:
    """One file of a zip, by its list. `name`: as the list has it, read as text; sizes in bytes."""

    name: str
    raw: bytes
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    at: int
    attributes: int

    @property
    def is_folder(self) -> bool:
        return self.name.endswith("/")


def is_zip(head: bytes) -> bool:
    """Whether a file that begins so is a zip, also an empty one and one that is cut in its first mark."""
    return head.startswith((_LOCAL, _END)) or (2 <= len(head) < 4 and _LOCAL.startswith(head))


def is_archive(head: bytes) -> bool:
    """Whether a file that begins so is an archive of any kind."""
    return head.startswith(_ARCHIVES)


def is_document(source: Seekable, limits: Limits = LIMITS) -> bool:
    """Whether this is a whole zip and a document of Word, Excel or OpenDocument."""
    try:
        return _is_document(source, limits)
    except Refused:
        return False


def _is_document(source: Seekable, limits: Limits) -> bool:
    """By its first member, as their rules say, or by the list of types that Word's must have. Raises Refused where it
    is no whole zip."""
    start, length, count = _ending(source)
    source.seek(0)
    first = source.read(30)
    if first.startswith(_LOCAL) and source.read(struct.unpack_from("<H", first, 26)[0]) in _OF_DOCUMENTS:
        return True
    return length <= limits.directory and any(
        member.raw == _OF_DOCUMENTS[0] for member in _listed(source, start, length, count))


def members(source: Seekable, limits: Limits) -> list[Member] | None:
    """The files in it, None where it is a document that happens to be a zip. Raises Refused: zip_damaged, zip_strange,
    zip_locked, zip_path, zip_link, zip_repeated, zip_many, zip_bomb, zip_empty."""
    if _is_document(source, limits):
        return None
    start, length, count = _ending(source)
    if length > limits.directory or count > limits.files:
        raise Refused("zip_many")
    found = _listed(source, start, length, count)
    for member in found:
        _prove_member(member, limits)
    _prove_places(source, found, start)
    files = [member for member in found if not member.is_folder and not member.name.startswith(_LEFT_BY_A_MAC)]
    if not files:
        raise Refused("zip_empty")
    if len({member.name.casefold() for member in files}) < len(files):
        raise Refused("zip_repeated")
    return files


def _ending(source: Seekable) -> tuple[int, int, int]:
    """Of the list: where it starts, its length, how many members it names."""
    size = source.seek(0, 2)
    source.seek(max(0, size - 22 - _LONGEST_COMMENT))
    tail = source.read(22 + _LONGEST_COMMENT)
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < 22:
        raise Refused("zip_damaged")
    disk, first, here, count, length, start, comment = struct.unpack_from("<4H2LH", tail, at + 4)
    end = size - len(tail) + at
    if comment != len(tail) - at - 22:
        raise Refused("zip_damaged")
    if disk or first or here != count or tail[max(0, at - 20):at].startswith(_END_64):
        raise Refused("zip_strange")
    if start + length != end:
        raise Refused("zip_damaged")
    return start, length, count


def _listed(source: Seekable, start: int, length: int, count: int) -> list[Member]:
    source.seek(start)
    list_, at, found = source.read(length), 0, []
    for _nth in range(count):
        if not list_.startswith(_LISTED, at) or at + 46 > len(list_):
            raise Refused("zip_damaged")
        flags, method, _when, crc, packed, size, name, extra, comment = struct.unpack_from("<2HL3L3H", list_, at + 8)
        attributes, place = struct.unpack_from("<2L", list_, at + 38)
        raw = list_[at + 46:at + 46 + name]
        found.append(Member(_name(raw, flags), raw, flags, method, crc, packed, size, place, attributes))
        at += 46 + name + extra + comment
    if at != len(list_):
        raise Refused("zip_damaged")
    return found


def _name(raw: bytes, flags: int) -> str:
    """UTF-8 where it says so or is so, else the code page of the first zips."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        if flags & _UTF8:
            raise Refused("zip_damaged") from None
        return raw.decode("cp437")


def _prove_member(member: Member, limits: Limits) -> None:
    name = member.name.replace("\\", "/")
    if "\0" in name or not name.strip("/. "):
        raise Refused("zip_path")
    if name.startswith("/") or re.match(r"[A-Za-z]:", name) or ".." in name.split("/"):
        raise Refused("zip_path", name[:150])
    if stat.S_ISLNK(member.attributes >> 16):
        raise Refused("zip_link", name[:150])
    if member.flags & _LOCKED or member.flags & _HIDDEN:
        raise Refused("zip_locked", name[:150])
    if member.method not in (_STORED, _DEFLATED) or 0xFFFFFFFF in (member.size, member.packed, member.at):
        raise Refused("zip_strange", name[:150])
    if member.size > limits.file or _swells(member.size, member.packed, limits):
        raise Refused("zip_bomb", name[:150])
    if member.is_folder and member.size:
        raise Refused("zip_damaged", name[:150])


def _swells(size: int, packed: int, limits: Limits) -> bool:
    return size > limits.ratio_from and size > limits.ratio * packed


def _prove_places(source: Seekable, found: list[Member], start: int) -> None:
    """Each member lies where the list says, says there what the list says, and ends where the next begins."""
    at = 0
    for member in sorted(found, key=lambda one: one.at):
        if member.at != at:
            raise Refused("zip_damaged", member.name[:150])
        at = _end_of(source, member)
    if at != start:
        raise Refused("zip_damaged")


def _end_of(source: Seekable, member: Member) -> int:
    source.seek(member.at)
    local = source.read(30)
    if len(local) < 30 or not local.startswith(_LOCAL):
        raise Refused("zip_damaged", member.name[:150])
    flags, method, _when, crc, packed, size, name, extra = struct.unpack_from("<2HL3L2H", local, 6)
    said = (crc, packed, size)
    listed = (member.crc, member.packed, member.size)
    unsaid = bool(flags & _SIZES_BEHIND) and all(one in (0, 0xFFFFFFFF) for one in said)
    if source.read(name) != member.raw or (flags, method) != (member.flags, member.method):
        raise Refused("zip_damaged", member.name[:150])
    if said != listed and not unsaid:
        raise Refused("zip_damaged", member.name[:150])
    at = member.at + 30 + name + extra + member.packed
    return at + (_behind(source, at, listed) if flags & _SIZES_BEHIND else 0)


def _behind(source: Seekable, at: int, listed: tuple[int, int, int]) -> int:
    """How long the record of sizes behind a member is: with its mark or without, of 32 bits or of 64."""
    source.seek(at)
    record = source.read(24)
    marked = 4 if record.startswith(b"PK\x07\x08") else 0
    for form in ("<3L", "<L2Q"):
        if len(record) >= marked + struct.calcsize(form) and struct.unpack_from(form, record, marked) == listed:
            return marked + struct.calcsize(form)
    raise Refused("zip_damaged")


def content(source: Seekable, member: Member, limits: Limits) -> Iterator[bytes]:
    """The bytes of one file, in pieces. Raises Refused: zip_damaged where they are not what the list says."""
    source.seek(member.at + 26)
    name, extra = struct.unpack("<2H", source.read(4))
    source.seek(member.at + 30 + name + extra)
    left, size, crc = member.packed, 0, 0
    unpacker = zlib.decompressobj(-15) if member.method == _DEFLATED else None
    while left:
        piece = source.read(min(_CHUNK, left))
        left -= len(piece)
        if not piece:
            raise Refused("zip_damaged", member.name[:150])
        for part in _inflated(unpacker, piece, member) if unpacker else (piece,):
            size, crc = size + len(part), zlib.crc32(part, crc)
            if size > member.size:
                raise Refused("zip_damaged", member.name[:150])
            yield part
    if (size, crc) != (member.size, member.crc) or (unpacker and (not unpacker.eof or unpacker.unused_data)):
        raise Refused("zip_damaged", member.name[:150])


def _inflated(unpacker: "zlib._Decompress", piece: bytes, member: Member) -> Iterator[bytes]:
    try:
        while piece:
            if unpacker.eof:
                raise Refused("zip_damaged", member.name[:150])
            part = unpacker.decompress(piece, _CHUNK)
            piece = unpacker.unconsumed_tail
            while part:
                yield part
                part = b"" if len(part) < _CHUNK else unpacker.decompress(b"", _CHUNK)
    except zlib.error:
        raise Refused("zip_damaged", member.name[:150]) from None
