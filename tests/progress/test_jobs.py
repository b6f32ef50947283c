"""Telling subscribers: signed, again and again but not for ever, never to a private address."""
import base64
import hashlib
import hmac
import ipaddress
import json
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal import worker
from portal.cli.progress import progress as command
from portal.kit import callout, clock
from portal.kit.db import session
from portal.kit.jobs import Job, schedule
from portal.progress import actions, jobs
from portal.progress.models import ProgressSubscriber
from portal.statistics.models import ProgressMonth
from tests import make
from tests.intake.test_feed import CODE, push, row

SECRET = "only the two of us"


class Machine(HTTPServer):
    """A subscriber: keeps what it hears and answers with `status`."""

    def __init__(self) -> None:
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.status = 204
        super().__init__(("127.0.0.1", 0), Ear)

    @property
    def url(self) -> str:
        return f"http://told.example:{self.server_port}/progress?x=1"


class Ear(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Machine)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append((dict(self.headers), body))
        self.send_response(self.server.status)
        self.send_header("Location", self.server.url)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Not on the screen of the tests."""


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    server = Machine()
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    monkeypatch.setattr(callout, "SCHEMES", {"http": 80})
    monkeypatch.setattr(callout, "is_public", lambda address: True)
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, port, **kw: [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))])
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def subscriber(app: Flask, machine: Machine) -> ProgressSubscriber:
    return make.save(actions.add_subscriber(make.agency().id, machine.url, SECRET))


def waiting() -> list[Job]:
    return list(session.scalars(select(Job).where(Job.name == "progress.tell_subscriber", Job.done_at.is_(None))))


def test_changes_are_told_once_in_order_and_signed(app: Flask, machine: Machine,
                                                   subscriber: ProgressSubscriber) -> None:
    push(row(), row(1, 4), row(code="H17-261005-0002"))
    push(row(2, 9))
    push(row(code="H17-261005-0003"))
    session.commit()
    assert len(waiting()) == 1, "one wake-up for all that comes meanwhile"
    worker.run_all(app)
    (headers, body), (_more, rest) = machine.heard
    said = json.loads(body)
    assert [(c["code"], c["status"]) for c in said["changes"]] == [(CODE, 4), ("H17-261005-0002", 2)]
    assert [c["status"] for c in json.loads(rest)["changes"]] == [9, 2], "what came meanwhile follows at once, together"
    found = re.fullmatch(r"t=(\d+), v1=([0-9a-f]{64})", headers["Portal-Signature"])
    assert found and hmac.new(SECRET.encode(), f"{found[1]}.".encode() + body, hashlib.sha256).hexdigest() == found[2]
    assert subscriber.position == json.loads(rest)["next"] and subscriber.next_at is None
    push(row(3, 10))
    session.commit()
    worker.run_all(app)
    assert [c["status"] for c in json.loads(machine.heard[2][1])["changes"]] == [10]


def test_more_than_one_call_takes_is_told_in_several(app: Flask, machine: Machine, subscriber: ProgressSubscriber,
                                                     monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "AT_ONCE", 4)
    push(*[row(code=f"H17-261005-{n:04}") for n in range(10)])
    session.commit()
    worker.run_all(app)
    assert [len(json.loads(body)["changes"]) for _headers, body in machine.heard] == [4, 4, 2]
    assert waiting() == []


@pytest.mark.parametrize("status", [500, 404, 301, 307])
def test_who_does_not_take_it_is_asked_later_and_at_last_left(app: Flask, machine: Machine, status: int,
                                                              subscriber: ProgressSubscriber) -> None:
    machine.status = status
    push(row())
    session.commit()
    waits, now = [], clock.now()
    for _ in range(actions.PAUSE_AFTER):
        with clock.pretend(now):
            worker.run_all(app)
            session.expire_all()
        if subscriber.next_at:
            waits.append((subscriber.next_at - now).total_seconds())
            now = subscriber.next_at
    assert len(machine.heard) == actions.PAUSE_AFTER, "no redirect was followed"
    assert waits == sorted(waits) and waits[0] == 10 and waits[-1] == 21600
    assert subscriber.paused_at and waiting() == []
    push(row(1, 4))
    session.commit()
    assert waiting() == [], "who is paused is not woken"
    machine.status = 200
    assert app.test_cli_runner().invoke(command, ["resume-subscriber", str(subscriber.id)]).exit_code == 0
    worker.run_all(app)
    assert [c["status"] for c in json.loads(machine.heard[-1][1])["changes"]] == [2, 4], "nothing was missed"


@pytest.mark.parametrize("address", [
    "127.0.0.1", "10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
    "255.255.255.255", "192.0.2.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:127.0.0.1",
    "::ffff:10.1.1.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::1", "fec0::1", "2001:db8::1"])
def test_private_addresses_are_no_public_ones(address: str) -> None:
    assert not callout.is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "203.119.9.1", "2606:4700::1111", "::ffff:1.1.1.1"])
def test_public_addresses_are(address: str) -> None:
    assert callout.is_public(address)


@contextmanager
def _names(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> Iterator[list[str]]:
    asked, connected = iter(answers), list[str]()

    def connect(self: socket.socket, place: Any) -> None:
        connected.append(place[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 443)) for ip in next(asked)])
    monkeypatch.setattr(socket.socket, "connect", connect)
    yield connected


def test_a_name_is_resolved_once_and_one_private_answer_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    with _names(monkeypatch, ["1.1.1.1", "10.0.0.1"]) as connected, pytest.raises(callout.NotAllowed):
        callout.post("https://mixed.example/", b"{}", {})
    assert connected == []
    with _names(monkeypatch, ["1.1.1.1"], ["127.0.0.1"]) as connected, pytest.raises(callout.NotReached):
        callout.post("https://rebinding.example/", b"{}", {})
    assert connected == ["1.1.1.1"]


@pytest.mark.parametrize("url", [
    "http://told.example/", "ftp://told.example/", "https://", "https://a:b@told.example/", "https://told.example:99999/",
    "https://told.example/\r\nX: y", "https://địachỉ.example/", "file:///etc/passwd", "//told.example/",
    "https://told.example/" + "x" * 300, "https://[::1/"])
def test_only_plain_https_addresses_are_called(url: str) -> None:
    with pytest.raises(callout.NotAllowed):
        callout.post(url, b"{}", {})


def test_a_subscriber_is_added_from_the_command_line(app: Flask) -> None:
    run = app.test_cli_runner().invoke
    added = run(command, ["add-subscriber", "H17", "https://told.example/hook"])
    assert added.exit_code == 0, added.output
    kept = session.scalars(select(ProgressSubscriber)).one()
    assert kept.secret == added.output.split()[-1]
    listed = run(command, ["list-subscribers"]).output
    assert kept.secret not in listed and listed.split("\t")[:3] == [str(kept.id), "H17", "https://told.example/hook"]
    assert run(command, ["add-subscriber", "H17", "http://127.0.0.1/"]).exit_code == 1
    assert run(command, ["add-subscriber", "nowhere", "https://told.example/hook"]).exit_code == 1


def test_a_subscribers_secret_is_changed_and_the_next_call_is_signed_with_it(
        app: Flask, machine: Machine, subscriber: ProgressSubscriber) -> None:
    changed = app.test_cli_runner().invoke(command, ["change-subscriber-secret", str(subscriber.id)])
    secret = changed.output.split()[-1]
    assert changed.exit_code == 0 and secret not in ("", SECRET)
    push(row())
    session.commit()
    worker.run_all(app)
    (headers, body), = machine.heard
    at = int(re.findall(r"t=(\d+)", headers["Portal-Signature"])[0])
    assert headers["Portal-Signature"] == jobs.signature([secret, SECRET], at, body)


def test_a_subscriber_that_is_removed_hears_nothing_even_of_what_waits(
        app: Flask, machine: Machine, subscriber: ProgressSubscriber) -> None:
    push(row())
    session.commit()
    number = str(subscriber.id)
    assert app.test_cli_runner().invoke(command, ["remove-subscriber", number]).exit_code == 0
    worker.run_all(app)
    assert (machine.heard, waiting()) == ([], [])
    for name in ("remove-subscriber", "resume-subscriber", "change-subscriber-secret"):
        answer = app.test_cli_runner().invoke(command, [name, number])
        assert answer.exit_code == 1 and "no subscriber" in answer.output


def test_a_subscriber_that_is_removed_while_it_is_called_leaves_no_failed_job(
        app: Flask, machine: Machine, subscriber: ProgressSubscriber, monkeypatch: pytest.MonkeyPatch) -> None:
    def removed(*_args: Any) -> int:
        with app.app_context():
            session.delete(session.get_one(ProgressSubscriber, number))
            session.commit()
        return 204

    number = subscriber.id
    monkeypatch.setattr(callout, "post", removed)
    push(row())
    session.commit()
    worker.run_all(app)
    assert session.scalars(select(Job.error).where(Job.name == "progress.tell_subscriber")).all() == [None]
    actions.not_delivered(number, 1)


OWN = ["https://169.254.169.254/", "https://localhost/x", "https://LOCALHOST./x", "https://a.localhost/", "https://[::1]/",
       "https://127.0.0.1:8443/", "https://10.1.2.3/", "https://192.168.0.1/", "https://172.16.0.1/", "https://100.64.0.1/",
       "https://224.0.0.1/", "https://240.0.0.1/", "https://0.0.0.0/", "https://[fe80::1]/", "https://[fc00::1]/",
       "https://[ff02::1]/", "https://[::ffff:10.0.0.1]/", "https://127.1/", "https://2130706433/", "https://0x7f.1/",
       "https://localhost.localdomain/"]


@pytest.mark.parametrize("url", OWN)
def test_an_address_of_this_machine_or_of_a_network_round_it_is_refused_at_once(app: Flask, url: str) -> None:
    refused = app.test_cli_runner().invoke(command, ["add-subscriber", "H17", url])
    assert refused.exit_code == 1 and "not on the open Internet" in refused.output
    assert session.query(ProgressSubscriber).count() == 0


def test_a_network_that_the_operators_named_may_be_called_and_no_other() -> None:
    named = (ipaddress.ip_network("10.20.0.0/16"), ipaddress.ip_network("fd00::/8"))
    for url in ("https://10.20.3.4/hook", "https://[fd12::1]/hook", "https://told.example/"):
        callout.check(url, named)
    for url in ("https://10.21.0.1/", "https://127.0.0.1/", "https://localhost/", "https://[::ffff:10.20.3.4]/"):
        with pytest.raises(callout.NotAllowed):
            callout.check(url, named)


def test_the_nightly_count_mends_and_plans_the_next_night(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    push(row())
    session.execute(ProgressMonth.__table__.update().values(received=7))  # type: ignore[attr-defined]
    session.commit()
    run = app.test_cli_runner().invoke
    assert "worker" in run(command, ["recount", "--later"]).output
    with clock.pretend(datetime(2026, 11, 22, 1, tzinfo=UTC)):
        session.query(Job).update({"due_at": clock.now()})
        session.commit()
        worker.run_all(app)
        schedule.plan()
        schedule.plan()
    nights = session.scalars(select(Job.due_at).where(Job.name == "progress.recount", Job.done_at.is_(None))).all()
    assert nights == [datetime(2026, 11, 22, 19, 40, tzinfo=UTC)], "02:40 in Vietnam, once"
    assert "was 7 instead of 1" in caplog.text and actions.recount() == {}


def test_the_standard_webhooks_headers_stand_beside_ours(app: Flask, machine: Machine,
                                                         subscriber: ProgressSubscriber) -> None:
    push(row())
    session.commit()
    worker.run_all(app)
    [(headers, body)] = machine.heard
    assert headers["webhook-id"] == headers["Portal-Delivery"]
    said = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    wanted = base64.b64encode(hmac.new(SECRET.encode(), said, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{wanted}"


def test_a_changed_secret_signs_beside_the_old_one_for_a_while(app: Flask, machine: Machine,
                                                               subscriber: ProgressSubscriber) -> None:
    actions.change_secret(subscriber, "the new one")
    push(row())
    session.commit()
    worker.run_all(app)
    [(headers, body)] = machine.heard
    at = int(headers["webhook-timestamp"])
    assert headers["Portal-Signature"] == jobs.signature(["the new one", SECRET], at, body)
    assert headers["webhook-signature"].count("v1,") == 2
    with clock.pretend(clock.now() + actions.OVERLAP):
        assert actions.secrets_of(subscriber) == ["the new one"]


def test_a_standard_secret_means_its_bytes() -> None:
    """The example of the Standard Webhooks' own specification."""
    secret, body = "whsec_plJ3nmyCDGBKInavdOK15jsl", b'{"event_type":"ping","data":{"success":true}}'
    assert jobs.standard_signature([secret], "msg_loFOjxBNrRLzqYUf", 1731705121, body) == (
        "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=")
    assert jobs.standard_key("whsec_%%%") == b"whsec_%%%"
