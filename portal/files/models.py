from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.kit import clock
from portal.kit.db import Base

RESULT = "result"  # the key of what an officer attaches to a dossier; the applicant's have those of the form's papers
UNSCANNED = "cleared_at IS NULL AND state <> 'refused'"


class Owner(NamedTuple):
    """Whom a stored object belongs to: a dossier, a message, a document, a report, by its number.

    This room knows none of them; who may see an object is asked of its owner.
    """

    kind: str
    id: int


class FileState(StrEnum):
    """`waiting`: not scanned yet; `refused`: something was found in it, and it is never shown. What follows from it for
    who wants to see the file is asked of portal.files.scanning."""

    waiting = "waiting"
    clean = "clean"
    refused = "refused"


class Fault(StrEnum):
    """What can be wrong with a stored object: its bytes are gone, or are not those that were stored."""

    missing = "missing"
    altered = "altered"


class StoredFile(Base):
    """A stored object: whose it is, where it lies, what its bytes are. They are on disk before the row commits.

    `fault`: what was found wrong at `fault_at`; it is not served, and looked at anew each time.
    """

    __tablename__ = "stored_file"
    id: Mapped[int] = mapped_column(primary_key=True)
    owner_kind: Mapped[str] = mapped_column(String(20))
    owner_id: Mapped[int]
    state: Mapped[str] = mapped_column(String(8))
    blob: Mapped[str] = mapped_column(String(120), unique=True)
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    at: Mapped[datetime] = mapped_column(default=clock.now)
    fault: Mapped[str | None] = mapped_column(String(8))
    fault_at: Mapped[datetime | None]
    # since when nobody need look it through for viruses: a scanner found nothing, or the portal made it itself
    cleared_at: Mapped[datetime | None]
    threat: Mapped[str | None] = mapped_column(String(120))  # what a scanner found
    __table_args__ = (
        Index("ix_stored_file_owner", "owner_kind", "owner_id"),
        Index("ix_stored_file_unscanned", "id", sqlite_where=text(UNSCANNED), postgresql_where=text(UNSCANNED)),
        CheckConstraint("size > 0", name="size"),
        CheckConstraint(f"state IN ({', '.join(repr(str(s)) for s in FileState)})", name="state"))

    @property
    def owner(self) -> Owner:
        return Owner(self.owner_kind, self.owner_id)


class Attachment(Base):
    """A stored object under the name that a person gave it, for one paper (`key`) of what owns it.

    A replaced file keeps its row with `replaced_at`, because an officer may already have read it; a file of a draft is
    simply removed.
    """

    __tablename__ = "attachment"
    id: Mapped[int] = mapped_column(primary_key=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"), unique=True)
    key: Mapped[str] = mapped_column(String(80))
    label: Mapped[str] = mapped_column(String(300))
    name: Mapped[str] = mapped_column(String(160))
    uploaded_by_id: Mapped[int]
    at: Mapped[datetime] = mapped_column(default=clock.now)
    replaced_at: Mapped[datetime | None]
    file: Mapped[StoredFile] = relationship(lazy="joined", innerjoin=True)

    @property
    def owner(self) -> Owner:
        return self.file.owner

    @property
    def size(self) -> int:
        """In bytes."""
        return self.file.size

    @property
    def sha256(self) -> str:
        return self.file.sha256
