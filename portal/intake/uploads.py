"""A table that an officer uploads: tried out first, kept without anything personal, then taken piece by piece.

What is kept is a file of the feed's own fields, named at random. Each piece becomes a batch of the feed under a key
of its own, so that a worker that dies begins again where it was and no row is taken twice.
"""
import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import select

from portal.intake import feed
from portal.intake.models import ProgressBatch
from portal.intake.sheets import Sheet
from portal.kit import clock, files, jobs
from portal.kit.db import session
from portal.people.models import Agency

UNSENT, SENT = timedelta(days=7), timedelta(days=30)  # how long a table is kept
PIECE = 250  # rows taken at once: what the bar moves by
MEDIA_TYPE = "application/json"
LEFT_OUT = "left_out"  # of a row that was taken
_KIND = "progress upload"
_ID = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}", re.ASCII)
_FULL = {result[0]: result for result in feed.RESULTS}


class Problem(NamedTuple):
    """A row that was not taken, or from which something was left out. `line`: in the file; `code`: where it has the
    form; `result`: rejected, quarantined, LEFT_OUT."""

    line: int
    code: str | None
    result: str
    field: str
    reason: str


class Piece(NamedTuple):
    """The rows that are taken at once, under the key that they are taken once by."""

    upload_id: str
    agency_id: int
    key: str
    rows: list[dict[str, Any]]
    is_last: bool


@dataclass(frozen=True)
class Outcome:
    """What became of the rows so far, or what would become of them. `done` of `total` rows."""

    done: int
    total: int
    counts: Counter[str]
    problems: list[Problem]

    @property
    def finished(self) -> bool:
        """Whether every row has been taken."""
        return self.done == self.total

    @property
    def useful(self) -> bool:
        """Whether sending it makes any sense."""
        return self.counts[feed.REJECTED] < self.total


@dataclass(frozen=True)
class Upload:
    """A table that waits or is being taken. `headers`: field → what the file calls it. `tried`: of the rehearsal,
    results by their first letters, and [field, reason] by the number of the row."""

    id: str
    agency_id: int
    rows: list[dict[str, Any]]
    lines: list[int]
    headers: dict[str, str]
    not_kept: int
    tried: dict[str, Any]


def keep(agency_id: int, sheet: Sheet, tried: dict[str, Any]) -> str:
    """Keep a table with what `rehearse` said, return its id. Nothing of it is published yet."""
    facts = {"kind": _KIND, "agency_id": agency_id, "rows": sheet.rows, "lines": sheet.lines,
             "headers": sheet.headers, "not_kept": len(sheet.not_kept), "tried": tried}
    blob = files.keep_bytes(json.dumps(facts, ensure_ascii=False).encode(), MEDIA_TYPE)
    return blob.path.replace("/", "-")


def find(upload_id: str) -> Upload | None:
    """What was kept under this id; None for anything else."""
    if not _ID.fullmatch(upload_id):
        return None
    try:
        facts = json.loads(files.where(upload_id.replace("-", "/")).read_bytes())
    except (FileNotFoundError, ValueError):
        return None
    if not isinstance(facts, dict) or facts.pop("kind", None) != _KIND:
        return None
    try:
        return Upload(id=upload_id, **facts)
    except TypeError:  # kept by an earlier portal, with other fields
        return None


def is_kept(path: str, written_at: datetime) -> bool:
    """Whether a kept file that no row names is a table that somebody may still want: one that was never sent for
    UNSENT, one that was sent for SENT, and one that waits for the worker as long as it waits."""
    upload = find(path.replace("/", "-")) if _looks_like_one(path) else None
    if upload is None:
        return False
    if written_at > clock.now() - UNSENT or upload.id in _waiting():
        return True
    return written_at > clock.now() - SENT and bool(_batches(upload))


def send(upload: Upload) -> None:
    """Have the rows taken by the worker; asked twice, they are taken once."""
    jobs.put("intake.take_upload", upload_id=upload.id)


