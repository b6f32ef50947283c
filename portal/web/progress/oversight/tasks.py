"""The tasks that the Government gave, for everybody: by agency, and each agency's own."""
from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import Response, abort, jsonify, render_template, request, url_for

from portal.intake.workbook import as_csv
from portal.kit import clock
from portal.kit.addresses import public_url
from portal.kit.caching import public_cache
from portal.kit.i18n import _, _l
from portal.kit.web import for_every_site
from portal.oversight import lists, tallies
from portal.oversight.models import Assignment
from portal.oversight.standing import LOOKS, STATE_WORDS
from portal.oversight.tallies import SORTS, Tally
from portal.people import queries as people
from portal.people.models import Agency, AgencyKind
from portal.web.guard import anyone
from portal.web.paging import around
from portal.web.progress import bp

KEPT_S = 300
IN_A_FILE = 1_000  # tasks in one answer for machines; the next one is named in it
SORT_WORDS = {"late": _l("Late first"), "share": _l("Most done first"), "change": _l("Most change first"),
              "given": _l("Most tasks first"), "name": _l("By name")}
SHOWN = {"all": _l("All agencies"), "central": _l("Ministries and central bodies"),
         "provinces": _l("Provinces and cities"), "done": _l("Finished all"), "none": _l("Finished none"),
         "late": _l("With late tasks")}
PARTS = {"open": _l("To do"), "undated": _l("Without a day"), "done": _l("Done")}


@bp.get("/oversight/tasks")
@anyone
@public_cache(KEPT_S)
def tasks() -> str:
    """Every agency with tasks: given, done, late and by how much, and the change since the quarter began."""
    sort, shown = _chosen("sort", SORTS, "late"), _chosen("show", SHOWN, "all")
    found = tallies.by_agency(clock.today(), sort=sort)
    return render_template("progress/oversight/tasks.html", tallies=[one for one in found if _is(one, shown)],
                           totals=tallies.totals(found), sort=sort, sorts=SORT_WORDS, shown=shown, choices=SHOWN,
                           today=clock.today())


@bp.get("/oversight/tasks.json")
@anyone
@public_cache(KEPT_S)
def tasks_file() -> Response:
    """The same for machines: a list of agencies."""
    for_every_site()
    return jsonify(_rows())


@bp.get("/oversight/tasks.csv")
@anyone
@public_cache(KEPT_S)
def tasks_table() -> Response:
    """The same as a table."""
    for_every_site()
    return as_table(_rows(), tuple(_row(Tally(0, "", "", ""), "")), _("tasks-by-agency.csv"))


@bp.get("/oversight/tasks/<agency>")
@anyone
@public_cache(KEPT_S)
def tasks_of(agency: str) -> Any:
    """One agency's public tasks: how they stand, and a part of them page by page."""
    found = people.agency_by_key(agency) or abort(404)
    part, today = _chosen("part", PARTS, "open"), clock.today()
    page = _part(found, part, lists.PAGE)
    quarters = tallies.quarters(found.id, today)
    return render_template(
        "progress/oversight/agency_tasks.html", agency=found, today=today, state_words=STATE_WORDS, looks=LOOKS,
        part=part, parts=PARTS, page_rows=page.rows, quarters=quarters if len(quarters) > 1 else (),
        tally=next(iter(tallies.by_agency(today, found.id)), None),
        pages=around("after", _said(page.next), part=part if part != "open" else None))


@bp.get("/oversight/tasks/<agency>.<any(json, csv):form>")
@anyone
@public_cache(KEPT_S)
def tasks_of_file(agency: str, form: str) -> Response:
    """The same for machines, a thousand tasks at a time; where there are more the answer names the next address."""
    for_every_site()
    found = people.agency_by_key(agency) or abort(404)
    part = _chosen("part", PARTS, "open")
    page = _part(found, part, IN_A_FILE)
    rows = [task_row(one, clock.today(), agency=found.key) for one in page.rows]
    further = address("progress.tasks_of_file", agency=found.key, form=form, part=part, after=_said(page.next)) \
        if page.next else None
    answer = as_table(rows, TASK_COLUMNS, f"{found.key}-{part}.csv") if form == "csv" else \
        jsonify({"agency": found.key, "part": part, "tasks": rows, "next": further})
    if further:
        answer.headers["Link"] = f'<{further}>; rel="next"'
    return answer


TASK_COLUMNS = ("task", "agency", "lead", "directive", "number", "article", "words", "period", "due_on", "state",
                "days_late", "reported_on", "done_on", "address")


def task_row(one: Assignment, today: date, agency: str) -> dict[str, Any]:
    """A task for machines. `reported_on`: what the agency says; `done_on`: what is confirmed."""
    given = one.directive
    values = (one.id, agency, one.lead, given.id, given.number, given.article, given.words, one.period or None,
              _iso(one.due_on), one.state(today), one.days_late(today),
              _iso(clock.day_of(one.claimed_at)) if one.claimed_at else None, _iso(one.done_on),
              address("progress.directive", directive_id=given.id))
    return dict(zip(TASK_COLUMNS, values, strict=True))


def address(endpoint: str, **args: Any) -> str:
    """The whole address of a page, for machines."""
    return public_url() + url_for(endpoint, **args)


def as_table(rows: Sequence[dict[str, Any]], columns: Sequence[str], name: str) -> Response:
    """A CSV of these rows."""
    response = Response(as_csv([columns, *([_plain(row[column]) for column in columns] for row in rows)]),
                        mimetype="text/csv")
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return response


def _rows() -> list[dict[str, Any]]:
    today = clock.today()
    return [_row(one, today.isoformat()) for one in tallies.by_agency(today)]


def _row(one: Tally, on: str) -> dict[str, Any]:
    return {"agency": one.key, "name": one.name, "given": one.given, "done": one.done, "done_late": one.done_late,
            "late": one.open_late, "most_days_late": one.most_late, "middle_days_late": one.half_late,
            "reported_not_confirmed": one.claimed, "share": one.share, "change": one.change, "on": on}


def _is(one: Tally, shown: str) -> bool:
    province = one.kind == AgencyKind.province
    return {"all": True, "central": not province, "provinces": province, "done": one.done == one.given,
            "none": one.done == 0, "late": one.open_late > 0}[shown]


def _part(agency: Agency, part: str, size: int) -> lists.Page:
    after = request.args.get("after", "")
    if part == "undated":
        return lists.undated_tasks(agency.id, int(after) if after.isdecimal() and len(after) < 12 else 0, size)
    listed = lists.open_tasks if part == "open" else lists.done_tasks
    return listed(agency.id, _read(after), size)


def _read(said: str) -> tuple[date, int] | None:
    """Where a page begins: "2026-11-30_17"."""
    day, _mark, number = said.partition("_")
    try:
        return (date.fromisoformat(day), int(number)) if number.isdecimal() and len(number) < 12 else None
    except ValueError:
        return None


def _said(place: Any) -> str | None:
    return None if place is None else f"{place[0].isoformat()}_{place[1]}" if isinstance(place, tuple) else str(place)


def _chosen(name: str, choices: Any, otherwise: str) -> str:
    asked = request.args.get(name, "")
    return asked if asked in choices else otherwise


def _plain(value: Any) -> Any:
    return "" if value is None else int(value) if isinstance(value, bool) else value


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
