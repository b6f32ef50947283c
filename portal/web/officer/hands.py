"""Whose hands a dossier is in: take it up, hand it on, pass it to another unit, put it back."""
from typing import Any

from flask import flash, redirect, url_for

from portal.dossiers import actions, queries
from portal.dossiers.models import Dossier
from portal.dossiers.permissions import READ, may_as_staff
from portal.dossiers.states import State, Step, after, permission
from portal.kit.i18n import _, moment
from portal.people import permissions as roles
from portal.people import queries as people
from portal.people.models import Person
from portal.people.permissions import Place
from portal.people.words import ROLE_WORDS
from portal.web.guard import dossier_for, me
from portal.web.officer import bp
from portal.web.officer.dossier import ONE
from portal.web.officer.forms import Assign, Transfer
from portal.web.officer.steps import back, page, still_may


@bp.post(f"{ONE}/claim")
@dossier_for(permission(Step.claim))
def claim(dossier: Dossier) -> Any:
    """Take it up; whoever comes second meets the 409 page."""
    with still_may(Step.claim, dossier) as person:
        actions.claim(dossier, by=person)
    flash(_claimed(dossier), "done")
    return back(dossier)


def _claimed(dossier: Dossier) -> str:
    if dossier.received_at is None:
        return _("%(code)s is yours. Check it and give the first answer by %(moment)s.", code=dossier.code,
                 moment=moment(dossier.queue_at))
    if dossier.decided_at is not None:
        return _("%(code)s is yours. Hand the result over next.", code=dossier.code)
    if dossier.due_at is None:
        return _("%(code)s is yours. Settle it when it has been examined.", code=dossier.code)
    return _("%(code)s is yours. Settle it by %(moment)s.", code=dossier.code, moment=moment(dossier.due_at))


@bp.post(f"{ONE}/release")
@dossier_for(permission(Step.release))
def release(dossier: Dossier) -> Any:
    """Put it back for a colleague."""
    with still_may(Step.release, dossier) as person:
        actions.release(dossier, by=person)
    flash(_("%(code)s is back in the queue. Any colleague can take it up now.", code=dossier.code), "done")
    return _onwards(dossier.id, reads=may_as_staff(me(), READ, dossier))


@bp.route(f"{ONE}/assign", methods=["GET", "POST"])
@dossier_for(permission(Step.assign))
def assign(dossier: Dossier) -> Any:
    """Hand it to a colleague."""
    after(State(dossier.state), Step.assign)
    colleagues = {str(one.id): one for one in queries.colleagues_for(dossier)}
    form = Assign()
    form.to.choices = [(key, _called(one)) for key, one in colleagues.items()]
    if form.validate_on_submit():
        with still_may(Step.assign, dossier) as person:
            actions.assign(dossier, to=colleagues[form.to.data], by=person, note=form.note.data or "")
        flash(_("%(name)s holds %(code)s now and has been told.", name=colleagues[form.to.data].name,
                code=dossier.code), "done")
        return _onwards(dossier.id, reads=may_as_staff(me(), READ, dossier))
    return page("assign", dossier, form=form, colleagues=colleagues, reads=may_as_staff(me(), READ, dossier))


def _called(person: Person) -> str:
    """Two of one name are told apart by what they are."""
    words = ", ".join(dict.fromkeys(str(ROLE_WORDS[held.role]) for held in person.roles))
    return f"{person.name} ({words})"


@bp.route(f"{ONE}/transfer", methods=["GET", "POST"])
@dossier_for(permission(Step.transfer))
def transfer(dossier: Dossier) -> Any:
    """Pass it to another unit of the agency."""
    after(State(dossier.state), Step.transfer)
    units = {str(one.id): one for one in people.units_of(dossier.agency_id)
             if one.id != dossier.unit_id and actions.takes(one, dossier)}
    form = Transfer()
    form.unit.choices = [(key, one.name) for key, one in units.items()]
    if form.validate_on_submit():
        # read before: once it lies there, it may be out of this person's reach
        code, unit, place = dossier.code, units[form.unit.data].name, Place(dossier.agency_id, int(form.unit.data))
        dossier_id = dossier.id
        with still_may(Step.transfer, dossier) as person:
            actions.transfer(dossier, to=units[form.unit.data], by=person, reason=form.reason.data)
        flash(_("%(code)s was passed to %(unit)s. The applicant and the unit have been told.", code=code, unit=unit),
              "done")
        return _onwards(dossier_id, reads=roles.may(me(), READ, place))
    return page("transfer", dossier, form=form, reads=may_as_staff(me(), READ, dossier))


def _onwards(dossier_id: int, reads: bool) -> Any:
    """Back to the dossier; to one's list where it cannot be read (any more)."""
    if reads:
        return redirect(url_for("officer.show", dossier_id=dossier_id), 303)
    return redirect(url_for("officer.queue" if roles.may(me(), READ) else "admin.stranded"), 303)
