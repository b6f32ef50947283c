"""A bundle proves who sent a document and who got it; whatever is done to it is found by the program that checks it."""
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from portal.exchange import bundles, originals, recording
from portal.exchange.models import Delivery, Document, Message
from portal.kit import files as kept
from portal.kit.db import session
from tests import make
from tests.exchange import documents, made
from tools import check_bundle

TOOL = Path(check_bundle.__file__)
SENT, RECALLED = b"<edXML>v\xc4\x83n b\xe1\xba\xa3n</edXML>" * 100, b"<edXML>thu h\xe1\xbb\x93i</edXML>"
ONE, TWO = "H99.A", "H99.B"


def _message(document: Document, content: bytes, business: str, **kw: Any) -> Message:
    message = made.message(document.sender, "document", document_key=document.key, business=business, size=len(content),
                           **kw)
    blob = originals.keep(io.BytesIO(content), 1 << 20)
    message.sha256 = blob.sha256
    originals.own(message, blob)
    return message


@pytest.fixture
def document(app: Any) -> Document:
    """Sent to two, taken by both, refused by one; then recalled."""
    one, two = made.participant(ONE), made.participant(TWO)
    document = made.document(receivers=(one, two))
    sent, recall = _message(document, SENT, "new"), _message(document, RECALLED, "recall")
    document.message_id = sent.id
    for n, message in enumerate((sent, recall), 1):
        for receiver in (one, two):
            session.add(Delivery(message_id=message.id, sender_id=document.sender_id, receiver_id=receiver.id,
                                 kind="document", position=n, state="done", taken_at=made.later(n),
                                 ended_at=made.later(n + 1)))
    refusal = made.message(two, about_key=document.key, status_code="02")
    recording.record(document, "01", copy=document.copies[0], at=made.later(2), how="fetched")
    recording.record(document, "02", copy=document.copies[1], at=made.later(3), how="status", message_id=refusal.id,
                     note="Gửi nhầm nơi nhận")
    for copy in document.copies:
        recording.record(document, "13", copy=copy, at=made.later(5), how="sent", message_id=recall.id)
    session.commit()
    return document


def bundle(document: Document, **kw: Any) -> bytes:
    out = io.BytesIO()
    bundles.write(document, out, **kw)
    return out.getvalue()


def parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(named: dict[str, bytes]) -> io.BytesIO:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in named.items():
            archive.writestr(name, content)
    return out


def wrong(content: bytes | io.BytesIO, keys: list[str] | None = None) -> list[str]:
    source = content if isinstance(content, io.BytesIO) else io.BytesIO(content)
    return check_bundle.check(source, bundles.public_keys() if keys is None else keys).wrong


def test_it_tells_who_sent_and_who_got_what_when(document: Document) -> None:
    found = check_bundle.check(io.BytesIO(bundle(document)), bundles.public_keys())
    assert found.wrong == []
    assert found.manifest["document"]["key"] == document.key
    assert found.manifest["document"]["sender"]["code"] == document.sender.code
    assert [(one["receiver"]["code"], one["state"]) for one in found.records if one["record"] == "receiver"] == [
        (ONE, "arrived"), (TWO, "refused")]
    assert len([one for one in found.records if one["record"] == "delivery"]) == 4
    assert [one["code"] for one in found.records if one["record"] == "event" and one["receiver"] == TWO] == [
        "sent", "02", "13"]
    said = "\n".join(check_bundle.told(found))
    assert document.sender.code in said and "refused by the receiver" in said and "recall asked" in said
    assert sorted(content for name, content in parts(bundle(document)).items() if name.startswith("messages/")) == \
        sorted([SENT, RECALLED])


