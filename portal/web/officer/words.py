"""What the desk says: how long there is, how a dossier stands, what comes next, and the buttons for it."""
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.catalogue import queries as catalogue
from portal.dossiers.actions import FIRST_LOOK_HOURS
from portal.dossiers.models import Dossier
from portal.dossiers.states import FINAL, State, Step
from portal.kit import clock
from portal.kit.i18n import _, _l, moment, ngettext, short_day
from portal.law import deadlines
from portal.law.calendar import Calendar
from portal.web.words import STATE_WORDS

# On the desk it is the applicant who waits or is waited for, never "you".
DESK_STATES = STATE_WORDS | {
    State.submitted: _l("New, not yet taken"),
    State.checking: _l("Being checked"),
    State.asked: _l("Asked, not yet accepted"),
    State.waiting: _l("Asked, clock stopped"),
    State.decided: _l("Decided, to be handed over"),
}

PAPER_NAMES = {
    "receipt": _l("Receipt with the day of the result (form 01)"),
    "supplement": _l("Supplement request (form 02)"),
    "refusal": _l("Refusal to accept (form 03)"),
}

TIMING_WORDS = {"early": _l("Decided early"), "on_time": _l("Decided on time"), "late": _l("Decided late")}

BAR = 100  # parts of a bar


@dataclass(frozen=True)
class Button:
    """How a step is offered: its words, whether one press does it or a page comes first, its key."""

    step: Step
    words: Any
    at_once: bool
    key: str
    danger: bool = False

    @property
    def endpoint(self) -> str:
        return f"officer.{self.step}"


# In the order of a dossier's life; the first that is possible now is the main button.
BUTTONS = (
    Button(Step.claim, _l("Take it up"), True, "c"),
    Button(Step.accept, _l("Accept…"), False, "a"),
    Button(Step.process, _l("Pass on for processing"), True, "p"),
    Button(Step.decide, _l("Decide…"), False, "d"),
    Button(Step.hand_over, _l("Hand over the result…"), False, "h"),
    Button(Step.ask, _l("Ask for a supplement…"), False, "s"),
    Button(Step.refuse, _l("Refuse…"), False, "r", danger=True),
    Button(Step.release, _l("Put back in the queue"), True, "u"),
)


def buttons(steps: tuple[Step, ...]) -> list[Button]:
    """The buttons for what the table of states and the permissions allow, the main one first."""
    return [button for button in BUTTONS if button.step in steps]


@dataclass(frozen=True)
class Due:
    """How long there is: `left` large, `right` beside it (which moment is meant), `look` for its state.

    `used` is how much of the bar is full, of BAR parts; None where there is nothing to count.
    """

    left: str
    right: str
    look: str
    used: int | None = None


def due(dossier: Dossier, now: datetime | None = None) -> Due:
    """The clock of a dossier as an officer needs it. Before acceptance: the moment of the first answer."""
    now, calendar, state = now or clock.now(), catalogue.calendar(), State(dossier.state)
    if state in FINAL:
        return Due(_("Closed"), str(DESK_STATES[state]), "still")
    if state in (State.submitted, State.checking):
        return _first_answer(dossier, now, calendar)
    if state == State.asked:
        return Due(_("The applicant's turn"), _("no clock before acceptance"), "waiting")
    if state == State.decided and dossier.decided_at:
        timing = deadlines.finish_class(dossier.decided_at, dossier.due_at, calendar)
        return Due(str(TIMING_WORDS[timing]), _("on %(day)s", day=short_day(dossier.decided_at)),
                   "late" if timing == "late" else "done")
    return _running(dossier, now, calendar)


def _first_answer(dossier: Dossier, now: datetime, calendar: Calendar) -> Due:
    minutes = calendar.minutes_between(now, dossier.queue_at)
    by = _("First answer by %(moment)s", moment=hour(dossier.queue_at))
    if now > dossier.queue_at:
        return Due(_("First answer overdue"), by, "late", BAR)
    hours = minutes // 60
    left = ngettext("%(num)s working hour left", "%(num)s working hours left", hours) if hours \
        else _("Less than an hour left")
    used = BAR - round(BAR * minutes / (60 * FIRST_LOOK_HOURS))
    return Due(left, by, "waiting" if hours < 2 else "working", max(used, 0))


def _running(dossier: Dossier, now: datetime, calendar: Calendar) -> Due:
    at = deadlines.clock(dossier.received_at or now, dossier.due_at, now, dossier.stopped_at, calendar)
    if at.days_left is None:
        return Due(_("No legal limit"), _("Accepted on %(day)s", day=short_day(dossier.received_at)),
                   "waiting" if at.stopped else "working")
    right, used = _("Due %(day)s", day=short_day(dossier.due_at)), round(BAR * at.share)
    days = abs(at.days_left)
    if at.stopped:
        right = _("Clock stopped on %(day)s", day=short_day(dossier.stopped_at))
    if at.late:
        late = ngettext("%(num)s working day late", "%(num)s working days late", days)
        return Due(late, right, "late", used)
    if days == 0 and not at.stopped:
        return Due(_("Due today"), right, "waiting", used)
    return Due(ngettext("%(num)s working day left", "%(num)s working days left", days), right,
               "waiting" if at.stopped else "working", used)


def hour(at: datetime) -> str:
    """16:30, 26/11/2026: short, for a table; the same in both languages."""
    local = at.astimezone(clock.VN)
    return f"{local:%H:%M}, {local:%d/%m/%Y}"


def limit(dossier: Dossier) -> str:
    """The legal limit of the terms under which the dossier was handed in."""
    amount, unit = dossier.terms.limit_amount, dossier.terms.limit_unit
    if unit == "none" or amount is None:
        return _("The law sets no time limit")
    if unit == "working_hour":
        return ngettext("%(num)s working hour", "%(num)s working hours", amount)
    if unit == "day":
        return ngettext("%(num)s day", "%(num)s days", amount)
    return ngettext("%(num)s working day", "%(num)s working days", amount)


def what_next(dossier: Dossier, mine: bool) -> str:
    """One sentence: whose turn it is, to do what, by when."""
    state, holder = State(dossier.state), dossier.officer.name if dossier.officer else "—"
    if state == State.submitted:
        return _("Nobody has taken it yet. Take it up and give the first answer by %(moment)s.",
                 moment=moment(dossier.queue_at))
    if state == State.asked:
        return _("The applicant has been asked for a supplement. When it comes, check the dossier again.")
    if state == State.waiting:
        return _("The clock stands still until the applicant hands in the supplement.")
    if state == State.decided:
        return _("The result is there. Hand it over, so that the applicant can download it.") if mine else \
            _("The result is there; %(name)s hands it over.", name=holder)
    if state in FINAL:
        return _("The dossier is closed. Nothing more can be done to it.")
    if not mine:
        return _("%(name)s holds this dossier and alone can take the next step.", name=holder)
    if state == State.checking:
        return _("Check the answers and the papers, then accept, ask for what is missing, or refuse, "
                 "by %(moment)s.", moment=moment(dossier.queue_at))
    if dossier.due_at is None:
        return _("Settle the dossier. The law sets no time limit for it.")
    return _("Settle the dossier by %(moment)s.", moment=moment(dossier.due_at))
