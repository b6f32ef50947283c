"""Telling subscribers as in life: the worker's own job, over TLS, to a machine in a process of its own."""
import ipaddress
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal import worker
from portal.cli.progress import progress as command
from portal.kit import callout, clock
from portal.kit.db import session, transaction
from portal.kit.jobs import Job
from portal.progress import actions, jobs
from portal.progress.models import ProgressChange, ProgressSubscriber
from tests.intake.test_feed import push, row
from tests.subscribing import HERE, certificate, is_right

# What a subscriber's developer writes: keeps each delivery on disk, then does what the file "mood" says.
SUBSCRIBER = '''
import json, ssl, sys, time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
folder = Path(sys.argv[1])
class Ear(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with (folder / "heard").open("a") as file:
            file.write(json.dumps([dict(self.headers), body.decode(), self.path]) + "\\n")
        mood = (folder / "mood").read_text()
        if mood == "hang up":
            self.close_connection = True
            return self.connection.close()
        self.send_response(int(mood))
        self.end_headers()
    def log_message(self, *words):
        pass
server = HTTPServer(("127.0.0.1", 0), Ear)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(folder / "both.pem")
server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_port, flush=True)
server.serve_forever()
'''


class Subscriber:
    """The machine that is told, seen from outside: what it heard, how it answers, its number and secret here."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.url = folder, f"https://{HERE}:{port}/progress?of=portal"
        self.number, self.secret = 0, ""
        self.answers("204")

    def answers(self, mood: str) -> None:
        (self.folder / "mood").write_text(mood)

    def heard(self) -> list[tuple[dict[str, str], str, str]]:
        place = self.folder / "heard"
        return [tuple(json.loads(line)) for line in place.read_text().splitlines()] if place.exists() else []

    def positions(self) -> list[list[int]]:
        """The positions of each delivery, in the order in which they came."""
        return [[change["position"] for change in json.loads(body)["changes"]]
                for _headers, body, _path in self.heard()]


@pytest.fixture
def told(town: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Subscriber]:
    """A subscriber at this machine's own address, which this portal's setting lets be called."""
    folder = tmp_path / "subscriber"
    folder.mkdir()
    certificate(folder)
    monkeypatch.setenv("SSL_CERT_FILE", str(folder / "cert.pem"))
    town.config["CALL_NETWORKS"] = (ipaddress.ip_network(f"{HERE}/32"),)
    with subprocess.Popen([sys.executable, "-c", SUBSCRIBER, folder], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        subscriber = Subscriber(folder, int(process.stdout.readline()))
        added = town.test_cli_runner().invoke(command, ["add-subscriber", "H17", subscriber.url])
        assert added.exit_code == 0, added.output
        subscriber.number = int(re.findall(r"Subscriber (\d+)", added.output)[0])
        subscriber.secret = added.output.split()[-1]
        yield subscriber
        process.kill()


def change(app: Flask, *rows: Any) -> None:
    with app.app_context(), transaction():
        push(*rows)


def work(app: Flask, at: datetime | None = None) -> None:
    with clock.pretend(at or clock.now()):
        worker.run_all(app)


def state(app: Flask, number: int) -> ProgressSubscriber:
    with app.app_context():
        found = session.get_one(ProgressSubscriber, number)
        session.expunge(found)
        return found


def test_all_changes_arrive_in_their_order_signed_and_once(town: Flask, told: Subscriber,
                                                           monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "AT_ONCE", 4)
    for n in range(3):
        change(town, *[row(n, status) for n, status in enumerate((2, 4, 9))] if not n else [],
               *[row(code=f"H17-261006-{n}{m:03}") for m in range(3)])
    work(town)
    with town.app_context():
        wanted = list(session.scalars(select(ProgressChange.position).order_by(ProgressChange.position)))
    deliveries = told.positions()
    assert [position for some in deliveries for position in some] == wanted and len(deliveries) > 1
    for (headers, body, path), positions in zip(told.heard(), deliveries, strict=True):
        assert path == "/progress?of=portal" and headers["Content-Type"] == "application/json"
        assert headers["Portal-Delivery"] == f"{told.number}-{positions[-1]}"
        assert is_right(told.secret, headers["Portal-Signature"], body.encode(), time.time())
        assert not is_right("another", headers["Portal-Signature"], body.encode(), time.time())
        assert not is_right(told.secret, headers["Portal-Signature"], f"{body} ".encode(), time.time())
        assert json.loads(body)["next"] == positions[-1]


def test_what_was_heard_but_not_acknowledged_comes_again_after_ten_seconds(town: Flask, told: Subscriber) -> None:
    told.answers("hang up")
    change(town, row())
    now = clock.now()
    work(town, now)
    told.answers("204")
    work(town, now + timedelta(seconds=9))
    assert len(told.heard()) == 1, "not before its time"
    work(town, now + timedelta(seconds=11))
    one, again = told.heard()
    assert one[1] == again[1] and one[0]["Portal-Delivery"] == again[0]["Portal-Delivery"]
    work(town, now + timedelta(days=1))
    assert len(told.heard()) == 2 and state(town, told.number).failures == 0


def test_who_fails_ten_times_is_left_and_once_resumed_hears_all_that_it_missed(town: Flask, told: Subscriber) -> None:
    told.answers("500")
    change(town, row())
    now, waits = clock.now(), []
    for _ in range(actions.PAUSE_AFTER):
        work(town, now)
        if due := state(town, told.number).next_at:
            waits.append(int((due - now).total_seconds()))
            now = due
    assert waits == [10, 60, 300, 1800, 7200, *[21600] * 4]
    assert len(told.heard()) == actions.PAUSE_AFTER and state(town, told.number).paused_at
    change(town, row(1, 4))
    told.answers("204")
    work(town, now + timedelta(days=30))
    assert len(told.heard()) == actions.PAUSE_AFTER, "who is paused is left alone"
    assert town.test_cli_runner().invoke(command, ["resume-subscriber", str(told.number)]).exit_code == 0
    work(town, now + timedelta(days=30))
    assert len(told.heard()) == actions.PAUSE_AFTER + 1 and len(told.positions()[-1]) == 2
    with town.app_context():
        left = select(Job).where(Job.done_at.is_(None), Job.name == "progress.tell_subscriber")
        assert session.scalars(left).all() == []


def test_without_the_setting_it_is_not_called(town: Flask, told: Subscriber) -> None:
    town.config["CALL_NETWORKS"] = ()
    change(town, row())
    work(town)
    assert told.heard() == [] and state(town, told.number).failures == 1
    with pytest.raises(callout.NotAllowed):
        callout.check(told.url)


def test_a_certificate_that_nobody_vouches_for_is_told_nothing(town: Flask, told: Subscriber,
                                                              monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    change(town, row())
    work(town)
    assert told.heard() == [] and state(town, told.number).failures == 1


@pytest.mark.parametrize("networks", ["10.0.0.0/33", "nowhere", "10.1.0.0/8"])
def test_a_network_that_is_none_stops_the_start(networks: str) -> None:
    app = Flask("test")
    app.config["CALL_NETWORKS"] = networks
    with pytest.raises(ValueError):
        callout.init_app(app)
    app.config["CALL_NETWORKS"] = "10.0.0.0/8, fd00::/8"
    callout.init_app(app)
    assert [str(network) for network in app.config["CALL_NETWORKS"]] == ["10.0.0.0/8", "fd00::/8"]
