"""What a dossier may become, who may do it, and what is said of it: one table of states, one of steps.

Everything that asks about a state or a step asks here: verbs, buttons, lists, tabs, badges, timelines, words, jobs.
The national statuses are what is published; the states here are finer, and each maps to one of them. Words are
msgids: pages translate them.
"""
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from portal.kit.text import N_
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
    stopped = "stopped"


class Step(StrEnum):
    begin = "begin"
    submit = "submit"
    claim = "claim"
    accept = "accept"
    process = "process"
    decide = "decide"
    hand_over = "hand_over"
    take_out = "take_out"
    ask = "ask"
    ask_again = "ask_again"
    amend = "amend"
    take_back = "take_back"
    answer = "answer"
    extend = "extend"
    refuse = "refuse"
    withdraw = "withdraw"
    assign = "assign"
    transfer = "transfer"
    release = "release"
    lapse = "lapse"
    recount = "recount"


class Turn(StrEnum):
    """Whose turn it is. Nobody's: the state is final, the dossier is closed."""

    applicant = "applicant"
    office = "office"
    nobody = "nobody"


class Clock(StrEnum):
    """What runs: nothing; the time for the first answer; the limit, running, stopped or over."""

    none = "none"
    answer = "answer"
    running = "running"
    stopped = "stopped"
    over = "over"


class Tab(StrEnum):
    """The parts of the officers' queue that are about a state; the others are about who holds it, and about time."""

    waiting = "waiting"
    ready = "ready"


class Look(StrEnum):
    """What a badge looks like: mark and shape are enough, the colour only helps."""

    waiting = "waiting"
    working = "working"
    done = "done"
    late = "late"
    still = "still"


class Side(StrEnum):
    """Who takes a step: the applicant, somebody of the office, or the passing of time."""

    applicant = "applicant"
    office = "office"
    time = "time"


#: the badge of each national status; a state has that of its status, unless the table below says otherwise
LOOKS: Mapping[Status, Look] = {
    Status.registered: Look.waiting, Status.received: Look.working, Status.not_received: Look.still,
    Status.processing: Look.working, Status.supplement: Look.waiting, Status.payment: Look.waiting,
    Status.withdrawn: Look.still, Status.stopped: Look.still, Status.finished: Look.done, Status.returned: Look.done,
}


@dataclass(frozen=True, kw_only=True)
class StateRule:
    """One state. `words` and `next` (what comes next) are said to the applicant, `desk` and `desk_next` to officers:
    there it is the applicant who waits, never "you"; `desk` stands where the words differ.

    `work`: the short words of the link that takes up what is to be done, said to whoever's turn it is, and `work_step`
    the step that it opens, or None for the dossier's own page. `result_out`: the applicant may fetch the result.
    `keeper`: the step that whoever holds it must be allowed to take, or it would lie with them for ever.
    """

    status: Status | None
    turn: Turn
    clock: Clock
    words: str
    next: str
    desk_next: str = N_("The dossier is closed. Nothing more can be done to it.")
    desk: str = ""
    tab: Tab | None = None
    badge: Look | None = None
    work: str = ""
    work_step: Step | None = None
    result_out: bool = False
    keeper: Step | None = None

    @property
    def final(self) -> bool:
        """Whether the dossier is closed for ever."""
        return self.turn is Turn.nobody

    @property
    def look(self) -> Look:
        return self.badge or (LOOKS[self.status] if self.status else Look.still)


