"""What the portal knows of an agency by itself, from its own data: one number with its unit, denominator and the facts
that it was counted from. Reports are filled in with it, probes look at it, indices and live figures are made of it.

A measure that cannot be told says why (`value` None) and is never a zero. A new one: a function for all agencies at
once in a file of this room, and its line in MEASURES. What `look` was asked of a time that is still running is told up
to now.
"""
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from portal.oversight import published
from portal.oversight.indicators import INDICATORS
from portal.oversight.measures import documents, dossiers, services, tasks
from portal.oversight.measures.known import WHY_WORDS, Known, Look, cannot
from portal.people.models import Agency

__all__ = ["MEASURES", "WHY_WORDS", "Known", "Look", "Measure", "look"]


@dataclass(frozen=True)
class Measure:
    """`unit` as of indicators.UNIT_WORDS. `look`: of agencies, from the first day to the last, by the agency's id.
    `over`: it counts what happened in that time; the others say how it stands at the end of its last day. `indicator`:
    as which it is kept (indicators.INDICATORS)."""

    words: str
    unit: str
    look: Look
    over: bool = False
    indicator: str = ""


def _kept_as(indicator: str, look: Look) -> Measure:
    of = INDICATORS[indicator]
    return Measure(of.words, of.unit, look, of.over, indicator)


MEASURES: Mapping[str, Measure] = {
    "dossiers_submitted": _kept_as("dossiers_submitted", dossiers.counted("submitted")),
    "dossiers_received": _kept_as("dossiers_received", dossiers.counted("received")),
    "dossiers_online": _kept_as("dossiers_online", dossiers.by_channel("online")),
    "dossiers_counter": _kept_as("dossiers_counter", dossiers.by_channel("counter")),
    "dossiers_post": _kept_as("dossiers_post", dossiers.by_channel("post")),
    "dossiers_done": _kept_as("dossiers_done", dossiers.counted("done")),
    "dossiers_early": _kept_as("dossiers_early", dossiers.counted("early", "timed")),
    "dossiers_on_time": _kept_as("dossiers_on_time", dossiers.counted("on_time", "timed")),
    "dossiers_in_time": _kept_as("dossiers_in_time", dossiers.counted("in_time", "timed")),
    "dossiers_late": _kept_as("dossiers_late", dossiers.counted("late", "timed")),
    "dossiers_refused": _kept_as("dossiers_refused", dossiers.counted("refused")),
    "dossiers_withdrawn": _kept_as("dossiers_withdrawn", dossiers.counted("withdrawn")),
    "dossiers_stopped": _kept_as("dossiers_stopped", dossiers.counted("stopped")),
    "dossiers_carried": _kept_as("dossiers_carried", dossiers.carried),
    "dossiers_open": _kept_as("dossiers_open", dossiers.still_open),
    "dossiers_open_late": _kept_as("dossiers_open_late", dossiers.open_late),
    "publishing": _kept_as("publishing", services.publishing),
    "procedures_published": _kept_as("procedures_published", services.published),
    "services_offered": _kept_as("services_offered", services.offered),
    "services_level_3": _kept_as("services_online", services.at_level(services.ONLINE)),
    "services_level_4": _kept_as("services_at_level_4", services.at_level(4)),
    "assigned_services_deployed": _kept_as("assigned_services_deployed", services.assigned),
    "connected": _kept_as("connected", documents.connected),
    "documents_sent": _kept_as("documents_sent", documents.passed("documents")),
    "documents_received": _kept_as("documents_received", documents.passed("received")),
    "documents_answered_in_time": _kept_as("documents_answered_in_time", documents.answered(in_time=True)),
    "documents_answered_late": _kept_as("documents_answered_late", documents.answered(in_time=False)),
    "documents_overdue": _kept_as("documents_overdue", documents.unanswered),
    "plan_36a": _kept_as("plan_36a", tasks.plan),
    "tasks_given": _kept_as("tasks_given", tasks.of_tasks("given", None)),
    "tasks_done": _kept_as("tasks_done", tasks.of_tasks("done")),
    "tasks_done_in_time": _kept_as("tasks_done_in_time", tasks.of_tasks("done_in_time")),
    "tasks_done_late": _kept_as("tasks_done_late", tasks.of_tasks("done_late")),
    "tasks_open_late": _kept_as("tasks_open_late", tasks.of_tasks("open_late")),
    "reports_on_time": _kept_as("reports_on_time", tasks.reports("on_time")),
    "reports_late": _kept_as("reports_late", tasks.reports("late")),
    "reports_missing": _kept_as("reports_missing", tasks.reports("missing")),
}


def look(measure: str, agencies: Collection[Agency], first: date, last: date) -> dict[int, Known]:
    """What is known of each agency, by its id, of the days from `first` to `last`: a few queries for all of them. What
    could be told on that day alone is told as it was measured then, where it was kept (oversight.live)."""
    if measure not in MEASURES:
        return {one.id: cannot("unknown") for one in agencies}
    found = MEASURES[measure].look(agencies, first, last)
    lost = [one for one in agencies if found[one.id].why == "only_today"]
    if lost:
        kept = published.measured(MEASURES[measure].indicator, last, [one.key for one in lost])
        found |= {one.id: Known(int(kept[one.key].value), kept[one.key].denominator, {"measured": last.isoformat()})
                  for one in lost if one.key in kept}
    return found
