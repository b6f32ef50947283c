"""A small HTTP client that keeps some connections busy for some seconds, in a process of its own.

Reads JSON from standard input: host, port, connections, seconds, requests (whole requests as text), and writes
JSON: how many were answered, in how long, the answers' statuses, bytes, and p50 and p99 in milliseconds.
"""
import json
import random
import selectors
import socket
import sys
import time
from collections import Counter
from typing import Any

END = b"\r\n\r\n"
PATIENCE_S = 30  # for at least one answer on each connection


def _whole(answer: bytes) -> bool:
    """Whether head and body are all there. The server states the length of every body."""
    head, end, body = answer.partition(END)
    if not end:
        return False
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return len(body) >= int(value)
    return True


def run(host: str, port: int, connections: int, seconds: float, requests: list[str]) -> dict[str, Any]:
    """Send requests at random, one at a time on each connection, until the time is over."""
    wanted, dice = [request.encode() for request in requests], random.Random(7)
    selector, statuses, times, size = selectors.DefaultSelector(), Counter[str](), list[float](), 0
    held: dict[socket.socket, tuple[bytearray, float]] = {}

    def ask(line: socket.socket) -> None:
        held[line] = (bytearray(), time.perf_counter())
        line.sendall(dice.choice(wanted))

    def connect() -> None:
        line = socket.create_connection((host, port))
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(line, selectors.EVENT_READ)
        ask(line)

    start = time.perf_counter()
    for _ in range(connections):
        connect()
    while (now := time.perf_counter()) < start + seconds or (len(times) < connections and now < start + PATIENCE_S):
        for key, _ in selector.select(0.1):
            line = key.fileobj
            assert isinstance(line, socket.socket)
            answer, since = held[line]
            if not (part := line.recv(1 << 18)):  # the server closes a connection now and then
                selector.unregister(line)
                line.close()
                connect()
                continue
            answer += part
            if _whole(bytes(answer)):
                times.append(time.perf_counter() - since)
                statuses[answer[9:12].decode()] += 1
                size += len(answer)
                ask(line)
    for line in held:
        line.close()
    if not times:
        raise RuntimeError(f"nothing was answered in {seconds} s")
    times.sort()
    return {"answered": len(times), "seconds": now - start, "statuses": statuses, "bytes": size,
            "p50": times[len(times) // 2] * 1000, "p99": times[int(len(times) * 0.99)] * 1000}


if __name__ == "__main__":
    json.dump(run(**json.load(sys.stdin)), sys.stdout)
