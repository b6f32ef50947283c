"""One dossier told step by step: how long each took, why it waited, when its date was moved and why."""
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from portal.dossiers.states import LOOKS
from portal.dossiers.states import Step as Taken
from portal.kit.i18n import _, _l, moment, ngettext, short_day
from portal.law.calendar import Calendar, CalendarEnds
from portal.law.statuses import OPEN, STOPS_CLOCK, WITH_OFFICE, Status
from portal.progress import estimates, merging
from portal.progress.queries import Published, Step
from portal.web.progress.words import still_to_come
from portal.web.words import STATUS_WORDS, STEP_WORDS

DAY, HOUR, MINUTE = 480, 60, timedelta(minutes=1)

OWN_ASKING = frozenset({Taken.ask, Taken.ask_again, Taken.amend})
EXTENDING = frozenset({"extend", "apologise"})
REASON_WORDS = {
    "missing_papers": _l("papers are missing"), "payment": _l("a payment is owed"),
    "other_agency": _l("another agency must give its opinion"), "legal": _l("the law asks for it"),
    "applicant": _l("at the applicant's request"), "other": _l("another reason"),
}
# what only other systems' dossiers have, beside the steps of our own
MORE_STEPS = {
    "ask_payment": _l("Payment requested"), "stop": _l("Work stopped"),
    "extend": _l("Due date put off"), "apologise": _l("Apology, due date put off"),
}
PAUSE_WORDS = {
    Status.supplement: _l("The clock stands still: papers are asked for."),
    Status.payment: _l("The clock stands still: a payment is owed."),
}

_STEPS: dict[str, Any] = {**{str(step): words for step, words in STEP_WORDS.items()}, **MORE_STEPS}


@dataclass(frozen=True)
class Moved:
    """A due date that was set anew: the old one beside the new one, and why.

    `waited`: by a pause alone, which in a dossier of this portal may begin the limit anew (`anew`). `corrected`: by a
    corrected calendar of working days. `mended`: its sender corrected it; the old one never was the due date. `sorry`:
    the agency apologised. `passed`: the old one was over when it moved.
    """

    old: datetime
    new: datetime
    reason: Any
    waited: bool
    sorry: bool = False
    passed: bool = False
    anew: bool = False
    corrected: bool = False
    mended: bool = False


@dataclass(frozen=True)
class DueDates:
    """The due moments as the page names them: the one by law, that of before it was moved by waiting, and the one
    that the agency named instead."""

    lawful: datetime | None
    first: datetime | None = None
    new: datetime | None = None


def length_words(length: timedelta) -> str:
    """Working time in words: "2 working days, 3 hours"; under a day hours, under an hour minutes."""
    minutes = int(length / MINUTE)
    days, rest = divmod(minutes, DAY)
    hours = rest // HOUR
    if days and hours:
        return _("%(days)s working days %(hours)s hours", days=days, hours=hours)
    if days:
        return ngettext("%(num)s working day", "%(num)s working days", days)
    if hours:
        return ngettext("%(num)s working hour", "%(num)s working hours", hours)
    return ngettext("%(num)s working minute", "%(num)s working minutes", minutes)


def standing(dossier: Published) -> list[Step]:
    """The steps that count: what was told of a dossier after its end, without a correction, changes nothing and is no
    step of it. Readers would take it for where the dossier is."""
    steps: list[Step] = []
    for step in dossier.steps:
        if not steps or not merging.ends(steps[-1].status, step.status, step.correction):
            steps.append(step)
    return steps


def moves(dossier: Published) -> dict[int, Moved]:
    """By the place of the standing step that moved it: each change of the due date, the old beside the new."""
    found: dict[int, Moved] = {}
    due: datetime | None = None
    steps = standing(dossier)
    for n, step in enumerate(steps):
        if step.due_at is None:
            continue
        if due is not None and step.due_at != due:
            waited = step.step not in EXTENDING and n > 0 and steps[n - 1].status in STOPS_CLOCK
            corrected = step.step == Taken.recount
            found[n] = Moved(due, step.due_at, REASON_WORDS.get(step.reason or ""), waited, step.step == "apologise",
                             not (waited or corrected or step.correction) and step.at > due,
                             step.step == Taken.answer, corrected, step.correction)
        due = step.due_at
    if not found and dossier.first_due_at and dossier.due_at and dossier.first_due_at != dossier.due_at and steps:
        waited = any(step.status in STOPS_CLOCK for step in steps)
        found[len(steps) - 1] = Moved(dossier.first_due_at, dossier.due_at, None, waited)
    return found


def due_dates(dossier: Published) -> DueDates:
    """Which of its due moments is the one by law. A new one that the agency named beside it makes nothing good."""
    first, missed, due = dossier.first_due_at or dossier.due_at, dossier.missed_due_at, dossier.due_at
    if missed and missed != due:
        return DueDates(missed, first if first != missed else None, due)
    if first == due or all(moved.waited or moved.corrected or moved.mended for moved in moves(dossier).values()):
        return DueDates(due, first if first != due else None)
    return DueDates(first, new=due)


