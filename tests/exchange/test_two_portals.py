"""A hub and an agency's own end, by the same code: two portals, each a process, that push to each other."""
from collections.abc import Callable
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
from tests.exchange.portals import ask, served, until

pytestmark = pytest.mark.real_commits


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
    with served(hub) as one, served(end) as other:
        hub_at, end_at = one.address, other.address
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
