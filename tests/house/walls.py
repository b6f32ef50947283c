"""The second wall in a test: a portal whose database has an owner beside the application."""
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from portal.cli.database import upgrade_to_head
from portal.kit.db import session
from tests.conftest import GIVEN, WORKER, Databases, bound, open_house

ROLES = {who: f"portal_test_{os.getpid()}_{WORKER}_{who}" for who in ("owner", "application")}


@contextmanager
def _as_server() -> Iterator[Any]:
    engine = create_engine(make_url(GIVEN).set(drivername="postgresql+psycopg", database="postgres"),
                           isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def _url(database: str, who: str) -> str:
    return make_url(database).set(username=ROLES[who], password=None).render_as_string(hide_password=False)


def _own(url: str) -> None:
    """Everything in the database is the owner's, as where it migrated from the start."""
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"ALTER SCHEMA public OWNER TO {ROLES['owner']}"))
        kinds = {"r": "TABLE", "S": "SEQUENCE"}
        for name, kind in connection.execute(text(
                "SELECT c.relname, c.relkind::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
                "WHERE n.nspname = 'public' AND (c.relkind = 'r' OR c.relkind = 'S' AND NOT EXISTS "
                "(SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype IN ('a', 'i')))")).all():
            connection.execute(text(f'ALTER {kinds[kind]} "{name}" OWNER TO {ROLES["owner"]}'))
    engine.dispose()


@pytest.fixture(scope="module")
def guarded(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """A portal whose database has an owner beside the application."""
    with _as_server() as server:
        for role in ROLES.values():
            server.execute(text(f"CREATE ROLE {role} LOGIN"))
    try:
        url = databases.copy("guarded")
        _own(url)
        app = open_house(_url(url, "application"), tmp_path_factory.mktemp("guarded"),
                         OWNER_DATABASE_URL=_url(url, "owner"))
        with bound(app), app.app_context():
            upgrade_to_head(app)
            yield app
        app.extensions["engine"].dispose()
        with _as_server() as server:
            server.execute(text(f'DROP DATABASE "{make_url(url).database}" WITH (FORCE)'))
    finally:
        with _as_server() as server:
            for role in ROLES.values():
                server.execute(text(f"DROP ROLE {role}"))


@pytest.fixture
def house(guarded: Flask) -> Iterator[Flask]:
    with bound(guarded), guarded.app_context():
        yield guarded
        session.rollback()
