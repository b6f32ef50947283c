"""What a clock does to rankings: the portal measures what it knows by itself, week by week."""
from typing import NamedTuple

from portal.kit import clock, jobs
from portal.kit.jobs import Lane
from portal.oversight.models import IndexValue
from portal.oversight.rankings import actions, queries
from portal.oversight.rankings.definitions import Definition, From

MONDAY = 0


class Measured(NamedTuple):
    """What was measured, and is not kept yet."""

    definition: Definition
    year: int
    rows: list[IndexValue]


@jobs.nightly("03:40")
@jobs.job(Lane.slow)
def measure_all() -> None:
    """Each Monday, every index of this year that has something to measure: a job for each."""
    today = clock.today()
    if today.weekday() != MONDAY:
        return
    for key, one in queries.newest_of_each().items():
        if one.definition.holds(today.year) and any(source.kind in (From.measure, From.report)
                                                    for source in one.definition.sources.values()):
            put(key, today.year)


@jobs.job(Lane.slow, limit_s=600)
def measure(key: str, year: int) -> Measured | None:
    """Measure one index of one year: reading takes long, keeping does not."""
    version = queries.of_year(key, year)
    return Measured(version.definition, year, actions.measured(version.definition, year)) if version else None


@measure.write
def _keep(found: Measured) -> None:
    actions.keep(found.definition, found.year, found.rows)


def put(key: str, year: int) -> None:
    """Have it measured soon; once, however often somebody asks."""
    jobs.put("oversight.rankings.measure", unique=f"{key}-{year}", key=key, year=year)
