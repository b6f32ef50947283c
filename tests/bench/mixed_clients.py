"""The clients of the mixed load, each in a process of its own that knows the portal from outside only.

`python -m tests.bench.mixed_clients sender|pages|walker|follower` reads one line of JSON (what to do) and goes on
until its standard input ends; then it finishes what is under way and writes what it saw to the file `out`. Each rests
after an answer as long as the answer took and `rest` seconds more: a slow portal is asked less.
"""
import gzip
import http.client
import json
import pickle
import random
import sys
import threading
import time
from array import array
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.bench.mixed_lives import Ledger, System, Told, national_dossier, national_step

HOST = "127.0.0.1"
PATIENCE_S, GIVE_UP_S = 120.0, 180.0
TELL_S = 2.0
MOST_NOTED = 50
HANG_UP, SEND_AGAIN, OTHER_BODY, LOOK, NATIONAL, PACKED = 0.02, 0.05, 0.01, 0.05, 0.2, 0.5
DOOR = "/api/v1/progress/batches"


@dataclass
class Seen:
    """What one client saw. `failed`: what may never be; `broken`: (moment, kind) of connections that broke."""

    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    times: dict[str, "array[float]"] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    failures: int = 0
    broken: list[tuple[float, str]] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    ledger: Ledger = field(default_factory=Ledger)

    def fail(self, words: str) -> None:
        """Note something that may never be."""
        self.failures += 1
        if len(self.failed) < MOST_NOTED:
            self.failed.append(words)


