"""The reference client, a real process against a real server: stopped anywhere, nothing is lost or counted twice."""
import base64
import json
import os
import runpy
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.serving import make_server

from portal.intake import sheets
from portal.intake.models import ProgressBatch
from portal.kit.db import session, transaction
from portal.people import keys
from portal.progress.models import ProgressRecord, ProgressStep
from tests import make

ROOT = Path(__file__).parents[2]
CLIENT, EXAMPLE = ROOT / "tools" / "push_progress.py", ROOT / "docs" / "example-export" / "dossiers.csv"
TAKEN, REJECTED, WRONG, REFUSED, UNREACHED = 0, 1, 2, 3, 4
AT = "2026-11-19T09:00:00+07:00"


class Line:
    """The line between the two. `trouble` gets each request's number and may answer instead of the portal."""

    def __init__(self, app: Flask) -> None:
        self.app, self.seen, self.lock = app.wsgi_app, 0, threading.Lock()
        self.trouble: Callable[[int], str | None] = lambda _n: None
        self.answered: list[str] = []

    def __call__(self, environ: Any, start_response: Any) -> Any:
        with self.lock:
            self.seen += 1
            trouble = self.trouble(self.seen)
        if trouble and trouble != "lost":
            environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
            start_response(trouble, [("Content-Length", "0"), ("Retry-After", "0")])
            return [b""]
        answer = self.app(environ, start_response)
        if trouble == "lost":  # the portal has committed, its answer never arrives
            answer.close()
            raise ConnectionAbortedError
        self.answered.append(environ["HTTP_IDEMPOTENCY_KEY"])
        return answer


