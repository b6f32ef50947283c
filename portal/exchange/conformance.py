"""How each connected system's messages depart from the standard: counted from its real traffic, message by message, in
the transaction that takes the message in."""
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import aliased

from portal.exchange.models import Conformance, Message, Participant, ParticipantState
from portal.kit import upsert
from portal.kit.db import session

ALL = ""  # the line that counts every message
PAGE = 50
_table: Any = Conformance.__table__


def count(participant_id: int, message_id: int, deviations: Iterable[str], at: datetime) -> None:
    """One message more of this participant, with these deviations (names of edxml.deviations.NAMES), which came `at`.
    In one statement, in the order of the names: two that count at once never wait for each other in a ring."""
    adding = upsert.insert(_table)
    new, newer = adding.excluded, adding.excluded.last_at >= _table.c.last_at
    session.execute(adding.on_conflict_do_update(index_elements=["participant_id", "deviation"], set_={
        "n": _table.c.n + 1, "message_id": case((newer, new.message_id), else_=_table.c.message_id),
        "last_at": case((newer, new.last_at), else_=_table.c.last_at),
        "first_at": case((new.first_at < _table.c.first_at, new.first_at), else_=_table.c.first_at)}), [
        {"participant_id": participant_id, "deviation": name, "n": 1, "first_at": at, "last_at": at,
         "message_id": message_id} for name in sorted({ALL, *deviations})])


@dataclass(frozen=True)
class System:
    """A connected system: how many messages it sent (the last `last_at`), and in how many ways they departed."""

    id: int
    code: str
    name: str
    agency_id: int | None
    n: int
    ways: int
    last_at: datetime | None


@dataclass(frozen=True)
class Line:
    """One deviation of a system: in `n` of its messages, first and last when, and in which message last. `example`: how
    that names its document, None where whoever asks may not know."""

    deviation: str
    n: int
    first_at: datetime
    last_at: datetime
    message_id: int
    example: str | None


def systems(agencies: Collection[int] | None = None, after: str = "", limit: int = PAGE) -> Sequence[System]:
    """Those that are connected, by their codes, from the one after `after`; of these agencies alone where given."""
    all_, one = aliased(_table), aliased(_table)
    ways = select(func.count()).where(one.c.participant_id == Participant.id, one.c.deviation != ALL).scalar_subquery()
    asked: Select[Any] = (
        select(Participant.id, Participant.code, Participant.name, Participant.agency_id, all_.c.n, ways,
               all_.c.last_at)
        .outerjoin(all_, (all_.c.participant_id == Participant.id) & (all_.c.deviation == ALL))
        .where(Participant.state == ParticipantState.connected, Participant.code > after)
        .order_by(Participant.code).limit(limit))
    if agencies is not None:
        asked = asked.where(Participant.agency_id.in_(agencies))
    return [System(id_, code, name, agency_id, n or 0, found, last_at)
            for id_, code, name, agency_id, n, found, last_at in session.execute(asked)]


def of(participant_id: int) -> tuple[Line | None, list[Line]]:
    """The line that counts all of a system's messages (None before the first), and its deviations, most often first."""
    asked = (select(Conformance, func.coalesce(Message.document_key, Message.about_key))
             .outerjoin(Message, Message.id == Conformance.message_id)
             .where(Conformance.participant_id == participant_id)
             .order_by(Conformance.n.desc(), Conformance.deviation))
    lines = [Line(row.deviation, row.n, row.first_at, row.last_at, row.message_id, example)
             for row, example in session.execute(asked)]
    return next((line for line in lines if line.deviation == ALL), None), [line for line in lines
                                                                          if line.deviation != ALL]


def nearest_dialect(participant_id: int) -> str | None:
    """The dialect (a name of edxml.profiles.PROFILES) of the newest message of this system that was kept."""
    return session.scalar(select(Message.dialect).where(Message.sender_id == participant_id)
                          .order_by(Message.id.desc()).limit(1))
