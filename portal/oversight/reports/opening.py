"""Opening a period of a template: who owes a report of it gets one, once. Actions flush, the edge commits.

Two who open the same period in the same moment open one; an agency that came too late for the list is added. A period
keeps the version of the template that it was opened with, whatever version comes after.
"""
from collections.abc import Collection, Iterable
from datetime import date

from sqlalchemy import or_, select

from portal.kit import clock
from portal.kit.db import session
from portal.kit.upsert import insert
from portal.oversight.models import Report, ReportEvent, ReportPeriod, ReportTemplate
from portal.oversight.periods import days_of, due_by, every_of
from portal.oversight.reporting import NAMED, ReportCode, ReportState
from portal.people.models import Agency, AgencyKind, Person


class WrongPeriod(ValueError):
    """The template does not come at such periods."""


class NobodyOwes(ValueError):
    """No agency of those existed then."""


def open_period(template: ReportTemplate, period: str, *, due_on: date | None = None,
                agencies: Collection[Agency] | None = None, by: Person | None, goes_on: bool | None = None,
                ) -> ReportPeriod:
    """Open a period for who owes the template's reports, or for the agencies that are named. One that is open already
    stays as it was (its version, its day), but for agencies that had no report of it. `due_on`: instead of the day by
    the template's rule. `goes_on`: whether the period after it opens by itself; None: as it is. Raises WrongPeriod,
    NobodyOwes."""
    first, last = days_of(period)
    if every_of(period) != template.every:
        raise WrongPeriod(period)
    owing = list(agencies) if agencies is not None else owing_on(template.owes, last)
    if not owing:
        raise NobodyOwes(period)
    session.execute(insert(ReportPeriod).values(
        template_id=template.id, template_key=template.key, period=period, first_day=first, last_day=last,
        due_on=due_on or due_by(template.definition.get("due"), period), goes_on=bool(goes_on),
        owes=NAMED if agencies is not None else template.owes, opened_at=clock.now(),
        opened_by_id=by.id if by else None,
    ).on_conflict_do_nothing(index_elements=["template_key", "period"]))
    opened = session.scalars(select(ReportPeriod).where(
        ReportPeriod.template_key == template.key, ReportPeriod.period == period).with_for_update()).one()
    if goes_on is not None:
        opened.goes_on = goes_on
    add(opened, owing, by=by)
    return opened


def add(period: ReportPeriod, agencies: Iterable[Agency], *, by: Person | None) -> list[Report]:
    """Let these agencies owe a report of the period too; those that have one keep it. Returns the new ones."""
    now = clock.now()
    rows = [{"period_id": period.id, "agency_id": one.id, "state": str(ReportState.owed), "answers": {}, "known": {},
             "reasons": {}, "notes": {}, "changed_at": now, "version": 1} for one in agencies]
    made = session.scalars(insert(Report).values(rows).on_conflict_do_nothing(
        index_elements=["period_id", "agency_id"]).returning(Report.id)).all() if rows else []
    session.add_all(ReportEvent(report_id=id_, code=ReportCode.opened, at=now, by_id=by.id if by else None,
                                by_name=by.name if by else None) for id_ in sorted(made))
    session.flush()
    return list(session.scalars(select(Report).where(Report.id.in_(made)).order_by(Report.id)))


def owing_on(owes: str, day: date) -> list[Agency]:
    """The agencies of the group that existed on a day. `owes`: all, central, provinces."""
    wanted = select(Agency).where(or_(Agency.valid_from.is_(None), Agency.valid_from <= day),
                                  or_(Agency.valid_to.is_(None), Agency.valid_to >= day))
    if owes == "provinces":
        wanted = wanted.where(Agency.kind == AgencyKind.province)
    elif owes == "central":
        wanted = wanted.where(Agency.kind != AgencyKind.province)
    return list(session.scalars(wanted.order_by(Agency.id)))


def go_on(period: ReportPeriod, goes_on: bool) -> None:
    """Whether the portal opens the period after it by itself."""
    session.refresh(period, with_for_update={"of": ReportPeriod})
    period.goes_on = goes_on
    session.flush()
