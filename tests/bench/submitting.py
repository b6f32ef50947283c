"""Handing in: the whole verb in its transaction, against the bare SQL that it comes down to."""
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from queue import Empty, SimpleQueue
from statistics import median
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from portal.catalogue import queries as catalogue
from portal.catalogue.models import Procedure, Service
from portal.dossiers import actions
from portal.dossiers.models import Dossier
from portal.forms.application import Application
from portal.kit import clock
from portal.kit.db import engine, session, transaction
from portal.people import passwords
from portal.people.models import Agency, Person, Unit, UnitKind
from tests import make
from tests.bench.house import AGENCY, NOW, PROCEDURE, bulk
from tests.bench.measuring import Row, Size, cpu_ms, in_turn, ratio, say

THREADS = (1, 8)
Verb = Callable[[int, int], None]  # hand in dossier …, of the service at place …
OPEN_STATES = ("submitted", "checking", "received", "processing", "decided")
DOSSIER = ("id", "code", "state", "service_id", "version_id", "agency_id", "unit_id", "applicant_id", "holder_name",
           "holder_folded", "answers", "submit_key", "channel", "created_at", "changed_at", "submitted_at",
           "received_at", "due_at", "queue_at", "version")


@dataclass
class Town:
    """One citizen, the services to apply for, and where the next dossier's number comes from."""

    citizen: int
    services: list[tuple[int, int, int, str]]  # service, version, agency, agency's code; the bench's own first
    definition: dict[str, Any]
    numbers: Iterator[int] = field(default_factory=lambda: count(1))


def town(app: Flask) -> Town:
    """The people and services that the bench needs."""
    with app.app_context():
        with transaction():
            citizen = Person(name="Nguyễn Thị Ánh", email="congdan@bench.example",
                             password_hash=passwords.hash(make.PASSWORD))
            session.add(citizen)
        commune = select(func.min(Unit.id)).where(Unit.agency_id == Agency.id, Unit.kind == UnitKind.commune)
        rows = session.execute(
            select(Service.id, Service.version_id, Service.agency_id, Agency.code, commune.scalar_subquery())
            .join(Service.procedure).join(Service.agency)
            .where(Procedure.code == PROCEDURE, Agency.valid_to.is_(None), Agency.code.is_not(None))).all()
        first: list[Any] = sorted((tuple(row) for row in rows), key=lambda row: (row[3] != AGENCY, row[3]))
        form = session.get_one(Service, first[0][0]).version.form
        assert form is not None
        return Town(citizen.id, first, form.definition)


def open_dossiers(app: Flask, where: Town, size: Size) -> int:
    """Many open dossiers of one agency, for its queue. The agency's id."""
    say(f"{size.dossiers:,} open dossiers of one agency")
    service, version, agency, code, unit = where.services[0]

    def rows() -> Iterator[tuple[Any, ...]]:
        for n in range(size.dossiers):
            number, at = next(where.numbers), NOW - timedelta(minutes=n)
            yield (number, f"{code}-{NOW - timedelta(days=1):%y%m%d}-{n + 1:06}", OPEN_STATES[n % 5], service, version,
                   agency, unit, where.citizen, "Trần Đức Ẩn", "tran duc an", "{}", f"queue-{n}", "online", at, at, at,
                   at, at + timedelta(days=5), at + timedelta(days=5), 1)

    with app.app_context():
        bulk("dossier", DOSSIER, rows())
    return agency


def drafts(app: Flask, where: Town, n: int, agencies: int) -> list[tuple[int, int]]:
    """(dossier, place in `services`) of n drafts that lack nothing."""
    answers = make.answers(where.definition)
    papers = Application(where.definition, answers).papers
    written, made, files, mine = json.dumps(answers), [], [], []
    for at in range(n):
        number, place = next(where.numbers), at % agencies
        service, version, agency, _code, unit = where.services[place]
        made.append((number, None, "draft", service, version, agency, unit, where.citizen, None, None, written,
                     f"draft-{number}", "online", NOW, NOW, None, None, None, NOW, 1))
        files += [(number, paper["key"], paper["label"]["vi"], "giấy tờ.pdf", "application/pdf", 999, "0" * 64,
                   f"{number}/{paper['key']}", where.citizen, NOW) for paper in papers]
        mine.append((number, place))
    with app.app_context():
        bulk("dossier", DOSSIER, made)
        bulk("attachment", ("dossier_id", "key", "label", "name", "media_type", "size", "sha256", "blob",
                            "uploaded_by_id", "at"), files)
    return mine


