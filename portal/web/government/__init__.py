"""The door for agencies among themselves: registers of documents, connections, the laboratory."""
from flask import Blueprint

bp = Blueprint("government", __name__, url_prefix="/government")

from portal.web.government import (  # noqa: E402
    afterwards,
    compose,
    connections,
    document,
    handling,
    not_now,
    participants,
    registers,
    tabs,
    unmatched,
)

__all__ = [
    "afterwards",
    "bp",
    "compose",
    "connections",
    "document",
    "handling",
    "not_now",
    "participants",
    "registers",
    "tabs",
]
__all__ = ["bp", "connections", "document", "not_now", "participants", "registers", "tabs", "unmatched"]
