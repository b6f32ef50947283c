"""The officers' door: the queue of their agency, and one dossier from the claim to the handing over."""
from flask import Blueprint

bp = Blueprint("officer", __name__, url_prefix="/officer")

from portal.web.officer import dossier, hands, opinions, queue, steps, upload  # noqa: E402

__all__ = ["bp", "dossier", "hands", "opinions", "queue", "steps", "upload"]
