"""`make bench ARGS=--scale`: what grows when the records grow from 100,000 to ten million. About half an hour.

Three databases of three sizes stand side by side, each behind a web server of its own, and are asked in turn: a ratio
of sizes comes from the same minutes.
"""
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from shutil import copy
from time import monotonic

from flask import Flask
from sqlalchemy import select

from portal.kit import clock, db
from portal.kit.db import engine, session, transaction
from portal.progress import actions
from portal.progress.models import ProgressRecord
from tests.bench import house, scale_lives, scale_load, scale_pages, scale_work
from tests.bench.measuring import Row, say
from tests.bench.server import Server, serving

TEN_MILLION, LESS_ON_SQLITE = 10_000_000, 10
STEPS = (100, 10, 1)  # the sizes: a hundredth, a tenth, all
CODES = 3_000
Measured = Callable[[str, Callable[[], list[Row]]], list[Row]]


@dataclass
class Stage:
    """A database of one size, what serves it, and codes at random from all of it."""

    records: int
    url: str
    app: Flask
    server: Server
    codes: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return said(self.records)

    @contextmanager
    def open(self) -> Iterator[None]:
        """Sessions are this database's meanwhile."""
        db.new_session.configure(bind=self.app.extensions["engine"])
        with self.app.app_context():
            yield

    @property
    def environment(self) -> dict[str, str]:
        """For a process of its own over this database."""
        return {"PORTAL_DATABASE_URL": self.url}


def said(n: int) -> str:
    """A size in few letters: 100 k, 10 M."""
    return next((f"{n // unit} {letter}" for unit, letter in ((1_000_000, "M"), (1_000, "k")) if n % unit == 0), str(n))


def on_postgres(folder: str, records: int, measured: Measured) -> list[Row]:
    """The rows of PostgreSQL; none without a server."""
    with ExitStack() as held:
        first = held.enter_context(house.postgres_database("scale"))
        if first is None:
            say("no PostgreSQL here: its lines are missing (PORTAL_TEST_POSTGRES_URL names one)")
            return []
        nation = _first(first, folder)
        urls = [held.enter_context(house.postgres_database(f"scale_{n}", template="scale")) for n in STEPS]
        return _measured_on("PostgreSQL", [str(url) for url in urls], nation, folder, records, measured)


def on_sqlite(folder: str, records: int, measured: Measured) -> list[Row]:
    """The rows of SQLite, over fewer records."""
    first = Path(folder) / "scale.sqlite"
    nation = _first(f"sqlite:///{first}", folder)
    paths = [Path(folder) / f"scale_{n}.sqlite" for n in STEPS]
    for path in paths:
        copy(first, path)
    return _measured_on("SQLite", [f"sqlite:///{path}" for path in paths], nation, folder, records, measured)


def _first(url: str, folder: str) -> scale_lives.Nation:
    """A database with the catalogue alone, to copy; and who is in it."""
    say("migrating and loading the catalogue")
    app = house.opened(url, folder)
    with app.app_context():
        nation = scale_lives.nation(int(clock.now().timestamp()), clock.today())
        session.rollback()
        engine().dispose()
    return nation


def _measured_on(on: str, urls: list[str], nation: scale_lives.Nation, folder: str, records: int,
                 measured: Measured) -> list[Row]:
    with ExitStack() as held:
        stages, rows = list[Stage](), list[Row]()
        for url, part in zip(urls, STEPS, strict=True):
            n = records // part
            rows += measured(f"loading {said(n)}, {on}", lambda n=n, url=url: [  # type: ignore[misc]
                _loaded(on, url, nation, folder, n, stages, held)])
        if len(stages) == len(STEPS):
            for what, part_of in {
                    "pages": scale_pages.pages, "pages after commits": scale_pages.after_commits,
                    "buffers": scale_pages.buffers, "figures": scale_pages.figures,
                    "the night's jobs": scale_work.night, "memory of the web process": scale_work.web_memory,
                    "batches": scale_work.batches, "16 writers": scale_work.counting}.items():
                say(f"{what}, {on}")
                rows += measured(f"{what}, {on}", lambda part_of=part_of: part_of(stages, on))  # type: ignore[misc]
        for stage in stages:
            stage.app.extensions["engine"].dispose()
    return rows


def _loaded(on: str, url: str, nation: scale_lives.Nation, folder: str, n: int, stages: list[Stage],
            held: ExitStack) -> Row:
    say(f"{n:,} records, {on}")
    app = house.opened_again(url, folder)
    spent, start = scale_load.load(url, nation, 1, n + 1), monotonic()
    with app.app_context():
        say("counting")
        with transaction():
            counters = len(actions.recount())
        counting = monotonic() - start
        if engine().dialect.name == "postgresql":
            scale_load.vacuum(scale_load.plain(url), ("progress_month", "progress_open", "progress_side"))
        picked = Random(n).sample(range(1, n + 1), min(CODES, n))
        codes = list(session.scalars(select(ProgressRecord.code).where(ProgressRecord.id.in_(picked))))
        session.rollback()
    stages.append(Stage(n, url, app, held.enter_context(serving()), codes))
    return Row(f"loading {said(n)} records of {len(nation.bodies)} agencies with steps and changes, {on}",
               f"{spent:.0f} s, {n / spent:,.0f}/s", ratio=f"{counters:,} counters from nothing in {counting:.0f} s")
