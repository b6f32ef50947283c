"""The second wall, in PostgreSQL itself: two roles, and rows that each transaction may reach.

Where PORTAL_OWNER_DATABASE_URL is given, the owner migrates, and the application's role may read and write rows but not
change the tables, nor what is written once for ever. A transaction says for whom it is (`reach`): one of a request that
says nothing reaches no guarded row; outside a request (jobs, commands) every row is reached. SQLite and databases with
one role run without.
"""
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, g, has_app_context, has_request_context
from sqlalchemy import Connection, Engine, event, make_url, text
from sqlalchemy.orm import Session

from portal.kit.db import session
from portal.kit.settings import Unset

#: For conditions of SQL: whom a transaction is for. Asked once a statement; what was not said is nobody.
EVERYTHING = "(SELECT current_setting('portal.everything', true) = 'yes')"
PERSON = "(SELECT nullif(current_setting('portal.person', true), '')::int)"
AGENCIES = "(SELECT string_to_array(current_setting('portal.agencies', true), ','))::int[]"
UNITS = "(SELECT string_to_array(current_setting('portal.units', true), ','))::int[]"


ALSO = "(SELECT string_to_array(current_setting('portal.also', true), ','))::text[]"


def also(name: str) -> str:
    """The condition that `Reach.also` names this."""
    return f"'{name}' = ANY({ALSO})"


@dataclass(frozen=True)
class Reach:
    """For whom a transaction reads and writes: a person, agencies as a whole, units of them; or everything. `also`:
    names of more, which conditions ask for by `also`."""

    person_id: int | None = None
    agencies: Collection[int] = ()
    units: Collection[int] = ()
    everything: bool = False
    also: Collection[str] = ()


NOTHING, ALL = Reach(), Reach(everything=True)


def reach(of: Reach) -> None:
    """From now on this request reaches so much, in a transaction that is under way too."""
    g.reach = of
    if is_on() and session.in_transaction():
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


def is_on() -> bool:
    """Whether this database has an owner beside the application."""
    return bool(current_app.config["OWNER_DATABASE_URL"])


def _say(connection: Connection) -> None:
    of = _reach()
    connection.execute(text("SELECT set_config('portal.everything', :everything, true), "
                            "set_config('portal.person', :person, true), "
                            "set_config('portal.agencies', :agencies, true), "
                            "set_config('portal.units', :units, true), set_config('portal.also', :also, true)"),
                       {"everything": "yes" if of.everything else "", "person": str(of.person_id or ""),
                        "agencies": ",".join(map(str, of.agencies)), "units": ",".join(map(str, of.units)),
                        "also": ",".join(of.also)})


@event.listens_for(Session, "after_begin")
def _begin(_session: Any, _transaction: Any, connection: Connection) -> None:
    if has_app_context() and is_on():
        _say(connection)


def secure(owner: Engine, application: str, reached_by: Mapping[str, str], append_only: Collection[str],
           looked_through: Mapping[str, str]) -> None:
    """Give the application's role its rights and no others, and guard the rows; after each migration, safe to repeat.

    `application` is the role's name; `reached_by` has a condition of SQL for each guarded table, `append_only` names
    the tables whose rows nobody may rewrite. `looked_through`: by name what conditions read of a guarded table without
    its guard, which would ask theirs in turn. ValueError where both addresses name one role.
    """
    role = owner.dialect.identifier_preparer.quote(application)
    with owner.begin() as connection:
        if connection.scalar(text("SELECT current_user")) == application:
            raise ValueError("the owner and the application must be two roles of the database")
        views = [f"CREATE OR REPLACE VIEW {name} AS {query}" for name, query in looked_through.items()]
        for line in (*views, *_rights(role), *_guards(connection, reached_by),
                     *(f"REVOKE UPDATE, DELETE ON {table} FROM {role}" for table in append_only)):
            connection.exec_driver_sql(line)


_ONCE = "portal_written_once"
_REFUSED = "what was written down is never changed"
_THERE = {"sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'portal_written_once%'",
          "postgresql": "SELECT tgname FROM pg_trigger WHERE tgname LIKE 'portal_written_once%'"}


def let_rewrite(engine: Engine) -> None:
    """Before a migration, which may have to: what `keep` put there goes."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {_ONCE}() CASCADE")
            return
        for name in connection.scalars(text(_THERE["sqlite"])).all():
            connection.exec_driver_sql(f"DROP TRIGGER {name}")


def keep(engine: Engine, append_only: Collection[str]) -> None:
    """Let nobody change or take away a row of these tables: no mistake of ours, and no accident of the owner's. Who
    owns the tables can undo it, as at the end of the time of keeping. What is there already is left alone."""
    dialect = engine.dialect.name
    with engine.connect() as connection:
        there = set(connection.scalars(text(_THERE[dialect])))
    missing = [lines for name, lines in _triggers(dialect, append_only) if name not in there]
    if missing:
        with engine.begin() as connection:
            for line in (line for lines in missing for line in lines):
                connection.exec_driver_sql(line)


def _triggers(dialect: str, append_only: Collection[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each trigger by its name, with the statements that make it."""
    for table in append_only:
        if dialect == "postgresql":
            name = f"{_ONCE}_{table}"
            yield name, (f"CREATE OR REPLACE FUNCTION {_ONCE}() RETURNS trigger LANGUAGE plpgsql AS "
                         f"$$ BEGIN RAISE EXCEPTION '{_REFUSED}'; END $$",
                         f"CREATE TRIGGER {name} BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                         f"FOR EACH STATEMENT EXECUTE FUNCTION {_ONCE}()")
            continue
        for what in ("update", "delete"):
            name = f"{_ONCE}_{table}_{what}"
            yield name, (f"CREATE TRIGGER {name} BEFORE {what.upper()} ON {table} "
                         f"BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END",)


def _rights(role: str) -> list[str]:
    return ["REVOKE CREATE ON SCHEMA public FROM PUBLIC", f"REVOKE CREATE ON SCHEMA public FROM {role}",
            f"GRANT USAGE ON SCHEMA public TO {role}", f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}",
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
            f"REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM {role}",
            f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}"]


def _guards(connection: Connection, reached_by: Mapping[str, str]) -> Iterator[str]:
    was = connection.scalars(text("SELECT tablename FROM pg_policies WHERE policyname = 'reach'")).all()
    for table in was:
        yield f"DROP POLICY reach ON {table}"
    for table in set(was) - reached_by.keys():
        yield f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"
    for table, condition in reached_by.items():
        yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
        yield f"CREATE POLICY reach ON {table} USING ({EVERYTHING} OR {condition})"


def application_role(url: str) -> str:
    """The role of the application, from the address of its database. Raises Unset without one."""
    if not (name := make_url(url).username):
        raise Unset("PORTAL_DATABASE_URL names no user: the application needs a role of its own")
    return name


def init_app(app: Flask) -> None:
    if (owner := app.config["OWNER_DATABASE_URL"]) and make_url(owner).username == application_role(
            app.config["DATABASE_URL"]):
        raise Unset("PORTAL_OWNER_DATABASE_URL and PORTAL_DATABASE_URL must name two roles of the database")
