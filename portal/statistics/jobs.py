"""Work put off until after the commit. Safe to run twice."""
import logging

from portal.kit import jobs
from portal.kit.jobs import Lane
from portal.statistics import open_data

MANY_S = 3600.0  # for what goes through all counters
log = logging.getLogger(__name__)


@jobs.nightly("03:10")
@jobs.job(Lane.slow, limit_s=MANY_S)
def make_open_data() -> list[open_data.Made] | None:
    """What the files of open data would say that is new."""
    return open_data.fresh() or None


@make_open_data.work
def _store(made: list[open_data.Made]) -> list[open_data.Stored]:
    return open_data.store(made)


@make_open_data.write
def _publish(_made: list[open_data.Made], stored: list[open_data.Stored]) -> None:
    for name in open_data.publish(stored):
        log.info("open data: %s made anew", name)
