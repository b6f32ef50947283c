"""What the desk says of an opinion that another agency is asked for: how long there is, how it stands."""
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from portal.catalogue import queries as catalogue
from portal.dossiers import permissions
from portal.dossiers.models import Dossier
from portal.exchange import opinions
from portal.exchange.models import Opinion
from portal.exchange.states import CODES
from portal.files.models import Attachment
from portal.kit import clock
from portal.kit.i18n import _, day, moment, short_day, translated
from portal.law import clocks
from portal.web.guard import me
from portal.web.officer.words import BAR, Due


@dataclass(frozen=True)
class Line:
    """An opinion as the dossier's page shows it: of whom, how long there is, how the question stands there."""

    opinion: Opinion
    agency: str
    due: Due
    stands: str
    asked: list[Attachment] = field(default_factory=list)
    answered: list[Attachment] = field(default_factory=list)


def lines(dossier: Dossier) -> list[Line]:
    """Every opinion asked about it, the newest first."""
    asked = opinions.of(dossier)
    enclosed = opinions.files_of(asked) if asked else {}
    return [Line(one, one.copy.receiver.name, _due(one), _(CODES[_code_of(one.copy.state)].words),
                 enclosed.get(one.document_id, []), enclosed.get(one.answer_id or 0, [])) for one in asked]


def _code_of(state: str) -> str:
    return next(code for code, one in CODES.items() if one.state == state)


def _due(opinion: Opinion) -> Due:
    """How long there is to answer; once answered, how it was."""
    until = _("Answer by %(day)s", day=short_day(opinion.due_at))
    if opinion.answered_at is not None:
        late = opinion.answered_at > opinion.due_at
        words = _("Answered late, on %(day)s", day=short_day(opinion.answered_at)) if late else \
            _("Answered on %(day)s", day=short_day(opinion.answered_at))
        return Due(words, until, "late" if late else "done")
    at = clocks.read(opinion.asked_at, opinion.due_at, clock.now(), None, catalogue.calendar())
    look = "late" if at.late else "waiting" if at.days_left == 0 else "working"
    return Due(translated(clocks.days_words(at.days_left or 0, at.late)), until, look, round(BAR * at.share))


def history(asked: Iterable[Line]) -> list[tuple[datetime, dict[str, Any]]]:
    """What belongs into the dossier's history, each with its moment."""
    steps = []
    for line in asked:
        one = line.opinion
        steps.append((one.asked_at, {
            "title": _("Opinion asked of %(agency)s", agency=line.agency), "state": "done",
            "when": moment(one.asked_at), "who": one.by_name,
            "text": _("Answer awaited by %(day)s.", day=day(one.due_at))}))
        if one.answered_at is not None:
            steps.append((one.answered_at, {
                "title": _("Opinion of %(agency)s came", agency=line.agency), "state": "done",
                "when": moment(one.answered_at), "who": "", "text": _("After its deadline.")
                if one.answered_at > one.due_at else ""}))
    return steps


def may_ask(dossier: Dossier) -> bool:
    """Whether this officer may ask for an opinion now."""
    return opinions.may_ask_now(dossier) and permissions.may_as_staff(me(), permissions.ASK_OPINION, dossier)