def verb(app: Flask, where: Town) -> Verb:
    """actions.submit as the page calls it."""
    def go(dossier: int, _place: int) -> None:
        with app.app_context(), transaction():
            actions.submit(session.get_one(Dossier, dossier), by=session.get_one(Person, where.citizen))
    return go


STATEMENTS = (
    "UPDATE dossier SET state = 'submitted', code = :code, holder_name = :holder, holder_folded = :folded, "
    "submitted_at = :at, queue_at = :at, changed_at = :at, version = 2 WHERE id = :dossier AND version = 1",
    "INSERT INTO event (dossier_id, step, state, by_id, at) VALUES (:dossier, 'submit', 'submitted', :citizen, :at)",
    "INSERT INTO progress_step (record_id, position, step, status, at) VALUES (:record, 1, 'submit', 1, :at)",
    "INSERT INTO progress_month (agency_id, month, submitted) VALUES (:agency, :month, 1) "
    "ON CONFLICT (agency_id, month) DO UPDATE SET submitted = progress_month.submitted + 1",
    "INSERT INTO message (person_id, channel, subject, body, link, at) "
    "VALUES (:citizen, 'portal', :subject, :body, :link, :at)",
)
NUMBER = ("INSERT INTO dossier_number (agency_code, day, n) VALUES (:agency_code, :day, 1) "
          "ON CONFLICT (agency_code, day) DO UPDATE SET n = dossier_number.n + 1 RETURNING n")
RECORD = ("INSERT INTO progress_record (code, agency_id, procedure_code, service_name, level, channel, status, "
          "submitted_at, changed_at) VALUES (:code, :agency, :procedure, :name, 4, 'online', 1, :at, :at) RETURNING id")


def bare(app: Flask, where: Town) -> Verb:
    """The same rows written by the driver alone: no rule, no check, no session, nothing read."""
    with app.app_context():
        made_by = engine()
    kept, on_sqlite = threading.local(), made_by.dialect.name == "sqlite"

    def said(statement: str) -> str:
        return statement if on_sqlite else re.sub(r":(\w+)", r"%(\1)s", statement)

    number, record, rest = said(NUMBER), said(RECORD), [said(each) for each in STATEMENTS]

    def go(dossier: int, place: int) -> None:
        if not hasattr(kept, "connection"):
            kept.connection = made_by.raw_connection()
        _service, _version, agency, agency_code, _unit = where.services[place]
        now, day = clock.now(), clock.today()
        at: Any = now.strftime("%Y-%m-%d %H:%M:%S.%f") if on_sqlite else now
        facts = {"dossier": dossier, "agency": agency, "agency_code": agency_code, "day": _plain(day, on_sqlite),
                 "month": _plain(day.replace(day=1), on_sqlite), "at": at, "citizen": where.citizen,
                 "holder": "Nguyễn Văn Ẩn", "folded": "nguyen van an", "procedure": PROCEDURE,
                 "name": "Thủ tục đăng ký khai sinh", "subject": "Đã nhận hồ sơ", "body": "Hồ sơ đã nộp. " * 20,
                 "link": f"/my/dossiers/{dossier}"}
        with closing(kept.connection.cursor()) as cursor:
            if on_sqlite:
                cursor.execute("BEGIN IMMEDIATE")
            n = cursor.execute(number, facts).fetchone()[0]
            facts["code"] = f"{agency_code}-{day:%y%m%d}-{n:04}"
            facts["record"] = cursor.execute(record, facts).fetchone()[0]
            for statement in rest:
                cursor.execute(statement, facts)
        kept.connection.commit()

    return go


