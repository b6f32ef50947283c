"""What a start refuses, whatever command it is: in words, with a status, and never with a traceback."""
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click import ClickException
from flask import Flask

from portal.cli import gunicorn_conf, starting
from portal.kit.db import session, transaction
from portal.people.models import Person

ROOT = Path(__file__).parents[2]
GUNICORN = ("-m", "gunicorn", "-c", "python:portal.cli.gunicorn_conf", "portal:create_app()")
COMMANDS = [("-m", "flask", "--app", "portal", *words) for words in (("serve",), ("database", "upgrade"), ("--help",))]


def person_of(contact: str) -> None:
    with transaction():
        session.add(Person(name="Nguyễn Thị Minh Anh", password_hash="x", email=contact))


def test_a_portal_does_not_start_with_a_demonstrations_people(app: Flask) -> None:
    person_of("somebody@example.com")
    starting.refuse_invented_people(app)
    person_of("congdan@demo.example")
    app.config["DEMONSTRATION"] = True
    starting.refuse_invented_people(app)
    app.config["DEMONSTRATION"] = False
    with pytest.raises(ClickException, match="invented people"):
        starting.refuse_invented_people(app)


def test_gunicorn_on_its_own_asks_the_same(app: Flask) -> None:
    person_of("congdan@demo.example")

    class Server:
        class app:
            wsgi = staticmethod(lambda: app)

    with pytest.raises(RuntimeError, match="invented people"):
        gunicorn_conf.on_starting(Server)


@pytest.mark.once
@pytest.mark.parametrize("words", [*COMMANDS, GUNICORN], ids=lambda words: words[-1])
def test_a_setting_that_is_none_is_told_in_words_by_every_command(words: tuple[str, ...], tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    given = {"PORTAL_SECRET_KEY": "of this test only, and of no other one", "PORTAL_DEMONSTRATON": "1", "PORT": "8000",
             "PORTAL_DATABASE_URL": f"sqlite:///{tmp_path}/x.sqlite"}
    done = subprocess.run([sys.executable, *words], cwd=ROOT, env=kept | given, capture_output=True, text=True,
                          check=False, timeout=30)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr + done.stdout
    assert "PORTAL_DEMONSTRATON is no setting; did you mean PORTAL_DEMONSTRATION?" in done.stderr
    assert not (tmp_path / "x.sqlite").exists()


@pytest.mark.once
@pytest.mark.parametrize(("scanner", "required", "words"), [
    (None, False, "none (PORTAL_CLAMD). Files that are handed in are not scanned"),
    (None, True, "required and not set"),
    ("unix:/nowhere/clamd.ctl", False, "does not answer")])
def test_a_start_says_in_one_line_whether_files_are_scanned(app: Flask, scanner: str | None, required: bool,
                                                            words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "CLAMD", scanner)
    monkeypatch.setitem(app.config, "SCAN_REQUIRED", required)
    said = starting.scanning_words(app)
    assert words in said and "\n" not in said


@pytest.mark.once
@pytest.mark.parametrize("words", [("exchange", "participants"), ("people", "list")])
def test_a_database_that_is_empty_is_said_in_one_line(words: tuple[str, ...], tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    given = {"PORTAL_SECRET_KEY": "of this test only, and of no other one",
             "PORTAL_DATABASE_URL": f"sqlite:///{tmp_path}/x.sqlite"}
    done = subprocess.run([sys.executable, "-m", "flask", "--app", "portal", *words], cwd=ROOT, env=kept | given,
                          capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("Error: The database cannot be used: no such table")
    assert "Traceback" not in done.stderr
