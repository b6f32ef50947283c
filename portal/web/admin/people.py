"""The people of the agencies: who works here, in which roles; adding, closing, giving and ending."""
from datetime import datetime, time, timedelta
from typing import Any

from flask import abort, flash, redirect, render_template, url_for

from portal.dossiers import actions as hands
from portal.kit import clock
from portal.kit.db import transaction
from portal.kit.i18n import _, moment, short_day
from portal.kit.web import row_number
from portal.people import actions, passwords, permissions, queries, recovery, roles
from portal.people.models import Membership, Person
from portal.people.permissions import Place, Role
from portal.people.words import ROLE_WORDS
from portal.web.admin import bp, forms, leaving
from portal.web.guard import fresh, fresh_to_change, me, permission

UNPROCESSABLE = 422
HIGHEST = 2**31 - 1  # of a row's number: a larger one is no row's, on either database
ONE = f"/people/<int(max={HIGHEST}):person_id>"


@bp.route("/people", methods=["GET", "POST"])
@permission("people.manage")
def people() -> Any:
    """Whom one manages, the newest first; POST searches."""
    form = forms.Search()
    form.validate_on_submit()
    try:
        before = row_number(form.before.data) if form.before.data else None
    except ValueError:  # no page of ours sends it: the newest
        before = None
    nationally = permissions.may_give(me(), Role.portal_administrator, None)
    found = queries.staff(form.q.data or "", before=before, limit=queries.PAGE + 1,
                          agencies=None if nationally else [one.id for one in forms.my_agencies()])
    more = found[queries.PAGE - 1].id if len(found) > queries.PAGE else None
    return render_template("admin/people.html", form=form, staff=found[:queries.PAGE], more=more,
                           role_words=ROLE_WORDS, mine=me().id)


@bp.route("/people/new", methods=["GET", "POST"])
@permission("people.manage")
@fresh
def add_person() -> Any:
    """Add somebody with a role. The first password is shown in this answer and never again."""
    form = forms.AddPerson()
    if form.validate_on_submit():
        password = passwords.one_time()
        try:
            with transaction():
                _may_give(form.role.data, form.place)
                person = actions.add_staff(form.name.data, form.contact.data, form.role.data, form.place, by=me(),
                                           password=password.kept, until=form.ends_at())
            place = queries.roles_of(person)[0][1].place
        except actions.ContactTaken:
            place = _place_words(form.place)
            if _is_listed(form.contact.data):
                form.contact.errors = [_("Somebody has this contact already. Look them up in the list")]
            else:
                with transaction():
                    actions.contact_was_wanted(form.contact.data)
        if not form.contact.errors:
            return render_template("admin/person_added.html", name=form.name.data, password=password.shown,
                                   contact=form.contact.shown(), role=ROLE_WORDS[Role(form.role.data)], place=place)
    return render_template("admin/add_person.html", form=form), UNPROCESSABLE if form.is_submitted() else 200


@bp.route(ONE, methods=["GET", "POST"])
@permission("people.manage")
@fresh_to_change
def person(person_id: int) -> Any:
    """One of the staff with every role, held and ended; POST gives another."""
    found = managed(person_id)
    form = forms.GiveRole()
    if form.is_submitted() and found.id == me().id:
        form.role.errors = [_("Nobody gives a role to the own account. Another administrator can")]
    elif form.validate_on_submit():
        try:
            with transaction():
                _may_give(form.role.data, form.place)
                roles.give(found, form.role.data, form.place, by=me(), until=form.ends_at())
            flash(_("%(name)s has the role from now on and is told so.", name=found.name), "done")
            return redirect(url_for("admin.person", person_id=person_id), 303)
        except roles.HeldAlready:
            form.role.errors = [_("%(name)s holds this role there already", name=found.name)]
    now = {held.id for held in found.roles}
    lines = [(line, line.id in now, _may_end(held), _until(line.ends_at)) for held, line in queries.roles_of(found)]
    return render_template(
        "admin/person.html", form=form, person=found, mine=me().id, role_words=ROLE_WORDS, held=lines,
        recovery=recovery.open_about(found)), UNPROCESSABLE if form.is_submitted() else 200


