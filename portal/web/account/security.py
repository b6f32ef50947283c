"""One's second factors: what there is, taking away, new recovery codes; and the question before what matters."""
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for

from portal.kit.db import transaction
from portal.kit.i18n import _
from portal.people import second_factors, sessions
from portal.web import step_up
from portal.web.account import bp, landing
from portal.web.guard import fresh, me, signed_in


@bp.route("/account/confirm", methods=["GET", "POST"])
@signed_in
def confirm() -> Any:
    """Prove again who one is, then go on to the page that asked."""
    form = step_up.Question(me())
    if form.is_answered and step_up.judge(form, me(), sessions.token() or "", sessions.prove):
        return landing.land(me(), landing.wanted())
    if form.is_submitted() and not form.is_answered:
        form.answer.errors = [_("Fill in “%(label)s”", label=form.answer.label.text)]
    return step_up.ask(form, me(), 422 if request.method == "POST" else 200)


@bp.get("/account/security")
@signed_in
def security() -> Any:
    """The second factors of one's account."""
    return render_template("account/security.html", factors=second_factors.of(me()), site=step_up.site(),
                           codes_left=second_factors.codes_left(me()),
                           may_add=sessions.is_fresh(step_up.limit_to_send()))


@bp.post("/account/security/<int:factor_id>/remove")
@signed_in
@fresh
def remove_factor(factor_id: int) -> Any:
    """Take one away; the staff keep one."""
    with transaction():
        factor = next((one for one in second_factors.of(me()) if one.id == factor_id), None)
        if factor is None:
            abort(404)
        try:
            second_factors.remove(me(), factor)
        except second_factors.Last:
            flash(_("Add another second factor first: whoever works here always has one."), "late")
            return redirect(url_for("account.security"), 303)
        sessions.end_all(me(), but=sessions.token())
    flash(_("The second factor was taken away."), "done")
    return redirect(url_for("account.security"), 303)


@bp.post("/account/security/codes")
@signed_in
@fresh
def new_codes() -> Any:
    """Ten other recovery codes; those of before are void."""
    if not second_factors.has_any(me()):
        abort(404)
    codes = second_factors.new_codes()
    with transaction():
        second_factors.renew_codes(me(), codes)
        sessions.end_all(me(), but=sessions.token())
    return render_template("account/recovery_codes.html", codes=[code.shown for code in codes], next=None)
