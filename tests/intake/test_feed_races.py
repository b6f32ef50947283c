"""The feed with real threads, real processes and real commits, in a database of its own."""
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event as events
from sqlalchemy import func, select

from portal.dossiers import actions as dossiers
from portal.dossiers.models import Dossier
from portal.intake import feed
from portal.intake.models import ProgressBatch
from portal.kit import clock
from portal.kit.db import session, transaction
from portal.people.models import Person
from portal.progress import actions
from portal.progress.models import ProgressChange, ProgressRecord, ProgressStep
from tests import make
from tests.intake.test_feed import row
from tests.sizes import times

pytestmark = pytest.mark.real_commits
THREADS, BATCHES, ROWS = 8, times(3, 6), times(40, 60)
AGENCIES = ["H17", "H26", "H29"]
WRITER = """
import sys
from portal.kit.db import transaction
from portal.intake import feed
from tests import make
from tests.conftest import open_house
from tests.intake.test_feed import row
from pathlib import Path
app = open_house(sys.argv[1], Path(sys.argv[2]))
from portal.kit import db
db.new_session.configure(bind=app.extensions["engine"])
for n in range(10_000):
    with app.app_context(), transaction():
        feed.ingest(make.agency(), [row(1, code=f"H17-261005-{n:04}{m:03}") for m in range(40)], channel="api",
                    idempotency_key=f"batch-{n}", body_sha256="0" * 64, key_id=None)
    print(n, flush=True)
"""


@pytest.fixture
def house(town: Flask) -> Iterator[Flask]:
    """SQLite's lock has no queue: with writers that never pause, one may wait as long as all the others work, which
    on a slow machine is longer than a person is let wait. Here only a deadlock may fail."""
    engine = town.extensions["engine"]
    if engine.dialect.name == "sqlite":
        events.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA busy_timeout=600000"))
    with town.app_context():
        yield town


def some_rows(dice: random.Random, agency: str) -> list[dict[str, Any]]:
    return [row(dice.randint(0, 40), dice.randint(1, 10), code=f"{agency}-261005-{dice.randint(0, 80):04}",
                correction=dice.random() < .1) for _ in range(ROWS)]


def write(app: Flask, number: int) -> int:
    dice, sent = random.Random(number), 0
    for n in range(BATCHES):
        agency = dice.choice(AGENCIES)
        with app.app_context(), transaction():
            answer = feed.ingest(make.agency(agency), some_rows(dice, agency), channel="api",
                                 idempotency_key=f"{number}-{n}", body_sha256="0" * 64, key_id=None)
            sent += answer.accepted + answer.unchanged
    return sent


def test_eight_writers_leave_counters_that_equal_a_recount(house: Flask) -> None:
    with ThreadPoolExecutor(THREADS) as pool:
        sent = list(pool.map(lambda n: write(house, n), range(THREADS)))
    assert sent == [BATCHES * ROWS] * THREADS, "nobody was lost to a deadlock"
    with transaction():
        assert actions.recount() == {}
    positions = session.scalars(select(ProgressChange.position).order_by(ProgressChange.position)).all()
    assert list(positions) == list(range(1, len(positions) + 1))


def test_a_reader_of_changes_skips_nothing_while_they_come(house: Flask) -> None:
    heard: list[int] = []
    with ThreadPoolExecutor(THREADS) as pool:
        writers = [pool.submit(write, house, 100 + n) for n in range(4)]
        while True:
            over = all(writer.done() for writer in writers)
            with house.app_context():
                found = feed.changes(heard[-1] if heard else 0, 50)
            heard += [position for position, *_ in found]
            if over and not found:
                break
            time.sleep(0.005)  # else it takes the writers' time
    assert [writer.result() for writer in writers] == [BATCHES * ROWS] * 4
    assert heard == list(range(1, len(heard) + 1)) and heard


def test_the_same_batch_at_the_same_time_is_done_once(house: Flask) -> None:
    def send(_n: int) -> bool:
        with house.app_context(), transaction():
            return feed.ingest(make.agency(), [row()], channel="api", idempotency_key="same", body_sha256="0" * 64,
                               key_id=None).replayed

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(send, range(4))) == [False, True, True, True]


