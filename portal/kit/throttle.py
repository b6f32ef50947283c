"""Counting attempts in the database, so that every web process counts together.

Only a keyed digest of what is counted (an address, a contact) is kept.
"""
import hashlib
import hmac
from datetime import datetime, timedelta
from threading import Lock

from flask import current_app
from sqlalchemy import String, delete
from sqlalchemy.orm import Mapped, mapped_column

from portal.kit import clock
from portal.kit.db import Base, session
from portal.kit.upsert import insert


class TooMany(Exception):
    """The limit was met. `retry_after`: seconds until the window ends."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"try again in {retry_after} s")
        self.retry_after = retry_after


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
    window = int(now.timestamp()) // seconds
    ends = datetime.fromtimestamp((window + 1) * seconds, tz=now.tzinfo)
    secret = str(current_app.secret_key).encode()
    digest = hmac.new(secret, f"{name}|{seconds}|{key}".encode(), hashlib.sha256).hexdigest()
    statement = insert(Throttle).values(digest=digest, window=window, n=1, ends_at=ends)
    n = session.execute(statement.on_conflict_do_update(
        index_elements=["digest", "window"], set_={"n": Throttle.n + 1}).returning(Throttle.n)).scalar_one()
    if n > limit:
        raise TooMany(max(1, int((ends - now).total_seconds())))


_here: dict[tuple[str, str, int], int] = {}
_here_lock = Lock()
MOST_HERE = 50_000


def hit_here(name: str, key: str, *, limit: int, seconds: int) -> None:
    """Count one read in this process only: a public page must not cost a write. A `limit` of 0 is none.

    Each web process counts for itself, so that the whole portal lets through `limit` times their number.
    """
    if not limit:
        return
    now = int(clock.now().timestamp())
    slot = (name, key, now // seconds)
    with _here_lock:
        if len(_here) >= MOST_HERE:
            _here.clear()
        n = _here[slot] = _here.get(slot, 0) + 1
    if n > limit:
        raise TooMany(seconds - now % seconds)


def forget_old() -> None:
    """Drop windows that ended an hour ago."""
    session.execute(delete(Throttle).where(Throttle.ends_at < clock.now() - timedelta(hours=1)))
