"""Where a sentence changes its words: each border by itself."""
from datetime import timedelta
from typing import Any

import pytest

from portal.statistics.figures import Share
from portal.web.progress.publishers import span
from portal.web.progress.story import length_words
from portal.web.progress.tables import figure, rank


@pytest.mark.parametrize(("seconds", "words"), [
    (0, "1 phút"), (60, "1 phút"), (61, "2 phút"), (7_199, "120 phút"), (7_200, "2 giờ"), (7_201, "3 giờ"),
    (172_799, "48 giờ"), (172_800, "2 ngày"), (172_801, "3 ngày")])
def test_a_length_of_time_is_said_in_the_largest_unit_that_it_has_two_of(app: Any, seconds: float, words: str) -> None:
    with app.test_request_context("/"):
        assert span(seconds) == words


@pytest.mark.parametrize(("minutes", "words"), [
    (1, "1 phút làm việc"), (59, "59 phút làm việc"), (60, "1 giờ làm việc"), (479, "7 giờ làm việc"),
    (480, "1 ngày làm việc"), (539, "1 ngày làm việc"), (540, "1 ngày 1 giờ làm việc"), (960, "2 ngày làm việc")])
def test_working_time_is_said_in_days_of_eight_hours(app: Any, minutes: int, words: str) -> None:
    with app.test_request_context("/"):
        assert length_words(timedelta(minutes=minutes)) == words


@pytest.mark.parametrize(("cell", "words"), [
    (0, "0"), (1234, "1.234"), (None, "–"), ("12/34", "12/34"), (Share(0, 1), "0/1"), (Share(19, 19), "19/19"),
    (Share(19, 20), "95\u00a0% (20)"), (Share(1234, 1234), "100\u00a0% (1.234)"), (Share(0, 20), "0\u00a0% (20)")])
def test_a_figure_is_written_as_people_write_it(app: Any, cell: Any, words: str) -> None:
    with app.test_request_context("/"):
        assert figure(cell) == words


def test_a_share_of_few_comes_after_every_rate_and_before_nothing() -> None:
    mixed = [None, Share(19, 19), Share(18, 20), Share(1, 1), Share(20, 20)]
    assert sorted(mixed, key=rank, reverse=True) == [Share(20, 20), Share(18, 20), Share(19, 19), Share(1, 1), None]
    assert sorted([3, 0, 12], key=rank, reverse=True) == [12, 3, 0]
