"""Expressions: what they give, what they refuse to be, held against a plain second reading."""
import calendar
import datetime
import operator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.forms.expressions import Asked, Gives, Known, Reader, years_after

TODAY = datetime.date(2026, 11, 30)
ASKED = {
    "n": Asked(Gives.number), "m": Asked(Gives.number), "cost": Asked(Gives.money), "paid": Asked(Gives.money),
    "born": Asked(Gives.date), "until": Asked(Gives.date), "name": Asked(Gives.text), "yes": Asked(Gives.flag),
    "no": Asked(Gives.flag), "way": Asked(Gives.choice, frozenset(("post", "counter"))),
    "classes": Asked(Gives.choices, frozenset(("a", "b"))), "home": Asked(None),
    "people.share": Asked(Gives.money, rows="people"), "people.born": Asked(Gives.date, rows="people"),
}


def read(expression: Any, each: str | None = None, **named: Any) -> Any:
    return Reader(ASKED, frozenset(("people",)), named, each).read(expression, "here")


def worth(expression: Any, row: dict[str, Any] | None = None, **values: Any) -> Any:
    return read(expression, "people" if row is not None else None).work_out(Known(values, TODAY, row))


def f(key: str) -> dict[str, str]:
    return {"field": key}


@pytest.mark.parametrize("born, on, years", [
    ("2008-11-30", "2026-11-30", 18), ("2008-12-01", "2026-11-30", 17), ("2008-02-29", "2026-02-28", 17),
    ("2008-02-29", "2026-03-01", 18), ("2026-11-30", "2026-11-30", 0), ("2000-01-01", "1999-12-31", -1)])
def test_an_age_is_in_full_years(born: str, on: str, years: int) -> None:
    assert worth({"age": [{"date": born}, {"date": on}]}) == years


@given(born=st.dates(datetime.date(1900, 1, 1), datetime.date(2026, 1, 1)), days=st.integers(0, 40_000))
def test_an_age_counts_the_birthdays_that_have_come(born: datetime.date, days: int) -> None:
    on = born + datetime.timedelta(days=days)
    birthdays = 0
    for year in range(born.year + 1, on.year + 1):
        leap_day = (born.month, born.day) == (2, 29) and not calendar.isleap(year)
        birthdays += (datetime.date(year, 3, 1) if leap_day else born.replace(year=year)) <= on
    assert worth({"age": [{"date": str(born)}, {"date": str(on)}]}) == birthdays
    assert worth({"days": [{"date": str(born)}, {"date": str(on)}]}) == days


@pytest.mark.parametrize("day, years, then", [
    ("2024-02-29", 2, "2026-02-28"), ("2024-02-29", 4, "2028-02-29"), ("2024-06-30", 2, "2026-06-30"),
    ("2024-06-30", -24, "2000-06-30")])
def test_years_later_is_the_same_day_or_the_last_of_february(day: str, years: int, then: str) -> None:
    assert worth({"years_after": [{"date": day}, years]}) == datetime.date.fromisoformat(then)


@given(day=st.dates(), years=st.integers(-9999, 9999))
def test_no_number_of_years_leaves_the_calendar(day: datetime.date, years: int) -> None:
    then = years_after(day, years)
    assert then is None or then.year == day.year + years


def test_what_is_missing_makes_the_whole_unknown_unless_the_rest_decides() -> None:
    less = {"less": [f("n"), 5]}
    assert worth(less) is None and worth(less, n=3) is True
    assert worth({"any": [less, f("yes")]}, yes=True) is True
    assert worth({"all": [less, f("yes")]}, yes=False) is False
    assert worth({"all": [less, f("yes")]}, yes=True) is None
    assert worth({"not": less}) is None and worth({"not": less}, n=9) is True
    assert worth({"given": "n"}) is False and worth({"given": "n"}, n=0) is True
    assert worth({"first": [f("until"), {"today": True}]}) == TODAY


