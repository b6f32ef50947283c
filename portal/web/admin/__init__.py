"""The door for administrators: people, agencies, and work that got stuck."""
from flask import Blueprint

bp = Blueprint("admin", __name__, url_prefix="/admin")

from portal.web.admin import citizens, clashes, jobs, mapping, people, recovery, units, views  # noqa: E402,F401
