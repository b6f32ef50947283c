"""Keeping uploaded and made files: proven before they are kept, named by us, written whole or not at all.

A file's type is what its bytes say; its name must agree. Orphan files may exist after a crash, rows
without their file never: the file is on disk, synced, before the row that names it is committed.
"""
import hashlib
import logging
import os
import secrets
import shutil
import tempfile
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from portal.kit import files_folder, proving
from portal.kit.forms.attachments import TAKEN
from portal.kit.proving.verdict import Bad
from portal.kit.text import normal

CHUNK = 256 * 1024
# Why a file is not taken; the words for each stand in portal.web.files. Those of the first line are found here or by
# the room, those of the others by reading the file (portal.kit.proving).
REASONS = ("empty", "too_large", "type", "full", "virus", "disk", "day",
           "mismatch", "damaged", "locked", "old", "archive", "bomb", "picture", "pages", "busy",
           "active", "macro", "program", "outside", "inner")
log = logging.getLogger(__name__)


class Refused(Exception):
    """The file is not taken. `reason`: one of REASONS; `facts`: what its words need besides the name."""

    def __init__(self, reason: str, name: str, **facts: Any) -> None:
        super().__init__(f"{reason}: {name}")
        self.reason, self.name, self.facts = reason, name, facts


@dataclass(frozen=True)
class Blob:
    """A kept file: where (under the files folder), its SHA-256 in hex, its size in bytes, its type; the ending that
    belongs to it, which need not be the one that its sender gave it."""

    path: str
    sha256: str
    size: int
    media_type: str
    ending: str = ""


def root() -> Path:
    """The folder that holds every kept file."""
    return files_folder.root()


def tidy_name(name: str | None) -> str:
    """A file's name as data: no folders, no control or direction characters, at most 150 characters."""
    flat = normal("NFC", (name or "").replace("\\", "/").rsplit("/", 1)[-1])
    clean = "".join(c for c in flat if unicodedata.category(c)[0] != "C").strip(" .")
    stem, dot, ending = clean.rpartition(".")
    return (stem[:140] + dot + ending[:9]) if dot else clean[:150]


def named_as(name: str, blob: Blob) -> str:
    """The name that a person gave it, with the ending of what it is; .jpeg and .jpg are the same."""
    stem, _dot, ending = name.rpartition(".")
    return name if f".{ending.lower()}" in (blob.ending, {".jpg": ".jpeg"}.get(blob.ending)) else stem + blob.ending


def keep(stream: IO[bytes], name: str, *, limit: int) -> Blob:
    """Prove `stream` and keep it, as it came or, where a picture was turned or converted, as it became. Raises Refused;
    nothing stays behind then."""
    ending = Path(name).suffix.lower()
    if ending.removeprefix(".") not in TAKEN:
        raise Refused("type", name)
    folder = _shelf()
    part = folder / f".part-{secrets.token_hex(8)}"
    became = part.with_name(part.name + "-became")
    try:
        digest, size = _receive(stream, part, name, limit)
        proof = _prove(part, ending, name, became, limit)
        if proof.changed:
            became.replace(part)
            digest, size = _synced(part)
    except BaseException:
        part.unlink(missing_ok=True)
        became.unlink(missing_ok=True)
        raise
    return Blob(_put_away(part, folder), digest, size, proof.media_type, proof.ending)


def _receive(stream: IO[bytes], part: Path, name: str, limit: int) -> tuple[str, int]:
    size = 0
    with part.open("xb") as out:
        while chunk := stream.read(CHUNK):
            size += len(chunk)
            if size > limit:
                raise Refused("too_large", name)
            out.write(chunk)
    if not size:
        raise Refused("empty", name)
    return _synced(part)


def _synced(part: Path) -> tuple[str, int]:
    """SHA-256 in hex and size of what lies there, once it is on the disk."""
    with part.open("rb") as kept:
        digest = hashlib.file_digest(kept, "sha256").hexdigest()
        os.fsync(kept.fileno())
        return digest, kept.tell()


def keep_unproven(stream: IO[bytes], media_type: str, *, limit: int) -> Blob:
    """Keep `stream` as it came, whatever it is: for what is handed on between systems and no browser is ever given to
    run. Raises Refused ("too_large", "empty"); nothing stays behind then."""
    folder = _shelf()
    part = folder / f".part-{secrets.token_hex(8)}"
    try:
        digest, size = _receive(stream, part, "", limit)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return Blob(_put_away(part, folder), digest, size, media_type)


@contextmanager
def bench() -> Iterator[Path]:
    """A folder on the disk of the kept files, for work with large ones; gone afterwards. What a process that was killed
    left there the nightly sweep takes."""
    place = _shelf() / f".part-{secrets.token_hex(8)}"
    place.mkdir(mode=0o700)
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def keep_bytes(content: bytes, media_type: str) -> Blob:
    """Keep what the portal itself made."""
    folder = _shelf()
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".part-", delete=False) as part:
        try:
            part.write(content)
            part.flush()
            os.fsync(part.fileno())
        except BaseException:  # a full disk, say: each further try would leave a part more
            os.unlink(part.name)
            raise
    return Blob(_put_away(Path(part.name), folder), hashlib.sha256(content).hexdigest(), len(content), media_type)


def digest(content: bytes) -> str:
    """The SHA-256 of some bytes in hex, as `Blob.sha256` has it."""
    return hashlib.sha256(content).hexdigest()


def where(path: str) -> Path:
    """The absolute place of a kept file; a path that leads out of the folder is refused."""
    place = (root() / path).resolve()
    if not place.is_relative_to(root()):
        raise ValueError("a kept file lies under the files folder")
    return place


def forget(path: str) -> None:
    """Delete a kept file; one that is gone already is no error. Only for what no row names (kit.garbage_collection)."""
    where(path).unlink(missing_ok=True)


def _shelf() -> Path:
    day_folder = files_folder.check() / secrets.token_hex(1)
    day_folder.mkdir(exist_ok=True)
    return day_folder


def _put_away(part: Path, folder: Path) -> str:
    final = folder / secrets.token_hex(16)
    part.rename(final)
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    return str(final.relative_to(root()))


def _prove(part: Path, ending: str, name: str, became: Path, limit: int) -> proving.Proof:
    """What is kept must be what its name says, whole, and must not act."""
    try:
        return proving.prove(part, ending, out=became, most=limit)
    except Bad as bad:
        raise Refused(bad.reason, name) from None
    except proving.Failed as error:
        log.error("a file could not be proven: %s", error)
        raise Refused("busy", name) from None
