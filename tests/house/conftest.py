"""The stage: the whole cast signed in, and one dossier in every state, made once and never changed for good."""
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection

from portal.cli import invented
from portal.dossiers.models import Dossier
from portal.dossiers.states import State
from portal.exchange.models import Document, Message, Participant
from portal.files import actions as taking
from portal.files import queries as documents
from portal.files.models import Owner
from portal.kit import clock, db, health
from portal.kit.db import session, transaction
from portal.kit.jobs import Job
from portal.oversight import periods, plans, tasks
from portal.oversight.national import actions as national
from portal.people import queries, roles
from portal.people.models import Person
from portal.people.permissions import NATIONAL
from tests import make
from tests.conftest import Databases, bound, enter, open_house
from tests.exchange import documents as exchanged
from tests.exchange import made
from tests.house import matrix
from tests.house.walls import guarded, house
from tests.oversight import made as made_reports
from tests.oversight import reporting

__all__ = ["guarded", "house"]


@dataclass
class Stage:
    """`cookies`: the session of each actor. `dossiers`: the owner's, by state, held by the holder once claimed.

    `copies`: of documents that H26 sent to H17, by what happened to them: arrived; registered; assigned to the holder;
    in_work with the holder; recall (asked of one that is registered); of the commune `in_unit` works at. `documents`:
    "in" (sent by H26; its copy is `arrived`), "out" and "draft" of H17, "elsewhere" of H26 to H29.
    `document_file_id`: a file of "in". `tasks`: given to H17: open, claimed, with more time asked for, done.
    `period_id`: of reports that are late; `plans`: "mine" is H17's and for its desk, "elsewhere" H26's and public.
    `reports`: of H17 by their states, "whole" is filled in and adds up, "elsewhere" is H26's; `report_file_id`: of
    "whole".
    `participants`: "mine" is H17's, "elsewhere" H26's, "asked" waits, with a system of the national axis's client.
    """

    app: Flask
    cookies: dict[str, str] = field(default_factory=dict)
    people: dict[str, int] = field(default_factory=dict)
    roles: dict[str, int] = field(default_factory=dict)
    units: dict[str, int] = field(default_factory=dict)
    dossiers: dict[str, int] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    attachments: dict[str, int] = field(default_factory=dict)
    documents: dict[str, int] = field(default_factory=dict)
    copies: dict[str, int] = field(default_factory=dict)
    document_file_id: int = 0
    participants: dict[str, int] = field(default_factory=dict)
    messages: dict[str, int] = field(default_factory=dict)
    tasks: dict[str, int] = field(default_factory=dict)
    directive_id: int = 0
    template_key: str = "test36a"
    period: str = ""
    period_id: int = 0
    plans: dict[str, int] = field(default_factory=dict)
    reports: dict[str, int] = field(default_factory=dict)
    report_file_id: int = 0
    paper_id: int = 0
    paper_code: str = ""
    dead_job_id: int = 0

    def browser(self, actor: str) -> FlaskClient:
        """A fresh browser in which this actor is signed in."""
        client = self.app.test_client()
        if cookie := self.cookies.get(actor):
            client.set_cookie("portal", cookie)
        return client

    @contextmanager
    def undone(self) -> Iterator[Connection]:
        """Whatever is committed inside is undone at the end."""
        with bound(self.app), self.app.extensions["engine"].connect() as connection:
            outer = connection.execution_options(writes=True).begin()
            db.new_session.configure(bind=connection, join_transaction_mode="create_savepoint")
            try:
                yield connection
            finally:
                outer.rollback()


def _people() -> dict[str, Person]:
    people = {"owner": make.citizen(), "other": make.citizen(), "holder": make.officer(), "colleague": make.officer(),
              "elsewhere": make.officer("H26"), "in_unit": make.officer(make.commune()),
              "other_unit": make.officer(queries.commune("20195")), "ended": make.officer()}
    with transaction():
        roles.end(people["ended"].memberships[0], by=None)
    return people | {role: make.staff(role, None if role in NATIONAL else "H17") for role in matrix.ROLES}


