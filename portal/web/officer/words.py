"""What the desk says: how long there is, how a dossier stands, what comes next, and the buttons for it."""
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.catalogue import queries as catalogue
from portal.dossiers import deadlines as own
from portal.dossiers.models import Dossier
from portal.dossiers.states import STATES, STEPS, Clock, State, Step, Turn
from portal.kit import clock
from portal.kit.i18n import _, _l, ending, moment, ngettext, short_day, translated
from portal.law import clocks, deadlines
from portal.law.calendar import Calendar
from portal.law.rule_sets import AfterSupplement
from portal.law.wording import limit_words
from portal.web.words import DESK_STATES

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


# In the order of the table, which is that of a dossier's life; the first that is possible now is the main button.
BUTTONS = tuple(Button(step, _l(rule.button), not rule.page, rule.key, rule.danger)
                for step, rule in STEPS.items() if rule.button)


def buttons(dossier: Dossier, steps: tuple[Step, ...]) -> list[Button]:
    """The buttons for what the table of states, the permissions and the rules of the dossier allow, the main one
    first."""
    refused = own.refusals(dossier, clock.now(), catalogue.calendar())
    return [button for button in BUTTONS if button.step in steps and button.step not in refused]


def refusals(dossier: Dossier, steps: tuple[Step, ...]) -> list[str]:
    """Why the rules do not let a step be taken that one would look for."""
    return [translated(why) for step, why in own.refusals(dossier, clock.now(), catalogue.calendar()).items()
            if step in steps and why]


def asking(dossier: Dossier) -> list[str]:
    """What an officer has to know before asking for papers: what it does to the clock, and to the dossier."""
    under, calendar = own.rules(dossier), catalogue.calendar()
    said = [_("Tick everything that is missing or wrong and write the reason for each, in one request: the law lets "
              "the office ask once. A reason without its tick is not sent.")]
    if dossier.received_at is None:
        said.append(_("The dossier is not accepted yet, so no clock runs."))
    elif under.after_supplement is AfterSupplement.restart:
        said.append(_("The clock stops until the applicant answers; when the full papers come, the limit is counted "
                      "again from zero."))
    else:
        said.append(_("The clock stops until the applicant answers; what is left of the time is then given back."))
    if until := deadlines.silence_ends(under, clock.now(), calendar):
        said.append(_("The applicant has until %(moment)s; without an answer the dossier ends.", moment=ending(until)))
    return said


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
    rule = STATES[state]
    if rule.final:
        return Due(_("Closed"), str(DESK_STATES[state]), "still")
    if rule.clock is Clock.answer:
        return _first_answer(dossier, now, calendar)
    if rule.clock is Clock.none:
        return Due(_("The applicant's turn"), _("no clock before acceptance"), "waiting")
    if rule.clock is Clock.over and dossier.decided_at:
        timing = deadlines.finish_class(dossier.decided_at, dossier.missed_due_at or dossier.due_at, calendar)
        words = clocks.finish_words(timing)
        return Due(translated(words.message), _("on %(day)s", day=short_day(dossier.decided_at)), words.look)
    return _running(dossier, now, calendar)


def _first_answer(dossier: Dossier, now: datetime, calendar: Calendar) -> Due:
    minutes = calendar.minutes_between(now, dossier.queue_at)
    by = _("First answer by %(moment)s", moment=hour(dossier.queue_at))
    if now > dossier.queue_at:
        return Due(_("First answer overdue"), by, "late", BAR)
    hours = minutes // 60
    left = ngettext("%(num)s working hour left", "%(num)s working hours left", hours) if hours \
        else _("Less than an hour left")
    whole = 60 * (own.rules(dossier).answer_filing_hours or own.FIRST_ANSWER_HOURS)
    used = BAR - round(BAR * minutes / whole)
    return Due(left, by, "waiting" if hours < 2 else "working", max(used, 0))


def _running(dossier: Dossier, now: datetime, calendar: Calendar) -> Due:
    at = clocks.read(dossier.received_at or now, dossier.due_at, now, dossier.stopped_at, calendar)
    if at.days_left is None:
        return Due(_("No legal limit"), _("Accepted on %(day)s", day=short_day(dossier.received_at)),
                   "waiting" if at.stopped else "working")
    right, used = _("Due %(day)s", day=short_day(dossier.due_at)), round(BAR * at.share)
    if at.stopped:
        right = _("Clock stopped on %(day)s", day=short_day(dossier.stopped_at))
    pressing = at.stopped or at.days_left == 0
    look = "late" if at.late else "waiting" if pressing else "working"
    return Due(translated(clocks.days_words(at.days_left, at.late)), right, look, used)


def hour(at: datetime) -> str:
    """16:30, 26/11/2026: short, for a table; the same in both languages."""
    local = at.astimezone(clock.VN)
    return f"{local:%H:%M}, {local:%d/%m/%Y}"


def limit(dossier: Dossier) -> str:
    """The legal limit of the terms under which the dossier was handed in, for its case."""
    return translated(limit_words(dossier.limit))


def what_next(dossier: Dossier, mine: bool) -> str:
    """One sentence: whose turn it is, to do what, by when."""
    rule = STATES[State(dossier.state)]
    if rule.turn is Turn.office and dossier.officer and not mine:
        return _("%(name)s holds this dossier and alone can take the next step.", name=dossier.officer.name)
    if rule.turn is Turn.office and dossier.officer is None and dossier.state != State.submitted:
        return _("Nobody holds this dossier. Whoever takes it up takes the next step.")
    by = {Clock.answer: dossier.queue_at, Clock.running: dossier.due_at}.get(rule.clock)
    if rule.clock is Clock.running and by is None:
        return _("Settle the dossier. The law sets no time limit for it.")
    return _(rule.desk_next, moment=moment(by)) if by else _(rule.desk_next)
