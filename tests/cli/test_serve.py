"""`flask serve`: what stops it before it starts, and a whole life of it in a process of its own."""
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import ProgrammingError

from portal.cli import serve
from portal.kit.db import session
from portal.oversight.models import ReportTemplate
from portal.oversight.rankings import definitions
from portal.oversight.reports import templates

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.once


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize("port", ["abc", "0", "65536", "-1", "80 "])
def test_a_port_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, port: str) -> None:
    monkeypatch.setenv("PORT", port)
    with pytest.raises(click.ClickException, match="PORT must be a number"):
        serve.address()


def test_without_settings_it_listens_on_this_machine_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "")
    monkeypatch.setenv("HOST", "")
    assert serve.address() == ("127.0.0.1", 8000)


def test_a_port_in_use_is_said_before_anything_is_loaded() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(click.ClickException, match=rf"port {port}.*\n.*running already"):
            serve.listening("127.0.0.1", port)
        with pytest.raises(click.ClickException, match="PORTAL_HEALTH_PORT"):
            serve.check_health_port("127.0.0.1", port)
    serve.listening("127.0.0.1", port).close()


class NoRight(Exception):
    """As the driver of PostgreSQL says it."""

    sqlstate = "42501"


def test_a_role_that_may_not_migrate_is_told_what_it_needs(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_app: Flask) -> None:
        raise ProgrammingError("CREATE TABLE x", {}, NoRight("permission denied for schema public"))
    monkeypatch.setattr(serve, "upgrade_to_head", refused)
    with pytest.raises(click.ClickException, match="permission denied for schema public") as told:
        serve.prepare(app)
    assert "REASSIGN OWNED" in told.value.message


