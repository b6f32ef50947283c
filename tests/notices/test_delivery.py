"""Delivery: by a real mail server of this machine, once, and who cannot be reached is told in the portal."""
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal import worker
from portal.kit import clock, mail
from portal.kit.db import session, transaction
from portal.kit.jobs import Job, Lane, dead_letters
from portal.notices import actions, queries
from portal.notices.models import Message
from portal.people import actions as accounts
from portal.people.models import Person
from tests import make
from tests.post_office import Manner, PostOffice

FACTS = {"dossier_code": "H17-261120-0001", "service_name": "Đăng ký khai sinh"}
TOLD = "Không gửi được thư điện tử"


@pytest.fixture
def office(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[PostOffice]:
    with PostOffice() as running:
        monkeypatch.setitem(app.config, "SMTP_URL", running.url)
        monkeypatch.setattr(mail, "DEADLINE_S", 0.4)
        yield running


@pytest.fixture
def person(app: Flask) -> Person:
    return make.citizen(email="an@noi.vn")


def tell(person: Person) -> Message:
    with transaction():
        return actions.tell(person.id, "dossier_decided", "/my/dossiers/1", **FACTS)


def notices(person: Person) -> list[str]:
    session.expire_all()
    return [message.subject for message, _read in queries.newest(person)]


def patiently(app: Flask) -> None:
    """Let the worker try until nothing is left to be tried."""
    now = clock.now()
    while session.scalar(select(Job.id).where(Job.done_at.is_(None), Job.dead_at.is_(None)).limit(1)):
        with clock.pretend(now):
            worker.run_all(app)
        session.expire_all()
        now += timedelta(hours=13)


def test_a_notice_is_mailed_once(app: Flask, office: PostOffice, person: Person) -> None:
    message = tell(person)
    worker.run_all(app)
    session.expire_all()
    assert message.sent_at and office.ids() == [f"<notice-{message.id}@localhost>"]
    make.done("notices.deliver", message_id=message.id)
    assert len(office.letters) == 1


def test_a_busy_server_is_tried_again(app: Flask, office: PostOffice, person: Person) -> None:
    office.manner = Manner.busy
    message = tell(person)
    worker.run_all(app)
    office.manner = Manner.takes
    patiently(app)
    assert message.sent_at and len(notices(person)) == 1


def test_who_cannot_be_reached_for_good_is_told_in_the_portal(app: Flask, office: PostOffice, person: Person,
                                                             sign_in: Any) -> None:
    office.manner = Manner.refuses
    message = tell(person)
    worker.run_all(app)
    session.expire_all()
    assert message.undeliverable_at and not message.sent_at
    assert notices(person) == [TOLD, message.subject]
    told = queries.newest(person)[0].message
    assert "an@noi.vn" in told.body and told.channel == "portal" and told.link == "/account"
    page = sign_in(person).get("/my/dossiers").text
    assert TOLD in page and "không gửi được thư tới an@noi.vn" in page
    assert session.query(Job).filter(Job.dead_at.is_not(None)).count() == 0, "nobody else need look"


@pytest.mark.parametrize("manner", [Manner.silent, Manner.drips, Manner.busy])
def test_so_is_who_was_tried_for_more_than_a_day(app: Flask, office: PostOffice, person: Person,
                                                 manner: Manner) -> None:
    office.manner = manner
    message = tell(person)
    patiently(app)
    assert message.undeliverable_at and notices(person) == [TOLD, message.subject]
    dead = session.scalars(select(Job).where(Job.dead_at.is_not(None))).one()
    assert "an@noi.vn" not in (dead.error or "") and dead.failures == 8


def test_the_person_is_told_once_and_again_only_after_reading_it(app: Flask, office: PostOffice,
                                                                 person: Person) -> None:
    office.manner = Manner.refuses
    for _ in range(3):
        tell(person)
        worker.run_all(app)
    assert notices(person).count(TOLD) == 1
    with transaction():
        actions.read_all(person)
    tell(person)
    worker.run_all(app)
    assert notices(person).count(TOLD) == 2


def test_set_going_again_it_arrives_and_is_no_longer_marked(app: Flask, office: PostOffice, person: Person) -> None:
    office.manner = Manner.busy
    message = tell(person)
    patiently(app)
    office.manner = Manner.takes
    dead = session.scalars(select(Job).where(Job.dead_at.is_not(None))).one()
    administrator, number = make.administrator().id, dead.id
    with transaction():
        assert dead_letters.again(number, by_id=administrator)
    worker.run_all(app)
    session.expire_all()
    assert message.sent_at and message.undeliverable_at is None


def test_a_code_goes_its_own_way_past_notices_that_hang(app: Flask, office: PostOffice, person: Person) -> None:
    office.manner = Manner.drips
    for _ in range(3):
        tell(person)
    with transaction():
        accounts.begin_registration("moi@noi.vn")
    office.manner = Manner.takes
    worker.run_all(app, (Lane.quick,))
    worker.run_all(app, (Lane.codes,))
    assert [letter["To"] for _at, letter in office.letters] == ["moi@noi.vn"]


def test_a_code_that_nobody_takes_is_not_tried_for_a_day(app: Flask, office: PostOffice) -> None:
    office.manner = Manner.busy
    with transaction():
        accounts.begin_registration("moi@noi.vn")
    start = clock.now()
    patiently(app)
    dead = session.scalars(select(Job).where(Job.dead_at.is_not(None))).one()
    assert dead.name == "notices.deliver_code" and dead.due_at - start < timedelta(days=4)


def test_the_mark_is_on_ones_own_page_alone(client: FlaskClient, office: PostOffice, person: Person,
                                            sign_in: Any) -> None:
    office.manner = Manner.refuses
    tell(person)
    worker.run_all(client.application)
    assert "an@noi.vn" not in sign_in(make.citizen()).get("/my/dossiers").text
