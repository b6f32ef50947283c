"""Putting a backup back: into an empty database and an empty files folder, and only when every digest is right."""
import gzip
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, MetaData, inspect, text

from portal.kit import db, deployment, files_folder, release
from portal.kit.backup import (
    CHUNK,
    DATABASE,
    FILES,
    FORMAT,
    KEYS,
    MANIFEST,
    TABLES,
    Refused,
    columns_of,
    copy_file,
    digest_of,
)

Manifest = Mapping[str, Any]


def verified(folder: Path) -> Manifest:
    """The manifest, when all that it names is there as it was written. Raises Refused."""
    try:
        manifest: Manifest = json.loads((folder / MANIFEST).read_bytes())
        if manifest["format"] != FORMAT:
            raise Refused(f"{folder}: a backup of another format ({manifest['format']}).")
        listed = [(folder / each["path"], each) for each in manifest["parts"]] + \
            [(folder / FILES / each["path"], each) for each in manifest["files"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Refused(f"{folder} is no whole backup: {type(error).__name__} at {MANIFEST}.") from None
    for place, said in listed:
        if not place.resolve().is_relative_to(folder.resolve()):
            raise Refused(f"{place} lies outside the backup.")
        if not place.is_file() or place.stat().st_size != said["size"] or digest_of(place) != said["sha256"]:
            raise Refused(f"{place} is damaged or not there. Nothing was put back.")
    return manifest


def keys_of(folder: Path) -> dict[str, str]:
    """The keys of the portal that the backup is of."""
    lines = (folder / KEYS).read_text().splitlines()
    return {name: value for name, _is, value in (line.partition("=") for line in lines)}


def check_target(engine: Engine, manifest: Manifest) -> None:
    """Raises Refused unless the database and the files folder are empty, of the same kind, and not of the past."""
    if engine.dialect.name != manifest["database"]:
        raise Refused(f"The backup is of {manifest['database']}, this database is {engine.dialect.name}.")
    known = release.MIGRATIONS / "versions"
    if not list(known.glob(f"{manifest['migration']}_*.py")):
        raise Refused(f"The backup is of a newer release (migration {manifest['migration']}); put it back with that.")
    place = db.file_of(engine.url.render_as_string(hide_password=False))
    if place is not None and (place.exists() or Path(f"{place}-wal").exists()):
        raise Refused(f"{place} exists: a backup is put back where nothing is. Move it aside, with its -wal and -shm.")
    if place is None and inspect(engine).get_table_names():
        raise Refused("This database is not empty: a backup is put back into a new one.")
    root = files_folder.root()
    if root.is_dir() and [each for each in root.iterdir() if each.name != "lost+found"]:
        raise Refused(f"{root} is not empty: a backup is put back where nothing is.")


def put_back(engine: Engine, folder: Path, manifest: Manifest, migrate: Callable[[str], None]) -> None:
    """Fill the empty database and the empty files folder. `migrate` brings a new database to a migration."""
    root = files_folder.root()
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    for each in manifest["files"]:
        (root / each["path"]).parent.mkdir(exist_ok=True, mode=0o700)
        copy_file(folder / FILES / each["path"], root / each["path"])
    if manifest["files_mark"]:
        files_folder.write_mark(root, manifest["files_mark"])
    if manifest["database"] == "sqlite":
        place = db.file_of(engine.url.render_as_string(hide_password=False))
        assert place is not None
        place.parent.mkdir(parents=True, exist_ok=True)
        copy_file(folder / DATABASE, Path(f"{place}.part"))
        os.rename(f"{place}.part", place)
    else:
        migrate(manifest["migration"])
        with engine.begin() as connection:
            _fill(connection, folder / TABLES, manifest["tables"])
    os.sync()
    deployment.say(engine, deployment.BACKUP_UNTIL, "")


def _fill(connection: Connection, folder: Path, tables: Mapping[str, int]) -> None:
    there = columns_of(connection)
    if lacking := sorted(set(tables) - set(there)):
        raise Refused(f"The backup has tables that the migrations do not make: {', '.join(lacking)}.")
    connection.execute(text(f"TRUNCATE {', '.join(there)} CASCADE"))
    reflected = MetaData()
    reflected.reflect(connection)
    for table in (table.name for table in reflected.sorted_tables if table.name in tables):
        rows = _copy_in(connection, table, folder / f"{table}.gz", there[table])
        if rows != tables[table]:
            raise Refused(f"{table}: {rows} rows came back of {tables[table]}.")
        if "id" in there[table] and (sequence := connection.scalar(
                text("SELECT pg_get_serial_sequence(:table, 'id')"), {"table": table})):
            connection.execute(text(f"SELECT setval(:sequence, (SELECT max(id) FROM {table}))"), {"sequence": sequence})  # noqa: S608


def _copy_in(connection: Connection, table: str, place: Path, there: list[str]) -> int:
    driver: Any = connection.connection
    with gzip.open(place, "rb") as rows, driver.cursor() as cursor:
        columns = rows.readline().decode().strip().split(",")
        if not set(columns) <= set(there):
            raise Refused(f"{table}: the backup has columns that the migrations do not make.")
        listed = ", ".join(f'"{name}"' for name in columns)
        with cursor.copy(f'COPY "{table}" ({listed}) FROM STDIN') as into:
            while piece := rows.read(CHUNK):
                into.write(piece)
        return int(cursor.rowcount)
