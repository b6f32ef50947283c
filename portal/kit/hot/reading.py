"""Reads outside any transaction, for pages that everybody asks for: the driver's statement, the driver's rows.

A session begins, builds objects and rolls back: three round trips and most of a page's time. One statement sees
what is committed by itself and needs none of that. Moments come as the database writes them, see `moment`.
"""
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from flask import Flask, current_app, g
from sqlalchemy import Boolean, ColumnElement, Dialect, Engine, Select, String, bindparam, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session

from portal.kit.db import new_session, session

MOST_IDLE = 20
Rows = Sequence[tuple[Any, ...]]


class Reader:
    """Cursors of one engine's database that stand ready, each on a connection of its own without transactions."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        name = engine.url.database
        self.alone = engine.dialect.name == "sqlite" and (not name or ":memory:" in name)  # another sees another
        self._idle: list[Any] = []  # pop and append are safe among threads
        event.listen(engine, "engine_disposed", lambda _engine: self.close())

    def rows(self, statement: str, values: Any) -> Rows:
        """All rows. A connection that the server has left meanwhile is made once more. Raises what a session raises."""
        driver = self.engine.dialect.loaded_dbapi.Error
        try:
            try:
                return self._rows(statement, values)
            except ConnectionResetError:
                self.close()  # when one is gone, so are the others
                return self._rows(statement, values)
        except (driver, ConnectionResetError) as error:
            # what the driver said, where it is the cause
            original = error.__cause__ or error if isinstance(error, ConnectionResetError) else error
            raise DBAPIError.instance(statement, None, original, driver, hide_parameters=True,
                                      dialect=self.engine.dialect) from error

    def close(self) -> None:
        """Let go of the connections that nobody reads from. Reading goes on with new ones."""
        while self._idle:
            self._idle.pop().connection.close()

    def _rows(self, statement: str, values: Any) -> Rows:
        try:
            cursor = self._idle.pop()
        except IndexError:
            cursor = self._open()
        try:
            found: Rows = cursor.execute(statement, values).fetchall()
        except Exception as e:
            gone = self._is_cut(e) or self.engine.dialect.is_disconnect(
                e, cursor.connection, cursor)  # type: ignore[arg-type]
            cursor.connection.close()
            if gone:
                raise ConnectionResetError from e
            raise
        if len(self._idle) < MOST_IDLE:
            self._idle.append(cursor)
        else:
            cursor.connection.close()
        return found

    def _is_cut(self, error: Exception) -> bool:
        """Whether PostgreSQL's driver lost the line without a word of the server: before it has noted that itself, the
        dialect does not call that a disconnect. What the server says has an SQLSTATE."""
        return isinstance(error, self.engine.dialect.loaded_dbapi.OperationalError) and \
            getattr(error, "sqlstate", "") is None

    def _open(self) -> Any:
        """A cursor of a connection that was made and prepared like all others, then taken out of their pool."""
        pooled = self.engine.raw_connection()
        connection: Any = pooled.driver_connection
        pooled.detach()
        if self.engine.dialect.name == "postgresql":
            from psycopg.types.string import TextLoader  # noqa: PLC0415  only where that is the database

            connection.rollback()
            connection.autocommit = True
            connection.adapters.register_loader("timestamptz", TextLoader)
        return connection.cursor()


class among(ColumnElement[bool]):
    """The condition that a column is one of the values that come as a list under this name: one parameter."""

    inherit_cache = False
    type = Boolean()
    _is_implicitly_boolean = True  # or SQLite is told "… = 1", for which it uses no index

    def __init__(self, column: Any, name: str) -> None:
        self.column, self.name = column, name


@compiles(among)
def _among(element: Any, compiler: Any, **kw: Any) -> str:
    column, values = (compiler.process(each, **kw) for each in (element.column, bindparam(element.name, type_=String)))
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608


@compiles(among, "postgresql")
def _among_of_array(element: Any, compiler: Any, **kw: Any) -> str:
    return f"{compiler.process(element.column, **kw)} = ANY({compiler.process(bindparam(element.name), **kw)})"


class gathered(ColumnElement[str]):
    """The rows of columns that belong to one row of the query, in order, as one text in JSON; None of none.

    One row is fetched quicker than seven: SQLite lets another thread in at each, and a driver unpacks each value.
    """

    inherit_cache = False
    type = String()

    def __init__(self, columns: Sequence[Any], where: Any, order: Any) -> None:
        self.columns, self.where, self.order = columns, where, order

    def spelled(self, compiler: Any, **kw: Any) -> tuple[str, str, str, str]:
        """The columns, their table, the condition and the order, as this database takes them."""
        named = ", ".join(compiler.process(column, **kw) for column in self.columns)
        return (named, self.columns[0].table.name, compiler.process(self.where, **kw),
                compiler.process(self.order, **kw))


@compiles(gathered)
def _gathered(element: Any, compiler: Any, **kw: Any) -> str:
    columns, table, where, order = element.spelled(compiler, **kw)
    return (f"(SELECT nullif(json_group_array(json(row)), '[]') FROM (SELECT json_array({columns}) AS row "  # noqa: S608
            f"FROM {table} WHERE {where} ORDER BY {order}))")


@compiles(gathered, "postgresql")
def _gathered_by_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    columns, table, where, order = element.spelled(compiler, **kw)
    return (f"(SELECT json_agg(json_build_array({columns}) ORDER BY {order})::text "  # noqa: S608
            f"FROM {table} WHERE {where})")


class together(ColumnElement[str]):
    """The rows of a group, each the values of these columns, as one text in JSON: the same rows are the same text,
    so what they come to need not be worked out again. Only PostgreSQL minds their order."""

    inherit_cache = False
    type = String()

    def __init__(self, *columns: Any) -> None:
        self.columns = columns


@compiles(together)
def _together(element: Any, compiler: Any, **kw: Any) -> str:
    return f"json_group_array(json_array({', '.join(compiler.process(each, **kw) for each in element.columns)}))"


@compiles(together, "postgresql")
def _together_by_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    named = ", ".join(compiler.process(each, **kw) for each in element.columns)
    return f"json_agg(json_build_array({named}) ORDER BY {named})::text"


def rows(query: Select[Any], **values: Any) -> Rows:
    """The rows of a query as the driver has them. A transaction that is under way is read in, not passed by.

    `query` is one of a few that a file keeps: how it is spelled is worked out once. Lists are for `among`.
    """
    reader: Reader = current_app.extensions["reader"]
    if past_the_session():
        return reader.rows(*_spelled(query, reader.engine.dialect, values))
    connection = session.connection()
    statement, given = _spelled(query, connection.dialect, values)
    return [tuple(row) for row in connection.exec_driver_sql(statement, given)]


def past_the_session() -> bool:
    """Whether what is read now is what all others see: nothing that a transaction of ours did and may take back."""
    reader: Reader = current_app.extensions["reader"]
    opened: Session | None = g.get("session")
    return (new_session.kw["bind"] is reader.engine and not reader.alone
            and (opened is None or not opened.in_transaction()))


def moment(kept: Any) -> datetime:
    """An aware moment in UTC, from what the driver gave."""
    at = kept if isinstance(kept, datetime) else datetime.fromisoformat(kept)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def moment_or_none(kept: Any) -> datetime | None:
    """The same where there may be none."""
    return None if kept is None else moment(kept)


def day(kept: Any) -> date:
    """A day, from what the driver gave."""
    return kept if isinstance(kept, date) else date.fromisoformat(kept)


def _spelled(query: Select[Any], dialect: Dialect, values: dict[str, Any]) -> tuple[str, Any]:
    words, order, constants = _words(query, dialect)
    values = constants | values
    return words, tuple(_sent(values[name]) for name in order) if order is not None else values


def _sent(value: Any) -> Any:
    """A value as SQLite takes it."""
    if isinstance(value, list):
        return json.dumps([_sent(each) for each in value])
    return value.isoformat() if isinstance(value, date) else value


@lru_cache(maxsize=64)
def _words(query: Select[Any], dialect: Dialect) -> tuple[str, Sequence[str] | None, dict[str, Any]]:
    """A query as this driver takes it, the order of its values where they have no names, and those it has itself."""
    compiled: Any = query.compile(dialect=dialect)
    return str(compiled), compiled.positiontup, {
        name: value for name, value in compiled.params.items() if value is not None}


def init_app(app: Flask) -> None:
    app.extensions["reader"] = Reader(app.extensions["engine"])
