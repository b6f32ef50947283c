"""The register of agencies."""
from typing import Any

from flask import render_template

from portal.people import queries
from portal.web.admin import bp
from portal.web.guard import permission


@bp.get("/agencies")
@permission("agencies.read")
def agencies() -> Any:
    """The register of agencies with how long each existed and whom it took over from."""
    return render_template("admin/agencies.html", lines=queries.agency_register())
