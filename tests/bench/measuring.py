"""Taking turns: whatever slows the machine down for a while slows both sides of a ratio."""
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

Series = dict[str, list[float]]


@dataclass(frozen=True)
class Row:
    """One line of the table. `met` is None where there is no goal, only a figure to watch."""

    what: str
    ours: str
    bare: str = ""
    ratio: str = ""
    goal: str = ""
    met: bool | None = None


@dataclass(frozen=True)
class Size:
    """How much is loaded and how long it is measured."""

    records: int
    dossiers: int
    page: int  # of the officers' queue, compared with page 1
    rounds: int
    seconds: float  # of load, for each turn over HTTP
    submissions: int  # in each turn
    queries: int


FULL = Size(records=100_000, dossiers=200_000, page=1_000, rounds=5, seconds=1.2, submissions=100, queries=400)
QUICK = Size(records=10_000, dossiers=20_000, page=500, rounds=5, seconds=0.4, submissions=24, queries=100)


def say(words: str) -> None:
    """What is being done now: on the terminal while it runs, not part of the table."""
    print(f"[{time.strftime('%H:%M:%S')}] {words}", file=sys.stderr, flush=True)


def in_turn(variants: Mapping[str, Callable[[], float]], rounds: int) -> Series:
    """Run every variant once a round; who begins changes from round to round."""
    names, found = list(variants), {name: list[float]() for name in variants}
    for turn in range(rounds):
        for at in range(len(names)):
            name = names[(at + turn) % len(names)]
            found[name].append(variants[name]())
    return found


def ratio(series: Series, over: str, under: str) -> float:
    """The median of the ratios of the rounds, not the ratio of medians: a bad minute counts once."""
    return median(a / b for a, b in zip(series[over], series[under], strict=True))


def cpu_ms(act: Callable[[], object], times: int = 1) -> float:
    """This process's CPU milliseconds for doing it once."""
    start = time.process_time()
    for _ in range(times):
        act()
    return (time.process_time() - start) / times * 1000


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of all do not pass."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def table(rows: Sequence[Row]) -> str:
    """All rows in columns, every verdict in words."""
    cells = [("what", "portal", "baseline", "ratio", "goal", "")]
    for row in rows:
        verdict = {True: "met", False: "NOT MET", None: ""}[row.met]
        cells.append((row.what, row.ours, row.bare or "–", row.ratio or "–", row.goal or "–", verdict))
    widths = [max(len(line[column]) for line in cells) for column in range(6)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
             for line in cells]
    return "\n".join([lines[0], "  ".join("-" * width for width in widths[:5]), *lines[1:]])
