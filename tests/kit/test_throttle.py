"""Reads counted by lease: many web processes over one database count together, and a page costs no write."""
import multiprocessing
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import cycle
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from portal.kit import clock, throttle
from portal.kit.db import engine, session, transaction
from portal.kit.throttle import LEASED, Throttle, TooMany, hit_by_lease
from tests.conftest import bound, open_house

NOON = datetime(2026, 11, 20, 5, 0, 7, tzinfo=UTC)
LIMIT = 60
ADDRESS = "203.0.113.7"


@pytest.fixture
def two(databases: Any, tmp_path: Any) -> Any:
    """Two applications with one database: what two web processes are to each other."""
    url = databases.copy("leases")
    made = [open_house(url, tmp_path, PUBLIC_READS_PER_MINUTE=LIMIT) for _ in range(2)]
    yield made
    for app in made:
        app.extensions["engine"].dispose()


def let_in(app: Any, key: str = ADDRESS, *, limit: int = LIMIT, at: datetime = NOON) -> bool:
    """Whether one more read is let in."""
    with bound(app), app.app_context(), clock.pretend(at):
        try:
            hit_by_lease("reads", key, limit=limit, seconds=60)
        except TooMany as error:
            assert error.retry_after == 60 - at.second
            return False
        return True


def counted(app: Any) -> list[int]:
    """What the database knows of."""
    with bound(app), app.app_context():
        return list(session.scalars(select(Throttle.n)))


def test_one_process_lets_in_the_limit_exactly(two):
    assert sum(let_in(two[0]) for _ in range(3 * LIMIT)) == LIMIT


@pytest.mark.parametrize("turns", [(0, 1), (0, 0, 0, 1), (1,) * LEASED + (0,) * LEASED])
def test_two_processes_let_in_the_limit_together(two, turns):
    inside = sum(let_in(two[which]) for which, _ in zip(cycle(turns), range(6 * LIMIT), strict=False))
    assert LIMIT <= inside <= LIMIT + LEASED


def test_a_process_that_hears_late_of_it_lets_in_one_lease_and_no_more(two):
    assert sum(let_in(two[0]) for _ in range(2 * LIMIT)) == LIMIT
    assert sum(let_in(two[1]) for _ in range(2 * LIMIT)) == LEASED


def test_who_reads_a_little_costs_no_write(two):
    assert all(let_in(two[0], f"198.51.100.{n}") for n in range(50) for _ in range(LEASED))
    assert counted(two[0]) == []


def test_the_database_is_asked_once_for_each_lease_and_never_past_the_limit(two, monkeypatch):
    asked = []
    shared = throttle._shared
    monkeypatch.setattr(throttle, "_shared", lambda statement: asked.append(1) or shared(statement))
    for _ in range(10 * LIMIT):
        let_in(two[0])
    assert len(asked) == LIMIT // LEASED  # the first lease is free, the last question is answered with no
    assert counted(two[0]) == [LIMIT + LEASED]


def test_the_next_window_begins_anew(two):
    assert not [let_in(two[0]) for _ in range(2 * LIMIT)][-1]
    assert let_in(two[0], at=NOON + timedelta(minutes=1))


def test_each_address_has_its_own_limit(two):
    for _ in range(2 * LIMIT):
        let_in(two[0])
    assert let_in(two[0], "203.0.113.8") and let_in(two[1], "203.0.113.9")


@pytest.mark.parametrize("limit", [1, 3, LEASED, LEASED + 1, 25])
def test_limits_that_are_no_number_of_leases(two, limit):
    assert sum(let_in(two[0], limit=limit) for _ in range(100)) == limit


def test_a_limit_of_nought_is_none(two):
    assert all(let_in(two[0], limit=0) for _ in range(200))


def test_threads_of_one_process_together(two):
    with ThreadPoolExecutor(8) as pool, bound(two[0]):
        def one(_n: int) -> bool:
            with two[0].app_context():
                try:
                    hit_by_lease("reads", ADDRESS, limit=LIMIT, seconds=86_400)
                except TooMany:
                    return False
                return True
        assert sum(pool.map(one, range(4 * LIMIT))) == LIMIT


