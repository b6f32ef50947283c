"""The national report of a day, built from what this portal holds: figures, tasks, reports, plans, indices."""
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from portal.kit import clock
from portal.kit.i18n import LANGUAGES, _, speaking
from portal.kit.text import N_
from portal.oversight import publishing, tallies
from portal.oversight import queries as rankings
from portal.oversight.figures import GROUP_WORDS, UNIT_WORDS, Group
from portal.oversight.models import Publication, Report, ReportPeriod
from portal.oversight.national import content, queries
from portal.oversight.national.content import Built, Words, column, table, table_of_groups
from portal.oversight.national.queries import ADDED_UP, Reported
from portal.people.models import Agency, AgencyKind

MOST_BARS = 20
COMPONENTS: Mapping[str, str] = {
    "whole": N_("Whole index"), "technical": N_("Technical infrastructure"), "human": N_("People with the skills"),
    "application": N_("Use of ICT")}


class NotYet(ValueError):
    """Nobody can report on a day to come."""


def both(message: str, **values: Any) -> Words:
    """A message in both languages."""
    found = {}
    for language in LANGUAGES:
        with speaking(language):
            found[language] = _(message, **values)
    return found


def build(day: date, paragraphs: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The report of that day as it can be built today (see content); `paragraphs`: the drafter's, by section. Raises
    NotYet."""
    if day > clock.today():
        raise NotYet(day.isoformat())
    shown, earlier = queries.figures(day)
    built = {"plans": _plans(day), "tasks": _tasks(day), "reports": _reports(day), "readiness": _indices(day)}
    return content.report(day, shown, earlier, built, paragraphs or {}, both)


def _group(agency_kind: str) -> Words:
    return both(GROUP_WORDS[Group.provinces if agency_kind == AgencyKind.province else Group.central])


def _plans(day: date) -> Built:
    """For each programme the plan of every agency of that day, or none."""
    found = queries.plans(day)
    agencies = queries.agencies(day) if found else []
    return Built(tables=[_plan_table(programme, of, agencies, day) for programme, of in found.items()])


def _plan_table(programme: str, of: Mapping[int, Any], agencies: Sequence[Agency], day: date) -> dict[str, Any]:
    rows = [{"name": one.name, "group": _group(one.kind), "plan": of[one.id].number if one.id in of else None,
             "issued_on": of[one.id].issued_on.isoformat() if one.id in of else None,
             "has": "issued" if one.id in of else "not_issued"} for one in agencies]
    columns = [column("name", both(N_("Agency"))), column("group", both(N_("Of whom"))),
               column("plan", both(N_("Number of the plan"))),
               column("issued_on", both(N_("Plan issued on")), unit="day"),
               column("has", both(N_("Plan")), hidden=True)]
    key = f"plans_{programme}"
    return table(key, both(N_("Plans for %(programme)s"), programme=programme), columns, rows, [
        {"key": f"{key}_with", "words": both(N_("Have issued a plan")), "column": "has", "is": "issued"},
        {"key": f"{key}_without", "words": both(N_("Have issued no plan")), "column": "has", "is": "not_issued"}],
        source=both(N_("Plans registered on the portal")), on=day.isoformat(), detail=True)


def _tasks(day: date) -> Built:
    """Every agency with tasks on that day: of today by the counters, of a past day by what had happened until then."""
    found = tallies.by_agency(day) if day == clock.today() else queries.tallies_of(day)
    if not found:
        return Built(notes=[both(N_("The portal followed no task of any agency by then: what each agency had done on "
                                    "that day is told only by the published figures."))])
    rows = [{"name": one.name, "group": _group(one.kind), "given": one.given, "done_in_time": one.done_in_time,
             "done_late": one.done_late, "late": one.open_late, "claimed": one.claimed,
             "given_before": one.given_before, "done_before": one.done_before} for one in found]
    made = table("tasks", both(N_("Tasks by agency")), _task_columns(), rows, [
        {"key": "tasks_all", "words": both(N_("Have done all of their tasks")), "column": "share", "is": 100},
        {"key": "tasks_none", "words": both(N_("Have done none of their tasks")), "column": "done", "is": 0}],
        source=both(N_("Tasks followed on the portal")), on=day.isoformat())
    note = both(N_("What an agency reports as done counts only once whoever watches has confirmed it."))
    return Built([made], [note], [content.chart_of_table("tasks", "share", both(
        N_("Confirmed as done, of every hundred")), MOST_BARS)])


def _task_columns() -> list[dict[str, Any]]:
    return [
        column("name", both(N_("Agency"))), column("group", both(N_("Of whom")), hidden=True),
        column("given", both(N_("Given")), total=True),
        column("done_in_time", both(N_("Done in time")), total=True, hidden=True),
        column("done_late", both(N_("Done late")), total=True),
        column("done", both(N_("Done")), rule="sum", of=("done_in_time", "done_late")),
        column("share", both(N_("Of 100")), rule="percent_down", of=("done", "given")),
        column("given_before", both(N_("Given before the quarter")), total=True, hidden=True),
        column("done_before", both(N_("Done before the quarter")), total=True, hidden=True),
        column("share_before", both(N_("Of 100, before the quarter")), rule="percent_down",
               of=("done_before", "given_before"), hidden=True),
        column("change", both(N_("Since the quarter began")), rule="difference", of=("share", "share_before"),
               unit="signed"),
        column("rank", both(N_("Rank")), rule="rank", of=("share",)),
        column("late", both(N_("Late now")), total=True),
        column("claimed", both(N_("Reported, not confirmed")), total=True)]


def _reports(day: date) -> Built:
    """Who handed in what was due for the quarter, and what the approved reports add up to."""
    found = [_of_period(period) for period in queries.periods(day)]
    if not found:
        return Built(notes=[both(N_("No period of reports was opened on the portal for this quarter."))])
    return Built([one for tables in found for one in tables])


def _of_period(period: ReportPeriod) -> Iterator[dict[str, Any]]:
    reports = queries.reports(period.id)
    title = period.template.title
    yield _delivered(period, reports, title)
    detail = _told(period, reports, queries.reported(period), title)
    if detail["rows"]:
        yield detail
        yield table_of_groups(
            f"sums_{period.template_key}_{period.period}", _of(N_("%(title)s: the whole country"), title), detail,
            "indicator", [column("words", both(N_("Indicator")), rule="same", of=("words",)),
                          column("unit", both(N_("Unit")), rule="same", of=("unit",)),
                          column("agencies", both(N_("Agencies")), rule="count"),
                          column("value", both(N_("Value")), rule="total", of=("value",)),
                          column("denominator", both(N_("Of how many")), rule="total", of=("denominator",)),
                          column("share", both(N_("Of every hundred")), rule="share", of=("value", "denominator"),
                                 unit="percent")],
            source=both(N_("Approved reports of agencies")), on=period.last_day.isoformat())


def _delivered(period: ReportPeriod, reports: Sequence[Report], title: Words) -> dict[str, Any]:
    approvals = queries.approvals([one.id for one in reports])
    rows = [{"name": one.agency.name, "due": period.due_on.isoformat(),
             "handed_in": clock.day_of(one.submitted_at).isoformat() if one.submitted_at else None,
             "approved_on": clock.day_of(one.approved_at).isoformat() if one.approved_at else None,
             "answers": publishing.digest(approvals[one.id].facts) if one.id in approvals else None,
             "report": one.id} for one in reports]
    columns = [column("name", both(N_("Agency"))), column("due", both(N_("Due on")), unit="day"),
               column("handed_in", both(N_("Handed in")), unit="day"),
               column("delivery", both(N_("How it was delivered")), rule="delivery", of=("handed_in", "due"),
                      on=clock.today().isoformat(), unit="code"),
               column("approved_on", both(N_("Approved on")), unit="day"),
               column("answers", both(N_("Digest of what was approved (SHA-256)")), hidden=True),
               column("report", both(N_("Number of the report")), hidden=True)]
    key = f"reports_{period.template_key}_{period.period}"
    return table(key, _of(N_("%(title)s: who delivered"), title), columns, rows, [
        {"key": f"{key}_{code}", "words": both(content.WORDS[code]), "column": "delivery", "is": code}
        for code in ("in_time", "late", "missing", "awaited")],
        source=both(N_("Reports on the portal")), on=clock.today().isoformat(), detail=True)


def _told(period: ReportPeriod, reports: Sequence[Report], found: Sequence[Reported], title: Words) -> dict[str, Any]:
    names = {one.agency.key: (one.agency.name, one.id) for one in reports}
    rows: list[dict[str, Any]] = [
        {"name": names[one.figure.group][0], "indicator": one.indicator.key, "words": dict(one.indicator.words),
         "value": _number(one.figure.value), "denominator": one.figure.denominator,
         "unit": both(UNIT_WORDS[one.indicator.unit]) if one.indicator.unit in UNIT_WORDS else one.indicator.unit,
         "source": one.figure.source, "report": names[one.figure.group][1]}
        for one in found if one.figure.group in names and one.indicator.unit in ADDED_UP]
    columns = [column("name", both(N_("Agency"))), column("words", both(N_("Indicator"))),
               column("indicator", both(N_("Key of the indicator")), hidden=True), column("value", both(N_("Value"))),
               column("denominator", both(N_("Of how many"))), column("unit", both(N_("Unit"))),
               column("source", both(N_("Source"))), column("report", both(N_("Number of the report")), hidden=True)]
    return table(f"figures_{period.template_key}_{period.period}",
                 _of(N_("%(title)s: what each agency reported"), title), columns, rows,
                 source=both(N_("Approved reports of agencies")), on=period.last_day.isoformat(), detail=True)


def _of(message: str, title: Mapping[str, str]) -> Words:
    """A message about something that has a name in both languages."""
    words = both(message, title="%(title)s")
    return {language: words[language] % {"title": title.get(language) or title.get("vi", "")} for language in words}


def _number(value: str) -> int | str:
    return int(value) if value.removeprefix("-").isdecimal() else value


def _indices(day: date) -> Built:
    """What was published of indices, and the places of the ICT readiness index of the last year, as far as known."""
    tables = []
    found = list(queries.indices(day))
    if rows := [{"name": one.title.get("vi", one.key), "words": dict(one.title), "on": one.on.isoformat(),
                 "edition": one.edition, "digest": one.digest} for one in found]:
        tables.append(table("indices", both(N_("Published rankings")), [
            column("words", both(N_("Index"))), column("on", both(N_("Day")), unit="day"),
            column("edition", both(N_("Edition of the report"))),
            column("digest", both(N_("Digest (SHA-256)")), hidden=True)],
            rows, source=both(N_("Published on the portal")), on=day.isoformat()))
        tables += [_places(one) for one in found]
    years = [year for year in rankings.readiness_years() if date(year, 12, 31) <= day
             and day - date(year, 12, 31) < content.REPEATED_FOR]
    if years:
        tables.append(_readiness(years[-1]))
    notes = [both(N_("Only the places that were found in sources: gaps are gaps."))] if years else []
    return Built(tables, notes)


def _places(index: Publication) -> dict[str, Any]:
    """Every place of a published index, as its frozen copy has it: points are known between the least and the most."""
    rows = [{"name": place["name"], "group": both(GROUP_WORDS[Group(group["group"])])
             if group["group"] in tuple(Group) else group["group"], "rank": place["rank"], "least": place["least"],
             "most": place["most"]} for group in index.content.get("groups", []) for place in group["places"]]
    columns = [column("name", both(N_("Agency"))), column("group", both(N_("Of whom"))),
               column("rank", both(N_("Rank"))), column("least", both(N_("Points, at least")), unit="decimal"),
               column("most", both(N_("Points, at most")), unit="decimal")]
    return table(f"index_{index.key}", dict(index.title), columns, rows,
                 source=both(N_("Published on the portal")), on=index.on.isoformat(), detail=True)


def _readiness(year: int) -> dict[str, Any]:
    last = both(N_("one of the last three"))
    rows = [{"name": one.name, "group": both(GROUP_WORDS[Group(one.group)]),
             "component": both(COMPONENTS[one.component]), "rank": one.rank or last, "score": one.score or None,
             "source": one.source} for one in rankings.readiness(year)]
    columns = [column("name", both(N_("Agency"))), column("group", both(N_("Of whom"))),
               column("component", both(N_("Component"))), column("rank", both(N_("Rank"))),
               column("score", both(N_("Score")), unit="decimal"), column("source", both(N_("Source")))]
    return table("readiness", both(N_("ICT readiness index of %(year)s"), year=year), columns, rows,
                 source=both(N_("Published ranks, each with its source")), on=date(year, 12, 31).isoformat())
