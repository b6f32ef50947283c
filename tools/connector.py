#!/usr/bin/env python3
"""Exchange documents through folders. Needs Python 3.11 and nothing else; to sign, also the program openssl.

    EXCHANGE_KEY=… python3 connector.py --url https://portal.example /srv/van-ban

What is put into outbox/ (*.edxml; write it under another name there and rename it) is sent. Once the portal has
acknowledged it, it stands in sent/ beside a receipt (<name>.receipt.json), and how it stands at each receiver is kept
in <name>.states.json. What the portal refuses stands in refused/ beside the reason (<name>.txt): mend it and put it
back. What waits for this agency comes into inbox/, statuses into statuses/, each whole, each once; take it from there.

Stop it at any moment, also by force, and start it again: nothing is lost and nothing is there twice. One connector
works on a folder at a time. The key stands in EXCHANGE_KEY or, alone, in a file (--key-file; connector.key in the
folder). To sign (RFC 9421) give --signing-key, an Ed25519 key in PEM, as docs/senders/connector.md says.

Runs until it is stopped, with --once one round. Ends with 0: all is done; 1: something was refused; 2: called wrongly;
3: the portal refuses the key; 4: the portal could not be reached, or something is left for the next round.
"""
import argparse
import base64
import hashlib
import http.client
import json
import os
import random
import re
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote, urlencode, urlsplit

DONE, REFUSED, WRONG, KEY_REFUSED, LEFT = 0, 1, 2, 3, 4
AGAIN = {408, 425, 429, 500, 502, 503, 504}
TRIES, FIRST_PAUSE_S, LONGEST_PAUSE_S = 4, 1.0, 300.0
TIMEOUT_S = 120
CHUNK = 256 * 1024
SETTLED_S = 2.0  # a file that was touched later may be written still
SPARE = 1024 * 1024  # bytes that stay free on the disk
LONGEST_ANSWER = 16 * 1024 * 1024
STATES_EVERY_S, STATES_FOR_DAYS, STATES_AT_ONCE = 600, 90, 100
REMEMBERED = 20_000  # messages that were stored: their acknowledgement may have been lost
OWN = ".connector"
OVER = {"done", "refused"}
_SAFE = re.compile(r"[^A-Za-z0-9.-]+")
_LINE = re.compile(r"\d+ [0-9a-f]{64}")  # of the journal


class Ends(Exception):
    """The run ends here. `code`: what the process returns."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(words)
        self.code = code


class Away(Exception):
    """The portal cannot be reached or asks to come again. `after`: in how many seconds, where it said so."""

    def __init__(self, words: str, after: float = 0) -> None:
        super().__init__(words)
        self.after = after


class No(Exception):
    """The portal refuses what was asked. `words`: why, as it said it."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


@dataclass(frozen=True)
class Portal:
    """Where it is, and with what one comes in. `named`: the participant that this folder is for."""

    url: str
    key: str
    named: str | None = None
    signing_key: Path | None = None
    ca_file: str | None = None

    def ask(self, method: str, path: str, *, query: dict[str, Any] | None = None, body: IO[bytes] | bytes | None = None,
            kind: str = "application/xml") -> Any:
        """The answer, as JSON. Raises Away, No, Ends."""
        with self.open(method, path, query=query, body=body, kind=kind) as answer:
            try:
                return json.loads(answer.read(LONGEST_ANSWER) or b"{}")
            except (ValueError, OSError, http.client.HTTPException) as error:
                raise Away(f"the answer cannot be read: {error}") from None

    @contextmanager
    def open(self, method: str, path: str, *, query: dict[str, Any] | None = None,
             body: IO[bytes] | bytes | None = None, kind: str = "") -> Iterator[http.client.HTTPResponse]:
        """The answer, to be read. Raises Away, No, Ends."""
        said = urlsplit(self.url)
        asked = {**(query or {}), **({"for": self.named} if self.named else {})}
        where = f"{said.path.rstrip('/')}/api/exchange/v1{path}"
        connection = self._connection(said.scheme, said.netloc)
        try:
            connection.request(method, where + (f"?{urlencode(asked)}" if asked else ""), body=body,
                               headers=self._headers(method, where, body, kind))
            answer = connection.getresponse()
            _judge(answer)
            yield answer
        except (OSError, http.client.HTTPException) as error:
            raise Away(f"{type(error).__name__}: {error}") from None
        finally:
            connection.close()

    def _connection(self, scheme: str, host: str) -> http.client.HTTPConnection:
        if scheme == "http":
            return http.client.HTTPConnection(host, timeout=TIMEOUT_S)
        return http.client.HTTPSConnection(host, timeout=TIMEOUT_S,
                                           context=ssl.create_default_context(cafile=self.ca_file))

    def _headers(self, method: str, path: str, body: IO[bytes] | bytes | None, kind: str) -> dict[str, str]:
        headers = {"Authorization": f"Bearer {self.key}", "Accept-Language": "vi", "Accept": "application/json",
                   "Connection": "close"}
        if body is None:
            return headers
        digest, size = _measured(body)
        headers |= {"Content-Type": kind, "Content-Length": str(size),
                    "Content-Digest": f"sha-256=:{base64.b64encode(digest).decode()}:"}
        return headers | (signed(method, path, headers["Content-Digest"], self.signing_key) if self.signing_key else {})


