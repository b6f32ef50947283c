"""What is counted, and how a change of a public line changes the counts. Pure.

One rule says what a line counts as (`tally`). A change moves the counters by the difference between what the line
counted before and what it counts now, so counters can only ever equal a full recount.
"""
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from itertools import product
from typing import Any, NamedTuple

from portal.law.statuses import CODES, DROPPED, ENDED, Status
from portal.law.statuses import DONE as DECIDED

NO_DUE = date(9999, 12, 31)


class Measure(StrEnum):
    """Counted per agency and month. `received` counts accepted dossiers in the month of acceptance;
    the done measures count in the month in which the result was decided: `done_untimed` where no due date was told, so
    that nobody can say whether it was in time. `refused`, `withdrawn` and `stopped` are over without a result;
    `dropped` are those of them that had been accepted, so that what is received, done and dropped tells what is carried
    over. Every dossier that is over counts in exactly one of the measures that say how."""

    submitted = "submitted"
    received = "received"
    done_early = "done_early"
    done_on_time = "done_on_time"
    done_late = "done_late"
    done_untimed = "done_untimed"
    refused = "refused"
    withdrawn = "withdrawn"
    stopped = "stopped"
    dropped = "dropped"


DONE = {"early": Measure.done_early, "on_time": Measure.done_on_time, "late": Measure.done_late}

#: what count alike: a decision and the handing over of its result
AS_ENDED: dict[int, int] = {status: Status.finished if status in DECIDED else status for status in ENDED}
TIMINGS = (None, *DONE)
NATION = 0


class Line(NamedTuple):
    """What of a public record is counted. Days are days in Vietnam; `status` is national, 1 to 10.

    The last but one are the other dimensions by which the monthly measures are counted; None counts in none.
    `sensitive`: of a procedure that nobody below the nation breaks down by.
    """

    agency_id: int
    status: int
    submitted_on: date
    received_on: date | None = None
    due_on: date | None = None
    paused: bool = False
    finished_on: date | None = None
    timing: str | None = None
    sector_id: int | None = None
    procedure: str | None = None
    level: int | None = None
    channel: str | None = None
    sensitive: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Monthly:
    """A counter of one agency, month (its first day) and measure."""

    agency_id: int
    month: date
    measure: str


@dataclass(frozen=True, slots=True, order=True)
class Open:
    """A counter of one agency's open dossiers due on one day; NO_DUE where no date was told, or the law sets no
    limit."""

    agency_id: int
    due_on: date
    paused: bool


@dataclass(frozen=True, slots=True, order=True)
class Tally:
    """A counter of one month and measure by another dimension than the agency: sector (its id), procedure (its
    code), level or channel. `agency_id` NATION counts them all. Procedures are not counted by agency, nor are the
    sector and the level of a sensitive procedure, which would tell it; the channel says nothing of it."""

    dimension: str
    value: str
    agency_id: int
    month: date
    measure: str


Key = Monthly | Open | Tally


def month_of(day: date) -> date:
    """The first day of the month."""
    return day.replace(day=1)


_month = lru_cache(maxsize=4096)(month_of)  # few days, in many lines


