"""Figures of 93 agencies over 40 quarters and 200 indicators: what pages and files of any day cost against one
dossier's page, and against a tenth of the figures. Two databases stand side by side and are asked in turn.

What figures come to in words is kept for as long as they are the same, so each page is asked once before it is
measured; what it costs the first time is a line of its own."""
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text

from portal.kit import db
from portal.kit.db import engine, session, transaction
from portal.oversight import history
from portal.oversight.figures import Group, Theme
from portal.oversight.live import SUMMED
from portal.oversight.measures import MEASURES
from portal.oversight.models import ReportIndicator
from portal.oversight.periods import before, days_of, period_of
from portal.people.models import Agency, AgencyKind
from tests.bench import house
from tests.bench.measuring import QUICK, Row, in_turn, ratio, say

AGENCIES, QUARTERS, REPORTED = 93, 40, 200
LESS = 10  # the small database has so many times fewer quarters
AT_MOST, GROWTH, ROUNDS, ASKED = 3.0, 1.2, 9, 6
SOME = 12  # agencies and indicators whose pages are asked for
RECORDS = 2_000
KEY = "bench.chi_tieu_{:03}"
#: what is published of the country and its groups: history, and what is counted since
OF_GROUPS = sorted({one.indicator for one in history.figures()} | {MEASURES[key].indicator for key in SUMMED})
Measured = Callable[[str, Callable[[], list[Row]]], list[Row]]
_COLUMNS = ("indicator", "group_key", "on_day", "value", "as_published", "denominator", "share", "source", "confidence",
            "names", "loaded_at")


@dataclass
class Stage:
    """A database with figures of so many quarters."""

    quarters: int
    app: Flask
    client: FlaskClient
    codes: list[str]
    agencies: list[str]

    @contextmanager
    def open(self) -> Iterator[None]:
        """Sessions are this database's meanwhile."""
        db.new_session.configure(bind=self.app.extensions["engine"])
        with self.app.app_context():
            yield