STATES: Mapping[State, StateRule] = {
    State.draft: StateRule(
        status=None, turn=Turn.applicant, clock=Clock.none, words=N_("Draft"),
        next=N_("Finish the form and hand it in."), work=N_("Go on with it"), work_step=Step.submit),
    State.submitted: StateRule(
        status=Status.registered, turn=Turn.office, clock=Clock.answer, keeper=Step.accept,
        words=N_("Submitted, waiting to be received"), desk=N_("New, not yet taken"),
        next=N_("An officer looks at it within 8 working hours and accepts it, asks for a supplement or says why "
                "not."),
        desk_next=N_("Nobody has taken it yet. Take it up and give the first answer by %(moment)s.")),
    State.checking: StateRule(
        status=Status.registered, turn=Turn.office, clock=Clock.answer, badge=Look.working, keeper=Step.accept,
        words=N_("Being checked by an officer"), desk=N_("Being checked"),
        next=N_("An officer is checking whether it is complete. Then you get the receipt with the date of the result."),
        desk_next=N_("Check the answers and the papers, then accept, ask for what is missing, or refuse, by "
                     "%(moment)s."), work=N_("Check")),
    State.asked: StateRule(
        status=Status.supplement, turn=Turn.applicant, clock=Clock.none, tab=Tab.waiting, keeper=Step.accept,
        words=N_("Supplement requested before acceptance"), desk=N_("Asked, not yet accepted"),
        next=N_("The agency waits for you: hand in what is asked, then the check goes on."),
        desk_next=N_("The applicant has been asked for a supplement. When it comes, check the dossier again."),
        work=N_("Hand in what is asked"), work_step=Step.answer),
    State.received: StateRule(
        status=Status.received, turn=Turn.office, clock=Clock.running, words=N_("Accepted"), keeper=Step.process,
        next=N_("The agency works on it. You will be told when the result is ready."),
        desk_next=N_("Settle the dossier by %(moment)s."), work=N_("Process")),
    State.processing: StateRule(
        status=Status.processing, turn=Turn.office, clock=Clock.running, words=N_("Being processed"),
        keeper=Step.decide,
        next=N_("The agency works on it. You will be told when the result is ready."),
        desk_next=N_("Settle the dossier by %(moment)s."), work=N_("Decide"), work_step=Step.decide),
    State.waiting: StateRule(
        status=Status.supplement, turn=Turn.applicant, clock=Clock.stopped, tab=Tab.waiting, keeper=Step.ask,
        words=N_("Waiting for your supplement"), desk=N_("Asked, clock stopped"),
        next=N_("The agency waits for you: the clock stands still until you hand in what is asked."),
        desk_next=N_("The clock stands still until the applicant hands in the supplement."),
        work=N_("Hand in what is asked"), work_step=Step.answer),
    State.decided: StateRule(
        status=Status.finished, turn=Turn.office, clock=Clock.over, tab=Tab.ready, keeper=Step.hand_over,
        words=N_("Decided, result ready"), desk=N_("Decided, to be handed over"),
        next=N_("The result is ready and will be handed over."),
        desk_next=N_("The result is there. Hand it over, so that the applicant can download it."),
        work=N_("Hand over"), work_step=Step.hand_over),
    State.returned: StateRule(
        status=Status.returned, turn=Turn.nobody, clock=Clock.over, words=N_("Result handed over"),
        next=N_("Finished. Download the result below and keep it."), result_out=True),
    State.not_received: StateRule(
        status=Status.not_received, turn=Turn.nobody, clock=Clock.over, words=N_("Not accepted"),
        next=N_("Finished. The refusal says why; you can apply again.")),
    State.withdrawn: StateRule(
        status=Status.withdrawn, turn=Turn.nobody, clock=Clock.over, words=N_("Withdrawn"),
        next=N_("Finished: you withdrew it. You can apply again at any time.")),
    # Decree 118/2025 art. 19(5): what was asked for did not come
    State.stopped: StateRule(
        status=Status.stopped, turn=Turn.nobody, clock=Clock.over, words=N_("Processing stopped"),
        next=N_("Finished: the agency stopped work on it. You can apply again at any time.")),
}


@dataclass(frozen=True, kw_only=True)
class StepRule:
    """One step. `moves`: from where to where. `words` name it once it was taken, `do` as something to do, `button` on
    the officers' page, where `key` takes it and `page` says that a page of its own comes first.

    `holder_only`: of the office, only the officer who holds the dossier. `reason`: it needs one in words. `paper`: the
    kind that is issued, `notice` the one that the applicant gets. `private`: its note is not for the applicant.
    `inner`: it concerns the office alone; applicant and public are not told of it. `flagged`: it goes beyond what the
    rules allow and is shown so. `public_reason`: why it makes the dossier wait or
    end, in the codes of the public record.
    """

    side: Side
    moves: Mapping[State | None, State]
    words: str
    do: str = ""
    button: str = ""
    key: str = ""
    page: bool = False
    danger: bool = False
    holder_only: bool = False
    reason: bool = False
    private: bool = False
    inner: bool = False
    flagged: bool = False
    paper: str | None = None
    notice: str | None = None
    public_reason: str | None = None


