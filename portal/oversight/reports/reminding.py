"""Reminding who owes a report: soon, on its day, and while it is late; by a notice to who may write it or hand it in.

Nobody is reminded twice on one day, whoever asks for it.
"""
from collections.abc import Collection
from datetime import date

from portal.kit import clock
from portal.kit.clock import day_of
from portal.kit.db import session
from portal.notices import actions as notices
from portal.oversight.models import ReportEvent, ReportPeriod
from portal.oversight.periods import called
from portal.oversight.reporting import ReportCode, ReportState
from portal.oversight.reports.deliveries import Delivery, of_period
from portal.people.models import Person
from portal.people.permissions import PERMISSIONS, Place, Role

#: Days before the due day on which the portal reminds by itself; after it: the first day, then every so many.
SOON = (7, 2, 0)
LATE_EVERY = 7
#: What was late for longer is left to people.
LOOKS_BACK = 60
WHO = tuple(role for role in Role if PERMISSIONS[role] & {"report.write", "report.submit"})


def stage(due_on: date, day: date) -> int:
    """How many of the portal's own reminders are behind by a day. Pure."""
    left = (due_on - day).days
    if left >= 0:
        return sum(left <= before for before in SOON)
    return len(SOON) + 1 + (-left - 1) // LATE_EVERY


def waits_for(one: Delivery, today: date) -> bool:
    """Whether the portal reminds this agency today: a stage has begun since it was reminded, or since nobody was."""
    now = stage(one.due_on, today)
    if one.delivered or not now or (today - one.due_on).days > LOOKS_BACK:
        return False
    if one.reminded_at is None:
        return True
    reminded = day_of(one.reminded_at)
    return reminded < today and stage(one.due_on, reminded) < now


def remind(period: ReportPeriod, *, by: Person | None, only: Collection[int] | None = None) -> list[Delivery]:
    """Remind those who have not delivered: all who are late where a person asks (`only`: these reports of them), those
    whose turn it is where the portal does. Returns who was reminded now."""
    session.refresh(period, with_for_update={"of": ReportPeriod})  # of two who press at once, the second finds nobody
    today = clock.today()
    found = [one for one in of_period(period, today) if (only is None or one.report_id in only) and (
        waits_for(one, today) if by is None else one.is_late(today) and not _reminded_on(one, today))]
    for one in found:
        session.add(ReportEvent(report_id=one.report_id, code=ReportCode.reminded, at=clock.now(),
                                by_id=by.id if by else None, by_name=by.name if by else None,
                                facts={"days_late": one.days_late(today)}))
        _tell(period, one, today)
    session.flush()
    return found


def _reminded_on(one: Delivery, today: date) -> bool:
    return one.reminded_at is not None and day_of(one.reminded_at) == today


def _tell(period: ReportPeriod, one: Delivery, today: date) -> None:
    for role in WHO:
        notices.tell_role(role, Place(one.agency_id), "report_owed", f"/government/oversight/reports/{one.report_id}",
                          title=period.template.title, period=called(period.period), due=period.due_on, agency=one.name,
                          late=one.days_late(today), returned=one.state == ReportState.returned)