def test_sums_and_counts_go_over_the_rows() -> None:
    rows = [{"share": 30}, {"share": 12}]
    assert worth({"sum": [f("people.share"), f("cost"), 8]}, people=rows, cost=50) == 100
    assert worth({"sum": [f("people.share")]}, people=[{"share": 30}, {}]) is None
    assert worth({"sum": [f("people.share")]}) == 0 and worth({"count": "people"}, people=rows) == 2


def test_an_optional_cell_that_is_empty_adds_nothing_to_its_column() -> None:
    """Where it had to be filled in, the whole is unknown; where not, the rule still speaks of what is there."""
    optional = Reader({"people.share": Asked(Gives.money, rows="people", optional=True)}, frozenset({"people"}))
    total = optional.read({"sum": [f("people.share")]}, "here")
    assert total.work_out(Known({"people": [{"share": 30}, {}]}, TODAY)) == 30


def test_distinct_values_differ_each_from_each() -> None:
    ages = {"distinct": [f("people.born"), f("born")]}
    first, second = datetime.date(1990, 1, 1), datetime.date(1990, 1, 2)
    assert worth(ages, people=[{"born": first}], born=second) is True
    assert worth(ages, people=[{"born": first}], born=first) is False
    assert worth({"distinct": [f("people.born")]}, people=[{"born": first}, {"born": first}]) is False
    assert worth({"distinct": [f("people.born")]}, people=[{"born": first}, {}]) is None


def test_within_a_row_a_column_is_one_value() -> None:
    assert worth({"more": [f("people.share"), {"money": 20}]}, {"share": 30}) is True
    assert worth({"given": "people.share"}, {}) is False


def test_choices_and_texts_compare_with_what_is_written_out() -> None:
    assert worth({"one_of": [f("way"), ["post"]]}, way="counter") is False
    assert worth({"equal": [f("way"), "post"]}, way="post") is True
    assert worth({"includes": [f("classes"), "a"]}, classes=["a", "b"]) is True
    assert worth({"different": [f("name"), "Lan"]}, name="Mai") is True
    assert worth({"days": [f("born"), {"today": True}]}, born=datetime.date(2026, 11, 1)) == 29
    assert worth({"equal": [{"days_after": [f("born"), 29]}, {"today": True}]}, born=datetime.date(2026, 11, 1)) is True


@pytest.mark.parametrize("expression, place", [
    ({"field": "nobody"}, "here.field"), ({"field": "home"}, "here.field"), ({"field": ["n"]}, "here.field"),
    ({"eval": "1"}, "here"), ([1, 2], "here"), (None, "here"), (1.5, "here"),
    ({"less": [1, 2], "more": [1, 2]}, "here"),
    ({"less": [{"field": "n"}]}, "here.less"), ({"less": [{"field": "n"}, {"field": "born"}]}, "here.less"),
    ({"less": [{"field": "n"}, {"field": "cost"}]}, "here.less"), ({"less": [{"field": "name"}, "b"]}, "here.less"),
    ({"equal": [{"field": "way"}, "balloon"]}, "here.equal"), ({"equal": [{"field": "people.share"}, 1]}, "here.equal"),
    ({"equal": [{"field": "classes"}, {"field": "classes"}]}, "here.equal"),
    ({"sum": [{"field": "n"}, {"field": "cost"}]}, "here.sum"), ({"sum": [{"field": "born"}]}, "here.sum"),
    ({"sum": []}, "here.sum"), ({"count": "n"}, "here.count"), ({"age": [{"field": "n"}, {"today": True}]}, "here.age"),
    ({"today": False}, "here.today"), ({"date": "30/11/2026"}, "here.date"), ({"money": 1.5}, "here.money"),
    ({"one_of": [{"field": "way"}, ["balloon"]]}, "here.one_of"), ({"one_of": [{"field": "n"}, ["a"]]}, "here.one_of"),
    ({"one_of": [{"field": "n"}, [{"field": "m"}]]}, "here.one_of[1]"), ({"given": "people.share"}, "here.given"),
    ({"includes": [{"field": "classes"}, "z"]}, "here.includes"), ({"all": [{"field": "n"}]}, "here.all[0]"),
    ({"all": []}, "here.all"), ({"not": {"field": "name"}}, "here.not"), ({"value": "total"}, "here.value"),
    ({"first": [{"field": "n"}, {"today": True}]}, "here.first"),
    ({"years_after": [{"field": "n"}, {"field": "n"}]}, "here.years_after"),
    ({"distinct": [{"field": "n"}, {"field": "born"}]}, "here.distinct"),
    ({"any": [True, {"less": [{"field": "n"}, {"field": "born"}]}]}, "here.any[1].less"),
])
def test_what_makes_no_sense_is_refused_and_the_place_named(expression: Any, place: str) -> None:
    with pytest.raises(ValueError) as refused:
        read(expression)
    assert str(refused.value).startswith(place + ":")


