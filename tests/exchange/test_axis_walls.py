"""The calls of the axis where the database itself guards its rows: what a call needs is reached by its signature."""
import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.exchange.models import Delivery, Message, Way
from portal.kit.db import session
from tests.exchange import make, messages
from tests.exchange.axis_client import Client
from tests.exchange.test_axis import over, refused
from tests.house.walls import guarded

__all__ = ["guarded"]
pytestmark = [pytest.mark.postgresql, pytest.mark.real_commits]


def test_a_document_goes_there_and_back_behind_the_second_wall(guarded: Flask) -> None:
    for code in ("H17", "H26"):
        make.participant(code, Way.axis)
    h26, h17 = (Client(over(guarded), f"thu-{code}", make.SECRET) for code in ("h26", "h17"))
    of = messages.document("H17")
    assert h26.send(messages.xml(of), "H26", "H17")["status"] == "OK"
    [line] = h17.received()
    assert h17.document(line["docId"])["status"] == "OK" and h17.update(line["docId"], "done")["status"] == "OK"
    assert h17.send(messages.xml(messages.status(of, "03")), "H17", "H26", kind="status")["status"] == "OK"
    assert len(h26.received("status")) == len(h26.sent()) == 1
    refused(Client(h26.post, "thu-h26", "another-secret-entirely").agencies(), "43")
    assert session.scalar(select(func.count()).select_from(Message)) == 2
    assert session.scalars(select(Delivery.state).order_by(Delivery.id)).all() == ["done", "waiting"]
