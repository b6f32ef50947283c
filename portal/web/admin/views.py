"""People of the agencies, the register of agencies."""
from typing import Any

from flask import abort, flash, redirect, render_template, url_for

from portal.kit.db import transaction
from portal.kit.i18n import _
from portal.people import actions, queries
from portal.people.models import Person, Role
from portal.web.admin import bp, forms
from portal.web.guard import administrator, me

UNPROCESSABLE = 422
STAFF = (Role.officer, Role.administrator)


@bp.route("/people", methods=["GET", "POST"])
@administrator
def people() -> Any:
    """Officers and administrators, the newest first; POST searches."""
    form = forms.Search()
    form.validate_on_submit()
    before = int(form.before.data) if form.before.data.isdecimal() else None
    found = queries.staff(form.q.data or "", before=before, limit=queries.PAGE + 1)
    more = found[queries.PAGE - 1].id if len(found) > queries.PAGE else None
    return render_template("admin/people.html", form=form, staff=found[:queries.PAGE], more=more,
                           mine=me().id)


@bp.route("/people/new", methods=["GET", "POST"])
@administrator
def add_officer() -> Any:
    """Add an officer. The first password is shown in this answer and never again."""
    form = forms.AddOfficer()
    if form.validate_on_submit():
        agency = queries.agency_by_key(form.agency.data)
        if agency is None:
            abort(404)
        try:
            with transaction():
                person, password = actions.add_officer(form.name.data, form.contact.data, agency, by=me())
            return render_template("admin/officer_added.html", person=person, password=password,
                                   contact=form.contact.shown())
        except actions.ContactTaken:
            form.contact.errors = [_("Somebody has this contact already. Look them up in the list")]
    return render_template("admin/add_officer.html", form=form), UNPROCESSABLE if form.is_submitted() else 200


@bp.post("/people/<int:person_id>/deactivate")
@administrator
def deactivate(person_id: int) -> Any:
    """Close an account."""
    person = _staff_or_404(person_id)
    if person.id == me().id:
        flash(_("You cannot close your own account. Another administrator can."), "late")
        return redirect(url_for("admin.people"), 303)
    with transaction():
        actions.deactivate(person, by=me())
    flash(_("%(name)s can no longer sign in.", name=person.name), "done")
    return redirect(url_for("admin.people"), 303)


@bp.post("/people/<int:person_id>/activate")
@administrator
def activate(person_id: int) -> Any:
    """Open a closed account again."""
    person = _staff_or_404(person_id)
    with transaction():
        actions.activate(person, by=me())
    flash(_("%(name)s can sign in again.", name=person.name), "done")
    return redirect(url_for("admin.people"), 303)


def _staff_or_404(person_id: int) -> Person:
    person = queries.person(person_id)
    if person is None or person.role not in STAFF:
        abort(404)
    return person


@bp.get("/agencies")
@administrator
def agencies() -> Any:
    """The register of agencies with how long each existed and whom it took over from."""
    return render_template("admin/agencies.html", lines=queries.agency_register())
