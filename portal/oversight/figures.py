"""Published figures: what each counts, in which unit, of how many, on which day, by whose word. Pure.

A number alone says nothing: "19/30" is connection in Q2/2016 and publication in Q1/2017. So a figure never goes
without its indicator, unit, denominator, day and source.
"""
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from portal.kit.text import N_


class Group(StrEnum):
    """Whom a figure is about; the figures of one agency have its key as their group."""

    nation = "nation"
    central = "central"
    provinces = "provinces"


class Theme(StrEnum):
    plans = "plans"
    connection = "connection"
    publication = "publication"
    services = "services"
    tasks = "tasks"
    readiness = "readiness"


@dataclass(frozen=True)
class Indicator:
    """`words`: its name; `means`: how it is counted; `unit`: agencies, services, tasks, points (of a hundred), rank,
    score. `grows`: what is once reached stays, so a later smaller number is a question."""

    theme: Theme
    words: str
    unit: str
    means: str = ""
    grows: bool = False


GROUP_WORDS: Mapping[Group, str] = {
    Group.nation: N_("Whole country"), Group.central: N_("Ministries and central bodies"),
    Group.provinces: N_("Provinces and cities")}
THEME_WORDS: Mapping[Theme, str] = {
    Theme.plans: N_("Action plans"), Theme.connection: N_("Document systems connected"),
    Theme.publication: N_("Progress of dossiers published"), Theme.services: N_("Services put online"),
    Theme.tasks: N_("Tasks given by the Government"), Theme.readiness: N_("ICT readiness")}
UNIT_WORDS: Mapping[str, str] = {
    "agencies": N_("agencies"), "services": N_("services"), "procedures": N_("procedures"), "tasks": N_("tasks"),
    "dossiers": N_("dossiers"), "documents": N_("documents"), "reports": N_("reports"),
    "petitions": N_("petitions"), "places": N_("places"), "people": N_("people"),
    "points": N_("percentage points"), "rank": N_("rank"), "score": N_("score from 0 to 1")}

INDICATORS: Mapping[str, Indicator] = {
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
    "tasks_assigned": Indicator(Theme.tasks, N_("Tasks of Resolution 36a"), "tasks"),
    "tasks_done": Indicator(Theme.tasks, N_("Tasks done"), "tasks", grows=True),
    "tasks_done_rise": Indicator(Theme.tasks, N_("Rise of the share of tasks done"), "points",
                                 N_("Against the share of before, as the report says it.")),
    "agencies_with_tasks": Indicator(Theme.tasks, N_("Agencies with tasks"), "agencies"),
    "agencies_all_tasks_done": Indicator(Theme.tasks, N_("Agencies that finished all their tasks"), "agencies"),
    "agencies_no_task_done": Indicator(Theme.tasks, N_("Agencies that finished none of their tasks"), "agencies"),
}


@dataclass(frozen=True)
class Figure:
    """`value` as a number and `as_published` in the words of its source; `share`: of a hundred, as published ("94",
    ">46"); `other_denominator`: another number that the same source divides by. `names`: of those who are counted,
    where they are known. `confidence`: H read in the source, M in a copy of it, L from memory."""

    indicator: str
    group: str
    value: Decimal
    as_published: str
    denominator: int | None
    on: date
    source: str
    share: str = ""
    other_denominator: int | None = None
    confidence: str = "H"
    names: tuple[str, ...] = ()

    @property
    def unit(self) -> str:
        return INDICATORS[self.indicator].unit

    @property
    def percent(self) -> Decimal | None:
        """Of its denominator, in percent, where it has one."""
        return self.value * 100 / self.denominator if self.denominator else None


def newest(figures: Iterable[Figure], day: date) -> Iterator[Figure]:
    """Of each indicator and group the figures of the newest day up to `day`, in the order of the indicators: several
    where reports of that day disagree."""
    latest: dict[tuple[str, str], date] = {}
    known = [one for one in figures if one.on <= day]
    for one in known:
        place = (one.indicator, one.group)
        latest[place] = max(latest.get(place, one.on), one.on)
    order = {key: n for n, key in enumerate(INDICATORS)}
    yield from sorted((one for one in known if one.on == latest[one.indicator, one.group]),
                      key=lambda one: (order[one.indicator], list(Group).index(Group(one.group)), one.source))
