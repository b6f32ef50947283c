"""The demonstration set: a portal that has lived, through the verbs that pages call, the same for the same moment."""
import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from portal.catalogue import openings
from portal.catalogue import queries as catalogue
from portal.catalogue.models import Procedure, Service
from portal.cli import demonstration, invented, invented_documents, invented_feed, invented_participants
from portal.cli.invented_feed import Push
from portal.exchange import connections
from portal.exchange.due import Due, due
from portal.exchange.models import (
    Copy,
    Delivery,
    Document,
    ExchangeEvent,
    Message,
    Opinion,
    Participant,
    Traffic,
    TrafficMonth,
)
from portal.exchange.states import standing
from portal.forms.application import Application
from portal.intake import criteria, mapping, publishers
from portal.intake.models import ProgressBatch
from portal.kit import clock
from portal.kit.db import session, transaction
from portal.kit.jobs import Job
from portal.oversight.models import Assignment
from portal.oversight.standing import State
from portal.people import actions as people
from portal.people import passwords, second_factors
from portal.people.models import Agency, Membership, Person
from portal.people.permissions import Role
from portal.progress import actions, history
from portal.statistics.models import ProgressMonth
from tests import make

NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)  # a Friday
WORD = ("status", 9, "DA_CO_KET_QUA")


