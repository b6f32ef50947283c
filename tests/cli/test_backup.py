"""The drill: a backup while somebody writes, put back elsewhere, and everything that must hold then."""
import hashlib
import json
import sqlite3
import stat
import threading
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.dossiers import recording
from portal.dossiers.models import Dossier
from portal.files.models import StoredFile
from portal.kit import clock, files
from portal.kit.db import session, transaction
from portal.notices.models import Message
from portal.papers.models import Paper
from portal.people.models import SignIn
from portal.statistics import recounting
from portal.worker import run_all
from tests import make
from tests.conftest import Databases, bound, open_house

pytestmark = pytest.mark.real_commits


def run(app: Flask, *words: str) -> Any:
    with bound(app):
        return app.test_cli_runner().invoke(args=words)


@pytest.fixture
def elsewhere(databases: Databases, tmp_path: Path) -> Iterator[Flask]:
    """A machine with nothing on it."""
    house = open_house(databases.empty("elsewhere"), tmp_path / "elsewhere")
    place = Path(house.config["FILES_FOLDER"])
    for each in place.iterdir():
        each.unlink()
    place.rmdir()
    yield house
    house.extensions["engine"].dispose()


class Writer(threading.Thread):
    """Publishes one dossier after the other, each with its counters."""

    def __init__(self, app: Flask) -> None:
        super().__init__(daemon=True)
        self.app, self.over, self.begun = app, threading.Event(), threading.Event()

    def run(self) -> None:
        with self.app.app_context():
            for n in count(1):
                with transaction():
                    make.published(f"H17-261005-{n:04}")
                self.begun.set()
                if self.over.is_set():
                    return


@pytest.fixture
def backed_up(town: Flask, tmp_path: Path) -> Path:
    """A backup that was made while somebody wrote."""
    with town.app_context():
        for _ in range(3):
            make.dossier("received")
        make.save(SignIn(token_digest="x" * 64, person_id=make.citizen().id))
        session.commit()
    run_all(town)
    writer = Writer(town)
    writer.start()
    assert writer.begun.wait(30)
    try:
        done = run(town, "backup", str(tmp_path / "backup"))
    finally:
        writer.over.set()
        writer.join()
    assert done.exit_code == 0, done.output
    return tmp_path / "backup"


def test_what_was_backed_up_while_somebody_wrote_is_whole_elsewhere(
        town: Flask, elsewhere: Flask, backed_up: Path) -> None:
    manifest = json.loads((backed_up / "manifest.json").read_bytes())
    assert {stat.S_IMODE(each.stat().st_mode) for each in backed_up.rglob("*")} == {0o600, 0o700}
    assert manifest["missing"] == [] and len(manifest["files"]) >= 6
    nothing_is_put_back_of_what_is_not_whole(town, elsewhere, backed_up)
    done = run(elsewhere, "restore", str(backed_up))
    assert done.exit_code == 0, done.output
    with bound(elsewhere), elsewhere.app_context():
        assert session.scalar(select(func.count()).select_from(Dossier)) == manifest["tables"]["dossier"] == 3
        assert manifest["tables"]["progress_record"] > 3
        assert recounting.miscounted("progress_record") == {}
        for kept in session.scalars(select(StoredFile)):
            assert hashlib.sha256(files.where(kept.blob).read_bytes()).hexdigest() == kept.sha256
        assert session.scalars(select(Paper)).all()
        goes_on_as_after_an_event_of_safety()
        session.close()
    again = run(elsewhere, "restore", str(backed_up))
    assert again.exit_code == 1 and ("exists" in again.output or "not empty" in again.output)
    fresh = elsewhere.test_client().get("/readyz").json
    assert "files" not in fresh["lacks"] and fresh["database"]


def goes_on_as_after_an_event_of_safety() -> None:
    """Nobody is signed in, no number is given that may be on paper, and administrators know."""
    assert session.scalars(select(SignIn.ended_at)).all() and None not in session.scalars(select(SignIn.ended_at)).all()
    dossier = session.scalars(select(Dossier).where(Dossier.code.is_not(None)).order_by(Dossier.id.desc())).first()
    assert dossier
    with transaction():
        code = recording.next_code(dossier, clock.now())
    assert int(code.rpartition("-")[2][2:]) > 1000, code
    told = session.scalars(select(Message).where(Message.role == "portal_administrator")).all()
    assert any("1000" in message.body for message in told)
    run_all_numbers = make.dossier("received")
    assert run_all_numbers.code != dossier.code


def nothing_is_put_back_of_what_is_not_whole(town: Flask, elsewhere: Flask, backed_up: Path) -> None:
    place = next(each for each in (backed_up / "files").rglob("*") if each.is_file())
    whole = place.read_bytes()
    place.write_bytes(whole[:-1] + b"?")
    damaged = run(elsewhere, "restore", str(backed_up))
    place.write_bytes(whole)
    assert damaged.exit_code == 1 and "Nothing was put back" in damaged.output
    right, elsewhere.config["SECRET_KEY"] = elsewhere.config["SECRET_KEY"], "another portal's, long enough for one"
    others = run(elsewhere, "restore", str(backed_up))
    elsewhere.config["SECRET_KEY"] = right
    assert others.exit_code == 1 and "--other-keys" in others.output
    assert not Path(elsewhere.config["FILES_FOLDER"]).exists()
    again = run(town, "backup", str(backed_up))
    assert again.exit_code == 1 and "not empty" in again.output


def test_a_file_that_is_named_and_gone_is_told(town: Flask, tmp_path: Path) -> None:
    with town.app_context():
        make.dossier("received")
        session.commit()
        run_all(town)
        files.where(session.scalars(select(StoredFile.blob)).first() or "").unlink()
        session.close()
    done = run(town, "backup", str(tmp_path / "backup"))
    assert done.exit_code == 1 and "1 files that the database names are not there" in done.output


@pytest.mark.sqlite
def test_what_cp_of_sqlite_loses_a_backup_has(town: Flask, elsewhere: Flask, tmp_path: Path) -> None:
    """What was committed last lies beside the database's file, where cp of that file does not look."""
    with town.app_context():
        make.citizen(name="Người Vừa Đăng Ký")
        session.commit()
        copied = tmp_path / "cp.sqlite"
        copied.write_bytes(Path(town.config["DATABASE_URL"].removeprefix("sqlite:///")).read_bytes())
        session.close()
    assert not has_person(copied), "else this proves nothing"
    assert run(town, "backup", str(tmp_path / "backup")).exit_code == 0
    assert has_person(tmp_path / "backup" / "database.sqlite")


def has_person(place: Path) -> bool:
    with sqlite3.connect(place) as connection:
        found = connection.execute("SELECT count(*) FROM person WHERE name = 'Người Vừa Đăng Ký'").fetchone()
    connection.close()
    return bool(found[0])
