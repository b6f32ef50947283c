"""Documents between agencies: messages taken in and handed out, a large attachment, and what grows with documents.

Taking in and handing out are measured against lxml's parsing of the same bytes and the bare inserts (updates) of the
same rows by the driver alone.
"""
import hashlib
import os
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

from flask import Flask
from sqlalchemy import select

from portal.exchange import delivery, handing, receiving
from portal.exchange.edxml import profiles, writing
from portal.exchange.edxml.message import Attachment, Code, DocumentId, DocumentMessage, Organ
from portal.exchange.models import Delivery, Participant, ParticipantState, Way
from portal.kit import clock, files
from portal.kit.db import engine, session, transaction
from tests import make
from tests.bench.measuring import Row, Size, in_turn, ratio, say

RECEIVERS = 3
GOAL = 0.5
MORE_MB, LARGE_MB = 10, 50
ENDS = b"%%EOF\n"
PDF = make.PDF + b"%" + b" " * 20_000 + b"\n" + ENDS


@dataclass(frozen=True)
class Sides:
    """Who sends, and who gets it."""

    sender: int
    receivers: tuple[int, ...]
    numbers: Iterator[int]


def connected(codes: Sequence[str], way: str = Way.api) -> list[int]:
    """Bodies that take part by our API."""
    with transaction():
        made = [Participant(code=code, name=f"Cơ quan {code}", way=way, profile="vnpt",
                            state=ParticipantState.connected, connected_at=clock.now()) for code in codes]
        session.add_all(made)
        session.flush()
        return [one.id for one in made]


def message(sender: str, receivers: Sequence[str], number: int, attached: Attachment | None = None) -> bytes:
    """A document as a peer writes it."""
    day = clock.today()
    said = DocumentMessage(
        sender=Organ(sender, f"Cơ quan {sender}"), receivers=tuple(Organ(one, f"Cơ quan {one}") for one in receivers),
        document_id=DocumentId(f"{sender},{day:%Y/%m/%d},{number}/CV-BD", sender, day, f"{number}/CV-BD"),
        code=Code(str(number), "CV-BD"), place="Hà Nội", day=day, subject=f"Về việc phối hợp số {number}",
        content="Đề nghị quý cơ quan phối hợp. " * 20, attachments=(attached,) if attached else ())
    out = BytesIO()
    writing.write(said, profiles.PROFILES["vnpt"], out)
    return out.getvalue()


