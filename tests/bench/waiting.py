"""People at their pages while work waits: 300 receipts to be drawn, and mail for servers that never finish.

What a claim, a submit and a sign-in cost then, over HTTP, against the same with nothing to do; and how long a
registration code is under way behind all of it.
"""
import http.client
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from statistics import median
from typing import Any
from urllib.parse import urlencode

from flask import Flask
from sqlalchemy import func, select, update

from portal.kit import clock
from portal.kit.db import session, transaction
from portal.kit.jobs import Job, Lane, WorkerBeat
from portal.notices import actions as notices
from tests import make
from tests.bench.measuring import Row, Size, say
from tests.bench.server import HOST, PATIENCE_S, serving
from tests.post_office import Manner, PostOffice

RECEIPTS, SPARE, LETTERS = 300, 100, 60
SIGN_INS_EACH = 8  # of 10 that one contact may try
CODES, CODE_S = 5, 2.0
TIMES, SLOWEST_S = 2.0, 1.0
HELD = timedelta(days=1)
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
Act = Callable[[], tuple[float, int]]  # milliseconds, status


class Browser:
    """One person at the portal: keeps the cookie and the token of its session."""

    def __init__(self, port: int, address: str) -> None:
        self.port = port
        self.headers = {"X-Forwarded-For": address, "Content-Type": "application/x-www-form-urlencoded"}
        self.token = ""

    def ask(self, method: str, path: str, **form: str) -> tuple[float, int, str]:
        """Milliseconds, status, page."""
        line, body = http.client.HTTPConnection(HOST, self.port, timeout=PATIENCE_S), None
        if form:
            body = urlencode(form | {"csrf_token": self.token})
        start = time.perf_counter()
        line.request(method, path, body, self.headers)
        answer = line.getresponse()
        page = answer.read().decode()
        took = (time.perf_counter() - start) * 1000
        line.close()
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            self.headers["Cookie"] = cookie.partition(";")[0]
        if found := TOKEN.search(page):
            self.token = found[1]
        return took, answer.status, page

    def sign_in(self, contact: str) -> tuple[float, int]:
        """What signing in costs; the page with the form was there."""
        self.ask("GET", "/sign-in")
        return self.ask("POST", "/sign-in", contact=contact, password=make.PASSWORD)[:2]

    def show_factor(self, code: str) -> None:
        """The second step of signing in."""
        self.ask("GET", "/sign-in/code")
        self.ask("POST", "/sign-in/code", proof_code=code)


