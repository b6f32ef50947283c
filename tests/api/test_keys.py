"""Who comes in, how often, and what a stranger learns."""
from typing import Any

import pytest
from flask import Flask

from portal.kit.db import session
from portal.people import keys
from portal.people.models import ApiKey, ApiKeyScope
from portal.progress.models import ProgressRecord
from tests import make
from tests.api.conftest import Keys, Post, a_row, problem


def records() -> int:
    session.rollback()
    return session.query(ProgressRecord).count()


def test_without_a_key_nothing_is_taken(push: Post) -> None:
    problem(push(a_row(), key=None), 401, "key_missing", "Authorization")
    assert records() == 0


@pytest.mark.parametrize("which", ["wrong", "revoked"])
def test_a_key_that_never_was_and_a_revoked_one_get_the_same_answer(push: Post, cast: Keys, which: str) -> None:
    answer = push(a_row(), key=getattr(cast, which))
    problem(answer, 401, "key_unknown", "Authorization")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.get_json() == push(a_row(), key="x" * 5000).get_json()
    assert records() == 0


@pytest.mark.parametrize("header", ["Basic dTpw", "Bearer", "Bearer ", "bearer é", "Token abc", ""])
def test_another_way_to_say_it_is_no_key(push: Post, header: str) -> None:
    answer = push(a_row(), key=None, headers={"Authorization": header})
    assert answer.status_code == 401


def test_the_right_key_opens(push: Post) -> None:
    answer = push(a_row())
    assert answer.status_code == 200, answer.text
    assert answer.get_json()["accepted"] == 1
    assert records() == 1
    assert answer.headers["Cache-Control"] == "no-store" and "Set-Cookie" not in answer.headers


def test_another_agencys_rows_are_rejected_and_its_key_writes_only_its_own(push: Post, cast: Keys) -> None:
    answer = push(a_row(agency="H26"), a_row()).get_json()
    assert [row["result"] for row in answer["rows"]] == ["rejected", "accepted"]
    assert answer["rows"][0]["reason"] == "agency_foreign"
    taken = push(a_row(code="H26-261119-0001"), key=cast.other)
    assert taken.get_json()["accepted"] == 1
    agencies = {record.code: record.agency.key for record in session.query(ProgressRecord)}
    assert agencies["H26-261119-0001"] == "H26"


def test_nobody_overwrites_the_record_of_another_agency(push: Post, cast: Keys) -> None:
    row = a_row()
    push(row)
    answer = push(row | {"status": 10, "at": "2026-11-20T09:00:00+07:00"}, key=cast.other).get_json()
    assert answer["rejected"] == 1
    session.rollback()
    assert session.query(ProgressRecord).filter_by(code=row["code"]).one().status == 2


def test_a_key_for_something_else_is_refused(push: Post, cast: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    other = ApiKey(id=7, agency_id=1, opens=[ApiKeyScope(scope="exchange")])
    monkeypatch.setattr("portal.api.guard.keys.find", lambda secret: other)
    problem(push(a_row()), 403, "key_scope", "Authorization")


def test_a_key_of_several_scopes_opens_each(push: Post, cast: Keys) -> None:
    _key, secret = keys.issue(make.agency("H29"), ["exchange", "progress"])
    session.commit()
    assert push(a_row(code="H29-261119-0001"), key=secret).status_code == 200


def test_a_key_meets_its_limit_and_is_told_when_to_come_again(push: Post, cast: Keys) -> None:
    answers = [push(body=b"{", name=None) for _ in range(121)]
    assert {answer.status_code for answer in answers[:120]} == {400}
    problem(answers[120], 429, "too_many")
    assert 0 < int(answers[120].headers["Retry-After"]) <= 60
    assert push(a_row(code="H26-261119-0001"), key=cast.other).status_code == 200, "the limit is each key's own"


def test_the_limit_ends_with_its_minute(push: Post, friday: Any) -> None:
    for _ in range(121):
        last = push(body=b"{", name=None)
    friday.shift(int(last.headers["Retry-After"]) + 1)
    assert push(a_row()).status_code == 200


def test_guessing_keys_meets_a_limit(push: Post) -> None:
    answers = [push(a_row(), key=f"guess-{i}") for i in range(31)]
    assert {answer.status_code for answer in answers[:30]} == {401}
    problem(answers[30], 429, "too_many")


def test_a_walk_over_consecutive_codes_meets_the_limit_and_learns_what_is_published(
        app: Flask, push: Post) -> None:
    push(a_row(code="H17-261119-5003"))
    client = app.test_client()
    answers = [client.get(f"/api/v1/progress/H17-261119-{number}") for number in range(5000, 5100)]
    assert [answer.status_code for answer in answers].count(200) == 1
    assert [answer.status_code for answer in answers[60:]] == [429] * 40
    unknown = {answer.data for answer in answers[:60] if answer.status_code == 404}
    assert len(unknown) == 1, "an unknown code answers like every other one"


def test_a_reader_with_a_key_may_read_more(app: Flask, push: Post, cast: Keys) -> None:
    client = app.test_client()
    headers = {"Authorization": f"Bearer {cast.right}"}
    answers = [client.get("/api/v1/progress/changes", headers=headers) for _ in range(100)]
    assert {answer.status_code for answer in answers} == {200}


def test_a_wrong_key_does_not_read_as_a_stranger(app: Flask, cast: Keys) -> None:
    answer = app.test_client().get("/api/v1/progress/changes", headers={"Authorization": f"Bearer {cast.wrong}"})
    problem(answer, 401, "key_unknown", "Authorization")


def test_another_sites_page_cannot_make_a_browser_push(push: Post) -> None:
    answer = push(a_row(), headers={"Sec-Fetch-Site": "cross-site"})
    assert (answer.status_code, answer.mimetype) == (403, "application/problem+json")
    assert records() == 0
