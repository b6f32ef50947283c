"""Signing in and out, the profile, and the demonstration's outbox."""
from typing import Any

from flask import Response, abort, current_app, flash, redirect, render_template, request, url_for
from flask_login import current_user

from portal.kit import waiting
from portal.kit.db import transaction
from portal.kit.i18n import _
from portal.kit.web import row_number
from portal.notices import actions as telling
from portal.notices import queries as notices
from portal.people import actions, closings, passwords, queries, security_log, sessions
from portal.people.contacts import shown
from portal.people.models import ClosingKind, Person
from portal.people.words import ROLE_WORDS
from portal.web import resending
from portal.web.account import bp, counting, devices, forms, landing
from portal.web.guard import anyone, me, signed_in
from portal.web.paging import around
from portal.web.turned_away import LONG_TEXT

UNPROCESSABLE = 422


@bp.after_app_request
def note_seen(response: Response) -> Response:
    """Note at most once a minute that a session is in use, when the request's own work is over."""
    if sessions.is_to_note():
        sessions.note_seen()
    return response


@bp.route("/sign-in", methods=["GET", "POST"])
@anyone
def sign_in() -> Any:
    """Sign in. An unknown contact and a wrong password give the very same page."""
    if current_user.is_authenticated:
        return landing.land(me(), landing.wanted())
    form, status = forms.SignIn(), 200
    if form.validate_on_submit():
        contact, device = form.contact.data, devices.of(form.contact.data)
        counting.count_sign_in(contact, device)
        person = actions.known(contact, form.password.data)
        if person and not (refused := _refused(person)):
            renewed = actions.renewed(person, form.password.data)
            with transaction():
                whole = actions.sign_in(person, renewed)
            counting.signed_in(contact, device)
            answer: Any = landing.land(person, landing.wanted()) if whole else redirect(
                url_for("account.second_factor", next=landing.wanted()), 303)
            devices.remember(answer, contact)
            return answer
        if not person:
            counting.count_wrong_password(device)
        form.form_errors.append(refused if person else _(
            "The contact or the password is not right. Check both and try again"))
    if form.is_submitted():
        status = UNPROCESSABLE
    return render_template("account/sign_in.html", form=form, next=landing.wanted()), status


def _refused(person: Person) -> str | None:
    """Why somebody with the right password does not come in; nobody else is told."""
    if not person.active:
        closing = closings.of(person)
        if closing is not None and closing.kind == ClosingKind.suspended:
            return _("This account is suspended. Reason: %(reason)s", reason=closing.reason)
        return _("This account is closed. Ask the administrator, or the agency")
    if actions.has_ended(person):
        return _("This first password has ended: it works for one day. Ask the administrator for another")
    return None


@bp.post("/sign-out")
@anyone
def sign_out() -> Any:
    """End this browser's session, here and on the server."""
    with transaction():
        sessions.leave()
    flash(_("You have signed out."), "done")
    return redirect(url_for("public.home"), 303)


@bp.route("/account", methods=["GET", "POST"])
@signed_in
def profile() -> Any:
    """One's name, language, contact and sessions."""
    form = forms.Profile(obj=me())
    if form.validate_on_submit():
        with transaction():
            actions.set_profile(me(), name=form.name.data, language=form.language.data)
        flash(_("Saved."), "done")
        return redirect(url_for("account.profile"), 303)
    return render_template("account/profile.html", form=form, held=_held(), sign_ins=sessions.open_for(me()),
                           contacts=[shown(c) for c in (me().email, me().phone) if c]), \
        UNPROCESSABLE if form.is_submitted() else 200


def _held() -> list[dict[str, Any]]:
    """The roles in force, each with where and until when."""
    now = {held.id for held in me().roles}
    return [{"key": ROLE_WORDS[line.role], "value": line.place or _("The whole portal")}
            for _held, line in queries.roles_of(me()) if line.id in now]


@bp.get("/account/notices")
@signed_in
def my_notices() -> Any:
    """What one was told, by name and by one's roles, the newest first."""
    before = request.args.get("before", type=row_number)
    told = notices.newest(me(), before=before, limit=notices.PAGE + 1)
    further = told[notices.PAGE - 1].message.id if len(told) > notices.PAGE else None
    return render_template("account/notices.html", told=told[:notices.PAGE], pages=around("before", further))


@bp.post("/account/notices/read")
@signed_in
def read_notices() -> Any:
    """Mark all of them as read; what was told to a role stays new for the others who hold it."""
    with transaction():
        telling.read_all(me())
    return redirect(url_for("account.my_notices"), 303)


@bp.get("/account/kept/<name>")
@signed_in
def kept(name: str) -> Any:
    """What was posted when the session was over: shown to who posted it, and sent on with this session's token."""
    found = waiting.kept_post(resending.owner(me().id), name)
    if found is None:
        abort(404)
    target, fields = found
    long = [value for field, value in fields if field != resending.FILES and len(value) >= LONG_TEXT]
    return render_template("account/kept.html", target=target, fields=fields, typed=long)


@bp.post("/account/sessions/<int:sign_in_id>/end")
@signed_in
def end_session(sign_in_id: int) -> Any:
    """End one of one's sessions, wherever it is."""
    with transaction():
        if not sessions.end_one(me(), sign_in_id):
            abort(404)
    flash(_("That session has ended."), "done")
    return redirect(url_for("account.profile"), 303)


@bp.post("/account/end-sessions")
@signed_in
def end_sessions() -> Any:
    """End one's sessions everywhere else."""
    with transaction():
        sessions.end_all(me(), but=sessions.token())
    flash(_("Signed out everywhere else."), "done")
    return redirect(url_for("account.profile"), 303)


@bp.route("/account/password", methods=["GET", "POST"])
@signed_in
def password() -> Any:
    """Choose another password; the first one given by an administrator must be changed here."""
    form = forms.ChangePassword()
    form.known = (me().name, me().email or "", me().phone or "", shown(me().phone))
    if form.validate_on_submit():
        counting.count_password_try(me().id)
        if passwords.fits(me().password_hash, form.old.data):
            forced, chosen = me().must_change_password, passwords.hash(form.password.data)
            with transaction():
                actions.set_password(me(), chosen)
                sessions.start(me(), sessions.proven_at())  # a new session id, and this browser stays signed in
            flash(_("The password is changed. Other sessions were signed out."), "done")
            return landing.land(me()) if forced else redirect(url_for("account.profile"), 303)
        security_log.record("password.refused", by=me())
        form.old.errors = [*form.old.errors, _("This is not the password you have now")]
    return render_template("account/password.html", form=form, forced=me().must_change_password), \
        UNPROCESSABLE if form.is_submitted() else 200


@bp.get("/demo/messages")
@anyone
def demo_messages() -> Any:
    """What a mail server would have sent, only in a demonstration."""
    if not current_app.config["DEMONSTRATION"]:
        abort(404)
    return render_template("account/demo_messages.html", messages=notices.demonstration_outbox(), shown=shown)
