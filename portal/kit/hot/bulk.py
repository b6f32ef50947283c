"""Many rows in one statement. On PostgreSQL few rows travel as one JSON document, which the server unfolds, many by
binary COPY, which costs the sender a tenth: into the table itself, or a temporary one where they must meet what is
there. On SQLite they go as one executemany.

Values are plain: str, int, bool, date, aware datetime or None. Names of tables and columns come from the models.
"""
import json
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, Table, cast, func, literal, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import ARRAY

from portal.kit.db import session

Row = Sequence[Any]
_DATES = frozenset({date, datetime})
MANY = 200  # fewer are quicker as JSON: no temporary table, no COPY to start and end


class Sums(NamedTuple):
    """Rows to add to a table: each has its values in the order of `columns`, of which `key` finds the row that there
    is."""

    table: Table
    columns: tuple[str, ...]
    rows: Sequence[Row]
    key: tuple[str, ...]

    @property
    def clause(self) -> str:
        added = ", ".join(f"{name} = {self.table.name}.{name} + excluded.{name}" for name in self.columns
                          if name not in self.key)
        return f" ON CONFLICT ({', '.join(self.key)}) DO UPDATE SET {added}"


def insert(table: Table, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Add rows; each has its values in the order of `columns`."""
    connection = session.connection()
    if len(rows) >= MANY and connection.dialect.name == "postgresql":
        _copy(connection, table, table.name, tuple(columns), rows)
    else:
        _write(table, tuple(columns), rows, "")


def upsert(table: Table, columns: Sequence[str], rows: Sequence[Row], key: Sequence[str]) -> None:
    """Add rows, or give the row that has this key the new values. Rows are touched in the order given."""
    changed = ", ".join(f"{name} = excluded.{name}" for name in columns if name not in key)
    _write(table, tuple(columns), rows, f" ON CONFLICT ({', '.join(key)}) DO UPDATE SET {changed}")


def add_missing(table: Table, columns: Sequence[str], rows: Sequence[Row], key: Sequence[str]) -> None:
    """Add the rows whose key nobody has; the others stay as they are. Touched in the order given."""
    _write(table, tuple(columns), rows, f" ON CONFLICT ({', '.join(key)}) DO NOTHING")


def add_up(*works: Sums) -> None:
    """Add what each row has beside its key to the row with the same key, table by table. Rows are touched in the order
    given: two writers that both sort never deadlock. Few rows of several tables travel together."""
    works = tuple(work for work in works if work.rows)
    connection = session.connection()
    if connection.dialect.name != "postgresql" or any(len(work.rows) >= MANY for work in works):
        for work in works:
            _write(work.table, work.columns, work.rows, work.clause)
        return
    driver: Any = connection.connection
    with driver.pipeline(), driver.cursor() as cursor:  # one answer is waited for and not four
        for work in works:
            cursor.execute(*_writing(connection, work.table, work.columns, work.rows, work.clause))


def update(table: Table, key: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Give existing rows new values. The first value of each row is its key, then those of `columns`."""
    if not rows or not columns:
        return
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        sets = ", ".join(f"{name} = r.{name}" for name in columns)
        source, values = _source(connection, table, (key, *columns), rows)
        connection.exec_driver_sql(
            f"UPDATE {table.name} SET {sets} FROM {source} WHERE {table.name}.{key} = r.{key}", values)  # noqa: S608
        return
    sets = ", ".join(f"{name} = ?" for name in columns)
    connection.exec_driver_sql(f"UPDATE {table.name} SET {sets} WHERE {key} = ?",  # noqa: S608
                               [tuple(map(_kept, (*row[1:], row[0]))) for row in rows])


def delete(table: Table, columns: Sequence[str], rows: Sequence[Row], only: str = "") -> None:
    """Delete the rows that have these values in `columns`, and fit `only` where that is given; it names columns
    with their table."""
    if not rows:
        return
    connection, further = session.connection(), f" AND {only}" if only else ""
    if connection.dialect.name == "postgresql":
        same = " AND ".join(f"{table.name}.{name} = r.{name}" for name in columns)
        source, values = _source(connection, table, tuple(columns), rows)
        connection.exec_driver_sql(f"DELETE FROM {table.name} USING {source} WHERE {same}{further}", values)  # noqa: S608
        return
    same = " AND ".join(f"{name} = ?" for name in columns)
    connection.exec_driver_sql(f"DELETE FROM {table.name} WHERE {same}{further}",  # noqa: S608
                               [tuple(map(_kept, row)) for row in rows])


def among(column: Any, values: Collection[Any]) -> Any:
    """The condition that `column` is one of many values, sent as one parameter."""
    if session.get_bind().dialect.name == "postgresql":
        return column == func.any(cast(literal(list(values), ARRAY(column.type)), ARRAY(column.type)))
    listed = func.json_each(json.dumps(list(values))).table_valued("value")
    return column.in_(select(listed.c.value))


def rows_of(statement: Select[Any]) -> Sequence[Any]:
    """The rows of a statement. PostgreSQL's driver reads moments right by itself, in UTC, so there the rows come as it
    made them, without the cost of looking at each value again; and binary, which it reads quicker than text."""
    connection = session.connection()
    if connection.dialect.name != "postgresql":
        return session.execute(statement).all()
    compiled = statement.compile(dialect=connection.dialect)
    driver: Any = connection.connection
    with driver.cursor(binary=True) as cursor:
        rows: Sequence[Any] = cursor.execute(str(compiled), compiled.params).fetchall()
    return rows


def streamed(statement: Select[Any], size: int) -> Iterator[Sequence[Any]]:
    """The rows of a statement that finds too many to hold, `size` of them in memory at a time, as rows_of makes them.

    PostgreSQL is told that all of them will be read, not the first ones soon, and joins and sorts in more memory
    until this transaction ends: millions of rows would go to its disk and back again and again.
    """
    connection = session.connection()
    if connection.dialect.name != "postgresql":
        yield from session.execute(statement, execution_options={"yield_per": size})
        return
    connection.exec_driver_sql(
        "SELECT set_config('cursor_tuple_fraction', '1', true), set_config('work_mem', '64MB', true)")
    compiled = statement.compile(dialect=connection.dialect, compile_kwargs={"render_postcompile": True})
    driver: Any = connection.connection
    with driver.cursor("streamed", binary=True) as cursor:
        cursor.execute(str(compiled), compiled.params)
        while rows := cursor.fetchmany(size):
            yield from rows


def serialise(name: str, number: int) -> None:
    """Wait until no other transaction has this name and number; ours until it ends. SQLite has one writer anyway.

    Who waits in line has many rows to look up by their keys, most of them written lately. PostgreSQL takes that for
    dearer than reading a table of a hundred thousand rows from end to end; until this transaction ends it does not.
    """
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT set_config('random_page_cost', '1', true),"
                                   " pg_advisory_xact_lock(hashtext(%(name)s), %(number)s)",
                                   {"name": name, "number": number})


