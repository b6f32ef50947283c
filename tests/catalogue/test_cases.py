"""Limits by case, not by the way of filing."""
import pytest

from portal.catalogue import cases, reference
from portal.catalogue.cases import Case, UnknownCase
from portal.law.limits import NO_LIMIT, UNREADABLE, Limit, LimitUnit

ROWS = {row.code: row for row in reference.procedures()}


def days(n: int) -> Limit:
    return Limit(n, LimitUnit.working_day)


@pytest.mark.parametrize(("code", "key", "limit"), [
    ("1.004859", "supplement", days(0)),
    ("1.004859", "change", days(3)),
    ("1.004859", "", days(3)),
    ("3.000346", "3-day", Limit(3, LimitUnit.day)),
    ("3.000346", "", Limit(7, LimitUnit.day)),
    ("1.012783", "5-working-day", days(5)),
    ("1.012783", "", days(20)),
    ("1.012784", "", days(22)),
    ("1.013225", "", Limit(20, LimitUnit.day)),
    ("1.013076", "1-working-hour", Limit(1, LimitUnit.working_hour)),
    ("1.001456", "replaced", days(8)),
])
def test_the_longest_is_promised_until_the_case_is_known(code: str, key: str, limit: Limit) -> None:
    assert cases.limit_of(ROWS[code].cases, key, ROWS[code].limit) == limit


def test_a_case_that_nobody_told_apart_is_refused_with_those_there_are() -> None:
    with pytest.raises(UnknownCase, match="no case 'never'; there is supplement, change"):
        cases.limit_of(ROWS["1.004859"].cases, "never", NO_LIMIT)


def test_a_record_with_one_limit_has_no_cases() -> None:
    assert cases.of_record([days(5), days(5), UNREADABLE]) == ()
    assert [case.key for case in cases.of_record([days(20), days(5), days(20)])] == ["5-working-day", "20-working-day"]


def test_an_answer_names_the_case() -> None:
    told = (Case("one", field="kind", equals="a"), Case("two", field="kind", equals="b"), Case("three"))
    assert cases.chosen(told, {"kind": "b"}) == "two"
    assert cases.chosen(told, {"kind": "c"}) == cases.chosen(told, {}) == ""


def test_a_case_is_kept_as_it_is() -> None:
    for row in ROWS.values():
        assert cases.read([cases.plain(case) for case in row.cases]) == row.cases
