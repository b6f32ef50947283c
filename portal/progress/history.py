"""Learning from finished dossiers: the usual times, and how often they were right. Flushes only."""
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import Select, delete, func, insert, select

from portal.catalogue import queries as catalogue
from portal.kit import clock, collecting
from portal.kit.db import session
from portal.kit.hot import bulk
from portal.law.calendar import Calendar, CalendarEnds
from portal.law.statuses import DONE
from portal.progress import estimates
from portal.progress.estimates import Usual
from portal.progress.models import ProgressCalibration, ProgressEstimate, ProgressRecord, ProgressStep

EVERYWHERE = 0  # stands for all agencies together
YEAR = timedelta(days=365)
ENOUGH = 500  # newest cases of one agency and procedure: more would not move the range
BATCH = 5000
_record: Any = ProgressRecord.__table__
_step: Any = ProgressStep.__table__
_estimate: Any = ProgressEstimate.__table__
_calibration: Any = ProgressCalibration.__table__
_CASE = ("id", "agency_id", "procedure_code", "finished_at")


class Case(NamedTuple):
    """A finished dossier: minutes from each stage to the end."""

    agency_id: int
    procedure_code: str
    minutes: dict[int, int]


class Judged(NamedTuple):
    """How many usual dates were judged by what was finished on a day, and how many of them held."""

    day: date
    judged: int
    within: int


class _Taken(NamedTuple):
    """A step of a finished dossier, with what is asked of the dossier."""

    place: int
    agency_id: int
    finished_at: datetime
    status: int
    at: datetime
    procedure_code: str


def estimate(today: date | None = None) -> int:
    """Build all usual times anew from a year of finished dossiers. Returns how many there are now."""
    return keep(learnt(today))


def learnt(today: date | None = None) -> list[dict[str, Any]]:
    """The rows of all usual times, from the newest of a year's finished dossiers: ENOUGH of each agency and
    procedure. Only reads; the cases of one procedure are in memory at a time."""
    with collecting.seldom():
        return _learnt(today or clock.today())


def _learnt(today: date) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    newest = _cases(_newest(_start(today) - YEAR, _start(today)))
    for procedure, cases in groupby(newest, key=lambda case: case.procedure_code):
        minutes: dict[tuple[int, int], list[int]] = defaultdict(list)
        for case in cases:
            for stage, length in case.minutes.items():
                for agency_id in (case.agency_id, EVERYWHERE):
                    held = minutes[agency_id, stage]
                    if len(held) < ENOUGH:
                        held.append(length)
        rows += [{"agency_id": agency_id, "procedure_code": procedure, "stage": stage, "p50": found.p50,
                  "p90": found.p90, "cases": found.cases, "made_on": today}
                 for (agency_id, stage), each in sorted(minutes.items()) if (found := estimates.usual(each))]
    return rows


def keep(rows: list[dict[str, Any]]) -> int:
    """Put these usual times in the place of all that there were. Returns how many there are now."""
    session.execute(delete(_estimate))
    for start in range(0, len(rows), BATCH):
        session.execute(insert(_estimate), rows[start:start + BATCH])
    return len(rows)


def calibrate(day: date | None = None) -> tuple[int, int]:
    """Judge a day (yesterday) and keep the judgement. Returns (judged, within)."""
    found = judged(day)
    keep_judgement(found)
    return found[1:]


def judged(day: date | None = None) -> Judged:
    """The ranges of before `day` (yesterday) by what was finished on it. Only reads.

    Comes before `estimate` on the same day, so that no dossier is measured against a range that it made itself.
    """
    day = day or clock.today() - timedelta(days=1)
    known = {(row.agency_id, row.procedure_code, row.stage): Usual(row.p50, row.p90, row.cases)
             for row in session.execute(select(_estimate).where(_estimate.c.made_on <= day))}
    n = within = 0
    finished = _settled(_start(day), _start(day + timedelta(days=1))).add_columns(_record.c.id.label("place"))
    for case in _cases(finished) if known else ():
        for stage, took in case.minutes.items():
            here, nation = (known.get((of, case.procedure_code, stage)) for of in (case.agency_id, EVERYWHERE))
            if expected := here or nation:
                n += 1
                within += estimates.held(expected, took)
    return Judged(day, n, within)


def keep_judgement(found: Judged) -> None:
    """Put it in the place of what was said of that day before."""
    session.execute(delete(_calibration).where(_calibration.c.day == found.day))
    session.execute(insert(_calibration).values(found._asdict()))


def calibrations(since: date) -> list[tuple[date, int, int]]:
    """(day, judged, within), newest first, of the days on which there was something to judge."""
    return [(row.day, row.judged, row.within) for row in session.execute(
        select(_calibration).where(_calibration.c.day >= since, _calibration.c.judged > 0)
        .order_by(_calibration.c.day.desc()))]


def known_now() -> tuple[int, int, date | None]:
    """How many usual times there are, on how many cases they rest in all, and when they were made."""
    rows = session.execute(select(_estimate.c.cases, _estimate.c.made_on).where(_estimate.c.agency_id != EVERYWHERE))
    listed = rows.all()
    return len(listed), sum(row.cases for row in listed), max((row.made_on for row in listed), default=None)


def _settled(since: datetime, until: datetime) -> Select[Any]:
    """The dossiers settled in this span."""
    return select(*(_record.c[name] for name in _CASE)).where(
        _record.c.finished_at >= since, _record.c.finished_at < until, _record.c.status.in_(sorted(DONE)))


def _newest(since: datetime, until: datetime) -> Select[Any]:
    """Of those the newest of each agency and procedure, numbered procedure by procedure. Both numbers are of rows
    sorted by procedure first: the second sort then has little to do."""
    nth = func.row_number().over(partition_by=(_record.c.procedure_code, _record.c.agency_id),
                                 order_by=(_record.c.finished_at.desc(), _record.c.id))
    of = _settled(since, until).add_columns(nth.label("nth")).subquery().c
    place = func.row_number().over(order_by=(of.procedure_code, of.finished_at.desc(), of.id))
    return select(*(of[name] for name in _CASE), place.label("place")).where(of.nth <= ENOUGH)


def _cases(chosen: Select[Any]) -> Iterator[Case]:
    """The cases of these dossiers, by their `place`; BATCH of their steps in memory at a time. One statement, since the
    steps of millions of dossiers are read sooner from end to end than looked up in the order in which they are needed.
    """
    calendar, of = catalogue.calendar(), chosen.subquery().c
    rows = bulk.streamed(
        select(*(_step.c[name] if name in ("status", "at") else of[name] for name in _Taken._fields))
        .where(_step.c.record_id == of.id).order_by(of.place, _step.c.position), BATCH)
    for _place, steps in groupby(map(_Taken._make, rows), key=attrgetter("place")):
        taken = list(steps)
        if (minutes := _minutes(taken, taken[0].finished_at, calendar)) is not None:
            yield Case(taken[0].agency_id, taken[0].procedure_code, minutes)


def _minutes(steps: list[_Taken], finished_at: datetime, calendar: Calendar) -> dict[int, int] | None:
    try:
        return estimates.lengths(steps, finished_at, calendar)
    except CalendarEnds:  # from before the years whose holidays are known
        return None


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), clock.VN)
