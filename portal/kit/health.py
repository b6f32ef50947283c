"""Whether this process lives, and whether the portal can serve: for who restarts it and who sends people to it.

`/healthz` needs nothing. `/readyz` looks at all that a change needs, and names what is missing. Both are also answered
by a listener of their own (HEALTH_PORT), which no request of people can keep waiting.
"""
import logging
import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from flask import Flask, Response, current_app, jsonify
from sqlalchemy import Connection, text

from portal.kit import clock, db, deployment, disk, files_folder, release
from portal.kit.jobs import beats
from portal.kit.release import Standing

WORKER_SILENCE_S = 60
LOOK_MS = 1000  # for a lock, while looking whether anything is locked
ALIVE = {"status": "ok"}
log = logging.getLogger(__name__)


class Readiness(NamedTuple):
    """`lacks`: what is missing, by name; empty when the portal is ready. `lanes`: seconds since somebody was seen."""

    lacks: list[str]
    lanes: dict[str, int | None]
    standing: Standing | None

    def said(self) -> tuple[dict[str, Any], int]:
        """As it is answered, with the status."""
        ready, lanes = not self.lacks, [name[5:] for name in self.lacks if name.startswith("lane:")]
        more: dict[str, Any] = {"without_worker": lanes} if lanes else {}
        if self.lacks:
            more["lacks"] = self.lacks
        return {"status": "ok" if ready else "unavailable", "release": self.standing or "unknown",
                "database": not {"database", "migrations", "release"} & set(self.lacks), "worker": not lanes,
                "lanes": self.lanes, **more}, 200 if ready else 503


def look() -> Readiness:
    """Look at everything: inside a request, so that nothing is waited for long. Raises nothing."""
    lacks, standing, lanes = list(_disks()), None, dict[str, int | None]()
    try:
        with db.engine().connect() as connection:
            lacks += _writing(connection)
        with db.engine().connect() as connection:
            standing = release.standing(connection)
            known = deployment.said(connection, deployment.FILES_MARK) if standing != Standing.behind else None
        lacks += {Standing.behind: ["migrations"], Standing.too_far: ["release"]}.get(standing, [])
        if standing != Standing.behind and not files_folder.is_in_place(known):
            lacks.append("files")
        for lane, at in beats.last_seen().items():
            lanes[lane] = round((clock.now() - at).total_seconds()) if at else None
            if at is None or clock.now() - at > timedelta(seconds=WORKER_SILENCE_S):
                lacks.append(f"lane:{lane}")
    except Exception as error:
        if not db.is_unusable(error):
            log.warning("not ready: %s", type(error).__name__)
        lacks.append("database")
    db.let_go()
    found = Readiness(list(dict.fromkeys(lacks)), lanes, standing)
    _say_changes(found.lacks)
    return found


def _say_changes(lacks: list[str]) -> None:
    """Who asks does so every second: the log hears of what changed."""
    before = current_app.extensions.get("lacks", [])
    current_app.extensions["lacks"] = lacks
    if lacks != before:
        log.warning("not ready for want of: %s", ", ".join(lacks)) if lacks else log.warning("ready again")


def _writing(connection: Connection) -> Iterator[str]:
    """"read_only" or "locked" where nothing can be written now."""
    if connection.dialect.name != "sqlite":
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {LOOK_MS}")
        if connection.scalar(text("SELECT pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on'")):
            yield "read_only"
        return
    try:
        with db.hurrying(connection, LOOK_MS):
            connection.execution_options(writes=True).begin().rollback()
    except db.OperationalError as error:
        if "locked" not in db.why(error) and "readonly" not in db.why(error):
            raise
        yield "locked" if "locked" in db.why(error) else "read_only"


def _disks() -> Iterator[str]:
    """"disk" where a disk that is written to has less than DISK_FREE_BYTES."""
    for place in (files_folder.root(), db.file_of(current_app.config["DATABASE_URL"])):
        if place is not None and not disk.has_room(place):
            yield "disk"


def bound(host: str, port: int) -> socket.socket:
    """A socket of its own, for the processes that are forked from this one. Another process of ours that takes this
    one's place may have it meanwhile too. OSError where it cannot be had."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        listener.bind((host, port))
        listener.listen(64)
    except OSError:
        listener.close()
        raise
    return listener


def answer_beside(app: Flask, listener: socket.socket) -> None:
    """Answer on this socket in threads of their own, as long as this process lives."""
    class Answering(BaseHTTPRequestHandler):
        timeout = 5
        server_version, sys_version = "portal", ""

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if path == "/healthz":
                self._say(200, ALIVE)
            elif path == "/readyz":
                with app.test_request_context("/readyz"):
                    said, status = look().said()
                self._say(status, said)
            else:
                self._say(404, {"status": "unknown"})

        def _say(self, status: int, said: dict[str, Any]) -> None:
            body = app.json.dumps(said).encode() + b"\n"
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Who asks every second is not worth a line."""

    server = ThreadingHTTPServer(listener.getsockname()[:2], Answering, bind_and_activate=False)
    server.daemon_threads = True
    server.socket.close()
    server.socket = listener
    threading.Thread(target=server.serve_forever, name="health", daemon=True).start()


def init_app(app: Flask) -> None:
    @app.get("/healthz")
    def healthz() -> Response:
        """Alive: this process answers."""
        return jsonify(ALIVE)

    @app.get("/readyz")
    def readyz() -> tuple[Response, int]:
        """Ready: see `look`."""
        said, status = look().said()
        return jsonify(said), status

    healthz.guard = readyz.guard = "anyone"  # type: ignore[attr-defined]
