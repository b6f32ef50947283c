"""The rig: a portal as operators start it, clients that keep what was acknowledged, a PostgreSQL that can be stopped, a
line to it that can be cut, and small disks that can be filled."""
import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
HOST = "127.0.0.1"
PATIENCE_S = 90.0
SHELL = ROOT / "tools" / "throwaway-postgres.sh"
READ = ("/services", "/progress", "/en/progress/H17", "/api/v1/progress/H17-261105-0001", "/sign-in")
SMALL_DISK = "600m"


def until(holds: Callable[[], Any], patience_s: float = PATIENCE_S) -> float:
    """The seconds until `holds` did; RuntimeError when it does not in time."""
    began = time.monotonic()
    while not holds():
        if time.monotonic() - began > patience_s:
            raise RuntimeError("it never came to hold")
        time.sleep(0.1)
    return time.monotonic() - began


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A disk of SMALL_DISK of its own, for who is root."""
    folder.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK}", "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=False)


def fill(disk: Path) -> Path:
    """Fill the disk to its last byte; the file that does."""
    place = disk / "filling"
    handle = os.open(place, os.O_WRONLY | os.O_CREAT)
    for size in (1_000_000, 512):
        with suppress(OSError):
            while True:
                os.write(handle, b"\0" * size)
    os.close(handle)
    return place


class Postgres:
    """A throwaway server in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.call("start")

    def call(self, verb: str) -> None:
        subprocess.run([SHELL, verb, self.folder], check=verb != "stop", capture_output=True)

    @property
    def socket(self) -> Path:
        return self.folder / ".s.PGSQL.5432"

    def say(self, *statements: str, database: str = "postgres") -> None:
        for each in statements:
            subprocess.run(["psql", "-h", self.folder, "-U", "portal", "-d", database, "-qc", each], check=True,
                           capture_output=True)


class Relay(threading.Thread):
    """The line to the server. `manner`: passes; cut (whoever comes is sent away); silent (taken, never answered)."""

    def __init__(self, behind: Path) -> None:
        super().__init__(daemon=True)
        self.behind, self.manner = behind, "passes"
        self.lines: list[socket.socket] = []
        self.listener = socket.create_server((HOST, 0))
        self.port = self.listener.getsockname()[1]
        self.start()

    def be(self, manner: str) -> None:
        self.manner = manner
        if manner == "cut":
            for line in self.lines:
                with suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)
            self.lines.clear()

    def run(self) -> None:
        while True:
            came, _from = self.listener.accept()
            if self.manner == "cut":
                came.close()
                continue
            self.lines.append(came)
            threading.Thread(target=self._carry, args=(came,), daemon=True).start()

    def _carry(self, came: socket.socket) -> None:
        with suppress(OSError):
            while self.manner == "silent":
                time.sleep(0.1)
            server = socket.socket(socket.AF_UNIX)
            server.connect(str(self.behind))
            threading.Thread(target=self._pass, args=(server, came), daemon=True).start()
            self._pass(came, server)
        came.close()

    def _pass(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while piece := one.recv(65536):
                while self.manner == "silent":
                    time.sleep(0.1)
                other.sendall(piece)
        for line in (one, other):
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)


