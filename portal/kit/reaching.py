"""Reaching PostgreSQL: no connection without limits, no answer waited for without end, no server asked by all at once.

The server ends what takes too long, so that one stuck transaction holds nobody else; where the server itself is silent,
the line is cut from this side. Imported only where PostgreSQL is the database.
"""
import logging
import threading
import time
from datetime import UTC, datetime
from typing import Any

import psycopg
from psycopg.errors import ConnectionTimeout, _WaitTimeout
from sqlalchemy import Engine, event

from portal.kit import clock
from portal.kit.patience import Backoff, Limits, Patience

MARGIN_S = 2.0  # beyond the time after which the server itself would have ended a statement
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.25, 4.0
# A peer that is gone without a word: seconds until it is asked, between askings, how often; and for what was sent.
_ALIVE = {"keepalives_idle": 5, "keepalives_interval": 3, "keepalives_count": 3, "tcp_user_timeout": 10_000}
log = logging.getLogger(__name__)


class Line(psycopg.Connection[Any]):
    """A connection that waits no longer than `limit_s` for one answer, whatever the server or the network does."""

    limit_s: float | None = None

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        try:
            return super().wait(gen, interval, timeout or self.limit_s)
        except _WaitTimeout:
            self.pgconn.finish()  # what comes later would be taken for the answer to something else
            raise ConnectionTimeout(f"no answer within {timeout or self.limit_s:g} s") from None


class Reaching:
    """Makes the connections of an engine. While the server cannot be reached, one asks now and then; the others are
    told so at once. Said in the log when it goes and when it is back."""

    def __init__(self, patience: Patience) -> None:
        self.patience = patience
        self.backoff = Backoff(FIRST_PAUSE_S, LONGEST_PAUSE_S)
        self.again_at, self.gone_at = 0.0, 0.0
        self.lock = threading.Lock()

    def __call__(self, _dialect: Any, _record: Any, cargs: Any, cparams: dict[str, Any]) -> Any:
        if time.monotonic() < self.again_at:
            raise psycopg.OperationalError("the database could not be reached a moment ago")
        limits = self.patience.now
        try:
            line = Line.connect(*cargs, **cparams | _ALIVE | {
                "connect_timeout": limits.connect, "options": _options(limits, cparams.get("options", ""))})
        except psycopg.OperationalError as error:
            self._gone(error)
            raise
        self._back()
        if self.patience.follows_clock:
            _follow_clock(line)
        line.limit_s = limits.statement + MARGIN_S if limits.statement else None
        return line

    def _gone(self, error: Exception) -> None:
        with self.lock:
            first, now = not self.gone_at, time.monotonic()
            self.gone_at = self.gone_at or now
            self.again_at = now + self.backoff.next()
        if first:
            log.warning("the database cannot be reached: %s", str(error).strip().splitlines()[0])

    def _back(self) -> None:
        with self.lock:
            gone_at, self.gone_at, self.again_at = self.gone_at, 0.0, 0.0
            self.backoff.over()
        if gone_at:
            log.warning("the database is back after %.0f s", time.monotonic() - gone_at)


def _follow_clock(line: Line) -> None:
    """Go by the server's clock from now on. Half of the way there and back is the best guess of when it was read."""
    before = datetime.now(UTC)
    row = line.execute("SELECT clock_timestamp()").fetchone()
    assert row
    ahead = row[0] - before - (datetime.now(UTC) - before) / 2
    line.rollback()
    if clock.follow(ahead):
        log.warning("this machine's clock is %.1f s off the database's, which is gone by", ahead.total_seconds())


def _options(limits: Limits, said: str) -> str:
    """What the server is told at the beginning; 0 is no limit."""
    told = {"statement_timeout": limits.statement, "lock_timeout": limits.lock,
            "idle_in_transaction_session_timeout": limits.idle}
    return " ".join([said, *(f"-c {name}={round(seconds * 1000)}" for name, seconds in told.items())])


def hold(engine: Engine, patience: Patience) -> None:
    """Let this engine's connections be as patient as that."""
    event.listen(engine, "do_connect", Reaching(patience))
