"""Finding stored objects. Who may see them is the callers' question."""
from collections.abc import Collection

from sqlalchemy import select, text

from portal.files.models import RESULT, UNSCANNED, Attachment, FileState, Owner, StoredFile
from portal.kit.db import session


def attachments_of(owner: Owner, *, replaced: bool = False, refused: bool = False) -> list[Attachment]:
    """What was handed in for `owner` and still counts; with `replaced`, what was replaced as well; with `refused`,
    that in which a scanner found something, too."""
    query = select(Attachment).join(Attachment.file).where(
        StoredFile.owner_kind == owner.kind, StoredFile.owner_id == owner.id)
    if not replaced:
        query = query.where(Attachment.replaced_at.is_(None))
    if not refused:
        query = query.where(StoredFile.state != FileState.refused)
    return list(session.scalars(query.order_by(Attachment.id)))


def attachment(attachment_id: int) -> Attachment | None:
    """One attachment by its number."""
    return session.get(Attachment, attachment_id)


def room_taken(owner: Owner, *, results: bool = False, besides: Collection[str] = ()) -> list[Attachment]:
    """The files that take up the room of `owner`'s applicant, the largest first; with `results`, that of the office,
    which has its own. What was replaced or refused takes up none, nor what lies with questions that no longer apply
    (`besides`)."""
    return sorted((one for one in attachments_of(owner) if (one.key == RESULT) is results and one.key not in besides),
                  key=lambda one: -one.size)


def is_refused(attachment: Attachment) -> bool:
    """Whether a scanner found something in it."""
    return attachment.file.state == FileState.refused


def unscanned(limit: int, *, after: int = 0) -> list[StoredFile]:
    """The files that wait longest for a scanner, of those newer than the one numbered `after`."""
    return list(session.scalars(select(StoredFile).where(text(UNSCANNED), StoredFile.id > after)
                                .order_by(StoredFile.id).limit(limit)))


def attachment_of_file(file_id: int) -> Attachment | None:
    """Under what name a stored file was handed in; None for what the portal made."""
    return session.scalar(select(Attachment).where(Attachment.file_id == file_id))


def has_any() -> bool:
    """Whether a row names a file."""
    return session.scalar(select(StoredFile.id).limit(1)) is not None
