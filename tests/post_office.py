"""A mail server on this machine, as polite or as tiring as a test wants it: also
`python -m tests.post_office PORT MANNER`."""
import sys
import time
from contextlib import suppress
from email import message_from_bytes
from email.message import Message
from enum import StrEnum
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Lock, Thread

DRIP_S = 0.2


class Manner(StrEnum):
    """How it treats who comes: takes letters, knows no recipient, is busy, likes no content, takes nothing of this
    sender, says nothing, drips a greeting without end, takes the letter and then drips."""

    takes = "takes"
    refuses = "refuses"
    busy = "busy"
    dislikes = "dislikes"
    shuns = "shuns"
    silent = "silent"
    drips = "drips"
    drips_after = "drips_after"


class PostOffice(ThreadingTCPServer):
    """Keeps the letters that it took, with the moments."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, manner: Manner = Manner.takes, port: int = 0) -> None:
        self.manner, self.lock = manner, Lock()
        self.letters: list[tuple[float, Message]] = []
        self.callers = 0
        super().__init__(("127.0.0.1", port), Clerk)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}"

    def ids(self) -> list[str]:
        """The Message-ID of each letter, in their order."""
        return [str(letter["Message-ID"]) for _at, letter in self.letters]

    def __enter__(self) -> "PostOffice":
        Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.shutdown()
        self.server_close()


class Clerk(StreamRequestHandler):
    server: PostOffice

    def handle(self) -> None:
        self.server.callers += 1
        with suppress(OSError):
            self.receive()

    def say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())

    def drip(self, code: int) -> None:
        while True:
            self.say(f"{code}-please wait")
            time.sleep(DRIP_S)

    def receive(self) -> None:
        manner = self.server.manner
        if manner == Manner.silent:
            self.rfile.read()
            return
        if manner == Manner.drips:
            self.drip(220)
        self.say("220 here")
        while line := self.rfile.readline():
            verb = line.split()[0].upper() if line.split() else b""
            if verb == b"DATA":
                self.say("354 go on")
                self.take()
            elif verb == b"RCPT" and manner in (Manner.refuses, Manner.busy):
                self.say("550 nobody here" if manner == Manner.refuses else "451 later")
            elif verb == b"MAIL" and manner == Manner.shuns:
                self.say("550 not from there")
            elif verb == b"QUIT":
                if manner == Manner.drips_after:
                    self.drip(221)
                self.say("221 bye")
                return
            else:
                self.say("250 yes")

    def take(self) -> None:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line)
        if self.server.manner == Manner.dislikes:
            self.say("554 not wanted")
            return
        with self.server.lock:
            self.server.letters.append((time.time(), message_from_bytes(b"".join(lines))))
        self.say("250 taken")


if __name__ == "__main__":
    PostOffice(Manner(sys.argv[2]), int(sys.argv[1])).serve_forever()