def test_without_the_database_each_process_counts_for_itself(two, monkeypatch):
    def busy(*_args: Any, **_more: Any) -> Any:
        raise OperationalError("busy", {}, Exception("database is locked"))
    monkeypatch.setattr("portal.kit.throttle.engine", busy)
    assert [sum(let_in(app) for _ in range(3 * LIMIT)) for app in two] == [LIMIT, LIMIT]


def test_what_was_served_without_the_database_is_told_afterwards(two, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr("portal.kit.throttle._shared", lambda _statement: None)
        assert all(let_in(two[0]) for _ in range(3 * LEASED))
    let_in(two[0])
    assert counted(two[0]) == [4 * LEASED]


@pytest.mark.sqlite  # PostgreSQL locks a row, and only for this
def test_a_reader_does_not_wait_for_a_writer(two):
    """SQLite has one writer: a page waits for it a moment and then counts by itself, with its patience restored."""
    with two[1].extensions["engine"].connect().execution_options(writes=True) as writer, writer.begin():
        writer.exec_driver_sql("DELETE FROM throttle")
        start = time.monotonic()
        assert sum(let_in(two[0]) for _ in range(2 * LIMIT)) == LIMIT
        assert time.monotonic() - start < 5
    with bound(two[0]), two[0].app_context(), engine().connect() as connection:
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 30_000


def test_the_requests_own_transaction_is_left_alone(two):
    """A lease is taken while the page's session reads: what it sees does not move, what it holds stays held."""
    with bound(two[0]), two[0].app_context():
        before = session.scalar(select(func.count()).select_from(Throttle))
        for _ in range(2 * LEASED):
            hit_by_lease("reads", ADDRESS, limit=LIMIT, seconds=86_400)
        assert session.in_transaction()
        session.rollback()
        assert session.scalar(select(func.count()).select_from(Throttle)) == before + 1


def test_what_is_over_is_forgotten(two):
    for _ in range(2 * LEASED):
        let_in(two[0])
    with bound(two[0]), two[0].app_context(), clock.pretend(NOON + timedelta(hours=2)), transaction():
        throttle.forget_old.read()
    assert counted(two[0]) == []


def walk(url: str, folder: Any, codes: range, told: Any) -> None:
    """A web process that is asked for codes in a row; tells what it answered."""
    app = open_house(url, folder, PUBLIC_READS_PER_MINUTE=LIMIT)
    with bound(app), clock.pretend(NOON):
        client = app.test_client()
        answers = [client.get(f"/progress/H17-260101-{n:05}", environ_base={"REMOTE_ADDR": ADDRESS}) for n in codes]
    told.put([(answer.status_code, len(answer.data)) for answer in answers])
    app.extensions["engine"].dispose()


def test_a_walk_over_ten_thousand_codes_meets_one_limit_in_two_processes(databases, tmp_path):
    url, spawn = databases.copy("walk"), multiprocessing.get_context("spawn")
    told = spawn.Queue()
    running = [spawn.Process(target=walk, args=(url, tmp_path, range(first, 10_000, 2), told)) for first in (0, 1)]
    for process in running:
        process.start()
    answers = [answer for _ in running for answer in told.get(timeout=300)]
    for process in running:
        process.join(60)
    learnt = [size for status, size in answers if status != 429]
    assert len(answers) == 10_000 and {status for status, _size in answers} == {404, 429}
    assert LIMIT - LEASED <= len(learnt) <= LIMIT + LEASED
    assert len(set(learnt)) == 1, "an unknown code says no more than another"


@pytest.mark.parametrize(("address", "counted"), [
    ("203.0.113.7", "203.0.113.7"), ("::ffff:203.0.113.7", "203.0.113.7"), ("", ""),
    ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"), ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
    ("2001:db8:1:3::9", "2001:db8:1:3::/64")])
def test_who_asks_is_an_address_and_of_ipv6_the_network(app, address, counted):
    with app.test_request_context(environ_base={"REMOTE_ADDR": address}):
        assert throttle.asker() == counted
