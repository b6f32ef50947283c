"""The points of Decision 766 as the national portal counts them."""
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.oversight.score import formulas, judging
from portal.oversight.score.formulas import GROUPS, INDICATORS, SCORED, Group, Level, Scored
from portal.oversight.score.judging import Life, Lost

pytestmark = pytest.mark.once
END = datetime(2026, 9, 30, 17, tzinfo=UTC)
DAY = timedelta(days=1)
indicators = st.sampled_from(SCORED)
counts = st.integers(1, 5000).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole)))


def test_six_groups_add_up_to_a_hundred() -> None:
    assert {group: sum(one.most for one in of) for group, of in GROUPS.items()} == {
        Group.CKMB: 18, Group.TDGQ: 20, Group.CLGQ: 12, Group.TTTT: 10, Group.MDSH: 22, Group.MDHL: 18}
    assert len(INDICATORS) == 23 and sum(one.most for one in INDICATORS.values()) == 100


@given(indicators, counts)
def test_points_are_never_below_nought_nor_above_the_most(indicator: formulas.Indicator, n: tuple[int, int]) -> None:
    earned = formulas.points(indicator, *n)
    assert earned is not None and 0 <= earned <= indicator.most and earned == earned.quantize(Decimal("0.01"))


@given(indicators, counts)
def test_one_more_never_earns_less(indicator: formulas.Indicator, n: tuple[int, int]) -> None:
    part, whole = n
    assert formulas.points(indicator, min(part + 1, whole), whole) >= formulas.points(indicator, part, whole)  # type: ignore[operator]


@given(indicators, counts)
def test_as_many_as_are_needed_earn_all_and_one_fewer_does_not(indicator: formulas.Indicator,
                                                              n: tuple[int, int]) -> None:
    part, whole = n
    lacking = formulas.needed(indicator, part, whole)
    assert formulas.points(indicator, part + lacking, whole) == indicator.most
    if lacking:
        assert Decimal(indicator.most * (part + lacking - 1) * 100) / (whole * indicator.full_at) < indicator.most


@given(indicators)
def test_an_empty_whole_earns_neither_all_nor_nothing(indicator: formulas.Indicator) -> None:
    assert formulas.points(indicator, 0, 0) is None


@pytest.mark.parametrize(("key", "part", "whole", "points"), [
    ("progress", 887, 1000, "17.74"), ("progress", 2, 3, "13.33"), ("progress", 1, 1, "20.00"),
    ("services_online", 40, 100, "1.00"), ("services_online", 80, 100, "2.00"), ("services_online", 95, 100, "2.00"),
    ("services_used", 1, 8, "0.50"), ("dossiers_online", 1, 4, "3.00"), ("dossiers_online", 1, 2, "6.00"),
    ("dossiers_online", 3, 4, "6.00"), ("dossiers_paid", 1, 2, "3.00"), ("fees_paid", 4, 10, "1.00"),
    ("fees_offered", 8, 10, "2.00"), ("reused", 40, 100, "1.00"), ("satisfied", 45, 100, "3.00"),
    ("satisfied", 90, 100, "6.00"), ("electronic_result", 1, 1200, "0.01"), ("digitised", 3, 800, "0.02")])
def test_a_share_becomes_points_as_captured_answers_do(key: str, part: int, whole: int, points: str) -> None:
    """progress 20 × onTime/received; online 2·A/0.80 + 4·B + 6·C/0.50; satisfaction 6·R/0.90; payment 6·A + 2.5·B +
    2.5·C; the last two are halves of a hundredth, rounded up."""
    assert formulas.points(INDICATORS[key], part, whole) == Decimal(points)


def test_the_national_portal_fills_what_is_empty_and_we_do_not() -> None:
    """6 of 6 where nobody petitioned, nothing for satisfaction where nobody applied."""
    said = {key: (formulas.national_points(INDICATORS[key], 0, 0), formulas.points(INDICATORS[key], 0, 0))
            for key in ("petitions_on_time", "petitions_satisfied", "satisfied", "progress")}
    assert said == {"petitions_on_time": (6, None), "petitions_satisfied": (6, None), "satisfied": (0, None),
                    "progress": (None, None)}
    assert formulas.national_points(INDICATORS["petitions_on_time"], 1, 2) == 3


@pytest.mark.parametrize(("part", "whole"), [(3, 2), (-1, 2), (1, 0)])
def test_more_than_all_is_refused(part: int, whole: int) -> None:
    with pytest.raises(ValueError, match=f"{part} of {whole}"):
        formulas.points(INDICATORS["progress"], part, whole)


def test_the_total_says_of_how_many_points_and_how_far_the_rest_may_reach() -> None:
    progress, petitions, satisfied = (INDICATORS[key] for key in ("progress", "petitions_on_time", "satisfied"))
    found = formulas.total([Scored(progress, 8, 10, Decimal("16.00")), Scored(petitions, why="petitions"),
                            Scored(satisfied, why="ratings", limit=Decimal("5.33"))])
    assert (found.points, found.measured, found.most, found.at_most) == (16, 20, 32, Decimal("27.33"))
    assert found.share == 80 and formulas.total([Scored(petitions)]).share is None


