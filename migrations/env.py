"""Alembic's door: the same engine and the same models as the portal."""
from pathlib import Path

import sqlalchemy as sa
from alembic import context

import portal.dossiers.models
import portal.intake.models
import portal.notices.models
import portal.progress.models  # noqa: F401
from portal import worker  # noqa: F401  every room's tables come with its jobs
from portal.kit import db, throttle  # noqa: F401


def render_item(kind: str, item: object, autogen_context: object) -> str | bool:
    """Our own column type is written as what the database sees: a landed migration imports no model."""
    if kind == "type" and isinstance(item, db.UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def include_name(name: str | None, kind: str, parents: object) -> bool:
    """Tables that wait for the release that drops them are in no model."""
    return not (kind == "table" and name in (Path(__file__).parent / "RETIRED").read_text().split())


engine: sa.Engine = context.config.attributes["engine"]
with engine.connect() as connection:
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SET lock_timeout = '5s'"))
        connection.commit()
    context.configure(connection=connection, target_metadata=db.Base.metadata, render_as_batch=True,
                      render_item=render_item, include_name=include_name, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
