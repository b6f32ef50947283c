"""Finding papers and attachments. Who may see them is the callers' question."""
from sqlalchemy import select

from portal.documents.models import Attachment, Paper
from portal.kit.db import session
from portal.kit.row_security import reaching_all


def paper_by_code(code: str) -> Paper | None:
    """The paper with this verification code (as codes.normalise writes it), in the first size it was made
    in. Whoever has its code may know of it."""
    with reaching_all():
        return session.scalar(select(Paper).where(Paper.code == code).order_by(Paper.id).limit(1))


def sizes_of(paper: Paper) -> list[Paper]:
    """The same paper in every size it was made in, each a file with its own digest."""
    with reaching_all():
        return list(session.scalars(select(Paper).where(Paper.code == paper.code).order_by(Paper.id)))


def paper_by_sha256(sha256: str) -> Paper | None:
    """The paper whose file has exactly these bytes, for whoever has them. `sha256` is lower-case hexadecimal."""
    with reaching_all():
        return session.scalar(select(Paper).where(Paper.sha256 == sha256))


def papers_of(dossier_id: int) -> list[Paper]:
    """Every paper issued for a dossier, the oldest first."""
    return list(session.scalars(select(Paper).where(Paper.dossier_id == dossier_id).order_by(Paper.id)))


def paper(paper_id: int) -> Paper | None:
    """One paper by its number."""
    return session.get(Paper, paper_id)


def attachments_of(dossier_id: int, *, replaced: bool = False) -> list[Attachment]:
    """What was handed in for a dossier and still counts; with `replaced`, what was replaced as well."""
    query = select(Attachment).where(Attachment.dossier_id == dossier_id)
    if not replaced:
        query = query.where(Attachment.replaced_at.is_(None))
    return list(session.scalars(query.order_by(Attachment.id)))


def attachment(attachment_id: int) -> Attachment | None:
    """One attachment by its number."""
    return session.get(Attachment, attachment_id)
