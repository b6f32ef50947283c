"""A citizen closes the own account: not while dossiers are open, and what becomes of the rest is said before."""
from typing import Any

from flask import abort, flash, redirect, render_template, url_for

from portal.dossiers import actions as dossiers
from portal.dossiers import queries
from portal.kit.db import transaction
from portal.kit.forms import Form, Tick
from portal.kit.i18n import _, _l
from portal.notices import actions as telling
from portal.people import closings, sessions
from portal.people.contacts import channel_of
from portal.web.account import bp
from portal.web.guard import citizen, fresh, me

UNPROCESSABLE = 422


class Close(Form):
    sure = Tick(_l("Close my account for good"))


@bp.route("/account/close", methods=["GET", "POST"])
@citizen
@fresh
def close() -> Any:
    """Say what becomes of everything, then close it."""
    form = Close()
    if form.validate_on_submit() and not queries.open_of(me()):
        with transaction():
            person = me()
            for draft in queries.drafts_of(person):  # one that is handed in meanwhile stops it all
                dossiers.discard(draft, by=person)
            if queries.open_of(person):
                abort(409)
            for contact in filter(None, (person.email, person.phone)):
                telling.send_to(channel_of(contact), contact, "account_given_up", person.language)
            closings.give_up(person)
            sessions.leave()
        flash(_("The account is closed."), "done")
        return redirect(url_for("public.home"), 303)
    return render_template("account/close.html", form=form, waiting=queries.open_of(me()),
                           drafts=len(queries.drafts_of(me()))), UNPROCESSABLE if form.is_submitted() else 200
