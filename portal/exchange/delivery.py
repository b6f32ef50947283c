"""Messages on their way to each receiver: in the order of each pair, at least once, and nobody waits for anybody else.

A delivery is offered until it is acknowledged. Fetched, it is its receiver's for EXCHANGE_LEASE_S and offered again
after that. What failed so often as EXCHANGE_PATIENCE_S has pauses is parked: it holds up nobody behind it, and the
receiver sees the gap.
"""
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import and_, func, or_, select
from sqlalchemy import insert as insert_rows
from sqlalchemy.orm import joinedload

from portal.exchange import traffic
from portal.exchange.models import Delivery, DeliveryState, Message, PairNumber, Participant, Way
from portal.kit import clock, jobs
from portal.kit.db import session
from portal.kit.upsert import insert
from portal.people import security_log
from portal.people.models import Person

DONE, FAIL, PROCESSING = "done", "fail", "processing"
SAID = (DONE, FAIL, PROCESSING)
LONGEST_REASON = 500
MOST_LISTED = 500
_OPEN = Delivery.state.in_((DeliveryState.waiting, DeliveryState.taken))


# on its way

def queue(message: Message, sender: Participant, receivers: Sequence[Participant]) -> int:
    """Put a message on its way to each: the next place of each pair. One that works on our pages has it at once. Hold
    no row of another pair afterwards: two who queue at once take them in the same order. To how many it goes."""
    if not receivers:
        return 0
    now, receivers = clock.now(), sorted(receivers, key=lambda one: one.id)
    places = _next_places(sender.id, [one.id for one in receivers])
    session.execute(insert_rows(Delivery), [
        {"message_id": message.id, "sender_id": sender.id, "receiver_id": one.id, "kind": message.kind,
         "position": places[one.id], "queued_at": now, "next_at": now,
         "state": DeliveryState.done if one.way == Way.pages else DeliveryState.waiting,
         "ended_at": now if one.way == Way.pages else None} for one in receivers])
    legs = [traffic.Leg(sender.id, one.id, message.kind, now) for one in receivers]
    traffic.queued(legs)
    traffic.delivered([leg for leg, one in zip(legs, receivers, strict=True) if one.way == Way.pages], now)
    for one in receivers:
        if one.way == Way.push:
            push_soon(one.id)
    return len(receivers)


def push_soon(receiver_id: int, at: datetime | None = None) -> None:
    """See that what waits for this portal is pushed there."""
    jobs.put("exchange.push", unique=str(receiver_id), due_at=at, receiver_id=receiver_id)


def _next_places(sender_id: int, receivers: Sequence[int]) -> dict[int, int]:
    """Drawn in the order of the receivers' numbers."""
    drawing = insert(PairNumber).on_conflict_do_update(
        index_elements=["sender_id", "receiver_id"], set_={"n": PairNumber.n + 1}).returning(
        PairNumber.receiver_id, PairNumber.n)
    drawn = session.execute(drawing, [{"sender_id": sender_id, "receiver_id": one, "n": 1} for one in receivers])
    return {row[0]: row[1] for row in drawn}


# what waits

def waiting(receivers: Collection[int], kind: str | None = None, after: int = 0, limit: int = 100, *,
            sender_id: int | None = None) -> Sequence[Delivery]:
    """What waits for these participants, in the order in which each sender sent it, from the one numbered `after`.

    What comes behind one that was fetched and not acknowledged, or failed and rests, is not offered before it is over.
    """
    now = clock.now()
    resting = select(Delivery.receiver_id, Delivery.sender_id, func.min(Delivery.id).label("first")).where(
        Delivery.receiver_id.in_(receivers), _OPEN, Delivery.next_at > now).group_by(
        Delivery.receiver_id, Delivery.sender_id).subquery()
    query = select(Delivery).outerjoin(resting, and_(
        resting.c.receiver_id == Delivery.receiver_id, resting.c.sender_id == Delivery.sender_id)).where(
        Delivery.receiver_id.in_(receivers), _OPEN, Delivery.next_at <= now, Delivery.id > after,
        or_(resting.c.first.is_(None), Delivery.id < resting.c.first))
    if kind:
        query = query.where(Delivery.kind == kind)
    if sender_id:
        query = query.where(Delivery.sender_id == sender_id)
    return session.scalars(query.options(joinedload(Delivery.message), joinedload(Delivery.sender), joinedload(
        Delivery.receiver)).order_by(Delivery.id).limit(min(limit, MOST_LISTED))).unique().all()


