"""The units of an agency: departments, communes, counters."""
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for

from portal.kit.db import transaction
from portal.kit.i18n import _
from portal.people import queries, roles
from portal.people.models import Agency, Unit, UnitKind
from portal.people.permissions import Place
from portal.people.words import UNIT_KIND_WORDS
from portal.web.admin import bp, forms
from portal.web.guard import permission, require

UNPROCESSABLE = 422


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
    names = ", ".join(one.name for one in found[:forms.MOST_OFFERED])
    form.parent.errors = [_("Several units fit: %(names)s. Type the whole name", names=names) if found
                          else _("%(agency)s has no unit of this name", agency=agency.name)]
    return None
