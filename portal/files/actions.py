"""Taking in files. They are on disk before the row that names them commits."""
from collections.abc import Collection
from datetime import datetime
from typing import IO, NamedTuple

from flask import current_app
from sqlalchemy import select

from portal.files import queries, scanning
from portal.files.models import RESULT, Attachment, FileState, Owner, StoredFile
from portal.kit import clock, disk, files, jobs, throttle
from portal.kit.db import session, transaction
from portal.people import security_log
from portal.people.models import Person

NOBODY = 0  # who handed in what came in a message between systems
#: reasons that no accident brings: who sent such a file, and how often, is for administrators to see
HARMFUL = frozenset({"virus", "active", "macro", "program", "outside", "archive", "bomb"})


class Proven(NamedTuple):
    """A file that is what it says, stored under the name that a person gave it; no row names it yet. `scanned`: a
    scanner has looked it through."""

    name: str
    blob: files.Blob
    scanned: bool = False


def prove(stream: IO[bytes], name: str | None, *, by_id: int | None = None, limit: int | None = None) -> Proven:
    """Prove and store one file. Slow for a large one, and counted for whom it is `by_id` in a transaction of its own:
    before the transaction in which it is attached. Its name ends as what it is: a PNG called .jpg is a PNG. `limit`:
    bytes, where not ATTACHMENT_BYTES. Raises kit.files.Refused."""
    try:
        return _proven(stream, files.tidy_name(name) or "tep", by_id, limit or current_app.config["ATTACHMENT_BYTES"])
    except files.Refused as refused:
        if refused.reason in HARMFUL:
            by = session.get(Person, by_id) if by_id is not None else None
            security_log.record("file.refused", by=by, reason=refused.reason)
        raise


def _proven(stream: IO[bytes], tidy: str, by_id: int | None, limit: int) -> Proven:
    blob = _kept(stream, tidy, limit)
    try:
        verdict = scanning.look_at_once(blob.path)
        if verdict is not None and verdict.threat:
            raise files.Refused(verdict.reason, tidy)
        if by_id is not None:
            _count(by_id, blob.size, tidy)
    except BaseException:
        files.forget(blob.path)
        raise
    return Proven(files.named_as(tidy, blob), blob, verdict is not None)


def _kept(stream: IO[bytes], name: str, limit: int) -> files.Blob:
    if not disk.has_room():
        raise files.Refused("disk", name)
    try:
        return files.keep(stream, name, limit=limit)
    except OSError as error:
        if error.errno not in disk.FULL:
            raise
        raise files.Refused("disk", name) from error


def _count(person_id: int, size: int, name: str) -> None:
    try:
        with transaction():
            throttle.spend_today("uploads", str(person_id), size, limit=current_app.config["UPLOAD_BYTES_A_DAY"])
    except throttle.TooMany:
        raise files.Refused("day", name) from None


def attach(owner: Owner, key: str, label: str, proven: Proven, *, by_id: int,
           besides: Collection[str] = ()) -> Attachment:
    """Take one file for paper `key`. Raises kit.files.Refused("full") when the applicant's files, or the office's
    results, together would pass DOSSIER_BYTES; its bytes are then deleted like all that no row names. `besides`: keys
    of questions that no longer apply, whose files take up no room."""
    taken = queries.room_taken(owner, results=key == RESULT, besides=besides)
    if sum(one.size for one in taken) + proven.blob.size > current_app.config["DOSSIER_BYTES"]:
        raise files.Refused("full", proven.name, size=proven.blob.size, taken=[(one.name, one.size) for one in taken])
    attachment = Attachment(file=_store_of_people(owner, proven), key=key, label=label[:300], name=proven.name,
                            uploaded_by_id=by_id)
    session.add(attachment)
    session.flush()
    return attachment


def attach_sent(owner: Owner, key: str, label: str, proven: Proven) -> Attachment:
    """Take one file that came in a message: no person handed it in, and the message's own limit bounds it."""
    attachment = Attachment(file=_store_of_people(owner, proven), key=key[:80], label=label[:300], name=proven.name,
                            uploaded_by_id=NOBODY)
    session.add(attachment)
    session.flush()
    return attachment


def store(owner: Owner, blob: files.Blob) -> StoredFile:
    """The row of what the portal made and stored: nobody need look it through."""
    return _store(owner, blob, FileState.clean, clock.now())


def _store_of_people(owner: Owner, proven: Proven) -> StoredFile:
    """The row of what somebody sent. It waits where there is, or must be, a scanner that has not seen it."""
    if proven.scanned:
        return _store(owner, proven.blob, FileState.clean, clock.now())
    if scanning.has_scanner():
        jobs.put("files.scan_waiting")
    return _store(owner, proven.blob, FileState.waiting if scanning.is_on() else FileState.clean, None)


def _store(owner: Owner, blob: files.Blob, state: FileState, cleared_at: datetime | None) -> StoredFile:
    row = StoredFile(owner_kind=owner.kind, owner_id=owner.id, state=state, blob=blob.path, media_type=blob.media_type,
                     size=blob.size, sha256=blob.sha256, cleared_at=cleared_at)
    session.add(row)
    session.flush()
    return row


def note_scan(file_id: int, verdict: scanning.Verdict) -> None:
    """Put down what a scanner said of a file. One that was removed or scanned meanwhile is left as it is."""
    file = session.get(StoredFile, file_id, with_for_update=True, populate_existing=True)
    if file is None or file.cleared_at is not None or file.state == FileState.refused:
        return
    if not verdict.threat:
        file.state, file.cleared_at = FileState.clean, clock.now()
        return
    file.state, file.threat = FileState.refused, verdict.threat[:120]
    if verdict.reason in HARMFUL:
        security_log.record("file.refused", file=file_id, reason=verdict.reason)
    attachment = queries.attachment_of_file(file_id)
    if attachment is not None and file.owner_kind == "dossier":
        jobs.put("dossiers.tell_of_refused_file", attachment_id=attachment.id)


def remove(attachment: Attachment) -> None:
    """Take a file out of a draft. The bytes are deleted later; a row never points at nothing."""
    file = attachment.file
    session.delete(attachment)
    session.flush()
    session.delete(file)
    session.flush()


def supersede(owner: Owner, key: str, *, before: datetime) -> None:
    """A supplement replaces what was handed in for `key` earlier; the old file stays readable to the officer and takes
    up no room any more."""
    for old in session.scalars(select(Attachment).join(Attachment.file).where(
            StoredFile.owner_kind == owner.kind, StoredFile.owner_id == owner.id, Attachment.key == key,
            Attachment.replaced_at.is_(None), Attachment.at < before)):
        old.replaced_at = clock.now()
