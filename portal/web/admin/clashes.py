"""Codes that two dossiers have: one of this portal, and one of an agency's own system."""
from typing import Any

from flask import render_template, request

from portal.intake import clashes
from portal.law import codes
from portal.web.admin import bp
from portal.web.guard import permission
from portal.web.paging import around


@bp.get("/code-clashes")
@permission("mapping.manage")
def code_clashes() -> Any:
    """What was found when codes got a series of their own."""
    after = codes.parse(request.args.get("after", "")) or ""
    found = clashes.found(after, clashes.PAGE + 1)
    shown = found[:clashes.PAGE]
    pages = around("after", shown[-1].code if len(found) > clashes.PAGE else None)
    return render_template("admin/code_clashes.html", clashes=shown, pages=pages)
