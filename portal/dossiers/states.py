"""What a dossier may become. Read this table and you know the procedure.

The ten national statuses (TrangThaiHoSo of the national portal) are what is published; the states
here are finer, and each maps to one of them.
"""
from enum import StrEnum

from portal.law.statuses import Status


class State(StrEnum):
    draft = "draft"
    submitted = "submitted"
    checking = "checking"
    asked = "asked"
    received = "received"
    processing = "processing"
    waiting = "waiting"
    decided = "decided"
    returned = "returned"
    not_received = "not_received"
    withdrawn = "withdrawn"


class Step(StrEnum):
    begin = "begin"
    submit = "submit"
    claim = "claim"
    release = "release"
    accept = "accept"
    process = "process"
    ask = "ask"
    answer = "answer"
    refuse = "refuse"
    decide = "decide"
    hand_over = "hand_over"
    withdraw = "withdraw"


MOVES: dict[tuple[State | None, Step], State] = {
    (None, Step.begin): State.draft,
    (State.draft, Step.submit): State.submitted,
    (State.submitted, Step.claim): State.checking,
    (State.checking, Step.release): State.submitted,
    (State.checking, Step.ask): State.asked,
    (State.asked, Step.answer): State.checking,
    (State.checking, Step.refuse): State.not_received,
    (State.checking, Step.accept): State.received,
    (State.received, Step.process): State.processing,
    (State.received, Step.ask): State.waiting,
    (State.processing, Step.ask): State.waiting,
    (State.waiting, Step.answer): State.processing,
    (State.received, Step.decide): State.decided,
    (State.processing, Step.decide): State.decided,
    (State.decided, Step.hand_over): State.returned,
    (State.submitted, Step.withdraw): State.withdrawn,
    (State.checking, Step.withdraw): State.withdrawn,
    (State.asked, Step.withdraw): State.withdrawn,
    (State.received, Step.withdraw): State.withdrawn,
    (State.processing, Step.withdraw): State.withdrawn,
    (State.waiting, Step.withdraw): State.withdrawn,
}

STATUS: dict[State, Status | None] = {
    State.draft: None,
    State.submitted: Status.registered,
    State.checking: Status.registered,
    State.asked: Status.supplement,
    State.received: Status.received,
    State.processing: Status.processing,
    State.waiting: Status.supplement,
    State.decided: Status.finished,
    State.returned: Status.returned,
    State.not_received: Status.not_received,
    State.withdrawn: Status.withdrawn,
}

CLOCK_STOPPED = frozenset({State.waiting})
FINAL = frozenset({State.returned, State.not_received, State.withdrawn})
OFFICER_STEPS = (Step.claim, Step.release, Step.accept, Step.process, Step.ask, Step.refuse,
                 Step.decide, Step.hand_over)
HOLDER_STEPS = frozenset(OFFICER_STEPS) - {Step.claim}
APPLICANT_STEPS = (Step.submit, Step.answer, Step.withdraw)


class NotNow(Exception):
    """The step exists, but not from this state. Doors turn it into a 409 page."""

    def __init__(self, state: State | None, step: Step) -> None:
        super().__init__(f"cannot {step} a dossier that is {state}")
        self.state, self.step = state, step


def after(state: State | None, step: Step) -> State:
    """The state that `step` leads to. Raises NotNow."""
    try:
        return MOVES[state, step]
    except KeyError:
        raise NotNow(state, step) from None


def possible(state: State) -> tuple[Step, ...]:
    """Every step that can be taken now; buttons ask this, so they cannot disagree with the rule."""
    return tuple(step for (before, step) in MOVES if before is state)
