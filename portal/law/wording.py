"""An explanation in words, line by line: the same for commands, officers and applicants. Pure: msgids."""
from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from portal.kit.text import N_, Message
from portal.law.calendar import CalendarDay, CalendarEnds, DayKind
from portal.law.deadlines import Due, DueState, Extension, Stop, StopKind, Turn
from portal.law.explanations import CountedDay, DayUse, Explanation, Source
from portal.law.limits import Limit, LimitUnit
from portal.law.rule_sets import AfterSupplement, Rule, RuleSet


class Part(StrEnum):
    """What a line is about, so that a page may set it as it likes."""

    rules = "rules"
    receipt = "receipt"
    turn = "turn"
    day = "day"
    note = "note"
    corrected = "corrected"
    due = "due"


class Line(NamedTuple):
    part: Part
    message: Message


LIMIT_WORDS = {
    LimitUnit.working_day: (N_("%(num)s working day"), "%(num)s working days"),
    LimitUnit.unknown: (N_("%(num)s working day"), "%(num)s working days"),
    LimitUnit.day: (N_("%(num)s day"), "%(num)s days"),
    LimitUnit.working_hour: (N_("%(num)s working hour"), "%(num)s working hours"),
}
WEEKEND = N_("weekend")
KIND_WORDS = {DayKind.holiday: N_("public holiday: %(name)s"), DayKind.in_lieu: N_("day off in lieu: %(name)s"),
              DayKind.swapped: N_("day off that was swapped: %(name)s"),
              DayKind.make_up: N_("worked Saturday: %(name)s")}


def limit_words(limit: Limit) -> Message:
    """The limit as a page says it."""
    if limit.unit is LimitUnit.none:
        return Message(N_("The law sets no time limit"))
    if limit.amount is None:
        return Message(N_("Not known"))
    if limit.amount == 0:
        return Message(N_("The same working day"))
    one, many = LIMIT_WORDS[limit.unit]
    return Message(one, {"num": limit.amount}, many)


def calendar_ends_words(error: CalendarEnds) -> Message:
    """Why a date cannot be counted."""
    return Message(N_("Working days are known from %(first)s to %(last)s. The date lies outside and cannot be "
                      "counted."),
                   {"first": error.first, "last": error.last})


