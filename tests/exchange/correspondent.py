"""An agency's own system, as a process: `python -m tests.exchange.correspondent`.

Reads {"hub", "key", "code", "folder", "send": [[document, XML]…]} from its input. It sends its documents until each is
acknowledged, gets what waits, keeps each message once by its id, says of each document that it was registered (03) and
done (06), and acknowledges only what is on its disk. It knows nothing of how often the hub dies. Ends when the folder
has a file `stop` and nothing is left to do.
"""
import http.client
import json
import os
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

PAUSE_S = 0.05
NS = "http://www.mic.gov.vn/TBT/QCVN_102_2016"


class System:
    """What it has to do is on its disk: it may die too."""

    def __init__(self, given: dict[str, Any]) -> None:
        self.host, self.key, self.code = given["hub"], given["key"], given["code"]
        self.folder = Path(given["folder"])
        for name in ("outbox", "sent", "inbox"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        for name, content in given["send"]:
            self.keep("outbox", name, content.encode())

    def keep(self, where: str, name: str, content: bytes) -> None:
        """Whole or not at all, and for good."""
        place = self.folder / where / name
        part = place.with_name(f".{name}")
        with part.open("wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        part.replace(place)

    def call(self, method: str, path: str, body: bytes | None = None,
             kind: str = "application/xml") -> tuple[int, bytes]:
        """One call; OSError and HTTPException while the hub is away."""
        line = http.client.HTTPConnection(self.host, timeout=20)
        try:
            line.request(method, f"/api/exchange/v1{path}", body,
                         {"Authorization": f"Bearer {self.key}", "Content-Type": kind})
            answer = line.getresponse()
            return answer.status, answer.read()
        finally:
            line.close()

    def send(self) -> bool:
        """Send what lies in the outbox, the oldest first; whether anything did."""
        waiting = sorted(one for one in (self.folder / "outbox").iterdir() if not one.name.startswith("."))
        for place in waiting:
            status, said = self.call("POST", "/messages", place.read_bytes())
            if status not in (200, 201):
                raise RuntimeError(f"{status} {said!r}")
            self.keep("sent", place.name, said)
            place.unlink()
        return bool(waiting)

    def get(self) -> bool:
        """Get, store, answer and acknowledge what waits; whether anything did."""
        status, said = self.call("GET", "/messages?size=20")
        if status != 200:
            raise RuntimeError(f"{status} {said!r}")
        found = json.loads(said)["messages"]
        for one in found:
            status, content = self.call("GET", f"/messages/{one['id']}")
            if status != 200:
                raise RuntimeError(f"{status} {content!r}")
            self.store(one, content)
            self.call("POST", f"/messages/{one['id']}/acknowledgement", b'{"state": "done"}', "application/json")
        return bool(found)

    def store(self, one: dict[str, Any], content: bytes) -> None:
        """Keep it once; what is a document is answered once."""
        name = f"{one['id']:08}"
        with (self.folder / "came.txt").open("a") as log:
            log.write(f"{one['id']} {one['sender']} {one['position']} {one['kind']}\n")
        if (self.folder / "inbox" / name).exists():
            return
        if one["kind"] == "document":
            for code in ("03", "06"):
                self.keep("outbox", f"status-{name}-{code}", self.status(content.decode(), code).encode())
        self.keep("inbox", name, content)

    def status(self, document: str, code: str) -> str:
        """Word of what became of a document."""
        def field(tag: str) -> str:
            found = re.search(f"<{tag}>(.*?)</{tag}>", document)
            assert found
            return found[1]
        return (f"<?xml version='1.0' encoding='UTF-8'?><edXML xmlns='{NS}'><edXMLEnvelope><edXMLHeader><MessageHeader>"
                f"<From><OrganId>{self.code}</OrganId></From><ResponseFor><OrganId>{field('OrganId')}</OrganId>"
                f"<DocumentId>{field('DocumentId')}</DocumentId></ResponseFor><StatusCode>{code}</StatusCode>"
                f"<Timestamp>2026/11/04 0{int(code)}:00:00</Timestamp></MessageHeader></edXMLHeader></edXMLEnvelope>"
                "</edXML>")


def persist(act: Callable[[], bool]) -> bool:
    """Do it, however often the hub is away meanwhile."""
    while True:
        try:
            return act()
        except (OSError, http.client.HTTPException, RuntimeError, ValueError):
            time.sleep(PAUSE_S)


def main() -> None:
    system = System(json.load(sys.stdin))
    stop = system.folder / "stop"
    while True:
        over = stop.exists()
        did = [persist(system.send), persist(system.get)]
        if not any(did):
            (system.folder / "idle").touch()
            if over:
                return
            time.sleep(PAUSE_S)
        else:
            (system.folder / "idle").unlink(missing_ok=True)


if __name__ == "__main__":
    main()
