"""Questions about notices."""
from collections.abc import Sequence

from sqlalchemy import exists, func, or_, select

from portal.kit.db import session
from portal.kit.mail import RESERVED
from portal.notices.models import Message
from portal.people.models import Person

PAGE = 20


def message(message_id: int) -> Message | None:
    """The message with this id."""
    return session.get(Message, message_id)


def unread(person_id: int) -> int:
    """How many notices the person has not seen."""
    return session.scalar(select(func.count()).where(Message.person_id == person_id,
                                                     Message.read_at.is_(None))) or 0


def has_unread(person_id: int, subject: str) -> bool:
    """Whether a notice with this subject waits to be seen by the person."""
    return session.scalar(select(Message.id).where(
        Message.person_id == person_id, Message.read_at.is_(None), Message.subject == subject).limit(1)) is not None


def newest(person_id: int, *, before: int | None = None, limit: int = PAGE) -> Sequence[Message]:
    """The person's notices, the newest first, those with an id below `before`."""
    query = select(Message).where(Message.person_id == person_id)
    if before is not None:
        query = query.where(Message.id < before)
    return session.scalars(query.order_by(Message.id.desc()).limit(limit)).all()


def demonstration_outbox(limit: int = PAGE) -> Sequence[Message]:
    """What was sent to invented people, and to contacts that nobody has an account with.

    A message to somebody who registered is never here: its code would open the account to anybody.
    """
    invented = or_(*(Message.address.endswith(name, autoescape=True) for name in RESERVED))
    owned = exists().where(or_(Person.email == Message.address, Person.phone == Message.address))
    return session.scalars(select(Message).where(Message.address.is_not(None), Message.person_id.is_(None),
                                                 or_(invented, ~owned))
                           .order_by(Message.id.desc()).limit(limit)).all()