def test_the_program_needs_nothing_but_python(document: Document, tmp_path: Path) -> None:
    """Run as an outsider does: no package of ours, none of anybody's."""
    at = tmp_path / "van-ban.zip"
    at.write_bytes(bundle(document))

    def run(*more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-I", "-S", str(TOOL), str(at), *more], capture_output=True, text=True,
                              timeout=60, cwd=tmp_path, check=False)

    done = run("--key", bundles.public_keys()[0])
    assert (done.returncode, done.stderr) == (0, "")
    assert document.sender.name in done.stdout and "Every byte" in done.stdout
    done = run()
    assert done.returncode == 0 and "compare it with what the portal publishes" in done.stdout
    done = run("--key", "A" * 43 + "=")
    assert done.returncode == 1 and "another key" in done.stderr
    at.write_bytes(at.read_bytes()[:-40])
    assert run().returncode == 2


Change = Callable[[dict[str, bytes]], None]


def _message_name(named: dict[str, bytes]) -> str:
    return next(name for name in named if name.startswith("messages/"))


def _altered_byte(named: dict[str, bytes]) -> None:
    name = _message_name(named)
    named[name] = named[name][:-1] + b"!"


def _message_gone(named: dict[str, bytes]) -> None:
    del named[_message_name(named)]


def _message_added(named: dict[str, bytes]) -> None:
    named["messages/99999999.edxml"] = b"<edXML/>"


def _lines(change: Callable[[list[bytes]], list[bytes]]) -> Change:
    def act(named: dict[str, bytes]) -> None:
        named[bundles.RECORDS] = b"".join(change(named[bundles.RECORDS].splitlines(keepends=True)))
    return act


def _rechained(change: Callable[[list[dict[str, Any]]], None]) -> Change:
    """By somebody who knows the form, and computes every SHA-256 anew; the signature they cannot."""
    def act(named: dict[str, bytes]) -> None:
        records = [json.loads(line) for line in named[bundles.RECORDS].splitlines()]
        change(records)
        for record in records:
            del record["n"], record["before"]
        lines, last = bundles._chained(records)
        manifest = json.loads(named[bundles.MANIFEST]) | {"last": last, "records": len(lines)}
        named |= {bundles.RECORDS: b"".join(lines), bundles.MANIFEST: bundles._json(manifest)}
    return act


def _late(records: list[dict[str, Any]]) -> None:
    records[-1]["at"] = "2026-12-31T00:00:00Z"


def _without_last(records: list[dict[str, Any]]) -> None:
    records.pop()


def _manifest(named: dict[str, bytes]) -> None:
    named[bundles.MANIFEST] = named[bundles.MANIFEST].replace(b'"number":"', b'"number":"1')


CHANGES: dict[str, Change] = {
    "a byte of a message": _altered_byte, "a message removed": _message_gone, "a message added": _message_added,
    "an event removed": _lines(lambda lines: lines[:-2] + lines[-1:]), "the last event removed": _lines(
        lambda lines: lines[:-1]), "events in another order": _lines(lambda lines: [*lines[:-2], lines[-1], lines[-2]]),
    "an event twice": _lines(lambda lines: [*lines, lines[-1]]), "a delivery's time": _lines(
        lambda lines: [line.replace(b'"tries":0', b'"tries":1') for line in lines]),
    "an event altered and all computed anew": _rechained(_late), "an event removed and all computed anew": _rechained(
        _without_last), "the manifest": _manifest,
}


@pytest.mark.parametrize("name", CHANGES)
def test_whatever_was_done_to_it_is_found(document: Document, name: str) -> None:
    whole = parts(bundle(document))
    assert wrong(packed(whole)) == [], "packed again it is still what was signed"
    changed = dict(whole)
    CHANGES[name](changed)
    assert changed != whole and wrong(packed(changed)) != []


def test_who_signs_it_anew_with_a_key_of_their_own_is_not_believed(document: Document) -> None:
    whole, other = parts(bundle(document)), Ed25519PrivateKey.generate()
    _rechained(_late)(whole)
    import base64  # noqa: PLC0415
    key = base64.b64encode(other.public_key().public_bytes_raw()).decode()
    whole[bundles.SIGNATURE] = bundles._json({
        "algorithm": "Ed25519", "over": bundles.MANIFEST, "key": key,
        "signature": base64.b64encode(other.sign(whole[bundles.MANIFEST])).decode()})
    assert wrong(packed(whole), [key]) == [], "whoever believes that key is told nothing"
    assert wrong(packed(whole)) == ["it is signed with another key than the one given"]


