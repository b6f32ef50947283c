"""The calls of the national axis's client, asked by a client of its own (axis_client.py)."""
import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from portal.api.exchange import axis_answers, axis_signing
from portal.exchange import participants
from portal.exchange.edxml.message import DocumentMessage
from portal.exchange.models import Copy, Delivery, Document, ExchangeEvent, Message, Participant, Way
from portal.files.models import StoredFile
from portal.kit import files
from portal.kit.db import session, transaction
from portal.kit.jobs import Job
from tests import make as people
from tests.exchange import make, messages
from tests.exchange.axis_client import Client

SAMPLES = Path(__file__).parent / "edxml" / "samples"
SEND = json.loads((SAMPLES / "07_sdk_headers_send.json").read_text())
LISTED = json.loads((SAMPLES / "08_sdk_received_list.json").read_text())
LETTER = (SAMPLES / "01_orderA_letter_zip.edxml").read_bytes()
BASE = "/api/exchange/axis"


def over(app: Flask) -> Callable[[str, Mapping[str, str], bytes], tuple[int, bytes]]:
    def post(path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        answer = app.test_client().post(path, headers=dict(headers), data=body)
        return answer.status_code, answer.data

    return post


@pytest.fixture
def h26(app: Flask) -> Client:
    """The system of H26; H17's is there too."""
    make.participant("H26", Way.axis)
    return Client(over(app), "thu-h26", make.SECRET)


@pytest.fixture
def h17(app: Flask, h26: Client) -> Client:
    make.participant("H17", Way.axis)
    return Client(over(app), "thu-h17", make.SECRET)


def refused(answer: Any, code: str, *words: str) -> None:
    """A refusal in the client's shape, in Vietnamese."""
    assert answer["status"] == "FAIL" and answer["ErrorCode"] == code and set(answer) == {
        "status", "ErrorCode", "ErrorDesc"}, answer
    assert all(word in answer["ErrorDesc"] for word in words), answer


def sent(client: Client, *to: str, **said: Any) -> tuple[DocumentMessage, Any]:
    """A new document of H26, sent."""
    said_of = messages.document(*to, **said)
    return said_of, client.send(messages.xml(said_of), "H26", *to)


def how_many(table: Any) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


class Unread:
    """A body that must not be read."""

    def read(self, *_n: int) -> bytes:
        raise AssertionError("the body was read")


# the samples

def test_the_sample_of_the_deployed_client_passes_with_its_own_secret(app: Flask) -> None:
    make.participant("H99.01", Way.axis, system_id="thu-01", secret=SEND["secret"])
    make.participant("H99.02", Way.axis)
    answer = app.test_client().post(BASE + SEND["path"], headers=SEND["headers"], data=LETTER,
                                    content_type="application/octet-stream")
    assert answer.status_code == 200 and answer.mimetype == "application/json"
    said = answer.get_json()
    assert set(said) == set(SEND["answer"]) and isinstance(said["DocId"], str) and said["DocId"].isdecimal()
    assert {name: said[name] for name in ("status", "ErrorCode", "ErrorDesc")} == {
        name: SEND["answer"][name] for name in ("status", "ErrorCode", "ErrorDesc")}
    [document] = session.scalars(select(Document))
    assert (document.number, document.notation, document.sender.code) == ("120", "CV-STN", "H99.01")


def test_the_test_client_signs_as_the_sample_is_signed(app: Flask) -> None:
    client = Client(over(app), "thu-01", SEND["secret"])
    client.stamp = lambda: "02112026T080000+0000"  # type: ignore[method-assign]
    made = client.headers({"servicetype": "eDoc", "messagetype": "edoc", "from": "H99.01", "to": '["H99.02"]',
                           "hash-file": SEND["headers"]["XroadVnpt-hash-file"]})
    assert made == SEND["headers"]


def test_the_list_has_the_fields_of_the_sample(h26: Client, h17: Client) -> None:
    sent(h26, "H17")
    [line] = h17.received()
    example = LISTED["data"][0]
    assert set(line) == set(example) and all(isinstance(value, str) for value in line.values())
    assert (line["from"], line["to"], line["messageType"], line["serviceType"], line["status"]) == (
        "H26", "H17", "edoc", "eDoc", "initial")
    assert datetime.strptime(line["created_time"], "%Y-%m-%d %H:%M:%S") and len(line["created_time"]) == len(
        example["created_time"])


# there and back

@pytest.mark.parametrize("form", [False, True], ids=["body", "form"])
def test_a_document_goes_from_one_system_to_another_byte_for_byte(h26: Client, h17: Client, form: bool) -> None:
    content = messages.xml(messages.document("H17"))
    answer = h26.send(content, "H26", "H17", form=form)
    assert answer["status"] == "OK", answer
    [line] = h17.received()
    got = h17.document(line["docId"])
    assert got["status"] == "OK" and base64.b64decode(got["data"], validate=True) == content
    [copy] = session.scalars(select(Copy))
    assert copy.state == "arrived" and copy.known_by == "fetched"
    assert h17.update(line["docId"], "done") == {"status": "OK", "ErrorCode": "0", "ErrorDesc": ""}
    assert h17.received() == []
    assert h17.document(line["docId"])["status"] == "OK"  # it may be fetched again


def test_documents_and_statuses_are_separate_lists(h26: Client, h17: Client) -> None:
    of, _answer = sent(h26, "H17")
    status = messages.xml(messages.status(of, "03"))
    assert h17.send(status, "H17", "H26", kind="status")["status"] == "OK"
    assert [one["messageType"] for one in h17.received()] == ["edoc"] and h17.received("status") == []
    assert h26.received() == [] and [one["messageType"] for one in h26.received("status")] == ["status"]
    assert [one["messageType"] for one in h26.received(None)] == ["status"]
    [copy] = session.scalars(select(Copy))
    assert copy.state == "registered" and copy.known_by == "status"


def test_what_failed_is_offered_again_and_is_never_done_in_silence(h26: Client, h17: Client) -> None:
    sent(h26, "H17")
    with time_machine.travel(datetime.now(), tick=False) as clock:
        [line] = h17.received()
        h17.document(line["docId"])
        assert h17.update(line["docId"], "fail", description="Het cho")["status"] == "OK"
        [delivery] = session.scalars(select(Delivery))
        assert (delivery.state, delivery.reason, delivery.ended_at) == ("waiting", "Het cho", None)
        clock.shift(timedelta(minutes=5))
        assert [one["docId"] for one in h17.received()] == [line["docId"]]
        assert [one["receiveStatus"] for one in h26.sent()] == ["initial"]
    session.expire_all()
    h17.update(line["docId"], "done")
    assert [one["receiveStatus"] for one in h26.sent()] == ["done"]
    h17.update(line["docId"], "fail")  # done is done
    assert [one["receiveStatus"] for one in h26.sent()] == ["done"]


def test_the_list_of_what_was_sent_has_a_line_for_each_receiver(h26: Client, h17: Client) -> None:
    make.participant("G01", Way.pages)
    of, answer = sent(h26, "H17", "G01", number=77)
    lines = h26.sent()
    assert {(one["toCode"], one["receiveStatus"]) for one in lines} == {("H17", "initial"), ("G01", "done")}
    assert set(lines[0]) == {"receiverDocId", "toCode", "receiveStatus", "receiveStatusDesc", "title", "notation",
                             "receivedTime", "sentTime", "sendStatus", "sendStatusDesc", "senderDocId", "fromCode"}
    assert {(one["senderDocId"], one["fromCode"], one["title"], one["notation"]) for one in lines} == {
        (answer["DocId"], "H26", of.subject, "77/UBND-VX")}
    assert h17.sent() == []


def test_the_same_again_ten_times_changes_nothing(h26: Client, h17: Client) -> None:
    content = messages.xml(messages.document("H17"))
    answers = [h26.send(content, "H26", "H17") for _n in range(10)]
    assert {json.dumps(one) for one in answers} == {json.dumps(answers[0])} and answers[0]["status"] == "OK"
    assert (how_many(Document), how_many(Copy), how_many(Delivery)) == (1, 1, 1)
    [line] = h17.received()
    for _n in range(10):
        h17.document(line["docId"])
        h17.update(line["docId"], "done")
    session.expire_all()
    assert [one.code for one in session.scalars(select(ExchangeEvent)) if one.code == "sent"] == ["sent"]
    assert session.scalars(select(Copy)).one().state == "arrived"


def test_headers_say_for_whom_it_is_and_who_is_not_known_is_named(h26: Client, h17: Client) -> None:
    answer = h26.send(messages.xml(messages.document("G15")), "H26", "H17", "H55")
    assert answer["status"] == "OK" and "H55" in answer["ErrorDesc"] and "chưa tham gia" in answer["ErrorDesc"]
    assert [one["to"] for one in h17.received()] == ["H17"]


def test_other_letters_and_a_slash_behind_are_the_same_call(h26: Client) -> None:
    for name in ("getAgenciesList", "GetAgenciesList", "getagencieslist", "getAgenciesList/", "getSynchronizeUnit"):
        assert h26.call(name, {})["status"] == "OK"
    refused(h26.call("getPost", {}), "30", "getAgenciesList", "updateStatus")


def test_agencies_stand_under_each_other(h26: Client) -> None:
    make.participant("H26.05", Way.pages)
    make.participant("H26.05.01", Way.axis, system_id="", mail="xa@mau.example")
    answer = h26.agencies()
    found = {one["code"]: one for one in answer["data"]}
    assert all(set(one) == {"id", "pid", "code", "name", "mail"} for one in found.values())
    assert [found[code]["pid"] for code in ("H26", "H26.05", "H26.05.01")] == [
        "", found["H26"]["id"], found["H26.05"]["id"]]
    assert found["H26.05.01"]["mail"] == "xa@mau.example"


# who calls

@pytest.mark.parametrize("name", ["systemid", "sign-header", "hash-header"])
def test_a_missing_header_is_named(app: Flask, h26: Client, name: str) -> None:
    headers = {key: value for key, value in h26.headers({}).items() if key != f"XroadVnpt-{name}"}
    refused(app.test_client().post(f"{BASE}/getAgenciesList", headers=headers).get_json(), "43", f"XroadVnpt-{name}")


def test_a_wrong_signature_is_refused_before_the_body_is_read(app: Flask, h26: Client) -> None:
    client = Client(h26.post, "thu-h26", "another-secret-entirely")
    headers = client.headers({"from": "H26", "to": '["H17"]', "hash-file": "0" * 64})
    for how in ("application/octet-stream", "multipart/form-data; boundary=x"):
        answer = app.test_client().post(f"{BASE}/sendEdoc", headers=headers, content_type=how,
                                        environ_overrides={"wsgi.input": Unread(), "CONTENT_LENGTH": "1000"})
        refused(answer.get_json(), "43", "XroadVnpt-hash-header")
    assert how_many(Message) == 0


def test_an_unknown_system_and_a_wrong_secret_get_the_same_answer(h26: Client) -> None:
    wrong = Client(h26.post, "thu-h26", "another-secret-entirely").agencies()
    unknown = Client(h26.post, "thu-nobody", make.SECRET).agencies()
    assert wrong == unknown and wrong["status"] == "FAIL"


@pytest.mark.parametrize("change", [
    {"XroadVnpt-from": "H17"}, {"XroadVnpt-from": ""}, {"XroadVnpt-to": '["H29"]'},
    {"XroadVnpt-sign-header-key": "systemid;timestamp"}, {"XroadVnpt-sign-header-key": ""}])
def test_headers_are_those_that_were_signed(app: Flask, h26: Client, change: dict[str, str]) -> None:
    headers = h26.headers({"from": "H26", "to": '["H17"]', "hash-file": "0" * 64}) | change
    answer = app.test_client().post(f"{BASE}/sendEdoc", headers=headers, data=b"x")
    refused(answer.get_json(), "20", "XroadVnpt-")


@pytest.mark.parametrize("signed", ["", "[]", "null", "{", '{"a": 1}', '{"XroadVnpt-systemid": "x", "x": "x"}',
                                    '{"XroadVnpt-systemid": "thu-h26", "xroadvnpt-SYSTEMID": "thu-h26"}', "[" * 5000])
def test_odd_signed_headers_are_refused_in_words(app: Flask, h26: Client, signed: str) -> None:
    headers = h26.headers({}) | {"XroadVnpt-sign-header": signed, "XroadVnpt-hash-header": hmac.new(
        make.SECRET.encode(), signed.encode(), hashlib.sha256).hexdigest()}
    answer = app.test_client().post(f"{BASE}/getAgenciesList", headers=headers)
    assert answer.status_code == 200 and answer.get_json()["status"] == "FAIL" and answer.get_json()["ErrorDesc"]


@pytest.mark.parametrize("missing", ["from", "hash-file"])
def test_what_is_needed_must_be_signed(h26: Client, missing: str) -> None:
    said = {"from": "H26", "to": '["H17"]', "hash-file": "0" * 64}
    refused(h26.call("sendEdoc", {name: value for name, value in said.items() if name != missing}, b"x"), "20",
            f"XroadVnpt-{missing}")


def test_a_secret_before_the_last_holds_beside_it(h26: Client) -> None:
    with transaction():
        new = participants.renew_secret(participants.by_system("thu-h26") or Participant(), None)
    assert h26.agencies()["status"] == "OK" and Client(h26.post, "thu-h26", new).agencies()["status"] == "OK"


def test_whoever_was_ended_is_nobody(h26: Client) -> None:
    with transaction():
        participants.end(participants.by_system("thu-h26") or Participant(), "Sáp nhập", None)
    refused(h26.agencies(), "43")


def test_strangers_and_systems_are_counted(h26: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(axis_signing, "STRANGERS", 2)
    monkeypatch.setattr(axis_signing, "CALLS", 3)
    stranger = Client(h26.post, "thu-h26", "another-secret-entirely")
    assert [stranger.agencies()["ErrorCode"] for _n in range(3)] == ["43", "43", "42"]
    assert [h26.agencies()["ErrorCode"] for _n in range(4)] == ["0", "0", "0", "42"]


# time stamps

@pytest.mark.parametrize(("text", "right"), [
    ("02112026T080000+0000", True), ("02112026T080000+0123", True), ("02112026080000+0700", True),
    ("02112026T080000", True), ("02112026T080000-999", True), ("2026-11-02T08:00:00", False), ("", False),
    ("32112026T080000+0000", False), ("02112026T250000+0000", False), ("02112026T080000+00000", False)])
def test_the_odd_stamp_is_read_as_it_is_sent(text: str, right: bool) -> None:
    assert (axis_signing.parse_stamp(text) is not None) == right


def test_a_captured_call_opens_no_longer_than_a_quarter_after_the_next(app: Flask, h26: Client) -> None:
    with time_machine.travel("2026-11-20T03:00:00+00:00", tick=False) as clock:
        captured = h26.headers({"servicetype": "eDoc"})
        ask = lambda: app.test_client().post(f"{BASE}/getReceivedEdocList", headers=captured).get_json()
        clock.shift(timedelta(hours=2))
        assert ask()["status"] == "OK"  # nothing was heard of it since: that a clock is late is not held against it
        h26.agencies()
        refused(ask(), "43", "XroadVnpt-timestamp")
        h26.now = lambda: datetime.fromisoformat("2026-11-20T05:50:00")  # some minutes late, or sent in another order
        assert h26.agencies()["status"] == "FAIL"
        h26.now = lambda: datetime.fromisoformat("2026-11-20T12:00:00") - timedelta(minutes=10)
        assert h26.agencies()["status"] == "OK"


def test_a_stamp_of_days_ahead_does_not_shut_its_system_out(h26: Client) -> None:
    real = h26.now
    h26.now = lambda: real() + timedelta(days=30)
    refused(h26.agencies(), "43", "XroadVnpt-timestamp")
    assert h26.send(messages.xml(messages.document("H26")), "H26", "H26")["ErrorCode"] != "43"
    h26.now = real
    assert h26.agencies()["status"] == "OK"


def test_a_document_of_an_old_stamp_is_taken_once_like_any_other(h26: Client, h17: Client) -> None:
    h26.agencies()
    h26.now = lambda: datetime(2020, 1, 1)
    assert sent(h26, "H17")[1]["status"] == "OK"


# the file

def test_a_file_that_was_changed_on_its_way_is_not_taken(app: Flask, h26: Client, h17: Client) -> None:
    content = messages.xml(messages.document("H17"))
    answer = h26.send(content, "H26", "H17", **{"hash-file": "0" * 64})
    refused(answer, "50", "XroadVnpt-hash-file")
    for body in (content[:-1], content + b" "):
        headers = h26.headers({"from": "H26", "to": '["H17"]', "hash-file": _sha256(content)})
        refused(app.test_client().post(f"{BASE}/sendEdoc", headers=headers, data=body).get_json(), "50")
    assert how_many(Message) == how_many(StoredFile) == 0


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(("content", "code"), [
    (b"", "50"), (b"<html></html>", "50"), (b"\x00\x01", "50"), (LETTER[:3000], "50"),
    (b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', "50")])
def test_what_is_no_message_is_refused_in_vietnamese(h26: Client, content: bytes, code: str) -> None:
    answer = h26.send(content, "H26", "H17")
    refused(answer, code)
    assert any(letter in answer["ErrorDesc"] for letter in "ạảãàáâậầấẩẫăắằẵặẳđêệềếểễôộồốổỗơợờớởỡưựừứửữ"), answer


def test_the_limit_is_said_before_the_body_is_read(app: Flask, h26: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "EXCHANGE_BYTES", 1000)
    headers = h26.headers({"from": "H26", "to": '["H17"]', "hash-file": "0" * 64})
    told = app.test_client().post(f"{BASE}/sendEdoc", headers=headers,
                                  environ_overrides={"wsgi.input": Unread(), "CONTENT_LENGTH": "2000"})
    refused(told.get_json(), "51")
    assert h26.send(b"x" * 2000, "H26", "H17", form=True)["ErrorCode"] in ("50", "51")


def test_a_form_without_the_file_says_so(app: Flask, h26: Client) -> None:
    headers = h26.headers({"from": "H26", "to": '["H17"]', "hash-file": "0" * 64})
    client = app.test_client()
    refused(client.post(f"{BASE}/sendEdoc", headers=headers, data={"x": "1"},
                        content_type="multipart/form-data").get_json(), "50", "file_doc")
    refused(client.post(f"{BASE}/sendEdoc", headers=headers | {"Content-Type": "multipart/form-data"},
                        data=b"xx").get_json(), "50")


@pytest.mark.parametrize("to", ["[", "[1]", '[["H17"]]', "[" * 3000])
def test_receivers_are_a_list_of_codes(h26: Client, to: str) -> None:
    content = messages.xml(messages.document("H17"))
    refused(h26.call("sendEdoc", {"from": "H26", "to": to, "hash-file": _sha256(content)}, content), "20",
            "XroadVnpt-to")


@pytest.mark.parametrize("to", ['["H17"]', '"H17"', "H17", "H17;H17", "000.00.00.H17"])
def test_receivers_may_be_written_in_other_ways(h26: Client, h17: Client, to: str) -> None:
    content = messages.xml(messages.document("G15"))
    said = {"from": "H26", "to": to, "hash-file": _sha256(content)}
    assert h26.call("sendEdoc", said, content)["status"] == "OK" and len(h17.received()) == 1


def test_whose_name_one_may_send_in(h26: Client, h17: Client) -> None:
    make.participant("H26.05", Way.axis, system_id="")
    refused(h26.send(messages.xml(messages.document("H26", sender="H17")), "H17", "H26"), "40", "XroadVnpt-from")
    refused(h26.send(messages.xml(messages.document("H17", sender="G01")), "H26", "H17"), "40", "XroadVnpt-from")
    below = messages.document("H17", sender="H26.05")
    assert h26.send(messages.xml(below), "000.00.05.H26", "H17")["status"] == "OK"
    assert session.scalars(select(Document)).one().sender.code == "H26.05"
    assert [one["from"] for one in h17.received()] == ["H26.05"]


def test_a_system_fetches_for_the_bodies_that_it_serves_and_for_nobody_else(app: Flask, h26: Client,
                                                                          h17: Client) -> None:
    make.participant("H17.05", Way.axis, system_id="")
    sent(h26, "H17.05", number=1)
    sent(h26, "H26.77", "H17", number=2)
    assert sorted(one["to"] for one in h17.received()) == ["H17", "H17.05"]
    [line, _other] = h17.received()
    refused(h26.document(line["docId"]), "30", "docId")
    refused(h26.update(line["docId"], "done"), "30", "docId")
    assert session.get_one(Delivery, int(line["docId"])).state == "waiting"


@pytest.mark.parametrize("number", ["0", "-1", "x", "99999999999999999999", "1.5", "²", "1 or 1=1"])
def test_an_odd_number_of_a_document_is_an_unknown_one(h26: Client, number: str) -> None:
    refused(h26.document(number), "30" if number.isascii() else h26.document(number)["ErrorCode"])


@pytest.mark.parametrize("status", ["", "finished", "DONE "])
def test_a_status_is_one_of_three(h26: Client, h17: Client, status: str) -> None:
    sent(h26, "H17")
    [line] = h17.received()
    answer = h17.update(line["docId"], status)
    assert answer["status"] == ("OK" if status.strip() else "FAIL") if status.strip() in ("", "DONE") else "FAIL"


def test_a_file_that_is_not_what_was_stored_is_not_given(h26: Client, h17: Client) -> None:
    sent(h26, "H17")
    [stored] = session.scalars(select(StoredFile).where(StoredFile.owner_kind == "message"))
    place = files.where(stored.blob)
    place.chmod(0o600)
    place.write_bytes(b"something else")
    [line] = h17.received()
    refused(h17.document(line["docId"]), "60")
    assert session.scalars(select(Delivery)).one().state == "waiting"
    session.expire_all()
    assert session.get_one(StoredFile, stored.id).fault == "altered"


def test_a_large_file_comes_in_pieces(h26: Client, h17: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(axis_answers, "CHUNK", 300)
    content = messages.xml(messages.document("H17"))
    h26.send(content, "H26", "H17")
    [line] = h17.received()
    assert base64.b64decode(h17.document(line["docId"])["data"], validate=True) == content and len(content) > 900


# registering

def test_a_system_that_nobody_knows_asks_and_waits(app: Flask) -> None:
    people.administrator()
    stranger = Client(over(app), "hn-01", "not-known-here-yet")
    answer = stranger.register(id="", pid="", code="000.00.00.H26", name="Văn phòng UBND", mail="vp@mau.example")
    assert answer["status"] == "OK" and "quản trị viên" in answer["ErrorDesc"] and answer["data"]["code"] == "H26"
    found = participants.live("H26")
    assert found and (found.state, found.system_id, found.mail, found.secret) == (
        "asked", "hn-01", "vp@mau.example", None)
    [told] = session.scalars(select(Job).where(Job.name == "notices.tell_administrators"))
    assert told.args.keys() == {"event_id"}  # who decides on it is told
    assert stranger.register(code="H26", name="Văn phòng UBND")["data"] == answer["data"]  # again: no second asking
    refused(stranger.agencies(), "43")
    refused(Client(over(app), "hn-02", "x").register(code="H26", name="Kẻ khác"), "40")
    refused(stranger.register(code="H17", name="Một mã nữa"), "40", "systemid")
    with transaction():
        secret = participants.approve(found, None, Way.axis)
    assert Client(over(app), "hn-01", secret or "").agencies()["status"] == "OK"


def test_a_system_asks_for_a_body_that_it_serves(h26: Client) -> None:
    answer = h26.register(pid="H26", code="H26.05", name="Sở Tư pháp", mail="")
    assert answer["status"] == "OK"
    found = participants.live("H26.05")
    assert found and (found.state, found.system_id, found.parent_code) == ("asked", None, "H26")
    foreign = h26.register(pid="H17", code="H55.01", name="Nơi khác")
    assert foreign["status"] == "OK" and (participants.live("H55.01") or Participant()).parent_code == "H26"
    own = h26.register(pid="H17", code="H26.09", name="Kẻ tự nhận")
    assert own["status"] == "OK" and (participants.live("H26.09") or Participant()).parent_code == "H26"
    refused(h26.register(code="H17", name="Của người khác") if make.participant("H17") else {}, "40")


def test_who_asks_in_headers_is_heard_too(h26: Client) -> None:
    said = {"code": "H26.06", "name": "So Noi vu", "mail": "snv@mau.example"}
    assert h26.call("registerAgency", said)["status"] == "OK"
    assert (participants.live("H26.06") or Participant()).name == "So Noi vu"


@pytest.mark.parametrize("agency", [
    {"name": "Không mã"}, {"code": "H26.05"}, {"code": "không phải mã", "name": "x"},
    {"code": "H26.05", "name": "x" * 201}, {"code": "H26.05\u0000", "name": "x"}])
def test_what_is_asked_for_is_judged_in_words(h26: Client, agency: dict[str, str]) -> None:
    refused(h26.register(**agency), "20")


@pytest.mark.parametrize("body", [b"[]", b"{", b"null", b"\xff", b"[" * 4000])
def test_an_odd_body_of_a_registration_is_refused_in_words(h26: Client, body: bytes) -> None:
    refused(h26.call("registerAgency", {}, body), "50")


def test_strangers_ask_a_few_times_an_hour(app: Flask) -> None:
    stranger = Client(over(app), "hn-01", "not-known-here-yet")
    codes = [stranger.register(code=f"H26.{n}", name="Sở", mail="")["ErrorCode"] for n in range(12)]
    assert codes.count("42") == 2 and how_many(Participant) == 1


def test_a_system_ends_what_it_registered_where_that_is_signed(h26: Client) -> None:
    make.participant("H26.05", Way.axis, system_id="")
    make.participant("H17", Way.axis)
    body = json.dumps({"code": "H26.05"}).encode()
    refused(h26.call("deleteAgency", {}, body), "20", "hash-file")  # a captured call could say anything
    assert participants.live("H26.05") is not None
    refused(h26.call("deleteAgency", {"code": "H17"}), "30")
    assert h26.call("deleteAgency", {"hash-file": _sha256(body)}, body)["status"] == "OK"
    assert participants.live("H26.05") is None and participants.live("H26") is not None
    assert h26.call("deleteAgency", {"code": "H26"})["status"] == "OK" and participants.live("H26") is None


def test_a_system_ends_nobody_whom_it_does_not_serve(h26: Client) -> None:
    make.participant("H26.05", Way.pages, system_id="")
    refused(h26.call("deleteAgency", {"code": "H26.05"}), "30")
    assert participants.live("H26.05") is not None
    number = make.participant("H26.06", Way.axis, system_id="").id
    assert h26.call("deleteAgency", {"id": str(number)})["status"] == "OK"
    refused(h26.call("deleteAgency", {"id": str(number)}), "30")


# the door

def test_nobody_asks_by_get(app: Flask) -> None:
    refused(app.test_client().get(f"{BASE}/getAgenciesList").get_json(), "20", "POST")


def test_refusals_and_logs_repeat_no_secret_and_no_signature(h26: Client, caplog: pytest.LogCaptureFixture) -> None:
    headers = h26.headers({})
    Client(h26.post, "thu-h26", "another-secret-entirely").agencies()
    h26.agencies()
    told = caplog.text + json.dumps(h26.answers)
    assert make.SECRET not in told and headers["XroadVnpt-hash-header"] not in told


NAMES = ["systemid", "timestamp", "servicetype", "messagetype", "from", "to", "hash-file", "docId", "status", "code",
         "name", "id", "pid", "mail", "description"]
TEXTS = st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=40) | st.sampled_from([
    "edoc", "done", "H26", '["H17"]', "1", "0", "-1", "999999999", "H17.05", "[", "{}", "02112026T080000+0000", "null"])


@pytest.mark.once
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(call=st.sampled_from(["getAgenciesList", "getSynchronizeUnit", "registerAgency", "deleteAgency", "sendEdoc",
                             "getReceivedEdocList", "getSentEdocList", "getEdoc", "updateStatus", "x"]),
       said=st.dictionaries(st.sampled_from(NAMES), TEXTS, max_size=8), body=st.binary(max_size=60),
       how=st.sampled_from(["", "application/json", "multipart/form-data", "multipart/form-data; boundary=a"]))
def test_whatever_is_signed_is_answered_in_the_clients_shape(
        app: Flask, monkeypatch: pytest.MonkeyPatch, h26: Client, call: str, said: dict[str, str], body: bytes,
        how: str) -> None:
    monkeypatch.setattr(axis_signing, "CALLS", 1_000_000)
    headers = h26.headers({name: value for name, value in said.items() if name not in ("systemid", "timestamp")})
    answer = app.test_client().post(f"{BASE}/{call}", headers=headers, data=body, content_type=how)
    assert answer.status_code == 200 and answer.mimetype == "application/json"
    assert set(answer.get_json()) - {"data", "DocId"} == {"status", "ErrorCode", "ErrorDesc"}
