"""A new password for somebody who forgot it: the contact, the code that was sent to it, the password."""
from typing import Any

import flask
from flask import flash, redirect, render_template, url_for

from portal.kit.db import transaction
from portal.kit.i18n import _
from portal.people import actions, passwords
from portal.people.contacts import shown
from portal.web.account import bp, counting, forms
from portal.web.account.proving import UNPROCESSABLE, compare_code, start_again
from portal.web.guard import anyone

HELD = "reset"  # in the browser's session: the token
START = "account.reset"


@bp.route("/password-reset", methods=["GET", "POST"])
@anyone
def reset() -> Any:
    """Ask for the contact and send it a code, or the word that it has no account: the page does not tell."""
    form = forms.AskCode()
    if form.validate_on_submit():
        counting.count_code_request(form.contact.data)
        with transaction():
            flask.session[HELD] = actions.begin_reset(form.contact.data)
        return redirect(url_for("account.reset_code"), 303)
    return render_template("account/reset.html", form=form), UNPROCESSABLE if form.is_submitted() else 200


@bp.route("/password-reset/code", methods=["GET", "POST"])
@anyone
def reset_code() -> Any:
    """Compare the code."""
    return compare_code(HELD, title=_("Set a new password"), start=START, then="account.reset_password")


@bp.route("/password-reset/new", methods=["GET", "POST"])
@anyone
def reset_password() -> Any:
    """The new password; every session ends, and the person signs in with it."""
    token = flask.session.get(HELD, "")
    contact = actions.proven_contact(token)
    if contact is None:
        return start_again(HELD, START)
    form = forms.NewPassword()
    form.known = (contact, shown(contact))
    if form.validate_on_submit():
        password = passwords.hash(form.password.data)
        try:
            with transaction():
                actions.finish_reset(token, password)
        except actions.NotProven:
            return start_again(HELD, START)
        flask.session.pop(HELD, None)
        flash(_("The new password is set. Sign in with it."), "done")
        return redirect(url_for("account.sign_in"), 303)
    return render_template("account/reset_password.html", form=form, contact=shown(contact)), \
        UNPROCESSABLE if form.is_submitted() else 200
