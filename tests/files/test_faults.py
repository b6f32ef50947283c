"""What is gone or was altered is not served: words say so, administrators are told once, `verify` finds it."""
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.files.models import StoredFile
from portal.kit import files
from portal.kit.db import session
from portal.notices.models import Message
from portal.people.permissions import Role
from portal.people.security_log import SecurityEvent
from tests import make

SignIn = Callable[[Any], FlaskClient]


@pytest.fixture
def drawn(app: Flask) -> Any:
    dossier = make.dossier("received")
    make.draw_papers(dossier)
    return dossier


def sheet(dossier: Any) -> Any:
    return make.draw_papers(dossier)[0].sheets[0]


def place(dossier: Any) -> Path:
    return files.where(sheet(dossier).file.blob)


def alarms() -> list[Message]:
    return list(session.scalars(select(Message).where(Message.role == Role.portal_administrator,
                                                      Message.subject.like("Tệp lưu trữ%"))))


@pytest.mark.parametrize(("harm", "status", "fault"), [
    (lambda at: at.write_bytes(at.read_bytes() + b"\n%changed"), 409, "altered"), (Path.unlink, 404, "missing")])
def test_a_paper_that_is_not_what_was_sealed_is_not_served_and_raises_an_alarm_once(
        sign_in: SignIn, drawn: Any, harm: Callable[[Path], Any], status: int, fault: str) -> None:
    at, before = place(drawn), place(drawn).read_bytes()
    client = sign_in(drawn.applicant)
    address = f"/my/dossiers/{drawn.id}/papers/{sheet(drawn).id}"
    good = client.get(address)
    assert (good.status_code, good.data, good.headers["Content-Length"]) == (200, before, str(len(before)))
    good.close()
    harm(at)
    for _again in range(2):
        answer = client.get(address)
        assert answer.status_code == status and b"%PDF" not in answer.data
        assert "quản trị" in answer.text
    session.expire_all()
    assert (sheet(drawn).file.fault, len(alarms())) == (fault, 1)
    assert session.scalars(select(SecurityEvent.name).where(SecurityEvent.name == "file.changed")).all()
    at.write_bytes(before)
    assert client.get(address).data == before, "put back from a backup it is served again"


def test_verify_names_each_object_that_is_not_right_and_ends_with_one(app: Flask, drawn: Any) -> None:
    run = app.test_cli_runner().invoke
    well = run(args=["files", "verify"])
    assert well.exit_code == 0 and "0 not right" in well.output
    at, before = place(drawn), place(drawn).read_bytes()
    at.write_bytes(b"%PDF-1.7 another")
    ill = run(args=["files", "verify", "--quiet"])
    file_id = sheet(drawn).file.id
    assert ill.exit_code == 1 and f"altered\t{file_id}\tdossier {drawn.id}" in ill.output
    assert len(alarms()) == 1
    at.write_bytes(before)
    assert run(args=["files", "verify"]).exit_code == 0
    session.expire_all()
    assert session.get_one(StoredFile, file_id).fault is None
