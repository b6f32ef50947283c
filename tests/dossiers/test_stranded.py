"""What nobody can act on is found by night, and whoever is in charge is told."""
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal import worker
from portal.dossiers import actions, hands, queries
from portal.dossiers.models import Dossier
from portal.dossiers.states import OPEN, State
from portal.kit import jobs
from portal.kit.db import session
from portal.notices.models import Message
from portal.people import queries as people
from portal.people import roles
from tests import make

pytestmark = pytest.mark.usefixtures("app")


def night(dossier: Dossier) -> int:
    """What is new in this dossier's agency; committed."""
    session.commit()
    found = hands.look_for_stranded(dossier.agency_id)
    session.commit()
    session.expire_all()
    return found


def told() -> list[tuple[str | None, int | None, str]]:
    """(role, unit, where to go) of what was told to a role."""
    return [(one.role, one.unit_id, str(one.link)) for one in session.scalars(
        select(Message).where(Message.role.is_not(None)).order_by(Message.id))]


def close(person: Any) -> None:
    """As accounts were closed before anything asked what they hold."""
    person.active = False
    session.commit()


def test_what_somebody_holds_who_is_gone_is_found_in_every_open_state_and_the_head_is_told_once() -> None:
    officer, head = make.officer(), make.staff("head_of_unit", make.commune())
    made = [make.dossier(state, officer=officer) for state in OPEN if state is not State.submitted]
    fine = make.dossier("processing")
    assert night(fine) == 0
    close(officer)
    assert night(fine) == len(made)
    assert all(one.stranded_at for one in made) and fine.stranded_at is None
    assert told() == [("head_of_unit", make.commune().id, "/officer/queue?tab=stranded")]
    assert night(fine) == 0 and len(told()) == 1, "told once"
    actions.assign(made[0], to=head, by=head)
    actions.release(made[1], by=head)
    session.commit()
    assert night(fine) == 0 and made[0].stranded_at is None and made[1].stranded_at is None


def test_a_role_that_ended_by_itself_is_found_too() -> None:
    dossier = make.dossier("received")
    roles.end(dossier.officer.memberships[0], by=None)
    assert night(dossier) == 1


@pytest.mark.parametrize("state", ["submitted", "processing", "decided"])
def test_what_nobody_of_the_unit_has_the_role_for_is_found_and_forgotten_when_somebody_has(state: str) -> None:
    dossier, administrator = make.dossier(state), make.staff("agency_administrator", "H17")
    for person in people.staff_at(roles.Place(dossier.agency_id)):
        if person.id != administrator.id:
            close(person)
    if dossier.officer_id:
        dossier.officer_id = None
    make.officer(people.commune("20195"))
    make.staff("clerk", make.commune())
    assert night(dossier) == 1
    assert told() == [("agency_administrator", None, "/admin/stranded")]
    make.staff("counter_officer", make.commune())
    night(dossier)
    assert (dossier.stranded_at is None) == (state != "processing"), "the counter decides nothing"
    make.officer(make.commune())
    assert night(dossier) == 0 and dossier.stranded_at is None


def test_each_night_every_agency_with_open_dossiers_is_looked_at(app: Flask) -> None:
    here, there = make.dossier("received"), make.dossier("received", service=make.service(at="H26"))
    close(here.officer)
    close(there.officer)
    jobs.put("dossiers.look_for_stranded")
    session.commit()
    worker.run_all(app)
    session.expire_all()
    assert here.stranded_at and there.stranded_at