def test_a_mistake_in_a_migration_is_no_matter_of_rights(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(_app: Flask) -> None:
        raise ProgrammingError("SELECT y", {}, Exception("no such column"))
    monkeypatch.setattr(serve, "upgrade_to_head", wrong)
    with pytest.raises(ProgrammingError):
        serve.prepare(app)


def test_on_a_database_of_a_later_release_no_fact_of_this_one_is_brought_in(
        app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[Flask] = []
    monkeypatch.setattr(serve, "load", loaded.append)
    monkeypatch.setattr(serve, "warm", lambda: None)
    for is_ours, expected in ((False, []), (True, [app])):
        monkeypatch.setattr(serve, "upgrade_to_head", lambda _app, is_ours=is_ours: is_ours)
        serve.prepare(app)
        assert loaded == expected


def test_a_release_brings_what_reports_ask_and_how_indices_are_made(
        app: Flask, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(serve.catalogue, "is_loaded", lambda: True)
    monkeypatch.setattr(serve.catalogue_now, "edition", lambda: "2026.1")
    shipped = f"{len(templates.shipped())} templates of reports and {len(definitions.shipped())} definitions of indices"
    serve.load(app)
    assert shipped in capsys.readouterr().out
    assert session.scalar(select(func.count(ReportTemplate.id))) == len(templates.shipped())
    serve.load(app)
    assert capsys.readouterr().out == "", "what is there stays"


def test_a_log_gets_a_line_for_each_part_and_quarter(capsys: pytest.CaptureFixture[str]) -> None:
    bar = serve.Bar()
    for done in range(101):
        bar(done, 100, "dossiers")
    assert capsys.readouterr().out.split() == [
        "0%", "dossiers", "25%", "dossiers", "50%", "dossiers", "75%", "dossiers", "100%", "dossiers"]


@pytest.mark.parametrize("words", [("people", "issue-key", "H17", "--scope", "progress"), ("serve",), ("work",)])
def test_a_missing_secret_is_one_line_and_says_the_way_out(words: tuple[str, ...]) -> None:
    without = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    done = subprocess.run([sys.executable, "-m", "flask", "--app", "portal", *words], cwd=ROOT, env=without,
                          capture_output=True, text=True, check=False)
    assert done.returncode == 1 and done.stdout == ""
    [line] = done.stderr.splitlines()
    assert "PORTAL_SECRET_KEY" in line and "tools/portal.sh" in line


CHILDREN = """
import os, signal, time
from portal.cli import children
def deaf():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print("up", os.getpid(), flush=True)
    time.sleep(60)
def mild():
    print("up", os.getpid(), flush=True)
    time.sleep(60)
"""


def run_python(code: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)


def is_gone(pid: int) -> bool:
    """No such process, or only its entry waiting to be collected."""
    try:
        return "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):  # the second where it went between opening and reading
        return True


def wait_until_gone(pid: int) -> bool:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and not is_gone(pid):
        time.sleep(0.05)
    return is_gone(pid)


def test_a_child_that_does_not_listen_is_killed() -> None:
    code = CHILDREN + "c = children.start('deaf', deaf); time.sleep(0.5); children.stop([c])"
    code += "; print(c.lives())"
    with run_python(code) as parent:
        out, _ = parent.communicate(timeout=20)
    assert out.split()[2] == "False"
    assert is_gone(int(out.split()[1]))


def test_a_child_ends_when_its_parent_is_killed() -> None:
    code = CHILDREN + "children.start('mild', mild); time.sleep(60)"
    with run_python(code) as parent:
        assert parent.stdout
        child = int(parent.stdout.readline().split()[1])
        parent.kill()
    assert wait_until_gone(child)


def read(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PORTAL_", "PYTEST_"))}
    return kept | {"PORT": str(free_port()), "PORTAL_HEALTH_PORT": str(free_port()), "HOST": "127.0.0.1",
                   "PORTAL_SECRET_KEY": "of-this-test-only, and of no other one", "PORTAL_INSECURE_HTTP": "1",
                   "PORTAL_DATABASE_URL": f"sqlite:///{tmp_path}/new/portal.sqlite",
                   "PORTAL_FILES_FOLDER": str(tmp_path / "files"), "PYTHONUNBUFFERED": "1"}


def started(environment: dict[str, str]) -> tuple[subprocess.Popen[str], list[str]]:
    """`flask serve` in its own process group, and what it said until it was ready."""
    process = subprocess.Popen([sys.executable, "-m", "flask", "--app", "portal", "serve"], cwd=ROOT,
                               env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                               start_new_session=True)
    said: list[str] = []
    assert process.stdout
    for line in process.stdout:
        said.append(line)
        if line.startswith("Ready"):
            return process, said
    pytest.fail("".join(said))


@pytest.fixture
def life(environment: dict[str, str]) -> Iterator[tuple[dict[str, str], subprocess.Popen[str], list[str]]]:
    process, said = started(environment)
    yield environment, process, said
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


@contextmanager
def wedged(port: str) -> Iterator[None]:
    """Requests that begin and do not end, more than there are threads."""
    lines = []
    for _ in range(40):
        line = socket.create_connection(("127.0.0.1", int(port)))
        line.sendall(b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n"
                     b"Content-Type: application/x-www-form-urlencoded\r\n\r\na=")
        lines.append(line)
    time.sleep(0.5)
    try:
        yield
    finally:
        for line in lines:
            line.close()


def lanes_of(pid: int) -> set[int]:
    """The children of serve other than the web server, and the web server's own: all that begin anew."""
    def under(of: int) -> list[int]:
        return [int(word) for word in Path(f"/proc/{of}/task/{of}/children").read_text().split()]
    children = under(pid)
    return {*children[1:], *under(children[0])}


def test_a_life_without_demonstration(life: tuple[dict[str, str], subprocess.Popen[str], list[str]]) -> None:
    environment, process, said = life
    home = f"http://127.0.0.1:{environment['PORT']}"
    assert not [line for line in said if "sign-ins" in line], "a production start has no default account"
    assert read(home + "/")[0] == 200
    with urllib.request.urlopen(home + "/", timeout=10) as answer:
        assert "Server" not in answer.headers, "nobody but an attacker asks what answers"
    assert read(home + "/healthz") == (200, '{"status":"ok"}\n')
    deadline = time.monotonic() + 10
    while not (ready := json.loads(read(home + "/readyz")[1]))["worker"] and time.monotonic() < deadline:
        time.sleep(0.2)
    assert (ready["status"], ready["database"], ready["worker"], ready["release"]) == ("ok", True, True, "here"), ready

    beside = f"http://127.0.0.1:{environment['PORTAL_HEALTH_PORT']}"
    assert read(beside + "/healthz")[0] == 200 and json.loads(read(beside + "/readyz")[1])["status"] == "ok"
    with wedged(environment["PORT"]):
        assert read(beside + "/healthz")[0] == 200, "while every thread waits"
    second = subprocess.run([sys.executable, "-m", "flask", "--app", "portal", "serve"], cwd=ROOT, check=False,
                            env=environment | {"PORTAL_HEALTH_PORT": "0"}, capture_output=True, text=True)
    assert second.returncode == 1 and "running already" in second.stderr and second.stdout == "", "one worker"
    before = lanes_of(process.pid)
    process.send_signal(signal.SIGHUP)
    deadline = time.monotonic() + 20
    while ((now := lanes_of(process.pid)) & before or len(now) < len(before)) and time.monotonic() < deadline:
        assert read(home + "/services")[0] == 200, "nothing is cut"
    assert not now & before and process.poll() is None

    began = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    out, _ = process.communicate(timeout=10)
    assert process.returncode == 0
    said_last = [line for line in out.split("\n") if not line.startswith("{")]  # forms without a token are noted
    assert said_last == ["Beginning anew, one process after the other", "", "Stopping", ""], "no tracebacks"
    assert time.monotonic() - began < 5.5

    again, said_again = started(environment)
    assert not [line for line in said_again if "First start" in line]
    again.send_signal(signal.SIGTERM)
    again.communicate(timeout=10)
    assert again.returncode == 0


def test_the_secret_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    script = f'. "{ROOT}/tools/environment.sh"; printf %s "$PORTAL_SECRET_KEY"'
    bare = {"PATH": os.environ["PATH"]}
    keys = [subprocess.run(["sh", "-euc", script], cwd=tmp_path, env=bare, check=True, capture_output=True,
                           text=True).stdout for _ in range(2)]
    assert keys[0] == keys[1] and len(keys[0]) == 65
    assert stat.S_IMODE((tmp_path / "var" / "secret-key").stat().st_mode) == 0o600
