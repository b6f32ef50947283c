"""Why a dossier is due when it is, for whoever may see it: the law's own explanation, and the dates it had before."""
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.catalogue import queries as catalogue
from portal.dossiers import deadlines
from portal.dossiers.models import Dossier, DueChange
from portal.dossiers.states import STATES, Clock, State
from portal.kit.clock import day_of
from portal.kit.i18n import _, _l, ending, translated
from portal.kit.text import N_, Message
from portal.law import deadlines as law
from portal.law import wording
from portal.law.rule_sets import AfterSupplement, Rule
from portal.law.wording import Part

REASONS = {"extension": _l("The office put the date off"), "supplement": _l("The full papers came"),
           "calendar": _l("The calendar of working days was corrected")}
# in the order in which they are read
PARTS: Mapping[Part, Any] = {
    Part.rules: _l("The rules"), Part.receipt: _l("The beginning"), Part.turn: _l("What happened to the clock"),
    Part.day: _l("Day by day"), Part.corrected: _l("What a corrected calendar changed"), Part.note: _l("Notes"),
}


@dataclass(frozen=True)
class Change:
    """A due date that was moved: the old one, the new one, why, when; where the office moved it, by whom."""

    old: datetime
    new: datetime
    reason: Any
    note: str | None
    at: datetime
    by: str | None


@dataclass(frozen=True)
class Explained:
    """`parts`: title and sentences of each. `decree`, `index`: the two due dates in words. `answer`: the time for the
    first answer, or for what was asked, in a sentence."""

    parts: Sequence[tuple[Any, Sequence[str]]]
    decree: str
    index: str
    changes: Sequence[Change]
    answer: str | None


def explained(dossier: Dossier, who: deadlines.Who) -> Explained:
    """Everything behind a dossier's due date. `who` names who asked for papers or put a date off, as the reader may
    know it."""
    changes = [Change(c.old_at, c.new_at, REASONS[c.reason], c.note, c.at, who(c) if c.reason == "extension" else None)
               for c in dossier.due_changes]
    if dossier.received_at is None:
        return Explained((), _("No clock runs before acceptance."), "", changes, _answer(dossier))
    first = next((c for c in dossier.due_changes if c.old_edition), None)
    calendar = catalogue.calendar()
    found = deadlines.explain(dossier, calendar, _calendar_before(first), who)
    lines = wording.explained(found)
    parts = [(title, [translated(line.message) for line in lines if line.part is part])
             for part, title in PARTS.items()]
    if dossier.carried_at:
        parts.append((PARTS[Part.note], [_carried(dossier)]))
    return Explained([part for part in parts if part[1]], translated(wording.due_words(found.due)),
                     translated(wording.due_words(found.index)), changes, _answer(dossier))


def _calendar_before(first: DueChange | None) -> Any:
    return catalogue.calendar_of(first.old_edition or "") if first else None


def _carried(dossier: Dossier) -> str:
    """Decision 0028: what was promised stays."""
    return translated(Message(
        N_("This dossier was received before its rules were kept with it. The date promised until %(at)s stays; what "
           "happens afterwards follows the rules of its day of receipt."), {"at": dossier.carried_at}))


def _answer(dossier: Dossier) -> str | None:
    """Until when somebody has to answer: the office a filing, or the applicant a request."""
    under, rule = deadlines.rules(dossier), STATES[State(dossier.state)]
    if rule.clock is Clock.answer:
        hours, article = under.answer_filing_hours or deadlines.FIRST_ANSWER_HOURS, under.article(Rule.answer_filing)
        return translated(Message(
            N_("The office gives its first answer by %(at)s: %(hours)s working hours (%(article)s)."),
            {"at": dossier.queue_at, "hours": hours, "article": article or under.name_on(day_of(dossier.queue_at))}))
    request = dossier.requests[-1] if dossier.requests else None
    if rule.turn != "applicant" or request is None or request.answer_until is None:
        return None
    words = N_("What is asked has to come before %(at)s: %(days)s days after the asking (%(article)s). Then the "
               "dossier ends.")
    if dossier.received_at is None:
        words = N_("What is asked has to come before %(at)s: %(days)s days after the asking (%(article)s; that it "
                   "holds before acceptance too is an assumption). Then the dossier ends.")
    return translated(Message(words, {"at": ending(request.answer_until), "days": under.silence_days,
                                      "article": under.article(Rule.silence)}))


def answering(dossier: Dossier) -> str:
    """What handing in does, said to the applicant."""
    if dossier.received_at is None:
        return _("Then the office goes on checking whether the dossier is complete.")
    if deadlines.rules(dossier).after_supplement is AfterSupplement.restart:
        return _("Then the time limit is counted again from zero, and the due date moves.")
    return _("Then the clock goes on.")


def hand_on(dossier: Dossier) -> str | None:
    """Until when a dossier that was just received goes to those who decide. This moves nothing of the limit."""
    if dossier.state != State.received or dossier.received_at is None:
        return None
    under, calendar = deadlines.rules(dossier), catalogue.calendar()
    return translated(Message(
        N_("Pass it on by %(at)s: what comes after 15:00 goes on when the next working day begins (%(article)s). The "
           "limit has begun all the same."), {"at": law.hand_on_by(under, dossier.received_at, calendar),
                                    "article": under.article(Rule.hand_on)}))
