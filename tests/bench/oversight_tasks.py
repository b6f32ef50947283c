"""`make bench ARGS=--tasks`: what pages of tasks cost when directives grow from 10,000 to 100,000, each at one to four
agencies, beside one dossier's page. Two databases stand side by side and are asked in turn. About five minutes."""
import random
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from statistics import median
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

from portal.kit import clock, db
from portal.kit.db import engine, session, transaction
from portal.kit.text import fold
from portal.oversight import lists, recounting, tallies
from portal.people.models import Agency
from tests import make
from tests.bench import house
from tests.bench.measuring import QUICK, Row, Series, in_turn, ratio, say

MANY, LESS = 100_000, 10  # directives; the other database has so many times fewer
GROWTH, AT_MOST, ROUNDS, ASKED = 1.2, 3.0, 5, 5
DOSSIER = "one dossier's page"
AGAIN = 1  # the directive that comes again every month at every agency
MONTHS = 60
WORDS = ("kết nối", "công khai", "rà soát", "báo cáo", "số hóa", "hoàn thiện", "thủ tục", "cơ sở dữ liệu", "thanh tra")
DIRECTIVE = ("id", "number", "issuer", "article", "words", "product", "deadline", "due_on", "every", "condition",
             "wanted", "public", "source", "confidence", "created_at", "folded")
TASK = ("id", "directive_id", "agency_id", "lead", "period", "due_on", "claimed_at", "done_on", "public", "assigned_at",
        "version")


@dataclass
class Stage:
    """A database with so many directives; everybody's browser, and that of who watches."""

    n: int
    app: Flask
    everybody: FlaskClient
    watcher: FlaskClient
    codes: list[str]
    deep: str
    task: int

    @contextmanager
    def open(self) -> Iterator[None]:
        """Sessions are this database's meanwhile."""
        db.new_session.configure(bind=self.app.extensions["engine"])
        with self.app.app_context():
            yield


