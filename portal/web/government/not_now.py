"""What cannot be done with a document as it stands: why, in words, and the way back to it."""
from typing import Any

from flask import render_template, request, url_for

from portal.exchange.handling import NotNow
from portal.kit.i18n import _
from portal.web.government import bp
from portal.web.turned_away import typed


@bp.app_errorhandler(NotNow)
def _on_not_now(error: NotNow) -> Any:
    copy_id = (request.view_args or {}).get("copy_id")
    back = url_for("government.copy", copy_id=copy_id) if copy_id else url_for("government.incoming")
    return render_template("errors/document.html", words=_(error.words, **error.values), typed=typed(), back=back), 409
