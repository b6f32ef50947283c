"""`make faults`: everything that can be made to go wrong, on SQLite and on PostgreSQL. Writes its table into
docs/reliability.md. About twenty minutes; small disks need root. ARGS="--only sqlite"."""
import argparse
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from portal import create_app
from tests.faults import letters
from tests.faults.faults import FAULTS, Row, Scene
from tests.faults.rig import HOST, Portal, Postgres, Relay, emptied, small_disk

ROOT = Path(__file__).parents[2]
REPORT = ROOT / "docs" / "reliability.md"
BEGIN, END = "<!-- make faults -->", "<!-- /make faults -->"
IS_ROOT = os.geteuid() == 0


@contextmanager
def on_sqlite(folder: Path) -> Iterator[Scene]:
    """A database in a file. Its disk is a small one for the fault of a full one, and the real one for read-only."""
    portal = Portal(f"sqlite:///{folder}/portal.sqlite", folder)
    with started(portal):
        yield Scene("SQLite", portal, portal.issue_key())


@contextmanager
def on_small_disk(folder: Path) -> Iterator[Scene]:
    with small_disk(folder) as disk:
        portal = Portal(f"sqlite:///{disk}/portal.sqlite", disk)
        with started(portal):
            yield Scene("SQLite", portal, portal.issue_key(), disk=disk)


@contextmanager
def on_postgresql(folder: Path) -> Iterator[Scene]:
    """A server on a small disk, behind a line that can be cut."""
    with ExitStack() as stack:
        disk = stack.enter_context(small_disk(folder / "disk")) if IS_ROOT else emptied(folder / "disk")
        server = Postgres(disk / "server")
        stack.callback(server.call, "stop")
        server.say("ALTER SYSTEM SET max_wal_size = '96MB'", "ALTER SYSTEM SET min_wal_size = '32MB'",
                   "SELECT pg_reload_conf()", "CREATE DATABASE portal")
        relay = Relay(server.socket)
        portal = Portal(f"postgresql://portal@{HOST}:{relay.port}/portal", emptied(folder / "portal"))
        stack.enter_context(started(portal))
        yield Scene("PostgreSQL", portal, portal.issue_key(), disk if IS_ROOT else None, server, relay)


@contextmanager
def started(portal: Portal) -> Iterator[None]:
    try:
        portal.start()
        yield
    finally:
        portal.stop()


def tried(scene: Scene, only: str) -> list[Row]:
    """Every fault in turn; one that breaks the rig is a row too."""
    for fault in FAULTS:
        if only and only not in fault.__name__:
            continue
        print(scene.name, fault.__name__, flush=True)
        try:
            fault(scene)
        except Exception as broken:
            scene.rows.append(Row(scene.name, fault.__name__, wrong=[f"{type(broken).__name__}: {broken}"[:200]]))
        for row in scene.rows[-1:]:
            print("   ", row.fault, row.seen, row.wrong, flush=True)
    return scene.rows


def mailed(portal: Portal, name: str) -> list[Row]:
    """The same database, after the portal was stopped, with a worker in this process."""
    portal.stop()
    os.environ.update({key: value for key, value in portal.environment.items() if key.startswith("PORTAL_")})
    print(name, "mail", flush=True)
    return letters.rows(create_app(), name)


def table(rows: list[Row]) -> str:
    lines = ["| database | fault | seen | held |", "| --- | --- | --- | --- |"]
    lines += [f"| {row.database} | {row.fault} | {'; '.join(row.seen)} | {'; '.join(row.wrong) or 'yes'} |"
              for row in rows]
    return "\n".join(lines)


def write(rows: list[Row]) -> None:
    """Put the table between its marks; what others wrote there stays."""
    today = datetime.now(UTC).strftime("%d %B %Y, %H:%M UTC")
    part = f"{BEGIN}\nLast run: {today}, {os.cpu_count()} cores. {sum(not row.wrong for row in rows)} of {len(rows)} " \
        f"rows held.\n\n{table(rows)}\n{END}"
    text = REPORT.read_text()
    REPORT.write_text(re.sub(f"{re.escape(BEGIN)}.*{re.escape(END)}", lambda _found: part, text, flags=re.DOTALL))


def main() -> None:
    asked = argparse.ArgumentParser(prog="make faults")
    asked.add_argument("--database", choices=["sqlite", "postgresql"])
    asked.add_argument("--only", default="", help="faults whose name has this word")
    given = asked.parse_args()
    folder, rows = Path(tempfile.mkdtemp(prefix="faults-")), list[Row]()
    folder.chmod(0o755)
    if given.database != "postgresql":
        with on_sqlite(emptied(folder / "sqlite")) as scene:
            rows += tried(scene, given.only)
            rows += mailed(scene.portal, "SQLite") if not given.only else []
        if IS_ROOT and (not given.only or given.only in "full"):
            with on_small_disk(folder / "small") as scene:
                rows += tried(scene, "full")
    if given.database != "sqlite":
        with on_postgresql(folder / "postgresql") as scene:
            rows += tried(scene, given.only)
            rows += mailed(scene.portal, "PostgreSQL") if not given.only else []
    print(table(rows))
    if not given.only and not given.database:
        write(rows)
    sys.exit(any(row.wrong for row in rows))


if __name__ == "__main__":
    main()
