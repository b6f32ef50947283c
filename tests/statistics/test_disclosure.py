"""Small counts stay unknown, also to who subtracts, knows the rule, and looks again: every table is tried."""
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.statistics.disclosure import (
    SMALL,
    Between,
    Number,
    between,
    bounds,
    column,
    parted,
    said,
    small,
    stepped,
    total,
)

COUNTS = st.one_of(st.integers(0, 7), st.integers(0, 40), st.integers(0, 10**6))
Table = tuple[int, ...]
Share = Callable[[Number, Sequence[int]], list[Number]]


def steps(_whole: Number, parts: Sequence[int]) -> list[Number]:
    return [stepped(n) for n in parts]


def tables(parts: int, most: int) -> Iterator[Table]:
    return (table for table in product(range(most + 1), repeat=parts) if sum(table) <= most)


@cache
def readings(share: Any, parts: int, most: int, wide: int) -> dict[Any, list[Table]]:
    """What a reader sees, the whole included → every table that looks so. `wide`: how much the bounds of the whole
    leave open; then the whole is not known but for its bounds."""
    found: dict[Any, list[Table]] = defaultdict(list)
    for table in tables(parts, most):
        low = sum(table) // (wide + 1) * (wide + 1)
        whole = between(low, low + wide)
        found[whole, tuple(share(whole, table))].append(table)
    return found


@pytest.mark.parametrize(("share", "parts", "most", "wide"), [
    (share, parts, most, wide) for share in (parted, steps)
    for parts, most, wide in ((2, 60, 0), (3, 45, 0), (4, 24, 0), (2, 60, 3), (3, 45, 3), (3, 45, 6))])
def test_no_small_part_has_only_one_value_that_fits(share: Share, parts: int, most: int, wide: int) -> None:
    for seen, alike in readings(share, parts, most, wide).items():
        for at in range(parts):
            values = {table[at] for table in alike}
            assert len(values) > 1 or not small(values.pop()), (seen, alike)


@pytest.mark.parametrize(("parts", "most", "wide"), [(2, 30, 3), (3, 20, 3), (3, 20, 6), (4, 12, 6)])
def test_not_even_who_knows_the_whole_better_than_it_is_said_learns_a_small_part(parts: int, most: int,
                                                                                 wide: int) -> None:
    """A column that has only bounds tells that it is near one of them: here it is known altogether."""
    for less in range(wide + 1):
        alike: dict[Any, list[Table]] = defaultdict(list)
        for table in tables(parts, most):
            if (low := sum(table) - less) >= 0:
                alike[sum(table), tuple(parted(Between(low, low + wide), table))].append(table)
        for seen, fitting in alike.items():
            for at in range(parts):
                values = {table[at] for table in fitting}
                assert len(values) > 1 or not small(values.pop()), (less, seen, fitting)


@pytest.mark.parametrize("cells", range(1, 5))
def test_every_small_count_of_a_column_could_be_any_small_count(cells: int) -> None:
    """For who knows the rule, whether or not the sum is said."""
    alike: dict[Any, list[Table]] = defaultdict(list)
    for table in product(range(7), repeat=cells):
        told = tuple(map(said, table))
        low, high = bounds(total(told))
        alike[told, column(low, sum(table), high)].append(table)
    by_cells: dict[Any, set[Number]] = defaultdict(set)
    for (told, number), fitting in alike.items():
        low, high = bounds(number)
        assert all(low <= sum(table) <= high for table in fitting)
        by_cells[told].add(number)
        if isinstance(number, int):
            for at in range(cells):
                assert {table[at] for table in fitting} == ({1, 2, 3, 4} if told[at] == SMALL else {told[at]})
    for told in by_cells:  # where the sum is not said too
        fitting = [table for (cells_, number), some in alike.items() if cells_ == told and isinstance(number, Between)
                   for table in some]
        assert all({table[at] for table in fitting} == {1, 2, 3, 4} for at in range(cells)
                   if told[at] == SMALL), told
    assert any(isinstance(number, int) for told, number in alike if SMALL in told) == (cells > 1)


@given(st.lists(COUNTS, min_size=60, max_size=60))
def test_of_many_agencies_the_sum_is_said_as_it_is_but_at_its_very_ends(counts: list[int]) -> None:
    low, high = bounds(total(map(said, counts)))
    number = column(low, sum(counts), high)
    assert number == (sum(counts) if low == high or low + 3 <= sum(counts) <= high - 3 else (low, high))


