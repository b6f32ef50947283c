"""The published figures of an agency, a group or the nation, and what they say. Pure."""
from collections.abc import Iterable
from dataclasses import dataclass, fields

from portal.progress.measures import Measure


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts over some months (`submitted` to `withdrawn`), of what is open now (`open_in_time` to `paused`),
    of `received` by channel where it was asked for, of those withdrawn or refused after acceptance (`dropped`),
    and of what was open when the months began (`carried`)."""

    submitted: int = 0
    received: int = 0
    early: int = 0
    on_time: int = 0
    late: int = 0
    refused: int = 0
    withdrawn: int = 0
    open_in_time: int = 0
    open_late: int = 0
    paused: int = 0
    online: int = 0
    counter: int = 0
    post: int = 0
    dropped: int = 0
    carried: int = 0

    @property
    def in_time(self) -> int:
        """Finished on or before the due day."""
        return self.early + self.on_time

    @property
    def done(self) -> int:
        """Finished, in time or not."""
        return self.early + self.on_time + self.late

    @property
    def open(self) -> int:
        """Accepted and not finished, paused ones included."""
        return self.open_in_time + self.open_late + self.paused

    @property
    def share(self) -> float | None:
        """The part of what was finished that was in time, 0 to 1; None when nothing was finished."""
        return self.in_time / self.done if self.done else None

    @property
    def per_hundred(self) -> int | None:
        """How many of every hundred finished in time; never all or none when it was not so."""
        return per_hundred(self.in_time, self.done) if self.done else None

    @property
    def nothing(self) -> bool:
        """Whether there is nothing to show at all."""
        return not any(getattr(self, each.name) for each in fields(self))

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))


FIELDS = {Measure.submitted: "submitted", Measure.received: "received", Measure.done_early: "early",
          Measure.done_on_time: "on_time", Measure.done_late: "late", Measure.refused: "refused",
          Measure.withdrawn: "withdrawn", Measure.dropped: "dropped"}


def summed(figures: Iterable[Figures]) -> Figures:
    """All of them together."""
    return sum(figures, start=Figures())


def per_hundred(in_time: int, done: int) -> int:
    """`in_time` of `done` as a whole number of every hundred. ValueError when nothing was done."""
    if done <= 0:
        raise ValueError("nothing was done, so nothing was in time")
    rounded = (in_time * 200 + done) // (done * 2)
    return min(max(rounded, 1), 99) if 0 < in_time < done else rounded
