"""When one dossier is due: what happened to it, handed to the law's own rules, and what the office may still ask. Pure.

A dossier is anything with the attributes of `models.Dossier`; the calendar and the moment are handed in.
"""
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any, NamedTuple

from portal.dossiers.states import State, Step, possible
from portal.kit.clock import day_of
from portal.kit.text import N_, Message
from portal.law import deadlines, explanations, rule_sets
from portal.law.calendar import Calendar
from portal.law.deadlines import Due, Extension, Stop, StopKind
from portal.law.explanations import Explanation
from portal.law.rule_sets import AfterSupplement, RuleSet

Who = Callable[[Any], str | None]
FIRST_ANSWER_HOURS = 8  # the usage before a rule set named them


class NotLawful(Exception):
    """The state allows the step, the rules that hold for this dossier do not."""

    def __init__(self, why: Message) -> None:
        super().__init__(why.msgid)
        self.why = why


def rules(dossier: Any) -> RuleSet:
    """The rules that the dossier was received under; before that, those of the day on which it was handed in. Where a
    special law sets times for the procedure, with those."""
    found = rule_sets.by_key(dossier.rule_set) if dossier.rule_set else rule_sets.at(
        day_of(dossier.received_at or dossier.submitted_at or dossier.created_at))
    return found.under(dossier.terms.special)


def first_answer_by(under: RuleSet, at: datetime, calendar: Calendar) -> datetime:
    """By when what was filed online is answered: receive it, ask, or say why not."""
    return calendar.add_hours(at, under.answer_filing_hours or FIRST_ANSWER_HOURS)


def current(dossier: Any) -> list[Any]:
    """The requests for papers as they are worded now, the oldest first."""
    return [request for request in dossier.requests if request.replaced_at is None]


def counting(dossier: Any, *, after_receipt: bool) -> list[Any]:
    """The requests that count as asked before, or after, the dossier was received. One that was taken back does not."""
    return [request for request in current(dossier) if request.taken_back_at is None
            and (dossier.received_at is not None and request.asked_at >= dossier.received_at) == after_receipt]


def nobody(_request: Any) -> str | None:
    return None


def stops(dossier: Any, who: Who = nobody) -> list[Stop]:
    """When the clock stood still, and by whom. What was asked before receipt stopped nothing."""
    return [Stop(StopKind.supplement, request.asked_at, request.answered_at, who(request))
            for request in counting(dossier, after_receipt=True)]


def extensions(dossier: Any, who: Who = nobody) -> list[Extension]:
    """The dates that the office named instead."""
    return [Extension(change.at, change.new_at, who(change)) for change in dossier.due_changes
            if change.reason == "extension"]


class History(NamedTuple):
    """What happened to a received dossier's clock, by the rules that hold for it."""

    rules: RuleSet
    stops: list[Stop]
    extensions: list[Extension]


def history(dossier: Any, calendar: Calendar, who: Who = nobody) -> History:
    """What was asked and answered before the dossier was carried over to dated rules had stopped the clock and no more:
    the date promised then stays. Where papers were asked for since then too, that date stands as one that was named."""
    under, asked, later = rules(dossier), stops(dossier, who), extensions(dossier, who)
    old = [stop for stop in asked if dossier.carried_at and answered_by(stop, dossier.carried_at)]
    if not old:
        return History(under, asked, later)
    paused = replace(under, after_supplement=AfterSupplement.resume)
    if len(old) == len(asked):
        return History(paused, asked, later)
    promised = deadlines.due(paused, dossier.limit, dossier.received_at, old, calendar).last
    return History(under, [stop for stop in asked if stop not in old],
                   [*([Extension(dossier.carried_at, promised)] if promised else []), *later])


def due(dossier: Any, calendar: Calendar) -> Due:
    """The due moment by the decree. Only for a dossier that was received."""
    under, asked, later = history(dossier, calendar)
    return deadlines.due(under, dossier.limit, dossier.received_at, asked, calendar, later)