def _furnish(stage: Stage) -> None:
    people = _people()
    stage.people = {name: person.id for name, person in people.items()}
    stage.units = {key: queries.central_unit(make.agency(key).id).id for key in ("H17", "H26")}
    stage.roles = {name: person.memberships[0].id for name, person in people.items() if person.staff}
    for state in (*State, "answered"):
        dossier = make.dossier(state, by=people["owner"], officer=people["holder"])
        stage.dossiers[state] = dossier.id
        stage.codes[state] = dossier.code or ""
        stage.attachments[state] = documents.attachments_of(dossier.owner)[0].id
    [paper] = make.draw_papers(session.get_one(Dossier, stage.dossiers["received"]))
    with transaction():
        dead = Job(name="notices.deliver", args={"message_id": 1}, failures=6, dead_at=clock.now())
        session.add(dead)
    stage.paper_id, stage.paper_code, stage.dead_job_id = paper.sheets[0].id, paper.code, dead.id
    _exchange(stage, people)
    _tasks(stage, people)
    _national(people["overseer"])
    _reports(stage)
    _sign_in(stage, people)


def _exchange(stage: Stage, people: dict[str, Person]) -> None:
    here, there, other = (exchanged.participant(code) for code in ("H17", "H26", "H29"))
    commune = exchanged.participant("H17.99", unit=make.commune())
    asked = exchanged.participant("H17.88", state="asked", way="axis", system_id="thu-88")
    stage.participants = {"mine": here.id, "elsewhere": there.id, "asked": asked.id}
    for name, codes in {"arrived": ("01",), "registered": ("01",), "assigned": ("01",), "in_work": ("01",),
                        "recall": ("01",), "commune": ("01",)}.items():
        document = exchanged.document(there, (commune if name == "commune" else here,))
        [copy] = document.copies
        for code in codes:
            exchanged.happened(copy, code)
        if name not in ("arrived", "commune"):
            exchanged.registered(copy, by=people["clerk"])
        if name in ("assigned", "in_work"):
            copy.assignee_id, copy.assigned_at = people["holder"].id, clock.now()
            exchanged.happened(copy, "04")
        if name == "in_work":
            exchanged.happened(copy, "05")
        if name == "recall":
            exchanged.happened(copy, "13", how="status", note="Ban hành nhầm")
        stage.copies[name], stage.documents[f"in {name}"] = copy.id, document.id
    stage.documents |= {"in": stage.documents["in arrived"],
                        "out": exchanged.document(here, (there, other)).id,
                        "draft": exchanged.document(here, state="draft", chosen=(there,)).id,
                        "elsewhere": exchanged.document(there, (other,)).id}
    out = session.get_one(Document, stage.documents["out"])
    stage.copies["out"] = out.copies[0].id
    sent = session.get_one(Document, stage.documents["in"])
    stage.document_file_id = exchanged.file(sent, by=people["elsewhere"]).id
    stage.messages = {name: _unmatched(other, code).id for name, code in (("mine", "H17"), ("elsewhere", "H26"))}
    conflict = made.message(here, "document", verdict="conflict", business="new", document_key="H17,x",
                            facts={"subject": "Về việc thay đổi"})
    stage.messages["conflict"] = conflict.id


def _unmatched(sender: Participant, organ: str) -> Message:
    """Word of a document of `organ` that nobody knows."""
    key = f"{organ},2026-11-03,999/UBND"
    about = {"organ": organ, "number": "999", "notation": "UBND", "day": "2026-11-03", "document_id": None, "key": key}
    return made.message(sender, status_code="03", about_key=key, verdict="unmatched", reason="no_document",
                        facts={"response_for": [about]})


