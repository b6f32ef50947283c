"""The tasks that the Government gave, for everybody: by agency, and each agency's own."""
from typing import Any

from flask import Response, abort, jsonify, render_template

from portal.kit import clock
from portal.kit.caching import public_cache
from portal.kit.web import for_every_site
from portal.oversight import queries, tallies
from portal.oversight.models import Assignment
from portal.oversight.standing import LOOKS, STATE_WORDS
from portal.people import queries as people
from portal.web.guard import anyone
from portal.web.progress import bp

KEPT_S = 300


@bp.get("/oversight/tasks")
@anyone
@public_cache(KEPT_S)
def tasks() -> str:
    """Every agency with tasks: given, done, late, and the change since the quarter began."""
    found = tallies.by_agency(clock.today())
    return render_template("progress/oversight/tasks.html", tallies=found, totals=tallies.totals(found))


@bp.get("/oversight/tasks.json")
@anyone
@public_cache(KEPT_S)
def tasks_file() -> Response:
    """The same for machines: a list of agencies."""
    for_every_site()
    today = clock.today()
    return jsonify([{
        "agency": one.key, "name": one.name, "given": one.given, "done": one.done, "done_late": one.done_late,
        "late": one.open_late, "reported_not_confirmed": one.claimed, "share": one.share, "change": one.change,
        "on": today.isoformat()} for one in tallies.by_agency(today)])


@bp.get("/oversight/tasks/<agency>")
@anyone
@public_cache(KEPT_S)
def tasks_of(agency: str) -> Any:
    """One agency's public tasks: what is still to do, what is done."""
    found = people.agency_by_key(agency) or abort(404)
    return render_template(
        "progress/oversight/agency_tasks.html", agency=found, today=clock.today(), state_words=STATE_WORDS, looks=LOOKS,
        open_tasks=_public([*queries.open_tasks(found.id), *queries.undated(found.id)]),
        done_tasks=_public(queries.done_tasks(found.id)))


def _public(found: Any) -> list[Assignment]:
    return [one for one in found if one.directive.public]
