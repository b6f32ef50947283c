"""Batches and what can be read afterwards."""
import json
from typing import Any

import pytest
from flask import Flask

from portal.api.fields import FIELDS
from portal.intake import rows
from portal.intake.fields import FORMS, ILLFORMED, kept
from portal.intake.models import ProgressBatch
from portal.kit.db import session
from portal.progress.models import ProgressRecord
from tests.api.conftest import Keys, Post, a_row, problem

WRONG: dict[str, list[Any]] = {
    "code": ["H17", "H17-261399-0001", 5, True, [], {}, "x" * 3000, "Nguyễn Thị Bí Mật"],
    "procedure": [5.5, [], "Nguyễn Thị Bí Mật", "048090001234"],
    "status": [True, 1.5, [], "Đang xử lý ở 12 Ngõ Kín", "048090001234"],
    "at": ["yesterday", "2026-11-19", "2026-11-19T09:00:00", 20261119, "2026-13-19T09:00:00Z", "0001-01-01T00:00:00Z"],
    "sequence": [-1, 1.5, "1", True, 2**31], "agency": [1.5, [], "Nguyễn Thị Bí Mật"],
    "submitted_at": ["?", 1], "received_at": ["?", 1], "due_at": ["?", 1], "finished_at": ["?", 1],
    "channel": ["fax", 1, []], "level": [0, 5, "4", True], "reason": ["Thiếu giấy khai sinh của bé Na", 1],
    "apology": ["true", 1], "new_due_at": ["?", 1], "step_due_at": ["?", 1], "correction": ["true", 1],
}


def test_each_row_is_answered_in_its_place(push: Post) -> None:
    right, again = a_row(), a_row()
    push(again)
    answer = push(right, again, a_row(code=None), a_row(status="MOI")).get_json()
    assert [row["index"] for row in answer["rows"]] == [0, 1, 2, 3]
    assert [row["result"] for row in answer["rows"]] == ["accepted", "unchanged", "rejected", "quarantined"]
    assert (answer["rows"][2]["field"], answer["rows"][2]["reason"]) == ("code", "missing")
    assert [answer[name] for name in ("accepted", "unchanged", "rejected", "quarantined")] == [1, 1, 1, 1]


@pytest.mark.parametrize(("field", "value"), [(field, value) for field, values in WRONG.items() for value in values],
                         ids=lambda v: str(v)[:20].encode("ascii", "replace").decode())
def test_a_wrong_value_costs_its_row_alone_and_names_the_field(push: Post, field: str, value: Any) -> None:
    answer = push(a_row(**{field: value}), a_row()).get_json()
    assert (answer["rejected"], answer["accepted"]) == (1, 1), answer
    assert answer["rows"][0]["field"] == field
    assert "Bí Mật" not in json.dumps(answer, ensure_ascii=False) and "bé Na" not in json.dumps(answer)


def test_every_field_of_the_table_is_tried_and_the_room_reads_them_all() -> None:
    assert set(WRONG) == {field.name for field in FIELDS}
    assert {field.name.replace("agency", "agency_key") for field in FIELDS} == \
        set(rows.Row.__dataclass_fields__) - {"arrived", "dropped"}, "no field for the one that a door says by itself"


def test_only_the_fields_of_the_table_pass_the_door() -> None:
    sent = a_row() | {"holder": "Nguyễn Thị Bí Mật", "Email": "bi@mat.vn", "note": {"deep": ["x"]}, "level": None}
    passed = kept(sent)
    assert set(passed) <= {field.name for field in FIELDS} and "level" not in passed
    assert kept({"reason": "Thiếu giấy", "at": {"x": 1}, "code": "Bí Mật"}) == dict.fromkeys(
        ("reason", "at", "code"), ILLFORMED)


def test_the_same_batch_again_is_answered_with_the_same_bytes_and_counts_once(push: Post) -> None:
    batch = [a_row(), a_row(code=None), a_row(status="MOI")]
    first = push(*batch, name="night-1")
    for packed in (False, True):
        again = push(*batch, name="night-1", packed=packed)
        assert (again.status_code, again.data) == (200, first.data)
        assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    session.rollback()
    assert session.query(ProgressBatch).count() == session.query(ProgressRecord).count() == 1


def test_another_body_under_the_same_name_is_refused(push: Post) -> None:
    push(a_row(), name="night-1")
    problem(push(a_row(), name="night-1"), 422, "key_reused", "Idempotency-Key")
    session.rollback()
    assert session.query(ProgressRecord).count() == 1


def test_names_of_batches_are_each_agencys_own(push: Post, cast: Keys) -> None:
    push(a_row(), name="night-1")
    assert push(a_row(code="H26-261119-0001"), name="night-1", key=cast.other).get_json()["accepted"] == 1


