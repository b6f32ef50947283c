"""Our own calls: sent once, listed in order, got by who may, acknowledged, and how documents stand."""
import base64
import gzip
import hashlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from flask import Flask

from portal.api.exchange import answers
from portal.exchange.edxml.message import Business
from portal.kit import files as kept
from portal.kit.db import session
from portal.people import keys
from tests import make
from tests.api.conftest import problem
from tests.api.test_signatures import SEED, public_key, sign
from tests.exchange import documents, messages

ROOT = "/api/exchange/v1"
Call = Callable[..., Any]


@pytest.fixture
def call(app: Flask) -> Call:
    """Ask as an agency's system does: `call("H26", "GET", path)`. H26, H17 and H29 take part by our API."""
    secrets = {}
    for code in ("H26", "H17", "H29"):
        documents.participant(code, way="api")
        secrets[code] = keys.issue(make.agency(code), ["exchange"])[1]
    documents.participant("H17.05", way="api", agency_id=make.agency("H17").id)
    session.commit()

    def call(who: str, method: str, path: str, data: bytes | None = None, **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {secrets.get(who, who)}"} | more.pop("headers", {})
        if data is not None:
            headers = {"Content-Type": "application/xml"} | headers
        return app.test_client().open(f"{ROOT}{path}", method=method, data=data, headers=headers, **more)
    return call


def send(call: Call, said: Any, who: str = "H26", **more: Any) -> Any:
    return call(who, "POST", "/messages" + more.pop("query", ""), messages.xml(said), **more)


def listed(call: Call, who: str, query: str = "") -> list[dict[str, Any]]:
    answer = call(who, "GET", f"/messages?state=waiting{query}")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.get_json()["messages"]
    return found


def say(call: Call, who: str, message_id: int, state: str, **more: Any) -> Any:
    return call(who, "POST", f"/messages/{message_id}/acknowledgement", json={"state": state} | more)


def test_a_document_goes_from_one_system_to_the_other(call: Call) -> None:
    said = messages.document("H17")
    sent = send(call, said)
    assert sent.status_code == 201
    answer = sent.get_json()
    assert answer == {"id": answer["id"], "document": answer["document"], "verdict": "accepted", "deliveries": 1,
                      "repeated": False, "unknown": []}
    [waits] = listed(call, "H17")
    assert (waits["id"], waits["sender"], waits["receiver"], waits["position"], waits["gap_before"]) == (
        answer["id"], "H26", "H17", 1, [])
    got = call("H17", "GET", f"/messages/{answer['id']}")
    assert got.data == messages.xml(said) and got.mimetype == "application/xml"
    assert hashlib.sha256(got.data).hexdigest() == waits["sha256"]
    assert say(call, "H17", answer["id"], "done").get_json()["deliveries"][0]["state"] == "done"
    assert listed(call, "H17") == []
    standing = call("H26", "GET", f"/documents/{answer['document']}/states").get_json()
    assert [(one["receiver"], one["state"], one["known_by"]) for one in standing["receivers"]] == [
        ("H17", "arrived", "fetched")]


def test_what_is_sent_again_is_answered_as_before(call: Call) -> None:
    said = messages.document("H17")
    first, again = send(call, said), send(call, said)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.get_json() == first.get_json() | {"repeated": True, "deliveries": 0}
    assert len(listed(call, "H17")) == 1


def test_each_pair_is_listed_in_order_page_by_page(call: Call) -> None:
    sent = [send(call, messages.document("H17")).get_json()["id"] for _ in range(5)]
    other = send(call, messages.document("H17", sender="H29"), "H29").get_json()["id"]
    first = call("H17", "GET", "/messages?size=4").get_json()
    rest = call("H17", "GET", f"/messages?size=4&after={first['next']}").get_json()
    assert [one["id"] for one in first["messages"] + rest["messages"]] == [*sent, other]
    assert (first["more"], rest["more"]) == (True, False)
    assert [one["position"] for one in first["messages"]] == [1, 2, 3, 4]


def test_nothing_is_offered_behind_what_was_got_and_not_acknowledged(call: Call) -> None:
    first, second = (send(call, messages.document("H17")).get_json()["id"] for _ in range(2))
    other = send(call, messages.document("H17", sender="H29"), "H29").get_json()["id"]
    call("H17", "GET", f"/messages/{first}")
    assert [one["id"] for one in listed(call, "H17")] == [other], "nobody else waits"
    say(call, "H17", first, "done")
    assert [one["id"] for one in listed(call, "H17")] == [second, other]


def test_what_was_got_and_forgotten_comes_again(app: Flask, call: Call) -> None:
    with time_machine.travel("2026-11-20T10:00:00+07:00", tick=False) as clock:
        sent = send(call, messages.document("H17")).get_json()["id"]
        call("H17", "GET", f"/messages/{sent}")
        assert listed(call, "H17") == []
        clock.shift(app.config["EXCHANGE_LEASE_S"] + 1)
        assert [one["id"] for one in listed(call, "H17")] == [sent]


def test_what_fails_too_often_is_parked_and_those_behind_see_the_gap(app: Flask, call: Call) -> None:
    patience = app.config["EXCHANGE_PATIENCE_S"]
    with time_machine.travel("2026-11-20T10:00:00+07:00", tick=False) as clock:
        bad, good = (send(call, messages.document("H17")).get_json()["id"] for _ in range(2))
        for pause in (*patience, 0):
            assert [one["id"] for one in listed(call, "H17")] == [bad, good]
            said = say(call, "H17", bad, "failed", reason="đĩa đầy").get_json()["deliveries"][0]
            if pause:
                assert said["state"] == "waiting" and listed(call, "H17") == [], "what is behind it waits for it"
            clock.shift(pause + 1)
        assert said["state"] == "parked"
        assert [(one["id"], one["gap_before"]) for one in listed(call, "H17")] == [(good, [1])]
        assert say(call, "H17", bad, "done").get_json()["deliveries"][0]["state"] == "done"
        assert [one["gap_before"] for one in listed(call, "H17")] == [[]]


def test_done_is_done(call: Call) -> None:
    sent = send(call, messages.document("H17")).get_json()["id"]
    for said in ("done", "done", "failed", "processing"):
        assert say(call, "H17", sent, said).get_json()["deliveries"][0]["state"] == "done"


@pytest.mark.parametrize("path", ["/messages/{id}", "/documents/{document}/states", "/documents/{key}/states"])
def test_others_find_nothing(call: Call, path: str) -> None:
    said = messages.document("H17")
    sent = send(call, said).get_json()
    key = f"H26,2026-11-03,{said.code.number}/UBND-VX"
    where = path.format(id=sent["id"], document=sent["document"], key=key)
    assert call("H26", "GET", where).status_code == call("H17", "GET", where).status_code == 200
    assert call("H29", "GET", where).status_code == 404
    assert say(call, "H29", sent["id"], "done").status_code == 404
    assert say(call, "H26", sent["id"], "done").status_code == 404, "the sender acknowledges nothing"


def test_a_receiver_sees_its_own_standing_alone(call: Call) -> None:
    sent = send(call, messages.document("H17", "H29")).get_json()
    seen = {who: [one["receiver"] for one in call(who, "GET", f"/documents/{sent['document']}/states").get_json()[
        "receivers"]] for who in ("H26", "H17", "H29")}
    assert seen == {"H26": ["H17", "H29"], "H17": ["H17"], "H29": ["H29"]}


def test_a_key_speaks_for_each_participant_of_its_agency(call: Call) -> None:
    both = send(call, messages.document("H17", "H17.05")).get_json()["id"]
    assert [one["receiver"] for one in listed(call, "H17")] == ["H17", "H17.05"]
    assert [one["receiver"] for one in listed(call, "H17", "&for=H17.05")] == ["H17.05"]
    call("H17", "POST", f"/messages/{both}/acknowledgement?for=000.00.05.H17", json={"state": "done"})
    assert [one["receiver"] for one in listed(call, "H17")] == ["H17"]
    reply = send(call, messages.document("H26", sender="H17.05"), "H17").get_json()["id"]
    [waits] = listed(call, "H26")
    assert (waits["id"], waits["sender"]) == (reply, "H17.05"), "the nearest that it says it is from"
    problem(call("H17", "GET", "/messages?for=H26"), 400, "parameter", "for")


def test_statuses_go_back_and_change_the_standing(call: Call) -> None:
    said = messages.document("H17")
    sent = send(call, said).get_json()
    word = send(call, messages.status(said, "03"), "H17")
    assert word.status_code == 201 and word.get_json()["deliveries"] == 1
    [waits] = listed(call, "H26", "&kind=status")
    assert (waits["status_code"], waits["about"]) == ("03", f"H26,2026-11-03,{said.code.number}/UBND-VX")
    standing = call("H26", "GET", f"/documents/{sent['document']}/states").get_json()["receivers"][0]
    assert (standing["state"], standing["known_by"], standing["sure"]) == ("registered", "status", 100)


def test_it_may_be_packed_and_sent_for_some_receivers(call: Call) -> None:
    said = messages.document("H17", "H29")
    answer = call("H26", "POST", "/messages?to=H29", gzip.compress(messages.xml(said)),
                  headers={"Content-Encoding": "gzip"})
    assert answer.status_code == 201 and listed(call, "H17") == [] and len(listed(call, "H29")) == 1


def test_receivers_may_be_listed_in_a_header(call: Call) -> None:
    more = [f"H17.{n}.99" for n in range(600)]
    answer = send(call, messages.document("H17", "H29"), headers={"Exchange-To": ",".join(["H29", "C%C6%A0", *more])})
    assert (answer.status_code, answer.get_json()["deliveries"]) == (201, 1) and "CƠ" in answer.get_json()["unknown"]
    assert listed(call, "H17") == [] and len(listed(call, "H29")) == 1
    many = send(call, messages.document("H17"), headers={"Exchange-To": "H17," * 2001})
    assert many.status_code == 400


def test_the_directory_names_who_takes_part(call: Call) -> None:
    answer = call("H26", "GET", "/participants").get_json()
    assert {"H17", "H17.05", "H26", "H29"} <= {one["code"] for one in answer["participants"]}
    later = call("H26", "GET", "/participants?after=H26").get_json()["participants"]
    assert [one["code"] for one in later][:1] == ["H29"]


# what is refused

@pytest.mark.parametrize(("content", "headers", "status", "kind", "field"), [
    (b"", {}, 422, "message", None), (b"<edXML", {}, 422, "message", None),
    (b"<!DOCTYPE x [<!ENTITY a 'b'>]><x/>", {}, 422, "message", None),
    (b"{}", {"Content-Type": "application/json"}, 415, "xml_type", "Content-Type"),
    (b"x", {"Content-Encoding": "br"}, 415, "content_encoding", "Content-Encoding"),
    (b"no gzip", {"Content-Encoding": "gzip"}, 400, "broken_gzip", None),
    (b"<x/>", {"Content-Digest": "sha-256=:AAAA:"}, 400, "digest_wrong", "Content-Digest")])
def test_what_cannot_be_taken_is_said_why(call: Call, content: bytes, headers: dict[str, str], status: int, kind: str,
                                          field: str | None) -> None:
    if kind == "digest_wrong":
        content = messages.xml(messages.document("H17"))
    problem(call("H26", "POST", "/messages", content, headers=headers), status, kind, field)
    assert listed(call, "H17") == []


def test_the_reason_of_the_reader_is_named(call: Call) -> None:
    said = call("H26", "POST", "/messages", b"<!DOCTYPE x><x/>").get_json()
    assert said["reason"] == "doctype" and "DOCTYPE" in said["detail"]


def test_more_than_the_door_takes_is_refused_packed_or_not(app: Flask, call: Call,
                                                           monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "EXCHANGE_BYTES", 4_000)
    long = messages.xml(messages.document("H17", subject="a" * 5_000))
    problem(call("H26", "POST", "/messages", long), 413, "too_large")
    problem(call("H26", "POST", "/messages", gzip.compress(long), headers={"Content-Encoding": "gzip"}), 413,
            "too_large")


def test_only_who_it_is_from_sends_it(call: Call) -> None:
    problem(send(call, messages.document("H29", sender="H17")), 403, "not_yours")
    problem(send(call, messages.document("H55")), 422, "nobody")


def test_who_does_not_take_part_or_has_another_key_does_not_come_in(app: Flask, call: Call) -> None:
    _key, stranger = keys.issue(make.agency("G15"), ["exchange"])
    _key, other = keys.issue(make.agency("H26"), ["progress"])
    session.commit()
    problem(call(stranger, "GET", "/messages"), 403, "no_participant")
    problem(call(other, "GET", "/messages"), 403, "key_scope", "Authorization")
    problem(call("nobody", "GET", "/messages"), 401, "key_unknown", "Authorization")


def test_a_key_for_trying_out_keeps_nothing(app: Flask, call: Call) -> None:
    _key, dry = keys.issue(make.agency("H26"), ["exchange"], dry_run=True)
    session.commit()
    said = messages.document("H17")
    tried = send(call, said, dry)
    assert tried.status_code == 200 and tried.headers["Dry-Run"] == "true" and tried.get_json()["deliveries"] == 1
    assert listed(call, "H17") == []
    assert send(call, said).status_code == 201


def test_a_key_that_must_sign_signs_what_it_sends(app: Flask, call: Call) -> None:
    _key, secret = keys.issue(make.agency("H26"), ["exchange"], base64.b64encode(public_key()).decode())
    session.commit()
    content = messages.xml(messages.document("H17"))
    problem(call(secret, "POST", "/messages", content), 401, "signature_missing", "Signature-Input")
    with time_machine.travel("2026-11-20T10:00:00+07:00", tick=False):
        digest = f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode()}:"
        created = 1795143600
        params = f'("@method" "@path" "content-digest");created={created}'
        signed = f'"@method": POST\n"@path": {ROOT}/messages\n"content-digest": {digest}\n"@signature-params": {params}'
        headers = {"Content-Digest": digest, "Signature-Input": f"a={params}",
                   "Signature": f"a=:{base64.b64encode(sign(signed.encode(), SEED)).decode()}:"}
        assert call(secret, "POST", "/messages", content, headers=headers).status_code == 201
        problem(call(secret, "POST", "/messages", content + b" ", headers=headers), 400, "digest_wrong",
                "Content-Digest")


