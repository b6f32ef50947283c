"""What the portal learned from people's choices: what each participant means by what it writes. It can be unlearned."""
from collections.abc import Mapping
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for

from portal.exchange import unmatched
from portal.kit.db import transaction
from portal.kit.i18n import Later, _, _l
from portal.people import queries as people
from portal.web.government import bp
from portal.web.guard import permission
from portal.web.paging import around

MANAGE = "exchange.manage"
KINDS: Mapping[str, Later] = {
    "id": _l("Document"), "organ": _l("Agency"), "notation": _l("Notation"), "code": _l("Status"),
    "from": _l("Who it speaks for")}
LONGEST = 210


@bp.get("/exchange/learned", endpoint="learned")
@permission(MANAGE)
def learned_list() -> Any:
    """What was learned, participant by participant."""
    found = unmatched.learned(_after(), unmatched.PAGE + 1)
    rows, more = found[:unmatched.PAGE], len(found) > unmatched.PAGE
    last = f"{rows[-1][0].participant_id}~{rows[-1][0].said}" if more else None
    names = people.names({alias.learned_by_id for alias, _who in rows if alias.learned_by_id})
    return render_template("government/learned.html", rows=rows, kinds=KINDS, names=names,
                           pages=around("after", last), further=_after() is not None)


@bp.post("/exchange/learned/forget")
@permission(MANAGE)
def forget_learned() -> Any:
    """Unlearn one thing; what was matched by it stays."""
    participant, said = request.form.get("participant", ""), request.form.get("said", "")[:LONGEST]
    if not (participant.isascii() and participant.isdigit() and len(participant) < 10):
        abort(404)
    with transaction():
        meant = unmatched.forget(int(participant), said)
    if meant is None:
        abort(404)
    flash(_("Forgotten. What was matched by it stays as it is."), "done")
    return redirect(url_for("government.learned"), 303)


def _after() -> tuple[int, str] | None:
    number, mark, said = request.args.get("after", "")[:LONGEST].partition("~")
    fits = mark and number.isascii() and number.isdigit() and len(number) < 10 and "\0" not in said
    return (int(number), said) if fits else None
