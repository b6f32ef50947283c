"""Roles that are given and ended, and the units that they are held at."""
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal import worker
from portal.kit import clock
from portal.kit.db import session, transaction
from portal.notices.models import Message
from portal.people import actions, queries, roles
from portal.people.models import Agency, Membership, Person, Unit
from portal.people.permissions import Place, Role
from tests import make


def test_every_agency_has_one_central_unit(app: Flask) -> None:
    central = session.execute(select(Unit.agency_id, func.count()).where(Unit.kind == "central").group_by(
        Unit.agency_id)).all()
    assert {n for _agency, n in central} == {1}
    assert len(central) == session.scalar(select(func.count()).select_from(Agency))


def test_a_central_unit_is_called_as_its_agency_is(app: Flask) -> None:
    agency = make.agency()
    agency.name = "Thành phố Đà Nẵng mới"
    session.flush()
    roles.add_central_units()
    session.expire_all()
    assert queries.central_unit(agency.id).name == "Thành phố Đà Nẵng mới"


def test_a_role_is_held_from_now_until_its_end(app: Flask) -> None:
    person, now = make.officer(), clock.now()
    roles.give(person, Role.clerk, Place(make.agency("H26").id), by=None, until=now + timedelta(days=1))
    assert {held.role for held in person.roles} == {"case_officer", "clerk"}
    with clock.pretend(now + timedelta(days=1, seconds=1)):
        assert [held.role for held in person.roles] == ["case_officer"]
    with clock.pretend(now - timedelta(minutes=1)):
        assert [held.role for held in person.roles] == ["case_officer"], "not before it was given"


def test_a_counter_deals_with_the_dossiers_of_the_unit_it_stands_in(app: Flask) -> None:
    department = make.department()
    counter = make.save(roles.add_unit(make.agency(), "counter", "Quầy số 1", parent=department))
    person = make.staff(Role.counter_officer, counter)
    assert [held.desk_id for held in person.roles] == [department.id]


@pytest.mark.parametrize(("role", "whole"), [
    (Role.overseer, True), (Role.portal_administrator, True), ("nobody", True)])
def test_what_cannot_be_held_there_is_refused(app: Flask, role: str, whole: bool) -> None:
    with pytest.raises(ValueError, match="cannot be held"):
        roles.give(make.officer(), role, Place(make.agency().id), by=None)


def test_an_agency_is_administered_as_a_whole_and_citizens_hold_nothing(app: Flask) -> None:
    with pytest.raises(ValueError, match="cannot be held"):
        roles.give(make.officer(), Role.agency_administrator, Place(make.agency().id, make.department().id), by=None)
    with pytest.raises(ValueError, match="cannot be held"):
        roles.give(make.citizen(), Role.clerk, Place(make.agency().id), by=None)
    with pytest.raises(ValueError, match="cannot be held"):
        roles.give(make.officer(), Role.clerk, Place(make.agency().id), by=None, until=clock.now())


def test_the_same_role_is_held_once_at_a_place(app: Flask) -> None:
    person = make.officer()
    with pytest.raises(roles.HeldAlready):
        roles.give(person, Role.case_officer, Place(make.agency().id), by=None)
    roles.end(person.roles[0], by=None)
    roles.give(person, Role.case_officer, Place(make.agency().id), by=None)
    assert len(person.memberships) == 2 and len(person.roles) == 1


def test_an_ended_role_stays_as_it_ended(app: Flask) -> None:
    person, administrator = make.officer(), make.administrator()
    [held] = person.roles
    roles.end(held, by=administrator)
    ended = held.ends_at
    with clock.pretend(clock.now() + timedelta(hours=1)):
        roles.end(held, by=None)
    assert (held.ends_at, held.ended_by_id) == (ended, administrator.id)


def test_nobody_ends_the_own_role(app: Flask) -> None:
    administrator = make.administrator()
    with pytest.raises(ValueError, match="own role"):
        roles.end(administrator.roles[0], by=administrator)


def test_the_person_is_told_in_their_language(app: Flask) -> None:
    person = make.officer(language="en")
    held = roles.give(person, Role.head_of_unit, Place(make.agency().id, make.department().id), by=None)
    session.commit()
    worker.run_all(app)
    roles.end(held, by=None)
    session.commit()
    worker.run_all(app)
    told = session.scalars(select(Message).where(Message.person_id == person.id).order_by(Message.id)).all()
    assert [message.subject for message in told] == ["New role: Head of unit", "Role ended: Head of unit"]
    assert all("Sở Tư pháp" in message.body for message in told)


