"""The step that registering and a new password share: type the code that was sent to the contact."""
from collections.abc import Callable
from typing import Any

import flask
from flask import flash, redirect, render_template, url_for

from portal.kit import secret_keys
from portal.kit.db import transaction
from portal.kit.i18n import _
from portal.people import actions
from portal.people.contacts import shown
from portal.web.account import counting, forms

UNPROCESSABLE = 422


def hold(held: str, token: str) -> None:
    """Keep a token in the browser's session, where only the portal reads it: the cookie is signed, not secret, and who
    learns the key of cookies shall not know the token either."""
    flask.session[held] = secret_keys.seal("tokens", held, token.encode())


def held_token(held: str) -> str:
    """The token that was kept so; "" where there is none."""
    try:
        return secret_keys.unseal("tokens", held, str(flask.session.get(held) or "")).decode()
    except secret_keys.Unsealable:
        return ""


def compare_code(held: str, *, title: str, start: str, then: Callable[[str], Any]) -> Any:
    """Ask for the code of the token that stands under `held` in the browser's session.

    `start` is the endpoint where a code is asked for; `then` answers once it is right, with the token.
    """
    token = held_token(held)
    contact = actions.waiting_contact(token)
    if contact is None:
        return start_again(held, start)
    form = forms.Code()
    if form.validate_on_submit():
        counting.count_code_try()
        with transaction():
            proof = actions.prove(token, form.code.data)
        if proof == actions.Proof.right:
            counting.code_was_right()
            return then(token)
        if proof == actions.Proof.over:
            return start_again(held, start)
        form.code.errors = [_("This is not the code that was sent. Check it and type it again")]
    return render_template("account/code.html", form=form, contact=shown(contact), title=title,
                           again=url_for(start)), UNPROCESSABLE if form.is_submitted() else 200


def start_again(held: str, start: str) -> Any:
    """The code is over: say so where there was one, and ask for another."""
    if flask.session.pop(held, None):
        flash(_("The code no longer works: it lasts 10 minutes and 5 tries. Ask for a new one."), "late")
    return redirect(url_for(start), 303)
