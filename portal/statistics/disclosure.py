"""What may be said of a count, decided here for every page and file (docs/decisions/0016). Pure.

A count of 1 to 4 is small: of it only that is said. Nothing that is said beside it gives it away, because
everything else is worked out from what is said, and not from what is so:

* a count of an agency in a month is said as it is, or as small (`said`);
* a column, which is one count of all agencies of a group, is said as it is where each small count in it could still
  be any small count; else it has the bounds that they leave it (`column`);
* any other sum has the bounds that what is said of its parts leaves it (`total`);
* where parts share out a whole that is said already, the largest part takes up what the whole and the small ones
  leave open (`parted`);
* a part that is still being counted is said as a step of five (`stepped`).

So a small count could be any other small count, and a reader would see the very same: the tests try them all.
"""
from collections.abc import Iterable, Sequence
from enum import Enum
from typing import Final, NamedTuple

FEWEST: Final = 5
STEP: Final = 5


class Between(NamedTuple):
    """A count of which the bounds are said; it may be either of them or anything between."""

    low: int
    high: int


class Withheld(Enum):
    """What is said instead of a share that could only be said roughly."""

    withheld = "withheld"


Number = int | Between | Withheld | None  # a count is one of the first two; None: a share of nothing
SMALL: Final = Between(1, FEWEST - 1)
SPAN: Final = SMALL.high - SMALL.low
WITHHELD: Final = Withheld.withheld


def small(n: int) -> bool:
    """Whether a count is too small to be said; nought is no count of anybody."""
    return 0 < n < FEWEST


def said(n: int) -> Number:
    """A count of an agency."""
    return SMALL if small(n) else n


def between(low: int, high: int) -> Number:
    """A count with these bounds: itself where they are one."""
    return low if low == high else Between(low, high)


def bounds(count: Number) -> tuple[int, int]:
    """The least and the most that a count can be for all that is said. ValueError for what is no count."""
    if isinstance(count, int):
        return count, count
    if isinstance(count, Between):
        return count.low, count.high
    raise ValueError(f"{count} is no count")


def total(parts: Iterable[Number]) -> Number:
    """What can be said of a sum of counts from what is said of its parts."""
    low = high = 0
    for part in parts:  # pages are full of sums: most parts are plain numbers, and not asked of `bounds`
        least, most = (part, part) if type(part) is int else bounds(part)
        low, high = low + least, high + most
    return between(low, high)


def column(low: int, n: int, high: int) -> Number:
    """The sum `n` of a column of agencies' counts; `low` and `high` are the bounds that what is said of them leaves.

    `n` is said only where every small count of the column could still be 1, 2, 3 and 4. One of them can be 4 and
    leave the others a sum that they can have, if n >= low + 3; it can be 1, if n <= high - 3; and so it can be what
    lies between. Where `n` is not said, who knows this rule learns that it is near an end: near the lower one each
    small count can be 1, 2 and 3, near the upper one 2, 3 and 4, so still all four. (One alone: all four at once.)

    This holds while each count is in one column only: no other sum of it may be said but by `total`.
    """
    return n if low == high or low + SPAN <= n <= high - SPAN else Between(low, high)


def parted(whole: Number, parts: Sequence[int]) -> list[Number]:
    """The parts of a whole of which `whole` is said; the parts add up to it.

    Small parts are small, the others exact, and the largest gets the bounds that the whole and the other parts leave
    it: itself, where the whole is said as it is and the sum of the small ones is told. That sum may be told where a
    column's may, see `column`; else what lies between its bounds stays open.

    Where the bounds could make the largest part smaller than the next, both get bounds in this way, and so on. Where
    nothing is large enough, small parts whose sum may be told are told as small, if that still leaves the whole two
    values at least; else no part is told from another, nor from nought.
    """
    low, high = bounds(whole)
    few, sum_of_few = sum(map(small, parts)), sum(filter(small, parts))
    fewest, most_of_few = bounds(column(few * SMALL.low, sum_of_few, few * SMALL.high))
    if low == high and fewest == most_of_few:
        return [said(n) for n in parts]
    order = sorted((at for at, n in enumerate(parts) if n >= FEWEST), key=lambda at: -parts[at])
    others = sum(parts[at] for at in order)
    for taken, at in enumerate(order, start=1):
        others -= parts[at]
        following = max(parts[order[taken]] if taken < len(order) else 0, FEWEST - 1)
        least, most = low - others - most_of_few, high - others - fewest
        if least > taken * following:
            largest = Between(least, most) if taken == 1 else Between(following, most - (taken - 1) * following)
            return [largest if at in order[:taken] else said(n) for at, n in enumerate(parts)]
    large = sum(parts[at] for at in order)
    told = few and fewest == most_of_few  # then the sum lies between these two, for who knows the rule
    if told and min(high, large + few * SMALL.high - SPAN) > max(low, large + few * SMALL.low + SPAN):
        return [said(n) for n in parts]
    return [Between(0, high)] * len(parts)


def stepped(n: int) -> Number:
    """A part while it is still being counted, as the step that it stands on: 0 to 5, 6 to 10, 11 to 15 and so on.

    Nought is on a step as well, so that the first dossier does not show; and no step begins or ends at a small
    number, so that none is told by a whole that leaves each part only the first or only the last of its step.
    """
    low = max(n - 1, 0) // STEP * STEP
    return Between(low + 1 if low else 0, low + STEP)