def test_the_table_refuses_a_unit_of_another_agency(app: Flask) -> None:
    person, elsewhere = make.officer(), make.department(at="H26")
    with pytest.raises(Exception, match=r"(?i)foreign key"), session.begin_nested():
        session.add(Membership(person_id=person.id, role="clerk", agency_id=make.agency().id, unit_id=elsewhere.id))


@pytest.mark.parametrize(("kind", "parent"), [("central", None), ("commune", None), ("counter", None),
                                              ("department", "central"), ("counter", "elsewhere")])
def test_units_that_cannot_be_added_by_hand(app: Flask, kind: str, parent: str | None) -> None:
    units = {None: None, "central": queries.central_unit(make.agency().id),
             "elsewhere": queries.central_unit(make.agency("H26").id)}
    with pytest.raises(ValueError, match="can be added"):
        roles.add_unit(make.agency(), kind, "Đơn vị", parent=units[parent])


def test_units_are_listed_centre_first_and_counters_behind_theirs(app: Flask) -> None:
    agency = make.agency("G15")
    second, first = make.department("Vụ Y", "G15"), make.department("Cục Ẩn", "G15")
    counter = make.save(roles.add_unit(agency, "counter", "Quầy số 1", parent=first))
    assert [unit.id for unit in queries.units_of(agency.id)] == [
        queries.central_unit(agency.id).id, first.id, counter.id, second.id]


def test_who_holds_a_role_at_a_place(app: Flask) -> None:
    department = make.department()
    here, whole = make.officer(department), make.officer()
    make.officer(department, active=False)
    assert queries.holders_of(Role.case_officer, Place(make.agency().id, department.id)) == [here]
    assert whole in queries.holders_of(Role.case_officer, Place(make.agency().id))
    assert queries.holders_of(Role.overseer, None) == []


@pytest.mark.real_commits
def test_two_who_give_the_same_role_at_once_give_it_once(town: Flask) -> None:
    with town.app_context():
        person_id, agency_id = make.officer().id, make.agency("H26").id
        session.close()
    start, outcomes = Barrier(4), list[str]()

    def give() -> None:
        with town.app_context():
            start.wait()
            try:
                with transaction():
                    roles.give(session.get_one(Person, person_id), Role.clerk, Place(agency_id), by=None)
                outcomes.append("given")
            except roles.HeldAlready:
                outcomes.append("held")

    threads = [Thread(target=give) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["given", "held", "held", "held"]


def test_a_role_that_ended_opens_nothing_at_the_next_request(app: Flask, sign_in: Any) -> None:
    person, dossier = make.officer(), make.dossier("submitted")
    client, url = sign_in(person), f"/officer/dossiers/{dossier.id}"
    assert (client.get("/officer/queue").status_code, client.get(url).status_code) == (200, 200)
    roles.end(session.get_one(Person, person.id).roles[0], by=None)
    assert (client.get("/officer/queue").status_code, client.get(url).status_code) == (403, 404)
    assert client.get("/account").status_code == 200


def test_a_role_until_a_day_ends_by_the_clock_alone(app: Flask, sign_in: Any) -> None:
    person = make.officer()
    person.memberships[0].ends_at = clock.now() + timedelta(seconds=600)
    client = sign_in(person)
    assert client.get("/officer/queue").status_code == 200
    with clock.pretend(clock.now() + timedelta(seconds=601)):
        assert client.get("/officer/queue").status_code == 403


def test_two_administrators_who_close_each_other_leave_one(app: Flask) -> None:
    one, two = make.administrator(), make.administrator()
    actions.deactivate(two, by=one)
    session.commit()
    with pytest.raises(roles.ManagesNoLonger):
        actions.deactivate(one, by=two)
    session.rollback()
    assert one.active and not two.active


def test_two_administrators_who_end_each_others_role_leave_one(app: Flask) -> None:
    one, two = make.administrator(), make.administrator()
    roles.end(two.roles[0], by=one)
    session.commit()
    with pytest.raises(roles.ManagesNoLonger):
        roles.end(one.roles[0], by=two)
    session.rollback()
    assert one.roles and not two.roles
