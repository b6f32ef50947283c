"""What is seen of each agency that publishes, on any day: batches, rejections, quarantine, dossiers past their date."""
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import and_, func, or_, select

from portal.catalogue import queries as catalogue
from portal.catalogue.directory import Directory, VersionFact
from portal.kit import clock
from portal.kit.db import session
from portal.kit.workdays import Calendar, CalendarEnds
from portal.people.models import Agency
from portal.progress.conduct import Seen
from portal.progress.measures import FINISHED, RETURNED, Measure, month_of, months_back
from portal.progress.models import (
    ProgressBatch,
    ProgressOpen,
    ProgressQuarantine,
    ProgressRecord,
    ProgressRejection,
    ProgressTally,
)
from portal.progress.queries import AgencyLine, name_key

THIRTY, YEAR = 30, 12
SILENT_DAYS = 14
SAMPLE = 200  # newest finished dossiers whose dates are counted again
ONLINE = 3
_agency: Any = Agency.__table__
_batch: Any = ProgressBatch.__table__
_record: Any = ProgressRecord.__table__
_tally: Any = ProgressTally.__table__


@dataclass(frozen=True, slots=True)
class Quality:
    """An agency's meter. `longest_gap`: the longest time in the thirty days without a batch. `rejected`: rows by
    (reason, field); `unmapped`: rows that wait, by reason. `silent`: dossiers open a fortnight and more past
    their date, and `open`: of so many. `checked`, `in_time_reported`, `in_time_counted`: newest finished dossiers,
    how many were in time by the reported due date, and by the limit of the procedure counted here."""

    batches: int
    rows: int
    accepted: int
    longest_gap: timedelta | None
    rejected: dict[tuple[str, str], int]
    unmapped: dict[str, int]
    silent: int
    open: int
    checked: int
    in_time_reported: int
    in_time_counted: int


def existing(on: date) -> list[AgencyLine]:
    """The agencies that there were on a day, by their Vietnamese names."""
    rows = session.execute(select(*(_agency.c[name] for name in AgencyLine._fields)).where(
        or_(_agency.c.valid_from.is_(None), _agency.c.valid_from <= on),
        or_(_agency.c.valid_to.is_(None), _agency.c.valid_to >= on)))
    return sorted((AgencyLine(*row) for row in rows), key=lambda line: name_key(line.name))


def seen(on: date) -> dict[int, Seen]:
    """What was seen of each agency up to the end of a day, by the agency's id."""
    until = _start(on + timedelta(days=1))
    found: dict[int, Seen] = defaultdict(Seen)
    last = select(func.max(_record.c.submitted_at)).where(
        _record.c.agency_id == _agency.c.id, _record.c.submitted_at < until).scalar_subquery()
    for id_, at in session.execute(select(_agency.c.id, last)):
        found[id_] = Seen(last_at=at)
    recent = and_(_batch.c.at < until, _batch.c.at >= until - timedelta(days=THIRTY))
    for id_, at, rows, rejected in session.execute(
            select(_batch.c.agency_id, func.max(_batch.c.at), func.sum(_batch.c.rows), func.sum(_batch.c.rejected))
            .where(recent).group_by(_batch.c.agency_id)):
        known = found[id_]
        latest = max(at, known.last_at) if known.last_at else at
        found[id_] = replace(known, last_at=latest, rows=int(rows), rejected=int(rejected))
    return {id_: replace(known, offered=len(offered), told=len(offered & told))
            for id_, known, offered, told in _sectors(found, on)}


def quality(agency: AgencyLine, today: date) -> Quality:
    """The meter of one agency, over the last thirty days and as it stands now."""
    since = clock.now() - timedelta(days=THIRTY)
    batches = session.execute(select(_batch.c.at, _batch.c.rows, _batch.c.accepted).where(
        _batch.c.agency_id == agency.id, _batch.c.at >= since).order_by(_batch.c.at)).all()
    moments = [row.at for row in batches]
    gaps = [b - a for a, b in pairwise([since, *moments, clock.now()])] if moments else []
    is_open: Any = ProgressOpen.__table__
    silent, still_open = session.execute(select(
        func.coalesce(func.sum(is_open.c.n).filter(
            is_open.c.paused.is_(False), is_open.c.due_on < today - timedelta(days=SILENT_DAYS)), 0),
        func.coalesce(func.sum(is_open.c.n), 0)).where(is_open.c.agency_id == agency.id)).one()
    checked, reported, counted = _counted_again(agency)
    return Quality(len(batches), sum(row.rows for row in batches), sum(row.accepted for row in batches),
                   max(gaps, default=None), _rejected(agency.id, since), _unmapped(agency.id), int(silent),
                   int(still_open), checked, reported, counted)


