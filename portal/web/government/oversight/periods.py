"""Periods of reports, for who watches them: opened for those who owe a report, and who has delivered, is late, has
none."""
from datetime import date
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for

from portal.kit import clock
from portal.kit.db import transaction
from portal.kit.i18n import _, _l, ngettext
from portal.oversight.models import ReportPeriod, ReportTemplate
from portal.oversight.periods import called
from portal.oversight.reporting import OWES_WORDS, REPORT_LOOKS, REPORT_WORDS
from portal.oversight.reports import deliveries, opening, reminding
from portal.oversight.reports.deliveries import Counts, Delivery
from portal.people import queries as people
from portal.web.government import bp
from portal.web.government.oversight.directive_forms import Given
from portal.web.government.oversight.period_forms import Adds, Opens, problem
from portal.web.guard import fresh_to_change, me, permission
from portal.web.paging import around

UNPROCESSABLE = 422
HIGHEST = 2**31 - 1
ONE = f"/oversight/periods/<int(max={HIGHEST}):period_id>"
#: What can be shown alone, in this order: (key, words, which deliveries).
SHOWS = (("", _l("All")), ("late", _l("Late")), ("none", _l("Has none")), ("returned", _l("Returned")),
         ("submitted", _l("Submitted")), ("approved", _l("Approved")))


@bp.get("/oversight/periods")
@permission("report.watch")
def report_periods() -> Any:
    """Every period that was opened, with its numbers; and the templates of which one can be opened."""
    rows = deliveries.periods(deliveries.after_of(request.args.get("after", "")))
    return render_template(
        "government/oversight/periods.html", periods=rows, counts=deliveries.counts(rows, clock.today()),
        none=Counts(), templates=deliveries.newest_templates(), today=clock.today(), called=called,
        pages=around("after", deliveries.further(rows)))


@bp.route("/oversight/periods/new", methods=["GET", "POST"])
@permission("report.watch")
@fresh_to_change
def open_report_period() -> Any:
    """Open a period of one template."""
    template = deliveries.template(request.args.get("template", "")) or abort(404)
    form = Opens()
    form.offer(template)
    if form.validate_on_submit() and not form.named.errors:
        named = form.agencies(people.current_agencies())
        if not form.errors:
            return _open(template, form, named)
    return _opening(template, form)


def _open(template: ReportTemplate, form: Opens, named: Any) -> Any:
    try:
        with transaction():
            opened = opening.open_period(deliveries.template(template.key, template.version) or template,
                                         form.period.data, due_on=form.due_on.data, agencies=named, by=me(),
                                         goes_on=form.goes_on.data)
            period_id = opened.id
    except opening.NobodyOwes:
        problem(form, form.group, _("No agency of these existed in this period"))
        return _opening(template, form)
    flash(_("The period is open. Those who owe a report see it from now on."), "done")
    return redirect(url_for("government.report_period", period_id=period_id), 303)


def _opening(template: ReportTemplate, form: Opens) -> Any:
    return render_template("government/oversight/open_period.html", template=template, form=form,
                           owes=OWES_WORDS), UNPROCESSABLE if form.errors else 200


@bp.get(ONE)
@permission("report.watch")
def report_period(period_id: int) -> Any:
    """One period: how the report of every agency that owes one stands."""
    return _page(_period(period_id), Adds(formdata=None))


@bp.post(f"{ONE}/remind")
@permission("report.watch")
def remind_late_reports(period_id: int) -> Any:
    """Remind all who are late, in one act; nobody twice on one day."""
    found = _period(period_id)
    with transaction():
        reminded = len(reminding.remind(found, by=me()))
    if reminded:
        flash(ngettext("%(num)s agency was reminded.", "%(num)s agencies were reminded.", reminded), "done")
    else:
        flash(_("Nobody was reminded: nobody is late, or everybody who is was reminded today."), "still")
    return redirect(url_for("government.report_period", period_id=period_id), 303)


@bp.post(f"{ONE}/add")
@permission("report.watch")
def add_to_period(period_id: int) -> Any:
    """Further agencies owe a report of this period too."""
    found, form = _period(period_id), Adds()
    agencies = Given.named_among(people.current_agencies(), form.named) if form.validate_on_submit() else []
    if form.errors:
        return _page(found, form), UNPROCESSABLE
    with transaction():
        added = len(opening.add(found, agencies, by=me()))
    flash(ngettext("%(num)s agency was added.", "%(num)s agencies were added.", added), "done")
    return redirect(url_for("government.report_period", period_id=period_id), 303)


@bp.post(f"{ONE}/<any(goes_on, stays):act>")
@permission("report.watch")
def let_period_go_on(period_id: int, act: str) -> Any:
    """Whether the period after this one opens by itself."""
    found = _period(period_id)
    with transaction():
        opening.go_on(found, act == "goes_on")
    flash(_("The next period opens by itself when it begins.") if act == "goes_on" else
          _("The next period opens only when somebody opens it."), "done")
    return redirect(url_for("government.report_period", period_id=period_id), 303)


def _page(period: ReportPeriod, form: Adds) -> str:
    today, show = clock.today(), request.args.get("show", "")
    every = deliveries.of_period(period, today)
    return render_template(
        "government/oversight/period.html", period=period, form=form, today=today, called=called,
        counts=deliveries.counted(every, today), rows=[one for one in every if _shown(one, show, today)],
        show=show, shows=SHOWS, words=REPORT_WORDS, looks=REPORT_LOOKS, owes=OWES_WORDS)


def _shown(one: Delivery, show: str, today: date) -> bool:
    return {"late": one.is_late(today), "none": not one.delivered}.get(show, show in ("", one.state))


def _period(period_id: int) -> ReportPeriod:
    return deliveries.period(period_id) or abort(404)

