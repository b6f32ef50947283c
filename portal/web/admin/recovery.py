"""Somebody of the staff lost the second factor, or the first password ended: what administrators can do about it."""
from typing import Any

from flask import abort, flash, redirect, render_template, url_for

from portal.kit.db import transaction
from portal.kit.forms import Form, LongText
from portal.kit.i18n import _, _l
from portal.people import passwords, queries, recovery, security_log, sessions
from portal.people.models import Person
from portal.web.admin import bp
from portal.web.admin.people import ONE, managed
from portal.web.guard import fresh, fresh_to_change, me, permission


class Reason(Form):
    reason = LongText(_l("Why"), max=500, rows=3, help=_l(
        "The other administrator and the person read it. For example: telephone lost on Monday, no code kept."))


@bp.route(f"{ONE}/recovery", methods=["GET", "POST"])
@permission("people.manage")
@fresh_to_change
def recover(person_id: int) -> Any:
    """What waits for a decision; POST asks for it."""
    found, form = managed(person_id), Reason()
    if form.validate_on_submit():
        try:
            with transaction():
                recovery.ask(found, me(), form.reason.data)
        except recovery.NotYours:
            abort(404)
        except recovery.AskedAlready:
            flash(_("A recovery is asked for already."), "waiting")
        else:
            flash(_("Asked for. Another administrator has to grant it within a day; both and the person are told."),
                  "done")
        return redirect(url_for("admin.recover", person_id=found.id), 303)
    request = recovery.open_about(found)
    return render_template("admin/recovery.html", form=form, person=found, mine=me().id, asked=request), \
        422 if form.is_submitted() else 200


@bp.post(f"{ONE}/recovery/grant")
@permission("people.manage")
@fresh
def grant_recovery(person_id: int) -> Any:
    """Grant what another administrator asked for. The first password is shown in this answer and never again."""
    found, password = managed(person_id), passwords.one_time()
    try:
        with transaction():
            recovery.grant(found, me(), password.kept)
    except recovery.NotYours:
        return _over(found)
    return _first_password(found, password.shown)


@bp.post(f"{ONE}/recovery/refuse")
@permission("people.manage")
@fresh
def refuse_recovery(person_id: int) -> Any:
    """Refuse it, or take back what one asked for oneself."""
    found = managed(person_id)
    try:
        with transaction():
            recovery.refuse(found, me())
    except recovery.NotYours:
        return _over(found)
    flash(_("Nothing is taken away. The person and who asked are told."), "done")
    return redirect(url_for("admin.person", person_id=found.id), 303)


def _over(found: Person) -> Any:
    flash(_("This request does not wait for you: it was decided, is over, you asked yourself, or one of the two "
            "administrators has been one for less than a day."), "late")
    return redirect(url_for("admin.recover", person_id=found.id), 303)


@bp.post(f"{ONE}/end-sessions")
@permission("people.manage")
def end_sessions(person_id: int) -> Any:
    """Sign somebody out everywhere: a telephone or a computer was lost."""
    found = managed(person_id)
    with transaction():
        sessions.end_all(found, but=sessions.token())
        security_log.record("session.ended", by=me(), about=found)
    flash(_("%(name)s was signed out everywhere.", name=found.name), "done")
    return redirect(url_for("admin.person", person_id=found.id), 303)


@bp.post(f"{ONE}/first-password")
@permission("people.manage")
@fresh
def first_password(person_id: int) -> Any:
    """Another first password for somebody who never changed theirs, whose day is over."""
    found, password = managed(person_id), passwords.one_time()
    try:
        with transaction():
            recovery.give_another(found, me(), password.kept)
    except recovery.NotYours:
        abort(409)
    return _first_password(found, password.shown)


def _first_password(found: Person, shown: str) -> Any:
    held = [line for one, line in queries.roles_of(found) if one.id in {role.id for role in found.roles}]
    return render_template("admin/first_password.html", person=found, password=shown, held=held)
