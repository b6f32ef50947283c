"""What the Government asked, for everybody: the directives, and how every agency stands with each."""
from typing import Any

from flask import Response, abort, jsonify, render_template, request

from portal.kit import clock
from portal.kit.caching import public_cache
from portal.kit.i18n import _
from portal.kit.web import for_every_site
from portal.oversight import lists, probes
from portal.oversight.models import Directive
from portal.oversight.standing import LOOKS, STATE_WORDS, State
from portal.web.guard import anyone
from portal.web.paging import around
from portal.web.progress import bp
from portal.web.progress.oversight.tasks import IN_A_FILE, KEPT_S, TASK_COLUMNS, address, as_table, task_row

LONGEST = 200
HIGHEST = 2**31 - 1
ONE = f"/oversight/directives/<int(max={HIGHEST}):directive_id>"
COLUMNS = ("directive", "number", "issuer", "issued_on", "article", "words", "product", "deadline", "due_on", "every",
           "condition", "source", "confidence", "address")


@bp.get("/oversight/directives")
@anyone
@public_cache(KEPT_S)
def directives() -> str:
    """The directives, the newest first; by number or words with ?q=."""
    said = request.args.get("q", "")[:LONGEST].strip()
    page = lists.directives(said, _before(), public=True)
    return render_template("progress/oversight/directives.html", rows=page.rows, said=said, until=page.until,
                           looked=lists.LOOKED_THROUGH, pages=around("before", page.next or page.until, q=said or None))


@bp.get("/oversight/directives.<any(json, csv):form>")
@anyone
@public_cache(KEPT_S)
def directives_file(form: str) -> Response:
    """The same for machines, a thousand at a time; where there are more the answer names the next address."""
    for_every_site()
    page = lists.directives("", _before(), public=True, size=IN_A_FILE)
    rows = [_row(one) for one in page.rows]
    further = address("progress.directives_file", form=form, before=page.next) if page.next else None
    answer = as_table(rows, COLUMNS, "directives.csv") if form == "csv" else \
        jsonify({"directives": rows, "next": further})
    if further:
        answer.headers["Link"] = f'<{further}>; rel="next"'
    return answer


@bp.get(ONE)
@anyone
@public_cache(KEPT_S)
def directive(directive_id: int) -> str:
    """One directive and how every agency stands with it, of one period where it comes again."""
    found = lists.directive(directive_id, public=True) or abort(404)
    period, today = lists.of_directive(directive_id, request.args.get("period", "")[:8] or None), clock.today()
    states = [one.state(today) for one in period.tasks if one.lead]
    whole = lists.directive(found.parent_id, public=True) if found.parent_id else None
    return render_template(
        "progress/oversight/directive.html", directive=found, period=period, today=today, whole=whole,
        parts=lists.parts(directive_id, public=True), probe=probes.PROBES.get(found.probe or ""),
        wanted=[(_(words), _(value) if isinstance(value, str) else value)
                for words, value in probes.said(found.probe, found.wanted)],
        counts=[(state, states.count(state)) for state in State], state_words=STATE_WORDS, looks=LOOKS)


@bp.get(f"{ONE}.<any(json, csv):form>")
@anyone
@public_cache(KEPT_S)
def directive_file(directive_id: int, form: str) -> Response:
    """The same for machines; of another period with ?period=."""
    for_every_site()
    found = lists.directive(directive_id, public=True) or abort(404)
    period = lists.of_directive(directive_id, request.args.get("period", "")[:8] or None)
    rows = [task_row(one, clock.today(), agency=one.agency.key) for one in period.tasks]
    return as_table(rows, TASK_COLUMNS, f"directive-{found.id}.csv") if form == "csv" else jsonify(
        _row(found) | {"period": period.name or None, "earlier": period.earlier, "later": period.later, "tasks": rows})


def _row(one: Directive) -> dict[str, Any]:
    values = (one.id, one.number, one.issuer, one.issued_on.isoformat() if one.issued_on else None, one.article,
              one.words, one.product, one.deadline, one.due_on.isoformat() if one.due_on else None, one.every,
              one.condition, one.source, one.confidence, address("progress.directive", directive_id=one.id))
    return dict(zip(COLUMNS, values, strict=True))


def _before() -> int | None:
    said = request.args.get("before", "")
    return int(said) if said.isdecimal() and len(said) < 10 else None