@pytest.fixture(autouse=True)
def november(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(invented_feed, "EACH", 60)
    monkeypatch.setattr(demonstration, "DOSSIERS", 8)
    monkeypatch.setattr(invented_documents, "DOCUMENTS", 12)
    monkeypatch.setitem(app.config, "DEMONSTRATION", True)
    with time_machine.travel(NOW, tick=False):
        yield


def pushes() -> list[Push]:
    agencies = [make.agency(key) for key in ("G01", "G15", "H17", "H26", "H29")]
    return invented_feed.pushes(random.Random(1), agencies)


def test_the_same_dice_and_moment_make_the_same_pushes() -> None:
    assert [push[2:] for push in pushes()] == [push[2:] for push in pushes()]


def test_nothing_is_told_before_it_happened_nor_after_now() -> None:
    made = pushes()
    assert [push.at for push in made] == sorted(push.at for push in made)
    assert made[-1].at < NOW
    for push in made:
        assert all(row["at"][:19] <= push.at.isoformat()[:19] for row in push.rows)


def test_a_few_agencies_have_a_fault_each() -> None:
    agencies = [Agency(key=f"X{n}") for n in range(30)]
    habits = invented_feed._habits(random.Random(1), agencies).values()
    assert sum(any(begun < NOW <= ended for begun, ended in h.silent) for h in habits) == 2
    assert sum(h.refused > criteria.MOST_REJECTED for h in habits) == 3
    assert {h.word for h in habits if h.word} == set(invented_feed.OWN_WORDS)
    joined = [(NOW - h.joined).days for h in habits]
    assert min(joined) < 70 and max(joined) > 200, "they did not all join at once"


def test_a_word_of_its_own_waits_for_an_administrator() -> None:
    habits = invented_feed.Habits(NOW - timedelta(40), (1, 1), 0, 0, 0.5, word=WORD)
    at = NOW - timedelta(days=1)
    row = {"code": f"H17-{at:%y%m%d}-0001", "procedure": "1.001193", "status": 9, "sequence": 2, "at": at.isoformat()}
    sent = invented_feed._as_sent(random.Random(1), row, habits, NOW)
    invented_feed.send(Push(NOW, make.agency("H17"), 0, [sent]))
    assert [(w.agency_id, w.reason, w.value) for w in mapping.waiting()] == [
        (make.agency("H17").id, "status_unknown", WORD[2])]


def test_it_has_lived_for_two_years_and_been_judged_for_weeks() -> None:
    assert demonstration.load() and not demonstration.load()
    months = set(session.scalars(select(ProgressMonth.month).where(ProgressMonth.submitted > 0)))
    assert {clock.today().replace(year=year, day=1, month=month) for year, month in (
        (2024, 11), (2025, 10), (2025, 11), (2026, 10), (2026, 11))} <= months
    assert not actions.counted().wrong
    days = [day for day, judged, within in history.calibrations(clock.today() - timedelta(days=60)) if judged]
    assert len(days) >= 5 and max(days) < clock.today()


def test_who_publishes_depends_on_the_day() -> None:
    demonstration.load()
    fresh = {}
    for back in (0, 100, 300):
        on = clock.today() - timedelta(days=back)
        seen = publishers.activity(on, publishers.existing(on))
        fresh[back] = sum(criteria.judge(each, on, catalogue.calendar()).fresh for each in seen.values())
    assert fresh[300] == 0 < fresh[0]
    arrived = session.scalars(select(ProgressBatch.delay_p50_s).where(
        ProgressBatch.at > NOW - timedelta(days=30), ProgressBatch.accepted > 0)).all()
    assert arrived and sorted(arrived)[len(arrived) // 2] < 4 * 86400, "news is hours to a few days late"


@pytest.mark.parametrize("code", invented.PROCEDURES)
def test_every_form_is_answered_whatever_the_dice(app: Flask, code: str) -> None:
    service = next(one for one in session.scalars(select(Service).join(Service.procedure).where(
        Procedure.code == code)) if one.version.form)
    citizen = make.citizen(phone="+84912345678")
    for seed in range(25):
        definition = service.version.form.definition
        given = invented.answers(definition, citizen, random.Random(seed))
        assert Application(definition, given).errors == []


def test_every_role_has_somebody_to_look_round_as(app: Flask) -> None:
    demonstration._people(random.Random(1), passwords.hash(demonstration.PASSWORD))
    session.commit()
    held = set(session.scalars(select(Membership.role)))
    assert held == set(Role)
    for _role, contact, password, _what in demonstration.sign_ins():
        assert people.check(contact, password), contact
    staff = session.scalars(select(Person).where(Person.staff)).all()
    assert demonstration.give_factors() == len(staff) and not demonstration.give_factors()
    assert all(second_factors.next_code(one) for one in staff)
    ward = session.scalars(select(Person).where(Person.email == "canbo.haichau.h17@demo.example")).one()
    assert [one.unit.name for one in ward.roles if one.unit] == ["Phường Hải Châu"]


def test_only_what_takes_dossiers_online_is_applied_for(app: Flask) -> None:
    """A copy certified (2.000815) is level 2, with nothing to hand in: a first start must not stop at it."""
    cast = demonstration._cast(demonstration._people(random.Random(1), passwords.hash(demonstration.PASSWORD)))
    dice = random.Random(5)
    picked = {demonstration._pick_service(dice, cast) for _ in range(150)}
    assert len({one.procedure_id for one in picked}) > 5
    assert all(openings.of(one, clock.today()) for one in picked)


def test_a_newborn_is_some_weeks_old_and_a_paper_says_which_it_stands_for() -> None:
    definition = make.service("1.001193").version.form.definition
    for seed in range(5):
        born = invented.answers(definition, make.citizen(), random.Random(seed))["child_birth"]
        assert 0 < (clock.today() - date.fromisoformat(born)).days <= 60, born
    label = "Giấy chứng sinh hoặc giấy tờ thay thế (nếu có)"
    assert invented.file_name(label) == "giay-chung-sinh-hoac-giay-to.pdf"
    assert b"Giay chung sinh" in invented.paper(label) and b"khong co gia tri" in invented.paper(label)


def test_people_have_names_of_their_own() -> None:
    """A queue in which everybody is called as the example of the form is called shows nothing."""
    dice = random.Random(1)
    asked = {"key": "applicant_name", "kind": "name", "label": {"vi": "Họ, chữ đệm, tên", "en": "Full name"}}
    assert len({invented._value(asked, make.citizen(), dice, None) for _ in range(20)}) > 15


def test_most_agencies_are_connected_and_some_are_not(app: Flask) -> None:
    circle = invented_participants.load(random.Random(1))
    lines = {line.key: line for line in connections.known().lines(clock.today())}
    assert lines["H17"].is_connected and lines["H17"].below == 4 and not lines["H52"].is_connected
    assert lines[invented_participants.CUT_OFF].since == clock.today() - invented_participants.CUT_UNTIL
    assert [one.code for one in circle.since(NOW - timedelta(days=394))] == ["G15", "G22", "H17", "H26"]
    waiting = session.scalars(select(Participant).where(Participant.state == "asked")).all()
    assert [one.code for one in waiting] == ["H52"]
    assert all(one.code.partition(".")[0] == key for key, line in lines.items() if line.is_connected
               for one in [circle[key]])


def test_one_of_them_has_fallen_silent(app: Flask) -> None:
    invented_participants.fall_silent(invented_participants.load(random.Random(1)))
    assert [one.code for one in connections.silent()] == [invented_participants.SILENT]


def how_due(copy: Copy) -> Due:
    answered = clock.day_of(copy.answered_at) if copy.answered_at else None
    return due(copy.due_on, answered, clock.today(), catalogue.calendar())


@pytest.fixture
def documents(app: Flask) -> None:
    """A short year of documents, as a first start tells it."""
    made = demonstration._people(random.Random(1), passwords.hash(demonstration.PASSWORD))
    worked_on = [make.dossier("processing", by=make.citizen(), officer=make.officer()) for _n in range(3)]
    with transaction():
        for one in worked_on:
            one.received_at = NOW - timedelta(days=4)
    demonstration._documents(made, worked_on, lambda done, total, words: None)


def test_documents_show_every_state_and_whatever_can_go_wrong(documents: None) -> None:
    copies, messages = session.scalars(select(Copy)).all(), session.scalars(select(Message)).all()
    assert {one.state for one in copies} >= {"sent", "arrived", "registered", "in_work", "done"}
    assert {one.recall for one in copies} == {None, "asked", "agreed", "refused"}
    assert {how_due(one) for one in copies} >= {Due.answered, Due.answered_late, Due.late}
    for happened in ("reminded_at", "replaced_at", "updated_at"):
        assert any(getattr(one, happened) for one in copies), happened
    assert {one.verdict for one in messages} == {"accepted", "repeat", "conflict", "unmatched"}
    assert {one.signature for one in messages} == {"none", "valid", "not-verifiable", "invalid"}
    assert {name for one in messages for name in one.deviations} >= {"spelling_business", "organ_old"}
    assert {one.state for one in session.scalars(select(Delivery))} >= {"done", "parked"}
    assert session.scalars(select(Document).where(Document.state == "draft")).one().receivers


def test_opinions_about_dossiers_are_given_late_and_waited_for(documents: None) -> None:
    found = session.scalars(select(Opinion)).all()
    assert len(found) == 3 and all(one.document.reference_codes for one in found)
    assert sum(one.answered_at is None for one in found) == 1
    assert any(one.answered_at and one.answered_at > one.due_at for one in found)


def test_a_document_stands_as_what_happened_to_it_says(documents: None) -> None:
    for copy in session.scalars(select(Copy)):
        events = session.scalars(select(ExchangeEvent).where(ExchangeEvent.copy_id == copy.id)).all()
        assert copy.state == standing(events).state and all(one.at < NOW for one in events)


def test_the_desks_that_can_be_looked_at_have_registers_in_the_order_of_time(documents: None) -> None:
    for code in invented_participants.ON_PAGES:
        rows = session.execute(select(Copy.in_unit_id, Copy.in_year, Copy.in_number, Copy.registered_at).join(
            Copy.receiver).where(Participant.code == code, Copy.in_number.is_not(None)).order_by(
            Copy.in_unit_id, Copy.in_year, Copy.in_number)).all()
        assert rows and [row[3] for row in rows] == sorted(row[3] for row in rows)


def test_what_was_parked_was_tried_and_what_nobody_understands_waits(documents: None) -> None:
    parked = session.scalars(select(Delivery).where(Delivery.state == "parked")).all()
    assert parked and all(one.tries > 1 for one in parked), "the page says: after many tries"
    waits = session.scalars(select(Message).where(Message.verdict == "unmatched")).all()
    assert {one.status_code for one in waits} >= {"03", "04"}, "one with proposals for each desk"


def test_a_ministry_writes_under_its_own_letters(documents: None) -> None:
    for document in session.scalars(select(Document).join(Document.sender).where(Participant.code.startswith("G"))):
        own = document.sender.agency.abbreviation if document.sender.agency else None
        assert own is None or document.notation.split("-")[0] == own, document.notation


def test_what_happened_long_ago_is_told_to_nobody_any_more(documents: None) -> None:
    waiting = session.scalars(select(Job.due_at).where(Job.name.in_(invented_documents.TELLING))).all()
    assert all(at >= NOW - invented_documents.TOLD_FOR for at in waiting)


def test_what_went_between_agencies_is_counted(documents: None) -> None:
    sent, delivered = session.execute(select(func.sum(Traffic.documents), func.sum(Traffic.delivered))).one()
    copies = session.scalar(select(func.count()).select_from(Copy))
    assert sent >= copies > 0 and delivered > copies * 0.9
    assert session.scalars(select(TrafficMonth)).all()


def test_tasks_stand_in_every_way_and_no_claim_counts_as_done(app: Flask) -> None:
    secret = passwords.hash("x" * 20)
    with transaction():
        demonstration._tasks(demonstration._people(random.Random(36), secret))
    found = session.scalars(select(Assignment)).all()
    states = {one.state(clock.today()) for one in found}
    assert states == set(State) and any(one.claimed_at and not one.done_on for one in found)
    assert any(one.asked_until for one in found)
    assert all(one.claimed_at <= one.verified_at <= NOW for one in found if one.verified_at and one.claimed_at)
