"""The house for tests: one application and one migrated database for the session; each test leaves no row.

PORTAL_TEST_DATABASE chooses the database (a URL); without it, a SQLite file in a temporary folder.
"""
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

import config
from portal import create_app
from portal.catalogue import actions as catalogue
from portal.cli.database import upgrade_to_head
from portal.kit import db
from portal.kit.db import session, transaction
from tests import make

SMALL_PROCEDURES = {"1.001193", "1.004873", "1.004222", "1.004194", "2.000635", "1.001612", "3.000347",
                    "2.000815", "1.000894", "1.000656", "1.001456", "2.001159"}
SMALL_AGENCIES = {"H17", "H26", "H29", "G01", "G15"}


def own_database(folder: Path, worker: str) -> str:
    """A fresh, empty database for this process."""
    given = os.environ.get("PORTAL_TEST_DATABASE")
    if not given or given.startswith("sqlite"):
        return f"sqlite:///{folder}/portal.sqlite"
    url = make_url(given)
    name = f"{url.database or 'portal'}_test_{worker}"
    maintenance = create_engine(url.set(drivername="postgresql+psycopg", database="postgres"),
                                isolation_level="AUTOCOMMIT")
    with maintenance.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    maintenance.dispose()
    return url.set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder = tmp_path_factory.mktemp("portal")

    class Test(config.Testing):
        DATABASE_URL = own_database(folder, os.environ.get("PYTEST_XDIST_WORKER", "main"))
        FILES_FOLDER = str(folder / "files")

    app = create_app(Test)
    app.test_client_class = Client
    with app.app_context():
        upgrade_to_head(app)
        with transaction():
            catalogue.load_reference(only=SMALL_PROCEDURES, agencies=SMALL_AGENCIES)
    yield app
    app.extensions["engine"].dispose()


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
    with app.extensions["engine"].connect() as connection:
        outer = connection.execution_options(writes=True).begin()
        db.new_session.configure(bind=connection, join_transaction_mode="create_savepoint")
        with app.app_context():
            yield
            session.close()
        outer.rollback()
        db.new_session.configure(bind=app.extensions["engine"], join_transaction_mode="conditional_savepoint")


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
    """A browser in which this person has signed in, through the real page."""

    def sign_in(person: Any) -> FlaskClient:
        client = app.test_client()
        answer = client.post("/sign-in", data={"contact": person.email or person.phone,
                                               "password": make.PASSWORD})
        assert answer.status_code == 303, answer.text
        return client

    return sign_in
