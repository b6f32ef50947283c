"""Whether stored objects still are what was stored. What is not is never served.

Looking reads the whole object, and holds no transaction open; what is found is noted afterwards.
"""
import hashlib
from collections.abc import Iterator
from typing import IO, NamedTuple

from sqlalchemy import func, select

from portal.files.models import Fault, Owner, StoredFile
from portal.kit import clock, files
from portal.kit.db import session

AT_ONCE = 500


class Faulty(Exception):
    """The bytes of a stored object are gone, or not those that were stored."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


class Kept(NamedTuple):
    """What a row says of an object, without the row."""

    id: int
    owner: Owner
    blob: str
    size: int
    sha256: str
    fault: str | None


def opened(blob: str, sha256: str) -> IO[bytes]:
    """The bytes, read through and found to be those that were stored; whoever asks closes them. Raises Faulty."""
    try:
        stream = files.where(blob).open("rb")
    except (OSError, ValueError) as error:
        raise Faulty(Fault.missing) from error
    try:
        if hashlib.file_digest(stream, "sha256").hexdigest() != sha256:
            raise Faulty(Fault.altered)
        stream.seek(0)
    except BaseException:
        stream.close()
        raise
    return stream


def look(kept: Kept) -> Fault | None:
    """What is wrong with one object."""
    try:
        opened(kept.blob, kept.sha256).close()
    except Faulty as found:
        return found.fault
    return None


def count() -> int:
    """How many objects there are."""
    return session.scalar(select(func.count()).select_from(StoredFile)) or 0


def every() -> Iterator[Kept]:
    """Every object, the oldest first; between them no transaction is open."""
    last = 0
    while True:
        rows = session.execute(
            select(StoredFile.id, StoredFile.owner_kind, StoredFile.owner_id, StoredFile.blob, StoredFile.size,
                   StoredFile.sha256, StoredFile.fault)
            .where(StoredFile.id > last).order_by(StoredFile.id).limit(AT_ONCE)).all()
        session.rollback()
        yield from (Kept(row.id, Owner(row.owner_kind, row.owner_id), row.blob, row.size, row.sha256, row.fault)
                    for row in rows)
        if len(rows) < AT_ONCE:
            return
        last = rows[-1].id


def note(file_id: int, fault: Fault | None) -> bool:
    """Write down what was found, or that it is well again. Whether a fault is new, so that it is told once."""
    row = session.get(StoredFile, file_id)
    if row is None or row.fault == fault:
        return False
    row.fault, row.fault_at = fault, clock.now() if fault else None
    session.flush()
    return fault is not None
