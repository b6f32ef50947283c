"""After the mixed load: does the portal have what it acknowledged, exactly that, and did it count it right?"""
import re
import time
from array import array
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, or_, select

from portal.intake.models import ProgressBatch, ProgressQuarantine
from portal.kit import clock
from portal.kit.db import session, transaction
from portal.kit.jobs import Job
from portal.kit.throttle import LEASED
from portal.progress import actions as progress
from portal.progress.models import ProgressChange, ProgressRecord, ProgressStep
from portal.statistics.models import ProgressPosition
from tests.bench.measuring import percentile
from tests.bench.mixed_clients import Seen
from tests.bench.mixed_lives import Ledger

BATCHES = ("batch", "DongBoHoSoMC", "CapNhatTienDoHoSoMC")
AFTER_KILL_S = 30.0
WARM_S, GROWTH = 300.0, 1.2
LONG_MINUTES = 10.0  # a shorter run is still warming up: its memory is told, not judged
# what two killed processes may write into the log
OF_THE_KILL = re.compile(r"was sent SIGKILL|The worker ended \(-9\)")
TROUBLE = re.compile(r"\[(?:ERROR|CRITICAL)\]|Traceback|ERROR in |level.{0,4}error|instead of \d|deadlock|"
                     r"The worker ended")
SHOWN = 8


@dataclass(frozen=True)
class Check:
    """One line of the proof. `held` is None for what is only told."""

    what: str
    found: str
    expected: str = ""
    held: bool | None = None


