"""What a clock does to rankings: the portal measures what it knows by itself, week by week."""
from typing import NamedTuple

from portal.kit import clock, jobs
from portal.kit.db import session
from portal.kit.jobs import Lane
from portal.oversight.models import IndexDefinition, IndexValue
from portal.oversight.rankings import actions, definitions, queries
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
    for one in queries.newest_of_each().values():
        if one.definition.holds(today.year) and any(source.kind in (From.measure, From.report)
                                                    for source in one.definition.sources.values()):
            ask(one.definition, today.year)


@jobs.job(Lane.slow, limit_s=600)
def measure(index_id: int, year: int) -> Measured | None:
    """Measure one index of one year: reading takes long, keeping does not."""
    row = session.get(IndexDefinition, index_id)
    if row is None:
        return None
    definition = definitions.read(row.definition)
    return Measured(definition, year, actions.measured(definition, year))


@measure.write
def _keep(found: Measured) -> None:
    actions.keep(found.definition, found.year, found.rows)


def ask(definition: Definition, year: int) -> None:
    """Have it measured soon; once, however often somebody asks."""
    index_id = actions.version_of(definition).id
    jobs.put("oversight.rankings.measure", unique=f"{index_id}-{year}", index_id=index_id, year=year)
