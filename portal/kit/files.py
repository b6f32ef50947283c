"""Keeping uploaded and made files: proven before they are kept, named by us, written whole or not at all.

A file's type is what its bytes say; its name must agree. Orphan files may exist after a crash, rows
without their file never: the file is on disk, synced, before the row that names it is committed.
"""
import hashlib
import os
import secrets
import tempfile
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from flask import current_app

# Endings a person may use → media types that the bytes may show. SVG, HTML and archives are not here.
ALLOWED: dict[str, tuple[str, ...]] = {
    ".pdf": ("application/pdf",),
    ".jpg": ("image/jpeg",),
    ".jpeg": ("image/jpeg",),
    ".png": ("image/png",),
    ".docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document",),
}
CHUNK = 256 * 1024


class Refused(Exception):
    """The file is not taken. `reason`: empty | too_large | type | mismatch | active."""

    def __init__(self, reason: str, name: str) -> None:
        super().__init__(f"{reason}: {name}")
        self.reason, self.name = reason, name


@dataclass(frozen=True)
class Blob:
    """A kept file: where (under the files folder), its SHA-256 in hex, its size in bytes, its type."""

    path: str
    sha256: str
    size: int
    media_type: str


def root() -> Path:
    """The folder that holds every kept file."""
    return Path(current_app.config["FILES_FOLDER"]).resolve()


def tidy_name(name: str | None) -> str:
    """A file's name as data: no folders, no control or direction characters, at most 150 characters."""
    flat = unicodedata.normalize("NFC", (name or "").replace("\\", "/").rsplit("/", 1)[-1])
    clean = "".join(c for c in flat if unicodedata.category(c)[0] != "C").strip(" .")
    stem, dot, ending = clean.rpartition(".")
    return (stem[:140] + dot + ending[:9]) if dot else clean[:150]


def keep(stream: IO[bytes], name: str, *, limit: int) -> Blob:
    """Prove `stream` and keep it. Raises Refused; nothing stays behind then."""
    ending = Path(name).suffix.lower()
    if ending not in ALLOWED:
        raise Refused("type", name)
    folder = _shelf()
    digest, size = hashlib.sha256(), 0
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".part-", delete=False) as part:
        try:
            while chunk := stream.read(CHUNK):
                size += len(chunk)
                if size > limit:
                    raise Refused("too_large", name)
                digest.update(chunk)
                part.write(chunk)
            if not size:
                raise Refused("empty", name)
            part.flush()
            media_type = _prove(Path(part.name), ending, name)
            os.fsync(part.fileno())
        except BaseException:
            os.unlink(part.name)
            raise
    return Blob(_put_away(Path(part.name), folder), digest.hexdigest(), size, media_type)


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
    day_folder = root() / secrets.token_hex(1)
    day_folder.mkdir(parents=True, exist_ok=True)
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


def _prove(place: Path, ending: str, name: str) -> str:
    """The type by content must be one that the ending allows, and the file must not act."""
    import magic  # loads a C library and its database

    media_type = magic.from_file(str(place), mime=True)
    if media_type not in ALLOWED[ending]:
        raise Refused("mismatch", name)
    content = place.read_bytes()
    if ending == ".pdf" and any(sign in content for sign in (b"/JavaScript", b"/Launch", b"/OpenAction <<")):
        raise Refused("active", name)
    if ending == ".docx" and (b"vbaProject.bin" in content or b"oleObject" in content):
        raise Refused("active", name)
    if ending in (".pdf", ".jpg", ".jpeg", ".png") and b"PK\x05\x06" in content[-70_000:]:
        raise Refused("mismatch", name)  # a second file, an archive, hangs behind the first
    return media_type
