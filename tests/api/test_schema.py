"""The description says what the door does: every route is in it, every answer is as it says, nothing makes it break."""
import html
import json
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.api.fields import FIELDS
from portal.api.national.views import SERVICES
from portal.api.problems import KINDS
from portal.api.v1.openapi import document
from portal.kit import clock
from portal.progress import jobs, records
from tests.api.conftest import Keys, Post, a_row, problem

TYPES = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool, "null": type(None)}
WORDS = {"type", "properties", "required", "items", "enum", "format", "minimum", "maximum", "maxLength", "minItems",
         "maxItems", "description", "examples", "default"}
fuzzed = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def described(app: Flask) -> dict[str, Any]:
    with app.test_request_context("/en/api"):
        return json.loads(json.dumps(document()))


def refs(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        node = list(node.values())
    if isinstance(node, list):
        for item in node:
            yield from refs(item)


def resolved(described: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    return described["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema


def conforms(described: dict[str, Any], schema: dict[str, Any], value: Any, where: str = "") -> None:
    """`value` is as this JSON Schema says; the words that the description uses, and no more of the standard."""
    schema = resolved(described, schema)
    assert set(schema) <= WORDS, where
    names = schema.get("type", list(TYPES))
    allowed = tuple(TYPES[name] for name in ([names] if isinstance(names, str) else names))
    assert isinstance(value, allowed) and (bool in allowed or not isinstance(value, bool)), (where, value)
    assert value in schema.get("enum", [value]), (where, value)
    if isinstance(value, int) and not isinstance(value, bool):
        assert schema.get("minimum", value) <= value <= schema.get("maximum", value), (where, value)
    if isinstance(value, dict):
        assert set(schema.get("required", ())) <= set(value), (where, value)
        for name, part in schema.get("properties", {}).items():
            if name in value:
                conforms(described, part, value[name], f"{where}.{name}")
    if isinstance(value, list) and "items" in schema:
        for item in value:
            conforms(described, schema["items"], item, f"{where}[]")


def as_described(described: dict[str, Any], path: str, method: str, answer: Any) -> None:
    """The status is one that the description names, and the body is as it says there."""
    operation = described["paths"][path][method]
    assert answer.status_code < 500, answer.text
    assert str(answer.status_code) in operation["responses"], (path, answer.status_code, answer.text)
    content = operation["responses"][str(answer.status_code)]["content"]
    assert answer.mimetype in content
    conforms(described, content[answer.mimetype]["schema"], answer.get_json(), path)


def test_the_description_is_openapi(described: dict[str, Any]) -> None:
    assert described["openapi"].startswith("3.1.") and described["info"]["title"] and described["info"]["version"]
    assert set(refs(described)) <= {f"#/components/schemas/{name}" for name in described["components"]["schemas"]}
    names = [operation["operationId"] for path in described["paths"].values() for operation in path.values()]
    assert len(names) == len(set(names))
    for path, methods in described["paths"].items():
        for operation in methods.values():
            inside = {p["name"] for p in operation.get("parameters", []) if p["in"] == "path"}
            assert inside == {part[1:-1] for part in path.split("/") if part.startswith("{")}
            assert all(p["required"] for p in operation.get("parameters", []) if p["in"] == "path")
            assert operation["summary"] and all(a["description"] for a in operation["responses"].values())


def test_every_route_is_described_and_nothing_else(app: Flask, described: dict[str, Any]) -> None:
    there = {(rule.rule.replace("<", "{").replace(">", "}"), method.lower())
             for rule in app.url_map.iter_rules() if rule.endpoint.startswith("api.")
             for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}
    there = {(rule, method) for rule, method in there if not rule.startswith("/api/exchange/")}  # which has its own
    pages = {("/api", "get"), ("/api/openapi.json", "get")}
    assert there - pages == {(path, method) for path, methods in described["paths"].items() for method in methods}


def test_every_refusal_is_described_somewhere(described: dict[str, Any]) -> None:
    operations = [operation for methods in described["paths"].values() for operation in methods.values()]
    statuses = {status for operation in operations for status in operation["responses"]}
    assert {str(kind.status) for kind in KINDS.values()} <= statuses | {"405"}, "a wrong method is no operation"


def test_what_subscribers_are_sent_is_described_as_it_is_sent(app: Flask, described: dict[str, Any],
                                                             monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[bytes, dict[str, str]]] = []
    monkeypatch.setattr(jobs.callout, "post", lambda _url, body, headers, _also: sent.append((body, headers)))
    monkeypatch.setattr(jobs, "AT_ONCE", 3)
    changes = [records.Change(n, f"H17-261120-000{n}", 2, clock.now()) for n in (1, 2)]
    assert jobs._call(jobs.Delivery(7, "https://told.example/", ["secret"], changes, 2))
    [(body, headers)] = sent
    operation = described["webhooks"]["progressChanged"]["post"]
    conforms(described, operation["requestBody"]["content"]["application/json"]["schema"], json.loads(body))
    for parameter in operation["parameters"]:
        assert re.search(parameter["schema"].get("pattern", "."), headers[parameter["name"]])
    assert "2XX" in operation["responses"]


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_the_check_that_the_page_shows_is_right(app: Flask, prefix: str) -> None:
    page = app.test_client().get(f"{prefix}/api").text
    [shown] = re.findall(r'id="check-signature">(.*?)</pre>', page, re.DOTALL)
    scope: dict[str, Any] = {}
    exec(html.unescape(shown), scope)
    is_right, body, now = scope["is_from_portal"], b'{"next": 1}', int(time.time())
    assert is_right("secret", jobs.signature(["secret"], now, body), body)
    assert is_right("old", jobs.signature(["secret", "old"], now, body), body), "while the secret is changed"
    assert not is_right("another", jobs.signature(["secret"], now, body), body)
    assert not is_right("secret", jobs.signature(["secret"], now, body), body + b" ")
    assert not is_right("secret", jobs.signature(["secret"], now - 301, body), body)


@pytest.mark.parametrize(("method", "path", "status", "kind"), [
    ("GET", "/api/none", 404, "unknown_address"), ("GET", "/api/v2/progress", 404, "unknown_address"),
    ("GET", "/api/", 404, "unknown_address"), ("DELETE", "/api/v1/progress/batches", 405, "method"),
    ("PUT", "/api/v1/progress/changes", 405, "method"), ("POST", "/api", 405, "method"),
    ("GET", "/api/national/DongBoHoSoMC", 405, "method")])
def test_an_address_or_a_method_that_is_none_says_the_way_out(app: Flask, method: str, path: str, status: int,
                                                             kind: str) -> None:
    vietnamese, english = (app.test_client().open(prefix + path, method=method) for prefix in ("", "/en"))
    for answer in (vietnamese, english):
        problem(answer, status, kind)
        assert (answer.get_json()["error_code"] == KINDS[kind].error_code) if "national" in path else True
    assert vietnamese.get_json()["title"] != english.get_json()["title"]
    assert vietnamese.get_json()["detail"] != english.get_json()["detail"]
    if status == 405:
        rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("api.")]
        adapter = app.url_map.bind("localhost")
        allowed = {"POST"} if "national" in path else {  # whose address serves what is read by GET too
            m for rule in rules for m in rule.methods or () if adapter.test(path, m)}
        assert {m.strip() for m in english.headers["Allow"].split(",")} == allowed and method not in allowed
    else:
        assert "GET /api" in vietnamese.get_json()["detail"]


def test_the_pages_of_other_doors_stay_pages(app: Flask) -> None:
    for method, path, status in (("GET", "/apix", 404), ("DELETE", "/services", 405)):
        answer = app.test_client().open(path, method=method)
        assert (answer.status_code, answer.mimetype) == (status, "text/html")


def test_the_page_names_every_national_field_that_is_read_and_both_ways_of_time(app: Flask) -> None:
    text = app.test_client().get("/en/api").text
    for name in ("NgayTra", "NgayTuChoi", "DanhSachHoSoBoSung.NgayBoSung", "DanhSachHoSoBoSung.NgayTiepNhanBoSung",
                 "DanhSachHoSoBoSung.NgayHenTraMoi"):
        assert f"<code>{name}</code>" in text
    assert "A time is not RFC" in text and "A time is neither yyyyMMddHHmmss" in text


def test_it_is_served_in_both_languages_and_to_everybody_alike(app: Flask) -> None:
    client = app.test_client()
    one, other = client.get("/api/openapi.json"), client.get("/en/api/openapi.json")
    assert one.mimetype == "application/json" and one.headers["Cache-Control"].startswith("public")
    assert "Set-Cookie" not in one.headers
    assert set(one.get_json()["paths"]) == set(other.get_json()["paths"])
    assert other.get_json()["info"]["title"] == "Progress of dossiers"


def test_the_page_says_every_field_status_service_and_refusal(app: Flask) -> None:
    for prefix in ("", "/en"):
        answer = app.test_client().get(f"{prefix}/api")
        assert answer.status_code == 200 and answer.mimetype == "text/html"
        for word in [*(f.name for f in FIELDS), *SERVICES, *KINDS, "yyyyMMddHHmmss" if prefix else "MaHoSo"]:
            assert word in answer.text, word
        for kind in KINDS:
            assert f'id="{kind}"' in answer.text, "where type leads"


def test_the_page_is_linked_to_the_description(app: Flask) -> None:
    assert 'href="/en/api/openapi.json"' in app.test_client().get("/en/api").text


@pytest.fixture
def patient(push: Post, friday: Any) -> Post:
    """Pushes once a second, so that no limit is met."""

    def patient(*rows: Any, **more: Any) -> Any:
        friday.shift(1)
        answer = push(*rows, **more)
        assert answer.status_code != 429
        return answer

    return patient


text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=70)  # NUL costs the batch


def right(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values that a schema of FIELDS allows."""
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if schema["type"] == "integer":
        return st.integers(schema["minimum"], schema["maximum"])
    if schema["type"] == "boolean":
        return st.booleans()
    if schema.get("format") == "date-time":
        return st.datetimes().map(lambda moment: moment.isoformat() + "Z")
    return text | st.sampled_from(schema["examples"])


anything = st.recursive(st.none() | st.booleans() | st.integers(-2**53 + 1, 2**53 - 1) | text
                        | st.floats(allow_nan=False, allow_infinity=False),
                        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
                        max_leaves=6)
row = st.fixed_dictionaries({}, optional={f.name: right(dict(f.schema)) | anything for f in FIELDS})
good = st.fixed_dictionaries({}, optional={f.name: right(dict(f.schema)) for f in FIELDS}).map(
    lambda given: a_row(**given))


@fuzzed
@given(rows=st.lists(row | good, min_size=1, max_size=5))
def test_any_batch_is_answered_as_described(patient: Post, described: dict[str, Any], rows: list[Any]) -> None:
    answer = patient(*rows)
    as_described(described, "/api/v1/progress/batches", "post", answer)
    said = answer.get_json()
    assert (answer.status_code, len(said["rows"])) == (200, len(rows))
    assert sum(said[name] for name in ("accepted", "unchanged", "rejected", "quarantined")) == len(rows)


@fuzzed
@given(body=anything | st.dictionaries(st.sampled_from(["records", "x"]), anything))
def test_any_json_is_answered_as_described(patient: Post, described: dict[str, Any], body: Any) -> None:
    as_described(described, "/api/v1/progress/batches", "post", patient(body=json.dumps(body).encode()))


@fuzzed
@given(body=st.binary(max_size=200), packed=st.booleans(), claimed=st.booleans())
def test_any_bytes_are_answered_as_described(patient: Post, described: dict[str, Any], body: bytes, packed: bool,
                                             claimed: bool) -> None:
    headers = {"Content-Encoding": "gzip"} if claimed and not packed else {}
    as_described(described, "/api/v1/progress/batches", "post", patient(body=body, packed=packed, headers=headers))


NATIONAL = ["MaHoSo", "MaTTHC", "TrangThaiHoSo", "NgayTiepNhan", "NgayHenTra", "TrangThai", "ThoiDiemXuLy",
            "DanhSachHoSoBoSung", "KenhThucHien"]
USUAL = ["H17-261119-0001", "1.001193", "2", "20261119090000"]
printable = st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=60)


@fuzzed
@given(headers=st.dictionaries(st.sampled_from(["Idempotency-Key", "Content-Type", "Content-Encoding", "Content-Digest",
                                                "Authorization", "Signature", "Signature-Input"]), printable))
def test_any_header_is_answered_as_described(patient: Post, described: dict[str, Any], headers: dict[str, str]) -> None:
    as_described(described, "/api/v1/progress/batches", "post", patient(a_row(), headers=headers))


@fuzzed
@given(service=st.sampled_from([*SERVICES, "Khac"]), message=st.fixed_dictionaries({}, optional={
    "service": st.sampled_from([*SERVICES]) | anything, "madonvi": st.just("H17") | anything,
    "data": anything | st.lists(st.dictionaries(st.sampled_from(NATIONAL), st.sampled_from(USUAL) | anything),
                                max_size=3)}))
def test_any_national_message_is_answered_as_described(patient: Post, described: dict[str, Any], service: str,
                                                       message: dict[str, Any]) -> None:
    answer = patient(body=message, name=None, path=f"/api/national/{service}")
    as_described(described, "/api/national/{service}", "post", answer)
    assert {"error_code", "message", "result"} <= set(answer.get_json())


@fuzzed
@given(code=st.text(min_size=1, max_size=50).filter(lambda t: "/" not in t and t not in (".", "..")),
       query=st.dictionaries(st.sampled_from(["after", "size", "x"]), st.text(max_size=25) | st.integers().map(str)))
def test_any_question_is_answered_as_described(app: Flask, cast: Keys, described: dict[str, Any], code: str,
                                               query: dict[str, str]) -> None:
    client, key = app.test_client(), {"Authorization": f"Bearer {cast.right}"}
    as_described(described, "/api/v1/progress/{code}", "get", client.get(f"/api/v1/progress/{code}", headers=key)
                 if code.isascii() and not set(code) & set("?#%") else client.get("/api/v1/progress/x", headers=key))
    as_described(described, "/api/v1/progress/changes", "get", client.get(
        "/api/v1/progress/changes", query_string=query, headers=key))


def test_a_published_dossier_is_as_described(app: Flask, push: Post, described: dict[str, Any]) -> None:
    first = a_row(status=5, reason="missing_papers")
    push(first, first | {"status": 4, "at": "2026-11-19T15:00:00+07:00", "new_due_at": "2026-11-27T17:00:00+07:00",
                         "apology": True, "reason": "other"})
    client = app.test_client()
    as_described(described, "/api/v1/progress/{code}", "get", client.get(f"/api/v1/progress/{first['code']}"))
    as_described(described, "/api/v1/progress/changes", "get", client.get("/api/v1/progress/changes"))
