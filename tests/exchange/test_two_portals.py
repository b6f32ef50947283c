"""A hub and an agency's own end, by the same code: two portals, each a process, that push to each other."""
import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal.exchange import secrets
from portal.exchange.models import Copy, Delivery, ExchangeEvent, Participant
from portal.kit.db import session, transaction
from portal.people import keys
from tests import make
from tests.conftest import Databases, bound, open_house
from tests.exchange import documents, messages

pytestmark = pytest.mark.real_commits
ROOT = Path(__file__).parents[2]
PATIENCE_S = 60


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """This portal, web and worker, in a process of its own; its address."""
    environment = os.environ | {
        "PORTAL_SECRET_KEY": app.config["SECRET_KEY"], "PORTAL_DATABASE_URL": app.config["DATABASE_URL"],
        "PORTAL_FILES_FOLDER": app.config["FILES_FOLDER"], "PORTAL_CALL_NETWORKS": "127.0.0.0/8",
        "PYTHONWARNINGS": "ignore", "PORTAL_INSECURE_HTTP": "true"}
    with subprocess.Popen([sys.executable, "-m", "tests.exchange.nursery"], cwd=ROOT, env=environment, text=True,
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdin and process.stdout
        process.stdin.write(json.dumps({"deaths": 0, "seed": 1}) + "\n")
        process.stdin.flush()
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        process.stdin.close()
        assert process.wait(10) == 0


def ask(address: str, key: str, method: str, path: str, body: bytes | None = None) -> tuple[int, Any]:
    line = http.client.HTTPConnection(address.removeprefix("http://"), timeout=20)
    kind = "application/json" if (body or b"").startswith(b"{") else "application/xml"
    try:
        line.request(method, f"/api/exchange/v1{path}", body, {"Authorization": f"Bearer {key}", "Content-Type": kind})
        answer = line.getresponse()
        said = answer.read()
        return answer.status, json.loads(said) if answer.headers.get_content_type().endswith("json") else said
    finally:
        line.close()


def until(holds: Callable[[], Any]) -> Any:
    began = time.monotonic()
    while not (found := holds()):
        assert time.monotonic() - began < PATIENCE_S, "it never came to hold"
        time.sleep(0.1)
    return found


def in_(app: Flask, act: Callable[[], Any]) -> Any:
    """Do it in this portal's database, beside the process that serves it."""
    with bound(app), app.app_context(), transaction():
        return act()


def turned(code: str, address: str, key: str, **more: Any) -> None:
    """This participant is another portal, pushed to with this key."""
    one = session.scalar(select(Participant).where(Participant.code == code)) or Participant(
        code=code, name=code, profile="vnpt", state="connected", agency_id=make.agency(code).id)
    one.way, one.address = "push", address
    session.add(one)
    session.flush()
    for name, value in more.items():
        setattr(one, name, value)
    secrets.keep_push_key(one, key)


def key_of(agency: str) -> str:
    return keys.issue(make.agency(agency), ["exchange"])[1]


def test_two_portals_exchange_documents_and_states(town: Flask, databases: Databases, tmp_path: Path) -> None:
    end = open_house(databases.copy("end"), tmp_path / "end")
    hub = town
    for code in ("H26", "H29"):
        in_(hub, lambda code=code: documents.participant(code, way="api"))
    in_(end, lambda: documents.participant("H17", way="api"))
    h26, h29, up = (in_(hub, lambda code=code: key_of(code)) for code in ("H26", "H29", "H17"))
    h17, down = (in_(end, lambda code=code: key_of(code)) for code in ("H17", "G01"))
    with served(hub) as hub_at, served(end) as end_at:
        in_(hub, lambda: turned("H17", end_at, down))
        in_(end, lambda: turned("G01", hub_at, up, upstream=True))
        there_and_back(hub, end, hub_at, end_at, h26, h17)
        from_the_end(hub_at, end_at, h26, h29, h17)
    in_(hub, lambda: states_are({("H26", "H17"): "done", ("H17", "H26"): "arrived", ("H17", "H29"): "arrived"}))
    in_(end, lambda: states_are({("H26", "H17"): "done", ("H17", "H26"): "sent", ("H17", "H29"): "sent"}))
    for app in (hub, end):
        assert in_(app, lambda: set(session.scalars(select(Delivery.state)))) == {"done"}
    end.extensions["engine"].dispose()


def there_and_back(hub: Flask, end: Flask, hub_at: str, end_at: str, h26: str, h17: str) -> None:
    said = messages.document("H17", "H26.99", name=None)
    status, sent = ask(hub_at, h26, "POST", "/messages", messages.xml(said))
    assert (status, sent["deliveries"], sent["unknown"]) == (201, 1, ["H26.99"])
    [waits] = until(lambda: ask(end_at, h17, "GET", "/messages")[1]["messages"])
    assert (waits["sender"], waits["from"], waits["receiver"]) == ("H26", "H26", "H17")
    assert ask(end_at, h17, "GET", f"/messages/{waits['id']}")[1] == messages.xml(said)
    ask(end_at, h17, "POST", f"/messages/{waits['id']}/acknowledgement", b'{"state": "done"}')
    for code, hour in (("06", 3), ("03", 2)):
        word = messages.status(said, code, at=datetime(2026, 11, 4, hour, tzinfo=UTC))
        assert ask(end_at, h17, "POST", "/messages", messages.xml(word))[0] == 201
    until(lambda: [one["status_code"] for one in ask(hub_at, h26, "GET", "/messages?kind=status")[1]["messages"]]
          == ["06", "03"])
    for one in ask(hub_at, h26, "GET", "/messages")[1]["messages"]:
        ask(hub_at, h26, "POST", f"/messages/{one['id']}/acknowledgement", b'{"state": "done"}')
    events = select(ExchangeEvent.code).where(ExchangeEvent.code.in_(("03", "06"))).order_by(ExchangeEvent.code)
    assert in_(hub, lambda: list(session.scalars(events))) == in_(end, lambda: list(session.scalars(events)))


def from_the_end(hub_at: str, end_at: str, h26: str, h29: str, h17: str) -> None:
    said = messages.document("H26", "H29", sender="H17", name=None)
    status, sent = ask(end_at, h17, "POST", "/messages", messages.xml(said))
    assert (status, sent["deliveries"], sent["unknown"]) == (201, 1, []), "once for both, to the portal upstream"
    for key in (h26, h29):
        [waits] = until(lambda key=key: ask(hub_at, key, "GET", "/messages")[1]["messages"])
        assert ask(hub_at, key, "GET", f"/messages/{waits['id']}")[0] == 200
        ask(hub_at, key, "POST", f"/messages/{waits['id']}/acknowledgement", b'{"state": "done"}')
    assert ask(end_at, h17, "POST", "/messages", messages.xml(said))[1]["repeated"]


def states_are(wanted: dict[tuple[str, str], str]) -> None:
    found = {(copy.document.sender.code, copy.receiver.code): copy.state for copy in session.scalars(select(Copy))}
    assert found == wanted
    assert session.scalars(select(Participant).where(Participant.code == "H26.99")).all() == []
