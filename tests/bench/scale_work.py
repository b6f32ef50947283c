"""Writing and counting at three sizes: batches, the night's jobs and their memory, sixteen writers of one agency."""
import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from statistics import median
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from portal.intake import feed
from portal.kit.db import session, transaction
from portal.people.models import Agency
from portal.progress import actions
from tests.bench.house import AGENCY
from tests.bench.ingesting import Sender
from tests.bench.measuring import Row, in_turn, ratio, say

if TYPE_CHECKING:
    from tests.bench.scale import Stage

BATCH, ROUNDS, GROWTH = 5_000, 5, 1.2
JOBS = {"progress.recount": "counting everything anew", "progress.estimate": "learning the usual times",
        "statistics.make_open_data": "the files of open data"}
FLAT_MB = 60  # more at a hundred times the records than at the smallest size is not flat
WARM = 5_000
VISITS = {"PostgreSQL": 50_000, "SQLite": 10_000}
PROCESSES, THREADS, TURN_S, COST = 4, 4, 2.5, 0.8


def night(stages: Sequence["Stage"], on: str) -> list[Row]:
    """Each of the night's jobs at the smallest and the largest size: how long, and the most memory. One that fails
    or is killed is named; the others still come."""
    return [_night(job, f"{what}, {stages[-1].name} against {stages[0].name}, {on}", stages)
            for job, what in JOBS.items()]


def _night(job: str, said: str, stages: Sequence["Stage"]) -> Row:
    try:
        small, large = (_in_worker(stage, job) for stage in (stages[0], stages[-1]))
    except (subprocess.CalledProcessError, ValueError) as failure:
        say(f"{job} failed: {failure}")
        ended = getattr(failure, "returncode", "no figures")  # below nought the signal that killed it
        return Row(said, f"FAILED: {ended}", met=False)
    more = large["most"] - small["most"]
    return Row(said, f"{large['seconds']:.0f} s ({large['cpu']:.0f} s CPU here), {large['most']:.0f} MB at most",
               f"{small['seconds']:.1f} s, {small['most']:.0f} MB", f"{more:+.0f} MB", f"<= +{FLAT_MB} MB",
               more <= FLAT_MB)


def _in_worker(stage: "Stage", job: str) -> dict[str, float]:
    say(f"{job} at {stage.name}")
    done = subprocess.run([sys.executable, "-m", "tests.bench.scale_worker", job], check=True, text=True,
                          stdout=subprocess.PIPE, env=os.environ | stage.environment)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def web_memory(stages: Sequence["Stage"], on: str) -> list[Row]:
    """What the web process holds after many visits to pages all over the largest database."""
    stage, asked = stages[-1], 0
    visits = min(VISITS[on], stage.records)
    requests = [stage.server.request(f"/progress/{code}") for code in stage.codes]
    requests += [stage.server.request(path) for path in ("/progress", f"/progress/{AGENCY}") for _ in range(30)]
    warm = 0
    while warm < WARM:  # until what a process keeps is full
        warm += int(stage.server.load(requests, TURN_S).per_second * TURN_S)
    before = stage.server.memory_mb()
    while asked < visits:
        asked += int(stage.server.load(requests, TURN_S).per_second * TURN_S)
    after = stage.server.memory_mb()
    return [Row(f"web process after {warm:,} visits and {asked:,} more, {stage.name}, {on}", f"{after:.0f} MB",
                f"{before:.0f} MB", f"{after - before:+.1f} MB", "<= 120 MB, +5", after <= 120 and after - before <= 5)]


def batches(stages: Sequence["Stage"], on: str) -> list[Row]:
    """Batches of 5,000 rows into the smallest and the largest database, in turn."""
    acts = {stage.name: taking(stage, BATCH) for stage in (stages[0], stages[-1])}
    for act in acts.values():
        for _ in range(ROUNDS):  # until what they touch is in memory
            act()
    series = in_turn(acts, ROUNDS)
    small, large = stages[0].name, stages[-1].name
    got = ratio(series, large, small)
    return [Row(f"batch of {BATCH:,} records, {large} against {small}, {on}",
                f"{BATCH / median(series[large]):,.0f} rows/s", f"{BATCH / median(series[small]):,.0f} rows/s",
                f"time {got:.2f}", f"<= {GROWTH}", got <= GROWTH)]


def taking(stage: "Stage", size: int, first: int = 1) -> Callable[[], float]:
    """What takes a batch of so many rows into a stage's database, and says how long it took. Dossiers are numbered
    from `first` on."""
    sender = Sender(first)

    def once() -> float:
        batch = sender.batch(size)
        with stage.open():
            agency_id = session.scalars(select(Agency.id).where(Agency.code == AGENCY,
                                                                Agency.valid_to.is_(None))).one()
            start = time.perf_counter()
            with transaction():
                answer = feed.ingest(session.get_one(Agency, agency_id), batch, channel="api",
                                     idempotency_key=secrets.token_hex(8), body_sha256="0" * 64, key_id=None)
            assert answer.accepted == len(batch), answer.rows[0]
            return time.perf_counter() - start
    return once


def counting(stages: Sequence["Stage"], on: str) -> list[Row]:
    """Sixteen writers of one agency, with counting and without; before that, whether the counters stay right."""
    stage = stages[0]
    _write(stage, "1", 1)
    with stage.open():
        wrong: dict[Any, Any] = actions.counted().wrong
        session.rollback()
    rounds = "10" * ROUNDS
    done = _write(stage, rounds, 2)
    with_, without = ([n / TURN_S for n, said in zip(done, rounds, strict=True) if said == kind] for kind in "10")
    got = median(a / b for a, b in zip(with_, without, strict=True) if b)
    writers = PROCESSES * THREADS
    return [Row(f"{writers} writers of one agency with counting, {on}", f"{median(with_):,.0f}/s",
                f"{median(without):,.0f}/s (without counting)", f"{got:.2f}", f">= {COST}", got >= COST),
            Row(f"counters that differ from a recount after it, {on}", str(len(wrong)), goal="0", met=not wrong)]


def _write(stage: "Stage", rounds: str, seed: int) -> list[int]:
    begin = time.time() + 10 + 3 * PROCESSES  # by then all have started
    def one(n: int) -> list[int]:
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench.scale_writers", str(THREADS), str(begin), str(TURN_S), rounds,
             str(seed * 10_000_000 + n * 1_000_000)], check=True, text=True, stdout=subprocess.PIPE,
            env=os.environ | stage.environment)
        found: list[int] = json.loads(done.stdout)
        return found

    with ThreadPoolExecutor(PROCESSES) as pool:
        return [sum(turn) for turn in zip(*pool.map(one, range(PROCESSES)), strict=True)]