@pytest.mark.parametrize("content", [b"", b"PK", b"<edXML/>", packed({"manifest.json": b"{}"}).getvalue(),
                                     packed(dict.fromkeys(("manifest.json", "records.jsonl", "signature.json"),
                                                          b"[]")).getvalue()])
def test_what_is_no_bundle_is_called_so(content: bytes) -> None:
    with pytest.raises(check_bundle.NoBundle):
        wrong(content, [])


def test_a_receiver_gets_its_own_part_and_nothing_of_the_others(document: Document) -> None:
    own = document.copies[0].receiver
    found = check_bundle.check(io.BytesIO(bundle(document, receivers=[own.id])), bundles.public_keys())
    assert found.wrong == [] and found.manifest["whole"] is False
    assert TWO not in json.dumps(found.records) and ONE in json.dumps(found.records)
    assert "Gửi nhầm" not in json.dumps(found.records, ensure_ascii=False)


def test_a_message_whose_bytes_are_lost_is_said_to_be(document: Document) -> None:
    message = session.get_one(Message, document.message_id)
    assert message.file is not None
    kept.where(message.file.blob).unlink()
    found = check_bundle.check(io.BytesIO(bundle(document)), bundles.public_keys())
    assert found.wrong == [f"message {message.id}: its bytes were missing when the bundle was made"]


def test_an_older_key_is_still_published(app: Any, document: Document) -> None:
    before, content = bundles.public_keys(), bundle(document)
    app.config |= {"SECRET_KEY": "another secret of thirty-two letters", "SECRET_KEY_FALLBACKS": [
        app.config["SECRET_KEY"]]}
    try:
        assert before[0] in bundles.public_keys()[1:] and wrong(content) == []
    finally:
        app.config |= {"SECRET_KEY": app.config["SECRET_KEY_FALLBACKS"][0], "SECRET_KEY_FALLBACKS": []}


def test_it_is_taken_away_by_who_may_read_the_document(sign_in: Any) -> None:
    sender, receiver = documents.participant("H17"), documents.participant("H26")
    document = documents.document(sender, (receiver, documents.participant("H29")))
    ours, theirs = sign_in(make.staff("clerk", "H17")), sign_in(make.staff("clerk", "H26"))
    own = ours.get(f"/government/documents/{document.id}/bundle")
    keys = ours.application.test_client().get("/government/exchange/bundle-keys").text.split()
    assert own.status_code == 200 and own.headers["Content-Disposition"].startswith("attachment")
    found = check_bundle.check(io.BytesIO(own.data), keys)
    assert found.wrong == [] and found.manifest["whole"] and "H29" in json.dumps(found.records)
    part = theirs.get(f"/government/incoming/{document.copies[0].id}/bundle")
    found = check_bundle.check(io.BytesIO(part.data), keys)
    assert found.wrong == [] and not found.manifest["whole"] and "H29" not in json.dumps(found.records)
    assert theirs.get(f"/government/documents/{document.id}/bundle").status_code == 404


def test_an_operator_writes_one_by_its_key_or_number(app: Any, document: Document, tmp_path: Path) -> None:
    run = app.test_cli_runner()
    for name in (document.key, str(document.id)):
        out = tmp_path / f"{document.id}.zip"
        done = run.invoke(args=["exchange", "bundle", name, "--out", str(out)])
        assert done.exit_code == 0, done.output
        assert check_bundle.main([str(out), "--key", done.output.split()[0]]) == 0
    assert run.invoke(args=["exchange", "bundle", "không có", "--out", str(tmp_path / "x.zip")]).exit_code == 2
    for out in (tmp_path / "no folder" / "x.zip", tmp_path):
        done = run.invoke(args=["exchange", "bundle", document.key, "--out", str(out)])
        assert done.exit_code == 1 and f"{out} cannot be written" in done.output
    assert not list(tmp_path.glob(".*")), "nothing half written stays"


