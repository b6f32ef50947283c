"""How a task stands at the agency that has it, from what happened to it. Pure: events in, standing out.

What an agency says and what was seen stand apart: a claim is a claim until whoever watches closes it, and what a
machine concluded never looks like a person's word. Ratings of before are never overwritten: events are only added.
States as the Government counts them (report 1270/BC-TCTTTg of 2017): open in time, open late, done in time, done late.
"""
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from portal.kit.clock import day_of
from portal.kit.text import N_


class State(StrEnum):
    open_in_time = "open_in_time"
    open_late = "open_late"
    done_in_time = "done_in_time"
    done_late = "done_late"


class Code(StrEnum):
    """What can happen. The watched agency claims and asks for more time; whoever watches decides, and says that the
    condition of a deadline has come about (`condition_met`). A machine's conclusions: `proposed`; `probed`;
    `withdrawn`, what it had proposed holds no longer; `doubted`, what a task was confirmed by does not."""

    assigned = "assigned"
    claimed = "claimed"
    proposed = "proposed"
    probed = "probed"
    verified = "verified"
    returned = "returned"
    reopened = "reopened"
    extension_asked = "extension_asked"
    extended = "extended"
    extension_refused = "extension_refused"
    reminded = "reminded"
    condition_met = "condition_met"
    withdrawn = "withdrawn"
    doubted = "doubted"


STATE_WORDS: Mapping[State, str] = {
    State.open_in_time: N_("Not done, in time"), State.open_late: N_("Not done, late"),
    State.done_in_time: N_("Done in time"), State.done_late: N_("Done late")}
LOOKS: Mapping[State, str] = {
    State.open_in_time: "working", State.open_late: "late", State.done_in_time: "done", State.done_late: "waiting"}
CODE_WORDS: Mapping[Code, str] = {
    Code.assigned: N_("Assigned"), Code.claimed: N_("Reported as done by the agency"),
    Code.proposed: N_("Completion proposed by the portal"), Code.probed: N_("Looked at by the portal"),
    Code.verified: N_("Confirmed by who watches"), Code.returned: N_("Returned with a reason"),
    Code.reopened: N_("Opened again"), Code.extension_asked: N_("More time asked for"),
    Code.extended: N_("More time given"), Code.extension_refused: N_("More time refused"),
    Code.reminded: N_("Reminded"), Code.condition_met: N_("The condition has come about"),
    Code.withdrawn: N_("Proposal withdrawn by the portal"),
    Code.doubted: N_("What it was confirmed by holds no longer")}


class Happened(Protocol):
    code: str
    at: datetime
    due_on: date | None


@dataclass(frozen=True)
class Standing:
    """`due_on`: as it stands now, `first_due_on` as it was given. `claimed_at`: says the agency; `verified_at`: says
    who watches, of a task that was done on `done_on`. `asked_until`: the day that is asked for and not decided.
    `reminded_at`: last. `returned_at`: where what was said last was sent back and nothing was said since."""

    due_on: date | None = None
    first_due_on: date | None = None
    claimed_at: datetime | None = None
    proposed_at: datetime | None = None
    verified_at: datetime | None = None
    done_on: date | None = None
    asked_until: date | None = None
    extensions: int = 0
    reminded_at: datetime | None = None
    returned_at: datetime | None = None

    def state(self, today: date) -> State:
        """On a day in Vietnam."""
        if self.done_on is not None:
            return State.done_late if self.due_on and self.done_on > self.due_on else State.done_in_time
        return State.open_late if self.due_on and today > self.due_on else State.open_in_time

    @property
    def said(self) -> str:
        """What there is to decide on, to know it again: the claim, the proposal, the day that is asked for."""
        return "_".join(one.isoformat() if one else "" for one in (
            self.claimed_at, self.proposed_at, self.asked_until, self.done_on))

    def days_late(self, today: date) -> int:
        """Calendar days after the due day; 0 in time and without one."""
        if self.due_on is None:
            return 0
        return max(0, ((self.done_on or today) - self.due_on).days)


def standing(events: Iterable[Happened]) -> Standing:
    """What these events, the oldest first, make of a task. What is confirmed counts as done on the day on which the
    agency had said so; where it never did, on the day of the confirmation."""
    found = Standing()
    for one in events:
        found = _next(found, Code(one.code), one)
    return found


def _next(found: Standing, code: Code, one: Happened) -> Standing:
    match code:
        case Code.assigned:
            return replace(found, due_on=one.due_on, first_due_on=one.due_on)
        case Code.claimed:
            return replace(found, claimed_at=one.at, returned_at=None)
        case Code.proposed:
            return replace(found, proposed_at=one.at)
        case Code.verified:
            return replace(found, verified_at=one.at, returned_at=None,
                           done_on=day_of(found.claimed_at or found.proposed_at or one.at))
        case Code.returned:
            return replace(found, claimed_at=None, proposed_at=None, returned_at=one.at)
        case Code.reopened:
            return replace(found, claimed_at=None, proposed_at=None, verified_at=None, done_on=None,
                           returned_at=one.at)
        case Code.withdrawn:
            return replace(found, proposed_at=None)
        case Code.condition_met:
            return replace(found, due_on=one.due_on, first_due_on=found.first_due_on or one.due_on)
        case Code.reminded:
            return replace(found, reminded_at=one.at)
        case Code.extension_asked:
            return replace(found, asked_until=one.due_on)
        case Code.extended:
            return replace(found, due_on=one.due_on, asked_until=None, extensions=found.extensions + 1)
        case Code.extension_refused:
            return replace(found, asked_until=None)
    return found
