"""Citizens whose accounts are suspended: found by the contact that one knows, never by looking through."""
from typing import Any

from flask import abort, flash, redirect, render_template, url_for

from portal.dossiers import queries as dossiers
from portal.kit.db import transaction
from portal.kit.forms import Form, LongText
from portal.kit.i18n import _, _l
from portal.people import closings, queries, second_factors, security_log
from portal.people.contacts import shown
from portal.people.models import ClosingKind, Person
from portal.web.admin import bp
from portal.web.contact_field import Contact
from portal.web.guard import fresh, fresh_to_change, me, permission

UNPROCESSABLE = 422


class Find(Form):
    contact = Contact(_l("E-mail address or telephone number"), autocomplete="off",
                      help=_l("The whole contact that the citizen signs in with."))


class Suspend(Form):
    reason = LongText(_l("Reason"), max=500, rows=3, help=_l("The citizen is told it word for word."))


@bp.route("/citizens", methods=["GET", "POST"])
@permission("citizens.suspend")
def citizens() -> Any:
    """Those who are suspended; POST finds one by the contact."""
    form = Find()
    if form.validate_on_submit():
        found = queries.person_by_contact(form.contact.data)
        if found is not None and not found.staff:
            return redirect(url_for("admin.citizen", person_id=found.id), 303)
        form.contact.errors = [_("No citizen signs in with this contact")]
    return render_template("admin/citizens.html", form=form, suspended=closings.suspended()), \
        UNPROCESSABLE if form.is_submitted() else 200


@bp.route("/citizens/<int:person_id>", methods=["GET", "POST"])
@permission("citizens.suspend")
@fresh_to_change
def citizen(person_id: int) -> Any:
    """One citizen's account; POST suspends it."""
    found, form = _citizen(person_id), Suspend()
    if form.validate_on_submit():
        try:
            with transaction():
                closings.suspend(found, me(), form.reason.data)
            flash(_("The account is suspended: whoever was signed in with it is out. The citizen is told."), "done")
        except ValueError:
            flash(_("This account is not open: nothing was changed."), "late")
        return redirect(url_for("admin.citizen", person_id=person_id), 303)
    security_log.record("citizen.looked", by=me(), about=found)
    return render_template("admin/citizen.html", form=form, person=found, closing=closings.of(found),
                           contacts=[shown(one) for one in (found.email, found.phone) if shown(one)],
                           open_dossiers=len(dossiers.open_of(found)), suspended=ClosingKind.suspended,
                           has_factor=second_factors.has_any(found)), \
        UNPROCESSABLE if form.is_submitted() else 200


@bp.post("/citizens/<int:person_id>/open")
@permission("citizens.suspend")
@fresh
def end_suspension(person_id: int) -> Any:
    """Let the citizen sign in again."""
    found = _citizen(person_id)
    try:
        with transaction():
            closings.end_suspension(found, me())
        flash(_("The suspension has ended. The citizen is told."), "done")
    except ValueError:
        flash(_("This account is not suspended: nothing was changed."), "late")
    return redirect(url_for("admin.citizen", person_id=person_id), 303)


@bp.post("/citizens/<int:person_id>/second-factors")
@permission("citizens.suspend")
@fresh
def take_factors_away(person_id: int) -> Any:
    """For a citizen who lost every second factor and came to an agency with the identity card."""
    found = _citizen(person_id)
    with transaction():
        second_factors.take_away(found, me())
    flash(_("The second factors are taken away and every session has ended. The citizen is told."), "done")
    return redirect(url_for("admin.citizen", person_id=person_id), 303)


def _citizen(person_id: int) -> Person:
    found = queries.person(person_id)
    if found is None or found.staff:
        abort(404)
    return found
