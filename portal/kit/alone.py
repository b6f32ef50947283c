"""One at a time among all processes and machines that share a database: for its migrations and its first load."""
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, text

from portal.kit import db

LOOK_S = 0.3


@contextmanager
def alone(engine: Engine, waits: Callable[[], None]) -> Iterator[None]:
    """Wait until nobody else is in such a block; `waits` is called once where there is somebody."""
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            ours = text("SELECT pg_try_advisory_lock(hashtext('portal prepares'))")
            _until(lambda: bool(connection.scalar(ours)), waits)
            try:
                yield
            finally:
                connection.execute(text("SELECT pg_advisory_unlock(hashtext('portal prepares'))"))
        return
    place = db.file_of(engine.url.render_as_string(hide_password=False))
    if place is None:
        yield
        return
    handle = os.open(f"{place}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _until(lambda: _locked(handle), waits)
        yield
    finally:
        os.close(handle)  # and with it the lock


def _locked(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _until(ours: Callable[[], bool], waits: Callable[[], None]) -> None:
    if ours():
        return
    waits()
    while not ours():
        time.sleep(LOOK_S)
