"""What is counted of each system's own messages."""
import random
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from portal.exchange import conformance
from portal.exchange.edxml import deviations
from portal.exchange.models import Message, Participant
from portal.kit.db import session
from tests import make

MORNING = datetime(2026, 11, 2, 1, tzinfo=UTC)
n = count(1)


def participant(code: str | None = None, **kw: Any) -> Participant:
    code = code or f"H98.{next(n):02}"
    facts = {"code": code, "name": code, "way": "api", "profile": "vnpt", "state": "connected"}
    return make.save(Participant(**facts | kw))


def message(sender: Participant, **kw: Any) -> Message:
    return make.save(Message(**{
        "kind": "document", "way": "api", "sender_id": sender.id, "from_code": sender.code, "size": 1,
        "payload_sha256": f"{next(n):064}", "sha256": f"{next(n):064}", "dialect": "vnpt", "signature": "none",
        "verdict": "accepted"} | kw))


def lines(participant_id: int) -> dict[str, int]:
    every, found = conformance.of(participant_id)
    return {"": every.n if every else 0} | {line.deviation: line.n for line in found}


def test_each_message_counts_once_and_each_of_its_deviations(app: object) -> None:
    sender = participant()
    first, second = message(sender), message(sender, document_key="H99,2026-11-02,1/CV")
    conformance.count(sender.id, first.id, ("date_form", "organ_old", "date_form"), MORNING)
    conformance.count(sender.id, second.id, ("date_form",), MORNING + timedelta(days=1))
    assert lines(sender.id) == {"": 2, "date_form": 2, "organ_old": 1}
    line = conformance.of(sender.id)[1][0]
    assert (line.deviation, line.first_at, line.last_at) == ("date_form", MORNING, MORNING + timedelta(days=1))
    assert (line.message_id, line.example) == (second.id, "H99,2026-11-02,1/CV")


def test_a_message_without_deviations_counts_too(app: object) -> None:
    sender = participant()
    assert conformance.of(sender.id) == (None, [])
    conformance.count(sender.id, message(sender).id, (), MORNING)
    assert lines(sender.id) == {"": 1}


def test_the_order_in_which_messages_are_counted_changes_nothing(app: object) -> None:
    seen = []
    for order in range(4):
        sender = participant()
        came = [(message(sender).id, MORNING + timedelta(minutes=n)) for n in range(3)]
        newest = came[-1][0]
        random.Random(order).shuffle(came)
        for message_id, at in came:
            conformance.count(sender.id, message_id, ("href",), at)
        [line] = conformance.of(sender.id)[1]
        assert line.message_id == newest
        seen.append((line.n, line.first_at, line.last_at))
    assert set(seen) == {(3, MORNING, MORNING + timedelta(minutes=2))}


def test_systems_are_listed_by_their_codes_page_by_page_with_what_they_sent(app: object) -> None:
    a, b = participant("H99.01"), participant("H99.02")
    participant("H99.03", state="ended")
    conformance.count(b.id, message(b).id, ("href", "date_form"), MORNING)
    session.commit()
    found = {one.code: (one.n, one.ways, one.last_at) for one in conformance.systems()}
    assert found["H99.01"] == (0, 0, None) and found["H99.02"] == (1, 2, MORNING) and "H99.03" not in found
    assert [one.id for one in conformance.systems(after="H99.01", limit=1)] == [b.id]
    assert [one.id for one in conformance.systems(limit=1, after="H99")] == [a.id]


def test_an_agency_sees_its_own_systems_alone(app: object) -> None:

    here, there = make.agency("H17"), make.agency("H26")
    own = participant("H17", agency_id=here.id)
    participant("H26", agency_id=there.id)
    assert [one.id for one in conformance.systems([here.id])] == [own.id]
    assert conformance.systems([]) == []


@pytest.mark.parametrize("name", deviations.NAMES)
def test_every_name_fits_its_column(name: str) -> None:
    assert len(name) <= 40
