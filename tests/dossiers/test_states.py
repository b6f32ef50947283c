"""The table of states: what it allows, and that everything else is refused."""
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.dossiers.states import (
    APPLICANT_STEPS,
    CLOCK_STOPPED,
    FINAL,
    LOOKS,
    STATES,
    STATUS,
    STEPS,
    Look,
    NotNow,
    State,
    Step,
    after,
    possible,
)
from portal.law.statuses import Status


def in_hands(state: str) -> dict[str, str]:
    """Whoever holds it, it stands where it stands."""
    return dict.fromkeys(("claim", "assign", "transfer", "release"), state)


LEGAL = {
    "draft": {"submit": "submitted"},
    "submitted": {"claim": "checking", "assign": "checking", "transfer": "submitted", "withdraw": "withdrawn"},
    "checking": {"claim": "checking", "assign": "checking", "transfer": "submitted", "release": "submitted",
                 "ask": "asked", "ask_again": "asked", "refuse": "not_received", "accept": "received",
                 "withdraw": "withdrawn"},
    "asked": {**in_hands("asked"), "answer": "checking", "amend": "asked", "take_back": "checking",
              "withdraw": "withdrawn", "lapse": "stopped"},
    "received": {**in_hands("received"), "process": "processing", "ask": "waiting",
                 "ask_again": "waiting", "extend": "received", "decide": "decided", "withdraw": "withdrawn",
                 "recount": "received"},
    "processing": {**in_hands("processing"), "ask": "waiting", "ask_again": "waiting",
                   "extend": "processing", "decide": "decided", "withdraw": "withdrawn", "recount": "processing"},
    "waiting": {**in_hands("waiting"), "answer": "processing", "amend": "waiting", "take_back": "processing",
                "withdraw": "withdrawn", "lapse": "stopped", "recount": "waiting"},
    "decided": {**in_hands("decided"), "hand_over": "returned", "take_out": "decided"},
    "returned": {}, "not_received": {}, "withdrawn": {}, "stopped": {},
}
EVERY_PAIR = list(product(State, Step))


@pytest.mark.parametrize(("state", "step"), [p for p in EVERY_PAIR if p[1] in LEGAL[p[0]]])
def test_a_legal_step_leads_where_the_procedure_says(state: State, step: Step) -> None:
    assert after(state, step) == LEGAL[state][step]


@pytest.mark.parametrize(("state", "step"), [p for p in EVERY_PAIR if p[1] not in LEGAL[p[0]]])
def test_every_other_step_is_refused_and_the_refusal_says_from_where(state: State, step: Step) -> None:
    with pytest.raises(NotNow) as refused:
        after(state, step)
    assert (refused.value.state, refused.value.step) == (state, step)


def test_a_dossier_begins_as_a_draft_and_in_no_other_way() -> None:
    assert after(None, Step.begin) == State.draft
    for step in set(Step) - {Step.begin}:
        with pytest.raises(NotNow):
            after(None, step)


def test_buttons_offer_exactly_what_the_rule_allows() -> None:
    for state in State:
        assert set(possible(state)) == set(LEGAL[state])


def test_final_states_are_those_without_a_way_out() -> None:
    assert {s for s in State if not possible(s)} == FINAL


def test_every_state_but_the_draft_is_published_as_a_national_status() -> None:
    assert {s for s in State if STATUS[s] is None} == {State.draft}
    assert {
        State.draft: None, State.submitted: 1, State.checking: 1, State.received: 2, State.not_received: 3,
        State.processing: 4, State.asked: 5, State.waiting: 5, State.withdrawn: 7, State.stopped: 8, State.decided: 9,
        State.returned: 10} == STATUS
    assert [int(s) for s in Status] == list(range(1, 11))


def test_the_clock_stands_still_only_after_acceptance() -> None:
    """A supplement asked before acceptance stops nothing: no clock runs yet."""
    assert {State.waiting} == CLOCK_STOPPED


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(list(Step)), max_size=30))
def test_whatever_is_tried_a_life_never_leaves_a_final_state_or_skips_acceptance(steps: list[Step]) -> None:
    state, seen = after(None, Step.begin), [State.draft]
    for step in steps:
        try:
            state = after(state, step)
        except NotNow:
            continue
        assert seen[-1] not in FINAL
        seen.append(state)
    if State.decided in seen:
        assert State.received in seen[:seen.index(State.decided)]
    if State.returned in seen:
        assert seen[-2:] == [State.decided, State.returned]


def test_every_state_can_be_reached_and_every_open_one_can_end() -> None:
    reached, ahead = {State.draft}, [State.draft]
    while ahead:
        state = ahead.pop()
        for step in possible(state):
            if (there := after(state, step)) not in reached:
                reached.add(there)
                ahead.append(there)
    assert reached == set(State)


def test_the_applicant_may_withdraw_until_the_decision() -> None:
    may = {state for state in State if Step.withdraw in possible(state)}
    assert may == set(State) - FINAL - {State.draft, State.decided}
    assert Step.withdraw in APPLICANT_STEPS


def test_every_state_and_every_step_has_its_line() -> None:
    assert set(STATES) == set(State) and set(STEPS) == set(Step) and set(LOOKS) == set(Status)


def test_what_comes_to_a_dossier_says_so_in_its_badge() -> None:
    """A badge is that of the published status: who reads both pages sees one thing. Only a dossier that was taken up
    looks busy before it is received."""
    other = {state for state, rule in STATES.items() if rule.status and rule.look is not LOOKS[rule.status]}
    assert other == {State.checking}
    assert {status for status, look in LOOKS.items() if look is Look.still} == {
        Status.not_received, Status.withdrawn, Status.stopped}  # an end without a result is neither good nor bad news
    assert {status for status, look in LOOKS.items() if look is Look.done} == {Status.finished, Status.returned}
    assert {status for status, look in LOOKS.items() if look is Look.working} == {Status.received, Status.processing}
    assert Look.late not in LOOKS.values()
