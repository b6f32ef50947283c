#!/usr/bin/env python3
"""Push a folder of exports to the portal. Needs Python 3.11 and nothing else.

    PORTAL_KEY=… tools/push_progress.py --url https://portal.example exports/

Reads every *.csv (first line: field names), *.jsonl and *.ndjson (an object a line) in the order of their names; the
fields are those of GET /api. A batch is named by its content: what was acknowledged is not sent again, and what is
sent twice counts once. Stop it at any moment and start it again.

Ends with 0: everything was taken; 1: rows were rejected (they are printed); 2: called wrongly or a file is
unreadable; 3: the portal refuses (key, signature, form); 4: the portal could not be reached.
"""
import argparse
import csv
import gzip
import hashlib
import http.client
import json
import os
import random
import signal
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

FIELDS = ("code", "procedure", "status", "at", "sequence", "agency", "submitted_at", "received_at", "due_at",
          "finished_at", "channel", "level", "reason", "apology", "new_due_at", "correction")
NUMBERS, TRUTHS = {"status", "sequence", "level"}, {"apology", "correction"}
ENDINGS = {".csv", ".jsonl", ".ndjson"}
LARGEST_BATCH = 1_000
SHOWN = 20
TAKEN, REJECTED, WRONG, REFUSED, UNREACHED = 0, 1, 2, 3, 4
AGAIN = {408, 425, 429, 500, 502, 503, 504}


