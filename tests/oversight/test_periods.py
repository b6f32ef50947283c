"""Periods and due days, as the law writes them."""
from datetime import date
from typing import Any

import pytest

from portal.oversight import periods

TT_09 = {"day": 23, "month": "last", "units": {"day": 20, "month": "last"}}


@pytest.mark.parametrize(("day", "every", "period", "last"), [
    (date(2026, 11, 30), "quarter", "2026-Q4", date(2026, 12, 31)),
    (date(2026, 2, 3), "month", "2026-02", date(2026, 2, 28)),
    (date(2028, 2, 3), "month", "2028-02", date(2028, 2, 29)),
    (date(2026, 6, 30), "half", "2026-H1", date(2026, 6, 30)),
    (date(2026, 7, 1), "half", "2026-H2", date(2026, 12, 31)),
    (date(2026, 1, 1), "year", "2026", date(2026, 12, 31))])
def test_a_day_lies_in_its_period(day: date, every: str, period: str, last: date) -> None:
    assert periods.period_of(day, every) == period and periods.every_of(period) == every
    first, found = periods.days_of(period)
    assert first <= day <= found == last


@pytest.mark.parametrize("period", ["2026-01", "2026-12", "2026-Q1", "2026-Q4", "2026-H1", "2026-H2", "2026"])
def test_the_one_before_and_the_one_after_meet_it(period: str) -> None:
    first, last = periods.days_of(period)
    assert periods.days_of(periods.before(period))[1] == first - periods.DAY
    assert periods.days_of(periods.after(period))[0] == last + periods.DAY
    assert periods.after(periods.before(period)) == period


@pytest.mark.parametrize("period", ["2026-Q5", "2026-H0", "2026-H3", "2026-13", "26-Q1", "0001", "2026-Q", "", "2026 "])
def test_what_is_no_period_is_refused(period: str) -> None:
    with pytest.raises(ValueError, match="no period"):
        periods.days_of(period)


@pytest.mark.parametrize(("rule", "period", "due"), [
    (TT_09, "2026-11", date(2026, 11, 23)), (TT_09, "2026-Q1", date(2026, 3, 23)),
    (TT_09, "2026-H1", date(2026, 6, 23)),
    (TT_09, "2026", date(2026, 12, 23)), (TT_09["units"], "2026-Q3", date(2026, 9, 20)),
    ({"day": 25, "month": "last"}, "2016-Q1", date(2016, 3, 25)),
    ({"day": 5, "month": "after"}, "2026-Q4", date(2027, 1, 5)),
    ({"day": 31, "month": "last"}, "2026-02", date(2026, 2, 28)), (None, "2026-Q4", date(2026, 12, 31))])
def test_a_report_may_be_due_before_its_period_is_over(rule: Any, period: str, due: date) -> None:
    assert periods.due_by(rule, period) == due


@pytest.mark.parametrize(("rule", "says"), [
    ([], r"due: an object"), ({"day": 0, "month": "last"}, r"due\.day"), ({"day": True, "month": "last"}, r"due\.day"),
    ({"day": 3}, r"due\.month"), ({"day": 3, "month": "last", "hour": 5}, r"due\.hour"),
    ({"day": 3, "month": "last", "units": {"day": 99, "month": "last"}}, r"due\.units\.day")])
def test_a_rule_that_is_none_is_refused_by_its_place(rule: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        periods.check_due(rule)
    periods.check_due(TT_09)


def test_periods_are_called_as_people_call_them() -> None:
    assert [periods.called(one)["vi"] for one in ("2026-11", "2026-Q4", "2026-H1", "2026")] == [
        "tháng 11 năm 2026", "quý IV năm 2026", "6 tháng đầu năm 2026", "năm 2026"]
    assert periods.called("2026-H2")["en"] == "the second half of 2026"
