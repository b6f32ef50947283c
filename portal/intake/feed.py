"""The feed: rows that agencies' systems push become public records. Nothing here commits.

A batch is taken set-wise: a few statements whatever its size, each touching rows in the order of their keys. Batches
of one agency wait for each other, those of different agencies only while they count.
"""
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import compress
from typing import Any, Literal, NamedTuple

from sqlalchemy import delete

from portal.catalogue import queries as catalogue
from portal.intake import queries
from portal.intake.models import ProgressBatch, ProgressQuarantine, ProgressRejection
from portal.intake.placing import DOSSIER_UNKNOWN, Placed, Places, Unplaced
from portal.intake.rows import Refusal, read, written
from portal.intake.stories import Story, Telling, told_anew
from portal.kit import clock, collecting
from portal.kit.db import session
from portal.kit.hot import bulk
from portal.law import codes
from portal.people.models import Agency
from portal.progress import records
from portal.progress.actions import announce, count, line_of
from portal.progress.models import ProgressRecord, ProgressStep
from portal.progress.records import RECORD, STEP

Channel = Literal["api", "national", "upload"]
ACCEPTED, UNCHANGED, REJECTED, QUARANTINED = RESULTS = ("accepted", "unchanged", "rejected", "quarantined")
Outcome = tuple[str, str | None, str | None]  # result, field, reason
NEW: Outcome = (ACCEPTED, None, None)
SAME: Outcome = (UNCHANGED, None, None)
FOREIGN: Outcome = (REJECTED, "code", "agency_foreign")
EARLY: Outcome = (QUARANTINED, "code", DOSSIER_UNKNOWN)
_record: Any = ProgressRecord.__table__
_step: Any = ProgressStep.__table__
_STEP = ("record_id", "position", *STEP)


class KeyReused(Exception):
    """The idempotency key was used for another body."""


class Verdict(NamedTuple):
    """What became of a row. `code` only where it has the form of one; `late_s`: how old the news was that it told."""

    code: str | None
    result: str
    field: str | None = None
    reason: str | None = None
    late_s: int | None = None


@dataclass(frozen=True)
class BatchAnswer:
    """What became of a batch and each of its rows (index, code, result, field, reason)."""

    batch_id: int
    accepted: int
    unchanged: int
    rejected: int
    quarantined: int
    rows: list[dict[str, Any]]
    replayed: bool


@collecting.seldom()
def ingest(agency: Agency, rows: Sequence[Mapping[str, Any]], *, channel: Channel, idempotency_key: str,
           body_sha256: str, key_id: int | None) -> BatchAnswer:
    """Take a batch of rows as they came through the door. The same batch again is answered as it was.

    Raises KeyReused where the key came with another body before.
    """
    bulk.serialise("progress.feed", agency.id)
    earlier = queries.batch(agency.id, idempotency_key)
    if earlier is not None:
        if earlier.body_sha256 != body_sha256:
            raise KeyReused
        return _answer(earlier.id, _remembered(earlier.answer, rows), replayed=True)
    verdicts = _take(agency, rows)
    counts = Counter(verdict.result for verdict in verdicts)
    late = sorted(max(verdict.late_s, 0) for verdict in verdicts if verdict.late_s is not None)
    batch = ProgressBatch(
        agency_id=agency.id, key_id=key_id, channel=channel, idempotency_key=idempotency_key, body_sha256=body_sha256,
        rows=len(rows), answer=_to_remember(verdicts), delay_p50_s=_nearest_rank(late, 50),
        delay_p90_s=_nearest_rank(late, 90), **{result: counts[result] for result in RESULTS})
    session.add(batch)
    session.flush()
    lost = Counter((v.reason or "", v.field or "") for v in verdicts if v.result == REJECTED)
    session.add_all([ProgressRejection(batch_id=batch.id, reason=reason, field=field, n=n)
                     for (reason, field), n in sorted(lost.items())])
    session.flush()
    return _answer(batch.id, verdicts, replayed=False)


def changes(after: int, size: int) -> records.Changes:
    """Up to `size` changes after a position, in the order of commits: position, code, status, moment."""
    return records.changes(after, size)


