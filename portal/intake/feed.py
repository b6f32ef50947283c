"""The feed: rows that agencies' systems push become public records. Nothing here commits.

A batch is taken set-wise: a few statements whatever its size, each touching rows in the order of their keys. Batches
of one agency wait for each other, those of different agencies only while they count.
"""
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple

from flask import current_app
from sqlalchemy import delete

from portal.catalogue import queries as catalogue
from portal.intake import queries
from portal.intake.models import ProgressBatch, ProgressQuarantine, ProgressRejection
from portal.intake.placing import DOSSIER_UNKNOWN, ISSUED_HERE, Placed, Places, Unplaced
from portal.intake.rows import Refusal, read, written
from portal.kit import clock, collecting
from portal.kit.db import session
from portal.kit.hot import bulk
from portal.law import codes
from portal.people.models import Agency
from portal.progress import records
from portal.progress.actions import apply
from portal.progress.updates import FEED, PORTAL, News, Writer

Channel = Literal["api", "national", "upload"]
ACCEPTED, UNCHANGED, REJECTED, QUARANTINED = RESULTS = ("accepted", "unchanged", "rejected", "quarantined")


class Outcome(NamedTuple):
    """What becomes of a row, and where it is not simply taken for which field's sake and why."""

    result: str
    field: str | None = None
    reason: str | None = None


NEW, SAME = Outcome(ACCEPTED), Outcome(UNCHANGED)
FOREIGN = Outcome(REJECTED, "code", "agency_foreign")
OURS = Outcome(REJECTED, "code", ISSUED_HERE)
EARLY = Outcome(QUARANTINED, "code", DOSSIER_UNKNOWN)


class KeyReused(Exception):
    """The idempotency key was used for another body."""


class Verdict(NamedTuple):
    """What became of a row. `code` only where it has the form of one; `late_s`: how old the news was that it told;
    `dropped`: what was left out of it."""

    code: str | None
    outcome: Outcome
    late_s: int | None = None
    dropped: tuple[Refusal, ...] = ()


@dataclass(frozen=True)
class BatchAnswer:
    """What became of a batch and each of its rows (index, code, result, field, reason; warnings where something was
    left out of it: field and reason of each)."""

    batch_id: int
    accepted: int
    unchanged: int
    rejected: int
    quarantined: int
    rows: list[dict[str, Any]]
    replayed: bool


@collecting.seldom()
def ingest(agency: Agency, rows: Sequence[Mapping[str, Any]], *, channel: Channel, idempotency_key: str,
           body_sha256: str, key_id: int | None, mend: bool = False, again: bool = False) -> BatchAnswer:
    """Take a batch of rows as they came through the door. The same batch again is answered as it was; `again`: only if
    everything of it was taken, else it is taken anew, since what was wrong then may be right now.

    `mend`: a field that only adds to the status is left out where it is wrong, and named in `warnings`.
    Raises KeyReused where the key came with another body before.
    """
    bulk.serialise("progress.feed", agency.id)
    earlier = queries.batch(agency.id, idempotency_key)
    while again and earlier is not None and (earlier.rejected or earlier.quarantined):
        idempotency_key = f"{idempotency_key.partition('~')[0]}~{earlier.id}"
        earlier = queries.batch(agency.id, idempotency_key)
    if earlier is not None:
        if earlier.body_sha256 != body_sha256:
            raise KeyReused
        return _answer(earlier.id, _remembered(earlier.answer, rows), replayed=True)
    verdicts = _take(agency, rows, mend)
    counts = Counter(verdict.outcome.result for verdict in verdicts)
    late = sorted(max(verdict.late_s, 0) for verdict in verdicts if verdict.late_s is not None)
    batch = ProgressBatch(
        agency_id=agency.id, key_id=key_id, channel=channel, idempotency_key=idempotency_key, body_sha256=body_sha256,
        rows=len(rows), answer=_to_remember(verdicts), delay_p50_s=_nearest_rank(late, 50),
        delay_p90_s=_nearest_rank(late, 90), **{result: counts[result] for result in RESULTS})
    session.add(batch)
    session.flush()
    outcomes = [verdict.outcome for verdict in verdicts]
    lost = Counter((o.reason or "", o.field or "") for o in outcomes if o.result == REJECTED)
    session.add_all([ProgressRejection(batch_id=batch.id, reason=reason, field=field, n=n)
                     for (reason, field), n in sorted(lost.items())])
    session.flush()
    return _answer(batch.id, verdicts, replayed=False)


