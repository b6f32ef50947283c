"""Learning from finished dossiers: the usual times, and how often they were right. Flushes only."""
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import delete, insert, select

from portal.catalogue import queries as catalogue
from portal.kit import clock
from portal.kit.db import session
from portal.kit.workdays import Calendar, CalendarEnds
from portal.progress import estimates
from portal.progress.estimates import Usual
from portal.progress.measures import FINISHED, RETURNED
from portal.progress.models import ProgressCalibration, ProgressEstimate, ProgressRecord, ProgressStep

EVERYWHERE = 0  # stands for all agencies together
YEAR = timedelta(days=365)
ENOUGH = 500  # newest cases of one kind: more would not move the range
BATCH = 2000
_record: Any = ProgressRecord.__table__
_step: Any = ProgressStep.__table__
_estimate: Any = ProgressEstimate.__table__
_calibration: Any = ProgressCalibration.__table__
Kind = tuple[int, str, int]  # agency, procedure, stage


class Case(NamedTuple):
    """A finished dossier: minutes from each stage to the end."""

    agency_id: int
    procedure_code: str
    minutes: dict[int, int]


class _At(NamedTuple):
    status: int
    at: datetime


def estimate(today: date | None = None) -> int:
    """Build all usual times anew from a year of finished dossiers. Returns how many there are now."""
    today = today or clock.today()
    minutes: dict[Kind, list[int]] = defaultdict(list)
    for case in _cases(_start(today) - YEAR, _start(today)):
        for stage, length in case.minutes.items():
            for agency_id in (case.agency_id, EVERYWHERE):
                held = minutes[agency_id, case.procedure_code, stage]
                if len(held) < ENOUGH:
                    held.append(length)
    rows = [{"agency_id": agency_id, "procedure_code": procedure, "stage": stage, "p50": found.p50, "p90": found.p90,
             "cases": found.cases, "made_on": today}
            for (agency_id, procedure, stage), each in sorted(minutes.items()) if (found := estimates.usual(each))]
    session.execute(delete(_estimate))
    for start in range(0, len(rows), BATCH):
        session.execute(insert(_estimate), rows[start:start + BATCH])
    return len(rows)


def calibrate(day: date | None = None) -> tuple[int, int]:
    """Judge the ranges of before `day` (yesterday) by what was finished on it. Returns (judged, within).

    Comes before `estimate` on the same day, so that no dossier is measured against a range that it made itself.
    """
    day = day or clock.today() - timedelta(days=1)
    known = {(row.agency_id, row.procedure_code, row.stage): Usual(row.p50, row.p90, row.cases)
             for row in session.execute(select(_estimate).where(_estimate.c.made_on <= day))}
    judged = within = 0
    for case in _cases(_start(day), _start(day + timedelta(days=1))) if known else ():
        for stage, took in case.minutes.items():
            here, nation = (known.get((of, case.procedure_code, stage)) for of in (case.agency_id, EVERYWHERE))
            if expected := here or nation:
                judged += 1
                within += estimates.held(expected, took)
    session.execute(delete(_calibration).where(_calibration.c.day == day))
    session.execute(insert(_calibration).values(day=day, judged=judged, within=within))
    return judged, within


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


def _cases(since: datetime, until: datetime) -> Iterator[Case]:
    """Dossiers settled in this span, the newest first, one batch in memory at a time."""
    calendar = catalogue.calendar()
    rows = session.execute(
        select(_record.c.id, _record.c.agency_id, _record.c.procedure_code, _record.c.finished_at,
               _step.c.status, _step.c.at)
        .join(_step, _step.c.record_id == _record.c.id)
        .where(_record.c.finished_at >= since, _record.c.finished_at < until,
               _record.c.status.in_((FINISHED, RETURNED)))
        .order_by(_record.c.finished_at.desc(), _record.c.id, _step.c.position),
        execution_options={"yield_per": BATCH})
    for _id, steps in groupby(rows, key=lambda row: row.id):
        listed = list(steps)
        if (minutes := _minutes(listed, calendar)) is not None:
            yield Case(listed[0].agency_id, listed[0].procedure_code, minutes)


def _minutes(rows: list[Any], calendar: Calendar) -> dict[int, int] | None:
    try:
        return estimates.lengths([_At(row.status, row.at) for row in rows], rows[0].finished_at, calendar)
    except CalendarEnds:  # from before the years whose holidays are known
        return None


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), clock.VN)
