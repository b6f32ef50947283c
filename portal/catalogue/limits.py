"""The time a procedure may take, as its record words it.

A record gives an amount and a unit. Many give a bare number ("không ghi đơn vị"): which days are meant stays
unknown, the deadline counts them as working days (the usual unit of one-stop rules), and the screen says that
this is assumed.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from portal.law.limits import NO_LIMIT, UNREADABLE, Limit, LimitUnit

UNITS = {
    "Ngày làm việc": LimitUnit.working_day,
    "Ngày": LimitUnit.day,
    "Giờ": LimitUnit.working_hour,
    "Giờ làm việc": LimitUnit.working_hour,
    "không ghi đơn vị": LimitUnit.unknown,
}
#: A bare number above this is not a number of days.
MOST_BARE_DAYS = 90
#: In three records of business registration the cell of the limit ran into that of the fee in thousands: one day and
#: 25 or 100. By the shape of the cells; the channel beside them gives one day.
RAN_TOGETHER = {125: 1, 1100: 1}
#: For comparing limits of different units only; due dates are counted by the calendar.
_HOURS = {
    LimitUnit.working_day: 24 * 7 / 5,
    LimitUnit.unknown: 24 * 7 / 5,
    LimitUnit.day: 24.0,
    LimitUnit.working_hour: 24 * 7 / 5 / 8,
}


def parse(amount: float | None, unit: str | None) -> Limit:
    """The limit of one channel. Raises ValueError for a unit never seen or an amount that is no count."""
    if amount is None:
        return NO_LIMIT
    if amount < 0 or amount != int(amount):
        raise ValueError(f"not a whole amount of time: {amount!r}")
    if unit not in UNITS:
        raise ValueError(f"unknown unit of time: {unit!r}")
    known = UNITS[unit]
    if known is not LimitUnit.unknown:
        return Limit(int(amount), known)
    amount = RAN_TOGETHER.get(int(amount), amount)
    if amount > MOST_BARE_DAYS:
        return UNREADABLE
    return Limit(int(amount), LimitUnit.unknown, assumed=True)


def of_record(channels: Iterable[Mapping[str, Any]]) -> list[Limit]:
    """The limits of a record's raw channels (`thoi_han`, `don_vi`), in their order.

    A bare number takes the unit that another channel of the same record gives the same number.
    """
    limits = [parse(channel["thoi_han"], channel["don_vi"]) for channel in channels]
    stated = {limit.amount: limit.unit for limit in limits if not limit.assumed and limit.amount is not None}
    return [
        Limit(limit.amount, stated[limit.amount]) if limit.assumed and limit.amount in stated else limit
        for limit in limits
    ]


def promised(limits: Iterable[Limit]) -> Limit:
    """The limit to promise when there are several cases: the longest, so that no case is late by rule."""
    offered = list(limits)
    counted = [limit for limit in offered if limit.amount is not None]
    if counted:
        return max(counted, key=length)
    return offered[0] if offered else NO_LIMIT


def length(limit: Limit) -> float:
    """About how many hours pass, for comparing limits of different units."""
    return (limit.amount or 0) * _HOURS[limit.unit]
