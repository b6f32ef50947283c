"""Hot public pages through the shipped proxy against the bare route without one, on the same cores, by wrk."""
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from tests.bench.measuring import Row, Size, in_turn, ratio, say
from tests.bench.server import HOST, Server

ROOT = Path(__file__).parents[2]
GOAL = 10.0  # times the bare route's requests a second
CONNECTIONS = 32
_RATE = re.compile(r"Requests/sec:\s+([0-9.]+)")


@contextmanager
def proxy(portal_port: int) -> Iterator[int]:
    """The shipped proxy before a running portal; its port."""
    with socket.create_server((HOST, 0)) as probe:
        port = int(probe.getsockname()[1])
    with tempfile.TemporaryDirectory(prefix="portal-proxy-") as folder:
        running = subprocess.Popen([ROOT / "tools" / "proxy.sh", folder, f"{HOST}:{port}", f"{HOST}:{portal_port}"])
        try:
            for _ in range(100):
                try:
                    socket.create_connection((HOST, port), 1).close()
                    break
                except OSError:
                    time.sleep(0.1)
            yield port
        finally:
            running.terminate()
            running.wait(10)


def hot(server: Server, codes: list[str], size: Size, on: str) -> list[Row]:
    """The page of one dossier and the nation's, kept by the proxy. Nothing where wrk or nginx is missing."""
    if not shutil.which("wrk") or not (shutil.which("nginx") or Path("/usr/sbin/nginx").exists()):
        say("no wrk or no nginx here: the lines of the proxy are missing (apt-get install wrk nginx-light)")
        return []
    with proxy(server.port) as port:
        code = codes[len(codes) // 2]
        asked = {"bare": f"http://{HOST}:{server.port}/bare/progress/{code}",
                 "one dossier": f"http://{HOST}:{port}/progress/{code}", "the country": f"http://{HOST}:{port}/progress",
                 "the home page": f"http://{HOST}:{port}/"}
        for url in asked.values():
            _per_second(url, 0.5)
        series = in_turn({name: _turn(url, size.seconds) for name, url in asked.items()}, size.rounds)
    return [Row(f"{name}, kept by the shipped proxy, {on}", f"{median(series[name]):,.0f}/s",
                f"{median(series['bare']):,.0f}/s (bare route)", f"{ratio(series, name, 'bare'):.1f} x",
                f">= {GOAL:.0f} x", ratio(series, name, "bare") >= GOAL) for name in asked if name != "bare"]


def _turn(url: str, seconds: float) -> Callable[[], float]:
    return lambda: _per_second(url, seconds)


def _per_second(url: str, seconds: float) -> float:
    told = subprocess.run(["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{max(round(seconds), 1)}s", url],
                          check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in told:
        raise RuntimeError(f"{url}: {told}")
    found = _RATE.search(told)
    assert found
    return float(found[1])
