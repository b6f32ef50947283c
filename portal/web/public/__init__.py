"""The door that is open to all: home, catalogue, search, the sheet of a service."""
from flask import Blueprint

bp = Blueprint("public", __name__)

from portal.web.public import views  # noqa: E402, F401  registers the routes on bp
