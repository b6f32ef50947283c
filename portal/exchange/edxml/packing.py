"""Attached files: their base64 decoded as it comes, into a file; zipped ones unpacked, by their bytes and not by what
is said of them. Nothing here gathers a file in memory."""
import binascii
import hashlib
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO

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
    """Where the files of one message go. Their names there are ours; all of them are counted against the limits."""

    def __init__(self, place: Path, limits: Limits) -> None:
        self.place, self.limits = place, limits
        self.prefix = f"edxml-{secrets.token_hex(8)}"
        self.made: list[Path] = []
        self.size = 0

    def new(self) -> Path:
        """A path where nothing lies yet."""
        if len(self.made) >= 2 * self.limits.files + 2:
            raise Refused("files")
        path = self.place / f"{self.prefix}-{len(self.made) + 1:03d}"
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
    """The sink of one ContentTransferEncoded. Strict: the standard's alphabet, blanks between, padded to the end. What
    is small stays in memory until it is known what becomes of it."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self.size, self.digest = 0, hashlib.sha256()
        self.rest, self.ended = b"", False
        self.small: BytesIO | None = BytesIO()
        self.path: Path | None = None
        self.out: IO[bytes] = self.small

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
        if whole >= CHUNK:
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
        if self.small and self.size > CHUNK:
            self.kept()
        self.digest.update(content)
        self.out.write(content)

    def kept(self) -> Path:
        """Where it lies on the disk, from now on."""
        if self.small is not None:
            self.path = self.folder.new()
            self.out = self.path.open("xb")
            self.out.write(self.small.getbuffer())
            self.small = None
        assert self.path is not None
        return self.path

    def close(self) -> None:
        """Decode the rest. Raises Refused: base64, base64_cut."""
        self._decode(len(self.rest) // 4 * 4)
        if self.rest:
            raise Refused("base64" if self.ended else "base64_cut")
        if self.small is None:
            self.out.close()

    def reopened(self) -> IO[bytes]:
        """What was decoded, from its beginning."""
        if self.small is None:
            return self.kept().open("rb")
        self.small.seek(0)
        return self.small

    def abandon(self) -> None:
        """Let go of the file."""
        self.out.close()


def files(packed: Base64File, name: str, folder: Folder) -> Iterator[Unpacked]:
    """What was attached: itself, or what is in it where it is a zip and no document that happens to be one (a Word
    file, say). `name`: for words. Raises Refused: attachment_cut and the reasons of zips."""
    with packed.reopened() as source:
        head = source.read(8)
        if archives.is_zip(head) and (listed := archives.members(source, folder.limits)) is not None:
            for member in listed:
                yield _unpack(source, member, folder)
            return
        _prove_whole(source, head, packed.size, name)
        folder.grow(packed.size, name)
        path = packed.kept()
        packed.abandon()
    yield Unpacked(path, packed.size, packed.digest.hexdigest())


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
        if archives.is_archive(head) and not (
                archives.is_zip(head) and archives.is_document(again, folder.limits)):
            raise Refused("zip_nested", member.name)
        _prove_whole(again, head, size, member.name)
    return Unpacked(path, size, digest.hexdigest(), member.name, zipped=True)
