"""Taking in files. They are on disk before the row that names them commits."""
from datetime import datetime
from typing import IO, NamedTuple

from flask import current_app
from sqlalchemy import select

from portal.files import queries
from portal.files.models import Attachment, FileState, Owner, StoredFile
from portal.kit import clock, files
from portal.kit.db import session


class Proven(NamedTuple):
    """A file that is what it says, stored under the name that a person gave it; no row names it yet."""

    name: str
    blob: files.Blob


def prove(stream: IO[bytes], name: str | None) -> Proven:
    """Prove and store one file. Slow for a large one: before the transaction in which it is attached. Its name ends as
    what it is: a PNG called .jpg is a PNG. Raises kit.files.Refused."""
    tidy = files.tidy_name(name) or "tep"
    blob = files.keep(stream, tidy, limit=current_app.config["ATTACHMENT_BYTES"])
    return Proven(files.named_as(tidy, blob), blob)


def attach(owner: Owner, key: str, label: str, proven: Proven, *, by_id: int) -> Attachment:
    """Take one file for paper `key`. Raises kit.files.Refused("full") when the owner's files together would pass
    DOSSIER_BYTES; its bytes are then deleted like all that no row names."""
    if queries.bytes_of(owner) + proven.blob.size > current_app.config["DOSSIER_BYTES"]:
        raise files.Refused("full", proven.name)
    attachment = Attachment(file=store(owner, proven.blob), key=key, label=label[:300], name=proven.name,
                            uploaded_by_id=by_id)
    session.add(attachment)
    session.flush()
    return attachment


def store(owner: Owner, blob: files.Blob) -> StoredFile:
    """The row of bytes that are stored. What was proven to be what it says is clean."""
    row = StoredFile(owner_kind=owner.kind, owner_id=owner.id, state=FileState.clean, blob=blob.path,
                     media_type=blob.media_type, size=blob.size, sha256=blob.sha256)
    session.add(row)
    session.flush()
    return row


def remove(attachment: Attachment) -> None:
    """Take a file out of a draft. The bytes are deleted later; a row never points at nothing."""
    file = attachment.file
    session.delete(attachment)
    session.flush()
    session.delete(file)
    session.flush()


def supersede(owner: Owner, key: str, *, before: datetime) -> None:
    """A supplement replaces what was handed in for `key` earlier; the old file stays readable to the officer."""
    for old in session.scalars(select(Attachment).join(Attachment.file).where(
            StoredFile.owner_kind == owner.kind, StoredFile.owner_id == owner.id, Attachment.key == key,
            Attachment.replaced_at.is_(None), Attachment.at < before)):
        old.replaced_at = clock.now()