def on_database(folder: str, name: str, directives: int) -> list[Row]:
    """The rows of one kind of database; none without its server."""
    with ExitStack() as held:
        stages = []
        for n in (directives // LESS, directives):
            url = held.enter_context(house.postgres_database(f"tasks_{n}")) if name == "PostgreSQL" else \
                f"sqlite:///{folder}/tasks_{n}.sqlite"
            if url is None:
                say("no PostgreSQL here: its lines are missing (PORTAL_TEST_POSTGRES_URL names one)")
                return []
            say(f"{name}: {n:,} directives")
            stages.append(_loaded(url, folder, n))
        rows = _pages(stages, name)
        for stage in stages:
            stage.app.extensions["engine"].dispose()
    return rows


def _loaded(url: str, folder: str, n: int) -> Stage:
    app = house.opened(url, folder)
    db.new_session.configure(bind=app.extensions["engine"])
    with app.app_context():
        codes = house.publish_records(QUICK)
        agencies = list(session.scalars(select(Agency.id).where(Agency.valid_to.is_(None)).order_by(Agency.id)))
        key = session.scalar(select(Agency.key).where(Agency.id == agencies[0]))
        session.rollback()
        now = datetime.now(UTC).replace(microsecond=0)
        house.bulk("oversight_directive", DIRECTIVE, _directives(n, now))
        house.bulk("oversight_assignment", TASK, _tasks(n, agencies, now))
        with transaction():
            tallies.hold(agencies, clock.today())
            recounting.mend(clock.today())
            tallies.roll(clock.today())
        if engine().dialect.name == "postgresql":
            with engine().connect().execution_options(isolation_level="AUTOCOMMIT") as line:
                line.execute(text("VACUUM (ANALYZE)"))
        else:
            with engine().connect() as line:
                line.execute(text("ANALYZE"))
                line.commit()
        overseer = make.staff("overseer")
        watcher = app.test_client()
        with watcher.session_transaction() as cookie:
            cookie["_user_id"], cookie["_fresh"] = make.sign_in(overseer), True
        session.commit()
        first = lists.open_tasks(agencies[0], size=100).rows
        deep, task = (first[-1].due_on, first[-1].id), first[0].id
        session.rollback()
    return Stage(n, app, app.test_client(), watcher, codes, f"/oversight/tasks/{key}?after={deep[0]}_{deep[1]}", task)


def _directives(n: int, now: datetime) -> Iterator[tuple[Any, ...]]:
    dice = random.Random(1)
    for at in range(1, n + 1):
        number, words = f"{at % 900 + 1}/NQ-CP", " ".join(dice.sample(WORDS, 4)) + f" lần {at}"
        again = at == AGAIN
        yield (at, number, "Chính phủ", f"khoản {at % 9}", words, "Báo cáo", "recurring" if again else "fixed",
               None if again else now.date() + timedelta(days=at % 600 - 300), "month" if again else None, "", "{}",
               True, "", "H", now, fold(f"{number} khoản {at % 9} {words}"))


def _tasks(n: int, agencies: list[int], now: datetime) -> Iterator[tuple[Any, ...]]:
    """Of ten, six are done, one of them late; one is reported."""
    id_ = count(1)
    for month in range(MONTHS):
        for agency in agencies:
            yield (next(id_), AGAIN, agency, True, f"{2022 + month // 12}-{month % 12 + 1:02}",
                   now.date() - timedelta(days=30 * (MONTHS - month)), None, now.date(), True, now, 1)
    for at in range(AGAIN + 1, n + 1):
        due = now.date() + timedelta(days=at % 600 - 300)
        for place in range(1 + at % 4):
            lot = (at * 7 + place) % 10
            yield (next(id_), at, agencies[(at + place * 31) % len(agencies)], place < 3, "", due,
                   now if lot in (0, 9) else None, due + timedelta(days=1 if lot == 0 else -5) if lot < 6 else None,
                   True, now - timedelta(days=400), 1)


def _pages(stages: list[Stage], name: str) -> list[Row]:
    asked = count()
    some = {stage.n: stage.n // 3 for stage in stages}
    pages: dict[str, tuple[bool, Callable[[Stage], str]]] = {
        DOSSIER: (False, lambda stage: f"/progress/{stage.codes[next(asked) % len(stage.codes)]}"),
        "tasks by agency": (False, lambda _stage: "/oversight/tasks"),
        "an agency's tasks": (False, lambda stage: stage.deep.partition("?")[0]),
        "a deep page of them": (False, lambda stage: stage.deep),
        "an agency's tasks that are done": (False, lambda stage: stage.deep.partition("?")[0] + "?part=done"),
        "one directive": (False, lambda stage: f"/oversight/directives/{some[stage.n] + next(asked) % 100}"),
        "one that comes again at all agencies": (False, lambda _stage: f"/oversight/directives/{AGAIN}"),
        "directives": (False, lambda _stage: "/oversight/directives"),
        "a deep page of directives": (False, lambda stage: f"/oversight/directives?before={some[stage.n]}"),
        "directives by words": (False, lambda _stage: "/oversight/directives?q=thanh+tra+số+hóa"),
        "directives by words that are nowhere": (False, lambda _stage: "/oversight/directives?q=không+đâu+có"),
        "the desk: what waits": (True, lambda _stage: "/government/directives"),
        "the desk: directives": (True, lambda _stage: "/government/oversight/directives"),
        "the desk: one directive": (True, lambda stage: f"/government/directives/{some[stage.n] + next(asked) % 100}"),
        "the desk: an agency's tasks": (True, lambda stage: stage.deep.partition("?")[0].replace(
            "/oversight/tasks/", "/government/tasks?agency=")),
        "the desk: one task": (True, lambda stage: f"/government/tasks/{stage.task}"),
    }
    rows = list[Row]()
    for what, (watched, path) in pages.items():
        say(what)
        try:
            rows += _page_rows(what, stages, watched, path, pages[DOSSIER][1], name)
        except AssertionError as failure:  # the other pages are still told of
            rows.append(Row(f"{what}, {name}", f"FAILED: {failure}", met=False))
    return rows


def _page_rows(what: str, stages: list[Stage], watched: bool, path: Callable[[Stage], str],
               dossier: Callable[[Stage], str], name: str) -> list[Row]:
    small, large = stages
    turns = {f"{stage.n}": _turn(stage, watched, path) for stage in stages} | {
        "dossier": _turn(large, False, dossier)}
    for turn in turns.values():
        turn()
    return _rows(what, in_turn(turns, ROUNDS), small.n, large.n, name)


def _rows(what: str, series: Series, small: int, large: int, name: str) -> list[Row]:
    ours, before, dossier = (f"{median(series[key]):.1f} ms" for key in (str(large), str(small), "dossier"))
    grown, over = ratio(series, str(large), str(small)), ratio(series, str(large), "dossier")
    if what == DOSSIER:
        return [Row(f"{what}, {name}", ours)]
    return [Row(f"{what}, {large:,} directives over {small:,}, {name}", ours, before, f"{grown:.2f}", f"<= {GROWTH}",
                grown <= GROWTH),
            Row(f"{what}, over {DOSSIER}, {name}", ours, dossier, f"{over:.2f}", f"<= {AT_MOST:.0f}", over <= AT_MOST)]


def _turn(stage: Stage, watched: bool, path: Callable[[Stage], str]) -> Callable[[], float]:
    """Milliseconds that one takes, whole: this process and the database."""
    def act() -> float:
        with stage.open():
            client, spent = stage.watcher if watched else stage.everybody, []
            for _ in range(ASKED):
                address, start = path(stage), time.perf_counter()
                answer = client.get(address)
                spent.append((time.perf_counter() - start) * 1000)
                assert answer.status_code == 200, (address, answer.status)
            session.rollback()
        return median(spent)
    return act
