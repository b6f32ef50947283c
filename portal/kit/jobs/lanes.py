"""Lanes: work of one lane never waits for work of another."""
from collections.abc import Mapping
from enum import StrEnum
from typing import Any


class Lane(StrEnum):
    """`quick`: touches the database alone, and somebody waits for it. `codes`: mail that somebody waits for before a
    page, so neither a dripping server holds the quick work nor a notice the code. `slow`: papers, uploads, recounts.
    `outside`: other mail, webhooks."""

    quick = "quick"
    codes = "codes"
    slow = "slow"
    outside = "outside"


def runners(config: Mapping[str, Any]) -> dict[Lane, int]:
    """How many of one machine's processes work in each lane: JOB_RUNNERS over the default of one each.

    ValueError for a lane that is none and for a number that is none. 0: that lane is another machine's.
    """
    given = config["JOB_RUNNERS"]
    pairs = [part.partition("=")[::2] for part in given.split(",") if part.strip()] if isinstance(given, str) \
        else list(given.items())
    numbers = {Lane(str(name).strip()): int(n) for name, n in pairs}
    if any(n < 0 for n in numbers.values()):
        raise ValueError("fewer than no runners of a lane")
    return {lane: numbers.get(lane, 1) for lane in Lane}
