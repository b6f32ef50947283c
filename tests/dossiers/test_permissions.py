"""Who may see and do what: the whole table, person by person."""
from types import SimpleNamespace
from typing import Any

import pytest

from portal.dossiers.permissions import may_decide, may_fill, may_handle, may_own, may_see, steps_for
from portal.dossiers.states import APPLICANT_STEPS, OFFICER_STEPS, State, possible

OWNER, OTHER, HOLDER, COLLEAGUE, ELSEWHERE, ADMIN = range(1, 7)


def who(number: int) -> Any:
    role = {OWNER: "citizen", OTHER: "citizen", ADMIN: "administrator"}.get(number, "officer")
    agency = {HOLDER: 17, COLLEAGUE: 17, ELSEWHERE: 26}.get(number)
    return SimpleNamespace(id=number, role=role, agency_id=agency)


def dossier(state: State = State.checking, officer_id: int | None = HOLDER) -> Any:
    return SimpleNamespace(state=state, applicant_id=OWNER, officer_id=officer_id, agency_id=17)


@pytest.mark.parametrize(("person", "own", "handle", "decide"), [
    (OWNER, True, False, False), (OTHER, False, False, False), (HOLDER, False, True, True),
    (COLLEAGUE, False, True, False), (ELSEWHERE, False, False, False), (ADMIN, False, False, False)])
def test_each_person_and_a_dossier_that_was_handed_in(person: int, own: bool, handle: bool, decide: bool) -> None:
    p, d = who(person), dossier()
    assert (may_own(p, d), may_handle(p, d), may_decide(p, d)) == (own, handle, decide)
    assert may_see(p, d) == (own or handle)


@pytest.mark.parametrize("person", [OTHER, HOLDER, COLLEAGUE, ELSEWHERE, ADMIN])
def test_a_draft_exists_for_nobody_but_its_owner(person: int) -> None:
    draft = dossier(State.draft, None)
    assert may_see(who(OWNER), draft) and may_fill(who(OWNER), draft)
    assert not may_see(who(person), draft) and not may_fill(who(person), draft)


def test_an_officer_who_applies_as_a_citizen_under_the_same_number_does_not_own_it() -> None:
    """Numbers are of persons, and roles count: an officer's account with the applicant's id owns nothing."""
    impostor = SimpleNamespace(id=OWNER, role="officer", agency_id=26)
    assert not may_own(impostor, dossier()) and not may_see(impostor, dossier())


def test_the_administrator_keeps_the_house_and_reads_no_dossiers() -> None:
    for state in State:
        assert not may_see(who(ADMIN), dossier(state))
        assert steps_for(who(ADMIN), dossier(state)) == ()


@pytest.mark.parametrize("state", list(State))
def test_steps_shown_are_possible_now_and_of_the_right_side(state: State) -> None:
    d = dossier(state, HOLDER if state not in (State.draft, State.submitted) else None)
    assert steps_for(who(OWNER), d) == tuple(s for s in possible(state) if s in APPLICANT_STEPS)
    for stranger in (OTHER, ELSEWHERE, ADMIN):
        assert steps_for(who(stranger), d) == ()
    if d.officer_id == HOLDER:
        assert steps_for(who(HOLDER), d) == tuple(s for s in possible(state) if s in OFFICER_STEPS)


def test_a_colleague_may_take_up_what_nobody_holds_and_nothing_else() -> None:
    assert steps_for(who(COLLEAGUE), dossier(State.submitted, None)) == ("claim",)
    for state in set(State) - {State.submitted}:
        assert steps_for(who(COLLEAGUE), dossier(state)) == ()
