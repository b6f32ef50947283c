"""Getting ten million dossiers into a database: COPY by two processes into tables without indexes, which are built
anew afterwards as the migrations have them. On SQLite executemany, into the tables as they are."""
import multiprocessing
import sqlite3
import struct
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import psycopg
from sqlalchemy.engine import make_url

from tests.bench.measuring import say
from tests.bench.scale_lives import ASKED, ENDS, WALKS, Life, Nation, lives

RECORD = ("id", "submitted_at", "changed_at", "received_at", "due_at", "first_due_at", "stopped_at", "finished_at",
          "code", "agency_id", "status", "channel", "timing", "source", "corrected", "procedure_code",
          "service_name", "level", "sector_id")
STEP = ("record_id", "at", "position", "status", "step", "sequence", "procedure_code", "level")
CHANGE = ("position", "at", "status", "code")
TABLES = {"progress_record": RECORD, "progress_step": STEP, "progress_change": CHANGE}
PIECE = 10_000
PROCESSES = 2
HEAD, END = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"
NULL = b"\xff\xff\xff\xff"
CENTURY = 946_684_800  # where PostgreSQL's time begins
BUILDING = "SET maintenance_work_mem = '1GB'; SET synchronous_commit = off"


def load(url: str, of: Nation, first: int, last: int) -> float:
    """Dossiers `first` up to `last`, with steps and a change each. Returns the seconds; shows how far it is."""
    start = time.monotonic()
    if make_url(url).get_backend_name() == "sqlite":
        _fill_sqlite(url, of, first, last)
    else:
        with bare_tables(plain(url), TABLES):
            _in_processes(plain(url), of, first, last)
        _settle(plain(url), last)
    return time.monotonic() - start


