"""What stands before what in the officers' queue. Pure.

An answer that nobody looked at yet comes first: the applicant did their part, and the clock runs again. What waits for
somebody else comes last, however little time it has left: the office can do nothing with it.
"""
from enum import IntEnum

from portal.dossiers.states import STATES, UNREAD, State, Step, Turn


class Rank(IntEnum):
    """In the order of the queue."""

    answered = 0
    to_do = 1
    elsewhere = 2


def after(before: int, step: Step, state: State) -> Rank:
    """Where it stands once this step led to this state."""
    if STATES[state].turn is not Turn.office:
        return Rank.elsewhere
    if step is Step.answer or (before == Rank.answered and step in UNREAD):
        return Rank.answered
    return Rank.to_do
