"""Bodies that nobody vouches for: each bad one gets a clear refusal, none of them repeats what was sent."""
import codecs
import gzip
import json
import time
import tracemalloc
import zlib
from typing import Any

import pytest
from flask import Flask

from portal.api import bodies
from portal.intake.models import ProgressBatch
from portal.kit.db import session
from portal.progress.models import ProgressRecord
from tests.api.conftest import Keys, Post, a_row, problem

SECRET = "Nguyễn Thị Bí Mật"


def nested(depth: int) -> bytes:
    return b'{"records": [{"x": ' + b"[" * depth + b"]" * depth + b"}]}"


BAD = {
    "nothing": (b"", 400, "malformed"),
    "half": (b'{"records": [', 400, "malformed"),
    "not json": (f"{SECRET}".encode(), 400, "malformed"),
    "two values": (b'{"records": []} {}', 400, "malformed"),
    "utf-16": ('{"records": []}'.encode("utf-16"), 400, "encoding"),
    "latin-1": ('{"records": [{"code": "Đà Nẵng é"}]}'.replace("Đ", "D").replace("ẵ", "a").encode("latin-1"), 400,
                "encoding"),
    "overlong": (b'{"records": [{"code": "\xc0\xaf"}]}', 400, "encoding"),
    "a duplicate key": (b'{"records": [], "records": []}', 400, "duplicate_key"),
    "a duplicate key inside": (b'{"records": [{"status": 2, "status": 10}]}', 400, "duplicate_key"),
    "not a number": (b'{"records": [{"status": NaN}]}', 400, "number"),
    "infinity": (b'{"records": [{"status": -Infinity}]}', 400, "number"),
    "infinity in digits": (b'{"records": [{"status": 1e999}]}', 400, "number"),
    "a number beyond all": (b'{"records": [{"status": ' + b"9" * 5000 + b"}]}", 400, "number"),
    "a number beyond safe": (b'{"records": [{"status": 9007199254740992}]}', 400, "number"),
    "half a pair": (b'{"records": [{"code": "\\ud800"}]}', 400, "text"),
    "half a pair as a name": (b'{"records": [{"\\udfff": 1}]}', 400, "text"),
    "nul": (b'{"records": [{"code": "H17\\u0000"}]}', 400, "text"),
    "eleven levels": (nested(8), 400, "too_deep"),
    "a thousand levels": (nested(1000), 400, "too_deep"),
    "a hundred thousand levels": (nested(100_000), 400, "too_deep"),
    "a list": (b"[]", 422, "shape"),
    "a word": (b'"records"', 422, "shape"),
    "null": (b"null", 422, "shape"),
    "no records": (b"{}", 422, "shape"),
    "no record": (b'{"records": []}', 422, "shape"),
    "records that are none": (b'{"records": {"code": "x"}}', 422, "shape"),
    "a record that is none": (b'{"records": [1]}', 422, "shape"),
    "too many records": (json.dumps({"records": [{}] * 5001}).encode(), 422, "too_many_rows"),
    "a crowd of values": (b'{"records": [' + b"[]," * 300_001 + b"1]}", 413, "too_many_values"),
}


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("name", list(BAD))
def test_a_bad_body_is_refused_in_words(push: Post, name: str, packed: bool, caplog: Any) -> None:
    body, status, kind = BAD[name]
    answer = push(body=body, packed=packed)
    problem(answer, status, kind, answer.get_json().get("field"))
    assert SECRET not in answer.text and SECRET not in caplog.text
    session.rollback()
    assert session.query(ProgressRecord).count() == session.query(ProgressBatch).count() == 0


def test_ten_levels_are_read(push: Post) -> None:
    assert push(body=nested(7)).status_code == 200


def test_the_refusal_names_the_field_that_stands_twice_but_not_what_a_person_typed(push: Post) -> None:
    assert push(body=b'{"records": [{"status": 2, "status": 2}]}').get_json()["field"] == "status"
    typed = push(body=f'{{"records": [{{"{SECRET}": 2, "{SECRET}": 2}}]}}'.encode())
    assert "field" not in typed.get_json() and SECRET not in typed.text


