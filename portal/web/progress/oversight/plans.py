"""Which agencies issued a plan for a programme, and which have none, on any day, for everybody."""
from datetime import date
from typing import Any

from flask import Response, abort, jsonify, render_template, request

from portal.intake import publishers
from portal.kit import clock
from portal.kit.caching import public_cache
from portal.kit.web import for_every_site
from portal.oversight import plans
from portal.people.models import AgencyKind
from portal.web.files import send
from portal.web.guard import anyone
from portal.web.progress import bp

KEPT_S, FILE_KEPT_S = 300, 60
OK, UNPROCESSABLE = 200, 422
HIGHEST = 2**31 - 1


@bp.get("/oversight/plans")
@anyone
@public_cache(KEPT_S)
def action_plans() -> Any:
    """The agencies of a day with their plans for one programme, and those without one."""
    day, wrong = _day()
    programmes = plans.programmes()
    programme = _programme(programmes)
    held = plans.of(programme, day)
    agencies = publishers.existing(day)
    lines = [(one, held[one.id]) for one in agencies if one.id in held]
    groups = [("central", [one for one in agencies if one.kind != AgencyKind.province]),
              ("provinces", [one for one in agencies if one.kind == AgencyKind.province])]
    return render_template(
        "progress/oversight/plans.html", lines=lines, programmes=programmes, programme=programme, on=day, wrong=wrong,
        today=clock.today(), files=plans.public_files(held.values()), groups=[
            (key, len(group), [one for one in group if one.id not in held]) for key, group in groups if group],
    ), UNPROCESSABLE if wrong else 200


@bp.get("/oversight/plans.json")
@anyone
@public_cache(KEPT_S)
def action_plans_file() -> Response:
    """The same for machines: a list of agencies, each with its plan or none."""
    for_every_site()
    day, _wrong = _day()
    programme = _programme(plans.programmes())
    held = plans.of(programme, day)
    return jsonify([{"agency": one.key, "name": one.name, "programme": programme, "on": day.isoformat(),
                     "plan": {"number": held[one.id].number, "issued_on": held[one.id].issued_on.isoformat(),
                              "title": held[one.id].title} if one.id in held else None}
                    for one in publishers.existing(day)])


@bp.get(f"/oversight/plans/<int(max={HIGHEST}):plan_id>/file")
@anyone
def action_plan_file(plan_id: int) -> Response:
    """The file of a plan that everybody may read; a minute later nobody is given one that was withdrawn."""
    plan = plans.plan(plan_id) or abort(404)
    found = plans.public_files([plan]).get(plan.id) or abort(404)
    answer = send(found.file, found.name)
    if answer.status_code == OK and not request.environ.get("HTTP_COOKIE"):
        answer.headers["Cache-Control"] = f"public, max-age=0, s-maxage={FILE_KEPT_S}"
        answer.vary.add("Cookie")
    return answer


def _day() -> tuple[date, str]:
    """The day that is asked for, and what was typed where that is none: then today. Of days to come nobody knows more
    than of today."""
    said = request.args.get("on", "").strip()[:20]
    try:
        return min(date.fromisoformat(said), clock.today()), ""
    except ValueError:
        return clock.today(), said


def _programme(known: Any) -> str:
    """The programme that is asked for; the first that is known where none is, or another."""
    said = request.args.get("programme", "").strip()
    return said if said in known else next(iter(known), "")
