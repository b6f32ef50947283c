"""What the feed reads beside records: the sender's names and words, batches, rows that wait."""
from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import select

from portal.intake.models import ProgressBatch, ProgressMapping, ProgressQuarantine
from portal.intake.placing import DOSSIER_UNKNOWN, Sender
from portal.kit.db import session
from portal.kit.hot import bulk
from portal.people.models import Agency, AgencySuccession


class Kept(NamedTuple):
    """A row that waits, the word for whose sake, and its dossier."""

    code: str
    reason: str
    value: str
    row: dict[str, Any]


def sender(agency: Agency) -> Sender:
    """Names of `agency`, of those it took over from, and of all others; the words it was mapped for."""
    rows = session.execute(select(Agency.id, Agency.key, Agency.code, Agency.old_code)).all()
    links: dict[int, list[int]] = {}
    for before, after in session.execute(select(AgencySuccession.predecessor_id, AgencySuccession.successor_id)):
        links.setdefault(after, []).append(before)
    ids, todo = set[int](), [agency.id]
    while todo:
        if (one := todo.pop()) not in ids:
            ids.add(one)
            todo += links.get(one, ())
    mapped = session.execute(select(ProgressMapping.reason, ProgressMapping.value, ProgressMapping.means)
                             .where(ProgressMapping.agency_id == agency.id))
    return Sender(agency.id, own=_names(row for row in rows if row.id in ids), known=_names(rows),
                  means={(each.reason, each.value): each.means for each in mapped})


def _names(agencies: Iterable[Any]) -> frozenset[str]:
    """All by which these may be named."""
    return frozenset(name for each in agencies for name in (each.key, each.code, each.old_code) if name)


def batch(agency_id: int, idempotency_key: str) -> ProgressBatch | None:
    """The batch that an agency sent under this key."""
    return session.scalar(select(ProgressBatch).where(
        ProgressBatch.agency_id == agency_id, ProgressBatch.idempotency_key == idempotency_key))


def early(agency_id: int, codes: Collection[str]) -> Sequence[ProgressQuarantine]:
    """The rows of an agency that wait for these dossiers, in the order in which they came."""
    q = ProgressQuarantine
    return session.scalars(select(q).where(
        q.agency_id == agency_id, q.reason == DOSSIER_UNKNOWN, q.replayed_at.is_(None), bulk.among(q.code, codes)
    ).order_by(q.id)).all()


def quarantined_rows(agency_id: int, codes: Collection[str]) -> list[Kept]:
    """What waits for these dossiers, in the order in which it came."""
    q: Any = ProgressQuarantine.__table__.c
    rows = session.execute(select(*(q[name] for name in Kept._fields)).where(
        q.agency_id == agency_id, q.replayed_at.is_(None), bulk.among(q.code, codes)).order_by(q.id))
    return [Kept._make(row) for row in rows]


def mapping(agency_id: int, reason: str, value: str) -> ProgressMapping | None:
    """What a word of an agency was said to mean."""
    return session.get(ProgressMapping, (agency_id, reason, value))