def changes(after: int, size: int) -> Sequence[records.Change]:
    """Up to `size` changes after a position, in the order of commits."""
    return records.changes(after, size)


def forget_early(before: datetime) -> int:
    """Delete rows that have waited for their dossier since before this moment. Returns how many."""
    q = ProgressQuarantine
    old = delete(q).where(q.reason == DOSSIER_UNKNOWN, q.replayed_at.is_(None), q.at < before)
    return len(session.scalars(old.returning(q.id)).all())


def _take(agency: Agency, rows: Sequence[Mapping[str, Any]], mend: bool) -> list[Verdict]:
    now = clock.now()
    places = Places(catalogue.calendar(), agency_key=agency.key, sender=queries.sender(agency),
                    directory=catalogue.directory(), series=current_app.config["CODE_SERIES"])
    verdicts: list[Verdict | None] = [None] * len(rows)
    by_code: dict[str, list[Placed]] = {}
    indexes: dict[str, list[int]] = {}
    unplaced: list[Unplaced] = []
    for index, raw in enumerate(rows):
        placed = _placed(raw, places, now, mend)
        if isinstance(placed, Placed):
            by_code.setdefault(placed.row.code, []).append(placed)
            indexes.setdefault(placed.row.code, []).append(index)
        elif isinstance(placed, Unplaced):
            unplaced.append(placed)
            verdicts[index] = Verdict(placed.row.code, Outcome(QUARANTINED, placed.field, placed.reason),
                                      dropped=placed.row.dropped)
        else:
            verdicts[index] = Verdict(_code_of(raw), Outcome(REJECTED, placed.field, placed.reason))
    for code, outcomes in _merge(agency, by_code, places, unplaced).items():
        for index, placed, outcome in zip(indexes[code], by_code[code], outcomes, strict=False):
            is_news = outcome is NEW and not placed.arrived
            late_s = int((now - placed.row.at).total_seconds()) if is_news else None
            verdicts[index] = Verdict(code, outcome, late_s, placed.row.dropped)
    _quarantine(agency, unplaced)
    return [verdict for verdict in verdicts if verdict is not None]


def _placed(raw: Any, places: Places, now: datetime, mend: bool = False) -> Placed | Unplaced | Refusal:
    row = read(raw, now=now, mend=mend) if isinstance(raw, Mapping) else Refusal("row", "type")
    return row if isinstance(row, Refusal) else places.place(row)


def _merge(agency: Agency, by_code: Mapping[str, list[Placed]], places: Places,
           unplaced: list[Unplaced]) -> dict[str, Sequence[Outcome]]:
    """Code → what becomes of its rows. Those that wait for their dossier are taken with its first row that names a
    procedure; until then they go to `unplaced`."""
    writer = Writer(agency.id, FEED)
    known = records.locked(by_code)
    named = {code for code, placed in by_code.items() if any(each.names for each in placed)}
    early = _early(agency, sorted(named - known.keys()), places, unplaced)
    outcomes: dict[str, Sequence[Outcome]] = {}
    news: list[News] = []
    for code, placed in by_code.items():
        record = known.get(code)
        if record and not writer.may_write(record.agency_id, record.source):
            outcomes[code] = [OURS if record.source == PORTAL else FOREIGN] * len(placed)
        elif record or code in named:
            news.append(News(code, record, (*placed, *early.get(code, ()))))
        else:
            unplaced += [Unplaced(each.row, "code", DOSSIER_UNKNOWN, code) for each in placed]
            outcomes[code] = [EARLY] * len(placed)
    told = apply(news, writer, places)
    for each in news:
        outcomes[each.code] = [NEW if is_new else SAME for is_new in told[each.code]] if each.code in told else \
            [FOREIGN] * len(by_code[each.code])
    return outcomes


