#!/usr/bin/env python3
"""Push a folder of exports to the portal. Needs Python 3.11 and nothing else; to sign, also the program openssl.

    PORTAL_KEY=… python3 push_progress.py --url https://portal.example exports/

Reads every *.csv, *.jsonl and *.ndjson (an object a line) in the order of their names; the fields are those of
GET /api. The first line of a CSV names them, by these names or by the Vietnamese headers of the portal's template.
Commas, semicolons and tabs are understood, UTF-8 and UTF-16 as spreadsheets write them, and times as 20/11/2026 08:30,
08:30:00 20/11/2026, 20/11/2026 2:30:00 CH. A due date without an hour, at 00:00 or 24:00 is the end of that day.

A batch is named by its content: what was acknowledged is not sent again, and what is sent twice counts once. Stop it
at any moment and start it again. Rows that were rejected are printed at every run until their file is mended.

To sign (RFC 9421), make a key once and give its public half to the portal's operators (issue-key --signing-key):
    openssl genpkey -algorithm ed25519 -out signing-key.pem
    openssl pkey -in signing-key.pem -pubout -outform DER | tail -c 32 | base64
then push with --signing-key signing-key.pem.

Ends with 0: everything was taken; 1: rows are rejected (they are printed); 2: called wrongly or a file is
unreadable; 3: the portal refuses (key, signature, form); 4: the portal could not be reached.
"""
import argparse
import base64
import codecs
import csv
import gzip
import hashlib
import http.client
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
import unicodedata
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import IO, Any, NoReturn
from urllib.parse import urlsplit

FIELDS = ("code", "procedure", "status", "at", "sequence", "agency", "submitted_at", "received_at", "due_at",
          "finished_at", "channel", "level", "reason", "apology", "new_due_at", "correction", "step_due_at")
NUMBERS = {"status", "sequence", "level"}
TRUTHS = {"true": True, "1": True, "co": True, "false": False, "0": False, "khong": False}
# the headers and words of the portal's own template, without accents
HEADERS = dict(zip((
    "ma ho so", "ma thu tuc", "trang thai", "thoi diem cap nhat", "thu tu cap nhat", "ma co quan", "ngay nop",
    "ngay tiep nhan", "ngay hen tra", "ngay xu ly xong", "hinh thuc nop", "muc do", "ma ly do", "da xin loi",
    "ngay hen tra moi", "dinh chinh", "han cua buoc"), FIELDS, strict=True))
WORDS: dict[str, dict[str, Any]] = {
    "status": {word: number for number, word in enumerate((
        "moi dang ky", "duoc tiep nhan", "khong duoc tiep nhan", "dang xu ly", "yeu cau bo sung giay to",
        "yeu cau thuc hien nghia vu tai chinh", "cong dan yeu cau rut ho so", "dung xu ly", "da xu ly xong",
        "da tra ket qua"), 1)},
    "channel": {"truc tuyen": "online", "truc tiep": "counter", "buu chinh": "post"},
    "apology": TRUTHS, "correction": TRUTHS}
VIETNAM = timezone(timedelta(hours=7))
_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?(?: ?(?P<half>SA|CH|AM|PM))?"
_DAY = r"(?P<day>\d{1,2})/(?P<month>\d{1,2})/(?P<year>\d{4})"
DAY_FIRST = (re.compile(rf"{_DAY}(?: {_CLOCK})?", re.ASCII | re.I), re.compile(rf"{_CLOCK} {_DAY}", re.ASCII | re.I))
DAY_ENDS = (23, 59, 59)  # of a day on which something is due: Civil Code 2015 art. 148(5)
ENDINGS = {".csv", ".jsonl", ".ndjson"}
LARGEST_BATCH = 1_000
SHOWN = 20
TAKEN, REJECTED, WRONG, REFUSED, UNREACHED = 0, 1, 2, 3, 4
AGAIN = {408, 425, 429, 500, 502, 503, 504}


