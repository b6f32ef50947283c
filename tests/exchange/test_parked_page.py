"""Messages that were given up: why, and sending them again."""
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from portal.exchange import delivery
from portal.exchange.models import Delivery
from portal.kit.db import session, transaction
from tests import make as people
from tests.exchange import make, messages
from tests.exchange.axis_client import Client
from tests.exchange.test_axis import over

PAGE = "/government/parked"


@pytest.fixture
def admin(sign_in: Callable[[Any], FlaskClient]) -> FlaskClient:
    return sign_in(people.administrator())


@pytest.fixture
def parked(admin: FlaskClient) -> list[int]:
    """Two of three documents of H26 to H17, given up."""
    make.participant("H17"), make.participant("H26", "axis")
    client = Client(over(admin.application), "thu-h26", make.SECRET)
    for number in (1, 2, 3):
        assert client.send(messages.xml(messages.document("H17", number=number)), "H26", "H17")["status"] == "OK"
    with transaction():
        found = session.query(Delivery).order_by(Delivery.id).all()
        for one in found[:2]:
            delivery.park(one, "503 Service Unavailable")
        return [one.id for one in found[:2]]


def test_what_was_given_up_is_listed_with_its_reason(admin: FlaskClient, parked: list[int]) -> None:
    page = admin.get(PAGE).text
    assert "Về việc phối hợp số 1" in page and "Về việc phối hợp số 2" in page and "phối hợp số 3" not in page
    assert page.count("503 Service Unavailable") == 2 and people.agency("H17").name in page


def test_it_is_sent_again_at_its_place_once(admin: FlaskClient, parked: list[int]) -> None:
    first = session.get_one(Delivery, parked[0])
    place = first.position
    assert admin.post(f"{PAGE}/{parked[0]}/replay").status_code == 303
    session.expire_all()
    first = session.get_one(Delivery, parked[0])
    assert (first.state, first.position, first.tries) == ("waiting", place, 0)
    assert "Về việc phối hợp số 1" not in admin.get(PAGE).text
    admin.post(f"{PAGE}/{parked[0]}/replay")
    assert "không còn tạm dừng" in admin.get(PAGE).text
    assert admin.post(f"{PAGE}/999999/replay").status_code == 404


def test_the_list_goes_on_where_it_ended(admin: FlaskClient, parked: list[int],
                                        monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.web.government.parked.PAGE", 1)
    page = admin.get(PAGE).text
    assert "phối hợp số 2" in page and "phối hợp số 1" not in page and f"before={parked[1]}" in page
    assert "phối hợp số 1" in admin.get(f"{PAGE}?before={parked[1]}").text
    assert admin.get(f"{PAGE}?before=x").status_code == 303