def forget_early(before: datetime) -> int:
    """Delete rows that have waited for their dossier since before this moment. Returns how many."""
    q = ProgressQuarantine
    old = delete(q).where(q.reason == DOSSIER_UNKNOWN, q.replayed_at.is_(None), q.at < before)
    return len(session.scalars(old.returning(q.id)).all())


def _take(agency: Agency, rows: Sequence[Mapping[str, Any]]) -> list[Verdict]:
    now = clock.now()
    places = Places(agency.key, queries.sender(agency), catalogue.directory(), catalogue.calendar())
    verdicts: list[Verdict | None] = [None] * len(rows)
    by_code: dict[str, list[Placed]] = {}
    indexes: dict[str, list[int]] = {}
    unplaced: list[Unplaced] = []
    for index, raw in enumerate(rows):
        placed = _placed(raw, places, now)
        if isinstance(placed, Placed):
            by_code.setdefault(placed.row.code, []).append(placed)
            indexes.setdefault(placed.row.code, []).append(index)
        elif isinstance(placed, Unplaced):
            unplaced.append(placed)
            verdicts[index] = Verdict(placed.row.code, QUARANTINED, placed.field, placed.reason)
        else:
            verdicts[index] = Verdict(_code_of(raw), REJECTED, *placed)
    for code, outcomes in _merge(agency, by_code, places, unplaced).items():
        for index, placed, outcome in zip(indexes[code], by_code[code], outcomes, strict=False):
            is_news = outcome is NEW and not placed.row.arrived
            late_s = int((now - placed.row.at).total_seconds()) if is_news else None
            verdicts[index] = Verdict(code, *outcome, late_s)
    _quarantine(agency, unplaced)
    return [verdict for verdict in verdicts if verdict is not None]


def _placed(raw: Any, places: Places, now: datetime) -> Placed | Unplaced | Refusal:
    row = read(raw, now=now) if isinstance(raw, Mapping) else Refusal("row", "type")
    return row if isinstance(row, Refusal) else places.place(row)


def _merge(agency: Agency, by_code: Mapping[str, list[Placed]], places: Places,
           unplaced: list[Unplaced]) -> dict[str, list[Outcome]]:
    """Code → what becomes of its rows. Those that wait for their dossier are taken with its first row that names a
    procedure; until then they go to `unplaced`."""
    known = records.known(by_code)
    new = [code for code, placed in by_code.items() if code not in known and any(each.procedure for each in placed)]
    early = _early(agency, new, places, unplaced)
    outcomes: dict[str, list[Outcome]] = {}
    tellings: list[Telling] = []
    for code, placed in by_code.items():
        before = known.get(code)
        if before and not _may_write(agency, before.agency_id, before.source):
            outcomes[code] = [FOREIGN] * len(placed)
        elif before or any(each.procedure for each in placed):
            tellings.append(Telling(code, before, (*placed, *early.get(code, ()))))
        else:
            unplaced += [Unplaced(each.row, "code", DOSSIER_UNKNOWN, code) for each in placed]
            outcomes[code] = [EARLY] * len(placed)
    late = {t.known.id for t in tellings if t.known and t.is_late}
    steps = records.steps(late)
    stories = [told_anew(t, steps.get(t.known.id) if t.known else None, places) for t in tellings]
    outcomes |= {story.code: [NEW if told else SAME for told in story.outcomes] for story in stories}
    changed = sorted((story for story in stories if story.changed), key=lambda story: story.code)
    for code in _write(agency, changed):
        outcomes[code] = [FOREIGN] * len(by_code[code])
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