class Client:
    """Sends requests on connections of their own, and notes how each went."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.port, self.rest, self.told, self.seen = told["port"], told["rest"], told, Seen()
        self.dice, self.stop = random.Random(told["seed"]), threading.Event()

    def ask(self, kind: str, method: str, path: str, headers: Mapping[str, str] | None = None, *,
            body: bytes | None = None, address: str | None = None,
            fine: tuple[int, ...] = (200,)) -> tuple[int, dict[str, str], bytes] | None:
        """One request: status, headers in lower case, body; None when the connection broke."""
        line = http.client.HTTPConnection(HOST, self.port, timeout=PATIENCE_S)
        address = address or f"10.{self.dice.randint(0, 3)}.{self.dice.randint(0, 255)}.1"
        start = time.perf_counter()
        try:
            line.request(method, path, body, {**(headers or {}), "X-Forwarded-For": address})
            answer = line.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.seen.broken.append((time.time(), f"{kind}: {type(error).__name__}"))
            return None
        finally:
            line.close()
        self.seen.times.setdefault(kind, array("d")).append(time.perf_counter() - start)
        self.seen.statuses[kind, answer.status] += 1
        if answer.status not in (*fine, 429):
            self.seen.fail(f"{kind} {method} {path}: {answer.status} {content[:300]!r}")
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, content

    def rested(self, since: float) -> None:
        """Rest as long as it took, and a little."""
        self.stop.wait(time.perf_counter() - since + self.rest)

    def live(self) -> None:
        """One turn; overridden."""
        raise NotImplementedError

    def run(self) -> None:
        """Turns until told to stop."""
        while not self.stop.is_set():
            start = time.perf_counter()
            self.live()
            self.rested(start)


class Sender(Client):
    """The systems of some agencies, one batch at a time. `largest`: rows in a batch at most."""

    def __init__(self, told: dict[str, Any]) -> None:
        super().__init__(told)
        self.systems = [System(**facts) for facts in told["systems"]]

    def live(self) -> None:
        system, way = self.dice.choice(self.systems), self.dice.random()
        if way < NATIONAL / 2:
            self._message(system, "DongBoHoSoMC", system.dossiers())
        elif way < NATIONAL and (steps := system.steps()):
            self._message(system, "CapNhatTienDoHoSoMC", steps)
        else:
            self._batch(system, system.batch(self.told["largest"]))

    def _batch(self, system: System, told: list[Told]) -> None:
        system.sent += 1
        name, body = f"{system.number}-{system.sent}", _records(told)
        headers = {"Authorization": f"Bearer {system.secret}", "Content-Type": "application/json",
                   "Idempotency-Key": name}
        content = self._answered("batch", DOOR, body, headers)
        if content is None:
            return
        rows = json.loads(content)["rows"]
        results, expected = [row["result"] for row in rows], [each.expected for each in told]
        for each, row in zip(told, rows, strict=True):
            if row["result"] != each.expected:
                self.seen.fail(f"batch {name}: {each.row} is {row}, expected {each.expected}")
        self.seen.ledger.acknowledge(system.agency, told, results)
        if results == expected:
            system.acknowledged(told)
        self._afterwards(told, body, headers, content)

    def _afterwards(self, told: list[Told], body: bytes, headers: dict[str, str], content: bytes) -> None:
        """The same batch again, another under its name, a look at what was just taken."""
        if self.dice.random() < SEND_AGAIN:
            again = self.ask("batch again", "POST", DOOR, headers, body=body)
            if again and again[0] == 200 and (again[2] != content or again[1].get("idempotent-replayed") != "true"):
                self.seen.fail(f"batch {headers['Idempotency-Key']} sent again was answered otherwise")
        if self.dice.random() < OTHER_BODY:
            self.ask("name reused", "POST", DOOR, headers, body=_records(told[1:]), fine=(422,))
        if self.dice.random() < LOOK:
            accepted = [each.code for each in told if each.expected == "accepted"]
            if accepted:
                self.ask("dossier just told of", "GET", f"/progress/{self.dice.choice(accepted)}")

    def _message(self, system: System, service: str, told: list[Told]) -> None:
        by_session = self.dice.random() < 0.5
        made = national_dossier if service == "DongBoHoSoMC" else national_step
        body = json.dumps({"session": system.secret if by_session else "", "service": service,
                           "madonvi": system.agency, "data": [made(each) for each in told]}).encode()
        headers = {"Content-Type": "application/json"}
        if not by_session:
            headers["Authorization"] = f"Bearer {system.secret}"
        content = self._answered(service, f"/api/national/{service}", body, headers)
        if content is None:
            return
        answer = json.loads(content)
        for each, row in zip(told, answer["result"], strict=True):
            if row["error_code"] != "0":
                self.seen.fail(f"{service}: {each.row} is {row}")
        self.seen.ledger.acknowledge(system.agency, told, [each.expected for each in told])

    def _answered(self, kind: str, path: str, body: bytes, headers: dict[str, str]) -> bytes | None:
        """The answer, whatever it takes: a batch whose answer was lost is sent again until it is answered."""
        if self.dice.random() < PACKED:
            sent, more = gzip.compress(body, 1, mtime=0), headers | {"Content-Encoding": "gzip"}
        else:
            sent, more = body, headers
        perhaps_taken = self.dice.random() < HANG_UP
        if perhaps_taken:
            self._hang_up(path, sent, more)
        until = time.monotonic() + GIVE_UP_S
        while time.monotonic() < until:
            answer = self.ask(kind, "POST", path, more, body=sent)
            if answer and answer[0] == 200:
                return answer[2]
            if answer and answer[0] == 429:
                if self.stop.is_set() and not perhaps_taken:
                    return None
                self._told_to_wait(kind, answer[1])
            elif answer and answer[0] < 500:
                return None
            else:
                perhaps_taken = True
                time.sleep(0.3)
        self.seen.fail(f"{kind}: no answer in {GIVE_UP_S:.0f} s; whether it was taken is not known")
        return None

    def _told_to_wait(self, kind: str, headers: dict[str, str]) -> None:
        wait = headers.get("retry-after", "")
        if not wait.isdecimal() or not 1 <= int(wait) <= 60:
            self.seen.fail(f"{kind}: 429 with Retry-After {wait!r}")
        self.stop.wait(min(int(wait) if wait.isdecimal() else 5, 60) + self.dice.random())
        if self.stop.is_set():
            time.sleep(1)

    def _hang_up(self, path: str, body: bytes, headers: dict[str, str]) -> None:
        """Send it and do not wait for the answer."""
        line = http.client.HTTPConnection(HOST, self.port, timeout=PATIENCE_S)
        try:
            line.request("POST", path, body, headers)
            self.seen.statuses["hung up", 0] += 1
        except OSError:
            pass  # it was not sent; it will be
        finally:
            line.close()


def _records(told: list[Told]) -> bytes:
    return json.dumps({"records": [each.row for each in told]}, ensure_ascii=False).encode()


class Pages(Client):
    """Readers of pages, one of `paths` at random: kind → paths, what is answered."""

    def live(self) -> None:
        kind, (paths, fine) = self.dice.choice(list(self.told["paths"].items()))
        self.ask(kind, "GET", self.dice.choice(paths), fine=tuple(fine))


class Walker(Client):
    """Somebody who walks through the codes from one address: how many are let in, minute by minute."""

    def run(self) -> None:
        inside: Counter[int] = Counter()
        at = 0
        while not self.stop.is_set():
            at += 1
            answer = self.ask("walk through codes", "GET", self.told["code"].format(at), address="203.0.113.7",
                              fine=(404,))
            if answer and answer[0] == 404:
                inside[int(time.time()) // 60] += 1
            self.stop.wait(self.rest)
        self.seen.facts["inside"] = inside


class Follower(Client):
    """A reader of the changes, from those after `after` on and to the last when told to stop."""

    def run(self) -> None:
        after, gaps, changes, ended = self.told["after"], 0, Counter[str](), False
        while not ended:
            ended = self.stop.is_set()
            more = True
            while more:
                answer = self.ask("changes", "GET", f"/api/v1/progress/changes?after={after}&size=1000",
                                  {"Authorization": f"Bearer {self.told['secret']}"})
                if answer is None or answer[0] != 200:
                    time.sleep(1 if answer is None else int(answer[1].get("retry-after", "1")))
                    continue
                page = json.loads(answer[2])
                for change in page["changes"]:
                    if change["position"] <= after:
                        self.seen.fail(f"changes: position {change['position']} after {after}")
                    gaps += change["position"] != after + 1
                    after = change["position"]
                    changes[change["code"]] += 1
                more = page["more"]
            self.stop.wait(self.rest)
        self.seen.facts |= {"changes": changes, "last": after, "gaps": gaps}


CLIENTS: dict[str, type[Client]] = {"sender": Sender, "pages": Pages, "walker": Walker, "follower": Follower}


def main(role: str) -> None:
    """Live until standard input ends; tell how far it is now and then; write what was seen."""
    told = json.loads(sys.stdin.readline())
    client = CLIENTS[role](told)

    def listen() -> None:
        sys.stdin.read()
        client.stop.set()

    def tell() -> None:
        seen = client.seen
        while True:
            answered = Counter[str]()
            for (kind, status), n in seen.statuses.copy().items():
                answered[f"{kind} {status}" if status >= 500 else kind] += n
            print(json.dumps({"answered": answered, "rows": seen.ledger.results, "failures": seen.failures,
                              "broken": len(seen.broken)}), flush=True)
            time.sleep(TELL_S)

    for each in (listen, tell):
        threading.Thread(target=each, daemon=True).start()
    client.run()
    with open(told["out"], "wb") as file:  # plain things: this module has another name in the process that reads it
        pickle.dump(vars(client.seen) | {"ledger": vars(client.seen.ledger)}, file)


if __name__ == "__main__":
    main(sys.argv[1])
