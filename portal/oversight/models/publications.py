"""What was published of oversight, frozen with its sources; and the national report while it is drafted."""
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column

from portal.kit import clock
from portal.kit.db import Base


class Publication(Base):
    """A frozen copy: everything that the page, the PDF, the workbook and the open data say, and what it was worked out
    from. `kind`: national_report, index …; `key`: which; `on`: the day that it speaks of. A correction is a further
    `edition` with its reason; the old one stays. `digest`: SHA-256 of the content as oversight.publishing writes it.
    Its files belong to Owner("publication", id)."""

    __tablename__ = "oversight_publication"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(60))
    on: Mapped[date] = mapped_column("on_day")
    edition: Mapped[int]
    title: Mapped[dict[str, str]] = mapped_column(JSON)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    digest: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str | None] = mapped_column(Text)
    published_at: Mapped[datetime] = mapped_column(default=clock.now)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    by_name: Mapped[str | None] = mapped_column(String(200))
    __table_args__ = (UniqueConstraint("kind", "key", "on_day", "edition"),)


class PublicationFile(Base):
    """A file that was drawn of a publication, in one form (pdf, xlsx) and language."""

    __tablename__ = "oversight_publication_file"
    publication_id: Mapped[int] = mapped_column(ForeignKey("oversight_publication.id"), primary_key=True)
    form: Mapped[str] = mapped_column(String(8), primary_key=True)
    language: Mapped[str] = mapped_column(String(2), primary_key=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"), unique=True)


class NationalDraft(Base):
    """The national report of a day while it is written: `paragraphs` by section as the drafter typed them, `seen` by
    section when it was last changed and by whom."""

    __tablename__ = "oversight_national_draft"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(60))
    on: Mapped[date] = mapped_column("on_day")
    paragraphs: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    seen: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    changed_at: Mapped[datetime] = mapped_column(default=clock.now)
    changed_by_name: Mapped[str | None] = mapped_column(String(200))
    version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy reads it so
    __table_args__ = (UniqueConstraint("key", "on_day"),)


class PublishedNeverChanges(Exception):
    """Somebody tried to rewrite what was published."""


@event.listens_for(Publication, "before_update")
@event.listens_for(Publication, "before_delete")
def _refuse(*_args: Any) -> None:
    raise PublishedNeverChanges("what was published stays; a correction is a further edition")
