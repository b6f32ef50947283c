"""The slow part of taking a message in: its bytes stored, read, its files proven. No transaction is open meanwhile, and
nothing stays behind where it fails."""
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import IO

from flask import current_app

from portal.exchange import identity, originals, participants, queries
from portal.exchange.edxml import message as edxml
from portal.exchange.issuing import Enclosed
from portal.files import actions
from portal.kit import files
from portal.kit.db import session

Certificates = Callable[[str], Sequence[str]]


@dataclass(frozen=True)
class Taken:
    """A message that was read: what it says, its files, where its bytes lie."""

    said: edxml.Message
    blob: files.Blob
    enclosed: tuple[Enclosed, ...]
    payload_sha256: str


def read_in(stream: IO[bytes], *, limit: int | None = None, prove: bool = True) -> Taken:
    """Store the bytes, read them, prove and store the files that may be shown. Raises edxml.message.Refused,
    kit.files.Refused (too_large, empty, disk)."""
    blob = originals.keep(stream, limit)
    try:
        return read_kept(blob, prove=prove)
    except BaseException:
        files.forget(blob.path)
        raise


def read_kept(blob: files.Blob, *, prove: bool = True, certificates: Certificates | None = None,
              refused: Mapping[str, str] = MappingProxyType({})) -> Taken:
    """The same for a message whose bytes lie here already. Where `certificates` are given the database is not asked.
    `refused`: files (by their SHA-256) that were found unfit before, and why."""
    from portal.exchange.edxml import reading  # noqa: PLC0415  heavy, and only needed here

    with files.bench() as bench, files.where(blob.path).open("rb") as source:
        said = reading.read(source, bench, certificates=certificates or pinned)
        if certificates is None:
            session.rollback()  # what asking for them opened
        enclosed: list[Enclosed] = []
        try:
            for one in getattr(said, "attachments", ()):
                enclosed.append(_enclosed(one, refused, prove=prove))
            return Taken(said, blob, tuple(enclosed), identity.payload_sha256(said))
        except BaseException:  # a disk that is full now: those before it would stay
            _forget(enclosed)
            raise


def forget(taken: Taken) -> None:
    """Delete what was stored for a message that is not kept."""
    files.forget(taken.blob.path)
    forget_files(taken)


def forget_files(taken: Taken) -> None:
    """Delete the files of a message that is kept and not followed: they are in its bytes."""
    _forget(taken.enclosed)


def _forget(enclosed: Sequence[Enclosed]) -> None:
    for one in enclosed:
        if one.proven is not None:
            files.forget(one.proven.blob.path)


def pinned(organ: str) -> Sequence[str]:
    """The certificates of whoever has this id, in PEM."""
    found = queries.participant_by_code(organ)
    return participants.pinned(found) if found else ()


def _enclosed(one: edxml.Attachment, refused_before: Mapping[str, str], *, prove: bool) -> Enclosed:
    """A file that may not be shown stays in the original message, and says why."""
    label, limit = one.description or one.name, int(current_app.config["EXCHANGE_ATTACHMENT_BYTES"])
    if not prove or one.sha256 in refused_before:
        return Enclosed(one.name, one.size, one.sha256, label, None, refused_before.get(one.sha256))
    try:
        with Path(one.path).open("rb") as content:
            proven = actions.prove(content, one.name, limit=limit)
    except files.Refused as refused:
        if refused.reason in ("disk", "busy"):  # it may be right: to be sent again
            raise
        return Enclosed(one.name, one.size, one.sha256, label, None, refused.reason)
    return Enclosed(one.name, one.size, one.sha256, label, proven, None)
