"""Proving a file by reading it, in a process that a file may ruin: portal.kit.proving.prover.

The program is started with the first file and ends by itself when none comes for a while; for each file it splits off
a process of its own with limits of memory, processor and time. A process that ends without an answer met one of them.
"""
import atexit
import json
import os
import select
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import NamedTuple

from portal.kit.proving import prover
from portal.kit.proving.verdict import Bad

AT_ONCE = 2  # files that one process of the portal has judged at a time: their memory is bounded together
WAIT_S = 60.0  # for a turn
ENDING_S = 0.3  # in which a program that closed its pipes has ended
_turns = threading.BoundedSemaphore(AT_ONCE)


class Proof(NamedTuple):
    """What a file truly is and the ending that belongs to it; `changed`: what is to be kept lies in `out`."""

    media_type: str
    ending: str
    changed: bool


class Failed(RuntimeError):
    """The program could not be started, or its judge is at fault: nothing is known about the file."""


def prove(place: Path, ending: str, *, out: Path, most: int) -> Proof:
    """Judge the file at `place`, whose name ends in `ending` (small letters). Where it is to be kept otherwise than it
    came, that is written to `out`. Raises verdict.Bad, Failed."""
    if not _turns.acquire(timeout=WAIT_S):
        raise Bad("busy")
    request = {"place": str(place), "ending": ending, "out": str(out), "most": str(most)}
    try:
        said = _ask(request)
        if said is None and not _line.lives():  # it was just ending, for want of work
            said = _ask(request)
    finally:
        _turns.release()
    if said is None and not _line.lives():
        raise Failed("the program that proves files ended")
    if said is None:
        raise Bad("bomb")
    if reason := said.get("refused"):
        raise Bad(str(reason))
    if "failed" in said:
        raise Failed(f"a judge failed: {said['failed']}")
    return Proof(str(said["media_type"]), str(said["ending"]), bool(said["changed"]))


class _Line:
    """The way to this process's own program; a process that was forked has none of its parent's."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.pid = 0
        self.socket: socket.socket | None = None
        self.program: subprocess.Popen[bytes] | None = None

    def send(self, words: bytes, answer_to: int) -> None:
        """Hand a request over, to a program started anew where there is none or it has ended."""
        with self.lock:
            for _try in range(2):
                if self.socket is None or self.pid != os.getpid():
                    self._start()
                try:
                    assert self.socket is not None
                    socket.send_fds(self.socket, [words], [answer_to])
                    return
                except OSError:
                    self.end()
        raise Failed("the program that proves files does not start")

    def lives(self) -> bool:
        """Whether the program goes on: then it was the judge of one file that ended. One that is just ending is waited
        for."""
        with self.lock:
            if self.pid != os.getpid() or self.program is None:
                return False
            try:
                self.program.wait(ENDING_S)
            except subprocess.TimeoutExpired:
                return True
            return False

    def _start(self) -> None:
        if self.pid != os.getpid() and self.socket is not None:
            self.socket.close()
            if self.program is not None:
                self.program.returncode = 0  # the parent's, who waits for it
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self.program = subprocess.Popen(
                [sys.executable, "-I", "-X", "utf8", prover.__file__], stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL, env={"PATH": os.environ.get("PATH", "")})
        self.socket, self.pid = ours, os.getpid()

    def end(self) -> None:
        if self.pid != os.getpid() or self.socket is None:
            return
        self.socket.close()
        self.socket = None
        if self.program is not None:
            self.program.wait()


_line = _Line()
atexit.register(_line.end)


def _ask(request: dict[str, str]) -> dict[str, object] | None:
    """The judge's answer; None when it ended without one, because it met a limit."""
    ours, theirs = os.pipe()
    try:
        try:
            _line.send(json.dumps(request).encode(), theirs)
        finally:
            os.close(theirs)
        waiting = select.poll()  # unlike select, for handles of any number
        waiting.register(ours, select.POLLIN)
        if not waiting.poll((prover.MOST_S + 10) * 1000):
            raise Failed("the program that proves files does not answer")
        words = os.read(ours, 4096)
    finally:
        os.close(ours)
    return dict(json.loads(words)) if words else None