def gaps_before(deliveries: Sequence[Delivery]) -> Mapping[int, list[int]]:
    """For each delivery (by its number) the places just before it that are parked: its receiver has not had them."""
    if not deliveries:
        return {}
    parked: dict[tuple[int, int], set[int]] = {}
    for sender_id, receiver_id, position in session.execute(
            select(Delivery.sender_id, Delivery.receiver_id, Delivery.position).where(
            Delivery.state == DeliveryState.parked, Delivery.receiver_id.in_({one.receiver_id for one in deliveries}))):
        parked.setdefault((sender_id, receiver_id), set()).add(position)
    found: dict[int, list[int]] = {}
    for one in deliveries:
        places, at = parked.get((one.sender_id, one.receiver_id), set()), one.position - 1
        gap: list[int] = []
        while at in places:
            gap.insert(0, at)
            at -= 1
        found[one.id] = gap
    return found


def next_due(receiver_id: int) -> datetime | None:
    """When the next of what waits for this participant may be offered; None where nothing waits."""
    if waiting([receiver_id], limit=1):
        return clock.now()
    return session.scalar(select(func.min(Delivery.next_at)).where(
        Delivery.receiver_id == receiver_id, _OPEN, Delivery.next_at > clock.now()))


# its end

def fetch(delivery: Delivery, by: Person | None = None) -> Delivery:
    """Its receiver takes it, and has it until it is acknowledged or the lease is over. One that was taken and never
    acknowledged has failed by that. What is done or parked may be fetched again, and stays so."""
    _hold(delivery)
    now = clock.now()
    if delivery.state not in (DeliveryState.waiting, DeliveryState.taken):
        return delivery
    if delivery.state == DeliveryState.taken and delivery.next_at <= now and _is_over(delivery):
        park(delivery, "fetched, and never acknowledged")
        return delivery
    delivery.state, delivery.taken_at, delivery.next_at = DeliveryState.taken, now, now + _lease()
    session.flush()
    return delivery


def acknowledge(delivery: Delivery, said: str, reason: str | None = None) -> Delivery:
    """What its receiver says: `done`, `processing` (it has it for another lease), `fail`. Done is done, however often
    and whatever is said after it. ValueError for another word."""
    if said not in SAID:
        raise ValueError(f"no such word: {said}")
    _hold(delivery)
    now = clock.now()
    if delivery.state == DeliveryState.done:
        return delivery
    if said == DONE:
        delivery.state, delivery.ended_at, delivery.reason = DeliveryState.done, now, None
        traffic.delivered([delivery], now)
    elif delivery.state == DeliveryState.parked:
        return delivery
    elif said == PROCESSING:
        delivery.state, delivery.next_at = DeliveryState.taken, now + _lease()
        delivery.taken_at = delivery.taken_at or now
    else:
        _fail(delivery, reason or "the receiver could not store it", now)
    session.flush()
    return delivery


def park(delivery: Delivery, reason: str) -> None:
    """Given up, until somebody sends it again. Those behind it go on."""
    delivery.state, delivery.ended_at = DeliveryState.parked, clock.now()
    delivery.reason = reason[:LONGEST_REASON]
    session.flush()


def replay(delivery: Delivery, by: Person) -> bool:
    """A person sends a parked one again, with all its patience, at the place that it had. False where it is not
    parked."""
    _hold(delivery)
    if delivery.state != DeliveryState.parked:
        return False
    delivery.state, delivery.tries, delivery.next_at = DeliveryState.waiting, 0, clock.now()
    delivery.ended_at = delivery.reason = None
    session.flush()
    security_log.record("exchange.replayed", by=by, delivery=delivery.id)
    if delivery.receiver.way == Way.push:
        push_soon(delivery.receiver_id)
    return True


def parked(before: int | None = None, limit: int = 50) -> Sequence[Delivery]:
    """What was given up, the newest first, those with a number below `before`."""
    query = select(Delivery).where(Delivery.state == DeliveryState.parked)
    if before is not None:
        query = query.where(Delivery.id < before)
    return session.scalars(query.options(joinedload(Delivery.message), joinedload(Delivery.sender), joinedload(
        Delivery.receiver)).order_by(Delivery.id.desc()).limit(limit)).unique().all()


def _fail(delivery: Delivery, reason: str, now: datetime) -> None:
    traffic.failed(delivery)
    if _is_over(delivery):
        park(delivery, reason)
        return
    delivery.state, delivery.reason = DeliveryState.waiting, reason[:LONGEST_REASON]
    delivery.next_at = now + timedelta(seconds=_patience()[delivery.tries - 1])


def _is_over(delivery: Delivery) -> bool:
    """Count a try that was in vain; whether it was the last."""
    delivery.tries += 1
    return delivery.tries > len(_patience())


def _hold(delivery: Delivery) -> None:
    session.flush()
    session.scalars(select(Delivery).where(Delivery.id == delivery.id).options(
        joinedload(Delivery.message), joinedload(Delivery.receiver)).with_for_update(of=Delivery).execution_options(
        populate_existing=True)).one()


def _lease() -> timedelta:
    return timedelta(seconds=float(current_app.config["EXCHANGE_LEASE_S"]))


def _patience() -> Sequence[float]:
    return [float(one) for one in current_app.config["EXCHANGE_PATIENCE_S"]]