def test_what_was_pushed_can_be_read_by_everybody(app: Flask, push: Post) -> None:
    push(a_row(code="h17-261119-7001"))
    client = app.test_client()
    answer = client.get("/api/v1/progress/H17-261119-7001")
    said = answer.get_json()
    assert (said["code"], said["status"], said["channel"]) == ("H17-261119-7001", 2, "online")
    assert said["agency"]["key"] == "H17" and said["procedure"]["code"] == "1.001193"
    assert said["received_at"] == "2026-11-19T02:00:00Z" and said["due_at"] == "2026-11-25T10:00:00Z"
    assert [step["status"] for step in said["steps"]] == [2]
    assert "Set-Cookie" not in answer.headers and answer.headers["Cache-Control"].startswith("public")
    again = client.get("/api/v1/progress/H17-261119-7001", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get("/en/api/v1/progress/H17-261119-7001").get_json() == said


@pytest.mark.parametrize("code", ["H17-261119-0404", "nothing", "batches", "x" * 500, "H17-261119-0404%0d%0a"])
def test_an_unknown_code_is_a_refusal(app: Flask, code: str) -> None:
    problem(app.test_client().get(f"/api/v1/progress/{code}"), 404, "unknown_code", "code")


@pytest.mark.parametrize("code", ["H17.14-240823-0001", "H17.20-20260609-0092637", "000.00.01.H17-210915-0001"])
def test_the_code_shapes_of_the_country_are_taken(app: Flask, push: Post, code: str) -> None:
    assert push(a_row(code=code)).get_json()["accepted"] == 1
    assert app.test_client().get(f"/api/v1/progress/{code}").get_json()["code"] == code


@pytest.mark.parametrize("agency", ["H17", "H17.22.17", "000.17.22.H17", "h17"])
def test_both_shapes_of_an_agencys_id_are_understood(push: Post, agency: str) -> None:
    assert push(a_row(agency=agency)).get_json()["accepted"] == 1


@pytest.mark.parametrize("procedure", ["1.001193", "1.001193.H17", "1.001193.000.00.00.H17"])
def test_the_three_shapes_of_a_procedures_code_are_one(app: Flask, push: Post, procedure: str) -> None:
    row = a_row(procedure=procedure)
    assert push(row).get_json()["accepted"] == 1
    assert app.test_client().get(f"/api/v1/progress/{row['code']}").get_json()["procedure"]["code"] == "1.001193"


def test_a_reader_of_changes_skips_nothing(app: Flask, push: Post) -> None:
    pushed = [a_row() for _ in range(7)]
    for start in range(0, 7, 2):
        push(*pushed[start:start + 2])
    client, after, codes, positions = app.test_client(), 0, [], []
    for _ in range(10):
        page = client.get(f"/api/v1/progress/changes?after={after}&size=3").get_json()
        codes += [change["code"] for change in page["changes"]]
        positions += [change["position"] for change in page["changes"]]
        after = page["next"]
        if not page["more"]:
            break
    assert codes == [row["code"] for row in pushed]
    assert positions == sorted(set(positions)) and after == positions[-1]
    assert client.get(f"/api/v1/progress/changes?after={after}").get_json() == {
        "changes": [], "next": after, "more": False}


@pytest.mark.parametrize(("query", "field"), [
    ("after=-1", "after"), ("after=x", "after"), ("after=", "after"), ("after=1&after=2", "after"), ("size=0", "size"),
    ("size=1001", "size"), ("after=9223372036854775808", "after"), ("after=%C2%B2", "after"), ("size=1e3", "size")])
def test_a_parameter_that_cannot_be_read_is_refused(app: Flask, query: str, field: str) -> None:
    problem(app.test_client().get(f"/api/v1/progress/changes?{query}"), 400, "parameter", field)


def test_the_largest_position_is_read(app: Flask) -> None:
    answer = app.test_client().get("/api/v1/progress/changes?after=9223372036854775807")
    assert answer.get_json()["changes"] == []


def test_refusals_speak_the_language_of_the_address_and_keep_their_kind(push: Post) -> None:
    one, two = (push(body=b"{", path=f"{prefix}/api/v1/progress/batches").get_json() for prefix in ("", "/en"))
    assert one["type"] == two["type"] == "/api#malformed"
    assert two["title"] == "The body is not JSON"


@pytest.mark.parametrize(("method", "path", "status"), [
    ("GET", "/api/v1/nothing", 404), ("GET", "/api/national/DongBoHoSoMC", 405),
    ("PUT", "/api/v1/progress/batches", 405), ("DELETE", "/en/api/openapi.json", 405)])
def test_what_is_not_there_is_a_problem_too(app: Flask, method: str, path: str, status: int) -> None:
    answer = app.test_client().open(path, method=method)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert answer.get_json()["title"] and ("Allow" in answer.headers) == (status == 405)


def test_every_field_that_passes_is_described_and_no_other() -> None:
    assert [field.name for field in FIELDS] == list(FORMS)