def plain(url: str) -> str:
    """The URL as the driver itself takes it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


class Bar:
    """How far it is, on the terminal; a line every ten seconds where there is none."""

    def __init__(self, total: int) -> None:
        self.total, self.start, self.said, self.over = total, time.monotonic(), 0.0, False

    def show(self, done: int) -> None:
        spent = time.monotonic() - self.start
        if self.over or (spent - self.said < (0.3 if sys.stderr.isatty() else 10) and done < self.total):
            return
        self.over, self.said, rate = done >= self.total, spent, done / spent if spent else 0
        left = (self.total - done) / rate if rate else 0
        filled = "█" * (30 * done // self.total)
        line = f"{filled:░<30} {done:,} of {self.total:,}  {rate:,.0f}/s  {left:,.0f} s left"
        print(f"\r{line}   " if sys.stderr.isatty() else line, end="" if sys.stderr.isatty() else "\n", file=sys.stderr,
              flush=True)
        if done >= self.total and sys.stderr.isatty():
            print(file=sys.stderr)


def _in_processes(url: str, of: Nation, first: int, last: int) -> None:
    apart = multiprocessing.get_context("spawn")
    done, share = apart.Value("q", 0), (last - first) // PROCESSES
    edges = [first + share * n for n in range(PROCESSES)] + [last]
    running = [apart.Process(target=_copy, args=(url, of, *edges[n:n + 2], done)) for n in range(PROCESSES)]
    for process in running:
        process.start()
    bar = Bar(last - first)
    while any(process.is_alive() for process in running):
        time.sleep(0.2)
        bar.show(done.value)
    if any(process.exitcode for process in running):
        raise RuntimeError("a loading process failed")


def _copy(url: str, of: Nation, first: int, last: int, done: Any) -> None:
    told, packed = lives(of, first, last), _Packed(of)
    with psycopg.connect(url, autocommit=True) as line, line.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        while piece := list(islice(told, PIECE)):
            for table, rows in packed.tables(piece).items():
                with cursor.copy(f"COPY {table} ({', '.join(TABLES[table])}) FROM STDIN (FORMAT BINARY)") as copy:
                    copy.write(HEAD + rows + END)
            with done.get_lock():
                done.value += len(piece)


class _Packed:
    """Rows as binary COPY has them, one `pack` for the moments of a record: what many have in common is packed once."""

    def __init__(self, of: Nation) -> None:
        self.offers = [_text(each.code) + _text(each.name) + struct.pack(">ii", 4, each.level) + (
            NULL if each.sector_id is None else struct.pack(">ii", 4, each.sector_id)) for each in of.offers]
        self.named = [_text(each.code) + struct.pack(">ii", 4, each.level) for each in of.offers]
        self.ending: dict[tuple[Any, ...], bytes] = {}
        self.walks = [_Walk(walk) for walk in WALKS]

    def tables(self, piece: list[Life]) -> dict[str, bytes]:
        records, steps, changes = list[bytes](), list[bytes](), list[bytes]()
        for life in piece:
            id_, code, agency_id, offer, channel, timing, due, walk, at = life
            of, moments, text = self.walks[walk], [(each - CENTURY) * 1_000_000 for each in at], _text(code)
            key = (agency_id, walk, channel, timing)
            if (end := self.ending.get(key)) is None:
                end = self.ending[key] = struct.pack(">iiii", 4, agency_id, 4, life.status) + _text(channel) + (
                    _text(timing) if timing else NULL) + _text("feed") + b"\0\0\0\1\0"
            records += (of.record(id_, moments, due), text, end, self.offers[offer])
            steps += of.steps(id_, moments, self.named[offer])
            changes += (_change(len(CHANGE), 8, id_, 8, moments[-1], 4, life.status), text)
        return {"progress_record": b"".join(records), "progress_step": b"".join(steps),
                "progress_change": b"".join(changes)}


_change = struct.Struct(">hiqiqii").pack


class _Walk:
    """The layout of what a walk leaves behind."""

    def __init__(self, walk: tuple[tuple[str, int], ...]) -> None:
        self.tails = [struct.pack(">iiii", 4, n, 4, status) + _text(word) + struct.pack(">ii", 4, 0)
                      for n, (word, status) in enumerate(walk, 1)]
        self.ends, self.asked = ENDS[WALKS.index(walk)], walk[-1][1] == ASKED

    def steps(self, id_: int, moments: list[int], named: bytes) -> Iterator[bytes]:
        for moment, tail in zip(moments, self.tails, strict=True):
            yield _step_head(len(STEP), 4, id_, 8, moment)
            yield tail
            yield named

    def record(self, id_: int, moments: list[int], due: int | None) -> bytes:
        head = _head(len(RECORD), 4, id_, 8, moments[0], 8, moments[-1])
        if due is None:
            return head + NULL * 4 + (_one(8, moments[self.ends]) if self.ends else NULL)
        until = (due - CENTURY) * 1_000_000
        return head + _three(8, moments[1], 8, until, 8, until) + (_one(8, moments[-1]) if self.asked else NULL) + (
            _one(8, moments[self.ends]) if self.ends else NULL)


_head, _step_head, _one, _three = (struct.Struct(form).pack for form in (">hiiiqiq", ">hiiiq", ">iq", ">iqiqiq"))


def _text(value: str) -> bytes:
    plain_ = value.encode()
    return struct.pack(">i", len(plain_)) + plain_


@contextmanager
def bare_tables(url: str, tables: Iterable[str]) -> Iterator[None]:
    """Without keys and indexes inside; afterwards they are built as they were, two at a time."""
    names = list(tables)
    with psycopg.connect(url, autocommit=True) as line:
        keys = line.execute(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), contype FROM pg_constraint"
            " WHERE contype IN ('p', 'u', 'f') AND (conrelid = ANY(%(of)s::regclass[]) OR confrelid ="
            " ANY(%(of)s::regclass[])) ORDER BY contype = 'f' DESC, conname", {"of": names}).fetchall()
        indexes = line.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s) AND indexname <> ALL(%s)",
            (names, [name for _table, name, _made, _kind in keys])).fetchall()
        for table, name, _made, _kind in keys:
            line.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        for name, _made in indexes:
            line.execute(f"DROP INDEX {name}")
        for table in names:
            line.execute(f"ALTER TABLE {table} SET (autovacuum_enabled = false)")
    yield
    add = {(table, name): f"ALTER TABLE {table} ADD CONSTRAINT {name} {made}" for table, name, made, _kind in keys}
    foreign = {(table, name) for table, name, _made, kind in keys if kind == "f"}
    say("building the indexes")
    _each(url, {table: [made for (of, _name), made in add.items() if of == table and (of, _name) not in foreign] +
                [made for _name, made in indexes if f" {table} " in made or f".{table} " in made] for table in names})
    say("checking the keys")
    _each(url, {table: [made for key, made in add.items() if key in foreign and key[0] == table]
                for table in {table for table, _name in foreign}})


def _settle(url: str, last: int) -> None:
    """The feed's last position, the sequence, and what the planner knows, as autovacuum would find out later."""
    say("vacuum")
    with psycopg.connect(url, autocommit=True) as line:
        line.execute("INSERT INTO progress_position (id, n) VALUES (1, %(n)s) ON CONFLICT (id) DO UPDATE SET n = %(n)s",
                     {"n": last})
        line.execute("SELECT setval(pg_get_serial_sequence('progress_record', 'id'), %s)", (last,))
    vacuum(url, TABLES)


