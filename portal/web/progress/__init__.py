"""The door for everybody: the progress of one dossier, an agency, the nation; and is this paper ours?"""
from flask import Blueprint
from flask.blueprints import BlueprintSetupState
from werkzeug.routing import BaseConverter

bp = Blueprint("progress", __name__)


class DossierCodeConverter(BaseConverter):
    """Whatever looks like a dossier code rather than an agency's key: it has a date and a number behind
    dashes."""

    regex = r"[^/]*[0-9]{6,8}[^/0-9]{1,4}[0-9]{4}[^/]*"
    weight = 50  # asked before the rule for agencies


class IndexKeyConverter(BaseConverter):
    """The key of an index: no dot, so that its file is another address."""

    regex = r"[a-z0-9_-]{1,40}"


@bp.record_once
def _register_converters(state: BlueprintSetupState) -> None:
    state.app.url_map.converters["dossier_code"] = DossierCodeConverter
    state.app.url_map.converters["index_key"] = IndexKeyConverter


from portal.web.progress import (  # noqa: E402
    breakdowns,
    calibration,
    charts,
    connections,
    coverage,
    open_data,
    oversight,
    publishers,
    verify,
    views,
)

__all__ = ["bp", "breakdowns", "calibration", "charts", "connections", "coverage", "open_data", "oversight",
           "publishers", "verify", "views"]
