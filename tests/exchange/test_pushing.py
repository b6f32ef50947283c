"""Pushing to another portal: in order of each pair, with patience, and nobody waits for anybody else."""
import json
from collections.abc import Callable
from datetime import timedelta
from typing import IO, Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal import worker
from portal.exchange import delivery, pushing, receiving, secrets
from portal.exchange.models import Delivery, Participant
from portal.kit import callout, clock
from portal.kit.callout import Answer, NotReached
from portal.kit.db import session, transaction
from portal.kit.jobs import Job, Lane
from tests import make
from tests.exchange import documents, messages

pytestmark = pytest.mark.usefixtures("app")


class There:
    """Another portal, as it answers. `says`: by sender and running number what it answers; else 201."""

    def __init__(self) -> None:
        self.came: list[tuple[str, str]] = []
        self.listed: list[str] = []
        self.says: Callable[[str, int], Answer | Exception] = lambda _host, _n: Answer(201, b'{"unknown": []}')

    def send(self, url: str, body: IO[bytes], headers: dict[str, str], _also: Any, **_more: Any) -> Answer:
        content = body.read()
        assert headers["Content-Length"] == str(len(content)) and headers["Authorization"] == "Bearer key-of-theirs"
        self.came.append((url, content.decode()))
        self.listed.append(headers.get(pushing.TO, ""))
        said = self.says(url, len(self.came))
        if isinstance(said, Exception):
            raise said
        return said


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch) -> There:
    made = There()
    monkeypatch.setattr(callout, "send", made.send)
    return made


@pytest.fixture
def portal() -> Participant:
    return other("H17")


def other(code: str) -> Participant:
    made = documents.participant(code, way="push", address=f"https://{code.lower()}.example")
    secrets.keep_push_key(made, "key-of-theirs")
    session.commit()
    return made


def send(*to: str, sender: str = "H26") -> int:
    documents.participant(sender, way="api")
    taken = messages.taken(messages.document(*to, sender=sender, name=None))
    with transaction():
        return receiving.take(documents.participant(sender), taken, way="api").message_id


def states() -> list[str]:
    session.expire_all()
    return list(session.scalars(select(Delivery.state).order_by(Delivery.id)))


def test_what_waits_is_pushed_in_order_for_whom_it_is(app: Flask, there: There, portal: Participant) -> None:
    for _ in range(3):
        send("H17")
    worker.run_all(app, (Lane.outside,))
    assert states() == ["done"] * 3
    assert [url for url, _content in there.came] == [f"https://h17.example{pushing.PATH}?to=H17"] * 3
    told = [content for _url, content in there.came]
    assert told == sorted(told, key=lambda one: one.split("document_id")[1]), "in the order in which they were sent"


def test_without_a_key_that_can_be_read_nobody_is_called_and_it_is_said(app: Flask, there: There,
                                                                        portal: Participant) -> None:
    """As after a restore with other keys."""
    portal.push_key = "sealed with another secret"
    session.commit()
    for _ in range(2):
        send("H17")
    worker.run_all(app, (Lane.outside,))
    assert there.came == [] and states() == ["waiting"] * 2
    assert session.scalars(select(Delivery.reason).order_by(Delivery.id)).all() == [pushing.NO_KEY, None]


def test_a_body_below_is_reached_through_its_agencys_portal(app: Flask, there: There, portal: Participant) -> None:
    documents.participant("H17.05", way="push")
    send("H17", "H17.05")
    worker.run_all(app, (Lane.outside,))
    assert [url.partition("?")[2] for url, _content in there.came] == ["to=H17&to=H17.05"]


def test_more_receivers_than_a_first_line_has_room_for_stand_in_a_header(app: Flask, there: There,
                                                                         portal: Participant) -> None:
    codes = [f"H17.{n}.01" for n in range(1, 401)]
    for code in codes:
        documents.participant(code, way="push")
    send(*codes)
    worker.run_all(app, (Lane.outside,))
    assert states() == ["done"] and [url for url, _content in there.came] == [f"https://h17.example{pushing.PATH}"]
    assert sorted(there.listed[0].split(",")) == sorted(codes)


