"""The applicant's downloads: what they handed in, the papers they were given, the result."""
from typing import Any

from flask import abort

from portal.dossiers.models import Dossier
from portal.dossiers.permissions import READ
from portal.dossiers.states import STATES, State
from portal.files import queries
from portal.papers import queries as papers
from portal.web.citizen import bp
from portal.web.files import send
from portal.web.guard import own_dossier


@bp.get("/my/dossiers/<int:dossier_id>/attachments/<int:attachment_id>")
@own_dossier(READ)
def attachment(dossier: Dossier, attachment_id: int) -> Any:
    """One file of the dossier; the result only once it was handed over."""
    found = queries.attachment(attachment_id)
    if found is None or found.owner != dossier.owner:
        abort(404)
    if found.key == "result" and not STATES[State(dossier.state)].result_out:
        abort(404)
    return send(found.file, found.name)


@bp.get("/my/dossiers/<int:dossier_id>/papers/<int:paper_id>")
@own_dossier(READ)
def paper(dossier: Dossier, paper_id: int) -> Any:
    """One official paper, the same bytes for ever."""
    found = papers.sheet(paper_id)
    if found is None or found.paper.owner != dossier.owner:
        abort(404)
    return send(found.file, f"{found.paper.kind}-{found.paper.dossier_code}-{found.size_name}.pdf")
