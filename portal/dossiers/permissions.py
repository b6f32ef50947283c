"""Who may take which step. Plain questions with yes or no for an answer; neither web nor database here.

A permission is `dossier.read` or `dossier.<step>`. The applicant has those of APPLICANT with their own dossier; the
staff have what their roles bring (portal/people/permissions.py) where the dossier lies: its agency, its unit.
"""
from typing import Any, NamedTuple

from portal.dossiers.states import (
    APPLICANT_STEPS,
    HOLDER_STEPS,
    OFFICER_STEPS,
    STATES,
    State,
    Step,
    permission,
    possible,
)
from portal.people import permissions as roles
from portal.people.permissions import ANY, READ

FILL = "dossier.fill"  # what is not handed in yet
REPLACE = "dossier.replace"  # a file in which a scanner found something after it was handed in
APPLICANT = frozenset({READ, FILL, REPLACE, *map(permission, APPLICANT_STEPS)})


def may(person: Any, named: str, dossier: Any) -> bool:
    """Whether this person has the permission with this dossier, as its applicant or as one of the staff."""
    return may_as_applicant(person, named, dossier) or may_as_staff(person, named, dossier)


def may_as_applicant(person: Any, named: str, dossier: Any) -> bool:
    """Whose own dossier it is: fills in, answers, withdraws, downloads. One of the staff applies under no such name."""
    return named in APPLICANT and not person.staff and person.id == dossier.applicant_id


def may_as_staff(person: Any, named: str, dossier: Any) -> bool:
    """Whose role brings it where the dossier lies. A draft is none of their business; what a colleague holds can be
    read, and a step with it needs a role that brings it with any (`dossier.hand_over:any`).
    """
    if dossier.state == State.draft:
        return False
    if roles.may(person, f"{named}{ANY}", dossier):
        return True
    held = named not in HELD or dossier.officer_id == person.id
    return held and roles.may(person, named, dossier)


ASK_OPINION = "document.ask"  # of another agency, which is no step: the dossier stays where it stands
#: What one does with a dossier that one holds. Before a claim nobody does: who may claim may take it up.
HELD = frozenset({ASK_OPINION, *map(permission, HOLDER_STEPS)})


def is_mine(person: Any, dossier: Any) -> bool:
    """Whether it is this officer who claimed it, and still works there."""
    return dossier.officer_id == person.id and person.active and may_as_staff(person, READ, dossier)


def may_claim(person: Any, dossier: Any) -> bool:
    """Whether this officer may take it up as it stands: nobody holds it, and this one could bring it further."""
    return (dossier.officer_id is None and may_keep(person, dossier)
            and may_as_staff(person, permission(Step.claim), dossier))


def is_own(person: Any, dossier: Any) -> bool:
    """Whether it is this officer's own work: held by them, free for them to take up, or a result that they hand out.
    Whoever reads another has a reason to give (need to know)."""
    return is_mine(person, dossier) or not {Step.claim, Step.hand_over}.isdisjoint(steps_for(person, dossier))


def may_keep(person: Any, dossier: Any, but: Any = None) -> bool:
    """Whether somebody who holds it can bring it further as it stands. In processing, who may not decide holds nothing;
    who has left holds nothing anywhere. What is closed stays with whoever had it. `but`: a role that is to end.
    """
    keeper = STATES[State(dossier.state)].keeper
    if keeper is None:
        return True
    left = _Holding(tuple(held for held in person.roles if held is not but))
    return person.active and any(roles.may(left, named, dossier)
                                 for named in (permission(keeper), f"{permission(keeper)}{ANY}"))


class _Holding(NamedTuple):
    """What somebody would be who holds these roles alone."""

    roles: tuple[Any, ...]


def steps_for(person: Any, dossier: Any) -> tuple[Step, ...]:
    """What this person can do with this dossier now, in the table's order."""
    return tuple(step for step in possible(State(dossier.state)) if (
        step in APPLICANT_STEPS and may_as_applicant(person, permission(step), dossier)) or (
        step in OFFICER_STEPS and may_as_staff(person, permission(step), dossier)
        and (step != Step.claim or may_claim(person, dossier))
        and (step != Step.release or dossier.officer_id is not None)))
