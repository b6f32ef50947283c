"""Whether an agency issued a plan, and handed in a report."""
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from portal.kit.db import session
from portal.kit.i18n import say
from portal.kit.text import N_
from portal.oversight import periods
from portal.oversight.models import ActionPlan, Report, ReportPeriod, ReportTemplate
from portal.oversight.probes.seen import Asked, Choices, Probe, Seen, Want, cannot
from portal.oversight.reporting import REPORT_WORDS, ReportState

#: What counts as handed in, and what as approved.
REACHED: Mapping[str, frozenset[str]] = {
    "submitted": frozenset({ReportState.submitted, ReportState.approved}),
    "approved": frozenset({ReportState.approved})}


def _plan_issued(asked: Asked) -> dict[int, Seen]:
    """A plan for the programme is registered here, issued by that day and not withdrawn: the newest is named."""
    plans = session.scalars(select(ActionPlan).where(
        ActionPlan.programme == asked.wanted["programme"], ActionPlan.issued_on <= asked.day,
        ActionPlan.withdrawn_at.is_(None)).order_by(ActionPlan.issued_on, ActionPlan.id))
    newest = {plan.agency_id: plan for plan in plans}
    return {one.id: Seen(one.id in newest, _of_plan(newest.get(one.id))) for one in asked.agencies}


def _of_plan(plan: ActionPlan | None) -> dict[str, Any]:
    return {"plan": plan.number, "issued": plan.issued_on.isoformat()} if plan else {"plan": None}


def _delivered(asked: Asked) -> dict[int, Seen]:
    """The report of a template and period is submitted, or approved: of the period that was named, else of the task's
    own."""
    period = asked.wanted["period"] or asked.period
    if not period:
        return cannot("no_period", asked.agencies)
    opened = session.scalar(select(ReportPeriod).where(
        ReportPeriod.template_key == asked.wanted["template"], ReportPeriod.period == period))
    if opened is None:
        return cannot("not_opened", asked.agencies)
    rows = session.execute(select(Report.agency_id, Report.state, Report.submitted_at).where(
        Report.period_id == opened.id))
    stands = {agency_id: (state, at) for agency_id, state, at in rows}
    reached = REACHED[asked.wanted["state"]]
    return {one.id: _of_report(period, *stands[one.id], reached) if one.id in stands
            else Seen(None, {"why": "owes_none"}) for one in asked.agencies}


def _of_report(period: str, state: str, submitted: datetime | None, reached: frozenset[str]) -> Seen:
    return Seen(state in reached, {"period": period, "report": state,
                                   "submitted": submitted.isoformat() if submitted else None})


def _templates() -> Choices:
    rows = session.execute(select(ReportTemplate.key, ReportTemplate.title).order_by(
        ReportTemplate.key, ReportTemplate.version))
    return tuple({key: say(title) for key, title in rows}.items())


def _states() -> Choices:
    return tuple((key, REPORT_WORDS[ReportState(key)]) for key in REACHED)


def _wrong_period(text: str) -> str:
    try:
        periods.days_of(text)
    except ValueError:
        return N_("Write a period as 2026, 2026-Q4 or 2026-11")
    return ""


PROBES = {
    "plan_issued": Probe(N_("A plan is issued"), _plan_issued, {
        "programme": Want(N_("For the programme"), "text", most=60,
                          help=N_("As plans are registered under, for example 36a/NQ-CP"))}),
    "report_delivered": Probe(N_("A report is delivered"), _delivered, {
        "template": Want(N_("Report"), "choice", choices=_templates),
        "period": Want(N_("Period"), "text", "", most=8, check=_wrong_period,
                       help=N_("2026, 2026-Q4 or 2026-11. Leave it empty where the task comes again: then it is the "
                               "period of the task.")),
        "state": Want(N_("It must be"), "choice", "submitted", choices=_states)}),
}
