"""Reading reports. Who may see which is the callers' question."""
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import contains_eager, joinedload, load_only

from portal.files import queries as attachments
from portal.files.models import Attachment, Owner
from portal.kit.db import session
from portal.oversight.models import Report, ReportEvent, ReportPeriod, ReportTemplate
from portal.oversight.periods import before
from portal.oversight.reporting import ReportCode, ReportState
from portal.oversight.reports import checking, templates
from portal.oversight.reports.check_parts import Check
from portal.oversight.reports.checking import Beside, Finding, Other
from portal.oversight.reports.templates import Template
from portal.people.models import Agency, AgencyKind

PAGE = 40
SAID = (ReportState.submitted, ReportState.approved)  # what an agency says until it takes it back


def report(report_id: int) -> Report | None:
    """One report with its period, template and agency."""
    return session.scalar(select(Report).where(Report.id == report_id).options(
        joinedload(Report.agency), joinedload(Report.period).joinedload(ReportPeriod.template)))


def of_agencies(agency_ids: Collection[int] | None, states: Collection[str] = (), before_id: int | None = None,
                size: int = PAGE) -> Sequence[Report]:
    """The reports of these agencies (None: of all), those of the newest period opened first."""
    wanted = select(Report)
    if agency_ids is not None:
        wanted = wanted.where(Report.agency_id.in_(agency_ids))
    if states:
        wanted = wanted.where(Report.state.in_([str(one) for one in states]))
    if before_id is not None:
        wanted = wanted.where(Report.id < before_id)
    return session.scalars(wanted.join(Report.agency).join(Report.period).join(ReportPeriod.template).options(
        load_only(Report.state, Report.agency_id, Report.submitted_at, Report.approved_at, Report.changed_at),
        contains_eager(Report.agency), contains_eager(Report.period).contains_eager(ReportPeriod.template).load_only(
            ReportTemplate.key, ReportTemplate.title)).order_by(Report.id.desc()).limit(size)).all()


def template_of(report: Report) -> Template:
    """What it asks, by the version that its period was opened with."""
    return templates.kept(report.period.template.digest, report.period.template.definition)


def events(report_id: int) -> Sequence[ReportEvent]:
    """What happened to a report, the oldest first."""
    return session.scalars(select(ReportEvent).where(ReportEvent.report_id == report_id).order_by(
        ReportEvent.id)).all()


def previous(report: Report) -> Report | None:
    """What the agency said for the period before: submitted or approved."""
    return session.scalar(select(Report).join(Report.period).where(
        Report.agency_id == report.agency_id, Report.state.in_([str(one) for one in SAID]),
        ReportPeriod.template_key == report.period.template_key,
        ReportPeriod.period == before(report.period.period)).options(
        contains_eager(Report.period).joinedload(ReportPeriod.template)))


def beside(report: Report, template: Template, previous: Report | None) -> Beside:
    """What the report is held against: that of the period before, and what other reports say."""
    return Beside(template.values(previous.answers) if previous else None, before(report.period.period),
                  {one.key: _others(report, one) for one in template.checks if one.kind == "agrees"})


def findings(report: Report, template: Template | None = None) -> list[Finding]:
    """What its cross-checks find now."""
    read = template or template_of(report)
    return checking.check(read.checks, read.values(report.answers), beside(report, read, previous(report)),
                          report.notes)


def _others(report: Report, check: Check) -> list[Other]:
    """What other reports of the same days say, one by one for the agency's own, as a sum for those of a group."""
    wanted = select(Report).join(Report.period).join(Report.agency).where(
        ReportPeriod.template_key == check.given["template"], ReportPeriod.first_day == report.period.first_day,
        ReportPeriod.last_day == report.period.last_day, Report.id != report.id)
    of = check.given.get("of", "own")
    if of == "own":
        found = session.scalars(wanted.where(
            Report.agency_id == report.agency_id, Report.state != str(ReportState.owed)).options(
            contains_eager(Report.agency), contains_eager(Report.period).joinedload(ReportPeriod.template))).all()
        return [Other(f"{one.period.template.title['vi']}, {one.period.period}", value) for one in found
                if (value := number(one.answers, check.given["with"])) is not None]
    if of != "all":
        wanted = wanted.where((Agency.kind == AgencyKind.province) == (of == "provinces"))
    rows = session.scalars(wanted.where(Report.state.in_([str(one) for one in SAID])).options(
        load_only(Report.answers))).all()
    said = [value for row in rows if (value := number(row.answers, check.given["with"])) is not None]
    return [Other(f"{check.given['template']}, {report.period.period} ({len(said)})", sum(said))] if said else []


def number(answers: Mapping[str, Any], field: str) -> int | None:
    """What an answer counts: a number, 1 or 0 for yes and no, of a column the sum of what is there; else None."""
    name, _dot, column = field.partition(".")
    answer = answers.get(name)
    if not column:
        return int(answer) if isinstance(answer, int) else None
    rows = [row.get(column) for row in answer if isinstance(row, Mapping)] if isinstance(answer, list) else []
    numbers = [one for one in rows if isinstance(one, int) and not isinstance(one, bool)]
    return sum(numbers) if numbers else None


def value(template_key: str, period: str, agency_id: int, field: str) -> tuple[int, Report] | None:
    """What an agency's approved report says of a field ("key" or "table.column"); while one that was approved is open
    again, what was approved last."""
    found = session.scalar(select(Report).join(Report.period).where(
        ReportPeriod.template_key == template_key, ReportPeriod.period == period, Report.agency_id == agency_id,
        Report.approved_at.isnot(None)))
    if found is None:
        return None
    said = number(found.answers if found.state == ReportState.approved else _approved(found.id), field)
    return None if said is None else (said, found)


def _approved(report_id: int) -> Mapping[str, Any]:
    newest = session.scalar(select(ReportEvent).where(
        ReportEvent.report_id == report_id, ReportEvent.code == ReportCode.approved).order_by(
        ReportEvent.id.desc()).limit(1))
    answers: Mapping[str, Any] = newest.facts.get("answers", {}) if newest else {}
    return answers


def times_approved(report_id: int) -> int:
    """How often it was approved."""
    return len(session.scalars(select(ReportEvent.id).where(and_(
        ReportEvent.report_id == report_id, ReportEvent.code == ReportCode.approved))).all())


def owner(report: Report) -> Owner:
    """Whose the files of a report are."""
    return Owner("report", report.id)


def files(report: Report) -> list[Attachment]:
    """What is attached to a report."""
    return attachments.attachments_of(owner(report))
