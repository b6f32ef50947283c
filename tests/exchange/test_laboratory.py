"""What would become of a message: read, judged, written for each peer, and nothing kept."""
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.exchange import laboratory, participants
from portal.exchange.edxml import deviations
from portal.exchange.edxml.message import DocumentMessage, Refused, Signature
from portal.exchange.edxml.profiles import PROFILES
from portal.exchange.models import Participant
from portal.files.models import StoredFile
from portal.kit.db import Inside, session, transaction
from tests import make
from tests.exchange.edxml import signing
from tests.exchange.edxml.test_writing import letter, written

SAMPLES = Path(__file__).parent / "edxml" / "samples"
PLAIN = (SAMPLES / "02_orderB_xlink_plain.edxml").read_bytes()


def look(said: bytes) -> laboratory.Looked:
    return laboratory.look(BytesIO(said))


def sender(**kw: Any) -> Participant:
    facts = {"code": "H99.01", "name": "Sở Thử nghiệm", "way": "api", "profile": "vnpt", "state": "connected"}
    return make.save(Participant(**facts | kw))


def test_a_message_is_understood_and_written_for_every_peer(app: Flask) -> None:
    found = look(PLAIN)
    assert isinstance(found.message, DocumentMessage)
    assert found.message.subject == "Báo cáo tháng 10 (thử)"
    assert (found.size, found.sender, found.passed_on) == (len(PLAIN), None, False)
    assert [peer.profile.name for peer in found.peers] == list(PROFILES)
    lost = {peer.profile.name: [one.field for one in peer.left_out] for peer in found.peers}
    assert lost["csharp"] == [] and lost["vnpt"] == [] and "DocumentType" in lost["gateway"]
    for peer in found.peers:
        with laboratory.written(BytesIO(PLAIN), peer.profile) as out:
            whole = out.read()
        assert len(whole) == peer.size
        assert look(whole).message.seen.dialect == peer.profile.name


def kept(shelf: Path) -> list[Path]:
    return sorted(one for one in shelf.rglob("*") if one.is_file())


def test_nothing_is_kept(app: Flask) -> None:
    shelf = Path(app.config["FILES_FOLDER"])
    before = kept(shelf)
    look(PLAIN)
    with laboratory.written(BytesIO(PLAIN), PROFILES["vnpt"]):
        pass
    assert kept(shelf) == before
    assert session.scalar(select(func.count()).select_from(StoredFile)) == 0


def test_what_was_signed_is_passed_on_as_it_came(app: Flask) -> None:
    stub = (SAMPLES / "01_orderA_letter_zip.edxml").read_bytes()
    found = look(stub)
    assert found.passed_on and found.message.seen.signature is Signature.not_verifiable
    assert all(not peer.text and not peer.left_out for peer in found.peers)
    with laboratory.written(BytesIO(stub), PROFILES["csharp"]) as out:
        assert out.read() == stub


def test_the_pinned_certificates_of_who_is_connected_decide(app: Flask) -> None:
    message = signing.signed()
    assert (look(message).message.seen.signature, look(message).pins) == (Signature.not_verifiable, 0)
    participants.add_certificate(sender(), signing.signer().certificate_pem, None)
    session.commit()
    found = look(message)
    assert (found.message.seen.signature, found.sender, found.pins) == (Signature.valid, "Sở Thử nghiệm", 1)
    changed = look(message.replace("Về việc thử".encode(), "Về việc khác".encode()))
    assert (changed.message.seen.signature, changed.fault) == (Signature.invalid, "digest")


def test_what_is_refused_is_refused_with_its_reason(app: Flask) -> None:
    with pytest.raises(Refused) as refused:
        look(PLAIN[:-40])
    assert refused.value.reason == "cut"


def test_it_is_slow_and_not_for_the_inside_of_a_transaction(app: Flask) -> None:
    with pytest.raises(Inside), transaction():
        look(PLAIN)


def test_where_a_deviation_is_met_is_said_of_known_ones_alone() -> None:
    assert set(laboratory.WHERE) <= set(deviations.NAMES)


def test_people_read_it_in_lines_with_contents_shortened() -> None:
    said = laboratory.readable(written(letter(), PROFILES["vnpt"]).decode())
    assert "\n        <edXML:From>\n          <edXML:OrganId>H99.01</edXML:OrganId>\n" in said
    long = laboratory.readable(f"<a><ContentTransferEncoded>{'A' * 500}</ContentTransferEncoded></a>")
    assert f"{'A' * laboratory.SHORT}…</ContentTransferEncoded>" in long and "A" * (laboratory.SHORT + 1) not in long
    assert len(laboratory.readable("<a>" * 30_000)) <= laboratory.SHOWN + 1
