"""Pushing what waits to another portal of this kind: pair by pair in order, from the disk, with patience.

Its API answers 2xx once it has the message for good; what it refuses fails, and in the end is parked. One that cannot
be reached at all is not asked again for any message before the first has rested.
"""
import base64
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from flask import current_app
from sqlalchemy import func, select

from portal.exchange import delivery as deliveries
from portal.exchange import handing, queries, secrets
from portal.exchange.models import Delivery, DeliveryState, Participant, ParticipantState, Way
from portal.kit import callout, clock, files
from portal.kit.db import session

PATH = "/api/exchange/v1/messages"
AT_ONCE = 20  # messages in one turn
TURN_S = 15.0  # after which no further one is begun: others wait in this lane
LONGEST_S, SLOWEST = 20.0, 1_000_000  # for a call: so many seconds, and one more for so many bytes
ANSWER_BYTES = 64 * 1024
#: Where more receivers are listed than a request's first line has room for: by commas, percent-encoded.
TO, LONGEST_QUERY = "Exchange-To", 2000
NOT_REACHED = "not reached: "
NO_KEY = f"{NOT_REACHED}its key is not here, or can be read no more: give it anew"
_CLOSED = frozenset({401, 403, 404, 405, 408, 429})  # it takes nothing now, whatever is brought


@dataclass(frozen=True)
class Item:
    """A message to be pushed. `pair`: who sends it; `codes`: for whom it is there."""

    delivery_id: int
    pair: int
    path: str
    sha256: str
    size: int
    codes: tuple[str, ...]


@dataclass(frozen=True)
class Turn:
    """What is pushed to one portal now."""

    receiver_id: int
    address: str
    key: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Outcome:
    """What came of one: `said` is a word of delivery.SAID. `unknown`: ids that nobody has there."""

    delivery_id: int
    said: str
    reason: str | None = None
    unknown: tuple[str, ...] = ()


def turn(receiver_id: int) -> Turn | None:
    """What is due for this portal; None where nothing is, or it rests."""
    receiver = queries.participant(receiver_id)
    if receiver is None or receiver.state != ParticipantState.connected or receiver.way != Way.push or \
            not receiver.address or _rests_until(receiver_id):
        return None
    key = secrets.push_key(receiver)
    found = deliveries.waiting([receiver_id], limit=AT_ONCE)
    items = tuple(Item(one.id, one.sender_id, one.message.file.blob, one.message.sha256, one.message.size,
                       tuple(handing.codes_of(one))) for one in found if one.message.file is not None)
    return Turn(receiver_id, receiver.address, key or "", items) if items else None


def push(this: Turn) -> list[Outcome]:
    """Call it for one after the other. Behind one that failed nothing of the same pair is pushed; where it cannot be
    reached, nothing more at all."""
    if not this.key:  # after a restore with other keys; called without one it would say no more than "401"
        return [Outcome(this.items[0].delivery_id, deliveries.FAIL, NO_KEY)]
    outcomes: list[Outcome] = []
    failed, until = set[int](), time.monotonic() + TURN_S
    for item in this.items:
        if item.pair in failed:
            continue
        if outcomes and time.monotonic() > until:
            break
        outcome = _pushed(this, item)
        outcomes.append(outcome)
        if outcome.said != deliveries.DONE:
            failed.add(item.pair)
        if outcome.reason and outcome.reason.startswith(NOT_REACHED):
            break
    return outcomes


def note(this: Turn, outcomes: Sequence[Outcome]) -> None:
    """Write down what came of it, and see that the next is pushed when it is due."""
    for outcome in outcomes:
        delivery = session.get_one(Delivery, outcome.delivery_id)
        handing.acknowledge(delivery, outcome.said, outcome.reason)
        if outcome.unknown:
            delivery.reason = f"unknown there: {', '.join(outcome.unknown)}"[:deliveries.LONGEST_REASON]
    if any(one.said == deliveries.DONE for one in outcomes):
        session.get_one(Participant, this.receiver_id).last_seen_at = clock.now()
    session.flush()
    go_on(this.receiver_id)


def go_on(receiver_id: int) -> None:
    """Put the next turn of this portal, when something of it is due."""
    at = _rests_until(receiver_id) or deliveries.next_due(receiver_id)
    if at is not None:
        deliveries.push_soon(receiver_id, max(at, clock.now()))


def with_something_due() -> Sequence[int]:
    """The portals that something is due for: a turn that was lost is made good by this."""
    return session.scalars(select(Delivery.receiver_id).join(Participant, Participant.id == Delivery.receiver_id).where(
        Participant.way == Way.push, Participant.state == ParticipantState.connected,
        Delivery.state.in_((DeliveryState.waiting, DeliveryState.taken)), Delivery.next_at <= clock.now())
        .distinct()).all()


def _rests_until(receiver_id: int) -> datetime | None:
    """Until when a portal that could not be reached is left alone."""
    return session.scalar(select(func.max(Delivery.next_at)).where(
        Delivery.receiver_id == receiver_id, Delivery.state == DeliveryState.waiting,
        Delivery.next_at > clock.now(), Delivery.reason.startswith(NOT_REACHED)))


def _pushed(this: Turn, item: Item) -> Outcome:
    try:
        with files.where(item.path).open("rb") as content:
            answer = callout.send(_url(this.address, item.codes), content, _headers(this.key, item),
                                  current_app.config["CALL_NETWORKS"], longest_s=LONGEST_S + item.size / SLOWEST,
                                  most=ANSWER_BYTES)
    except callout.NotReached as error:
        return Outcome(item.delivery_id, deliveries.FAIL, f"{NOT_REACHED}{error}")
    except OSError:
        return Outcome(item.delivery_id, deliveries.FAIL, "its bytes cannot be read here")
    said = _json(answer.body)
    if 200 <= answer.status < 300:
        unknown = said.get("unknown")
        return Outcome(item.delivery_id, deliveries.DONE, None, tuple(
            str(one) for one in unknown) if isinstance(unknown, list) else ())
    title = f"answered {answer.status} {said.get('type', '')}".strip()
    closed = answer.status in _CLOSED or answer.status >= 500 or answer.status < 400
    return Outcome(item.delivery_id, deliveries.FAIL, f"{NOT_REACHED}{title}" if closed else title)


def _url(address: str, codes: Sequence[str]) -> str:
    base = address.rstrip("/")
    asked = _query(codes)
    return f"{base if base.endswith(PATH) else base + PATH}{asked and '?'}{asked}"


def _query(codes: Sequence[str]) -> str:
    """All of them, or none where they are too many."""
    asked = urlencode([("to", one) for one in codes])
    return asked if len(asked) <= LONGEST_QUERY else ""


def _headers(key: str, item: Item) -> dict[str, str]:
    listed = {} if _query(item.codes) else {TO: ",".join(quote(one, safe="") for one in item.codes)}
    digest = base64.b64encode(bytes.fromhex(item.sha256)).decode()
    return {"Content-Type": "application/xml", "Content-Length": str(item.size), "Authorization": f"Bearer {key}",
            "Content-Digest": f"sha-256=:{digest}:", "User-Agent": "portal-exchange/1", "Accept": "application/json",
            **listed}


def _json(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
