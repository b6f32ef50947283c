"""Child processes that begin with what is already imported and never outlive their parent."""
import contextvars
import ctypes
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PATIENCE_S = 4.0
_PR_SET_PDEATHSIG = 1


@dataclass
class Child:
    """A running child; `status` is how it ended, None while it lives."""

    name: str
    pid: int
    status: int | None = None

    def lives(self) -> bool:
        """Whether it still runs."""
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.status = os.waitstatus_to_exitcode(status) if pid else None
        return self.status is None


def start(name: str, work: Callable[[], None]) -> Child:
    """Fork, and do `work` in the child. Nothing may be connected and no thread may run in the parent."""
    sys.stdout.flush()
    sys.stderr.flush()
    parent = os.getpid()
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
    pid = os.fork()
    if pid == 0:
        _live(parent, work)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
    return Child(name, pid)


def _live(parent: int, work: Callable[[], None]) -> None:
    code = 1
    try:
        os.setsid()  # Ctrl-C in a terminal reaches the parent alone, which stops us in its own order
        _end_with(parent)
        for each in STOPS:
            signal.signal(each, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
        contextvars.Context().run(work)  # without the command's own application context
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _end_with(parent: int) -> None:
    """Ask Linux to stop this process when its parent is killed; elsewhere there is no such promise."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != parent:
            raise SystemExit(0)


def stop(children: Sequence[Child]) -> None:
    """Ask all to end what they are doing; who has not within PATIENCE_S is killed with its own children."""
    for child in children:
        if child.lives():
            os.kill(child.pid, signal.SIGTERM)
    deadline = time.monotonic() + PATIENCE_S
    while any(child.lives() for child in children) and time.monotonic() < deadline:
        time.sleep(0.05)
    for child in children:
        with suppress(ProcessLookupError):  # a child that was killed may have left its own behind
            os.killpg(child.pid, signal.SIGKILL)
        if child.lives():
            child.status = os.waitstatus_to_exitcode(os.waitpid(child.pid, 0)[1])