# what changes hands stays where it stands; only a check begins with somebody, and has to be begun again
_AS_IT_STANDS: dict[State | None, State] = {
    state: state for state in (State.asked, State.received, State.processing, State.waiting, State.decided)}
_TAKEN_UP = _AS_IT_STANDS | {State.submitted: State.checking, State.checking: State.checking}
_LAID_DOWN = _AS_IT_STANDS | {State.checking: State.submitted}

#: in the order of a dossier's life: the first that is possible now is the officer's main button
STEPS: Mapping[Step, StepRule] = {
    Step.begin: StepRule(side=Side.applicant, moves={None: State.draft}, words=N_("Started")),
    Step.submit: StepRule(
        side=Side.applicant, moves={State.draft: State.submitted}, words=N_("Submitted"),
        do=N_("Check your answers and hand in"), notice="dossier_submitted"),
    Step.claim: StepRule(
        side=Side.office, words=N_("Taken up by an officer"), do=N_("Take it up"), button=N_("Take it up"), key="c",
        moves=_TAKEN_UP, private=True),
    Step.accept: StepRule(
        side=Side.office, moves={State.checking: State.received}, words=N_("Accepted, receipt issued"),
        do=N_("Accept the dossier"), button=N_("Accept…"), key="a", page=True, holder_only=True, paper="receipt",
        notice="dossier_accepted"),
    Step.process: StepRule(
        side=Side.office, moves={State.received: State.processing}, words=N_("Passed on for processing"),
        do=N_("Pass on for processing"), button=N_("Pass on for processing"), key="p", holder_only=True),
    Step.decide: StepRule(
        side=Side.office, moves={State.received: State.decided, State.processing: State.decided}, words=N_("Decided"),
        do=N_("Decide"), button=N_("Decide…"), key="d", page=True, holder_only=True, notice="dossier_decided"),
    Step.hand_over: StepRule(
        side=Side.office, moves={State.decided: State.returned}, words=N_("Result handed over"),
        do=N_("Hand over the result"), button=N_("Hand over the result…"), key="h", page=True, holder_only=True,
        notice="result_handed_over"),
    Step.take_out: StepRule(
        side=Side.office, moves={State.decided: State.decided}, words=N_("Result file taken out"),
        do=N_("Take the file out"), holder_only=True, private=True, inner=True),
    Step.ask: StepRule(
        side=Side.office, words=N_("Supplement requested"), do=N_("Ask for a supplement"),
        moves={State.checking: State.asked, State.received: State.waiting, State.processing: State.waiting},
        button=N_("Ask for a supplement…"), key="s", page=True, holder_only=True, reason=True, paper="supplement",
        notice="supplement_requested", public_reason="missing_papers"),
    Step.ask_again: StepRule(
        side=Side.office, words=N_("Supplement requested once more"), do=N_("Ask once more, as head of the unit"),
        moves={State.checking: State.asked, State.received: State.waiting, State.processing: State.waiting},
        button=N_("Ask once more…"), page=True, danger=True, reason=True, flagged=True, paper="supplement",
        notice="supplement_requested", public_reason="missing_papers"),
    Step.amend: StepRule(
        side=Side.office, words=N_("Supplement request changed"), do=N_("Change the request"),
        moves={State.asked: State.asked, State.waiting: State.waiting}, button=N_("Change the request…"), key="e",
        page=True, holder_only=True, reason=True, paper="supplement", notice="supplement_changed",
        public_reason="missing_papers"),
    Step.take_back: StepRule(
        side=Side.office, words=N_("Supplement request taken back"), do=N_("Take the request back"),
        moves={State.asked: State.checking, State.waiting: State.processing}, button=N_("Take the request back…"),
        page=True, danger=True, holder_only=True, notice="supplement_taken_back"),
    Step.answer: StepRule(
        side=Side.applicant, moves={State.asked: State.checking, State.waiting: State.processing},
        words=N_("Supplement handed in"), do=N_("Hand in what is asked")),
    Step.extend: StepRule(
        side=Side.office, words=N_("Due date put off"), do=N_("Put the due date off"),
        moves={State.received: State.received, State.processing: State.processing}, button=N_("Put the due date off…"),
        key="x", page=True, holder_only=True, reason=True,
        paper="extension", notice="due_date_put_off"),
    Step.refuse: StepRule(
        side=Side.office, moves={State.checking: State.not_received}, words=N_("Refused"), do=N_("Refuse the dossier"),
        button=N_("Refuse…"), key="r", page=True, danger=True, holder_only=True, reason=True, paper="refusal",
        notice="dossier_refused"),
    Step.withdraw: StepRule(
        side=Side.applicant, words=N_("Withdrawn"), do=N_("Withdraw this dossier"),
        moves=dict.fromkeys((State.submitted, State.checking, State.asked, State.received, State.processing,
                             State.waiting), State.withdrawn)),
    Step.assign: StepRule(
        side=Side.office, words=N_("Handed to a colleague"), do=N_("Hand it to a colleague"),
        moves=_TAKEN_UP,
        button=N_("Hand it to a colleague…"), key="g", page=True, holder_only=True, private=True),
    Step.transfer: StepRule(
        side=Side.office, words=N_("Passed to another unit"), do=N_("Pass it to another unit"),
        moves=_LAID_DOWN | {State.submitted: State.submitted},
        button=N_("Pass it to another unit…"), page=True, holder_only=True, reason=True, private=True,
        notice="dossier_passed_on"),
    Step.release: StepRule(
        side=Side.office, words=N_("Put back in the queue"), do=N_("Put back in the queue"),
        moves=_LAID_DOWN, button=N_("Put back in the queue"), key="u", holder_only=True, private=True),
    Step.lapse: StepRule(
        side=Side.time, moves=dict.fromkeys((State.asked, State.waiting), State.stopped),
        words=N_("Stopped: nothing was handed in"), notice="dossier_lapsed", public_reason="missing_papers"),
    Step.recount: StepRule(
        side=Side.time, words=N_("Due date corrected: the calendar of working days was"), notice="due_date_corrected",
        moves={state: state for state in (State.received, State.processing, State.waiting)}),
}

