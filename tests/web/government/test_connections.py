"""Connections for those who watch: all agencies for the nation's, the own for an agency's administrator."""
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient

from portal.exchange import silence
from portal.exchange.models import Connection, Traffic
from portal.kit.db import session
from tests import make
from tests.exchange import documents

NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)
PAGE = "/government/exchange/connections"
Sign = Callable[[Any], FlaskClient]


@pytest.fixture(autouse=True)
def busy(app: Any) -> Any:
    """H17 and H26 connected, H17 by a system that has stayed away for weeks; H26 wrote to H17."""
    with time_machine.travel(NOW, tick=False):
        seen = NOW - timedelta(days=14)
        here = documents.participant("H17", way="api", connected_at=NOW - timedelta(days=90), last_seen_at=seen)
        there = documents.participant("H26", connected_at=NOW - timedelta(days=90))
        session.add_all([Connection(agency_id=one.agency_id, participant_id=one.id, since=date(2026, 8, 22),
                                    source="participant") for one in (here, there)])
        session.add(Traffic(day=NOW.date(), sender_id=there.id, receiver_id=here.id, documents=4))
        silence.look()
        session.commit()
        yield


def test_who_watches_sees_every_agency_and_who_fell_silent(sign_in: Sign) -> None:
    page = sign_in(make.staff("overseer")).get(PAGE).text
    assert "1 hệ thống mất liên lạc" in page and "(H17)" in page
    assert ": 2/34</h2>" in page and "Thành phố Hà Nội" in page and "Bộ Công an" in page


def test_an_agencys_administrator_sees_the_own_agency_alone(sign_in: Sign) -> None:
    client = sign_in(make.staff("agency_administrator", "H26"))
    page = client.get(PAGE).text
    assert "Thành phố Hà Nội" in page and "Thành phố Đà Nẵng" not in page and "mất liên lạc" not in page
    assert client.get(f"{PAGE}/H26").status_code == 200
    assert client.get(f"{PAGE}/H17").status_code == 404


def test_one_agency_with_its_systems_and_partners(sign_in: Sign) -> None:
    client = sign_in(make.staff("portal_administrator"))
    page = client.get(f"{PAGE}/H17").text
    assert "đã kết nối, liên tục từ 22/08/2026" in page and "Mất liên lạc" in page and "6/11/2026" in page
    hears = page.partition("Nhận từ ai")[2]
    assert "Thành phố Hà Nội" in hears and ">4<" in hears


def test_a_day_before_says_what_was_published(sign_in: Sign) -> None:
    client = sign_in(make.staff("overseer"))
    page = client.get(f"{PAGE}?on=2016-06-30").text
    assert ": 19/30</h2>" in page and "Nghị quyết 59/NQ-CP" in page and "không biết đó là những cơ quan nào" in page
    assert client.get(f"{PAGE}/H99").status_code == 404


@pytest.mark.parametrize("on", ["mai", "2030-01-01"])
def test_an_odd_day_leads_to_today(sign_in: Sign, on: str) -> None:
    answer = sign_in(make.staff("overseer")).get(PAGE, query_string={"on": on})
    assert answer.status_code == 303 and answer.location == PAGE