def next_piece(upload: Upload) -> Piece | None:
    """The next rows that were not taken yet."""
    there = _batches(upload)
    left = [n for n in range(_pieces(upload)) if _key(upload, n) not in there]
    if not left:
        return None
    rows = upload.rows[left[0] * PIECE:(left[0] + 1) * PIECE]
    return Piece(upload.id, upload.agency_id, _key(upload, left[0]), rows, len(left) == 1)


def take(piece: Piece) -> None:
    """Take these rows; a piece that was taken already changes nothing."""
    feed.ingest(session.get_one(Agency, piece.agency_id), piece.rows, channel="upload", idempotency_key=piece.key,
                body_sha256=files.digest(json.dumps(piece.rows).encode()), key_id=None, mend=True)


def expected(upload: Upload) -> Outcome:
    """What the rehearsal said."""
    return _outcome(upload, [(0, upload.tried)])


def so_far(upload: Upload) -> Outcome:
    """What was taken until now."""
    there = _batches(upload)
    return _outcome(upload, [(n * PIECE, there[key]) for n in range(_pieces(upload))
                             if (key := _key(upload, n)) in there])


def rehearse(agency: Agency, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What the feed would answer now; what it writes is taken back at once. Call inside a transaction."""
    attempt = session.begin_nested()
    answer = feed.ingest(agency, rows, channel="upload", idempotency_key="rehearsal", body_sha256="", key_id=None,
                         mend=True)
    attempt.rollback()
    return {"results": "".join(row["result"][0] for row in answer.rows),
            "why": {str(n): [row["field"], row["reason"]] for n, row in enumerate(answer.rows) if row["field"]},
            "dropped": {str(n): [[each["field"], each["reason"]] for each in row["warnings"]]
                        for n, row in enumerate(answer.rows) if "warnings" in row}}


def _looks_like_one(path: str) -> bool:
    """Whether a file begins as `keep` begins it: the others are not read."""
    beginning = json.dumps({"kind": _KIND})[:-1].encode()
    try:
        with files.where(path).open("rb") as file:
            return file.read(len(beginning)) == beginning
    except FileNotFoundError:
        return False


def _waiting() -> set[str]:
    """The uploads whose job is not done yet, even one that failed for good."""
    return {args["upload_id"] for args in jobs.waiting("intake.take_upload")}


def _pieces(upload: Upload) -> int:
    return -(-len(upload.rows) // PIECE)


def _key(upload: Upload, piece: int) -> str:
    return f"upload-{upload.id}-{piece}"


def _batches(upload: Upload) -> dict[str, dict[str, Any]]:
    """Key → answer of every piece that was taken."""
    keys = [_key(upload, n) for n in range(_pieces(upload))]
    found = session.scalars(select(ProgressBatch).where(
        ProgressBatch.agency_id == upload.agency_id, ProgressBatch.idempotency_key.in_(keys)))
    return {batch.idempotency_key: batch.answer for batch in found}


def _outcome(upload: Upload, answers: Sequence[tuple[int, dict[str, Any]]]) -> Outcome:
    counts: Counter[str] = Counter()
    problems = []
    for first, answer in answers:
        counts.update(_FULL[letter] for letter in answer["results"])
        for n, (field, reason) in answer["why"].items():
            row = first + int(n)
            problems.append(Problem(upload.lines[row], _code(upload.rows[row]), _FULL[answer["results"][int(n)]],
                                    field, reason))
        for n, dropped in answer.get("dropped", {}).items():
            row = first + int(n)
            problems += [Problem(upload.lines[row], _code(upload.rows[row]), LEFT_OUT, field, reason)
                         for field, reason in dropped]
    return Outcome(counts.total(), len(upload.rows), counts, sorted(problems))


def _code(row: dict[str, Any]) -> str | None:
    code = row.get("code")
    return code if code and code != "?" else None
