"""Zip: bounded before anything is unpacked, whole, with nothing before, between or behind its members."""
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from xml.parsers import expat

from portal.kit.proving.verdict import MIB, MOST_UNPACKED, Bad

MOST_MEMBERS, MOST_RATIO, RATIO_COUNTS_FROM = 1_000, 50, 64 * MIB
MOST_XML = 48 * MIB  # of one part; memory is spent by whoever reads it
DESCRIPTOR = 24  # the most that may follow a member's bytes: its sizes once more
_LOCAL = struct.Struct("<4s5H3L2H")
_END = b"PK\x05\x06"
_LINK = 0o120000
_BROKEN = (zipfile.BadZipFile, RuntimeError, EOFError, OSError, ValueError, zlib.error, struct.error)


def members(content: bytes) -> Iterator[tuple[str, bytes]]:
    """The members of a zip that may be unpacked: name and bytes. Raises Bad: locked, bomb, mismatch, damaged."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as packed:
            listed = packed.infolist()
            _prove_sizes(listed, len(content))
            _prove_places(content, listed, packed.start_dir)
            for member in listed:
                if not member.is_dir():
                    yield member.filename, _read(packed, member)
    except _BROKEN:
        raise Bad("damaged") from None


def hangs_in(content: bytes) -> list[bytes]:
    """The ends of archives (their last record) that an unpacker would find in a file which is none itself."""
    found = []
    for at in re.finditer(_END, content):
        try:
            with zipfile.ZipFile(BytesIO(content[:at.start() + 22])) as packed:
                if packed.infolist():
                    found.append(content[at.start():at.start() + 22])
        except _BROKEN:
            continue
    return found


def _prove_sizes(listed: list[zipfile.ZipInfo], packed: int) -> None:
    if any(member.flag_bits & 1 for member in listed):
        raise Bad("locked")
    total = sum(member.file_size for member in listed)
    if len(listed) > MOST_MEMBERS or total > MOST_UNPACKED:
        raise Bad("bomb")
    if total > RATIO_COUNTS_FROM and total > MOST_RATIO * packed:
        raise Bad("bomb")
    if any(member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for member in listed):
        raise Bad("mismatch")
    if any((member.external_attr >> 16) & 0o170000 == _LINK for member in listed):
        raise Bad("mismatch")
    names = [member.filename for member in listed]
    if len({name.casefold() for name in names}) != len(names) or \
            any(name.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", name) or "\0" in name for name in names):
        raise Bad("mismatch")


def _prove_places(content: bytes, listed: list[zipfile.ZipInfo], directory: int) -> None:
    """Members lie one behind the other from the first byte on, as their directory says: none overlaps another, which
    is how a small file unpacks to any size, and nothing that no reader is shown lies between them."""
    at = 0
    for member in sorted(listed, key=lambda one: one.header_offset):
        if not at <= member.header_offset <= at + DESCRIPTOR or (at == 0 and member.header_offset):
            raise Bad("mismatch")
        signature, *_rest, name_size, more_size = _LOCAL.unpack_from(content, member.header_offset)
        if signature != b"PK\x03\x04":
            raise Bad("damaged")
        at = member.header_offset + _LOCAL.size + name_size + more_size + member.compress_size
    end = content.rfind(_END)
    if not listed or not at <= directory <= at + DESCRIPTOR or end < 0 or \
            end + 22 + int.from_bytes(content[end + 20:end + 22], "little") != len(content):
        raise Bad("mismatch")
    if _looks_like_more(content[end + 22:]):
        raise Bad("archive")


def _looks_like_more(comment: bytes) -> bool:
    return b"%PDF-" in comment or b"PK" in comment or b"<" in comment


def _read(packed: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """Never more than the member said it has."""
    with packed.open(member) as stream:
        found = stream.read(member.file_size + 1)
    if len(found) != member.file_size:
        raise Bad("damaged")
    return found


class Markup:
    """The elements and the text of an XML part, read by a parser that knows no entities of its own."""

    def __init__(self, content: bytes) -> None:
        """Raises Bad: bomb, damaged; active for a part that declares entities."""
        if len(content) > MOST_XML:
            raise Bad("bomb")
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text: list[tuple[str, str]] = []  # (element, text)
        self._open: list[str] = []
        parser = expat.ParserCreate(namespace_separator="}")
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._said
        parser.StartDoctypeDeclHandler = self._declares
        try:
            parser.Parse(content, True)
        except (expat.ExpatError, ValueError, LookupError):  # the latter: letters of a kind that it cannot read
            raise Bad("damaged") from None

    def _declares(self, *_declaration: object) -> None:
        raise Bad("active")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        short = name.rpartition("}")[2]
        self._open.append(short)
        self.elements.append((short, {key.rpartition("}")[2]: value for key, value in attributes.items()}))

    def _end(self, _name: str) -> None:
        self._open.pop()

    def _said(self, words: str) -> None:
        if self._open:
            self.text.append((self._open[-1], words))
