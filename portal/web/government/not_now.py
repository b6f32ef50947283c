"""What cannot be done with a document as it stands: why, in words, and the way back to it."""
from typing import Any

from flask import render_template, request, url_for

from portal.exchange.handling import NotNow
from portal.kit.i18n import _
from portal.web.government import bp
from portal.web.turned_away import typed


@bp.app_errorhandler(NotNow)
def _on_not_now(error: NotNow) -> Any:
    args = request.view_args or {}
    back = url_for("government.incoming")
    if "document_id" in args:
        back = url_for("government.document", document_id=args["document_id"])
    elif "copy_id" in args:
        back = url_for("government.copy", copy_id=args["copy_id"])
    return render_template("errors/document.html", words=_(error.words, **error.values), typed=typed(), back=back), 409
