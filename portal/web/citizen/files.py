"""The applicant's downloads: what they handed in, the papers they were given, the result."""
from typing import Any

from flask import abort, current_app, flash, redirect, render_template, url_for

from portal.dossiers import refused_files
from portal.dossiers.models import Dossier
from portal.dossiers.permissions import READ, REPLACE
from portal.dossiers.states import STATES, NotNow, State, Step
from portal.files import actions as documents
from portal.files import queries
from portal.files.models import RESULT
from portal.kit.db import transaction
from portal.kit.files import Refused
from portal.kit.i18n import _
from portal.papers import queries as papers
from portal.web.citizen import bp, forms
from portal.web.files import refusal_words, send
from portal.web.guard import me, own_dossier


@bp.get("/my/dossiers/<int:dossier_id>/attachments/<int:attachment_id>")
@own_dossier(READ)
def attachment(dossier: Dossier, attachment_id: int) -> Any:
    """One file of the dossier; the result only once it was handed over."""
    found = queries.attachment(attachment_id)
    if found is None or found.owner != dossier.owner:
        abort(404)
    if found.key == RESULT and not STATES[State(dossier.state)].result_out:
        abort(404)
    return send(found.file, found.name)


@bp.route("/my/dossiers/<int:dossier_id>/attachments/<int:attachment_id>/replace", methods=["GET", "POST"])
@own_dossier(REPLACE)
def replace(dossier: Dossier, attachment_id: int) -> Any:
    """Hand in a clean copy of a file in which a scanner found something."""
    found = queries.attachment(attachment_id)
    if found is None or found.owner != dossier.owner or not queries.is_refused(found):
        abort(404)
    if not refused_files.may_be_replaced(dossier, found):
        raise NotNow(State(dossier.state), Step.answer)
    form = forms.Replacement()
    form.file.max_bytes = current_app.config["ATTACHMENT_BYTES"]
    if form.validate_on_submit():
        try:
            proven = documents.prove(form.file.data[0].stream, form.file.data[0].filename, by_id=me().id)
            with transaction():
                refused_files.replace(dossier, found, proven, by=me())
        except Refused as refused:
            form.file.errors = [refusal_words(refused)]
        else:
            flash(_("“%(name)s” is now in the dossier.", name=proven.name), "done")
            return redirect(url_for(".show", dossier_id=dossier.id), 303)
    return render_template("citizen/replace.html", dossier=dossier, attachment=found, form=form), \
        422 if form.errors else 200


@bp.get("/my/dossiers/<int:dossier_id>/papers/<int:paper_id>")
@own_dossier(READ)
def paper(dossier: Dossier, paper_id: int) -> Any:
    """One official paper, the same bytes for ever."""
    found = papers.sheet(paper_id)
    if found is None or found.paper.owner != dossier.owner:
        abort(404)
    return send(found.file, f"{found.paper.kind}-{found.paper.dossier_code}-{found.size_name}.pdf")
