"""`make bench ARGS=--documents`: what the registers and one document cost when documents grow from 10,000 to a million,
each at ten receivers. Two databases stand side by side and are asked in turn. About twenty minutes and 10 GB of disk.
"""
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from statistics import median
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.exchange import queries
from portal.exchange.models import Copy, Participant
from portal.kit import db
from portal.kit.db import engine, session, transaction
from tests import make
from tests.bench import exchange_load, house
from tests.bench.measuring import Row, Series, in_turn, ratio, say

MILLION, SMALL = 1_000_000, 10_000
GROWTH, ROUNDS, ASKED = 1.2, 7, 12  # times; rounds; requests of a page in each
DESK = 7  # whose desk it is, among those who take part
Measured = Callable[[str, Callable[[], list[Row]]], list[Row]]


@dataclass
class Stage:
    """A database with so many documents, and a clerk's browser."""

    documents: int
    app: Flask
    client: FlaskClient
    own: list[int]  # documents that the desk sent
    copies: list[int]  # that came to it

    @contextmanager
    def open(self) -> Iterator[None]:
        """Sessions are this database's meanwhile."""
        db.new_session.configure(bind=self.app.extensions["engine"])
        with self.app.app_context():
            yield


def on_postgres(folder: str, documents: int, measured: Measured) -> list[Row]:
    """The rows; none without a server."""
    with ExitStack() as held:
        first = held.enter_context(house.postgres_database("documents"))
        if first is None:
            say("no PostgreSQL here: its lines are missing (PORTAL_TEST_POSTGRES_URL names one)")
            return []
        app = house.opened(first, folder)
        with app.app_context():
            parts = exchange_load.everybody()
            person_id = _clerk(parts[DESK])
            session.rollback()
            engine().dispose()
        stages, rows = list[Stage](), list[Row]()
        for n in (min(SMALL, documents // 2), documents):
            url = str(held.enter_context(house.postgres_database(f"documents_{n}", template="documents")))
            rows += measured(f"loading {n:,} documents", lambda n=n, url=url: [  # type: ignore[misc]
                _loaded(url, folder, parts, n, person_id, stages)])
        if len(stages) == 2:
            rows += measured("registers and documents", lambda: _pages(stages))
        for stage in stages:
            stage.app.extensions["engine"].dispose()
    return rows


def _clerk(participant_id: int) -> int:
    agency = session.get_one(Participant, participant_id).agency
    assert agency is not None
    return int(make.staff("clerk", agency.key).id)


def _loaded(url: str, folder: str, parts: list[int], n: int, person_id: int, stages: list[Stage]) -> Row:
    seconds = exchange_load.load(url, parts, n)
    app = house.opened_again(url, folder)
    db.new_session.configure(bind=app.extensions["engine"])
    with app.app_context(), transaction():
        client = app.test_client()
        token = make.sign_in(session.get_one(make.Person, person_id))
        with client.session_transaction() as cookie:
            cookie["_user_id"], cookie["_fresh"] = token, True
        own = [one for one in range(DESK, n, len(parts)) if one]
        desk = session.get_one(Participant, parts[DESK])
        copies = list(session.scalars(select(Copy.id).where(Copy.receiver_id == desk.id).order_by(Copy.id)))
    spread = [own[(len(own) - 1) * at // 99] for at in range(100)], [copies[(len(copies) - 1) * at // 99]
                                                                     for at in range(100)]
    stages.append(Stage(n, app, client, *spread))
    return Row(f"{n:,} documents at {exchange_load.RECEIVERS} receivers each, loaded", f"{seconds:,.0f} s",
               f"{len(own):,} of the desk, {len(copies):,} came to it")


def _pages(stages: list[Stage]) -> list[Row]:
    small, large = stages
    rows = list[Row]()
    for what, ask in {
            "incoming, what is new": _get(lambda _stage, _n: "/government/incoming"),
            "incoming, the register": _get(lambda _stage, _n: "/government/incoming?tab=register"),
            "outgoing": _get(lambda _stage, _n: "/government/outgoing"),
            "one document with its receivers": _get(lambda stage, n: f"/government/documents/{stage.own[n % 100]}"),
            "one document on a receiver's desk": _get(
                lambda stage, n: f"/government/incoming/{stage.copies[n % 100]}"),
            "the state of one document": _state}.items():
        say(what)
        for stage in stages:
            _turn(stage, ask)()
        series = in_turn({str(stage.documents): _turn(stage, ask) for stage in stages}, ROUNDS)
        rows.append(_row(what, series, str(small.documents), str(large.documents)))
    return rows


def _row(what: str, series: Series, small: str, large: str) -> Row:
    got = ratio(series, large, small)
    return Row(f"{what}, {int(large):,} documents, PostgreSQL", f"{median(series[large]):.1f} ms",
               f"{median(series[small]):.1f} ms ({int(small):,})", f"{got:.2f}", f"<= {GROWTH}", got <= GROWTH)


_ASKS = count()


def _turn(stage: Stage, ask: Callable[[Stage, int], Any]) -> Callable[[], float]:
    """Milliseconds that one takes, whole: this process and the database."""
    def act() -> float:
        with stage.open():
            spent = []
            for _ in range(ASKED):
                n, start = next(_ASKS), time.perf_counter()
                ask(stage, n)
                spent.append((time.perf_counter() - start) * 1000)
            session.rollback()
        return median(spent)
    return act


def _get(path: Callable[[Stage, int], str]) -> Callable[[Stage, int], Any]:
    def act(stage: Stage, n: int) -> None:
        answer = stage.client.get(path(stage, n))
        assert answer.status_code == 200, (path(stage, n), answer.status)
    return act


def _state(stage: Stage, n: int) -> None:
    """As the API tells it: the copies and the events."""
    session.rollback()
    document_id = stage.own[n % 100]
    assert len(queries.copies_of(document_id)) == exchange_load.RECEIVERS and queries.events_of(document_id)
