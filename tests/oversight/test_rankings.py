"""An index as data: what a definition may say, what is made of frozen values, what would move a member up."""
import copy
import time
from decimal import Decimal
from itertools import combinations
from random import Random
from typing import Any

import pytest

from portal.oversight import history
from portal.oversight.rankings import definitions, results
from portal.oversight.rankings.criteria import online_points
from portal.oversight.rankings.definitions import Definition

D = Decimal


def words(text: str) -> dict[str, str]:
    return {"vi": text, "en": text}


def leaf(key: str, **kw: Any) -> dict[str, Any]:
    return {"key": key, "name": words(key), "source": {"kind": "survey"}, **kw}


def data(*parts: dict[str, Any], **kw: Any) -> dict[str, Any]:
    return {"key": "trial", "name": words("Thử"), "method": "m1", "years": [2020, None], "groups": ["provinces"],
            "source": "tests", "confidence": "H", "tree": {"key": "whole", "name": words("Chung"), "parts": [*parts]},
            **kw}


def rating() -> Definition:
    return next(one for one in definitions.shipped() if one.key == "agency-rating")


def member(key: str, **values: str | None) -> dict[str, Any]:
    return {"key": key, "name": key, "values": {
        name: {"value": value, "denominator": None} for name, value in values.items()}}


def test_every_shipped_index_can_be_read_and_no_year_has_two() -> None:
    shipped = definitions.shipped()
    assert {one.key for one in shipped} == {"agency-rating", "egdi", "ict-readiness", "it-application"}
    for one, other in combinations(shipped, 2):
        if one.key == other.key:
            assert not any(one.holds(year) and other.holds(year) for year in range(2000, 2040)), one.key
            assert one.index.method != other.index.method


def test_what_is_not_sure_of_a_shipped_index_is_said() -> None:
    by_year = {(one.key, one.first): one for one in definitions.shipped()}
    pca = by_year["ict-readiness", 2014]
    assert not pca.recomputable and "thành phần chính" in pca.why_not["vi"]
    assert by_year["ict-readiness", 2016].recomputable and not by_year["ict-readiness", 2017].comparable
    assert "trí nhớ" in rating().grades_source["vi"]


@pytest.mark.parametrize(("change", "says"), [
    ({"years": [2020]}, "years: [first, last or null]"), ({"years": [2020, 2019]}, "years: the last year"),
    ({"groups": ["communes"]}, "groups: some of"), ({"key": "Tên"}, "key: small letters"),
    ({"name": {"vi": "x"}}, "name: words in vi and en"), ({"out_of": 18}, "out_of: a number as text"),
    ({"out_of": "0"}, "out_of: a number above 0"), ({"confidence": "X"}, "confidence: H, M or L"),
    ({"recomputable": False}, "why_not: say why"), ({"tree": []}, "tree: an object"),
    ({"grades": [{"least": "1", "name": words("a")}, {"least": "2", "name": words("b")}]}, "grades: the highest")])
def test_a_wrong_definition_is_told_with_its_place(change: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError) as error:
        definitions.read(data(leaf("a")) | change)
    assert str(error.value).startswith(says)


@pytest.mark.parametrize(("wrong", "says"), [
    (leaf("a", weight="-1"), "tree.parts[1].weight: a number above 0"),
    (leaf("a", weight="NaN"), "tree.parts[1].weight: a number as text"),
    (leaf("b"), "tree.parts[1].key: b stands there twice"),
    (leaf("a", scale="best"), "tree.parts[1].scale: one of as_is"),
    (leaf("a", scale="bands"), "tree.parts[1].bands: needed"), (leaf("a", bands=[["1", "1"]]), "tree.parts[1].bands"),
    (leaf("a", scale="bands", bands=[["1", "1"], ["2", "0"]]), "tree.parts[1].bands: the highest"),
    (leaf("a", scale="bands", bands=[["1", "2"]]), "tree.parts[1].bands: what a band gives"),
    (leaf("a", source={"kind": "measure"}), "tree.parts[1].source.name"),
    (leaf("a", source={"kind": "report", "name": "x"}), "tree.parts[1].source.name: template.field"),
    (leaf("a", scale="z_min_max"), "tree.parts[1].scale: z_min_max is for a group"),
    (leaf("a", scale="target", parts=[leaf("c")]), "tree.parts[1].scale: a group is as_is or z_min_max"),
    (leaf("a", scale="z_min_max", parts=[leaf("c")]), "tree.parts[1].parts: in a group of z-scores"),
    (leaf("a", range=["2", "1"]), "tree.parts[1].range: the least comes first"),
    (leaf("a", parts=[]), "tree.parts[1].parts: a list")])
def test_a_wrong_indicator_is_told_with_its_place(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError) as error:
        definitions.read(data(leaf("b"), wrong))
    assert str(error.value).startswith(says)


def test_points_that_are_not_known_are_neither_none_nor_full() -> None:
    known = {one.key: "2" for one in rating().leaves if one.key != "complaints"}
    [place] = results.places(rating(), [member("a", **known)])
    assert (place["least"], place["most"], place["known"]) == ("16.00", "18.00", "16.00")
    assert place["missing"] == ["complaints"]
    assert [each["vi"] for each in place["grades"]] == ["Xuất sắc", "Xuất sắc"], "whatever the last criterion brings"