def months_back(day: date, n: int) -> list[date]:
    """The month of `day` and the months before it, `n` in all, newest first."""
    start = day.year * 12 + day.month - 1
    return [date(at // 12, at % 12 + 1, 1) for at in range(start, start - n, -1)]


def tally(line: Line) -> list[Key]:
    """Every counter in which this line counts as one."""
    keys = _tally_by_month(line)
    if line.received_on and line.status not in ENDED:
        keys.append(Open(line.agency_id, line.due_on or NO_DUE, line.paused))
    return keys


def _tally_by_month(line: Line) -> list[Key]:
    monthly = [Monthly(line.agency_id, month_of(line.submitted_on), Measure.submitted)]
    if line.received_on:
        monthly.append(Monthly(line.agency_id, month_of(line.received_on), Measure.received))
    if line.finished_on:
        if ending := _ending(line):
            monthly.append(Monthly(line.agency_id, month_of(line.finished_on), ending))
        if line.received_on and line.status in DROPPED:
            monthly.append(Monthly(line.agency_id, month_of(line.finished_on), Measure.dropped))
    keys: list[Key] = [*monthly]
    keys += [Tally(dimension, value, agency_id, each.month, each.measure)
             for dimension, value, agency_id in _dimensions(line) for each in monthly]
    return keys


def _dimensions(line: Line) -> list[tuple[str, str, int]]:
    found = [("procedure", line.procedure, NATION)] if line.procedure is not None else []
    for dimension, value in (("sector", line.sector_id), ("level", line.level), ("channel", line.channel)):
        if value is not None:
            found.append((dimension, str(value), NATION))
            if dimension == "channel" or not line.sensitive:
                found.append((dimension, str(value), line.agency_id))
    return found


def _ending(line: Line) -> Measure | None:
    if line.status == Status.not_received:
        return Measure.refused
    if line.status == Status.withdrawn:
        return Measure.withdrawn
    if line.status == Status.stopped:
        return Measure.stopped
    if line.status in DECIDED:
        return DONE[line.timing] if line.timing else Measure.done_untimed
    return None


def moved(changes: Iterable[tuple[Line | None, Line | None]]) -> dict[Key, int]:
    """By how much each counter moves when lines change, each from a first to a second; what stays is left out."""
    count = _Count()
    for before, after in changes:
        if before != after:
            if after is not None:
                count.add(after, 1)
            if before is not None:
                count.add(before, -1)
    return {key: n for key, n in count.keys().items() if n}


class Case(NamedTuple):
    """What of a line decides as what it counts, beside its days and dimensions."""

    status: int
    received: bool
    finished: bool
    timing: str | None


def counted_as() -> tuple[dict[str, dict[Case, tuple[str, ...]]], list[Case]]:
    """What the rule answers for every case there can be: by moment (a column of the records), as which measures a
    case counts in that moment's month; and the cases that count as open."""
    days = {"submitted_at": date(2000, 1, 1), "received_at": date(2000, 2, 1), "finished_at": date(2000, 3, 1)}
    by_month: dict[str, dict[Case, tuple[str, ...]]] = {moment: {} for moment in days}
    kept_open: list[Case] = []
    for case in (Case(*each) for each in product(sorted(CODES), (False, True), (False, True), TIMINGS)):
        there = {"submitted_at": True, "received_at": case.received, "finished_at": case.finished}
        line = Line(NATION + 1, case.status, days["submitted_at"], days["received_at"] if case.received else None,
                    finished_on=days["finished_at"] if case.finished else None, timing=case.timing)
        keys = tally(line)
        for moment, day in days.items():
            if there[moment]:
                by_month[moment][case] = tuple(key.measure for key in keys
                                               if isinstance(key, Monthly) and key.month == day)
        if any(isinstance(key, Open) for key in keys):
            kept_open.append(case)
    return by_month, kept_open


class _Count:
    """Lines that count alike are counted once, times their number: few lines are unlike by month.

    A line is kept as what it counts by: a plain tuple with the fields of Line, days within a month made alike.
    """

    def __init__(self) -> None:
        self.monthly: defaultdict[tuple[Any, ...], int] = defaultdict(int)
        self.open: defaultdict[tuple[int, date, bool], int] = defaultdict(int)

    def add(self, line: Line, n: int) -> None:
        agency_id, status, submitted_on, received_on, due_on, paused, finished_on, timing, *dimensions = line
        ended = status in ENDED
        if received_on and not ended:
            self.open[agency_id, due_on or NO_DUE, paused] += n
        self.monthly[(
            agency_id, status if ended else 0, _month(submitted_on), _month(received_on) if received_on else None,
            None, False, _month(finished_on) if finished_on and ended else None, timing if ended else None,
            *dimensions)] += n

    def keys(self) -> dict[Key, int]:
        counts: defaultdict[Key, int] = defaultdict(int)
        for line, n in self.monthly.items():
            if n:
                for key in _tally_by_month(Line(*line)):
                    counts[key] += n
        return dict(counts) | {Open(*key): n for key, n in self.open.items()}
