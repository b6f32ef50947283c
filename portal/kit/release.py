"""Which migration this release is of, and whether it may run on a database as it stands.

A database may be ahead: the next release has migrated it already, and this one goes on until it is exchanged, as long
as what was changed only added. `migrations/OLDEST` says from which migration on a release may run on a database of this
one; it is written into the database, where releases before this one read it.
"""
from enum import StrEnum
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, select, table
from sqlalchemy import column as named

from portal.kit import deployment

MIGRATIONS = Path(__file__).parents[2] / "migrations"


class Standing(StrEnum):
    """`behind`: to be migrated by this release. `ahead`: migrated by a later one, and this one may still run.
    `too_far`: migrated by a later one, and this one may not."""

    here = "here"
    behind = "behind"
    ahead = "ahead"
    too_far = "too_far"


@cache
def head() -> str:
    """The newest migration that this release knows."""
    return (MIGRATIONS / "HEAD").read_text().split()[0]


@cache
def oldest() -> str:
    """The oldest migration whose release may run on a database of this one."""
    return (MIGRATIONS / "OLDEST").read_text().split()[0]


def at(connection: Connection) -> str | None:
    """The migration at which the database stands; None for an empty one."""
    found: str | None = connection.scalar(select(named("version_num")).select_from(table("alembic_version")))
    return found


def standing(connection: Connection) -> Standing:
    """How this release and the database stand to each other."""
    stands = at(connection)
    if stands == head():
        return Standing.here
    if stands is None or stands < head():  # four digits each, so letters compare as numbers
        return Standing.behind
    needed = deployment.said(connection, deployment.OLDEST_RELEASE)
    return Standing.ahead if needed and needed <= head() else Standing.too_far


def standing_of(engine: Engine) -> Standing:
    """The same of a database that may have no table yet."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return Standing.behind
        return standing(connection)
