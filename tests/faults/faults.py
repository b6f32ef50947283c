"""The faults, one function each: what is done to the portal, and what must hold while it lasts and afterwards."""
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.rig import Crowd, Portal, Postgres, Relay, fill, until

LASTS_S = 8.0
SLOWEST_S = 25.0  # no answer may take longer, whatever is wrong
BACK_S = 20.0  # until everything works again without anybody's doing
KILLS = 50


@dataclass
class Row:
    """A line of the table. `wrong`: what did not hold."""

    database: str
    fault: str
    seen: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def need(self, holds: object, words: str) -> None:
        if not holds:
            self.wrong.append(words)


@dataclass
class Scene:
    """A portal on one database, and what can be done to it."""

    name: str
    portal: Portal
    key: str
    disk: Path | None = None
    server: Postgres | None = None
    relay: Relay | None = None
    rows: list[Row] = field(default_factory=list)

    @contextmanager
    def fault(self, words: str, lacks: str = "", *, reads: bool = False) -> Iterator[Row]:
        """The block makes it, lets it last and mends it. `lacks`: what /readyz must name; `reads`: pages go on."""
        row = Row(self.name, words)
        self.rows.append(row)
        traces, began = self.portal.said().count("Traceback"), len(self.portal.said())
        with Crowd(self.portal, self.key) as crowd:
            time.sleep(1)
            self.crowd, self.named, self.alive = crowd, set[str](), 0
            yield row
            row.need(not lacks or any(name.startswith(lacks) for name in self.named), f"/readyz never said {lacks}")
            row.need(self.alive == 200, f"/healthz answered {self.alive}")
            key = self.key
            back = until(lambda: self.portal.push(key, f"H17-261105-{next(crowd.numbers):04}") == 200
                         and self.portal.ready()[0] == 200, 120)
            time.sleep(1)
        row.seen.append(crowd.told())
        row.seen.append(f"slowest {crowd.slowest:.1f} s, works again after {back:.1f} s")
        row.need(not any(status >= 500 and status != 503 for status in crowd.answers), "an answer of 500")
        row.need(not crowd.answers[0], "no answer")
        row.need(not crowd.unsaid, "503 without Retry-After")
        row.need(not reads or not any(n for status, n in crowd.answers.items() if status == 503) or "pushes" in words
                 or crowd.answers[200] > 20, "pages were not read")
        row.need(crowd.slowest < SLOWEST_S, f"an answer took {crowd.slowest:.0f} s")
        row.need(back < BACK_S, f"back only after {back:.0f} s")
        lost = crowd.lost()
        row.seen.append(f"{len(crowd.acknowledged)} acknowledged, {lost} lost")
        row.need(not lost, f"{lost} lost")
        row.need(self.portal.said().count("Traceback") == traces, "tracebacks in the log")
        row.seen.append(f"{self.portal.said()[began:].count(chr(10))} lines in the log")

    def last(self, seconds: float = LASTS_S) -> None:
        """Let the fault last, and listen to what the portal says of itself."""
        until_then = time.monotonic() + seconds
        while time.monotonic() < until_then:
            self.alive = self.portal.ask("/healthz", self.portal.health_port)[0]
            self.named |= set(self.portal.ready()[1].get("lacks", ()))
            time.sleep(0.3)


def stopped(scene: Scene) -> None:
    if scene.server is None:
        return
    with scene.fault("database stopped (immediately) and started", "database"):
        scene.server.call("stop")
        scene.last()
        scene.server.call("again")


def cut(scene: Scene) -> None:
    if scene.relay is None:
        return
    with scene.fault("the line to the database cut, and nobody there", "database"):
        scene.relay.be("cut")
        scene.last()
        scene.relay.be("passes")


def silent(scene: Scene) -> None:
    if scene.relay is None:
        return
    with scene.fault("the line taken, and never an answer", "database"):
        scene.relay.be("silent")
        scene.last(20)
        scene.relay.be("cut")
        scene.relay.be("passes")


