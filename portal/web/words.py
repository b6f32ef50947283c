"""The words for states, steps and statuses, one place for every door. Lazy: said in the reader's language."""

from portal.dossiers.states import State, Step
from portal.kit.i18n import Later, _l
from portal.law import statuses
from portal.law.statuses import Status

STATE_WORDS: dict[str, Later] = {
    State.draft: _l("Draft"),
    State.submitted: _l("Submitted, waiting to be received"),
    State.checking: _l("Being checked by an officer"),
    State.asked: _l("Supplement requested before acceptance"),
    State.received: _l("Accepted"),
    State.processing: _l("Being processed"),
    State.waiting: _l("Waiting for your supplement"),
    State.decided: _l("Decided, result ready"),
    State.returned: _l("Result handed over"),
    State.not_received: _l("Not accepted"),
    State.withdrawn: _l("Withdrawn"),
}

# The national vocabulary (TrangThaiHoSo), word for word in Vietnamese.
STATUS_WORDS = {status: _l(words) for status, words in statuses.WORDS.items()}

STEP_WORDS = {
    Step.begin: _l("Started"),
    Step.submit: _l("Submitted"),
    Step.claim: _l("Taken up by an officer"),
    Step.release: _l("Put back in the queue"),
    Step.accept: _l("Accepted, receipt issued"),
    Step.process: _l("Passed on for processing"),
    Step.ask: _l("Supplement requested"),
    Step.answer: _l("Supplement handed in"),
    Step.refuse: _l("Refused"),
    Step.decide: _l("Decided"),
    Step.hand_over: _l("Result handed over"),
    Step.withdraw: _l("Withdrawn"),
}

# A step as something to do.
DO_WORDS = {
    Step.submit: _l("Check your answers and hand in"),
    Step.claim: _l("Take it up"),
    Step.release: _l("Put back in the queue"),
    Step.accept: _l("Accept the dossier"),
    Step.process: _l("Pass on for processing"),
    Step.ask: _l("Ask for a supplement"),
    Step.answer: _l("Hand in what is asked"),
    Step.refuse: _l("Refuse the dossier"),
    Step.decide: _l("Decide"),
    Step.hand_over: _l("Hand over the result"),
    Step.withdraw: _l("Withdraw this dossier"),
}

# What a status looks like: word and shape are enough, the colour only helps.
STATUS_KIND = {
    Status.registered: "waiting", Status.received: "working", Status.not_received: "late",
    Status.processing: "working", Status.supplement: "waiting", Status.payment: "waiting",
    Status.withdrawn: "done", Status.stopped: "late", Status.finished: "done", Status.returned: "done",
}

# What happens next, said to the applicant.
NEXT_WORDS = {
    State.draft: _l("Finish the form and hand it in."),
    State.submitted: _l("An officer looks at it within 8 working hours and accepts it, asks for a supplement "
                        "or says why not."),
    State.checking: _l("An officer is checking whether it is complete. Then you get the receipt with the date "
                       "of the result."),
    State.asked: _l("The agency waits for you: hand in what is asked, then the check goes on."),
    State.received: _l("The agency works on it. You will be told when the result is ready."),
    State.processing: _l("The agency works on it. You will be told when the result is ready."),
    State.waiting: _l("The agency waits for you: the clock stands still until you hand in what is asked."),
    State.decided: _l("The result is ready and will be handed over."),
    State.returned: _l("Finished. Download the result below and keep it."),
    State.not_received: _l("Finished. The refusal says why; you can apply again."),
    State.withdrawn: _l("Finished: you withdrew it. You can apply again at any time."),
}
