"""Messages that were given up after so many tries: why, and sending them again."""
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for

from portal.exchange import delivery, queries
from portal.kit.db import transaction
from portal.kit.i18n import _
from portal.kit.web import row_number
from portal.web.government import bp
from portal.web.government.participant_forms import WAYS
from portal.web.guard import fresh, me, permission
from portal.web.paging import around

PAGE = 50
HIGHEST = 2**31 - 1


@bp.get("/parked", endpoint="parked")
@permission("exchange.manage")
def parked_list() -> Any:
    """What nobody could be given, the newest first."""
    try:
        before = row_number(request.args["before"]) if "before" in request.args else None
    except ValueError:
        return redirect(url_for("government.parked"), 303)
    found = delivery.parked(before, PAGE + 1)
    more = found[PAGE - 1].id if len(found) > PAGE else None
    return render_template("government/parked.html", found=found[:PAGE], pages=around("before", more), ways=WAYS)


@bp.post(f"/parked/<int(max={HIGHEST}):delivery_id>/replay")
@permission("exchange.manage")
@fresh
def replay(delivery_id: int) -> Any:
    """Send one again, with all its patience, at the place that it had."""
    with transaction():
        found = queries.delivery(delivery_id) or abort(404)
        done = delivery.replay(found, me())
    flash(_("It is sent again.") if done else _("It is parked no longer."), "done" if done else "still")
    return redirect(url_for("government.parked"), 303)
