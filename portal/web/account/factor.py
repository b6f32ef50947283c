"""The second step of signing in: showing the second factor, or setting the first one up; and what passkeys ask for."""
from string import digits
from typing import Any

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from markupsafe import Markup

from portal.kit.db import transaction
from portal.kit.forms import Form, Hidden, TextField
from portal.kit.i18n import _, _l
from portal.people import actions as people
from portal.people import passkeys, second_factors, sessions
from portal.people.models import FactorKind, Person
from portal.web import step_up
from portal.web.account import bp, landing
from portal.web.guard import anyone, fresh, half_signed_in, me, signed_in

UNPROCESSABLE = 422


class NewApp(Form):
    """An app that scanned the picture proves it with a code."""

    code = TextField(_l("Code that the app shows now"), help=_l("6 digits"), max=20, width="w-10",
                     autocomplete="one-time-code")
    secret = Hidden(max=400)


@bp.route("/sign-in/code", methods=["GET", "POST"])
@half_signed_in
def second_factor(token: str, person: Person) -> Any:
    """Ask for the second factor; with it the session is whole."""
    form = step_up.Question(person)
    if not form.kinds:
        return redirect(url_for("account.set_up", next=landing.wanted()), 303)
    if form.is_submitted() and form.answer.data + (form.proof_passkey.data or "") == "":
        form.answer.errors = [_("Fill in “%(label)s”", label=form.answer.label.text)]
    elif form.validate_on_submit() and step_up.judge(
            form, person, token, lambda: people.complete_sign_in(
                person, "passkey" if form.proof_passkey.data else "code")):
        return landing.land(person, landing.wanted())
    return render_template(
        "account/second_factor.html", form=form, next=landing.wanted(), code=step_up.demonstration_code(person),
        staff=person.staff, has_passkey=FactorKind.passkey in form.kinds), UNPROCESSABLE if form.is_submitted() else 200


@bp.route("/sign-in/set-up", methods=["GET", "POST"])
@half_signed_in
def set_up(token: str, person: Person) -> Any:
    """Somebody of the staff who has no second factor sets one up before anything else."""
    if second_factors.has_any(person):
        return redirect(url_for("account.second_factor", next=landing.wanted()), 303)
    return _add_app(person, token, done=lambda: _begin(person), first=True)


@bp.route("/account/security/app", methods=["GET", "POST"])
@signed_in
@fresh
def add_app() -> Any:
    """Set up another app."""
    return _add_app(me(), sessions.token() or "", done=lambda: sessions.end_all(me(), but=sessions.token()),
                    first=not second_factors.has_any(me()))


def _begin(person: Person, factor: str = "code") -> None:
    """The first second factor is there: whoever else typed the password, elsewhere, waits for it no longer."""
    people.complete_sign_in(person, factor)
    sessions.end_all(person, but=sessions.token())


def _add_app(person: Person, token: str, *, done: Any, first: bool) -> Any:
    form = NewApp()
    secret = second_factors.unseal_for(token, form.secret.data or "") if form.is_submitted() else None
    if form.validate_on_submit() and secret:
        typed = "".join(c for c in form.code.data if c in digits)
        if step := second_factors.fitting_step(secret, typed):
            codes = second_factors.new_codes() if first else []
            try:
                with transaction():
                    if first:
                        second_factors.hold_first(person)
                        second_factors.keep_codes(person, codes)
                    second_factors.add_app(person, secret, step, _("Authenticator app"))
                    done()
            except second_factors.NotFirst:
                return redirect(url_for("account.sign_in"), 303)
            return _added([code.shown for code in codes])
        form.code.errors = [_("This is not the newest code. Check the clock of the telephone, and type the next code")]
    secret = secret or second_factors.new_secret()
    form.secret.data = second_factors.seal_for(token, secret)
    return render_template(
        "account/set_up.html", form=form, first=first, next=landing.wanted(), half=not current_user.is_authenticated,
        address=second_factors.address_of(secret, person), can_passkey=step_up.site().can,
        secret=" ".join(secret[at:at + 4] for at in range(0, len(secret), 4)),
        picture=_picture(second_factors.address_of(secret, person))), UNPROCESSABLE if form.is_submitted() else 200


def _picture(words: str) -> Markup:
    """A QR code, drawn in the page itself, dark on light also where the page is dark."""
    import segno

    return Markup(segno.make(words, error="m").svg_inline(border=4, omitsize=True, light="white", svgclass=None,
                                                          lineclass=None))


def _added(codes: list[str]) -> Any:
    """The recovery codes, shown only in this answer; or back to the list where there are some already."""
    if not codes:
        flash(_("The second factor was added."), "done")
        return redirect(url_for("account.security"), 303)
    return render_template("account/recovery_codes.html", codes=codes, next=landing.wanted())


@bp.get("/account/go-on")
@signed_in
def go_on() -> Any:
    """From the recovery codes to where the person's work is."""
    return landing.land(me(), landing.wanted())


@bp.post("/sign-in/passkey")
@anyone
def show_passkey() -> Any:
    """What the browser needs to show a passkey, at sign-in and later; 404 for who has none to show."""
    token, person = _sitting()
    if not passkeys.of(person):
        abort(404)
    with transaction():
        options = passkeys.options_to_show(person, token, step_up.site())
    return Response(options, mimetype="application/json")


@bp.post("/account/security/passkey/options")
@anyone
def make_passkey() -> Any:
    """What the browser needs to make a passkey: of who has just proved who they are, or sets up the first factor."""
    token, person = _sitting()
    if not _may_add(person):
        abort(403)
    with transaction():
        options = passkeys.options_to_make(person, token, step_up.site())
    return Response(options, mimetype="application/json")


@bp.post("/account/security/passkey")
@anyone
def add_passkey() -> Any:
    """Register the passkey that the browser has made."""
    token, person = _sitting()
    if not _may_add(person):
        abort(403)
    first = not second_factors.has_any(person)
    codes = second_factors.new_codes() if first else []
    with transaction():
        challenge = passkeys.take_challenge(token)
    made = passkeys.read_made(challenge, request.form.get("made", ""), step_up.site())
    try:
        with transaction():
            if first:
                second_factors.hold_first(person)
            added = made is not None and passkeys.add(person, made, _("Passkey"))
            if added and first:
                second_factors.keep_codes(person, codes)
            if added and current_user.is_authenticated:
                sessions.end_all(person, but=token)
            elif added:
                _begin(person, "passkey")
    except second_factors.NotFirst:
        added = False
    if not added:
        flash(_("The passkey was not registered. Try it again, or use an app."), "late")
        return redirect(url_for("account.security" if current_user.is_authenticated else "account.set_up",
                                next=landing.wanted()), 303)
    return _added([code.shown for code in codes])


def _sitting() -> tuple[str, Person]:
    """The token of the session in this browser, whole or half, and whose it is; 404 for nobody's."""
    if current_user.is_authenticated:
        return sessions.token() or "", me()
    if (held := sessions.half()) is None:
        abort(404)
    return held


def _may_add(person: Person) -> bool:
    if current_user.is_authenticated:
        return sessions.is_fresh(step_up.limit_to_send())
    return person.staff and not second_factors.has_any(person)
