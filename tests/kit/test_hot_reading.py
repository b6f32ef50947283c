"""Reads outside any transaction: what they see, and that a connection that was lost costs nobody an answer."""
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import bindparam, select

from portal.kit import db, jobs
from portal.kit.db import session, transaction
from portal.kit.hot import reading
from portal.people.models import Agency

_agency: Any = Agency.__table__
NAMES = select(_agency.c.name).where(_agency.c.key == bindparam("key"), _agency.c.valid_to.is_(None))

TOGETHER = select(_agency.c.kind, reading.together(_agency.c.name, _agency.c.key)).group_by(_agency.c.kind)


def name_of(key: str) -> str:
    [(name,)] = reading.rows(NAMES, key=key)
    return str(name)


def rename(name: str) -> None:
    session.query(Agency).filter_by(key="H17").update({"name": name})


@pytest.mark.real_commits
def test_what_is_committed_is_seen_and_nothing_else(town: Flask) -> None:
    with town.app_context():
        before = name_of("H17")
        with transaction():
            rename("Tên Mới")
            session.flush()
            assert name_of("H17") == "Tên Mới"  # one's own, in the transaction that is under way
            with town.app_context():
                assert name_of("H17") == before  # another request's is not seen
        with town.app_context():
            assert name_of("H17") == "Tên Mới"


@pytest.mark.real_commits
def test_rows_come_together_as_one_text(town: Flask) -> None:
    with town.app_context():
        rows = reading.rows(TOGETHER)
        kinds = {kind: json.loads(told) for kind, told in rows}
        assert [name_of("H17"), "H17"] in kinds["province"] and len(kinds) > 1
        assert sum(map(len, kinds.values())) == session.query(Agency).count()
        assert reading.rows(TOGETHER) == rows, "the same rows are the same text"


@pytest.mark.real_commits
def test_reading_opens_no_session_and_the_connection_is_used_again(town: Flask) -> None:
    reader = town.extensions["reader"]
    with town.app_context():
        name_of("H17")
        [cursor] = reader._idle
        name_of("H26")
        assert reader._idle == [cursor]
        assert not session.in_transaction()
    town.extensions["engine"].dispose()
    assert reader._idle == []


@pytest.mark.real_commits
@pytest.mark.postgresql  # a file does not leave
def test_a_connection_that_the_server_left_is_made_anew(town: Flask) -> None:
    with town.app_context():
        name = name_of("H17")
        [cursor] = town.extensions["reader"]._idle
        session.connection().exec_driver_sql("SELECT pg_terminate_backend(%s)", (cursor.connection.info.backend_pid,))
        session.rollback()
        assert name_of("H17") == name
        [now] = town.extensions["reader"]._idle
        assert now is not cursor


@pytest.mark.postgresql
def test_a_line_that_is_cut_before_the_driver_notes_it_counts_as_gone(town: Flask) -> None:
    reader, driver = town.extensions["reader"], town.extensions["engine"].dialect.loaded_dbapi
    assert reader._is_cut(driver.OperationalError("connection socket closed"))
    assert not reader._is_cut(driver.errors.QueryCanceled("canceling statement due to statement timeout"))


@pytest.mark.real_commits
def test_a_statement_that_is_wrong_is_an_error_and_not_tried_again(town: Flask) -> None:
    with town.app_context(), pytest.raises(Exception, match="nowhere"):
        town.extensions["reader"].rows("SELECT 1 FROM nowhere", {})
    assert town.extensions["reader"]._idle == []


@pytest.mark.real_commits
def test_moments_come_back_in_utc_whatever_the_driver_gives(town: Flask) -> None:
    table: Any = jobs.WorkerBeat.__table__
    at = datetime(2026, 11, 22, 7, 30, 1, 250_000, UTC)
    with town.app_context():
        with transaction():
            session.execute(table.insert().values(worker="a", seen_at=at))
        [(kept,)] = reading.rows(select(table.c.seen_at))
        assert isinstance(kept, str) and reading.moment(kept) == at and reading.moment(kept).tzinfo is UTC
    assert reading.moment(at) == at and reading.moment_or_none(None) is None


def test_within_a_test_that_is_undone_its_own_rows_are_read(app: Flask) -> None:
    rename("Chỉ trong phép thử")
    session.flush()
    assert db.new_session.kw["bind"] is not app.extensions["engine"]
    assert name_of("H17") == "Chỉ trong phép thử"
