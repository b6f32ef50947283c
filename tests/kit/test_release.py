"""A release and a database that a later one has migrated; the files folder and its mark; whose clock is gone by."""
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from click import ClickException
from flask import Flask
from sqlalchemy import text

from portal.cli import database
from portal.cli.database import alembic_config, upgrade_to_head
from portal.kit import clock, db, deployment, files, files_folder, reaching, release
from portal.kit.alone import alone
from portal.kit.release import Standing
from tests import make

pytestmark = pytest.mark.real_commits
AHEAD = """
import sqlalchemy as sa
from alembic import op
revision = "9998"
down_revision = "{head}"
def upgrade():
    op.add_column("person", sa.Column("nickname", sa.String(40), nullable=True))
"""


def migrated_by_a_later_release(app: Flask, folder: Path, oldest: str) -> None:
    shutil.copytree(release.MIGRATIONS, folder / "migrations")
    (folder / "migrations" / "versions" / "9998_a_later_release.py").write_text(AHEAD.format(head=release.head()))
    with app.app_context():
        config = alembic_config(app)
        config.set_main_option("script_location", str(folder / "migrations"))
        command.upgrade(config, "head")
        deployment.say(app.extensions["engine"], deployment.OLDEST_RELEASE, oldest)


def lacks(app: Flask) -> set[str]:
    return {name for name in app.test_client().get("/readyz").json["lacks"] if not name.startswith("lane:")}


def test_one_migration_ahead_an_old_release_runs_and_starts_again(town: Flask, tmp_path: Path) -> None:
    migrated_by_a_later_release(town, tmp_path, release.oldest())
    with town.app_context():
        assert upgrade_to_head(town) is False, "nothing was changed"
        assert release.standing_of(town.extensions["engine"]) == Standing.ahead
        make.citizen()
    assert "migrations" not in lacks(town) and "release" not in lacks(town)
    assert town.test_client().get("/services").status_code == 200


def test_where_more_was_changed_than_added_it_is_refused_in_words(town: Flask, tmp_path: Path) -> None:
    migrated_by_a_later_release(town, tmp_path, "9998")
    with town.app_context(), pytest.raises(ClickException, match="newer release"):
        upgrade_to_head(town)
    assert "release" in lacks(town)


def test_a_second_process_waits_until_the_first_has_migrated(town: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    waited = []

    def meanwhile(app: Flask) -> bool:
        with pytest.raises(InterruptedError), alone(app.extensions["engine"], waits):
            raise AssertionError("two at once")
        return True

    def waits() -> None:
        waited.append(True)
        raise InterruptedError

    monkeypatch.setattr(database, "upgrade_to_head", meanwhile)
    done = town.test_cli_runner().invoke(args=["database", "upgrade"])
    assert (done.exit_code, waited) == (0, [True]), done.output
    with alone(town.extensions["engine"], waits):
        assert waited == [True], "what ended holds nothing"


def test_behind_is_not_ready(town: Flask) -> None:
    with town.extensions["engine"].connect().execution_options(writes=True) as connection, connection.begin():
        connection.execute(text("UPDATE alembic_version SET version_num = '0019'"))
    assert "migrations" in lacks(town)


def test_the_oldest_release_is_one_that_there_was() -> None:
    assert release.oldest() <= release.head() and len(release.oldest()) == 4


@pytest.fixture
def real(town: Flask, tmp_path: Path) -> Flask:
    """As in production, where a folder is not made by whoever wants to keep something."""
    town.config |= {"TESTING": False, "FILES_FOLDER": str(tmp_path / "mounted")}
    with town.extensions["engine"].connect().execution_options(writes=True) as connection, connection.begin():
        connection.execute(text("DELETE FROM deployment"))
    return town


def test_a_folder_is_made_and_marked_once_and_never_again(real: Flask, tmp_path: Path) -> None:
    engine, place = real.extensions["engine"], tmp_path / "mounted"
    with real.app_context():
        with pytest.raises(files_folder.Missing):
            files.keep_bytes(b"x", "text/plain")
        assert not place.exists()
        files_folder.set_up(engine, is_new=True)
        assert (place / files_folder.MARK).stat().st_mode & 0o777 == 0o600
        files.keep_bytes(b"x", "text/plain")
        files_folder.set_up(engine, is_new=False)
        assert "files" not in lacks(real)
        place.rename(tmp_path / "gone")
        for _ in range(2):  # not there; there, and empty, as a folder is on which no disk is mounted
            with pytest.raises(files_folder.Missing, match="not there"):
                files.keep_bytes(b"x", "text/plain")
            with pytest.raises(ClickException, match="nothing is made anew"):
                upgrade_to_head(real)
            assert "files" in lacks(real)
            place.mkdir(exist_ok=True)
        files_folder.write_mark(place, "of another database")
        with pytest.raises(ClickException, match="another database"):
            upgrade_to_head(real)
        assert "files" in lacks(real)


def test_a_database_that_names_files_is_no_new_one(real: Flask) -> None:
    with real.app_context(), pytest.raises(files_folder.Missing, match="names files"):
        files_folder.set_up(real.extensions["engine"], is_new=False)


@pytest.mark.once
def test_a_full_disk_is_told(town: Flask) -> None:
    assert "disk" not in lacks(town)
    town.config["DISK_FREE_BYTES"] = 10 ** 18
    assert "disk" in lacks(town)


def test_a_database_that_cannot_be_written_is_told(town: Flask) -> None:
    engine = town.extensions["engine"]
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        if engine.dialect.name == "sqlite":
            assert "locked" in lacks(town), "somebody writes for long"
            assert town.test_client().get("/healthz").status_code == 200
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(f'ALTER DATABASE "{engine.url.database}" SET default_transaction_read_only = on'))
        engine.dispose()
        assert "read_only" in lacks(town)


@pytest.mark.once
def test_hosts_whose_clocks_differ_go_by_the_databases(monkeypatch: Any) -> None:
    before = clock.now()
    try:
        assert clock.follow(timedelta(seconds=5))
        assert timedelta(seconds=4.9) < clock.now() - before < timedelta(seconds=9)
        assert not clock.follow(timedelta(seconds=5.2)), "told once"
        clock.follow(timedelta(seconds=0.2))
        assert clock.now() - before < timedelta(seconds=4), "so little is only the way there and back"
    finally:
        clock.follow(timedelta())


@pytest.mark.postgresql
def test_the_clock_is_read_where_a_connection_is_made(town: Flask, monkeypatch: Any) -> None:
    class Late(reaching.datetime):  # type: ignore[misc, name-defined]
        @classmethod
        def now(cls, zone: Any = None) -> Any:
            return super().now(zone) - timedelta(seconds=5)
    monkeypatch.setattr(reaching, "datetime", Late)
    engine = db.make_engine(town.config["DATABASE_URL"], town.config | {"DATABASE_CLOCK": True})
    try:
        engine.connect().close()
        assert timedelta(seconds=4) < clock._ahead < timedelta(seconds=6)
    finally:
        clock.follow(timedelta())
        engine.dispose()
