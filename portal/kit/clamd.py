"""Asking a clamd whether some bytes hold a virus: INSTREAM, over a local socket or TCP, within a limit of time."""
import socket
import struct
import time
from typing import IO

CHUNK = 128 * 1024
LONGEST_ANSWER = 1024
_FOUND, _FINE = " FOUND", ": OK"


class Away(Exception):
    """The scanner is not there, too slow, or could not say: nothing is known about the bytes."""


def scan(address: str, stream: IO[bytes], *, seconds: float) -> str | None:
    """The name of what was found in the bytes; None when nothing was. `address`: "unix:/path" or "host:port".

    All of it takes at most `seconds`. Raises Away.
    """
    until = time.monotonic() + seconds
    try:
        with _connected(address, until) as line:
            _send(line, b"zINSTREAM\0", until)
            while chunk := stream.read(CHUNK):
                _send(line, struct.pack("!L", len(chunk)) + chunk, until)
            _send(line, struct.pack("!L", 0), until)
            said = _answer(line, until)
    except OSError as error:
        raise Away(f"{type(error).__name__}: {error}") from None
    if said.endswith(_FOUND):
        return said.removesuffix(_FOUND).partition(": ")[2] or "?"
    if not said.endswith(_FINE):
        raise Away(said[:200] or "it said nothing")
    return None


def answers(address: str, *, seconds: float = 2.0) -> bool:
    """Whether the scanner is there."""
    until = time.monotonic() + seconds
    try:
        with _connected(address, until) as line:
            _send(line, b"zPING\0", until)
            return _answer(line, until) == "PONG"
    except OSError:
        return False


def split(address: str) -> tuple[str, int] | str:
    """The path of a local socket, or host and port. ValueError for what is neither."""
    if address.startswith("unix:"):
        path = address.removeprefix("unix:").removeprefix("//")
        if not path.startswith("/"):
            raise ValueError("it is unix:/path/to/socket or host:port")
        return path
    host, _colon, port = address.removeprefix("tcp://").rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise ValueError("it is unix:/path/to/socket or host:port")
    return host.strip("[]"), int(port)


def _connected(address: str, until: float) -> socket.socket:
    place = split(address)
    if isinstance(place, tuple):
        return socket.create_connection(place, timeout=_left(until))
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        line.settimeout(_left(until))
        line.connect(place)
    except BaseException:
        line.close()
        raise
    return line


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError("it took too long")
    return left


def _send(line: socket.socket, words: bytes, until: float) -> None:
    line.settimeout(_left(until))
    line.sendall(words)


def _answer(line: socket.socket, until: float) -> str:
    found = b""
    while b"\0" not in found and len(found) < LONGEST_ANSWER:
        line.settimeout(_left(until))
        more = line.recv(LONGEST_ANSWER)
        if not more:
            break
        found += more
    return found.partition(b"\0")[0].decode("utf-8", "replace").strip()