def test_a_bomb_is_refused_before_it_fills_the_memory(push: Post) -> None:
    bomb = gzip.compress(b" " * (300 * bodies.MIB), 9)
    assert len(bomb) < bodies.MIB
    tracemalloc.start()
    started = time.process_time()
    answer = push(body=bomb, headers={"Content-Encoding": "gzip"})
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    problem(answer, 413, "too_large")
    assert peak < 2.5 * bodies.MOST_UNPACKED
    assert time.process_time() - started < 20


def test_a_bomb_within_a_bomb_is_only_bytes(push: Post) -> None:
    twice = gzip.compress(gzip.compress(b" " * (100 * bodies.MIB)))
    assert push(body=twice, headers={"Content-Encoding": "gzip"}).status_code == 400


def test_the_size_is_known_before_the_body_is_read(app: Flask, push: Post, cast: Keys) -> None:
    answer = app.test_client().post(
        "/api/v1/progress/batches", data=b"{}", content_type="application/json",
        headers={"Authorization": f"Bearer {cast.right}", "Idempotency-Key": "large"},
        environ_overrides={"CONTENT_LENGTH": str(bodies.MOST_SENT + 1)})
    problem(answer, 413, "too_large")
    problem(push(body=b"[" + b" " * bodies.MOST_SENT), 413, "too_large")


@pytest.mark.parametrize("damage", [
    lambda packed: packed[:-9], lambda packed: packed[:20], lambda packed: b"\x1f\x8b" + b"\x00" * 30,
    lambda packed: packed + b"more", lambda packed: packed + packed, lambda _packed: zlib.compress(b"{}"),
    lambda _packed: b""])
def test_damaged_compression_is_refused(push: Post, damage: Any) -> None:
    packed = gzip.compress(json.dumps({"records": [a_row()]}).encode())
    answer = push(body=damage(packed), headers={"Content-Encoding": "gzip"})
    problem(answer, 400, "broken_gzip")


@pytest.mark.parametrize(("headers", "kind", "field"), [
    ({"Content-Type": "text/plain"}, "content_type", "Content-Type"),
    ({"Content-Type": "application/x-www-form-urlencoded"}, "content_type", "Content-Type"),
    ({"Content-Type": "application/json; charset=utf-16"}, "content_type", "Content-Type"),
    ({"Content-Type": ""}, "content_type", "Content-Type"),
    ({"Content-Encoding": "br"}, "content_encoding", "Content-Encoding"),
    ({"Content-Encoding": "gzip, gzip"}, "content_encoding", "Content-Encoding")])
def test_another_kind_of_body_is_refused(push: Post, headers: dict[str, str], kind: str, field: str) -> None:
    answer = push(a_row(), headers=headers)
    problem(answer, 415, kind, field)


def test_a_mark_of_the_byte_order_is_passed_over(push: Post) -> None:
    row = a_row()
    for mark in (b"", codecs.BOM_UTF8):
        answer = push(body=mark + json.dumps({"records": [row]}).encode()).get_json()
        assert answer["accepted"] + answer["unchanged"] == 1
    problem(push(body=2 * codecs.BOM_UTF8 + b"{}"), 400, "malformed")


def test_a_packed_batch_is_taken(push: Post) -> None:
    answer = push(*(a_row() for _ in range(50)), packed=True)
    assert answer.get_json()["accepted"] == 50


@pytest.mark.parametrize("name", [None, " ", "a" * 81, "hai chữ", "a b", "tab\tbed"])
def test_a_batch_without_a_name_of_its_own_is_refused(push: Post, name: str | None) -> None:
    headers = {} if name is None else {"Idempotency-Key": name.encode().decode("latin-1")}
    answer = push(a_row(), name=None, headers=headers)
    problem(answer, 400, "idempotency_key", "Idempotency-Key")
