"""`make mixed-load`: half an hour of everything at once on the processes that `make run` starts, then the proof that
nothing was lost. 93 agencies' keys push batches and national messages, people read pages, one walks through the codes,
one machine follows the changes; in the middle a web process and the worker are killed.

Ends with 1 when anything was lost, miscounted or answered as it may not be.
"""
import argparse
import json
import os
import pickle
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

from flask import Flask
from sqlalchemy import select

from config import Default
from portal.catalogue import queries as catalogue
from portal.kit import jobs
from portal.kit.db import engine, session, transaction
from portal.people import keys
from portal.people.models import Agency
from portal.progress import actions
from tests.bench import house, mixed_proof
from tests.bench.measuring import FULL, say
from tests.bench.mixed_clients import Seen
from tests.bench.mixed_lives import LARGEST, SMALLEST, Ledger
from tests.bench.server import HOST, Server, _free_port
from tests.subscribing import HERE, certificate

KEYS, SENDERS, READERS = 93, 4, 3
WALK_LIMIT, WEB_PROCESSES = 120, 2
SAY_S, LOOK_S, START_S = 15.0, 5.0, 300.0
LEASE_FITS = 12  # minutes: a job that the killed worker had is taken again within the run
QUIET_S = 60.0
LEASE_S = Default.JOB_LEASE_S
TOLD_S = 75.0  # longer than the portal waits after the second failure to tell a subscriber
UNKNOWN = "/progress/H17-200101-{:05}"


class Portal:
    """The processes of `make run`, and how much memory each has."""

    def __init__(self, folder: str) -> None:
        self.port, self.log = _free_port(), Path(folder, "serve.log")
        self.memory: dict[int, tuple[str, list[tuple[float, int]]]] = {}  # process → what it is, (moment, bytes)
        self.killed: list[tuple[float, str, int]] = []
        self._file = self.log.open("wb")
        environment = os.environ | {"HOST": HOST, "PORT": str(self.port), "WEB_CONCURRENCY": str(WEB_PROCESSES)}
        self.serving = subprocess.Popen([sys.executable, "-m", "flask", "--app", "portal", "serve"],
                                        env=environment, stdout=self._file, stderr=self._file)

    def processes(self) -> dict[int, str]:
        """Process → "web" or "worker". The web server's own process is the one with children."""
        found: dict[int, str] = {}
        for child in _children(self.serving.pid):
            webs = _children(child)
            found |= dict.fromkeys(webs, "web") if webs else {child: "worker"}
        return found

    def look(self) -> None:
        """Note how much memory each process has."""
        for process, what in self.processes().items():
            with suppress(OSError, ProcessLookupError):
                pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
                self.memory.setdefault(process, (what, []))[1].append((time.time(), pages * 4096))

    def kill(self) -> None:
        """End one web process and the worker as a power cut would."""
        running = self.processes()
        for what in ("web", "worker"):
            victim = next(process for process, each in running.items() if each == what)
            os.kill(victim, signal.SIGKILL)
            self.killed.append((time.time(), what, victim))
        say(f"killed a web process and the worker: {[victim for _at, _what, victim in self.killed]}")

    def stop(self) -> None:
        """Ctrl-C."""
        if self.serving.poll() is None:
            self.serving.send_signal(signal.SIGINT)
        self.serving.wait(60)
        self._file.close()


