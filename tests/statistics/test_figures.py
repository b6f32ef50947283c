import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.statistics.figures import per_hundred


@given(st.integers(1, 10**6).flatmap(lambda done: st.tuples(st.integers(0, done), st.just(done))))
def test_of_a_hundred_is_never_all_or_none_when_it_was_not(pair: tuple[int, int]) -> None:
    in_time, done = pair
    n = per_hundred(in_time, done)
    assert abs(n - 100 * in_time / done) <= 1
    assert (n == 100) == (in_time == done)
    assert (n == 0) == (in_time == 0)


def test_nothing_done_has_no_share() -> None:
    with pytest.raises(ValueError, match="nothing was done"):
        per_hundred(0, 0)