Refusal = tuple[int, str, str]  # line, reason, field


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
    """What was acknowledged, a batch a line: name, tab, what was rejected of it. Written to disk before the next."""

    def __init__(self, place: Path) -> None:
        self.place = place
        text = place.read_text("ascii", errors="replace") if place.exists() else ""
        self.done = dict(read for line in text.split("\n") if (read := _remembered(line)))
        self._torn = bool(text) and not text.endswith("\n")

    def acknowledge(self, name: str, rejected: list[Refusal]) -> None:
        """Remember a batch for good. A line that a crash cut short is closed first."""
        with self.place.open("a", encoding="ascii") as file:
            said = f"{name}\t{json.dumps(rejected, separators=(',', ':'))}" if rejected else name
            file.write(("\n" if self._torn else "") + said + "\n")
            file.flush()
            os.fsync(file.fileno())
        self._torn = False
        self.done[name] = rejected


def _remembered(line: str) -> tuple[str, list[Refusal]] | None:
    name, _tab, said = line.partition("\t")
    try:
        return (name, [(n, str(reason), str(of)) for n, reason, of in json.loads(said or "[]")]) \
            if len(name) == 64 else None
    except (ValueError, TypeError):
        return None


def rows_of(place: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """(line, row) of one export. Fields that the portal has no place for stay here."""
    try:
        with place.open(encoding=_encoding(place), newline="") as file:
            if place.suffix.lower() == ".csv":
                yield from _table(place, file)
                return
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield number, _object(place, number, line)
    except (UnicodeError, csv.Error) as error:
        raise Ends(WRONG, f"{place.name}: {error}; save it as CSV in UTF-8") from None


def _encoding(place: Path) -> str:
    with place.open("rb") as file:
        return "utf-16" if file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8-sig"


def _table(place: Path, file: IO[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rows of a CSV, whichever of the usual characters parts its cells."""
    first, above = file.readline(), 0
    if first.lower().startswith("sep="):  # what spreadsheets understand, above the headers
        first, above = file.readline(), 1
    for delimiter in ",;\t":
        names = [_name(cell) for cell in next(csv.reader([first], delimiter=delimiter), [])]
        if "code" in names:
            break
    else:
        raise Ends(WRONG, f"{place.name}: the first line must name the fields; there is no field 'code'")
    reader = csv.reader(file, delimiter=delimiter)
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield above + 1 + reader.line_num, _read(dict(zip(names, cells, strict=False)))


def _name(header: str) -> str:
    return HEADERS.get(_plain(header), header.strip())


def _plain(text: str) -> str:
    """Without accents, in small letters."""
    apart = unicodedata.normalize("NFD", text.strip().lower().replace("đ", "d"))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _object(place: Path, number: int, line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError:
        row = None
    if not isinstance(row, dict):
        raise Ends(WRONG, f"{place.name}, line {number}: not a JSON object")
    return {name: row[name] for name in FIELDS if row.get(name) is not None}


def _read(row: dict[str, str]) -> dict[str, Any]:
    """A line of CSV with its numbers, times and truths; what cannot be read is sent as it is, and rejected there."""
    read: dict[str, Any] = {}
    for name in FIELDS:
        text = row.get(name, "").strip()
        if not text:
            continue
        if name in NUMBERS and text.isascii() and text.isdecimal() and len(text) < 16:
            read[name] = int(text)
        elif name.split("_")[-1] == "at":
            read[name] = _moment(text, due="due" in name)
        else:
            read[name] = WORDS.get(name, {}).get(_plain(text), text)
    return read


def _moment(text: str, *, due: bool) -> str:
    """RFC 3339 of 20/11/2026 08:30, Vietnam's time; a day alone is its beginning, and if something is due, its end."""
    found = next(filter(None, (shape.fullmatch(text) for shape in DAY_FIRST)), None)
    if not found:
        return text
    hour, minute, second = (int(found[name] or 0) for name in ("hour", "minute", "second"))
    half = (found["half"] or "").upper()
    hour = hour % 12 + 12 if half in ("CH", "PM") and hour < 13 else hour % 12 if half else hour
    if due and not minute and not second and hour in (0, 24):
        hour, minute, second = DAY_ENDS
    try:
        return datetime(int(found["year"]), int(found["month"]), int(found["day"]), hour, minute, second,
                        tzinfo=VIETNAM).isoformat()
    except ValueError:
        return text


def batches_of(folder: Path, size: int) -> Iterator[Batch]:
    """Every export in batches, always cut the same way."""
    places = sorted(p for p in folder.iterdir() if p.suffix.lower() in ENDINGS and p.is_file())
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

    def __init__(self, url: str, key: str, *, signing_key: Path | None, tries: int, timeout: float) -> None:
        self.url = url.rstrip("/") + "/api/v1/progress/batches"
        self.key, self.signing_key, self.tries, self.timeout = key, signing_key, tries, timeout

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
        body = gzip.compress(batch.body, mtime=0)
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json",
                   "Content-Encoding": "gzip", "Idempotency-Key": batch.name, "User-Agent": "push-progress/1"}
        if self.signing_key:
            headers |= signed(urlsplit(self.url).path, body, batch.name, self.signing_key)
        request = urllib.request.Request(self.url, body, headers)
        with _opener().open(request, timeout=self.timeout) as answer:
            said = json.loads(answer.read())
        if not isinstance(said, dict) or len(said.get("rows", ())) != len(batch.lines):
            raise ValueError("not an answer to this batch")
        return said


def signed(path: str, body: bytes, name: str, key: Path) -> dict[str, str]:
    """The headers that sign a POST of `body` (as it is sent) to `path`: RFC 9421 over a digest of RFC 9530."""
    digest = f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"
    covered = {"@method": "POST", "@path": path, "content-digest": digest, "idempotency-key": name}
    names = " ".join(f'"{part}"' for part in covered)
    how = f'({names});created={int(time.time())};alg="ed25519"'
    base = "\n".join([*(f'"{part}": {value}' for part, value in covered.items()), f'"@signature-params": {how}'])
    signature = base64.b64encode(_openssl(key, base.encode())).decode()
    return {"Content-Digest": digest, "Signature-Input": f"sig1={how}", "Signature": f"sig1=:{signature}:"}


def _openssl(key: Path, message: bytes) -> bytes:
    """The Ed25519 signature over `message`. openssl wants to read it from a file."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "message"
        place.write_bytes(message)
        words = ["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", str(key), "-in", str(place)]
        try:
            done = subprocess.run(words, capture_output=True, check=False, stdin=subprocess.DEVNULL)
        except FileNotFoundError:
            raise Ends(WRONG, "to sign, the program openssl is needed") from None
    if done.returncode or len(done.stdout) != 64:
        why = done.stderr.decode(errors="replace").strip().partition("\n")[0]
        raise Ends(WRONG, f"{key}: openssl cannot sign with it; it must be an Ed25519 key in PEM. {why}".strip())
    return done.stdout


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
            for line, reason, name in state.done[batch.name]:
                totals.results["rejected before"] += 1
                _say(batch, line, f"rejected before: {reason}", name, totals)
        elif portal is None:
            totals.results["would be sent"] += len(batch.lines)
        else:
            state.acknowledge(batch.name, _note(batch, portal.push(batch), totals))
    return totals


def _note(batch: Batch, answer: dict[str, Any], totals: Totals) -> list[Refusal]:
    """Count and print what became of the rows. Returns what was rejected."""
    rejected: list[Refusal] = []
    for line, row in zip(batch.lines, answer["rows"], strict=True):
        totals.results[row["result"]] += 1
        if row["result"] in ("rejected", "quarantined"):
            _say(batch, line, f"{row['result']}: {row.get('reason')}", str(row.get("field")), totals)
        if row["result"] == "rejected":
            rejected.append((line, str(row.get("reason")), str(row.get("field"))))
    return rejected


def _say(batch: Batch, line: int, reason: str, name: str, totals: Totals) -> None:
    totals.reasons[reason, name] += 1
    if totals.reasons[reason, name] <= SHOWN:
        print(f"  {batch.file}, line {line}: {reason} ({name})")


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
    parser.add_argument("--signing-key", type=Path, metavar="PEM", help="sign every message with this Ed25519 key")
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
    return Portal(options.url, _key(options), signing_key=options.signing_key, tries=max(1, options.tries),
                  timeout=options.timeout)


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
    return REJECTED if totals.results["rejected"] or totals.results["rejected before"] else TAKEN


if __name__ == "__main__":
    sys.exit(main())
