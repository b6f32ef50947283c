"""From hand to hand: taken up, handed on, passed on, laid down, left behind."""
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal.dossiers import actions, queries
from portal.dossiers.models import Dossier, Event
from portal.dossiers.states import OPEN, NotNow, State
from portal.kit.db import session
from portal.notices.models import Message
from portal.people import queries as people
from portal.people import roles, security_log
from portal.people.models import Person
from portal.progress.models import ProgressRecord
from tests import make

pytestmark = pytest.mark.usefixtures("app")
HELD = [state for state in OPEN if state is not State.submitted]


def told(person: Person) -> list[str]:
    """The subjects of what somebody was told by name."""
    session.flush()
    return list(session.scalars(select(Message.subject).where(Message.person_id == person.id).order_by(Message.id)))


def last(dossier: Dossier) -> Event:
    return dossier.events[-1]


@pytest.mark.parametrize("state", HELD)
def test_who_holds_it_hands_it_to_a_colleague_and_it_stands_as_it_stood(state: State) -> None:
    dossier, colleague = make.dossier(state), make.officer()
    holder, due, number = dossier.officer, dossier.due_at, len(dossier.requests)
    actions.assign(dossier, to=colleague, by=holder, note="Nghỉ phép đến hết tuần")
    assert (dossier.state, dossier.officer_id, dossier.due_at, len(dossier.requests)) == (
        state, colleague.id, due, number)
    event = last(dossier)
    assert (event.step, event.by_id, event.to_id, event.to_name, event.note) == (
        "assign", holder.id, colleague.id, colleague.name, "Nghỉ phép đến hết tuần")
    assert any(str(dossier.code) in subject for subject in told(colleague))
    assert told(holder) == [], "who did it need not be told"


def test_who_the_event_names_is_called_as_they_were_then() -> None:
    dossier, colleague = make.dossier("received"), make.officer(name="Trần Thị Bình")
    actions.assign(dossier, to=colleague, by=dossier.officer)
    colleague.name = "Trần Thị Bình Minh"
    session.flush()
    assert last(dossier).to_name == "Trần Thị Bình"


def test_a_head_hands_it_on_and_whoever_held_it_is_told() -> None:
    dossier, head, colleague = make.dossier("processing"), make.staff("head_of_unit", make.commune()), make.officer()
    before = dossier.officer
    actions.assign(dossier, to=colleague, by=head)
    assert dossier.officer_id == colleague.id
    assert len(told(before)) == len(told(colleague)) == 1
    actions.assign(dossier, to=head, by=head)
    assert dossier.officer_id == head.id and told(head) == [], "a head may take it over too"


def test_a_new_dossier_is_handed_out_by_the_head_and_its_check_begins() -> None:
    dossier, head, officer = make.dossier(), make.staff("head_of_unit", make.commune()), make.officer()
    actions.assign(dossier, to=officer, by=head)
    assert (dossier.state, dossier.officer_id) == ("checking", officer.id)


@pytest.mark.parametrize("who", ["leaves", "another commune", "a clerk", "the counter", "already"])
def test_nobody_is_handed_what_they_could_not_bring_further(who: str) -> None:
    dossier = make.dossier("processing")
    to: Person = {"leaves": lambda: make.officer(active=False), "already": lambda: dossier.officer,
                  "another commune": lambda: make.officer(people.commune("20195")),
                  "a clerk": lambda: make.staff("clerk", "H17"),
                  "the counter": lambda: make.staff("counter_officer", "H17")}[who]()
    holder = dossier.officer
    with pytest.raises(NotNow):
        actions.assign(dossier, to=to, by=holder)
    assert dossier.officer_id == holder.id
    assert to not in queries.colleagues_for(dossier)


def test_a_colleague_who_does_not_hold_it_moves_nothing() -> None:
    dossier, colleague = make.dossier("received"), make.officer()
    for verb, more in (("assign", {"to": colleague}), ("release", {}),
                       ("transfer", {"to": people.commune("20195"), "reason": "x"})):
        with pytest.raises(NotNow):
            getattr(actions, verb)(dossier, by=colleague, **more)


@pytest.mark.parametrize("state", HELD)
def test_it_is_put_back_from_every_open_state_and_taken_up_again(state: State) -> None:
    dossier, colleague = make.dossier(state), make.officer()
    actions.release(dossier, by=dossier.officer)
    assert (dossier.state, dossier.officer_id) == (State.submitted if state is State.checking else state, None)
    with pytest.raises(NotNow):
        actions.release(dossier, by=make.staff("head_of_unit", "H17"))
    actions.claim(dossier, by=colleague)
    assert (dossier.state, dossier.officer_id) == (state, colleague.id)


