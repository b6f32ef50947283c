"""What figures count: each indicator with its words, its unit and its theme. Pure.

An indicator means one thing for ever: what is counted otherwise has another key. Reports bring more of them
(models.ReportIndicator, read by queries.indicators).
"""
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from portal.kit.text import N_


class Theme(StrEnum):
    plans = "plans"
    connection = "connection"
    publication = "publication"
    services = "services"
    dossiers = "dossiers"
    documents = "documents"
    tasks = "tasks"
    reports = "reports"
    readiness = "readiness"


@dataclass(frozen=True)
class Indicator:
    """`words`: its name; `means`: how it is counted; `unit`: a key of UNIT_WORDS. `grows`: what is once reached stays,
    so a later smaller number is a question. `over`: counts what happened from the first day of the quarter to its day;
    the others say how it stands at the end of the day. `english`: words and meaning, of an indicator that is data."""

    theme: Theme
    words: str
    unit: str
    means: str = ""
    grows: bool = False
    over: bool = False
    english: tuple[str, str] = ("", "")


THEME_WORDS: Mapping[Theme, str] = {
    Theme.plans: N_("Action plans"), Theme.connection: N_("Document systems connected"),
    Theme.publication: N_("Progress of dossiers published"), Theme.services: N_("Services put online"),
    Theme.dossiers: N_("Dossiers"), Theme.documents: N_("Documents between agencies"),
    Theme.tasks: N_("Tasks given by the Government"), Theme.reports: N_("Reports of agencies"),
    Theme.readiness: N_("ICT readiness")}
UNIT_WORDS: Mapping[str, str] = {
    "agencies": N_("agencies"), "services": N_("services"), "procedures": N_("procedures"), "tasks": N_("tasks"),
    "dossiers": N_("dossiers"), "documents": N_("documents"), "reports": N_("reports"),
    "petitions": N_("petitions"), "places": N_("places"), "people": N_("people"),
    "yes_no": N_("1 yes, 0 no"), "points": N_("percentage points"), "rank": N_("rank"),
    "score": N_("score from 0 to 1")}

