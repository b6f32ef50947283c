"""V16: what is logged, and what an error says."""
import json
import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from portal.dossiers import looks
from portal.kit import clock
from portal.kit.db import session
from portal.people import security_log
from portal.people.security_log import KINDS, SecurityEvent
from tests import make

pytestmark = pytest.mark.once  # what a database changes of it is tested in the rooms

MARK = "canary"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Any:
    caplog.set_level(logging.INFO, "portal.security")
    return lambda: [json.loads(one.getMessage()) for one in caplog.records if one.name == "portal.security"]


def names() -> list[str]:
    return list(session.scalars(select(SecurityEvent.name).order_by(SecurityEvent.id)))


def test_asvs_v16_2_1_an_event_says_when_where_who_and_what(app: Flask, sign_in: Any, lines: Any) -> None:
    citizen = make.citizen()
    sign_in(citizen).get("/officer/queue")
    said = next(one for one in lines() if one["event"] == "refused.page")
    assert {"at", "event", "by_id", "network", "facts"} <= said.keys() and said["by_id"] == citizen.id
    assert said["facts"]["page"] == "officer.queue"


def test_asvs_v16_2_2_in_utc(app: Flask, lines: Any) -> None:
    security_log.record("sign_in.done")
    [row] = session.scalars(select(SecurityEvent))
    assert lines()[0]["at"].endswith("+00:00") and row.at.utcoffset() == timedelta(0)


@pytest.mark.once
def test_asvs_v16_2_3_the_log_goes_to_the_standard_error_output_alone(app: Flask) -> None:
    assert all(type(handler).__name__ == "StreamHandler" for handler in security_log._LOG.handlers)
    assert not [one for one in logging.getLogger().handlers if isinstance(one, logging.FileHandler)
                and one.baseFilename != "/dev/null"]


def test_asvs_v16_2_4_each_line_is_a_document_of_its_own(app: Flask, lines: Any) -> None:
    security_log.record("sign_in.refused", contact="a\nb")
    security_log.record("export.taken", file="x.csv")
    assert [one["event"] for one in lines()] == ["sign_in.refused", "export.taken"]