def test_who_decided_need_not_be_who_hands_over() -> None:
    for role in ("counter_officer", "head_of_unit", "result_officer"):
        dossier = make.dossier("decided")
        actions.hand_over(dossier, by=make.staff(role, "H17"), on_paper=True)
        assert dossier.state == "returned"


@pytest.mark.parametrize("state", OPEN)
def test_it_passes_to_another_unit_and_waits_there(state: State) -> None:
    dossier, other = make.dossier(state), people.commune("20195")
    head, there = make.staff("head_of_unit", make.commune()), make.officer(other)
    due, before = dossier.due_at, dossier.officer
    leads = make.staff("head_of_unit", other)
    actions.transfer(dossier, to=other, by=head, reason="Thuộc thẩm quyền của phường khác")
    assert (dossier.unit_id, dossier.officer_id, dossier.due_at) == (other.id, None, due)
    assert dossier.state == (State.submitted if state is State.checking else state)
    assert (last(dossier).to_unit_id, last(dossier).to_name) == (other.id, other.name)
    assert before is None or len(told(before)) == 1
    assert any(other.name in subject for subject in told(dossier.applicant))
    to_role = session.scalars(select(Message).where(Message.role == "head_of_unit")).all()
    assert [(one.unit_id, "Thuộc thẩm quyền của phường khác" in one.body) for one in to_role][-1] == (other.id, True)
    record = session.scalars(select(ProgressRecord).where(ProgressRecord.code == dossier.code)).one()
    assert record.unit_id == other.id
    actions.claim(dossier, by=there)
    assert dossier.officer_id == there.id and leads.id != there.id


def test_it_passes_to_no_counter_no_other_agency_and_not_where_it_lies() -> None:
    dossier = make.dossier("received")
    for unit in (make.counter(make.commune()), people.central_unit(make.agency("H26").id), dossier.unit):
        with pytest.raises(ValueError, match="does not take"):
            actions.transfer(dossier, to=unit, by=dossier.officer, reason="x")
    with pytest.raises(ValueError, match="reason"):
        actions.transfer(dossier, to=people.commune("20195"), by=dossier.officer, reason="  ")


def test_where_nobody_leads_the_unit_the_administrator_of_the_agency_is_told() -> None:
    dossier = make.dossier("received")
    make.staff("agency_administrator", "H17")
    actions.transfer(dossier, to=people.commune("20195"), by=dossier.officer, reason="x")
    [told_to] = session.scalars(select(Message).where(Message.role.is_not(None))).all()
    assert (told_to.role, told_to.agency_id, told_to.unit_id) == ("agency_administrator", dossier.agency_id, None)


@pytest.mark.parametrize("state", HELD)
def test_what_somebody_leaves_behind_goes_to_a_colleague_or_back(state: State) -> None:
    leaving, colleague = make.officer(), make.officer()
    handed, left = make.dossier(state, officer=leaving), make.dossier(state, officer=leaving)
    administrator = make.administrator()
    leaving.active = False
    session.flush()
    assert actions.leave(leaving, by=administrator, to=colleague) == (2, 0)
    assert handed.officer_id == left.officer_id == colleague.id and handed.state == state
    assert len(told(colleague)) == 1, "one notice, however many there are"
    colleague.active = False
    session.flush()
    assert actions.leave(colleague, by=administrator) == (0, 2)
    assert (left.officer_id, left.state) == (None, State.submitted if state is State.checking else state)
    assert (last(left).step, last(left).by_id) == ("release", administrator.id)


def test_what_the_colleague_could_not_bring_further_goes_back() -> None:
    leaving, at_counter = make.officer(), make.staff("counter_officer", "H17")
    one, other = make.dossier("checking", officer=leaving), make.dossier("processing", officer=leaving)
    leaving.active = False
    session.flush()
    assert actions.leave(leaving, by=None, to=at_counter) == (1, 1)
    assert (one.officer_id, other.officer_id) == (at_counter.id, None)


def test_a_role_that_ends_leaves_only_what_it_was_about() -> None:
    officer = make.officer(make.commune())
    roles.give(officer, "case_officer", roles.Place(make.agency("H26").id), by=None)
    here, there = make.dossier("received", officer=officer), make.dossier(
        "received", officer=officer, service=make.service(at="H26"))
    roles.end(officer.memberships[0], by=None)
    assert actions.leave(officer, by=None) == (0, 1)
    assert (here.officer_id, there.officer_id) == (None, officer.id)


def test_what_is_closed_stays_with_whoever_had_it() -> None:
    dossier = make.dossier("returned")
    officer = dossier.officer
    officer.active = False
    session.flush()
    assert actions.leave(officer, by=None) == (0, 0) and dossier.officer_id == officer.id


