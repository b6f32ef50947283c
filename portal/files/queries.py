"""Finding stored objects. Who may see them is the callers' question."""
from sqlalchemy import func, select, text

from portal.files.models import UNSCANNED, Attachment, FileState, Owner, StoredFile
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


def bytes_of(owner: Owner) -> int:
    """How many bytes are stored for `owner`."""
    return session.scalar(select(func.coalesce(func.sum(StoredFile.size), 0)).where(
        StoredFile.owner_kind == owner.kind, StoredFile.owner_id == owner.id)) or 0


def is_refused(attachment: Attachment) -> bool:
    """Whether a scanner found something in it."""
    return attachment.file.state == FileState.refused


def unscanned(limit: int) -> list[StoredFile]:
    """The files that wait longest for a scanner."""
    return list(session.scalars(select(StoredFile).where(text(UNSCANNED)).order_by(StoredFile.id).limit(limit)))


def attachment_of_file(file_id: int) -> Attachment | None:
    """Under what name a stored file was handed in; None for what the portal made."""
    return session.scalar(select(Attachment).where(Attachment.file_id == file_id))
