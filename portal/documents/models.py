from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.kit import clock
from portal.kit.db import Base


class Attachment(Base):
    """A file that a person handed in, for one paper (`key`) of one dossier.

    `dossier_id` is a plain number: this room does not know dossiers. A replaced file keeps its row with
    `replaced_at`, because an officer may already have read it; a file of a draft is simply removed.
    """

    __tablename__ = "attachment"
    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int]
    key: Mapped[str] = mapped_column(String(80))
    label: Mapped[str] = mapped_column(String(300))
    name: Mapped[str] = mapped_column(String(160))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    blob: Mapped[str] = mapped_column(String(120), unique=True)
    uploaded_by_id: Mapped[int]
    at: Mapped[datetime] = mapped_column(default=clock.now)
    replaced_at: Mapped[datetime | None]
    __table_args__ = (Index("ix_attachment_dossier", "dossier_id", "key"),
                      CheckConstraint("size > 0", name="size"))


class Paper(Base):
    """An official paper, sealed: made once from plain facts, kept with its SHA-256, never rendered again."""

    __tablename__ = "paper"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    dossier_id: Mapped[int]
    occasion: Mapped[int] = mapped_column(default=0)
    size_name: Mapped[str] = mapped_column(String(2))
    number: Mapped[str | None] = mapped_column(String(40))
    code: Mapped[str] = mapped_column(String(24))
    dossier_code: Mapped[str] = mapped_column(String(40))
    agency_name: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    size: Mapped[int]
    blob: Mapped[str] = mapped_column(String(120), unique=True)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    issued_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("kind", "dossier_id", "occasion", "size_name"),
                      Index("ix_paper_code", "code"), Index("ix_paper_dossier", "dossier_id"))
