"""A hub that is killed at any point under three systems, each a process of its own: what was acknowledged reaches each
receiver once in effect, and both ends agree when all is quiet. DEATHS of it in the suite, 50 in `make soak`.
"""
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.exchange.models import Copy, Delivery, Document, ExchangeEvent, Message
from portal.kit import files
from portal.kit.db import session
from portal.kit.jobs import Job
from portal.people import keys
from tests import make
from tests.exchange import documents, messages, nursery
from tests.sizes import times

pytestmark = pytest.mark.real_commits
ROOT = Path(__file__).parents[2]
DEATHS, EACH = times(6, 50), times(6, 40)
CODES = ("H26", "H17", "H29")
PATIENCE_S = times(240, 900)


class Killed:
    """The hub, as seen from outside."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        assert process.stdin and process.stdout
        process.stdin.write(json.dumps({"deaths": DEATHS, "seed": DEATHS}) + "\n")
        process.stdin.flush()
        self.address = f"127.0.0.1:{int(process.stdout.readline())}"

    def deaths(self) -> Counter[str]:
        """Where it died, once it has died often enough."""
        assert self.process.stdout
        return Counter(json.loads(self.process.stdout.readline()))


@contextmanager
def hub(town: Flask) -> Iterator[Killed]:
    environment = os.environ | {
        "PORTAL_SECRET_KEY": town.config["SECRET_KEY"], "PORTAL_DATABASE_URL": town.config["DATABASE_URL"],
        "PORTAL_FILES_FOLDER": town.config["FILES_FOLDER"], "PORTAL_JOB_LEASE_S": "0.6", "PYTHONWARNINGS": "ignore",
        "PORTAL_INSECURE_HTTP": "true"}
    with subprocess.Popen([sys.executable, "-m", "tests.exchange.nursery"], cwd=ROOT, env=environment, text=True,
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            yield Killed(process)
        finally:
            assert process.stdin
            process.stdin.close()
            assert process.wait(20) == 0


@contextmanager
def system(address: str, code: str, key: str, folder: Path) -> Iterator[Path]:
    """An agency's system with EACH documents for the two others."""
    others = [one for one in CODES if one != code]
    send = [[f"document-{n:04}", messages.xml(messages.document(
        *others, sender=code, number=n, name="cong-van.pdf" if n == EACH else None)).decode()]
        for n in range(1, EACH + 1)]
    given = {"hub": address, "key": key, "code": code, "folder": str(folder), "send": send}
    with subprocess.Popen([sys.executable, "-m", "tests.exchange.correspondent"], cwd=ROOT, text=True,
                          stdin=subprocess.PIPE) as process:
        assert process.stdin
        process.stdin.write(json.dumps(given))
        process.stdin.close()
        try:
            yield folder
            (folder / "stop").touch()
            assert process.wait(PATIENCE_S) == 0
        finally:
            process.kill()


def quiet(folders: list[Path]) -> bool:
    """Nobody has anything left to send or get, and all is sent."""
    return all((one / "idle").exists() and not any((one / "outbox").iterdir()) for one in folders)


def test_killed_at_any_point_a_hub_loses_and_doubles_nothing(town: Flask, tmp_path: Path) -> None:
    with town.app_context():
        secrets = {}
        for code in CODES:
            documents.participant(code, way="api")
            secrets[code] = keys.issue(make.agency(code), ["exchange"])[1]
        session.commit()
    with hub(town) as killed, system(killed.address, "H26", secrets["H26"], tmp_path / "H26") as h26, \
                system(killed.address, "H17", secrets["H17"], tmp_path / "H17") as h17, \
                system(killed.address, "H29", secrets["H29"], tmp_path / "H29") as h29:
        deaths = killed.deaths()
        assert sum(deaths.values()) == DEATHS
        assert deaths[nursery.ANY] < DEATHS, "it was killed while it did something"
        until, calm = time.monotonic() + PATIENCE_S, 0
        while calm < 3:
            assert time.monotonic() < until, "it never came to rest"
            calm = calm + 1 if quiet([h26, h17, h29]) else 0
            time.sleep(0.3)
    with town.app_context():
        each_reached_each_once({code: tmp_path / code for code in CODES})
        both_ends_agree()
        nothing_else_is_left()


def each_reached_each_once(folders: dict[str, Path]) -> None:
    numbers = {one.id: one for one in session.scalars(select(Message).where(Message.verdict == "accepted"))}
    for code, folder in folders.items():
        acknowledged = [json.loads(one.read_text())["id"] for one in sorted((folder / "sent").glob("document-*"))]
        assert len(set(acknowledged)) == EACH, "each was acknowledged, and is one message"
        for other, there in folders.items():
            came = [int(one.name) for one in (there / "inbox").iterdir()]
            ours = [one for one in came if numbers[one].kind == "document" and numbers[one].from_code == code]
            assert sorted(ours) == (sorted(acknowledged) if other != code else [])
        statuses = Counter((numbers[int(one.name)].about_key, numbers[int(one.name)].from_code,
                            numbers[int(one.name)].status_code) for one in (folder / "inbox").iterdir()
                           if numbers[int(one.name)].kind == "status")
        assert len(statuses) == EACH * 2 * 2 and set(statuses.values()) == {1}, "from each receiver each word, once"
        in_order(folder)


def in_order(folder: Path) -> None:
    """First times of each sender's messages came by their places."""
    seen: dict[str, list[int]] = {}
    for line in (folder / "came.txt").read_text().splitlines():
        _id, sender, place, _kind = line.split()
        if int(place) not in seen.setdefault(sender, []):
            seen[sender].append(int(place))
    for places in seen.values():
        assert places == list(range(1, len(places) + 1))


def both_ends_agree() -> None:
    assert session.scalar(select(func.count()).select_from(Document)) == len(CODES) * EACH
    standing: list[Any] = [tuple(row) for row in session.execute(select(Copy.state, Copy.known_by))]
    assert standing == [("done", "status")] * (len(CODES) * EACH * 2)
    told = Counter(tuple(row) for row in session.execute(select(ExchangeEvent.copy_id, ExchangeEvent.code).where(
        ExchangeEvent.code.in_(("sent", "03", "06")))))
    assert set(told.values()) == {1} and len(told) == 3 * len(standing)
    assert session.scalar(select(func.count()).select_from(Delivery).where(Delivery.state != "done")) == 0


def nothing_else_is_left() -> None:
    assert session.scalars(select(Job.error).where(Job.dead_at.is_not(None))).all() == []
    for message in session.scalars(select(Message).where(Message.verdict == "accepted")):
        assert message.file and files.where(message.file.blob).exists(), "no row without its bytes"
