"""What the portal knows of an agency by itself, from its own data: one number with its unit, denominator and the facts
that it was counted from. Reports are filled in with it, probes look at it, indices and live figures are made of it.

A measure that cannot be told says why (`value` None) and is never a zero. A new one: a function for all agencies at
once in a file of this room, and its line in MEASURES. What `look` was asked of a time that is still running is told up
to now.
"""
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from portal.kit.text import N_
from portal.oversight.measures import documents, dossiers, services, tasks
from portal.oversight.measures.known import WHY_WORDS, Known, Look, cannot
from portal.people.models import Agency

__all__ = ["MEASURES", "WHY_WORDS", "Known", "Look", "Measure", "look"]


@dataclass(frozen=True)
class Measure:
    """`unit` as of figures.UNIT_WORDS. `look`: of these agencies, from the first to the last day, by agency id.
    `over`: it counts what happened in that time; the others say how it stands at the end of its last day."""

    words: str
    unit: str
    look: Look
    over: bool = False


MEASURES: Mapping[str, Measure] = {
    "dossiers_submitted": Measure(N_("Dossiers handed in"), "dossiers", dossiers.counted("submitted"), over=True),
    "dossiers_received": Measure(N_("Dossiers received"), "dossiers", dossiers.counted("received"), over=True),
    "dossiers_online": Measure(N_("Dossiers received online"), "dossiers", dossiers.by_channel("online"), over=True),
    "dossiers_counter": Measure(N_("Dossiers received at a counter"), "dossiers", dossiers.by_channel("counter"),
                                over=True),
    "dossiers_post": Measure(N_("Dossiers received by post"), "dossiers", dossiers.by_channel("post"), over=True),
    "dossiers_done": Measure(N_("Dossiers finished"), "dossiers", dossiers.counted("done"), over=True),
    "dossiers_early": Measure(N_("Dossiers finished before their day"), "dossiers",
                              dossiers.counted("early", "timed"), over=True),
    "dossiers_on_time": Measure(N_("Dossiers finished on their day"), "dossiers",
                                dossiers.counted("on_time", "timed"), over=True),
    "dossiers_in_time": Measure(N_("Dossiers finished in time"), "dossiers", dossiers.counted("in_time", "timed"),
                                over=True),
    "dossiers_late": Measure(N_("Dossiers finished late"), "dossiers", dossiers.counted("late", "timed"), over=True),
    "dossiers_refused": Measure(N_("Dossiers refused"), "dossiers", dossiers.counted("refused"), over=True),
    "dossiers_withdrawn": Measure(N_("Dossiers withdrawn"), "dossiers", dossiers.counted("withdrawn"), over=True),
    "dossiers_stopped": Measure(N_("Dossiers stopped without a result"), "dossiers", dossiers.counted("stopped"),
                                over=True),
    "dossiers_carried": Measure(N_("Dossiers open from before"), "dossiers", dossiers.carried, over=True),
    "dossiers_open": Measure(N_("Dossiers open"), "dossiers", dossiers.still_open),
    "dossiers_open_late": Measure(N_("Dossiers open and late"), "dossiers", dossiers.open_late),
    "publishing": Measure(N_("Publishes how dossiers progress"), "agencies", services.publishing),
    "procedures_published": Measure(N_("Online procedures whose dossiers are published"), "procedures",
                                    services.published),
    "services_offered": Measure(N_("Services offered"), "services", services.offered),
    "services_level_3": Measure(N_("Services at level 3 or above"), "services", services.at_level(services.ONLINE)),
    "services_level_4": Measure(N_("Services at level 4"), "services", services.at_level(4)),
    "assigned_services_deployed": Measure(N_("Of the services assigned: put online"), "services", services.assigned),
    "connected": Measure(N_("The document system is connected"), "agencies", documents.connected),
    "documents_sent": Measure(N_("Documents sent"), "documents", documents.passed("documents"), over=True),
    "documents_received": Measure(N_("Documents received"), "documents", documents.passed("received"), over=True),
    "documents_answered_in_time": Measure(N_("Documents answered in time"), "documents",
                                          documents.answered(in_time=True), over=True),
    "documents_answered_late": Measure(N_("Documents answered late"), "documents", documents.answered(in_time=False),
                                       over=True),
    "documents_overdue": Measure(N_("Documents whose answer is overdue"), "documents", documents.unanswered),
    "plan_36a": Measure(N_("Has issued a plan for Resolution 36a"), "agencies", tasks.plan),
    "tasks_given": Measure(N_("Tasks of the Government"), "tasks", tasks.of_tasks("given", None)),
    "tasks_done": Measure(N_("Tasks done"), "tasks", tasks.of_tasks("done")),
    "tasks_done_in_time": Measure(N_("Tasks done in time"), "tasks", tasks.of_tasks("done_in_time")),
    "tasks_done_late": Measure(N_("Tasks done late"), "tasks", tasks.of_tasks("done_late")),
    "tasks_open_late": Measure(N_("Tasks open and late"), "tasks", tasks.of_tasks("open_late")),
    "reports_on_time": Measure(N_("Reports submitted on time"), "reports", tasks.reports("on_time"), over=True),
    "reports_late": Measure(N_("Reports submitted late"), "reports", tasks.reports("late"), over=True),
    "reports_missing": Measure(N_("Reports that were due and are missing"), "reports", tasks.reports("missing"),
                               over=True),
}


def look(measure: str, agencies: Collection[Agency], first: date, last: date) -> dict[int, Known]:
    """What is known of each agency, by its id, of the days from `first` to `last`: a few queries for all of them."""
    if measure not in MEASURES:
        return {one.id: cannot("unknown") for one in agencies}
    return MEASURES[measure].look(agencies, first, last)
