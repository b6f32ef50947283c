"""Questions about notices."""
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, union

from portal.kit.db import session
from portal.kit.mail import RESERVED
from portal.notices.models import Message, MessageRead
from portal.people.models import Person

PAGE = 20


def message(message_id: int) -> Message | None:
    """The message with this id."""
    return session.get(Message, message_id)


class Told(NamedTuple):
    """A notice, and whether this person has seen it."""

    message: Message
    read: bool


def unread(person: Person) -> int:
    """How many notices the person has not seen, those to a role of theirs included."""
    own = session.scalar(select(func.count()).where(Message.person_id == person.id, Message.read_at.is_(None))) or 0
    if not (roles := _to_roles(person)):
        return own
    seen = exists().where(MessageRead.message_id == Message.id, MessageRead.person_id == person.id)
    return own + (session.scalar(select(func.count()).where(or_(*roles), ~seen)) or 0)


def has_unread(person_id: int, subject: str) -> bool:
    """Whether a notice with this subject waits to be seen by the person."""
    return session.scalar(select(Message.id).where(
        Message.person_id == person_id, Message.read_at.is_(None), Message.subject == subject).limit(1)) is not None


def newest(person: Person, *, before: int | None = None, limit: int = PAGE) -> list[Told]:
    """What the person was told, by name or by a role held now, the newest first, those with an id below `before`.

    One statement: the newest of each kind are found by an index, and put together.
    """
    parts = []
    for condition in (Message.person_id == person.id, *_to_roles(person)):
        query = select(Message.id).where(condition)
        if before is not None:
            query = query.where(Message.id < before)
        parts.append(select(query.order_by(Message.id.desc()).limit(limit).subquery().c.id))
    rows = session.execute(
        select(Message, func.coalesce(Message.read_at, MessageRead.at))
        .outerjoin(MessageRead, and_(MessageRead.message_id == Message.id, MessageRead.person_id == person.id))
        .where(Message.id.in_(union(*parts))).order_by(Message.id.desc()).limit(limit))
    return [Told(message, at is not None) for message, at in rows]


def unseen_by_role(person: Person) -> Sequence[int]:
    """The notices to roles of this person that they have not seen."""
    if not (roles := _to_roles(person)):
        return ()
    seen = exists().where(MessageRead.message_id == Message.id, MessageRead.person_id == person.id)
    return session.scalars(select(Message.id).where(or_(*roles), ~seen)).all()


def _to_roles(person: Person) -> list[ColumnElement[bool]]:
    """For each role that is held now: what was told to it there. A whole agency's are those of its units too."""
    found = []
    for held in person.roles:
        place = Message.agency_id.is_(None) if held.agency_id is None else \
            Message.agency_id == held.agency_id if held.desk_id is None else Message.unit_id == held.desk_id
        found.append(and_(Message.role == held.role, place, Message.at >= held.begins_at))
    return found


def demonstration_outbox(limit: int = PAGE) -> Sequence[Message]:
    """What was sent to invented people, and to contacts that nobody has an account with.

    A message to somebody who registered is never here: its code would open the account to anybody.
    """
    invented = or_(*(Message.address.endswith(name, autoescape=True) for name in RESERVED))
    owned = exists().where(or_(Person.email == Message.address, Person.phone == Message.address))
    return session.scalars(select(Message).where(Message.address.is_not(None), Message.person_id.is_(None),
                                                 or_(invented, ~owned))
                           .order_by(Message.id.desc()).limit(limit)).all()