def vacuum(url: str, tables: Iterable[str]) -> None:
    """What autovacuum would do a minute later, in the middle of a measurement."""
    _each(url, {table: [f"VACUUM (ANALYZE) {table}"] for table in tables})


def _each(url: str, orders: dict[str, list[str]]) -> None:
    """Each table's statements one after another, two tables at a time."""
    def obey(statements: list[str]) -> None:
        with psycopg.connect(url, autocommit=True) as line:
            line.execute(BUILDING)
            for statement in statements:
                line.execute(statement)

    with ThreadPoolExecutor(PROCESSES) as pool:
        list(pool.map(obey, orders.values()))


def _fill_sqlite(url: str, of: Nation, first: int, last: int) -> None:
    told, bar, done = lives(of, first, last), Bar(last - first), 0
    with closing(sqlite3.connect(make_url(url).database or "", isolation_level=None)) as line:
        line.execute("PRAGMA synchronous = OFF")
        line.execute("PRAGMA cache_size = -1000000")
        while piece := list(islice(told, PIECE)):
            line.execute("BEGIN IMMEDIATE")
            for table, rows in _sqlite_rows(of, piece).items():
                columns = TABLES[table]
                line.executemany(f"INSERT INTO {table} ({', '.join(columns)}) "  # noqa: S608
                                 f"VALUES ({', '.join('?' * len(columns))})", rows)
            line.execute("COMMIT")
            done += len(piece)
            bar.show(done)
        line.execute("INSERT OR REPLACE INTO progress_position (id, n) VALUES (1, ?)", (last,))
        line.execute("ANALYZE")
        line.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _sqlite_rows(of: Nation, piece: list[Life]) -> dict[str, list[tuple[Any, ...]]]:
    records, steps, changes = list[Any](), list[Any](), list[Any]()
    for life in piece:
        offer, due, at = of.offers[life.offer], _written(life.due), [_written(each) for each in life.at]
        records.append((life.id, at[0], at[-1], _written(life.received), due, due, _written(life.stopped),
                        _written(life.finished), life.code, life.agency_id, life.status, life.channel, life.timing,
                        "feed", 0, offer.code, offer.name, offer.level, offer.sector_id))
        steps += [(life.id, moment, n, status, word, 0, offer.code, offer.level)
                  for n, (moment, (word, status)) in enumerate(zip(at, WALKS[life.walk], strict=True), 1)]
        changes.append((life.id, at[-1], life.status, life.code))
    return {"progress_record": records, "progress_step": steps, "progress_change": changes}


def _written(at: int | None) -> str | None:
    return None if at is None else f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S}.000000"
