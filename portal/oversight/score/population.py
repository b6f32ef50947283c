"""The dossiers of a period as the database can judge them: one statement for all agencies, and the same one, narrowed
to a place, for the list of those that lost points. It says in SQL what judging.py says of one dossier.

Own dossiers are those handled on this portal; told ones are the public records of those that agencies' own systems
handle, which say nothing of files and name no unit.
"""
from datetime import datetime, time, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, case, func, literal, null, or_, select, true
from sqlalchemy.sql.selectable import Subquery

from portal.catalogue.models import Procedure, Service
from portal.dossiers.models import Dossier, Event, SupplementRequest
from portal.dossiers.states import FINAL, State
from portal.files.models import RESULT, Attachment, FileState, StoredFile
from portal.kit import clock
from portal.kit.db import UtcDateTime, session
from portal.law.statuses import Status
from portal.oversight.periods import days_of
from portal.oversight.score.judging import MOST_REQUESTS, ONLINE, gives_paper
from portal.progress.models import ProgressRecord, ProgressStep
from portal.progress.updates import PORTAL

#: over without a decision: the moment stands in the event alone
ENDED = tuple(state for state in FINAL if state != State.returned)
MOMENT = UtcDateTime()


class Span(NamedTuple):
    """From the first moment of a period to that of the next; `end`: when it is judged, which is now while it runs."""

    begin: datetime
    until: datetime
    end: datetime

    @property
    def running(self) -> bool:
        return self.end < self.until


def span(period: str, now: datetime) -> Span:
    """The moments of a period in Viet Nam. ValueError for what is none."""
    first, last = days_of(period)
    begin, until = (datetime.combine(day, time(), clock.VN) for day in (first, last + timedelta(days=1)))
    return Span(begin, until, min(until, now))


def own(of: Span, where: ColumnElement[bool] | None = None) -> Subquery:
    """The dossiers of this portal that were accepted in the period, each with what decides: `due` by the index, `told`
    by the decree, `fin`, `stop`, `asked`, `decided`, `file`, `papers`, `paper` (the procedure gives one)."""
    ended = select(func.max(Event.at)).where(
        Event.dossier_id == Dossier.id, Event.state == Dossier.state).correlate(Dossier).scalar_subquery()
    finish = func.coalesce(Dossier.decided_at, Dossier.returned_at,
                           case((Dossier.state.in_(ENDED), ended), else_=null()), type_=MOMENT)
    fin = case((finish <= of.end, finish), else_=null())
    asked = select(func.count(SupplementRequest.id)).where(
        SupplementRequest.dossier_id == Dossier.id, SupplementRequest.replaced_at.is_(None),
        SupplementRequest.taken_back_at.is_(None), SupplementRequest.asked_at <= of.end,
    ).correlate(Dossier).scalar_subquery()
    unfinished = or_(finish.is_(None), finish > of.end)
    made = select(
        Dossier.id.label("id"), Dossier.code.label("code"), Dossier.agency_id.label("agency_id"),
        Dossier.unit_id.label("unit_id"), Service.procedure_id.label("procedure_id"),
        Dossier.received_at.label("received_at"), Dossier.channel.label("channel"),
        func.coalesce(Dossier.index_due_at, Dossier.due_at, type_=MOMENT).label("due"),
        func.coalesce(Dossier.missed_due_at, Dossier.due_at, type_=MOMENT).label("told"), fin.label("fin"),
        case((and_(Dossier.state == State.waiting, Dossier.stopped_at <= of.end), Dossier.stopped_at),
             else_=null()).label("stop"),
        case((unfinished, asked), else_=0).label("asked"),
        case((Dossier.decided_at <= of.end, 1), else_=0).label("decided"),
        case((_files(Attachment.key == RESULT), 1), else_=0).label("file"),
        case((_files(Attachment.key != RESULT), 1), else_=0).label("papers"),
        case((Service.procedure_id.in_(without_paper()), 0), else_=1).label("paper"),
    ).join(Service, Service.id == Dossier.service_id).where(
        Dossier.state != State.draft, Dossier.received_at >= of.begin, Dossier.received_at < of.end,
        true() if where is None else where)
    return _judged(made.subquery("lived"), of)


def told(of: Span, where: ColumnElement[bool] | None = None) -> Subquery:
    """The public records of agencies' own systems that were accepted in the period, with the same columns as far as
    they say anything. Their due date is the one that the agency tells; one that passed before another was told stays.
    """
    fin = case((ProgressRecord.finished_at <= of.end, ProgressRecord.finished_at), else_=null())
    asked = select(func.count()).select_from(ProgressStep).where(
        ProgressStep.record_id == ProgressRecord.id, ProgressStep.status == int(Status.supplement),
        ProgressStep.at <= of.end).correlate(ProgressRecord).scalar_subquery()
    due = func.coalesce(ProgressRecord.missed_due_at, ProgressRecord.due_at, type_=MOMENT)
    made = select(
        ProgressRecord.id.label("id"), ProgressRecord.code.label("code"), ProgressRecord.agency_id.label("agency_id"),
        literal(None).label("unit_id"), ProgressRecord.procedure_code.label("procedure_code"),
        ProgressRecord.received_at.label("received_at"), ProgressRecord.channel.label("channel"), due.label("due"),
        due.label("told"), fin.label("fin"),
        case((ProgressRecord.stopped_at <= of.end, ProgressRecord.stopped_at), else_=null()).label("stop"),
        case((or_(ProgressRecord.finished_at.is_(None), ProgressRecord.finished_at > of.end), asked),
             else_=0).label("asked"),
    ).where(ProgressRecord.source != PORTAL, ProgressRecord.received_at >= of.begin,
            ProgressRecord.received_at < of.end, true() if where is None else where)
    return _judged(made.subquery("told_lived"), of)


def _judged(lived: Subquery, of: Span) -> Subquery:
    """The same rows with `late` and `decree_late`: 1, 0, or NULL where there is no date to compare with."""
    column = lived.c
    at = func.coalesce(column.fin, column.stop, literal(of.end, MOMENT), type_=MOMENT)
    again = and_(column.fin.is_(None), column.asked > MOST_REQUESTS)
    return select(
        *lived.c, at.label("judged_at"),
        case((again, 1), (column.due.is_(None), null()), (at > column.due, 1), else_=0).label("late"),
        case((again, 1), else_=0).label("again"),
        case((column.told.is_(None), null()), (at > column.told, 1), else_=0).label("decree_late"),
    ).subquery(f"judged_{lived.name}")


def _files(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether the dossier has such a file that counts."""
    return select(Attachment.id).join(StoredFile, StoredFile.id == Attachment.file_id).where(
        StoredFile.owner_kind == "dossier", StoredFile.owner_id == Dossier.id, Attachment.replaced_at.is_(None),
        StoredFile.state != FileState.refused, condition).correlate(Dossier).exists()


def without_paper() -> list[int]:
    """The procedures whose result is no paper: few, by the words of their records."""
    rows = session.execute(select(Procedure.id, Procedure.result_codes, Procedure.result).where(
        Procedure.result.isnot(None)))
    return [id_ for id_, codes, result in rows if not gives_paper(codes, result)]


def online_of(judged: Subquery) -> ColumnElement[bool]:
    """That a dossier of `own` counts as handed in online."""
    return and_(judged.c.channel == ONLINE, or_(judged.c.paper == 0, judged.c.file == 1))


def count(condition: Any) -> ColumnElement[int]:
    """How many rows meet a condition."""
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

