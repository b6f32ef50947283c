"""Who may take which step. Plain questions with yes or no for an answer; neither web nor database here."""
from typing import Any

from portal.dossiers.states import APPLICANT_STEPS, OFFICER_STEPS, State, Step, possible

# before a claim nobody holds the dossier; every officer of its agency may take it or look at it
UNCLAIMED_STEPS = (Step.claim,)


def may_see(person: Any, dossier: Any) -> bool:
    """The applicant sees it always, the agency's officers once it was handed in."""
    return may_own(person, dossier) or may_handle(person, dossier)


def may_own(person: Any, dossier: Any) -> bool:
    """The applicant: answers, withdraws, downloads."""
    return person.role == "citizen" and person.id == dossier.applicant_id


def may_fill(person: Any, dossier: Any) -> bool:
    """A draft is filled in by its owner and exists for nobody else."""
    return may_own(person, dossier)


def may_handle(person: Any, dossier: Any) -> bool:
    """Any officer of the dossier's agency; a draft is none of their business."""
    return (person.role == "officer" and person.agency_id == dossier.agency_id
            and dossier.state != State.draft)


def may_decide(person: Any, dossier: Any) -> bool:
    """The officer who claimed it."""
    return may_handle(person, dossier) and dossier.officer_id == person.id


def steps_for(person: Any, dossier: Any) -> tuple[Step, ...]:
    """What this person can do with this dossier now, in the table's order."""
    now = possible(State(dossier.state))
    if may_own(person, dossier):
        return tuple(s for s in now if s in APPLICANT_STEPS)
    if may_decide(person, dossier):
        return tuple(s for s in now if s in OFFICER_STEPS)
    if may_handle(person, dossier):
        return tuple(s for s in now if s in UNCLAIMED_STEPS)
    return ()
