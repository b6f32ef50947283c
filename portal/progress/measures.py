"""What is counted, and how a change of a public line changes the counts. Pure.

One rule says what a line counts as (`tally`). A change moves the counters by the difference between what the
line
counted before and what it counts now, so counters can only ever equal a full recount.
"""
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

NO_DUE = date(9999, 12, 31)


class Measure(StrEnum):
    """Counted per agency and month. `received` counts accepted dossiers in the month of acceptance;
    the done measures count in the month in which the result was decided."""

    submitted = "submitted"
    received = "received"
    done_early = "done_early"
    done_on_time = "done_on_time"
    done_late = "done_late"
    refused = "refused"
    withdrawn = "withdrawn"


DONE = {"early": Measure.done_early, "on_time": Measure.done_on_time, "late": Measure.done_late}

# of the ten national statuses, those that end a dossier
REFUSED, WITHDRAWN, STOPPED, FINISHED, RETURNED = 3, 7, 8, 9, 10
ENDED = frozenset({REFUSED, WITHDRAWN, STOPPED, FINISHED, RETURNED})


@dataclass(frozen=True, slots=True)
class Line:
    """What of a public record is counted. Days are days in Vietnam; `status` is national, 1 to 10."""

    agency_id: int
    status: int
    submitted_on: date
    received_on: date | None = None
    due_on: date | None = None
    paused: bool = False
    finished_on: date | None = None
    timing: str | None = None


@dataclass(frozen=True, slots=True, order=True)
class Monthly:
    """A counter of one agency, month (its first day) and measure."""

    agency_id: int
    month: date
    measure: str


@dataclass(frozen=True, slots=True, order=True)
class Open:
    """A counter of one agency's open dossiers due on one day; NO_DUE where the law sets no limit."""

    agency_id: int
    due_on: date
    paused: bool


Key = Monthly | Open


def month_of(day: date) -> date:
    """The first day of the month."""
    return day.replace(day=1)


def months_back(day: date, n: int) -> list[date]:
    """The month of `day` and the months before it, `n` in all, newest first."""
    start = day.year * 12 + day.month - 1
    return [date(at // 12, at % 12 + 1, 1) for at in range(start, start - n, -1)]


def tally(line: Line) -> list[Key]:
    """Every counter in which this line counts as one."""
    keys: list[Key] = [Monthly(line.agency_id, month_of(line.submitted_on), Measure.submitted)]
    if line.received_on:
        keys.append(Monthly(line.agency_id, month_of(line.received_on), Measure.received))
    if line.finished_on and (ending := _ending(line)):
        keys.append(Monthly(line.agency_id, month_of(line.finished_on), ending))
    if line.received_on and line.status not in ENDED:
        keys.append(Open(line.agency_id, line.due_on or NO_DUE, line.paused))
    return keys


def _ending(line: Line) -> Measure | None:
    if line.status == REFUSED:
        return Measure.refused
    if line.status == WITHDRAWN:
        return Measure.withdrawn
    if line.status in (FINISHED, RETURNED) and line.timing:
        return DONE[line.timing]
    return None


def deltas(before: Line | None, after: Line | None) -> dict[Key, int]:
    """By how much each counter moves when a line changes; counters that stay are left out."""
    moved: Counter[Key] = Counter(tally(after) if after else ())
    moved.subtract(tally(before) if before else ())
    return {key: n for key, n in moved.items() if n}


def recounted(lines: Iterable[Line]) -> dict[Key, int]:
    """The counters as they must be for these lines."""
    counts: Counter[Key] = Counter()
    for line in lines:
        counts.update(tally(line))
    return dict(counts)


def differences(counted: Mapping[Key, int], true: Mapping[Key, int]) -> dict[Key, tuple[int, int]]:
    """Where counters are wrong: key → (counted, true)."""
    return {key: (counted.get(key, 0), true.get(key, 0)) for key in counted.keys() | true.keys()
            if counted.get(key, 0) != true.get(key, 0)}
