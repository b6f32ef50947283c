"""Taking a batch of progress records: the whole verb in its transaction, against raw COPY into a table like the one
that it ends in, with the same indexes and keys; on SQLite executemany."""
import random
import secrets
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from itertools import count
from statistics import median
from typing import Any

from flask import Flask
from sqlalchemy import select

from portal.intake import feed
from portal.kit.db import session, transaction
from portal.people.models import Agency
from tests.bench.house import AGENCY, NOW, PROCEDURE, bulk
from tests.bench.measuring import Row, Size, in_turn, ratio, say

BATCHES = (1_000, 5_000)
NEW = 0.3  # of a batch; the others are known dossiers, one step further
GOAL = 0.35
STATUSES = (2, 4, 9, 10)
FAR = 1_000_000_000  # bare rows have numbers below zero, which the portal never gives
COLUMNS = ("id", "code", "agency_id", "procedure_code", "service_name", "level", "channel", "status", "submitted_at",
           "received_at", "due_at", "stopped_at", "finished_at", "timing", "changed_at", "source", "first_due_at",
           "sector_id", "corrected")
STEP = ("record_id", "position", "step", "status", "at", "sequence", "due_at", "reason", "correction",
        "submitted_at", "received_at", "channel", "procedure_code", "level")
CHANGE = ("position", "code", "status", "at")


class Sender:
    """An agency's system: knows which dossiers it has, and takes each one step further."""

    def __init__(self, first: int = 1) -> None:
        self.dice, self.numbers, self.taken = random.Random(1), count(first), dict[str, int]()

    def batch(self, size: int) -> list[dict[str, Any]]:
        """Rows as they come through the door, in any order."""
        waiting = sorted(code for code, n in self.taken.items() if n < len(STATUSES) - 1)
        further = self.dice.sample(waiting, min(round(size * (1 - NEW)), len(waiting)))
        codes = further + [f"{AGENCY}-{NOW:%y%m%d}-{next(self.numbers) + 10_000_000}"
                           for _ in range(size - len(further))]
        self.dice.shuffle(codes)
        return [self._row(code) for code in codes]

    def _row(self, code: str) -> dict[str, Any]:
        n = self.taken[code] = self.taken.get(code, -1) + 1
        start = NOW - timedelta(days=int(code[-4:]) % 300 + 30, minutes=int(code[-3:]))
        moments = {"at": start + timedelta(days=n, minutes=60), "submitted_at": start,
                   "received_at": start + timedelta(minutes=60), "due_at": start + timedelta(days=7)}
        return {"code": code, "procedure": PROCEDURE, "status": STATUSES[n], "sequence": n, "channel": "online",
                "level": 4} | {name: f"{moment:%Y-%m-%dT%H:%M:%SZ}" for name, moment in moments.items()}


def taking(app: Flask, size: Size, on: str) -> list[Row]:
    """Rows a second, for a small and a full batch."""
    rows, sender, numbers = list[Row](), Sender(), count(1)
    with app.app_context():
        agency_id = session.scalars(select(Agency.id).where(Agency.code == AGENCY, Agency.valid_to.is_(None))).one()
        session.rollback()
        for _ in range(max(size.records // 10, max(BATCHES) * 2) // max(BATCHES)):
            _ingest(agency_id, sender.batch(max(BATCHES)))
        for n in BATCHES:
            say(f"batches of {n:,} progress records, {on}")
            bare = partial(_records, agency_id, numbers, n)
            acts = {"portal": _rate(partial(sender.batch, n), partial(_ingest, agency_id), n),
                    "record": _rate(bare, _copy_records, n), "all": _rate(bare, _copy_all, n)}
            series = in_turn(acts, max(size.rounds, 7))
            got, alike = ratio(series, "portal", "record"), ratio(series, "portal", "all")
            name = "raw COPY" if on == "PostgreSQL" else "executemany"
            ours = f"{median(series['portal']):,.0f} rows/s"
            rows += [Row(f"batch of {n:,} progress records, 70 % known, {on}", ours,
                         f"{median(series['record']):,.0f} rows/s ({name} of the records)", f"{got:.2f}",
                         f">= {GOAL:.2f}", got >= GOAL),
                     Row(f"the same, against {name} of all that it writes, {on}", ours,
                         f"{median(series['all']):,.0f} rows/s", f"{alike:.2f}", f">= {GOAL:.2f}", alike >= GOAL)]
    return rows


def _rate(make: Callable[[], list[Any]], act: Callable[[list[Any]], None], n: int) -> Callable[[], float]:
    """Rows a second; making them is not measured."""
    def once() -> float:
        made = make()
        start = time.perf_counter()
        act(made)
        return n / (time.perf_counter() - start)
    return once


def _ingest(agency_id: int, batch: list[dict[str, Any]]) -> None:
    with transaction():
        answer = feed.ingest(session.get_one(Agency, agency_id), batch, channel="api",
                             idempotency_key=secrets.token_hex(8), body_sha256="0" * 64, key_id=None)
    assert answer.accepted == len(batch), answer.rows[0]


def _records(agency_id: int, numbers: Iterator[int], n: int) -> list[tuple[Any, ...]]:
    """New records with rising codes: what is easiest for an index."""
    def record(number: int) -> tuple[Any, ...]:
        at = NOW - timedelta(minutes=number % 400_000)
        return (number - FAR, f"{AGENCY}-{NOW:%y%m%d}-{number + 50_000_000}", agency_id, PROCEDURE,
                "Thủ tục đăng ký khai sinh", 4, "online", 2, at, at, at, None, None, None, at, "feed", at, None, False)
    return [record(next(numbers)) for _ in range(n)]


def _copy_records(records: list[Any]) -> None:
    bulk("progress_record", COLUMNS, records)


def _copy_all(records: list[Any]) -> None:
    """Record, step and change of each, as bare rows of which all is known; a commit for each table."""
    bulk("progress_record", COLUMNS, records)
    bulk("progress_step", STEP, [(r[0], 1, "accept", 2, r[8], 0, r[10], None, False, r[8], r[9], r[6], r[3], r[5])
                                   for r in records])
    bulk("progress_change", CHANGE, [(r[0], r[1], 2, r[8]) for r in records])