class House:
    """What there is to be done at pages and by the worker. Made by the real verbs."""

    def __init__(self, app: Flask, acts: int) -> None:
        self.app = app
        with app.app_context():
            app.config["SMTP_URL"] = "smtp://mail.invalid"  # so that notices are letters too
            officer, citizen = make.officer(email="canbo@bench.vn"), make.citizen(email="congdan@bench.vn")
            self.officer, self.citizen = str(officer.email), str(citizen.email)
            self.app_of_officer = make.app_of(officer)
            self.contacts = [str(make.citizen(email=f"nguoi{n}@bench.vn").email)
                             for n in range(-(-acts // SIGN_INS_EACH))]
            say(f"{acts} dossiers to be claimed, {acts} to be handed in, {RECEIPTS + SPARE} receipts to be drawn")
            self.to_claim = [make.dossier("submitted", by=citizen).id for _ in range(acts)]
            self.to_submit = [make.draft(by=citizen).id for _ in range(acts)]
            for _ in range(RECEIPTS + SPARE):
                make.dossier("received", by=citizen, officer=officer)
            with transaction():
                session.execute(update(Job).where(Job.name != "papers.draw").values(done_at=clock.now()))
                for _ in range(LETTERS):
                    notices.tell(citizen.id, "dossier_decided", "/my/dossiers", dossier_code="H17", service_name="X")
        self.hold()

    def hold(self) -> None:
        """Nothing is due."""
        self._due(clock.now() + HELD)

    def release(self) -> int:
        """Everything that waits is due now. How many receipts."""
        self._due(clock.now())
        with self.app.app_context():
            return session.scalar(select(func.count()).where(Job.name == "papers.draw", _waits())) or 0

    def _due(self, at: Any) -> None:
        with self.app.app_context(), transaction():
            session.execute(update(Job).where(_waits(), Job.unique_key.is_(None)).values(due_at=at))


def _waits() -> Any:
    return Job.done_at.is_(None) & Job.dead_at.is_(None) & Job.leased_until.is_(None)


@contextmanager
def working(app: Flask, url: str) -> Iterator[None]:
    """`flask work`, all lanes, with this mail server; it is there when each lane's was seen."""
    since = clock.now()
    running = subprocess.Popen([sys.executable, "-m", "flask", "--app", "portal", "work"],
                               env=os.environ | {"PORTAL_SMTP_URL": url, "PORTAL_MAIL_WITHOUT_TLS": "1"})
    try:
        while not _all_seen(app, since):
            time.sleep(0.2)
        yield
    finally:
        running.terminate()
        running.wait(PATIENCE_S)


def _all_seen(app: Flask, since: datetime) -> bool:
    with app.app_context():
        return set(session.scalars(select(WorkerBeat.lane).where(WorkerBeat.seen_at >= since))) >= set(Lane)


@contextmanager
def settings(**given: str) -> Iterator[None]:
    """Of what is started meanwhile."""
    before = dict(os.environ)
    os.environ.update(given)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def acts_of(house: House, port: int) -> Mapping[str, Act]:
    """A claim, a submit and a sign-in, each of its own each time."""
    officer, citizen = Browser(port, "198.51.100.1"), Browser(port, "198.51.100.2")
    officer.sign_in(house.officer)
    officer.show_factor(make.code_of(house.app_of_officer))
    citizen.sign_in(house.citizen)
    officer.ask("GET", "/officer/queue")
    citizen.ask("GET", f"/my/dossiers/{house.to_submit[0]}/check")
    signed = iter(range(10_000))

    def claim() -> tuple[float, int]:
        return officer.ask("POST", f"/officer/dossiers/{house.to_claim.pop()}/claim", go="1")[:2]

    def submit() -> tuple[float, int]:
        return citizen.ask("POST", f"/my/dossiers/{house.to_submit.pop()}/check", true="1")[:2]

    def sign_in() -> tuple[float, int]:
        n = next(signed)
        return Browser(port, f"203.0.113.{n % 250}").sign_in(house.contacts[n // SIGN_INS_EACH])

    return {"claim": claim, "submit": submit, "sign-in": sign_in}


def measure(acts: Mapping[str, Act], times: int, found: dict[str, list[tuple[float, int]]]) -> None:
    """Each act so often, in turn."""
    for _ in range(times):
        for name, act in acts.items():
            found.setdefault(name, []).append(act())


def waiting(app: Flask, size: Size, on: str) -> list[Row]:
    """All of it on one database. `size.submissions` acts of each kind with work waiting, as many without."""
    half = size.submissions
    house = House(app, 4 * half + 8)
    empty: dict[str, list[tuple[float, int]]] = {}
    loaded: dict[str, list[tuple[float, int]]] = {}
    with settings(PORTAL_TRUSTED_PROXIES="1", PORTAL_SMTP_URL="smtp://mail.invalid"), serving() as server, \
            PostOffice() as takes, PostOffice(Manner.drips) as drips, PostOffice(Manner.silent) as silent:
        acts = acts_of(house, server.port)
        measure(acts, 2, {})
        say(f"with nothing to do, {on}")
        with working(app, takes.url):
            measure(acts, half, empty)
        for office in (drips, silent):
            with working(app, office.url):
                receipts = house.release()
                say(f"with {receipts} receipts and mail: {office.manner}, {on}")
                measure(acts, half, loaded)
            house.hold()
        with working(app, takes.url):
            measure(acts, half, empty)
        rows = [_row(name, empty[name], loaded[name], on) for name in acts]
        return [*rows, _codes(house, server.port, takes, on)]


def _row(name: str, empty: list[tuple[float, int]], loaded: list[tuple[float, int]], on: str) -> Row:
    bare, ours = (median(ms for ms, _status in found) for found in (empty, loaded))
    slowest, before = (max(ms for ms, _status in found) / 1000 for found in (loaded, empty))
    failed = sum(status != 303 for _ms, status in loaded + empty)
    met = ours <= TIMES * bare and slowest < SLOWEST_S and not failed
    return Row(f"{name} while receipts wait and mail servers never finish, {on}",
               f"{ours:.0f} ms, slowest of {len(loaded)} {slowest:.2f} s, {failed} failed",
               f"{bare:.0f} ms, slowest {before:.2f} s (nothing to do)", f"{ours / bare:.2f}",
               f"<= {TIMES:g} x, < {SLOWEST_S:g} s", met)


def _codes(house: House, port: int, office: PostOffice, on: str) -> Row:
    """From the press of the button to the letter in the mail server's hands."""
    took = []
    with working(house.app, office.url):
        receipts = house.release()
        say(f"codes behind {receipts} receipts, {on}")
        for n in range(CODES):
            browser, address = Browser(port, f"192.0.2.{n + 1}"), f"moi{n}-{time.time_ns()}@bench.vn"
            browser.ask("GET", "/register")
            start = time.time()
            browser.ask("POST", "/register", contact=address)
            took.append(_arrived(office, address) - start)
            time.sleep(1)
    house.hold()
    return Row(f"registration code behind {receipts} receipts, {on}",
               f"{median(took):.2f} s, slowest of {CODES} {max(took):.2f} s", goal=f"<= {CODE_S:g} s",
               met=max(took) <= CODE_S)


def _arrived(office: PostOffice, address: str) -> float:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        for at, letter in list(office.letters):
            if letter["To"] == address:
                return at
        time.sleep(0.02)
    return float("inf")