STATUS: Mapping[State, Status | None] = {state: rule.status for state, rule in STATES.items()}
#: nobody looks into it for these: what an applicant answered is as unread afterwards as before
UNREAD = frozenset({Step.claim, Step.assign, Step.transfer, Step.release, Step.recount})
FINAL = frozenset(state for state, rule in STATES.items() if rule.final)
#: what officers have to look after: neither a draft nor closed
OPEN = tuple(state for state, rule in STATES.items() if rule.status and not rule.final)
#: where the office's time runs out: that of its first answer, then that of the result
PRESSING = tuple(state for state, rule in STATES.items() if rule.clock in (Clock.answer, Clock.running))
CLOCK_STOPPED = frozenset(state for state, rule in STATES.items() if rule.clock is Clock.stopped)
APPLICANT_STEPS = tuple(step for step, rule in STEPS.items() if rule.side is Side.applicant and rule.do)
OFFICER_STEPS = tuple(step for step, rule in STEPS.items() if rule.side is Side.office)
HOLDER_STEPS = frozenset(step for step, rule in STEPS.items() if rule.holder_only)


class NotNow(Exception):
    """The step exists, but not from this state. Doors turn it into a 409 page."""

    def __init__(self, state: State | None, step: Step) -> None:
        super().__init__(f"cannot {step} a dossier that is {state}")
        self.state, self.step = state, step


def after(state: State | None, step: Step) -> State:
    """The state that `step` leads to. Raises NotNow."""
    try:
        return STEPS[step].moves[state]
    except KeyError:
        raise NotNow(state, step) from None


def possible(state: State) -> tuple[Step, ...]:
    """Every step that can be taken now; buttons ask this, so they cannot disagree with the rule."""
    return tuple(step for step, rule in STEPS.items() if state in rule.moves)


def now_look(state: State) -> Look:
    """The look of the last line of a timeline while the dossier is open: a result that waits is not yet handed over."""
    look = STATES[state].look
    return Look.working if look is Look.done else look


def permission(step: Step) -> str:
    """The name of what a person must be allowed to take this step."""
    return f"dossier.{step}"


def in_tab(tab: Tab) -> tuple[State, ...]:
    """The states that stand in this part of the queue."""
    return tuple(state for state, rule in STATES.items() if rule.tab is tab)
