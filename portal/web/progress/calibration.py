"""How often the usual date was right."""
from datetime import timedelta
from typing import Any

from flask import render_template

from portal.kit import clock
from portal.kit.caching import public_cache
from portal.progress import history
from portal.web.guard import anyone
from portal.web.progress import bp

DAYS = 90


@bp.get("/progress/calibration")
@anyone
@public_cache(60)
def calibration() -> Any:
    """Each day's ranges beside what came of them, over ninety days."""
    days = history.calibrations(clock.today() - timedelta(days=DAYS))
    judged, within = sum(day[1] for day in days), sum(day[2] for day in days)
    estimates, cases, made_on = history.known_now()
    return render_template("progress/calibration.html", days=days, judged=judged, within=within,
                           estimates=estimates, cases=cases, made_on=made_on)