def until(holds: Callable[[], bool], seconds: float) -> None:
    """Wait until it holds; TimeoutError."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            if holds():
                return
        except OSError:
            pass
        if time.monotonic() > deadline:
            raise TimeoutError("the portal did not come so far")
        time.sleep(0.2)


def counts() -> dict[str, int]:
    """How many rows the tables have that the load adds to."""
    tables = (ProgressRecord, ProgressStep, ProgressChange, ProgressBatch, ProgressQuarantine)
    found = {table.__tablename__: session.scalar(select(func.count()).select_from(table)) or 0 for table in tables}
    session.rollback()
    return found


def wait_for_jobs(seconds: float) -> bool:
    """Whether every job that is due was done in this time: what a killed worker had waits for its lease to end."""
    deadline = time.monotonic() + seconds
    while waiting := _waiting():
        if time.monotonic() > deadline or any(job.dead_at for job in waiting):
            return False
        time.sleep(1)
    return True


def _waiting() -> Sequence[Job]:
    """Jobs that should be done by now, failed, or were given up."""
    found = session.scalars(select(Job).where(Job.done_at.is_(None), or_(
        Job.due_at <= clock.now(), Job.failures > 0, Job.dead_at.is_not(None)))).all()
    session.expunge_all()
    session.rollback()
    return found


def joined(seen: Sequence[Seen]) -> Ledger:
    """What all senders had acknowledged. No two tell of the same dossier."""
    whole = Ledger()
    for each in seen:
        ledger = each.ledger
        assert not ledger.last.keys() & whole.last.keys()
        whole.last |= ledger.last
        whole.rows.update(ledger.rows)
        whole.changes.update(ledger.changes)
        whole.quarantined |= ledger.quarantined
        whole.results.update(ledger.results)
        whole.batches += ledger.batches
    return whole


def checks(seen: Sequence[Seen], before: dict[str, int], portal: Any, *, minutes: float, idle: bool,
           walk_limit: int) -> list[Check]:
    """Everything that is promised, looked at from outside and in the tables."""
    ledger, after = joined(seen), counts()
    return [*_records(ledger, before, after), *_changes(ledger, seen), *_told(seen), *_counters(),
            *_answers(seen, portal), *_walk(seen, walk_limit, minutes), *_jobs(idle),
            *_memory(portal, minutes), *_log(portal)]


def _records(ledger: Ledger, before: dict[str, int], after: dict[str, int]) -> list[Check]:
    """Each acknowledged dossier as the simple model has it, and none that nobody acknowledged."""
    missing, wrong, unasked = set(ledger.last), list[str](), list[str]()
    columns = (ProgressRecord.code, ProgressRecord.status, ProgressRecord.changed_at)
    rows = session.execute(select(*columns).where(ProgressRecord.source == "feed"), execution_options={
        "yield_per": 5000})
    for code, status, changed_at in rows:
        if code not in missing:
            unasked.append(code)
            continue
        missing.discard(code)
        at, _sequence, expected = ledger.last[code]
        if status != expected or changed_at.timestamp() != at:
            wrong.append(f"{code}: status {status} at {changed_at}, expected {expected} at {at}")
    steps = {row[0]: row[1] for row in session.execute(
        select(ProgressRecord.code, func.count()).join(ProgressStep, ProgressStep.record_id == ProgressRecord.id)
        .where(ProgressRecord.source == "feed").group_by(ProgressRecord.code))}
    twice = sum(1 for code, n in ledger.rows.items() if steps.get(code) != n)
    session.rollback()
    new = {name: after[name] - before[name] for name in after}
    return [
        _same("records in all: those before and those acknowledged", new["progress_record"], len(ledger.last)),
        _none("dossiers acknowledged and not there", missing),
        _none("dossiers there and never acknowledged", unasked),
        _none("dossiers whose status or moment is not that of the last row", wrong),
        _same("steps: one for each row acknowledged as accepted", new["progress_step"], ledger.results["accepted"]),
        _same("dossiers with another number of steps than accepted rows", twice, 0),
        _same("batches kept: one for each that was acknowledged", new["progress_batch"], ledger.batches),
        _same("rows kept aside: each once", new["progress_quarantine"], len(ledger.quarantined))]


def _changes(ledger: Ledger, seen: Sequence[Seen]) -> list[Check]:
    """What the reader of changes heard, from outside."""
    facts = next(each.facts for each in seen if "changes" in each.facts)
    heard: Counter[str] = facts["changes"]
    last = session.scalar(select(ProgressPosition.n)) or 0
    session.rollback()
    return [
        _same("changes heard by the follower: each accepted one", heard.total(), ledger.changes.total()),
        _same("dossiers of which it heard too often or too seldom", sum(
            1 for code in heard.keys() | ledger.changes.keys() if heard[code] != ledger.changes[code]), 0),
        _same("its last position is the last that was given", facts["last"], last),
        _same("positions skipped", facts["gaps"], 0)]


def _told(seen: Sequence[Seen]) -> list[Check]:
    """What the subscriber was told: in order, nothing skipped (it notes that itself), and all of it."""
    facts = next(each.facts for each in seen if "told_last" in each.facts)
    last = session.scalar(select(ProgressPosition.n)) or 0
    session.rollback()
    return [_same("last position of which the subscriber was told", facts["told_last"], last),
            Check("deliveries to it; those that it had heard before",
                  f"{facts['deliveries']:,}; {facts['told_again']:,}")]


def _counters() -> list[Check]:
    with transaction():
        wrong = progress.recount()
    shown = "; ".join(f"{key}: {was} instead of {true}" for key, (was, true) in list(wrong.items())[:SHOWN])
    return [Check("counters that differ from a full recount", f"{len(wrong)} {shown}".strip(), "0", not wrong)]


def _answers(seen: Sequence[Seen], portal: Any) -> list[Check]:
    statuses = Counter[tuple[str, int]]()
    for each in seen:
        statuses.update(each.statuses)
    failed = [words for each in seen for words in each.failed]
    killed = portal.killed[0][0] if portal.killed else 0.0
    broken = [(at, kind) for each in seen for at, kind in each.broken]
    late = [f"{kind} {at - killed:+.1f} s" for at, kind in broken if not -1 <= at - killed <= AFTER_KILL_S]
    return [
        _same("answers of 500 and more", sum(n for (_kind, status), n in statuses.items() if status >= 500), 0),
        _none("answers that may not be", failed, sum(each.failures for each in seen)),
        Check("connections that the kill broke; retried", str(len(broken) - len(late))),
        _none("connections that broke at another time", late),
        Check("told to wait (429) for pushing too fast; obeyed", str(statuses["batch", 429]))]


def _walk(seen: Sequence[Seen], limit: int, minutes: float) -> list[Check]:
    """One address over all web processes: the limit, a lease more for the second process and one for the one that
    took the place of the killed; and a second's doubt about where a minute begins. On SQLite each process counts for
    itself while somebody writes for long."""
    inside: Counter[int] = next(each.facts["inside"] for each in seen if "inside" in each.facts)
    most = max(inside.values(), default=0)
    tried = sum(n for each in seen for (kind, _status), n in each.statuses.items() if kind == "walk through codes")
    allowed = limit + 3 * LEASED if session.get_bind().dialect.name == "postgresql" else 3 * limit
    return [Check(f"codes read in a minute by one who walks ({tried / minutes:,.0f} tried)", f"at most {most}",
                  f"<= {allowed}", most <= allowed)]


def _jobs(idle: bool) -> list[Check]:
    done = session.scalar(select(func.count()).select_from(Job).where(Job.done_at.is_not(None))) or 0
    failed = session.execute(select(Job.name, Job.error).where(Job.failures > 0)).all()
    session.rollback()
    stuck = [f"{job.name}: {job.error or 'not begun, or begun and not ended'}" for job in _waiting()]
    return [Check("jobs done", str(done)), _none("jobs that failed once", [f"{name}: {why}" for name, why in failed]),
            _none("jobs that are stuck", stuck), Check("every job was done in the end", str(idle), "True", idle)]


def _memory(portal: Any, minutes: float) -> list[Check]:
    """Each process when warm (after five minutes, or a third of a short run), in the middle of its life, at the end."""
    found = []
    warm = min(WARM_S, minutes * 60 / 3)
    for process, (what, sizes) in sorted(portal.memory.items()):
        begin = sizes[0][0]
        settled = next((size for at, size in sizes if at - begin >= warm), sizes[-1][1])
        middle, last = sizes[len(sizes) // 2][1], sizes[-1][1]
        judged = minutes >= LONG_MINUTES and sizes[-1][0] - begin > 2 * warm
        found.append(Check(
            f"memory of {what} process {process}, {(sizes[-1][0] - begin) / 60:.1f} minutes",
            f"{sizes[0][1] >> 20} MiB, warm {settled >> 20}, middle {middle >> 20}, end {last >> 20}",
            f"end <= {GROWTH} x warm", last <= GROWTH * settled if judged else None))
    return found


def _log(portal: Any) -> list[Check]:
    lines = portal.log.read_text("utf-8", errors="replace").splitlines()
    trouble = [line for line in lines if TROUBLE.search(line) and not OF_THE_KILL.search(line)]
    return [_none("lines of trouble in the portal's log", trouble)]


def _same(what: str, found: int, expected: int) -> Check:
    return Check(what, f"{found:,}", f"{expected:,}", found == expected)


def _none(what: str, found: Any, n: int | None = None) -> Check:
    """There should be none; some that there are."""
    listed = sorted(found)[:SHOWN]
    n = len(found) if n is None else n
    return Check(what, "\n      ".join([f"{n:,}", *map(str, listed)]), "0", n == 0)


def told(seen: Sequence[Seen], found: Sequence[Check], minutes: float) -> str:
    """What was asked and how quickly it was answered; then the proof."""
    statuses: dict[str, Counter[int]] = {}
    times: dict[str, array[float]] = {}
    for each in seen:
        for (kind, status), n in each.statuses.items():
            statuses.setdefault(kind, Counter())[status] += n
        for kind, taken in each.times.items():
            times.setdefault(kind, array("d")).extend(taken)
    lines = ["", f"{'requests':26}{'n':>9}{'a second':>10}{'p50 ms':>9}{'p99 ms':>9}  statuses"]
    for kind, counted in sorted(statuses.items()):
        taken = times.get(kind) or array("d", [0.0])
        p50, p99 = (percentile(taken, share) * 1000 for share in (0.5, 0.99))
        lines.append(f"{kind:26}{counted.total():9,}{counted.total() / minutes / 60:10.1f}{p50:9.1f}{p99:9.1f}  "
                     + ", ".join(f"{status or 'no answer asked for'}: {n:,}" for status, n in sorted(counted.items())))
    rows = joined(seen).results
    lines += [f"{sum(c.total() for c in statuses.values()) / minutes / 60:,.0f} requests and "
              f"{rows.total() / minutes / 60:,.0f} rows a second; rows: "
              + ", ".join(f"{n:,} {result}" for result, n in sorted(rows.items())), ""]
    words = {True: "holds", False: "DOES NOT HOLD", None: ""}
    lines += [f"  {check.what}: {check.found}" + (f" (expected {check.expected})" if check.expected else "")
              + (f" — {words[check.held]}" if check.held is not None else "") for check in found]
    lost = [check for check in found if check.held is False]
    lines.append(f"\n{'NOT everything holds' if lost else 'Everything holds'}: "
                 f"{sum(check.held is True for check in found)} of {sum(check.held is not None for check in found)}.")
    return "\n".join(lines)
