"""The columns of the chart of months, as numbers for an SVG that needs no script. Pure."""
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from portal.statistics.coarse import Line
from portal.statistics.disclosure import Between, Number, bounds

TOP, TALLEST = 56, 150  # pixels above the tallest column (legend, figure), and of it
BASE = TOP + TALLEST


class Column(NamedTuple):
    """A month: middle, left edge and width in percent of the chart; heights and tops in pixels.

    `share`: of every hundred, how many in time, the middle of its bounds, None where it is not said. `year` stands
    under the first column and under each January.
    """

    middle: float
    left: float
    width: float
    in_time_top: float
    in_time_height: float
    late_top: float
    late_height: float
    label_y: float
    month: date
    share: int | None
    year: int | None


def columns(months: Sequence[tuple[date, Line]]) -> tuple[Column, ...]:
    """One column a month from the oldest to the newest, on one scale; `months` come newest first.

    What is said with bounds is drawn in the middle of them.
    """
    parts = [(_drawn(line["early"]) + _drawn(line["on_time"]), _drawn(line["late"])) for _month, line in months]
    most = max((in_time + late for in_time, late in parts), default=0) or 1
    step = 100 / max(len(months), 1)
    drawn = []
    for n, ((month, line), part) in enumerate(zip(reversed(months), reversed(parts), strict=True)):
        in_time, late = (round(TALLEST * each / most, 1) for each in part)
        top, share = BASE - in_time, line["share"]
        drawn.append(Column(
            middle=round((n + .5) * step, 3), left=round((n + .18) * step, 3), width=round(.64 * step, 3),
            in_time_top=top, in_time_height=in_time, late_top=round(top - late, 1), late_height=late,
            label_y=round(top - late - 6, 1), month=month,
            share=_drawn(share) if isinstance(share, int | Between) else None,
            year=month.year if n == 0 or month.month == 1 else None))
    return tuple(drawn)


def _drawn(n: Number) -> int:
    return sum(bounds(n)) // 2