def test_behind_one_that_is_refused_nothing_of_the_pair_goes_and_others_go_on(app: Flask, there: There,
                                                                              portal: Participant) -> None:
    send("H17"), send("H17")
    send("H17", sender="H29")
    there.says = lambda _url, n: Answer(422, b'{"type": "/api#message"}') if n == 1 else Answer(201, b"{}")
    worker.run_all(app, (Lane.outside,))
    assert states() == ["waiting", "waiting", "done"]
    with clock.pretend(clock.now() + timedelta(seconds=11)):
        worker.run_all(app, (Lane.outside,))
    assert states() == ["done"] * 3
    assert [content for _url, content in there.came[:1]] == [content for _url, content in there.came[2:3]]


def test_what_is_refused_to_the_last_is_parked_and_sent_again_by_a_person(app: Flask, there: There,
                                                                          portal: Participant) -> None:
    send("H17"), send("H17")
    bad: list[str] = []

    def says(_url: str, _n: int) -> Answer:
        bad.append(there.came[-1][1])
        return Answer(422, b'{"type": "/api#message"}') if bad[-1] == bad[0] else Answer(201, b"{}")
    there.says = says
    now = clock.now()
    for pause in (*app.config["EXCHANGE_PATIENCE_S"], 0):
        with clock.pretend(now):
            worker.run_all(app, (Lane.outside,))
        now += timedelta(seconds=pause + 1)
    assert states() == ["parked", "done"]
    [parked] = delivery.parked()
    assert parked.reason == "answered 422 /api#message" and parked.tries == len(app.config["EXCHANGE_PATIENCE_S"]) + 1
    there.says = lambda _url, _n: Answer(200, b"{}")
    by = make.officer()
    with transaction():
        assert delivery.replay(session.get_one(Delivery, parked.id), by)
    with transaction():
        assert not delivery.replay(session.get_one(Delivery, parked.id), by)
    worker.run_all(app, (Lane.outside,))
    assert states() == ["done", "done"]


@pytest.mark.parametrize("answer", [NotReached("took longer than 20 s"), Answer(503, b""), Answer(401, b"{}")])
def test_a_dead_portal_is_asked_once_a_pause_and_delays_nobody(app: Flask, there: There, portal: Participant,
                                                               answer: Answer | Exception) -> None:
    other("H29")
    for sender in ("H26", "G01", "G15"):
        send("H17", sender=sender)
    send("H29")
    there.says = lambda url, _n: answer if "h17" in url else Answer(201, b"{}")
    now = clock.now()
    for _ in range(3):
        with clock.pretend(now):
            worker.run_all(app, (Lane.outside,))
        send("H17"), send("H29")
        now += timedelta(seconds=3)
    asked = [url for url, _content in there.came]
    assert len([url for url in asked if "h17" in url]) == 1, "however much waits for it, and comes meanwhile"
    assert len([url for url in asked if "h29" in url]) == 3
    with clock.pretend(clock.now() + timedelta(seconds=20)):
        worker.run_all(app, (Lane.outside,))
    assert len([url for url, _content in there.came if "h17" in url]) == 2


def test_ids_that_nobody_has_there_are_noted(app: Flask, there: There, portal: Participant) -> None:
    send("H17")
    there.says = lambda _url, _n: Answer(201, json.dumps({"unknown": ["H17"]}).encode())
    worker.run_all(app, (Lane.outside,))
    assert session.scalars(select(Delivery.reason)).one() == "unknown there: H17"


def test_a_turn_that_was_lost_is_put_again(app: Flask, there: There, portal: Participant) -> None:
    send("H17")
    session.query(Job).delete()
    session.commit()
    make.done("exchange.push_what_is_due")
    worker.run_all(app, (Lane.outside,))
    assert states() == ["done"]


def test_one_that_takes_part_no_longer_gets_nothing(app: Flask, there: There, portal: Participant) -> None:
    send("H17")
    portal.state = "ended"
    session.commit()
    worker.run_all(app, (Lane.outside,))
    assert there.came == [] and states() == ["waiting"]
