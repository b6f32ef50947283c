"""A subscriber in the mixed load: a machine that is told of every change over TLS, is sometimes in a bad mood, and
knows what it should hear. `python -m tests.bench.mixed_hearing hearer`, like the clients of mixed_clients."""
import json
import ssl
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

from tests.bench import mixed_clients
from tests.subscribing import HERE, is_right

FAILS, HANGS_UP = 0.03, 0.02  # of deliveries; it heard both kinds, but the portal cannot know


class Hearer(mixed_clients.Client):
    """Hears deliveries until told to stop, in a good mood from then on, and until nothing comes any more."""

    def __init__(self, told: dict[str, Any]) -> None:
        super().__init__(told)
        self.acknowledged: int = told["after"]
        self.heard_at, self.again, self.deliveries = time.monotonic(), 0, 0

    def run(self) -> None:
        hearer = self

        class Ear(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = hearer.hear(self.headers["Portal-Signature"], body)
                if status:
                    self.send_response(status)
                    self.end_headers()
                else:
                    self.close_connection = True
                    self.connection.close()

            def log_message(self, *_words: Any) -> None:
                pass

        server = HTTPServer((HERE, self.told["at"]), Ear)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(Path(self.told["certificate"]))
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.stop.wait()
        while time.monotonic() - self.heard_at < self.told["quiet"]:
            time.sleep(1)
        self.seen.facts |= {"told_last": self.acknowledged, "told_again": self.again, "deliveries": self.deliveries}

    def hear(self, signed: str, body: bytes) -> int:
        """The status to answer with, 0 for hanging up. Notes what may never be."""
        self.heard_at, self.deliveries = time.monotonic(), self.deliveries + 1
        if not is_right(self.told["secret"], signed, body, time.time()):
            self.seen.fail(f"webhook: signature {signed}")
        told = json.loads(body)
        positions = [change["position"] for change in told["changes"]]
        if positions != list(range(positions[0], positions[0] + len(positions))) or told["next"] != positions[-1]:
            self.seen.fail(f"webhook: positions {positions[:3]} to {positions[-1]}, next {told['next']}")
        if positions[0] > self.acknowledged + 1:
            self.seen.fail(f"webhook: position {positions[0]} after {self.acknowledged}")
        self.again += positions[0] <= self.acknowledged
        mood = 1.0 if self.stop.is_set() else self.dice.random()
        if mood < FAILS:
            return 500
        if mood < FAILS + HANGS_UP:
            return 0
        self.acknowledged = max(self.acknowledged, positions[-1])
        self.seen.statuses["webhook", 204] += 1
        return 204


if __name__ == "__main__":
    mixed_clients.CLIENTS["hearer"] = Hearer
    mixed_clients.main(sys.argv[1])
