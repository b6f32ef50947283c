"""The shipped proxy as it is shipped: nginx with tools/proxy/portal.conf before the portal itself."""
import gzip
import http.client
import os
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, jsonify, request
from werkzeug.serving import make_server

from portal.kit.web import takes
from tests import make
from tests.conftest import Databases, bound, open_house

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.once, pytest.mark.proxy]


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Front:
    """The proxy, and how often the portal behind it was asked for each path."""

    port: int
    asked: list[str]
    folder: Path

    def get(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            line.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
            answer = line.getresponse()
            headers = {name.lower(): answer.headers.get_all(name) or [] for name in answer.headers}
            return Answer(answer.status, {name: ", ".join(each) for name, each in headers.items()}, answer.read())
        finally:
            line.close()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _echo(app: Flask) -> None:
    @app.post("/echo")
    @takes(60_000_000)  # a stranger's body is bounded further in otherwise: here it is the proxy's bound that is proven
    def echo() -> Any:
        return jsonify(size=len(request.get_data()), asker=request.remote_addr, secure=request.is_secure,
                       host=request.host)

    echo.guard = "anyone"  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def front(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    folder = tmp_path_factory.mktemp("front")
    port, asked = _free_port(), list[str]()
    app = open_house(databases.copy("proxied"), folder, TRUSTED_PROXIES=1, TRUSTED_HOSTS=["127.0.0.1"])
    _echo(app)
    inside = app.wsgi_app

    def noted(environ: dict[str, Any], start: Any) -> Any:
        asked.append(environ["PATH_INFO"])
        return inside(environ, start)

    app.wsgi_app = noted  # type: ignore[method-assign, assignment]
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    running = subprocess.Popen([ROOT / "tools" / "proxy.sh", str(folder / "proxy"), f"127.0.0.1:{port}",
                                f"127.0.0.1:{server.server_port}"], cwd=ROOT, env=os.environ)
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            break
        except OSError:
            time.sleep(0.1)
    with bound(app), app.app_context():
        yield Front(port, asked, folder / "proxy")
    running.terminate()
    running.wait(10)
    server.shutdown()
    thread.join(10)
    server.server_close()
    app.extensions["engine"].dispose()


def test_a_public_page_is_asked_for_once_and_shown_to_everybody(front: Front) -> None:
    front.asked.clear()
    first, second = front.get("/about"), front.get("/about")
    assert first.status == second.status == 200 and first.body == second.body
    assert front.asked.count("/about") == 1
    assert first.headers["content-security-policy"] == second.headers["content-security-policy"]


def test_the_address_with_its_question_and_the_language_are_another_page(front: Front) -> None:
    front.asked.clear()
    bodies = {front.get(path).body for path in ("/services?q=khai", "/services?q=ket+hon", "/en/services?q=khai")}
    assert len(bodies) == 3 and len(front.asked) == 3


def test_who_brings_a_cookie_sees_nothing_kept_and_leaves_nothing(front: Front) -> None:
    front.asked.clear()
    for _ in range(2):
        answer = front.get("/verify", Cookie="portal=anything")
        assert answer.headers["cache-control"] == "no-store"
    assert front.asked.count("/verify") == 2
    plain = front.get("/verify")
    assert plain.status == 200 and front.asked.count("/verify") == 3, "what the cookie brought was kept"


def test_pages_of_somebody_are_never_kept(front: Front) -> None:
    front.asked.clear()
    for _ in range(2):
        assert front.get("/my/dossiers").status in (302, 303, 401)
    assert front.asked.count("/my/dossiers") == 2


def test_not_modified_is_answered_without_the_portal(front: Front) -> None:
    tag = front.get("/about").headers["etag"]
    front.asked.clear()
    answer = front.get("/about", If_None_Match=tag)
    assert (answer.status, answer.body, front.asked) == (304, b"", [])


def test_a_kept_page_is_fetched_anew_after_its_time(front: Front) -> None:
    code = make.dossier("received").code
    front.get(f"/progress/{code}")
    front.asked.clear()
    assert front.get(f"/progress/{code}").status == 200 and front.asked == []
    deadline = time.monotonic() + 15
    while front.asked == [] and time.monotonic() < deadline:
        time.sleep(0.5)
        front.get(f"/progress/{code}")
    assert front.asked == [f"/progress/{code}"]


def test_pages_are_compressed_and_the_same_inside(front: Front) -> None:
    plain, packed = front.get("/about"), front.get("/about", Accept_Encoding="gzip")
    assert packed.headers["content-encoding"] == "gzip" and gzip.decompress(packed.body) == plain.body
    assert len(packed.body) < len(plain.body) / 2 and "Accept-Encoding" in packed.headers["vary"]


def test_what_is_personal_is_not_compressed(front: Front) -> None:
    answer = front.get("/about", Accept_Encoding="gzip", Cookie="portal=anything")
    assert answer.status == 200 and "content-encoding" not in answer.headers


def test_static_files_are_kept_whoever_asks(front: Front) -> None:
    front.asked.clear()
    path = "/static/css/portal.css?v=1"
    answers = [front.get(path, Cookie="portal=anything"), front.get(path)]
    assert {a.status for a in answers} == {200} and front.asked.count("/static/css/portal.css") == 1
    assert "immutable" in answers[1].headers["cache-control"]


def test_the_portal_believes_the_proxy_and_nobody_before_it(front: Front) -> None:
    answer = front.get("/echo", "POST", b"{}", X_Forwarded_For="203.0.113.9", X_Forwarded_Proto="https",
                       Forwarded="for=203.0.113.9;host=evil.example", X_Forwarded_Host="evil.example")
    assert answer.status == 200, answer.body
    assert b'"asker":"127.0.0.1"' in answer.body and b'"secure":false' in answer.body
    assert f'"host":"127.0.0.1:{front.port}"'.encode() in answer.body


def test_a_forged_host_is_refused_and_never_kept(front: Front) -> None:
    assert front.get("/about", Host="evil.example").status == 400
    assert front.get("/about").status == 200


def test_bodies_of_fifty_megabytes_pass_and_larger_ones_are_refused_by_name(front: Front) -> None:
    assert front.get("/echo", "POST", b"x" * 50_000_000).status == 200
    line = socket.create_connection(("127.0.0.1", front.port))
    line.sendall(f"POST /echo HTTP/1.1\r\nHost: 127.0.0.1:{front.port}\r\nContent-Length: 63000000\r\n\r\n".encode())
    assert b" 413 " in line.recv(4096)
    line.close()


def test_a_slow_client_waits_in_the_proxy(front: Front) -> None:
    front.asked.clear()
    line = socket.create_connection(("127.0.0.1", front.port))
    line.sendall(f"POST /echo HTTP/1.1\r\nHost: 127.0.0.1:{front.port}\r\nContent-Length: 10\r\n\r\nhalf".encode())
    time.sleep(0.5)
    assert front.asked == [], "the portal was given half a body to wait for"
    line.sendall(b"of it!")
    assert b"200 OK" in line.recv(4096) and front.asked == ["/echo"]
    line.close()


def test_the_log_names_neither_who_asked_nor_what_was_typed(front: Front) -> None:
    front.get("/services?q=Nguy%E1%BB%85n+V%C4%83n+An")
    time.sleep(0.2)
    logged = (front.folder / "access.log").read_text()
    assert "/services" in logged and "Nguy" not in logged and "127.0.0.1" not in logged
