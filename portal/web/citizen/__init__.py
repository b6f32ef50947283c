"""The door for the person who applies."""
from flask import Blueprint

bp = Blueprint("citizen", __name__)

from portal.web.citizen import apply, commune, dossier, files  # noqa: E402,F401  the views register themselves
