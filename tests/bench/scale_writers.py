"""Some of the writers that publish for one agency at once: `python -m tests.bench.scale_writers THREADS BEGIN SECONDS
ROUNDS SEED`. In every other round counting is left out, which only the bench may do.

BEGIN is a moment (seconds since 1970) at which all processes begin their first round. Prints how many dossiers were
published in each round.
"""
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

from flask import Flask

from portal import create_app
from portal.catalogue import queries as catalogue
from portal.kit.db import transaction
from portal.progress import actions
from portal.progress.merging import Step
from portal.progress.updates import Procedure
from tests.bench.house import AGENCY, NOW, PROCEDURE

PAUSE_S = 0.25  # between rounds, for what is under way


def _publish(number: int, agency_id: int) -> None:
    with transaction():
        actions.tell(
            f"{AGENCY}-{NOW:%y%m%d}-{number}",
            Step(at=NOW, sequence=0, status=2, due_at=NOW, reason=None, correction=False, step="accept",
                 submitted_at=NOW, received_at=NOW, channel="online", procedure_code=PROCEDURE, level=4),
            agency_id, Procedure(PROCEDURE, "Thủ tục đăng ký khai sinh", 1, 4, unlimited=True), catalogue.calendar())


def _uncounted(_changes: Any) -> None:
    """What counting is compared with."""


def write(app: Flask, agency_id: int, begin: float, seconds: float, rounds: str, seed: int) -> list[int]:
    """One writer. `rounds`: 1 counts, 0 does not."""
    numbers, done = count(seed), list[int]()
    with app.app_context():
        for turn in range(len(rounds)):
            at = begin + turn * (seconds + PAUSE_S)
            time.sleep(max(at - time.time(), 0))
            n = 0
            while time.time() < at + seconds:
                _publish(next(numbers), agency_id)
                n += 1
            done.append(n)
    return done


def main(threads: int, begin: float, seconds: float, rounds: str, seed: int) -> None:
    app = create_app()
    kinds: dict[str, Any] = {"1": actions.count, "0": _uncounted}
    with app.app_context():
        agency_id = next(each.id for each in catalogue.directory().agencies.values() if each.key == AGENCY)
    with ThreadPoolExecutor(threads + 1) as pool:
        def switch() -> None:
            for turn, counted in enumerate(rounds):
                time.sleep(max(begin + turn * (seconds + PAUSE_S) - PAUSE_S / 2 - time.time(), 0))
                actions.count = kinds[counted]
        pool.submit(switch)
        running = [pool.submit(write, app, agency_id, begin, seconds, rounds, seed + n * 100_000)
                   for n in range(threads)]
        each = [writer.result() for writer in running]
    json.dump([sum(turn) for turn in zip(*each, strict=True)], sys.stdout)


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]), sys.argv[4], int(sys.argv[5]))
