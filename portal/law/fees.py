"""What a case costs: the amount by person, channel, case and day. Pure: the catalogue hands in the rates.

A fee is never "free" for want of knowing: without a rate that says so it is unknown. A rate under a condition that the
portal cannot know is shown beside the fee and never granted. Amounts are whole đồng.

    rates = [Rate(FeeKind.known, 20_000, channel="counter"), Rate(FeeKind.known, 10_000, channel="online"),
             Rate(FeeKind.free, channel="online", condition="định danh mức độ 2")]
    fee(rates, day=today, channel="online")  # 10,000 đ, and the free one among its offers
"""
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from portal.law.texts import Confidence


class FeeKind(StrEnum):
    """What is known of a fee."""

    known = "known"
    free = "free"  # the law says that nothing is paid
    range = "range"  # between two amounts, or a rate of something: `text` says of what
    by_province = "by_province"  # set by each provincial council
    unknown = "unknown"


@dataclass(frozen=True)
class Rate:
    """One rate as a text sets it. None or "": for every channel, case or person.

    `condition`: what must be so for it to hold, in the law's words; the portal cannot know it. `base`: the amount that
    it was lowered from. `from_prose`: the amount was taken out of a sentence, and says so. Days are included.
    """

    kind: FeeKind
    amount: int | None = None
    channel: str | None = None
    case: str = ""
    person: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    condition: str = ""
    text: str = ""
    most: int | None = None  # of a range: up to this amount
    base: int | None = None
    source: str = ""
    confidence: Confidence = Confidence.medium
    from_prose: bool = False

    def __post_init__(self) -> None:
        if (self.kind is FeeKind.known) != (self.amount is not None and self.kind is not FeeKind.range):
            raise ValueError("a known fee has its amount, and no other has one")

    def holds(self, day: date) -> bool:
        """Whether it is in force on this day."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True)
class Fee:
    """What is to be paid. `offers`: rates that would hold under a condition, to be shown beside it."""

    kind: FeeKind
    rate: Rate | None
    offers: tuple[Rate, ...] = ()

    @property
    def amount(self) -> int | None:
        """Whole đồng; None where no amount is certain."""
        if self.kind is FeeKind.free:
            return 0
        return self.rate.amount if self.rate and self.kind is FeeKind.known else None


def fee(rates: Iterable[Rate], *, day: date, channel: str, case: str = "", person: str = "") -> Fee:
    """What this person pays for this case through this channel on this day.

    Of the rates in force the closest counts: one for the person before one for the case, that before one for the
    channel, that before one for all; of equal ones the newest.
    """
    fitting = [rate for rate in rates if rate.holds(day) and rate.channel in (None, channel)
               and rate.case in ("", case) and rate.person in ("", person)]
    granted = [rate for rate in fitting if not rate.condition]
    offers = tuple(rate for rate in fitting if rate.condition)
    if not granted:
        return Fee(FeeKind.unknown, None, offers)
    best = max(granted, key=_closeness)
    return Fee(best.kind, best, offers)


def cases(rates: Iterable[Rate], day: date) -> list[str]:
    """The cases that are told apart on this day, in the order of the rates."""
    return list(dict.fromkeys(rate.case for rate in rates if rate.holds(day)))


def next_change(rates: Iterable[Rate], *, day: date, channel: str, case: str = "",
                person: str = "") -> tuple[date, Fee] | None:
    """The next day after this one on which the fee differs, and the fee then; None while no change is known."""
    rates = list(rates)
    now = fee(rates, day=day, channel=channel, case=case, person=person)
    starts = {rate.valid_from for rate in rates if rate.valid_from}
    ends = {date.fromordinal(rate.valid_to.toordinal() + 1) for rate in rates if rate.valid_to}
    for later in sorted(each for each in starts | ends if each > day):
        then = fee(rates, day=later, channel=channel, case=case, person=person)
        if then != now:
            return later, then
    return None


def _closeness(rate: Rate) -> tuple[bool, bool, bool, date]:
    return bool(rate.person), bool(rate.case), rate.channel is not None, rate.valid_from or date.min
