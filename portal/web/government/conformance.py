"""How each connected system's messages depart from the standard, counted from its real traffic: of all systems for who
watches over them, of its own agency's for an agency's administrator."""
from typing import Any

from flask import abort, render_template, request

from portal.exchange import conformance as room
from portal.exchange import queries
from portal.exchange.edxml.deviations import NAMES
from portal.exchange.edxml.profiles import PROFILES
from portal.exchange.laboratory import WHERE
from portal.web import paging
from portal.web.government import bp
from portal.web.government.connections import CONNECT, MANAGE, WATCH, watched
from portal.web.guard import permission

MOST_BARS = 12


@bp.get("/exchange/conformance")
@permission(WATCH, MANAGE, CONNECT)
def conformance() -> Any:
    """Every connected system that this person watches over, with how many of its messages departed, and in what."""
    found = room.systems(watched(), request.args.get("after", ""), room.PAGE + 1)
    further = found[room.PAGE - 1].code if len(found) > room.PAGE else None
    return render_template("government/conformance.html", systems=found[:room.PAGE],
                           pages=paging.around("after", further))


@bp.get("/exchange/conformance/<int:participant_id>")
@permission(WATCH, MANAGE, CONNECT)
def system_conformance(participant_id: int) -> Any:
    """One system: each way in which its messages depart, how often, since when, with the last that did."""
    system, agencies = queries.participant(participant_id), watched()
    if system is None or (agencies is not None and system.agency_id not in agencies):
        abort(404)
    every, lines = room.of(participant_id)
    dialect = room.nearest_dialect(participant_id)
    return render_template(
        "government/system_conformance.html", system=system, every=every, lines=lines, names=NAMES, where=WHERE,
        most=MOST_BARS, dialect=_words(dialect), profile=_words(system.profile))


def _words(profile: str | None) -> str | None:
    return PROFILES[profile].words if profile and profile in PROFILES else None