def _tasks(stage: Stage, people: dict[str, Person]) -> None:
    leader, overseer = people["leader"], people["overseer"]
    with transaction():
        for name in ("open", "claimed", "time", "done"):
            directive = tasks.new_directive(number="36a/NQ-CP", issuer="Chính phủ", words=f"Nhiệm vụ {name}",
                                            deadline="fixed", due_on=date(2030, 1, 1))
            [task] = tasks.give(directive, [make.agency("H17")], by=overseer)
            stage.tasks[name], stage.directive_id = task.id, directive.id
            if name in ("claimed", "done"):
                tasks.claim(task, leader, "Đã xong")
            if name == "time":
                tasks.ask_for_time(task, leader, date(2030, 2, 1), "Chờ thiết bị")
            if name == "done":
                tasks.verify(task, overseer, "Đúng")


def _national(overseer: Person) -> None:
    with transaction():
        national.begin(date(2017, 3, 31), by=overseer)
        national.publish(date(2017, 3, 31), by=overseer)


def _reports(stage: Stage) -> None:
    with transaction():
        stage.period = periods.period_of(clock.today(), "quarter")
        stage.period_id = reporting.opened(stage.period, of=reporting.template(stage.template_key), agencies=[
            make.agency("H17")], due_on=clock.today() - timedelta(days=3)).id
    answers = made_reports.answers_07a(made_reports.row(carried_over=0, by_post=15, received_in_period=100))
    for name, state, at, quarter in (
            ("owed", "owed", "H17", 1), ("open", "open", "H17", 2), ("whole", "open", "H17", 3),
            ("submitted", "submitted", "H17", 4), ("elsewhere", "open", "H26", 2)):
        stage.reports[name] = made_reports.report(name=f"2029-Q{quarter}", at=at, state=state, answers={
            } if name in ("owed", "open") else answers).id
    stage.reports["approved"] = made_reports.report(name="2028-Q4", state="approved").id
    proven = taking.prove(BytesIO(invented.paper("Báo cáo")), "bao-cao.pdf")
    with transaction():
        file = taking.attach(Owner("report", stage.reports["whole"]), "signed_report", "Báo cáo", proven, by_id=1)
        file.file.cleared_at = clock.now()
        stage.report_file_id = file.id
    for name, key in (("mine", "H17"), ("elsewhere", "H26")):
        clerk, proven = make.staff("clerk", key), taking.prove(BytesIO(invented.paper("Kế hoạch")), "ke-hoach.pdf")
        with transaction():
            plan = plans.register(make.agency(key), "36a/NQ-CP", "1/KH-UBND", date(2026, 3, 2), "Kế hoạch", by=clerk,
                                  proven=proven, public=name == "elsewhere")
            stage.plans[name] = plan.id
            kept = plans.file_of(plan)
            assert kept
            kept.file.cleared_at = clock.now()


def _sign_in(stage: Stage, people: dict[str, Person]) -> None:
    for name, person in people.items():
        client = stage.app.test_client()
        enter(client, person)
        cookie = client.get_cookie("portal")
        assert cookie
        stage.cookies[name] = cookie.value


@pytest.fixture(scope="session")
def furnished(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    stage = Stage(open_house(databases.copy("stage"), tmp_path_factory.mktemp("stage")))
    with bound(stage.app), stage.app.app_context():
        _furnish(stage)
        session.close()
    yield stage
    stage.app.extensions["engine"].dispose()


@pytest.fixture
def stage(furnished: Stage) -> Iterator[Stage]:
    """The stage for one test; what the test changes is undone."""
    with furnished.undone():
        yield furnished


@pytest.fixture(autouse=True)
def nobody_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """The transaction around a test holds SQLite's lock: /readyz would look for a second, for every actor."""
    monkeypatch.setattr(health, "LOOK_MS", 20)


@pytest.fixture
def csrf_on(furnished: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tokens are asked for, as in life."""
    monkeypatch.setitem(furnished.app.config, "WTF_CSRF_ENABLED", True)
