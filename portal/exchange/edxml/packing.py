"""Attached files: their base64 decoded as it comes, into a file; zipped ones unpacked, by their bytes and not by what
is said of them. Nothing here gathers a file in memory."""
import binascii
import hashlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from portal.exchange.edxml import archives
from portal.exchange.edxml.limits import Limits
from portal.exchange.edxml.message import Refused

_BLANKS = b" \t\r\n"
CHUNK = 64 * 1024
_TAIL = 2048
#: How files of these kinds end, which is how a cut one is told.
_ENDS = {b"%PDF-": b"%%EOF", b"\x89PNG\r\n\x1a\n": b"IEND\xaeB`\x82"}


@dataclass(frozen=True)
class Unpacked:
    """A file on the disk. `name`: as a zip calls it, "" where none does."""

    path: Path
    size: int
    sha256: str
    name: str = ""
    zipped: bool = False


class Folder:
    """Where the files of one message go. Their names there are ours; all of them are counted against the limits.
    `taken`: the last number that another reading into the same place gave."""

    def __init__(self, place: Path, limits: Limits, taken: int = 0) -> None:
        self.place, self.limits = place, limits
        self.number, self.most = taken, taken + 2 * limits.files + 2
        self.made: list[Path] = []
        self.size = 0

    def new(self) -> Path:
        """A path where nothing lies yet."""
        if self.number >= self.most:
            raise Refused("files")
        self.number += 1
        path = self.place / f"edxml-{self.number:03d}"
        self.made.append(path)
        return path

    def forget(self, *kept: Path) -> None:
        """Delete what was made, but for those."""
        for path in self.made:
            if path not in kept:
                with suppress(FileNotFoundError):
                    path.unlink()
        self.made = [path for path in self.made if path in kept]

    def grow(self, size: int, where: str = "") -> None:
        """Count bytes that are about to be written."""
        self.size += size
        if self.size > self.limits.unpacked:
            raise Refused("attachment_large", where)


class Base64File:
    """The sink of one ContentTransferEncoded. Strict: the standard's alphabet, blanks between, padded to the end."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self.path = folder.new()
        self.size, self.digest = 0, hashlib.sha256()
        self.rest, self.ended = b"", False
        self.out = self.path.open("xb")

    def write(self, text: str) -> None:
        """Decode more of it. Raises Refused: base64, attachment_large."""
        try:
            plain = text.encode("ascii").translate(None, _BLANKS)
        except UnicodeEncodeError:
            raise Refused("base64") from None
        if not plain:
            return
        if self.ended:
            raise Refused("base64")
        self.rest += plain
        whole = len(self.rest) // 4 * 4
        if whole < CHUNK:
            return
        self._decode(whole)

    def _decode(self, whole: int) -> None:
        part, self.rest = self.rest[:whole], self.rest[whole:]
        if not part:
            return
        try:
            content = binascii.a2b_base64(part, strict_mode=True)
        except binascii.Error:
            raise Refused("base64") from None
        self.ended = part.endswith(b"=")
        self.size += len(content)
        if self.size > self.folder.limits.file:
            raise Refused("attachment_large")
        self.digest.update(content)
        self.out.write(content)

    def close(self) -> None:
        """Decode the rest. Raises Refused: base64, base64_cut."""
        self._decode(len(self.rest) // 4 * 4)
        if self.rest:
            raise Refused("base64" if self.ended else "base64_cut")
        self.out.close()

    def abandon(self) -> None:
        """Let go of the file."""
        self.out.close()


def files(packed: Base64File, name: str, folder: Folder) -> Iterator[Unpacked]:
    """What was attached: itself, or what is in it where it is a zip and no document that happens to be one (a Word
    file, say). `name`: for words. Raises Refused: attachment_cut and the reasons of zips."""
    with packed.path.open("rb") as source:
        head = source.read(8)
        if archives.is_zip(head) and (listed := archives.members(source, folder.limits)) is not None:
            for member in listed:
                yield _unpack(source, member, folder)
            return
        _prove_whole(source, head, packed.size, name)
    folder.grow(packed.size, name)
    yield Unpacked(packed.path, packed.size, packed.digest.hexdigest())


def _prove_whole(source: archives.Seekable, head: bytes, size: int, name: str) -> None:
    for start, end in _ENDS.items():
        if head.startswith(start):
            source.seek(max(0, size - _TAIL))
            if end not in source.read(_TAIL):
                raise Refused("attachment_cut", name)


def _unpack(source: archives.Seekable, member: archives.Member, folder: Folder) -> Unpacked:
    path = folder.new()
    digest, size, head = hashlib.sha256(), 0, b""
    with path.open("xb") as out:
        for piece in archives.content(source, member, folder.limits):
            head = head or piece[:8]
            size += len(piece)
            folder.grow(len(piece), member.name)
            digest.update(piece)
            out.write(piece)
    with path.open("rb") as again:
        if archives.is_archive(head) and not (archives.is_zip(head) and archives.is_document(again)):
            raise Refused("zip_nested", member.name)
        _prove_whole(again, head, size, member.name)
    return Unpacked(path, size, digest.hexdigest(), member.name, zipped=True)