class Ends(Exception):
    """The run ends here. `code`: what the process returns."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(words)
        self.code = code


@dataclass(frozen=True)
class Batch:
    """Rows of one file; `name` is the digest of their content."""

    file: str
    lines: tuple[int, ...]
    body: bytes

    @property
    def name(self) -> str:
        return hashlib.sha256(self.body).hexdigest()


@dataclass
class Totals:
    """What became of the rows of this run."""

    results: Counter[str] = field(default_factory=Counter)
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)
    already: int = 0


class State:
    """The names of the batches that were acknowledged: one a line, each written to disk before the next is sent."""

    def __init__(self, place: Path) -> None:
        self.place = place
        text = place.read_text("ascii", errors="replace") if place.exists() else ""
        self.done = {line for line in text.split("\n") if len(line) == 64}
        self._torn = bool(text) and not text.endswith("\n")

    def acknowledge(self, name: str) -> None:
        """Remember a batch for good. A line that a crash cut short is closed first."""
        with self.place.open("a", encoding="ascii") as file:
            file.write(("\n" if self._torn else "") + name + "\n")
            file.flush()
            os.fsync(file.fileno())
        self._torn = False
        self.done.add(name)


def rows_of(place: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """(line, row) of one export. Fields that the portal has no place for stay here."""
    try:
        with place.open(encoding="utf-8-sig", newline="") as file:
            if place.suffix == ".csv":
                reader = csv.DictReader(file)
                if "code" not in (reader.fieldnames or ()):
                    raise Ends(WRONG, f"{place.name}: the first line must name the fields; there is no field 'code'")
                for row in reader:
                    yield reader.line_num, _read(row)
            else:
                for number, line in enumerate(file, 1):
                    if line.strip():
                        yield number, _object(place, number, line)
    except (UnicodeDecodeError, csv.Error) as error:
        raise Ends(WRONG, f"{place.name}: {error}") from None


def _object(place: Path, number: int, line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError:
        row = None
    if not isinstance(row, dict):
        raise Ends(WRONG, f"{place.name}, line {number}: not a JSON object")
    return {name: row[name] for name in FIELDS if row.get(name) is not None}


def _read(row: dict[str, Any]) -> dict[str, Any]:
    """A line of CSV with its numbers and truths; what cannot be read is sent as it is, and rejected there."""
    read: dict[str, Any] = {}
    for name in FIELDS:
        text = (row.get(name) or "").strip()
        if not text:
            continue
        if name in NUMBERS and text.isascii() and text.isdecimal() and len(text) < 16:
            read[name] = int(text)
        elif name in TRUTHS and text.lower() in ("true", "false", "1", "0"):
            read[name] = text.lower() in ("true", "1")
        else:
            read[name] = text
    return read


def batches_of(folder: Path, size: int) -> Iterator[Batch]:
    """Every export in batches, always cut the same way."""
    places = sorted(p for p in folder.iterdir() if p.suffix in ENDINGS and p.is_file())
    if not places:
        raise Ends(WRONG, f"{folder}: no .csv, .jsonl or .ndjson file")
    for place in places:
        waiting: list[tuple[int, dict[str, Any]]] = []
        for numbered in rows_of(place):
            waiting.append(numbered)
            if len(waiting) == size:
                yield _batch(place, waiting)
                waiting = []
        if waiting:
            yield _batch(place, waiting)


def _batch(place: Path, numbered: list[tuple[int, dict[str, Any]]]) -> Batch:
    rows = [row for _line, row in numbered]
    body = json.dumps({"records": rows}, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    return Batch(place.name, tuple(line for line, _row in numbered), body)


class Portal:
    """The other end: one batch at a time, patiently."""

    def __init__(self, url: str, key: str, *, tries: int, timeout: float) -> None:
        self.url = url.rstrip("/") + "/api/v1/progress/batches"
        self.key, self.tries, self.timeout = key, tries, timeout

    def push(self, batch: Batch) -> dict[str, Any]:
        """The portal's answer. Ends when it refuses or cannot be reached."""
        why = ""
        for attempt in range(self.tries):
            try:
                return self._send(batch)
            except urllib.error.HTTPError as error:
                with error:
                    if error.code not in AGAIN:
                        raise Ends(REFUSED, f"{batch.file}: it answers {error.code}: {_detail(error)}") from None
                    why, wait = f"it answers {error.code}", _wait(attempt, error.headers.get("Retry-After"))
            except (OSError, http.client.HTTPException, ValueError) as error:
                why, wait = type(error).__name__, _wait(attempt, None)
            if attempt + 1 < self.tries:
                print(f"  {why}; again in {wait:.1f} s", file=sys.stderr)
                time.sleep(wait)
        raise Ends(UNREACHED, f"{batch.file}: the portal could not be reached ({why}); start again later")

    def _send(self, batch: Batch) -> dict[str, Any]:
        request = urllib.request.Request(self.url, gzip.compress(batch.body, mtime=0), {
            "Authorization": f"Bearer {self.key}", "Content-Type": "application/json", "Content-Encoding": "gzip",
            "Idempotency-Key": batch.name, "User-Agent": "push-progress/1"})
        with _opener().open(request, timeout=self.timeout) as answer:
            said = json.loads(answer.read())
        if not isinstance(said, dict) or len(said.get("rows", ())) != len(batch.lines):
            raise ValueError("not an answer to this batch")
        return said


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """The key goes where the operator said and nowhere else."""

    def redirect_request(self, *_args: Any, **_more: Any) -> None:
        return None


def _opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(_NoRedirect)


def _wait(attempt: int, asked: str | None) -> float:
    """Seconds: what the portal asked for, else twice as long each time, never all clients at once."""
    if asked and asked.isdecimal():
        return min(float(asked), 300.0) + random.random()  # noqa: S311
    return min(2.0 ** attempt, 60.0) * (0.5 + random.random() / 2)  # noqa: S311


def _detail(error: urllib.error.HTTPError) -> str:
    try:
        said = json.loads(error.read(100_000))
        return str(said.get("detail") or said.get("title") or "")
    except (ValueError, OSError, AttributeError):
        return ""


def run(batches: Iterator[Batch], portal: Portal | None, state: State) -> Totals:
    """Push what was not acknowledged yet; without a portal, only count it."""
    totals = Totals()
    for batch in batches:
        if batch.name in state.done:
            totals.already += len(batch.lines)
        elif portal is None:
            totals.results["would be sent"] += len(batch.lines)
        else:
            _note(batch, portal.push(batch), totals)
            state.acknowledge(batch.name)
    return totals


