"""A backup: one moment of the database, the files that it names, the keys, and a manifest with the digest of each.

The database is read in one snapshot while others go on writing. Kept files are never changed once a row names them, so
they are copied afterwards; meanwhile none is swept. All of it is for its owner's eyes alone.
"""
import gzip
import hashlib
import json
import os
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, text

from portal.kit import clock, db, deployment, files_folder, release
from portal.kit.db import Base

FORMAT = 1
MANIFEST, KEYS, DATABASE, TABLES, FILES = "manifest.json", "keys.env", "database.sqlite", "tables", "files"
UNSWEPT = timedelta(hours=12)
CHUNK = 1024 * 1024
_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")


class Refused(Exception):
    """It cannot be made or put back; in words for the operator."""


class Made(NamedTuple):
    """How much was written, the digest of the manifest, and the files that rows name and that are not there."""

    rows: int
    files: int
    size: int
    sha256: str
    missing: Sequence[str]


def make(engine: Engine, folder: Path, keys: Mapping[str, str]) -> Made:
    """Write a backup into `folder`, which is new or empty. `engine` reaches every row. Raises Refused."""
    _begin(folder)
    with _unswept(engine):
        if engine.dialect.name == "sqlite":
            tables, blobs, facts = _copy_sqlite(engine, folder / DATABASE)
        else:
            tables, blobs, facts = _copy_postgresql(engine, folder / TABLES)
        copied, missing = _copy_files(blobs, folder / FILES)
    _write(folder / KEYS, "".join(f"{name}={value}\n" for name, value in keys.items()).encode())
    parts = [_part(folder, place) for place in sorted(folder.rglob("*"))
             if place.is_file() and FILES not in place.relative_to(folder).parts[:1]]
    manifest = {"format": FORMAT, "made_at": clock.now().isoformat(), "database": engine.dialect.name,
                "release": release.head(), **facts, "tables": tables, "parts": parts, "files": copied,
                "missing": missing}
    content = json.dumps(manifest, indent=1).encode()
    _write(folder / MANIFEST, content)
    os.sync()
    return Made(sum(tables.values()), len(copied), sum(each["size"] for each in [*parts, *copied]),
                hashlib.sha256(content).hexdigest(), missing)


def _begin(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if any(folder.iterdir()):
            raise Refused(f"{folder} is not empty: each backup has a folder of its own.")
        folder.chmod(0o700)
    except OSError as error:
        raise Refused(f"{folder}: {error.strerror}.") from None


@contextmanager
def _unswept(engine: Engine) -> Iterator[None]:
    """No file is swept meanwhile. Where that cannot be written, nobody can sweep either."""
    with suppress(*db.Unusable):
        deployment.say(engine, deployment.BACKUP_UNTIL, (clock.now() + UNSWEPT).isoformat())
    try:
        yield
    finally:
        with suppress(*db.Unusable):
            deployment.say(engine, deployment.BACKUP_UNTIL, "")


def _facts(migration: str | None, mark: str | None) -> dict[str, Any]:
    if migration is None:
        raise Refused("There is nothing to back up: this database has no tables.")
    return {"migration": migration, "files_mark": mark}


def _blob_columns() -> list[tuple[str, str]]:
    return [(table.name, "blob") for table in Base.metadata.sorted_tables if "blob" in table.c]


def _copy_sqlite(engine: Engine, place: Path) -> tuple[dict[str, int], list[str], dict[str, Any]]:
    """By SQLite's own backup: what is committed, from the main file and what lies beside it, as of one moment."""
    source = db.file_of(engine.url.render_as_string(hide_password=False))
    if source is None or not source.is_file():
        raise Refused(f"{source}: there is no database.")
    _write(place, b"")
    with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as original, \
            closing(sqlite3.connect(place)) as copy:
        original.execute("PRAGMA busy_timeout=30000")
        original.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, with nothing beside it
        if (said := copy.execute("PRAGMA integrity_check").fetchone()[0]) != "ok":
            raise Refused(f"The database is damaged: {said}.")
        names = [row[0] for row in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table' "
                                                "AND name NOT LIKE 'sqlite%'")]
        tables = {name: copy.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in sorted(names)}  # noqa: S608
        if "alembic_version" not in tables:
            raise Refused("There is nothing to back up: this database has no tables.")
        blobs = [row[0] for table, column in _blob_columns() if table in tables for row in copy.execute(
            f"SELECT DISTINCT {column} FROM {table} WHERE {column} IS NOT NULL")]  # noqa: S608
        mark = copy.execute("SELECT value FROM deployment WHERE name = ?", (deployment.FILES_MARK,)).fetchone()
        at = copy.execute("SELECT version_num FROM alembic_version").fetchone()
    return tables, blobs, _facts(at and at[0], mark and mark[0])


