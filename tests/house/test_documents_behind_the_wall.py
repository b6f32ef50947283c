"""What people do with documents, where the database itself guards the rows: nothing that they may do fails there."""
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.exchange import recognising
from portal.exchange.models import Copy, Document, Message, Participant
from portal.kit import clock
from portal.kit.db import session
from portal.people.models import Person, Unit
from portal.people.permissions import Role
from tests import make
from tests.conftest import enter
from tests.exchange import made

pytestmark = [pytest.mark.postgresql, pytest.mark.real_commits]


@pytest.fixture
def clerk(house: Flask) -> Person:
    return make.staff(Role.clerk, "H17")


@pytest.fixture
def browser(house: Flask, clerk: Person) -> FlaskClient:
    client = house.test_client()
    enter(client, clerk)
    return client


def office(unit: Unit | None = None) -> Participant:
    agency = make.agency()
    return made.participant(f"H17.{next(made.n) + 100}", way="pages", agency_id=agency.id,
                            unit_id=unit.id if unit else None, name=agency.name)


def sent(sender: Participant, *receivers: Participant, **kw: Any) -> Document:
    return made.document(sender, receivers, at=clock.now() - timedelta(days=9), **kw)


def test_a_clerk_matches_word_that_was_delivered_to_nobody(browser: FlaskClient, clerk: Person) -> None:
    own, system = office(), made.participant()
    document = sent(own, system, notation="UBND-VX")
    about = {"organ": own.code, "number": document.number, "notation": "UB", "day": None, "document_id": None,
             "key": f"{own.code},x"}
    message = made.message(system, status_code="03", said_at=clock.now(), about_key=about["key"],
                           facts={"response_for": [about]})
    recognising.from_status(message)
    session.commit()
    here = f"/government/exchange/unmatched/{message.id}"
    assert system.name in browser.get("/government/exchange/unmatched").text
    assert document.subject in browser.get(here).text
    assert browser.post(here, data={"document": "0"}).status_code == 422
    assert browser.post(here, data={"document": str(document.id)}).status_code == 303
    session.expire_all()
    assert session.get_one(Message, message.id).verdict == "accepted" and document.copies[0].state == "registered"


def test_a_clerk_takes_a_document_its_whole_way(browser: FlaskClient) -> None:
    copy = sent(made.participant(), office()).copies[0]
    here = f"/government/incoming/{copy.id}"
    assert browser.get(here).status_code == 200
    assert browser.post(f"{here}/register").status_code == 303
    session.expire_all()
    assert copy.in_number and copy.state == "registered"


def test_a_clerk_reminds_an_agency_of_another_place(browser: FlaskClient, clerk: Person) -> None:
    other = made.participant("H26.77", way="pages", agency_id=make.agency("H26").id)
    document = sent(office(), other, due_on=date(2026, 11, 2), created_by_id=clerk.id)
    here = f"/government/documents/{document.id}/remind"
    assert browser.get(here).status_code == 200
    assert browser.post(here).status_code == 303
    session.expire_all()
    assert session.get_one(Copy, document.copies[0].id).reminded_at is not None
