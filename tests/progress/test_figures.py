import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.progress.figures import Figures, per_hundred, summed

counts = st.builds(Figures, *[st.integers(0, 10**6)] * 10)


@given(st.integers(1, 10**6).flatmap(lambda done: st.tuples(st.integers(0, done), st.just(done))))
def test_of_a_hundred_is_never_all_or_none_when_it_was_not(pair: tuple[int, int]) -> None:
    in_time, done = pair
    n = per_hundred(in_time, done)
    assert abs(n - 100 * in_time / done) <= 1
    assert (n == 100) == (in_time == done)
    assert (n == 0) == (in_time == 0)


def test_nothing_done_has_no_share() -> None:
    assert Figures(received=5).share is None and Figures(received=5).per_hundred is None
    with pytest.raises(ValueError, match="nothing was done"):
        per_hundred(0, 0)


@given(st.lists(counts, max_size=6))
def test_sums_add_up(parts: list[Figures]) -> None:
    total = summed(parts)
    assert total.done == sum(p.done for p in parts)
    assert total.open == sum(p.open for p in parts)
    assert total.nothing == all(p.nothing for p in parts)
