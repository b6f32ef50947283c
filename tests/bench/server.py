"""The web server that production has, with one process, so that the client has the other core."""
import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

HOST = "127.0.0.1"
CONNECTIONS = 8
PATIENCE_S = 30.0


@dataclass(frozen=True)
class Load:
    """What one turn gave: requests per second, the server's CPU, the median and the slowest hundredth in
    milliseconds."""

    per_second: float
    cpu_ms: float
    p99_ms: float
    bytes_each: float
    p50_ms: float


@dataclass(frozen=True)
class Server:
    """A running server on the loopback interface."""

    port: int

    def get(self, path: str) -> tuple[int, dict[str, str], bytes]:
        """One request: status, headers (names in lower case), body."""
        line = http.client.HTTPConnection(HOST, self.port, timeout=PATIENCE_S)
        try:
            line.request("GET", path)
            answer = line.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        finally:
            line.close()

    def cpu(self) -> float:
        """The CPU seconds that the server's process has used."""
        return float(json.loads(self.get("/bare/cpu")[2]))

    def memory_mb(self) -> float:
        """What of memory the server's process holds now."""
        return float(json.loads(self.get("/bare/memory")[2]))

    def load(self, requests: Sequence[str], seconds: float, status: str = "200") -> Load:
        """Keep it busy for so long. RuntimeError when anything else than `status` came back."""
        before = self.cpu()
        told = {"host": HOST, "port": self.port, "connections": CONNECTIONS, "seconds": seconds,
                "requests": list(requests)}
        done = subprocess.run([sys.executable, "-m", "tests.bench.load"], input=json.dumps(told), text=True,
                              stdout=subprocess.PIPE, check=True)
        found: dict[str, Any] = json.loads(done.stdout)
        if set(found["statuses"]) != {status}:
            raise RuntimeError(f"asked for {status}, got {found['statuses']}")
        return Load(found["answered"] / found["seconds"], (self.cpu() - before) * 1000 / found["answered"],
                    found["p99"], found["bytes"] / found["answered"], found["p50"])

    def request(self, path: str, **headers: str) -> str:
        """The text of a GET request."""
        lines = [f"GET {path} HTTP/1.1", f"Host: {HOST}:{self.port}", *(f"{k}: {v}" for k, v in headers.items())]
        return "\r\n".join(lines) + "\r\n\r\n"


def _free_port() -> int:
    with socket.create_server((HOST, 0)) as probe:
        return int(probe.getsockname()[1])


@contextmanager
def serving() -> Iterator[Server]:
    """gunicorn with the settings of `make run` over the database that the environment names."""
    port = _free_port()
    environment = os.environ | {"HOST": HOST, "PORT": str(port), "WEB_CONCURRENCY": "1"}
    running = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "-c", "python:portal.cli.gunicorn_conf", "tests.bench.served:application()"],
        env=environment)
    server = Server(port)
    try:
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                server.get("/healthz")
                break
            except OSError:
                if time.monotonic() > deadline or running.poll() is not None:
                    raise
                time.sleep(0.1)
        yield server
    finally:
        running.terminate()
        running.wait(PATIENCE_S)
