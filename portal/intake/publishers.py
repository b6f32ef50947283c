"""What is seen of each agency that publishes, on any day: batches, rejections, quarantine, dossiers past their date.

Nothing here reads the records as a whole: of each agency a bounded piece of an index, and otherwise counters.
"""
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import String, cast, func, or_, select, true

from portal.catalogue import queries as catalogue
from portal.catalogue.directory import Directory, VersionFact
from portal.catalogue.models import Sector
from portal.intake import lateness, mapping
from portal.intake.criteria import Activity
from portal.intake.lateness import Lateness, Timed
from portal.intake.models import ProgressBatch, ProgressQuarantine, ProgressRejection
from portal.intake.placing import DOSSIER_UNKNOWN
from portal.kit import clock
from portal.kit.db import session
from portal.law.calendar import Calendar, CalendarEnds
from portal.law.deadlines import resume
from portal.law.statuses import DONE, STOPS_CLOCK
from portal.people.models import Agency
from portal.progress.models import ProgressRecord, ProgressStep
from portal.statistics.measures import month_of, months_back
from portal.statistics.models import ProgressOpen, ProgressSide
from portal.statistics.queries import AgencyLine, name_key

THIRTY, YEAR = 30, 12
SILENT_DAYS = 14
SETTLED_AFTER_DAYS = 30  # dossiers handed in before: what is quick is not taken for all
NEWEST = 5000  # of those before, so many are looked at
SAMPLE = 200  # and of these so many settled ones are counted again
_agency: Any = Agency.__table__
_batch: Any = ProgressBatch.__table__
_record: Any = ProgressRecord.__table__
_side: Any = ProgressSide.__table__
_step: Any = ProgressStep.__table__
_pushed = _batch.c.channel != mapping.CHANNEL  # what an administrator takes in is no sign of life


@dataclass(frozen=True, slots=True)
class Compared:
    """Settled dossiers of which the agency told both dates: of `checked`, how many were in time by the due date that it
    told last, how many as counted here; how many only by one. Counted here is by the limit of the procedure, and where
    the due date was moved by the first one and what was waited."""

    checked: int
    told: int
    counted: int
    only_told: int
    only_counted: int


@dataclass(frozen=True, slots=True)
class Quality:
    """An agency's meter. `late`: how late news arrived in thirty days, None where no batch tells; `longest_gap`: the
    longest time in these days without a batch. `rejected`: rows by (reason, field); `unmapped`: rows that wait, by
    reason; `early`: rows that wait for their dossier. `silent`: dossiers open a fortnight and more past their date,
    and `open`: of so many."""

    batches: int
    rows: int
    accepted: int
    late: Lateness | None
    longest_gap: timedelta | None
    rejected: dict[tuple[str, str], int]
    unmapped: dict[str, int]
    early: int
    silent: int
    open: int
    compared: Compared


def existing(on: date) -> list[AgencyLine]:
    """The agencies that there were on a day, by their Vietnamese names."""
    rows = session.execute(select(*(_agency.c[name] for name in AgencyLine._fields)).where(
        or_(_agency.c.valid_from.is_(None), _agency.c.valid_from <= on),
        or_(_agency.c.valid_to.is_(None), _agency.c.valid_to >= on)))
    return sorted((AgencyLine(*row) for row in rows), key=lambda line: name_key(line.name))


def activity(on: date, agencies: Collection[AgencyLine]) -> dict[int, Activity]:
    """What was seen of these agencies up to the end of a day, by the agency's id."""
    until = _start(on + timedelta(days=1))
    ids = [line.id for line in agencies]
    found = {id_: Activity(last_at=at) for id_, at in _last_arrivals(ids, until).items()}
    recent = (select(_batch.c.agency_id, func.sum(_batch.c.rows), func.sum(_batch.c.rejected))
              .where(_batch.c.agency_id.in_(ids), _batch.c.at < until, _batch.c.at >= until - timedelta(days=THIRTY),
                     _pushed).group_by(_batch.c.agency_id))
    for id_, rows, rejected in session.execute(recent):
        found[id_] = replace(found[id_], rows=int(rows), rejected=int(rejected))
    months = months_back(month_of(on), YEAR)
    offered, told = catalogue.directory().online, _told_sectors(ids, months)
    for line in agencies:
        by_sector, sectors = offered.get(line.key, Counter()), told.get(line.id, set())
        found[line.id] = replace(found[line.id], offered=by_sector.total(), dossiers=bool(sectors),
                                 told=sum(by_sector[sector] for sector in sectors))
    return found