def test_a_named_value_is_read_with_its_types_and_may_not_go_in_a_circle() -> None:
    total = {"sum": [f("n"), f("m")]}
    assert read({"value": "total"}, total=total).work_out(Known({"n": 1, "m": 2}, TODAY)) == 3
    with pytest.raises(ValueError, match="a → b → a goes in a circle"):
        read({"value": "a"}, a={"value": "b"}, b={"sum": [{"value": "a"}, 1]})


NUMBERS = {"n": st.none() | st.integers(-9, 9), "m": st.none() | st.integers(-9, 9)}
FLAGS = {"yes": st.none() | st.booleans(), "no": st.none() | st.booleans()}
COMPARISONS = {"equal": operator.eq, "different": operator.ne, "less": operator.lt, "at_most": operator.le,
               "more": operator.gt, "at_least": operator.ge}
AMOUNT = st.recursive(st.integers(-9, 9) | st.sampled_from([f("n"), f("m")]),
                      lambda inner: st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"sum": parts}),
                      max_leaves=4)
TRUTH = st.recursive(
    st.sampled_from([f("yes"), f("no"), True, False, {"given": "n"}])
    | st.tuples(st.sampled_from(sorted(COMPARISONS)), AMOUNT, AMOUNT).map(lambda c: {c[0]: [c[1], c[2]]}),
    lambda inner: st.lists(inner, min_size=1, max_size=3).flatmap(
        lambda parts: st.sampled_from([{"all": parts}, {"any": parts}, {"not": parts[0]}])), max_leaves=8)


def plainly(expression: Any, values: dict[str, Any]) -> Any:
    """The same rule read a second way: over and over with each possible value of what is unknown."""
    if not isinstance(expression, dict):
        return expression
    [(name, operands)] = expression.items()
    if name == "field":
        return values[operands]
    if name == "given":
        return values[operands] is not None
    if name == "not":
        inner = plainly(operands, values)
        return None if inner is None else not inner
    parts = [plainly(one, values) for one in operands]
    if name in ("all", "any"):
        possible = [[True, False] if part is None else [part] for part in parts]
        outcomes = {(all if name == "all" else any)(choice) for choice in _each(possible)}
        return outcomes.pop() if len(outcomes) == 1 else None
    if None in parts:
        return None
    return sum(parts) if name == "sum" else COMPARISONS[name](*parts)


def _each(possible: list[list[bool]]) -> list[list[bool]]:
    return [[first, *rest] for first in possible[0] for rest in (_each(possible[1:]) if possible[1:] else [[]])]


@given(expression=TRUTH, values=st.fixed_dictionaries({**NUMBERS, **FLAGS}))
def test_expressions_are_worked_out_as_a_plain_reading_does(expression: Any, values: dict[str, Any]) -> None:
    assert read(expression).work_out(Known(values, TODAY)) == plainly(expression, values)