def _copy_postgresql(engine: Engine, folder: Path) -> tuple[dict[str, int], list[str], dict[str, Any]]:
    """Each table by COPY, all in one read-only transaction that sees one moment."""
    folder.mkdir(mode=0o700)
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection, connection.begin():
        connection.execute(text("SET TRANSACTION READ ONLY"))
        connection.execute(text("SELECT set_config('portal.everything', 'yes', true)"))
        columns = columns_of(connection)
        if "alembic_version" not in columns:
            raise Refused("There is nothing to back up: this database has no tables.")
        tables = {name: _copy_out(connection, name, columns[name], folder / f"{name}.gz") for name in sorted(columns)}
        blobs = [row[0] for table, column in _blob_columns() if table in tables for row in connection.execute(
            text(f"SELECT DISTINCT {column} FROM {table} WHERE {column} IS NOT NULL"))]  # noqa: S608
        facts = _facts(release.at(connection), deployment.said(connection, deployment.FILES_MARK))
    return tables, blobs, facts


def columns_of(connection: Connection) -> dict[str, list[str]]:
    """The tables of a PostgreSQL database and the columns of each that are kept and not worked out."""
    found: dict[str, list[str]] = {}
    for table, column in connection.execute(text(
            "SELECT c.table_name, c.column_name FROM information_schema.columns c JOIN pg_tables t ON "
            "t.schemaname = c.table_schema AND t.tablename = c.table_name WHERE c.table_schema = 'public' "
            "AND c.is_generated = 'NEVER' ORDER BY 1, c.ordinal_position")):
        if not _PLAIN.fullmatch(table) or not _PLAIN.fullmatch(column):
            raise Refused(f"{table}.{column} is no table or column of the portal.")
        found.setdefault(table, []).append(column)
    return found


def _copy_out(connection: Connection, table: str, columns: Sequence[str], place: Path) -> int:
    _write(place, b"")
    listed = ", ".join(f'"{name}"' for name in columns)
    driver: Any = connection.connection
    with gzip.open(place, "wb", compresslevel=3) as into, driver.cursor() as cursor:
        into.write(f"{','.join(columns)}\n".encode())
        with cursor.copy(f'COPY (SELECT {listed} FROM "{table}") TO STDOUT') as rows:  # noqa: S608
            for piece in rows:
                into.write(piece)
        return int(cursor.rowcount)


def _copy_files(blobs: Sequence[str], folder: Path) -> tuple[list[dict[str, Any]], list[str]]:
    """The named files, with their digests; and those that are not there."""
    folder.mkdir(mode=0o700)
    root, copied, missing = files_folder.root(), list[dict[str, Any]](), list[str]()
    for path in sorted(set(blobs)):
        place, target = (root / path).resolve(), folder / path
        if not place.is_relative_to(root) or not place.is_file():
            missing.append(path)
            continue
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        sha256, size = copy_file(place, target)
        copied.append({"path": path, "sha256": sha256, "size": size})
    return copied, missing


def copy_file(source: Path, target: Path) -> tuple[str, int]:
    """Copy a file for its owner alone; its SHA-256 in hex and its size."""
    digest, size = hashlib.sha256(), 0
    with open(source, "rb") as reading, os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600),
                                                  "wb") as writing:
        while piece := reading.read(CHUNK):
            digest.update(piece)
            size += len(piece)
            writing.write(piece)
    return digest.hexdigest(), size


def _write(place: Path, content: bytes) -> None:
    with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)


def _part(folder: Path, place: Path) -> dict[str, Any]:
    return {"path": str(place.relative_to(folder)), "sha256": digest_of(place), "size": place.stat().st_size}


def digest_of(place: Path) -> str:
    """The SHA-256 of a file in hex."""
    with open(place, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
