"""Another contact for one's account: proof of who one is, then the code that was sent to the new contact."""
from typing import Any

import flask
from flask import flash, redirect, render_template, url_for

from portal.kit.db import transaction
from portal.kit.i18n import _
from portal.notices import actions as telling
from portal.people import actions
from portal.people.contacts import channel_of, shown
from portal.web.account import bp, counting, forms
from portal.web.account.proving import UNPROCESSABLE, held_token, hold, start_again
from portal.web.guard import fresh, fresh_to_change, me, signed_in

HELD = "contact"  # in the browser's session: the token
START = "account.contact"


@bp.route("/account/contact", methods=["GET", "POST"])
@signed_in
@fresh
def contact() -> Any:
    """Ask for the new contact and send it a code. The answer is the same whether or not it has an account."""
    form = forms.AskCode()
    if form.validate_on_submit():
        if form.contact.data in (me().email, me().phone):
            form.contact.errors = [_("This is the contact of this account already")]
        else:
            counting.count_code_request()
            with transaction():
                hold(HELD, actions.begin_contact_change(form.contact.data))
            return redirect(url_for("account.contact_code"), 303)
    return render_template("account/contact.html", form=form), UNPROCESSABLE if form.is_submitted() else 200


@bp.route("/account/contact/code", methods=["GET", "POST"])
@signed_in
@fresh_to_change
def contact_code() -> Any:
    """Compare the code; the contact of before is told."""
    token = held_token(HELD)
    new = actions.waiting_contact(token)
    if new is None:
        return start_again(HELD, START)
    form = forms.Code()
    if form.validate_on_submit():
        counting.count_code_try()
        with transaction():
            proof = actions.prove(token, form.code.data)
        if proof == actions.Proof.right:
            counting.code_was_right()
            return _changed(token)
        if proof == actions.Proof.over:
            return start_again(HELD, START)
        form.code.errors = [_("This is not the code that was sent. Check it and type it again")]
    return render_template("account/code.html", form=form, contact=shown(new), title=_("Change the contact"),
                           again=url_for(START)), UNPROCESSABLE if form.is_submitted() else 200


def _changed(token: str) -> Any:
    try:
        with transaction():
            before = actions.change_contact(me(), token)
            if before:
                telling.send_to(channel_of(before), before, "contact_moved", me().language)
    except actions.NotProven:
        return start_again(HELD, START)
    flask.session.pop(HELD, None)
    flash(_("The contact is changed. Other sessions were signed out, and the contact of before is told."), "done")
    return redirect(url_for("account.profile"), 303)
