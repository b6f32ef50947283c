"""Plans of agencies on the desk: registered by who speaks for the agency, and seen by who watches."""
from typing import Any

from flask import Response, abort, flash, redirect, render_template, request, url_for

from portal.files.models import Attachment
from portal.kit import clock, files
from portal.kit.db import transaction
from portal.kit.i18n import _
from portal.oversight import plans
from portal.oversight.models import ActionPlan
from portal.people import permissions as roles
from portal.people import queries as people
from portal.people.models import Agency
from portal.people.permissions import Place
from portal.web.files import refusal_words, send
from portal.web.government import bp
from portal.web.government.compose import prove
from portal.web.government.oversight.period_forms import Registers, Withdraws, problem
from portal.web.guard import me, permission

UNPROCESSABLE, CONFLICT = 422, 409
HIGHEST = 2**31 - 1
ONE = f"/oversight/plans/<int(max={HIGHEST}):plan_id>"


@bp.get("/oversight/plans")
@permission("plan.register", "report.watch")
def agency_plans() -> Any:
    """An agency's plans, those withdrawn too."""
    registers = _mine()
    shown = people.current_agencies() if roles.may(me(), "report.watch") else registers
    key = request.args.get("agency", "")
    agency = next((one for one in shown if one.key == key), None) or next(iter(shown), None) or abort(404)
    return render_template("government/oversight/plans.html", agency=agency, agencies=shown,
                           registers=bool(registers), plans=plans.of_agency(agency.id))


@bp.route("/oversight/plans/new", methods=["GET", "POST"])
@permission("plan.register")
def register_plan() -> Any:
    """Register a plan with its document."""
    mine, form = _mine(), Registers()
    form.agency.choices = [(one.key, one.name) for one in mine]
    if form.agency.data is None and mine:
        form.agency.data = mine[0].key
    if form.validate_on_submit():
        proven, errors = prove(form.file.data, me().id)
        for words in errors:
            problem(form, form.file, words)
        agency = next((one for one in mine if one.key == form.agency.data), None) or abort(404)
        if not errors and (plan_id := _register(agency, form, proven[0] if proven else None)):
            flash(_("The plan is registered."), "done")
            return redirect(url_for("government.agency_plan", plan_id=plan_id), 303)
    return render_template("government/oversight/register_plan.html", form=form), UNPROCESSABLE if form.errors else 200


def _register(agency: Agency, form: Registers, proven: Any) -> int | None:
    try:
        with transaction():
            return plans.register(
                agency, form.programme.data, form.number.data, form.issued_on.data, form.title.data, by=me(),
                proven=proven, public=form.public.data).id
    except plans.NoDocument:
        problem(form, form.file, _(
            "Attach the plan: the exchange knows no document of your agency with this number and day"))
    except plans.AlreadyThere:
        problem(form, form.number, _("Your agency has registered this plan already"))
    except files.Refused as refused:
        problem(form, form.file, refusal_words(refused))
    return None


@bp.get(ONE)
@permission("plan.register", "report.watch")
def agency_plan(plan_id: int) -> Any:
    """One plan."""
    return _page(_plan(plan_id), Withdraws(formdata=None))


@bp.post(f"{ONE}/withdraw")
@permission("plan.register")
def withdraw_plan(plan_id: int) -> Any:
    """It was registered in error, or holds no longer."""
    found, form = _plan(plan_id), Withdraws()
    if not _registers(found):
        abort(404)
    if not form.validate_on_submit():
        return _page(found, form), UNPROCESSABLE
    try:
        with transaction():
            plans.withdraw(found, form.reason.data, me())
    except plans.Withdrawn:
        return _page(_plan(plan_id), form, _("It was withdrawn already.")), CONFLICT
    flash(_("The plan is withdrawn. It stays to be seen here, with the reason."), "done")
    return redirect(url_for("government.agency_plan", plan_id=plan_id), 303)


@bp.get(f"{ONE}/file")
@permission("plan.register", "report.watch")
def plan_file(plan_id: int) -> Response:
    """The file that is the plan, to be saved."""
    found: Attachment = plans.file_of(_plan(plan_id)) or abort(404)
    return send(found.file, found.name)


def _page(plan: ActionPlan, form: Withdraws, trouble: str = "") -> str:
    return render_template(
        "government/oversight/plan.html", plan=plan, form=form, trouble=trouble, file=plans.file_of(plan),
        shown=plan.id in plans.public_files([plan]), registers=_registers(plan), today=clock.today(),
        by=people.names([one for one in (plan.registered_by_id, plan.withdrawn_by_id) if one]),
        opens=plan.document_id is not None and roles.may(me(), "document.read", Place(plan.agency_id)))


def _plan(plan_id: int) -> ActionPlan:
    """One that this person may see; 404 for any other."""
    found = plans.plan(plan_id)
    if found is None or not (_registers(found) or roles.may(me(), "report.watch")):
        abort(404)
    return found


def _registers(plan: ActionPlan) -> bool:
    return roles.may(me(), "plan.register", Place(plan.agency_id))


def _mine() -> list[Agency]:
    """The agencies for which this person registers plans, by name."""
    ids = {place.agency_id for place in roles.places(me(), "plan.register") if place}
    return [one for one in people.current_agencies() if one.id in ids
            and roles.may(me(), "plan.register", Place(one.id))]
