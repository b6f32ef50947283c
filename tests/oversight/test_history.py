"""What was published, exactly: the figures of 2016 and 2017, and what does not close."""
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from portal.kit.db import session, transaction
from portal.oversight import actions, history, published
from portal.oversight.checks import PARTITIONS, SUMS, checks
from portal.oversight.figures import INDICATORS, Figure, newest
from portal.oversight.models import PublishedFigure

Q1 = date(2017, 3, 31)
EGDI_VALUES = sum(value is not None for one in history.surveys() for value in (one.egdi, *one.parts.values()))


def said(day: date, *, known: tuple[Figure, ...] = history.figures()) -> dict[tuple[str, str], Figure]:
    return {(one.indicator, one.group): one for one in newest(known, day)}


def failed(figure: Figure) -> set[str]:
    return {check.rule for check in checks(figure, history.figures()) if not check.ok}


@pytest.mark.parametrize(("on", "indicator", "group", "value", "of"), [
    (date(2016, 3, 1), "agencies_without_plan", "central", 13, 30),
    (date(2016, 3, 1), "agencies_without_plan", "provinces", 21, 63),
    (date(2016, 3, 1), "agencies_not_connected", "central", 6, 30),
    (date(2016, 3, 1), "agencies_not_publishing", "central", 18, 30),
    (date(2016, 3, 1), "agencies_not_publishing", "provinces", 38, 63),
    (date(2016, 6, 30), "agencies_connected", "central", 19, 30),
    (date(2016, 9, 30), "agencies_with_plan", "provinces", 59, 63),
    (date(2016, 9, 30), "agencies_publishing", "central", 19, 30),
    (Q1, "agencies_connected", "central", 26, 30), (Q1, "agencies_connected", "provinces", 63, 63),
    (Q1, "agencies_publishing", "provinces", 63, 63), (Q1, "agencies_publishing", "central", 19, 30),
    (Q1, "services_deployed", "central", 78, 83), (Q1, "services_level_3", "central", 64, None),
    (Q1, "services_own_initiative", "central", 34, None), (Q1, "bodies_assigned_services", "central", 20, 30),
    (Q1, "provinces_22_to_44_services", "provinces", 32, 63), (Q1, "listed_services", "provinces", 1102, None),
    (Q1, "own_services_level_4", "provinces", 483, None), (Q1, "tasks_done", "nation", 34, 73),
    (Q1, "agencies_all_tasks_done", "nation", 7, 23), (Q1, "agencies_no_task_done", "nation", 3, 23)])
def test_a_day_shows_what_was_published_of_it(on: date, indicator: str, group: str, value: int, of: int | None) -> None:
    figure = said(on)[indicator, group]
    assert (figure.value, figure.denominator, figure.on) == (value, of, on)


def test_a_day_between_shows_the_newest_before_it_and_nothing_later() -> None:
    shown = said(date(2016, 8, 15))
    assert shown["agencies_connected", "central"].on == date(2016, 6, 30)
    assert ("agencies_with_plan", "central") not in shown and said(date(2016, 2, 29)) == {}


def test_nineteen_of_thirty_is_two_things() -> None:
    nineteen = {(one.indicator, one.on) for one in history.figures() if one.as_published == "19/30"}
    assert nineteen == {("agencies_connected", date(2016, 6, 30)), ("agencies_publishing", date(2016, 9, 30)),
                        ("agencies_publishing", Q1)}


def test_sums_that_do_not_close_are_flagged_on_each_of_their_figures() -> None:
    shown = said(Q1)
    for name in ("services_deployed", "services_level_3", "services_level_4"):
        assert "parts_equal_total" in failed(shown[name, "central"])
    for name in PARTITIONS[0]:
        assert "groups_cover_all" in failed(shown[name, "provinces"])
    assert "one_denominator" in failed(shown["provinces_22_to_44_services", "provinces"])
    for total, names in SUMS[1:3]:
        assert all(failed(shown[name, "provinces"]) == set() for name in (total, *names))


def test_fewer_connected_than_before_is_a_question() -> None:
    june = said(date(2016, 6, 30))["agencies_connected", "central"]
    assert "never_falls" in failed(june), "24 by the report of March"
    assert "never_falls" not in failed(said(Q1)["agencies_connected", "central"])


@pytest.mark.parametrize(("share", "value", "of", "ok"), [
    ("94", 78, 83, True), (">46", 34, 73, True), ("100", 63, 63, True), ("95", 78, 83, False), (">47", 34, 73, False),
    (">45", 34, 73, False)])
def test_a_published_share_is_worked_out_again(share: str, value: int, of: int, ok: bool) -> None:
    figure = Figure("tasks_done", "nation", Decimal(value), "", of, Q1, "x", share)
    assert [check.ok for check in checks(figure, [figure]) if check.rule == "share"] == [ok]


def test_two_reports_that_disagree_stand_side_by_side() -> None:
    figures = [Figure("agencies_connected", "central", Decimal(n), f"{n}/30", 30, Q1, source)
               for n, source in ((26, "báo cáo A"), (25, "báo cáo B"))]
    assert list(newest(figures, Q1)) == figures
    assert all("reports_agree" in {check.rule for check in checks(one, figures) if not check.ok} for one in figures)


def test_names_are_as_many_as_the_number() -> None:
    named = [one for one in history.figures() if one.names]
    assert len(named) == 4 and all("names" not in failed(one) for one in named)


def test_every_indicator_of_the_file_is_known() -> None:
    assert {one.indicator for one in history.figures()} <= set(INDICATORS)


def test_loading_twice_loads_once(app: Any) -> None:
    with transaction():
        first = actions.load_history()
    with transaction():
        assert (first, actions.load_history()) == (
            len(history.figures()) + len(history.ranks()) + EGDI_VALUES, 0)
    assert list(published.newest(Q1)) == list(newest(history.figures(), Q1))
    kept = session.scalars(select(PublishedFigure).order_by(PublishedFigure.on, PublishedFigure.id))
    assert [row.figure for row in kept] == sorted(history.figures(), key=lambda one: one.on)


def test_the_database_finds_the_newest_as_the_rule_does_on_any_day(app: Any) -> None:
    with transaction():
        actions.load_history()
    days = sorted({one.on for one in history.figures()})
    for day in (date(2016, 2, 29), *days, *(day + timedelta(days=1) for day in days)):
        assert list(published.newest(day)) == list(newest(history.figures(), day))
        for line in published.lines(day):
            assert list(line.checks) == checks(line.figure, [one for one in history.figures() if one.on <= day]), \
                "what is read beside it is all that its checks need"