def test_a_writer_killed_in_mid_batch_leaves_exactly_what_was_acknowledged(house: Flask, tmp_path: Path) -> None:
    url = house.config["DATABASE_URL"]
    root = Path(__file__).parents[2]
    for wait in (0.13, 0.31):
        before = _batches()
        writer = subprocess.Popen([sys.executable, "-c", WRITER.replace("batch-", f"{wait}-").replace(
            "H17-261005-{n:04}", f"H17-2610{int(wait * 100):02}-{{n:04}}"), url, str(tmp_path)],
            stdout=subprocess.PIPE, text=True, cwd=root, env=os.environ | {"PYTHONPATH": str(root)})
        assert writer.stdout is not None
        for _ in range(3):
            assert writer.stdout.readline(), "it works"
        time.sleep(wait)
        os.kill(writer.pid, signal.SIGKILL)
        acknowledged = 3 + len(writer.stdout.read().split())
        writer.wait()
        writer.stdout.close()
        done = _batches() - before
        assert done in (acknowledged, acknowledged + 1), "at most the one whose answer was cut off"
        session.rollback()
        assert session.scalar(select(func.count()).select_from(ProgressRecord)) == 40 * _batches()
        assert session.scalar(select(func.count()).select_from(ProgressStep)) == 40 * _batches()
        assert session.scalar(select(func.count()).select_from(ProgressChange)) == 40 * _batches()
        with transaction():
            assert actions.recount() == {}


def test_verbs_and_pushes_at_the_same_time_lose_nothing(house: Flask) -> None:
    """Both sources write the counters of one agency; each dossier has its own writer."""
    def speak(number: int) -> int:
        for n in range(20):
            with house.app_context(), transaction():
                make.published(f"H17-261005-99{number:02}{n % 4:02}", "verb", (1, 2, 5, 4, 9)[n // 4],
                               at=make.OCTOBER + timedelta(hours=n), received_at=make.OCTOBER if n > 3 else None,
                               due_at=make.OCTOBER + timedelta(hours=10) if n > 3 else None)
        return 20

    with ThreadPoolExecutor(THREADS) as pool:
        verbs = [pool.submit(speak, n) for n in range(4)]
        pushes = [pool.submit(write, house, 200 + n) for n in range(4)]
        assert [each.result() for each in verbs] == [20] * 4
        assert [each.result() for each in pushes] == [BATCHES * ROWS] * 4
    with transaction():
        assert actions.recount() == {}
    ours = session.scalars(select(ProgressRecord).where(ProgressRecord.source == "portal")).all()
    assert len(ours) == 16 and {(each.status, len(each.steps)) for each in ours} == {(9, 5)}
    positions = session.scalars(select(ProgressChange.position).order_by(ProgressChange.position)).all()
    assert list(positions) == list(range(1, len(positions) + 1))


def test_a_code_that_is_given_while_a_row_names_it_stays_ours(house: Flask) -> None:
    """From the first one of a day on, in the same moment: the row is rejected, the dossier gets its number."""
    day = clock.today()
    to_come = [f"H17-{day:%y%m%d}-99{n:04}" for n in range(1, 25)]
    person = make.citizen()
    with house.app_context(), transaction():
        drafts = [make.draft(by=session.get_one(Person, person.id)).id for _ in to_come]

    def submit(dossier_id: int) -> str:
        with house.app_context(), transaction():
            dossier = session.get_one(Dossier, dossier_id)
            return str(dossiers.submit(dossier, by=dossier.applicant).code)

    def push(n: int) -> set[str]:
        with house.app_context(), transaction():
            answer = feed.ingest(make.agency(), [row(code=code) for code in to_come], channel="api",
                                 idempotency_key=f"to-come-{n}", body_sha256="0" * 64, key_id=None)
        return {str(each["reason"]) for each in answer.rows}

    with ThreadPoolExecutor(THREADS) as pool:
        pushed = [pool.submit(push, n) for n in range(8)]
        given = list(pool.map(submit, drafts))
        assert {reason for each in pushed for reason in each.result()} == {"issued_here"}
    assert sorted(given) == to_come
    session.rollback()
    assert set(session.scalars(select(ProgressRecord.source))) == {"portal"}


def _batches() -> int:
    session.rollback()
    return session.scalar(select(func.count()).select_from(ProgressBatch)) or 0
