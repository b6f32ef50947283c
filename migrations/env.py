"""Alembic's door: the same engine and the same models as the portal."""
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import context

import portal.dossiers.models
import portal.exchange.models
import portal.intake.models
import portal.notices.models
import portal.oversight.models
import portal.progress.models  # noqa: F401
from portal import worker  # noqa: F401  every room's tables come with its jobs
from portal.kit import db, deployment, throttle  # noqa: F401


def render_item(kind: str, item: object, autogen_context: object) -> str | bool:
    """Our own column type is written as what the database sees: a landed migration imports no model."""
    if kind == "type" and isinstance(item, db.UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def include_name(name: str | None, kind: str, parents: dict[str, str | None]) -> bool:
    """Tables and columns that wait for the release that drops them are in no model."""
    whole = f"{parents['table_name']}.{name}" if kind == "column" else name
    return not (kind in ("table", "column") and whole in (Path(__file__).parent / "RETIRED").read_text().split())


@contextmanager
def unwatched(connection: sa.Connection) -> Iterator[None]:
    """SQLite changes a table by copying it and dropping the old one, to which others' keys point meanwhile."""
    driver: Any = connection.connection
    watched = connection.dialect.name == "sqlite"
    if watched:
        driver.execute("PRAGMA foreign_keys=OFF")  # between transactions: inside one it does nothing
    try:
        yield
        if watched and (broken := driver.execute("PRAGMA foreign_key_check").fetchall()):
            raise RuntimeError(f"rows that point to nothing after migrating: {broken[:5]}")
        connection.commit()
    finally:
        connection.rollback()
        if watched:
            driver.execute("PRAGMA foreign_keys=ON")


engine: sa.Engine = context.config.attributes["engine"]
with engine.connect() as connection:
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SET lock_timeout = '5s'"))
        for limit in ("statement_timeout", "idle_in_transaction_session_timeout"):  # what it changes may be large
            connection.execute(sa.text(f"SET {limit} = 0"))
        connection.commit()
    context.configure(connection=connection, target_metadata=db.Base.metadata, render_as_batch=True,
                      render_item=render_item, include_name=include_name, compare_type=True)
    with unwatched(connection), context.begin_transaction():
        context.run_migrations()
