"""Public pages over HTTP against the bare route; the officers' queue; what a visit weighs; how long a start takes."""
import gzip
import re
import subprocess
import sys
import time
from collections.abc import Callable
from statistics import median
from urllib.parse import quote

from flask import Flask
from sqlalchemy import select

from portal.dossiers import queries as dossiers
from portal.dossiers import queues
from portal.dossiers.models import OPEN, Dossier
from portal.kit.db import session
from portal.people.permissions import Place
from tests.bench.measuring import Row, Size, in_turn, ratio
from tests.bench.server import Load, Server

MOST_PATHS = 500
MOST_CPU = 2.0  # times that of the bare route
WORDS = ("đăng ký khai sinh", "dang ky ket hon", "cấp đổi giấy phép lái xe", "1.001193", "hộ kinh doanh", "đất đai",
         "chung thuc ban sao", "thuong tru", "xây dựng", "hộ chiếu")
IMPORT = "import time; from portal import create_app; create_app('config.Testing'); print(time.process_time())"


def public(server: Server, codes: list[str], size: Size, on: str) -> list[Row]:
    """The page of one dossier: written anew, whole for who has a cookie, and not modified; a page of results.

    With a cookie the frame is written too. Nothing is kept in the process: hot pages are the proxy's (proxied.py)."""
    step = max(len(codes) // MOST_PATHS, 1)
    some = codes[::step][:MOST_PATHS]
    finished = [code for n, code in enumerate(codes) if n % 10 in (0, 1, 9)][:200]  # their pages stand still
    tagged = [server.request(f"/progress/{code}", **{"If-None-Match": server.get(f"/progress/{code}")[1]["etag"]})
              for code in finished]
    asked: dict[str, tuple[list[str], str]] = {
        "bare": ([server.request(f"/bare/progress/{code}") for code in some], "200"),
        "page": ([server.request(f"/progress/{code}") for code in some], "200"),
        "cookie": ([server.request(f"/progress/{code}", Cookie="any=1") for code in some], "200"),
        "not modified": (tagged, "304"),
        "search page": ([server.request(f"/services?q={quote(q)}") for q in WORDS], "200"),
    }
    loads: dict[str, list[Load]] = {name: [] for name in asked}

    def turn(name: str) -> Callable[[], float]:
        def go() -> float:
            requests, status = asked[name]
            loads[name].append(server.load(requests, size.seconds, status))
            return loads[name][-1].per_second
        return go

    server.get("/services?q=x")  # builds the catalogue in memory, which `make run` does before it serves
    for requests, status in asked.values():  # warm: statements, templates, pages of the database
        server.load(requests, 0.5, status)
    series = in_turn({name: turn(name) for name in asked}, size.rounds)
    base = loads["bare"]

    def row(what: str, name: str, goal: float | None) -> Row:
        own = loads[name]
        cpu = median(o.cpu_ms / b.cpu_ms for b, o in zip(base, own, strict=True))
        return Row(f"{what}, {on}", _figures(own), _figures(base),
                   f"CPU {cpu:.2f} x ({ratio(series, name, 'bare'):.2f} of the requests)",
                   f"CPU <= {goal:.1f} x" if goal else "", cpu <= goal if goal else None)

    return [row(f"progress page written anew, {len(some)} of {len(codes):,}", "page", MOST_CPU),
            row("the same with a cookie", "cookie", None),
            row("the same, not modified (304)", "not modified", None),
            row("page /services?q=", "search page", None)]


def _figures(loads: list[Load]) -> str:
    return (f"{median(x.per_second for x in loads):,.0f}/s, {median(x.cpu_ms for x in loads):.2f} ms CPU, "
            f"p99 {median(x.p99_ms for x in loads):.0f} ms")


def queue(app: Flask, agency_id: int, size: Size, on: str) -> list[Row]:
    """The first page of an agency's queue against one deep in it."""
    with app.app_context():
        last = session.execute(select(*queues.ORDER).where(Dossier.agency_id == agency_id, OPEN)
                               .order_by(*queues.ORDER).offset((size.page - 1) * dossiers.PAGE - 1).limit(1)).one()

    def read(after: queues.After | None) -> Callable[[], float]:
        def go() -> float:
            start = time.perf_counter()
            for _ in range(10):
                with app.app_context():
                    page = queues.queue(Place(agency_id), after=after)
                    assert len(page.rows) == dossiers.PAGE
            return (time.perf_counter() - start) * 100
        return go

    first, deep = read(None), read(queues.After(*last))
    first(), deep()
    series = in_turn({"first": first, "deep": deep}, size.rounds)
    got = ratio(series, "deep", "first")
    return [Row(f"officers' queue of {size.dossiers:,}, page {size.page:,} against 1, {on}",
                f"{median(series['deep']):.1f} ms", f"{median(series['first']):.1f} ms", f"{got:.2f}", "<= 1.20",
                got <= 1.2)]


def tabs(app: Flask, agency_id: int, size: Size, on: str) -> list[Row]:
    """Counting what stands in each tab over the queue, against reading its first page."""
    def timed(read: Callable[[], object]) -> Callable[[], float]:
        def go() -> float:
            start = time.perf_counter()
            with app.app_context():
                read()
            return (time.perf_counter() - start) * 1000
        return go

    series = in_turn({"counts": timed(lambda: queues.queue_counts(Place(agency_id), 0)),
                      "first": timed(lambda: queues.queue(Place(agency_id)))}, size.rounds)
    return [Row(f"counting the tabs of that queue, {on}", f"{median(series['counts']):.1f} ms",
                f"{median(series['first']):.1f} ms (page 1)", f"{ratio(series, 'counts', 'first'):.1f}")]


def start_up(size: Size) -> list[Row]:
    """CPU seconds from nothing to a ready application, the interpreter's own start included."""
    def begin(program: str) -> Callable[[], float]:
        return lambda: float(subprocess.run([sys.executable, "-c", program], check=True, capture_output=True,
                                            text=True).stdout)

    series = in_turn({"portal": begin(IMPORT), "bare": begin(
        "import time; from flask import Flask; Flask('bare'); print(time.process_time())")}, size.rounds)
    got = median(series["portal"])
    return [Row("importing the application", f"{got:.2f} s CPU", f"{median(series['bare']):.2f} s CPU (Flask)",
                f"{ratio(series, 'portal', 'bare'):.1f}", "<= 1.2 s CPU", got <= 1.2)]


def weight(server: Server) -> list[Row]:
    """Bytes of a first visit to the home page and of a next page, as sent and as a compressing proxy sends them."""
    html = server.get("/")[2]
    paths = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', html.decode()))
    sheets = [server.get(path)[2] for path in paths if ".css" in path]
    for sheet in sheets:
        paths |= {f"/static/{name}" for name in re.findall(r'url\("?(?:\.\./|/static/)([^")]+)', sheet.decode())}
    by_path = {path.partition("?")[0]: path for path in paths}
    bodies = {name: server.get(path) for name, path in by_path.items()}
    if wrong := [name for name, (status, _headers, _body) in bodies.items() if status != 200]:
        raise RuntimeError(f"the home page names what is not there: {wrong}")
    parts = [("/", html), *((name, body) for name, (_status, _headers, body) in bodies.items())]
    following = server.get("/services?q=" + quote("khai sinh"))[2]
    return [*_weighed("first visit, home page", parts, 100),
            *_weighed("next page, results", [("/", following)], 25)]


def _weighed(what: str, parts: list[tuple[str, bytes]], goal: int) -> list[Row]:
    """As the portal itself sends it, and as it arrives through a proxy that compresses."""
    plain = sum(len(body) for _name, body in parts) / 1000
    packed = sum(len(body) if name.endswith((".woff2", ".png")) else min(len(gzip.compress(body, 6)), len(body))
                 for name, body in parts) / 1000
    files = f"{len(parts)} file{'s' * (len(parts) > 1)}"
    return [Row(f"{what} ({files}), as sent", f"{plain:.1f} kB", goal=f"<= {goal} kB", met=plain <= goal),
            Row("the same through a compressing proxy", f"{packed:.1f} kB", f"{plain:.1f} kB (as sent)",
                f"{packed / plain:.2f}", f"<= {goal} kB", packed <= goal)]