def _plain(day: Any, on_sqlite: bool) -> Any:
    return day.isoformat() if on_sqlite else day


def rate(go: Verb, waiting: list[tuple[int, int]], threads: int) -> float:
    """How many a second, so many threads taking the next from one heap."""
    heap, failures = SimpleQueue[tuple[int, int]](), list[BaseException]()
    for each in waiting:
        heap.put(each)

    def work() -> None:
        while True:
            try:
                go(*heap.get_nowait())
            except Empty:
                return
            except BaseException as failure:
                failures.append(failure)
                return

    workers = [threading.Thread(target=work) for _ in range(threads)]
    start = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if failures:
        raise failures[0]
    return len(waiting) / (time.perf_counter() - start)


def handing_in(app: Flask, where: Town, size: Size, on: str) -> list[Row]:
    """Submissions a second: one and eight at a time, one agency and all."""
    rows = []
    for agencies in (1, len(where.services)):
        for threads in THREADS:
            places = "one agency" if agencies == 1 else f"{agencies} agencies"
            say(f"submitting, {threads} at a time, {places}, {on}")
            rounds, n = size.rounds, size.submissions
            heap = drafts(app, where, 2 * rounds * n + 2 * threads, agencies)
            acts = {"portal": verb(app, where), "bare": bare(app, where)}

            def turn(go: Verb, n: int, threads: int, heap: list[Any] = heap) -> Callable[[], float]:
                def act() -> float:
                    mine = [heap.pop() for _ in range(n)]
                    return rate(go, mine, threads)
                return act

            for go in acts.values():
                turn(go, threads, threads)()
            series = in_turn({name: turn(go, n, threads) for name, go in acts.items()}, rounds)
            rows.append(Row(f"submit, {threads} at a time, {places}, {on}", f"{median(series['portal']):,.0f}/s",
                            f"{median(series['bare']):,.0f}/s", f"{ratio(series, 'portal', 'bare'):.2f}"))
    return rows


def saving(app: Flask, where: Town, size: Size, on: str) -> list[Row]:
    """CPU of saving one step of a form: the request whole, from cookie to redirect, with its proof of origin."""
    number, _place = drafts(app, where, 1, 1)[0]
    step = where.definition["steps"][0]
    answers = make.answers(where.definition)
    client = app.test_client()

    def token(page: str) -> str:
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(page).text)
        assert found is not None
        return found[1]

    signed = client.post("/sign-in", data={"contact": "congdan@bench.example", "password": make.PASSWORD,
                                           "csrf_token": token("/sign-in")})
    assert signed.status_code == 303, signed.status
    place = f"/my/dossiers/{number}/fill/{step['key']}"
    data = {"csrf_token": token(place)}
    for question in step["fields"]:
        data |= dict(_typed(question, answers.get(question["key"])))

    def post() -> None:
        answer = client.post(place, data=data)
        assert answer.status_code == 303, answer.status

    post()
    series = in_turn({"save": lambda: cpu_ms(post, 10), "healthz": lambda: cpu_ms(lambda: client.get("/healthz"), 10)},
                     size.rounds)
    got = median(series["save"])
    return [Row(f"saving a form step of {len(step['fields'])} questions, {on}", f"{got:.1f} ms CPU",
                f"{median(series['healthz']):.1f} ms CPU (/healthz)", f"{ratio(series, 'save', 'healthz'):.1f}",
                "<= 10 ms CPU", got <= 10)]


def _typed(question: dict[str, Any], value: Any) -> Iterator[tuple[str, Any]]:
    """What a browser sends for an answer."""
    key, kind = question["key"], question["kind"]
    if value is None:
        return
    if kind == "date":
        day = datetime.fromisoformat(value)
        yield from ((f"{key}-day", day.day), (f"{key}-month", day.month), (f"{key}-year", day.year))
    elif kind == "address":
        ward = catalogue.wards(value["province"])[0].code
        yield from ((f"{key}-province", value["province"]), (f"{key}-ward", ward), (f"{key}-line", value["line"]))
    elif kind == "yes_no":
        yield key, "yes" if value else "no"
    else:
        yield key, value
