"""What a chart needs to be read."""
from datetime import date

import pytest
import time_machine
from flask import Flask, get_template_attribute

from portal.statistics.figures import NOTHING
from portal.statistics.measures import months_back
from portal.web.progress import overview
from portal.web.progress.charts import MOST_PARTS, axis, whole_numbers

pytestmark = pytest.mark.once


@pytest.mark.parametrize(("most", "shown"), [
    (0, (0, 1)), (3, (0, 1, 2, 3)), (7, (0, 2, 4, 6, 8)), (33, (0, 10, 20, 30, 40)), (112, (0, 50, 100, 150))])
def test_an_axis_goes_in_round_numbers_beyond_the_largest_bar(most: int, shown: tuple[int, ...]) -> None:
    assert axis(most) == shown


def test_no_axis_has_more_numbers_than_a_phone_has_room_for() -> None:
    for most in range(3_000):
        ticks = axis(most)
        assert len(ticks) <= MOST_PARTS + 1 and ticks[-1] >= most
    assert axis(3_457, whole=True) == (0, 3_457)


def test_the_month_that_is_not_over_says_so_and_no_other_does(app: Flask) -> None:
    with time_machine.travel("2026-11-20T03:00Z"), app.test_request_context("/"):
        months = {month: {**NOTHING, "done": 7, "late": 2} for month in months_back(date(2026, 11, 1), 13)}
        chart = overview.chart(months)
        assert [month for month, _done, _late, running in chart if running] == [date(2026, 11, 1)]
        drawn = str(get_template_attribute("progress/_parts.html", "months_chart")(chart))
    assert drawn.count("(chưa hết)") == 1
    assert drawn.index("11/2026") < drawn.index("(chưa hết)")
    assert drawn.count("is-running") == 2  # both parts of its bar
    assert '<g class="axis"' in drawn


def test_numbers_in_a_text_are_kept_whole_and_the_text_stays_a_text() -> None:
    assert whole_numbers("<b> 11/2026") == '&lt;b&gt; <span class="number">11/2026</span>'
