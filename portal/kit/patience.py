"""How long anybody waits for the database: to reach it, for an answer, for a lock, for who sits on a transaction.

A request waits for seconds and then answers 503; jobs and commands wait for minutes. See `reaching` for how PostgreSQL
is held to it.
"""
import random
from collections.abc import Mapping
from typing import Any, NamedTuple

from flask import has_request_context

JOBS_LOCK_S, JOBS_IDLE_S = 30.0, 600.0


class Limits(NamedTuple):
    """In seconds: for reaching the server, for a statement, for a lock, for a transaction in which nothing is asked."""

    connect: int
    statement: float
    lock: float
    idle: float


class Patience(NamedTuple):
    """The limits of who answers a request, and of all others; whether the database's clock is gone by."""

    requests: Limits
    others: Limits
    follows_clock: bool = False

    @property
    def now(self) -> Limits:
        """Those of whoever asks here."""
        return self.requests if has_request_context() else self.others


def of(config: Mapping[str, Any]) -> Patience:
    """What the settings say."""
    connect = int(config["DATABASE_CONNECT_S"])
    return Patience(
        Limits(connect, config["DATABASE_STATEMENT_S"], config["DATABASE_LOCK_S"], config["DATABASE_IDLE_S"]),
        Limits(connect, config["JOB_STATEMENT_S"], max(JOBS_LOCK_S, config["DATABASE_LOCK_S"]),
               max(JOBS_IDLE_S, config["DATABASE_IDLE_S"])), bool(config["DATABASE_CLOCK"]))


class Backoff:
    """Pauses that grow while something fails, each of a length of its own so that not all come back at once."""

    def __init__(self, first_s: float, longest_s: float) -> None:
        self.first_s, self.longest_s = first_s, longest_s
        self.pause_s = 0.0

    def next(self) -> float:
        """How long to wait after one more failure, in seconds."""
        self.pause_s = min(max(2 * self.pause_s, self.first_s), self.longest_s)
        return self.pause_s * random.uniform(0.5, 1)  # noqa: S311  no secret

    def over(self) -> None:
        """It went well: the next pause is a short one again."""
        self.pause_s = 0.0