def _early(agency: Agency, codes: Sequence[str], places: Places, unplaced: list[Unplaced]) -> dict[str, list[Placed]]:
    """What waited for these dossiers, by code; it does not wait any longer."""
    found: dict[str, list[Placed]] = {}
    for waiting in queries.early(agency.id, codes) if codes else ():
        waiting.replayed_at = now = clock.now()
        placed = _placed(waiting.row, places, now)
        if isinstance(placed, Placed):
            found.setdefault(waiting.code, []).append(placed)
        elif isinstance(placed, Unplaced):
            unplaced.append(placed)
    return found


def _quarantine(agency: Agency, unplaced: Sequence[Unplaced]) -> None:
    """Keep what names a thing that nobody knows yet; a row that waits already is not kept twice."""
    if not unplaced:
        return
    session.flush()
    waiting: set[Entry] = set()
    last: dict[str, Entry] = {}
    for kept in queries.quarantined_rows(agency.id, {each.row.code for each in unplaced}):
        last[kept.code] = _entry(kept.reason, kept.value, kept.row)
        waiting.add(last[kept.code])
    for each in unplaced:
        row, code = written(each.row), each.row.code
        entry = _entry(each.reason, each.value, row)
        if entry not in ({last.get(code)} if each.row.arrived else waiting):
            waiting.add(entry)
            last[code] = entry
            session.add(ProgressQuarantine(agency_id=agency.id, code=code, reason=each.reason, value=each.value,
                                           row=row))
    session.flush()


class Entry(NamedTuple):
    """What of a row that waits makes it another one; when it arrived does not."""

    reason: str
    value: str
    row: str


def _entry(reason: str, value: str, row: Mapping[str, Any]) -> Entry:
    if row.get("arrived"):
        row = {name: told for name, told in row.items() if name not in ("at", "sequence")}
    return Entry(reason, value, json.dumps(row, sort_keys=True))


def _nearest_rank(ordered: Sequence[int], percent: int) -> int | None:
    """The least value that so many of a hundred do not pass; None of none."""
    return ordered[-(-len(ordered) * percent // 100) - 1] if ordered else None


def _answer(batch_id: int, verdicts: Sequence[Verdict], *, replayed: bool) -> BatchAnswer:
    counts = Counter(verdict.outcome.result for verdict in verdicts)
    rows = [{"index": index, "code": verdict.code, "result": verdict.outcome.result, "field": verdict.outcome.field,
             "reason": verdict.outcome.reason, **_warnings(verdict)} for index, verdict in enumerate(verdicts)]
    return BatchAnswer(batch_id, counts[ACCEPTED], counts[UNCHANGED], counts[REJECTED], counts[QUARANTINED], rows,
                       replayed)


def _warnings(verdict: Verdict) -> dict[str, Any]:
    return {"warnings": [each._asdict() for each in verdict.dropped]} if verdict.dropped else {}


def _to_remember(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """The answer without the codes, which come again with the same body: one letter a row, why where not, and what was
    left out."""
    outcomes = [verdict.outcome for verdict in verdicts]
    dropped = {str(n): [*map(list, verdict.dropped)] for n, verdict in enumerate(verdicts) if verdict.dropped}
    return {"results": "".join(outcome.result[0] for outcome in outcomes),
            "why": {str(n): [outcome.field, outcome.reason] for n, outcome in enumerate(outcomes) if outcome.field},
            **({"dropped": dropped} if dropped else {})}


def _remembered(answer: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> list[Verdict]:
    named = {result[0]: result for result in RESULTS}
    dropped = answer.get("dropped", {})
    return [Verdict(_code_of(raw), Outcome(named[letter], *answer["why"].get(str(n), ())),
                    dropped=tuple(Refusal(*each) for each in dropped.get(str(n), ())))
            for n, (raw, letter) in enumerate(zip(rows, answer["results"], strict=True))]


def _code_of(raw: Any) -> str | None:
    code = raw.get("code") if isinstance(raw, Mapping) else None
    return codes.parse(code) if isinstance(code, str) else None
