"""What the portal measures of the nine criteria of the rating of agencies, for all agencies at once.

Points of a criterion are 0, 1 or 2 for each dossier (Circular 01/2018/TT-VPCP art. 13, 14, as a public implementation
has them); an agency has their mean. Slow: over a year's records, for jobs.
"""
from collections.abc import Collection, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import case, func, select

from portal.catalogue import queries as catalogue
from portal.kit import clock
from portal.kit.db import session
from portal.kit.text import N_
from portal.law.statuses import Status
from portal.oversight.measures import Known, Measure
from portal.people.models import Agency
from portal.progress.models import ProgressRecord, ProgressStep
from portal.statistics import queries as statistics
from portal.statistics.figures import NOTHING
from portal.statistics.measures import month_of
from portal.statistics.models import ProgressSide

ONLINE_LEVEL = 3
SERVICES_ONLINE, MANY_ONLINE, SOME_ONLINE = 20, 30, 15  # of a hundred

NO_DOSSIERS = Known(None, why="no_dossiers")


def _time(agencies: Collection[Agency], first: date, last: date) -> dict[int, Known]:
    """Shorter than the rule 2, equal 1, longer 0."""
    lines = statistics.by_agency(month_of(first), month_of(last))
    found = {}
    for one in agencies:
        line = lines.get(one.id, NOTHING)
        facts = {name: line[name] for name in ("early", "on_time", "late")}
        found[one.id] = Known(2 * line["early"] + line["on_time"], line["timed"], facts) if line["timed"] \
            else NO_DOSSIERS
    return found


def _asked(agencies: Collection[Agency], first: date, last: date) -> dict[int, Known]:
    """Never asked for more 2, once 1, more often 0: of the dossiers that ended from the first to the last day."""
    begin, end = (datetime.combine(day, time.min, clock.VN) for day in (first, last + timedelta(days=1)))
    asked = func.count(ProgressStep.position)
    each = (select(ProgressRecord.agency_id.label("agency_id"), asked.label("asked"))
            .outerjoin(ProgressStep, (ProgressStep.record_id == ProgressRecord.id)
                       & (ProgressStep.status == int(Status.supplement)) & ProgressStep.correction.is_(False))
            .where(ProgressRecord.finished_at >= begin, ProgressRecord.finished_at < end,
                   ProgressRecord.agency_id.in_([one.id for one in agencies]))
            .group_by(ProgressRecord.agency_id, ProgressRecord.id)).subquery()
    counts = [func.sum(case((each.c.asked == n, 1), else_=0)) for n in (0, 1)]
    rows = {row[0]: row[1:] for row in session.execute(
        select(each.c.agency_id, func.count(), *counts).group_by(each.c.agency_id))}
    return {one.id: _asked_points(*map(int, rows[one.id])) if one.id in rows else NO_DOSSIERS for one in agencies}


def _asked_points(ended: int, never: int, once: int) -> Known:
    return Known(2 * never + once, ended, {"never": never, "once": once, "more": ended - never - once})


def _online(agencies: Collection[Agency], first: date, last: date) -> dict[int, Known]:
    """At least 20 % of the services at level 3 or 4, at least 30 % of dossiers online and none of these late 2; 15 % of
    dossiers online 1; fewer, or one late, 0."""
    levels, _all = catalogue.level_counts()
    lines = statistics.by_agency(month_of(first), month_of(last))
    online = {row[0]: row[1:] for row in session.execute(
        select(ProgressSide.agency_id, func.sum(ProgressSide.received), func.sum(ProgressSide.done_late))
        .where(ProgressSide.side == "channel", ProgressSide.value == "online", ProgressSide.agency_id > 0,
               ProgressSide.month.between(month_of(first), month_of(last))).group_by(ProgressSide.agency_id))}
    found = {}
    for one in agencies:
        received = lines.get(one.id, NOTHING)["received"]
        came, late = map(int, online.get(one.id, (0, 0)))
        by_level = levels.get(one.key, {})
        facts = {"received": received, "received_online": came, "late_online": late,
                 "services": sum(by_level.values()),
                 "services_level_3": sum(n for level, n in by_level.items() if level >= ONLINE_LEVEL)}
        found[one.id] = Known(online_points(**facts), received, facts) if received else NO_DOSSIERS
    return found


def online_points(received: int, received_online: int, late_online: int, services: int, services_level_3: int) -> int:
    """Points of the criterion "services online": 0, 1 or 2."""
    share = received_online * 100
    if late_online or share < SOME_ONLINE * received:
        return 0
    enough = services_level_3 * 100 >= SERVICES_ONLINE * services > 0
    return 2 if share >= MANY_ONLINE * received and enough else 1


MEASURES: Mapping[str, Measure] = {
    "rating_time": Measure(N_("Points for time against the rule"), "points", _time),
    "rating_asked": Measure(N_("Points for not having to come back"), "points", _asked),
    "rating_online": Measure(N_("Points for services online"), "points", _online),
}
WHY_WORDS: Mapping[str, str] = {"no_dossiers": N_("No dossier of this kind in the year."),
                                "not_reported": N_("No approved report says it.")}
#: what the facts of a measurement are called on the page
FACT_WORDS: Mapping[str, Any] = {
    "early": N_("Decided early"), "on_time": N_("Decided on the day"), "late": N_("Decided late"),
    "never": N_("Never asked for more"), "once": N_("Asked once"), "more": N_("Asked more than once"),
    "received": N_("Dossiers received"), "received_online": N_("Of these online"),
    "late_online": N_("Online dossiers decided late"), "services": N_("Services in the catalogue"),
    "services_level_3": N_("Of these at level 3 or above"),
    "first": N_("From"), "last": N_("To"), "report": N_("Field of the report"), "period": N_("Period"),
    "cell": N_("Cell"), "file": N_("File")}
