"""A portal served by a process of its own, and asked as systems ask it."""
import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple

from flask import Flask

ROOT = Path(__file__).parents[2]
PATIENCE_S = 180


class Served(NamedTuple):
    """`pid`: of the process that bears the one that serves."""

    address: str
    pid: int


@contextmanager
def served(app: Flask) -> Iterator[Served]:
    """This portal, web and worker, in a process of its own."""
    environment = os.environ | {
        "PORTAL_SECRET_KEY": app.config["SECRET_KEY"], "PORTAL_DATABASE_URL": app.config["DATABASE_URL"],
        "PORTAL_FILES_FOLDER": app.config["FILES_FOLDER"], "PORTAL_CALL_NETWORKS": "127.0.0.0/8",
        "PYTHONWARNINGS": "ignore", "PORTAL_INSECURE_HTTP": "true"}
    with subprocess.Popen([sys.executable, "-m", "tests.exchange.nursery"], cwd=ROOT, env=environment, text=True,
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdin and process.stdout
        process.stdin.write(json.dumps({"deaths": 0, "seed": 1}) + "\n")
        process.stdin.flush()
        port = int(process.stdout.readline())
        process.stdout.readline()
        try:
            yield Served(f"http://127.0.0.1:{port}", process.pid)
        finally:
            process.stdin.close()
            assert process.wait(20) == 0


def ask(address: str, key: str, method: str, path: str, body: bytes | IO[bytes] | None = None) -> tuple[int, Any]:
    """One call by our API; a file is sent piece by piece."""
    line = http.client.HTTPConnection(address.removeprefix("http://"), timeout=20)
    kind = "application/json" if isinstance(body, bytes) and body.startswith(b"{") else "application/xml"
    headers = {"Authorization": f"Bearer {key}", "Content-Type": kind}
    if body is not None and not isinstance(body, bytes):
        headers["Content-Length"] = str(os.fstat(body.fileno()).st_size)
    try:
        line.request(method, f"/api/exchange/v1{path}", body, headers)
        answer = line.getresponse()
        said = answer.read()
        return answer.status, json.loads(said) if answer.headers.get_content_type().endswith("json") else said
    finally:
        line.close()


def until(holds: Callable[[], Any]) -> Any:
    """What it gives, once that is something."""
    began = time.monotonic()
    while not (found := holds()):
        assert time.monotonic() - began < PATIENCE_S, "it never came to hold"
        time.sleep(0.1)
    return found
