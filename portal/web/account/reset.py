"""A new password for somebody who forgot it: the contact, the code that was sent to it, the password."""
from typing import Any

import flask
from flask import flash, redirect, render_template, url_for

from portal.kit.db import transaction
from portal.kit.i18n import _
from portal.people import actions, passwords
from portal.people.contacts import shown
from portal.people.models import Person
from portal.web import step_up
from portal.web.account import bp, counting, forms
from portal.web.account.proving import UNPROCESSABLE, compare_code, held_token, hold, start_again
from portal.web.guard import anyone

HELD = "reset"  # in the browser's session: the token
START = "account.reset"


@bp.route("/password-reset", methods=["GET", "POST"])
@anyone
def reset() -> Any:
    """Ask for the contact and send it a code, or the word that it has no account: the page does not tell."""
    form = forms.AskCode()
    if form.validate_on_submit():
        counting.count_code_request()
        with transaction():
            hold(HELD, actions.begin_reset(form.contact.data))
        return redirect(url_for("account.reset_code"), 303)
    return render_template("account/reset.html", form=form), UNPROCESSABLE if form.is_submitted() else 200


@bp.route("/password-reset/code", methods=["GET", "POST"])
@anyone
def reset_code() -> Any:
    """Compare the code."""
    return compare_code(HELD, title=_("Set a new password"), start=START,
                        then=lambda _token: redirect(url_for("account.reset_password"), 303))


@bp.route("/password-reset/new", methods=["GET", "POST"])
@anyone
def reset_password() -> Any:
    """The new password; every session ends, and the person signs in with it. The staff show their second factor too:
    who reads somebody's mail has the code, and must not thereby have the account."""
    token = held_token(HELD)
    contact = actions.proven_contact(token)
    if contact is None:
        return start_again(HELD, START)
    person = actions.person_to_reset(token)
    form, question = forms.NewPassword(), step_up.Question(person) if person and person.staff else None
    form.known = (contact, shown(contact))
    if question and not question.kinds:
        return _staff_by_administrators()
    if form.validate_on_submit() and (done := _set(token, form, question, person)):
        return done
    return render_template("account/reset_password.html", form=form, contact=shown(contact), question=question), \
        UNPROCESSABLE if form.is_submitted() else 200


def _set(token: str, form: forms.NewPassword, question: step_up.Question | None, person: Person | None) -> Any:
    """The answer where the password was set; None where the second factor was not shown."""
    password = passwords.hash(form.password.data)
    try:
        if question and person:
            if not step_up.judge(question, person, token, lambda: actions.finish_reset(token, password, proven=True)):
                return None
        else:
            with transaction():
                actions.finish_reset(token, password)
    except actions.FactorNeeded:
        return _staff_by_administrators()
    except actions.NotProven:
        return start_again(HELD, START)
    flask.session.pop(HELD, None)
    flash(_("The new password is set. Sign in with it."), "done")
    return redirect(url_for("account.sign_in"), 303)


def _staff_by_administrators() -> Any:
    flask.session.pop(HELD, None)
    flash(_("Whoever works here sets no new password by a code alone. Ask an administrator for a recovery: two of them "
            "open the account again."), "late")
    return redirect(url_for("account.sign_in"), 303)
