"""The score put together: of a place, against the period before, against others, against the national portal."""
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from portal.oversight.score import comparing
from portal.oversight.score.comparing import Sheet
from portal.oversight.score.formulas import INDICATORS, Group, Level, Scored, points

pytestmark = pytest.mark.once
LAST = date(2026, 9, 30)


@dataclass
class Kept:
    numerator: int | None
    denominator: int | None
    points: str | None
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass
class Answer:
    indicator: str
    numerator: int | None
    denominator: int | None
    points: str | None
    captured_on: date = LAST
    raw: dict[str, Any] = field(default_factory=dict)


def kept(key: str, part: int, whole: int) -> Kept:
    return Kept(part, whole, str(points(INDICATORS[key], part, whole)))


def sheet(unit: bool = False, level: Level = Level.province, fewest: int = 0, **said: tuple[int, int]) -> Sheet:
    return comparing.sheet({key: kept(key, *n) for key, n in said.items()}, level, unit=unit, fewest=fewest)


def test_a_sheet_has_every_indicator_and_says_why_one_is_not_measured() -> None:
    of = sheet(progress=(80, 100))
    assert len(of.scored) == 21 and of.total.measured == 20 and of.total.points == 16 and of.total.at_most == 96
    assert of.scored["dossiers_paid"].why == "payment" and of.scored["digitised"].why == "not_yet"
    assert [(group, total.most) for group, total, _of in of.groups][:2] == [(Group.CKMB, 18), (Group.TDGQ, 20)]


def test_of_few_dossiers_no_points_are_said_to_everybody() -> None:
    of = sheet(fewest=20, progress=(18, 19), services_online=(4, 5))
    assert of.scored["progress"].points is None and of.scored["progress"].why == "too_few"
    assert of.scored["services_online"].points == 2, "services are no people"
    assert sheet(fewest=20, progress=(18, 20)).scored["progress"].points == 18


def test_a_commune_has_what_does_not_apply_in_full_and_the_rest_as_measured() -> None:
    of = sheet(unit=True, level=Level.commune, progress=(1, 2))
    assert of.scored["update_on_time"].points == 4 and of.scored["progress"].points == 10
    assert of.scored["services_online"].why == "whole_agency"


def test_what_wins_most_comes_first_and_full_points_win_nothing() -> None:
    of = sheet(progress=(90, 100), dossiers_online=(10, 100), services_online=(90, 100))
    assert [(one.indicator.key, one.lost) for one in of.wins] == [
        ("dossiers_online", Decimal("4.80")), ("progress", Decimal("2.00"))]


def test_a_change_is_of_what_both_periods_measured() -> None:
    found = comparing.change(sheet(progress=(90, 100), digitised=(1, 2)), sheet(progress=(80, 100)))
    assert (found.by, found.of) == (Decimal("2.00"), 20)
    assert comparing.change(sheet(progress=(1, 2)), sheet()).by is None


def test_equal_shares_share_a_rank_and_few_dossiers_have_none() -> None:
    found = comparing.standings([
        ("few", sheet(progress=(5, 5))), ("b", sheet(progress=(80, 100))), ("none", sheet()),
        ("a", sheet(progress=(90, 100))), ("c", sheet(progress=(40, 50)))], fewest=20)
    assert [(one.agency, one.rank, one.tied, one.small) for one in found] == [
        ("a", 1, False, False), ("b", 2, True, False), ("c", 2, True, False), ("few", None, False, True),
        ("none", None, False, True)]


@pytest.mark.parametrize(("ours", "theirs", "reason"), [
    ((887, 1000), Answer("progress", 887, 1000, "17.74"), comparing.SAME),
    ((887, 1000), Answer("progress", 887, 1000, "17.75"), comparing.SAME),
    ((887, 1000), Answer("progress", None, None, None), comparing.NO_NUMBER),
    ((887, 1000), Answer("progress", 800, 1000, "16.00"), comparing.JUDGED),
    ((887, 1000), Answer("progress", 887, 1000, "16.00"), comparing.ROUNDED),
    ((887, 1000), Answer("progress", 900, 1200, "15.00"), comparing.MORE_THERE),
    ((887, 1000), Answer("progress", 500, 600, "16.67", date(2026, 9, 20)), comparing.EARLIER),
    ((887, 1000), Answer("progress", 500, 600, "16.67"), comparing.MORE_HERE),
    ((887, 1000), Answer("progress", 0, 600, "0", raw={"flags": ["TEMP_NATIONAL_REPORT_DENOMINATOR"]}),
     comparing.IS_PROVISIONAL),
    ((887, 1000), Answer("progress", None, None, None, raw={"flags": ["NO_NATIONAL_REPORT_DATA"]}),
     comparing.NO_REPORT)])
def test_a_difference_says_its_likely_reason(ours: tuple[int, int], theirs: Answer, reason: str) -> None:
    [found] = comparing.differences(sheet(progress=ours), [theirs], LAST)
    assert found.reason == reason
    assert found.by == (Decimal(theirs.points) - Decimal("17.74") if theirs.points is not None else None)


def test_full_points_for_no_petitions_are_the_national_portals_and_not_ours() -> None:
    [found] = comparing.differences(sheet(), [Answer("petitions_on_time", 0, 0, "6.00")], LAST)
    assert (found.by, found.reason, found.ours.points) == (None, comparing.EMPTY_IS_FULL, None)


def test_the_newest_answer_counts() -> None:
    old, new = (Answer("progress", n, 1000, None, date(2026, 9, n)) for n in (26, 28))
    assert comparing.differences(sheet(progress=(1, 2)), [new, old], LAST)[0].theirs is new


def test_what_is_not_measured_yet_is_no_loss() -> None:
    assert Scored(INDICATORS["progress"], why="no_dossiers").lost is None
