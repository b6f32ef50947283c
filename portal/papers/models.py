from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.files.models import Owner, StoredFile
from portal.kit.db import Base


class Paper(Base):
    """An official paper: numbered and its facts frozen when the act happened, in the act's own transaction.

    Drawn once afterwards, in every size, and never again. `occasion`: which of several of a kind for one owner. From
    `void_at` on it no longer counts: another took its place, or it was taken back (`void_as`).
    """

    __tablename__ = "issued_paper"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    owner_kind: Mapped[str] = mapped_column(String(20))
    owner_id: Mapped[int]
    occasion: Mapped[int] = mapped_column(default=0)
    number: Mapped[str | None] = mapped_column(String(40))
    code: Mapped[str] = mapped_column(String(24), unique=True)
    dossier_code: Mapped[str] = mapped_column(String(40))
    agency_name: Mapped[str] = mapped_column(String(200))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    issued_at: Mapped[datetime]
    void_at: Mapped[datetime | None]
    void_as: Mapped[str | None] = mapped_column(String(10))
    sheets: Mapped[list["PaperSheet"]] = relationship(order_by="PaperSheet.id", back_populates="paper")
    __table_args__ = (UniqueConstraint("owner_kind", "owner_id", "kind", "occasion"),)

    @property
    def owner(self) -> Owner:
        return Owner(self.owner_kind, self.owner_id)


class PaperSheet(Base):
    """A paper drawn in one size: a stored object, sealed by its digest."""

    __tablename__ = "paper_sheet"
    id: Mapped[int] = mapped_column(primary_key=True)
    paper_id: Mapped[int] = mapped_column(ForeignKey("issued_paper.id"))
    size_name: Mapped[str] = mapped_column(String(2))
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"), unique=True)
    paper: Mapped[Paper] = relationship(back_populates="sheets", lazy="joined", innerjoin=True)
    file: Mapped[StoredFile] = relationship(lazy="joined", innerjoin=True)
    __table_args__ = (UniqueConstraint("paper_id", "size_name"),)

    @property
    def size(self) -> int:
        """In bytes."""
        return self.file.size

    @property
    def sha256(self) -> str:
        return self.file.sha256


class ResultEntry(Base):
    """A file of a result that was handed over, as a paper is known: by its digest, and by a code of its own.

    `facts`: what the file is about, frozen when it was handed over.
    """

    __tablename__ = "result_entry"
    id: Mapped[int] = mapped_column(primary_key=True)
    owner_kind: Mapped[str] = mapped_column(String(20))
    owner_id: Mapped[int]
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"), unique=True)
    code: Mapped[str] = mapped_column(String(24), unique=True)
    dossier_code: Mapped[str] = mapped_column(String(40))
    agency_name: Mapped[str] = mapped_column(String(200))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    issued_at: Mapped[datetime]
    file: Mapped[StoredFile] = relationship(lazy="joined", innerjoin=True)
    __table_args__ = (Index("ix_result_entry_owner", "owner_kind", "owner_id"),)

    @property
    def owner(self) -> Owner:
        return Owner(self.owner_kind, self.owner_id)


class PaperBook(Base):
    """The last number given, in a unit's book of a kind of paper and a year. It rolls back with its paper: no gaps."""

    __tablename__ = "paper_book"
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    n: Mapped[int]