def timeline(dossier: Published, now: datetime, calendar: Calendar) -> list[dict[str, Any]]:
    """The steps taken with their moments, working time and reasons; then those to come."""
    steps, moved = standing(dossier), moves(dossier)
    told = []
    for n, step in enumerate(steps):
        until = steps[n + 1].at if n + 1 < len(steps) else None
        told.append({"title": title(step), "state": "done", "when": moment(step.at),
                     "notes": [*_notes(dossier, step, moved.get(n)), *_took(step, until, now, calendar)]})
    if told:
        told[-1]["state"] = LOOKS[Status(dossier.status)]
    return told + [{"title": name, "state": "next", "when": when, "notes": []}
                   for name, when in still_to_come(dossier)]


def stands_still(dossier: Published) -> bool:
    """Whether nothing that is said of it goes on with the time: it is over, and so is its last step."""
    steps = standing(dossier)
    last = steps[-1].status if steps else dossier.status
    return dossier.finished_at is not None and not {dossier.status, last} & OPEN


def title(step: Step) -> Any:
    """The step as a word; of one that is not known by name, the status that it led to."""
    return _STEPS.get(step.step) or STATUS_WORDS[Status(step.status)]


def _asked_before_acceptance(dossier: Published, step: Step) -> bool:
    """Whether no clock ran yet that could stand still; nobody knows of what other systems never told to be received."""
    if dossier.received_at is None:
        return step.step in OWN_ASKING
    return step.status == Status.supplement and step.at < dossier.received_at


def _notes(dossier: Published, step: Step, moved: Moved | None) -> list[str]:
    notes: list[str] = []
    if step.correction:
        notes.append(_("This is a correction: the agency had reported otherwise before."))
    if _asked_before_acceptance(dossier, step):
        notes.append(_("Asked before acceptance: no clock runs yet."))
    elif step.status in STOPS_CLOCK:
        why = REASON_WORDS.get(step.reason or "")
        notes.append(str(PAUSE_WORDS[Status(step.status)]) if why is None else
                     _("The clock stands still. Reason: %(reason)s.", reason=why))
        if step.status == Status.payment:
            notes.append(_("That waiting for a payment stops the clock is an assumption: no law that was read says "
                           "so."))
    elif step.status == Status.stopped and (why := REASON_WORDS.get(step.reason or "")):
        notes.append(_("Reason: %(reason)s.", reason=why))
    if moved:
        notes.append(_moved_words(moved))
    if step.step_due_at:
        notes.append(_("This step was to be done by %(moment)s.", moment=moment(step.step_due_at)))
    return notes


def _moved_words(moved: Moved) -> str:
    old, new = short_day(moved.old), short_day(moved.new)
    if moved.corrected:
        return _("The calendar of working days was corrected: the due date moved from %(old)s to %(new)s.",
                 old=old, new=new)
    if moved.mended:
        return _("The agency had told a wrong due date: not %(old)s, but %(new)s.", old=old, new=new)
    if moved.waited and moved.anew:
        return _("What was asked for came: the due date moved from %(old)s to %(new)s.", old=old, new=new)
    if moved.waited:
        return _("The due date moved from %(old)s to %(new)s by the time waited.", old=old, new=new)
    words = _("The due date was put off from %(old)s to %(new)s.", old=old, new=new)
    if moved.passed:
        words += " " + _("It had passed already: the dossier stays late.")
    if moved.sorry:
        words += " " + _("The agency apologised.")
    return words if moved.reason is None else words + " " + _("Reason: %(reason)s.", reason=moved.reason)


def _took(step: Step, until: datetime | None, now: datetime, calendar: Calendar) -> Sequence[str]:
    """How long it stayed so. An end says nothing, and neither does a moment."""
    if until is None and step.status not in OPEN:
        return ()
    try:
        length = calendar.time_between(step.at, until or now)
    except CalendarEnds:  # from before the years whose holidays are known
        return ()
    if length < MINUTE:
        return ()
    words = length_words(length)
    if step.status in STOPS_CLOCK:
        return (_("Waited: %(length)s, not counted.", length=words),)
    return (_("Took %(length)s.", length=words) if until else _("So far %(length)s.", length=words),)


def usual_words(dossier: Published, now: datetime, calendar: Calendar) -> tuple[str, str] | None:
    """The usual date, worded as what it is: (when, on what it rests). None when nothing can be said."""
    known = dossier.usual_here or dossier.usual_anywhere
    if known is None or dossier.status not in WITH_OFFICE or dossier.finished_at:
        return None
    steps = standing(dossier)
    since = estimates.entered(steps, dossier.status)
    if since is None:
        return None
    try:
        left = estimates.left(known, estimates.worked(steps, since, now, calendar), now, calendar)
    except CalendarEnds:
        return None
    rests = _("From %(cases)s finished dossiers of this procedure in this agency", cases=known.cases) \
        if dossier.usual_here else _("From %(cases)s finished dossiers of this procedure in the whole country",
                                     cases=known.cases)
    if left.overdue:
        return _("It already takes longer than 9 of 10 dossiers did"), rests
    if left.least == left.most:
        days = ngettext("within %(num)s working day, about %(until)s", "within %(num)s working days, about %(until)s",
                        left.most, until=short_day(left.until_at))
    else:
        days = _("in %(least)s to %(most)s working days: from %(from_)s to %(until)s", least=left.least,
                 most=left.most, from_=short_day(left.from_at), until=short_day(left.until_at))
    return days, rests