def _children(process: int) -> list[int]:
    with suppress(OSError):
        return [int(each) for each in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    return []


class Running:
    """A client's process: what it tells meanwhile, and what it saw in the end."""

    def __init__(self, role: str, out: str, **told: Any) -> None:
        self.role, self.out, self.latest = role, out, dict[str, Any]()
        of = "mixed_hearing" if role == "hearer" else "mixed_clients"
        self.process = subprocess.Popen([sys.executable, "-m", f"tests.bench.{of}", role],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(told | {"out": out}) + "\n")
        self.process.stdin.flush()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.latest = json.loads(line)

    def stop(self) -> None:
        """Let it finish what is under way."""
        assert self.process.stdin is not None
        with suppress(BrokenPipeError):
            self.process.stdin.close()

    def saw(self) -> Seen:
        """What it saw. RuntimeError when it failed itself."""
        if self.process.wait(900):
            raise RuntimeError(f"the {self.role} failed")
        with open(self.out, "rb") as file:
            facts = pickle.load(file)
        return Seen(**facts | {"ledger": Ledger(**facts["ledger"])})


def senders(app: Flask) -> list[dict[str, Any]]:
    """93 keys: one for each agency of today, a second one for the first agencies."""
    with app.app_context(), transaction():
        agencies = session.scalars(select(Agency).where(Agency.valid_to.is_(None)).order_by(Agency.key)).all()
        procedures = sorted(catalogue.directory().by_code)[::50]
        made = []
        for number in range(KEYS):
            agency = agencies[number % len(agencies)]
            _key, secret = keys.issue(agency, ["progress"])
            foreign = agencies[(number + 1) % len(agencies)]
            made.append({"number": number, "secret": secret, "agency": agency.key, "prefix": agency.code or agency.key,
                         "foreign": foreign.code or foreign.key, "procedures": procedures})
        return made


def subscriber(app: Flask, folder: str, port: int) -> dict[str, Any]:
    """A machine on this one that is told of every change from now on, and what it knows."""
    with app.app_context(), transaction():
        today = select(Agency.id).where(Agency.valid_to.is_(None)).order_by(Agency.key).limit(1)
        made = actions.add_subscriber(session.scalars(today).one(), f"https://{HERE}:{port}/", secrets.token_hex(24))
        return {"at": port, "secret": made.secret, "after": made.position, "certificate": f"{folder}/both.pem"}


def pages(app: Flask, codes: Sequence[str]) -> dict[str, tuple[list[str], list[int]]]:
    """Kind of page → addresses and what they may answer."""
    with app.app_context():
        agencies = session.scalars(select(Agency.key).where(Agency.valid_to.is_(None))).all()
        found = catalogue.directory()
        procedures = sorted(found.by_code)[::40]
        offered = [(key, found.by_id[number].code) for number, held in sorted(found.offering.items())[::40]
                   for key in list(held)[:2]]
        sectors = [sector.slug for sector in catalogue.sectors()]
        session.rollback()
    words = ("khai sinh", "dat dai", "giấy phép", "dang ky ket hon", "lai xe", "hộ chiếu", "xay dung", "khai sih")
    asked = {
        "home": ["/", "/en"], "search": [f"/services?q={quote_plus(word)}" for word in words],
        "suggestions": [f"/services/suggest?q={quote_plus(word[:4])}" for word in words],
        "service": [f"/services/{key}/{code}" for key, code in offered],
        "nation": ["/progress", "/en/progress", "/progress?sort=late"],
        "agency": [f"/progress/{key}" for key in agencies],
        "sectors": ["/progress/sectors", *(f"/progress/sectors/{slug}" for slug in sectors)],
        "procedure": [f"/progress/procedures/{code}" for code in procedures],
        "sides": ["/progress/levels", "/progress/channels", "/progress/groups/provinces", "/progress/levels.json"],
        "publishers": ["/progress/publishers", *(f"/progress/publishers/{key}" for key in agencies)],
        "open data": ["/open-data", "/open-data/catalogue.jsonld", "/open-data/files/agencies.csv.gz"],
        "dossier": [f"/progress/{code}" for code in codes[::37]],
        "dossier in JSON": [f"/api/v1/progress/{code}" for code in codes[::37]],
        "health": ["/healthz", "/readyz"]}
    return {kind: (paths, [200, 404] if kind == "procedure" else [200]) for kind, paths in asked.items()}


@contextmanager
def clients(app: Flask, portal: Portal, folder: str, codes: Sequence[str], minutes: float) -> Iterator[list[Running]]:
    """All clients, at work; the follower is the last of them."""
    systems, shown, told = senders(app), pages(app, codes), subscriber(app, folder, _free_port())
    quiet = TOLD_S + (0 if minutes >= LEASE_FITS else LEASE_S)
    eager, rest = systems[0], systems[1:]
    running: list[Running] = []

    def start(role: str, **told: Any) -> None:
        n = len(running)
        running.append(Running(role, f"{folder}/client-{n}", port=portal.port, seed=n, **told))

    start("hearer", rest=0.0, quiet=quiet, **told)
    start("sender", systems=[eager], largest=SMALLEST, rest=0.0)
    for n in range(SENDERS):
        start("sender", systems=rest[n::SENDERS], largest=LARGEST, rest=0.5)
    for _ in range(READERS):
        start("pages", paths=shown, rest=0.02)
    start("walker", code=UNKNOWN, rest=0.1)
    start("follower", secret=rest[0]["secret"], rest=0.5, after=told["after"])
    try:
        yield running
    finally:
        for each in running:
            if each.process.poll() is None:
                each.process.kill()


def put(app: Flask, *names: str) -> None:
    """Ask the worker for these jobs."""
    with app.app_context(), transaction():
        for name in names:
            jobs.put(name)


def working(app: Flask) -> bool:
    """Whether the worker is at a job: killed then, the job waits for its lease to end, five minutes."""
    with app.app_context():
        return session.scalar(select(jobs.Job.id).where(jobs.Job.leased_until.is_not(None)).limit(1)) is not None


def told(running: Sequence[Running], portal: Portal) -> str:
    """How far it is, in one line."""
    answered, rows = Counter[str](), Counter[str]()
    for each in running:
        answered.update(each.latest.get("answered", {}))
        rows.update(each.latest.get("rows", {}))
    failures = sum(each.latest.get("failures", 0) for each in running)
    batches = sum(n for kind, n in answered.items() if kind in mixed_proof.BATCHES)
    web = sum(sizes[-1][1] for process, (what, sizes) in portal.memory.items()
              if what == "web" and process in portal.processes()) // 2**20
    return (f"{sum(answered.values()):,} requests, {batches:,} batches, {rows['accepted']:,} rows accepted, "
            f"{answered['changes']:,} pages of changes, {failures} failures, web {web} MiB")


def load(app: Flask, portal: Portal, running: Sequence[Running], minutes: float) -> None:
    """Let them work, kill two processes in the middle, ask for a full count and new files now and then."""
    begin, length = time.monotonic(), minutes * 60
    kill_at, count_at, say_at, look_at = length / 2, [length / 4, length * 3 / 4], SAY_S, 0.0
    while (passed := time.monotonic() - begin) < length:
        time.sleep(0.2)
        if portal.serving.poll() is not None or any(each.process.poll() is not None for each in running):
            raise RuntimeError("the portal or a client ended by itself")
        if passed >= look_at:
            portal.look()
            look_at = passed + LOOK_S
        if passed >= say_at:
            say(told(running, portal))
            say_at = passed + SAY_S
        if count_at and passed >= count_at[0]:
            count_at.pop(0)
            put(app, "progress.recount", "progress.estimate")
        if passed >= kill_at and (minutes >= LEASE_FITS or passed >= kill_at + SAY_S or not working(app)):
            portal.kill()
            kill_at = length + 1


def mixed(url: str, folder: str, minutes: float, records: int) -> bool:
    """The whole run on one database. Whether nothing was lost."""
    app = house.opened(url, folder)
    certificate(Path(folder))
    os.environ |= {"PORTAL_PUBLIC_READS_PER_MINUTE": str(WALK_LIMIT), "PORTAL_TRUSTED_PROXIES": "1",
                   "PORTAL_CALL_NETWORKS": f"{HERE}/32", "SSL_CERT_FILE": f"{folder}/cert.pem"}
    with app.app_context():
        codes = house.publish_records(replace(FULL, records=records))
        house.settled()
        before = mixed_proof.counts()
        engine().dispose()
    portal = Portal(folder)
    try:
        mixed_proof.until(lambda: Server(portal.port).get("/healthz")[0] == 200, START_S)
        put(app, "progress.estimate", "statistics.make_open_data")
        mixed_proof.until(lambda: Server(portal.port).get("/open-data/files/agencies.csv.gz")[0] == 200, START_S)
        say(f"{minutes:g} minutes of load: {KEYS} keys in {SENDERS + 1} senders, {READERS} readers of pages, a walker, "
            "a follower, a subscriber")
        with clients(app, portal, folder, codes, minutes) as running:
            load(app, portal, running, minutes)
            say("ending: what is under way is answered, the follower reads to the end")
            portal.look()
            for each in running[:-1]:
                each.stop()
            seen = [each.saw() for each in running[:-1]]
            running[-1].stop()
            seen.append(running[-1].saw())
        with app.app_context():
            idle = mixed_proof.wait_for_jobs(QUIET_S + LEASE_S)
    finally:
        portal.stop()
    say("proving")
    with app.app_context():
        checks = mixed_proof.checks(seen, before, portal, minutes=minutes, idle=idle, walk_limit=WALK_LIMIT)
        engine().dispose()
    print(mixed_proof.told(seen, checks, minutes))
    return all(check.held is not False for check in checks)


def main() -> int:
    """Run it; 1 when anything was lost."""
    asked = argparse.ArgumentParser(prog="make mixed-load", description=__doc__)
    asked.add_argument("--minutes", type=float, default=30)
    asked.add_argument("--records", type=int, default=100_000, help="published before it begins")
    asked.add_argument("--sqlite", action="store_true", help="on SQLite instead of PostgreSQL")
    asked.add_argument("--keep", metavar="FOLDER", help="keep logs and what the clients saw there")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="portal-mixed-") as temporary:
        folder = given.keep or temporary
        Path(folder).mkdir(parents=True, exist_ok=True)
        if given.sqlite:
            return int(not mixed(f"sqlite:///{temporary}/mixed.sqlite", folder, given.minutes, given.records))
        with house.postgres_database() as url:
            if url is None:
                say("no PostgreSQL here (PORTAL_TEST_POSTGRES_URL names one); --sqlite does without")
                return 1
            return int(not mixed(url, folder, given.minutes, given.records))


if __name__ == "__main__":
    sys.exit(main())
