"""Doing a job that was taken: read, work with no transaction open, write."""
import logging
from collections.abc import Callable
from typing import Any

from portal.kit import db
from portal.kit.db import session, transaction
from portal.kit.deadline import within
from portal.kit.jobs import queue
from portal.kit.jobs.kinds import KINDS, Kind
from portal.kit.jobs.queue import LeaseLost, Taken
from portal.kit.redaction import redacted

log = logging.getLogger(__name__)

# The engine: what is handed a job that was just leased, and sees that `perform` is called for it, here or on another
# machine. The rows stay the truth: what an engine loses is leased again when its lease runs out, and what it brings
# twice is done once. Our own performs at once; a broker's sends the four values of `Taken`, all of them JSON.
Engine = Callable[[Taken], None]


class NoLongerStands(Exception):
    """What the job had read has changed since: it begins anew, and this is no failure."""


def perform(taken: Taken) -> None:
    """Do the job and mark what became of it. Raises nothing that the job raises. Needs an application context of its
    own."""
    try:
        _play(KINDS[taken.name], taken)
    except LeaseLost:
        log.warning("job %s %s: the lease was lost, nothing was written", taken.id, taken.name)
    except NoLongerStands:
        _note(queue.begin_anew, taken)
    except Exception as error:
        ours = None if db.is_unusable(error) else error  # what the database is, is no fault of the job
        log.error("job %s %s failed: %s", taken.id, taken.name, type(error).__name__, exc_info=ours)
        _note(queue.fail, taken, redacted(f"{type(error).__name__}: {error}"))


def _play(kind: Kind, taken: Taken) -> None:
    if kind.write_act is None:
        with transaction():
            queue.finish(taken)
            kind.read(**taken.args)
        return
    found = kind.read(**taken.args)
    session.close()  # what was read is plain data: nothing of it may ask the database again
    given: tuple[Any, ...] = (found,)
    if found is not None and kind.work_act:
        with db.outside(), within(kind.limit_s):
            given = (found, kind.work_act(found))
    with transaction():
        queue.finish(taken)
        if found is not None:
            kind.write_act(*given)


def _note(mark: Any, taken: Taken, *more: Any) -> None:
    session.rollback()
    try:
        with transaction():
            mark(taken, *more)
    except LeaseLost:
        log.warning("job %s %s: the lease was lost, its failure is not noted", taken.id, taken.name)
