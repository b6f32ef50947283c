"""What must close: rules that know no indicator by name, over what belongs together as data."""
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from portal.oversight.checks import CARRIED, PARTITIONS, SUMS, Beside, Check, checks, opposite
from portal.oversight.figures import INDICATORS, LIVE, Figure, tenths

Q3, Q4 = date(2026, 9, 30), date(2026, 12, 31)


def figure(indicator: str, value: int, of: int | None = None, group: str = "central", on: date = Q4,
           source: str = LIVE) -> Figure:
    return Figure(indicator, group, Decimal(value), str(value), of, on, source)


def said(of: Figure, *others: Figure) -> dict[str, bool]:
    found = checks(of, [of, *others])
    return {rule: all(check.ok for check in found if check.rule == rule) for rule in {check.rule for check in found}}


@pytest.mark.parametrize("together", [*(names for _total, names in SUMS), *PARTITIONS, *CARRIED])
def test_what_belongs_together_is_known(together: tuple[str, ...]) -> None:
    assert set(together) <= set(INDICATORS)


@pytest.mark.parametrize(("nation", "ok"), [(100, True), (99, False)])
def test_the_country_is_its_groups_together(nation: int, ok: bool) -> None:
    found = [figure("tasks_done", n, 2 * n, group) for n, group in ((nation, "nation"), (40, "central"),
                                                                    (60, "provinces"))]
    assert all(said(one, *found)["country_is_its_groups"] is ok for one in found)
    assert ("one_denominator" in {name for name, fits in said(found[0], *found).items() if not fits}) is not ok
    assert "country_is_its_groups" not in said(found[0], found[1])


def test_agencies_are_divided_by_one_number_in_a_period() -> None:
    one, other = figure("agencies_all_tasks_done", 3, 23), figure("agencies_no_task_done", 7, 24)
    assert said(one, other)["one_denominator"] is False
    tasks, late = figure("tasks_done_late", 3, 20), figure("tasks_open_late", 1, 22)
    assert "one_denominator" not in said(tasks, late), "of tasks there may be several wholes"


@pytest.mark.parametrize(("before", "of", "days", "jumps"), [
    (5, 30, 90, True), (14, 30, 90, False), (5, 30, 500, False), (5, 29, 90, False), (1, 4, 90, False)])
def test_more_than_half_of_all_at_once_is_a_question(before: int, of: int, days: int, jumps: bool) -> None:
    now = figure("agencies_publishing", 4 if of == 4 else 29, 30 if of != 4 else 4)
    then = figure("agencies_publishing", before, of, on=Q4 - timedelta(days=days))
    assert ("jump" in said(now, then)) is jumps


def test_the_opposite_of_before_is_a_figure_of_before() -> None:
    assert opposite("agencies_publishing") == "agencies_not_publishing" and opposite("tasks_done") is None
    now, then = figure("agencies_publishing", 10, 30), figure("agencies_not_publishing", 18, 30, on=Q3)
    assert said(now, then)["never_falls"] is False


def test_what_grows_is_compared_among_as_many() -> None:
    """63 provinces became 34."""
    now, then = figure("agencies_connected", 33, 34), figure("agencies_connected", 63, 63, on=Q3)
    assert "never_falls" not in said(now, then)


@pytest.mark.parametrize(("carried", "ok"), [(12, True), (11, False)])
def test_a_quarter_begins_with_what_the_one_before_ended_with(carried: int, ok: bool) -> None:
    now = figure("dossiers_carried", carried, group="H17")
    assert said(now, figure("dossiers_open", 12, group="H17", on=Q3))["carried_over"] is ok
    assert "carried_over" not in said(now, figure("dossiers_open", 12, group="H17", on=Q3 - timedelta(days=1)))
    assert "carried_over" not in said(now, figure("dossiers_open", 12, group="H26", on=Q3))


def test_a_live_and_a_published_figure_of_one_day_stand_side_by_side() -> None:
    live, told = figure("connected", 0, group="H17"), figure("connected", 1, group="H17", source="Báo cáo quý IV")
    assert said(live, told)["reports_agree"] is False and said(told, live)["reports_agree"] is False


def test_asked_for_many_figures_at_once_it_says_the_same() -> None:
    found = [figure(name, n + 1, 30, group, on) for n, name in enumerate(("agencies_connected", "agencies_publishing"))
             for group in ("central", "provinces") for on in (Q3, Q4)]
    beside = Beside(found)
    all_: list[Any] = [checks(one, beside) for one in found]
    assert all_ == [checks(one, found) for one in found]
    assert all(isinstance(check, Check) for of in all_ for check in of)


def test_a_share_is_shown_half_up_as_the_national_report_rounds() -> None:
    """1 of 80 is 1.25 %: 1.3, and not the even 1.2."""
    shares = [Decimal(n) * 100 / of for n, of in ((1, 80), (3, 80), (1, 3), (1, 1))]
    assert [str(tenths(one)) for one in shares] == ["1.3", "3.8", "33.3", "100.0"]
    assert str(tenths(Decimal("-1.25"))) == "-1.3", "a fall as a rise"
