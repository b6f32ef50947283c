"""`make bench`: one table of ratios from one run; ARGS=--quick for a small one. About five minutes in full.

ARGS=--scale measures instead what grows when records grow to ten million: half an hour and 15 GB of disk."""
import argparse
import sys
import tempfile
import time
from collections.abc import Callable

from portal.kit.db import engine
from tests.bench import (
    exchange,
    exchange_growth,
    growing,
    house,
    ingesting,
    oversight_figures,
    oversight_tasks,
    pages,
    proxied,
    receipts,
    scale,
    searching,
    submitting,
    waiting,
)
from tests.bench.measuring import FULL, QUICK, Row, Size, say, table
from tests.bench.server import serving


def measured(what: str, measure: Callable[[], list[Row]]) -> list[Row]:
    """The rows of one part; a part that fails is named in the table, and the others still come."""
    try:
        return measure()
    except Exception as failure:
        say(f"{what} failed: {failure}")
        return [Row(what, f"FAILED: {type(failure).__name__}", met=False)]


def on_database(url: str, folder: str, name: str, size: Size) -> list[Row]:
    """Everything that depends on the database; what does not, once, on SQLite."""
    first = name == "SQLite"
    say(f"{name}: migrating and loading the catalogue")
    app = house.opened(url, folder)
    town = submitting.town(app)
    with app.app_context():
        codes = house.publish_records(size)
    agency = submitting.open_dossiers(app, town, size)
    with app.app_context():
        house.settled()
    say(f"{name}: pages over HTTP")
    with serving() as server:
        rows = measured(f"public pages, {name}", lambda: pages.public(server, codes, size, name))
        rows += measured(f"through the proxy, {name}", lambda: proxied.hot(server, codes, size, name))
        weights = measured("weight of pages", lambda: pages.weight(server)) if first else []
    say(f"{name}: search")
    rows += measured(f"search, {name}", lambda: searching.catalogue(app, size, name))
    rows += measured(f"submit, {name}", lambda: submitting.handing_in(app, town, size, name))
    say(f"{name}: saving a form step, officers' queue")
    rows += measured(f"saving a form step, {name}", lambda: submitting.saving(app, town, size, name))
    rows += measured(f"officers' queue, {name}", lambda: pages.queue(app, agency, size, name))
    rows += measured(f"counting the tabs of that queue, {name}", lambda: pages.tabs(app, agency, size, name))
    rows += measured(f"batches of progress records, {name}", lambda: ingesting.taking(app, size, name))
    rows += measured(f"messages between agencies, {name}", lambda: exchange.traffic(app, size, name))
    rows += measured(f"a large attachment, {name}", lambda: exchange.large(folder, name)) if first else []
    if first:
        say("receipts, then starting")
        rows += measured("receipts", lambda: receipts.receipts(app, size))
        rows += measured("importing the application", lambda: pages.start_up(size)) + weights
        rows += measured("search of many names", lambda: growing.names_in_memory(app, size))
    rows += measured(f"directory of many services, {name}", lambda: growing.directory_of_many(app, name))
    rows += measured(f"pages while work waits, {name}", lambda: waiting.waiting(app, size, name))
    with app.app_context():
        engine().dispose()
    return rows


def main() -> int:
    """Measure, then print the table. 0 however it went: a figure is not a test."""
    asked = argparse.ArgumentParser(prog="make bench", description=__doc__)
    asked.add_argument("--quick", action="store_true", help="a tenth of the data, shorter turns")
    asked.add_argument("--sqlite-only", action="store_true", help="leave PostgreSQL out")
    asked.add_argument("--scale", action="store_true", help="instead: what grows when the records grow")
    asked.add_argument("--records", type=int, default=scale.TEN_MILLION, help="of --scale, a tenth of them on SQLite")
    asked.add_argument("--documents", type=int, nargs="?", const=exchange_growth.MILLION, metavar="N",
                       help="instead: what grows when documents between agencies grow (a million, or N)")
    asked.add_argument("--exchange", action="store_true", help="of documents between agencies alone")
    asked.add_argument("--tasks", type=int, nargs="?", const=oversight_tasks.MANY, metavar="N",
                       help="instead: what grows when tasks of the Government grow (100,000 directives, or N)")
    asked.add_argument("--figures", action="store_true",
                       help="instead: figures of 93 agencies over 40 quarters and 200 indicators")
    given = asked.parse_args()
    size, start = QUICK if given.quick else FULL, time.monotonic()
    if given.documents:
        rows = by_documents(given.documents)
    elif given.tasks:
        rows = by_tasks(given.tasks, given.sqlite_only)
    elif given.figures:
        rows = by_figures(given.sqlite_only)
    elif given.scale:
        rows = by_size(given.records, given.sqlite_only)
    else:
        rows = by_part(size, given.sqlite_only, exchange_on if given.exchange else on_database)
    print(table(rows))
    goals = [row.met for row in rows if row.met is not None]
    print(f"\n{sum(goals)} of {len(goals)} goals met; {size.rounds} interleaved rounds, medians; "
          f"{time.monotonic() - start:.0f} s in all.")
    return 0


def by_size(records: int, sqlite_only: bool) -> list[Row]:
    """What grows when the records grow."""
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
        rows = [] if sqlite_only else measured("PostgreSQL", lambda: scale.on_postgres(folder, records, measured))
        return rows + measured("SQLite", lambda: scale.on_sqlite(folder, records // scale.LESS_ON_SQLITE, measured))


def by_documents(documents: int) -> list[Row]:
    """What grows when documents between agencies grow."""
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
        return measured("documents", lambda: exchange_growth.on_postgres(folder, documents, measured))


def by_tasks(directives: int, sqlite_only: bool) -> list[Row]:
    """What grows when directives grow."""
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
        return [row for name in (*(() if sqlite_only else ("PostgreSQL",)), "SQLite")
                for row in measured(f"tasks, {name}", lambda name=name: oversight_tasks.on_database(  # type: ignore[misc]
                    folder, name, directives))]


def by_figures(sqlite_only: bool) -> list[Row]:
    """What figures of agencies cost when quarters go by."""
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
        rows = measured("figures", lambda: oversight_figures.on_sqlite(folder, measured))
        return rows if sqlite_only else rows + measured(
            "figures", lambda: oversight_figures.on_postgres(folder, measured))


def exchange_on(url: str, folder: str, name: str, size: Size) -> list[Row]:
    """Documents between agencies alone."""
    say(f"{name}: migrating and loading the catalogue")
    app = house.opened(url, folder)
    rows = measured(f"messages between agencies, {name}", lambda: exchange.traffic(app, size, name))
    if name == "SQLite":
        rows += measured("a large attachment", lambda: exchange.large(folder, name))
    with app.app_context():
        engine().dispose()
    return rows


def by_part(size: Size, sqlite_only: bool, on_database: Callable[..., list[Row]]) -> list[Row]:
    """The portal part by part, each against what does the same work bare."""
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
        rows = on_database(f"sqlite:///{folder}/bench.sqlite", folder, "SQLite", size)
        if sqlite_only:
            say("PostgreSQL left out")
        else:
            with house.postgres_database() as url:
                if url:
                    rows += on_database(url, folder, "PostgreSQL", size)
                else:
                    say("no PostgreSQL here: its lines are missing (PORTAL_TEST_POSTGRES_URL names one)")
    return rows


if __name__ == "__main__":
    sys.exit(main())