def hours_words(length: timedelta) -> Message:
    """Office hours, or minutes where they are no whole hours."""
    minutes = round(length / timedelta(minutes=1))
    if minutes % 60:
        return Message(N_("%(num)s working minute"), {"num": minutes}, "%(num)s working minutes")
    return Message(N_("%(num)s working hour"), {"num": minutes // 60}, "%(num)s working hours")


def day_off_words(off: CalendarDay) -> Message:
    """Why a day is off, or why a Saturday is worked."""
    if off.kind == DayKind.weekend:
        return Message(WEEKEND)
    return Message(KIND_WORDS[DayKind(off.kind)], {"name": off.name or "—"})


def explained(explanation: Explanation) -> list[Line]:
    """The lines in the order in which they are read; the last says the due date."""
    return [*_head(explanation), *_turns(explanation), *_days(explanation), *_notes(explanation),
            *_corrected(explanation), Line(Part.due, due_words(explanation.due))]


def due_words(due: Due) -> Message:
    """The due date, or why there is none."""
    if due.state is DueState.none:
        return Message(N_("The law sets no time limit"))
    if due.state is DueState.stopped:
        return Message(N_("The clock stands still: an answer is awaited."))
    return Message(N_("Due at %(at)s"), {"at": due.at})


def _head(e: Explanation) -> Iterator[Line]:
    yield Line(Part.rules, Message(N_("Rules in force on the day of receipt: %(rules)s"), {"rules": e.rules_named}))
    for source in e.sources:
        yield Line(Part.rules, _source_words(source, e.rule_set))
    yield Line(Part.rules, Message(N_("Time limit: %(limit)s"), {"limit": limit_words(e.limit)}))
    if e.limit.unit is LimitUnit.unknown and e.limit.amount is not None:
        yield Line(Part.rules, Message(N_("The record does not say which days; counted as working days.")))
    yield Line(Part.receipt, Message(N_("Received at %(at)s"), {"at": e.received_at}))
    if e.counts_as_received_at != e.received_at:
        yield Line(Part.receipt, Message(N_("Outside office hours: it counts as received at %(at)s"),
                                         {"at": e.counts_as_received_at}))


_RULE_WORDS = {
    Rule.counting: N_("The limit is counted from the receipt of the full papers; the day of receipt is not counted"),
    Rule.payment: N_("Waiting for a payment stops the clock from the asking to the payment"),
    Rule.extension: N_("The date may be put off once, told before it passes"),
}
_AFTER_WORDS = {
    AfterSupplement.restart: N_("When the full papers come, the limit is counted again from zero"),
    AfterSupplement.resume: N_("While papers are awaited the clock stands still; what was left is left"),
}


def _source_words(source: Source, rules: RuleSet) -> Message:
    words = Message(_AFTER_WORDS[rules.after_supplement] if source.rule is Rule.after_supplement else
                 _RULE_WORDS[source.rule])
    if source.article and source.assumed:
        return Message(N_("%(rule)s (%(article)s; an assumption: the text was not read)"),
                       {"rule": words, "article": source.article})
    if source.assumed:
        return Message(N_("%(rule)s (an assumption: no text that was read says so)"), {"rule": words})
    return Message("%(rule)s (%(article)s)", {"rule": words, "article": source.article})


_STOP_WORDS = {
    StopKind.supplement: (N_("%(at)s: papers were asked for; the clock stands still"),
                          N_("%(at)s: papers were asked for by %(by)s; the clock stands still")),
    StopKind.payment: (N_("%(at)s: a payment was asked for; the clock stands still"),
                       N_("%(at)s: a payment was asked for by %(by)s; the clock stands still"))}


def _turns(e: Explanation) -> Iterator[Line]:
    asked = 0
    for before, turn in pairwise(e.turns):
        yield Line(Part.turn, _turn_words(turn, e))
        if turn.due.missed_at and before.due.missed_at is None:
            yield Line(Part.turn, Message(N_("The due date %(at)s had passed by then: the dossier stays late"),
                                          {"at": turn.due.missed_at}))
        if turn.begins and isinstance(turn.what, Stop) and turn.what.kind is StopKind.supplement:
            asked += 1
            yield from (Line(Part.turn, words) for words in _request_words(turn, asked, e))


def _request_words(turn: Turn, asked: int, e: Explanation) -> Iterator[Message]:
    """What is not as the rules have it in the so-many-th request for papers."""
    if e.ask_until is not None and turn.at > e.ask_until:
        yield Message(N_("Papers may be asked for until %(until)s (%(article)s): this request came later"),
                      {"until": e.ask_until, "article": e.rule_set.article(Rule.ask_within)})
    most = e.rule_set.requests_after_acceptance
    if most is not None and asked > most:
        yield Message(N_("Papers are asked for once after acceptance (%(article)s): this is request number %(number)s"),
                      {"number": asked, "article": e.rule_set.article(Rule.ask_once)})


def _turn_words(turn: Turn, e: Explanation) -> Message:
    what = turn.what
    if isinstance(what, Extension):
        if what.by:
            return Message(N_("%(at)s: %(by)s put the date off to %(due)s"),
                           {"at": turn.at, "by": what.by, "due": what.due_at})
        return Message(N_("%(at)s: the date was put off to %(due)s"), {"at": turn.at, "due": what.due_at})
    assert isinstance(what, Stop)
    if turn.begins:
        nobody, somebody = _STOP_WORDS[what.kind]
        return Message(somebody, {"at": turn.at, "by": what.by}) if what.by else Message(nobody, {"at": turn.at})
    if what.kind is StopKind.payment:
        return Message(N_("%(at)s: paid"), {"at": turn.at})
    if e.rule_set.after_supplement is AfterSupplement.restart:
        return Message(N_("%(at)s: the full papers came; the limit is counted again from zero"), {"at": turn.at})
    return Message(N_("%(at)s: the full papers came; the clock goes on"), {"at": turn.at})


def _days(e: Explanation) -> Iterator[Line]:
    for each in e.days:
        yield Line(Part.day, _day_words(each, each.day))


def _day_words(each: CountedDay, day: date) -> Message:
    facts: dict[str, object] = {"day": day}
    if each.use is DayUse.skipped:
        assert each.off is not None
        return Message(N_("%(day)s: skipped, %(why)s"), facts | {"why": day_off_words(each.off)})
    if each.use is DayUse.outside:
        return Message(N_("%(day)s: handed in outside office hours"), facts)
    if each.use is DayUse.receipt:
        return Message(N_("%(day)s: day of receipt, not counted"), facts)
    if each.use is DayUse.stopped:
        return Message(N_("%(day)s: the clock stands still"), facts)
    if each.use is DayUse.beyond:
        return Message(N_("%(day)s: the first working day after the limit ended on a day off"), facts)
    if each.number is None:
        return Message(N_("%(day)s: %(hours)s of office hours counted"), facts | {"hours": hours_words(each.ran)})
    facts |= {"number": each.number}
    if each.waited:
        return Message(N_("%(day)s: day %(number)s, of which the clock stood still for %(hours)s"),
                    facts | {"hours": hours_words(each.waited)})
    if each.made_up is not None:
        return Message(N_("%(day)s: day %(number)s (%(why)s)"), facts | {"why": day_off_words(each.made_up)})
    return Message(N_("%(day)s: day %(number)s"), facts)


def _notes(e: Explanation) -> Iterator[Line]:
    for off in e.provisional:
        yield Line(Part.note, Message(N_("%(day)s (%(why)s) follows from the rule; no notice has confirmed it yet, and "
                                         "the date may move"), {"day": off.day, "why": day_off_words(off)}))
    if e.index.at and e.index.at != e.due.at:
        yield Line(Part.note, Message(N_("For the index of Decision 766/QĐ-TTg, which subtracts all waiting: %(at)s"),
                                   {"at": e.index.at}))


def _corrected(e: Explanation) -> Iterator[Line]:
    if e.corrected is None:
        return
    for day, _before, now in e.corrected.days:
        if now is not None:
            yield Line(Part.corrected, Message(N_("The calendar was corrected: %(day)s is off (%(why)s)"),
                                            {"day": day, "why": day_off_words(now)}))
        else:
            yield Line(Part.corrected, Message(N_("The calendar was corrected: %(day)s is a working day"),
                                               {"day": day}))
    before_at = e.corrected.before.last
    if before_at and before_at != e.due.last:
        yield Line(Part.corrected, Message(N_("By the calendar before, the date was %(at)s"), {"at": before_at}))
