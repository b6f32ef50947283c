"""The house for tests: one loaded database, copied for whoever needs one; a test leaves no row behind.

PORTAL_TEST_DATABASE chooses the database (a URL); without it, SQLite files in a temporary folder.
`app` lives in a transaction that is undone after each test; `town` commits for good in a database of its own.
"""
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from hypothesis import settings
from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import Engine, make_url

import config
from portal import create_app
from portal.catalogue import actions as catalogue
from portal.cli.database import upgrade_to_head
from portal.kit import db, files_folder
from portal.kit.db import session, transaction
from tests import make
from tests.asvs import table as coverage
from tests.scanner import CLAMD

SMALL_PROCEDURES = {"1.001193", "1.004873", "1.004222", "1.004194", "2.000635", "1.001612", "3.000347",
                    "2.000815", "1.000894", "1.000656", "1.001456", "2.001159"}
SMALL_AGENCIES = {"H17", "H26", "H29", "G01", "G15"}
NO_BROWSER, NO_PROXY, NO_SCANNER = "no Chromium", "no nginx", "no clamd"
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
GIVEN = (os.environ.get("PORTAL_TEST_DATABASE") or "sqlite").replace("postgres://", "postgresql://", 1)


# a busy machine makes an example slowly: how long one takes is no property
settings.register_profile("portal", deadline=None)
settings.load_profile("portal")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without a browser or a proxy their tests cannot run; under PORTAL_REQUIRE_BROWSER that is an error for the
    browser's, else it is told."""
    other = "postgresql" if GIVEN.startswith("sqlite") else "sqlite"  # what is about the other database is none of ours
    config.hook.pytest_deselected(items=[item for item in items if item.get_closest_marker(other)])
    items[:] = [item for item in items if not item.get_closest_marker(other)]
    for item in items:
        if not CLAMD and item.get_closest_marker("clamd"):
            item.add_marker(pytest.mark.skip(reason=NO_SCANNER))
        if not NGINX and item.get_closest_marker("proxy"):
            item.add_marker(pytest.mark.skip(reason=NO_PROXY))
    browser = [item for item in items if item.get_closest_marker("browser")]
    if CHROMIUM or not browser:
        return
    if os.environ.get("PORTAL_REQUIRE_BROWSER"):
        raise pytest.UsageError("Chromium is asked for and not installed")
    for item in browser:
        item.add_marker(pytest.mark.skip(reason=NO_BROWSER))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if any("/asvs/test_table.py" in report.nodeid for report in terminalreporter.stats.get("passed", ())):
        terminalreporter.write_sep("=", "ASVS 5.0, levels 1 and 2")
        for line in coverage.summary():
            terminalreporter.write_line(line)
    if any(NO_PROXY in str(report.longrepr) for report in terminalreporter.stats.get("skipped", ())):
        terminalreporter.write_sep("=", "the proxy's tests DID NOT RUN: no nginx", red=True, bold=True)
    if any(NO_SCANNER in str(report.longrepr) for report in terminalreporter.stats.get("skipped", ())):
        terminalreporter.write_sep("=", "the virus scanner's tests DID NOT RUN: no clamd", red=True, bold=True)
    skipped = [report for report in terminalreporter.stats.get("skipped", ()) if NO_BROWSER in str(report.longrepr)]
    if skipped:
        terminalreporter.write_sep("=", f"{len(skipped)} browser tests DID NOT RUN: no Chromium", red=True, bold=True)


def _postgres(name: str, template: str | None = None) -> str:
    """A fresh database on the given server, empty or a copy of `template`; its URL."""
    url = make_url(GIVEN)
    with _maintenance() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        copied = f' TEMPLATE "{template}"' if template else ""
        connection.execute(text(f'CREATE DATABASE "{name}"{copied}'))
    return url.set(database=name).render_as_string(hide_password=False)


@contextmanager
def _maintenance() -> Iterator[Any]:
    url = make_url(GIVEN).set(drivername="postgresql+psycopg", database="postgres")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def _database_name(purpose: str) -> str:
    """A name of this process alone: runs beside each other would drop each other's databases."""
    return f"{make_url(GIVEN).database or 'portal'}_test_{os.getpid()}_{WORKER}_{purpose}"


@contextmanager
def bound(app: Flask) -> Iterator[Flask]:
    """Sessions are this application's meanwhile; afterwards they are whose they were."""
    before = dict(db.new_session.kw)
    db.new_session.configure(bind=app.extensions["engine"], join_transaction_mode="conditional_savepoint")
    try:
        yield app
    finally:
        db.new_session.configure(**{"join_transaction_mode": "conditional_savepoint", "bind": None} | before)