def _measured(body: IO[bytes] | bytes) -> tuple[bytes, int]:
    """Digest and size of what is sent."""
    if isinstance(body, bytes):
        return hashlib.sha256(body).digest(), len(body)
    hashed = hashlib.sha256()
    while piece := body.read(CHUNK):
        hashed.update(piece)
    size = body.tell()
    body.seek(0)
    return hashed.digest(), size


def _judge(answer: http.client.HTTPResponse) -> None:
    if answer.status < 300:
        return
    raw = answer.read(64 * 1024)
    try:
        said = json.loads(raw)
        words = f"{said.get('title', '')}. {said.get('detail', '')}".strip(" .")
    except (ValueError, AttributeError):
        words = answer.reason or "no reason given"
    if answer.status in AGAIN:
        after = answer.headers.get("Retry-After", "")
        raise Away(f"{answer.status} {words}", float(after) if after.isdecimal() else 0)
    if answer.status == 401:
        raise Ends(KEY_REFUSED, f"the portal refuses the key: {words}")
    raise No(answer.status, words)


def signed(method: str, path: str, digest: str, key: Path) -> dict[str, str]:
    """The headers that sign a request: RFC 9421 over a digest of RFC 9530, with Ed25519."""
    covered = {"@method": method, "@path": path, "content-digest": digest}
    names = " ".join(f'"{part}"' for part in covered)
    how = f'({names});created={int(time.time())};alg="ed25519"'
    base = "\n".join([*(f'"{part}": {value}' for part, value in covered.items()), f'"@signature-params": {how}'])
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "message"
        place.write_bytes(base.encode())
        words = ["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", str(key), "-in", str(place)]
        try:
            done = subprocess.run(words, capture_output=True, check=False, stdin=subprocess.DEVNULL)
        except FileNotFoundError:
            raise Ends(WRONG, "to sign, the program openssl is needed") from None
    if done.returncode or len(done.stdout) != 64:
        raise Ends(WRONG, f"{key}: openssl cannot sign with it; it must be an Ed25519 key in PEM")
    return {"Signature-Input": f"sig1={how}", "Signature": f"sig1=:{base64.b64encode(done.stdout).decode()}:"}


# the folder