def test_a_rating_that_hangs_on_a_gap_is_not_settled() -> None:
    known = {one.key: "1" for one in rating().leaves} | {"online": None, "complaints": None}
    [place] = results.places(rating(), [member("a", **known)])
    assert (place["least"], place["known"]) == ("7.00", "14.00")
    assert [each["vi"] for each in place["grades"]] == ["Trung bình", "Khá"]


def test_who_lacks_what_others_have_has_no_place_and_what_nobody_has_is_left_out() -> None:
    full = {one.key: "1" for one in rating().leaves} | {"complaints": None}
    found = results.places(rating(), [member("a", **full), member("b", **full | {"online": "2"}),
                                      member("c", **full | {"attitude": None})])
    assert [(one["key"], one["rank"]) for one in found] == [("b", 1), ("a", 2), ("c", None)]
    assert results.few_members(rating(), found)


def test_few_cases_are_flagged() -> None:
    one = member("a", **{leaf.key: "1" for leaf in rating().leaves})
    one["values"]["total_time"]["denominator"], one["values"]["asked_again"]["denominator"] = 19, 20
    assert results.places(rating(), [one])[0]["few"] == ["total_time"]


def test_what_would_win_most_says_points_and_places() -> None:
    index = definitions.read(data(leaf("a", weight="3"), leaf("b"), out_of="100", digits=1))
    members = [member("me", a="0.5", b="0"), member("near", a="0.6", b="0.2"), member("far", a="1", b="1")]
    found = results.gains(index, members, "me")
    assert [(one.node.key, one.points, one.rank, one.ranks) for one in found] == [
        ("a", D("37.5"), 2, 1), ("b", D("25.0"), 2, 1)]
    assert results.gains(index, members, "far") == [], "full marks already"
    gap = [*members, member("gap", a=None, b="1")]
    assert results.gains(index, gap, "gap") == [], "without a place"


def test_what_wins_points_wins_them_of_all_points_not_of_the_known_ones() -> None:
    full = {one.key: "1" for one in rating().leaves} | {"complaints": None}
    found = results.gains(rating(), [member("a", **full)], "a")
    assert {one.points for one in found} == {D("1.00")}, "one point of eighteen, though sixteen are known"


def test_places_are_worked_out_again_to_the_digit_in_any_order() -> None:
    index = definitions.read(data(*(leaf(f"i{n}", weight=str(n + 1), scale="min_max") for n in range(5))))
    dice = Random(1)
    members = [member(f"m{n}", **{f"i{i}": str(dice.randint(0, 999)) for i in range(5)}) for n in range(20)]
    assert results.places(index, members) == results.places(copy.deepcopy(index), members[::-1])


def test_a_published_whole_closes_as_near_as_rounded_parts_can_come() -> None:
    index = next(one for one in definitions.shipped() if (one.key, one.first) == ("ict-readiness", 2016))
    parts = {"technical": D("0.84"), "human": D("0.76"), "application": D("0.89")}
    assert results.closes(index, parts | {"whole": D("0.8321")}) == (D("0.8300"), True)
    assert results.closes(index, parts | {"whole": D("0.8400")})[1] is False
    assert results.closes(index, {"whole": D("0.8321"), "human": D("0.76")}) == (None, None)
    before = next(one for one in definitions.shipped() if (one.key, one.first) == ("ict-readiness", 2014))
    assert results.closes(before, parts | {"whole": D("0.8321")}) == (None, None), "another method"


def test_every_survey_of_the_united_nations_with_parts_closes() -> None:
    index = next(one for one in definitions.shipped() if one.key == "egdi")
    found = {one.year: results.closes(index, {"egdi": one.egdi, **{
        key: value for key, value in one.parts.items() if value is not None}})[1] for one in history.surveys()}
    assert {year for year, closes in found.items() if closes} == {2012, 2014, 2016, 2018, 2020, 2022, 2024}
    assert False not in found.values()


@pytest.mark.parametrize(("facts", "points"), [
    ((100, 30, 0, 10, 2), 2), ((100, 30, 0, 10, 1), 1), ((100, 29, 0, 10, 9), 1), ((100, 15, 0, 10, 9), 1),
    ((100, 14, 0, 10, 9), 0), ((100, 90, 1, 10, 9), 0), ((100, 90, 0, 0, 0), 1)])
def test_services_online_give_points_by_three_conditions(facts: tuple[int, ...], points: int) -> None:
    assert online_points(*facts) == points


def test_ninety_three_members_and_sixty_indicators_are_quick() -> None:
    groups = [{"key": f"g{n}", "name": words("g"), "weight": str(n + 1), "parts": [
        leaf(f"l{n}-{i}", scale="min_max") for i in range(10)]} for n in range(6)]
    index, dice = definitions.read(data(*groups)), Random(2)
    members = [member(f"m{n}", **{one.key: str(dice.randint(0, 10**4)) for one in index.leaves}) for n in range(93)]
    begun = time.process_time()
    found = results.places(index, members)
    assert time.process_time() - begun < 2, "half a second where nobody else works"
    assert any(one["best"] < one["worst"] for one in found)
