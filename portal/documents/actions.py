"""Taking in attachments and issuing papers. Files are on disk before the row that names them commits."""
from collections.abc import Sequence
from datetime import datetime
from typing import IO, NamedTuple

from flask import current_app, render_template
from sqlalchemy import func, select

from portal.documents import papers
from portal.documents.models import Attachment, Paper
from portal.kit import clock, db, files
from portal.kit.db import session


class Drawn(NamedTuple):
    """A paper of one size, drawn and stored."""

    size: str
    blob: files.Blob


def attach(dossier_id: int, key: str, label: str, stream: IO[bytes], name: str, *, by_id: int) -> Attachment:
    """Prove and keep one file for paper `key`. Raises kit.files.Refused: empty, too_large, type, mismatch,
    active, or full when the dossier's files together would pass DOSSIER_BYTES."""
    tidy = files.tidy_name(name) or "tep"
    used = session.scalar(select(func.coalesce(func.sum(Attachment.size), 0)).where(
        Attachment.dossier_id == dossier_id)) or 0
    room = current_app.config["DOSSIER_BYTES"] - used
    if room <= 0:
        raise files.Refused("full", tidy)
    blob = files.keep(stream, tidy, limit=min(current_app.config["ATTACHMENT_BYTES"], room))
    attachment = Attachment(dossier_id=dossier_id, key=key, label=label[:300], name=tidy, uploaded_by_id=by_id,
                            media_type=blob.media_type, size=blob.size, sha256=blob.sha256, blob=blob.path)
    session.add(attachment)
    session.flush()
    return attachment


def remove(attachment: Attachment) -> None:
    """Take a file out of a draft. The bytes are swept later; a row never points at nothing."""
    session.delete(attachment)
    session.flush()


def supersede(dossier_id: int, key: str, *, before: datetime) -> None:
    """A supplement replaces what was handed in for `key` earlier; the old file stays readable to the officer."""
    for old in session.scalars(select(Attachment).where(
            Attachment.dossier_id == dossier_id, Attachment.key == key, Attachment.replaced_at.is_(None),
            Attachment.at < before)):
        old.replaced_at = clock.now()


def is_issued(kind: str, dossier_id: int, occasion: int = 0) -> bool:
    """Whether this paper was sealed already: it is then left as it is."""
    return session.scalar(select(Paper.id).where(Paper.kind == kind, Paper.dossier_id == dossier_id,
                                                 Paper.occasion == occasion).limit(1)) is not None


def draw(facts: papers.PaperFacts) -> list[Drawn]:
    """The paper in A5 and in A4, as stored files that no row names yet. Slow: no transaction may be open."""
    db.slow("drawing a paper")
    drawn = []
    for size in papers.SIZES:
        html = render_template(facts.template, **papers.context(facts, size))
        drawn.append(Drawn(size, files.keep_bytes(papers.to_pdf(facts, html), "application/pdf")))
    return drawn


def seal(facts: papers.PaperFacts, drawn: Sequence[Drawn], *, dossier_id: int, agency_name: str, occasion: int = 0,
         issued_at: datetime) -> list[Paper]:
    """Write what was drawn into the book, in every size at once."""
    issued = [Paper(kind=facts.paper, dossier_id=dossier_id, occasion=occasion, size_name=size, number=facts.number,
                    code=facts.verification_code, dossier_code=facts.dossier_code, agency_name=agency_name,
                    sha256=blob.sha256, size=blob.size, blob=blob.path, facts=papers.to_plain(facts),
                    issued_at=issued_at) for size, blob in drawn]
    session.add_all(issued)
    session.flush()
    return issued
