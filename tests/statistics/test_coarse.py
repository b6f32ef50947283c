"""Published lines: sums and shares say no more than their counts; what was carried over has bounds as well."""
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from portal.statistics import coarse
from portal.statistics.disclosure import SMALL, WITHHELD, Between, bounds
from portal.statistics.figures import FIELDS, per_hundred

COUNTS = st.dictionaries(st.sampled_from([*FIELDS.values(), "open_in_time", "open_late", "paused"]), st.one_of(
    st.integers(0, 7), st.integers(0, 300)))


def other(counts: dict[str, int]) -> dict[str, int]:
    """The same where every small count is another small count."""
    return {name: n % 4 + 1 if 0 < n < 5 else n for name, n in counts.items()}


def test_large_counts_are_said_with_their_share() -> None:
    line = coarse.of_counts({"early": 60, "on_time": 20, "late": 20})
    assert (line["done"], line["share"], line["received"]) == (100, 80, 0)


def test_the_share_is_said_about_or_not_at_all_where_it_would_tell_a_small_count() -> None:
    assert coarse.of_counts({"early": 900, "late": 3})["share"] == 99, "whichever of the four it was"
    assert coarse.of_counts({"early": 90, "late": 3})["share"] == Between(96, 99)
    assert coarse.of_counts({"early": 20, "late": 3})["share"] == Between(83, 95)
    assert coarse.of_counts({"early": 9, "late": 3})["share"] is WITHHELD
    assert coarse.of_counts({})["share"] is None


@given(st.lists(COUNTS, min_size=1, max_size=6))
def test_what_is_said_would_be_the_same_for_other_small_counts(months: list[dict[str, int]]) -> None:
    def told(counts: list[dict[str, int]]) -> Any:
        lines = [coarse.of_counts(each) for each in counts]
        return lines, coarse.summed(lines), coarse.with_carried(lines, lines[0])

    assert told(months) == told([other(each) for each in months])


@given(COUNTS, COUNTS)
def test_sums_and_shares_are_true(one: dict[str, int], two: dict[str, int]) -> None:
    line = coarse.summed([coarse.of_counts(one), coarse.of_counts(two)])
    in_time, late = (sum(each.get(name, 0) for each in (one, two) for name in names)
                     for names in (("early", "on_time"), ("late",)))
    low, high = bounds(line["done"])
    assert low <= in_time + late <= high
    if isinstance(share := line["share"], int | Between):
        low, high = bounds(share)
        assert low <= per_hundred(in_time, in_time + late) <= high


def test_what_was_carried_over_is_what_is_open_and_ended_and_did_not_come_since() -> None:
    open_now = coarse.of_counts({"open_in_time": 20, "paused": 10})
    this, last = coarse.of_counts({"received": 25, "early": 15}), coarse.of_counts({"received": 30, "dropped": 7})
    assert [each["carried"] for each in coarse.with_carried([this, last], open_now)] == [20, 0]
    assert coarse.carried(open_now, coarse.of_counts({"received": 28, "late": 2})) == Between(3, 6)


@given(st.integers(0, 60), st.lists(st.integers(0, 60), max_size=3))
def test_channels_share_out_what_was_received(rest: int, told: list[int]) -> None:
    found = coarse.by_channel(rest + sum(told), tuple([*told, 0, 0, 0][:3]))
    assert sum(bounds(n)[0] for n in found.values()) <= rest + sum(told) <= sum(bounds(n)[1] for n in found.values())


def test_files_have_words_for_what_is_not_said() -> None:
    assert [coarse.plain(n) for n in (7, SMALL, Between(40, 44), WITHHELD, None)] == [7, "<5", "40–44", "…", None]
