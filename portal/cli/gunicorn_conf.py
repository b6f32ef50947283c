"""The web server's settings: for `flask serve`, and for a server of one's own:
`gunicorn -c python:portal.cli.gunicorn_conf 'portal:create_app()'`.

Threads wait for the database, processes use the cores; WEB_CONCURRENCY is one process a core, as a rule.
"""
import ctypes
import os
import socket
from pathlib import Path
from typing import Any

from click import ClickException
from gunicorn.http.wsgi import Response

from portal.cli.starting import refuse_invented_people
from portal.kit import health

_host, _port = os.environ.get("HOST") or "127.0.0.1", os.environ.get("PORT") or "8000"
if _port.isdecimal() and not 0 < int(_port) < 65536:
    raise RuntimeError(f"PORT must be a number from 1 to 65535, not {_port!r}.")
bind = f"[{_host}]:{_port}" if ":" in _host else f"{_host}:{_port}"
worker_class = "gthread"
_processes = os.environ.get("WEB_CONCURRENCY") or "2"
workers = int(_processes) if _processes.isdecimal() else 2  # what is no number is refused with the other settings
threads = 8
preload_app = True  # one import for all; nothing is connected before the fork
timeout = 60
graceful_timeout = 3  # seconds for answers under way when told to stop
keepalive = 5
# clients of the national axis name all receivers in a header, and once more in the one that they sign
limit_request_field_size = 32_768
loglevel = "warning"
control_socket_disable = True
# A heartbeat file on a real disk can stall a healthy process.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None
HEAPS = 2
_beside: list[socket.socket] = []  # the listener of /healthz beside all requests, of every process of this server


def when_ready(server: Any) -> None:
    """Hold the port of that listener, before the processes are forked that answer on it."""
    if (port := int(os.environ.get("PORTAL_HEALTH_PORT") or 0)) and not _beside:
        try:
            _beside.append(health.bound(_host, port))
        except OSError as error:
            server.log.warning("no listener for /healthz on port %s: %s", port, error.strerror)


def post_worker_init(worker: Any) -> None:
    """Answer there from a thread that no request keeps waiting."""
    for listener in _beside:
        health.answer_beside(worker.wsgi, listener)

# gunicorn says in each answer what it is; nobody but an attacker reads that.
_said = Response.default_headers
Response.default_headers = lambda answer: [line for line in _said(answer) if not line.startswith("Server:")]


def on_starting(server: Any) -> None:
    """Before anybody is let in. gunicorn shows a RuntimeError as one line and ends."""
    try:
        refuse_invented_people(server.app.wsgi())
    except ClickException as error:
        raise RuntimeError(error.message) from None


def post_fork(_server: Any, _worker: Any) -> None:
    """Let the threads of a process share two heaps. Each would get its own, and what it gives back stays there: a
    tenth of the memory. Only where the C library is one that has it to say."""
    if (mallopt := getattr(ctypes.CDLL(None), "mallopt", None)) is not None:
        mallopt(-8, HEAPS)  # M_ARENA_MAX of malloc.h


# Which proxy is believed is said once, by PORTAL_TRUSTED_PROXIES.
secure_scheme_headers: dict[str, Any] = {}
forwarder_headers = ""
