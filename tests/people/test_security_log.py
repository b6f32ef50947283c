"""What matters to safety is a line and a row, whatever becomes of the request."""
import json
import logging
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from portal.kit import db
from portal.kit.db import session, transaction
from portal.people import security_log
from portal.people.security_log import KINDS, SecurityEvent, record
from tests import make

ROOT = Path(__file__).parents[2]


def events(name: str) -> list[SecurityEvent]:
    return list(session.scalars(select(SecurityEvent).where(SecurityEvent.name == name).order_by(SecurityEvent.id)))


def test_an_event_is_a_row_and_one_line_of_json(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    officer = make.officer()
    caplog.set_level(logging.INFO, "portal.security")
    with app.test_request_context(environ_base={"REMOTE_ADDR": "203.0.113.77"}):
        record("sign_in.refused", about=officer, contact=security_log.digest("a\n@\u2028example.vn"))
    [row] = events("sign_in.refused")
    assert (row.about_id, row.by_id, row.agency_id) == (officer.id, None, None)
    assert row.network == "203.0.113.0/24" and row.severity == "notice"
    [line] = [r.getMessage() for r in caplog.records if r.name == "portal.security"]
    said = json.loads(line)
    assert said["event"] == "sign_in.refused" and said["about_id"] == officer.id and said["facts"] == row.facts
    assert line.isascii() and "\n" not in line and "example.vn" not in line


def test_what_was_done_is_written_with_it_and_undone_with_it(app: Flask) -> None:
    with transaction():
        record("role.given")
    with pytest.raises(ZeroDivisionError), transaction():
        record("role.ended")
        raise ZeroDivisionError
    assert len(events("role.given")) == 1 and events("role.ended") == []


def test_a_refusal_is_written_where_the_request_is_undone(app: Flask) -> None:
    with pytest.raises(ZeroDivisionError), transaction():
        record("code.refused", tries=5)
        raise ZeroDivisionError
    assert [row.facts for row in events("code.refused")] == [{"tries": 5}]


def test_writing_aside_keeps_what_was_read_and_drops_what_was_changed(app: Flask) -> None:
    read, changed = make.citizen(), make.citizen()
    name = changed.name
    assert read.name
    record("sign_in.done")
    assert "name" in session.identity_map[db.session.identity_key(instance=read)].__dict__, "read once, not again"
    changed.name = "Khác"
    record("sign_in.done")
    session.commit()
    assert changed.name == name and len(events("sign_in.done")) == 2


def test_a_log_that_cannot_be_written_holds_up_no_refusal(app: Flask, monkeypatch: pytest.MonkeyPatch,
                                                          caplog: pytest.LogCaptureFixture) -> None:
    def fail(*_args: object, **_kw: object) -> None:
        raise OperationalError("INSERT", {}, Exception("disk full"))

    monkeypatch.setattr(security_log, "insert", fail)
    record("sign_in.refused")
    said = [json.loads(r.getMessage()) for r in caplog.records if r.name == "portal.security"]
    assert said[-1] == {"event": "security_log.unwritten", "of": "sign_in.refused", "reason": "disk full"}
    with pytest.raises(OperationalError), transaction():
        record("role.given")  # nothing is given that cannot be written down


def test_a_flood_of_strangers_refusals_is_not_one_of_rows(app: Flask) -> None:
    for last in range(30):
        with app.test_request_context(environ_base={"REMOTE_ADDR": f"198.51.100.{last}"}):
            record("refused.form")
    with app.test_request_context(environ_base={"REMOTE_ADDR": "2001:db8::1"}):
        record("refused.form")
    assert [row.network for row in events("refused.form")] == ["198.51.100.0/24"] * 10 + ["2001:db8::/48"]


def test_every_name_says_of_what_it_is_and_has_words() -> None:
    for name, kind in KINDS.items():
        assert name.count(".") == 1 and len(name) <= 40 and kind.words, name


def test_no_event_has_a_foreign_key(app: Flask) -> None:
    record("account.closed", agency_id=2**31 - 1)
    session.execute(text("SELECT 1"))
    assert not SecurityEvent.__table__.foreign_keys and events("account.closed")


def test_every_event_of_the_table_is_written_somewhere() -> None:
    """What stands in the filter of the page and is never written would be taken for "never happened"."""
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "portal").rglob("*.py")
                   if path.name != "security_log.py")
    assert [name for name in KINDS if f'"{name}"' not in code] == []