class Folder:
    """The folders of one agency. Whatever stands in them under its own name is whole and on the disk."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.outbox, self.sent, self.refused = (place / name for name in ("outbox", "sent", "refused"))
        self.inbox, self.statuses, self.own = (place / name for name in ("inbox", "statuses", OWN))
        for one in (self.outbox, self.sent, self.refused, self.inbox, self.statuses, self.own):
            one.mkdir(parents=True, exist_ok=True)
        self.journal = Journal(self.own / "stored")

    def finish(self) -> None:
        """What was stored, and had not its name yet when the connector was killed, gets it."""
        for part in self.own.glob("*~*.edxml"):
            where, _mark, name = part.name.partition("~")
            if where in ("inbox", "statuses") and self.journal.has(name.partition("-")[0].lstrip("0"), digest(part)):
                move(part, free(self.place / where, name, part))

    def waiting(self, settled: float) -> list[Path]:
        """What is to be sent, in the order of names; not what may be written still."""
        found = [one for one in sorted(self.outbox.iterdir())
                 if one.suffix.lower() == ".edxml" and not one.name.startswith((".", "~")) and one.is_file()]
        ahead = {one: touched(one) for one in found if touched(one)[0] > time.time()}
        if ahead:  # another machine's clock, or this one's was set back: only a second look tells
            time.sleep(settled)
        return [one for one in found if (ahead[one] == touched(one) if one in ahead else
                                         time.time() - touched(one)[0] >= settled)]


class Journal:
    """The messages that were stored: number and SHA-256 a line, on the disk before the file has its name in inbox/. So
    a file that was taken from there is not brought a second time because an acknowledgement was lost. A number alone
    would not do: another portal, or one that was restored from a backup, gives the same numbers to other messages."""

    def __init__(self, place: Path) -> None:
        self.place = place
        lines = place.read_text("ascii", errors="replace").split("\n") if place.exists() else []
        kept = [line for line in lines if _LINE.fullmatch(line)][-REMEMBERED:]
        self.known = set(kept)
        if lines:
            write(place, "".join(f"{line}\n" for line in kept).encode())

    def has(self, number: str, sha256: str) -> bool:
        """Whether this one was stored."""
        return f"{number} {sha256}" in self.known

    def add(self, number: str, sha256: str) -> None:
        """Remember it for good."""
        if self.has(number, sha256):
            return
        with self.place.open("a", encoding="ascii") as file:
            file.write(f"\n{number} {sha256}\n")  # what a full disk tore before stays a line of its own
            file.flush()
            os.fsync(file.fileno())
        self.known.add(f"{number} {sha256}")


def touched(place: Path) -> tuple[float, int]:
    """When it was written last, by whosever clock, and how long it is; (0, 0) where it is gone."""
    try:
        found = place.stat()
    except FileNotFoundError:
        return 0.0, 0
    return found.st_mtime, found.st_size


def write(place: Path, content: bytes) -> None:
    """All of it is there under this name, or what was there before."""
    part = place.with_name(f".{place.name}.part")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    move(part, place)


def move(source: Path, target: Path) -> None:
    """Rename, and have the disk know it."""
    os.replace(source, target)
    for folder in {source.parent, target.parent}:
        sync(folder)


def sync(folder: Path) -> None:
    """Windows has no such thing and needs none."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def free(folder: Path, name: str, like: Path | None = None) -> Path:
    """A place for `name` that takes nothing away: another name where one of other content has it."""
    stem, suffix = Path(name).stem, Path(name).suffix
    for n in range(1, 10_000):
        place = folder / (name if n == 1 else f"{stem}~{n}{suffix}")
        if not place.exists() or (like is not None and digest(place) == digest(like)):
            return place
    raise Ends(WRONG, f"{folder} has too many files named {name}")


@contextmanager
def alone(place: Path) -> Iterator[None]:
    """One connector works on a folder at a time; what was killed holds nothing."""
    place.mkdir(parents=True, exist_ok=True)
    handle = (place / "lock").open("a+")
    try:
        try:
            if os.name == "nt":
                import msvcrt  # noqa: PLC0415  on this system alone

                msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
            else:
                import fcntl  # noqa: PLC0415

                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Ends(WRONG, "another connector works on this folder") from None
        yield
    finally:
        handle.close()


# one round

