"""Finding stored objects. Who may see them is the callers' question."""
from sqlalchemy import func, select

from portal.files.models import Attachment, Owner, StoredFile
from portal.kit.db import session


def attachments_of(owner: Owner, *, replaced: bool = False) -> list[Attachment]:
    """What was handed in for `owner` and still counts; with `replaced`, what was replaced as well."""
    query = select(Attachment).join(Attachment.file).where(
        StoredFile.owner_kind == owner.kind, StoredFile.owner_id == owner.id)
    if not replaced:
        query = query.where(Attachment.replaced_at.is_(None))
    return list(session.scalars(query.order_by(Attachment.id)))


def attachment(attachment_id: int) -> Attachment | None:
    """One attachment by its number."""
    return session.get(Attachment, attachment_id)


def bytes_of(owner: Owner) -> int:
    """How many bytes are stored for `owner`."""
    return session.scalar(select(func.coalesce(func.sum(StoredFile.size), 0)).where(
        StoredFile.owner_kind == owner.kind, StoredFile.owner_id == owner.id)) or 0
