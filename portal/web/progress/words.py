"""What the public pages say: the clock in words, what happens next."""
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.kit.i18n import _, _l, moment, translated
from portal.kit.text import N_, Message
from portal.law import clocks
from portal.law.clocks import Clock
from portal.law.limits import Limit, LimitUnit
from portal.law.statuses import FINAL, RUNS_CLOCK, Status
from portal.law.wording import limit_words
from portal.progress.queries import Published
from portal.web.progress import bp

CHANNEL_WORDS = {"online": _l("Online"), "post": _l("By post"), "counter": _l("At the counter")}

NEXT_WORDS = {
    Status.registered: _l("An officer checks within 8 working hours whether the dossier is complete, then "
                          "accepts it, asks for what is missing, or says why it cannot be accepted."),
    Status.received: _l("The agency examines the dossier and settles it by the due day."),
    Status.not_received: _l("The applicant has been given the reason in writing, and may apply again."),
    Status.processing: _l("The agency settles the dossier by the due day."),
    Status.supplement: _l("The applicant hands in what was asked for. The request says what is missing "
                            "and why."),
    Status.payment: _l("The applicant pays what the law asks for; then the agency goes on."),
    Status.withdrawn: _l("The applicant took the dossier back. Nothing more happens."),
    Status.stopped: _l("The agency has stopped work on the dossier and told the applicant why."),
    Status.finished: _l("The result is ready: the applicant downloads it or fetches it from the agency."),
    Status.returned: _l("The applicant has the result. The dossier is closed."),
}

# Decree 118/2025/NĐ-CP art. 19(6), on dossiers settled late
LATE_WORDS = _l("The due moment has passed. The agency must apologise to the applicant in writing, say why, "
                "and name a new day.")

UNDATED_NEXT_WORDS = _l("The agency examines the dossier and settles it.")

# The road of a dossier that meets no obstacle, as (the step taken, its name while it is still to come).
ROAD = (("submit", _l("Handing in")), ("accept", _l("Acceptance")), ("decide", _l("Decision")),
        ("hand_over", _l("Handing over the result")))


@dataclass(frozen=True)
class ClockBar:
    """A clock bar: working days used and in all, the words on its left and right, its look."""

    used: int
    total: int
    left: str
    right: str
    state: str


def clock_bar(dossier: Published, clock: Clock) -> ClockBar | None:
    """The bar of an accepted dossier; None where the law sets no limit."""
    words = _standing(dossier, clock)
    if words is None or clock.total_days is None:
        return None
    used = _("%(used)s working days gone, the limit is %(total)s", used=clock.used_days, total=clock.total_days)
    return ClockBar(clock.used_days, clock.total_days, translated(words.message), used, words.look)


def _standing(dossier: Published, clock: Clock) -> clocks.ClockWords | None:
    if dossier.timing:
        return clocks.finish_words(dossier.timing)
    if dossier.finished_at:
        return clocks.ClockWords(Message(N_("The clock has ended")), clocks.ClockLook.done)
    return clocks.words(clock, dossier.stopped_at)


def undated_words(dossier: Published, limit: Limit | None) -> list[str]:
    """Why an accepted dossier has no due date, and what the law says. `limit`: that of the procedure's sheet."""
    if dossier.is_own or (limit and limit.unit is LimitUnit.none):
        return [_("The law sets no time limit for this procedure.")]
    words = [_("The agency has not told when the result is due.")]
    if limit and limit.amount is not None:
        words.append(_("By law: %(limit)s from acceptance, as the procedure's sheet says.",
                       limit=translated(limit_words(limit))))
    return words


def still_to_come(dossier: Published) -> list[tuple[str, str]]:
    """The steps of the road that lie ahead: name, and by when where that is known. None once it is closed."""
    if dossier.status in FINAL:
        return []
    taken = [step.step for step in dossier.steps]
    last = max((n for n, (step, _name) in enumerate(ROAD) if step in taken), default=-1)
    return [(str(name), _by_when(dossier) if step == "decide" else "") for step, name in ROAD[last + 1:]]


def _by_when(dossier: Published) -> str:
    if dossier.due_at is None or dossier.stopped_at:
        return ""
    return _("By %(moment)s", moment=moment(dossier.due_at))


def next_words(dossier: Published, now: datetime) -> Any:
    """What happens next, and what the agency owes, or has named, once the due moment has passed."""
    running = dossier.status in RUNS_CLOCK
    if running and dossier.deadline and now > dossier.deadline:
        if dossier.due_at and now <= dossier.due_at:
            return _("The due moment has passed: the dossier is late. The agency has named a new day: %(moment)s.",
                     moment=moment(dossier.due_at))
        return LATE_WORDS
    if running and dossier.due_at is None and not dossier.is_own:
        return UNDATED_NEXT_WORDS
    return NEXT_WORDS[Status(dossier.status)]


# why a procedure is sensitive (catalogue/sensitive.py)
SENSITIVE_WORDS = {
    "adoption": _l("Adoption belongs to the private life of the child and the family"),
    "parentage": _l("Who somebody's parents are is a secret of the family"),
    "addiction": _l("Treatment of an addiction tells of a person's health"),
    "denunciation": _l("Who denounces a wrong is kept secret"),
}


@bp.app_template_filter("in_pieces")
def in_pieces(name: str, longest: int = 16) -> str:
    """A name that breaks only between pieces, so that a narrow column does not set it one word a line."""
    pieces: list[str] = []
    for word in str(name).split():
        if pieces and len(pieces[-1]) + len(word) < longest:
            pieces[-1] += f"\N{NO-BREAK SPACE}{word}"
        else:
            pieces.append(word)
    return " ".join(pieces)


def kind_words(group: str) -> Any:
    """The name of a group of agencies."""
    return {"central": _("Ministries and central bodies"), "provinces": _("Provinces and cities")}[group]
