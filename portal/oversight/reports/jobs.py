"""What a clock does to reports of agencies: the next period opens, and who owes is reminded."""
from sqlalchemy import select

from portal.kit import clock, jobs
from portal.kit.db import session
from portal.kit.jobs import Lane
from portal.oversight.models import Report, ReportPeriod, ReportTemplate
from portal.oversight.periods import after, days_of
from portal.oversight.reporting import NAMED
from portal.oversight.reports import deliveries, opening, reminding
from portal.people.models import Agency


@jobs.nightly("00:25")
@jobs.job(Lane.quick)
def open_next_periods() -> None:
    """The period after the newest one of each template, where whoever opened that one said so: with the newest version
    of the template, for the same group or the same agencies, as far as they exist. Those that were missed come too."""
    today = clock.today()
    for template in deliveries.newest_templates():
        newest = _newest(template.key)
        while newest is not None and newest.goes_on and days_of(after(newest.period))[0] <= today:
            newest = _open_after(newest, template)


def _newest(key: str) -> ReportPeriod | None:
    return session.scalar(select(ReportPeriod).where(ReportPeriod.template_key == key).order_by(
        ReportPeriod.last_day.desc()).limit(1))


def _open_after(period: ReportPeriod, template: ReportTemplate) -> ReportPeriod | None:
    """None where nobody is left who would owe it, or the newest version comes at other periods."""
    following = after(period.period)
    try:
        return opening.open_period(template, following, by=None, goes_on=True,
                                   agencies=_same(period, following) if period.owes == NAMED else None)
    except (opening.WrongPeriod, opening.NobodyOwes):
        return None


def _same(period: ReportPeriod, following: str) -> list[Agency]:
    """Those that owed a report of the period before and still exist on the last day of this one."""
    last = days_of(following)[1]
    agencies = session.scalars(select(Agency).join(Report, Report.agency_id == Agency.id).where(
        Report.period_id == period.id).order_by(Agency.id))
    return [one for one in agencies if one.valid_to is None or one.valid_to >= last]


@jobs.nightly("07:40")
@jobs.job(Lane.quick)
def remind_of_reports() -> None:
    """One job for each period whose reports are due soon or late, so that one that fails holds up no other."""
    today = clock.today()
    for one in deliveries.periods_due(today, reminding.SOON[0], reminding.LOOKS_BACK):
        jobs.put("oversight.reports.remind_period", unique=str(one), period_id=one)


@jobs.job(Lane.quick)
def remind_period(period_id: int) -> None:
    """Remind those of one period whose turn it is."""
    period = deliveries.period(period_id)
    if period is not None:
        reminding.remind(period, by=None)
