"""Cross-checks of reports: what each kind finds, and what it lets pass."""
import time
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.oversight.reports import check_parts, templates
from portal.oversight.reports.checking import KIND_WORDS, KINDS, Beside, Finding, Other, check
from portal.oversight.reports.numbers_in_text import fits, numbers_beside, share_in
from tests.oversight.made import answers_07a, row

SHIPPED = {one.key: templates.read(one.definition) for one in templates.shipped()}
FORM_07A = SHIPPED["tt09_07a"]
WORDS = {"vi": "Chữ", "en": "Words"}
QUESTIONS: dict[str, dict[str, Any]] = {
    **{key: {"key": key, "kind": "number", "label": {"vi": key, "en": key}, "min": 0} for key in "abcd"},
    "free": {"key": "free", "kind": "number", "label": WORDS}, "text": {"key": "text", "kind": "text", "label": WORDS},
    "long": {"key": "long", "kind": "long_text", "label": WORDS},
    "rows": {"key": "rows", "kind": "table", "label": WORDS, "fields": [
        {"key": "name", "kind": "text", "label": WORDS},
        *({"key": key, "kind": "number", "label": {"vi": key, "en": key}, "min": 0} for key in "xyz")]}}
SUM = {"key": "sum", "kind": "sum", "level": "error", "total": "a", "parts": ["b", "c"]}
ROWS = {"key": "sum", "kind": "sum", "level": "error", "total": "rows.x", "parts": ["rows.y", "rows.z"]}


def found(definition: dict[str, Any], values: dict[str, Any], beside: Beside | None = None) -> list[Finding]:
    return check(check_parts.read([{"key": "one", "level": "error"} | definition], QUESTIONS), values, beside)


def test_parts_make_the_total_or_it_is_said_with_the_numbers() -> None:
    """64 + 16 against 78: what the report of Q1/2017 says."""
    assert found(SUM, {"a": 80, "b": 64, "c": 16}) == []
    [one] = found(SUM, {"a": 78, "b": 64, "c": 16})
    assert (one.facts["total"], one.facts["parts"], one.facts["sum"]) == (78, (64, 16), 80)
    assert one.fields == ("a", "b", "c") and one.stops and not one.waits


def test_an_empty_part_is_no_nought_and_is_named() -> None:
    [one] = found(SUM, {"a": 78, "b": 64})
    assert one.waits and one.facts["empty"] == {"vi": "c", "en": "c"}
    [too_much] = found(SUM, {"a": 60, "b": 64})
    assert not too_much.waits, "one part alone is more than the whole"
    assert found(SUM, {"a": 0, "b": 0, "c": 0}) == [] and found(SUM, {}) == []


def test_where_a_part_may_be_negative_an_empty_one_decides() -> None:
    [one] = found({**SUM, "parts": ["b", "free"]}, {"a": 60, "b": 64})
    assert one.waits


def test_each_row_is_checked_by_itself_and_named_by_its_label() -> None:
    rows = [{"name": "Hộ tịch", "x": 5, "y": 2, "z": 3}, {"name": "Đất đai", "x": 9, "y": 2, "z": 3},
            {"name": "Xây dựng", "x": 9, "y": 2}, {"name": "Trống"}]
    wrong, waiting = found(ROWS, {"rows": rows})
    assert (wrong.row, wrong.facts["sum"], wrong.key) == ("Đất đai", 5, "sum:dat dai")
    assert (waiting.row, waiting.waits) == ("Xây dựng", True)


def test_a_column_beside_a_question_is_the_sum_of_its_rows() -> None:
    total = {"kind": "sum", "total": "a", "parts": ["rows.x"]}
    assert found(total, {"a": 7, "rows": [{"x": 3}, {"x": 4}]}) == []
    assert [one.facts["sum"] for one in found(total, {"a": 7, "rows": [{"x": 3}, {"x": 5}]})] == [8]
    [waits] = found(total, {"a": 7, "rows": [{"x": 3}, {"name": "b"}]})
    assert waits.waits, "an empty cell of a column is not answered"
    assert found(total, {"a": 7}) == [] == found(total, {"a": 7, "rows": []}), "rows that nobody wrote are not none"


def test_a_part_is_within_the_whole() -> None:
    assert found({"kind": "within", "part": "a", "of": "b"}, {"a": 5, "b": 5}) == []
    assert len(found({"kind": "within", "part": "a", "of": "b"}, {"a": 6, "b": 5})) == 1
    assert found({"kind": "within", "part": "a", "of": "b"}, {"a": 6}) == []


def test_a_period_divides_by_one_number() -> None:
    denominators = {"kind": "one_denominator", "fields": ["a", "b", "c"]}
    assert found(denominators, {"a": 63, "b": 63}) == []
    [one] = found(denominators, {"a": 63, "b": 63, "c": 59})
    assert (one.facts["a"], one.facts["b"]) == (63, 59)


