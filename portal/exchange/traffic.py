"""Counting what goes from whom to whom, day by day (in Vietnam), as it happens."""
from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple

from portal.exchange.models import Delivery, Traffic
from portal.kit import clock
from portal.kit.hot import bulk

_KEY = ("day", "sender_id", "receiver_id")


class Leg(NamedTuple):
    """A message on its way to one receiver, before it is a row that was read."""

    sender_id: int
    receiver_id: int
    kind: str
    queued_at: datetime


def queued(deliveries: Iterable[Delivery | Leg]) -> None:
    """So many documents and statuses more."""
    _add((one, int(one.kind == "document"), int(one.kind == "status"), 0, 0, 0) for one in deliveries)


def delivered(deliveries: Iterable[Delivery | Leg], at: datetime) -> None:
    """They were stored where they went to; counted on the day on which they were sent."""
    _add((one, 0, 0, 1, 0, max(0, round((at - one.queued_at).total_seconds()))) for one in deliveries)


def failed(delivery: Delivery) -> None:
    """One try more that was in vain."""
    _add([(delivery, 0, 0, 0, 1, 0)])


def _add(counted: Iterable[tuple[Delivery | Leg, int, int, int, int, int]]) -> None:
    """One row for each key, in its order: two who count at once never wait for each other in a ring."""
    sums: dict[tuple[date, int, int], list[int]] = {}
    for one, *numbers in counted:
        known = sums.setdefault((clock.day_of(one.queued_at), one.sender_id, one.receiver_id), [0] * len(numbers))
        known[:] = [before + more for before, more in zip(known, numbers, strict=True)]
    rows = [(*key, *numbers) for key, numbers in sorted(sums.items())]
    columns = (*_KEY, "documents", "statuses", "delivered", "failures", "delay_s")
    bulk.add_up(bulk.Sums(Traffic.__table__, columns, rows, _KEY))  # type: ignore[arg-type]
