"""The score of Decision 766 in the demonstration: the last months as they are measured, an invented answer of the
national portal for one agency, and the months that are over as they were published."""
import json
from datetime import datetime
from typing import Any

from portal.kit.clock import day_of
from portal.kit.db import session
from portal.oversight.periods import before, days_of
from portal.oversight.score import actions, measuring
from portal.oversight.score.measuring import WHOLE, Reading
from portal.people.models import Agency, Person

MONTHS = 3
SOURCE = "Số liệu hư cấu của bộ dữ liệu mẫu"


def load(agency: Agency, overseer: Person, now: datetime) -> None:
    """Measure, take in and publish, through the verbs."""
    month, *longer = measuring.periods(day_of(now))
    months = [month]
    while len(months) < MONTHS:
        months.append(before(months[-1]))
    for period in (*longer, *reversed(months)):
        found = measuring.measure(period, now)
        actions.keep(period, found, now)
        session.flush()
        if period in months[1:]:
            _answered(agency, period, found)
            actions.publish(period, by=overseer)


def _answered(agency: Agency, period: str, found: list[Reading]) -> None:
    """What the national portal might say: nearly the same, with the differences that are met in life."""
    here = {one.indicator: one for one in found if one.agency_id == agency.id and one.unit_id == WHOLE}
    rows = [_row("progress", here["progress"], more=4), _row("electronic_result", here["electronic_result"]),
            _row("services_used", here["services_used"], fewer=1),
            {"indicator": "petitions_on_time", "numerator": 0, "denominator": 0, "points": "6.00"},
            {"indicator": "dossier_sync", "numerator": None, "denominator": None, "points": None,
             "flags": "NO_NATIONAL_REPORT_DATA"}]
    common = {"agency": agency.key, "period": period, "captured_on": days_of(period)[1].isoformat()}
    taken = actions.take_answers(json.dumps([row | common for row in rows if row]).encode(), SOURCE, by=None)
    assert not taken.problems, taken.problems


def _row(key: str, ours: Reading, *, more: int = 0, fewer: int = 0) -> dict[str, Any]:
    """`more` cases than here, or `fewer` of them good; {} where there is nothing here either."""
    if ours.part is None or ours.whole is None:
        return {}
    theirs = Reading(0, 0, key, max(0, ours.part - fewer), ours.whole + more)
    return {"indicator": key, "numerator": theirs.part, "denominator": theirs.whole, "points": theirs.points}
