"""What the published figures are: counts by their names, what is worked out of them, and shares. Pure.

Every count is said as it is: the progress of each dossier is public by itself, so counts tell nothing more
(docs/decisions/0040). A share says on how many cases it rests, and of few cases none is made.
"""
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from portal.statistics.measures import Measure

# counted over months; `dropped` are those that ended without a result after acceptance: only `carried` speaks of them
FIELDS: Final = {measure: measure.removeprefix("done_") for measure in Measure}
CHANNELS: Final = ("online", "counter", "post")
BY_CHANNEL: Final = (*CHANNELS, "otherwise")  # the last is what was told of no channel
OPEN: Final = ("open_in_time", "open_late", "open_untimed", "paused")
#: of which counts a share is: the part and the whole. Of what has no due date nobody can say whether it was in time
SHARES: Final = {"share": ("in_time", "timed"), "online_share": ("online", "received")}
FEWEST: Final = 20  # of fewer cases no rate is made: one dossier more or less would move it by five of a hundred

Line = Mapping[str, int]  # made once and never changed


class Share(NamedTuple):
    """`part` of `whole`."""

    part: int
    whole: int

    @property
    def rate(self) -> int | None:
        """Of every hundred, a whole number; never all or none when it was not so. None where the whole is too few."""
        if self.whole < FEWEST:
            return None
        rounded = (self.part * 200 + self.whole) // (self.whole * 2)
        return min(max(rounded, 1), 99) if 0 < self.part < self.whole else rounded


Cell = int | Share | str | None


def line(counts: Mapping[str, int]) -> Line:
    """These counts, nought for the others, with how many were done, were done in time, had a time, and are open."""
    made = {**dict.fromkeys((*FIELDS.values(), *OPEN), 0), **counts}
    made["in_time"] = made["early"] + made["on_time"]
    made["timed"] = made["in_time"] + made["late"]
    made["done"] = made["timed"] + made["untimed"]
    made["open"] = sum(made[name] for name in OPEN)
    return made


NOTHING: Final = line({})


def summed(lines: Iterable[Line]) -> Line:
    """All of these lines together."""
    found = dict(NOTHING)
    for each in lines:
        for name, n in each.items():
            found[name] = found.get(name, 0) + n
    return found


def is_nothing(made: Line) -> bool:
    """Whether a line tells of no dossier."""
    return not any(made.values())


def share(made: Line, name: str = "share") -> Share | None:
    """A share of SHARES by its name; None where there is nothing of which it could be, or its part is not counted."""
    part, whole = SHARES[name]
    return Share(made[part], made[whole]) if part in made and made[whole] else None


def cells(made: Line) -> dict[str, Cell]:
    """A line as the cells of a table: its counts and its shares."""
    return {**made, **{name: share(made, name) for name in SHARES}}


def with_carried(months: Sequence[Line], open_now: int) -> list[Line]:
    """The lines of months one after another, the running one first, each with what was open when it began: what is
    open now, with what ended since and without what came since."""
    found: list[Line] = []
    for each in months:
        open_now += each["done"] + each["dropped"] - each["received"]
        found.append({**each, "carried": max(open_now, 0)})
    return found
