"""Each peer gets a message in its own dialect; what was signed, and what is in it already, in the bytes that came."""
import base64
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal.exchange import conformance, participants, receiving, translating
from portal.exchange.edxml import carrying, reading
from portal.exchange.edxml.message import DocumentMessage
from portal.exchange.edxml.profiles import CSHARP, GATEWAY, PROFILES, VNPT
from portal.exchange.models import Conformance, Message, Participant, Way
from portal.kit.db import session, transaction
from tests.exchange import make, messages
from tests.exchange.axis_client import Client
from tests.exchange.edxml.signing import signed
from tests.exchange.edxml.test_writing import comparable, written

LETTER = messages.document("H17", sender="H26", number=7)


def message(**said: Any) -> Message:
    return Message(**{"kind": "document", "dialect": "vnpt", "signature": "none", "deviations": []} | said)


def receiver(**said: Any) -> Participant:
    return Participant(**{"way": Way.axis, "profile": "vnpt", "upstream": False} | said)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("dialect", PROFILES)
def test_only_another_dialect_is_written_anew(profile: str, dialect: str) -> None:
    found = translating.profile_for(message(dialect=dialect), receiver(profile=profile))
    assert found is (None if profile == dialect else PROFILES[profile])


@pytest.mark.parametrize("state", ["valid", "not-verifiable", "invalid"])
def test_what_bears_a_signature_is_passed_on_as_it_came(state: str) -> None:
    assert translating.profile_for(message(signature=state), receiver(profile="csharp")) is None


@pytest.mark.parametrize("said", [{"way": Way.push}, {"upstream": True}, {"profile": "unknown"}])
def test_another_portal_of_this_kind_gets_what_came(said: dict[str, Any]) -> None:
    assert translating.profile_for(message(dialect="csharp"), receiver(**{"profile": "vnpt"} | said)) is None


def test_a_status_goes_in_the_form_that_its_receiver_knows() -> None:
    plain, older = message(kind="status"), message(kind="status", deviations=["status_older"])
    assert translating.profile_for(plain, receiver(profile="csharp")) is CSHARP
    assert translating.profile_for(older, receiver(profile="csharp")) is None
    assert translating.profile_for(older, receiver(profile="vnpt")) is VNPT
    assert translating.profile_for(plain, receiver(profile="gateway")) is None


def test_what_is_written_anew_says_all_that_the_profile_carries(app: Flask, tmp_path: Path) -> None:
    said = messages.xml(LETTER)
    stream, size = translating.translated(BytesIO(said), GATEWAY)
    with stream:
        out = stream.read()
    assert len(out) == size
    first, second = (reading.read(BytesIO(one), folder(tmp_path, nth)) for nth, one in enumerate((said, out)))
    assert comparable(second) == comparable(carrying.carried(first, GATEWAY))


def test_what_cannot_be_written_anew_goes_as_it_came(app: Flask) -> None:
    for said in (signed(), b"<edXML"):
        stream, size = translating.translated(BytesIO(said), CSHARP)
        with stream:
            assert (stream.read(), size) == (said, len(said))


def folder(place: Path, nth: int) -> Path:
    made = place / str(nth)
    made.mkdir()
    return made


def sent(said: bytes, sender: str = "H26") -> None:
    participant = session.scalars(select(Participant).where(Participant.code == sender)).one()
    receiving.accept(participant, BytesIO(said), way="axis")


@pytest.fixture
def h17(app: Flask) -> Client:
    """A system of H17 that knows the C# dialect alone; H26 writes to it in the commonest one."""
    make.participant("H26", Way.axis)
    known = make.participant("H17", Way.axis)
    with transaction():
        participants.write_as(session.merge(known), Way.axis, "csharp", None)
    return Client(lambda path, headers, body: _asked(app, path, headers, body), "thu-h17", make.SECRET)


def _asked(app: Flask, path: str, headers: Any, body: bytes) -> tuple[int, bytes]:
    answer = app.test_client().post(path, headers=dict(headers), data=body)
    return answer.status_code, answer.data


def test_a_system_of_the_axis_gets_its_own_dialect(h17: Client, tmp_path: Path) -> None:
    sent(messages.xml(LETTER))
    [line] = h17.received()
    got = base64.b64decode(h17.document(line["docId"])["data"])
    back = reading.read(BytesIO(got), tmp_path)
    assert isinstance(back, DocumentMessage)
    assert (back.seen.dialect, back.subject) == ("csharp", LETTER.subject)
    assert back.attachments[0].sha256 == LETTER.attachments[0].sha256


def test_the_bytes_that_came_stay_what_is_kept_and_proven(h17: Client) -> None:
    said = messages.xml(LETTER)
    sent(said)
    kept = session.scalars(select(Message)).one()
    assert kept.size == len(said) and kept.dialect == "vnpt"


def test_what_is_in_its_dialect_already_comes_byte_for_byte(h17: Client, tmp_path: Path) -> None:
    said = written(reading.read(BytesIO(messages.xml(LETTER)), tmp_path), CSHARP)
    sent(said)
    [line] = h17.received()
    assert base64.b64decode(h17.document(line["docId"])["data"]) == said


def test_each_message_that_is_taken_in_is_counted_for_its_system_once(h17: Client) -> None:
    said = messages.xml(LETTER)
    for _again in range(3):
        sent(said)
    sender = session.scalars(select(Participant).where(Participant.code == "H26")).one()
    every, lines = conformance.of(sender.id)
    assert every is not None and every.n == 1
    [first, *_repeats] = session.scalars(select(Message).order_by(Message.id))
    assert {line.deviation for line in lines} == set(first.deviations)
    assert session.scalars(select(Conformance.n)).all() == [1] * (1 + len(lines))