class Portal:
    """`flask serve` in a process of its own."""

    def __init__(self, url: str, folder: Path, **more: str) -> None:
        self.folder, self.port, self.health_port = folder, free_port(), free_port()
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
        self.environment = kept | {
            "PORT": str(self.port), "HOST": HOST, "PORTAL_HEALTH_PORT": str(self.health_port),
            "PORTAL_DATABASE_URL": url, "PORTAL_FILES_FOLDER": str(folder / "files"), "PORTAL_INSECURE_HTTP": "1",
            "PORTAL_SECRET_KEY": "of these faults only, a1b2c3d4e5f6", "PORTAL_PUBLIC_READS_PER_MINUTE": "0",
            "PORTAL_DISK_FREE_BYTES": "20000000", "PORTAL_JOB_LEASE_S": "5", "PYTHONUNBUFFERED": "1"} | more
        self.log = folder / f"log-{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def flask(self, *words: str) -> subprocess.CompletedProcess[str]:
        """A command of the operator's, to its end."""
        return subprocess.run([sys.executable, "-m", "flask", "--app", "portal", *words], cwd=ROOT, text=True,
                              env=self.environment, capture_output=True, check=False)

    def start(self) -> None:
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([sys.executable, "-m", "flask", "--app", "portal", "serve"], cwd=ROOT,
                                            env=self.environment, stdout=log, stderr=log, start_new_session=True)
        until(lambda: "Ready in" in self.said() or self.process.poll() is not None)  # type: ignore[union-attr]
        if self.process.poll() is not None:
            raise RuntimeError(self.said()[-2000:])
        until(lambda: self.ready()[0] == 200)

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(20)

    def said(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def ask(self, path: str, port: int = 0, timeout: float = 30, **request: Any) -> tuple[int, dict[str, str], bytes]:
        """(status, headers, body); status 0 where nothing was answered."""
        line = http.client.HTTPConnection(HOST, port or self.port, timeout=timeout)
        try:
            line.request(request.pop("method", "GET"), path, **request)
            answer = line.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        except (OSError, http.client.HTTPException):
            return 0, {}, b""
        finally:
            line.close()

    def ready(self) -> tuple[int, dict[str, Any]]:
        status, _headers, body = self.ask("/readyz", self.health_port)
        return status, json.loads(body) if body else {}

    def issue_key(self) -> str:
        return self.flask("people", "issue-key", "H17", "--scope", "progress").stdout.split()[-1]

    def push(self, key: str, code: str) -> int:
        """Push one dossier; the status."""
        row = {"code": code, "procedure": "1.001193", "status": 2, "channel": "online",
               "at": "2026-11-05T09:00:00+07:00", "submitted_at": "2026-11-05T08:30:00+07:00"}
        return self.ask("/api/v1/progress/batches", method="POST", body=json.dumps({"records": [row]}), headers={
            "Authorization": f"Bearer {key}", "Content-Type": "application/json", "Idempotency-Key": f"key-{code}"})[0]

    def children(self) -> list[int]:
        """The web server first, then the runners of the worker."""
        assert self.process
        of = self.process.pid
        return [int(word) for word in Path(f"/proc/{of}/task/{of}/children").read_text().split()]


class Crowd:
    """Clients that read and push without a pause, and remember what was acknowledged."""

    numbers = iter(range(1, 10_000_000))

    def __init__(self, portal: Portal, key: str) -> None:
        self.portal, self.key = portal, key
        self.over = threading.Event()
        self.answers: Counter[int] = Counter()
        self.unsaid = 0  # 503 that do not say when to come again
        self.slowest = 0.0
        self.acknowledged: list[str] = []
        self.threads = [threading.Thread(target=work, daemon=True) for work in (self._read, self._read, self._push)]

    def __enter__(self) -> "Crowd":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.over.set()
        for thread in self.threads:
            thread.join(40)

    def _read(self) -> None:
        while not self.over.is_set():
            for path in READ:
                began = time.monotonic()
                status, headers, _body = self.portal.ask(path)
                self.slowest = max(self.slowest, time.monotonic() - began)
                self.answers[status] += 1
                self.unsaid += status == 503 and "retry-after" not in headers
                time.sleep(0.05)

    def _push(self) -> None:
        while not self.over.is_set():
            code = f"H17-261105-{next(self.numbers):04}"
            status = self.portal.push(self.key, code)
            self.answers[status] += 1
            if status in (200, 201, 207):
                self.acknowledged.append(code)
            time.sleep(0.05)

    def lost(self) -> int:
        """How many of those acknowledged cannot be read."""
        return sum(not self._is_there(code) for code in self.acknowledged)

    def _is_there(self, code: str) -> bool:
        key = {"Authorization": f"Bearer {self.key}"}
        for _ in range(80):
            status, _headers, _body = self.portal.ask(f"/api/v1/progress/{code}", headers=key)
            if status in (200, 404):
                return status == 200
            time.sleep(1)
        return False

    def told(self) -> str:
        """What was answered, in a line."""
        return ", ".join(f"{n} × {status or 'no answer'}" for status, n in sorted(self.answers.items()))


def emptied(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    return folder
