"""What somebody sent lately, and how it fares at each receiver."""
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, select

from portal.exchange.models import Delivery, Document, Message, Participant
from portal.kit.db import session

MOST = 200  # messages


class Sent(NamedTuple):
    """One message at one receiver. `state`: a DeliveryState; `title` and `notation` ("120/CV-STN") of a document."""

    delivery_id: int
    to_code: str
    state: str
    reason: str | None
    title: str
    notation: str
    ended_at: datetime | None
    sent_at: datetime
    message_id: int
    from_code: str


def lately(senders: Collection[int], kind: str | None = None) -> Sequence[Sent]:
    """The newest MOST messages of these senders, of one kind or both, at each of their receivers; the newest first."""
    newest = select(Message.id).where(Message.sender_id.in_(senders)).order_by(Message.id.desc()).limit(MOST)
    if kind:
        newest = newest.where(Message.kind == kind)
    rows = session.execute(select(
        Delivery.id, Participant.code, Delivery.state, Delivery.reason, Document.subject, Document.number,
        Document.notation, Delivery.ended_at, Delivery.queued_at, Message.id, Message.from_code
    ).select_from(Delivery).join(Message, Delivery.message_id == Message.id).join(
        Participant, Delivery.receiver_id == Participant.id).outerjoin(Document, and_(
            Document.sender_id == Message.sender_id, Document.key == Message.document_key)
    ).where(Message.id.in_(newest.scalar_subquery())).order_by(Message.id.desc(), Delivery.id)).all()
    return [Sent(row[0], row[1], row[2], row[3], row[4] or "", "/".join(part for part in (row[5], row[6]) if part),
                 *row[7:]) for row in rows]