def test_a_key_for_trying_out_takes_nothing_from_who_waits_for_it(call: Call) -> None:
    _key, dry = keys.issue(make.agency("H17"), ["exchange"], dry_run=True)
    session.commit()
    sent = send(call, messages.document("H17")).get_json()
    assert call(dry, "GET", f"/messages/{sent['id']}").status_code == 200
    tried = say(call, dry, sent["id"], "done")
    assert tried.headers["Dry-Run"] == "true" and tried.get_json()["deliveries"][0]["state"] == "done"
    assert [one["id"] for one in listed(call, "H17")] == [sent["id"]]
    stands = call("H26", "GET", f"/documents/{sent['document']}/states").get_json()["receivers"][0]
    assert stands["state"] == "sent" and documents.participant("H17").last_seen_at is not None


def test_a_key_that_must_sign_signs_what_became_of_a_message(call: Call) -> None:
    _key, secret = keys.issue(make.agency("H17"), ["exchange"], base64.b64encode(public_key()).decode())
    session.commit()
    sent = send(call, messages.document("H17")).get_json()["id"]
    problem(say(call, secret, sent, "done"), 401, "signature_missing", "Signature-Input")
    assert len(listed(call, "H17")) == 1


@pytest.mark.parametrize(("said", "field"), [({"state": "lost"}, "state"), ([], "state"),
                                             ({"state": "failed", "reason": "x" * 501}, "reason")])