@bp.route(f"{ONE}/roles/<int(max={HIGHEST}):membership_id>/end", methods=["GET", "POST"])
@permission("people.manage")
@fresh
def end_role(person_id: int, membership_id: int) -> Any:
    """End a role: from the next request on it opens nothing. What is held by it goes to a colleague or back."""
    held = queries.membership(membership_id)
    if held is None or held.person_id != person_id or not _may_end(held):
        abort(404)
    form, dossiers = leaving.asked(held.person, but=held)
    if not form.validate_on_submit():
        return leaving.page(held.person, form, dossiers, role=held)
    try:
        with transaction():
            if not _may_end(held):
                abort(404)
            roles.end(held, by=me())
            became = hands.leave(held.person, by=me(), to=form.colleague())
            name = held.person.name
    except roles.ManagesNoLonger:
        abort(404)
    flash(" ".join((_("The role of %(name)s has ended.", name=name), leaving.became(*became))), "done")
    # whoever worked here only is managed by others from now on
    return redirect(url_for("admin.people"), 303)


@bp.route(f"{ONE}/deactivate", methods=["GET", "POST"])
@permission("people.manage")
@fresh
def deactivate(person_id: int) -> Any:
    """Close an account. What it holds goes to a colleague or back to the queue, at once."""
    found = managed(person_id)
    if found.id == me().id:
        flash(_("You cannot close your own account. Another administrator can."), "late")
        return redirect(url_for("admin.people"), 303)
    form, dossiers = leaving.asked(found)
    if not form.validate_on_submit():
        return leaving.page(found, form, dossiers)
    try:
        with transaction():
            actions.deactivate(found, by=me())
            became = hands.leave(found, by=me(), to=form.colleague())
            name = found.name
    except roles.ManagesNoLonger:
        abort(404)
    flash(" ".join((_("%(name)s can no longer sign in.", name=name), leaving.became(*became))), "done")
    return redirect(url_for("admin.people"), 303)


@bp.post(f"{ONE}/activate")
@permission("people.manage")
@fresh
def activate(person_id: int) -> Any:
    """Open a closed account again."""
    found = managed(person_id)
    try:
        with transaction():
            actions.activate(found, by=me())
        flash(_("%(name)s can sign in again.", name=found.name), "done")
    except roles.ManagesNoLonger:
        flash(_("This account was closed by an administrator of the whole portal: only they open it again."), "late")
    return redirect(url_for("admin.people"), 303)


def _is_listed(contact: str) -> bool:
    """Whether somebody whom one manages has this contact: of anybody else the page tells nothing."""
    owner = queries.person_by_contact(contact)
    return owner is not None and permissions.manages(me(), owner)


def _place_words(place: Place | None) -> str:
    unit = queries.unit(place.unit_id) if place and place.unit_id else None
    agency = queries.agency(place.agency_id) if place else None
    return unit.name if unit else agency.name if agency else ""


def _until(ends_at: datetime | None) -> str:
    """The last day of a role that goes on to its end; the moment at which it was ended."""
    if ends_at is None:
        return "—"
    whole = ends_at.astimezone(clock.VN).time() == time()
    return short_day(ends_at - timedelta(days=1)) if whole else moment(ends_at)


def managed(person_id: int) -> Person:
    found = queries.person(person_id)
    if found is None or not permissions.manages(me(), found):
        abort(404)
    return found


def _may_give(role: str, place: Place | None) -> None:
    """Asked again on fresh rows: the giver's own role may have ended since the page was shown."""
    if not permissions.may_give(me(), role, place):
        abort(403)


def _may_end(held: Membership) -> bool:
    place = None if held.agency_id is None else Place(held.agency_id, held.unit_id)
    return held.person_id != me().id and permissions.may_give(me(), held.role, place)
