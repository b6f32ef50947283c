"""The units of an agency: departments, communes, counters; what each deals with."""
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for

from portal.catalogue import competence
from portal.kit.db import transaction
from portal.kit.i18n import _
from portal.people import queries, roles
from portal.people.models import Agency, Unit, UnitKind
from portal.people.permissions import Place
from portal.people.words import ROLE_WORDS, UNIT_KIND_WORDS
from portal.web.admin import bp, forms
from portal.web.guard import permission, require

UNPROCESSABLE = 422
HIGHEST = 2**31 - 1  # of a row's number: a larger one is no row's, on either database
ONE = f"/units/<int(max={HIGHEST}):unit_id>"


@bp.get("/units")
@permission("units.manage")
def units() -> Any:
    """An agency's units of today, with how many people hold a role at each."""
    agencies = forms.my_agencies()
    key = request.args.get("agency", "")
    agency = next((one for one in agencies if one.key == key), None) or next(iter(agencies), None) or abort(404)
    return render_template("admin/units.html", agency=agency, agencies=agencies, units=queries.units_of(agency.id),
                           people=queries.people_by_unit(agency.id), kind_words=UNIT_KIND_WORDS)


@bp.route("/units/<agency>/new", methods=["GET", "POST"])
@permission("units.manage")
def add_unit(agency: str) -> Any:
    """Add a department, or a counter of a unit."""
    found = queries.agency_by_key(agency)
    require("units.manage", Place(found.id) if found else None)
    form = forms.AddUnit()
    if found and form.validate_on_submit() and _added(found, form):
        flash(_("%(name)s was added.", name=form.name.data), "done")
        return redirect(url_for("admin.units", agency=agency), 303)
    return render_template("admin/add_unit.html", form=form, agency=found), UNPROCESSABLE if form.errors else 200


def _added(agency: Agency, form: forms.AddUnit) -> bool:
    parent = _parent(agency, form) if form.kind.data == UnitKind.counter else None
    if form.errors:
        return False
    with transaction():
        require("units.manage", Place(agency.id))
        roles.add_unit(agency, form.kind.data, form.name.data, parent=parent)
    return True


def _parent(agency: Agency, form: forms.AddUnit) -> Unit | None:
    found = [one for one in queries.units_named(agency.id, form.parent.data) if one.kind != UnitKind.counter]
    if len(found) == 1:
        return found[0]
    form.parent.errors = [forms.not_one_unit(agency, found)]
    return None


@bp.route(ONE, methods=["GET", "POST"])
@permission("units.manage")
def unit(unit_id: int) -> Any:
    """One unit: who works there and what it deals with; POST adds a sector or a procedure to that."""
    found = _managed(unit_id)
    form = forms.AddCompetence()
    if form.validate_on_submit() and _competent(found, form):
        flash(_("New dossiers of it go to %(name)s from now on.", name=found.name), "done")
        return redirect(url_for("admin.unit", unit_id=unit_id), 303)
    return render_template(
        "admin/unit.html", unit=found, form=form, kind=UNIT_KIND_WORDS[found.kind], role_words=ROLE_WORDS,
        people=queries.people_at(found), told=found.kind in (UnitKind.department, UnitKind.central),
        competence=competence.of_unit(found.id)), UNPROCESSABLE if form.errors else 200


def _competent(unit: Unit, form: forms.AddCompetence) -> bool:
    code = form.procedure.data
    of = competence.procedure(code) if code else competence.sector(form.sector.data or "")
    if of is None:
        form.procedure.errors = [_("No procedure has the code %(code)s", code=code) if code
                                 else _("Choose a sector, or type the code of a procedure")]
        return False
    try:
        with transaction():
            require("units.manage", Place(unit.agency_id))
            competence.add(unit, of)
    except competence.Competent:
        form.procedure.errors = [_("A unit of this agency deals with it already. Take it from there first")]
        return False
    return True


@bp.post(f"{ONE}/competence/<int(max={HIGHEST}):competence_id>/remove")
@permission("units.manage")
def remove_competence(unit_id: int, competence_id: int) -> Any:
    """Take a sector or a procedure from a unit. Dossiers that lie there stay."""
    found = _managed(unit_id)
    with transaction():
        require("units.manage", Place(found.agency_id))
        removed = competence.remove(competence_id, found)
    flash(_("New dossiers of it no longer go there.") if removed else _("It was taken away already."),
          "done" if removed else "still")
    return redirect(url_for("admin.unit", unit_id=unit_id), 303)


def _managed(unit_id: int) -> Unit:
    found = queries.unit(unit_id)
    require("units.manage", Place(found.agency_id) if found else None)
    return found or abort(404)