def _cases() -> Iterator[tuple[bytes, bytes, bytes, bool]]:
    for size in range(0, 200, 17):
        key, message = Ed25519PrivateKey.generate(), bytes(range(size))
        public, signature = key.public_key().public_bytes_raw(), key.sign(message)
        yield public, signature, message, True
        yield public, signature, message + b"\0", False
        yield public, bytes([signature[0] ^ 1]) + signature[1:], message, False
        yield public[:-1] + bytes([public[-1] ^ 1]), signature, message, False
        more = int.from_bytes(signature[32:], "little") + check_bundle.ORDER
        yield public, signature[:32] + more.to_bytes(32, "little"), message, False


@pytest.mark.once
def test_its_own_ed25519_says_what_the_library_says() -> None:
    for public, signature, message, fits in _cases():
        assert check_bundle.signed_by(public, signature, message) is fits
    assert not check_bundle.signed_by(b"\xff" * 32, b"\0" * 64, b"") and not check_bundle.signed_by(b"", b"", b"")


def test_times_are_those_that_were_written_down(document: Document) -> None:
    found = check_bundle.check(io.BytesIO(bundle(document)), [])
    [arrived] = [one for one in found.records if one["record"] == "event" and one["code"] == "01"]
    assert arrived["at"] == "2026-11-02T01:02:00Z" and arrived["how"] == "fetched"
    assert made.later(2) - made.MORNING == timedelta(minutes=2)


def test_what_is_about_a_document_of_others_with_the_same_id_is_theirs(document: Document) -> None:
    """An id is what its sender wrote: whoever writes another's gets nothing of that one's."""
    receiver = made.participant("H99.C")
    copied = made.document(receivers=(receiver,), key=document.key)
    update = _message(document, b"<edXML>b\xc3\xad m\xe1\xba\xadt</edXML>", "update", about_key=document.key)
    session.commit()
    found = check_bundle.check(io.BytesIO(bundle(copied)), bundles.public_keys())
    assert found.wrong == [] and [one for one in found.records if one["record"] in ("message", "delivery")] == []
    whole = check_bundle.check(io.BytesIO(bundle(document)), bundles.public_keys())
    assert update.id in {one["id"] for one in whole.records if one["record"] == "message"}


def test_a_receiver_reads_nothing_that_went_to_others_alone(document: Document) -> None:
    one, two = (copy.receiver_id for copy in document.copies)
    for_two = _message(document, b"<edXML>ri\xc3\xaang</edXML>", "update", about_key=document.key)
    session.add(Delivery(message_id=for_two.id, sender_id=document.sender_id, receiver_id=two, kind="document",
                         position=3, state="done"))
    stranger = made.message(made.participant("H99.D"), "document", document_key="k")
    recording.record(document, "answered", how="answer", at=made.later(9), message_id=stranger.id)
    session.commit()

    def told(*receivers: int) -> tuple[set[int], set[str]]:
        found = check_bundle.check(io.BytesIO(bundle(document, receivers=receivers or None)), bundles.public_keys())
        assert found.wrong == []
        return ({line["id"] for line in found.records if line["record"] == "message"},
                {line["code"] for line in found.records if line["record"] == "event"})
    assert for_two.id not in told(one)[0] and "answered" not in told(one)[1]
    assert for_two.id in told(two)[0] and {for_two.id, stranger.id} <= told()[0] and "answered" in told()[1]


def test_whatever_a_number_is_the_bundle_is_given(app: Any, sign_in: Any) -> None:
    document = documents.document(number='1\n2"\u202e/..', notation="CV\r\nSTN")
    browser = sign_in(make.staff("clerk", "H17"))
    answer = browser.get(f"/government/incoming/{document.copies[0].id}/bundle")
    assert answer.status_code == 200 and answer.headers["Content-Disposition"].isprintable()
