"""Search when the catalogue grows: 10,000 and 100,000 invented names of real words, and 100,000 services in a database.

The names are beginnings and ends of real ones with a ward behind, so that words stay as frequent as they are.
"""
import gc
import os
import random
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

from flask import Flask
from sqlalchemy import func, select

from portal.catalogue import actions, queries, reference
from portal.catalogue.models import Procedure, Sector, Service, ServiceVersion
from portal.kit.db import session, transaction
from portal.kit.text import fold
from portal.people.models import Agency
from portal.search import index as search_index
from tests.bench.house import bulk
from tests.bench.measuring import Row, Size, percentile, say

T = TypeVar("T")
SERVICES = 100_000
SHOWN = 20
GOALS = {10_000: 1.0, 100_000: 3.0}  # milliseconds that 99 of 100 searches may take
INVENTED = "8."  # begins the codes of invented procedures


def invented(names: Sequence[str], count: int) -> Iterator[str]:
    """So many different names. The same every time."""
    dice, known = random.Random(100_000), set[str]()
    wards = [" ".join(ward.name.split()) for ward in reference.wards()]
    while len(known) < count:
        one, other = dice.choice(names).split(), dice.choice(names).split()
        name = " ".join([*one[:dice.randint(3, 9)], *other[-dice.randint(2, 6):], "tại", dice.choice(wards)])
        if name not in known:
            known.add(name)
            yield name


def slip(word: str, dice: random.Random) -> str:
    """A word with one error of the finger: letters swapped, one doubled or lost."""
    if len(word) < 4:
        return word
    at = dice.randrange(1, len(word) - 1)
    return (word[:at] + word[at + 1] + word[at] + word[at + 2:], word[:at] + word[at] + word[at:],
            word[:at] + word[at + 1:])[dice.randrange(3)]


def asked(names: Sequence[str], n: int) -> dict[str, list[str]]:
    """What people type, by how they type it: two to five words of a name."""
    dice, parts = random.Random(7), list[str]()
    while len(parts) < n:
        said = dice.choice(names).split()
        start = dice.randrange(max(len(said) - 4, 1))
        parts.append(" ".join(said[start:start + dice.randint(2, 5)]))
    wrong = []
    for part in parts:
        said = part.split()
        at = dice.randrange(len(said))
        said[at] = slip(said[at], dice)
        wrong.append(fold(" ".join(said)))
    return {"as written": parts, "without marks": [fold(part) for part in parts], "with an error": wrong,
            "half typed": [fold(part)[:-2].rstrip() for part in parts]}


def names_in_memory(app: Flask, size: Size) -> list[Row]:
    """p50 and p99 of each way to type, in indexes of 10,000 and of 100,000 names; what it costs to build them."""
    with app.app_context():
        real = [p.name for p in queries.directory().by_id.values()]
        ranks = [p.popularity for p in queries.directory().by_id.values()]
    rows = []
    for count, goal in GOALS.items():
        say(f"an index of {count:,} names")
        names = list(invented(real, count))
        index, seconds, grown = _weighed(lambda names=names: search_index.Index.build(  # type: ignore[misc]
            search_index.Row(n, f"{INVENTED}{n:06}", name, rank=ranks[n % len(ranks)])
            for n, name in enumerate(names, 1)))
        rows.append(Row(f"building an index of {count:,} names", f"{seconds:.1f} s CPU, {grown:.0f} MB"))
        for how, typed in asked(names, size.queries).items():
            times = [_milliseconds(partial(index.search, q, limit=SHOWN)) for q in typed]
            worst = percentile(times, 0.99)
            figures = f"p50 {percentile(times, 0.5):.2f}, p99 {worst:.2f} ms"
            rows.append(Row(f"search of {count:,} names, {how}", figures, goal=f"p99 <= {goal:.0f} ms",
                            met=worst <= goal))
    return rows


def directory_of_many(app: Flask, on: str) -> list[Row]:
    """What the directory of 100,000 services costs when an edition is new. Adds services: run it last."""
    with app.app_context():
        say(f"{on}: {SERVICES:,} services")
        old = queries.directory()  # before: it looks for a new edition by itself now and then
        held = _add_services()
        with transaction():
            actions.bump_edition()
        new, seconds, grown = _weighed(queries.directory)
        assert new is not old and sum(map(len, new.offering.values())) == held
        session.rollback()
    return [Row(f"directory of {held:,} services built anew, {on}", f"{seconds:.1f} s CPU, {grown:.0f} MB")]


def _add_services() -> int:
    """Services of invented procedures in every province until there are 100,000. How many there are then."""
    provinces = session.scalars(select(Agency.id).where(Agency.valid_to.is_(None), Agency.kind == "province")).all()
    sectors = session.scalars(select(Sector.id).order_by(Sector.id)).all()
    names = session.scalars(select(Procedure.name).order_by(Procedure.code)).all()
    held, last_procedure, last_version, last_service = (session.scalar(select(figure)) or 0 for figure in (
        func.count(Service.id), func.max(Procedure.id), func.max(ServiceVersion.id), func.max(Service.id)))
    session.rollback()
    missing = max(-(-(SERVICES - held) // len(provinces)), 0)
    now = datetime.now(UTC)
    bulk("procedure", ("id", "code", "name", "sector_id", "government_levels", "issuing_name", "for_citizens",
                       "for_businesses", "online", "detailed", "result_codes", "papers", "legal_base", "channels",
                       "source"),
         [(last_procedure + n, f"{INVENTED}{n:06}", name, sectors[n % len(sectors)], '["province"]', "Bench", True,
           n % 3 == 0, True, False, "[]", "[]", "[]", "[]", "invented")
          for n, name in enumerate(invented(names, missing), 1)])
    bulk("service_version", ("id", "procedure_id", "number", "level", "level_derived", "service_class",
                             "limit_amount", "limit_unit", "limit_assumed", "channels", "created_at"),
         [(last_version + n, last_procedure + n, 1, n % 4 + 1, True, "part", n % 30, "working_day", False, "[]", now)
          for n in range(1, missing + 1)])
    bulk("service", ("id", "procedure_id", "agency_id", "version_id", "basis", "popularity"),
         [(last_service + n * len(provinces) + at, last_procedure + n, agency, last_version + n, "own_initiative", 0)
          for n in range(1, missing + 1) for at, agency in enumerate(provinces)])
    return held + missing * len(provinces)


def _weighed(make: Callable[[], T]) -> tuple[T, float, float]:
    """What was made, CPU seconds and megabytes of memory that it took."""
    gc.collect()
    before, start = _resident(), time.process_time()
    made = make()
    seconds = time.process_time() - start
    gc.collect()
    return made, seconds, _resident() - before


def _resident() -> float:
    with open("/proc/self/statm", encoding="ascii") as memory:
        return int(memory.read().split()[1]) * os.sysconf("SC_PAGESIZE") / 1e6


def _milliseconds(act: Callable[[], object]) -> float:
    """The best of three: the machine's own pauses are not the search."""
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        act()
        best = min(best, (time.perf_counter() - start) * 1000)
    return best