def traffic(app: Flask, size: Size, on: str) -> list[Row]:
    """Messages a second, in and out, with and without a file."""
    rows = list[Row]()
    with app.app_context(), tempfile.TemporaryDirectory() as folder:
        paper = Path(folder) / "cong-van.pdf"
        paper.write_bytes(PDF)
        attached = Attachment("cong-van.pdf", len(PDF), hashlib.sha256(PDF).hexdigest(), paper,
                              content_type="application/pdf", content_id="tep-1")
        codes = [f"H98.{n}" for n in range(1, RECEIVERS + 2)]
        sender, *receivers = connected(codes)
        sides = Sides(sender, tuple(receivers), count(1))
        n = max(size.submissions // 4, 6)
        for what, one in (("without a file", None), ("with a file of 20 KB", attached)):
            say(f"messages {what}, {on}")
            sent = [message(codes[0], codes[1:], next(sides.numbers), one) for _ in range((size.rounds + 1) * n)]
            rows += _in(sides, sent, n, size.rounds, f"{what}, {on}")
            rows += _out(sides, n, size.rounds, f"{what}, {on}", sent[0])
    return rows


def _in(sides: Sides, sent: list[bytes], n: int, rounds: int, what: str) -> list[Row]:
    waiting, spare = list(sent), list(sent)

    def portal(take: int = n) -> float:
        mine, start = [waiting.pop() for _ in range(take)], time.perf_counter()
        for one in mine:
            receiving.accept(session.get_one(Participant, sides.sender), BytesIO(one), way="api")
        return take / (time.perf_counter() - start)

    def bare(take: int = n) -> float:
        mine, start = [spare.pop() for _ in range(take)], time.perf_counter()
        for one in mine:
            _parse(one)
            _insert(sides)
        return take / (time.perf_counter() - start)

    portal(n // 2)
    bare(n // 2)
    series = in_turn({"portal": lambda: portal(n if len(waiting) >= n else len(waiting)), "bare": lambda: bare(
        n if len(spare) >= n else len(spare))}, rounds)
    return [_row(f"messages in, {what}", series)]


def _out(sides: Sides, n: int, rounds: int, what: str, alike: bytes) -> list[Row]:
    """Listed, fetched with its bytes, acknowledged; by the receivers in turn."""
    turn, own = count(), count()

    def portal() -> float:
        receiver, start, done = sides.receivers[next(turn) % RECEIVERS], time.perf_counter(), 0
        numbers = [(one.id, one.message.file.blob if one.message.file else "") for one in delivery.waiting(
            [receiver], limit=n)]
        session.rollback()
        for number, blob in numbers:
            with transaction():
                handing.fetch(session.get_one(Delivery, number))
            files.where(blob).read_bytes()
            with transaction():
                handing.acknowledge(session.get_one(Delivery, number), delivery.DONE)
            done += 1
        return done / (time.perf_counter() - start)

    bare_rows = _insert(sides, state="waiting", many=n * (rounds + 1))

    def bare() -> float:
        start = time.perf_counter()
        for _ in range(n):
            _parse(alike)
            _update(bare_rows[next(own)])
        return n / (time.perf_counter() - start)

    portal()
    return [_row(f"messages out, {what}", in_turn({"portal": portal, "bare": bare}, rounds))]


def _row(what: str, series: Any) -> Row:
    got = ratio(series, "portal", "bare")
    return Row(what, f"{median(series['portal']):,.0f}/s", f"{median(series['bare']):,.0f}/s (lxml and bare rows)",
               f"{got:.2f}", f">= {GOAL}", got >= GOAL)


def _parse(content: bytes) -> None:
    from lxml import etree  # noqa: PLC0415

    etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))


_NUMBERS = count(-1, -1)  # of bare rows: the portal never gives them


def _insert(sides: Sides, state: str = "done", many: int = 1) -> list[tuple[int, int]]:
    """The rows of a message, a document, its copies, events and deliveries, and of its files; committed. The first
    delivery and copy of each."""
    found = []
    for _ in range(many):
        base = next(_NUMBERS)
        first = base * RECEIVERS
        made = [*_document(sides, base), *(row for n, receiver in enumerate(sides.receivers)
                                           for row in _copy(sides, base, first - n, receiver, state))]
        _execute(made)
        found.append((first, first))
    return found


def _document(sides: Sides, base: int) -> Iterator[tuple[str, dict[str, Any]]]:
    now, digest = _now(), f"{-base:064}"
    yield "stored_file", {
        "id": base, "owner_kind": "message", "owner_id": base, "state": "clean", "blob": f"bare/{base}",
        "media_type": "application/xml", "size": 1, "sha256": digest, "at": now}
    yield "exchange_message", {
        "id": base, "kind": "document", "way": "api", "sender_id": sides.sender, "from_code": "H98.1",
        "document_key": f"bare,{base}", "business": "new", "payload_sha256": digest, "sha256": digest, "size": 1,
        "file_id": base, "dialect": "vnpt", "deviations": "[]", "signature": "none", "facts": "{}",
        "verdict": "accepted", "received_at": now}
    yield "exchange_document", {
        "id": base, "state": "sent", "sender_id": sides.sender, "key": f"bare,{base}", "said_id": f"bare,{base}",
        "number": str(base), "notation": "CV-BD", "type_name": "Công văn", "subject": "Về việc phối hợp", "content": "",
        "search_key": "ve viec phoi hop", "place": "", "signer_name": "", "signer_position": "",
        "signer_competence": "", "priority": 0, "steering": "", "reference_codes": "[]", "about": "[]",
        "message_id": base, "edition": 1, "receivers": "[]", "created_at": now, "sent_at": now, "version": 1}


def _copy(sides: Sides, base: int, number: int, receiver: int, state: str) -> Iterator[tuple[str, dict[str, Any]]]:
    now = _now()
    yield "exchange_copy", {
        "id": number, "document_id": base, "receiver_id": receiver, "state": "sent", "state_at": now,
        "known_by": "sent", "sure": 100, "sent_at": now, "version": 1}
    yield "exchange_event", {"id": number, "document_id": base, "copy_id": number, "code": "sent", "at": now,
                             "arrived_at": now, "how": "sent", "sure": 100, "message_id": base}
    yield "exchange_delivery", {
        "id": number, "message_id": base, "sender_id": sides.sender, "receiver_id": receiver, "kind": "document",
        "position": number, "state": "done" if state == "waiting" else state, "tries": 0, "next_at": now,
        "queued_at": now}


def _update(row: tuple[int, int]) -> None:
    """What handing out writes: taken, then done and arrived."""
    number, copy = row
    now, mark = _now(), "?" if engine().dialect.name == "sqlite" else "%s"
    _raw([(f"UPDATE exchange_delivery SET taken_at = {mark} WHERE id = {mark}", (now, number))])  # noqa: S608
    event = next(_NUMBERS) * RECEIVERS
    _raw([(f"UPDATE exchange_delivery SET ended_at = {mark} WHERE id = {mark}", (now, number)),  # noqa: S608
          (f"UPDATE exchange_copy SET state = 'arrived', state_at = {mark} WHERE id = {mark}", (now, copy)),  # noqa: S608
          _statement("exchange_event", {"id": event, "document_id": -(-copy // RECEIVERS), "copy_id": copy,
                                        "code": "01", "at": now, "arrived_at": now, "how": "fetched", "sure": 100})])


def _now() -> Any:
    now = datetime.now(UTC)
    return now.strftime("%Y-%m-%d %H:%M:%S.%f") if engine().dialect.name == "sqlite" else now


def _statement(table: str, row: dict[str, Any]) -> tuple[str, tuple[Any, ...]]:
    marks = ", ".join(["?" if engine().dialect.name == "sqlite" else "%s"] * len(row))
    return f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", tuple(row.values())  # noqa: S608


def _execute(rows: Sequence[tuple[str, dict[str, Any]]]) -> None:
    _raw([_statement(table, row) for table, row in rows])


def _raw(statements: Sequence[tuple[str, tuple[Any, ...]]]) -> None:
    raw = engine().raw_connection()
    try:
        with closing(raw.cursor()) as cursor:
            if engine().dialect.name == "sqlite":
                cursor.execute("BEGIN IMMEDIATE")
            for statement, values in statements:
                cursor.execute(statement, values)
        raw.commit()
    finally:
        raw.close()


# a large attachment

def large(folder: str, on: str) -> list[Row]:
    """The memory that a message of 67 MB takes over one of 70 KB, each read in by a process of its own."""
    say(f"an attachment of {LARGE_MB} MB, {on}")
    small, big = (_peak_mb(folder, size) for size in (50_000, LARGE_MB << 20))
    more = big - small
    return [Row(f"an attachment of {LARGE_MB} MB taken in, memory, {on}", f"{big:.0f} MB", f"{small:.0f} MB (50 KB)",
                f"+{more:.1f} MB", f"<= +{MORE_MB} MB", more <= MORE_MB)]


def _peak_mb(folder: str, size: int) -> float:
    path = Path(folder) / f"large-{size}.edxml"
    _write_large(path, size)
    done = subprocess.run([sys.executable, "-m", "tests.bench.exchange", str(path)], capture_output=True, text=True,
                          timeout=600, env=dict(os.environ), check=True)
    return float(done.stdout.split()[-1])


def _write_large(path: Path, size: int) -> None:
    """A message whose file is a PDF of so many bytes."""
    head = message("H98.1", ["H98.2"], size)
    block = 57 * 1024  # whole lines of base64
    with path.open("wb") as out:
        cut = head.rindex(b"</")
        out.write(head[:cut])
        out.write(b"<AttachmentEncoded><Attachment><ContentType>application/pdf</ContentType><ContentId>cid:1</ContentId>"
                  b"<AttachmentName>lon.pdf</AttachmentName><ContentTransferEncoded>")
        buffered, rest, comment = make.PDF, size - len(make.PDF), b"%" + b"x" * (block - 2) + b"\n"
        while rest > 0:
            buffered += comment
            rest -= len(comment)
            whole = len(buffered) // block * block
            out.write(b64encode(buffered[:whole]))
            buffered = buffered[whole:]
        out.write(b64encode(buffered + ENDS))
        out.write(b"</ContentTransferEncoded></Attachment></AttachmentEncoded>")
        out.write(head[cut:])


def _read_one(path: str) -> None:
    """In a process of its own: read one message in, and print the peak of its memory in megabytes."""
    from portal import create_app  # noqa: PLC0415

    app = create_app()
    with app.app_context():
        with open(path, "rb") as source:
            taken = receiving.read_in(source)
        receiving.forget(taken)
        session.execute(select(Participant.id).limit(1))
        session.rollback()
    [peak] = [line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line]
    print(int(peak) / 1024)


if __name__ == "__main__":
    _read_one(sys.argv[1])