def index_due(dossier: Any, calendar: Calendar) -> Due:
    """The due moment as the index of Decision 766/QĐ-TTg judges it: waiting is subtracted. That a date named instead
    counts there too is an assumption; the index reads the day of the result from the dossier."""
    return deadlines.index_due(rules(dossier), dossier.limit, dossier.received_at, stops(dossier), calendar,
                               extensions(dossier))


def answered_by(stop: Stop, moment: datetime) -> bool:
    """Whether the stop was over by then."""
    return stop.answered_at is not None and stop.answered_at <= moment


def not_to_ask(dossier: Any, now: datetime, calendar: Calendar) -> Message | None:
    """Why the office may not ask for papers now without the reason of the head of its unit; None where it may."""
    under, received = rules(dossier), dossier.received_at
    most = under.requests_before_acceptance if received is None else under.requests_after_acceptance
    asked = counting(dossier, after_receipt=received is not None)
    if most is not None and len(asked) >= most:
        return Message(N_("The applicant was asked on %(day)s already, and the office asks once. A further request "
                          "needs the reason of the head of the unit."), {"day": day_of(asked[-1].asked_at)})
    until = deadlines.may_ask_until(under, received, calendar) if received is not None else None
    if until is not None and now > until:
        return Message(N_("After acceptance, papers may be asked for within %(days)s working days of receipt: until "
                          "%(moment)s. A later request needs the reason of the head of the unit."),
                       {"days": under.ask_within_days, "moment": until})
    return None


def not_to_extend(dossier: Any, now: datetime, calendar: Calendar) -> Message | None:
    """Why the date may not be put off now; None where it may."""
    under = rules(dossier)
    if dossier.due_at is None:
        return Message(N_("The law sets no time limit for this dossier, so no date can be put off."))
    if under.extensions is not None and len(extensions(dossier)) >= under.extensions:
        return Message(N_("The date was put off once already, and the law allows it once."))
    by = deadlines.extension_told_by(under, dossier.due_at, calendar)
    if now >= by:
        return Message(N_("The applicant must be told at least a day before the due day: before %(moment)s. That is "
                          "over, and the date stays."), {"moment": by})
    return None


def refusals(dossier: Any, now: datetime, calendar: Calendar) -> dict[Step, Message | None]:
    """The steps that the state allows and the rules do not, and why. Asking as an exception stands in for asking: where
    one may be taken the other may not, and needs no words."""
    state = State(dossier.state)
    found: dict[Step, Message | None] = {}
    if Step.ask in possible(state):
        why = not_to_ask(dossier, now, calendar)
        found |= {Step.ask: why} if why else {Step.ask_again: None}
    if Step.extend in possible(state) and (why := not_to_extend(dossier, now, calendar)):
        found[Step.extend] = why
    return found


def new_due(dossier: Any, day: date, calendar: Calendar) -> datetime:
    """The moment of a day that the office names instead: when it closes. Raises NotLawful for a day that cannot be."""
    if not calendar.first <= day <= calendar.last:
        raise NotLawful(Message(N_("The calendar of working days ends on %(day)s: choose an earlier day."),
                                {"day": calendar.last}))
    if not calendar.is_workday(day):
        raise NotLawful(Message(N_("The office is closed on that day: choose a working day.")))
    at = calendar.closing(day)
    if at <= dossier.due_at:
        raise NotLawful(Message(N_("The new day must come after the one that was promised.")))
    return at


def explain(dossier: Any, calendar: Calendar, before: Calendar | None = None, who: Who = nobody) -> Explanation:
    """Everything behind the due date of a dossier that was received. `before`: the calendar by which it was counted
    first, where that was corrected since."""
    under, asked, later = history(dossier, calendar, who)
    return explanations.explain(under, dossier.limit, dossier.received_at, asked, calendar, later, before)