@pytest.mark.parametrize("state", ["asked", "waiting"])
def test_an_answer_for_somebody_who_has_left_goes_to_the_queue_and_whoever_is_in_charge_is_told(state: str) -> None:
    dossier, head = make.dossier(state), make.staff("head_of_unit", make.commune())
    dossier.officer.active = False
    session.flush()
    actions.answer(dossier, by=dossier.applicant, reply="Đã bổ sung")
    assert dossier.officer_id is None
    assert [one.role for one in session.scalars(select(Message).where(Message.role.is_not(None)))] == ["head_of_unit"]
    actions.claim(dossier, by=head)


def test_the_history_tells_into_whose_hands_it_went(app: Flask, sign_in: Any) -> None:
    dossier, colleague = make.dossier("received"), make.officer(name="Trần Thị Bình")
    actions.assign(dossier, to=colleague, by=dossier.officer, note="Nghỉ phép")
    actions.transfer(dossier, to=people.commune("20195"), by=colleague, reason="Sai phường tiếp nhận")
    session.commit()
    page = sign_in(make.officer()).get(f"/officer/dossiers/{dossier.id}").text
    assert "Trần Thị Bình" in page and "Nghỉ phép" in page and "Sai phường tiếp nhận" in page
    own = sign_in(dossier.applicant).get(f"/my/dossiers/{dossier.id}").text
    assert people.commune("20195").name in own
    assert not any(words in own for words in ("Trần Thị Bình", "Nghỉ phép", "Sai phường tiếp nhận"))


def test_the_wrong_door_tells_a_colleague_who_holds_it_and_a_stranger_nothing(sign_in: Any) -> None:
    dossier, colleague = make.dossier("processing"), make.officer()
    dossier.officer.name = "Trần Thị Bình"
    session.commit()
    client, stranger = sign_in(colleague), sign_in(make.officer("H26"))
    for path in (f"/officer/dossiers/{dossier.id}/decide", f"/my/dossiers/{dossier.id}"):
        answer = client.get(path)
        assert answer.status_code == 403 and "Trần Thị Bình" in answer.text
        assert f'href="/officer/dossiers/{dossier.id}"' in answer.text, answer.text
        assert dossier.holder_name not in answer.text
        assert stranger.get(path).status_code == 404
        assert "Trần Thị Bình" not in stranger.get(path).text
    assert client.get("/officer/dossiers/999999/decide").status_code == 404
    answer = client.post(f"/officer/dossiers/{dossier.id}/refuse", data={"reason": "Không thuộc thẩm quyền của phường"})
    assert answer.status_code == 403 and "Không thuộc thẩm quyền của phường" in answer.text, "typed, and kept"


def test_who_passed_it_on_is_told_where_it_went_and_others_of_the_unit_nothing(sign_in: Any) -> None:
    here, other = make.officer(make.commune()), people.commune("20195")
    dossier = make.dossier("received", officer=here)
    actions.transfer(dossier, to=other, by=here, reason="Thuộc phường khác")
    session.commit()
    path = f"/officer/dossiers/{dossier.id}"
    answer = sign_in(here).get(path)
    assert answer.status_code == 403 and other.name in answer.text
    assert str(dossier.code) not in answer.text and dossier.holder_name not in answer.text
    assert sign_in(make.officer(make.commune())).get(path).status_code == 404
    roles.end(here.roles[0], by=None)
    session.commit()
    assert sign_in(here).get(path).status_code == 404


def test_why_a_date_is_due_is_told_where_there_is_one(sign_in: Any) -> None:
    dossier = make.dossier("checking")
    desk, own = sign_in(dossier.officer), sign_in(dossier.applicant)
    pages = ((desk, f"/officer/dossiers/{dossier.id}"), (own, f"/my/dossiers/{dossier.id}"))
    assert not any(f"{path}/due" in client.get(path).text for client, path in pages)
    actions.accept(dossier, by=dossier.officer)
    session.commit()
    assert all(f"{path}/due" in client.get(path).text for client, path in pages)
    dossier.due_at = None  # the law sets no limit
    session.commit()
    assert not any(f"{path}/due" in client.get(path).text for client, path in pages)


def test_what_somebody_else_moves_is_an_event_of_the_security_log() -> None:
    """The page of security events offers this event: it must happen. Handing on one's own is no event."""
    def written() -> list[tuple[int | None, int | None, int]]:
        return [(one.by_id, one.about_id, one.facts["dossier"]) for one in security_log.newest(
            name="dossier.reassigned", limit=9)]

    holder, colleague, head = make.officer(), make.officer(), make.staff("head_of_unit", "H17")
    dossier = make.dossier("received", officer=holder)
    actions.assign(dossier, to=colleague, by=holder)
    assert written() == []
    actions.assign(dossier, to=holder, by=head)
    assert written() == [(head.id, holder.id, dossier.id)]
    holder.active = False
    session.flush()
    actions.leave(holder, by=head, to=colleague)
    assert written()[0] == (head.id, colleague.id, dossier.id)