def on_sqlite(folder: str, measured: Measured) -> list[Row]:
    """The rows on SQLite."""
    first = Path(folder) / "figures.sqlite"
    codes, agencies = _prepared(f"sqlite:///{first}", folder)
    urls = {}
    for quarters in (QUARTERS // LESS, QUARTERS):
        place = Path(folder) / f"figures_{quarters}.sqlite"
        shutil.copy(first, place)
        urls[quarters] = f"sqlite:///{place}"
    return measured("figures of agencies, SQLite", lambda: _compared(urls, folder, codes, agencies, "SQLite"))


def on_postgres(folder: str, measured: Measured) -> list[Row]:
    """The rows on PostgreSQL; none without a server."""
    with ExitStack() as held:
        first = held.enter_context(house.postgres_database("figures"))
        if first is None:
            say("no PostgreSQL here: its lines are missing (PORTAL_TEST_POSTGRES_URL names one)")
            return []
        codes, agencies = _prepared(first, folder)
        urls = {quarters: str(held.enter_context(house.postgres_database(f"figures_{quarters}", template="figures")))
                for quarters in (QUARTERS // LESS, QUARTERS)}
        return measured("figures of agencies, PostgreSQL",
                        lambda: _compared(urls, folder, codes, agencies, "PostgreSQL"))


def _prepared(url: str, folder: str) -> tuple[list[str], list[str]]:
    """A portal with some dossiers and 93 agencies: codes and keys."""
    say("figures: migrating and loading the catalogue")
    app = house.opened(url, folder)
    with app.app_context():
        codes = house.publish_records(replace(QUICK, records=RECORDS))
        with transaction():
            missing = AGENCIES - (session.scalar(select(func.count()).where(Agency.valid_to.is_(None))) or 0)
            session.add_all(Agency(key=f"X{n:02}", name=f"Cơ quan {n}", kind=AgencyKind.ministry)
                            for n in range(missing))
            session.add_all(ReportIndicator(
                key=KEY.format(n), theme=list(Theme)[n % len(Theme)], unit="dossiers", grows=n % 5 == 0,
                words={"vi": f"Chỉ tiêu {n}", "en": f"Indicator {n}"}, means={}) for n in range(REPORTED))
        agencies = list(session.scalars(select(Agency.key).where(Agency.valid_to.is_(None)).order_by(Agency.key)))
        session.rollback()
        house.settled()
        engine().dispose()
    return codes, agencies


def _compared(urls: dict[int, str], folder: str, codes: list[str], agencies: list[str], on: str) -> list[Row]:
    stages, rows = [], []
    for quarters, url in urls.items():
        app = house.opened_again(url, folder)
        db.new_session.configure(bind=app.extensions["engine"])
        start = time.monotonic()
        with app.app_context():
            house.bulk("oversight_figure", _COLUMNS, _figures(agencies, quarters))
            _analysed()
        n = quarters * (len(agencies) * REPORTED + len(Group) * len(OF_GROUPS))
        rows.append(Row(f"{n:,} figures loaded, {on}", f"{time.monotonic() - start:,.0f} s"))
        stages.append(Stage(quarters, app, app.test_client(), codes, agencies))
    try:
        return rows + _pages(stages, on)
    finally:
        for stage in stages:
            stage.app.extensions["engine"].dispose()


def _figures(agencies: Sequence[str], quarters: int) -> Iterator[tuple[Any, ...]]:
    """The newest quarter is the same in both databases; half of the figures have a denominator."""
    period = before(period_of(date.today(), "quarter"))
    reported = [KEY.format(n) for n in range(REPORTED)]
    for back in range(quarters):
        on = days_of(period)[1]
        for groups, keys in ((agencies, reported), (list(Group), OF_GROUPS)):
            for at, group in enumerate(groups):
                for n, key in enumerate(keys):
                    value, of = (n * 7 + at * 13 + quarters - back) % 900, 1000 if n % 2 else None
                    yield (key, str(group), on, str(value), f"{value}", of, "", f"Báo cáo {period}, {group}", "H", "[]",
                           house.NOW)
        period = before(period)


def _analysed() -> None:
    with engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM (ANALYZE) oversight_figure" if engine().dialect.name == "postgresql"
                                else "ANALYZE"))


def _pages(stages: list[Stage], on: str) -> list[Row]:
    small, large = stages
    newest = days_of(before(period_of(date.today(), "quarter")))[1].isoformat()
    then = days_of(before(before(period_of(date.today(), "quarter"))))[1].isoformat()
    asks: dict[str, Callable[[Stage, int], str]] = {
        "one dossier's page": lambda stage, n: f"/progress/{stage.codes[n % len(stage.codes)]}",
        "figures of today": lambda _stage, _n: "/oversight",
        "figures of a day before": lambda _stage, _n: f"/oversight?on={then}",
        "figures of an agency": lambda stage, n: f"/oversight/agencies/{stage.agencies[n % SOME]}?on={newest}",
        "an indicator over all agencies": lambda _stage, n: f"/oversight/indicators/{KEY.format(n % SOME)}",
        "an indicator of an agency": lambda stage, n: (f"/oversight/indicators/{KEY.format(n % SOME)}"
                                                       f"?agency={stage.agencies[n % SOME]}"),
        "figures as JSON": lambda _stage, _n: "/oversight.json",
        "figures as CSV": lambda _stage, _n: "/oversight.csv",
        "an agency's as JSON": lambda stage, n: f"/oversight.json?agency={stage.agencies[n % SOME]}"}
    variants = {f"{what}@{stage.quarters}": _turn(stage, path) for what, path in asks.items() for stage in stages}
    first = {name: act() for name, act in variants.items()}
    for act in variants.values():
        act()
    series, rows = in_turn(variants, ROUNDS), []
    base, *others = asks
    for what in others:
        own, less, page = (f"{what}@{large.quarters}", f"{what}@{small.quarters}", f"{base}@{large.quarters}")
        times, grown = ratio(series, own, page), ratio(series, own, less)
        rows.append(Row(f"{what}, {on}", f"{median(series[own]):.1f} ms",
                        f"{median(series[page]):.1f} ms (a dossier), {median(series[less]):.1f} ms (a tenth)",
                        f"{times:.2f}, {grown:.2f}", f"<= {AT_MOST}, <= {GROWTH}",
                        times <= AT_MOST and grown <= GROWTH))
        rows.append(Row(f"the same, asked for the first time, {on}", f"{first[own]:.1f} ms", f"{first[less]:.1f} ms"))
    return rows


def _turn(stage: Stage, path: Callable[[Stage, int], str]) -> Callable[[], float]:
    """Milliseconds that one takes, whole: this process and the database."""
    asks = count()

    def act() -> float:
        spent = []
        with stage.open():
            for _ in range(ASKED):
                at, start = path(stage, next(asks)), time.perf_counter()
                answer = stage.client.get(at)
                spent.append((time.perf_counter() - start) * 1000)
                assert answer.status_code == 200, (at, answer.status)
            session.rollback()
        return median(spent)
    return act
