"""Counting attempts in the database, so that every web process counts together.

Only a keyed digest of what is counted (an address, a contact) is kept.
"""
import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from ipaddress import IPv6Address, IPv6Network, ip_address
from threading import Lock
from typing import Any

from flask import current_app, request
from sqlalchemy import String, delete, select, update
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Mapped, mapped_column

from portal.kit import clock, db, jobs, secret_keys
from portal.kit.db import Base, Unusable, engine, hurrying, session
from portal.kit.upsert import insert

_AWAY: tuple[type[Exception], ...] = (*Unusable, PoolTimeout)


class TooMany(Exception):
    """The limit was met. `retry_after`: seconds until the window ends."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"try again in {retry_after} s")
        self.retry_after = retry_after


def asker() -> str:
    """Who asks, as reads and tries are counted: the address; of IPv6 the network, which one household has whole."""
    return _counted(request.remote_addr or "")


@lru_cache(maxsize=10_000)
def _counted(address: str) -> str:
    try:
        known = ip_address(address)
    except ValueError:  # a local socket has none
        return address
    if not isinstance(known, IPv6Address):
        return address
    return str(known.ipv4_mapped or IPv6Network((known, 64), strict=False))


class Throttle(Base):
    __tablename__ = "throttle"
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    window: Mapped[int] = mapped_column(primary_key=True)
    n: Mapped[int]
    ends_at: Mapped[datetime] = mapped_column(index=True)


def hit(name: str, key: str, *, limit: int, seconds: int) -> None:
    """Count one attempt of `name` by `key`; raise TooMany past `limit` in a window of `seconds`.

    Commits by itself is not its business: call it inside a transaction of its own, so that a refused
    attempt is counted even when the request then fails.
    """
    now = clock.now()
    statement, ends = _adding(name, key, 1, seconds, now)
    if session.execute(statement).scalar_one() > limit:
        raise TooMany(_seconds_until(ends, now))


DAY_S = 86_400
_DAWN = timedelta(hours=7)  # a day of Vietnam begins so long before that of UTC, by which windows are counted


def spend_today(name: str, key: str, n: int, *, limit: int) -> None:
    """Take `n` of what `key` may have of `name` on one day of Vietnam; raise TooMany when that would be more than
    `limit`. In a transaction of its own: what is refused is then not taken. A `limit` of 0 is none."""
    now = clock.now()
    statement, ends = _adding(name, key, n, DAY_S, now + _DAWN)
    if limit and session.execute(statement).scalar_one() > limit:
        raise TooMany(_seconds_until(ends - _DAWN, now))


def give_back(name: str, key: str, *, seconds: int) -> None:
    """The attempt that was just counted was no guess: it counts no longer. Of a window that has ended there is nothing
    to give back."""
    session.execute(_giving_back(name, key, seconds))


def give_back_reading(name: str, key: str, *, seconds: int) -> None:
    """The same for what `hit_reading` counted."""
    db.in_passing(_giving_back(name, key, seconds))


def _giving_back(name: str, key: str, seconds: int) -> Any:
    digest, window = _slot(name, key, seconds, clock.now())
    return update(Throttle).where(Throttle.digest == digest, Throttle.window == window, Throttle.n > 0).values(
        n=Throttle.n - 1).returning(Throttle.n)


def look(name: str, key: str, *, limit: int, seconds: int) -> None:
    """Raise TooMany where `limit` is met already; counts nothing."""
    now = clock.now()
    digest, window = _slot(name, key, seconds, now)
    n = session.scalar(select(Throttle.n).where(Throttle.digest == digest, Throttle.window == window))
    if n is not None and n >= limit:
        raise TooMany(seconds - int(now.timestamp()) % seconds)


def _slot(name: str, key: str, seconds: int, now: datetime) -> tuple[str, int]:
    """Under which digest, and in which window, it is counted."""
    digest = hmac.new(secret_keys.key("counting"), f"{name}|{seconds}|{key}".encode(), hashlib.sha256).hexdigest()
    return digest, int(now.timestamp()) // seconds


def _adding(name: str, key: str, n: int, seconds: int, now: datetime) -> tuple[Any, datetime]:
    """What counts `n` attempts at once and returns how many there are now; and when their window ends."""
    digest, window = _slot(name, key, seconds, now)
    ends = datetime.fromtimestamp((window + 1) * seconds, tz=now.tzinfo)
    statement = insert(Throttle).values(digest=digest, window=window, n=n, ends_at=ends)
    return statement.on_conflict_do_update(
        index_elements=["digest", "window"], set_={"n": Throttle.n + n}).returning(Throttle.n), ends


def _seconds_until(ends: datetime, now: datetime) -> int:
    return max(1, int((ends - now).total_seconds()))


def hit_reading(name: str, key: str, *, limit: int, seconds: int) -> None:
    """Count one read, as `hit` does, in a short transaction of its own. Reading never needs writing: while that cannot
    be written at once, this process counts for itself."""
    now = clock.now()
    statement, ends = _adding(name, key, 1, seconds, now)
    told = db.in_passing(statement)
    if told is None:
        untold: dict[tuple[str, str, datetime], int] = current_app.extensions.setdefault("untold_reads", {})
        if len(untold) >= MOST_KEPT:
            untold.clear()
        told = untold[name, key, ends] = untold.get((name, key, ends), 0) + 1
    if told > limit:
        raise TooMany(_seconds_until(ends, now))


@dataclass(slots=True)
class _Lease:
    """Reads that this process may still serve to one address in one window without asking the database.

    `untold`: those that it has served and not told the database of. `over`: it asked, and there are no more.
    """

    left: int
    taken: int
    untold: int
    over: bool = False
    lock: Lock = field(default_factory=Lock)


LEASED = 10  # reads at a time
BUSY_MS = 20  # a reader waits no longer for SQLite's one writer
MOST_KEPT = 50_000


def hit_by_lease(name: str, key: str, *, limit: int, seconds: int) -> None:
    """Count one read of `name` by `key`: a public page must not cost a write. A `limit` of 0 is none.

    A process counts the first LEASED reads by itself; who reads more has LEASED at a time taken from the count that
    all processes share. So that many processes together let through at most `limit` and LEASED more for each process
    after the first, and may refuse while another process still holds up to LEASED. Past the limit nobody asks the
    database again before the window ends; while the database cannot be asked, each process counts for itself.
    """
    if not limit:
        return
    now = clock.now()
    leases: dict[tuple[str, str, int], _Lease] = current_app.extensions.setdefault("leases", {})
    slot = (name, key, int(now.timestamp()) // seconds)
    lease = leases.get(slot)
    if lease is None:
        if len(leases) >= MOST_KEPT:
            leases.clear()
        first = min(LEASED, limit)
        lease = leases.setdefault(slot, _Lease(first, first, first))
    with lease.lock:
        if not lease.left and not lease.over:
            _lease_more(lease, name, key, limit, seconds, now)
        if lease.left:
            lease.left -= 1
            return
    raise TooMany(seconds - int(now.timestamp()) % seconds)


def _lease_more(lease: _Lease, name: str, key: str, limit: int, seconds: int, now: datetime) -> None:
    """Tell the database of what was served by itself, and take more of what is left there."""
    told = _shared(_adding(name, key, lease.untold + LEASED, seconds, now)[0])
    left = limit - (lease.taken if told is None else told - LEASED)
    granted = max(0, min(LEASED, left))
    lease.left, lease.over = granted, not granted
    lease.taken += granted
    lease.untold = lease.untold + granted if told is None else 0


def _shared(statement: Any) -> int | None:
    """The count after `statement`, in a short transaction of its own; None when the database has no time for it.

    The request's own session is left alone: it may be reading.
    """
    try:
        with engine().connect().execution_options(writes=True) as connection, hurrying(connection, BUSY_MS), \
                connection.begin():
            return int(connection.execute(statement).scalar_one())
    except _AWAY:
        return None


@jobs.every(minutes=10)
@jobs.job(jobs.Lane.quick)
def forget_old() -> None:
    """Drop windows that ended an hour ago."""
    session.execute(delete(Throttle).where(Throttle.ends_at < clock.now() - timedelta(hours=1)))