#: Of groups of agencies, as reports of 2016 and 2017 published them, and those that are counted here since.
_OF_GROUPS: Mapping[str, Indicator] = {
    "agencies_with_plan": Indicator(Theme.plans, N_("Have issued a plan for Resolution 36a"), "agencies", grows=True),
    "agencies_without_plan": Indicator(Theme.plans, N_("Have issued no plan for Resolution 36a"), "agencies"),
    "agencies_connected": Indicator(
        Theme.connection, N_("Document system connected to the Government Office"), "agencies", grows=True),
    "agencies_not_connected": Indicator(
        Theme.connection, N_("Document system not connected to the Government Office"), "agencies"),
    "agencies_publishing": Indicator(
        Theme.publication, N_("Publish how dossiers progress"), "agencies", grows=True),
    "agencies_not_publishing": Indicator(Theme.publication, N_("Do not publish how dossiers progress"), "agencies"),
    "bodies_assigned_services": Indicator(Theme.services, N_("Were assigned services to put online"), "agencies"),
    "services_assigned": Indicator(
        Theme.services, N_("Services assigned to ministries and central bodies"), "services"),
    "services_deployed": Indicator(Theme.services, N_("Of the services assigned: put online"), "services"),
    "services_level_3": Indicator(Theme.services, N_("Of those put online: at level 3"), "services"),
    "services_level_4": Indicator(Theme.services, N_("Of those put online: at level 4"), "services"),
    "services_own_initiative": Indicator(
        Theme.services, N_("Put online by ministries and central bodies on their own initiative"), "services"),
    "provinces_22_to_44_services": Indicator(Theme.services, N_("Offer 22 to 44 of the 44 services"), "agencies"),
    "provinces_2_to_20_services": Indicator(Theme.services, N_("Offer 2 to 20 of the 44 services"), "agencies"),
    "provinces_without_services": Indicator(Theme.services, N_("Offer none of the 44 services"), "agencies"),
    "listed_services": Indicator(Theme.services, N_("Services of the list of 44 that provinces offer"), "services"),
    "listed_services_level_3": Indicator(Theme.services, N_("Of the list of 44: at level 3"), "services"),
    "listed_services_level_4": Indicator(Theme.services, N_("Of the list of 44: at level 4"), "services"),
    "own_services": Indicator(Theme.services, N_("Services that provinces offer on their own initiative"), "services"),
    "own_services_level_3": Indicator(Theme.services, N_("On their own initiative: at level 3"), "services"),
    "own_services_level_4": Indicator(Theme.services, N_("On their own initiative: at level 4"), "services"),
    "tasks_assigned": Indicator(
        Theme.tasks, N_("Tasks given to agencies"), "tasks",
        N_("In 2016 and 2017 those of Resolution 36a, as reports counted them; since then every public task of a "
           "directive, once for each agency that answers for it.")),
    "tasks_done": Indicator(Theme.tasks, N_("Tasks done"), "tasks", N_("Confirmed by whoever watches."), grows=True),
    "tasks_done_rise": Indicator(Theme.tasks, N_("Rise of the share of tasks done"), "points",
                                 N_("Against the share of before, as the report says it.")),
    "agencies_with_tasks": Indicator(Theme.tasks, N_("Agencies with tasks"), "agencies"),
    "agencies_all_tasks_done": Indicator(Theme.tasks, N_("Agencies that finished all their tasks"), "agencies"),
    "agencies_no_task_done": Indicator(Theme.tasks, N_("Agencies that finished none of their tasks"), "agencies"),
}
#: Of one agency; the sum over agencies where it is of a group. Measured by the room oversight/measures.
_OF_AGENCIES: Mapping[str, Indicator] = {
    "plan_36a": Indicator(Theme.plans, N_("Has issued a plan for Resolution 36a"), "yes_no", grows=True),
    "connected": Indicator(Theme.connection, N_("The document system is connected"), "yes_no", grows=True),
    "publishing": Indicator(Theme.publication, N_("Publishes how dossiers progress"), "yes_no",
                            N_("Fresh, complete enough, few rejects: see who publishes."), grows=True),
    "procedures_published": Indicator(
        Theme.publication, N_("Online procedures whose dossiers are published"), "procedures",
        N_("Of those offered online: in sectors of which dossiers of the last twelve months are published.")),
    "services_offered": Indicator(Theme.services, N_("Services offered"), "services",
                                  N_("One procedure offered by one agency is one service.")),
    "services_online": Indicator(Theme.services, N_("Services at level 3 or above"), "services"),
    "services_at_level_4": Indicator(Theme.services, N_("Services at level 4"), "services"),
    "assigned_services_deployed": Indicator(Theme.services, N_("Of the services assigned: can be filed online"),
                                            "services"),
    "dossiers_submitted": Indicator(Theme.dossiers, N_("Dossiers handed in"), "dossiers", over=True),
    "dossiers_received": Indicator(Theme.dossiers, N_("Dossiers received"), "dossiers", over=True),
    "dossiers_online": Indicator(Theme.dossiers, N_("Dossiers received online"), "dossiers", over=True),
    "dossiers_counter": Indicator(Theme.dossiers, N_("Dossiers received at a counter"), "dossiers", over=True),
    "dossiers_post": Indicator(Theme.dossiers, N_("Dossiers received by post"), "dossiers", over=True),
    "dossiers_done": Indicator(Theme.dossiers, N_("Dossiers finished"), "dossiers", over=True),
    "dossiers_early": Indicator(Theme.dossiers, N_("Dossiers finished before their day"), "dossiers", over=True),
    "dossiers_on_time": Indicator(Theme.dossiers, N_("Dossiers finished on their day"), "dossiers", over=True),
    "dossiers_in_time": Indicator(Theme.dossiers, N_("Dossiers finished in time"), "dossiers",
                                  N_("Of those finished that had a due day."), over=True),
    "dossiers_late": Indicator(Theme.dossiers, N_("Dossiers finished late"), "dossiers",
                               N_("Of those finished that had a due day."), over=True),
    "dossiers_refused": Indicator(Theme.dossiers, N_("Dossiers refused"), "dossiers", over=True),
    "dossiers_withdrawn": Indicator(Theme.dossiers, N_("Dossiers withdrawn"), "dossiers", over=True),
    "dossiers_stopped": Indicator(Theme.dossiers, N_("Dossiers stopped without a result"), "dossiers", over=True),
    "dossiers_carried": Indicator(Theme.dossiers, N_("Dossiers open from before"), "dossiers",
                                  N_("Open already when the quarter began.")),
    "dossiers_open": Indicator(Theme.dossiers, N_("Dossiers open"), "dossiers"),
    "dossiers_open_late": Indicator(Theme.dossiers, N_("Dossiers open and late"), "dossiers"),
    "documents_sent": Indicator(Theme.documents, N_("Documents sent"), "documents", over=True),
    "documents_received": Indicator(Theme.documents, N_("Documents received"), "documents", over=True),
    "documents_answered_in_time": Indicator(Theme.documents, N_("Documents answered in time"), "documents",
                                            N_("Of the answers to documents with a due day."), over=True),
    "documents_answered_late": Indicator(Theme.documents, N_("Documents answered late"), "documents",
                                         N_("Of the answers to documents with a due day."), over=True),
    "documents_overdue": Indicator(Theme.documents, N_("Documents whose answer is overdue"), "documents",
                                   N_("Of those that wait for an answer by a day.")),
    "tasks_given": Indicator(Theme.tasks, N_("Tasks of the Government"), "tasks",
                             N_("Public tasks that the agency answers for.")),
    "tasks_done_in_time": Indicator(Theme.tasks, N_("Tasks done in time"), "tasks"),
    "tasks_done_late": Indicator(Theme.tasks, N_("Tasks done late"), "tasks"),
    "tasks_open_late": Indicator(Theme.tasks, N_("Tasks open and late"), "tasks"),
    "reports_on_time": Indicator(Theme.reports, N_("Reports submitted on time"), "reports",
                                 N_("Of those that were due."), over=True),
    "reports_late": Indicator(Theme.reports, N_("Reports submitted late"), "reports", N_("Of those that were due."),
                              over=True),
    "reports_missing": Indicator(Theme.reports, N_("Reports that were due and are missing"), "reports",
                                 N_("Of those that were due."), over=True),
}
INDICATORS: Mapping[str, Indicator] = {**_OF_GROUPS, **_OF_AGENCIES}
#: What a figure counts that no release and no report template explains any more.
UNKNOWN = Indicator(Theme.reports, "", "")