class Round:
    """Send what waits here, fetch what waits there, ask how it goes. `code`: what the worst of it was."""

    def __init__(self, portal: Portal, folder: Folder, stop: threading.Event, settled: float = SETTLED_S) -> None:
        self.portal, self.folder, self.stop, self.settled = portal, folder, stop, settled
        self.code = DONE
        self.moved = 0

    def run(self) -> int:
        """All of it; nothing that fails holds up the rest."""
        for act in (self.send, self.fetch, self.states):
            if self.stop.is_set():
                break
            try:
                act()
            except (Away, No, OSError) as why:  # OSError: no room, or a folder that may not be written
                self._leave(f"not now: {why}")
        return self.code

    def _leave(self, words: str) -> None:
        """Something is left for the next round."""
        say(words)
        self.code = max(self.code, LEFT)

    # out

    def send(self) -> None:
        """Each file of outbox/."""
        for one in self.folder.waiting(self.settled):
            if self.stop.is_set():
                return
            try:
                self._send(one)
            except FileNotFoundError:  # taken back in this moment
                continue
            except OSError as error:  # this one cannot be read, or no receipt be written; sent again it goes once
                self._leave(f"{one.name}: not now: {error}")

    def _send(self, one: Path) -> None:
        def act() -> Any:
            with one.open("rb") as body:
                return self.portal.ask("POST", "/messages", body=body)
        try:
            answer = self._patiently(act)
        except No as no:
            place = free(self.folder.refused, one.name, one)
            write(place.with_name(f"{place.name}.txt"), f"{no}\n".encode())
            move(one, place)
            say(f"{one.name}: refused: {no}")
            self.code = max(self.code, REFUSED)
            return
        place = free(self.folder.sent, one.name, one)
        receipt = {"sent_at": stamp(), "file": one.name, "sha256": digest(one), **answer}
        write(place.with_name(f"{place.name}.receipt.json"), pretty(receipt))
        move(one, place)  # last: what is killed before it is sent again, and answered as before
        self.moved += 1
        say(f"{one.name}: sent, message {answer.get('id')}, {answer.get('verdict')}"
            + (f", not known: {', '.join(answer['unknown'])}" if answer.get("unknown") else ""))

    # in

    def fetch(self) -> None:
        """What waits, in its order, until nothing does that was not seen to in this round: an acknowledgement that is
        refused again and again must not be asked for again and again."""
        seen: set[Any] = set()
        while not self.stop.is_set():
            said = self._patiently(lambda: self.portal.ask("GET", "/messages"))
            found = [line for line in said.get("messages", []) if line.get("delivery", line["id"]) not in seen]
            for line in found:
                if self.stop.is_set():
                    return
                seen.add(line.get("delivery", line["id"]))
                self._fetch(line)
            if not found:
                return

    def _fetch(self, line: dict[str, Any]) -> None:
        """Store one, then say so. Where it cannot be stored it is said to have failed, never done in silence."""
        number, sha256 = str(int(line["id"])), str(line["sha256"]).lower()
        place = self._place(line, number)
        part = self.folder.own / f"{place.parent.name}~{place.name}"
        try:
            if not self.folder.journal.has(number, sha256):
                self._need_room(int(line.get("size") or 0))
                self._patiently(lambda: self._bring(number, part, sha256))
                self.folder.journal.add(number, sha256)
            if part.exists():
                place = free(place.parent, place.name, part)
                move(part, place)
                self.moved += 1
                say(f"{place.parent.name}/{place.name}: fetched from {line.get('from')}")
        except No as no:
            say(f"message {number}: {no}")
            self._acknowledge(number, "failed", str(no)[:400])
            self.code = max(self.code, LEFT)
            return
        except OSError as error:  # no room: it waits there
            raise Away(f"message {number} cannot be stored: {error}") from None
        self._acknowledge(number, "done")

    def _need_room(self, size: int) -> None:
        """What is fetched and not stored has failed at the portal, which gives it up in the end. Raises Away."""
        if (left := shutil.disk_usage(self.folder.own).free) < size + SPARE:
            raise Away(f"the disk is full: {left} bytes are left, and {size} wait")

    def _bring(self, number: str, part: Path, sha256: str) -> None:
        fresh = self.folder.own / "coming"
        with self.portal.open("GET", f"/messages/{number}") as answer, fresh.open("wb") as file:
            hashed = hashlib.sha256()
            while piece := answer.read(CHUNK):
                hashed.update(piece)
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        if hashed.hexdigest() != sha256:
            raise Away("what came is not what was announced")
        move(fresh, part)

    def _acknowledge(self, number: str, state: str, reason: str | None = None) -> None:
        said = json.dumps({"state": state} | ({"reason": reason} if reason else {})).encode()
        try:
            self._patiently(lambda: self.portal.ask("POST", f"/messages/{number}/acknowledgement", body=said,
                                                    kind="application/json"))
        except No as no:
            say(f"message {number}: the portal does not take the acknowledgement: {no}")
            self.code = max(self.code, LEFT)

    def _place(self, line: dict[str, Any], number: str) -> Path:
        folder = self.folder.statuses if line.get("kind") == "status" else self.folder.inbox
        about = f"{line.get('from') or ''}-{line.get('document') or line.get('about') or ''}"
        return folder / f"{number.zfill(9)}-{_SAFE.sub('-', about).strip('-.')[:100] or 'message'}.edxml"

    # how it goes

    def states(self) -> None:
        """How what was sent stands at each receiver, until it is over there."""
        now, asked = time.time(), 0
        for receipt in sorted(self.folder.sent.glob("*.receipt.json"), key=lambda one: -one.stat().st_mtime):
            known = receipt.with_name(receipt.name.removesuffix(".receipt.json") + ".states.json")
            if now - receipt.stat().st_mtime > STATES_FOR_DAYS * 86_400 or asked >= STATES_AT_ONCE:
                return
            if self.stop.is_set() or (known.exists() and 0 <= now - known.stat().st_mtime < STATES_EVERY_S):
                continue
            number = read(receipt).get("document")
            if number is None or _is_over(read(known)):
                continue
            asked += 1
            with suppress(No):
                said = self._patiently(
                    lambda which=number: self.portal.ask("GET", f"/documents/{quote(str(which))}/states"))
                write(known, pretty(said))

    def _patiently(self, act: Any) -> Any:
        """Again while the portal is away, a few times, each later than the one before."""
        for n in range(1, TRIES + 1):
            try:
                return act()
            except Away as away:
                if n == TRIES or self.stop.is_set():
                    raise
                self.stop.wait(min(max(away.after, pause(n)), LONGEST_PAUSE_S))
        raise AssertionError


