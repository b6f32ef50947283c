"""How long a table that an officer uploaded is kept: unsent a week, sent a month, waiting as long as it waits."""
import os
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import update

from portal import worker
from portal.intake import uploads
from portal.intake.sheets import Sheet
from portal.kit import clock, files
from portal.kit.db import session
from portal.kit.jobs import Job, schedule
from tests import make

ROW = {"code": "H17-261005-0001", "procedure": "1.001193", "status": 2, "at": "2026-10-05T02:00:00+00:00"}


@pytest.fixture(autouse=True)
def folder(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "FILES_FOLDER", str(tmp_path / "files"))


def upload(days: float) -> uploads.Upload:
    agency = make.agency()
    upload_id = uploads.keep(agency.id, Sheet([ROW], [2], {"code": "Mã hồ sơ"}, []), uploads.rehearse(agency, [ROW]))
    session.commit()
    at = (clock.now() - timedelta(days=days)).timestamp()
    os.utime(files.where(upload_id.replace("-", "/")), (at, at))
    found = uploads.find(upload_id)
    assert found
    return found


def sweep() -> None:
    session.commit()
    make.done("intake.sweep_files")


def test_unsent_it_is_kept_a_week(app: Flask) -> None:
    old, young = upload(7.1), upload(6.9)
    sweep()
    assert uploads.find(old.id) is None and uploads.find(young.id)


def test_sent_it_is_kept_a_month_for_its_result(app: Flask) -> None:
    old, young = upload(30.1), upload(29.9)
    for each in (old, young):
        uploads.send(each)
    session.commit()
    worker.run_all(app)
    sweep()
    assert uploads.find(old.id) is None and uploads.find(young.id)


def test_while_its_job_waits_or_has_failed_it_is_kept(app: Flask) -> None:
    waiting, failed = upload(40), upload(40)
    uploads.send(failed)
    session.flush()
    session.execute(update(Job).values(dead_at=clock.now()))
    uploads.send(waiting)
    sweep()
    assert uploads.find(waiting.id) and uploads.find(failed.id)


def test_other_files_that_nothing_names_go_after_a_day(app: Flask) -> None:
    paths = [files.keep_bytes(content, "application/json").path
             for content in (b"", b"{}", b'{"kind": "progress upload"', b'{"kind": "progress upload", "agency_id": 1}')]
    at = (clock.now() - timedelta(days=2)).timestamp()
    for path in paths:
        os.utime(files.where(path), (at, at))
    sweep()
    assert not any(files.where(path).exists() for path in paths)


def test_the_night_sweeps(app: Flask) -> None:
    old = upload(8)
    session.commit()
    with clock.pretend(clock.now() - timedelta(days=1)):
        schedule.plan()
    worker.run_all(app)
    assert uploads.find(old.id) is None