@pytest.mark.parametrize(("parts", "most"), [(2, 40), (3, 25)])
def test_parts_that_still_move_never_tell_by_how_few(parts: int, most: int) -> None:
    """Looked at twice, with the whole known both times: a change of one to four is not told from another."""
    alike_of = readings(steps, parts, most, 0)
    seen_of = {table: seen for seen, alike in alike_of.items() for table in alike}
    for table, at, by in product(tables(parts, most - 4), range(parts), range(1, 5)):
        later = (*table[:at], table[at] + by, *table[at + 1:])
        before, after = alike_of[seen_of[table]], alike_of[seen_of[later]]
        assert len({b[at] - a[at] for a, b in product(before, after)}) > 1, (table, later)


@given(st.lists(COUNTS, min_size=1, max_size=12), st.integers(0, 20), st.integers(0, 20))
def test_what_is_said_is_true_and_says_no_small_number(parts: list[int], less: int, more: int) -> None:
    wholes = [said(sum(parts)), between(max(sum(parts) - less, 0), sum(parts) + more)]
    for whole in wholes:
        for share in (parted, steps):
            for n, number in zip(parts, share(whole, parts), strict=True):
                low, high = bounds(number)
                assert low <= n <= high and number not in (1, 2, 3, 4)


@given(st.lists(COUNTS, min_size=1, max_size=12))
def test_parts_without_a_small_one_are_said_as_they_are(parts: list[int]) -> None:
    large = [n for n in parts if not small(n)]
    assert parted(sum(large), large) == large


@given(st.lists(COUNTS, max_size=12))
def test_a_sum_tells_what_its_parts_tell_and_nothing_else(counts: list[int]) -> None:
    other = [(n % 4) + 1 if small(n) else n for n in counts]  # small ones are other small ones
    assert total(map(said, counts)) == total(map(said, other))
    low, high = bounds(total(map(said, counts)))
    assert low <= sum(counts) <= high and high - low == 3 * sum(map(small, counts))


def test_the_largest_part_takes_up_what_the_small_ones_leave_open() -> None:
    assert parted(943, [3, 40, 900]) == [SMALL, 40, Between(899, 902)]


def test_the_parts_are_said_as_they_are_where_the_sum_of_the_small_ones_may_be_said() -> None:
    assert parted(945, [3, 2, 40, 900]) == [SMALL, SMALL, 40, 900]
    assert parted(942, [1, 1, 40, 900]) == [SMALL, SMALL, 40, Between(894, 900)]
    assert parted(Between(940, 946), [3, 2, 40, 900]) == [SMALL, SMALL, 40, Between(895, 901)]


@pytest.mark.parametrize("cells", range(2, 5))
def test_every_small_part_could_be_any_small_number_beside_a_large_one(cells: int) -> None:
    """For who knows the rule and the whole."""
    alike: dict[Any, list[Table]] = defaultdict(list)
    for table in product(range(7), repeat=cells):
        for largest in range(80, 121):
            whole = sum(table) + largest
            alike[whole, tuple(parted(whole, (*table, largest)))].append(table)
    seen_whole = {key: fitting for key, fitting in alike.items() if 110 <= key[0] <= 115}  # no end of the range is near
    for (_whole, seen), fitting in seen_whole.items():
        for at in range(cells):
            values = {table[at] for table in fitting}
            assert values == ({1, 2, 3, 4} if seen[at] == SMALL else {fitting[0][at]}), (seen, values)
    assert any(isinstance(seen[-1], int) and SMALL in seen for _whole, seen in seen_whole)


def test_parts_that_could_change_places_are_bounded_together() -> None:
    assert parted(101, [1, 50, 50]) == [SMALL, Between(4, 96), Between(4, 96)]


def test_too_few_are_not_told_apart_at_all() -> None:
    assert parted(8, [7, 1, 0]) == [Between(0, 8)] * 3


def test_moving_parts_stand_on_steps_noughts_too() -> None:
    assert [stepped(n) for n in (0, 5, 6, 13, 40)] == [(0, 5), (0, 5), (6, 10), (11, 15), (36, 40)]


def test_nothing_is_nothing() -> None:
    assert total([]) == 0 and parted(0, [0, 0]) == [0, 0]
    with pytest.raises(ValueError, match="no count"):
        bounds(None)