@pytest.mark.parametrize(("said", "part", "of", "ok"), [
    ("94", 78, 83, True), (">46", 34, 73, True), ("trên 46 %", 34, 73, True), ("46,6", 34, 73, True),
    ("46.5", 34, 73, False), ("95", 78, 83, False), (">47", 34, 73, False), (">45", 34, 73, False),
    (94, 78, 83, True), ("khoảng một nửa", 34, 73, True), ("100", 63, 63, True), ("1", 0, 0, False)])
def test_a_share_is_worked_out_again(said: Any, part: int, of: int, ok: bool) -> None:
    share = {"kind": "share", "part": "a", "of": "b", "share": "text" if isinstance(said, str) else "c"}
    values = {"a": part, "b": of, "text": said} if isinstance(said, str) else {"a": part, "b": of, "c": said}
    assert (found(share, values) == []) is ok


def test_a_jump_is_asked_about_against_the_period_before_alone() -> None:
    jump = {"kind": "jump", "level": "warning", "field": "a", "percent": 50, "at_least": 10}
    before = Beside({"a": 100}, "2026-Q3")
    assert found(jump, {"a": 150}, before) == [] == found(jump, {"a": 1000}), "nothing to compare with"
    [one] = found(jump, {"a": 151}, before)
    assert (one.facts["before"], one.facts["now"], one.facts["period"]) == (100, 151, "2026-Q3")
    assert found(jump, {"a": 9}, Beside({"a": 1}, "2026-Q3")) == [], "fewer than ten are no jump"
    assert len(found(jump, {"a": 10}, Beside({"a": 0}, "2026-Q3"))) == 1, "from nothing"


def test_what_is_reached_stays() -> None:
    assert found({"kind": "grows", "field": "a"}, {"a": 34}, Beside({"a": 34})) == []
    assert len(found({"kind": "grows", "field": "a"}, {"a": 33}, Beside({"a": 34}))) == 1


def test_what_was_left_is_what_is_begun_with_row_by_row() -> None:
    carried = {"kind": "carried_over", "field": "rows.x", "from": "rows.z"}
    before = Beside({"rows": [{"name": "Hộ tịch", "z": 4}, {"name": "Đất đai", "z": 7}]}, "2026-Q3")
    now = [{"name": "đất  đai", "x": 7}, {"name": "Hộ tịch", "x": 4}]
    assert found(carried, {"rows": now}, before) == [], "whatever the order and the capitals"
    gone = found(carried, {"rows": now[:1]}, before)
    assert [(one.row, one.facts["now"], one.facts["before"]) for one in gone] == [("Hộ tịch", 0, 4)]
    assert found(carried, {"rows": now}) == []


def test_a_single_figure_is_carried_over_too() -> None:
    carried = {"kind": "carried_over", "field": "a", "from": "b"}
    assert found(carried, {"a": 20}, Beside({"b": 20})) == []
    assert len(found(carried, {"a": 19}, Beside({"b": 20}))) == 1


@pytest.mark.parametrize(("text", "numbers"), [
    ("Bộ đã triển khai 78 dịch vụ công được giao.", [78]), ("78/83 dịch vụ công được giao", [78]),
    ("Dịch vụ công được giao: 83; còn lại 5", [83]), ("DỊCH VỤ CÔNG ĐƯỢC GIAO là 1.102", [1102]),
    ("Nghị quyết 36a dịch vụ công được giao", []), ("dịch vụ công được giao đạt 94%", []),
    ("ngày 25/3 dịch vụ công được giao", []), ("dịch vụ công được giao 31/12/2026 hoàn thành", []),
    ("1,102 dịch vụ công được giao và 5 dịch vụ công được giao", [1102, 5]), ("0 dịch vụ công được giao", [0])])
def test_a_text_names_a_figure_where_its_number_stands_beside_the_words(text: str, numbers: list[int]) -> None:
    assert [one.value for one in numbers_beside(text, ["dịch vụ công được giao"])] == numbers


@pytest.mark.parametrize("text", ["9" * 5000 + " dịch vụ", "dịch vụ " + "9" * 5000, "1 111" + " 111" * 25_000,
                                  "1" + " 111" * 2000 + " dịch vụ"])
def test_a_number_longer_than_any_figure_is_passed_over_and_not_tried_for_ever(text: str) -> None:
    before = time.process_time()
    assert [one.value for one in numbers_beside(text, ["dịch vụ"]) if one.value > 10**18] == []
    assert time.process_time() - before < 2


def test_a_text_that_says_another_number_is_found_with_its_words() -> None:
    says = {"kind": "text", "field": "long", "says": [{"field": "a", "words": ["dịch vụ đã triển khai"]}]}
    assert found(says, {"long": "Có 78 dịch vụ đã triển khai", "a": 78}) == []
    [one] = found(says, {"long": "Có 80 dịch vụ đã triển khai trong quý", "a": 78})
    assert one.facts["words"] == "80 dịch vụ đã triển khai" and one.facts["value"] == 78
    assert found(says, {"long": "Có 80 dịch vụ đã triển khai"}) == [], "nothing to hold it against"


