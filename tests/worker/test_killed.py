"""Workers are killed at every act of their jobs: in the database each job is done once; outside each letter and each
call comes at least once, and again only under the same id.

DEATHS of them in the suite, 200 in `make soak`.
"""
import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.files.models import StoredFile
from portal.kit import files
from portal.kit.db import session
from portal.kit.jobs import Job
from portal.notices.models import Message
from portal.papers.models import Paper, PaperSheet
from portal.progress import actions
from portal.progress.models import ProgressChange, ProgressSubscriber
from tests import make
from tests.post_office import PostOffice
from tests.sizes import times

pytestmark = pytest.mark.real_commits
ROOT = Path(__file__).parents[2]
DEATHS = times(12, 200)
DOSSIERS = 4 + DEATHS // 8
SECRET = "only the two of us"


class Subscriber(ThreadingHTTPServer):
    """Hears changes and takes them."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, dict[str, Any]]] = []
        super().__init__(("127.0.0.1", 0), Ear)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"


class Ear(BaseHTTPRequestHandler):
    server: Subscriber

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append((self.headers["Portal-Delivery"], json.loads(body)))
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Not on the screen of the tests."""


@pytest.fixture
def subscriber() -> Iterator[Subscriber]:
    with Subscriber() as running:
        Thread(target=running.serve_forever, args=(0.01,), daemon=True).start()
        yield running
        running.shutdown()


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with PostOffice() as running:
        yield running


def work_that_waits(town: Flask, office: PostOffice, subscriber: Subscriber) -> list[int]:
    """Dossiers that were accepted: each has a receipt to be drawn, letters to be mailed, changes to be told."""
    town.config["SMTP_URL"] = office.url
    with town.app_context():
        make.save(actions.add_subscriber(make.agency().id, subscriber.url, SECRET))
        return [make.dossier("received").id for _ in range(DOSSIERS)]


def kill_workers(town: Flask) -> dict[str, int]:
    """How many died at which act; afterwards everything is done."""
    environment = os.environ | {
        "PORTAL_SECRET_KEY": town.config["SECRET_KEY"], "PORTAL_DATABASE_URL": town.config["DATABASE_URL"],
        "PORTAL_FILES_FOLDER": town.config["FILES_FOLDER"], "PORTAL_SMTP_URL": town.config["SMTP_URL"],
        "PORTAL_CALL_NETWORKS": "127.0.0.0/8", "PORTAL_JOB_LEASE_S": "0.6", "PORTAL_INSECURE_HTTP": "true",
        "PORTAL_MAIL_WITHOUT_TLS": "1",
        "PYTHONWARNINGS": "ignore"}
    done = subprocess.run([sys.executable, "-m", "tests.worker.nursery"], cwd=ROOT, env=environment, text=True,
                          input=json.dumps({"deaths": DEATHS, "seed": DEATHS}), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    deaths: dict[str, int] = json.loads(done.stdout)
    return deaths


def test_killed_at_any_act_each_job_is_done_once_and_told_at_least_once(
        town: Flask, office: PostOffice, subscriber: Subscriber) -> None:
    dossiers = work_that_waits(town, office, subscriber)
    deaths = kill_workers(town)
    assert sum(deaths.values()) == DEATHS
    with town.app_context():
        assert session.scalars(select(Job.error).where(Job.dead_at.is_not(None))).all() == []
        papers_are_sealed_once(dossiers)
        letters_arrived(office)
        changes_were_heard(subscriber)


def papers_are_sealed_once(dossiers: list[int]) -> None:
    rows = session.execute(select(Paper.owner_id, PaperSheet.size_name, Paper.code, StoredFile.blob)
                           .join(PaperSheet.paper).join(PaperSheet.file)).all()
    assert sorted((row[0], row[1]) for row in rows) == sorted((n, size) for n in dossiers for size in ("A4", "A5"))
    assert len({row[2] for row in rows}) == len(dossiers), "both sizes are the same paper"
    assert all(files.where(row[3]).exists() for row in rows)


def letters_arrived(office: PostOffice) -> None:
    messages = session.scalars(select(Message).where(Message.channel == "email")).all()
    assert messages and all(message.sent_at for message in messages)
    assert set(office.ids()) == {f"<notice-{message.id}@localhost>" for message in messages}


def changes_were_heard(subscriber: Subscriber) -> None:
    last = session.scalar(select(func.max(ProgressChange.position)))
    assert session.scalars(select(ProgressSubscriber.position)).one() == last
    bodies = defaultdict(list)
    for delivery_id, body in subscriber.heard:
        bodies[delivery_id].append(body)
    assert all(body == sent[0] for sent in bodies.values() for body in sent), "an id is one delivery, however often"
    heard = [change["position"] for sent in bodies.values() for change in sent[0]["changes"]]
    assert heard == list(range(1, (last or 0) + 1)), "each once, in order, but for ids seen before"
