"""Who may see and do what: the whole table, person by person."""
from types import SimpleNamespace
from typing import Any

import pytest

from portal.dossiers.permissions import (
    APPLICANT,
    FILL,
    HELD,
    is_mine,
    may,
    may_as_applicant,
    may_as_staff,
    may_keep,
    steps_for,
)
from portal.dossiers.states import (
    APPLICANT_STEPS,
    FINAL,
    HOLDER_STEPS,
    OFFICER_STEPS,
    OPEN,
    State,
    Step,
    permission,
    possible,
)
from portal.people.permissions import PERMISSIONS, READ, Role

OWNER, OTHER, HOLDER, COLLEAGUE, ELSEWHERE, ADMIN = range(1, 7)
UNIT, OTHER_UNIT = 170, 171
RETURNING = (Step.hand_over, Step.take_out)
MOVING = (Step.assign, Step.transfer, Step.release)


def held(role: str, agency_id: int | None = 17, desk_id: int | None = None) -> Any:
    return SimpleNamespace(role=role, agency_id=agency_id, desk_id=desk_id)


def staff(number: int, *roles: Any) -> Any:
    return SimpleNamespace(id=number, staff=True, active=True, roles=roles)


def citizen(number: int) -> Any:
    return SimpleNamespace(id=number, staff=False, active=True, roles=())


PEOPLE = {
    OWNER: citizen(OWNER), OTHER: citizen(OTHER), HOLDER: staff(HOLDER, held("case_officer")),
    COLLEAGUE: staff(COLLEAGUE, held("case_officer")), ELSEWHERE: staff(ELSEWHERE, held("case_officer", 26)),
    ADMIN: staff(ADMIN, held("portal_administrator", None))}


def dossier(state: State = State.checking, officer_id: int | None = HOLDER, unit_id: int | None = UNIT) -> Any:
    return SimpleNamespace(state=state, applicant_id=OWNER, officer_id=officer_id, agency_id=17, unit_id=unit_id)


@pytest.mark.parametrize(("person", "own", "reads", "decides"), [
    (OWNER, True, False, False), (OTHER, False, False, False), (HOLDER, False, True, True),
    (COLLEAGUE, False, True, False), (ELSEWHERE, False, False, False), (ADMIN, False, False, False)])
def test_each_person_and_a_dossier_that_was_handed_in(person: int, own: bool, reads: bool, decides: bool) -> None:
    p, d = PEOPLE[person], dossier()
    assert (may_as_applicant(p, READ, d), may_as_staff(p, READ, d), may_as_staff(p, "dossier.decide", d)) == (
        own, reads, decides)
    assert may(p, READ, d) == (own or reads) and is_mine(p, d) == decides


@pytest.mark.parametrize("person", [OTHER, HOLDER, COLLEAGUE, ELSEWHERE, ADMIN])
def test_a_draft_exists_for_nobody_but_its_owner(person: int) -> None:
    draft = dossier(State.draft, None, None)
    assert may(PEOPLE[OWNER], READ, draft) and may(PEOPLE[OWNER], FILL, draft)
    assert not any(may(PEOPLE[person], named, draft) for named in {READ, FILL, *map(permission, Step)})


def test_an_officer_who_applies_as_a_citizen_under_the_same_number_does_not_own_it() -> None:
    """Numbers are of persons, and what one is counts: an officer's account with the applicant's id owns nothing."""
    impostor = staff(OWNER, held("case_officer", 26))
    assert not any(may(impostor, named, dossier()) for named in APPLICANT)


def test_the_administrator_keeps_the_house_and_reads_no_dossiers() -> None:
    for state in State:
        assert not may(PEOPLE[ADMIN], READ, dossier(state))
        assert steps_for(PEOPLE[ADMIN], dossier(state)) == ()


@pytest.mark.parametrize("state", list(State))
def test_steps_shown_are_possible_now_and_of_the_right_side(state: State) -> None:
    d = dossier(state, HOLDER if state not in (State.draft, State.submitted) else None)
    assert steps_for(PEOPLE[OWNER], d) == tuple(s for s in possible(state) if s in APPLICANT_STEPS)
    for stranger in (OTHER, ELSEWHERE, ADMIN):
        assert steps_for(PEOPLE[stranger], d) == ()
    if d.officer_id == HOLDER:
        own = set(OFFICER_STEPS) - {Step.claim, Step.ask_again}  # it is held already; that is the head's
        assert steps_for(PEOPLE[HOLDER], d) == tuple(s for s in possible(state) if s in own)


def test_a_colleague_may_take_up_what_nobody_holds_and_nothing_else() -> None:
    for state in OPEN:
        assert steps_for(PEOPLE[COLLEAGUE], dossier(state, None)) == ("claim",)
    for state in set(State) - {State.submitted}:
        assert steps_for(PEOPLE[COLLEAGUE], dossier(state)) == ()