def test_asvs_v16_2_5_no_line_holds_what_must_not_be_logged(app: Flask, client: Any, sign_in: Any,
                                                            caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    dossier = make.dossier("checking")
    client.post("/sign-in", data={"contact": f"{MARK}@example.vn", "password": f"{MARK} mật khẩu của ai đó"})
    sign_in(make.officer()).post("/officer/queue", data={"q": MARK})
    client.get(f"/verify/{MARK}")
    assert "sign_in.refused" in caplog.text
    assert MARK not in caplog.text and dossier.applicant.email not in caplog.text


def test_asvs_v16_3_1_every_sign_in_is_logged(app: Flask, client: Any, lines: Any) -> None:
    person = make.citizen()
    client.post("/sign-in", data={"contact": person.email, "password": "sai mật khẩu rồi"})
    client.post("/sign-in", data={"contact": person.email, "password": make.PASSWORD})
    said = lines()
    assert [one["event"] for one in said] == ["sign_in.refused", "sign_in.done"]
    assert said[1]["facts"]["factor"] == "password"


def test_asvs_v16_3_2_every_refused_access_is_logged(app: Flask, sign_in: Any) -> None:
    dossier, client = make.dossier("checking"), sign_in(make.citizen())
    client.get("/admin/people"), client.get(f"/my/dossiers/{dossier.id}")
    client = sign_in(make.officer("H26"))
    client.get(f"/officer/dossiers/{dossier.id}")
    assert names().count("refused.dossier") == 2 and "refused.page" in names()


def test_asvs_v16_3_2_every_look_is_written(app: Flask, sign_in: Any) -> None:
    dossier = make.dossier("submitted")
    sign_in(make.officer()).get(f"/officer/dossiers/{dossier.id}")
    assert [one.pages for one in looks.of(dossier)] == [1]


def test_asvs_v16_3_3_tries_to_go_round_the_controls_are_logged(app: Flask, client: Any,
                                                               monkeypatch: pytest.MonkeyPatch) -> None:
    client.post("/sign-in", headers={"Origin": "https://evil.example"})
    for _ in range(15):
        client.post("/sign-in", data={"contact": "a@example.vn", "password": "sai mật khẩu rồi"})
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    app.test_client().post("/register", data={}, environ_overrides={"REMOTE_ADDR": "203.0.113.9"})
    assert {"refused.origin", "throttle.met", "refused.form"} <= set(names()) <= KINDS.keys()


def test_asvs_v16_3_4_unexpected_errors_are_logged(app: Flask, client: Any, monkeypatch: pytest.MonkeyPatch,
                                                   caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)

    def broken(**_kw: Any) -> None:
        raise ZeroDivisionError(MARK)

    broken.guard = "anyone"  # type: ignore[attr-defined]
    monkeypatch.setitem(app.view_functions, "public.about", broken)
    answer = client.get("/about")
    assert answer.status_code == 500 and "unhandled ZeroDivisionError" in caplog.text
    assert MARK not in answer.text and "Traceback" not in answer.text


def test_asvs_v16_4_1_nobody_writes_a_line_of_their_own(app: Flask, lines: Any,
                                                        caplog: pytest.LogCaptureFixture) -> None:
    security_log.record("export.taken", file='a"}\r\n{"event": "role.given"}\x1b[2J\u2028b')
    [line] = [one.getMessage() for one in caplog.records if one.name == "portal.security"]
    assert line.isascii() and line.isprintable() and lines()[0]["event"] == "export.taken"


@pytest.mark.parametrize("table", ["security_event", "look", "event"])
def test_asvs_v16_4_2_nobody_changes_them(app: Flask, sign_in: Any, table: str) -> None:
    dossier = make.dossier("submitted")
    sign_in(make.officer()).get(f"/officer/dossiers/{dossier.id}")
    security_log.record("sign_in.done")
    for statement in (f"UPDATE {table} SET at = at", f"DELETE FROM {table}"):  # noqa: S608
        with pytest.raises(DatabaseError, match="never changed"), session.begin_nested():
            session.execute(text(statement))


def test_asvs_v16_4_2_nobody_reads_them_who_should_not(app: Flask, sign_in: Any) -> None:
    for who in (make.citizen(), make.officer(), make.staff("head_of_unit", "H17"), make.staff("overseer")):
        assert sign_in(who).get("/admin/security").status_code == 403


@pytest.mark.once
def test_asvs_v16_4_3_they_leave_the_process_at_once(app: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    """A line goes out before its row is written: whoever breaks in later finds it gathered elsewhere."""
    import sys  # noqa: PLC0415
    handler = logging.StreamHandler(sys.stderr)
    security_log._LOG.addHandler(handler)
    try:
        security_log.record("refused.form")
    finally:
        security_log._LOG.removeHandler(handler)
    assert json.loads(capsys.readouterr().err)["event"] == "refused.form"


@pytest.mark.parametrize("url", [
    "/nowhere", "/my/dossiers/x", "/admin/people/0", "/api/v1/nothing", "/services/H17/%00"])
def test_asvs_v16_5_1_an_error_page_says_nothing_of_the_inside(client: Any, url: str) -> None:
    answer = client.get(url)
    assert answer.status_code in (303, 404)
    for inside in ("Traceback", "sqlalchemy", "SELECT ", str(ROOT), ".py", "werkzeug"):
        assert inside not in answer.text


def test_asvs_v16_5_2_a_mail_server_that_is_away_holds_up_nobody(app: Flask, client: Any,
                                                                monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "SMTP_URL", "smtp://127.0.0.1:9")
    began = clock.now()
    assert client.post("/register", data={"contact": "moi@example.vn"}).status_code == 303
    assert clock.now() - began < timedelta(seconds=5)


def test_asvs_v16_5_3_a_failure_opens_nothing(app: Flask, sign_in: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    dossier, client = make.dossier("submitted"), sign_in(make.officer())

    def fail(*_args: object) -> None:
        raise DatabaseError("INSERT", {}, Exception("no"))

    monkeypatch.setattr(looks, "insert", fail)
    answer = client.get(f"/officer/dossiers/{dossier.id}")
    assert answer.status_code == 503 and dossier.holder_name not in answer.text