def _is_over(said: dict[str, Any]) -> bool:
    receivers = said.get("receivers") or []
    return bool(receivers) and all(one.get("state") in OVER for one in receivers)


def pause(n: int) -> float:
    """Longer each time, and never the same for all."""
    return float(min(FIRST_PAUSE_S * 2 ** (n - 1), LONGEST_PAUSE_S)) * random.uniform(0.5, 1.0)  # noqa: S311


def read(place: Path) -> dict[str, Any]:
    """A JSON object of ours; {} where there is none that can be read."""
    try:
        value = json.loads(place.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def digest(place: Path) -> str:
    """SHA-256, in hex."""
    with place.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def pretty(value: Any) -> bytes:
    """JSON that a person reads too."""
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


def stamp() -> str:
    """Now, RFC 3339."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def say(words: str) -> None:
    """A line for whoever looks after it. No key and no content of a document."""
    print(f"{stamp()} {words}", file=sys.stderr, flush=True)


# the run

def main(argv: list[str] | None = None) -> int:
    """The process's return code."""
    given = _arguments().parse_args(argv)
    stop = threading.Event()
    for name in ("SIGINT", "SIGTERM"):
        signal.signal(getattr(signal, name), lambda *_: stop.set())
    try:
        with alone(given.folder / OWN):
            folder = Folder(given.folder)  # reads and shortens the journal: nobody else may write it meanwhile
            folder.finish()
            portal = Portal(_address(given.url), _key(given), given.named, given.signing_key, given.ca_file)
            return _work(portal, folder, given, stop)
    except Ends as end:
        say(str(end))
        return end.code
    except OSError as error:
        say(f"{given.folder}: {error}")
        return WRONG


def _work(portal: Portal, folder: Folder, given: argparse.Namespace, stop: threading.Event) -> int:
    failed = 0
    while True:
        one = Round(portal, folder, stop, given.settled)
        code = one.run()
        if given.once or stop.is_set():
            return code
        failed = failed + 1 if code == LEFT else 0
        stop.wait(pause(failed + 2) if failed else given.every)


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Exchange documents through folders.", epilog=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--url", default=os.environ.get("EXCHANGE_URL"), help="the portal's address (EXCHANGE_URL)")
    parser.add_argument("--for", dest="named", default=os.environ.get("EXCHANGE_FOR"),
                        help="which participant of the agency this folder is for (EXCHANGE_FOR), such as H17.05")
    parser.add_argument("--key-file", type=Path, help="where the key stands, alone; else EXCHANGE_KEY")
    parser.add_argument("--signing-key", type=Path, help="an Ed25519 key in PEM to sign with")
    parser.add_argument("--ca-file", help="certificates of the authority that the portal's is from, in PEM")
    parser.add_argument("--once", action="store_true", help="one round")
    parser.add_argument("--every", type=float, default=30.0, help="seconds between rounds")
    parser.add_argument("--settled", type=float, default=SETTLED_S,
                        help="seconds for which a file must not have been touched before it is sent")
    return parser


def _address(url: str | None) -> str:
    said = urlsplit(url or "")
    if said.scheme not in ("https", "http") or not said.hostname or said.username:
        raise Ends(WRONG, "give the portal's address: --url https://…")
    if said.scheme == "http" and said.hostname not in ("localhost", "127.0.0.1", "::1"):
        raise Ends(WRONG, "the key would be read on its way: the address must begin with https://")
    return f"{said.scheme}://{said.netloc}{said.path}".rstrip("/")


def _key(given: argparse.Namespace) -> str:
    place = given.key_file or (given.folder / "connector.key")
    key = os.environ.get("EXCHANGE_KEY", "")
    if given.key_file or (not key and place.exists()):
        if os.name != "nt" and place.stat().st_mode & 0o077:
            raise Ends(WRONG, f"others may read {place}: chmod 600 it")
        key = place.read_text("ascii", errors="replace")
    key = key.strip()
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise Ends(WRONG, "give the key that the portal issued: EXCHANGE_KEY, or alone in a file (--key-file)")
    return key


if __name__ == "__main__":
    sys.exit(main())