class World:
    """A portal that listens, a folder of exports, and the client."""

    def __init__(self, app: Flask, folder: Path, line: Line, port: int, secret: str) -> None:
        self.app, self.folder, self.line, self.secret = app, folder, line, secret
        self.url = f"http://127.0.0.1:{port}"

    def start(self, *words: str, key: str | None = None, **variables: str) -> subprocess.Popen[str]:
        environment = {"PATH": os.environ["PATH"], "PORTAL_KEY": self.secret if key is None else key} | variables
        return subprocess.Popen([sys.executable, CLIENT, self.folder, "--url", self.url, *words], text=True,
                                env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def run(self, *words: str, **more: Any) -> tuple[int, str]:
        with self.start(*words, **more) as process:
            out, err = process.communicate(timeout=120)
        assert "Traceback" not in err and self.secret not in out + err, err
        return process.returncode, out + err

    def export(self, name: str, rows: int, start: int = 1, **changed: Any) -> None:
        """A file of JSON lines with so many right rows."""
        lines = [json.dumps({"code": f"H17-261119-{number:05}", "procedure": "1.001193", "status": 2, "at": AT,
                             "holder": "Nguyễn Thị Bí Mật"} | changed) for number in range(start, start + rows)]
        (self.folder / name).write_text("\n".join(lines) + "\n")

    def kept(self) -> tuple[int, int, int]:
        """How many records, steps and batches there are."""
        with self.app.app_context():
            return (session.query(ProgressRecord).count(), session.query(ProgressStep).count(),
                    session.query(ProgressBatch).count())

    def codes(self) -> set[str]:
        with self.app.app_context():
            return set(session.scalars(select(ProgressRecord.code)))


@pytest.fixture
def world(town: Flask, tmp_path: Path) -> Iterator[World]:
    with town.app_context(), transaction():
        secret = keys.issue(make.agency("H17"), ["progress"])[1]
    line, folder = Line(town), tmp_path / "exports"
    folder.mkdir()
    server = make_server("127.0.0.1", 0, line, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield World(town, folder, line, server.server_port, secret)
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_folder_is_pushed_and_the_second_run_sends_nothing(world: World) -> None:
    world.export("a.jsonl", 25)
    world.export("b.ndjson", 5, start=100)
    code, said = world.run("--size", "10")
    assert (code, world.kept()) == (TAKEN, (30, 30, 4)), said
    assert "accepted: 30" in said
    code, said = world.run("--size", "10")
    assert (code, world.line.seen) == (TAKEN, 4)
    assert "acknowledged before: 30" in said


def test_the_example_of_the_handbook_is_taken(world: World) -> None:
    shutil.copy(EXAMPLE, world.folder)
    code, said = world.run()
    assert (code, world.kept()) == (TAKEN, (2, 4, 1)), said


ROW = ("H17-261119-0001", "1.001193", "2", AT)
HEADERS = ("code", "procedure", "status", "at")


@pytest.mark.once
@pytest.mark.parametrize(("encoding", "delimiter", "above"), [
    ("utf-8", ",", ""), ("utf-8", ";", ""), ("utf-8-sig", ";", "sep=;\r\n"), ("utf-16", "\t", ""),
    ("utf-16", ";", "sep=;\r\n"), ("utf-16-be", ",", "")])
def test_a_table_is_read_as_spreadsheets_write_it(world: World, encoding: str, delimiter: str, above: str) -> None:
    rows = [(*HEADERS, "ChuHoSo"), (*ROW, "Đỗ Thị Mật"), ("",) * 5]
    text = above + "".join(delimiter.join(row) + "\r\n" for row in rows)
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    (world.folder / "XUAT.CSV").write_bytes((mark + text).encode(encoding))
    code, said = world.run()
    assert (code, world.codes()) == (TAKEN, {ROW[0]}), said


def test_the_portals_own_template_is_read_with_its_words_and_days(world: World) -> None:
    filled = {"code": "H17-261119-0001", "procedure": "1.001193", "status": "Đang xử lý", "at": "19/11/2026 09:00",
              "received_at": "18/11/2026", "due_at": "25/11/2026", "channel": "Trực tiếp", "apology": "Không"}
    lines = [[column.header["vi"] for column in sheets.COLUMNS],
             [filled.get(column.name, "") for column in sheets.COLUMNS]]
    (world.folder / "mau.csv").write_text("\ufeff" + "\n".join(";".join(line) for line in lines))
    code, said = world.run()
    assert code == TAKEN, said
    with world.app.app_context():
        record = session.scalars(select(ProgressRecord)).one()
        due = datetime(2026, 11, 25, 16, 59, 59, tzinfo=UTC)
        assert (record.status, record.channel, record.due_at) == (4, "counter", due)
        assert record.received_at == datetime(2026, 11, 17, 17, tzinfo=UTC)


def test_the_words_of_the_template_mean_what_the_portal_takes_them_for() -> None:
    client = runpy.run_path(str(CLIENT))
    assert client["HEADERS"] == {client["_plain"](column.header["vi"]): column.name for column in sheets.COLUMNS}
    for name, words in client["WORDS"].items():
        column = next(column for column in sheets.COLUMNS if column.name == name)
        assert {word: sheets.value(column, word) for word in words} == words


def test_a_table_is_pushed_with_its_numbers_and_without_what_has_no_field(world: World) -> None:
    (world.folder / "xuat.csv").write_text(
        "\ufeffcode,procedure,status,at,sequence,correction,level,channel,ChuHoSo\n"
        f'H17-261119-0001,1.001193,2,{AT},3,false,4,online,"Nguyễn Thị Bí Mật, Đà Nẵng"\n'
        f"H17-261119-0002,1.001193,5,{AT},,,,,x\n")
    code, said = world.run()
    assert code == TAKEN, said
    assert world.codes() == {"H17-261119-0001", "H17-261119-0002"}
    with world.app.app_context():
        steps = sorted((step.sequence, step.status) for step in session.query(ProgressStep))
    assert steps == [(0, 5), (3, 2)]


def test_rejected_rows_are_printed_with_their_reason_and_told_by_the_exit_code(world: World) -> None:
    world.export("a.jsonl", 3)
    world.export("b.jsonl", 2, start=50, at="2099-01-01T00:00:00Z")
    world.export("c.jsonl", 1, start=60, status="MOI")
    code, said = world.run()
    assert code == REJECTED
    assert "b.jsonl, line 2: rejected: future (at)" in said and "accepted: 3" in said and "rejected: 2" in said
    assert "c.jsonl, line 1: quarantined: status_unknown (status)" in said
    assert "Bí Mật" not in said
    code, said = world.run()
    assert (code, world.line.seen) == (REJECTED, 3), "a second run is no better than the first"
    assert "b.jsonl, line 2: rejected before: future (at)" in said and "acknowledged before: 6" in said
    world.export("b.jsonl", 2, start=50)
    code, said = world.run()
    assert code == TAKEN and "rejected" not in said, "the file was mended"


def test_what_a_crash_cut_short_is_not_remembered(world: World) -> None:
    world.export("b.jsonl", 2, at="2099-01-01T00:00:00Z")
    assert world.run()[0] == REJECTED
    place = world.folder / ".pushed"
    place.write_text(place.read_text()[:-5])
    code, said = world.run()
    assert (code, world.line.seen) == (REJECTED, 2) and "rejected: 2" in said
    assert world.run()[0] == REJECTED and world.line.seen == 2


@pytest.fixture
def pem(world: World, tmp_path: Path) -> Path:
    """A signing key as --help says to make it, its public half given to the portal."""
    place = tmp_path / "signing-key.pem"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", place], check=True, capture_output=True)
    der = subprocess.run(["openssl", "pkey", "-in", place, "-pubout", "-outform", "DER"], check=True,
                         capture_output=True).stdout
    public = base64.b64encode(der[-32:]).decode()  # tail -c 32 | base64
    with world.app.app_context(), transaction():
        found = keys.find(world.secret)
        assert found
        found.signing_key = public
    return place


def test_a_key_that_must_sign_signs(world: World, pem: Path) -> None:
    world.export("a.jsonl", 20)
    world.line.trouble = lambda n: "503 Service Unavailable" if n == 1 else None
    code, said = world.run("--size", "10", "--signing-key", str(pem))
    assert (code, world.kept()) == (TAKEN, (20, 20, 2)), said


def test_without_its_signature_it_is_refused(world: World, pem: Path, tmp_path: Path) -> None:
    world.export("a.jsonl", 1)
    code, said = world.run()
    assert (code, world.kept()) == (REFUSED, (0, 0, 0)) and "401" in said
    foreign = tmp_path / "foreign.pem"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", foreign], check=True, capture_output=True)
    code, said = world.run("--signing-key", str(foreign))
    assert (code, world.kept()) == (REFUSED, (0, 0, 0)) and "401" in said


@pytest.mark.once
def test_a_signing_key_that_is_none_is_said_before_anything_is_sent(world: World, tmp_path: Path) -> None:
    world.export("a.jsonl", 1)
    rsa = tmp_path / "rsa.pem"
    subprocess.run(["openssl", "genpkey", "-algorithm", "RSA", "-out", rsa], check=True, capture_output=True)
    for place in (tmp_path / "none.pem", rsa):
        code, said = world.run("--signing-key", str(place))
        assert (code, world.line.seen) == (WRONG, 0) and place.name in said, said
    code, said = world.run("--signing-key", str(rsa), PATH="/nowhere")
    assert (code, world.line.seen) == (WRONG, 0) and "openssl is needed" in said


def test_it_waits_out_what_passes(world: World) -> None:
    world.export("a.jsonl", 20)
    troubles = {1: "503 Service Unavailable", 2: "429 Too Many Requests", 4: "500 Internal Server Error"}
    world.line.trouble = troubles.get
    code, said = world.run("--size", "10")
    assert (code, world.kept()) == (TAKEN, (20, 20, 2)), said
    assert said.count("again in") == 3


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_answer_that_got_lost_counts_once(world: World) -> None:
    world.export("a.jsonl", 20)
    world.line.trouble = lambda n: "lost" if n in (1, 3) else None
    code, said = world.run("--size", "10")
    assert (code, world.kept()) == (TAKEN, (20, 20, 2)), said
    assert "accepted: 20" in said, "the stored answer, not another one"


def test_killed_anywhere_and_started_again_nothing_is_lost_and_nothing_counts_twice(world: World) -> None:
    world.export("a.jsonl", 60)
    world.line.trouble = lambda _n: time.sleep(0.05)
    sent = world.folder / ".pushed"
    for kills in range(1, 6):
        with world.start("--size", "2") as process:
            deadline = time.monotonic() + 30
            while world.line.seen < 4 * kills and time.monotonic() < deadline:
                time.sleep(0.005)
            process.send_signal(signal.SIGKILL)
    assert 0 < len(sent.read_text().split()) < 30
    with sent.open("a") as file:
        file.write("0123torn")
    code, said = world.run("--size", "2")
    assert code == TAKEN, said
    assert world.kept() == (60, 60, 30)
    assert world.codes() == {f"H17-261119-{number:05}" for number in range(1, 61)}
    assert set(sent.read_text().split()) >= set(world.line.answered)
    before = world.line.seen
    assert world.run("--size", "2")[0] == TAKEN
    assert world.line.seen == before


def test_the_same_batch_from_eight_hands_at_once_is_one(world: World) -> None:
    world.export("a.jsonl", 40)
    runs = [world.start("--state", str(world.folder / f".state-{n}")) for n in range(8)]
    said = {process.communicate(timeout=60)[0] for process in runs}
    assert {process.returncode for process in runs} == {TAKEN}
    assert len(said) == 1 and world.kept() == (40, 40, 1)


def test_a_polite_stop_ends_at_once_and_can_go_on(world: World) -> None:
    world.export("a.jsonl", 20)
    world.line.trouble = lambda _n: time.sleep(0.1)
    with world.start("--size", "1") as process:
        while world.line.seen < 3:
            time.sleep(0.005)
        process.send_signal(signal.SIGTERM)
        _out, err = process.communicate(timeout=20)
    assert process.returncode == UNREACHED and "start again" in err and "Traceback" not in err
    assert world.run("--size", "1")[0] == TAKEN
    assert world.kept() == (20, 20, 20)


def test_a_dry_run_sends_nothing_and_needs_no_key(world: World) -> None:
    world.export("a.jsonl", 3)
    code, said = world.run("--dry-run", key="")
    assert (code, world.line.seen) == (TAKEN, 0)
    assert "would be sent: 3" in said and not (world.folder / ".pushed").exists()


def test_a_wrong_key_ends_at_once(world: World) -> None:
    world.export("a.jsonl", 3)
    code, said = world.run(key="dvc_wrong")
    assert (code, world.line.seen) == (REFUSED, 1)
    assert "401" in said


def test_the_key_may_be_in_a_file(world: World, tmp_path: Path) -> None:
    world.export("a.jsonl", 3)
    (tmp_path / "key").write_text(world.secret + "\n")
    assert world.run("--key-file", str(tmp_path / "key"), key="")[0] == TAKEN


@pytest.mark.once
@pytest.mark.parametrize("words", [
    ("--url", "http://portal.example"), ("--url", "ftp://portal.example"), ("--size", "0"), ("--size", "1001"),
    ("--key-file", "/nowhere"), ("--key", "secret"), ("--state", "/nowhere/state")])
def test_wrong_words_are_said(world: World, words: tuple[str, ...]) -> None:
    world.export("a.jsonl", 1)
    code, said = world.run(*words)
    assert code == WRONG and said.strip()


@pytest.mark.once
@pytest.mark.parametrize(("name", "content"), [
    ("a.csv", b"ma,ten\n1,2\n"), ("a.csv", "code\nĐà".encode("cp1258", "ignore")), ("a.jsonl", b"{}\n[1]\n"),
    ("a.jsonl", b"x\n"), ("a.txt", b"")])
def test_a_file_that_is_no_export_is_said_by_its_name(world: World, name: str, content: bytes) -> None:
    (world.folder / name).write_bytes(content)
    code, said = world.run()
    assert (code, world.line.seen) == (WRONG, 0)
    assert name in said or "no .csv" in said


@pytest.mark.once
def test_nobody_there_is_told_by_the_exit_code(world: World) -> None:
    world.export("a.jsonl", 1)
    code, said = world.run("--url", "http://127.0.0.1:1", "--tries", "2")
    assert code == UNREACHED and "could not be reached" in said


@pytest.mark.once
def test_a_redirect_does_not_take_the_key_elsewhere(world: World) -> None:
    world.export("a.jsonl", 1)
    world.line.trouble = lambda _n: "302 Found"
    code, said = world.run()
    assert (code, world.line.seen) == (REFUSED, 1), said
