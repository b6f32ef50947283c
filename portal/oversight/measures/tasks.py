"""Tasks of the Government, reports and plans: what was asked of an agency, and what it delivered.

Public tasks that it answers for, as oversight.tallies counts them, on any day: as given by then and confirmed by then.
"""
from collections.abc import Collection
from datetime import date, datetime, time
from typing import Any, NamedTuple

from sqlalchemy import and_, case, func, or_, select

from portal.kit import clock
from portal.kit.db import session
from portal.kit.hot import bulk
from portal.oversight.measures.known import DAY, Known, Look, cannot, existed, iso
from portal.oversight.models import ActionPlan, Assignment, Report, ReportPeriod
from portal.people.models import Agency

PROGRAMME = "36a/NQ-CP"


class Tasks(NamedTuple):
    """Of an agency, by the end of a day."""

    given: int
    done_in_time: int
    done_late: int
    open_late: int

    @property
    def done(self) -> int:
        return self.done_in_time + self.done_late


def of_tasks(name: str, of: str | None = "given") -> Look:
    """The count of this name (a field of Tasks), out of another."""
    def look(agencies: Collection[Agency], _first: date, last: date) -> dict[int, Known]:
        found = tasks(agencies, last)
        return {one.id: Known(getattr(found[one.id], name), getattr(found[one.id], of) if of else None,
                              found[one.id]._asdict()) if one.id in found else cannot("no_tasks") for one in agencies}
    return look


def tasks(agencies: Collection[Agency], day: date) -> dict[int, Tasks]:
    """By the id of each agency that had any by the end of this day."""
    done = Assignment.done_on <= day
    late = and_(Assignment.due_on.is_not(None), Assignment.done_on > Assignment.due_on)
    still = or_(Assignment.done_on.is_(None), Assignment.done_on > day)
    sums: list[Any] = [func.sum(case((each, 1), else_=0)) for each in (
        and_(done, ~func.coalesce(late, False)), and_(done, late), and_(still, Assignment.due_on < day))]
    rows = session.execute(
        select(Assignment.agency_id, func.count(), *sums)
        .where(bulk.among(Assignment.agency_id, [one.id for one in agencies]), Assignment.lead, Assignment.public,
               Assignment.assigned_at < datetime.combine(day + DAY, time.min, clock.VN))
        .group_by(Assignment.agency_id))
    return {id_: Tasks(int(given), *map(int, counts)) for id_, given, *counts in rows}


def reports(name: str) -> Look:
    """Of the reports that were due in this time: submitted by their day, after it, or not at all."""
    def look(agencies: Collection[Agency], first: date, last: date) -> dict[int, Known]:
        found = _reports(agencies, first, min(last, clock.today()))
        return {one.id: Known(found[one.id][name], sum(found[one.id].values()), found[one.id]) if one.id in found
                else cannot("none_due") for one in agencies}
    return look


def plan(agencies: Collection[Agency], _first: date, last: date) -> dict[int, Known]:
    """It has issued a plan for Resolution 36a by the last day."""
    rows = session.execute(select(ActionPlan.agency_id, func.min(ActionPlan.issued_on)).where(
        ActionPlan.programme == PROGRAMME, ActionPlan.issued_on <= last,
        or_(ActionPlan.withdrawn_at.is_(None),
            ActionPlan.withdrawn_at >= datetime.combine(last + DAY, time.min, clock.VN)))
        .group_by(ActionPlan.agency_id))
    issued = dict(rows.all())
    return {one.id: Known(int(one.id in issued), facts={"issued": iso(issued.get(one.id))}) if existed(one, last, last)
            else cannot("no_such_agency") for one in agencies}


def _reports(agencies: Collection[Agency], first: date, last: date) -> dict[int, dict[str, int]]:
    rows = session.execute(select(Report.agency_id, Report.submitted_at, ReportPeriod.due_on).join(
        ReportPeriod, ReportPeriod.id == Report.period_id).where(
        ReportPeriod.due_on.between(first, last), bulk.among(Report.agency_id, [one.id for one in agencies])))
    found: dict[int, dict[str, int]] = {}
    for agency_id, submitted_at, due_on in rows:
        counts = found.setdefault(agency_id, {"on_time": 0, "late": 0, "missing": 0})
        submitted_on = clock.day_of(submitted_at) if submitted_at else None
        counts["missing" if submitted_on is None else "on_time" if submitted_on <= due_on else "late"] += 1
    return found