def _write(agency: Agency, stories: Sequence[Story]) -> set[str]:
    """Write records, steps, counters and changes. Returns the codes that another agency took meanwhile."""
    old = [(story, story.known) for story in stories if story.known]
    new = [story for story in stories if not story.known]
    which = _which_change([known.facts for _story, known in old], [story.record.facts for story, _known in old])
    bulk.update(_record, "id", tuple(compress(RECORD[1:], which)), [
        (known.id, *compress(story.record.facts, which)) for story, known in old])
    bulk.add_missing(_record, ("code", *RECORD), [
        (story.code, agency.id, *story.record.facts) for story in new], ["code"])
    owners = records.owners([story.code for story in new])
    mine = [(story, owners[story.code][0]) for story in new if _may_write(agency, *owners[story.code][1:])]
    written_ = [(story, known.id) for story, known in old] + mine
    bulk.delete(_step, ["record_id"], [(known.id,) for story, known in old if story.rewritten])
    bulk.insert(_step, _STEP, [
        (record_id, story.first_position + n, *step) for story, record_id in written_
        for n, step in enumerate(story.steps)])
    count((line_of(story.known) if story.known else None, line_of(story.record)) for story, _id in written_
          if story.counts_anew)
    announce([(story.code, story.record.status, story.record.changed_at) for story, _id in written_])
    return {story.code for story in new} - {story.code for story, _id in mine}


def _which_change(before: Sequence[Sequence[Any]], after: Sequence[Sequence[Any]]) -> list[bool]:
    """Of each column, whether any row has another value now: most steps change few, and an index of what nobody
    changes stays as it is."""
    return [one != other for one, other in zip(zip(*before, strict=True), zip(*after, strict=True), strict=True)]


def _may_write(agency: Agency, agency_id: int, source: str) -> bool:
    """A dossier belongs to who told of it first; those handled here are told of by this portal alone."""
    return agency_id == agency.id and source != "portal"


def _quarantine(agency: Agency, unplaced: Sequence[Unplaced]) -> None:
    """Keep what names a thing that nobody knows yet; a row that waits already is not kept twice."""
    if not unplaced:
        return
    session.flush()
    waiting: set[tuple[str, str, str]] = set()
    last: dict[str, tuple[str, str, str]] = {}
    for code, reason, value, kept in queries.quarantined_rows(agency.id, {u.row.code for u in unplaced}):
        last[code] = _entry(reason, value, kept)
        waiting.add(last[code])
    for each in unplaced:
        row, code = written(each.row), each.row.code
        entry = _entry(each.reason, each.value, row)
        if entry not in ({last.get(code)} if each.row.arrived else waiting):
            waiting.add(entry)
            last[code] = entry
            session.add(ProgressQuarantine(agency_id=agency.id, code=code, reason=each.reason, value=each.value,
                                           row=row))
    session.flush()


def _entry(reason: str, value: str, row: Mapping[str, Any]) -> tuple[str, str, str]:
    """What of a row makes it another one; when it arrived does not."""
    if row.get("arrived"):
        row = {name: told for name, told in row.items() if name not in ("at", "sequence")}
    return reason, value, json.dumps(row, sort_keys=True)


def _nearest_rank(ordered: Sequence[int], percent: int) -> int | None:
    """The least value that so many of a hundred do not pass; None of none."""
    return ordered[-(-len(ordered) * percent // 100) - 1] if ordered else None


def _answer(batch_id: int, verdicts: Sequence[Verdict], *, replayed: bool) -> BatchAnswer:
    counts = Counter(verdict.result for verdict in verdicts)
    rows = [{"index": index, "code": code, "result": result, "field": field, "reason": reason}
            for index, (code, result, field, reason, _late_s) in enumerate(verdicts)]
    return BatchAnswer(batch_id, counts[ACCEPTED], counts[UNCHANGED], counts[REJECTED], counts[QUARANTINED], rows,
                       replayed)


def _to_remember(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """The answer without the codes, which come again with the same body: one letter a row, and why where not."""
    return {"results": "".join(verdict.result[0] for verdict in verdicts),
            "why": {str(n): [v.field, v.reason] for n, v in enumerate(verdicts) if v.field}}


def _remembered(answer: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> list[Verdict]:
    named = {result[0]: result for result in RESULTS}
    return [Verdict(_code_of(raw), named[letter], *answer["why"].get(str(n), ()))
            for n, (raw, letter) in enumerate(zip(rows, answer["results"], strict=True))]


def _code_of(raw: Any) -> str | None:
    code = raw.get("code") if isinstance(raw, Mapping) else None
    return codes.parse(code) if isinstance(code, str) else None
