"""A hub that is killed: a process of its own that bears one after the other, `python -m tests.exchange.nursery`.

Reads {"deaths", "seed"} from its input; serves at the port that it writes first. Each hub (web and worker in one
process) dies by SIGKILL: when it has come so far with something, or at any moment. The last lives until its input ends.
"""
import json
import os
import random
import signal
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from flask import Flask
from werkzeug.serving import make_server

from portal import create_app, worker
from portal.api.exchange import v1
from portal.catalogue import queries as catalogue
from portal.exchange import handing, originals, receiving, unpacking
from portal.exchange.edxml import reading as _reading  # noqa: F401  imported before the hubs are born
from portal.kit import callout, db, throttle
from portal.kit.db import session

HOST = "127.0.0.1"
ANY = "any moment"
#: where it dies: before or after this function of this module did its part, the n-th time
POINTS: dict[str, tuple[Any, str, bool]] = {
    "before its bytes are kept": (originals, "keep", False), "its bytes are kept": (originals, "keep", True),
    "it is read": (unpacking, "read_kept", True), "before it is committed": (receiving, "take", True),
    "it is committed, not answered": (receiving, "once_more", True), "fetched, not committed": (handing, "fetch", True),
    "fetched, not sent": (v1, "_bytes", False), "acknowledged, not committed": (handing, "acknowledge", True),
    "acknowledged, not answered": (v1, "acknowledge", True)}
COMES_S, ANY_S = 3.0, 0.8  # how long it is waited for that it comes there; how long one lives that dies at any moment


def die(*_args: Any, **_more: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def doomed(point: str, nth: int) -> None:
    """Let this process die when it comes there for the n-th time."""
    module, name, after = POINTS[point]
    act, left = getattr(module, name), [nth]

    def last(*args: Any, **more: Any) -> Any:
        left[0] -= 1
        if not left[0] and not after:
            die()
        found = act(*args, **more)
        if left[0] <= 0:
            die()
        return found
    setattr(module, name, last)
    if name == "acknowledge" and module is v1:
        _app.view_functions["exchange_api.acknowledge"] = _dying_view(_app.view_functions["exchange_api.acknowledge"],
                                                                      nth)


def _dying_view(view: Callable[..., Any], nth: int) -> Callable[..., Any]:
    left = [nth]

    def last(*args: Any, **more: Any) -> Any:
        found = view(*args, **more)
        left[0] -= 1
        if left[0] <= 0:
            die()
        return found
    return last


def live(app: Flask, listener: socket.socket, point: str, nth: int) -> None:
    """A hub's life in its own process."""
    if point != ANY:
        doomed(point, nth)
    threading.Thread(target=work, args=(app,), daemon=True).start()
    make_server(HOST, 0, app, threaded=True, fd=listener.fileno()).serve_forever(poll_interval=0.02)


def work(app: Flask) -> None:
    while True:
        if not worker.run_one(app):
            time.sleep(0.02)


def born(life: Callable[[], None]) -> int:
    pid = os.fork()
    if pid:
        return pid
    try:
        life()
    finally:
        os._exit(0)


def killed(pid: int, after_s: float) -> bool:
    """Whether it died by itself; else it is killed after so long."""
    until = time.monotonic() + after_s
    while time.monotonic() < until:
        if os.waitpid(pid, os.WNOHANG)[0]:
            return True
        time.sleep(0.005)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return False


_app: Flask


def main() -> None:
    global _app
    given = json.loads(sys.stdin.readline())
    dice, deaths = random.Random(given["seed"]), Counter[str]()
    callout.SCHEMES = {"http": 80}
    throttle.hit_reading = lambda *_args, **_more: None  # type: ignore[assignment]
    _app = app = create_app()
    app.config |= {"EXCHANGE_LEASE_S": 0.8, "EXCHANGE_PATIENCE_S": (0.1,) * 1000}
    with app.app_context():
        catalogue.directory()
        session.close()
        db.engine().dispose()
    listener = socket.create_server((HOST, 0))
    print(listener.getsockname()[1], flush=True)
    while deaths.total() < given["deaths"]:
        point, nth = dice.choice((*POINTS, ANY, ANY, ANY)), dice.randint(1, 3)
        life = born(lambda point=point, nth=nth: live(app, listener, point, nth))  # type: ignore[misc]
        came = killed(life, dice.uniform(0.05, ANY_S) if point == ANY else COMES_S)
        deaths[point if came else ANY] += 1
    pid = born(lambda: live(app, listener, ANY, 0))
    print(json.dumps(deaths), flush=True)
    sys.stdin.read()
    killed(pid, 0)


if __name__ == "__main__":
    main()