def _write(table: Table, columns: tuple[str, ...], rows: Sequence[Row], clause: str) -> None:
    if not rows:
        return
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(*_writing(connection, table, columns, rows, clause))
        return
    named, marks = ", ".join(columns), ", ".join("?" * len(columns))
    connection.exec_driver_sql(f"INSERT INTO {table.name} ({named}) VALUES ({marks}){clause}",  # noqa: S608
                               [tuple(map(_kept, row)) for row in rows])


def _writing(connection: Connection, table: Table, columns: tuple[str, ...], rows: Sequence[Row],
             clause: str) -> tuple[str, dict[str, str]]:
    """The statement that writes these rows, and its parameters (PostgreSQL)."""
    named, (source, values) = ", ".join(columns), _source(connection, table, columns, rows)
    return f"INSERT INTO {table.name} ({named}) SELECT {named} FROM {source} WHERE true{clause}", values  # noqa: S608


def _source(connection: Connection, table: Table, columns: tuple[str, ...],
            rows: Sequence[Row]) -> tuple[str, dict[str, str]]:
    """What stands after FROM for these rows, called r, in their order, and the parameters that it needs."""
    if len(rows) < MANY:
        return _unfolded(table, columns), {"rows": _document(columns, rows)}
    staged = f"staged_{table.name}"
    connection.exec_driver_sql(f"CREATE TEMPORARY TABLE IF NOT EXISTS {staged} AS TABLE {table.name} WITH NO DATA")
    connection.exec_driver_sql(f"TRUNCATE {staged}")
    _copy(connection, table, staged, columns, rows)
    return f"{staged} AS r", {}


def _copy(connection: Connection, table: Table, into: str, columns: tuple[str, ...], rows: Sequence[Row]) -> None:
    """Binary COPY of rows of `table`, or of a part of its columns, into the table of this name."""
    driver: Any = connection.connection
    with driver.cursor() as cursor, cursor.copy(
            f"COPY {into} ({', '.join(columns)}) FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(_types(table, columns))
        for row in rows:
            copy.write_row(row)


@lru_cache(maxsize=64)
def _types(table: Table, columns: tuple[str, ...]) -> list[str]:
    """The names by which the driver knows the columns' types."""
    dialect = postgresql.dialect()
    return [table.c[name].type.compile(dialect).partition("(")[0].lower() for name in columns]


@lru_cache(maxsize=64)
def _unfolded(table: Table, columns: tuple[str, ...]) -> str:
    dialect = postgresql.dialect()
    typed = ", ".join(f"{name} {table.c[name].type.compile(dialect)}" for name in columns)
    return f"json_to_recordset(%(rows)s::json) AS r({typed})"


def _document(columns: Sequence[str], rows: Sequence[Row]) -> str:
    names = tuple(columns)
    return json.dumps([dict(zip(names, map(_said, row), strict=True)) for row in rows], ensure_ascii=False,
                      separators=(",", ":"))


def _said(value: Any) -> Any:
    """A value as JSON has it. Done here, because asking the encoder for each moment costs twice as much."""
    return value.isoformat() if type(value) in _DATES else value


def _kept(value: Any) -> Any:
    """A value as SQLAlchemy's own types keep it in SQLite."""
    kind = type(value)
    if kind is datetime:
        in_utc = value if value.tzinfo is UTC else value.astimezone(UTC)
        return in_utc.isoformat(" ", "microseconds")[:26]  # without the zone
    return value.isoformat() if kind is date else value