def test_two_reports_that_disagree_stand_side_by_side() -> None:
    agrees = {"kind": "agrees", "field": "a", "template": "tt09_07a", "with": "total_received"}
    others = {"one": [Other("07a, 2026-Q4", 90), Other("07a, 2026-Q4 (sửa)", 88)]}
    assert [(one.facts["here"], one.facts["there"]) for one in found(agrees, {"a": 90}, Beside(others=others))] == [
        (90, 88)]


def test_a_warning_stops_until_it_is_noted_and_an_error_always() -> None:
    [warning] = check(check_parts.read([{**SUM, "level": "warning"}], QUESTIONS), {"a": 1, "b": 2, "c": 3},
                      notes={"sum": "Đã đối chiếu"})
    [error] = check(check_parts.read([SUM], QUESTIONS), {"a": 1, "b": 2, "c": 3}, notes={"sum": "Đã đối chiếu"})
    assert (warning.stops, error.stops) == (False, True) and warning.note == "Đã đối chiếu"


@pytest.mark.parametrize(("change", "place"), [
    ({"kind": "product"}, "checks[1].kind"), ({"level": "fatal"}, "checks[1].level"), ({"key": "a b"}, "checks[1].key"),
    ({"total": "q"}, "checks[1].total"), ({"total": "text"}, "checks[1].total"), ({"parts": ["b", "q"]},
                                                                               "checks[1].parts[2]"),
    ({"parts": []}, "checks[1].parts"), ({"parts": "b"}, "checks[1].parts"), ({"more": 1}, "checks[1].more"),
    ({"total": "rows"}, "checks[1].total"), ({"total": "rows.q"}, "checks[1].total"),
    ({"kind": "jump"}, "checks[1].parts"), ({"kind": "text"}, "checks[1].parts")])
def test_a_check_that_is_wrong_names_the_place(change: dict[str, Any], place: str) -> None:
    with pytest.raises(ValueError, match=place.replace("[", r"\[").replace("]", r"\]")):
        check_parts.read([SUM | change], QUESTIONS)


@pytest.mark.parametrize(("given", "place"), [
    ({"key": "k", "kind": "jump", "level": "error", "field": "a", "percent": "50"}, "percent"),
    ({"key": "k", "kind": "text", "level": "error", "field": "long", "says": []}, "says"),
    ({"key": "k", "kind": "text", "level": "error", "field": "long", "says": [{"field": "a", "words": []}]}, "words"),
    ({"key": "k", "kind": "text", "level": "error", "field": "a", "says": [{"field": "a", "words": ["x"]}]}, "field"),
    ({"key": "k", "kind": "agrees", "level": "error", "field": "a", "template": "t", "with": "x", "of": "q"}, "of"),
    ({"key": "k", "kind": "share", "level": "error", "part": "a", "of": "b", "share": "rows"}, "share"),
    ({"key": "k", "kind": "grows", "level": "error"}, "field"), ("x", "key")])
def test_every_kind_names_what_is_wrong_with_it(given: Any, place: str) -> None:
    with pytest.raises(ValueError, match=rf"^checks\[1\]\.\S*{place}"):
        check_parts.read([given], QUESTIONS)


def test_a_key_is_used_once() -> None:
    with pytest.raises(ValueError, match="used twice"):
        check_parts.read([SUM, SUM], QUESTIONS)


def test_every_kind_has_its_parts_and_its_words() -> None:
    assert set(KINDS) == set(check_parts.PARTS) == set(KIND_WORDS)


def test_form_07a_adds_up_as_the_circular_says() -> None:
    assert check(FORM_07A.checks, answers_07a(row(), row("Đất đai"))) == []
    wrong = {one.check: one for one in check(FORM_07A.checks, answers_07a(row(online_full=41)))}
    assert set(wrong) == {"c3"} and wrong["c3"].row == "Hộ tịch"
    assert {one.check for one in check(FORM_07A.checks, answers_07a(row(settled=81)))} == {
        "c9", "c3_9_13", "total_parts"}
    assert {one.check for one in check(FORM_07A.checks, answers_07a(), Beside(answers_07a(row(pending=9)), "Q3"))} == {
        "c8"}, "the opening figure is what the last period left"


@given(st.fixed_dictionaries({key: st.integers(0, 10**6) for key in "bc"}), st.integers(0, 3 * 10**6))
def test_a_sum_is_found_wrong_exactly_where_it_is(parts: dict[str, int], total: int) -> None:
    assert bool(found(SUM, {"a": total, **parts})) == (total != sum(parts.values()))


@given(st.integers(0, 10**5), st.integers(1, 10**5), st.integers(0, 3))
def test_a_share_that_is_rounded_from_its_numbers_fits(part: int, of: int, places: int) -> None:
    exact = Decimal(part * 100) / of
    if exact >= 1000:
        return
    said = share_in(str(exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)).replace(".", ","))
    assert said is not None and fits(said, exact)
