"""Taking in attachments and issuing papers. Files are on disk before the row that names them commits."""
from datetime import datetime
from typing import IO

from flask import current_app, render_template
from sqlalchemy import func, select

from portal.documents import papers
from portal.documents.models import Attachment, Paper
from portal.kit import clock, files
from portal.kit.db import session


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


def issue(facts: papers.PaperFacts, *, dossier_id: int, agency_name: str, occasion: int = 0,
          issued_at: datetime) -> list[Paper]:
    """Make and seal a paper, in A5 and in A4. Made already, it is left as it is: run twice, same bytes.

    Raises nothing of its own; what fails in rendering fails the job, which is tried again.
    """
    issued = []
    for size in papers.SIZES:
        if session.scalar(select(Paper.id).where(
                Paper.kind == facts.paper, Paper.dossier_id == dossier_id, Paper.occasion == occasion,
                Paper.size_name == size)):
            continue
        html = render_template(facts.template, **papers.context(facts, size))
        content = papers.to_pdf(facts, html)
        blob = files.keep_bytes(content, "application/pdf")
        paper = Paper(kind=facts.paper, dossier_id=dossier_id, occasion=occasion, size_name=size,
                      number=facts.number, code=facts.verification_code, dossier_code=facts.dossier_code,
                      agency_name=agency_name, sha256=blob.sha256, size=blob.size, blob=blob.path,
                      facts=papers.to_plain(facts), issued_at=issued_at)
        session.add(paper)
        issued.append(paper)
    session.flush()
    return issued