def _sectors(found: Mapping[int, Seen], on: date) -> list[tuple[int, Seen, set[str], set[str]]]:
    d = catalogue.directory()
    offered: dict[str, set[str]] = defaultdict(set)
    for procedure_id, held in d.offering.items():
        sector = str(d.by_id[procedure_id].sector.id)
        for key, version in held.items():
            if d.versions[version].level >= ONLINE:
                offered[key].add(sector)
    keys = {agency.id: agency.key for agency in d.agencies.values()}
    months = months_back(month_of(on), YEAR)
    told: dict[int, set[str]] = defaultdict(set)
    for agency_id, value in session.execute(select(_tally.c.agency_id, _tally.c.value).distinct().where(
            _tally.c.side == "sector", _tally.c.measure == Measure.submitted, _tally.c.n > 0,
            _tally.c.agency_id != 0, _tally.c.month.in_(months))):
        told[agency_id].add(value)
    return [(id_, known, offered.get(keys.get(id_, ""), told[id_]), told[id_]) for id_, known in found.items()]


def _rejected(agency_id: int, since: datetime) -> dict[tuple[str, str], int]:
    rejection: Any = ProgressRejection.__table__
    rows = session.execute(
        select(rejection.c.reason, rejection.c.field, func.sum(rejection.c.n))
        .join(_batch, _batch.c.id == rejection.c.batch_id)
        .where(_batch.c.agency_id == agency_id, _batch.c.at >= since)
        .group_by(rejection.c.reason, rejection.c.field))
    return dict(sorted((((reason, field), int(n)) for reason, field, n in rows), key=lambda item: -item[1]))


def _unmapped(agency_id: int) -> dict[str, int]:
    waiting: Any = ProgressQuarantine.__table__
    rows = session.execute(select(waiting.c.reason, func.count()).where(
        waiting.c.agency_id == agency_id, waiting.c.replayed_at.is_(None)).group_by(waiting.c.reason))
    return {row[0]: row[1] for row in rows}


def _counted_again(agency: AgencyLine) -> tuple[int, int, int]:
    """Of the newest finished dossiers whose date was never moved: in time as reported, and by the limit."""
    d, calendar = catalogue.directory(), catalogue.calendar()
    rows = session.execute(
        select(_record.c.procedure_code, _record.c.received_at, _record.c.due_at, _record.c.finished_at)
        .where(_record.c.agency_id == agency.id, _record.c.status.in_((FINISHED, RETURNED)),
               _record.c.received_at.is_not(None), _record.c.finished_at.is_not(None), _record.c.due_at.is_not(None),
               or_(_record.c.first_due_at.is_(None), _record.c.first_due_at == _record.c.due_at))
        .order_by(_record.c.submitted_at.desc()).limit(SAMPLE))
    checked = reported = counted = 0
    for row in rows:
        terms = _terms(d, agency.key, row.procedure_code)
        due = _due(row.received_at, terms, calendar) if terms else None
        if due is not None:
            checked += 1
            reported += row.finished_at <= row.due_at
            counted += row.finished_at <= due
    return checked, reported, counted


def _terms(d: Directory, agency_key: str, procedure_code: str) -> VersionFact | None:
    procedure = d.by_code.get(procedure_code)
    version = d.offering.get(procedure.id, {}).get(agency_key) if procedure else None
    return d.versions[version] if version else None


def _due(received_at: datetime, terms: VersionFact, calendar: Calendar) -> datetime | None:
    """The due moment by the limit of the procedure; None where there is none or it cannot be counted."""
    limit = terms.limit
    if limit.amount is None:
        return None
    add = {"day": calendar.add_calendar_days, "working_hour": calendar.add_hours}.get(
        str(limit.unit), calendar.add_days)
    try:
        return add(received_at, limit.amount)
    except CalendarEnds:
        return None


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), clock.VN)
