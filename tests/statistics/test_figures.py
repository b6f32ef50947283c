"""What is worked out of counts, and of how many cases a rate may be made."""
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.statistics.figures import FIELDS, OPEN, Line, Share, cells, is_nothing, line, share, summed, with_carried

COUNTS = st.dictionaries(st.sampled_from([*FIELDS.values(), *OPEN]), st.integers(0, 300))


@given(st.integers(20, 10**6).flatmap(lambda done: st.tuples(st.integers(0, done), st.just(done))))
def test_of_a_hundred_is_never_all_or_none_when_it_was_not(pair: tuple[int, int]) -> None:
    in_time, done = pair
    rate = Share(in_time, done).rate
    assert rate is not None and abs(rate - 100 * in_time / done) <= 1
    assert (rate == 100) == (in_time == done)
    assert (rate == 0) == (in_time == 0)


@pytest.mark.parametrize(("whole", "rate"), [(0, None), (1, None), (19, None), (20, 95), (21, 90)])
def test_of_fewer_than_twenty_cases_no_rate_is_made(whole: int, rate: int | None) -> None:
    assert Share(19 if whole > 18 else whole, whole).rate == (100 if whole == 19 and rate else rate)


def test_a_line_says_what_was_done_in_time_and_is_open() -> None:
    made = line({"early": 3, "on_time": 4, "late": 2, "open_late": 5, "paused": 1})
    assert (made["in_time"], made["done"], made["open"], made["received"]) == (7, 9, 6, 0)
    assert share(made) == Share(7, 9) and share(line({})) is None
    assert cells(made)["share"] == Share(7, 9) and cells(made)["early"] == 3


def test_of_what_was_received_how_much_came_online_is_said_where_channels_are_counted() -> None:
    made = {**line({"received": 40}), "online": 30}
    assert share(made, "online_share") == Share(30, 40) and cells(made)["online_share"] == Share(30, 40)
    assert cells(line({"received": 40}))["online_share"] is None, "nobody counted how they came"


@given(st.lists(COUNTS, max_size=6))
def test_a_sum_is_the_line_of_the_sums(each: list[dict[str, int]]) -> None:
    names = {name for counts in each for name in counts}
    assert summed(map(line, each)) == line({name: sum(counts.get(name, 0) for counts in each) for name in names})


def test_a_line_of_noughts_tells_of_nothing() -> None:
    assert is_nothing(line({})) and not is_nothing(line({"withdrawn": 1}))


def test_what_was_open_when_a_month_began_follows_from_what_came_and_ended_since() -> None:
    this = line({"received": 10, "on_time": 4, "dropped": 1})
    last = line({"received": 2, "late": 5})
    carried: list[Line] = with_carried([this, last], open_now=9)
    assert [each["carried"] for each in carried] == [4, 7]
    assert with_carried([line({"received": 3})], open_now=1)[0]["carried"] == 0, "never fewer than none"
