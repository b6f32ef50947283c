"""The connector of a small agency, real processes against a served portal: stopped anywhere, nothing is lost or there
twice."""
import base64
import hashlib
import importlib.util
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.serving import make_server

from portal.exchange.models import Delivery, Document, ExchangeEvent, Message
from portal.kit.db import session, transaction
from portal.people import keys
from tests import make as people
from tests.conftest import Databases, bound, open_house
from tests.exchange import make, messages
from tests.exchange.serving import started_at

ROOT = Path(__file__).parents[2]
CONNECTOR = ROOT / "tools" / "connector.py"
AGENCIES = ("H17", "H26", "G01")
DONE, REFUSED, WRONG, KEY_REFUSED, LEFT = 0, 1, 2, 3, 4


class Line:
    """The line between the two. `trouble` gets each request's number and may answer instead of the portal."""

    def __init__(self, app: Flask) -> None:
        self.app, self.seen, self.lock = app.wsgi_app, 0, threading.Lock()
        self.trouble: Callable[[int, str], str | None] = lambda _n, _path: None

    def __call__(self, environ: Any, start_response: Any) -> Any:
        with self.lock:
            self.seen += 1
            trouble = self.trouble(self.seen, environ["PATH_INFO"])
        if trouble == "lost":  # the portal has committed, its answer never arrives
            self.app(environ, lambda *_a: None).close()
            raise ConnectionAbortedError
        if trouble == "cut":  # half of the answer arrives
            said: list[Any] = []
            whole = b"".join(self.app(environ, lambda *a: said.extend(a)))
            start_response(*said)
            return [whole[:len(whole) // 2]]
        if trouble:
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            start_response(trouble, [("Content-Length", "0"), ("Retry-After", "0")])
            return [b""]
        return self.app(environ, start_response)


class Agency:
    """A folder with its connector."""

    def __init__(self, url: str, code: str, secret: str, folder: Path) -> None:
        self.url, self.code, self.secret, self.folder = url, code, secret, folder
        (folder / "outbox").mkdir(parents=True)

    def start(self, *words: str, **variables: str) -> subprocess.Popen[str]:
        environment = {"PATH": os.environ["PATH"], "EXCHANGE_KEY": self.secret, "EXCHANGE_URL": self.url} | variables
        return subprocess.Popen([sys.executable, CONNECTOR, self.folder, "--settled", "0", *words], text=True,
                                env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def run(self, *words: str, **variables: str) -> tuple[int, str]:
        with self.start("--once", *words, **variables) as process:
            out, err = process.communicate(timeout=120)
        assert "Traceback" not in err and self.secret not in out + err, err
        return process.returncode, out + err

    def put(self, said: Any, name: str | None = None) -> Path:
        """A document into the outbox, whole."""
        place = self.folder / "outbox" / (name or f"{said.code.number}.edxml")
        part = place.with_name(f".{place.name}")
        part.write_bytes(messages.xml(said))
        part.rename(place)
        return place

    def names(self, where: str, pattern: str = "*.edxml") -> list[str]:
        return sorted(one.name for one in (self.folder / where).glob(pattern))

    def digests(self, *where: str) -> list[str]:
        """Of all that lies there, also twice."""
        return sorted(hashlib.sha256(one.read_bytes()).hexdigest() for folder in where
                      for one in (self.folder / folder).glob("*.edxml"))


class World:
    """A portal that listens in this process, and its agencies."""

    def __init__(self, app: Flask, line: Line, url: str, agencies: dict[str, Agency]) -> None:
        self.app, self.line, self.url = app, line, url
        self.h17, self.h26, self.g01 = (agencies[code] for code in AGENCIES)

    def count(self, table: Any) -> int:
        with self.app.app_context():
            return session.scalar(select(func.count()).select_from(table)) or 0


def furnished(url: str, folder: Path) -> dict[str, Agency]:
    """Who takes part, each with a key and a folder. Inside an application's context."""
    secrets = {}
    make.everybody()
    for code in AGENCIES:
        with transaction():
            secrets[code] = keys.issue(people.agency(code), ["exchange"])[1]
    return {code: Agency(url, code, secret, folder / code) for code, secret in secrets.items()}


@contextmanager
def listening(app: Flask, line: Any) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, line, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def world(town: Flask, tmp_path: Path) -> Iterator[World]:
    town.config["EXCHANGE_LEASE_S"] = 0.2
    town.config["EXCHANGE_PATIENCE_S"] = (0.1,) * 50
    line = Line(town)
    with listening(town, line) as url:
        with town.app_context():
            agencies = furnished(url, tmp_path)
        yield World(town, line, url, agencies)


def test_what_lies_in_the_outbox_of_one_lies_in_the_inbox_of_the_other(world: World) -> None:
    content = world.h26.put(messages.document("H17", sender="H26", number=1)).read_bytes()
    assert world.h26.run()[0] == DONE
    assert world.h26.names("outbox") == [] and world.h26.names("sent") == ["1.edxml"]
    receipt = json.loads((world.h26.folder / "sent" / "1.edxml.receipt.json").read_text())
    assert receipt["verdict"] == "accepted" and receipt["sha256"] == hashlib.sha256(content).hexdigest()
    assert world.h17.run()[0] == DONE
    [name] = world.h17.names("inbox")
    assert (world.h17.folder / "inbox" / name).read_bytes() == content
    with world.app.app_context():
        assert session.scalars(select(Delivery)).one().state == "done"
    assert world.h17.run()[0] == DONE and world.h17.names("inbox") == [name]


def test_statuses_come_beside_the_documents_and_are_kept_in_words(world: World) -> None:
    said = messages.document("H17", "G01", sender="H26", number=2)
    world.h26.put(said)
    world.h26.run()
    world.h17.run()
    world.h17.put(messages.status(said, "03", "H17"), "da-vao-so.edxml")
    assert world.h17.run()[0] == DONE
    for known in (world.h26.folder / "sent").glob("*.states.json"):
        known.unlink()  # else asked again in ten minutes
    assert world.h26.run()[0] == DONE
    assert world.h26.names("inbox") == [] and len(world.h26.names("statuses")) == 1
    known = json.loads((world.h26.folder / "sent" / "2.edxml.states.json").read_text())
    assert {one["receiver"]: one["state"] for one in known["receivers"]} == {"H17": "registered", "G01": "sent"}


def test_what_is_refused_lies_beside_its_reason_and_holds_up_nothing(world: World) -> None:
    (world.h26.folder / "outbox" / "0.edxml").write_bytes(b"<html></html>")
    world.h26.put(messages.document("H17", sender="G01", number=3))
    world.h26.put(messages.document("H55", sender="H26", number=4))
    world.h26.put(messages.document("H17", sender="H26", number=5))
    assert world.h26.run()[0] == REFUSED
    assert world.h26.names("refused") == ["0.edxml", "3.edxml", "4.edxml"] and world.h26.names("sent") == ["5.edxml"]
    for name in world.h26.names("refused"):
        assert len((world.h26.folder / "refused" / f"{name}.txt").read_text()) > 20
    assert world.h26.run()[0] == DONE and world.count(Document) == 1


@pytest.mark.parametrize("trouble", ["503 Service Unavailable", "429 Too Many Requests", "lost"])
def test_a_line_that_fails_now_and_then_loses_and_repeats_nothing(world: World, trouble: str) -> None:
    for number in range(1, 6):
        world.h26.put(messages.document("H17", sender="H26", number=number))
    world.line.trouble = lambda n, _path: trouble if n % 3 == 1 else None
    codes = [one.run()[0] for one in (world.h26, world.h17, world.h17)]
    assert set(codes) <= {DONE, LEFT} and world.h26.names("sent") == [f"{n}.edxml" for n in range(1, 6)]
    world.line.trouble = lambda _n, _path: None
    time.sleep(0.3)
    assert world.h17.run()[0] == DONE
    assert world.h17.digests("inbox") == world.h26.digests("sent")
    assert (world.count(Document), world.count(Delivery)) == (5, 5)


def test_a_disk_that_takes_no_receipt_holds_up_nothing_else(world: World) -> None:
    """Full, read-only, broken: the file stays, the connector goes on, and in the end it was sent once."""
    for number in (1, 2):
        world.h26.put(messages.document("H17", sender="H26", number=number))
    world.h17.put(messages.document("H26", sender="H17", number=3))
    world.h17.run()
    stands_there = world.h26.folder / "sent" / ".1.edxml.receipt.json.part"
    stands_there.mkdir(parents=True)
    code, said = world.h26.run()
    assert code == LEFT and "1.edxml: not now" in said
    assert (world.h26.names("outbox"), world.h26.names("sent")) == (["1.edxml"], ["2.edxml"])
    assert len(world.h26.names("inbox")) == 1
    stands_there.rmdir()
    assert world.h26.run()[0] == DONE and world.h26.names("outbox") == [] and world.count(Document) == 3


def test_what_there_is_no_room_for_is_not_fetched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The portal would count it as a try that failed, and park it."""
    said = importlib.util.spec_from_file_location("connector", CONNECTOR)
    assert said is not None and said.loader is not None
    connector = importlib.util.module_from_spec(said)
    monkeypatch.setitem(sys.modules, "connector", connector)
    said.loader.exec_module(connector)
    monkeypatch.setattr(connector.shutil, "disk_usage", lambda _place: SimpleNamespace(free=2_000_000))
    this = connector.Round(None, connector.Folder(tmp_path), threading.Event())  # there is no portal to ask
    with pytest.raises(connector.Away, match="the disk is full"):
        this._fetch({"id": 1, "sha256": "0" * 64, "size": 1_500_000})


def test_half_a_file_never_has_a_name_in_the_inbox(world: World) -> None:
    world.h26.put(messages.document("H17", sender="H26", number=1))
    world.h26.run()
    bytes_of = lambda path: path.rpartition("/")[2].isdecimal()
    world.line.trouble = lambda _n, path: "cut" if bytes_of(path) else None
    assert world.h17.run()[0] == LEFT and world.h17.names("inbox") == []
    with world.app.app_context():
        assert session.scalars(select(Delivery)).one().state != "done"
    world.line.trouble = lambda _n, _path: None
    time.sleep(0.3)
    assert world.h17.run()[0] == DONE and world.h17.digests("inbox") == world.h26.digests("sent")


def test_a_file_that_was_taken_from_the_inbox_is_not_brought_again(world: World) -> None:
    world.h26.put(messages.document("H17", sender="H26", number=1))
    world.h26.run()
    world.line.trouble = lambda _n, path: "503 Service Unavailable" if path.endswith("/acknowledgement") else None
    assert world.h17.run()[0] == LEFT
    [name] = world.h17.names("inbox")
    (world.h17.folder / "inbox" / name).unlink()  # the agency's own system took it
    world.line.trouble = lambda _n, _path: None
    time.sleep(0.3)
    assert world.h17.run()[0] == DONE and world.h17.names("inbox") == []
    with world.app.app_context():
        assert session.scalars(select(Delivery)).one().state == "done"


def test_an_acknowledgement_that_is_refused_is_tried_once_a_round(world: World) -> None:
    world.h26.put(messages.document("H17", sender="H26", number=1))
    world.h26.run()
    world.line.trouble = lambda _n, path: "403 Forbidden" if path.endswith("/acknowledgement") else None
    assert world.h17.run()[0] == LEFT
    time.sleep(0.3)
    before = world.line.seen
    with world.h17.start("--once") as process:
        try:
            _out, said = process.communicate(timeout=20)
        finally:
            process.kill()
    assert process.returncode == LEFT and said.count("does not take the acknowledgement") == 1
    assert world.line.seen - before < 6 and len(world.h17.names("inbox")) == 1


def test_the_same_number_at_another_portal_is_another_message(world: World) -> None:
    """A folder that was tried with another portal, or whose portal was restored from a backup."""
    (world.h17.folder / ".connector").mkdir()
    stored = world.h17.folder / ".connector" / "stored"
    known = "".join(f"{n} {'0' * 64}\n" for n in range(1, 100))
    stored.write_text(f"{known}1\n2 00")  # and an older connector's line, and a torn one
    world.h26.put(messages.document("H17", sender="H26", number=1))
    world.h26.run()
    assert world.h17.run()[0] == DONE and world.h17.digests("inbox") == world.h26.digests("sent")
    assert world.h17.run()[0] == DONE and len(world.h17.names("inbox")) == 1


def test_a_file_of_a_clock_that_is_ahead_is_sent_once_nobody_writes_it(world: World) -> None:
    place = world.h26.put(messages.document("H17", sender="H26", number=1))
    whole = place.read_bytes()
    place.write_bytes(whole[:100])
    os.utime(place, (time.time() + 86_400,) * 2)
    with world.h26.start("--once", "--settled", "4") as process:
        wait_for(lambda: (world.h26.folder / ".connector" / "lock").exists())
        time.sleep(1)  # it has had its first look
        place.write_bytes(whole)
        os.utime(place, (time.time() + 86_400,) * 2)
        process.communicate(timeout=60)
        assert process.returncode == DONE and place.exists() and world.count(Message) == 0
    assert world.h26.run("--settled", "0.2")[0] == DONE and not place.exists() and world.count(Message) == 1


def test_what_may_be_written_still_is_left_alone(world: World) -> None:
    place = world.h26.put(messages.document("H17", sender="H26", number=1))
    (world.h26.folder / "outbox" / ".2.edxml").write_bytes(b"half")
    (world.h26.folder / "outbox" / "3.edxml.part").write_bytes(b"half")
    assert world.h26.run("--settled", "60")[0] == DONE and place.exists()
    assert world.h26.run()[0] == DONE and not place.exists() and world.count(Message) == 1


def test_two_documents_of_one_name_are_both_kept(world: World) -> None:
    for number in (1, 2):
        world.h26.put(messages.document("H17", sender="H26", number=number), "cong-van.edxml")
        world.h26.run()
    assert world.h26.names("sent") == ["cong-van.edxml", "cong-van~2.edxml"]


def test_one_connector_works_on_a_folder_at_a_time(world: World) -> None:
    first = world.h26.start("--every", "60")
    try:
        wait_for(lambda: (world.h26.folder / ".connector" / "lock").exists())
        wait_for(lambda: world.line.seen > 0)
        stored = world.h26.folder / ".connector" / "stored"
        stored.write_text("1 torn")  # what the first may be writing in this moment
        code, said = world.h26.run()
        assert code == WRONG and "another connector" in said and stored.read_text() == "1 torn"
    finally:
        first.send_signal(signal.SIGTERM)
        assert first.wait(20) == DONE
        first.communicate()
    assert world.h26.run()[0] == DONE  # what ended holds nothing


@pytest.mark.parametrize(("words", "variables", "code", "told"), [
    ((), {"EXCHANGE_KEY": "dvc_wrong"}, KEY_REFUSED, "the key"), ((), {"EXCHANGE_KEY": ""}, WRONG, "EXCHANGE_KEY"),
    ((), {"EXCHANGE_KEY": "hai chữ"}, WRONG, "EXCHANGE_KEY"), (("--url", "cong.vn"), {}, WRONG, "--url"),
    (("--url", "http://cong.vn"), {}, WRONG, "https"), (("--url", "http://127.0.0.1:9"), {}, LEFT, "not now"),
    (("--for", "H26"), {}, LEFT, "tham gia")])
def test_what_is_wrong_is_said_and_is_the_exit_code(world: World, words: tuple[str, ...], variables: dict[str, str],
                                                   code: int, told: str) -> None:
    got, said = world.h17.run(*words, **variables)
    assert (got, told in said) == (code, True), said


def test_the_key_may_stand_in_a_file_that_nobody_else_reads(world: World) -> None:
    place = world.h26.folder / "connector.key"
    place.write_text(world.h26.secret + "\n")
    place.chmod(0o644)
    assert "chmod 600" in world.h26.run(EXCHANGE_KEY="")[1]
    place.chmod(0o600)
    assert world.h26.run(EXCHANGE_KEY="")[0] == DONE


def test_a_key_that_must_sign_signs_and_a_connector_that_does_not_is_told(world: World, tmp_path: Path) -> None:
    place = tmp_path / "signing-key.pem"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", place], check=True, capture_output=True)
    public = subprocess.run(["openssl", "pkey", "-in", place, "-pubout", "-outform", "DER"], check=True,
                            capture_output=True).stdout[-32:]
    with world.app.app_context(), transaction():
        world.h26.secret = keys.issue(people.agency("H26"), ["exchange"], base64.b64encode(public).decode())[1]
    world.h26.put(messages.document("H17", sender="H26", number=1))
    assert world.h26.run()[0] == KEY_REFUSED and world.h26.names("outbox") == ["1.edxml"]
    assert world.h26.run("--signing-key", str(place))[0] == DONE and world.h26.names("sent") == ["1.edxml"]


def test_three_connectors_that_are_killed_again_and_again(world: World) -> None:
    """Each sends to the two others while all are killed at any moment; at the end each has each document once."""
    dice, number = random.Random(20261120), iter(range(1, 1000))
    agencies = [world.h17, world.h26, world.g01]
    for one in agencies:
        for _n in range(6):
            others = [other.code for other in agencies if other is not one]
            one.put(messages.document(*others, sender=one.code, number=next(number)))
    running: list[subprocess.Popen[str]] = [one.start("--every", "0.05") for one in agencies]
    for _death in range(24):
        time.sleep(dice.uniform(0.05, 0.4))
        which = dice.randrange(3)
        running[which].kill()
        running[which].communicate()
        running[which] = agencies[which].start("--every", "0.05")
    wait_for(lambda: all(not one.names("outbox") and len(one.names("inbox")) >= 12 for one in agencies), 60)
    for process in running:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    time.sleep(0.3)
    assert [one.run()[0] for one in agencies] == [DONE] * 3
    for one in agencies:
        theirs = sorted(digest for other in agencies if other is not one for digest in other.digests("sent"))
        assert one.digests("inbox") == theirs and len(theirs) == 12
    with world.app.app_context():
        assert (world.count(Document), set(session.scalars(select(Delivery.state)))) == (18, {"done"})
        sent = session.execute(select(ExchangeEvent.copy_id, func.count()).where(ExchangeEvent.code == "sent")
                               .group_by(ExchangeEvent.copy_id)).all()
        assert len(sent) == 36 and {n for _copy, n in sent} == {1}


def test_a_hub_and_three_connectors_each_a_process(databases: Databases, tmp_path: Path) -> None:
    """As it is installed: `flask serve`, and a connector for each agency, here and there."""
    url = databases.copy("hub")
    app = open_house(url, tmp_path)
    with bound(app), app.app_context():
        agencies = list(furnished("", tmp_path).values())
        session.close()
    app.extensions["engine"].dispose()
    with started_at(url, tmp_path / "files") as address:
        for one in agencies:
            one.url = address
        for n, one in enumerate(agencies, 1):
            one.put(messages.document(*(other.code for other in agencies if other is not one), sender=one.code,
                                      number=n))
        running = [one.start("--every", "0.2") for one in agencies]
        try:
            wait_for(lambda: all(len(one.names("inbox")) == 2 for one in agencies), 60)
        finally:
            for process in running:
                process.send_signal(signal.SIGTERM)
                process.communicate(timeout=30)
        assert [process.returncode for process in running] == [DONE] * 3
        for one in agencies:
            assert one.digests("inbox") == sorted(
                digest for other in agencies if other is not one for digest in other.digests("sent"))


def wait_for(done: Callable[[], bool], within: float = 20) -> None:
    """Until it is so; a failure after so many seconds."""
    until = time.monotonic() + within
    while not done():
        assert time.monotonic() < until, "it did not come to it"
        time.sleep(0.05)