def meter(agency: AgencyLine, today: date) -> Quality:
    """The meter of one agency, over the last thirty days and as it stands now."""
    since = clock.now() - timedelta(days=THIRTY)
    batches = session.execute(
        select(_batch.c.at, _batch.c.rows, _batch.c.accepted, _batch.c.delay_p50_s, _batch.c.delay_p90_s)
        .where(_batch.c.agency_id == agency.id, _batch.c.at >= since, _pushed).order_by(_batch.c.at)).all()
    moments = [row.at for row in batches]
    gaps = [b - a for a, b in pairwise([since, *moments, clock.now()])] if moments else []
    late = lateness.together(Timed(row.accepted, row.delay_p50_s, row.delay_p90_s) for row in batches
                             if row.delay_p50_s is not None and row.delay_p90_s is not None)
    waiting = _waiting(agency.id)
    silent, still_open = _silent(agency.id, today)
    return Quality(len(batches), sum(row.rows for row in batches), sum(row.accepted for row in batches), late,
                   max(gaps, default=None), _rejected(agency.id, since),
                   {reason: n for reason, n in waiting.items() if reason != DOSSIER_UNKNOWN},
                   waiting.get(DOSSIER_UNKNOWN, 0), silent, still_open, _counted_again(agency))


def _last_arrivals(ids: Collection[int], until: datetime) -> dict[int, datetime | None]:
    """When the last batch came before a moment. Of agencies without one lately: or the last dossier handed in here
    in the thirty days before. Dossiers told of by batches are no sign of life on the day of which they tell."""
    b = select(func.max(_batch.c.at)).where(
        _batch.c.agency_id == _agency.c.id, _batch.c.at < until, _pushed).scalar_subquery()
    found = {row[0]: row[1] for row in session.execute(select(_agency.c.id, b).where(_agency.c.id.in_(ids)))}
    quiet = [id_ for id_, at in found.items() if at is None or at < until - timedelta(days=2)]
    here = select(func.max(_record.c.submitted_at)).where(
        _record.c.agency_id == _agency.c.id, _record.c.source == "portal", _record.c.submitted_at < until,
        _record.c.submitted_at >= until - timedelta(days=THIRTY)).scalar_subquery()
    for id_, at in session.execute(select(_agency.c.id, here).where(_agency.c.id.in_(quiet))):
        found[id_] = max(filter(None, (found[id_], at)), default=None)
    return found


def _told_sectors(ids: Collection[int], months: list[date]) -> dict[int, set[str]]:
    """By the agency's id: the sectors of which it published dossiers of these months. For each agency and sector one
    look at a place of the key, however many counters there are; a mere EXISTS would be made a walk through them all."""
    counted = select(_side.c.submitted).where(
        _side.c.side == "sector", _side.c.value == cast(Sector.id, String), _side.c.agency_id == _agency.c.id,
        _side.c.month.between(months[-1], months[0]), _side.c.submitted > 0).limit(1).scalar_subquery()
    told: dict[int, set[str]] = defaultdict(set)
    for agency_id, sector in session.execute(
            select(_agency.c.id, Sector.id).select_from(_agency).join(Sector, true())
            .where(_agency.c.id.in_(ids), counted > 0)):
        told[agency_id].add(str(sector))
    return told