def test_the_unit_that_a_dossier_belongs_to_decides_who_of_an_agency_sees_it() -> None:
    here, there = (staff(9, held("case_officer", 17, unit)) for unit in (UNIT, OTHER_UNIT))
    whole = staff(9, held("case_officer"))
    for named in (READ, "dossier.claim"):
        d = dossier(State.submitted, None)
        assert may(here, named, d) and may(whole, named, d) and not may(there, named, d)
    assert not may(here, READ, dossier(unit_id=None)), "of the agency as a whole, and of no unit's"


def test_who_holds_two_roles_may_do_what_either_brings_where_it_is_held() -> None:
    both = staff(9, held("read_only"), held("case_officer", 17, OTHER_UNIT))
    assert may(both, READ, dossier()) and not may(both, "dossier.claim", dossier(State.submitted, None))
    assert may(both, "dossier.claim", dossier(State.submitted, None, OTHER_UNIT))


def test_a_result_is_handed_over_by_who_returns_results_whoever_decided() -> None:
    returning = staff(9, held("result_officer"))
    assert steps_for(returning, dossier(State.decided)) == RETURNING
    assert steps_for(staff(9, held("counter_officer")), dossier(State.decided)) == RETURNING
    assert steps_for(staff(9, held("head_of_unit")), dossier(State.decided)) == (*RETURNING, *MOVING)
    assert steps_for(staff(9, held("case_officer")), dossier(State.decided)) == ()
    assert steps_for(staff(9, held("case_officer")), dossier(State.decided, None)) == ("claim",)


@pytest.mark.parametrize("state", OPEN)
def test_a_dossier_moves_from_hand_to_hand_in_every_open_state(state: State) -> None:
    """By who holds it, who leads the unit, who administers the agency: and by nobody else."""
    at, d = [s for s in MOVING if s in possible(state)], dossier(state)
    for mover in (staff(HOLDER, held("case_officer")), staff(9, held("head_of_unit")),
                  staff(9, held("head_of_unit", 17, UNIT)), staff(9, held("agency_administrator"))):
        assert [step for step in steps_for(mover, d) if step in MOVING] == at
    for other in (staff(9, held("case_officer")), staff(9, held("head_of_unit", 17, OTHER_UNIT)),
                  staff(9, held("agency_administrator", 26)), staff(9, held("leader")), PEOPLE[ADMIN]):
        assert not set(steps_for(other, d)) & set(MOVING)


def test_who_administers_an_agency_moves_dossiers_and_reads_none() -> None:
    administrator = staff(9, held("agency_administrator"))
    for state in OPEN:
        assert set(steps_for(administrator, dossier(state))) <= set(MOVING)
        assert not may(administrator, READ, dossier(state))


def test_nobody_holds_what_they_could_not_bring_further() -> None:
    """A closed account holds nothing; a role that is to end holds nothing any more."""
    role = held("case_officer")
    officer = staff(HOLDER, role)
    for state in OPEN:
        assert may_keep(officer, dossier(state)) and not may_keep(officer, dossier(state), but=role)
        assert not may_keep(SimpleNamespace(**{**vars(officer), "active": False}), dossier(state))
        assert not may_keep(staff(HOLDER, held("case_officer", 17, OTHER_UNIT)), dossier(state))
        assert may_keep(staff(HOLDER, held("counter_officer")), dossier(state)) == (state is not State.processing)
    for state in FINAL:
        assert may_keep(staff(HOLDER), dossier(state)), "what is closed stays with whoever had it"


def test_at_the_counter_nothing_is_decided_but_passed_on_to_who_decides() -> None:
    at_counter = staff(HOLDER, held("counter_officer"))
    assert not may(at_counter, "dossier.decide", dossier(State.processing))
    assert "process" in steps_for(at_counter, dossier(State.received))


def test_what_was_passed_on_is_taken_up_by_who_may_decide() -> None:
    waits = dossier(State.processing, None)
    assert steps_for(staff(9, held("case_officer")), waits) == ("claim",)
    assert steps_for(staff(9, held("counter_officer")), waits) == ()
    assert steps_for(staff(9, held("counter_officer")), dossier(State.received, None)) == ("claim",)


def test_every_step_of_the_staff_is_in_a_role_and_every_permission_on_a_dossier_is_a_step() -> None:
    """A step that no role brings could be taken by nobody; a name that is no step is a slip of the pen."""
    given = {named.removesuffix(":any") for brought in PERMISSIONS.values() for named in brought}
    known = {READ, *map(permission, OFFICER_STEPS)}
    assert {named for named in given if named.startswith("dossier.")} == known
    # asking another agency is no step of a dossier: it changes nothing of its state
    assert {permission(step) for step in HOLDER_STEPS} | {"document.ask"} == HELD
    assert set(PERMISSIONS) == set(Role)
