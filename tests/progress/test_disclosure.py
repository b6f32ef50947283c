"""Small counts stay unknown, also to who subtracts: every table that a reader could think of is tried."""
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.progress import disclosure
from portal.progress.disclosure import Shown, guard, small, with_sums

COUNTS = st.one_of(st.integers(0, 7), st.integers(0, 40))


@st.composite
def tables(draw: Any, height: int = 6, width: int = 4) -> list[list[int]]:
    wide = draw(st.integers(1, width))
    return draw(st.lists(st.lists(COUNTS, min_size=wide, max_size=wide), min_size=1, max_size=height))


def fits(said: Shown, n: int, true: int) -> bool:
    return n == true if said is Shown.as_it_is else small(n) if said is Shown.small else n >= 1


def thinkable(rows: list[list[int]], most: int) -> list[list[int]]:
    """The values that each entry has in some table that fits all that is shown, by trying them all."""
    shown, true = guard(rows), with_sums(rows)
    choices = [[[true[i][j]] if shown[i][j] is Shown.as_it_is else [1, 2, 3, 4] if shown[i][j] is Shown.small
                else list(range(1, most)) for j in range(len(rows[0]))] for i in range(len(rows))]
    found: list[list[set[int]]] = [[set() for _ in line] for line in true]
    for values in product(*(cell for row in choices for cell in row)):
        wide = len(rows[0])
        table = with_sums([values[i * wide:(i + 1) * wide] for i in range(len(rows))])
        if all(fits(shown[i][j], table[i][j], true[i][j]) for i in range(len(true)) for j in range(len(true[0]))):
            for i, line in enumerate(table):
                for j, n in enumerate(line):
                    found[i][j].add(n)
    return [[len(values) for values in line] for line in found]


def squares(largest: int, height: int) -> Any:
    return st.lists(st.lists(st.integers(0, largest), min_size=2, max_size=2), min_size=1, max_size=height)


@settings(max_examples=60, deadline=None)
@given(st.one_of(squares(9, 2), squares(3, 3)))
def test_no_small_count_has_only_one_value_that_fits(rows: list[list[int]]) -> None:
    shown, true = guard(rows), with_sums(rows)
    ways = thinkable(rows, 11 if len(rows) < 3 else 6)
    for i, line in enumerate(true):
        for j, n in enumerate(line):
            if small(n):
                assert shown[i][j] is not Shown.as_it_is
                assert ways[i][j] > 1, (i, j)


@settings(max_examples=300, deadline=None)
@given(tables())
def test_what_is_left_out_beside_a_shown_sum_is_nothing_or_five_and_more(rows: list[list[int]]) -> None:
    shown, true = guard(rows), with_sums(rows)
    lines = [[(i, j) for j in range(len(true[0]))] for i in range(len(true))]
    lines += [[(i, j) for i in range(len(true))] for j in range(len(true[0]))]
    for *inner, total in lines:
        out = [true[i][j] for i, j in inner if shown[i][j] is not Shown.as_it_is]
        if shown[total[0]][total[1]] is Shown.as_it_is:
            assert not out or (len(out) > 1 and sum(out) >= disclosure.FEWEST)


@settings(max_examples=200, deadline=None)
@given(tables())
def test_every_small_count_is_coarse_and_noughts_and_nothing_needless_is_hidden(rows: list[list[int]]) -> None:
    shown, true = guard(rows), with_sums(rows)
    flat = [(shown[i][j], n) for i, line in enumerate(true) for j, n in enumerate(line)]
    assert all(said is not Shown.as_it_is for said, n in flat if small(n))
    assert all(said is Shown.as_it_is for said, n in flat if n == 0)
    assert all(said is Shown.as_it_is or small(n) for said, n in flat) or any(small(n) for _said, n in flat)


def test_one_small_count_takes_the_next_smallest_with_it_and_no_sum() -> None:
    shown = disclosure.column([3, 40, 12, 900])
    assert shown == [Shown.small, Shown.as_it_is, Shown.hidden, Shown.as_it_is, Shown.as_it_is]


def test_a_table_of_large_counts_is_shown_whole() -> None:
    assert {said for line in guard([[5, 6], [7, 800]]) for said in line} == {Shown.as_it_is}


@pytest.mark.parametrize("rows", [[[4, 4], [4, 4]], [[4], [1]], [[1]], [[1], [1]], [[4, 0], [0, 4]], [[3, 0], [0, 9]]])
def test_the_hard_ones(rows: list[list[int]]) -> None:
    ways, true = thinkable(rows, 100 if len(rows) * len(rows[0]) < 3 else 12), with_sums(rows)
    assert all(ways[i][j] > 1 for i, line in enumerate(true) for j, n in enumerate(line) if small(n))


def test_nothing_is_nothing() -> None:
    assert guard([]) == [] and disclosure.column([]) == []