def _note(batch: Batch, answer: dict[str, Any], totals: Totals) -> None:
    for line, row in zip(batch.lines, answer["rows"], strict=True):
        totals.results[row["result"]] += 1
        if row["result"] in ("rejected", "quarantined"):
            reason = f"{row['result']}: {row.get('reason')}"
            totals.reasons[reason, str(row.get("field"))] += 1
            if totals.reasons[reason, str(row.get("field"))] <= SHOWN:
                print(f"  {batch.file}, line {line}: {reason} ({row.get('field')})")


def _print(totals: Totals) -> None:
    print(", ".join([*(f"{result}: {n}" for result, n in sorted(totals.results.items())),
                     *([f"acknowledged before: {totals.already}"] if totals.already else [])]) or "nothing to send")
    for (reason, name), n in totals.reasons.most_common():
        print(f"  {n:>8}  {reason} ({name})")


def _arguments(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
                                     allow_abbrev=False)
    parser.add_argument("folder", type=Path, help="where the exports are")
    parser.add_argument("--url", default=os.environ.get("PORTAL_URL"), help="the portal (or PORTAL_URL)")
    parser.add_argument("--key-file", type=Path, help="a file with the key; without it, the variable PORTAL_KEY")
    parser.add_argument("--state", type=Path, help="what was acknowledged (default: .pushed in the folder)")
    parser.add_argument("--size", type=int, default=LARGEST_BATCH, help=f"rows a batch, at most {LARGEST_BATCH}")
    parser.add_argument("--tries", type=int, default=8)
    parser.add_argument("--timeout", type=float, default=60.0, help="seconds for one answer")
    parser.add_argument("--dry-run", action="store_true", help="read and count, send nothing")
    return parser.parse_args(words)


def _key(options: argparse.Namespace) -> str:
    key = options.key_file.read_text("ascii").strip() if options.key_file else os.environ.get("PORTAL_KEY", "").strip()
    if not key or not key.isascii() or not key.isprintable():
        raise Ends(WRONG, "no key: set PORTAL_KEY or give --key-file")
    return key


def _portal(options: argparse.Namespace) -> Portal | None:
    if options.dry_run:
        return None
    parts = urlsplit(options.url or "")
    local = parts.hostname in ("localhost", "127.0.0.1", "::1")
    if parts.scheme not in ("https", "http") or not parts.hostname or (parts.scheme == "http" and not local):
        raise Ends(WRONG, "give --url: an https address, or http on this machine")
    return Portal(options.url, _key(options), tries=max(1, options.tries), timeout=options.timeout)


def _stop(_signal: int, _frame: Any) -> NoReturn:
    raise Ends(UNREACHED, "stopped; start again to go on")


def main(words: list[str] | None = None) -> int:
    """Run once; what the process returns."""
    options = _arguments(words)
    signal.signal(signal.SIGTERM, _stop)
    try:
        if not 1 <= options.size <= LARGEST_BATCH:
            raise Ends(WRONG, f"--size is 1 to {LARGEST_BATCH}")
        if not options.folder.is_dir():
            raise Ends(WRONG, f"{options.folder} is not a folder")
        portal = _portal(options)
        state = State(options.state or options.folder / ".pushed")
        if portal:
            state.place.touch()  # better now than after the first answer
        totals = run(batches_of(options.folder, options.size), portal, state)
    except Ends as end:
        print(end, file=sys.stderr)
        return end.code
    except OSError as error:
        print(f"{error.filename or ''}: {error.strerror}", file=sys.stderr)
        return WRONG
    except KeyboardInterrupt:
        print("stopped; start again to go on", file=sys.stderr)
        return UNREACHED
    _print(totals)
    return REJECTED if totals.results["rejected"] else TAKEN


if __name__ == "__main__":
    sys.exit(main())
