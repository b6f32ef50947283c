"""The database away, silent, held up or read-only: never 500, pages that need nothing of it, and reading goes on."""
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kit import db, patience
from portal.kit.db import session
from portal.people import keys
from tests import make
from tests.conftest import bound, open_house
from tests.house.conftest import Stage
from tests.house.matrix import ROWS, Row
from tests.house.test_routes import address

NOWHERE = "postgresql://portal@127.0.0.1:1/none"  # nobody listens there
ABOUT_A_DOSSIER = {"citizen", "officer"}  # pages that may have to write who looked, and are withheld where they cannot


@pytest.fixture
def cut_off(tmp_path: Path) -> Iterator[Flask]:
    made = open_house(NOWHERE, tmp_path)
    with bound(made):
        db.new_session.configure(bind=made.extensions["engine"])
        yield made
    made.extensions["engine"].dispose()


@pytest.mark.once
def test_every_route_says_503_while_the_database_is_away(stage: Stage, cut_off: Flask, caplog: Any) -> None:
    client = cut_off.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = "somebody who was signed in"
    wrong = []
    for row in ROWS:
        answer = client.open(address(stage, row), method=row.method, data=dict(row.data))
        said = (answer.status_code, answer.headers.get("Retry-After"))
        if said[0] >= 500 and said != (503, "30") and row.endpoint != "readyz":
            wrong.append((row.name, *said))
        answer.close()
    assert not wrong, "\n".join(map(str, wrong))
    assert "Traceback" not in caplog.text
    assert 1 <= caplog.text.count("cannot be used: ") <= 4, "once for each reason, however many ask"
    assert caplog.text.count("the database cannot be reached") == 1


@pytest.mark.once
def test_the_page_needs_no_database_and_speaks_the_readers_language(cut_off: Flask) -> None:
    client = cut_off.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = "somebody who was signed in"
    here, there = client.get("/my/dossiers?page=2"), client.get("/en/my/dossiers")
    assert (here.status_code, there.status_code) == (503, 503)
    assert 'lang="vi"' in here.text and 'href="/my/dossiers?page=2"' in here.text
    assert "cannot be used for a moment" in there.text and 'href="/en/my/dossiers"' in there.text
    assert here.headers["Cache-Control"] == "no-store" and "Content-Security-Policy" in here.headers
    sent = client.post("/en/sign-in", data={"contact": "a@b.vn", "password": "x"})
    assert sent.status_code == 503 and "may not have been taken" in sent.text


@pytest.mark.once
def test_machines_are_told_in_their_own_form(cut_off: Flask) -> None:
    client = cut_off.test_client()
    own = client.get("/api/v1/progress/H17-251103-9002")
    assert (own.status_code, own.mimetype, own.headers["Retry-After"]) == (503, "application/problem+json", "30")
    assert own.get_json()["type"] == "/api#unusable"
    national = client.post("/api/national/TraCuuHoSo", json={"session": "x", "service": "TraCuuHoSo"})
    said = national.get_json()
    assert (national.status_code, said["error_code"], said["result"]) == (503, "60", []) and said["message"]


@pytest.mark.once
def test_a_page_not_found_is_no_500_either(cut_off: Flask) -> None:
    """The page about an error asks who reads, which fails too."""
    client = cut_off.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = "somebody who was signed in"
    assert client.get("/no-such-page").status_code == 503
    assert cut_off.test_client().get("/no-such-page").status_code == 404
    assert client.get("/healthz").status_code == 200


def test_a_finished_page_stays_one_where_the_connection_breaks_at_its_end(stage: Stage, monkeypatch: Any) -> None:
    def broken(_session: Session) -> None:
        raise db.OperationalError("ROLLBACK", {}, Exception("server closed the connection unexpectedly"))
    monkeypatch.setattr(Session, "close", broken)
    answer = stage.browser("owner").get("/my/dossiers")
    monkeypatch.undo()
    assert answer.status_code == 200


@contextmanager
def read_only(connection: Any) -> Iterator[None]:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA query_only=ON")
    else:
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
    try:
        yield
    finally:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA query_only=OFF")


def test_reading_goes_on_where_nothing_can_be_written(furnished: Stage) -> None:
    wrong = []
    for actor in ("anonymous", "owner", "holder"):
        with furnished.undone() as connection:
            connection.execute(text("UPDATE sign_in SET seen_at = :long_ago"),
                               {"long_ago": make_old(connection)})  # so that each page would note it
            with read_only(connection):
                for row in (row for row in ROWS if row.method == "GET"):
                    answer = furnished.browser(actor).get(address(furnished, row))
                    if answer.status_code >= 500 and not may_be_withheld(row):
                        wrong.append((actor, row.name, answer.status_code))
                    answer.close()
    assert not wrong, "\n".join(map(str, wrong))


def test_a_key_reads_where_nothing_can_be_written(stage: Stage) -> None:
    with stage.app.app_context():
        _key, secret = keys.issue(make.agency("H17"), ["progress"])
        session.commit()
    with read_only(db.new_session.kw["bind"]):
        answer = stage.app.test_client().get("/api/v1/progress/H17-251103-9002",
                                             headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 404, "nothing is published under it"


def may_be_withheld(row: Row) -> bool:
    return row.endpoint == "readyz" or (row.endpoint.split(".")[0] in ABOUT_A_DOSSIER and bool(row.state or row.args))


def make_old(connection: Any) -> Any:
    """Two minutes ago, as the database keeps it."""
    if connection.dialect.name == "sqlite":
        return connection.exec_driver_sql("SELECT datetime('now', '-2 minutes') || '.000000'").scalar()
    return connection.exec_driver_sql("SELECT now() - interval '2 minutes'").scalar()


@pytest.mark.once
def test_pauses_grow_and_no_two_are_the_same() -> None:
    backoff = patience.Backoff(1, 20)
    pauses = [backoff.next() for _ in range(12)]
    assert 0.5 <= pauses[0] <= 1 and max(pauses) <= 20 and min(pauses[6:]) >= 10
    assert len({round(pause, 6) for pause in pauses}) == 12
    backoff.over()
    assert backoff.next() <= 1


@pytest.mark.postgresql
@pytest.mark.real_commits
def test_requests_have_short_limits_and_jobs_long_ones(town: Flask) -> None:
    def limits() -> list[str]:
        return [str(session.scalar(text(f"SHOW {name}"))) for name in (
            "statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")]
    with town.test_request_context("/"):
        assert limits() == ["10s", "5s", "30s"]
    town.extensions["engine"].dispose()
    with town.app_context():
        assert limits() == ["30min", "30s", "10min"]


@pytest.mark.postgresql
@pytest.mark.real_commits
def test_one_stuck_transaction_holds_nobody(town: Flask) -> None:
    town.config |= {"DATABASE_LOCK_S": 0.3, "DATABASE_IDLE_S": 0.8}
    engine = db.make_engine(town.config["DATABASE_URL"], town.config)
    with town.test_request_context("/"):
        stuck = engine.connect()
        stuck.execute(text("LOCK TABLE throttle IN ACCESS EXCLUSIVE MODE"))
        other, began = engine.connect(), time.monotonic()
        with pytest.raises(db.OperationalError, match="lock timeout"):
            other.execute(text("SELECT count(*) FROM throttle"))
        assert time.monotonic() - began < 2
        other.rollback()
        time.sleep(1)  # who sits on a transaction is thrown out
        assert other.execute(text("SELECT count(*) FROM throttle")).scalar() == 0
        other.close()
        stuck.invalidate()
        stuck.close()
    engine.dispose()