def _rejected(agency_id: int, since: datetime) -> dict[tuple[str, str], int]:
    rejection: Any = ProgressRejection.__table__
    rows = session.execute(
        select(rejection.c.reason, rejection.c.field, func.sum(rejection.c.n))
        .join(_batch, _batch.c.id == rejection.c.batch_id)
        .where(_batch.c.agency_id == agency_id, _batch.c.at >= since, _pushed)
        .group_by(rejection.c.reason, rejection.c.field))
    return dict(sorted((((reason, field), int(n)) for reason, field, n in rows), key=lambda item: -item[1]))


def _waiting(agency_id: int) -> dict[str, int]:
    waiting: Any = ProgressQuarantine.__table__
    rows = session.execute(select(waiting.c.reason, func.count()).where(
        waiting.c.agency_id == agency_id, waiting.c.replayed_at.is_(None)).group_by(waiting.c.reason))
    return {row[0]: row[1] for row in rows}


def _silent(agency_id: int, today: date) -> tuple[int, int]:
    is_open: Any = ProgressOpen.__table__
    past = func.sum(is_open.c.n).filter(is_open.c.paused.is_(False),
                                        is_open.c.due_on < today - timedelta(days=SILENT_DAYS))
    row = session.execute(select(func.coalesce(past, 0), func.coalesce(func.sum(is_open.c.n), 0)).where(
        is_open.c.agency_id == agency_id)).one()
    return int(row[0]), int(row[1])


def _counted_again(agency: AgencyLine) -> Compared:
    """An agency tells moments and no rate: by the due date and the end that it told, and by what is counted here, some
    dossiers are in time by one and late by the other."""
    d, calendar = catalogue.directory(), catalogue.calendar()
    now = clock.now()
    names = ("id", "procedure_code", "received_at", "due_at", "finished_at", "first_due_at", "status", "source")
    newest = (select(*(_record.c[name] for name in names))
              .where(_record.c.agency_id == agency.id,
                     _record.c.submitted_at < now - timedelta(days=SETTLED_AFTER_DAYS))
              .order_by(_record.c.submitted_at.desc()).limit(NEWEST).subquery())
    rows = session.execute(select(*newest.c).where(
        newest.c.status.in_(sorted(DONE)), newest.c.source != "portal", newest.c.received_at.is_not(None),
        newest.c.finished_at.is_not(None), newest.c.due_at.is_not(None),
        func.coalesce(newest.c.first_due_at, newest.c.due_at) < now).limit(SAMPLE)).all()
    firsts = _first_dates({row.id: row.finished_at for row in rows if _moved(row)}, calendar)
    answers: Counter[tuple[bool, bool]] = Counter()
    for row in rows:
        terms = _terms(d, agency.key, row.procedure_code)
        due = firsts.get(row.id) if _moved(row) else _due(row.received_at, terms, calendar) if terms else None
        if due is not None:
            answers[row.finished_at <= row.due_at, row.finished_at <= due] += 1
    both, only_told, only_counted = answers[True, True], answers[True, False], answers[False, True]
    return Compared(answers.total(), both + only_told, both + only_counted, only_told, only_counted)


def _moved(row: Any) -> bool:
    return row.first_due_at is not None and row.first_due_at != row.due_at


def _first_dates(finished: Mapping[int, datetime], calendar: Calendar) -> dict[int, datetime]:
    """By the id of finished records: the first due date, moved by corrections and by what was waited alone."""
    dates: dict[int, datetime] = {}
    stopped: dict[int, datetime] = {}
    names = ("record_id", "status", "at", "due_at", "correction")
    for of, status, at, due_at, correction in session.execute(
            select(*(_step.c[name] for name in names)).where(_step.c.record_id.in_(finished))
            .order_by(_step.c.record_id, _step.c.position)):
        if at > finished[of]:
            continue
        if of in stopped and status not in STOPS_CLOCK:
            with suppress(CalendarEnds):
                dates[of] = resume(stopped.pop(of), dates[of], at, calendar)
        if due_at is not None and (correction or of not in dates):
            dates[of] = due_at
        if of in dates and status in STOPS_CLOCK:
            stopped.setdefault(of, at)
    return dates


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
