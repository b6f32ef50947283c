"""The columns of the chart of months, as numbers for an SVG that needs no script. Pure."""
from collections.abc import Sequence
from typing import NamedTuple

from portal.progress.queries import Month

TOP, TALLEST = 56, 150  # pixels above the tallest column (legend, figure), and of it
BASE = TOP + TALLEST
HEIGHT = BASE + 48  # the names of month and year stand below


class Column(NamedTuple):
    """A month: middle, left edge and width in percent of the chart; heights and tops in pixels.

    `year` stands under the first column and under each January.
    """

    middle: float
    left: float
    width: float
    in_time_top: float
    in_time_height: float
    late_top: float
    late_height: float
    label_y: float
    month: Month
    year: int | None


def columns(months: Sequence[Month]) -> list[Column]:
    """One column a month from the oldest to the newest, on one scale; `months` come newest first."""
    most = max((m.figures.done for m in months), default=0) or 1
    step = 100 / max(len(months), 1)
    drawn = []
    for n, month in enumerate(reversed(months)):
        in_time, late = (round(TALLEST * part / most, 1) for part in (month.figures.in_time,
        month.figures.late))
        top = BASE - in_time
        drawn.append(Column(
            middle=round((n + .5) * step, 3), left=round((n + .18) * step, 3), width=round(.64 * step, 3),
            in_time_top=top, in_time_height=in_time, late_top=round(top - late, 1), late_height=late,
            label_y=round(top - late - 6, 1), month=month,
            year=month.month.year if n == 0 or month.month.month == 1 else None))
    return drawn
