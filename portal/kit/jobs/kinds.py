"""What kinds of jobs there are: their acts, lanes, limits. A room registers its own in its jobs.py."""
from collections.abc import Callable
from typing import Any, TypeVar

from portal.kit.jobs.lanes import Lane

PATIENCE_S = (10, 60, 300, 1800, 7200)  # seconds to wait after each failure; then the job is a dead letter
LIMIT_S = 60.0
Act = TypeVar("Act", bound=Callable[..., Any])


class Kind:
    """A kind of job, `<room>.<name>`, in up to three acts; see portal.kit.jobs for how one is written.

    `limit_s`: the seconds after which the slow act is ended; the process of a job that goes on for longer is ended
    too, see portal.worker. Arguments are ids and short words, never personal data.
    """

    def __init__(self, read: Callable[..., Any], lane: Lane, limit_s: float, patience_s: tuple[float, ...]) -> None:
        self.name = f"{read.__module__.removeprefix('portal.').removesuffix('.jobs')}.{read.__name__}"
        self.read, self.lane, self.limit_s, self.patience_s = read, lane, limit_s, patience_s
        self.work_act: Callable[..., Any] | None = None
        self.write_act: Callable[..., Any] | None = None
        self.dead_act: Callable[..., Any] | None = None

    def work(self, act: Act) -> Act:
        """The slow act: given what was read, with no transaction open, under the time limit."""
        self.work_act = act
        return act

    def write(self, act: Act) -> Act:
        """The last act: given what was read and, where there is a slow act, what came of it; in one transaction with
        the mark that the job is done."""
        self.write_act = act
        return act

    def dead(self, act: Act) -> Act:
        """What is written when the job has failed for good: given its arguments."""
        self.dead_act = act
        return act


KINDS: dict[str, Kind] = {}


def job(lane: Lane, *, limit_s: float = LIMIT_S,
        patience_s: tuple[float, ...] = PATIENCE_S) -> Callable[[Callable[..., Any]], Kind]:
    """Register the function as the first act of a kind of job. Without further acts it is the whole job, and does its
    work in one writing transaction."""
    def register(read: Callable[..., Any]) -> Kind:
        kind = Kind(read, lane, limit_s, patience_s)
        KINDS[kind.name] = kind
        return kind
    return register