def test_an_acknowledgement_has_a_word(call: Call, said: Any, field: str) -> None:
    sent = send(call, messages.document("H17")).get_json()["id"]
    problem(call("H17", "POST", f"/messages/{sent}/acknowledgement", json=said), 422, "shape", field)


@pytest.fixture
def described(app: Flask) -> Iterator[dict[str, Any]]:
    yield app.test_client().get(f"/en{ROOT}/openapi.json").get_json()


def test_every_call_is_described_and_nothing_else(app: Flask, described: dict[str, Any]) -> None:
    there = {(rule.rule.replace("<int:", "{").replace("<path:", "{").replace("<", "{").replace(">", "}"),
              method.lower()) for rule in app.url_map.iter_rules() if rule.rule.startswith(ROOT)
             for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}
    pages = {(ROOT, "get"), (f"{ROOT}/openapi.json", "get")}
    assert there - pages == {(path, method) for path, methods in described["paths"].items() for method in methods}
    assert described["openapi"].startswith("3.1")


def test_a_recall_is_one_more_message(call: Call) -> None:
    said = messages.document("H17")
    sent = send(call, said).get_json()
    recall = send(call, messages.change(said, Business.recall)).get_json()
    assert recall["document"] == sent["document"]
    assert [(one["business"], one["position"]) for one in listed(call, "H17")] == [("new", 1), ("recall", 2)]


def test_a_full_disk_is_said_with_when_to_come_again() -> None:
    problem = answers.refused_file(kept.Refused("disk", ""))
    assert (problem.kind, problem.reason, problem.headers) == ("unusable", "disk", {"Retry-After": "60"})
