"""A year of progress as agencies' own systems would have pushed it: invented by dice, nobody's, no names at all.

It goes through the same verb as a real push, so that the country's figures have something to show.
"""
import hashlib
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from portal.catalogue import queries as catalogue
from portal.kit import clock
from portal.kit.db import session
from portal.kit.workdays import Calendar
from portal.people.models import Agency
from portal.progress import feed

EACH = 160
WANTED, ASKED = 25, 0.6  # what most people come for, and how many of the dossiers are about that
NARROW = 0.2  # agencies that publish nothing else
MOST = 4000  # more than any agency offers
DAYS = 390
LATE = 0.07
CHANNELS = ("online",) * 6 + ("counter",) * 3 + ("post",)

Row = dict[str, Any]


def push(dice: random.Random, agency: Agency) -> int:
    """Push an agency's invented year in one batch; returns how many rows were taken. For provinces and ministries."""
    offered = [p for p in catalogue.search(agency=agency.key, size=MOST).items if p.version]
    if not offered:
        return 0
    asked = 1.0 if dice.random() < NARROW else ASKED
    now, calendar = clock.now(), catalogue.calendar()
    # some agencies are simply slower than others: what the comparison is there to show
    late = LATE * dice.choice((0.3, 0.6, 1, 1, 1.8, 3))
    rows = [row for n in range(EACH)
            for row in _life(dice, agency.key, dice.choice(offered[:WANTED] if dice.random() < asked else offered), n,
                             now, calendar, late)]
    key = f"demonstration-{agency.key}"
    answer = feed.ingest(agency, rows, channel="api", idempotency_key=key, key_id=None,
                         body_sha256=hashlib.sha256(key.encode()).hexdigest())
    session.flush()
    return answer.accepted


def _life(dice: random.Random, agency: str, item: Any, n: int, now: datetime, calendar: Calendar,
          late: float) -> Iterator[Row]:
    """The rows of one dossier, in the order in which they happened; nothing after now."""
    submitted = calendar.next_opening(now - timedelta(days=DAYS * (1 - n / EACH) * dice.uniform(0.9, 1), hours=2))
    received = calendar.add_minutes(submitted, dice.randint(10, 400))
    due = calendar.add_days(received, item.version.limit.amount or 5)
    code = f"{agency}.{dice.randint(1, 20)}-{submitted.astimezone(clock.VN):%y%m%d}-{n + 1:04}"
    told = {"code": code, "procedure": item.procedure.code, "channel": dice.choice(CHANNELS),
            "submitted_at": submitted.isoformat()}
    end = dice.random()
    if end < 0.03:
        yield from _until(now, [(received, 3, {})], told)
        return
    told |= {"received_at": received.isoformat(), "due_at": due.isoformat()}
    steps: list[tuple[datetime, int, Row]] = [(received, 2, {}), (calendar.add_minutes(received, 60), 4, {})]
    if end < 0.05:
        yield from _until(now, [*steps, (calendar.add_minutes(received, 300), 7, {})], told)
        return
    if dice.random() < late:
        done = calendar.add_minutes(due, dice.randint(30, 2400))
    else:
        done = calendar.add_minutes(received, int(max(calendar.minutes_between(received, due) - 20, 90)
                                                  * dice.uniform(0.2, 1)))
    steps += [(done, 9, {"finished_at": done.isoformat()}),
              (calendar.add_minutes(done, dice.randint(20, 900)), 10, {"finished_at": done.isoformat()})]
    yield from _until(now, steps, told)


def _until(now: datetime, steps: list[tuple[datetime, int, Row]], told: Row) -> Iterator[Row]:
    for sequence, (at, status, more) in enumerate(steps):
        if at < now:
            yield {**told, **more, "status": status, "at": at.isoformat(), "sequence": sequence}
