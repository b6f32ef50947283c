"""The door for administrators: people, agencies, and work that got stuck."""
from flask import Blueprint

bp = Blueprint("admin", __name__, url_prefix="/admin")

from portal.web.admin import (  # noqa: E402
    citizens,  # noqa: F401
    clashes,  # noqa: F401
    jobs,  # noqa: F401
    leaving,  # noqa: F401
    mapping,  # noqa: F401
    people,  # noqa: F401
    recovery,  # noqa: F401
    security,  # noqa: F401
    units,  # noqa: F401
    views,  # noqa: F401
)
