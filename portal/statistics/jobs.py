"""Work put off until after the commit. Safe to run twice."""
import logging
from collections.abc import Callable
from typing import TypeVar

from portal.kit.db import session
from portal.kit.queue import job
from portal.statistics import open_data

Read = TypeVar("Read")
Written = TypeVar("Written")
log = logging.getLogger(__name__)


@job
def make_open_data() -> None:
    """Make the files of open data; those that say nothing new stay."""
    for name in reading_first(open_data.made, open_data.keep):
        log.info("open data: %s made anew", name)


def reading_first(read: Callable[[], Read], write: Callable[[Read], Written]) -> Written:
    """Write what was found out by reading; on SQLite, whose one writer a job is, nobody waits for the reading."""
    session.rollback()
    found = read()
    session.rollback()
    session.connection(execution_options={"writes": True})
    return write(found)
