"""Live figures: worked out from the portal's own data, kept for their day, and never changed once it is over."""
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select

from portal.exchange.models import Connection
from portal.kit.db import session
from portal.oversight import actions, live, measures, published, tasks
from portal.oversight.figures import LIVE, Figure, Group
from portal.oversight.models import PublishedFigure
from portal.statistics.models import ProgressMonth
from tests import make

NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)
TODAY = date(2026, 11, 20)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def november(app: Any) -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def shown(day: date = TODAY, *groups: str) -> dict[tuple[str, str], Figure]:
    return {(one.indicator, one.group): one for one in published.newest(day, groups or published.GROUPS)}


def connect(key: str, since: date) -> None:
    make.save(Connection(agency_id=make.agency(key).id, since=since, source="thử"))


def later(days: int) -> Any:
    return time_machine.travel(NOW + timedelta(days=days), tick=False)


def test_agencies_are_counted_with_the_names_of_those_that_are_few(app: Any) -> None:
    connect("H17", date(2026, 11, 2))
    live.measure()
    yes, no = shown()["agencies_connected", "provinces"], shown()["agencies_not_connected", "provinces"]
    assert yes.names == (make.agency("H17").name,) and yes.value == 1 and yes.value + no.value == yes.denominator
    assert (yes.source, yes.on, yes.confidence, yes.as_published) == (LIVE, TODAY, "H", f"1/{yes.denominator}")
    assert shown(TODAY, "H17")["connected", "H17"].value == 1
    assert not [line for line in published.lines(TODAY) if line.failed]


def test_what_is_known_of_some_agencies_alone_says_of_how_many(app: Any) -> None:
    for key, received in (("H17", 1200), ("G01", 30)):
        make.save(ProgressMonth(agency_id=make.agency(key).id, month=date(2026, 10, 1), received=received))
    live.measure()
    nation, provinces = shown()["dossiers_received", "nation"], shown()["dossiers_received", "provinces"]
    assert nation.value == 1230 and provinces.value == 1200
    assert provinces.as_published.startswith("1.200 (1/") and provinces.as_published.endswith(" cơ quan có số liệu)")
    assert {check.rule for line in published.lines(TODAY) if line.figure == nation for check in line.checks} == {
        "country_is_its_groups"}


def test_tasks_say_who_finished_all_and_none(app: Any) -> None:
    watcher = make.staff("overseer")
    for n in range(2):
        given = tasks.give(tasks.new_directive(number=f"{n}/NQ", issuer="Chính phủ", words="Việc", deadline="none"),
                           [make.agency("H17"), make.agency("G01")], by=watcher)
        tasks.claim(given[0], make.staff("leader", "H17"), "Xong")
        tasks.verify(given[0], watcher, "Đã xem")
    live.measure()
    found = shown()
    assert [(found[name, "nation"].value, found[name, "nation"].denominator) for name in (
        "tasks_assigned", "tasks_done", "agencies_all_tasks_done", "agencies_no_task_done")] == [
        (4, None), (2, 4), (1, 2), (1, 2)]
    assert found["agencies_no_task_done", "central"].names == (make.agency("G01").name,)


def test_todays_figures_are_refreshed_and_those_of_a_day_that_is_over_stay(app: Any) -> None:
    live.measure()
    connect("H17", TODAY)
    live.measure()
    assert shown()["agencies_connected", "provinces"].value == 1, "the day is not over"
    connect("H26", TODAY)
    with later(1):
        live.measure(TODAY)
        assert shown()["agencies_connected", "provinces"].value == 1
        live.measure()
        assert shown(TODAY + DAY)["agencies_connected", "provinces"].value == 2
    places = select(PublishedFigure.on, PublishedFigure.indicator, PublishedFigure.group)
    assert len(set(session.execute(places).all())) == len(session.execute(places).all()), "one row for each day"


def test_a_day_that_nobody_measured_is_told_as_far_as_it_can_be(app: Any) -> None:
    connect("H17", date(2026, 8, 1))
    live.measure(date(2026, 9, 30))
    assert shown(date(2026, 10, 5))["agencies_connected", "provinces"].value == 1
    assert ("services_offered", "provinces") not in shown(date(2026, 10, 5)), "the catalogue has no past"


def test_what_was_measured_then_is_known_for_ever(app: Any) -> None:
    live.measure()
    agency = make.agency("H17")
    then = measures.look("services_offered", [agency], TODAY, TODAY)[agency.id]
    with later(90):
        kept = measures.look("services_offered", [agency], TODAY, TODAY)[agency.id]
        assert (kept.value, kept.facts) == (then.value, {"measured": "2026-11-20"})
        assert measures.look("services_offered", [agency], TODAY, TODAY + DAY)[agency.id].why == "only_today"


def test_days_of_the_published_history_and_days_to_come_are_not_measured(app: Any) -> None:
    with pytest.raises(live.TooEarly):
        live.measure(date(2017, 3, 31))
    with pytest.raises(live.ToCome):
        live.measure(TODAY + DAY)
    assert session.scalar(select(func.count()).select_from(PublishedFigure)) == 0


def test_of_single_agencies_only_the_last_of_a_month_stays_and_then_of_a_quarter(app: Any) -> None:
    def kept(group: str) -> list[date]:
        return [one.on for one in published.series("connected" if group == "H17" else "agencies_connected",
                                                    group).figures]

    for n in range(0, 60, 20):  # 20 November, 10 and 30 December
        with later(n):
            live.measure()
    assert kept("H17") == [date(2026, 11, 20), date(2026, 12, 30)]
    assert kept(Group.provinces) == [date(2026, 11, 20), date(2026, 12, 10), date(2026, 12, 30)]
    for month in (12, 13):
        with time_machine.travel(datetime(2027 + month // 13, (month - 1) % 12 + 1, 15, 3, tzinfo=UTC), tick=False):
            live.measure()
    assert date(2026, 11, 20) not in kept("H17") and date(2026, 12, 30) in kept("H17")


def test_a_later_figure_of_history_is_never_hidden_by_another_day(app: Any) -> None:
    actions.load_history()
    live.measure()
    then = shown(date(2017, 3, 31))["agencies_connected", "central"]
    assert (then.value, then.denominator, then.is_live) == (Decimal(26), 30, False)
    assert shown()["agencies_connected", "central"].is_live
    assert shown()["provinces_22_to_44_services", "provinces"].on == date(2017, 3, 31), "nobody counted it since"