def test_what_cannot_be_measured_says_why_and_is_no_nought() -> None:
    for one in INDICATORS.values():
        assert one.measurable or one.why in formulas.WHY_WORDS
    assert {one.key for one in SCORED if one.group == Group.TTTT and one.measurable} == set()
    assert {one.key for one in SCORED if one.measurable} == {
        "dossier_sync", "progress", "services_online", "services_used", "dossiers_online", "electronic_result",
        "digitised", "satisfied"}


def test_what_does_not_apply_to_communes_is_full_there_alone() -> None:
    update, certified = INDICATORS["update_on_time"], INDICATORS["certified_copy"]
    commune, ministry = formulas.outside(update, Level.commune), formulas.outside(certified, Level.ministry)
    assert commune is not None and commune.points == 4 and ministry is not None and ministry.points is None
    assert formulas.outside(update, Level.province) is None and formulas.outside(certified, Level.commune) is None


def test_a_gain_is_what_one_more_earns_until_all_points_are_there() -> None:
    online = INDICATORS["dossiers_online"]
    assert Scored(online, 100, 400, Decimal("3.00")).gain_of_one == Decimal("0.0300")
    assert Scored(online, 300, 400, Decimal("6.00")).gain_of_one == 0
    assert Scored(online, 4, 4, Decimal("6.00")).gain_of_one is None, "none lost anything"


def life(due: int | None, finished: int | None = None, stopped: int | None = None, requests: int = 0) -> Life:
    """Days after the end of September."""
    return Life(*(END + day * DAY if day is not None else None for day in (due, finished, stopped)), requests)


@pytest.mark.parametrize(("of", "why"), [
    (life(due=-5, finished=-5), None), (life(due=-5, finished=-4), Lost.late),
    (life(due=-5), Lost.unfinished_late), (life(due=5), None),
    (life(due=-5, finished=3), Lost.unfinished_late), (life(due=2, finished=3), None)])
def test_what_is_not_finished_is_judged_at_the_end_of_the_period(of: Life, why: Lost | None) -> None:
    assert judging.why_late(of, END) == why


def test_papers_asked_for_twice_and_no_finish_is_late_whatever_the_date() -> None:
    assert judging.why_late(life(due=20, requests=2), END) == Lost.asked_again
    assert judging.why_late(life(due=20, stopped=-3, requests=2), END) == Lost.asked_again
    assert judging.why_late(life(due=None, requests=2), END) == Lost.asked_again
    assert judging.late(life(due=20, requests=1), END) is False
    assert judging.late(life(due=-3, finished=-4, requests=2), END) is False, "finished in time after all"


def test_while_the_applicant_is_waited_for_no_time_is_lost() -> None:
    assert judging.late(life(due=-5, stopped=-6, requests=1), END) is False
    assert judging.late(life(due=-5, stopped=-4, requests=1), END) is True, "it was late before anybody asked"


def test_without_a_limit_nobody_can_say_that_it_was_late() -> None:
    assert judging.late(life(due=None), END) is None


@pytest.mark.parametrize(("channel", "paper", "file", "why"), [
    ("online", True, True, None), ("online", True, False, Lost.no_result_file), ("online", False, False, None),
    ("counter", True, True, Lost.counter), ("", True, True, Lost.counter), ("post", False, True, Lost.post)])
def test_online_counts_with_an_electronic_result_where_the_procedure_gives_a_paper(
        channel: str, paper: bool, file: bool, why: Lost | None) -> None:
    assert judging.why_not_online(channel, paper=paper, file=file) == why


@pytest.mark.parametrize(("codes", "result", "paper"), [
    (["KQ.G15.000031"], "Giấy khai sinh", True), ([], None, True),
    ([], "Cập nhật thông tin trong cơ sở dữ liệu", False),
    (["KQ.G01.000001"], "Cập nhật thông tin trong Cơ sở dữ liệu", True)])
def test_whether_a_procedure_gives_a_paper(codes: list[str], result: str | None, paper: bool) -> None:
    assert judging.gives_paper(codes, result) is paper


@pytest.mark.parametrize(("reported", "last_year", "periods", "found"), [
    (120, None, 12, (90, 120)), (50, None, 12, (90, 90)), (None, 1500, 12, (90, 125)), (None, 600, 4, (90, 150)),
    (None, 100, 12, (90, 90)), (None, None, 12, (0, 0))])
def test_what_is_known_is_measured_against_the_larger_number(reported: int | None, last_year: int | None, periods: int,
                                                             found: tuple[int, int]) -> None:
    assert judging.synchronised(90, reported, last_year, periods) == found