def open_house(database_url: str, folder: Path, **settings: Any) -> Flask:
    """An application for tests on a database; it leaves sessions bound as they were."""
    class_settings = {"DATABASE_URL": database_url, "FILES_FOLDER": str(folder / "files")} | settings
    before = dict(db.new_session.kw)
    try:
        app = create_app(type("Test", (config.Testing,), class_settings))
    finally:
        db.new_session.configure(**{"bind": None} | before)
    app.test_client_class = Client
    (folder / "files").mkdir(parents=True, exist_ok=True)
    files_folder.write_mark(folder / "files", "of every copy in these tests")
    return app


class Databases:
    """Copies of one database that was migrated and loaded once for this process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sqlite = GIVEN.startswith("sqlite")
        self.template = f"sqlite:///{folder}/template.sqlite" if self.sqlite else \
            _postgres(_database_name("template"))
        app = open_house(self.template, folder)
        with bound(app), app.app_context():
            upgrade_to_head(app)
            with transaction():
                catalogue.load_reference(only=SMALL_PROCEDURES, agencies=SMALL_AGENCIES)
        app.extensions["engine"].dispose()

    def copy(self, purpose: str) -> str:
        """The URL of a fresh copy."""
        if not self.sqlite:
            return _postgres(_database_name(purpose), _database_name("template"))
        place = self.folder / f"{purpose}.sqlite"
        shutil.copy(self.folder / "template.sqlite", place)
        return f"sqlite:///{place}"

    def empty(self, purpose: str) -> str:
        """The URL of a database without a table."""
        return f"sqlite:///{self.folder}/{purpose}.sqlite" if self.sqlite else _postgres(_database_name(purpose))

    def drop_all(self) -> None:
        """Leave nothing on the server; files go with their folder."""
        if self.sqlite:
            return
        with _maintenance() as connection:
            names = connection.scalars(text("SELECT datname FROM pg_database WHERE starts_with(datname, :prefix)"),
                                       {"prefix": _database_name("")}).all()
            for name in names:
                connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    made = Databases(tmp_path_factory.mktemp("databases"))
    yield made
    made.drop_all()


@pytest.fixture(scope="session")
def app(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    made = open_house(databases.copy("portal"), tmp_path_factory.mktemp("portal"))
    SERVE_ALL.add(made.extensions["engine"])
    yield made
    made.extensions["engine"].dispose()


#: engines that the test used, but for those that serve the whole run
USED: set[Engine] = set()
SERVE_ALL: set[Engine] = set()


@event.listens_for(Engine, "engine_connect")
def _uses(connection: Any) -> None:
    USED.add(connection.engine)


@pytest.fixture(autouse=True)
def _nothing_stays_open() -> Iterator[None]:
    """A connection that is left to the garbage collector warns, since Python 3.13, in whatever test runs then."""
    yield
    for engine in USED - SERVE_ALL:
        engine.dispose()
    USED.clear()


@pytest.fixture(autouse=True)
def _push_request_context() -> Iterator[None]:
    """Replaces pytest-flask's fixture of this name, which would share one login among all clients."""
    yield


@pytest.fixture(autouse=True)
def rollback(request: pytest.FixtureRequest) -> Iterator[None]:
    """Commits happen inside a test and are undone after it: each ends a savepoint only."""
    if "app" not in request.fixturenames or request.node.get_closest_marker("real_commits"):
        yield
        return
    app = request.getfixturevalue("app")
    app.extensions.pop("security_rows", None)  # what other tests had refused in this minute
    with bound(app), app.extensions["engine"].connect() as connection:
        outer = connection.execution_options(writes=True).begin()
        db.new_session.configure(bind=connection, join_transaction_mode="create_savepoint")
        with app.app_context():
            yield
            session.close()
        outer.rollback()


@pytest.fixture
def town(databases: Databases, tmp_path: Path) -> Iterator[Flask]:
    """An application with a database of its own, where commits are for good: for races and workers."""
    made = open_house(databases.copy("town"), tmp_path)
    with bound(made):
        yield made
    made.extensions["engine"].dispose()


class Client(FlaskClient):
    """A fresh `g` for every request, as in life."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        if g:
            session.commit()  # what the test made must be seen by the request's own session
        with self.application.app_context():
            return super().open(*args, **kwargs)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A stranger's browser."""
    return app.test_client()


@pytest.fixture
def sign_in(app: Flask) -> Callable[[Any], FlaskClient]:
    """A browser in which this person has signed in: a citizen through the real page; one of the staff is past the
    second factor already, which has tests of its own."""

    def sign_in(person: Any) -> FlaskClient:
        client = app.test_client()
        enter(client, person)
        return client

    return sign_in


def enter(client: FlaskClient, person: Any) -> None:
    """Sign in: see `sign_in`."""
    if person.staff:
        token = make.sign_in(person)
        with client.session_transaction() as cookie:
            cookie["_user_id"], cookie["_fresh"] = token, True
        return
    answer = client.post("/sign-in", data={"contact": person.email or person.phone, "password": make.PASSWORD})
    assert answer.status_code == 303, answer.text