def held(scene: Scene) -> None:
    """Somebody sits on a transaction."""
    with scene.fault("one transaction that holds what others want, for 12 s", "" if scene.server else "locked",
                     reads=True):
        if scene.server:
            with subprocess.Popen(["psql", "-h", str(scene.server.folder), "-U", "portal", "-d", "portal", "-qc",
                                   "BEGIN; LOCK TABLE progress_record IN EXCLUSIVE MODE; SELECT pg_sleep(12)"]):
                scene.last(13)
            return
        with closing(sqlite3.connect(scene.portal.folder / "portal.sqlite", isolation_level=None)) as one:
            one.execute("PRAGMA busy_timeout=20000")
            one.execute("BEGIN IMMEDIATE")
            scene.last(12)
            one.execute("ROLLBACK")


def read_only(scene: Scene) -> None:
    with scene.fault("read-only: pages are read, pushes wait", "read_only" if scene.server else "", reads=True) as row:
        if scene.server:
            scene.server.say("ALTER DATABASE portal SET default_transaction_read_only = on", _END_ALL)
            scene.last()
            scene.server.say("ALTER DATABASE portal SET default_transaction_read_only = off", _END_ALL)
            return
        places = [scene.portal.folder / f"portal.sqlite{end}" for end in ("", "-wal", "-shm")]
        immutable = subprocess.run(["chattr", "+i", *places], check=False, capture_output=True).returncode == 0
        if not immutable:
            row.seen.append("this disk has no files that cannot be written: not tried")
        scene.last()
        subprocess.run(["chattr", "-i", *places], check=False, capture_output=True)


_END_ALL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'portal'"


def full(scene: Scene) -> None:
    if scene.disk is None:
        return
    with scene.fault("the database's disk full", "" if scene.server else "disk"):
        filling = fill(scene.disk)
        scene.last(10)
        filling.unlink()
        if scene.server:
            scene.server.call("stop")  # it ends by itself when it cannot write its log
            scene.server.call("again")


def files_gone(scene: Scene) -> None:
    place = Path(scene.portal.environment["PORTAL_FILES_FOLDER"])
    with scene.fault("files folder gone (its disk not mounted)", "files", reads=True) as row:
        place.rename(place.with_name("unmounted"))
        scene.last()
        started = scene.portal.flask("serve", "--only-prepare")
        row.need(started.returncode == 1 and "nothing is made anew" in started.stderr, "a start did not refuse")
        row.need(not place.exists(), "the missing folder was made")
        place.with_name("unmounted").rename(place)
        row.seen.append("a start refuses in words, and the folder is not made")


def killed(scene: Scene) -> None:
    """Runners of the worker, one after the other, whatever they do."""
    with scene.fault(f"runners of the worker killed {KILLS} times", reads=True) as row:
        web, killed_so_far = scene.portal.children()[0], 0
        until_then = time.monotonic() + 300
        while killed_so_far < KILLS and time.monotonic() < until_then:
            for child in scene.portal.children()[1:]:
                if killed_so_far < KILLS:
                    os.kill(child, signal.SIGKILL)
                    killed_so_far += 1
            time.sleep(0.5)
        scene.last(2)
        row.need(scene.portal.children()[0] == web, "the web server ended too")
        row.need(killed_so_far == KILLS, f"only {killed_so_far} could be killed")


def hung_up(scene: Scene) -> None:
    with scene.fault("SIGHUP, three times", reads=True) as row:
        for _ in range(3):
            assert scene.portal.process
            scene.portal.process.send_signal(signal.SIGHUP)
            scene.last(4)
        row.need(not scene.crowd.answers[503], "an answer of 503")


def started_twice(scene: Scene) -> None:
    with scene.fault("started a second time on the same port", reads=True) as row:
        second = subprocess.run([sys.executable, "-m", "flask", "--app", "portal", "serve"], check=False, text=True,
                                capture_output=True, env=scene.portal.environment | {"PORTAL_HEALTH_PORT": "0"},
                                cwd=Path(__file__).parents[2])
        row.need(second.returncode == 1 and "running already" in second.stderr, "it was not refused in words")
        scene.last(2)


FAULTS: tuple[Callable[[Scene], None], ...] = (
    stopped, cut, silent, held, read_only, full, files_gone, killed, hung_up, started_twice)
