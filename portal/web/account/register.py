"""Registering: a contact, the code that was sent to it, then name and password."""
from typing import Any

import flask
from flask import flash, redirect, render_template, url_for

from portal.kit.db import transaction
from portal.kit.i18n import _
from portal.people import actions, passwords
from portal.people.contacts import shown
from portal.web.account import bp, counting, forms, landing
from portal.web.account.proving import UNPROCESSABLE, compare_code, held_token, hold, start_again
from portal.web.guard import anyone

HELD, AFTER = "register", "after_register"  # in the browser's session: the token, and where to go then
START = "account.register"


@bp.route("/register", methods=["GET", "POST"])
@anyone
def register() -> Any:
    """Ask for a contact and send it a code. The answer is the same whether or not it has an account."""
    form = forms.AskCode()
    if form.validate_on_submit():
        counting.count_code_request()
        with transaction():
            hold(HELD, actions.begin_registration(form.contact.data))
        flask.session[AFTER] = landing.wanted()
        return redirect(url_for("account.register_code"), 303)
    return render_template("account/register.html", form=form, next=landing.wanted()), \
        UNPROCESSABLE if form.is_submitted() else 200


@bp.route("/register/code", methods=["GET", "POST"])
@anyone
def register_code() -> Any:
    """Compare the code."""
    return compare_code(HELD, title=_("Register an account"), start=START,
                        then=lambda _token: redirect(url_for("account.register_details"), 303))


@bp.route("/register/details", methods=["GET", "POST"])
@anyone
def register_details() -> Any:
    """Name and password; then the account exists and the person is signed in."""
    token = held_token(HELD)
    contact = actions.proven_contact(token)
    if contact is None:
        return start_again(HELD, START)
    form = forms.Details()
    form.known = (contact, shown(contact))
    if form.validate_on_submit():
        after, password = flask.session.get(AFTER), passwords.hash(form.password.data)
        try:
            with transaction():
                person = actions.complete_registration(token, form.name.data, password)
                actions.sign_in(person)
        except actions.ContactTaken:
            flash(_("There is an account with this contact already. Sign in."), "waiting")
            return redirect(url_for("account.sign_in"), 303)
        except actions.NotProven:
            return start_again(HELD, START)
        flash(_("The account is ready, and you are signed in."), "done")
        return landing.land(person, after)
    return render_template("account/details.html", form=form, contact=shown(contact)), \
        UNPROCESSABLE if form.is_submitted() else 200
