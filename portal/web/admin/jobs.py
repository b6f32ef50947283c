"""Work that failed for good: an administrator lets it be tried again, or gives it up."""
from typing import Any

from flask import flash, redirect, render_template, request, url_for

from portal.kit.db import transaction
from portal.kit.i18n import _
from portal.kit.jobs import dead_letters
from portal.kit.web import row_number
from portal.people import queries as people
from portal.web.admin import bp
from portal.web.guard import me, permission
from portal.web.paging import around


@bp.get("/jobs")
@permission("jobs.manage")
def jobs() -> Any:
    """Dead letters, the newest first, and what was decided about earlier ones."""
    try:
        before = row_number(request.args["before"]) if "before" in request.args else None
    except ValueError:
        return redirect(url_for("admin.jobs"), 303)
    found = dead_letters.newest(before=before, limit=dead_letters.PAGE + 1)
    more = found[dead_letters.PAGE - 1].id if len(found) > dead_letters.PAGE else None
    decisions = dead_letters.decisions() if before is None else []
    return render_template("admin/jobs.html", jobs=found[:dead_letters.PAGE], pages=around("before", more),
                           decisions=decisions, names=people.names({each.by_id for each in decisions}))


@bp.post("/jobs/<int:job_id>/retry")
@permission("jobs.manage")
def retry_job(job_id: int) -> Any:
    """Set one going again."""
    with transaction():
        done = dead_letters.again(job_id, by_id=me().id)
    return _back(_("The job will be tried again."), done)


@bp.post("/jobs/<int:job_id>/give-up")
@permission("jobs.manage")
def give_up_job(job_id: int) -> Any:
    """Leave one undone for good."""
    with transaction():
        done = dead_letters.give_up(job_id, by_id=me().id)
    return _back(_("The job was given up and will not be tried again."), done)


def _back(words: str, done: bool) -> Any:
    flash(words if done else _("This job does not wait for a decision any more."), "done" if done else "still")
    return redirect(url_for("admin.jobs"), 303)
