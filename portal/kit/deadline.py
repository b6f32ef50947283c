"""A limit of time on whatever happens inside a block, however many answers it waits for."""
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class TooLong(Exception):
    """The block had taken all of its time. Not one of the operating system's errors, which libraries swallow."""


AGAIN_S = 1.0  # a library may have swallowed the first alarm


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Raise TooLong inside the block once `seconds` have passed, also where it waits for a machine or computes.

    By an alarm of the operating system: it ends what is written in Python and every wait, but no call of a C library
    that never comes back; who needs that too ends the process. Blocks may stand inside each other, the shorter limit
    holds. Outside the main thread there are no alarms: the block is then as long as it is.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(_signal: int, _frame: Any) -> None:
        raise TooLong(f"took longer than {seconds:g} s")

    outer = signal.getitimer(signal.ITIMER_REAL)[0]
    if outer and outer <= seconds:
        yield
        return
    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN_S)
    try:
        yield
    finally:
        left = signal.setitimer(signal.ITIMER_REAL, 0)[0]
        signal.signal(signal.SIGALRM, before)
        if outer:
            signal.setitimer(signal.ITIMER_REAL, max(outer - (seconds - left), 0.001))
