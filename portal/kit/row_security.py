"""The second wall, in PostgreSQL itself: two roles, and rows that each transaction may reach.

Where PORTAL_OWNER_DATABASE_URL is given, the owner migrates and the application's role may read and write rows but not
change the tables. A table says in its `info` who reaches its rows (`reached_by`, a condition of SQL) and whether what
was written stays (`append_only`). A transaction says for whom it is (`reach`): one that says nothing reaches nothing
of what is guarded, except outside a request (jobs, commands), where everything is reached. SQLite and databases with one role run without.
"""
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, g, has_app_context, has_request_context
from sqlalchemy import Connection, Engine, event, make_url, text
from sqlalchemy.orm import Session

from portal.kit.db import Base, session

#: Conditions of SQL for `reached_by`. What is not set reads as the empty text.
EVERYTHING = "current_setting('portal.everything', true) = 'yes'"
PERSON = "nullif(current_setting('portal.person', true), '')::int"
AGENCIES = "string_to_array(nullif(current_setting('portal.agencies', true), ''), ',')::int[]"
UNITS = "string_to_array(nullif(current_setting('portal.units', true), ''), ',')::int[]"


@dataclass(frozen=True)
class Reach:
    """For whom a transaction reads and writes: a person, agencies as a whole, units of them; or everything."""

    person_id: int | None = None
    agencies: Collection[int] = ()
    units: Collection[int] = ()
    everything: bool = False


NOTHING, ALL = Reach(), Reach(everything=True)


def reach(of: Reach) -> None:
    """From now on this request reaches so much, in a transaction that is under way too."""
    g.reach = of
    if _is_on() and session.in_transaction():
        _say(session.connection())


@contextmanager
def reaching_all() -> Iterator[None]:
    """For what the address itself allows, such as a paper's verification code, whoever asks."""
    before = _reach()
    reach(ALL)
    try:
        yield
    finally:
        reach(before)


def _reach() -> Reach:
    found: Reach | None = g.get("reach")
    return found or (NOTHING if has_request_context() else ALL)


def _is_on() -> bool:
    return bool(current_app.config["OWNER_DATABASE_URL"])


def _say(connection: Connection) -> None:
    of = _reach()
    connection.execute(text("SELECT set_config('portal.everything', :everything, true), "
                            "set_config('portal.person', :person, true), "
                            "set_config('portal.agencies', :agencies, true), set_config('portal.units', :units, true)"),
                       {"everything": "yes" if of.everything else "", "person": str(of.person_id or ""),
                        "agencies": ",".join(map(str, of.agencies)), "units": ",".join(map(str, of.units))})


@event.listens_for(Session, "after_begin")
def _begin(_session: Any, _transaction: Any, connection: Connection) -> None:
    if has_app_context() and _is_on():
        _say(connection)


def secure(owner: Engine, application: str) -> None:
    """Give the application's role its rights and no others, and guard the rows. Safe to run again, after each
    migration. `application` is the role's name."""
    role = owner.dialect.identifier_preparer.quote(application)
    with owner.begin() as connection:
        if connection.scalar(text("SELECT current_user")) == application:
            raise ValueError("the owner and the application must be two roles of the database")
        for line in _rights(role):
            connection.exec_driver_sql(line)
        for table in Base.metadata.sorted_tables:
            for line in _guards(table, role):
                connection.exec_driver_sql(line)


def _rights(role: str) -> list[str]:
    return ["REVOKE CREATE ON SCHEMA public FROM PUBLIC", f"REVOKE CREATE ON SCHEMA public FROM {role}",
            f"GRANT USAGE ON SCHEMA public TO {role}", f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}",
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
            f"REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM {role}",
            f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}"]


def _guards(table: Any, role: str) -> Iterator[str]:
    if table.info.get("append_only"):
        yield f"REVOKE UPDATE, DELETE ON {table.name} FROM {role}"
    yield f"DROP POLICY IF EXISTS reach ON {table.name}"
    if condition := table.info.get("reached_by"):
        yield f"ALTER TABLE {table.name} ENABLE ROW LEVEL SECURITY"
        yield f"CREATE POLICY reach ON {table.name} USING ({EVERYTHING} OR {condition})"
    else:
        yield f"ALTER TABLE {table.name} DISABLE ROW LEVEL SECURITY"


def application_role(url: str) -> str:
    """The role of the application, from the address of its database. ValueError without one."""
    if not (name := make_url(url).username):
        raise ValueError("PORTAL_DATABASE_URL names no user: the application needs a role of its own")
    return name


def init_app(app: Flask) -> None:
    if (owner := app.config["OWNER_DATABASE_URL"]) and make_url(owner).username == make_url(
            app.config["DATABASE_URL"]).username:
        raise ValueError("PORTAL_OWNER_DATABASE_URL and PORTAL_DATABASE_URL must name two roles")
