"""Publishing: an act of a person on a day, with a frozen copy that nobody rewrites. A correction is a further edition
with its reason; what it replaces stays to be read. Actions flush, the edge commits."""
import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select

from portal.kit import clock
from portal.kit.db import session
from portal.oversight.models import Publication
from portal.people.models import Person

LONGEST_REASON = 2000


class NeedsReason(ValueError):
    """A correction says what was wrong."""


class AsBefore(ValueError):
    """The newest edition says the same."""


def canonical(content: Mapping[str, Any]) -> bytes:
    """The bytes whose digest is published: JSON in UTF-8, keys sorted, no blanks, numbers as they were frozen."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def digest(content: Mapping[str, Any]) -> str:
    """SHA-256 of `canonical`, in hexadecimal."""
    return hashlib.sha256(canonical(content)).hexdigest()


def publish(kind: str, key: str, on: date, title: Mapping[str, str], content: Mapping[str, Any], *, by: Person,
            reason: str = "") -> Publication:
    """Freeze and publish. Raises NeedsReason where an edition is out already and nobody says what was wrong, AsBefore
    where nothing has changed, IntegrityError where somebody published the same edition in this moment."""
    frozen: dict[str, Any] = json.loads(canonical(content))
    before = newest(kind, key, on)
    if before is not None and not reason.strip():
        raise NeedsReason
    if before is not None and before.digest == digest(frozen):
        raise AsBefore
    made = Publication(kind=kind, key=key, on=on, edition=before.edition + 1 if before else 1, title=dict(title),
                       content=frozen, digest=digest(frozen), reason=reason.strip()[:LONGEST_REASON] or None,
                       published_at=clock.now(), by_id=by.id, by_name=by.name)
    session.add(made)
    session.flush()
    return made


def newest(kind: str, key: str, on: date) -> Publication | None:
    """The edition that holds for that day."""
    return session.scalar(select(Publication).where(
        Publication.kind == kind, Publication.key == key, Publication.on == on).order_by(
        Publication.edition.desc()).limit(1))


def editions(kind: str, key: str, on: date) -> Sequence[Publication]:
    """Every edition of that day, the oldest first."""
    return session.scalars(select(Publication).where(
        Publication.kind == kind, Publication.key == key, Publication.on == on).order_by(Publication.edition)).all()


def days(kind: str, key: str) -> Sequence[date]:
    """The days of which something is published, the newest first."""
    return session.scalars(select(Publication.on).where(Publication.kind == kind, Publication.key == key).distinct()
                           .order_by(Publication.on.desc())).all()
