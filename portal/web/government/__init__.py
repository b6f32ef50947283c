"""The door for agencies among themselves: registers of documents, connections, the laboratory; the tasks that the
Government gave."""
from flask import Blueprint

bp = Blueprint("government", __name__, url_prefix="/government")

from portal.web.government import (  # noqa: E402
    afterwards,  # noqa: F401
    bundles,  # noqa: F401
    compose,  # noqa: F401
    conformance,  # noqa: F401
    connections,  # noqa: F401
    document,  # noqa: F401
    handling,  # noqa: F401
    laboratory,  # noqa: F401
    learned,  # noqa: F401
    not_now,  # noqa: F401
    oversight,  # noqa: F401
    parked,  # noqa: F401
    participants,  # noqa: F401
    registers,  # noqa: F401
    reminding,  # noqa: F401
    tabs,  # noqa: F401
    unmatched,  # noqa: F401
)
