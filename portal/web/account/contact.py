"""Another contact for one's account: proof of who one is, then the code that was sent to the new contact."""
from typing import Any

import flask
from flask import flash, redirect, render_template, url_for

from portal.kit.db import transaction
from portal.kit.i18n import _
from portal.notices import actions as telling
from portal.people import actions
from portal.people.contacts import channel_of
from portal.web.account import bp, counting, forms
from portal.web.account.proving import UNPROCESSABLE, compare_code, hold, start_again
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
    return compare_code(HELD, title=_("Change the contact"), start=START, then=_changed)


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
