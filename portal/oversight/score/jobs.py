"""The score is measured every night, and when somebody asks for it."""
from datetime import datetime, timedelta
from typing import NamedTuple

from portal.kit import clock, jobs
from portal.kit.jobs import Lane
from portal.oversight.periods import before, days_of
from portal.oversight.score import actions, measuring, queries
from portal.oversight.score.measuring import Reading

SETTLES = timedelta(days=10)  # for so long what came late may still change a period that is over


class Measured(NamedTuple):
    period: str
    readings: list[Reading]
    at: datetime


@jobs.nightly("02:20")
@jobs.job(Lane.slow)
def measure_all() -> None:
    """Put the periods that run, those that ended lately, and those that nobody measured since they ended because no
    worker was there."""
    today = clock.today()
    for period in measuring.periods(today):
        ask_for(period)
        if today - days_of(period)[0] < SETTLES or not queries.is_settled(before(period)):
            ask_for(before(period))


def ask_for(period: str) -> None:
    """Measure a period as soon as a worker is free; asked for twice it is done once."""
    jobs.put("oversight.score.measure", unique=period, period=period)


@jobs.job(Lane.slow, limit_s=600)
def measure(period: str) -> Measured:
    """Read what there is; nothing is locked meanwhile."""
    now = clock.now()
    return Measured(period, measuring.measure(period, now), now)


@measure.write
def _keep(measured: Measured) -> None:
    actions.keep(*measured)
