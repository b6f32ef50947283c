"""How a document stands at one receiver, recognised from what happened to it. Pure: events in, standing out.

Every event counts, whenever it arrives: the same events give the same standing in whatever order they came, late,
twice, scrambled. Which of two wins is data (`rank`), not the clock of whoever was quicker.
Codes: QCVN 102:2016/BTTTT and Decision 28/2018/QĐ-TTg, as deployed systems use them.
"""
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from portal.kit.text import N_


class State(StrEnum):
    sent = "sent"
    arrived = "arrived"
    refused = "refused"
    registered = "registered"
    assigned = "assigned"
    in_work = "in_work"
    done = "done"


class Recall(StrEnum):
    asked = "asked"
    agreed = "agreed"
    refused = "refused"


class How(StrEnum):
    """How something is known: the sender's act, a status message, fetched by the receiver's system, entered in its
    register here, by a document that answers, through our own dossier, a task that it gave, a person's word, the
    clock."""

    sent = "sent"
    status = "status"
    fetched = "fetched"
    entered = "entered"
    answer = "answer"
    dossier = "dossier"
    directive = "directive"
    person = "person"
    clock = "clock"


@dataclass(frozen=True)
class Code:
    """What an event says. `state`, `recall`: what it makes of the copy; `after`: the codes one of which came before,
    where it follows the rules; `by_receiver`: the receiver says it, in a status message of this code."""

    words: str
    state: State | None = None
    recall: Recall | None = None
    after: tuple[str, ...] = ()
    by_receiver: bool = False
    final: bool = False


_TAKEN = ("03", "04", "05")
CODES: Mapping[str, Code] = {
    "sent": Code(N_("Sent"), State.sent),
    "01": Code(N_("Arrived"), State.arrived, after=("sent",), by_receiver=True),
    "02": Code(N_("Refused by the receiver"), State.refused, after=("sent", "01"), by_receiver=True, final=True),
    "03": Code(N_("Entered in the register"), State.registered, after=("sent", "01"), by_receiver=True),
    "04": Code(N_("Assigned for work"), State.assigned, after=("03",), by_receiver=True),
    "05": Code(N_("In work"), State.in_work, after=("03", "04"), by_receiver=True),
    "06": Code(N_("Dealt with"), State.done, after=_TAKEN, by_receiver=True, final=True),
    "13": Code(N_("Recall asked"), recall=Recall.asked, after=("sent",)),
    "15": Code(N_("Recall or update agreed"), recall=Recall.agreed, after=("13", "updated"), by_receiver=True),
    "16": Code(N_("Recall or update refused"), recall=Recall.refused, after=("13", "updated"), by_receiver=True),
    "updated": Code(N_("Updated by the sender"), after=("sent",)),
    "replaced": Code(N_("Replaced by another document"), after=("sent",)),
    "removed": Code(N_("Taken from the list of receivers"), after=("sent",)),
    "answered": Code(N_("Answered"), after=("sent",)),
    "reminded": Code(N_("Reminded"), after=("sent",)),
}
STATUS_CODES = tuple(code for code, one in CODES.items() if code.isdecimal())
#: Which state wins over which, whatever the order in which they were heard.
RANK: Mapping[State, int] = {state: rank for rank, state in enumerate(State)}


class Happened(Protocol):
    """What the fold reads of an event."""

    code: str
    at: datetime
    how: str
    sure: int


@dataclass(frozen=True)
class Standing:
    """`state` since `state_at`, `known_by` (a How) and `sure` (percent); `recall` where one was asked."""

    state: State
    state_at: datetime
    known_by: How
    sure: int
    recall: Recall | None = None
    updated_at: datetime | None = None
    replaced_at: datetime | None = None
    removed_at: datetime | None = None
    answered_at: datetime | None = None
    reminded_at: datetime | None = None


def standing(events: Iterable[Happened]) -> Standing:
    """What these events of one copy make of it. ValueError where none of them says a state."""
    known = sorted((one for one in events if one.code in CODES), key=_order)
    says = [one for one in known if CODES[one.code].state]
    if not says:
        raise ValueError("nothing is known of it, not even that it was sent")
    best = max(says, key=_weight)
    first = min((one for one in says if CODES[one.code].state == CODES[best.code].state), key=lambda one: one.at)
    state = CODES[best.code].state
    assert state is not None
    return Standing(state, first.at, How(best.how), best.sure, recall=_recall(known),
                    updated_at=_last(known, "updated"), replaced_at=_last(known, "replaced"),
                    removed_at=_last(known, "removed"), answered_at=_first(known, "answered"),
                    reminded_at=_last(known, "reminded"))


def marked(events: Iterable[Happened]) -> list[Happened]:
    """Those that do not follow by the rules from what came before them by their own times: shown as such, and kept."""
    known = sorted((one for one in events if one.code in CODES), key=_order)
    found, before = [], set[str]()
    for one in known:
        after = CODES[one.code].after
        if (after and not before & {*after, one.code}) or (_ended(before) and one.code.isdecimal()
                                                            and CODES[one.code].state and one.code not in before):
            found.append(one)
        before.add(one.code)
    return found


def _ended(before: set[str]) -> bool:
    return any(CODES[code].final for code in before)


def _order(one: Happened) -> tuple[datetime, int, str, str, int]:
    """By time; all the rest only lets those of one moment stand alike whoever came first."""
    state = CODES[one.code].state
    return one.at, RANK[state] if state else len(RANK), one.code, one.how, one.sure


def _weight(one: Happened) -> tuple[int, int, float]:
    """A state's rank; what is surer of it; the earliest."""
    state = CODES[one.code].state
    return RANK[state] if state else -1, one.sure, -one.at.timestamp()


def _recall(known: list[Happened]) -> Recall | None:
    """An answer counts for the asking before it: what was asked anew is open again. One before any asking answers the
    first, by a clock that is behind; unless it answers an update."""
    asked = [n for n, one in enumerate(known) if CODES[one.code].recall is Recall.asked]
    if not asked:
        return None
    alone = len(asked) == 1 and not any(one.code == "updated" for one in known[:asked[0]])
    said = [CODES[one.code].recall for one in known[0 if alone else asked[-1]:] if CODES[one.code].recall]
    answers = [one for one in said if one is not Recall.asked]
    return answers[-1] if answers else Recall.asked


def _first(known: list[Happened], code: str) -> datetime | None:
    return next((one.at for one in known if one.code == code), None)


def _last(known: list[Happened], code: str) -> datetime | None:
    return next((one.at for one in reversed(known) if one.code == code), None)
