"""INSERT … ON CONFLICT on both databases: the same words, two dialects' constructs."""
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite

from portal.kit.db import session


def insert(table: Any) -> Any:
    """An insert that knows `on_conflict_do_update`, for the database in use."""
    dialect = session.get_bind().dialect.name
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
