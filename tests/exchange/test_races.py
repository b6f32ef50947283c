"""Two at once: the same message, the same id with other content, many to one receiver. Commits for good."""
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.exchange import delivery, receiving
from portal.exchange.edxml.message import Business, Message
from portal.exchange.models import Copy, Delivery, Document, ExchangeEvent, Participant
from portal.exchange.models import Message as Row
from portal.exchange.receiving import Accepted
from portal.kit.db import session, transaction
from tests.exchange import documents, messages
from tests.sizes import times

pytestmark = pytest.mark.real_commits
ROUNDS = times(3, 40)


@pytest.fixture
def hub(town: Flask) -> Flask:
    with town.app_context():
        for code in ("H26", "H17", "H29"):
            documents.participant(code, way="api")
    return town


def at_once(hub: Flask, *acts: Callable[[], Any]) -> list[Any]:
    """All begin in the same moment, each on a connection of its own."""
    together = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        with hub.app_context():
            together.wait()
            return act()
    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result() for future in [pool.submit(run, act) for act in acts]]


def taking(hub: Flask, sender: str, said: Message) -> Callable[[], Accepted]:
    """Taking a message, the slow part of which is done already."""
    with hub.app_context():
        taken = messages.taken(said)
        number = documents.participant(sender).id
        session.rollback()
    return lambda: receiving.once_more(lambda: receiving.take(session.get_one(Participant, number), taken, way="api"))


def count(table: Any, *where: Any) -> int:
    return session.scalar(select(func.count()).select_from(table).where(*where)) or 0


def test_the_same_message_at_once_has_one_effect(hub: Flask) -> None:
    for _ in range(ROUNDS):
        said = messages.document("H17", "H29")
        answers = at_once(hub, *(taking(hub, "H26", said) for _ in range(4)))
        assert len({one.message_id for one in answers}) == 1 and {one.verdict for one in answers} == {"accepted"}
        assert sorted(one.repeated for one in answers) == [False, True, True, True]
    with hub.app_context():
        assert (count(Document), count(Copy), count(Delivery)) == (ROUNDS, 2 * ROUNDS, 2 * ROUNDS)
        assert count(Row, Row.verdict == "accepted") == ROUNDS and count(Row, Row.verdict == "repeat") == 3 * ROUNDS


def test_the_same_id_with_other_content_at_once_is_taken_once(hub: Flask) -> None:
    for _ in range(ROUNDS):
        said = messages.document("H17")
        answers = at_once(hub, taking(hub, "H26", said), taking(hub, "H26", replace(said, subject="Khác")))
        assert sorted(one.verdict for one in answers) == ["accepted", "conflict"]
    with hub.app_context():
        assert (count(Document), count(Delivery)) == (ROUNDS, ROUNDS)


def test_two_editions_at_once_are_two(hub: Flask) -> None:
    said = messages.document("H17")
    [first] = at_once(hub, taking(hub, "H26", said))
    change = messages.change(said, Business.update)
    at_once(hub, *(taking(hub, "H26", replace(change, subject=f"Bản {n}")) for n in range(4)))
    with hub.app_context():
        assert session.get_one(Document, first.document_id).edition == 5
        assert count(ExchangeEvent, ExchangeEvent.code == "updated") == 4


def test_a_status_twice_at_once_is_one_event(hub: Flask) -> None:
    for _ in range(ROUNDS):
        said = messages.document("H17")
        at_once(hub, taking(hub, "H26", said))
        word = messages.status(said, "03", at=datetime(2026, 11, 3, 2, tzinfo=UTC))
        answers = at_once(hub, taking(hub, "H17", word), taking(hub, "H17", word))
        assert sorted(one.deliveries for one in answers) == [0, 1]
    with hub.app_context():
        assert count(ExchangeEvent, ExchangeEvent.code == "03") == ROUNDS


def test_word_that_comes_in_the_moment_of_its_document_is_not_lost(hub: Flask) -> None:
    for _ in range(4 * ROUNDS):
        said = messages.document("H17", "H29")
        at_once(hub, taking(hub, "H26", said), taking(hub, "H17", messages.status(said, "03")),
                taking(hub, "H29", messages.status(said, "03", sender="H29")))
    with hub.app_context():
        assert count(Row, Row.verdict == "unmatched") == 0
        assert count(ExchangeEvent, ExchangeEvent.code == "03") == 8 * ROUNDS


def test_places_of_a_pair_have_no_gap_whoever_sends_at_once(hub: Flask) -> None:
    at_once(hub, *(taking(hub, sender, messages.document("H17", sender=sender))
                   for _ in range(2 * ROUNDS) for sender in ("H26", "H29")))
    with hub.app_context():
        for sender in ("H26", "H29"):
            rows: Sequence[Any] = session.execute(
                select(Delivery.position, Delivery.id).join(Delivery.sender).where(Participant.code == sender)
                .order_by(Delivery.id)).all()
            assert [row[0] for row in rows] == list(range(1, 2 * ROUNDS + 1)), "and their numbers are in that order"


def test_a_document_and_its_answers_cross_without_a_deadlock(hub: Flask) -> None:
    for _ in range(ROUNDS):
        one, other = messages.document("H17"), messages.document("H26", sender="H17")
        at_once(hub, taking(hub, "H26", one), taking(hub, "H17", other))
        at_once(hub, taking(hub, "H17", messages.status(one, "03")), taking(hub, "H26", messages.status(
            other, "03", sender="H26")), taking(hub, "H17", messages.document("H26", sender="H17", response_for=(
                messages.about(one),))), taking(hub, "H26", messages.document("H17", response_for=(
                    messages.about(other),))))
    with hub.app_context():
        assert count(ExchangeEvent, ExchangeEvent.code == "answered") == 2 * ROUNDS


def test_an_acknowledgement_twice_at_once_counts_once(hub: Flask) -> None:
    at_once(hub, taking(hub, "H26", messages.document("H17")))
    with hub.app_context():
        number = session.scalars(select(Delivery.id)).one()

    def say() -> None:
        with transaction():
            delivery.acknowledge(session.get_one(Delivery, number), delivery.FAIL, "đĩa đầy")
    at_once(hub, say, say, say)
    with hub.app_context():
        assert session.get_one(Delivery, number).tries == 3
