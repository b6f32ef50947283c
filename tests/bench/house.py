"""A portal of the bench's own, filled in bulk: in a temporary folder, or in a PostgreSQL database dropped after."""
import os
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import create_engine, select, text

from portal import create_app
from portal.catalogue import actions as catalogue
from portal.catalogue import queries as catalogue_now
from portal.catalogue.models import Procedure, Service
from portal.cli.database import upgrade_to_head
from portal.kit.db import engine, session, transaction
from portal.people.models import Agency
from portal.progress import actions as progress
from tests.bench.measuring import Size, say
from tools import postgres_for_tests as postgres

PROCEDURE, AGENCY = "1.001193", "H17"
NOW = datetime.now(UTC).replace(microsecond=0)
# (status, steps taken, accepted, finished, timing): what ten records in a row are
LIVES: tuple[tuple[int, tuple[str, ...], bool, bool, str | None], ...] = (
    (10, ("submit", "claim", "accept", "process", "decide", "hand_over"), True, True, "early"),
    (10, ("submit", "claim", "accept", "process", "decide", "hand_over"), True, True, "on_time"),
    (10, ("submit", "claim", "accept", "decide", "hand_over"), True, True, "late"),
    (9, ("submit", "claim", "accept", "process", "decide"), True, True, "early"),
    (10, ("submit", "claim", "accept", "ask", "answer", "decide", "hand_over"), True, True, "on_time"),
    (4, ("submit", "claim", "accept", "process"), True, False, None),
    (2, ("submit", "claim", "accept"), True, False, None),
    (1, ("submit",), False, False, None),
    (3, ("submit", "claim", "refuse"), False, True, None),
    (10, ("submit", "claim", "accept", "process", "decide", "hand_over"), True, True, "early"),
)
AFTER = {"submit": 1, "claim": 1, "accept": 2, "process": 4, "ask": 5, "answer": 4, "decide": 9, "hand_over": 10,
         "refuse": 3}


@contextmanager
def postgres_database(purpose: str = "", template: str | None = None) -> Iterator[str | None]:
    """The URL of a new database on the server that tests use, empty or a copy of that of another purpose; dropped
    at the end. None without a server."""
    found = postgres.find()
    if found is None:
        yield None
        return
    server, name = postgres.server_of(found), f"portal_bench_{os.getpid()}{purpose}"
    copied = f' TEMPLATE "portal_bench_{os.getpid()}{template}"' if template is not None else ""
    maintenance = create_engine(server.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with maintenance.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"{copied}'))
    try:
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        with maintenance.connect() as connection:
            connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        maintenance.dispose()


def opened(url: str, folder: str) -> Flask:
    """A production application on this new database, with the real catalogue."""
    app = opened_again(url, folder)
    with app.app_context():
        upgrade_to_head(app)
        with transaction():
            catalogue.load_reference()
        catalogue_now.directory()
    return app


def opened_again(url: str, folder: str) -> Flask:
    """The same over a database that has its tables and the catalogue. Settings go by the environment, so that the
    web server started later has the same."""
    os.environ |= {"PORTAL_DATABASE_URL": url, "PORTAL_FILES_FOLDER": f"{folder}/files",
                   "PORTAL_DEMONSTRATION": "0", "PORTAL_INSECURE_HTTP": "1", "PORTAL_PUBLIC_READS_PER_MINUTE": "0",
                   "PORTAL_SECRET_KEY": f"k{secrets.token_hex(16)}"}
    return create_app()


def bulk(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Many rows by the driver's fastest way, committed."""
    raw = engine().raw_connection()
    names = ", ".join(columns)
    try:
        with closing(raw.cursor()) as cursor:
            if engine().dialect.name == "postgresql":
                with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(row)
            else:
                cursor.execute("BEGIN IMMEDIATE")
                marks = ", ".join("?" * len(columns))
                cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})",  # noqa: S608
                                   [tuple(map(_sqlite, row)) for row in rows])
        raw.commit()
    finally:
        raw.close()


def _sqlite(value: Any) -> Any:
    return value.strftime("%Y-%m-%d %H:%M:%S.%f") if isinstance(value, datetime) else value


def settled() -> None:
    """Let the planner know what was loaded, as autovacuum would a minute later; go on the sequences' numbers."""
    if engine().dialect.name != "postgresql":
        return
    with engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in ("progress_record", "dossier", "attachment"):
            connection.execute(text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), "  # noqa: S608
                                    f"(SELECT coalesce(max(id), 0) + 1 FROM {table}))"))
        connection.execute(text("VACUUM (ANALYZE)"))


def agencies() -> list[Agency]:
    """Today's agencies that offer the procedure of the bench."""
    return list(session.scalars(select(Agency).join(Service, Service.agency_id == Agency.id).join(Service.procedure)
                                .where(Procedure.code == PROCEDURE, Agency.valid_to.is_(None),
                                       Agency.code.is_not(None)).order_by(Agency.code)))


def code_of(number: int, agency_code: str) -> str:
    """The dossier code of the record with this number."""
    day = NOW - timedelta(days=number % 360 + 5)
    return f"{agency_code}-{day:%y%m%d}-{number + 1:06}"


def publish_records(size: Size) -> list[str]:
    """Public records with their steps and counters, in bulk. The codes."""
    say(f"{size.records:,} public records")
    places = [(a.id, a.code or "") for a in agencies()]
    name = session.scalar(select(Procedure.name).where(Procedure.code == PROCEDURE)) or ""
    session.rollback()
    records, steps, codes = [], [], []
    for n in range(size.records):
        (agency_id, agency_code), (status, taken, accepted, finished, timing) = places[n % len(places)], LIVES[n % 10]
        start = NOW - timedelta(days=n % 360 + 5, minutes=n % 600)
        last = start + timedelta(hours=5 * (len(taken) - 1))
        codes.append(code_of(n, agency_code))
        records.append((n + 1, codes[-1], agency_id, PROCEDURE, name, 4, "online", status, start,
                        start + timedelta(hours=10) if accepted else None,
                        start + timedelta(days=5) if accepted else None, None, last if finished else None, timing,
                        last))
        steps += [(n + 1, at + 1, step, AFTER[step], start + timedelta(hours=5 * at), PROCEDURE, 4)
                  for at, step in enumerate(taken)]
    bulk("progress_record", ("id", "code", "agency_id", "procedure_code", "service_name", "level", "channel",
                             "status", "submitted_at", "received_at", "due_at", "stopped_at", "finished_at",
                             "timing", "changed_at"), records)
    bulk("progress_step", ("record_id", "position", "step", "status", "at", "procedure_code", "level"), steps)
    with transaction():
        progress.recount()
    return codes