def test_the_head_and_the_administrator_find_them_and_the_administrator_reads_no_names(sign_in: Any) -> None:
    dossier = make.dossier("processing")
    head, administrator = make.staff("head_of_unit", make.commune()), make.staff("agency_administrator", "H17")
    elsewhere = make.staff("agency_administrator", "H26")
    close(dossier.officer)
    colleague = make.officer()
    assert "tab=stranded" not in sign_in(head).get("/officer/queue").text, "no tab where nothing is in it"
    night(dossier)
    assert dossier.code in sign_in(head).get("/officer/queue?tab=stranded").text
    client: FlaskClient = sign_in(administrator)
    page = client.get("/admin/stranded").text
    assert dossier.code in page and dossier.holder_name not in page
    assert dossier.code not in sign_in(elsewhere).get("/admin/stranded").text
    assert dossier.code in sign_in(make.administrator()).get("/admin/stranded").text
    assert client.get(f"/officer/dossiers/{dossier.id}").status_code in (403, 404)
    path = f"/officer/dossiers/{dossier.id}/assign"
    asked = client.get(path)
    assert asked.status_code == 200 and colleague.name in asked.text and dossier.holder_name not in asked.text
    answer = client.post(path, data={"to": str(colleague.id)}, follow_redirects=True)
    assert answer.status_code == 200 and answer.request.path == "/admin/stranded"
    session.expire_all()
    assert (dossier.officer_id, dossier.stranded_at) == (colleague.id, None)
    assert dossier.code not in answer.text.split("</h1>")[1]


def test_closing_an_account_asks_what_becomes_of_what_it_holds(sign_in: Any) -> None:
    leaving, colleague = make.officer(), make.officer(name="Trần Thị Bình")
    made = [make.dossier(state, officer=leaving) for state in ("checking", "waiting", "decided")]
    client, path = sign_in(make.staff("agency_administrator", "H17")), f"/admin/people/{leaving.id}/deactivate"
    page = client.get(path).text
    assert all(str(one.code) in page for one in made) and "Trần Thị Bình" in page
    assert not any(one.holder_name in page for one in made)
    assert client.post(path).status_code == 422
    session.expire_all()
    assert leaving.active and made[0].officer_id == leaving.id, "nothing happens before it is answered"
    for wrong in (str(leaving.id), str(make.officer("H26").id), "x"):
        assert client.post(path, data={"to": wrong}).status_code == 422
    assert client.post(path, data={"to": str(colleague.id)}).status_code == 303
    session.expire_all()
    assert not leaving.active and {one.officer_id for one in made} == {colleague.id}
    path = f"/admin/people/{colleague.id}/deactivate"
    assert client.post(path, data={"to": "queue"}).status_code == 303
    session.expire_all()
    assert [(one.officer_id, one.state) for one in made] == [
        (None, "submitted"), (None, "waiting"), (None, "decided")]


def test_ending_a_role_asks_only_about_what_depends_on_it(sign_in: Any) -> None:
    officer = make.officer(make.commune())
    roles.give(officer, "case_officer", roles.Place(make.agency().id, people.commune("20195").id), by=None)
    session.commit()
    dossier = make.dossier("received", officer=officer)
    mine, other = (f"/admin/people/{officer.id}/roles/{held.id}/end" for held in officer.memberships)
    client = sign_in(make.staff("agency_administrator", "H17"))
    assert str(dossier.code) not in client.get(other).text and client.post(other).status_code == 303
    assert str(dossier.code) in client.get(mine).text and client.post(mine).status_code == 422
    assert client.post(mine, data={"to": "queue"}).status_code == 303
    session.expire_all()
    assert dossier.officer_id is None and not officer.roles


def test_what_cannot_be_closed_moves_nothing(sign_in: Any) -> None:
    """One step: where the account stays open, whoever holds a dossier goes on holding it."""
    me = make.staff("agency_administrator", "H17")
    client = sign_in(me)
    assert client.get(f"/admin/people/{me.id}/deactivate").status_code == 303
    both = make.officer()
    roles.give(both, "clerk", roles.Place(make.agency("H26").id), by=None)
    session.commit()
    dossier = make.dossier("received", officer=both)
    assert client.post(f"/admin/people/{both.id}/deactivate", data={"to": "queue"}).status_code == 404
    session.expire_all()
    assert dossier.officer_id == both.id and queries.held_by(both) == [dossier]
