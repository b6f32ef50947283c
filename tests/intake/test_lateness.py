"""How late news arrives: many batches put together, each weighing as much as its rows."""
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.intake.lateness import Lateness, Timed, together

BATCH = st.tuples(st.integers(1, 1000), st.integers(0, 10**6), st.integers(0, 10**6)).map(
    lambda t: Timed(t[0], min(t[1:]), max(t[1:])))


def test_one_batch_says_what_it_says() -> None:
    assert together([Timed(40, 60, 3600)]) == Lateness(60, 3600, 40)


def test_nothing_says_nothing() -> None:
    assert together([]) is None and together([Timed(0, 5, 9)]) is None


@pytest.mark.parametrize(("batches", "half_s", "most_s"), [
    ([Timed(1, 10, 20)] * 9, 10, 20),
    ([Timed(999, 10, 20), Timed(1, 5000, 90000)], 11, 20),
    ([Timed(1, 10, 20), Timed(999, 5000, 90000)], 4995, 89979),
    ([Timed(50, 0, 0), Timed(50, 5000, 90000)], 0, 68750)])
def test_a_batch_weighs_as_much_as_its_rows(batches: list[Timed], half_s: int, most_s: int) -> None:
    assert together(batches) == Lateness(half_s, most_s, sum(batch.rows for batch in batches))


@given(st.lists(BATCH, min_size=1, max_size=12))
def test_it_lies_between_the_extremes_and_order_makes_no_difference(batches: list[Timed]) -> None:
    said = together(batches)
    assert said == together(batches[::-1]) == together([batch for batch in batches for _ in range(2)])._replace(
        rows=said.rows if said else 0)
    assert said and said.half_s <= said.most_s
    assert 0 <= said.half_s <= max(b.p50_s for b in batches) and said.most_s <= max(b.p90_s for b in batches)
    assert said.most_s >= min(b.p50_s for b in batches)
